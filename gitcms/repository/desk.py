"""What a save and a reading need within reach: the place, the lock, readers per thread, caches.

Objects never change under their id, so what was read once is kept.
"""

from __future__ import annotations

import contextlib
import os
import threading
import weakref
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from gitcms.content.paths import alike
from gitcms.errors import NotFound, StorageFailed
from gitcms.repository import objects
from gitcms.repository.attributes import Attributes, blob_id
from gitcms.repository.ignoring import Ignored
from gitcms.repository.index import Index, IndexEntry, NotUnderstood, Pieces
from gitcms.repository.ledger import Ledger
from gitcms.repository.locks import SaveLock, TidyLock
from gitcms.repository.objects import Entry, ObjectFolder
from gitcms.repository.opening import Place, configuration_signature, reconfigured
from gitcms.repository.plumbing import Reader, run
from gitcms.repository.signing import Signer
from gitcms.repository.storage import read_open
from gitcms.repository.values import NOTHING, Person, Policy

CACHED_BYTES = 64_000_000
LOOKED_UP = 100
"""How many answers are kept: the one at a save is that of the page before."""
EMPTY_TREE = objects.object_id("tree", b"")


@dataclass(frozen=True)
class Recovered:
    """What was done last about a save that had been interrupted: a sentence, and when."""

    sentence: str
    when: datetime


class Desk:
    """Shared by all threads of one Repository."""

    def __init__(self, place: Place, lock: SaveLock, committer: Person, policy: Policy) -> None:
        self.lock = lock
        self.ledger = Ledger(lock.path.with_suffix(".ledger"))
        self.committer = committer
        self.policy = policy
        self.signer = Signer(policy.signing, policy.signing_key) if policy.signing else None
        self.recovered: Recovered | None = None
        self._configuration = configuration_signature(place)
        self._take(place)
        self._local = threading.local()
        self._readers: weakref.WeakSet[Reader] = weakref.WeakSet()
        self._foreign: list[Reader] = []
        self._guard = threading.Lock()
        self._index: Index | None = None
        self._trees: OrderedDict[str, bytes] = OrderedDict()
        self._trees_size = 0
        self._roots: OrderedDict[str, str] = OrderedDict()
        self._looked_up: OrderedDict[tuple[str, str], tuple[Entry | None, bool]] = OrderedDict()

    def _take(self, place: Place) -> None:
        self.place = place
        self.refs = replace(place.refs, owner=self.lock.owner)
        self.attributes = Attributes(place, self.policy.lfs)
        self.ignored = Ignored(place)
        self.objects = ObjectFolder(place.common_folder / "objects", _shared(place))

    def refresh(self) -> None:
        """Read the configuration anew if somebody has changed it. Called under the save lock."""
        signature = configuration_signature(self.place)
        if signature != self._configuration:
            self.ignored.close()
            self._take(reconfigured(self.place))
            self._configuration = signature

    def note_recovery(self, sentence: str | None) -> str | None:
        """Keep what was done about an interrupted save, for the administrators to read; and return it."""
        if sentence:
            self.recovered = Recovered(sentence, datetime.now(UTC))
        return sentence

    def tidy_lock(self) -> TidyLock:
        """Return the lock that keeps `git gc` away."""
        return TidyLock(self.place.common_folder, self.lock.owner)

    # ── reading objects ──

    def reader(self) -> Reader:
        """Return this thread's reader. A process that was forked off gets its own."""
        reader: Reader | None = getattr(self._local, "reader", None)
        if reader is None or self._local.process != os.getpid():
            if reader is not None:
                # It belongs to the process that we were forked from. Letting it go would end it there.
                self._foreign.append(reader)
            reader = Reader(str(self.place.top), self.place.overruled)
            self._local.reader = reader
            self._local.process = os.getpid()
            with self._guard:
                self._readers.add(reader)
        return reader

    def close(self) -> None:
        """End all helpers."""
        with self._guard:
            for reader in self._readers:
                reader.close()
            self.ignored.close()

    def tree(self, oid: str) -> bytes:
        """Return a tree's bytes."""
        with self._guard:
            known = self._trees.get(oid)
            if known is not None:
                self._trees.move_to_end(oid)
                return known
        kind, data = self.reader().read(oid)
        if kind != "tree":
            raise StorageFailed("A stored version of the site is damaged.", details=f"{oid} is a {kind}")
        self.remember_trees({oid: data})
        return data

    def remember_trees(self, trees: Mapping[str, bytes]) -> None:
        """Keep trees that were just read or written."""
        with self._guard:
            for oid, data in trees.items():
                if oid not in self._trees:
                    self._trees[oid] = data
                    self._trees_size += len(data)
            while self._trees_size > CACHED_BYTES and len(self._trees) > 1:
                _, dropped = self._trees.popitem(last=False)
                self._trees_size -= len(dropped)

    def tree_of(self, commit: str) -> str:
        """Return the id of a commit's tree. :raises NotFound: it is not a commit."""
        if commit == NOTHING:
            return EMPTY_TREE
        with self._guard:
            known = self._roots.get(commit)
        if known is not None:
            return known
        kind, data = self.reader().read(commit)
        if kind != "commit":
            raise NotFound("There is no such version.", details=f"{commit} is a {kind}")
        return self.remember_commit(commit, data)

    def remember_commit(self, commit: str, data: bytes) -> str:
        """Keep which tree a commit has, and return it."""
        root = data[5:45].decode("ascii")
        with self._guard:
            self._roots[commit] = root
            while len(self._roots) > 1000:
                self._roots.popitem(last=False)
        return root

    def look_up(self, root: str, path: str) -> tuple[Entry | None, bool]:
        """Return what a tree holds at a path, and whether a `.gitattributes` lies on the way."""
        with self._guard:
            known = self._looked_up.get((root, path))
        if known is None:
            known = self._look_up(root, path)
            with self._guard:
                self._looked_up[root, path] = known
                if len(self._looked_up) > LOOKED_UP:
                    self._looked_up.popitem(last=False)
        return known

    def _look_up(self, root: str, path: str) -> tuple[Entry | None, bool]:
        *folders, name = path.encode("utf-8", "surrogateescape").split(b"/")
        attributes = False
        oid = root
        for folder in folders:
            tree = self.tree(oid)
            attributes = attributes or objects.begins_with(tree, b".gitattributes")
            entry = objects.find(tree, folder)
            if entry is None or entry.mode != objects.FOLDER:
                if entry is not None and entry.mode in (objects.LINK, objects.SUBMODULE):
                    return entry, attributes
                return None, attributes
            oid = entry.id
        tree = self.tree(oid)
        attributes = attributes or objects.begins_with(tree, b".gitattributes")
        return objects.find(tree, name), attributes

    def look_alikes(self, root: str, path: str) -> list[str]:
        """Return the names that some file systems cannot tell from a path or from a folder on the way to it.

        A folder is shown with something in it.
        """
        names = []
        oid: str | None = root
        place = ""
        for part in path.split("/"):
            if oid is None:
                break
            tree, inner = self.tree(oid), None
            for raw in alike(part, objects.names(tree)):
                entry = objects.find(tree, raw)
                assert entry is not None
                name = raw.decode("utf-8", "surrogateescape")
                names.append(f"{place}{name}/." if entry.mode == objects.FOLDER else place + name)
                if name == part and entry.mode == objects.FOLDER:
                    inner = entry.id
            oid = inner
            place += part + "/"
        return names

    def stored_id(self, path: str, data: bytes, now: Entry | None, plain: str | None = None) -> str:
        """Return the id under which git would store these bytes of the disk, at this path.

        :param plain: the id of just these bytes, where it is known.
        """
        plain = plain or blob_id(data)
        if now is not None and plain == now.id and b"\r" not in data:
            return plain
        rules = self.attributes.rules(path, in_store=True)
        if rules.keeps(data):
            return plain
        old = self.reader().read(now.id)[1] if now else None
        return blob_id(self.attributes.to_store(path, data, rules, old))

    # ── the index ──

    def index(self, path: Path) -> Index:
        """Read the index. :raises NotUnderstood: git has to be asked instead."""
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError as error:
            raise NotUnderstood("there is none") from error
        try:
            known = self._index
            if known is None or not known.is_that_of(descriptor):
                known = self._index = Index(read_open(descriptor))
            return known
        finally:
            os.close(descriptor)

    def keep_index(self, pieces: Pieces) -> None:
        """Keep what was just written, so that the next save need not read it."""
        with contextlib.suppress(NotUnderstood):
            self._index = Index(b"".join(pieces))

    def ask_index(self, paths: Sequence[str]) -> dict[str, IndexEntry]:
        """Ask git what the index says about these paths, for an index that we do not read ourselves."""
        names = [path.encode("utf-8", "surrogateescape") for path in paths]
        code, output, said = run(
            [b"ls-files", b"-z", b"-s", b"-t", b"--full-name", b"--", *names],
            cwd=self.place.top,
            overruled=self.place.overruled,
        )
        if code != 0:
            raise StorageFailed(
                "The list of the site's files cannot be read.",
                hint="Ask an administrator to run `git status` in the site's folder.",
                details=said,
            )
        found: dict[str, IndexEntry] = {}
        for line in output.decode("utf-8", "surrogateescape").split("\0"):
            if not line:
                continue
            facts, _, name = line.partition("\t")
            tag, mode, oid, stage = facts.split(" ")
            # A path in conflict has stages 1 to 3, none of which is what the history says.
            found[name] = IndexEntry(Entry(mode, oid if stage == "0" else ""), tag in "Ss", False)
        return found

    def stamp(self) -> str:
        """Return the committer and this moment, as a reflog has them."""
        now = datetime.now().astimezone()
        return f"{self.committer.name} <{self.committer.email}> {int(now.timestamp())} {now:%z}"


def _shared(place: Place) -> int:
    """Return the permission bits that core.sharedRepository adds (git-config(1))."""
    value = place.setting("core.sharedrepository").lower()
    if value in ("group", "true", "1"):
        return 0o660
    if value in ("all", "world", "everybody", "2"):
        return 0o664
    if value.startswith("0") and value.isdigit():
        return int(value, 8) & 0o666
    return 0
