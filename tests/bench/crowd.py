"""Many writers on one clone: 16 threads, 16 processes, and two processes with 500 saves each.

    python tests/bench/crowd.py [--posts N] [--seconds N] [--saves N]

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
BUSY = 60.0


@dataclass(frozen=True)
class Run:
    """What some writers did together: commits, and the seconds that each save took, in one wall time."""

    commits: list[str]
    took: list[float]
    seconds: float

    @property
    def rate(self) -> float:
        return len(self.commits) / self.seconds

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
        # One writer in each half of the run, so that neither has the quieter machine.
        first = measure(root, site, "one writer", 1, together // 2, by_processes)
        processes = measure(root, site, "16 processes", WRITERS, options.saves, by_processes)
        threads = measure(root, site, "16 threads", WRITERS, options.saves, by_threads)
        second = measure(root, site, "one writer", 1, together // 2, by_processes)
        measure(root, site, "2 processes × 500", 2, 500, by_processes)
        alone = statistics.mean((first.rate, second.rate))
        for name, run in (("16 processes", processes), ("16 threads", threads)):
            share = run.rate / alone
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
    assert len(reachable) == writers * saves
    assert not git(place, "status", "--porcelain")
    print(
        f"{name:<18}{run.rate:7.1f} saves/s, median {statistics.median(run.took) * 1000:6.1f} ms,"
        f" p99 {run.p99 * 1000:6.1f} ms, slowest {max(run.took) * 1000:6.1f} ms;"
        f" {len(run.commits)} acknowledged = {len(reachable)} reachable",
        flush=True,
    )
    return run


def write(repository: Repository, number: int, saves: int) -> tuple[list[str], list[float]]:
    """Save one post again and again."""
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
        repository.blob_of(path_of(number))
        start.wait()
        done.append(write(repository, number, saves))

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
            lines = [line.split() for line in file]
        done.append(([commit for commit, _ in lines], [float(took) for _, took in lines]))
    seconds = time.perf_counter() - began
    for child, _ in children:
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    os.close(ready), os.close(say_ready)
    return _joined(done, seconds)


def _work(site: Path, state: Path, number: int, saves: int, go: int, ready: int, answer: int) -> None:
    code = 1
    try:
        repository = Repository.open(site, lock_folder=state, committer=COMMITTER, lock_seconds=BUSY)
        repository.blob_of(path_of(number))
        os.write(ready, b"r")
        os.read(go, 1)  # until everybody is ready
        commits, took = write(repository, number, saves)
        with open(answer, "w", encoding="ascii") as file:
            file.writelines(f"{commit} {each}\n" for commit, each in zip(commits, took, strict=True))
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
