"""Kill writers under load, again and again, and look after each whether anything is lost.

    python tests/bench/kill_loop.py [--rounds N]      two servers of four threads that save; one is killed
    python tests/bench/kill_loop.py --calls           one save, killed at each of its system calls (strace)

Half of the kills come at a failpoint, the other half at any moment. The server beside the killed one must get
all of its saves done, and behind both the next process must be able to save at once. Every save that was
acknowledged must be in the history with exactly its bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import os
import random
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from gitcms.errors import EditConflict
from gitcms.repository import Repository, failpoints
from tests.repository.conftest import ADA, Clone

WRITERS = 8
SAVES = 4
ROUNDS_PER_CLONE = 25
LONGEST = 30.0
# What a save changes anything with, and what opens the files for it.
CALLS = "openat,fsync,writev,rename,renameat,link,linkat,unlink,unlinkat,ftruncate,fchmod,mkdir,pwrite64"


@dataclass
class Tally:
    """What came of all the rounds."""

    rounds: int = 0
    killed: int = 0
    acknowledged: int = 0
    places: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        return (
            f"{self.rounds} rounds, {self.killed} killed, at {len(self.places)} places or any moment; "
            f"{self.acknowledged} saves acknowledged, 0 lost, 0 blocked, all audits clean"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--calls", action="store_true", help="kill one save at each of its system calls")
    options = parser.parse_args()
    logging.disable()
    with tempfile.TemporaryDirectory() as folder:
        if options.calls:
            for call, count in kill_at_calls(Path(folder)):
                print(f"{call}: killed at each of {count}, nothing lost", flush=True)
        else:
            print(kill_writers(Path(folder), options.rounds, random.Random()))


# ── writers under load ──


def kill_writers(root: Path, rounds: int, chance: random.Random) -> Tally:
    """Kill so many times. :raises AssertionError: something was lost, or the next save was held up."""
    tally = Tally()
    clone = _clone(root / "0")
    for number in range(rounds):
        if number and number % ROUNDS_PER_CLONE == 0:
            clone = _clone(root / str(number))
        name = failpoints.NAMES[number // 2 % len(failpoints.NAMES)]
        plan = f"{name}:{chance.randrange(1, 9)}:kill" if number % 2 else ""
        before = clone.git("rev-parse", "HEAD").strip()
        moment = chance.uniform(0.0, 0.4)
        acknowledged, status = run_writers(clone, plan, moment if not plan else LONGEST)
        tally.rounds += 1
        tally.killed += status == -signal.SIGKILL
        tally.places.update([name] if plan and status else [])
        tally.acknowledged += len(acknowledged)
        check(clone, before, acknowledged)
    return tally


def _clone(root: Path) -> Clone:
    root.mkdir(parents=True)
    clone = Clone(root)
    clone.git("init", "-q", "-b", "main")
    clone.git("config", "user.name", "Dev")
    clone.git("config", "user.email", "dev@example.org")
    for number in range(WRITERS):
        clone.write(f"_posts/{number}.md", f"Text {number}.\n")
    clone.commit()
    return clone


def run_writers(clone: Clone, plan: str, seconds: float) -> tuple[list[tuple[str, str, str]], int]:
    """Let threads of two processes save; return what they acknowledged, and the signal that ended the first.

    :param seconds: after which the first is killed, if no failpoint did so before.
    """
    reader, writer = os.pipe()
    half = WRITERS // 2
    child = _server(clone, plan, range(half), reader, writer)
    other = _server(clone, "", range(half, WRITERS), reader, writer)
    os.close(writer)
    said = b""
    deadline = time.monotonic() + seconds
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            os.kill(child, signal.SIGKILL)  # until it is waited for, nobody else has its number
        if not select.select([reader], [], [], max(left, 0.5))[0]:
            continue
        data = os.read(reader, 65536)
        if not data:
            break
        said += data
    os.close(reader)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (0, -signal.SIGKILL), f"the writers ended with {status}: {said[-500:]!r}"
    assert os.waitstatus_to_exitcode(os.waitpid(other, 0)[1]) == 0, "the server beside it could not go on"
    lines = [line.split(" ") for line in said.decode().splitlines()]
    return [(commit, path, digest) for commit, path, digest in lines], status


def _server(clone: Clone, plan: str, writers: Iterable[int], reader: int, answers: int) -> int:
    child = os.fork()
    if child == 0:
        os.close(reader)
        _in_child(lambda: _write_many(clone, plan, writers, answers))
    return child


def _in_child(what: Callable[[], None]) -> None:
    code = 1
    try:
        what()
        code = 0
    finally:
        os._exit(code)


def _write_many(clone: Clone, plan: str, writers: Iterable[int], answers: int) -> None:
    failpoints.plan(plan)
    repository = clone.open(lock_seconds=LONGEST)
    failed: list[BaseException] = []

    def write(number: int) -> None:
        try:
            for turn in range(SAVES):
                commit, path, data = _one_save(repository, number, turn)
                digest = hashlib.sha256(data).hexdigest()
                os.write(answers, f"{commit} {path} {digest}\n".encode())
        except BaseException as error:
            failed.append(error)
            raise

    threads = [threading.Thread(target=write, args=(number,)) for number in writers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    repository.close()
    if failed:
        os._exit(3)


def _one_save(repository: Repository, number: int, turn: int) -> tuple[str, str, bytes]:
    """Change a post; every second time add a picture beside it and take the one before away."""
    path = f"_posts/{number}.md"
    data = f"{number} {turn} {os.getpid()} {time.monotonic_ns()}\n".encode() * 50
    changes: dict[str, bytes | None] = {path: data}
    if turn % 2:
        changes[f"images/{number}-{time.monotonic_ns()}.png"] = data
    while True:
        base = {name: repository.blob_of(name) for name in changes}
        try:
            commit = repository.save(changes, base=base, author=ADA, message=f"Change {number}")
        except EditConflict:
            continue  # what a process before this one began was finished only now
        assert commit is not None
        return commit.id, path, data


def check(clone: Clone, before: str, acknowledged: list[tuple[str, str, str]]) -> None:
    """Open the clone as the next process would, save, and look for everything that was acknowledged."""
    start = time.monotonic()
    repository = clone.open()
    path = "index.md"
    commit = repository.save(
        {path: f"{time.monotonic_ns()}\n".encode()},
        base={path: repository.blob_of(path)},
        author=ADA,
        message="The next save",
    )
    took = time.monotonic() - start
    repository.close()
    assert commit is not None
    assert took < 5.0, f"the next save was held up for {took:.1f} s"
    reachable = set(clone.git("rev-list", f"{before}..HEAD").split())
    for saved, name, digest in acknowledged:
        assert saved in reachable, f"{saved} of {name} was acknowledged, and is lost"
        data = clone.git("show", f"{saved}:{name}").encode()
        assert hashlib.sha256(data).hexdigest() == digest, f"{saved} has other bytes of {name}"
    clone.audit()


# ── one save, call by call ──


def kill_at_calls(root: Path, *, step: int = 1) -> Iterator[tuple[str, int]]:
    """Kill one save at the first, second, … of each kind of system call; yield how many there were.

    :param step: leave out all but each so-manieth.
    """
    for call in CALLS.split(","):
        count, nth = 0, 1
        while _killed_at(_clone(root / f"{call}-{nth}"), call, nth):
            count, nth = count + 1, nth + step
        yield call, count


def _killed_at(clone: Clone, call: str, nth: int) -> bool:
    before = clone.git("rev-parse", "HEAD").strip()
    answers, answer = os.pipe()
    go, gone = os.pipe()
    child = os.fork()
    if child == 0:
        _in_child(lambda: _write_one(clone, go, answer))
    os.close(answer)
    assert os.read(answers, 6) == b"ready\n"
    tracer = subprocess.Popen(
        [
            "strace",
            "-qq",
            "-f",
            "-e",
            f"trace={call}",
            "-e",
            f"inject={call}:signal=SIGKILL:when={nth}",
            "-p",
            str(child),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    status_file = Path(f"/proc/{child}/status")
    deadline = time.monotonic() + 10
    while "TracerPid:\t0\n" in status_file.read_text():
        assert tracer.poll() is None and time.monotonic() < deadline, "strace cannot attach"
        time.sleep(0.002)
    os.write(gone, b"g")
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    tracer.wait(10)
    said = os.read(answers, 200).decode().split()
    for descriptor in (answers, go, gone):
        os.close(descriptor)
    check(clone, before, [(said[0], said[1], said[2])] if len(said) == 3 else [])
    return status == -signal.SIGKILL


def _write_one(clone: Clone, go: int, answer: int) -> None:
    repository = clone.open()
    repository.blob_of("_posts/1.md")
    os.write(answer, b"ready\n")
    os.read(go, 1)
    commit, path, data = _one_save(repository, 1, 1)
    os.write(answer, f"{commit} {path} {hashlib.sha256(data).hexdigest()}\n".encode())


if __name__ == "__main__":
    main()
