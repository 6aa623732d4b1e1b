"""What looking for related entries costs over many: what a relation's control asks at each pause.

    python tests/bench/relations.py [--posts N] [--rounds N]

Prints the median and the p95 in milliseconds of the search itself, for each of several questions: first by
the clock, then what the processor spent on it, whatever else runs on the machine.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from gitcms import entries
from gitcms.schema.collection import Field
from tests.making import make_repository, open_made, settings

WORDS = ["river", "harbour", "evening", "stone", "letter", "garden", "winter", "market", "bridge", "salt"]
QUESTIONS = ("river", "harb", "river stone", "post 19", "l", "quagga", "salt bridge market")


def main() -> None:
    reader = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    reader.add_argument("--posts", type=int, default=20_000)
    reader.add_argument("--rounds", type=int, default=20)
    wanted = reader.parse_args()
    chance = random.Random(7)
    files = {
        f"posts/post-{n}.md": f"---\ntitle: {' '.join(chance.choices(WORDS, k=4)).capitalize()} {n}\n---\n"
        f"Post {n}: {' '.join(chance.choices(WORDS, k=30))}.\n"
        for n in range(wanted.posts)
    }
    with tempfile.TemporaryDirectory() as place:
        folder = make_repository(Path(place) / "site", files)
        site = open_made(folder, Path(place) / "state", settings(folder, Path(place) / "state"))
        model = site.model()
        field = Field("next", "Next", "relation", options={"collections": ("posts",), "multiple": True})
        posts = replace(model.collections[0], fields=(*model.collections[0].fields, field))
        known = replace(model, collections=(posts, *model.collections[1:]))
        site.model = lambda: known  # type: ignore[method-assign]
        entries.look_for(site, field, "river")
        for question in QUESTIONS:
            show(f"“{question}”", wanted.rounds, partial(entries.look_for, site, field, question))
        names = [f"post-{chance.randrange(wanted.posts)}" for _ in range(20)]
        show("the titles of twenty", wanted.rounds, lambda: entries.told(site, field, names))
        site.close()


def show(what: str, rounds: int, ask: object) -> None:
    told: tuple[list[float], list[float]] = [], []
    for _ in range(rounds):
        begun = time.perf_counter(), time.thread_time()
        found = ask()  # type: ignore[operator]
        ended = time.perf_counter(), time.thread_time()
        for took, one, other in zip(told, begun, ended, strict=True):
            took.append((other - one) * 1000)
    both = [f"{statistics.median(took):7.1f} {p95(took):7.1f}" for took in told]
    print(f"{what:24} {'  '.join(both)}  {len(found)} found")


def p95(took: list[float]) -> float:
    return sorted(took)[int(0.95 * (len(took) - 1))]


if __name__ == "__main__":
    main()
