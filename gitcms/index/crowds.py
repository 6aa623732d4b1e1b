"""Beginnings that very many words have, as "inter": which contents have such a word, a byte for each content.

FTS5 finds a beginning of a few letters as quickly as a word; for a longer one it joins the lists of all words
that begin so, which takes its time where these stand in very many contents. `gather` looks for such
beginnings when all words are there, `note` brings new contents in, and a search looks the byte of a content
up (`has`). A beginning that becomes one later is found as before, until very many contents come at once.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from gitcms.content.facts import Words
from gitcms.index.tables import BEGINNINGS, TOKENIZER

MANY = 40_000
"""Places in contents where words of one beginning stand; so many are joined in some milliseconds."""
FEW_WORDS = 4
"""So many words are asked for one by one."""
CONTENTS = 15_000
"""In fewer there are hardly so many places."""
LONGEST = 40
_SHORTEST = max(BEGINNINGS) + 1
_PART = 4000
"""Contents whose bytes stand in one row: so a row lies in one page of the file, and is soon written."""


def gather(connection: sqlite3.Connection) -> None:
    """Look for all such beginnings anew."""
    forget(connection)
    (highest,) = connection.execute("SELECT coalesce(max(id), 0) FROM contents").fetchone()
    if highest < CONTENTS:
        return
    for beginning, same in list(_crowded(connection)):
        flags = flags_of(connection, same) if same else _flags(connection, beginning, highest)
        _keep(connection, beginning, {at: flags[at : at + _PART] for at in range(0, len(flags), _PART)})


def forget(connection: sqlite3.Connection) -> None:
    """Forget them, before very many contents come."""
    connection.execute("DELETE FROM crowds")


def note(connection: sqlite3.Connection, contents: Sequence[tuple[int, Words]]) -> None:
    """Note which of these beginnings some new contents have."""
    known = {beginning for (beginning,) in connection.execute("SELECT DISTINCT beginning FROM crowds")}
    if not known:
        return
    begun = {beginning[:_SHORTEST] for beginning in known}
    found: defaultdict[str, list[int]] = defaultdict(list)
    spoken = spelled((f"{words.said} {words.text}" for _, words in contents), ordered=False)
    for (content, _), words in zip(contents, spoken, strict=True):
        those = (word for word in words if word[:_SHORTEST] in begun)
        for beginning in {each for word in those for each in _beginnings(word)} & known:
            found[beginning].append(content)
    asked = "SELECT contents FROM crowds WHERE beginning = ? AND part = ?"
    for beginning, numbers in found.items():
        parts: dict[int, bytearray] = {}
        for content in numbers:
            part = content - content % _PART
            if part not in parts:
                row = connection.execute(asked, (beginning, part)).fetchone()
                parts[part] = bytearray(row[0] if row else _PART)
            parts[part][content - part] = 1
        _keep(connection, beginning, parts)


def flags_of(connection: sqlite3.Connection, beginning: str) -> bytes:
    """Return a byte for each content, 1 where it has such a beginning; none where that is not kept."""
    asked = "SELECT part, contents FROM crowds WHERE beginning = ?"
    parts = dict(connection.execute(asked, (beginning,)))
    return b"".join(parts.get(at, bytes(_PART)) for at in range(0, max(parts, default=-1) + 1, _PART))


def _flags(connection: sqlite3.Connection, beginning: str, highest: int) -> bytes:
    flags = bytearray(highest + _PART - highest % _PART)
    asked = ('"' + beginning + '"*',)
    for (content,) in connection.execute("SELECT rowid FROM words WHERE words MATCH ?", asked):
        flags[content] = 1
    return bytes(flags)


def _keep(connection: sqlite3.Connection, beginning: str, parts: Mapping[int, bytes | bytearray]) -> None:
    connection.executemany(
        "INSERT OR REPLACE INTO crowds VALUES (?, ?, ?)",
        [(beginning, part, flags) for part, flags in parts.items()],
    )


def has(content: str, flags: str) -> str:
    """Return the condition that a content has a beginning, by the names that SQL knows both by."""
    return f"substr({flags}, {content} + 1, 1) = x'01'"


def words_of(connection: sqlite3.Connection, beginning: str) -> list[str]:
    """Return the words that begin so, where they are few; else the first few and one."""
    rows = connection.execute(
        "SELECT term FROM vocabulary WHERE term >= ? AND term < ? LIMIT ?",
        (beginning, beginning + "\U0010ffff", FEW_WORDS + 1),
    )
    return [word for (word,) in rows]


def spelled(texts: Iterable[str], *, ordered: bool = True) -> list[list[str]]:
    """Return the words of texts as the full-text search has them: SQLite's own letters.

    :param ordered: in their order, and each as often as it stands there; else each once.
    """
    detail, order = ("full", " ORDER BY doc, offset") if ordered else ("none", "")
    with contextlib.closing(sqlite3.connect(":memory:")) as scratch:
        scratch.execute(
            "CREATE VIRTUAL TABLE texts USING"
            f" fts5 (text, content = '', detail = {detail}, tokenize = '{TOKENIZER}')"
        )
        scratch.execute("CREATE VIRTUAL TABLE spelled USING fts5vocab (texts, instance)")
        scratch.executemany("INSERT INTO texts (rowid, text) VALUES (?, ?)", found := list(enumerate(texts)))
        words: list[list[str]] = [[] for _ in found]
        for number, word in scratch.execute(f"SELECT doc, term FROM spelled{order}"):
            words[number].append(word)
        return words


def _crowded(connection: sqlite3.Connection) -> Iterator[tuple[str, str | None]]:
    """Yield such beginnings, the shorter ones first, and a shorter one that just the same words have."""
    rows = connection.execute("SELECT term, doc FROM vocabulary")
    for _, group in groupby(rows, key=lambda row: row[0][:_SHORTEST]):
        words = list(group)
        if len(words) <= FEW_WORDS or sum(many for _, many in words) <= MANY:
            continue
        places: Counter[str] = Counter()
        different: Counter[str] = Counter()
        for word, many in words:
            for beginning in _beginnings(word):
                places[beginning] += many
                different[beginning] += 1
        for one in sorted(places, key=len):
            if places[one] > MANY and different[one] > FEW_WORDS:
                yield one, one[:-1] if different[one] == different[one[:-1]] else None


def _beginnings(word: str) -> Iterator[str]:
    return (word[:letters] for letters in range(_SHORTEST, min(len(word), LONGEST) + 1))
