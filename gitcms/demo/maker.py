"""Putting the demo's site into a folder, once, and knowing it again.

A folder that holds anything else is never touched. The mark that tells our site from another one
lies beside Git's own data, so it is neither in the site nor in its history.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from gitcms.demo import history
from gitcms.errors import RepositoryUnusable, StorageFailed
from gitcms.repository.create import create

BRANCH = "main"
MARK = Path(".git", "gitcms-demo")
# A first start that was stopped half-way leaves only this behind.
UNFINISHED = ".gitcms-demo-unfinished"


def make(folder: Path) -> bool:
    """See to it that the demo's site lies in a folder, and tell whether it was made just now.

    :param folder: one that does not exist, is empty, or holds the demo's site already.
    :raises RepositoryUnusable: when it holds something else; nothing was changed.
    :raises StorageFailed: when it cannot be written.
    """
    if (folder / MARK).is_file():
        return False
    try:
        _clear(folder)
        draft = folder / UNFINISHED
        create(draft, BRANCH, history.steps())
        (draft / MARK).write_text("This site was made by `gitcms demo`.\n", encoding="utf-8")
        # Git's own data come last: until then the folder is not a site.
        for path in sorted(draft.iterdir(), key=lambda path: path.name == ".git"):
            path.rename(folder / path.name)
        draft.rmdir()
    except OSError as error:
        raise StorageFailed(
            f"The demo's site cannot be written to {folder}: {error.strerror}.",
            hint="Name another folder: gitcms demo FOLDER.",
        ) from error
    return True


def _clear(folder: Path) -> None:
    """Make the folder if need be, and take away what an interrupted start left."""
    if folder.exists() and not folder.is_dir():
        raise RepositoryUnusable(f"{folder} is a file.", hint="Name a folder: gitcms demo FOLDER.")
    folder.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(folder / UNFINISHED, ignore_errors=True)
    if any(folder.iterdir()):
        raise RepositoryUnusable(
            f"{folder} holds something else, and the demo leaves it alone.",
            hint="Name an empty folder, or one that does not exist yet: gitcms demo FOLDER. "
            "To edit a site of your own: gitcms serve FOLDER.",
        )
