"""A site as it lies in a folder on the disk: the names of its files, and their bytes.

For commands that look and do not edit, but that a new file may be added; the folder need not be a repository.
A site that is open for editing is read at its newest commit instead, by `site`.
"""

from __future__ import annotations

import os
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
        names = present(self.top) or list(_walk(self.top))
        self._linked: dict[Path, bool] = {self.top: False}
        self.paths = sorted({name for name in names if self._is_file(name)})

    def read(self, path: str) -> bytes:
        """Return the bytes of one of the files.

        :raises StorageFailed: it cannot be read.
        """
        try:
            return (self.top / path).read_bytes()
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
        file = self.top / name
        # A link may lead out of the site; what it leads to inside is there under its own name.
        return not file.is_symlink() and file.is_file() and not self._is_linked(file.parent)

    def _is_linked(self, folder: Path) -> bool:
        """Tell whether a folder of the site, or one around it in the site, is a link."""
        if folder not in self._linked:
            self._linked[folder] = folder.is_symlink() or self._is_linked(folder.parent)
        return self._linked[folder]


def _walk(top: Path) -> Iterator[str]:
    for place, folders, files in os.walk(top):
        folders[:] = [one for one in folders if one not in SKIPPED_FOLDERS and one != ".git"]
        for name in files:
            yield (Path(place) / name).relative_to(top).as_posix()
