"""What waits for the disk, and what it says when the disk fails."""

from __future__ import annotations

import errno
import os
import signal
import threading
import time
from pathlib import Path

import pytest

from gitcms.repository import storage


def opened(folder: Path, number: int) -> list[int]:
    return [os.open(folder / str(one), os.O_WRONLY | os.O_CREAT) for one in range(number)]


@pytest.mark.parametrize("number", [0, 1, 5, 40])
def test_every_file_is_waited_for_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    waited: list[int] = []
    monkeypatch.setattr(os, "fsync", waited.append)
    files = opened(tmp_path, number)
    storage.make_all_durable(files)
    assert sorted(waited) == sorted(files)
    for file in files:
        os.close(file)


def test_several_are_waited_for_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    together = threading.Barrier(5, timeout=30)  # passes nobody until there are five
    monkeypatch.setattr(os, "fsync", lambda descriptor: together.wait())
    files = opened(tmp_path, 5)
    storage.make_all_durable(files)
    for file in files:
        os.close(file)


@pytest.mark.parametrize("bad", range(5))
def test_one_that_failed_is_said_when_no_other_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bad: int
) -> None:
    files = opened(tmp_path, 5)
    under_way = threading.Semaphore(0)

    def fsync(descriptor: int) -> None:
        if descriptor == files[bad]:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        time.sleep(0.05)
        under_way.release()

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        storage.make_all_durable(files)
    assert all(under_way.acquire(blocking=False) for _ in range(4))
    for file in files:
        os.close(file)


def test_a_process_that_was_forked_off_waits_with_threads_of_its_own(tmp_path: Path) -> None:
    files = opened(tmp_path, 40)
    storage.make_all_durable(files)
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        try:
            storage.make_all_durable(files[:2])
        finally:
            os._exit(threading.active_count())
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) > 1
    for file in files:
        os.close(file)


def test_a_machine_without_threads_to_spare_waits_for_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    waited: list[int] = []
    storage._helpers.cache_clear()
    monkeypatch.setattr(threading.Thread, "start", start)
    monkeypatch.setattr(os, "fsync", waited.append)
    files = opened(tmp_path, 5)
    storage.make_all_durable(files)
    assert sorted(waited) == sorted(files)
    for file in files:
        os.close(file)


def test_what_nobody_has_done_is_not_taken_for_done() -> None:
    assert storage._Together([lambda: None]).wait() is not None
    done = storage._Together([lambda: None])
    done.work()
    assert done.wait() is None


def test_what_ended_in_another_error_is_not_taken_for_done() -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    together = storage._Together([interrupted])
    with pytest.raises(KeyboardInterrupt):
        together.work()
    assert together.wait() is not None
