"""Killed under load, killed at its system calls, the power cut: what was acknowledged is there.

The loops are those of `tests/bench`, in a short version; GITCMS_CRASH_ROUNDS makes them longer.
"""

from __future__ import annotations

import contextlib
import errno
import os
import random
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from gitcms.errors import StorageFailed
from gitcms.repository import Repository, storage
from tests.bench import kill_loop, power_cut
from tests.repository.conftest import Clone, save

ROUNDS = int(os.environ.get("GITCMS_CRASH_ROUNDS", "24"))
POST = "_posts/one.md"


def test_writers_killed_under_load_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    tally = kill_loop.kill_writers(tmp_path, ROUNDS, random.Random(7))
    assert tally.killed > ROUNDS // 2
    assert tally.acknowledged > ROUNDS


def test_a_save_killed_at_its_system_calls_loses_nothing(tmp_path: Path) -> None:
    if shutil.which("strace") is None:
        pytest.skip("needs strace: apt-get install strace")
    counts = dict(kill_loop.kill_at_calls(tmp_path, step=max(1, 240 // ROUNDS)))
    assert counts["fsync"] > 0
    assert sum(counts.values()) > len(counts) // 2


PACKAGES = {
    "ext4": "e2fsprogs",
    "ext4-without-journal": "e2fsprogs",
    "xfs": "xfsprogs",
    "btrfs": "btrfs-progs",
}


def cut(folder: Path, rounds: int, disk: str, after: Sequence[float] = (0.0,)) -> list[str]:
    with a_disk_in_a_file(disk):
        return power_cut.cut_power(folder, rounds, disk, after)


@contextlib.contextmanager
def a_disk_in_a_file(disk: str) -> Iterator[None]:
    """Skip the test where there can be none."""
    if os.getuid() != 0 or shutil.which(power_cut.MAKE[disk][0]) is None:
        pytest.skip(f"needs a disk in a file: root, and apt-get install {PACKAGES[disk]}")
    try:
        yield
    except subprocess.CalledProcessError as error:
        if error.cmd[0] != "mount":
            raise
        pytest.skip(f"needs mount: a machine where tests may mount a disk of kind {disk}")


@pytest.mark.parametrize("disk", PACKAGES)
def test_a_save_is_there_after_the_power_was_cut_behind_the_answer(tmp_path: Path, disk: str) -> None:
    rounds = max(6, ROUNDS // 4)
    assert cut(tmp_path, rounds // 3 if disk == "btrfs" else rounds, disk) == []  # the slowest by far


def test_a_save_is_there_after_the_power_was_cut_some_seconds_later(tmp_path: Path) -> None:
    """The disk writes down by itself what nobody waited for, in whatever order, after about five seconds."""
    assert cut(tmp_path, 1, "ext4", (0.0, 1.0, 4.0, 6.0)) == []


def test_a_power_cut_within_a_save_leaves_all_of_it_or_nothing(tmp_path: Path) -> None:
    with a_disk_in_a_file("ext4-without-journal"):
        cuts, torn = power_cut.cut_within(tmp_path, 3, "ext4-without-journal")
    assert cuts > 3 * 20
    assert torn == []


def test_the_power_cut_notices_a_save_that_nobody_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "make_durable", lambda descriptor: None)
    monkeypatch.setattr("gitcms.repository.worktree.make_durable", lambda descriptor: None)
    assert len(cut(tmp_path, 2, "ext4")) == 2


@pytest.mark.parametrize("nth", range(1, 14))  # a save waits 14 times, or less where ids begin alike
def test_a_disk_that_fails_while_it_is_waited_for_is_no_acknowledgement(
    clone: Clone, repository: Repository, monkeypatch: pytest.MonkeyPatch, nth: int
) -> None:
    """After a failed fsync(2) the data may be gone although the next one succeeds: none is tried."""
    before = repository.head(), (clone.folder / POST).read_bytes()
    waited, real = 0, os.fsync

    def fsync(descriptor: int) -> None:
        nonlocal waited
        waited += 1
        if waited == nth:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    try:
        with pytest.raises(StorageFailed):
            save(repository, POST, "mine\n")
    finally:
        monkeypatch.undo()
    assert (repository.head(), (clone.folder / POST).read_bytes()) == before
    clone.audit()
    assert save(repository, POST, "mine\n")
    clone.audit()


@pytest.mark.parametrize("nth", range(2, 46, 3))
def test_a_file_that_cannot_be_closed_is_no_half_save(
    clone: Clone, repository: Repository, monkeypatch: pytest.MonkeyPatch, nth: int
) -> None:
    before = repository.head(), (clone.folder / POST).read_bytes()
    base = {POST: repository.blob_of(POST)}
    closed, real = 0, os.close

    def close(descriptor: int) -> None:
        nonlocal closed
        closed += 1
        real(descriptor)
        if closed == nth:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "close", close)
    saved = None
    try:
        saved = save(repository, POST, "mine\n", base=base)
    except StorageFailed:
        pass
    finally:
        monkeypatch.undo()
    if saved:
        assert repository.head() == saved
        assert (clone.folder / POST).read_text() == "mine\n"
    else:
        assert (repository.head(), (clone.folder / POST).read_bytes()) == before
    save(repository, "_posts/two.md", "after\n")
    clone.audit()
