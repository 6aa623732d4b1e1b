"""The disk: bytes that stay after a power cut, and the door at which its errors become ours.

A new file is written beside its place, made durable, renamed, and the folder made durable as well:
only then does it survive (https://lwn.net/Articles/457667/). What the files mean is not known here.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import functools
import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from queue import SimpleQueue

from gitcms.errors import StorageFailed

CAUSES = {
    errno.ENOSPC: "The disk is full.",
    errno.EDQUOT: "The disk's quota is used up.",
    errno.EFBIG: "The file is larger than the disk or its limits allow.",
    errno.EROFS: "The disk is read-only.",
    errno.EACCES: "The server has no permission to write there.",
    errno.EPERM: "The server has no permission to change this file.",
    errno.EIO: "The disk reported an error.",
    errno.EMFILE: "The server has too many files open.",
    errno.ENFILE: "The machine has too many files open.",
    errno.EAGAIN: "The machine cannot start another program at the moment.",
    errno.ENOMEM: "The machine is out of memory.",
    errno.ENAMETOOLONG: "The disk cannot store a name as long as this.",
    errno.EILSEQ: "The disk cannot store a name with these characters.",
    errno.ESTALE: "The disk's connection was lost.",
}

_AT_ONCE = 8  # waits for the disk in one save
_PIECES = 512  # writev(2) takes no more than IOV_MAX at a time


@contextlib.contextmanager
def storage_errors(doing: str) -> Iterator[None]:
    """Turn errors of the operating system into StorageFailed, with a sentence that names the cause.

    :param doing: what was being done, for the details; such as "writing posts/a.md".
    """
    try:
        yield
    except OSError as error:
        raise storage_failed(error, doing) from error


def storage_failed(error: OSError, doing: str) -> StorageFailed:
    """Return our error for one of the operating system's."""
    cause = CAUSES.get(error.errno or 0, f"The disk refused: {error.strerror or error}.")
    return StorageFailed(cause, details=f"{doing}: {error}")


def make_durable(descriptor: int) -> None:
    """Return when what was written to this open file or folder survives a power cut."""
    if sys.platform == "darwin":
        # On macOS fsync only hands the data to the drive (fsync(2)); not every file system knows this call.
        with contextlib.suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
            return
    os.fsync(descriptor)


def make_folder_durable(path: str | os.PathLike[str]) -> None:
    """Return when the names in a folder survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        make_durable(descriptor)
    finally:
        os.close(descriptor)


def make_all_durable(
    things: Iterable[int | str | os.PathLike[str]], meanwhile: Callable[[], None] | None = None
) -> None:
    """As `make_durable` for each open file or folder and `make_folder_durable` for each path, all at once: a
    disk takes what comes together in few turns.

    :param meanwhile: work that is done while the disk is at it.
    :raises OSError: one could not be made so. None is waited for any more by then.
    """
    waits = [
        functools.partial(make_durable, thing)
        if isinstance(thing, int)
        else functools.partial(make_folder_durable, thing)
        for thing in things
    ]
    at_once(waits, meanwhile)


def at_once(works: Iterable[Callable[[], object]], first: Callable[[], None] | None = None) -> None:
    """Have some work done at once, here and by threads that are free, and return when all of it is.

    :param first: what is done here before anything else.
    :raises OSError: what one of them raises, when all have ended.
    """
    together = _Together(works)
    _helpers().ask(together, len(together) - (first is None))
    try:
        try:
            if first is not None:
                first()
        finally:
            together.work()
    finally:
        failed = together.wait()
    if failed is not None:
        raise failed


class _Together:
    """Works that are done by whoever comes by."""

    def __init__(self, works: Iterable[Callable[[], object]]) -> None:
        self._left = deque(works)
        self._number = len(self._left)
        self._ended: SimpleQueue[OSError | None] = SimpleQueue()

    def __len__(self) -> int:
        return self._number

    def work(self) -> None:
        """Do one after the other, until none is left."""
        while True:
            try:
                work = self._left.popleft()
            except IndexError:
                return
            outcome: OSError | None = _not_done()
            try:
                work()
                outcome = None
            except OSError as error:
                outcome = error
            finally:
                self._ended.put(outcome)

    def wait(self) -> OSError | None:
        """Return when all that was begun has ended: what went wrong, if anything did."""
        with contextlib.suppress(IndexError):
            while True:
                self._left.popleft()
                self._ended.put(_not_done())
        return next(filter(None, [self._ended.get() for _ in range(self._number)]), None)


def _not_done() -> OSError:
    return OSError(errno.EIO, "this was not waited for")


class _Helpers:
    """Threads that wait for the disk. They are kept: to start some takes as long as the disk itself."""

    def __init__(self) -> None:
        self._idle: deque[_Helper] = deque()
        self._started = 0

    def ask(self, together: _Together, number: int) -> None:
        """Have so many help, or as many as are free."""
        for _ in range(min(number, _AT_ONCE)):
            try:
                helper = self._idle.popleft()
            except IndexError:
                if self._started >= _AT_ONCE:
                    return
                helper = _Helper(self._idle)
                # The machine may give out no more threads, or the process be about to end.
                try:
                    helper.start()
                except RuntimeError:
                    return
                self._started += 1
            helper.ask(together)


class _Helper(threading.Thread):
    """One of them. To ask it costs no more than to open a lock."""

    def __init__(self, idle: deque[_Helper]) -> None:
        super().__init__(name="gitcms-disk", daemon=True)
        self._idle = idle
        self._asked = threading.Lock()
        self._asked.acquire()
        self._together: _Together | None = None

    def ask(self, together: _Together) -> None:
        """Have it help. It must be free."""
        self._together = together
        self._asked.release()

    def run(self) -> None:
        """Help whoever asks, for as long as the process lives."""
        while True:
            self._asked.acquire()
            assert self._together is not None
            self._together.work()
            self._together = None
            self._idle.appendleft(self)  # the one that worked last has its things nearest to the processor


_helpers = functools.cache(_Helpers)
# A process that was forked off has none of its parent's threads, and would wait for them for ever.
os.register_at_fork(after_in_child=_helpers.cache_clear)


def write_all(descriptor: int, *pieces: bytes | memoryview) -> None:
    """Write all of these pieces, one behind the other, in as many turns as the system takes."""
    left = [memoryview(piece) for piece in pieces if piece]
    while left:
        done = os.writev(descriptor, left[:_PIECES])
        while left and done >= len(left[0]):
            done -= len(left.pop(0))
        if done:
            left[0] = left[0][done:]


def read_whole(path: str | os.PathLike[str]) -> bytes:
    """Return a file's content, in as few turns as the system needs."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return read_open(descriptor)
    finally:
        os.close(descriptor)


def read_open(descriptor: int) -> bytes:
    """Return the content of a file that was just opened."""
    size = os.fstat(descriptor).st_size
    data = os.read(descriptor, size + 1)
    while len(data) != size and (more := os.read(descriptor, 1 << 20)):
        data += more
    return data


def signature(file: str | os.PathLike[str]) -> object:
    """Return what changes when a file is written or replaced; None where none can be seen."""
    try:
        status = os.stat(file)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
