"""After a kill or a power cut: the save that was under way is finished, or taken back, and said so.

Runs under the save lock, when its file holds a journal. A save that had not stored all of its objects was
acknowledged by nobody: what is to be seen of it is put back, and it is forgotten. Any other is finished when
that is possible without touching anybody's work; otherwise the files that it had put in their places are put
back, and its commit is kept under `refs/gitcms/rescued/`, so that no text is lost.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable

from gitcms.errors import ChangedOnDisk, NotFound, PathRefused, PathTaken, RepositoryUnusable
from gitcms.repository import journal as journals
from gitcms.repository import worktree
from gitcms.repository.attributes import Rules
from gitcms.repository.desk import Desk
from gitcms.repository.failpoints import reach
from gitcms.repository.history import History
from gitcms.repository.journal import Journal, Step
from gitcms.repository.landing import Landing, entry, is_other, replacement
from gitcms.repository.locks import IndexLock, has_locks_of
from gitcms.repository.objects import FOLDER, Entry
from gitcms.repository.opening import check_state
from gitcms.repository.refs import BranchMoved
from gitcms.repository.values import NOTHING

RESCUED = "refs/gitcms/rescued/"

Side = Callable[[Step], Entry | None]

log = logging.getLogger(__name__)


def recover(desk: Desk, descriptor: int) -> str | None:
    """Finish or take back what a dead predecessor left. Returns what was done, None if nothing was to do.

    :param descriptor: the lock file, held.
    """
    had_lock = _give_back_locks(desk)
    journal = journals.read(descriptor)
    if journal is None:
        journals.clear(descriptor)
        return _said("A save was stopped before it had begun to change anything.") if had_lock else None
    reach("recovery.start")
    if not _is_stored(desk, journal):
        with contextlib.suppress(PathRefused):  # another repository may have a link in the way
            # A power cut may keep the name of a file, and not those of the objects.
            if (desk.refs.read(journal.reference) or NOTHING) == journal.parent:
                _put_back(desk, journal, _old_side)
            _forget_temporary_files(desk, journal)
        journals.clear(descriptor)
        return _said(
            "A save was interrupted before all of it was stored, or the repository was replaced."
            " It counts for nothing."
        )
    if _has_landed(desk, journal):
        done = _catch_up(desk, descriptor, journal)
    else:
        _put_back(desk, journal, _newest_side)
        reach("recovery.files")
        done = not journal.abandoned and _land_again(desk, descriptor, journal)
        if not done:
            _rescue(desk, journal)
    _forget_temporary_files(desk, journal)
    journals.clear(descriptor)
    reach("recovery.done")
    name = f"of {', '.join(step.path for step in journal.steps)} ({journal.commit[:10]})"
    if done:
        desk.ledger.record(journal.reference, journal.commit, desk.reader().read(journal.commit)[1])
        return _said(f"A save {name} that was interrupted has been completed.")
    kept = f"It is kept as {RESCUED}{journal.commit}."
    return _said(f"A save {name} that was interrupted has been taken back. {kept}")


def _give_back_locks(desk: Desk) -> bool:
    """Give back what a dead predecessor held of git's locks. Returns whether the index was among it."""
    place, owner = desk.place, desk.lock.owner
    if not has_locks_of(owner, *{place.git_folder, place.common_folder}):
        return False
    desk.tidy_lock().release()
    desk.refs.remove_leftovers()
    return IndexLock(place.git_folder, owner).release()


def _is_stored(desk: Desk, journal: Journal) -> bool:
    """Whether all that the save has written is there: its commit, the folders on the way, the texts."""
    try:
        root = desk.tree_of(journal.commit)
        for step in journal.steps:
            new = entry(step.new)
            if _in_tree(desk, root, step.path) != new:
                return False
            if new is not None and not is_other(step):
                desk.reader().read(new.id)
    except NotFound:
        return False
    return True


def _in_tree(desk: Desk, root: str, path: str) -> Entry | None:
    """Return what a tree holds at a path; where a folder stands there is no such file."""
    found, _ = desk.look_up(root, path)
    return None if found and found.mode == FOLDER else found


def _said(sentence: str) -> str:
    log.warning(sentence)
    return sentence


def _has_landed(desk: Desk, journal: Journal) -> bool:
    head = desk.refs.read(journal.reference)
    history = History(desk.place.top, desk.place.prefix, desk.place.overruled)
    return head is not None and history.is_ancestor(journal.commit, head)


def _catch_up(desk: Desk, descriptor: int, journal: Journal) -> bool:
    """The branch has moved: bring along those files and index entries that are still what they were."""
    try:
        root = desk.tree_of(check_state(desk.place))
    except RepositoryUnusable:
        return True  # the commit is safe, and the rest is in the hands of whoever is at work there
    landing = Landing(desk)
    with landing.index_locked():
        paths = [step.path for step in journal.steps]
        said = landing.index_entries(paths)
        steps, disk = [], {}
        for step in journal.steps:
            staged = said.get(step.path)
            if _in_tree(desk, root, step.path) != entry(step.new):
                continue
            if _id(staged.entry if staged else None) == _id(entry(step.old)):
                steps.append(step)
                if _on_disk(desk, step) == _id(entry(step.old)) and not (staged and staged.skip_worktree):
                    disk[step.path] = _disk_form(desk, step)
        reach("recovery.index")
        if steps:
            landing.catch_up(descriptor, steps, disk)
    return True


def _put_back(desk: Desk, journal: Journal, like: Side) -> None:
    """Give files that the save had replaced their earlier content, unless someone went on with them."""
    # New files go first: one may stand where there was a folder.
    for number, step in sorted(enumerate(journal.steps), key=lambda numbered: not numbered[1].new):
        new, old = entry(step.new), entry(step.old)
        if is_other(step) or new == old:
            continue
        if _on_disk(desk, step, like) != _id(new):
            if old is None:
                _forget_new(desk, journal, number, step)
            continue
        data = desk.reader().read(old.id)[1] if old else None
        if old is not None and data is not None:
            _, in_store = desk.look_up(desk.tree_of(journal.parent), step.path)
            rules = desk.attributes.rules(step.path, in_store)
            data = on_its_way_out(desk, step.path, old.id, data, rules)
        replacement(desk, journal.token, number, step, None).forget()
        file = replacement(desk, f"{journal.token}-r", number, step, data)
        file.forget()
        file.put()
        file.settle()
        file.clean()


def _forget_new(desk: Desk, journal: Journal, number: int, step: Step) -> None:
    """Clear away what was made ready for a new file, with its folders: an old file may need the place."""
    file = replacement(desk, journal.token, number, step, None)
    file.forget()
    file.clean()


def _land_again(desk: Desk, descriptor: int, journal: Journal) -> bool:
    """Do the save once more, if everything is as it was when it began."""
    try:
        if check_state(desk.place) != journal.parent or journal.reference != desk.place.reference:
            return False
        _forget_temporary_files(desk, journal)
        landing = Landing(desk)
        with landing.index_locked(), desk.tidy_lock().held():
            said = landing.index_entries([step.path for step in journal.steps])
            gone = {step.path for step in journal.steps if not step.new}
            for step in journal.steps:
                staged = said.get(step.path)
                old = _id(entry(step.old))
                # After a power cut the index may be the new one already.
                if _id(staged.entry if staged else None) not in (old, _id(entry(step.new))):
                    return False
                if is_other(step):
                    continue
                if staged is not None and staged.skip_worktree and _on_disk(desk, step) is None:
                    landing.leave_out(step.path)
                elif old is None and not worktree.in_the_way(desk.place.top, step.path, gone):
                    continue
                elif _on_disk(desk, step) != old:
                    return False
            disk = {step.path: _disk_form(desk, step) for step in journal.steps}
            again = Journal(
                landing.token,
                journal.reference,
                journal.parent,
                journal.commit,
                journal.subject,
                journal.steps,
            )
            landing.land(descriptor, again, disk)
    except (RepositoryUnusable, ChangedOnDisk, PathRefused, PathTaken, BranchMoved):
        return False
    return True


def _rescue(desk: Desk, journal: Journal) -> None:
    name = RESCUED + journal.commit
    refs = desk.refs
    if refs.read(name) is None:
        refs.move(name, None, journal.commit, desk.stamp(), "rescued")


def _forget_temporary_files(desk: Desk, journal: Journal) -> None:
    for number, step in enumerate(journal.steps):
        for token in (journal.token, f"{journal.token}-r"):
            replacement(desk, token, number, step, None).forget()


def _newest_side(step: Step) -> Entry | None:
    return entry(step.new) or entry(step.old)


def _old_side(step: Step) -> Entry | None:
    return entry(step.old)


def _on_disk(desk: Desk, step: Step, like: Side = _newest_side) -> str | None:
    """Return the id that git would give to what lies on the disk, None when nothing does.

    :param like: which stored version decides how line ends are taken, where git looks at one.
    """
    try:
        found = worktree.read(desk.place.top, step.path)
    except (ChangedOnDisk, PathRefused):
        return "something else"
    if found is None:
        return None
    return desk.stored_id(step.path, found.data, like(step))


def _disk_form(desk: Desk, step: Step) -> bytes | None:
    new = entry(step.new)
    if new is None or is_other(step):
        return None
    data = desk.reader().read(new.id)[1]
    rules = desk.attributes.rules(step.path, in_store=True)
    return on_its_way_out(desk, step.path, new.id, data, rules)


def on_its_way_out(desk: Desk, path: str, oid: str, data: bytes, rules: Rules | None = None) -> bytes:
    """Return what the disk shall hold of a stored file."""
    rules = rules or desk.attributes.rules(path, in_store=True)
    if rules.lfs:
        return desk.attributes.content(data)
    return data if rules.keeps(data) else desk.attributes.to_disk(path, oid)


def _id(found: Entry | None) -> str | None:
    return found.id if found else None
