"""Objects, files, branch and index put in their places, and put back when any of it fails.

Three times it is waited for the disk. First for the bytes of the objects and of the files, under names that
mean nothing yet, and for the journal that says what is to come. Then for the names of both, once each has
been renamed into its place, and for the bytes of the new index and branch beside the old ones. Then for
those two in their places. The index is locked all the while, so that nobody's `git commit` sees the half of
it. What is to land was decided and checked before.
"""

from __future__ import annotations

import contextlib
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from gitcms.errors import StorageFailed
from gitcms.repository import journal as journals
from gitcms.repository import reindex, worktree
from gitcms.repository.desk import Desk
from gitcms.repository.failpoints import reach
from gitcms.repository.index import Changed, Index, IndexEntry, NotUnderstood, Pieces
from gitcms.repository.journal import Journal, Step
from gitcms.repository.locks import IndexLock
from gitcms.repository.objects import SUBMODULE, Draft, Entry
from gitcms.repository.plumbing import run
from gitcms.repository.storage import at_once, make_all_durable
from gitcms.repository.values import NOTHING
from gitcms.repository.worktree import Replacement

_OPEN_FILES = 16  # at once: a process has only so many files open


class Landing:
    """One landing. `token` names its temporary files, `trees` are folders before and after it."""

    def __init__(self, desk: Desk) -> None:
        self.token = secrets.token_hex(6)
        self.trees: Mapping[bytes, tuple[str | None, str | None]] = {}
        self._desk = desk
        self._lock = IndexLock(desk.place.git_folder, desk.lock.owner)
        self._left_out: set[str] = set()
        self._files: list[Replacement] = []
        self._others: list[Step] = []
        self._index: Index | None = None
        self._changed: Changed | None = None
        self._written_index: Pieces = ()

    @contextlib.contextmanager
    def index_locked(self) -> Iterator[None]:
        """Hold git's lock on the index."""
        self._lock.acquire()
        try:
            yield
        finally:
            with contextlib.suppress(OSError):  # whoever saves next gives it back
                self._lock.release()

    def index_entries(self, paths: Sequence[str]) -> dict[str, IndexEntry]:
        """Return what the index says about these paths."""
        try:
            self._index = self._desk.index(self._lock.index)
            found = {path: self._index.entry(path) for path in paths}
        except NotUnderstood:
            self._index = None
            return reindex.ask(self._desk, paths)
        return {path: entry for path, entry in found.items() if entry is not None}

    def leave_out(self, path: str) -> None:
        """Do not put this file on the disk: a sparse checkout leaves it out."""
        self._left_out.add(path)

    def land(
        self,
        descriptor: int,
        journal: Journal,
        disk: Mapping[str, bytes | None],
        made: Mapping[str, tuple[str, bytes]] | None = None,
        drafts: dict[str, Draft] | None = None,
    ) -> None:
        """Put the save in its place, or put everything back and raise.

        :param descriptor: the lock file, which takes the journal.
        :param disk: what each file shall hold on the disk, None for a deleted one.
        :param made: objects that are not stored yet, each a kind and its bytes by its id.
        :param drafts: those that are written already; what is put into its place is taken from here.
        """
        refs = self._desk.refs
        try:
            folders = self._stored(descriptor, journal, disk, made or {}, drafts or {})
            self._put_files()
            reach("save.files")
            with self._made_ready(journal.steps) as waiting:
                reach("save.index")
                reason = f"commit: {journal.subject}"
                branch = refs.moved(
                    journal.reference,
                    journal.parent,
                    journal.commit,
                    self._desk.stamp(),
                    reason,
                    [*waiting, *folders],
                )
            reach("save.ref")
            make_all_durable(
                [branch, self._lock.commit()], lambda: self._desk.keep_index(self._written_index)
            )
        except BaseException:
            self._take_back(descriptor, journal)
            raise
        self._finish(descriptor)

    def _stored(
        self,
        descriptor: int,
        journal: Journal,
        disk: Mapping[str, bytes | None],
        made: Mapping[str, tuple[str, bytes]],
        ready: dict[str, Draft],
    ) -> list[str]:
        """Store the journal, the objects and what the files will hold.

        Return the folders that must be durable for the objects to last.
        """
        with self._desk.objects.drafted(made, ready) as drafts:
            journals.write(descriptor, journal)
            self._files_of(journal.steps, disk)
            with self._written() as written:
                make_all_durable(
                    [descriptor, *drafts.written(), *written], lambda: self._change_index(journal.steps)
                )
            reach("save.journal")
            folders = drafts.put()
            reach("save.objects")
        return folders

    def catch_up(self, descriptor: int, steps: Sequence[Step], disk: Mapping[str, bytes | None]) -> None:
        """Bring files and index to where the branch is already. The journal is there, and stays on errors.

        :param disk: only the files that are to be replaced.
        """
        self._left_out |= {step.path for step in steps} - set(disk)
        self._files_of(steps, disk)
        self._put_files()
        self._change_index(steps)
        with self._made_ready(steps) as waiting:
            make_all_durable(waiting)
        make_all_durable([self._lock.commit()])
        self._finish(descriptor)

    def _files_of(self, steps: Sequence[Step], disk: Mapping[str, bytes | None]) -> None:
        # Deletions first: a file may make way for a folder of its name, and a folder for a file.
        emptied = {
            str(folder) for step in steps if not step.new for folder in PurePosixPath(step.path).parents
        }
        for number, step in sorted(enumerate(steps), key=lambda numbered: bool(numbered[1].new)):
            if is_other(step):
                self._others.append(step)
            elif step.path not in self._left_out:
                self._files.append(replacement(self._desk, self.token, number, step, disk[step.path]))
                self._files[-1].makes_way = bool(step.new) and step.path in emptied

    @contextlib.contextmanager
    def _written(self) -> Iterator[list[int]]:
        """Write new files beside their places, and give them. None where something has to go before."""
        with contextlib.ExitStack() as stack:
            few = len(self._files) <= _OPEN_FILES and all(file.data is not None for file in self._files)
            yield [stack.enter_context(file.written()) for file in self._files if few]

    def _put_files(self) -> None:
        for file in self._files:
            file.put()

    @contextlib.contextmanager
    def _made_ready(self, steps: Sequence[Step]) -> Iterator[list[int]]:
        """Write the new index, and give what has to be durable yet before the branch may move: that, and
        the folders that got files. They are waited for together, but for those of a very large save."""
        folders = list({file.path.rpartition("/")[0]: file for file in self._files}.values())
        for file in folders[_OPEN_FILES:]:
            file.settle()
        with contextlib.ExitStack() as stack:
            waiting = [each for file in folders[:_OPEN_FILES] for each in stack.enter_context(file.folder())]
            # The largest comes first, and the disk is at it while the others are asked for.
            self._written_index = self._new_index(steps)
            yield [stack.enter_context(self._lock.written(self._written_index)), *waiting]

    def _change_index(self, steps: Sequence[Step]) -> None:
        """Change what was read of the index, as far as that can be done before the files are there."""
        if self._index is not None:
            with contextlib.suppress(NotUnderstood):
                self._changed = self._index.changed(
                    {step.path: entry(step.new) for step in steps}, self.trees
                )

    def _new_index(self, steps: Sequence[Step]) -> Pieces:
        if self._changed is not None:
            return self._changed.with_status({file.path: file.status for file in self._files})
        return [self._index_by_git(steps)]

    def _index_by_git(self, steps: Sequence[Step]) -> bytes:
        """Have git change a copy of the index. Slower, and right for every version of it."""
        place = self._desk.place
        copy = self._lock.index.with_name(f"gitcms-copy-{self.token}")
        stdin = "".join(f"{step.new or f'0 {NOTHING}'}\t{step.path}\0" for step in steps)
        try:
            with contextlib.suppress(FileNotFoundError):
                shutil.copyfile(self._lock.index, copy)
            code, _, said = run(
                ["update-index", "-z", "--index-info"],
                cwd=place.top,
                stdin=stdin.encode("utf-8", "surrogateescape"),
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

    def _take_back(self, descriptor: int, journal: Journal) -> None:
        journals.abandon(descriptor)
        self._lock.undo()
        refs = self._desk.refs
        if refs.read(journal.reference) == journal.commit:
            refs.move(
                journal.reference, journal.commit, journal.parent, self._desk.stamp(), "reset: save failed"
            )
        for file in reversed(self._files):
            file.undo()
        journals.clear(descriptor)

    def _finish(self, descriptor: int) -> None:
        """Clear away. All is saved by now, so nothing that goes wrong here is the author's concern."""
        with contextlib.suppress(OSError):
            reach("save.clean")
            # To free the place of an old file the disk may take as long as to store a new one.
            at_once([self._lock.forget_old], self._clean_files)
            for step in self._others:
                worktree.keep_folder(self._desk.place.top, step.path, bool(step.new))
            journals.clear(descriptor)
            reach("save.done")

    def _clean_files(self) -> None:
        for file in self._files:
            file.clean()


def entry(line: str) -> Entry | None:
    """Return a journal's "mode id" as an entry, "" as None."""
    mode, _, oid = line.partition(" ")
    return Entry(mode, oid) if oid else None


def is_other(step: Step) -> bool:
    """Tell whether a step is about another repository inside this one: it has a version, and no file."""
    return any(side is not None and side.mode == SUBMODULE for side in (entry(step.old), entry(step.new)))


def replacement(desk: Desk, token: str, number: int, step: Step, data: bytes | None) -> Replacement:
    """Return the replacement of the file of a save's nth step."""
    return Replacement(desk.place.top, step.path, data, f"{token}-{number}")
