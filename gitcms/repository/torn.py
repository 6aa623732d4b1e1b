"""Objects that a power cut left empty, made anew from what still holds their content.

Git does not wait for the disk when it stores an object (`core.fsync`, git-config(1)), so the newest commit
of somebody at a shell may be in the branch while its objects are empty files. The folder holds the same texts
and the index says which: what has exactly the id of an empty object is stored again. Nothing else is touched.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
from collections.abc import Iterator
from pathlib import Path

from gitcms.errors import GitCMSError, RepositoryUnusable
from gitcms.repository import objects, worktree
from gitcms.repository.attributes import blob_id
from gitcms.repository.desk import Desk
from gitcms.repository.objects import Entry
from gitcms.repository.plumbing import run

log = logging.getLogger(__name__)

_FOLDER = re.compile(r"[0-9a-f]{2}")
_NAME = re.compile(r"[0-9a-f]{38}")


def check(desk: Desk) -> str | None:
    """Make anew what can be. Returns a sentence on what was done, or None. The save lock is held."""
    torn = set(_empty(desk.objects.folder))
    if not torn:
        return None
    listed = _listed(desk)
    found: dict[str, tuple[str, bytes]] = {}
    paths = []
    for path, entry in listed.items():
        if entry.id in torn:
            _make_way(desk, entry.id)
            data = _stored_form(desk, path)
            if data is not None and blob_id(data) == entry.id:
                found[entry.id] = ("blob", data)
                paths.append(path)
    changes = {path.encode("utf-8", "surrogateescape"): entry for path, entry in listed.items()}
    trees = objects.rebuild(None, objects.nested(changes), desk.tree).trees
    found |= {oid: ("tree", data) for oid, data in trees.items() if oid in torn}
    for oid in found:
        _make_way(desk, oid)
    if not found:
        return None
    desk.objects.write_all(list(found.values()))
    sentence = (
        "A power cut had torn a part of the history, and what the folder still holds of it was stored again"
        f"{': ' + ', '.join(sorted(paths)) if paths else ''}."
    )
    log.warning(sentence)
    return sentence


def refuse_torn(desk: Desk) -> None:
    """Refuse a newest version that cannot be read, with what to do about it.

    :raises RepositoryUnusable: it or its folders are damaged.
    """
    head = desk.refs.read(desk.place.reference)
    if head is None:
        return
    try:
        root = desk.tree_of(head)
        desk.tree(root)
    except GitCMSError as error:
        raise RepositoryUnusable(
            "The newest version of the site is damaged.",
            hint="A power cut can do that. The files in the folder are as they were. There, `git fsck` names"
            " what is broken, and `git reflog` the version before: `git update-ref refs/heads/BRANCH VERSION`"
            " goes back to it, and the files can be committed again.",
            details=f"{head}: {error.details or error}",
        ) from error


def _empty(folder: str | Path) -> Iterator[str]:
    for inner in os.scandir(folder):
        if _FOLDER.fullmatch(inner.name):
            for file in os.scandir(inner.path):
                if _NAME.fullmatch(file.name) and file.stat(follow_symlinks=False).st_size == 0:
                    yield inner.name + file.name


def _make_way(desk: Desk, oid: str) -> None:
    """Remove an empty object, which git would take for one that is stored."""
    file = Path(desk.objects.folder) / oid[:2] / oid[2:]
    with contextlib.suppress(FileNotFoundError):
        if file.stat().st_size == 0:
            file.unlink()


def _listed(desk: Desk) -> dict[str, Entry]:
    """Return what the index says about every file."""
    code, output, _ = run(["ls-files", "-z", "-s"], cwd=desk.place.top, overruled=desk.place.overruled)
    listed = {}
    for line in output.decode("utf-8", "surrogateescape").split("\0") if code == 0 else []:
        facts, _, path = line.partition("\t")
        mode, _, rest = facts.partition(" ")
        if path and rest.endswith(" 0"):
            listed[path] = Entry(mode, rest[:-2])
    return listed


def _stored_form(desk: Desk, path: str) -> bytes | None:
    """Return a file of the folder as the history would hold it; None where that is not to be had."""
    try:
        on_disk = worktree.read(desk.place.top, path)
        if on_disk is None:
            return None
        rules = desk.attributes.rules(path, in_store=True)
        if rules.keeps(on_disk.data):
            return on_disk.data
        stored = desk.attributes.to_store(path, on_disk.data, rules, None)
        return stored if isinstance(stored, bytes) else desk.reader().read(stored)[1]
    except (GitCMSError, OSError):
        return None
