"""One save: exactly the given files, one commit, and a working tree that agrees with it.

The story, under the lock: is it still what the author opened; is the file on the disk what the history
says; objects; journal; then `landing` puts files, branch and index in their places. Until its last step
everything can be put back, and any error does so. A killed process leaves a journal, from which the
next one finishes or takes back (`recovery`).
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from gitcms.content.paths import Purpose, casefold_twin, check_path
from gitcms.errors import ChangedOnDisk, EditConflict, PathRefused, PathTaken, RepositoryBusy
from gitcms.repository import lfs, objects, outside, recovery, trailers, worktree
from gitcms.repository.attributes import Rules, blob_id
from gitcms.repository.desk import Desk
from gitcms.repository.failpoints import reach
from gitcms.repository.index import IndexEntry
from gitcms.repository.journal import Journal, Step
from gitcms.repository.landing import Landing
from gitcms.repository.objects import Entry
from gitcms.repository.opening import check_state
from gitcms.repository.refs import BranchMoved
from gitcms.repository.storage import storage_errors
from gitcms.repository.values import NOTHING, Commit, Person, check_message, check_person

TRIES = 5
MOST_TURNS = 40
"""How often a text is carried to the disk and back until it stays as it is."""


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
    before: bytes | None = None
    """What the store holds now, where that was seen on the disk."""

    @property
    def is_other(self) -> bool:
        """Whether it is about another repository inside this one, of which only the version is kept here."""
        return any(side is not None and side.mode == objects.SUBMODULE for side in (self.now, self.new))


def save(
    desk: Desk,
    changes: Mapping[str, bytes | None],
    *,
    base: Mapping[str, str | None],
    author: Person,
    message: str,
    when: datetime,
    co_authors: Sequence[Person] = (),
    reviewed_by: Sequence[Person] = (),
    seen: Mapping[str, str] | None = None,
    sign_off: bool = False,
    purpose: Purpose = "write",
) -> Commit | None:
    """Make one commit of exactly these files and return it, or None when nothing differs.

    The arguments are those of `Repository.save`, which names the errors too.
    """
    author, text = check_person(author), check_message(message)
    trailers.refuse_forged(text)
    named = trailers.people(author, co_authors, reviewed_by, sign_off=sign_off or desk.policy.sign_off)
    text = trailers.append(text, named)
    for path in changes:
        check_path(path, existing=True, purpose=purpose)
    reach("save.start")
    for _ in range(TRIES):
        with desk.lock.held() as journal, storage_errors("saving"):
            reach("save.locked")
            desk.refresh()
            desk.note_recovery(recovery.recover(desk, journal))
            try:
                return _save_locked(desk, journal, changes, base, author, text, when, seen or {})
            except BranchMoved:
                continue  # by someone who does not ask for the index, such as a push into this clone
    raise RepositoryBusy("The site is being changed by another program again and again.")


def _save_locked(
    desk: Desk,
    journal: int,
    changes: Mapping[str, bytes | None],
    base: Mapping[str, str | None],
    author: Person,
    message: str,
    when: datetime,
    seen: Mapping[str, str],
) -> Commit | None:
    head = check_state(desk.place)
    root = desk.tree_of(head)
    wishes = [_wish(desk, root, path, content, base.get(path)) for path, content in changes.items()]
    wishes = [wish for wish in wishes if _differs(wish)]
    if not wishes:
        return None
    for wish in wishes:
        _refuse_conflict(wish)
    _refuse_collisions(desk, root, wishes)
    landing = Landing(desk)
    with landing.index_locked(), desk.tidy_lock().held():
        reach("index.locked")
        replaced = check_disk(desk, landing, wishes, seen)
        _refuse_ignored(desk, wishes)
        _refuse_pointers(desk, wishes)
        reach("save.checked")
        for path in replaced:
            outside.keep(desk, path)
        commit, raw, made = _commit(desk, head, root, wishes, author, message, when, landing)
        steps = tuple(Step(wish.path, line(wish.now), line(wish.new)) for wish in wishes)
        landing.land(
            journal,
            Journal(landing.token, desk.place.reference, head, commit.id, commit.subject, steps),
            {wish.path: wish.disk for wish in wishes},
            made,
        )
    desk.ledger.record(desk.place.reference, commit.id, raw)
    desk.remember_commit(commit.id, raw)
    return commit


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
        raise _only_a_pointer(path)


def _refuse_pointers(desk: Desk, wishes: list[Wish]) -> None:
    """The same for files that are stored just as they lie on the disk. Most were read there a moment ago."""
    for wish in wishes:
        if wish.now is None or wish.stored is None or wish.stored is not wish.disk:
            continue
        before = wish.before if wish.before is not None else desk.reader().read(wish.now.id)[1]
        if lfs.parse(before):
            raise _only_a_pointer(wish.site_path)


def _only_a_pointer(path: str) -> PathRefused:
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


def _differs(wish: Wish) -> bool:
    return wish.new != wish.now


def _refuse_conflict(wish: Wish) -> None:
    current = wish.now.id if wish.now else None
    if wish.base == current:
        return
    if wish.base is None:
        raise PathTaken("There is a file of this name already.", details=wish.site_path)
    raise EditConflict(wish.site_path, base=wish.base, current=current)


def _refuse_collisions(desk: Desk, root: str, wishes: list[Wish]) -> None:
    """Refuse new names that some computers cannot tell from others."""
    gone = {wish.path for wish in wishes if wish.new is None}
    fresh = [wish for wish in wishes if wish.now is None and wish.new is not None]
    for wish in fresh:
        nearby = [path for path in desk.look_alikes(root, wish.path) if path not in gone]
        nearby += [other.path for other in fresh if other is not wish]
        twin = casefold_twin(wish.path, nearby)
        if twin is not None:
            raise PathTaken(f"“{twin}” is there already, and some computers cannot tell the two names apart.")


def _refuse_ignored(desk: Desk, wishes: list[Wish]) -> None:
    fresh = [wish for wish in wishes if wish.now is None and wish.new is not None]
    if not fresh:
        return
    left_out = desk.ignored.first([wish.path for wish in fresh])
    if left_out is not None:
        raise PathRefused(
            "The site leaves files of this name out of its history.",
            code="path.collision",
            hint="Choose another name, or ask an administrator to change .gitignore.",
            details=left_out,
        )


def check_disk(desk: Desk, landing: Landing, wishes: list[Wish], seen: Mapping[str, str]) -> list[str]:
    """Make sure that nobody's unsaved work is overwritten: disk, index and history must agree.

    Return the paths where they do not, and the author saw what is on the disk and took it over.
    """
    replaced: list[str] = []
    said = landing.index_entries([wish.path for wish in wishes])
    gone = {wish.path for wish in wishes if wish.new is None}
    for wish in wishes:
        staged = said.get(wish.path)
        if wish.is_other:
            if (staged.entry if staged else None) != wish.now or not _leaves_room(desk, wish):
                raise ChangedOnDisk(
                    "Someone is changing another site inside this one right now.", details=wish.path
                )
        elif wish.now is None:
            if staged is not None or (wish.new is not None and _something_there(desk, wish, gone)):
                raise PathTaken(
                    "A file of this name is being prepared by someone in the site's folder.",
                    details=wish.path,
                )
        elif _agrees(desk, wish, staged):
            if (
                staged is not None
                and staged.skip_worktree
                and worktree.read(desk.place.top, wish.path) is None
            ):
                landing.leave_out(wish.path)  # a sparse checkout does not have it on the disk, and need not
        elif outside.was_seen(desk, wish.path, wish.now, staged, seen.get(wish.site_path)):
            replaced.append(wish.path)
        else:
            raise ChangedOnDisk(
                "Someone is editing this file in the site's folder right now.", details=wish.path
            )
    return replaced


def _leaves_room(desk: Desk, wish: Wish) -> bool:
    """Whether a folder may stand where another repository belongs. What is in it is not looked at."""
    try:
        return wish.new is None or not worktree.is_file(desk.place.top, wish.path)
    except ChangedOnDisk:
        return False


def _something_there(desk: Desk, wish: Wish, gone: Set[str]) -> bool:
    try:
        return worktree.in_the_way(desk.place.top, wish.path, gone)
    except ChangedOnDisk:
        return True


def _agrees(desk: Desk, wish: Wish, staged: IndexEntry | None) -> bool:
    assert wish.now is not None
    if staged is None or staged.entry.id != wish.now.id:
        return False
    if (staged.entry.mode == objects.EXECUTABLE) != (wish.now.mode == objects.EXECUTABLE):
        return False
    on_disk = worktree.read(desk.place.top, wish.path)
    if on_disk is None:
        return staged.skip_worktree
    plain = blob_id(on_disk.data)
    if plain == wish.now.id:
        wish.before = on_disk.data
    return desk.stored_id(wish.path, on_disk.data, wish.now, plain) == wish.now.id


def line(entry: Entry | None) -> str:
    """Return an entry as a journal has it: "mode id", or "" for nothing."""
    return f"{entry.mode} {entry.id}" if entry else ""


def _commit(
    desk: Desk,
    head: str,
    root: str,
    wishes: list[Wish],
    author: Person,
    message: str,
    when: datetime,
    landing: Landing,
) -> tuple[Commit, bytes, dict[str, tuple[str, bytes]]]:
    """Return the commit, as it is stored as well, and all objects that it needs by their ids."""
    rebuilt = objects.rebuild(
        root,
        objects.nested({wish.path.encode("utf-8", "surrogateescape"): wish.new for wish in wishes}),
        desk.tree,
    )
    if rebuilt.root is None:
        rebuilt.root = objects.object_id("tree", b"")
        rebuilt.trees[rebuilt.root] = b""
    landing.trees = rebuilt.folders
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
    desk.remember_trees(rebuilt.trees)
    text = message.rstrip("\n")
    return (
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
    )


def stamp(person: Person, when: datetime) -> bytes:
    """Return a person and a moment as a commit's header has them."""
    offset = when.utcoffset()
    minutes = int(offset.total_seconds()) // 60 if offset else 0
    sign = "-" if minutes < 0 else "+"
    zone = f"{sign}{abs(minutes) // 60:02}{abs(minutes) % 60:02}"
    return f"{person.name} <{person.email}> {int(when.timestamp())} {zone}".encode()
