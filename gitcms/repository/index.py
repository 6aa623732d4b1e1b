"""The index file: what it says about a path, and the same bytes with a few entries changed.

Works on the layout of gitformat-index(5), versions 2 and 3: entries are changed in place, the cached
trees along the path too, and everything else stays byte for byte, so that other people's staged work
is not touched. An index that we do not understand wholly says so, and git itself is asked to change it.
"""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Mapping, Set
from dataclasses import dataclass

from gitcms.repository.objects import Entry

_HEADER = struct.Struct(">4sII")
_STATUS = struct.Struct(">10I")
_FIXED = 62  # bytes of an entry before its name, without extended flags
_VALID = 0x8000
_EXTENDED = 0x4000
_STAGE = 0x3000
_SKIP_WORKTREE = 0x4000
_INTENT_TO_ADD = 0x2000
# Extensions that stay true when an entry changes its content but no entry comes or goes …
_KEPT = (b"REUC", b"UNTR", b"EOIE", b"IEOT")
# … and those of them that are only a help, and are left out when positions shift.
_HELP = (b"EOIE", b"IEOT")


class NotUnderstood(Exception):
    """An index that we cannot change ourselves. Never leaves this room."""


@dataclass(frozen=True)
class IndexEntry:
    """What the index says about a path."""

    entry: Entry
    skip_worktree: bool
    intent_to_add: bool


@dataclass(frozen=True)
class Wanted:
    """What the index should say about a path. `status` is the file's as it lies there, if it does."""

    entry: Entry | None
    status: os.stat_result | None


class Index:
    """An index as read from the disk."""

    def __init__(self, data: bytes, end: int | None = None) -> None:
        """
        :param end: where the entries end, if that is known already.
        :raises NotUnderstood: a version or a layout that is not ours to change.
        """
        self.data = data
        if len(data) < 32 or data[:4] != b"DIRC":
            raise NotUnderstood("not an index")
        _, self.version, self.count = _HEADER.unpack_from(data)
        if self.version not in (2, 3):
            raise NotUnderstood(f"version {self.version}")
        self.end = end or self._end_of_entries()
        self.changed_to: tuple[bytes, int] | None = None
        self.extensions = self._extensions()
        for signature, _ in self.extensions:
            # Small letters mark what one must know to read the entries at all: a split or a sparse index.
            if not signature[:1].isupper():
                raise NotUnderstood(signature.decode("ascii", "replace"))

    def entry(self, path: str) -> IndexEntry | None:
        """Return the entry of a path. :raises NotUnderstood: it is in conflict."""
        name = path.encode("utf-8", "surrogateescape")
        at = self._find(name)
        if at is None:
            return None
        flags = self._flags(at)
        extended = struct.unpack_from(">H", self.data, at + _FIXED)[0] if flags & _EXTENDED else 0
        mode = struct.unpack_from(">I", self.data, at + 24)[0]
        return IndexEntry(
            Entry(f"{mode:o}", self.data[at + 40 : at + 60].hex()),
            bool(extended & _SKIP_WORKTREE),
            bool(extended & _INTENT_TO_ADD),
        )

    def changed(
        self, wanted: Mapping[str, Wanted], trees: Mapping[bytes, tuple[str | None, str | None]]
    ) -> bytes:
        """Return the index with these paths as wanted.

        :param trees: folders along the paths (b"" for the top) with their trees before and after the change.
            A cached tree equal to the one before becomes the one after; any other along the paths is marked
            as unknown, and git computes it anew.
        :raises NotUnderstood: git has to do it.
        """
        data = bytearray(self.data[: self.end])
        count = self.count
        shifted = False
        for path, want in sorted(wanted.items()):
            name = path.encode("utf-8", "surrogateescape")
            at = self._find(name, data)
            if want.entry is None:
                if at is not None:
                    del data[at : at + self._length(at, data)]
                    count, shifted = count - 1, True
            elif at is not None:
                _patch(data, at, want.entry, want.status)
            else:
                at = self._insertion(name, data)
                data[at:at] = _new_entry(name, want.entry, want.status)
                count, shifted = count + 1, True
        struct.pack_into(">I", data, 8, count)
        end = len(data)
        touched = {folder for path in wanted for folder in _folders(path)}
        self._append_extensions(data, shifted, touched, {} if shifted else trees)
        checksum = hashlib.sha1(data, usedforsecurity=False).digest()
        self.changed_to = (checksum, end)
        return bytes(data) + checksum

    def _append_extensions(
        self,
        data: bytearray,
        shifted: bool,
        touched: Set[bytes],
        trees: Mapping[bytes, tuple[str | None, str | None]],
    ) -> None:
        new: list[tuple[bytes, bytes]] = []
        for signature, content in self.extensions:
            if signature == b"TREE":
                content = _cached_trees(content, touched, trees)
            elif signature not in _KEPT or (shifted and signature == b"UNTR"):
                raise NotUnderstood(signature.decode("ascii", "replace"))
            new.append((signature, content))
        if shifted or [len(content) for _, content in new] != [
            len(content) for _, content in self.extensions
        ]:
            new = [part for part in new if part[0] not in _HELP]
        for signature, content in new:
            data += signature + struct.pack(">I", len(content)) + content

    def _find(self, name: bytes, data: bytes | bytearray | None = None) -> int | None:
        """Return where a path's entry begins.

        Looks for the name and checks that what stands before it can only be an entry's head: much faster
        than walking, since entries have no index of their own.
        """
        data = self.data if data is None else data
        end = self.end if data is self.data else len(data)
        pattern = name + b"\0"
        at = data.find(pattern, _HEADER.size + _FIXED, end)
        while at >= 0:
            for size in (_FIXED, _FIXED + 2):
                start = at - size
                if start >= _HEADER.size and (start - _HEADER.size) % 8 == 0:
                    flags = self._flags(start, data)
                    mode = struct.unpack_from(">I", data, start + 24)[0]
                    if (
                        flags & 0xFFF == min(len(name), 0xFFF)
                        and bool(flags & _EXTENDED) == (size != _FIXED)
                        and mode in (0o100644, 0o100755, 0o120000, 0o160000)
                    ):
                        if flags & _STAGE:
                            raise NotUnderstood("conflict")
                        return start
            at = data.find(pattern, at + 1, end)
        return None

    def _flags(self, at: int, data: bytes | bytearray | None = None) -> int:
        return int(struct.unpack_from(">H", self.data if data is None else data, at + 60)[0])

    def _length(self, at: int, data: bytes | bytearray) -> int:
        flags = self._flags(at, data)
        head = _FIXED + (2 if flags & _EXTENDED else 0)
        name = flags & 0xFFF
        if name == 0xFFF:
            name = data.index(b"\0", at + head) - at - head
        return (head + name + 8) & ~7

    def _end_of_entries(self) -> int:
        data = self.data
        at = _HEADER.size
        limit = len(data) - 20
        try:
            for _ in range(self.count):
                high = data[at + 60]
                name = (high & 0x0F) << 8 | data[at + 61]
                if name == 0xFFF or high & 0x40:
                    at += self._length(at, data)
                else:
                    at += (name + 70) & ~7
        except (IndexError, ValueError, struct.error):
            raise NotUnderstood("cut off") from None
        if at > limit:
            raise NotUnderstood("cut off")
        return at

    def _insertion(self, name: bytes, data: bytearray) -> int:
        """Return where a new path belongs: entries are sorted by the bytes of their names."""
        at = _HEADER.size
        while at < len(data):
            flags = self._flags(at, data)
            head = at + _FIXED + (2 if flags & _EXTENDED else 0)
            length = flags & 0xFFF
            here = (
                bytes(data[head : head + length]) if length < 0xFFF else data[head : data.index(b"\0", head)]
            )
            if here > name:
                return at
            at += self._length(at, data)
        return at

    def _extensions(self) -> list[tuple[bytes, bytes]]:
        found = []
        at = self.end
        limit = len(self.data) - 20
        while at < limit:
            signature = self.data[at : at + 4]
            size = struct.unpack_from(">I", self.data, at + 4)[0]
            if at + 8 + size > limit:
                raise NotUnderstood("cut off")
            found.append((signature, self.data[at + 8 : at + 8 + size]))
            at += 8 + size
        return found


def _status(status: os.stat_result | None, size: int = 0) -> bytes:
    """Return a file's status as the index keeps it, 32 bits each; zeros tell git to look for itself."""
    if status is None:
        return bytes(40)
    low = 0xFFFFFFFF
    return _STATUS.pack(
        int(status.st_ctime_ns // 10**9) & low,
        status.st_ctime_ns % 10**9,
        int(status.st_mtime_ns // 10**9) & low,
        status.st_mtime_ns % 10**9,
        status.st_dev & low,
        status.st_ino & low,
        0,
        status.st_uid & low,
        status.st_gid & low,
        status.st_size & low,
    )


def _patch(data: bytearray, at: int, entry: Entry, status: os.stat_result | None) -> None:
    kept_mode = bytes(data[at + 24 : at + 28])
    data[at : at + 40] = _status(status)
    data[at + 24 : at + 28] = struct.pack(">I", int(entry.mode, 8)) if entry.mode else kept_mode
    data[at + 40 : at + 60] = bytes.fromhex(entry.id)


def _new_entry(name: bytes, entry: Entry, status: os.stat_result | None) -> bytes:
    head = bytearray(_status(status) + bytes.fromhex(entry.id))
    head[24:28] = struct.pack(">I", int(entry.mode, 8))
    head += struct.pack(">H", min(len(name), 0xFFF)) + name
    return bytes(head) + bytes(((len(head) + 8) & ~7) - len(head))


def _folders(path: str) -> list[bytes]:
    """Return the folders on the way to a path, as the cached trees name them here: b"", b"a/", b"a/b/"."""
    parts = path.encode("utf-8", "surrogateescape").split(b"/")[:-1]
    return [b"".join(part + b"/" for part in parts[:depth]) for depth in range(len(parts) + 1)]


def _cached_trees(
    content: bytes, touched: Set[bytes], trees: Mapping[bytes, tuple[str | None, str | None]]
) -> bytes:
    """Return the extension TREE with the trees of the touched folders renewed, or marked as unknown.

    A node is: name NUL, number of entries, space, number of subtrees, LF, and the id unless the first is -1;
    its subtrees follow it.
    """
    out = bytearray()
    at = 0
    parents: list[tuple[bytes, int]] = []  # folders whose subtrees are being read, and how many are to come
    while at < len(content):
        nul = content.index(b"\0", at)
        line = content.index(b"\n", nul)
        number, subtrees = content[nul + 1 : line].split(b" ")
        known = not number.startswith(b"-")
        raw = content[line + 1 : line + 21] if known else b""
        folder = b""
        if parents:
            parent, left = parents.pop()
            folder = parent + content[at:nul] + b"/"
            if left > 1:
                parents.append((parent, left - 1))
        if int(subtrees):
            parents.append((folder, int(subtrees)))
        if known and folder in touched:
            before, after = trees.get(folder, (None, None))
            known = raw.hex() == before and after is not None
            raw = bytes.fromhex(after or "") if known else b""
        out += content[at : nul + 1] + (number if known else b"-1") + b" " + subtrees + b"\n" + raw
        at = line + 1 + (20 if not number.startswith(b"-") else 0)
    return bytes(out)
