"""Where text is to be replaced, and the one function that replaces it.

Here: pieces of text and their places. Not here: what stands there (`formats/` know).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from gitcms.errors import EditRefused


@dataclass(frozen=True, slots=True, order=True)
class Splice:
    """Put `text` in place of the characters from `start` up to `end`; `start == end` inserts."""

    start: int
    end: int
    text: str


def apply(text: str, splices: Iterable[Splice]) -> str:
    """The text with every splice done, all places being those of the original text.

    :raises EditRefused: when two splices overlap; the answer would depend on their order.
    """
    pieces: list[str] = []
    at = 0
    for splice in sorted(splices, key=lambda one: (one.start, one.end)):
        if splice.start < at or splice.end < splice.start:
            raise EditRefused("Two changes of one value would overlap.")
        pieces += text[at : splice.start], splice.text
        at = splice.end
    pieces.append(text[at:])
    return "".join(pieces)


def alike(one: str, other: str) -> int:
    """How many characters two texts have in common at their beginnings."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def line_start(text: str, at: int) -> int:
    """Where the line that holds `at` begins."""
    return text.rfind("\n", 0, at) + 1


def line_end(text: str, at: int) -> int:
    """Where the line that holds `at` ends, before its line end (LF or CRLF)."""
    end = text.find("\n", at)
    if end < 0:
        end = len(text)
    return end - 1 if end > at and text[end - 1] == "\r" else end


def next_line(text: str, at: int) -> int:
    """Where the line after the one that holds `at` begins; the end of the text if there is none."""
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1


def line_number(text: str, at: int) -> int:
    """The number of the line that holds `at`, counted from 1."""
    return text.count("\n", 0, at) + 1


def line_numbers(text: str) -> Callable[[int], int]:
    """As `line_number`, for many places of one text."""
    starts = [0]
    at = text.find("\n")
    while at >= 0:
        starts.append(at + 1)
        at = text.find("\n", at + 1)
    return lambda place: bisect_right(starts, place)
