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
import random
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from gitcms.errors import RepositoryBusy
from gitcms.repository.failpoints import reach
from gitcms.repository.storage import read_whole, storage_errors, write_all

INDEX_SECONDS = 5.0
TIDY_SECONDS = 5.0
SHORTEST_SAVE = 0.002
# struct flock with 64 bits for a place: kind, from where, start, length, process.
_LOCKED = struct.Struct("hhqqi0q")


class SaveLock:
    """The right to save into one working tree. Threads wait in order, and so do processes.

    Each process that waits holds a lock of its own in the queue's file, placed by the moment it came, and
    goes on when nobody holds one placed before. Only the first in the line waits for the lock itself. A kill
    gives both back; that only one saves at a time hangs on the lock alone, never on the line.
    """

    def __init__(self, folder: Path, git_folder: Path, seconds: float) -> None:
        """
        :param folder: where the lock files lie; the same for all servers on the clone.
        :param seconds: how long to wait for other saves.
        """
        digest = hashlib.sha256(os.fsencode(git_folder)).hexdigest()[:12]
        self.path = folder / f"save-{digest}.lock"
        self._queue = folder / f"save-{digest}.queue"
        # Names git's own locks while we hold them: told apart by clone, by lock folder and by machine.
        self.owner = hashlib.sha256(os.fsencode(self.path) + socket.gethostname().encode()).hexdigest()[:12]
        self._seconds = seconds
        self._guard = threading.Lock()
        self._line: deque[threading.Event] = deque()

    @contextlib.contextmanager
    def held(
        self, seconds: float | None = None, meanwhile: Callable[[], bool] | None = None
    ) -> Iterator[int]:
        """Hold the lock; gives the descriptor of the lock file, which is where the journal is kept.

        :param seconds: how long to wait, if not as long as usual.
        :param meanwhile: done again and again while only the one who holds it is before us. It tells whether
            that one is about to give it back.
        :raises RepositoryBusy: others held it for too long.
        """
        deadline = time.monotonic() + (self._seconds if seconds is None else seconds)
        with self._turn(deadline), storage_errors("locking the site"), contextlib.ExitStack() as stack:
            with _opened(self._queue) as queue:
                _stand_in_line(queue, deadline)
                journal = stack.enter_context(_opened(self.path))
                _wait_as_next(journal, deadline, meanwhile)
            yield journal

    @contextlib.contextmanager
    def _turn(self, deadline: float) -> Iterator[None]:
        """Wait in line with the other threads of this process."""
        me = threading.Event()
        with self._guard:
            self._line.append(me)
            if self._line[0] is me:
                me.set()
        try:
            if not me.wait(max(0.0, deadline - time.monotonic())):
                raise _busy()
            yield
        finally:
            with self._guard:
                self._line.remove(me)
                if self._line:
                    self._line[0].set()


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[int]:
    # Opened for each save: after a fork, a shared open file would be a shared lock.
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags, 0o600)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, flags, 0o600)
    try:
        yield descriptor
    finally:
        # What the disk says now is about nothing that was written: that was waited for before.
        with contextlib.suppress(OSError):
            os.close(descriptor)


def _locked(descriptor: int) -> bool:
    """Lock an open file, if nobody else has locked it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES):
            raise
        return False
    return True


def _wait_as_next(journal: int, deadline: float, meanwhile: Callable[[], bool] | None) -> None:
    # Only one process at a time gets here, so looking often costs little.
    longest_pause = 0.0005
    while not _locked(journal):
        if time.monotonic() > deadline:
            raise _busy()
        if meanwhile is not None and meanwhile():
            longest_pause = 0.0002
        time.sleep(random.uniform(0.3, 1.0) * longest_pause)


def _stand_in_line(queue: int, deadline: float) -> None:
    """Wait until everybody who came before has gone on. The place is given back with the descriptor."""
    mine = _place_in_line(queue)
    if mine is None:
        # Without a place for each, whoever looks at the right moment is the next.
        while not _locked(queue):
            if time.monotonic() > deadline:
                raise _busy()
            time.sleep(random.uniform(0.3, 1.0) * 0.006)
        return
    while before := _number_before(queue, 0, mine):
        if time.monotonic() > deadline:
            raise _busy()
        # Each takes no less than that, and who is next waits for one more, at the lock itself. To look more
        # often takes the processor from who saves.
        time.sleep(random.uniform(0.5, 1.0) * SHORTEST_SAVE * before)


def _number_before(queue: int, start: int, end: int) -> int:
    """Return how many have a place from `start` on and before `end`."""
    found = _held(queue, start, end)
    if found is None:
        return 0
    return _number_before(queue, start, found) + 1 + _number_before(queue, found + 1, end)


def _place_in_line(queue: int) -> int | None:
    """Lock the byte of this moment, and return which; None where the system or the disk cannot.

    These locks belong to the open file, as flock(2)'s do, but there may be many in one file ("Open file
    description locks" in fcntl_locking(2); Linux alone has them). The clock is one for all processes of a
    machine, and no byte needs to be there.
    """
    if not hasattr(fcntl, "F_OFD_SETLK"):
        return None
    while True:
        mine = time.monotonic_ns()
        try:
            fcntl.fcntl(queue, fcntl.F_OFD_SETLK, _LOCKED.pack(fcntl.F_WRLCK, os.SEEK_SET, mine, 1, 0))
        except OSError as error:
            if error.errno in (errno.EAGAIN, errno.EACCES):
                continue  # another one came in the very same moment
            if error.errno in (errno.EINVAL, errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP):
                return None
            raise
        return mine


def _held(queue: int, start: int, end: int) -> int | None:
    """Return a byte from `start` on and before `end` that another one holds, None when there is none."""
    if start >= end:  # to the system, a length of nothing is one without end
        return None
    asked = _LOCKED.pack(fcntl.F_WRLCK, os.SEEK_SET, start, end - start, 0)
    kind, _, found, _, _ = _LOCKED.unpack(fcntl.fcntl(queue, fcntl.F_OFD_GETLK, asked))
    return None if kind == fcntl.F_UNLCK else found


def _busy() -> RepositoryBusy:
    return RepositoryBusy("Many people are saving right now, and it is not your turn yet.")


class OwnedLock:
    """A lock file of git's, held under a second name that says it is ours.

    The lock is made as a hard link to a file whose name tells the server's lock folder: a lock that a killed
    process of ours left behind is the same file as that one, and nobody else's ever is.
    """

    def __init__(self, lock: str, own: str) -> None:
        """
        :param lock: the path of the file by which all gits exclude one another.
        :param own: the second name, on the same disk.
        """
        self.lock = lock
        self.own = own

    def acquire(self, seconds: float, busy: str) -> None:
        """Take the lock, an empty file. :raises RepositoryBusy: it is held for longer than we wait."""
        self._make_own()
        deadline = time.monotonic() + seconds
        try:
            while True:
                try:
                    os.link(self.own, self.lock)
                except FileNotFoundError:
                    os.makedirs(os.path.dirname(self.lock))
                except FileExistsError as error:
                    if time.monotonic() > deadline:
                        details = f"{self.lock} is there. An administrator may delete it when no git runs."
                        raise RepositoryBusy(busy, details=details) from error
                    time.sleep(0.02)
                else:
                    return
        except BaseException:
            _remove(self.own)
            raise

    def _make_own(self) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        try:
            descriptor = os.open(self.own, flags, 0o666)
        except FileExistsError:  # a dead predecessor's
            _remove(self.own)
            descriptor = os.open(self.own, flags, 0o666)
        os.close(descriptor)

    @contextlib.contextmanager
    def written(self, *pieces: bytes | memoryview) -> Iterator[int]:
        """Write what the locked file shall become, and give the open file, which is not durable yet."""
        descriptor = os.open(self.lock, os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            write_all(descriptor, *pieces)
            yield descriptor
        finally:
            os.close(descriptor)

    def release(self) -> bool:
        """Give the lock back, if it is ours; also one of a dead predecessor. True when it was."""
        ours = same_file(self.own, self.lock)
        if ours:
            os.unlink(self.lock)
        _remove(self.own)
        return ours


class IndexLock:
    """Git's lock on the index of a working tree."""

    def __init__(self, git_folder: Path, owner: str) -> None:
        self.index = git_folder / "index"
        self._index = str(self.index)
        self._held = OwnedLock(f"{self._index}.lock", f"{git_folder}/gitcms-index-{owner}.lock")
        self._old = f"{git_folder}/gitcms-index-{owner}.old"

    def acquire(self) -> None:
        """Take the lock. :raises RepositoryBusy: someone else holds it for longer than we wait."""
        self._held.acquire(INDEX_SECONDS, "Another program is working in the site's folder right now.")

    @contextlib.contextmanager
    def written(self, pieces: Iterable[bytes | memoryview]) -> Iterator[int]:
        """Write the new index, in its pieces, into the lock file, and give that, which is not durable yet."""
        with contextlib.suppress(FileNotFoundError):
            os.chmod(self._held.lock, os.stat(self._index).st_mode & 0o777)
        reach("index.write")
        with self._held.written(*pieces) as descriptor:
            reach("index.fsync")
            yield descriptor

    def commit(self) -> str:
        """Make the lock file the index, and return the folder that must be durable for it to last.

        The old one waits under another name until `release`."""
        with contextlib.suppress(FileNotFoundError):
            os.link(self._index, self._old)
        reach("index.rename")
        os.rename(self._held.lock, self._index)
        reach("index.folder")
        return os.path.dirname(self._index)

    def undo(self) -> None:
        """Put the old index back if the new one has taken its place."""
        if same_file(self._held.own, self._index):
            try:
                os.rename(self._old, self._index)
            except FileNotFoundError:
                os.unlink(self._index)  # there was none

    def release(self) -> bool:
        """Give the lock back, also one of a dead predecessor. True when it was held."""
        held = self._held.release()
        self.forget_old()
        return held

    def forget_old(self) -> None:
        """Remove the old index, once nothing can go wrong any more."""
        _remove(self._old)


class TidyLock:
    """Keeps `git gc` away while new objects are stored that no branch leads to yet, in git's own way.

    `git gc --prune=now` would throw them away. It writes gc.pid, under gc.pid.lock, and steps aside for
    another one's (builtin/gc.c, `lock_repo_for_gc`).
    """

    def __init__(self, common_folder: Path, owner: str) -> None:
        self._file = f"{common_folder}/gc.pid"
        self._lock = OwnedLock(f"{self._file}.lock", f"{common_folder}/gitcms-gc-{owner}.lock")

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Hold it, or go on without it after some seconds: by default gc spares what is new."""
        deadline = time.monotonic() + TIDY_SECONDS
        try:
            while not self._taken() and time.monotonic() < deadline:
                time.sleep(0.02)
            yield
        finally:
            with contextlib.suppress(OSError):  # whoever saves next gives it back
                self.release()

    def _taken(self) -> bool:
        try:
            self._lock.acquire(0, "Another program is tidying up the site's history.")
        except RepositoryBusy:
            return False
        if self._tidying():
            self._lock.release()
            return False
        descriptor = os.open(self._lock.lock, os.O_WRONLY | os.O_CLOEXEC)
        try:
            write_all(descriptor, f"{os.getpid()} {socket.gethostname()}".encode())
        finally:
            os.close(descriptor)
        os.rename(self._lock.lock, self._file)
        return True

    def _tidying(self) -> bool:
        """Tell whether a living process of this machine is at it."""
        try:
            process, host = read_whole(self._file).decode("utf-8", "replace").split()
            if host == socket.gethostname():
                os.kill(int(process), 0)
        except PermissionError:
            return True
        except (OSError, ValueError, OverflowError):
            return False
        return host == socket.gethostname()

    def release(self) -> None:
        """Give it back, also a dead predecessor's."""
        if same_file(self._lock.own, self._file):
            os.unlink(self._file)
        self._lock.release()


def has_locks_of(owner: str, *folders: Path) -> bool:
    """Tell whether one of these folders of Git's data holds the second name of a lock of this owner, who may
    be dead: it is made before each lock, and goes behind it."""
    return any(owner in name for folder in folders for name in os.listdir(folder))


def _remove(file: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(file)


def same_file(one: str | Path, other: str | Path) -> bool:
    """Tell whether two names are one file; not when there is none."""
    try:
        return os.path.samestat(os.lstat(one), os.lstat(other))
    except (FileNotFoundError, NotADirectoryError):
        return False
