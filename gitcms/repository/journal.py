"""The journal of a save under way: enough to finish it, or to take it back, after a kill or a power cut.

It is the content of the lock file, written durably before the first change that anyone could see and
emptied behind the last. Whoever gets the lock and finds it filled has a dead predecessor.
"""

from __future__ import annotations

import json
import os
import zlib
from dataclasses import dataclass

from gitcms.repository.failpoints import reach
from gitcms.repository.storage import write_all


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
    reach("journal.write")
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.ftruncate(descriptor, 0)
    write_all(descriptor, b"+%08x\n" % zlib.crc32(text) + text)


def abandon(descriptor: int) -> None:
    """Mark the journal's save as one to take back, whatever happens from here."""
    os.pwrite(descriptor, b"-", 0)


def clear(descriptor: int) -> None:
    """Empty the journal. After a power cut it may be there again, which does no harm."""
    if os.fstat(descriptor).st_size:
        os.ftruncate(descriptor, 0)


def read(descriptor: int) -> Journal | None:
    """Return what a predecessor left, None if nothing or not wholly written (then nothing had begun)."""
    size = os.fstat(descriptor).st_size
    if size == 0:
        return None
    data = os.pread(descriptor, size, 0)
    checksum, _, text = data.partition(b"\n")
    try:
        if int(checksum[1:], 16) != zlib.crc32(text):
            return None
        fields = json.loads(text)
        steps = tuple(Step(**step) for step in fields.pop("steps"))
        return Journal(**{**fields, "steps": steps, "abandoned": data[:1] == b"-"})
    except (ValueError, TypeError, KeyError):
        return None
