"""Files of the working tree, reached folder by folder so that no symbolic link can bend the way.

Each folder is opened from the one above it with O_NOFOLLOW (openat(2)), and a file takes its place by
rename: a link planted anywhere, before or during a save, is refused and never written through. What
belongs into a file is decided by the caller.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator, Set
from dataclasses import dataclass, field
from pathlib import Path

from gitcms.errors import ChangedOnDisk, PathRefused, PathTaken
from gitcms.repository.failpoints import reach
from gitcms.repository.storage import make_all_durable, make_durable, read_open, write_all

OURS = ".gitcms-"
"""How the names of our temporary files begin."""
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True)
class OnDisk:
    """A regular file as it was found."""

    data: bytes
    status: os.stat_result


def read(top: Path, path: str) -> OnDisk | None:
    """Return a file of the working tree, None when there is nothing of that name.

    :raises PathRefused: a symbolic link is in the way. :raises ChangedOnDisk: it is not a regular file.
    """
    with _parent(top, path, create=None) as parent:
        if parent is None:
            return None
        descriptor, name = parent
        try:
            # O_NONBLOCK: a named pipe must not hold us up.
            file = os.open(
                name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=descriptor
            )
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise link_refused(path) from error
            if error.errno == errno.ENXIO:
                raise _not_a_file(path) from error
            raise
        try:
            status = os.fstat(file)
            if not stat.S_ISREG(status.st_mode):
                raise _not_a_file(path)
            return OnDisk(read_open(file), status)
        finally:
            os.close(file)


def exists(top: Path, path: str) -> bool:
    """Tell whether there is anything at all of that name. :raises PathRefused: a link is in the way."""
    with _parent(top, path, create=None) as parent:
        if parent is None:
            return False
        try:
            os.lstat(parent[1], dir_fd=parent[0])
        except FileNotFoundError:
            return False
        return True


def is_file(top: Path, path: str) -> bool:
    """Tell whether something that is no folder has that name. :raises PathRefused: a link is in the way."""
    with _parent(top, path, create=None) as parent:
        if parent is None:
            return False
        try:
            return not stat.S_ISDIR(os.lstat(parent[1], dir_fd=parent[0]).st_mode)
        except FileNotFoundError:
            return False


def in_the_way(top: Path, path: str, gone: Set[str]) -> bool:
    """Tell whether something is in the way of a new file. A folder is not when all that is in it goes.

    :param gone: the paths that are taken away in the same landing.
    """
    if not exists(top, path):
        return False
    with _parent(top, path, create=None) as parent:
        if parent is None or is_file(top, path):
            return True
        start = len(os.fsdecode(parent[1]))
        found = {
            f"{path}{inside[start:]}/{each}"
            for inside, _, files, _ in _walk(os.fsdecode(parent[1]), parent[0])
            for each in files
        }
    return not found or not found <= gone


def keep_folder(top: Path, path: str, wanted: bool) -> None:
    """Make the folder in which another repository may be put, or take it away if nothing is in it."""
    with _parent(top, path, create=[] if wanted else None) as parent:
        if parent is None:
            return
        folder, name = parent
        if wanted:
            with contextlib.suppress(FileExistsError):
                os.mkdir(name, dir_fd=folder)
            return
        with contextlib.suppress(OSError):
            os.rmdir(name, dir_fd=folder)


def link_refused(path: str) -> PathRefused:
    """Return the refusal of a path that leads through a symbolic link."""
    return PathRefused(
        "This file is a link to another place and cannot be edited here.",
        code="path.symlink",
        hint="Ask an administrator to replace the link with a file.",
        details=path,
    )


def _not_a_file(path: str) -> ChangedOnDisk:
    return ChangedOnDisk("On the disk this is not a file any more.", details=path)


@contextlib.contextmanager
def _parent(top: Path, path: str, create: list[str] | None) -> Iterator[tuple[int, bytes] | None]:
    """Open the folder of a path, one step at a time.

    :param create: make missing folders and append their paths to this list; None makes none, and gives None.
    """
    *folders, name = path.encode("utf-8", "surrogateescape").split(b"/")
    descriptor = os.open(top, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for depth, folder in enumerate(folders):
            try:
                inner = os.open(folder, _FOLDER, dir_fd=descriptor)
            except FileNotFoundError:
                if create is None:
                    yield None
                    return
                os.mkdir(folder, dir_fd=descriptor)
                create.append(os.fsdecode(b"/".join(folders[: depth + 1])))
                make_durable(descriptor)
                inner = os.open(folder, _FOLDER, dir_fd=descriptor)
            except OSError as error:
                if error.errno not in (errno.ELOOP, errno.ENOTDIR):
                    raise
                if stat.S_ISLNK(os.lstat(folder, dir_fd=descriptor).st_mode):
                    raise link_refused(path) from error
                if create is None:
                    yield None
                    return
                raise PathTaken("A file is in the way of this folder.", details=path) from error
            os.close(descriptor)
            descriptor = inner
            _refuse_other_repository(descriptor, path)
        yield descriptor, name
    finally:
        os.close(descriptor)


def _refuse_other_repository(folder: int, path: str) -> None:
    try:
        os.lstat(".git", dir_fd=folder)
    except FileNotFoundError:
        return
    raise PathRefused(
        "This file belongs to another site inside this one.",
        code="path.collision",
        hint="Open the other one to edit it.",
        details=path,
    )


@dataclass
class Replacement:
    """One file put into its place, and able to be put back. `data` None takes the file away.

    `token` makes the names of the temporary files, so that whoever finds them knows whose they are.
    `makes_way` lets it take the place of a folder whose files were taken away before, in the same landing.
    """

    top: Path
    path: str
    data: bytes | None
    token: str
    makes_way: bool = False
    made: list[str] = field(default_factory=list)
    status: os.stat_result | None = None
    _had: bool = False
    _written: bool = False
    _done: bool = False
    _moved: bool = False

    @property
    def temporary(self) -> str:
        """The name of the new file until it takes its place."""
        return f".gitcms-{self.token}.tmp"

    @property
    def backup(self) -> str:
        """The name under which the old file waits until all is done."""
        return f".gitcms-{self.token}.old.tmp"

    @property
    def moved(self) -> str:
        """The name under which a folder that makes way waits, with what its files wait as."""
        return f".gitcms-{self.token}.way.tmp"

    @contextlib.contextmanager
    def written(self) -> Iterator[int]:
        """Write the new file beside its place, and give it, not durable yet. `put` does both otherwise."""
        with _parent(self.top, self.path, create=self.made) as parent:
            assert parent is not None
            folder, name = parent
            with self._temporary(folder, self._old(folder, name)) as file:
                yield file

    def put(self) -> None:
        """Put the file into its place, its bytes durable. Its name is made so by `settle`."""
        with _parent(self.top, self.path, create=self.made if self.data is not None else None) as parent:
            if parent is None:
                return
            folder, name = parent
            if self.makes_way:
                self._move_folder(folder, name)
            old = self._old(folder, name)
            if self.data is not None and not self._written:
                with self._temporary(folder, old) as file:
                    make_durable(file)
            reach("file.backup")
            if old is not None:
                os.link(name, self.backup, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
                self._had = True
            reach("file.rename")
            if self.data is None:
                os.unlink(name, dir_fd=folder)
            else:
                os.rename(self.temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
            self._done = True
            if self.data is not None:
                self.status = os.lstat(name, dir_fd=folder)

    def _move_folder(self, folder: int, name: bytes) -> None:
        try:
            os.rename(os.fsdecode(name) + "/", self.moved, src_dir_fd=folder, dst_dir_fd=folder)
        except FileNotFoundError:
            return
        except NotADirectoryError:
            raise _not_a_file(self.path) from None
        self._moved = True
        if not all(each.startswith(OURS) for _, _, files, _ in _walk(self.moved, folder) for each in files):
            raise ChangedOnDisk("Someone has put something into this folder.", details=self.path)

    def _old(self, folder: int, name: bytes) -> os.stat_result | None:
        try:
            old = os.lstat(name, dir_fd=folder)
        except FileNotFoundError:
            return None
        if stat.S_ISLNK(old.st_mode):
            raise link_refused(self.path)
        if not stat.S_ISREG(old.st_mode):
            raise _not_a_file(self.path)
        return old

    @contextlib.contextmanager
    def _temporary(self, folder: int, old: os.stat_result | None) -> Iterator[int]:
        reach("file.temporary")
        self._written = True
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        file = os.open(self.temporary, flags, 0o666, dir_fd=folder)
        try:
            if old is not None:
                os.fchmod(file, stat.S_IMODE(old.st_mode))
                new = os.fstat(file)
                if (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid):
                    with contextlib.suppress(PermissionError):
                        os.fchown(file, old.st_uid, old.st_gid)
                        os.fchmod(file, stat.S_IMODE(old.st_mode))
            assert self.data is not None
            write_all(file, self.data)
            reach("file.fsync")
            yield file
        finally:
            os.close(file)

    @contextlib.contextmanager
    def folder(self) -> Iterator[list[int]]:
        """Open the folder that has to be durable for the file's new name to be so; none if it is gone."""
        with _parent(self.top, self.path, create=None) as parent:
            if parent is None:
                yield []
            else:
                reach("file.folder")
                yield [parent[0]]

    def settle(self) -> None:
        """Make the file's new name durable."""
        with self.folder() as folders:
            make_all_durable(folders)

    def clean(self) -> None:
        """Forget the old file, and folders that are empty now. The new one stays."""
        with _parent(self.top, self.path, create=None) as parent:
            if parent is not None:
                _unlink(self.backup, parent[0])
                if self._moved:
                    _remove_moved(self.moved, parent[0])
        if self.data is None:
            _remove_empty_folders(self.top, self.path)

    def forget(self) -> None:
        """Remove temporary files of this name that a killed process left. The file itself stays."""
        with _parent(self.top, self.path, create=None) as parent:
            if parent is not None:
                _unlink(self.temporary, parent[0])
                _unlink(self.backup, parent[0])
                _remove_moved(self.moved, parent[0])

    def undo(self) -> None:
        """Put everything back as it was."""
        begun = self._written or self._had or self._done or self._moved
        with _parent(self.top, self.path, create=None) if begun else contextlib.nullcontext() as parent:
            if parent is not None:
                folder, name = parent
                _unlink(self.temporary, folder)
                if self._had:
                    os.rename(self.backup, name, src_dir_fd=folder, dst_dir_fd=folder)
                    # A rename onto the very same file leaves both names (rename(2)).
                    _unlink(self.backup, folder)
                elif self._done:
                    _unlink(os.fsdecode(name), folder)
                if self._moved:
                    os.rename(self.moved, name, src_dir_fd=folder, dst_dir_fd=folder)
                if self._done or self._moved:
                    make_durable(folder)
        for made in reversed(self.made):
            with contextlib.suppress(OSError):
                os.rmdir(self.top / made)


def _unlink(name: str, folder: int) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder)


def _walk(name: str, folder: int) -> Iterator[tuple[str, list[str], list[str], int]]:
    """Yield a folder of this name and all in it as `os.fwalk` does, from within, with links among the files;
    nothing when there is none."""
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        for inside, folders, files, here in os.fwalk(
            name, topdown=False, follow_symlinks=False, dir_fd=folder
        ):
            links = [each for each in folders if stat.S_ISLNK(os.lstat(each, dir_fd=here).st_mode)]
            yield inside, [each for each in folders if each not in links], files + links, here


def _remove_moved(name: str, folder: int) -> None:
    """Remove a folder that made way. What is not ours in it stays, and so does the folder then."""
    for _, folders, files, inside in _walk(name, folder):
        for each in files:
            if each.startswith(OURS):
                os.unlink(each, dir_fd=inside)
        for each in folders:
            with contextlib.suppress(OSError):
                os.rmdir(each, dir_fd=inside)
    with contextlib.suppress(OSError):
        os.rmdir(name, dir_fd=folder)


def _remove_empty_folders(top: Path, path: str) -> None:
    """Remove the folders that a deleted file leaves empty, as git does."""
    folders = path.split("/")[:-1]
    while folders:
        inner = "/".join(folders)
        try:
            with _parent(top, inner, create=None) as parent:
                if parent is None:
                    return
                os.rmdir(parent[1], dir_fd=parent[0])
        except OSError:
            return
        folders.pop()
