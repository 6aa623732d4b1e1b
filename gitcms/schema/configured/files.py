"""A file of configuration, whoever's it is: what it says, on which line, and what is to be said of it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gitcms.content.document import Document
from gitcms.content.values import Path
from gitcms.errors import GitCMSError


@dataclass(frozen=True, slots=True, order=True)
class Remark:
    """A sentence about one line of a configuration. `line` counts from 1; 0 for the file as a whole.

    `wrong` tells what is to be mended from what is merely without effect here.
    """

    path: str
    line: int
    sentence: str
    wrong: bool = True

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.sentence}" if self.line else f"{self.path}: {self.sentence}"


@dataclass(slots=True)
class ConfigFile:
    """A configuration that was read. `values` is empty where it cannot be; a remark then says why."""

    path: str
    values: Mapping[str, Any] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    _document: Document | None = None

    @classmethod
    def read(cls, path: str, data: bytes) -> ConfigFile:
        """Read a file of YAML, TOML or JSON, by the ending of its name."""
        file = cls(path)
        try:
            document = Document.parse(data, path)
        except GitCMSError as error:
            file.remarks.append(Remark(path, 0, f"This file cannot be read. {error}"))
            return file
        if document.problem is not None or document.items is not None:
            problem, kind = document.problem, document.format.upper()
            why = (
                f"From here on it is no {kind}."
                if problem
                else "It is a list, where names and values belong."
            )
            line = problem.line if problem is not None else 1
            file.remarks.append(Remark(path, line or 0, f"This file cannot be read. {why}"))
            return file
        file.values, file._document = document.values, document
        for warning in document.warnings:
            file.remarks.append(Remark(path, 0, warning))
        return file

    def line_of(self, place: Path) -> int:
        """Return the line of a value, or of what it stands in: one that came by an alias has none."""
        for end in range(len(place), 0, -1):
            line = self._document.line_of(place[:end]) if self._document is not None else None
            if line is not None:
                return line
        return 0

    def say(self, place: Path, sentence: str, *, wrong: bool = True) -> None:
        """Note a remark about the value at a place."""
        self.remarks.append(Remark(self.path, self.line_of(place), sentence, wrong))

    def unknown(self, place: Path, known: Iterable[str]) -> None:
        """Note that nobody knows the last name of a place, and the nearest one that is known."""
        name = str(place[-1])
        self.say(place, f"“{name}” is not known here.{nearest(name, known)}")

    def silent(self) -> ConfigFile:
        """Return the same file, whose further remarks are heard by nobody."""
        return ConfigFile(self.path, self.values, [], self._document)


def nearest(name: str, known: Iterable[str]) -> str:
    """Return ` Do you mean “title”?`, or "" where no known name comes near."""
    folded = {each.casefold().replace("-", "_"): each for each in known}
    found = difflib.get_close_matches(name.casefold().replace("-", "_"), folded, n=1, cutoff=0.6)
    return f" Do you mean “{folded[found[0]]}”?" if found else ""
