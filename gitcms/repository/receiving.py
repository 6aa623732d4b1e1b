"""What a remote sent, taken into the branch: moved on to it, or joined with what was saved here.

Under the lock of a save and by its landing, so that files, index and branch keep step, nobody's unsaved work
in the folder is touched, and a crash is finished or taken back. Where two versions of a file cannot be joined
nothing is done at all. How a file is joined, or what somebody chose, is decided by the caller.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gitcms.content.paths import check_path
from gitcms.errors import RepositoryBusy, RepositoryError, StorageFailed
from gitcms.repository import objects, recovery
from gitcms.repository.attributes import blob_id
from gitcms.repository.desk import Desk
from gitcms.repository.history import History
from gitcms.repository.journal import Journal, Step
from gitcms.repository.landing import Landing
from gitcms.repository.objects import Entry
from gitcms.repository.opening import check_state
from gitcms.repository.planning import Wish, stamp
from gitcms.repository.plumbing import run
from gitcms.repository.refs import BranchMoved
from gitcms.repository.saving import TRIES, check_disk, line
from gitcms.repository.storage import storage_errors
from gitcms.repository.values import NOTHING, Person, check_person

Rivals = tuple[tuple[str, str], ...]
"""Files of ours that cannot be beside one of the remote's: path from the top and blob id."""
Join = Callable[[str, "bytes | None", "bytes | None", "bytes | None", Rivals], "bytes | None"]
"""Path from the top, the version both began with, the remote's, ours (None: no such file), what is in its way
here → the joined file, None where it goes. Raises Undecided where somebody must choose.

Where something is in its way, the answer is the remote's, which takes its place, or None, and it stays. Of
another repository inside the site the versions are given as a line of text; one of the two is the answer."""
People = Callable[[], Sequence[Person]]
"""Who chose, once all is joined; nobody where nothing had to be chosen."""

KEPT_ASIDE = "refs/gitcms/rescue/"
SUBJECT = "Join what was saved elsewhere"
_RAW = re.compile(r":(\d+) (\d+) ([0-9a-f]{40}) ([0-9a-f]{40}) \w\d*")
_FILES = (objects.FILE, objects.EXECUTABLE)
_TOLD = (*_FILES, objects.SUBMODULE)

Difference = Mapping[str, tuple[Entry | None, Entry | None]]


class Undecided(Exception):
    """Raised by a `Join`: both sides changed the same place, and nobody has chosen yet."""


@dataclass(frozen=True)
class Received:
    """What came of it. `contested` are the files where somebody must choose; then nothing was done."""

    head: str
    contested: tuple[str, ...] = ()


def receive(
    desk: Desk, theirs: str, join: Join, people: People = tuple, *, instead: bool = False
) -> Received:
    """Take a fetched commit into the branch.

    :param people: who the joining commit is by, if anybody chose; the committer, else.
    :param instead: have it take the place of what is here, which the caller keeps elsewhere.

    :raises ChangedOnDisk, PathTaken: someone's unsaved work in the folder is in the way.
    :raises RepositoryError: the two have no common beginning, or links or other repositories came along.
    """
    for _ in range(TRIES):
        with desk.lock.held() as journal, storage_errors("taking in what others saved"):
            desk.refresh()
            desk.note_recovery(recovery.recover(desk, journal))
            try:
                return _receive_locked(desk, journal, theirs, join, people, instead)
            except BranchMoved:
                continue
    raise RepositoryBusy("The site is being changed by another program again and again.")


def _receive_locked(
    desk: Desk, journal: int, theirs: str, join: Join, people: People, instead: bool
) -> Received:
    head = check_state(desk.place)
    history = History(desk.place.top, desk.place.prefix, desk.place.overruled)
    if theirs == head or (not instead and head != NOTHING and history.is_ancestor(theirs, head)):
        return Received(head)
    follows = instead or head == NOTHING or history.is_ancestor(head, theirs)
    if follows:
        taken: dict[str, Entry | None] = {
            path: new for path, (_, new) in _difference(desk, head, theirs).items()
        }
    else:
        taken, contested = _joined(desk, head, theirs, join)
        if contested:
            return Received(head, tuple(contested))
    root = desk.tree_of(head)
    wishes = [_wish(desk, root, path, new) for path, new in taken.items()]
    landing = Landing(desk)
    with landing.index_locked(), desk.tidy_lock().held():
        check_disk(desk, landing, wishes, {})
        rebuilt = objects.rebuild(
            root, objects.nested({os.fsencode(path): new for path, new in taken.items()}), desk.tree
        )
        if rebuilt.root is None:
            rebuilt.root = objects.object_id("tree", b"")
            rebuilt.trees[rebuilt.root] = b""
        landing.trees = rebuilt.folders
        if follows:
            if rebuilt.root != desk.tree_of(theirs):
                raise RepositoryError("What others saved cannot be taken in.", details=theirs)
            commit, raw = theirs, None
        else:
            raw = _merge_commit(desk, rebuilt.root, head, theirs, people())
            trees = [("tree", tree) for tree in rebuilt.trees.values()]
            commit = desk.objects.write_all([*trees, ("commit", raw)])[-1]
        desk.remember_trees(rebuilt.trees)
        steps = tuple(Step(wish.path, line(wish.now), line(wish.new)) for wish in wishes)
        landing.land(
            journal,
            Journal(landing.token, desk.place.reference, head, commit, SUBJECT, steps),
            {wish.path: wish.disk for wish in wishes},
        )
    for wish in wishes:
        _mark_executable(desk, wish)
    if raw is not None:
        desk.ledger.record(desk.place.reference, commit, raw)
    return Received(commit)


def _joined(desk: Desk, head: str, theirs: str, join: Join) -> tuple[dict[str, Entry | None], list[str]]:
    """Return what changes here when both sides are joined, and the files where that cannot be."""
    base = _beginning(desk, head, theirs)
    mine, other = _difference(desk, base, head), _difference(desk, base, theirs)
    taken: dict[str, Entry | None] = {}
    contested: list[str] = []
    blocked = _in_the_way(mine, other, {path: new for path, (_, new) in other.items()})
    for path, (old, new) in other.items():
        if path not in mine or path in blocked:
            taken[path] = new
            continue
        here = mine[path][1]
        if here == new:
            continue
        first, there, ours = (_told(desk, side) for side in (old, new, here))
        if any(side is not None and side.mode not in _TOLD for side in (old, new, here)):
            contested.append(path)
            continue
        try:
            data = join(path, first, there, ours, ())
        except Undecided:
            contested.append(path)
            continue
        if any(side is not None and side.mode not in _FILES for side in (old, new, here)):
            if data == there:
                taken[path] = new
            elif data != ours:
                contested.append(path)
            continue
        if data is None:
            if here is not None:
                taken[path] = None
            continue
        joined = Entry(_mode(old, new, here), blob_id(data))
        if joined != here:
            desk.objects.write("blob", data)
            taken[path] = joined
    for path, rivals in blocked.items():
        try:
            data = join(path, None, _told(desk, taken[path]), None, rivals)
        except Undecided:
            contested.append(path)
            continue
        if data is None:
            del taken[path]
        else:
            taken |= {rival: None for rival, _ in rivals}
    return taken, sorted(set(contested))


def _mode(old: Entry | None, new: Entry | None, here: Entry | None) -> str:
    """Return the mode that one side gave a file, the remote's where both did."""
    modes = [side.mode for side in (new, here) if side is not None]
    changed = [mode for mode in modes if old is None or mode != old.mode]
    return (changed or modes)[0]


def sides(desk: Desk, theirs: str, path: str) -> tuple[bytes | None, bytes | None, bytes | None, Rivals]:
    """Return what a `Join` is given of a file: as both began, the remote's, ours, what is in its way.

    :param path: from the top of the working tree.
    :raises RepositoryError: the two have no common beginning.
    """
    head = check_state(desk.place)
    base = _beginning(desk, head, theirs)
    mine, other = _difference(desk, base, head), _difference(desk, base, theirs)
    new = other.get(path, (None, None))[1]
    rivals = _in_the_way(mine, other, {path: new}).get(path, ())
    if rivals:
        return None, _told(desk, new), None, rivals
    found = [desk.look_up(desk.tree_of(commit), path)[0] for commit in (base, theirs, head)]
    first, there, here = (_told(desk, entry if entry and entry.mode in _TOLD else None) for entry in found)
    return first, there, here, ()


def _in_the_way(mine: Difference, other: Difference, taken: Mapping[str, Entry | None]) -> dict[str, Rivals]:
    """Return what of ours cannot be beside each file that is to be taken: a file where the other side has a
    folder, or a name that differs in its capitals alone."""
    ours = {path: new for path, (_, new) in mine.items() if new is not None}
    by_name: dict[str, list[str]] = {}
    beneath: dict[str, list[str]] = {}
    for path in ours:
        by_name.setdefault(path.casefold(), []).append(path)
        for folder in _folders(path):
            beneath.setdefault(folder.casefold(), []).append(path)
    found: dict[str, Rivals] = {}
    for path, new in taken.items():
        here = mine[path][1] if path in mine else other[path][0] if path in other else None
        if new is None or here is not None:
            continue  # where both are here already nothing gets in the way of anything
        name = path.casefold()
        near = [*by_name.get(name, ()), *beneath.get(name, ())]
        near += [each for folder in _folders(path) for each in by_name.get(folder.casefold(), ())]
        # What they have beside it is no business of ours.
        rivals = {each for each in near if each != path and other.get(each, (None, None))[1] is None}
        if rivals:
            found[path] = tuple((each, ours[each].id) for each in sorted(rivals))
    return found


def _folders(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:end]) for end in range(1, len(parts))]


def _beginning(desk: Desk, head: str, theirs: str) -> str:
    code, out, _ = run(["merge-base", head, theirs], cwd=desk.place.top, overruled=desk.place.overruled)
    if code != 0:
        raise RepositoryError(
            "The shared server holds another site: the two have no common beginning.",
            hint="Check [remote] url and the branch.",
        )
    return out.decode().strip()


def _difference(desk: Desk, old: str, new: str) -> Difference:
    """Return what differs between two commits, by path from the top."""
    code, out, said = run(
        [
            *("diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--no-renames"),
            *("--no-ext-diff", "--no-textconv", desk.tree_of(old), desk.tree_of(new)),
        ],
        cwd=desk.place.top,
        overruled=desk.place.overruled,
    )
    if code != 0:
        raise StorageFailed("A stored version of the site cannot be read.", details=said)
    parts = out.decode("utf-8", "surrogateescape").split("\0")
    found = {}
    for facts, path in zip(parts[0::2], parts[1::2], strict=False):
        match = _RAW.fullmatch(facts)
        if match is None:
            raise StorageFailed("A stored version of the site cannot be read.", details=facts)
        sides = [
            None if oid == NOTHING else Entry(mode, oid)
            for mode, oid in ((match[1], match[3]), (match[2], match[4]))
        ]
        found[path] = (sides[0], sides[1])
    return found


def _told(desk: Desk, entry: Entry | None) -> bytes | None:
    if entry is not None and entry.mode == objects.SUBMODULE:
        return f"Version {entry.id}\n".encode()
    return _data(desk, entry)


def _data(desk: Desk, entry: Entry | None) -> bytes | None:
    return desk.reader().read(entry.id)[1] if entry else None


def _wish(desk: Desk, root: str, path: str, new: Entry | None) -> Wish:
    check_path(path, existing=True, purpose="receive")
    now, _ = desk.look_up(root, path)
    if now is not None and now.mode == objects.FOLDER and new is not None:
        now = None  # it makes way
    modes = {side.mode for side in (now, new) if side is not None}
    if modes == {objects.SUBMODULE}:
        return Wish(path, path, None, now, None, None, new)
    if not modes <= set(_FILES):
        raise RepositoryError(
            "Others saved a link, or a file where another repository is, which is not taken in from here.",
            hint="Run `git pull` in the site's folder.",
            details=path,
        )
    if new is None:
        return Wish(path, path, None, now, None, None, None)
    data = desk.reader().read(new.id)[1]
    return Wish(path, path, None, now, data, recovery.on_its_way_out(desk, path, new.id, data), new)


def _mark_executable(desk: Desk, wish: Wish) -> None:
    """A landing gives a file the permissions that its predecessor had."""
    if wish.new is None or wish.is_other or wish.new.mode == (wish.now.mode if wish.now else objects.FILE):
        return
    with contextlib.suppress(OSError):  # left out by a sparse checkout, or changed again already
        descriptor = os.open(desk.place.top / wish.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            mode = os.fstat(descriptor).st_mode & 0o666
            readers = (mode & 0o444) >> 2
            os.fchmod(descriptor, mode | readers if wish.new.mode == objects.EXECUTABLE else mode)
        finally:
            os.close(descriptor)


def _merge_commit(desk: Desk, root: str, head: str, theirs: str, people: Sequence[Person]) -> bytes:
    now = datetime.now().astimezone()
    author = people[0] if people else desk.committer
    message = SUBJECT + "\n"
    if others := [each for each in people[1:] if each != author]:
        message += "\n" + "".join(f"Co-authored-by: {each.name} <{each.email}>\n" for each in others)
    raw = b"\n".join(
        (
            b"tree " + root.encode(),
            b"parent " + head.encode(),
            b"parent " + theirs.encode(),
            b"author " + stamp(check_person(author), now),
            b"committer " + stamp(desk.committer, now),
            b"",
            message.encode(),
        )
    )
    return desk.signer.sign(raw) if desk.signer is not None else raw
