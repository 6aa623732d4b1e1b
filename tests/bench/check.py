"""How long a check of many posts takes, beside reading their front matter through libyaml.

    python tests/bench/check.py [--posts 10000] [--rounds 3] [--alone] [--profile]

A Jekyll site of made-up posts is written into a folder. What everything is measured against, in the same run,
is opening each file and giving what stands between its first two `---` to `yaml.CSafeLoader`. The check runs
in this process, from an opened folder to the last finding: once for what stands in the fields
(`--no-links`), once with links and pictures as well. They take turns, and each is its best of all rounds;
it fails above 2 and 4. `--alone` keeps all to one processor and counts its time alone, whatever else runs.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from gitcms.checks import check, many
from gitcms.folder import Folder

MOST_FIELDS, MOST_ALL = 2.0, 4.0
POST = """---
layout: post
title: "Week {n} of the strips"
date: 2026-{month:02}-{day:02} 10:00:00 +0100
tags: [water, schools, river-{few}]
category: water
author: Inés Caldera
image: /images/river-{few}.png
featured: true
weight: {n}
description: What the strips of week {n} say, and what they do not.
links:
  - url: https://rio.example.org/{n}
    description: The running map
    type: link
  - url: /posts/week-{before}/
    description: The week before
    type: post
---
Forty-one households measured the river in week {n}, and *everybody* wrote down what the strips said.

![The card of this week](/images/river-{few}.png)

See [the week before](/posts/week-{before}/), [the about page](/about/) and [the map](https://rio.example.org).

## What we saw

- The water was clear at the bridge, see `strips/{n}.csv` for what the card said.
- It was not at the mill, and nobody knows why.

Someone will ask the council. Until then we go on, as we did in the weeks before; the next reading is on
Thursday at the [usual place](/about/), by the good light, with tea and with the children of the school.
"""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--posts", type=int, default=10_000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--alone", action="store_true")
    options.add_argument("--profile", action="store_true")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        top = Path(name)
        write(top, chosen.posts)
        if chosen.profile:
            profile(top)
            return
        if chosen.alone:
            many.processors = lambda: 1
        ways = (
            lambda: load(top),
            lambda: found_nothing(top, links=False),
            lambda: found_nothing(top, links=True),
        )
        clock = time.process_time if chosen.alone else time.perf_counter
        rounds = [[taken(way, clock) for way in ways] for _ in range(chosen.rounds)]
        loaded, fields, everything = map(min, zip(*rounds, strict=True))
    print(f"{chosen.posts} posts  libyaml {loaded:.2f} s")
    print(f"fields            {fields:5.2f} s  {fields / loaded:.2f} ×  (at most {MOST_FIELDS:.0f})")
    print(f"links, pictures   {everything:5.2f} s  {everything / loaded:.2f} ×  (at most {MOST_ALL:.0f})")
    sys.exit(fields > MOST_FIELDS * loaded or everything > MOST_ALL * loaded)


def write(top: Path, posts: int) -> None:
    """Write a site in which nothing is wrong."""
    for folder in ("_posts", "images"):
        (top / folder).mkdir()
    (top / "_config.yml").write_text("title: River\nurl: https://example.org\npermalink: /posts/:title/\n")
    about = "---\nlayout: page\ntitle: About us\npermalink: /about/\n---\nWe measure.\n"
    (top / "about.md").write_text(about)
    for number in range(50):
        (top / "images" / f"river-{number}.png").write_bytes(b"")
    for n in range(posts):
        text = POST.format(n=n, before=max(n - 1, 0), few=n % 50, month=n % 12 + 1, day=n % 28 + 1)
        (top / "_posts" / f"2026-{n % 12 + 1:02}-{n % 28 + 1:02}-week-{n}.md").write_text(text, "utf-8")


def load(top: Path) -> None:
    for path in sorted((top / "_posts").iterdir()):
        data = path.read_bytes()
        yaml.load(data[4 : data.index(b"\n---\n")], Loader=yaml.CSafeLoader)


def found_nothing(top: Path, *, links: bool) -> None:
    found = check(Folder(top), links=links)
    assert found == [], found[:3]


def taken(work: Callable[[], None], clock: Callable[[], float]) -> float:
    """Return the seconds that a run takes."""
    start = clock()
    work()
    return clock() - start


def profile(top: Path) -> None:
    with cProfile.Profile() as profiler:
        found_nothing(top, links=True)
    pstats.Stats(profiler).sort_stats("tottime").print_stats(40)


if __name__ == "__main__":
    main()
