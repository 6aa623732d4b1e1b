"""The index file: what it says about a path, and the same bytes with a few entries changed.

Works on the layout of gitformat-index(5), versions 2 and 3. Entries are found by bisection and changed as
pieces between the old bytes, the cached trees along the path too, and everything else stays byte for byte,
so that other people's staged work is not touched. An index that we do not understand wholly says so, and
git itself is asked to change it.
"""

from __future__ import annotations

import hashlib
import os
import re
import struct
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from gitcms.repository.objects import Entry

_HEADER = struct.Struct(">4sII")
_STATUS = struct.Struct(">10I")
_NUMBER = struct.Struct(">I")
_FIXED = 62  # bytes of an entry before its name, without extended flags
_CHECKSUM = 20
_EXTENDED = 0x4000
_STAGE = 0x3000
_NAME = 0xFFF  # the longest name whose length the flags hold
_SKIP_WORKTREE = 0x4000
_INTENT_TO_ADD = 0x2000
_MODES = frozenset(_NUMBER.pack(mode) for mode in (0o100644, 0o100755, 0o120000, 0o160000))
# Extensions that stay true when an entry changes its content but no entry comes or goes …
_KEPT = (b"REUC", b"UNTR", b"EOIE", b"IEOT")
# … and those of them that are only a help, and are left out when positions shift.
_HELP = (b"EOIE", b"IEOT")
_ROOT = re.compile(rb"\0(-1|\d+) \d+\n")

Pieces = Sequence[bytes | memoryview]


class NotUnderstood(Exception):
    """An index that we cannot change ourselves. Never leaves this room."""


@dataclass(frozen=True)
class IndexEntry:
    """What the index says about a path."""

    entry: Entry
    skip_worktree: bool
    intent_to_add: bool


class Index:
    """An index as read from the disk. Never changes. It remembers where it found what it was asked for."""

    def __init__(self, data: bytes) -> None:
        """:raises NotUnderstood: a version or a layout that is not ours to change."""
        self.data = data
        self._found: dict[bytes, tuple[int, bool]] = {}
        if len(data) < _HEADER.size + _CHECKSUM or data[:4] != b"DIRC":
            raise NotUnderstood("not an index")
        _, self.version, self.count = _HEADER.unpack_from(data)
        if self.version not in (2, 3):
            raise NotUnderstood(f"version {self.version}")
        self._limit = self.end = len(data) - _CHECKSUM
        found = self._end_before_trees()
        self.end = found if found is not None else self._end_by_walking()
        self.extensions = list(self._extensions(self.end))
        for signature, _ in self.extensions:
            # Small letters mark what one must know to read the entries at all: a split or a sparse index.
            if not signature[:1].isupper():
                raise NotUnderstood(signature.decode("ascii", "replace"))

    def is_that_of(self, descriptor: int) -> bool:
        """Tell whether an open file holds this very index, by its length and its checksum."""
        size = os.fstat(descriptor).st_size
        checksum = self.data[self._limit :]
        return (
            size == len(self.data)
            and any(checksum)
            and os.pread(descriptor, _CHECKSUM, self._limit) == checksum
        )

    def entry(self, path: str) -> IndexEntry | None:
        """Return the entry of a path. :raises NotUnderstood: it is in conflict."""
        at, there = self._search(_raw(path))
        if not there:
            return None
        flags = self._flags(at)
        extended = struct.unpack_from(">H", self.data, at + _FIXED)[0] if flags & _EXTENDED else 0
        mode = _NUMBER.unpack_from(self.data, at + 24)[0]
        return IndexEntry(
            Entry(f"{mode:o}", self.data[at + 40 : at + 60].hex()),
            bool(extended & _SKIP_WORKTREE),
            bool(extended & _INTENT_TO_ADD),
        )

    def changed(
        self, wanted: Mapping[str, Entry | None], trees: Mapping[bytes, tuple[str | None, str | None]]
    ) -> Changed:
        """Return the index with these paths as wanted, None for one that goes.

        :param trees: folders along the paths (b"" for the top) with their trees before and after the change.
            A cached tree equal to the one before becomes the one after; any other along the paths is marked
            as unknown, and git computes it anew.
        :raises NotUnderstood: git has to do it.
        """
        old = memoryview(self.data)
        places = [(name, *self._search(name), want) for name, want in _by_name(wanted)]
        shifted = any(there != (want is not None) for _, _, there, want in places)
        more = sum((want is not None) - there for _, _, there, want in places)
        pieces: list[bytes | memoryview] = [_HEADER.pack(b"DIRC", self.version, self.count + more)]
        open_at: dict[bytes, int] = {}
        done = _HEADER.size
        for name, at, there, want in places:
            pieces.append(old[done:at])
            if want is not None:
                open_at[name] = len(pieces)
                rest = self.data[at + 60 : at + self._length(at)] if there else _flags_and_name(name)
                pieces += [_NUMBER.pack(int(want.mode, 8)), bytes.fromhex(want.id) + rest]
            done = at + self._length(at) if there else at
        pieces.append(old[done : self.end])
        touched = {folder for name, *_ in places for folder in _folders(name)}
        pieces.append(self._extensions_changed(shifted, touched, {} if shifted else trees))
        # As index.skipHash has it.
        return Changed(pieces, open_at, with_checksum=any(self.data[self._limit :]))

    # ── entries ──

    def _search(self, name: bytes) -> tuple[int, bool]:
        """Return where a path's entry begins, or belongs, and whether it is there.

        :raises NotUnderstood: it is in conflict.
        """
        found = self._found.get(name)
        if found is None:
            found = self._found[name] = self._bisect(name)
        return found

    def _bisect(self, name: bytes) -> tuple[int, bool]:
        low, high = _HEADER.size, self.end
        while low < high:
            middle = self._entry_behind((low + high) // 2, high)
            if middle == high:
                middle = low
            here = self._name(middle)
            if here == name:
                if self._flags(middle) & _STAGE:
                    raise NotUnderstood("conflict")
                return middle, True
            if here < name:
                low = middle + self._length(middle)
            else:
                high = middle
        return low, False

    def _entry_behind(self, at: int, limit: int) -> int:
        """Return the first place from here on where an entry begins, `limit` when there is none before it."""
        at += (_HEADER.size - at) % 8
        while at < limit and not (self._looks_like_entry(at) and self._leads_to_entry(at)):
            at += 8
        return min(at, limit)

    def _looks_like_entry(self, at: int) -> bool:
        """Tell whether a mode, a name of the length that the flags say, and nothing but NUL follow here."""
        data = self.data
        if (data[at - 1] and at != _HEADER.size) or data[at + 24 : at + 28] not in _MODES:
            return False
        flags = self._flags(at)
        name = at + _FIXED + (2 if flags & _EXTENDED else 0)
        nul = data.find(b"\0", name, self.end)
        if nul < 0 or min(nul - name, _NAME) != flags & _NAME:
            return False
        behind = nul + 8 - (nul - at) % 8
        return behind <= self.end and not any(data[nul:behind])

    def _leads_to_entry(self, at: int) -> bool:
        behind = at + self._length(at)
        return behind == self.end or self._looks_like_entry(behind)

    def _flags(self, at: int) -> int:
        return self.data[at + 60] << 8 | self.data[at + 61]

    def _name(self, at: int) -> bytes:
        flags = self._flags(at)
        start = at + _FIXED + (2 if flags & _EXTENDED else 0)
        length = flags & _NAME
        end = start + length if length < _NAME else self.data.find(b"\0", start)
        if not start <= end <= self.end:
            raise NotUnderstood("cut off")
        return self.data[start:end]

    def _length(self, at: int) -> int:
        head = _FIXED + (2 if self._flags(at) & _EXTENDED else 0)
        return (head + len(self._name(at)) + 8) & ~7

    # ── where the entries end ──

    def _end_before_trees(self) -> int | None:
        """Return where the cached trees begin, which git writes right behind the entries; None without.

        What looks like them must lead, extension by extension, to the checksum, and say how many entries
        there are. A name in an entry cannot: it would have to hold NUL.
        """
        at = self._limit
        while (at := self.data.rfind(b"TREE", _HEADER.size, at)) >= 0:
            if (at - _HEADER.size) % 8 or (self.data[at - 1] and at != _HEADER.size):
                continue
            root = _ROOT.match(self.data, at + 8)
            if root is None or root[1] not in (b"-1", b"%d" % self.count):
                continue
            try:
                if [signature for signature, _ in self._extensions(at)].count(b"TREE") == 1:
                    return at
            except NotUnderstood:
                continue
        return None

    def _end_by_walking(self) -> int:
        data = self.data
        at = _HEADER.size
        try:
            for _ in range(self.count):
                high = data[at + 60]
                name = (high & 0x0F) << 8 | data[at + 61]
                if name == _NAME or high & 0x40:
                    at += self._length(at)
                else:
                    at += (name + 70) & ~7
        except IndexError:
            raise NotUnderstood("cut off") from None
        if at > self._limit:
            raise NotUnderstood("cut off")
        return at

    # ── extensions ──

    def _extensions(self, at: int) -> Iterator[tuple[bytes, bytes]]:
        while at < self._limit:
            signature = self.data[at : at + 4]
            size = _NUMBER.unpack_from(self.data, at + 4)[0]
            if at + 8 + size > self._limit or not signature.isalpha():
                raise NotUnderstood("cut off")
            yield signature, self.data[at + 8 : at + 8 + size]
            at += 8 + size

    def _extensions_changed(
        self, shifted: bool, touched: Set[bytes], trees: Mapping[bytes, tuple[str | None, str | None]]
    ) -> bytes:
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
        return b"".join(signature + _NUMBER.pack(len(content)) + content for signature, content in new)


class Changed:
    """An index that changes, whole but for the status of some files, which is known when they lie there.

    What comes before the first of them has gone into the checksum already.
    """

    def __init__(
        self, pieces: list[bytes | memoryview], open_at: Mapping[bytes, int], *, with_checksum: bool
    ) -> None:
        """
        :param open_at: for a file, which piece holds its mode, and will hold its status.
        """
        self._pieces = pieces
        self._open_at = open_at
        self._checksum = hashlib.sha1(usedforsecurity=False) if with_checksum else None
        self._added = 0
        self._add(min(open_at.values(), default=len(pieces)))

    def _add(self, end: int) -> None:
        if self._checksum is not None:
            for piece in self._pieces[self._added : end]:
                self._checksum.update(piece)
            self._added = end

    def with_status(self, status: Mapping[str, os.stat_result | None]) -> Pieces:
        """Return the index, in pieces that belong one behind the other. To be asked once.

        :param status: of each file as it lies there; git looks for itself at those that are left out.
        """
        known = {_raw(path): found for path, found in status.items()}
        for name, at in self._open_at.items():
            mode = self._pieces[at]
            found = bytearray(_status(known.get(name)))
            found[24:28] = mode
            self._pieces[at] = bytes(found)
        self._add(len(self._pieces))
        return [*self._pieces, self._checksum.digest() if self._checksum is not None else bytes(_CHECKSUM)]


def _by_name(wanted: Mapping[str, Entry | None]) -> list[tuple[bytes, Entry | None]]:
    return sorted(((_raw(path), entry) for path, entry in wanted.items()), key=lambda named: named[0])


def _raw(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape")


def _status(status: os.stat_result | None) -> bytes:
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


def _flags_and_name(name: bytes) -> bytes:
    """Return the rest of a new entry, with as many NUL behind as its place asks for."""
    rest = struct.pack(">H", min(len(name), _NAME)) + name
    return rest + bytes(8 - (60 + len(rest)) % 8)


def _folders(name: bytes) -> list[bytes]:
    """Return the folders on the way to a path, as the cached trees name them here: b"", b"a/", b"a/b/"."""
    parts = name.split(b"/")[:-1]
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
