"""The branch: which one the site is on, where it points, and how it moves on.

A branch moves by compare-and-swap under git's own lock file, durably, with a line in the reflog
(git's `refs/files-backend.c`; gitrepository-layout(5)). What it points to is not looked at here.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gitcms.errors import RepositoryUnusable
from gitcms.repository.failpoints import reach
from gitcms.repository.locks import OwnedLock, same_file
from gitcms.repository.storage import (
    make_all_durable,
    make_folder_durable,
    read_whole,
    storage_failed,
    write_all,
)
from gitcms.repository.values import NOTHING

_ID = re.compile(r"[0-9a-f]{40}")
LOCK_SECONDS = 5.0


class BranchMoved(Exception):
    """Someone else moved the branch meanwhile. Never leaves this room."""


@dataclass(frozen=True)
class Refs:
    """The references of one working tree: its own HEAD, and branches shared with other trees.

    `owner` marks the locks that are held (see `locks.OwnedLock`).
    """

    git_folder: Path
    common_folder: Path
    keep_log: bool = True
    owner: str = "nobody"

    def head(self) -> str | None:
        """Return the full name of the branch that HEAD names (refs/heads/…), None when detached."""
        text = _text(f"{self.git_folder}/HEAD")
        return text[5:].strip() if text.startswith("ref: ") else None

    def read(self, name: str) -> str | None:
        """Return the commit that a reference points to, None when there is no such reference."""
        for _ in range(5):
            try:
                text = _text(f"{self.common_folder}/{name}").strip()
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                return self._packed(name)
            if text.startswith("ref: "):
                name = text[5:].strip()
                continue
            return text if _ID.fullmatch(text) else None
        return None

    def _packed(self, name: str) -> str | None:
        try:
            data = (self.common_folder / "packed-refs").read_bytes()
        except FileNotFoundError:
            return None
        match = re.search(rb"^([0-9a-f]{40}) " + re.escape(os.fsencode(name)) + rb"$", data, re.MULTILINE)
        return match[1].decode() if match else None

    def move(
        self,
        name: str,
        old: str | None,
        new: str | None,
        who: str,
        reason: str,
    ) -> None:
        """Point a reference from `old` (None: it must not exist) to `new`, durably.

        The arguments are those of `moved`, which names the errors too.
        """
        make_folder_durable(self.moved(name, old, new, who, reason))

    def moved(
        self,
        name: str,
        old: str | None,
        new: str | None,
        who: str,
        reason: str,
        before: Sequence[int | str] = (),
    ) -> str:
        """Point a reference from `old` to `new`, and return the folder that must be durable for it to last.

        :param new: None removes a reference of ours that is not packed.
        :param who: the committer as in a commit's header, with time and zone, for the reflog.
        :param before: open files and folders that have to be durable before it moves.
        :raises BranchMoved: it points elsewhere by now. :raises RepositoryBusy: its lock is held.
        """
        old, new = (None if each == NOTHING else each for each in (old, new))
        path = f"{self.common_folder}/{name}"
        held = self._lock(name)
        reach("ref.lock")
        held.acquire(LOCK_SECONDS, "Another program is recording a change to the site right now.")
        try:
            if self.read(name) != old:
                raise BranchMoved(name)
            if new is None:
                os.unlink(path)
            else:
                reach("ref.write")
                with held.written(new.encode() + b"\n") as descriptor:
                    make_all_durable([*before, descriptor])
                lines = self._log(name, old, new, who, reason)
                try:
                    reach("ref.rename")
                    os.rename(held.lock, path)
                except BaseException:
                    _take_back(lines)
                    raise
        finally:
            held.release()
        reach("ref.folder")
        return os.path.dirname(path)

    def remove_leftovers(self) -> None:
        """Remove what a killed process of ours left locked. To be called while nobody of ours moves one."""
        own = self._own
        if not own.exists():
            return
        for lock in (self.common_folder / "refs").rglob("*.lock"):
            if same_file(own, lock):
                lock.unlink()
        own.unlink(missing_ok=True)

    @property
    def _own(self) -> Path:
        return self.common_folder / f"gitcms-ref-{self.owner}.lock"

    def _lock(self, name: str) -> OwnedLock:
        return OwnedLock(f"{self.common_folder}/{name}.lock", str(self._own))

    def _log(self, name: str, old: str | None, new: str, who: str, reason: str) -> list[tuple[str, int]]:
        """Append to the reflogs of the branch and of HEAD; return what they were as long as."""
        line = f"{old or NOTHING} {new} {who}\t{reason.splitlines()[0]}\n".encode("utf-8", "surrogateescape")
        logs = [f"{self.common_folder}/logs/{name}"]
        if self.head() == name:
            logs.append(f"{self.git_folder}/logs/HEAD")
        done: list[tuple[str, int]] = []
        try:
            for log in logs:
                reach("ref.log")
                descriptor = _opened_log(log, create=self.keep_log and name.startswith("refs/heads/"))
                if descriptor is None:
                    continue
                try:
                    done.append((log, os.fstat(descriptor).st_size))
                    write_all(descriptor, line)
                finally:
                    os.close(descriptor)
        except BaseException:
            _take_back(done)
            raise
        return done


def _text(file: str) -> str:
    try:
        return read_whole(file).decode("utf-8", "surrogateescape")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        raise
    except OSError as error:
        raise storage_failed(error, f"reading {file}") from error


def _opened_log(log: str, *, create: bool) -> int | None:
    flags = os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC
    try:
        return os.open(log, flags)
    except FileNotFoundError:
        if not create:
            return None
    os.makedirs(os.path.dirname(log), exist_ok=True)
    return os.open(log, flags | os.O_CREAT, 0o666)


def _take_back(logs: list[tuple[str, int]]) -> None:
    for log, size in logs:
        with contextlib.suppress(OSError):
            os.truncate(log, size)


def branch_name(reference: str) -> str:
    """Return the short name of a branch.

    :raises RepositoryUnusable: HEAD names something that is not a branch.
    """
    if not reference.startswith("refs/heads/"):
        raise RepositoryUnusable(
            "The site's folder is not on a branch.",
            hint="Run `git switch main` (or the branch that the site is built from) in the folder.",
        )
    return reference.removeprefix("refs/heads/")
