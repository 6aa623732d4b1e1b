"""Someone's unsaved work on a file in the site's folder: read, kept, and a removed file put back.

Nobody's work is written over unless an author saw just these bytes and took them over. What a save then
replaces is kept under a reference of its own, `refs/gitcms/kept/<blob>`; `git cat-file -p` shows it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass

from gitcms.errors import ChangedOnDisk, PathRefused, StorageFailed
from gitcms.repository import worktree
from gitcms.repository.attributes import blob_id
from gitcms.repository.desk import Desk
from gitcms.repository.index import IndexEntry
from gitcms.repository.landing import Landing
from gitcms.repository.objects import Entry
from gitcms.repository.plumbing import run

KEPT = "refs/gitcms/kept/"
NO_MODULES = "--ignore-submodules=all"


@dataclass(frozen=True, slots=True)
class Outside:
    """A file as it stands in the folder. `data` is what the history would hold of it, `id` its blob.

    None and "" where the file is gone.
    """

    data: bytes | None
    id: str


def states(desk: Desk, *, new: bool) -> Iterator[tuple[str, str]]:
    """Yield what git says of each file that differs from the newest commit: two letters, and the path.

    Of the working tree's whole folder, and without the conversions that a file may go through.

    :param new: files that git does not know as well, without those it is told to ignore.
    :raises StorageFailed: git cannot compare.
    """
    untracked = "all" if new else "no"
    code, output, said = run(
        ["status", "--porcelain=v1", "-z", "--no-renames", f"--untracked-files={untracked}", NO_MODULES],
        cwd=desk.place.top,
        overruled=desk.place.overruled,
    )
    if code != 0:
        raise StorageFailed("The folder cannot be compared with the history.", details=said)
    for line in output.decode("utf-8", "surrogateescape").split("\0"):
        if line:
            yield line[:2], line[3:]


def look(desk: Desk, path: str, now: Entry | None) -> Outside | None:
    """Return what stands in the folder at a path; None where that cannot be told without a program."""
    try:
        found = worktree.read(desk.place.top, path)
    except (PathRefused, ChangedOnDisk):
        return None
    if found is None:
        return Outside(None, "")
    rules = desk.attributes.rules(path, in_store=True)
    if rules.keeps(found.data):
        return Outside(found.data, blob_id(found.data))
    if rules.lfs:
        return None
    old = desk.reader().read(now.id)[1] if now else None
    stored = desk.attributes.to_store(path, found.data, rules, old)
    if isinstance(stored, str):
        stored = desk.reader().read(stored)[1]
    return Outside(stored, blob_id(stored))


def was_seen(desk: Desk, path: str, now: Entry, staged: IndexEntry | None, seen: str | None) -> bool:
    """Tell whether the folder holds just what an author saw there, and nothing else is being prepared."""
    if not seen or staged is None or staged.entry.mode != now.mode or staged.entry.id not in (now.id, seen):
        return False
    found = look(desk, path, now)
    return found is not None and found.id == seen


def keep(desk: Desk, path: str) -> None:
    """Keep the bytes that stand in the folder for good, before they are replaced."""
    found = worktree.read(desk.place.top, path)
    if found is None:
        return
    blob = desk.objects.write("blob", found.data)
    name = KEPT + blob
    refs = desk.place.refs
    if refs.read(name) is None:
        (refs.common_folder / name).parent.mkdir(parents=True, exist_ok=True)
        desk.refs.move(name, None, blob, desk.stamp(), "kept: it stood unsaved in the folder")


def put_back(desk: Desk, path: str, now: Entry) -> bool:
    """Put a file that is gone from the folder back as it was saved; False when something stands there.

    To be called with the lock of the clone held.
    """
    landing = Landing(desk)
    with landing.index_locked():
        staged = landing.index_entries([path]).get(path)
        if staged is None or staged.entry.id != now.id or worktree.exists(desk.place.top, path):
            return False
        stored = desk.reader().read(now.id)[1]
        rules = desk.attributes.rules(path, in_store=True)
        data = stored if rules.keeps(stored) else desk.attributes.to_disk(path, now.id)
        file = worktree.Replacement(desk.place.top, path, data, secrets.token_hex(6))
        file.put()
        file.settle()
        file.clean()
    return True
