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
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

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
    left = deque(things)

    def wait() -> None:
        with contextlib.suppress(IndexError):  # none is left
            while True:
                thing = left.popleft()
                make_durable(thing) if isinstance(thing, int) else make_folder_durable(thing)

    def first() -> None:
        if meanwhile is not None:
            meanwhile()
        wait()

    at_once(first, *[wait] * (min(_AT_ONCE, len(left)) - (meanwhile is None)))


def at_once(first: Callable[[], None], *others: Callable[[], None]) -> None:
    """Run the first here and the others in threads, and wait for all.

    :raises: what one of them raises, when all have ended.
    """
    # The machine may give out no more threads, or the process be about to end.
    begun: list[Future[None]] = []
    with contextlib.suppress(RuntimeError):
        begun.extend(_waiters().submit(other) for other in others)
    try:
        first()
        for other in others[len(begun) :]:
            other()
    finally:
        failed = [error for error in [each.exception() for each in begun] if error is not None]
    if failed:
        raise failed[0]


@functools.cache
def _waiters() -> ThreadPoolExecutor:
    """Threads that wait for the disk. They are kept: to start some takes as long as the disk itself."""
    return ThreadPoolExecutor(_AT_ONCE, "gitcms-disk")


# A process that was forked off has none of its parent's threads, and would wait for them for ever.
os.register_at_fork(after_in_child=_waiters.cache_clear)


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
