"""One save: exactly the given files, one commit, and a working tree that agrees with it.

The story, under the lock: is it still what the author opened, and what is to be stored (`planning`); is the
file on the disk what the history says; then `landing` puts objects, files, branch and index in their places.
Until its last step everything can be put back, and any error does so. A killed process leaves a journal,
from which the next one finishes or takes back (`recovery`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from datetime import datetime

from gitcms.content.paths import Purpose, casefold_twin, check_path
from gitcms.errors import ChangedOnDisk, PathRefused, PathTaken, RepositoryBusy
from gitcms.repository import lfs, objects, outside, recovery, trailers, worktree
from gitcms.repository.ahead import Ahead
from gitcms.repository.attributes import blob_id
from gitcms.repository.desk import Desk
from gitcms.repository.failpoints import reach
from gitcms.repository.index import IndexEntry
from gitcms.repository.journal import Journal, Step
from gitcms.repository.landing import Landing
from gitcms.repository.objects import Entry
from gitcms.repository.opening import check_state
from gitcms.repository.planning import Request, Wish, only_a_pointer, plan, wishes_of
from gitcms.repository.refs import BranchMoved
from gitcms.repository.storage import storage_errors
from gitcms.repository.values import Commit, Person, check_message, check_person

TRIES = 5


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
    request = Request(changes, base, author, text, when, seen or {})
    reach("save.start")
    for _ in range(TRIES):
        with (
            Ahead(desk, request) as ahead,
            desk.lock.held(meanwhile=ahead.look) as journal,
            storage_errors("saving"),
        ):
            reach("save.locked")
            desk.refresh()
            desk.note_recovery(recovery.recover(desk, journal))
            try:
                return _save_locked(desk, journal, request, ahead)
            except BranchMoved:
                continue  # by someone who does not ask for the index, such as a push into this clone
    raise RepositoryBusy("The site is being changed by another program again and again.")


def _save_locked(desk: Desk, journal: int, request: Request, ahead: Ahead) -> Commit | None:
    head = check_state(desk.place)
    root = desk.tree_of(head)
    wishes = wishes_of(desk, root, request)
    if not wishes:
        return None
    _refuse_collisions(desk, root, wishes)
    landing = Landing(desk)
    with landing.index_locked(), desk.tidy_lock().held():
        reach("index.locked")
        replaced = check_disk(desk, landing, wishes, request.seen)
        _refuse_ignored(desk, wishes)
        _refuse_pointers(desk, wishes)
        reach("save.checked")
        for path in replaced:
            outside.keep(desk, path)
        made = ahead.plan_of(head, wishes) or plan(desk, head, root, wishes, request)
        landing.trees = made.folders
        desk.remember_trees(made.trees)
        steps = tuple(Step(wish.path, line(wish.now), line(wish.new)) for wish in wishes)
        landing.land(
            journal,
            Journal(landing.token, desk.place.reference, head, made.commit.id, made.commit.subject, steps),
            {wish.path: wish.disk for wish in wishes},
            made.objects,
            ahead.drafts,
        )
    desk.ledger.record(desk.place.reference, made.commit.id, made.raw)
    desk.remember_commit(made.commit.id, made.raw)
    return made.commit


def _refuse_pointers(desk: Desk, wishes: list[Wish]) -> None:
    """Refuse to put a text over a pointer, where a file is stored just as it lies on the disk.

    Most were read there a moment ago. Of the others, `planning` knows.
    """
    for wish in wishes:
        if wish.now is None or wish.stored is None or wish.stored is not wish.disk:
            continue
        before = wish.before if wish.before is not None else desk.reader().read(wish.now.id)[1]
        if lfs.parse(before):
            raise only_a_pointer(wish.site_path)


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
