"""Who may write: one save at a time on a clone, in all threads and processes, and git's own index.lock.

A save holds a lock of the kernel (flock(2)) on a file outside the repository, which a killed process
gives back by itself, and then `index.lock` as any git does. Both waits are bounded. What is written
under the locks is not known here.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import socket
import threading
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from gitcms.errors import RepositoryBusy
from gitcms.repository.failpoints import reach
from gitcms.repository.storage import make_durable, make_folder_durable, storage_errors, write_all

INDEX_SECONDS = 5.0


class SaveLock:
    """The right to save into one working tree. Threads wait in order, and so do processes, nearly.

    Two kernel locks make a turnstile: whoever waits for the second holds the first, so that a process
    that saves again and again cannot push in before the one that has waited longest.
    """

    def __init__(self, folder: Path, git_folder: Path, seconds: float) -> None:
        """
        :param folder: where the lock files lie; the same for all servers on the clone.
        :param seconds: how long to wait for other saves.
        """
        digest = hashlib.sha256(os.fsencode(git_folder)).hexdigest()[:12]
        self.path = folder / f"save-{digest}.lock"
        self._queue = folder / f"save-{digest}.queue"
        self._seconds = seconds
        self._gate = threading.Condition()
        self._waiting: deque[object] = deque()

    @contextlib.contextmanager
    def held(self) -> Iterator[int]:
        """Hold the lock; gives the descriptor of the lock file, which is where the journal is kept.

        :raises RepositoryBusy: others held it for too long.
        """
        deadline = time.monotonic() + self._seconds
        with self._turn(deadline), storage_errors("locking the site"):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.ExitStack() as stack:
                with _opened(self._queue) as queue:
                    _flock(queue, deadline)
                    journal = stack.enter_context(_opened(self.path))
                    _flock(journal, deadline)
                yield journal

    @contextlib.contextmanager
    def _turn(self, deadline: float) -> Iterator[None]:
        """Wait in line with the other threads of this process."""
        me = object()
        with self._gate:
            self._waiting.append(me)
            first = self._gate.wait_for(lambda: self._waiting[0] is me, max(0.0, deadline - time.monotonic()))
            if not first:
                self._waiting.remove(me)
                raise _busy()
        try:
            yield
        finally:
            with self._gate:
                self._waiting.popleft()
                self._gate.notify_all()


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[int]:
    # Opened for each save: after a fork, a shared open file would be a shared lock.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _flock(descriptor: int, deadline: float) -> None:
    pause = 0.0005
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES):
                raise
            if time.monotonic() > deadline:
                raise _busy() from error
            time.sleep(pause)
            pause = min(pause * 1.5, 0.01)
        else:
            return


def _busy() -> RepositoryBusy:
    return RepositoryBusy("Many people are saving right now, and it is not your turn yet.")


class IndexLock:
    """Git's lock on the index of a working tree, held under a second name that says it is ours.

    `index.lock` is made as a hard link to a file whose name tells the server's lock folder: a lock that
    a killed process of ours left behind is the same file as that one, and nobody else's ever is.
    """

    def __init__(self, git_folder: Path, lock_path: Path) -> None:
        """:param lock_path: the file under which our processes exclude one another; it is held now."""
        owner = hashlib.sha256(os.fsencode(lock_path) + socket.gethostname().encode()).hexdigest()[:12]
        self.index = git_folder / "index"
        self.lock = git_folder / "index.lock"
        self.own = git_folder / f"gitcms-index-{owner}.lock"
        self.old = git_folder / f"gitcms-index-{owner}.old"

    def remove_leftovers(self) -> bool:
        """Remove what a killed process of ours left; True when its index.lock was among it."""
        removed = False
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.lstat(self.own), os.lstat(self.lock)):
                self.lock.unlink()
                removed = True
        for path in (self.own, self.old):
            path.unlink(missing_ok=True)
        return removed

    def acquire(self) -> None:
        """Take the lock. :raises RepositoryBusy: someone else holds it for longer than we wait."""
        descriptor = os.open(self.own, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        os.close(descriptor)
        deadline = time.monotonic() + INDEX_SECONDS
        try:
            while True:
                try:
                    os.link(self.own, self.lock)
                except FileExistsError as error:
                    if time.monotonic() > deadline:
                        raise RepositoryBusy(
                            "Another program is working in the site's folder right now.",
                            details=f"{self.lock} is there. If no git is running, an administrator may delete it.",
                        ) from error
                    time.sleep(0.02)
                else:
                    return
        except BaseException:
            self.own.unlink(missing_ok=True)
            raise

    def write(self, data: bytes) -> None:
        """Write the new index into the lock file, durably."""
        descriptor = os.open(self.lock, os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            with contextlib.suppress(FileNotFoundError):
                os.fchmod(descriptor, self.index.stat().st_mode & 0o777)
            reach("index.write")
            write_all(descriptor, data)
            reach("index.fsync")
            make_durable(descriptor)
        finally:
            os.close(descriptor)

    def commit(self) -> None:
        """Make the lock file the index. The old one waits under another name until `release`."""
        with contextlib.suppress(FileNotFoundError):
            os.link(self.index, self.old)
        reach("index.rename")
        os.rename(self.lock, self.index)
        reach("index.folder")
        make_folder_durable(self.index.parent)

    def undo(self) -> None:
        """Put the old index back if the new one has taken its place."""
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.lstat(self.own), os.lstat(self.index)):
                os.rename(self.old, self.index)

    def release(self) -> None:
        """Give the lock back."""
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.lstat(self.own), os.lstat(self.lock)):
                self.lock.unlink()
        self.own.unlink(missing_ok=True)
        self.old.unlink(missing_ok=True)
