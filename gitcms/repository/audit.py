"""Is everything there that was promised? The whole of a clone looked at, and nothing in it changed.

Every acknowledged save in the history, every object whole, nothing left lying about, the folder in step
with the history. What was found is told in sentences, each with the name of its check; mending is left to
whoever reads them.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from gitcms.errors import ChangedOnDisk, NotFound, PathRefused, StorageFailed
from gitcms.repository import journal as journals
from gitcms.repository import objects, outside, worktree
from gitcms.repository.desk import Desk
from gitcms.repository.history import History
from gitcms.repository.ledger import Acknowledged
from gitcms.repository.plumbing import run
from gitcms.repository.receiving import KEPT_ASIDE
from gitcms.repository.recovery import RESCUED

FSCK_SECONDS = 3600.0
_LEFT_BY_US = ".gitcms-"


@dataclass(frozen=True)
class Finding:
    """Something that is not as it was promised.

    `check` names what was looked at: `opens`, `saves`, `history`, `leftovers`, `folder`, `kept` or `undone`.
    """

    check: str
    sentence: str
    details: str = ""


@dataclass(frozen=True)
class Audit:
    """What was looked at: so many acknowledged saves and files of the newest version, and the findings."""

    saves: int
    files: int
    findings: tuple[Finding, ...]


def audit(desk: Desk) -> Audit:
    """Look at everything. Takes as long as `git fsck`; saves wait only while the folder is looked at.

    :raises RepositoryBusy: others saved all the while.
    """
    findings = [*_opens(desk), *_history(desk)]
    with desk.lock.held() as descriptor:
        if journals.read(descriptor) is not None:
            findings.append(
                Finding("undone", "A save was interrupted, and nobody has finished it or taken it back.")
            )
        saves = list(desk.ledger.read())
        findings += _saves(desk, saves)
        findings += _leftovers(desk)
        findings += _folder(desk)
    findings += _kept(desk)
    return Audit(len(saves), _count(desk), tuple(findings))


def _opens(desk: Desk) -> Iterator[Finding]:
    code, _, said = _git(desk, "rev-parse", "--verify", "--quiet", "HEAD^{tree}")
    if code != 0:
        yield Finding("opens", "HEAD does not lead to a version of the site.", said)


def _history(desk: Desk) -> Iterator[Finding]:
    code, output, said = _git(
        desk, "fsck", "--full", "--strict", "--no-dangling", "--no-progress", seconds=FSCK_SECONDS
    )
    if code != 0:
        details = "\n".join(filter(None, (output.decode("utf-8", "replace").strip(), said.strip())))
        yield Finding("history", "The history is damaged: `git fsck --full --strict` complains.", details)


def _saves(desk: Desk, saves: list[Acknowledged]) -> Iterator[Finding]:
    """Find the acknowledged saves that their branch does not hold, neither as such nor rebased."""
    by_branch: dict[str, list[Acknowledged]] = defaultdict(list)
    for save in saves:
        by_branch[save.branch].append(save)
    for branch, acknowledged in by_branch.items():
        head = desk.refs.read(branch)
        ids, told = _in_branch(desk, head) if head else (set(), Counter())
        told.subtract((save.author, save.subject) for save in acknowledged if save.commit in ids)
        for save in acknowledged:
            if save.commit in ids:
                continue
            told[save.author, save.subject] -= 1
            if told[save.author, save.subject] < 0:
                yield Finding(
                    "saves",
                    f"The save “{save.subject}” is not in the history of {branch.removeprefix('refs/heads/')}"
                    " any more.",
                    f"{save.commit} by {save.author}; recorded in {desk.ledger.path}",
                )


def _in_branch(desk: Desk, head: str) -> tuple[set[str], Counter[tuple[str, str]]]:
    """Return the ids of a branch's commits, and how many it has of each author, moment and subject."""
    # %ad in raw form is what the header has. A subject is the message's first line there, too.
    code, output, said = _git(
        desk,
        *("log", "-z", "--format=tformat:%H%n%an <%ae> %ad%n%B", "--date=raw", "--no-show-signature"),
        # What was kept aside when the remote's history took the branch's place is not lost.
        *(f"--glob={KEPT_ASIDE}*", "--end-of-options", head, "--"),
    )
    if code != 0:
        raise StorageFailed("The history of the site cannot be read.", details=said)
    ids: set[str] = set()
    told: Counter[tuple[str, str]] = Counter()
    for commit in output.decode("utf-8", "replace").split("\0"):
        oid, _, rest = commit.partition("\n")
        author, _, message = rest.partition("\n")
        ids.add(oid)
        told[author, message.split("\n", 1)[0]] += 1
    return ids, told


def _leftovers(desk: Desk) -> Iterator[Finding]:
    place = desk.place
    for folder in dict.fromkeys((place.git_folder, place.common_folder)):
        for inside, folders, files in os.walk(folder):
            folders[:] = [name for name in folders if name not in ("objects", "modules")]
            for name in files:
                if name.endswith(".lock") or (inside == str(folder) and name.startswith("gitcms-")):
                    yield Finding("leftovers", "A lock was left behind.", os.path.join(inside, name))
    code, output, _ = _git(desk, "ls-files", "--others", "-z")
    for path in output.decode("utf-8", "surrogateescape").split("\0") if code == 0 else []:
        if path.rpartition("/")[2].startswith(_LEFT_BY_US):
            yield Finding("leftovers", "An unfinished file was left behind.", path)


def _folder(desk: Desk) -> Iterator[Finding]:
    """Find files that differ from the history, on the disk or in the index."""
    try:
        found = list(outside.states(desk, new=False))
    except StorageFailed as error:
        yield Finding("folder", str(error), error.details or "")
        return
    root: str | None = None
    for state, path in found:
        root = root or desk.tree_of(desk.refs.read(desk.place.reference) or "")
        if state[0] == " " and not _differs(desk, root, path):
            continue  # git looked without the conversion that this path goes through
        what = {" M": "was changed", " D": "was deleted", "A ": "was added", "D ": "is to be deleted"}
        yield Finding("folder", f"“{path}” {what.get(state, 'differs')} in the folder, and not saved.", state)


def _differs(desk: Desk, root: str, path: str) -> bool:
    now, _ = desk.look_up(root, path)
    if now is None or now.mode not in (objects.FILE, objects.EXECUTABLE):
        return True
    try:
        on_disk = worktree.read(desk.place.top, path)
        if on_disk is None or bool(on_disk.status.st_mode & 0o100) != (now.mode == objects.EXECUTABLE):
            return True
        return desk.stored_id(path, on_disk.data, now) != now.id
    except (ChangedOnDisk, PathRefused):
        return True


def _kept(desk: Desk) -> Iterator[Finding]:
    """Look at the saves that were taken back: whole, and not a part of the branch."""
    place = desk.place
    history = History(place.top, place.prefix, place.overruled)
    head = desk.refs.read(place.reference)
    code, output, _ = _git(desk, "for-each-ref", "--format=%(refname)", RESCUED.rstrip("/"))
    for name in output.decode().split() if code == 0 else []:
        commit = name.removeprefix(RESCUED)
        try:
            desk.tree_of(commit)
        except NotFound:
            yield Finding("kept", "The text of a save that was taken back is lost.", name)
            continue
        if head and history.is_ancestor(commit, head):
            yield Finding("undone", "A save that was taken back is in the history all the same.", name)
        else:
            yield Finding("kept", "A save that was taken back waits to be looked at.", name)


def _count(desk: Desk) -> int:
    code, output, _ = _git(desk, "ls-files", "-z")
    return output.count(b"\0") if code == 0 else 0


def _git(desk: Desk, *arguments: str, seconds: float = FSCK_SECONDS) -> tuple[int, bytes, str]:
    return run(arguments, cwd=desk.place.top, overruled=desk.place.overruled, seconds=seconds)
