"""The piece of a text in which the words of a search stand, cut out for a list.

Words are found from their beginning on, whatever their accents and capitals, as the search itself finds them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from gitcms.content import markdown

LENGTH = 140
BEFORE = 50
MOST = 100_000
"""Characters of a text that are looked through."""
_ALIKE = re.compile(r"[\x00-\x7f]+|[^\x00-\x7f]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text; `hit` where it is what was searched for."""

    text: str
    hit: bool


def highlight(text: str, search: str) -> tuple[Piece, ...]:
    """Return the first piece of a Markdown text that holds a word of a search, and () if none does."""
    plain = markdown.plain_text(text[:MOST], MOST)
    spans = _hits(plain, search.split())
    if not spans:
        return ()
    start = max(0, spans[0][0] - BEFORE)
    if start:
        blank = plain.find(" ", start, spans[0][0])
        start = blank + 1 if blank >= 0 else start
    end = min(len(plain), start + LENGTH)
    pieces, at = [Piece("… ", hit=False)] if start else [], start
    for first, last in spans:
        if first < at or first >= end:
            continue
        pieces += [Piece(plain[at:first], hit=False)] if first > at else []
        pieces.append(Piece(plain[first : min(last, end)], hit=True))
        at = min(last, end)
    rest = plain[at:end] + (" …" if end < len(plain) else "")
    return (*pieces, Piece(rest, hit=False)) if rest else tuple(pieces)


def _hits(plain: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """Return where the words stand, each up to its end, in the order of the text."""
    folded, places = _folded(plain)
    found: list[tuple[int, int]] = []
    for word in words:
        wanted = _folded(word)[0].strip("\"'.,;:!?()")
        if not wanted:
            continue
        # Scripts that put no spaces between words have no beginnings of words.
        begins = r"(?<!\w)" if wanted[0].isascii() else ""
        found += [
            (places[hit.start()], places[hit.end() - 1] + 1)
            for hit in re.finditer(begins + re.escape(wanted), folded)
        ]
    return sorted(found)


def _folded(text: str) -> tuple[str, list[int]]:
    """Return a text without capitals and accents, and for each character where it comes from."""
    if text.isascii():
        return text.lower(), list(range(len(text)))
    folded: list[str] = []
    places: list[int] = []
    for run in _ALIKE.finditer(text):
        if run[0].isascii():
            folded.append(run[0].lower())
            places += range(run.start(), run.end())
            continue
        for at, char in enumerate(run[0], run.start()):
            for part in unicodedata.normalize("NFKD", char.casefold()):
                if not unicodedata.combining(part):
                    folded.append(part)
                    places.append(at)
    return "".join(folded), places
