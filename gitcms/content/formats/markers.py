"""How files mark their fields: between two lines of signs, or by the look of their first lines.

Here: where fields begin and end, for the kinds of front matter to name in their `markers`. Text is bytes
read as Latin-1, in which every byte is a character and none is lost. Not here: what the fields say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol, TypeAlias

Places: TypeAlias = tuple[int, int, int]
"""Where the fields begin, where they end, and where the body begins."""


class Marker(Protocol):
    """One way in which files mark their fields."""

    @property
    def begins(self) -> re.Pattern[str]:
        """What the file begins with; cheap to look for."""

    @property
    def after_blank_lines(self) -> bool:
        """Whether blank lines may stand before the fields."""

    def places(self, text: str, start: int) -> Places | None:
        """Where to cut a file that begins at `start`, or `None` where the end of the fields is missing."""


class Fence:
    """Fields between two lines of signs, such as `---`; the first may name their language."""

    after_blank_lines = True

    def __init__(self, sign: str, *, language: str = "", closes: tuple[str, ...] = ()) -> None:
        """:param language: a pattern of what may stand behind the first sign; `closes`: other last signs."""
        self.begins = re.compile(rf"{re.escape(sign)}[ \t]*{language}[ \t]*\r?\n")
        self._closers = tuple(
            (one, re.compile(rf"{re.escape(one)}[ \t]*(?:\r?\n|\Z)")) for one in closes or (sign,)
        )

    def places(self, text: str, start: int) -> Places | None:
        """Between the first line of signs and the next."""
        opening = self.begins.match(text, start)
        closing = self._closing(text, opening.end()) if opening else None
        return (opening.end(), closing.start(), closing.end()) if opening and closing else None

    def _closing(self, text: str, start: int) -> re.Match[str] | None:
        first: re.Match[str] | None = None
        for sign, line in self._closers:
            # The line feed before the sign may be the opening line's own.
            at = text.find("\n" + sign, start - 1, first.end() if first else None)
            while at >= 0:
                found = line.match(text, at + 1)
                if found:
                    first = found
                    break
                at = text.find("\n" + sign, at + 1, first.end() if first else None)
        return first


@dataclass(frozen=True)
class FirstLines:
    """Fields without a fence: the first lines of a file, as long as they look like fields.

    :param begins: what the first of them begins with.
    :param lines: all of them, with their line ends.
    :param ends: what has to follow.
    :param closing: whether that closes the fields, as a line `---` does; else it is the body's first line.
    """

    begins: re.Pattern[str]
    lines: re.Pattern[str]
    ends: re.Pattern[str]
    closing: bool = False
    after_blank_lines: bool = False

    def places(self, text: str, start: int) -> Places | None:
        """From the beginning to what ends the fields."""
        lines = self.lines.match(text, start)
        end = self.ends.match(text, lines.end()) if lines else None
        if lines is None or end is None:
            return None
        return start, lines.end(), end.end() if self.closing else lines.end()
