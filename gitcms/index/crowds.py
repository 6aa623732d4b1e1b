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
from collections.abc import Iterable, Iterator, Sequence
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
_ROOM = 10_000
"""Bytes for contents that come later."""


def gather(connection: sqlite3.Connection) -> None:
    """Look for all such beginnings anew."""
    forget(connection)
    (highest,) = connection.execute("SELECT coalesce(max(id), 0) FROM contents").fetchone()
    if highest < CONTENTS:
        return
    for beginning, same in list(_crowded(connection)):
        flags = _flags(connection, beginning, highest) if same is None else flags_of(connection, same)
        connection.execute("INSERT INTO crowds (beginning, contents) VALUES (?, ?)", (beginning, flags))


def _flags(connection: sqlite3.Connection, beginning: str, highest: int) -> bytes:
    flags = bytearray(highest + _ROOM)
    asked = ('"' + beginning + '"*',)
    for (content,) in connection.execute("SELECT rowid FROM words WHERE words MATCH ?", asked):
        flags[content] = 1
    return bytes(flags)


def forget(connection: sqlite3.Connection) -> None:
    """Forget them, before very many contents come."""
    connection.execute("DELETE FROM crowds")


def note(connection: sqlite3.Connection, contents: Sequence[tuple[int, Words]]) -> None:
    """Note which of these beginnings some new contents have."""
    known = dict(connection.execute("SELECT beginning, id FROM crowds"))
    if not known:
        return
    found: defaultdict[int, list[int]] = defaultdict(list)
    spoken = spelled(f"{words.said} {words.text}" for _, words in contents)
    for (content, _), words in zip(contents, spoken, strict=True):
        for beginning in {each for word in words for each in _beginnings(word)} & known.keys():
            found[known[beginning]].append(content)
    for number, those in found.items():
        connection.execute(
            "UPDATE crowds SET contents = CAST(contents || zeroblob(:more) AS BLOB)"
            " WHERE id = :id AND length(contents) <= :content",
            {"id": number, "content": max(those), "more": max(those) + _ROOM},
        )
        with connection.blobopen("crowds", "contents", number) as flags:
            for content in those:
                flags[content] = 1


def flags_of(connection: sqlite3.Connection, beginning: str) -> bytes | None:
    """Return a byte for each content, 1 where it has such a beginning; None where that is not kept."""
    row = connection.execute("SELECT contents FROM crowds WHERE beginning = ?", (beginning,)).fetchone()
    return row[0] if row else None


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


def spelled(texts: Iterable[str]) -> list[list[str]]:
    """Return the words of texts as the full-text search has them: SQLite's own letters, in their order."""
    with contextlib.closing(sqlite3.connect(":memory:")) as scratch:
        scratch.execute(
            f"CREATE VIRTUAL TABLE texts USING fts5 (text, content = '', tokenize = '{TOKENIZER}')"
        )
        scratch.execute("CREATE VIRTUAL TABLE spelled USING fts5vocab (texts, instance)")
        scratch.executemany("INSERT INTO texts (rowid, text) VALUES (?, ?)", found := list(enumerate(texts)))
        words: list[list[str]] = [[] for _ in found]
        for number, word in scratch.execute("SELECT doc, term FROM spelled ORDER BY doc, offset"):
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
