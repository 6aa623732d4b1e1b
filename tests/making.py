"""Making small sites for tests: real repositories, with texts and people that we made up."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from gitcms import config as configuration
from gitcms.config import Config
from gitcms.database import Database
from gitcms.repository import Person, Repository
from gitcms.site import Site

INES = Person("Inés Caldera", "ines@example.org")
# Long before whatever a test does.
BEGUN = "2026-01-05T10:00:00+01:00"
TOMAS = Person("Tomáš Novák", "tomas@example.org")

_EYES = """---
layout: project
title: Eyes on the River
img: river.png
year: 2025
country: Chile
people: [Inés Caldera, Rayén Paillal]
collaborators:
    - name: Aguas Libres
      url: https://aguaslibres.example.org/
    - name: Mapa Abierto   # since May
      url: https://mapa.example.org/
one_line_description: Neighbours measure the water they drink, and publish it.
featured: true
links:
    - url: https://rio.example.org
      description: The running map
      type: link
---
In San Felipe the river is a rumour most of the year.

So forty-one households began to measure.
"""
# Real posts have a blank behind such a colon, and it must stay.
EYES = _EYES.replace("links:\n", "links: \n")

LETTERS = """---
layout: project
title: "Letters to the Council"
img: letters.png
year: 2019-2021
country: Chile
people:
  - Jorge Müller
one_line_description: 'Open letters, answered.'
featured: false
links:
  - url: https://letters.example.org
    description: How it works
    type: article
  - url: https://code.example.org/letters
    description: Source
    type: github
---
Nine hundred letters, and what came of them.
"""

LAYOUT = "<!doctype html><title>{{ page.title }}</title><h1>{{ page.title }}</h1>\n{{ content }}\n"

RAIN = """---
layout: post
title: First rain
date: 2026-03-01 10:00:00 +0100
tags: [water, schools]
---
It rained.
"""

STRIPS = """---
layout: post
title: How we read the strips
date: 2026-04-05 09:30:00 +0200
tags: [water]
---
Look at the card.
"""

WINTER = """---
layout: post
title: A winter of numbers
tags: [water]
---
Not yet.
"""

JEKYLL_CONFIG = """title: Ágora Abierta
url: https://agora.example.org
collections:
  projects:
    output: true
"""

JEKYLL = {
    "_config.yml": JEKYLL_CONFIG,
    "_layouts/project.html": LAYOUT,
    "_layouts/post.html": LAYOUT,
    "_projects/eyes-on-the-river.md": EYES,
    "_projects/letters.md": LETTERS,
    "_posts/2026-03-01-first-rain.md": RAIN,
    "_posts/2026-04-05-strips.md": STRIPS,
    "_drafts/a-winter-of-numbers.md": WINTER,
}

HUGO_LIST = """<!doctype html><h1>{{ .Title }}</h1>
{{ range .Pages }}<a href="{{ .RelPermalink }}">{{ .Title }}</a>{{ end }}
"""

HUGO_RAIN = """---
title: First rain
date: 2026-03-01T10:00:00+01:00
draft: false
---
It rained.
"""

HUGO_WINTER = """+++
title = 'A winter of numbers'
date = 2026-05-01T10:00:00+02:00
draft = true
+++

Not yet.
"""

HUGO = {
    "hugo.toml": 'baseURL = "https://agora.example.org/"\ntitle = "Ágora Abierta"\n',
    "layouts/_default/single.html": "<!doctype html><h1>{{ .Title }}</h1>{{ .Content }}\n",
    "layouts/_default/list.html": HUGO_LIST,
    "content/blog/first-rain.md": HUGO_RAIN,
    "content/blog/winter.md": HUGO_WINTER,
    "content/about.md": "---\ntitle: About us\n---\nWe measure.\n",
}


def git(folder: Path, *arguments: str, env: Mapping[str, str] | None = None) -> str:
    """Run plain git in a folder, as a developer would, with an identity of ours."""
    identity = {
        "GIT_AUTHOR_NAME": "Dev Eloper",
        "GIT_AUTHOR_EMAIL": "dev@example.org",
        "GIT_COMMITTER_NAME": "Dev Eloper",
        "GIT_COMMITTER_EMAIL": "dev@example.org",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env={**os.environ, **identity, **(env or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def make_repository(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files into a new repository with one commit, and return its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "-q", "-b", "main")
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "Begin", env={"GIT_AUTHOR_DATE": BEGUN, "GIT_COMMITTER_DATE": BEGUN})
    return folder


def settings(folder: Path, state: Path) -> Config:
    """Return the defaults, for a site and a state folder."""
    config = configuration.load().with_values("site", path=str(folder))
    return config.with_values("state", folder=str(state))


def open_made(folder: Path, state: Path, config: Config | None = None) -> Site:
    """Open a made site with its own state folder."""
    state.mkdir(parents=True, exist_ok=True)
    repository = Repository.open(folder, lock_folder=state, committer=Person("gitcms", "gitcms@localhost"))
    database = Database(f"sqlite:///{state / 'gitcms.sqlite3'}")
    database.upgrade()
    return Site(config or settings(folder, state), repository, database, state)
