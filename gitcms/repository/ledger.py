"""The ledger: which saves were acknowledged, kept beside the lock, so that an audit can look for each.

A line is added behind the last step of a save and before its author is told, without waiting for the disk:
what makes a save durable is the history, and this only helps to notice when somebody takes one out of it.
The oldest lines go when it has grown long.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gitcms.repository.storage import write_all

LONGEST = 4_000_000
"""Bytes after which the older half goes; a line is about 250."""


@dataclass(frozen=True)
class Acknowledged:
    """A save whose author was told that it is done.

    `author` is the commit's author line, and so with `subject` tells the save again after a rebase.
    """

    commit: str
    branch: str
    author: str
    subject: str


class Ledger:
    """The list of one working tree, written by whoever holds its save lock."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def record(self, reference: str, commit: str, raw: bytes) -> None:
        """Add a save. Nothing that goes wrong here is the author's concern.

        :param raw: the commit object.
        """
        author, subject = author_and_subject(raw)
        line = json.dumps(vars(Acknowledged(commit, reference, author, subject))).encode() + b"\n"
        with contextlib.suppress(OSError):
            descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                size = os.fstat(descriptor).st_size
                # A line that a full disk or a power cut left unfinished must not take this one along.
                if size and os.pread(descriptor, 1, size - 1) != b"\n":
                    line = b"\n" + line
                write_all(descriptor, line)
            finally:
                os.close(descriptor)
            if size > LONGEST:
                self._shorten()

    def _shorten(self) -> None:
        kept = self.path.read_bytes()[-LONGEST // 2 :].partition(b"\n")[2]
        draft = self.path.with_name(self.path.name + ".new")
        draft.write_bytes(kept)
        os.replace(draft, self.path)

    def read(self) -> Iterator[Acknowledged]:
        """Yield what is recorded, the oldest first. Lines that cannot be read are left out."""
        try:
            lines = self.path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return
        for line in lines:
            with contextlib.suppress(ValueError, TypeError):
                yield Acknowledged(**json.loads(line))


def author_and_subject(raw: bytes) -> tuple[str, str]:
    """Return a commit's author line (name, address, moment, zone) and the first line of its message."""
    head, _, message = raw.partition(b"\n\n")
    author = next((line[7:] for line in head.split(b"\n") if line.startswith(b"author ")), b"")
    return author.decode("utf-8", "replace"), message.split(b"\n", 1)[0].decode("utf-8", "replace")
