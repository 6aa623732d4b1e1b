"""Lists and objects between brackets: put a part in, take one out, move one.

Here: commas, line ends, indentation and comments around parts that stand in a row, in whichever way the row
is laid out. Not here: what the parts mean, and how a new one is spelled (`json`, `toml`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gitcms.content.spans import Splice, line_end, line_start, next_line


@dataclass(frozen=True, slots=True)
class Row:
    """Parts with commas between them.

    `start` is behind the opening bracket, `end` before the closing one; `parts` are the places of the items,
    or of whole `key: value` pairs. `comments` tells whether `#` begins a comment, `comma` what stands between
    parts of one line elsewhere in the text.
    """

    text: str
    start: int
    end: int
    parts: Sequence[tuple[int, int]]
    comments: bool = False
    comma: str = ", "

    def has_own_line(self, index: int) -> bool:
        """Whether nothing stands before this part on its line, not even the bracket."""
        start = self.parts[index][0]
        first = line_start(self.text, start)
        return first >= self.start and not self.text[first:start].strip()

    def indent(self) -> str | None:
        """The white space before parts that have lines of their own; None where the last one has not."""
        if not self.parts or not self.has_own_line(len(self.parts) - 1):
            return None
        start = self.parts[-1][0]
        return self.text[line_start(self.text, start) : start]

    def comma_after(self, index: int) -> int | None:
        """Where the comma behind a part stands; the last part may have none."""
        at = self.parts[index][1]
        limit = self.parts[index + 1][0] if index + 1 < len(self.parts) else self.end
        while at < limit:
            if self.text[at] == ",":
                return at
            at = line_end(self.text, at) if self.comments and self.text[at] == "#" else at + 1
        return None

    def separator(self) -> str:
        """What stands between two parts of one line here."""
        for index in range(len(self.parts) - 1, 0, -1):
            gap = self.text[self.parts[index - 1][1] : self.parts[index][0]]
            if "\n" not in gap and "#" not in gap:
                return gap
        return self.comma

    def above(self, index: int) -> int:
        """Where the comment lines begin that stand right above a part; its own line if there are none."""
        first = line_start(self.text, self.parts[index][0])
        while self.comments and first > self.start:
            line = line_start(self.text, first - 1)
            if line < self.start or not self.text[line:first].lstrip().startswith("#"):
                break
            first = line
        return first

    def ends_its_line(self, index: int) -> bool:
        """Whether only the comma and a comment stand behind a part on its line."""
        comma = self.comma_after(index)
        at = self.parts[index][1] if comma is None else comma + 1
        end = line_end(self.text, at)
        rest = self.text[at:end].strip()
        return end < self.end and (not rest or (self.comments and rest.startswith("#")))


def insert(row: Row, index: int, new: str, *, newline: str, pad: str = "", unit: str = "  ") -> list[Splice]:
    """Put a part in before the one at `index`, or behind the last one, laid out like its neighbours.

    :param new: the part as it is spelled, without a comma.
    :param pad: what goes between brackets and parts in an empty row of one line.
    :param unit: how much deeper than its bracket the first part of an empty row of several lines goes.
    """
    if not row.parts:
        return [_first(row, new, newline, pad, unit)]
    if index >= len(row.parts):
        return _append(row, new, newline)
    start = row.parts[index][0]
    if not row.has_own_line(index):
        return [Splice(start, start, new + row.separator())]
    at = row.above(index)
    indent = row.text[line_start(row.text, start) : start]
    return [Splice(at, at, f"{indent}{new},{newline}")]


def remove(row: Row, index: int) -> list[Splice]:
    """Take a part out with its comma, its lines and its own comments, and leave everybody else's."""
    text, (start, end) = row.text, row.parts[index]
    comma = row.comma_after(index)
    after = end if comma is None else comma + 1
    if len(row.parts) == 1 and "#" not in text[row.start : start] + text[after : row.end]:
        return [Splice(row.start, row.end, "")]
    if row.has_own_line(index) and row.ends_its_line(index):
        return [
            *_previous_comma(row, index, comma),
            Splice(_own_start(row, index), next_line(text, after), ""),
        ]
    if index + 1 < len(row.parts):
        following = row.parts[index + 1][0]
        if not text[after:following].strip(" \t"):
            return [Splice(start, following, "")]
    if index > 0 and not {"\n", "#"} & {*text[row.parts[index - 1][1] : start]}:
        return [Splice(row.parts[index - 1][1], end, "")]
    last = index > 0 and index + 1 == len(row.parts) and not text[end : row.end].strip()
    if last and "#" not in text[row.parts[index - 1][1] : start]:
        return [Splice(row.parts[index - 1][1], end, "")]
    return [*_previous_comma(row, index, comma), Splice(start, after, "")]


def move(row: Row, index: int, to: int) -> list[Splice]:
    """Move a part, with the comments above and behind it where every part has its own line."""
    low, high = min(index, to), max(index, to)
    order = [*range(low, high + 1)]
    order.insert(to - low, order.pop(index - low))
    whole = all(row.has_own_line(place) and row.ends_its_line(place) for place in range(low, high + 1))
    splices: list[Splice] = []
    for place, source in enumerate(order, low):
        pieces = zip(_pieces(row, place, whole), _pieces(row, source, whole), strict=True)
        splices += [Splice(*old, row.text[slice(*new)]) for old, new in pieces if old != new]
    return splices


def _first(row: Row, new: str, newline: str, pad: str, unit: str) -> Splice:
    inner = row.text[row.start : row.end]
    closing = line_start(row.text, row.end)
    indent = row.text[closing : row.end]
    if "\n" not in inner:
        return Splice(row.start, row.end, f"{pad}{new}{pad}")
    if inner.strip():
        return Splice(closing, closing, f"{indent}{unit}{new}{newline}")
    return Splice(row.start, row.end, f"{newline}{indent}{unit}{new}{newline}{indent}")


def _append(row: Row, new: str, newline: str) -> list[Splice]:
    text, last = row.text, len(row.parts) - 1
    end = row.parts[last][1]
    indent = row.indent()
    if indent is None:
        return [Splice(end, end, row.separator() + new)]
    comma = row.comma_after(last)
    if comma is None:
        at = line_end(text, end) if row.ends_its_line(last) else end
        return [Splice(end, end, ","), Splice(at, at, f"{newline}{indent}{new}")]
    at = line_end(text, comma) if row.ends_its_line(last) else comma + 1
    return [Splice(at, at, f"{newline}{indent}{new},")]


def _previous_comma(row: Row, index: int, comma: int | None) -> list[Splice]:
    """The last part goes, and had no comma behind it: the one before it gets none either."""
    if comma is not None or index == 0 or index + 1 < len(row.parts):
        return []
    previous = row.comma_after(index - 1)
    return [] if previous is None else [Splice(previous, previous + 1, "")]


def _own_start(row: Row, index: int) -> int:
    """Comment lines right above go with their part, unless they may head the parts that follow too."""
    comma = row.comma_after(index)
    following = next_line(row.text, row.parts[index][1] if comma is None else comma)
    line = row.text[following : line_end(row.text, following)].strip()
    heads_more = bool(line) and line[0] not in "#]}"
    return line_start(row.text, row.parts[index][0]) if heads_more else row.above(index)


def _pieces(row: Row, index: int, whole: bool) -> list[tuple[int, int]]:
    """What belongs to a part: the comment lines above, itself, the comment behind its comma."""
    start, end = row.parts[index]
    if not whole:
        return [(start, end)]
    comma = row.comma_after(index)
    after = end if comma is None else comma + 1
    return [
        (row.above(index), line_start(row.text, start)),
        (start, end),
        (after, line_end(row.text, after)),
    ]
