"""Objects as git stores them: trees taken apart and rebuilt along one path, loose objects written.

The layouts are those of gitformat-pack(5) and git's `tree.c`; what a save puts into them is decided by
the caller. Nothing here reads objects: that is the `Reader`'s.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
import zlib
from bisect import bisect
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gitcms.repository.failpoints import reach
from gitcms.repository.storage import make_all_durable, write_all

FILE = "100644"
EXECUTABLE = "100755"
LINK = "120000"
FOLDER = "40000"
SUBMODULE = "160000"

_OPEN_FILES = 64  # at once: a process has only so many
_MODE = re.compile(rb"[1-7][0-7]{4,5}")
_ENTRY = re.compile(rb"([0-7]{5,6}) ([^\0]+)\0(.{20})", re.DOTALL)
_WHOLE_ENTRY = re.compile(rb"[0-7]{5,6} [^\0]+\0.{20}", re.DOTALL)
_WHOLE_ENTRIES = re.compile(rb"(?:[0-7]{5,6} [^\0]++\0.{20})*+", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Entry:
    """What a folder says about one name: its mode in octal digits and the object's id."""

    mode: str
    id: str


# The wanted state of a folder: a name means an entry, nothing (None), or a folder changed inside.
Changes = dict[bytes, "Entry | Changes | None"]


def object_id(kind: str, data: bytes) -> str:
    """Return the id that git gives to an object."""
    return hashlib.sha1(b"%s %d\0" % (kind.encode(), len(data)) + data, usedforsecurity=False).hexdigest()


def entries(tree: bytes) -> Iterator[tuple[bytes, Entry]]:
    """Yield the names of a tree object with their entries, in its order."""
    for mode, name, raw in _ENTRY.findall(tree):
        yield name, Entry(mode.decode(), raw.hex())


def names(tree: bytes) -> list[bytes]:
    """Return the names in a tree object, in its order."""
    return [name for _, name, _ in _ENTRY.findall(tree)]


def differences(old: bytes, new: bytes) -> Iterator[tuple[bytes, Entry | None, Entry | None]]:
    """Yield the names whose entries differ in two trees, with both entries, in the order of the names."""
    # What lies between their common beginning and end is cut into whole entries, which of a large tree are
    # still many; those that differ alone are taken apart.
    before, after = ({*_WHOLE_ENTRY.findall(part)} for part in _unlike(old, new))
    was, now = (dict(entries(b"".join(only))) for only in (before - after, after - before))
    for name in sorted(was.keys() | now.keys()):
        yield name, was.get(name), now.get(name)


def _unlike(old: bytes, new: bytes) -> tuple[bytes, bytes]:
    """Return two trees without the whole entries that both begin with, and those that both end in."""
    was, now, shorter = len(old), len(new), min(len(old), len(new))
    alike = _longest(shorter, lambda low, high: old[low:high] == new[low:high])
    start = _boundary(old, 0, alike)
    ending = _longest(
        shorter - start, lambda low, high: old[was - high : was - low] == new[now - high : now - low]
    )
    first, second = (_boundary(tree, start, len(tree) - ending) for tree in (old, new))
    # Sooner or later entries of both end at one distance from the end, at the end itself at least.
    while was - first != now - second or was - first > ending:
        if was - first >= now - second:
            first = _next(old, first)
        else:
            second = _next(new, second)
    return old[start:first], new[start:second]


def _longest(most: int, is_same: Callable[[int, int], bool]) -> int:
    """Return up to which length all is the same. :param is_same: between two lengths."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if is_same(low, middle) else (low, middle - 1)
    return low


def _boundary(tree: bytes, start: int, end: int) -> int:
    """Return where the last whole entry ends that does not go beyond `end`."""
    match = _WHOLE_ENTRIES.match(tree, start, end)
    return match.end() if match else start


def _next(tree: bytes, start: int) -> int:
    """Return where the entry ends that begins here."""
    end = tree.find(b"\0", start) + 21
    return end if start < end <= len(tree) else len(tree)


def find(tree: bytes, name: bytes) -> Entry | None:
    """Return a tree's entry of that name."""
    place = _place(tree, name)
    return place[2] if place else None


def begins_with(tree: bytes, name: bytes) -> bool:
    """Tell whether a name is in a tree, for one that stands before nearly all others, such as a dot file."""
    for entry in _ENTRY.finditer(tree):
        if entry[2] == name:
            return True
        if entry[2] > name + b"/":  # where a folder of that name would stand
            return False
    return False


def _place(tree: bytes, name: bytes) -> tuple[int, int, Entry] | None:
    """Return where the entry begins and ends, without taking a large tree apart."""
    pattern = b" " + name + b"\0"
    at = tree.find(pattern)
    while at >= 0:
        end = at + len(pattern) + 20
        for digits in (6, 5):
            start = at - digits
            # A part of an id may look like the name; behind a mode, on an entry's start, it is the name.
            if start >= 0 and _MODE.fullmatch(tree, start, at) and _begins_entry(tree, start):
                return start, end, Entry(tree[start:at].decode(), tree[end - 20 : end].hex())
        at = tree.find(pattern, at + 1)
    return None


def _begins_entry(tree: bytes, start: int) -> bool:
    """The entry before ends in NUL and an id of 20 bytes."""
    return start == 0 or (start > 20 and tree[start - 21] == 0)


@dataclass
class Rebuilt:
    """New trees, not yet written: `root` is None when nothing is left of it."""

    root: str | None
    trees: dict[str, bytes] = field(default_factory=dict)
    # For each changed folder (b"" is the top) its tree before and after.
    folders: dict[bytes, tuple[str | None, str | None]] = field(default_factory=dict)


def rebuild(root: str | None, changes: Changes, read_tree: Callable[[str], bytes]) -> Rebuilt:
    """Return the trees along the changed paths, every other entry being what it was.

    :param root: the tree to begin with. :param read_tree: gives a tree's bytes by its id.
    """
    rebuilt = Rebuilt(None)
    rebuilt.root = _rebuild(root, changes, b"", read_tree, rebuilt)
    return rebuilt


def _rebuild(
    oid: str | None, changes: Changes, place: bytes, read_tree: Callable[[str], bytes], out: Rebuilt
) -> str | None:
    tree = read_tree(oid) if oid else b""
    for name, wanted in changes.items():
        found = _place(tree, name)
        if isinstance(wanted, dict):
            inner = found[2].id if found and found[2].mode == FOLDER else None
            path = place + name + b"/"
            new = _rebuild(inner, wanted, path, read_tree, out)
            entry = Entry(FOLDER, new) if new else None
        else:
            entry = wanted
        tree = _put(tree, name, found, entry)
    if not tree and place:
        out.folders[place] = (oid, None)
        return None
    new_id = object_id("tree", tree)
    out.trees[new_id] = tree
    out.folders[place] = (oid, new_id)
    return new_id


def _put(tree: bytes, name: bytes, found: tuple[int, int, Entry] | None, entry: Entry | None) -> bytes:
    line = b"%s %s\0%s" % (entry.mode.encode(), name, bytes.fromhex(entry.id)) if entry else b""
    same_kind = found and entry and (found[2].mode == FOLDER) == (entry.mode == FOLDER)
    if found and (same_kind or not entry):
        return tree[: found[0]] + line + tree[found[1] :]
    if found:
        tree = tree[: found[0]] + tree[found[1] :]
    if not entry:
        return tree
    at = _insertion(tree, _sort_key(name, entry.mode))
    return tree[:at] + line + tree[at:]


def _insertion(tree: bytes, key: bytes) -> int:
    entries = _ENTRY.findall(tree)
    behind = bisect(entries, key, key=lambda entry: _sort_key(entry[1], entry[0].decode()))
    found = _place(tree, entries[behind][1]) if behind < len(entries) else None
    return found[0] if found else len(tree)


def _sort_key(name: bytes, mode: str) -> bytes:
    # tree.c, base_name_compare: a folder sorts as if its name ended in a slash.
    return name + b"/" if mode == FOLDER else name


class Deflater:
    """Compresses objects, and remembers the parts of large ones: of a large tree, a save changes one entry.

    Such an object is cut into parts that are compressed each on its own; together they are one stream as any
    other (RFC 1950, RFC 1951 section 3.2). Used under the save lock only.
    """

    PART = 1 << 14
    BEGINNING = 64
    KEPT = 512

    def __init__(self) -> None:
        # By a part's beginning, which is quicker to look up than all of it: the part, and what it becomes.
        self._known: OrderedDict[bytes, tuple[bytes, bytes]] = OrderedDict()

    def compress(self, data: bytes) -> bytes:
        """Return the data as a zlib stream, compressed as quickly as git does it."""
        if len(data) < 2 * self.PART:
            return zlib.compress(data, 1)
        parts = [self._part(data[at : at + self.PART]) for at in range(0, len(data), self.PART)]
        return b"".join((b"\x78\x01", *parts, b"\x03\x00", zlib.adler32(data).to_bytes(4, "big")))

    def _part(self, part: bytes) -> bytes:
        beginning = part[: self.BEGINNING]
        known = self._known.pop(beginning, None)
        if known is None or known[0] != part:
            stream = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
            known = (part, stream.compress(part) + stream.flush(zlib.Z_FULL_FLUSH))
        self._known[beginning] = known
        if len(self._known) > self.KEPT:
            self._known.popitem(last=False)
        return known[1]


@dataclass
class Draft:
    """An object under a name that git gives to unfinished ones; `name` is "" where it stands in its place."""

    descriptor: int
    name: str
    place: str
    in_new_folder: bool = False

    def is_there(self) -> bool:
        """Whether the open file is still the one of that name; git may have tidied up meanwhile."""
        try:
            return os.path.samestat(os.fstat(self.descriptor), os.lstat(self.name or self.place))
        except FileNotFoundError:
            return False

    def close(self) -> None:
        """Let go of it, and take it away if it does not stand in its place."""
        os.close(self.descriptor)
        if self.name:
            with contextlib.suppress(OSError):
                os.unlink(self.name)


class Drafts:
    """Objects that are written, but neither durable nor in their places. Unnamed ones go with the context."""

    def __init__(self, store: ObjectFolder, ready: dict[str, Draft]) -> None:
        self._store = store
        self._ready = ready
        self._open: list[Draft] = []
        self._folders: dict[str, None] = {}

    def written(self) -> list[int]:
        """Return the open files, which have to be durable before `put`."""
        for _ in self._open:
            reach("object.fsync")
        return [draft.descriptor for draft in self._open]

    def add(self, oid: str, kind: str, data: bytes) -> None:
        """Write one more. A process has only so many files open: some may be put into their places then."""
        if len(self._open) >= _OPEN_FILES:
            make_all_durable(self.written())
            self._put_open()
        draft = self._ready.pop(oid, None)
        if draft is not None and not draft.is_there():
            draft.close()
            draft = None
        draft = draft or self._store.draft(oid, kind, data)
        self._open.append(draft)
        self._folders[os.path.dirname(draft.place)] = None
        if draft.in_new_folder:
            self._folders[str(self._store.folder)] = None

    def put(self) -> list[str]:
        """Name all, whose bytes are durable by now. Return the folders that must be so for them to last."""
        self._put_open()
        return [*self._folders]

    def _put_open(self) -> None:
        for draft in self._open:
            if draft.name:
                reach("object.rename")
                os.rename(draft.name, draft.place)
                draft.name = ""
        self.close()

    def close(self) -> None:
        """Let go of all, and take away those that do not stand in their places."""
        while self._open:
            self._open.pop().close()


@dataclass
class ObjectFolder:
    """Where loose objects are written. `shared` holds further permission bits (core.sharedRepository)."""

    folder: Path
    shared: int = 0
    _deflater: Deflater = field(default_factory=Deflater)

    def write(self, kind: str, data: bytes) -> str:
        """Store an object so that it survives a power cut, and return its id."""
        return self.write_all([(kind, data)])[0]

    def write_all(self, objects: list[tuple[str, bytes]]) -> list[str]:
        """Store objects so that they survive a power cut, and return their ids."""
        ids = [object_id(kind, data) for kind, data in objects]
        with self.drafted(dict(zip(ids, objects, strict=True))) as drafts:
            make_all_durable(drafts.written())
            make_all_durable(drafts.put())
        return ids

    @contextlib.contextmanager
    def drafted(
        self, objects: Mapping[str, tuple[str, bytes]], ready: dict[str, Draft] | None = None
    ) -> Iterator[Drafts]:
        """Write objects, each a kind and its bytes by its id. What is not put into its place goes again.

        :param ready: objects that are written already. Those that are used are taken out.
        """
        drafts = Drafts(self, {} if ready is None else ready)
        try:
            for oid, (kind, data) in objects.items():
                drafts.add(oid, kind, data)
            yield drafts
        finally:
            drafts.close()

    def has(self, oid: str) -> bool:
        """Tell whether an object lies here in a file of its own."""
        return os.path.exists(f"{self.folder}/{oid[:2]}/{oid[2:]}")

    def early_draft(self, oid: str, kind: str, data: bytes) -> Draft | None:
        """Write one object beside its place, if it is not stored, and its folder is there.

        Whether it will be wanted is not known yet: a new folder would have to go again.
        """
        if self.has(oid) or not os.path.isdir(f"{self.folder}/{oid[:2]}"):
            return None
        return self.draft(oid, kind, data)

    def draft(self, oid: str, kind: str, data: bytes) -> Draft:
        """Write one object beside its place; or open it, where it is stored already."""
        folder = f"{self.folder}/{oid[:2]}"
        place = f"{folder}/{oid[2:]}"
        stored = _stored(place)
        if stored is not None:
            return Draft(stored, "", place)
        name = f"{folder}/tmp_obj_{secrets.token_hex(6)}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        in_new_folder = False
        try:
            descriptor = os.open(name, flags, 0o444)
        except FileNotFoundError:
            self._make_folder(folder)
            in_new_folder = True
            descriptor = os.open(name, flags, 0o444)
        try:
            reach("object.write")
            header = b"%s %d\0" % (kind.encode(), len(data))
            write_all(descriptor, self._compressed(kind, header + data))
            if self.shared:
                os.fchmod(descriptor, 0o444 | (self.shared & 0o444))
        except BaseException:
            os.close(descriptor)
            with contextlib.suppress(OSError):
                os.unlink(name)
            raise
        return Draft(descriptor, name, place, in_new_folder)

    def _compressed(self, kind: str, data: bytes) -> bytes:
        return self._deflater.compress(data) if kind == "tree" else zlib.compress(data, 1)

    def _make_folder(self, place: str) -> None:
        with contextlib.suppress(FileExistsError):
            os.mkdir(place)
            if self.shared:
                os.chmod(place, 0o2700 | self.shared | (self.shared & 0o444) >> 2)


def _stored(place: str) -> int | None:
    """Open an object if it is stored. Whoever wrote it may not have waited for the disk."""
    try:
        descriptor = os.open(place, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    if os.fstat(descriptor).st_size:
        return descriptor
    os.close(descriptor)  # a power cut may have left an empty one
    return None


def nested(changes: Mapping[bytes, Entry | None]) -> Changes:
    """Return full paths and their entries as a folder's changes."""
    root: Changes = {}
    for path, entry in changes.items():
        *parents, name = path.split(b"/")
        level = root
        for parent in parents:
            inner = level.setdefault(parent, {})
            if not isinstance(inner, dict):
                if entry is None:  # a folder made way, with all that was in it
                    break
                inner = level[parent] = {}  # a file made way for a folder
            level = inner
        else:
            if entry is not None or not isinstance(level.get(name), dict):
                level[name] = entry
    return root
