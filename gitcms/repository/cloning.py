"""A working tree made of what a remote has: the branch that the remote shows, checked out.

Only a folder that is empty becomes one, and it is empty again when that fails. Nothing of the remote runs:
no hook, no filter, no submodule. How a remote is called is `remote`'s.
"""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from gitcms.errors import RepositoryError
from gitcms.repository.create import refuse_taken
from gitcms.repository.plumbing import run
from gitcms.repository.remote import Answer, Courier, Refusal, refusal
from gitcms.repository.values import NOTHING

_BRANCH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+/-]*")


@dataclass(frozen=True, slots=True)
class Cloned:
    """What was made. `not_writable` is why nothing can be sent there, None where it can."""

    branch: str
    commit: str
    files: int
    not_writable: Refusal | None


class CloneFailed(RepositoryError):
    """Nothing was made. `why` is what the remote's answer means."""

    code = "clone"

    def __init__(self, answer: Answer) -> None:
        self.why = refusal(answer)
        super().__init__(self.why.sentence, hint=self.why.hint, details=answer.said.strip())


def clone(folder: Path, courier: Courier, url: str) -> Cloned:
    """Make a working tree of the branch that a remote shows.

    :param folder: empty, or not there yet.
    :param courier: calls the remote, with the objects of `folder`.
    :param url: the checked address, for developers who work in the folder.
    :raises CloneFailed: the remote did not take part. :raises RepositoryError: it has nothing to be cloned.
    :raises RepositoryUnusable: something is in the folder. :raises StorageFailed: it cannot be written.
    """
    was_there = folder.exists()
    refuse_taken(folder)
    try:
        _git(folder, "init", "--quiet", "--template=", "--initial-branch=main")
        branch = _branch(courier)
        answer, commit = courier.fetch(branch, NOTHING)
        if commit is None:
            raise CloneFailed(answer)
        _check_out(folder, branch, commit, url)
        files = _git(folder, "ls-files", "-z").count("\0")
        answer = courier.may_push(branch, commit)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        if was_there:
            folder.mkdir(exist_ok=True)
        raise
    return Cloned(branch, commit, files, None if answer.code == 0 else refusal(answer))


def _branch(courier: Courier) -> str:
    answer = courier.ask_head()
    if answer.code != 0:
        raise CloneFailed(answer)
    shown = re.search(r"^ref: refs/heads/(\S+)\s+HEAD$", answer.said, re.MULTILINE)
    if shown is None:
        raise RepositoryError(
            "There is nothing on the shared server yet.",
            hint="Push a first version of the site there, and clone it then.",
            details=answer.said,
        )
    if not _BRANCH.fullmatch(shown[1]) or ".." in shown[1]:
        raise RepositoryError("The shared server names a branch that cannot be one.", details=shown[1][:200])
    return shown[1]


def _check_out(folder: Path, branch: str, commit: str, url: str) -> None:
    _git(folder, "symbolic-ref", "HEAD", f"refs/heads/{branch}")
    for name in (f"refs/heads/{branch}", f"refs/remotes/origin/{branch}", f"refs/gitcms/remote/{branch}"):
        _git(folder, "update-ref", name, commit)
    settings = {
        "remote.origin.url": url,
        "remote.origin.fetch": "+refs/heads/*:refs/remotes/origin/*",
        f"branch.{branch}.remote": "origin",
        f"branch.{branch}.merge": f"refs/heads/{branch}",
    }
    for key, value in settings.items():
        _git(folder, "config", "--local", key, value)
    _git(folder, "reset", "--quiet", "--hard")


def _git(folder: Path, *arguments: str) -> str:
    code, output, said = run(arguments, cwd=folder, extra={"GIT_LFS_SKIP_SMUDGE": "1"})
    if code:
        raise RepositoryError("The site could not be put into its folder.", details=said.strip())
    return os.fsdecode(output)
