"""Making a new repository with a history that is given, all at once.

Only a folder that is empty becomes one; nothing here touches a repository that exists. It needs no
identity and reads none of the user's Git configuration, so the same steps give the same commit
ids everywhere. Saving into a repository is `commits`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gitcms.errors import RepositoryUnusable, StorageFailed
from gitcms.repository import plumbing
from gitcms.repository.values import Person


@dataclass(frozen=True, slots=True)
class Step:
    """One commit: who made it and when (aware), what they said, and the files that it changes.

    `changes` maps a path to the file's new bytes, or to None where the file goes.
    """

    author: Person
    when: datetime
    message: str
    changes: Mapping[str, bytes | None]


def create(folder: Path, branch: str, steps: Sequence[Step]) -> None:
    """Make a repository in an empty folder, with one commit for each step, and check it out.

    :param folder: made if need be.
    :param branch: the one branch it gets, such as "main".
    :raises RepositoryUnusable: when something is in the folder already, or Git is missing.
    :raises StorageFailed: when the folder cannot be written, or Git refuses a step.
    """
    refuse_taken(folder)
    _git(folder, "init", "--quiet", "--template=", f"--initial-branch={branch}")
    _git(folder, "fast-import", "--quiet", "--date-format=raw", given=_stream(branch, steps))
    _git(folder, "reset", "--quiet", "--hard")


def refuse_taken(folder: Path) -> None:
    """Make a folder, or find it empty.

    :raises RepositoryUnusable: something is in it. :raises StorageFailed: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        taken = any(folder.iterdir())
    except OSError as error:
        raise StorageFailed(f"{folder} cannot be made: {error.strerror}.") from error
    if taken:
        raise RepositoryUnusable(
            f"{folder} is not empty.", hint="Name a folder that is empty, or that does not exist yet."
        )


def _stream(branch: str, steps: Sequence[Step]) -> bytes:
    """Return the steps as git-fast-import(1) reads them."""
    parts: list[bytes] = []
    for step in steps:
        who = f"{step.author.name} <{step.author.email}> {int(step.when.timestamp())} {step.when:%z}"
        parts += [
            f"commit refs/heads/{branch}\nauthor {who}\ncommitter {who}\n".encode(),
            _data(f"{step.message}\n".encode()),
        ]
        for path, content in sorted(step.changes.items()):
            if content is None:
                parts.append(b"D %s\n" % _quoted(path))
            else:
                parts += [b"M 100644 inline %s\n" % _quoted(path), _data(content)]
    return b"".join([*parts, b"done\n"])


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)


def _quoted(path: str) -> bytes:
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'.encode()


def _git(folder: Path, *arguments: str, given: bytes = b"") -> None:
    # Without the user's and the machine's configuration the outcome is the same everywhere.
    alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    code, _, said = plumbing.run(arguments, cwd=folder, stdin=given, extra=alone)
    if code:
        raise StorageFailed(f"Git could not make the repository in {folder}.", details=said.strip())
