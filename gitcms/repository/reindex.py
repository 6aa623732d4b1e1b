"""A damaged index, made anew from the history.

A power cut or a full disk may leave git's index torn, and then neither git nor we can say what was prepared
for a commit. The torn one is kept under another name, and a new one made from the newest version: nothing of
the history or of the folder changes, only what somebody had staged has to be staged again, which is said.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

from gitcms.errors import RepositoryBusy, StorageFailed
from gitcms.repository.desk import Desk
from gitcms.repository.index import IndexEntry
from gitcms.repository.locks import IndexLock
from gitcms.repository.plumbing import run
from gitcms.repository.storage import make_folder_durable

KEPT = "index.damaged-"

log = logging.getLogger(__name__)


def ask(desk: Desk, paths: Sequence[str]) -> dict[str, IndexEntry]:
    """Ask git what the index says, and make it anew first if it is damaged. The index is locked.

    :raises StorageFailed: it cannot be read, and not because it is damaged.
    """
    if is_damaged(desk.place.git_folder / "index"):
        _rebuild(desk)
    return desk.ask_index(paths)


def check(desk: Desk) -> str | None:
    """Make a damaged index anew. Returns a sentence on what was done. The save lock is held."""
    if not is_damaged(desk.place.git_folder / "index"):
        return None
    lock = IndexLock(desk.place.git_folder, desk.lock.owner)
    try:
        lock.acquire()
    except RepositoryBusy:
        return None  # somebody is at it
    try:
        return _rebuild(desk)
    finally:
        lock.release()


def is_damaged(index: Path) -> bool:
    """Tell whether an index is not what was once written: too short, or not of its own checksum."""
    try:
        data = index.read_bytes()
    except (FileNotFoundError, IsADirectoryError):
        return False
    if len(data) < 32 or data[:4] != b"DIRC":
        return True
    # Some are written without a checksum (index.skipHash).
    return any(data[-20:]) and hashlib.sha1(data[:-20], usedforsecurity=False).digest() != data[-20:]


def _rebuild(desk: Desk) -> str:
    place = desk.place
    index = place.git_folder / "index"
    kept = index.with_name(f"{KEPT}{time.strftime('%Y%m%dT%H%M%S')}-{os.urandom(3).hex()}")
    shutil.copyfile(index, kept)
    fresh = index.with_name("gitcms-fresh-index")
    fresh.unlink(missing_ok=True)
    try:
        for arguments in (["read-tree", "HEAD"], ["update-index", "-q", "--refresh"]):
            code, _, said = run(
                arguments, cwd=place.top, overruled=place.overruled, extra={"GIT_INDEX_FILE": str(fresh)}
            )
            # A refresh answers 1 when files differ from the history, which is for others to look at.
            if code not in (0, 1) or not fresh.exists():
                raise StorageFailed("The list of the site's files cannot be made anew.", details=said)
        os.replace(fresh, index)
        make_folder_durable(index.parent)
    finally:
        fresh.unlink(missing_ok=True)
        fresh.with_name(fresh.name + ".lock").unlink(missing_ok=True)
    sentence = (
        "Git's index was damaged and has been made anew from the newest version. What somebody had staged"
        f" has to be staged again. The damaged one is kept as {kept}."
    )
    log.warning(sentence)
    return sentence
