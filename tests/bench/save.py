"""What a save costs: ours, durable, beside a floor in C, git's own way and two peers', in turns in one run.

    python tests/bench/save.py [--posts N] [--rounds N] [--alone]

Prints medians in milliseconds, their ratio to ours, and which marks are reached. Only the ratios of one run
mean anything, since other work on the machine slows all ways alike. Needs cc with the headers of libcrypto
and zlib; Otterwiki and decap-server are fetched into a folder that is thrown away, unless `--alone`.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.bench import ways
from tests.bench.sites import clone_of, git, make_site, path_of

# A site in use: most of the folders that git keeps new objects in are there already.
WARM_UP = 20
OURS, SERVICE, HTTP = "gitcms, durable", "  through the service", "  through HTTP"
FLOOR, FLOOR_AGAIN = "floor in C, durable", "  the same once more"
DEFAULTS, DURABLE = "git add && git commit", "  with core.fsync=all"
OTTERWIKI, DECAP = "Otterwiki, GitStorage.store", "decap-server, over HTTP"
# How many times slower than ours each of git's and the peers' ways should be at least, by number of posts.
MARKS = {
    DEFAULTS: {1_000: 1.0, 10_000: 1.0, 100_000: 1.0},
    DURABLE: {1_000: 2.0, 10_000: 4.0, 100_000: 7.0},
    OTTERWIKI: {10_000: 30.0},
    DECAP: {10_000: 10.0},
}
AT_MOST = {FLOOR: 2.0}


@dataclass
class Measured:
    """One way to save, and what it took: seconds, by round. `seldom` is asked in one round of so many."""

    way: ways.Way
    numbers: Iterator[int]
    seldom: int = 1
    took: list[float] = field(default_factory=list)

    def once(self, count: bool) -> None:
        path = path_of(next(self.numbers))
        os.sync()  # who waits for the disk shall not wait for what another way left to be written
        start = time.perf_counter()
        self.way(path)
        took = time.perf_counter() - start
        if count:
            # Some have to look something up first, which is no part of the save.
            self.took.append(getattr(self.way, "took", took))

    @property
    def median(self) -> float:
        return statistics.median(self.took) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--posts", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--alone", action="store_true", help="leave out Otterwiki and decap-server")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        root = Path(folder)
        site = make_site(root, options.posts)
        floor = ways.Floor(clone_of(site, root / "floor"), root / "floor-program")
        stack.callback(floor.close)
        measured = prepare(stack, root, site, floor, options)
        take_turns(measured, options.rounds)
        show(measured, options.posts, options.rounds, floor)
        for name in ("ours", "service", "http"):
            print(f"git status, {name}: {git(root / name, 'status', '--porcelain').strip() or 'clean'}")


def prepare(
    stack: ExitStack, root: Path, site: Path, floor: ways.Floor, options: argparse.Namespace
) -> dict[str, Measured]:
    """Open a clone for each way."""

    def folder(name: str) -> Path:
        (root / name).mkdir()
        return root / name

    posts = options.posts
    chosen = random.Random(posts)
    repository = stack.enter_context(ways.ours(clone_of(site, root / "ours"), folder("ours-state")))
    service = ways.by_service(clone_of(site, root / "service"), folder("service-state"))
    http = ways.by_http(clone_of(site, root / "http"), folder("http-state"))
    by_git = clone_of(site, root / "git")
    found = {
        OURS: ways.change(repository),
        "  a new post": ways.create(repository),
        "  renaming": ways.rename(repository),
        "  deleting": ways.delete(repository),
        SERVICE: stack.enter_context(service),
        HTTP: stack.enter_context(http),
        FLOOR: floor.save,
        FLOOR_AGAIN: floor.save,
        DEFAULTS: ways.by_git(by_git),
        DURABLE: ways.by_git(by_git, "-c", "core.fsync=all"),
    }
    peers = {}
    if not options.alone:
        peers[OTTERWIKI] = stack.enter_context(
            ways.by_otterwiki(clone_of(site, root / "otterwiki-site"), root)
        )
        peers[DECAP] = stack.enter_context(ways.by_decap(clone_of(site, root / "decap-site"), root))
    # No post twice by the same way: a deleted one cannot be deleted again, and a renamed one is elsewhere.
    most = posts // 4

    def numbers(quarter: int) -> Iterator[int]:
        part = list(range(quarter * most, (quarter + 1) * most))
        while True:
            chosen.shuffle(part)
            yield from part

    quarters = {"  renaming": 1, "  deleting": 2, "  a new post": 3}
    return {name: Measured(way, numbers(quarters.get(name, 0))) for name, way in found.items()} | {
        name: Measured(way, numbers(0), 1 if posts < 50_000 else 8) for name, way in peers.items()
    }


def take_turns(measured: dict[str, Measured], rounds: int) -> None:
    """Let each way save in each round, in another order each time."""
    order = list(measured.values())
    for number in range(rounds + WARM_UP):
        random.shuffle(order)
        for each in order:
            if number % each.seldom == 0:
                each.once(number >= WARM_UP)


def show(measured: dict[str, Measured], posts: int, rounds: int, floor: ways.Floor) -> None:
    ours = measured[OURS].median
    print(f"{posts} posts, {rounds} rounds: medians, and how many times ours they are")
    for name, each in measured.items():
        ratio = each.median / ours
        print(f"{name:<28}{each.median:9.1f} ms{ratio:8.2f} ×  {mark(name, ratio, posts)}")
    fsyncs, size = floor.said.split()
    print(f"the floor: {fsyncs} × fsync, {size} bytes")


def mark(name: str, ratio: float, posts: int) -> str:
    """Say whether a mark is reached, nothing where there is none."""
    if name in AT_MOST:
        times = 1 / ratio
        return f"ours is {times:.2f} × the floor, at most {AT_MOST[name]}: {_verdict(times <= AT_MOST[name])}"
    wanted = MARKS.get(name, {}).get(posts)
    return f"at least {wanted}: {_verdict(ratio >= wanted)}" if wanted else ""


def _verdict(reached: bool) -> str:
    return "reached" if reached else "NOT REACHED"


if __name__ == "__main__":
    main()
