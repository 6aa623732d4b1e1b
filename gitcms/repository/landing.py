"""Files, branch and index put in their places, and put back when any of it fails.

In this order: each new file by rename, the new index written beside the old one, the branch moved, the new
index in its place. The index is locked all the while, so that nobody's `git commit` sees the half of it.
What is to land was decided and checked before.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from gitcms.errors import StorageFailed
from gitcms.repository import journal as journals
from gitcms.repository.desk import Desk
from gitcms.repository.failpoints import reach
from gitcms.repository.index import Index, IndexEntry, NotUnderstood, Wanted
from gitcms.repository.journal import Journal
from gitcms.repository.locks import IndexLock
from gitcms.repository.objects import Entry
from gitcms.repository.plumbing import run
from gitcms.repository.worktree import Replacement


class Landing:
    """One landing. `token` names its temporary files."""

    def __init__(self, desk: Desk, token: str) -> None:
        self.token = token
        self.trees: dict[bytes, tuple[str | None, str | None]] = {}
        self._desk = desk
        self._lock = IndexLock(desk.place.git_folder, desk.lock.path)
        self._left_out: set[str] = set()
        self._files: list[Replacement] = []
        self._index: Index | None = None

    @contextlib.contextmanager
    def index_locked(self) -> Iterator[None]:
        """Hold git's lock on the index."""
        self._lock.remove_leftovers()
        self._lock.acquire()
        try:
            yield
        finally:
            self._lock.release()

    def index_entries(self, paths: list[str]) -> dict[str, IndexEntry]:
        """Return what the index says about these paths."""
        try:
            self._index = self._desk.index(self._lock.index)
            found = {path: self._index.entry(path) for path in paths}
        except NotUnderstood:
            self._index = None
            return self._desk.ask_index(paths)
        return {path: entry for path, entry in found.items() if entry is not None}

    def leave_out(self, path: str) -> None:
        """Do not put this file on the disk: a sparse checkout leaves it out."""
        self._left_out.add(path)

    def land(self, descriptor: int, journal: Journal, disk: Mapping[str, bytes | None], subject: str) -> None:
        """Do it all, or put everything back and raise."""
        journals.write(descriptor, journal)
        reach("save.journal")
        place = self._desk.place
        moved = False
        try:
            self._put_files(journal, disk)
            reach("save.files")
            self._write_index(journal)
            reach("save.index")
            place.refs.move(
                journal.reference, journal.parent, journal.commit, self._desk.stamp(), f"commit: {subject}"
            )
            moved = True
            reach("save.ref")
            self._lock.commit()
        except BaseException:
            self._take_back(descriptor, journal, moved)
            raise
        reach("save.clean")
        self._desk.remember_index(self._lock.index, self._index)
        for file in self._files:
            file.clean()
        journals.clear(descriptor)

    def _put_files(self, journal: Journal, disk: Mapping[str, bytes | None]) -> None:
        # Deletions first: a file may make way for a folder of its name.
        for step in sorted(journal.steps, key=lambda step: bool(step.new)):
            if step.path in self._left_out:
                continue
            number = journal.steps.index(step)
            file = Replacement(self._desk.place.top, step.path, disk[step.path], f"{self.token}-{number}")
            self._files.append(file)
            file.put()
        for file in self._files:
            file.settle()

    def _write_index(self, journal: Journal) -> None:
        status = {file.path: file.status for file in self._files}
        wanted = {step.path: Wanted(entry(step.new), status.get(step.path)) for step in journal.steps}
        if self._index is not None:
            try:
                self._lock.write(self._index.changed(wanted, self.trees))
            except NotUnderstood:
                self._index = None
            else:
                return
        self._lock.write(self._index_by_git(wanted))

    def _index_by_git(self, wanted: Mapping[str, Wanted]) -> bytes:
        """Have git change a copy of the index. Slower, and right for every version of it."""
        copy = self._lock.index.with_name(f"gitcms-copy-{self.token}")
        try:
            with contextlib.suppress(FileNotFoundError):
                shutil.copyfile(self._lock.index, copy)
            lines = [
                b"%s %s\t%s\0"
                % (
                    (want.entry.mode if want.entry else "0").encode(),
                    (want.entry.id if want.entry else "0" * 40).encode(),
                    path.encode("utf-8", "surrogateescape"),
                )
                for path, want in wanted.items()
            ]
            place = self._desk.place
            code, _, said = run(
                ["update-index", "-z", "--index-info"],
                cwd=place.top,
                stdin=b"".join(lines),
                overruled=place.overruled,
                extra={"GIT_INDEX_FILE": str(copy)},
            )
            if code != 0:
                raise StorageFailed(
                    "The list of the site's files cannot be brought up to date.", details=said
                )
            return copy.read_bytes()
        finally:
            copy.unlink(missing_ok=True)
            Path(f"{copy}.lock").unlink(missing_ok=True)

    def _take_back(self, descriptor: int, journal: Journal, moved: bool) -> None:
        journals.abandon(descriptor)
        self._lock.undo()
        refs = self._desk.place.refs
        if moved or refs.read(journal.reference) == journal.commit:
            refs.move(
                journal.reference, journal.commit, journal.parent, self._desk.stamp(), "save taken back"
            )
        for file in reversed(self._files):
            file.undo()
        journals.clear(descriptor)


def entry(line: str) -> Entry | None:
    """Return a journal's "mode id" as an entry, "" as None."""
    mode, _, oid = line.partition(" ")
    return Entry(mode, oid) if oid else None
