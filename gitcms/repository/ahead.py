"""Looking ahead: what a save can do before its turn has come.

Servers that share a clone save one at a time. Whoever is the next begins as soon as the one before has
stored its objects, which its journal tells: reads them, decides what would follow, and writes that beside its
place, while the other waits for the disk and tidies up. Nothing of it is taken for granted: under the lock it
is used if the version is the one that was expected, and made anew if not.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence

from gitcms.errors import GitCMSError
from gitcms.repository import journal as journals
from gitcms.repository.attributes import blob_id
from gitcms.repository.desk import Desk
from gitcms.repository.index import NotUnderstood
from gitcms.repository.objects import Draft
from gitcms.repository.planning import Plan, Request, Wish, plan, wishes_of
from gitcms.repository.storage import signature

MOST_FILES = 8
MOST_BYTES = 1_000_000
"""A larger save is not made ready: nearly all are one entry, and what is large is often kept elsewhere."""


class Ahead:
    """What one save has ready. To be used as a context, at whose end go the drafts that were not used."""

    def __init__(self, desk: Desk, request: Request) -> None:
        self.drafts: dict[str, Draft] = {}
        self._desk = desk
        self._request = request
        contents = [data for data in request.changes.values() if data is not None]
        self._is_small = len(request.changes) <= MOST_FILES and sum(map(len, contents)) <= MOST_BYTES
        self._has_looked = False
        self._head: str | None = None
        self._plan: Plan | None = None
        self._index = desk.place.git_folder / "index"
        self._index_seen: object = None

    def __enter__(self) -> Ahead:
        return self

    def __exit__(self, *_: object) -> None:
        while self.drafts:
            self.drafts.popitem()[1].close()

    def look(self) -> bool:
        """Make ready what can be by now. Tells whether the one before is past its first half."""
        if self._is_small:
            # What goes wrong here will go wrong again under the lock, and is said there.
            with contextlib.suppress(GitCMSError, NotUnderstood, OSError):
                self._look()
        return self._head is not None

    def plan_of(self, head: str, wishes: Sequence[Wish]) -> Plan | None:
        """Return what was planned, if it was just this."""
        made = self._plan
        return made if made is not None and made.head == head and made.wishes == wishes else None

    def _look(self) -> None:
        if not self._has_looked:
            self._has_looked = True
            self._index_seen = signature(self._index)
            changes = self._request.changes.values()
            self._draft({blob_id(data): ("blob", data) for data in changes if data is not None})
        head = self._coming()
        if head != self._head:
            self._head = head
            if head is not None:
                self._make_plan(head)
        index = signature(self._index)
        if index != self._index_seen:
            self._index_seen = index
            self._read_index()

    def _coming(self) -> str | None:
        """Return the commit that the one before is about to land, once all of it is stored."""
        desk = self._desk
        descriptor = os.open(desk.lock.path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            journal = journals.read(descriptor)
        finally:
            os.close(descriptor)
        if journal is None or journal.abandoned or journal.reference != desk.place.reference:
            return None
        # It takes its place behind all that it needs.
        return journal.commit if desk.objects.has(journal.commit) else None

    def _make_plan(self, head: str) -> None:
        desk = self._desk
        root = desk.tree_of(head)
        if not all(self._is_kept(root, path, data) for path, data in self._request.changes.items()):
            return
        if wishes := wishes_of(desk, root, self._request):
            self._plan = plan(desk, head, root, wishes, self._request)
            self._draft(self._plan.objects)

    def _is_kept(self, root: str, site_path: str, data: bytes | None) -> bool:
        """Whether a file is stored as it is. Any other goes through git, which is not asked in vain."""
        path = self._desk.place.prefix + site_path
        _, in_store = self._desk.look_up(root, path)
        return data is None or self._desk.attributes.rules(path, in_store).keeps(data)

    def _draft(self, objects: Mapping[str, tuple[str, bytes]]) -> None:
        for oid, (kind, data) in objects.items():
            if oid not in self.drafts and (draft := self._desk.objects.early_draft(oid, kind, data)):
                self.drafts[oid] = draft

    def _read_index(self) -> None:
        index = self._desk.index(self._index)
        for path in self._request.changes:
            index.entry(self._desk.place.prefix + path)
