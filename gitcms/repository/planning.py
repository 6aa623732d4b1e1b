"""What a save would store, on top of one version: its files, the folders on the way to them, its commit.

All of it follows from that version and from what the author wants; nothing here takes a place. Whether it
may land, and how it does, is said elsewhere.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from gitcms.errors import EditConflict, PathRefused, PathTaken
from gitcms.repository import lfs, objects, worktree
from gitcms.repository.attributes import Rules, blob_id
from gitcms.repository.desk import Desk
from gitcms.repository.objects import Entry
from gitcms.repository.values import NOTHING, Commit, Person

MOST_TURNS = 40
"""How often a text is carried to the disk and back until it stays as it is."""


@dataclass(frozen=True)
class Request:
    """What an author wants, checked: see `Repository.save`. `message` is whole, with its trailers."""

    changes: Mapping[str, bytes | None]
    base: Mapping[str, str | None]
    author: Person
    message: str
    when: datetime
    seen: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Wish:
    """One file of a save: `path` from the top of the working tree, `site_path` from the site's folder."""

    site_path: str
    path: str
    base: str | None
    now: Entry | None
    stored: bytes | None
    disk: bytes | None
    new: Entry | None
    before: bytes | None = field(default=None, compare=False)
    """What the store holds now, where that was seen on the disk."""

    @property
    def is_other(self) -> bool:
        """Whether it is about another repository inside this one, of which only the version is kept here."""
        return any(side is not None and side.mode == objects.SUBMODULE for side in (self.now, self.new))


@dataclass(frozen=True)
class Plan:
    """A commit on top of `head`, also as it is stored, and all objects that it needs.

    `objects` has each one's kind and bytes by its id, `trees` those of them that are trees; `folders` tells
    for each changed folder its tree before and after.
    """

    head: str
    wishes: Sequence[Wish]
    commit: Commit
    raw: bytes
    objects: Mapping[str, tuple[str, bytes]]
    trees: Mapping[str, bytes]
    folders: Mapping[bytes, tuple[str | None, str | None]]


def wishes_of(desk: Desk, root: str, request: Request) -> list[Wish]:
    """Return those files of a request that are not yet what it wants.

    What goes through git on its way, or is kept in Git LFS, is stored by that. All else waits to land.

    :param root: the tree that they are compared with.
    :raises EditConflict, PathTaken: one is not what the author opened.
    :raises PathRefused: one is a link, or kept elsewhere.
    """
    wishes = [
        _wish(desk, root, path, content, request.base.get(path)) for path, content in request.changes.items()
    ]
    wishes = [wish for wish in wishes if wish.new != wish.now]
    for wish in wishes:
        _refuse_conflict(wish)
    return wishes


def _wish(desk: Desk, root: str, site_path: str, content: bytes | None, base: str | None) -> Wish:
    path = desk.place.prefix + site_path
    now, in_store = desk.look_up(root, path)
    if now is not None and now.mode == objects.LINK:
        raise worktree.link_refused(site_path)
    if now is not None and now.mode == objects.SUBMODULE:
        raise _other_repository(site_path)
    if now is not None and now.mode == objects.FOLDER:
        if content is not None:
            raise PathTaken("A folder of this name is there already.", details=site_path)
        now = None
    if content is None:
        return Wish(site_path, path, base, now, None, None, None)
    rules = desk.attributes.rules(path, in_store)
    mode = now.mode if now else objects.FILE
    if rules.lfs:
        _refuse_overwriting_pointer(desk, now, content, rules, site_path)
        desk.attributes.keep_content(content)
        pointer = desk.attributes.to_store(path, content, rules, None)
        assert isinstance(pointer, bytes)
        return Wish(site_path, path, base, now, pointer, content, Entry(mode, blob_id(pointer)))
    if rules.keeps(content):
        return Wish(site_path, path, base, now, content, content, Entry(mode, blob_id(content)))
    # The author's text has the form of the store. Its way to the disk and back is what git would make of it.
    _refuse_overwriting_pointer(desk, now, content, rules, site_path)
    old = desk.reader().read(now.id)[1] if now else None
    # Each turn takes one carriage return from `\r\r\n`: what is stored must be what comes back from the disk.
    for _ in range(MOST_TURNS):
        disk = desk.attributes.to_disk(path, desk.objects.write("blob", content))
        stored = desk.attributes.to_store(path, disk, rules, old)
        if isinstance(stored, str):
            stored = desk.reader().read(stored)[1]
        if stored == content:
            break
        content = stored
    return Wish(site_path, path, base, now, content, disk, Entry(mode, blob_id(content)))


def _refuse_overwriting_pointer(
    desk: Desk, now: Entry | None, content: bytes, rules: Rules, path: str
) -> None:
    """Refuse to put a text over a pointer whose content nobody could have seen."""
    stored = desk.reader().read(now.id)[1] if now else b""
    if (
        stored != content
        and lfs.parse(stored)
        and (not rules.lfs or desk.attributes.content(stored) == stored)
    ):
        raise only_a_pointer(path)


def only_a_pointer(path: str) -> PathRefused:
    return PathRefused(
        "Only a reference to this file is here; its content is kept elsewhere.",
        code="path.filter",
        hint="Ask an administrator to fetch the site's large files (`git lfs pull`).",
        details=path,
    )


def _other_repository(path: str) -> PathRefused:
    return PathRefused(
        "This file belongs to another site inside this one.",
        code="path.collision",
        hint="Open the other one to edit it.",
        details=path,
    )


def _refuse_conflict(wish: Wish) -> None:
    current = wish.now.id if wish.now else None
    if wish.base == current:
        return
    if wish.base is None:
        raise PathTaken("There is a file of this name already.", details=wish.site_path)
    raise EditConflict(wish.site_path, base=wish.base, current=current)


def plan(desk: Desk, head: str, root: str, wishes: Sequence[Wish], request: Request) -> Plan:
    """Return the commit of some wishes. :param root: the tree of `head`."""
    author, when, message = request.author, request.when, request.message
    rebuilt = objects.rebuild(
        root,
        objects.nested({wish.path.encode("utf-8", "surrogateescape"): wish.new for wish in wishes}),
        desk.tree,
    )
    if rebuilt.root is None:
        rebuilt.root = objects.object_id("tree", b"")
        rebuilt.trees[rebuilt.root] = b""
    raw = b"\n".join(
        (
            b"tree " + rebuilt.root.encode(),
            *([b"parent " + head.encode()] if head != NOTHING else []),
            b"author " + stamp(author, when),
            b"committer " + stamp(desk.committer, datetime.fromtimestamp(time.time()).astimezone()),
            b"",
            message.encode(),
        )
    )
    if desk.signer is not None:
        raw = desk.signer.sign(raw)
    made = {wish.new.id: ("blob", wish.stored) for wish in wishes if wish.new and wish.stored is not None}
    made |= {oid: ("tree", tree) for oid, tree in rebuilt.trees.items()}
    commit = objects.object_id("commit", raw)
    made[commit] = ("commit", raw)
    text = message.rstrip("\n")
    return Plan(
        head,
        wishes,
        Commit(
            commit,
            author,
            desk.committer,
            when.replace(microsecond=0),
            text.split("\n", 1)[0],
            text,
            (head,) if head != NOTHING else (),
        ),
        raw,
        made,
        rebuilt.trees,
        rebuilt.folders,
    )


def stamp(person: Person, when: datetime) -> bytes:
    """Return a person and a moment as a commit's header has them."""
    offset = when.utcoffset()
    minutes = int(offset.total_seconds()) // 60 if offset else 0
    sign = "-" if minutes < 0 else "+"
    zone = f"{sign}{abs(minutes) // 60:02}{abs(minutes) % 60:02}"
    return f"{person.name} <{person.email}> {int(when.timestamp())} {zone}".encode()
