"""The journal of a save under way: enough to finish it, or to take it back, after a kill or a power cut.

It is the content of the lock file, written durably before the first change that anyone could see and
crossed out behind the last: to empty the file would have the disk give back its place each time. Whoever
gets the lock and finds one that is not crossed out has a dead predecessor.
"""

from __future__ import annotations

import json
import os
import zlib
from dataclasses import dataclass

from gitcms.repository.failpoints import reach
from gitcms.repository.storage import write_all

_CROSSED_OUT = b"." * 9
"""What stands in the place of the mark and the checksum then."""


@dataclass(frozen=True)
class Step:
    """One file of the save: what the history held and shall hold, as "mode id" or "" for nothing."""

    path: str
    old: str
    new: str


@dataclass(frozen=True)
class Journal:
    """A save whose objects are all stored: `commit` follows `parent` on `reference`."""

    token: str
    reference: str
    parent: str
    commit: str
    subject: str
    steps: tuple[Step, ...]
    abandoned: bool = False


def write(descriptor: int, journal: Journal) -> None:
    """Keep the journal in the lock file, which is to be made durable."""
    text = json.dumps({**vars(journal), "steps": [vars(step) for step in journal.steps]}).encode()
    data = b"+%08x\n" % zlib.crc32(text) + text
    reach("journal.write")
    os.lseek(descriptor, 0, os.SEEK_SET)
    write_all(descriptor, data)
    if os.fstat(descriptor).st_size > len(data):  # an earlier one was longer
        os.ftruncate(descriptor, len(data))


def abandon(descriptor: int) -> None:
    """Mark the journal's save as one to take back, whatever happens from here."""
    os.pwrite(descriptor, b"-", 0)


def clear(descriptor: int) -> None:
    """Cross out the journal. After a power cut it may be there again, which does no harm."""
    if not _is_clear(descriptor):
        os.pwrite(descriptor, _CROSSED_OUT, 0)


def _is_clear(descriptor: int) -> bool:
    return os.pread(descriptor, len(_CROSSED_OUT), 0) in (b"", _CROSSED_OUT)


def read(descriptor: int) -> Journal | None:
    """Return what a predecessor left, None if nothing or not wholly written (then nothing had begun)."""
    if _is_clear(descriptor):
        return None
    data = os.pread(descriptor, os.fstat(descriptor).st_size, 0)
    checksum, _, text = data.partition(b"\n")
    try:
        if int(checksum[1:], 16) != zlib.crc32(text):
            return None
        fields = json.loads(text)
        steps = tuple(Step(**step) for step in fields.pop("steps"))
        return Journal(**{**fields, "steps": steps, "abandoned": data[:1] == b"-"})
    except (ValueError, TypeError, KeyError):
        return None
