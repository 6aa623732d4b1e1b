"""Git LFS: files of which the history holds only a pointer, and the clone's own store the content.

Pointers and the store are as git-lfs writes them (https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md),
so that its own commands find everything; none of them is run. Sending contents to a server and fetching them
is left to `git lfs push` and `git lfs pull`.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from gitcms.repository.failpoints import reach
from gitcms.repository.storage import make_durable, make_folder_durable, write_all

LONGEST_POINTER = 1024
_BEGINS = (b"version https://git-lfs.github.com/spec/v1\n", b"version https://hawser.github.com/spec/v1\n")
_LINE = re.compile(rb"([a-z0-9.-]+) ([^\n]*)\n")
_OID = re.compile(rb"sha256:([0-9a-f]{64})")
_SIZE = re.compile(rb"\d{1,18}")


@dataclass(frozen=True)
class Pointer:
    """What the history says about a content: its SHA-256 in hex, and its size in bytes."""

    oid: str
    size: int

    def __bytes__(self) -> bytes:
        return _BEGINS[0] + f"oid sha256:{self.oid}\nsize {self.size}\n".encode()


def pointer_to(content: bytes) -> Pointer:
    """Return the pointer to a content."""
    return Pointer(hashlib.sha256(content).hexdigest(), len(content))


def parse(data: bytes) -> Pointer | None:
    """Return the pointer that a stored file is, None when it is anything else."""
    if len(data) >= LONGEST_POINTER or not data.startswith(_BEGINS):
        return None
    end = 0
    values = {}
    for match in _LINE.finditer(data):
        if match.start() != end:
            return None
        end = match.end()
        values[match[1]] = match[2]
    oid, size = _OID.fullmatch(values.get(b"oid", b"")), _SIZE.fullmatch(values.get(b"size", b""))
    if end != len(data) or oid is None or size is None:
        return None
    return Pointer(oid[1].decode(), int(size[0]))


def to_store(content: bytes) -> bytes:
    """Return what the history holds for a file: what is empty or a pointer already stays as it is."""
    return content if not content or parse(content) else bytes(pointer_to(content))


@dataclass(frozen=True)
class Store:
    """The contents that this clone has, in `.git/lfs` of all its working trees."""

    common_folder: Path

    def read(self, data: bytes) -> bytes:
        """Return the content that a stored file points to; the file as it is, if it is no pointer or the
        content is not here."""
        pointer = parse(data)
        if pointer is None:
            return data
        try:
            content = self._place(pointer).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return data
        return content if pointer_to(content) == pointer else data

    def write(self, content: bytes) -> None:
        """Keep a content, so that it survives a power cut."""
        if not content or parse(content):
            return
        pointer = pointer_to(content)
        place = self._place(pointer)
        if place.is_file() and place.stat().st_size == pointer.size:
            return
        missing = []
        folder = place.parent
        while not folder.is_dir():
            missing.append(folder)
            folder = folder.parent
        place.parent.mkdir(parents=True, exist_ok=True)
        draft = place.with_name(f"gitcms-{secrets.token_hex(6)}.tmp")
        reach("object.write")
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
            try:
                write_all(descriptor, content)
                make_durable(descriptor)
            finally:
                os.close(descriptor)
            os.rename(draft, place)
        except BaseException:
            with contextlib.suppress(OSError):
                draft.unlink()
            raise
        for made in [place.parent, *(made.parent for made in missing)]:
            make_folder_durable(made)

    def _place(self, pointer: Pointer) -> Path:
        return self.common_folder / "lfs/objects" / pointer.oid[:2] / pointer.oid[2:4] / pointer.oid
