"""The text below the fields: as a form shows it, and back.

Here: line ends. A browser gives every line end back as CRLF; the file keeps its own, line by line,
so that a change of one word in a file of mixed line ends changes one word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from gitcms.content.spans import alike
from gitcms.errors import EditRefused

_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")
# Lines beyond which two texts are not aligned inside the part that differs, but replaced.
_ALIGNED = 4000

# What Git leaves where two versions meet (git-merge(1), "How conflicts are presented").
_MEETING = re.compile(r"^<{7} .*?^={7}\s*?$.*?^>{7} ", re.MULTILINE | re.DOTALL)

Line = tuple[str, str]


def shown(text: str) -> str:
    """The text with LF line ends, as a form shows it."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def holds_two_versions(text: str) -> bool:
    """Tell whether a text has the marks of a merge that somebody left half done."""
    return _MEETING.search(shown(text)) is not None


def changed(old: str, new: str, *, newline: str) -> str:
    """The old text with the lines that differ taken from the new one.

    :param old: the text with the file's own line ends.
    :param new: the text as it should be; its line ends are ignored.
    :param newline: the line end of a text that has none yet.
    :raises EditRefused: a changed line holds a NUL, which no form gives back.
    """
    # A browser shows a NUL as the replacement character and sends that back.
    name, new = (shown(text).replace("\x00", "\ufffd") for text in (old, new))
    if name == new:
        return old
    usual = _usual_end(old, newline)
    if old.count("\r") > old.count("\r\n"):
        # Lone CRs join with what comes to stand behind them: such a text is taken as a whole.
        return _changed_lines(old, new, usual)
    low, high = _frame(name, new)
    start, end = _place(old, low), _place(old, len(name) - high)
    return old[:start] + _changed_lines(old[start:end], new[low : len(new) - high], usual) + old[end:]


def _frame(old: str, new: str) -> tuple[int, int]:
    """How many characters of whole lines are alike before and behind what differs.

    One such line stays out of the count on each side, to be a neighbour for what is new.
    """
    low = old.rfind("\n", 0, max(0, old.rfind("\n", 0, alike(old, new)))) + 1
    high = alike(old[low:][::-1], new[low:][::-1])
    for _ in range(2):
        # Behind a line end, since what is left in the frame has to begin with a line.
        first = old.find("\n", len(old) - high)
        high = len(old) - first - 1 if first >= 0 and high else 0
    return low, high


def _place(text: str, shown_at: int) -> int:
    """Where a line begins in a text, by where it begins as a form shows it."""
    at = -1
    there = shown_at
    while there != at:
        at, there = there, shown_at + text.count("\r\n", 0, there)
    return at + 1 if text.startswith("\r\n", at - 1) and at else at


def _changed_lines(old: str, new: str, usual: str) -> str:
    before, after = list(_lines(old)), new.split("\n")
    names = [line.replace("\x00", "\ufffd") for line, _ in before]
    lines: list[Line] = []
    for low, high, fresh in _differences(names, after):
        lines += before[low:high] if fresh is None else _replaced(before, low, high, fresh)
    return _joined(lines, usual)


def _joined(lines: Sequence[Line], usual: str) -> str:
    pieces: list[str] = []
    last = ""
    for line, end in lines[:-1]:
        end = end or usual
        # CR, an empty line and LF would be one line end.
        last = "\r" if last == "\r" and not line and end == "\n" else end
        pieces += line, last
    return "".join(pieces) + lines[-1][0]


def _lines(text: str) -> Iterator[Line]:
    """Lines with their ends. The last one has none; after a final line end it is empty."""
    at = 0
    while True:
        found = _LINE.match(text, at)
        assert found is not None
        yield found[1], found[2]
        if not found[2]:
            return
        at = found.end()


def _usual_end(text: str, newline: str) -> str:
    """The line end that a text has most."""
    pairs = text.count("\r\n")
    ends = {"\r\n": pairs, "\n": text.count("\n") - pairs, "\r": text.count("\r") - pairs}
    most = max(ends, key=ends.__getitem__)
    return most if ends[most] else newline


def _differences(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int, Sequence[str] | None]]:
    """Runs of old lines: kept (`None`) or replaced by new ones."""
    low = 0
    while low < min(len(old), len(new)) and old[low] == new[low]:
        low += 1
    high = 0
    while high < min(len(old), len(new)) - low and old[-1 - high] == new[-1 - high]:
        high += 1
    yield 0, low, None
    inner_old, inner_new = old[low : len(old) - high], new[low : len(new) - high]
    if len(inner_old) + len(inner_new) > _ALIGNED:
        yield low, len(old) - high, inner_new
    else:
        matcher = SequenceMatcher(None, inner_old, inner_new, autojunk=False)
        for tag, i1, i2, j1, j2 in matcher.get_opcodes():
            yield low + i1, low + i2, None if tag == "equal" else inner_new[j1:j2]
    yield len(old) - high, len(old), None


def _replaced(before: Sequence[Line], low: int, high: int, fresh: Sequence[str]) -> Iterator[Line]:
    """New lines in place of old ones, each with the end of the line whose place it takes."""
    if any("\x00" in line for line, _ in before[low:high]):
        raise EditRefused(
            "This line holds bytes that a text field cannot carry, so it cannot be changed here."
        )
    for index, line in enumerate(fresh):
        place = low + index if low + index < high else max(low, high) - 1
        yield line, before[max(place, 0)][1]
