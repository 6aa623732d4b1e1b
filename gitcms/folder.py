"""A site as it lies in a folder on the disk: the names of its files, and their bytes.

For commands that look and do not edit, but that a new file may be added; the folder need not be a repository.
A site that is open for editing is read at its newest commit instead, by `site`.
"""

from __future__ import annotations

import os
import posixpath
import stat
from collections.abc import Iterator
from pathlib import Path

from gitcms.errors import NotFound, PathTaken, StorageFailed
from gitcms.repository.present import present
from gitcms.schema.collection import SKIPPED_FOLDERS


class Folder:
    """The files of one folder. `paths` are relative to it, sorted, with slashes."""

    def __init__(self, top: Path) -> None:
        """
        :raises NotFound: there is no such folder.
        """
        self.top = top.expanduser().resolve()
        if not self.top.is_dir():
            raise NotFound("There is no such folder.", hint="Check the path of the site.", details=str(top))
        # Where Git names none, the folder may itself be ignored by a repository around it.
        self._prefix = os.path.join(self.top, "")
        names = present(self.top) or list(_walk(self.top))
        self._linked: dict[str, bool] = {"": False}
        self.paths = sorted({name for name in names if self._is_file(name)})

    def read(self, path: str) -> bytes:
        """Return the bytes of one of the files.

        :raises StorageFailed: it cannot be read.
        """
        try:
            with open(f"{self._prefix}{path}", "rb", buffering=0) as file:
                return file.readall()
        except OSError as error:
            raise StorageFailed(
                "A file of the site cannot be read.", hint="Look at who may read it.", details=str(error)
            ) from error

    def add(self, path: str, data: bytes) -> None:
        """Write a file that is not there yet.

        :raises PathTaken: it is there. :raises StorageFailed: it cannot be written.
        """
        try:
            with (self.top / path).open("xb") as file:
                file.write(data)
        except FileExistsError as error:
            raise PathTaken(
                f"There is a {path} already.", hint="Edit it, or move it away to have a new one written."
            ) from error
        except OSError as error:
            raise StorageFailed(
                f"{path} cannot be written.", hint="Look at who may write there.", details=str(error)
            ) from error

    def _is_file(self, name: str) -> bool:
        # A link may lead out of the site; what it leads to inside is there under its own name.
        return stat.S_ISREG(self._mode(name)) and not self._is_linked(posixpath.dirname(name))

    def _is_linked(self, folder: str) -> bool:
        """Tell whether a folder of the site, or one around it in the site, is a link."""
        if folder not in self._linked:
            linked = stat.S_ISLNK(self._mode(folder)) or self._is_linked(posixpath.dirname(folder))
            self._linked[folder] = linked
        return self._linked[folder]

    def _mode(self, name: str) -> int:
        """Return what kind of thing has that name, itself and not what it leads to; 0 for nothing."""
        try:
            return os.lstat(f"{self._prefix}{name}").st_mode
        except (OSError, ValueError):
            return 0


def _walk(top: Path) -> Iterator[str]:
    for place, folders, files in os.walk(top):
        folders[:] = [one for one in folders if one not in SKIPPED_FOLDERS and one != ".git"]
        within = Path(place).relative_to(top).as_posix()
        yield from files if within == "." else (f"{within}/{name}" for name in files)
