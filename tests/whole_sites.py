"""Eleven small whole sites, one a generator: configuration, layouts, pictures, entries, all our own."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping

Files = Mapping[str, str | bytes]


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PICTURE = (
    b"\x89PNG\r\n\x1a\n"
    + _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    + _chunk(b"IDAT", zlib.compress(b"\0\x1f\x5f\x6f"))
    + _chunk(b"IEND", b"")
)
LIQUID = "<!doctype html><title>{{ page.title }}</title><h1>{{ page.title }}</h1>\n{{ content }}\n"
BODY = "\nForty-one households measure the river.\n\n![The card](card.png)\n"


def entry(front_matter: str, body: str = BODY) -> str:
    """Return a file with YAML front matter."""
    return f"---\n{front_matter.strip()}\n---\n{body}"


def _numbered(folder: str, ending: str, front_matter: str, numbers: range) -> dict[str, str]:
    """Return entries whose names and front matter hold a number (`{n}`)."""
    return {f"{folder}{n:02}{ending}": entry(front_matter.replace("{n}", f"{n:02}")) for n in numbers}


JEKYLL: Files = {
    "_config.yml": "title: Ágora Abierta\nurl: https://agora.example.org\n"
    "collections:\n  people:\n    output: true\n",
    "_layouts/post.html": LIQUID,
    "_layouts/person.html": LIQUID,
    "assets/images/river-01.png": PICTURE,
    "assets/images/river-02.png": PICTURE,
    "assets/images/river-03.png": PICTURE,
    **_numbered(
        "_posts/2026-03-",
        "-strips.md",
        "layout: post\ntitle: Strips {n}   # as printed\ndate: 2026-03-{n} 10:00:00 +0100\n"
        "categories: [water]\ntags:\n  - strips\n  - schools\nimage: /assets/images/river-{n}.png\n"
        "author: ines\nexcerpt: >\n  What the strips of week {n}\n  say.\n",
        range(1, 4),
    ),
    "_drafts/winter.md": entry("layout: post\ntitle: A winter of numbers\ntags: [strips]"),
    "_people/ines.md": entry("layout: person\nname: Inés Caldera\nemail: ines@example.org\nsince: 2019"),
    "_people/tomas.md": entry("layout: person\nname: Tomáš Novák\nemail: tomas@example.org\nsince: 2021"),
    "about.md": entry("layout: post\ntitle: About us\npermalink: /about/\nnav_order: 1"),
    "help.md": entry("layout: post\ntitle: Help us\npermalink: /help/\nnav_order: 2"),
}

HUGO: Files = {
    "hugo.toml": 'baseURL = "https://agora.example.org/"\ntitle = "Ágora Abierta"\n'
    "[languages.en]\nweight = 1\n[languages.es]\nweight = 2\n",
    "layouts/_default/single.html": "<h1>{{ .Title }}</h1>{{ .Content }}\n",
    "layouts/_default/list.html": "<h1>{{ .Title }}</h1>\n",
    "archetypes/default.md": "---\ntitle: '{{ .Name }}'\ndraft: true\n---\n",
    "static/images/river.png": PICTURE,
    "content/_index.md": entry("title: Ágora Abierta"),
    "content/about.md": entry("title: About us\nmenu:\n  main:\n    weight: 10"),
    "content/posts/_index.md": entry("title: Posts"),
    **_numbered(
        "content/posts/rain-",
        ".md",
        "title: Rain {n}\ndate: 2026-03-{n}T10:00:00+01:00\ndraft: false\ntags: [water, rain]\n"
        "cover: /images/river.png\nweight: 10\nresources:\n  - src: a.png\n    title: Week {n}",
        range(1, 4),
    ),
    "content/posts/rain-01.es.md": entry(
        "title: Lluvia 01\ndate: 2026-03-01T10:00:00+01:00\ndraft: false\ntags: [agua]"
    ),
    "content/posts/winter.md": "+++\ntitle = 'A winter of numbers'\ndate = 2026-05-01T10:00:00+02:00\n"
    "draft = true\ntags = ['water']\n+++\n" + BODY,
    "content/projects/eyes/index.md": entry("title: Eyes on the River\ncover: card.png"),
    "content/projects/eyes/card.png": PICTURE,
    "content/projects/letters/index.md": entry("title: Letters\ncover: card.png"),
    "content/projects/letters/card.png": PICTURE,
}

ELEVENTY: Files = {
    "eleventy.config.js": "export default (config) => {\n"
    '  config.addPassthroughCopy("src/img");\n  return { dir: { input: "src" } };\n};\n',
    "package.json": '{"devDependencies": {"@11ty/eleventy": "^3.0.0"}}\n',
    "src/_includes/base.njk": "<title>{{ title }}</title>{{ content | safe }}\n",
    "src/_data/site.json": '{"title": "Ágora Abierta", "url": "https://agora.example.org"}\n',
    "src/img/river.png": PICTURE,
    "src/index.md": entry("layout: base.njk\ntitle: Home"),
    **_numbered(
        "src/posts/rain-",
        ".md",
        "layout: base.njk\ntitle: 'Rain {n}'\ndate: 2026-03-{n}\ntags:\n  - posts\n  - water\n"
        "image: /img/river.png\nimageAlt: The river in week {n}\npermalink: /rain/{n}/\n",
        range(1, 5),
    ),
    **_numbered(
        "src/docs/part-",
        ".md",
        "layout: base.njk\neleventyNavigation:\n  key: Part {n}\n  order: {n}\n  parent: Handbook",
        range(1, 4),
    ),
}

ASTRO: Files = {
    "astro.config.mjs": 'import { defineConfig } from "astro/config";\n\n'
    "export default defineConfig({\n  site: 'https://agora.example.org',\n});\n",
    "src/content.config.ts": 'import { defineCollection } from "astro:content";\n',
    "src/layouts/Post.astro": "---\nconst { title } = Astro.props;\n---\n<h1>{title}</h1><slot />\n",
    "src/assets/river.png": PICTURE,
    "public/favicon.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>\n",
    **_numbered(
        "src/content/blog/rain-",
        ".md",
        "title: 'Rain {n}'\ndescription: 'What fell in week {n}'\npubDate: 'Mar {n} 2026'\n"
        "heroImage: '../../assets/river.png'\ntags: ['water']\ndraft: false",
        range(1, 5),
    ),
    "src/content/blog/tools.mdx": entry(
        "title: Tools\ndescription: What we measure with\npubDate: 'Apr 11 2026'\ntags: [water, tools]",
        "\nimport Card from '../../components/Card.astro';\n\n<Card title=\"Strips\" />\n",
    ),
    "src/content/people/ines.md": entry(
        "name: Inés Caldera\nlinks:\n  - label: Site\n    url: https://ines.example.org\n"
        "  - label: Code\n    url: https://code.example.org/ines"
    ),
    "src/content/people/tomas.md": entry(
        "name: Tomáš Novák\nlinks:\n  - label: Site\n    url: https://tomas.example.org"
    ),
    "src/pages/about.md": entry("layout: ../layouts/Post.astro\ntitle: About us"),
}

HEXO: Files = {
    "_config.yml": "title: Ágora Abierta\nurl: https://agora.example.org\n"
    "new_post_name: :title.md\ntheme: plain\n",
    "package.json": '{"dependencies": {"hexo": "^7.0.0"}}\n',
    "scaffolds/post.md": "---\ntitle: {{ title }}\ndate: {{ date }}\ntags:\n---\n",
    "themes/plain/layout/post.ejs": "<h1><%= page.title %></h1><%- page.content %>\n",
    "source/images/river.png": PICTURE,
    **_numbered(
        "source/_posts/rain-",
        ".md",
        "title: Rain {n}\ndate: 2026/03/{n} 10:30:00\nupdated: 2026/04/{n} 08:00:00\ncategories:\n  - Water\n"
        "tags: [rain, strips]\ncover: /images/river.png\ncomments: true",
        range(1, 5),
    ),
    "source/_drafts/winter.md": "title: A winter of numbers\ntags:\n- rain\n---\n" + BODY,
    "source/about/index.md": entry("title: About us\ndate: 2026/01/05 10:00:00"),
}

ZOLA: Files = {
    "config.toml": 'base_url = "https://agora.example.org"\ntitle = "Ágora Abierta"\n'
    'taxonomies = [{ name = "tags" }]\n',
    "templates/page.html": "<h1>{{ page.title }}</h1>{{ page.content | safe }}\n",
    "static/img/river.png": PICTURE,
    "content/_index.md": '+++\ntitle = "Home"\n+++\n',
    "content/blog/_index.md": '+++\ntitle = "Blog"\nsort_by = "date"\npaginate_by = 5\n+++\n',
    **{
        f"content/blog/rain-{n}.md": f'+++\ntitle = "Rain {n}"\ndate = 2026-03-0{n}\ndraft = false\n'
        f'description = "What fell in week {n}"\n\n[taxonomies]\ntags = ["water", "rain"]\n\n'
        f'[extra]\ncover = "/img/river.png"\nreading_time = {n}\n+++\n{BODY}'
        for n in range(1, 5)
    },
    "content/about.md": '+++\ntitle = "About us"\npath = "about"\nweight = 1\n+++\n' + BODY,
}

GATSBY: Files = {
    "gatsby-config.js": "module.exports = {\n  siteMetadata: {\n    title: `Ágora Abierta`,\n"
    "    siteUrl: `https://agora.example.org`,\n  },\n};\n",
    "package.json": '{"dependencies": {"gatsby": "^5.0.0"}}\n',
    "src/templates/post.js": "export default () => null;\n",
    **{
        path: text
        for n in range(1, 5)
        for path, text in {
            f"content/blog/rain-{n}/index.md": entry(
                f'title: Rain {n}\ndate: "2026-03-0{n}T22:12:03.284Z"\n'
                f'description: "What fell in week {n}"\nfeaturedImage: ./card.png\nfeatured: {n == 1}'.lower()
            ),
            f"content/blog/rain-{n}/card.png": PICTURE,
        }.items()
    },
    "src/pages/about.md": entry("templateKey: about-page\ntitle: About us\npath: /about"),
}

DOCUSAURUS: Files = {
    "docusaurus.config.js": "export default {\n  title: 'Ágora Abierta',\n"
    "  url: 'https://agora.example.org',\n  baseUrl: '/',\n"
    "  i18n: { defaultLocale: 'en', locales: ['en', 'es'] },\n};\n",
    "sidebars.js": "export default { handbook: [{ type: 'autogenerated', dirName: '.' }] };\n",
    "static/img/river.png": PICTURE,
    "src/pages/index.js": "export default () => null;\n",
    "docs/intro.md": entry("sidebar_position: 1\ntitle: How to measure"),
    **_numbered(
        "docs/strips/part-",
        ".md",
        "id: part-{n}\nsidebar_label: Part {n}\nsidebar_position: {n}\ndescription: What to do in week {n}.",
        range(1, 5),
    ),
    **_numbered(
        "blog/2026-03-",
        "-rain.md",
        "slug: rain-{n}\ntitle: Rain {n}\nauthors: [ines, tomas]\ntags: [water]\nimage: /img/river.png",
        range(1, 4),
    ),
    "blog/2026-04-02-letters.md": entry(
        "slug: letters\ntitle: Letters\nauthors:\n  - name: Jorge Müller\n"
        "    url: https://jorge.example.org\ntags: [council]"
    ),
    "i18n/es/docusaurus-plugin-content-docs/current/intro.md": entry(
        "sidebar_position: 1\ntitle: Cómo medir"
    ),
}

MKDOCS: Files = {
    "mkdocs.yml": "site_name: Ágora Abierta\nsite_url: https://agora.example.org/\n"
    "theme:\n  name: material\nplugins:\n  - blog\nmarkdown_extensions:\n"
    "  - pymdownx.emoji:\n      emoji_index: !!python/name:material.extensions.emoji.twemoji\n",
    "overrides/main.html": '{% extends "base.html" %}\n',
    "docs/images/river.png": PICTURE,
    "docs/index.md": entry("title: How to measure\nhide:\n  - navigation\n  - toc"),
    "docs/plain.md": "# Without fields\n\nAs most pages of handbooks are.\n",
    **_numbered(
        "docs/strips/part-",
        ".md",
        "title: Part {n}\ndescription: What to do in week {n}\ntags:\n  - strips\nstatus: new\nicon: water",
        range(1, 4),
    ),
    **_numbered(
        "docs/blog/posts/rain-",
        ".md",
        "date: 2026-03-{n}\nauthors: [ines]\ncategories:\n  - Water\ndraft: false\nslug: rain-{n}",
        range(1, 4),
    ),
}

PELICAN: Files = {
    "pelicanconf.py": "AUTHOR = 'Inés Caldera'\nSITENAME = 'Ágora Abierta'\n"
    "SITEURL = 'https://agora.example.org'\nPATH = 'content'\n",
    "publishconf.py": "from pelicanconf import *\n",
    "themes/plain/templates/article.html": "<h1>{{ article.title }}</h1>{{ article.content }}\n",
    "content/images/river.png": PICTURE,
    **{
        f"content/articles/rain-{n}.md": f"Title: Rain {n}\nDate: 2026-03-0{n} 10:20\n"
        f"Modified: 2026-04-0{n} 19:30\nCategory: Water\nTags: rain, strips\nSlug: rain-{n}\n"
        f"Status: {'draft' if n == 4 else 'published'}\nCover: {{static}}/images/river.png\n"
        f"Summary: What fell in week {n}\n{BODY}"
        for n in range(1, 5)
    },
    "content/pages/about.md": f"Title: About us\nSlug: about\n{BODY}",
}

NIKOLA: Files = {
    "conf.py": 'BLOG_AUTHOR = "Inés Caldera"\nBLOG_TITLE = "Ágora Abierta"\n'
    'SITE_URL = "https://agora.example.org/"\nPOSTS = (("posts/*.md", "posts", "post.tmpl"),)\n',
    "templates/post.tmpl": "<h1>${post.title()}</h1>${post.text()}\n",
    "images/river.png": PICTURE,
    **_numbered(
        "posts/rain-",
        ".md",
        "title: Rain {n}\nslug: rain-{n}\ndate: 2026-03-{n} 10:00:00 UTC+01:00\ntags: rain, strips\n"
        "category: water\nlink: https://agora.example.org/{n}\ndescription: What fell in week {n}\n"
        "type: text\npreviewimage: /images/river.png\nstatus: published",
        range(1, 5),
    ),
    "posts/rain-01.es.md": entry("title: Lluvia 01\nslug: lluvia-01\ndate: 2026-03-01 10:00:00 UTC+01:00"),
    "posts/snow.md": "<!--\n.. title: Snow\n.. slug: snow\n.. date: 2026-03-09 10:00:00 UTC+01:00\n"
    f".. tags: rain\n.. category: water\n.. link: \n.. description: \n.. type: text\n-->\n\n{BODY}",
    "posts/winter.md": entry("title: A winter of numbers\nslug: winter\nstatus: draft\ntags: rain"),
    "pages/about.md": entry("title: About us\nslug: about"),
}

WHOLE_SITES: Mapping[str, Files] = {
    "jekyll": JEKYLL,
    "hugo": HUGO,
    "eleventy": ELEVENTY,
    "astro": ASTRO,
    "hexo": HEXO,
    "zola": ZOLA,
    "gatsby": GATSBY,
    "docusaurus": DOCUSAURUS,
    "mkdocs": MKDOCS,
    "pelican": PELICAN,
    "nikola": NIKOLA,
}
