"""What is asked for by a search: every word, from its beginning on, as FTS5 asks for it and by other ways.

A long beginning costs FTS5 time where many words have it (see `crowds`): such ones are looked up, and where
few words have it, these are asked for.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from gitcms.content.facts import RUN, pairs
from gitcms.index import crowds
from gitcms.index.tables import BEGINNINGS


@dataclass(frozen=True, slots=True)
class Sought:
    """The words of a search.

    `asked` is what FTS5 is asked, "" for nothing. `crowds` say of beginnings that are looked up besides which
    contents have them. `quick`: FTS5 answers for one content without reading all that have such words.
    """

    asked: str = ""
    crowds: tuple[bytes, ...] = ()
    quick: bool = True

    def __bool__(self) -> bool:
        return bool(self.asked or self.crowds)

    def arguments(self) -> dict[str, object]:
        """Return what the conditions name."""
        return {"words": self.asked, **{f"crowd{at}": each for at, each in enumerate(self.crowds)}}

    def looked_up(self, content: str) -> str:
        """Return the condition that a content has the looked up beginnings, as SQL has it, to put behind."""
        return "".join(f" AND {crowds.has(content, f':crowd{at}')}" for at in range(len(self.crowds)))


NOTHING_SOUGHT = Sought()


def sought(connection: sqlite3.Connection, text: str) -> Sought:
    """Return how the words of a search are found."""
    asked, looked_up, quick = [], [], True
    for words, begins in _terms(text):
        if not begins or len(words.split()[-1]) in BEGINNINGS:
            asked.append(_quoted(words, begins=begins))
            continue
        spelled = _spelled(words)
        if len(spelled) == 1 and (flags := crowds.flags_of(connection, spelled[0])):
            looked_up.append(flags)
            continue
        whole = crowds.words_of(connection, spelled[-1]) if spelled else []
        if 0 < len(whole) <= crowds.FEW_WORDS:
            those = " OR ".join(_quoted(" ".join((*spelled[:-1], word))) for word in whole)
            asked.append(f"({those})")
        else:
            asked.append(_quoted(words, begins=True))
            quick = quick and not whole
    return Sought(" AND ".join(asked), tuple(looked_up), quick)


@lru_cache(1000)
def _spelled(words: str) -> list[str]:
    (spelled,) = crowds.spelled([words])
    return spelled


def _terms(text: str) -> Iterator[tuple[str, bool]]:
    """Yield words that stand side by side, and whether the last of them is a beginning."""
    for word in text.split():
        at = 0
        for run in RUN.finditer(word):
            yield from _spaced(word[at : run.start()])
            # Pairs that stand side by side are the run itself; a lone letter begins a pair.
            yield " ".join(pairs(run[0])), len(run[0]) == 1
            at = run.end()
        yield from _spaced(word[at:])


def _spaced(word: str) -> Iterator[tuple[str, bool]]:
    if parts := re.findall(r"\w+", word):
        yield " ".join(parts), True


def _quoted(words: str, *, begins: bool = False) -> str:
    return f'"{words}"' + ("*" if begins else "")
