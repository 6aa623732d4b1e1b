"""Many writers on one clone: 16 threads, 16 processes, and two processes with 500 saves each.

    python tests/bench/crowd.py [--posts N] [--saves N]

Prints saves a second beside those of one writer in the same run, the slowest of a hundred saves (p99), and
whether every acknowledged save is in the history, once.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from gitcms.repository import Repository
from tests.bench.sites import clone_of, fresh, git, make_site, path_of
from tests.bench.ways import ADA, COMMITTER

WRITERS = 16
WARM = 3
"""Saves of each writer before its time counts: the first starts threads and fills caches, once in a life."""
BUSY = 60.0


@dataclass(frozen=True)
class Run:
    """What some writers did together: all commits, the seconds of each measured save, and of all of them."""

    commits: list[str]
    took: list[float]
    seconds: float

    @property
    def rate(self) -> float:
        return len(self.took) / self.seconds

    @property
    def p99(self) -> float:
        return statistics.quantiles(self.took, n=100)[98]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--posts", type=int, default=1000)
    parser.add_argument("--saves", type=int, default=40, help="by each of the sixteen")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        site = make_site(root, options.posts)
        together = WRITERS * options.saves
        # One writer before and behind each, so that none of them has the quieter machine or disk.
        alone = [measure(root, site, "one writer", 1, together // 2, by_processes)]
        shares = []
        for name, way in (("16 processes", by_processes), ("16 threads", by_threads)):
            run = measure(root, site, name, WRITERS, options.saves, way)
            alone.append(measure(root, site, "one writer", 1, together // 2, by_processes))
            shares.append((name, run, run.rate / statistics.mean(one.rate for one in alone[-2:])))
        measure(root, site, "2 processes × 500", 2, 500, by_processes)
        for name, run, share in shares:
            print(
                f"{name}: {share:.2f} × one writer's saves a second, at least 0.8: {_verdict(share >= 0.8)};"
                f" p99 {run.p99:.3f} s, at most 1: {_verdict(run.p99 <= 1.0)}"
            )


def _verdict(reached: bool) -> str:
    return "reached" if reached else "NOT REACHED"


def measure(
    root: Path, site: Path, name: str, writers: int, saves: int, way: Callable[[Path, Path, int, int], Run]
) -> Run:
    """Let so many writers save in a clone of their own, and look whether all is there."""
    place = root / f"clone-{time.monotonic_ns()}"
    clone_of(site, place)
    before = git(place, "rev-parse", "HEAD").strip()
    state = root / f"{place.name}-state"
    state.mkdir()
    run = way(place, state, writers, saves)
    reachable = git(place, "rev-list", f"{before}..HEAD").split()
    assert sorted(reachable) == sorted(run.commits), "an acknowledged save is lost, or is there twice"
    assert len(run.took) == writers * saves
    assert not git(place, "status", "--porcelain")
    print(
        f"{name:<18}{run.rate:7.1f} saves/s, median {statistics.median(run.took) * 1000:6.1f} ms,"
        f" p99 {run.p99 * 1000:6.1f} ms, slowest {max(run.took) * 1000:6.1f} ms;"
        f" {len(run.commits)} acknowledged = {len(reachable)} reachable",
        flush=True,
    )
    return run


def write(repository: Repository, number: int, saves: int) -> tuple[list[str], list[float]]:
    """Save one post again and again. :returns: the commits, and how many seconds each save took."""
    path, commits, took = path_of(number), [], []
    for _ in range(saves):
        base = {path: repository.blob_of(path)}
        start = time.perf_counter()
        commit = repository.save({path: fresh()}, base=base, author=ADA, message=f"Change {number}")
        took.append(time.perf_counter() - start)
        assert commit is not None
        commits.append(commit.id)
    return commits, took


def by_threads(site: Path, state: Path, writers: int, saves: int) -> Run:
    repository = Repository.open(site, lock_folder=state, committer=COMMITTER, lock_seconds=BUSY)
    done: list[tuple[list[str], list[float]]] = []
    start = threading.Barrier(writers + 1)

    def work(number: int) -> None:
        warm, _ = write(repository, number, WARM)
        start.wait()
        commits, took = write(repository, number, saves)
        done.append((warm + commits, took))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(writers)]
    for thread in threads:
        thread.start()
    start.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    repository.close()
    return _joined(done, seconds)


def by_processes(site: Path, state: Path, writers: int, saves: int) -> Run:
    go, gone = os.pipe()
    ready, say_ready = os.pipe()
    children = []
    for number in range(writers):
        answers, answer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(gone)
            _work(site, state, number, saves, go, say_ready, answer)
        os.close(answer)
        children.append((child, answers))
    for _ in range(writers):
        assert os.read(ready, 1) == b"r"
    os.close(go)
    began = time.perf_counter()
    os.close(gone)
    done = []
    for _, answers in children:
        with open(answers, encoding="ascii") as file:
            commits, took = file.read().split("\n")
        done.append((commits.split(), list(map(float, took.split()))))
    seconds = time.perf_counter() - began
    for child, _ in children:
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    os.close(ready), os.close(say_ready)
    return _joined(done, seconds)


def _work(site: Path, state: Path, number: int, saves: int, go: int, ready: int, answer: int) -> None:
    code = 1
    try:
        repository = Repository.open(site, lock_folder=state, committer=COMMITTER, lock_seconds=BUSY)
        warm, _ = write(repository, number, WARM)
        os.write(ready, b"r")
        os.read(go, 1)  # until everybody is ready
        commits, took = write(repository, number, saves)
        with open(answer, "w", encoding="ascii") as file:
            file.write(" ".join(warm + commits) + "\n" + " ".join(map(str, took)))
        repository.close()
        code = 0
    finally:
        os._exit(code)


def _joined(done: list[tuple[list[str], list[float]]], seconds: float) -> Run:
    return Run(
        [commit for commits, _ in done for commit in commits],
        [each for _, took in done for each in took],
        seconds,
    )


if __name__ == "__main__":
    main()
