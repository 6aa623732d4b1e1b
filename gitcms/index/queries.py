"""Questions to the index: which entries, in which order, how many of each state, what else a field says.

Every answer is of one transaction. Words are found from their beginning on, whatever their accents and
capitals; scripts without spaces are found by pairs of letters.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from gitcms.content.facts import OURS, RUN, flat, key_of, searched, unpacked
from gitcms.content.values import Value
from gitcms.index import patterns
from gitcms.index.searches import NOTHING_SOUGHT, Sought, sought

NEWEST, TITLE, CHANGED, AUTHOR = "newest", "title", "changed", "commit_author"
MOST_COUNTED = 10_000
_SOUGHT = re.compile(rf"[0-9A-Za-z\u00c0-\u024f\u0386-\u0556]|{RUN.pattern}")
"""Letters that SQLite's tables of them have for sure."""
WIDE = 3_000
"""Entries that something finds without being rare."""
GATHERED = 20_000
"""Contents that a search finds and that are soon read all at once; of more, each is soon met in a list."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Only entries whose field says this, as one of several values or alone. `name` is dotted.

    With `matches`, `value` is a regular expression that is found in what it says, whatever the capitals;
    that is as quick as any other choice where a filter of the model says so (see `patterns`).
    """

    name: str
    value: str
    matches: bool = False


@dataclass(frozen=True, slots=True)
class Sort:
    """An order: `newest`, `title`, `changed` (last ones first), `commit_author`, or the name of a field."""

    by: str = NEWEST
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """What a list is to show. `state` is draft, scheduled, live or "" for all."""

    collection: str
    text: str = ""
    state: str = ""
    choices: tuple[Choice, ...] = ()
    sort: Sort = Sort()
    start: int = 0
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Found:
    """One entry of a list. `moment` and `changed` are seconds since 1970, UTC."""

    path: str
    title: str
    state: str
    moment: float | None
    changed: float | None
    author: str
    blob: str
    values: dict[str, Value]
    excerpt: str
    readable: bool


def find(connection: sqlite3.Connection, query: Query, now: float) -> list[Found]:
    """Return one page of entries.

    :param now: seconds since 1970; what waits for a later moment is scheduled.
    """
    query = _resolved(connection, query)
    where, arguments, rare = _conditions(connection, query, sought(connection, query.text))
    arguments |= {"now": now}
    if query.sort.by in _ORDERS:
        order = _ORDERS[query.sort.by][query.sort.descending]
        rows = _rows(connection, "entries e", where, order, arguments, query.start, query.limit)
    elif rare:
        rows = _few_by_field(connection, query, where, arguments)
    else:
        rows = _by_field(connection, query, where, arguments)
    return [
        Found(path, title, state, moment, changed, author, *_content(connection, content))
        for path, title, state, moment, changed, author, content in rows
    ]


def _rows(
    connection: sqlite3.Connection,
    tables: str,
    where: str,
    order: str,
    arguments: Mapping[str, object],
    start: int,
    limit: int,
) -> list[tuple[Any, ...]]:
    return connection.execute(
        f"SELECT e.path, e.title, {_STATE}, e.moment, e.changed, e.author, e.content FROM {tables}"
        f" WHERE {where} ORDER BY {order} LIMIT :limit OFFSET :start",
        {**arguments, "limit": limit, "start": start},
    ).fetchall()


def _by_field(
    connection: sqlite3.Connection, query: Query, where: str, arguments: dict[str, object]
) -> list[tuple[Any, ...]]:
    """Entries in the order of a field, walked along its index; those without it last, by title."""
    arguments |= {"sorted": query.sort.by}
    # CROSS JOIN keeps SQLite on this way (sqlite.org/optoverview.html, 8.2).
    tables = "said s CROSS JOIN entries e ON e.content = s.content"
    having = f"s.name = :sorted AND s.at = 0 AND {where}"
    order = _order_of_field(query)
    rows = _rows(connection, tables, having, order, arguments, query.start, query.limit)
    if len(rows) == query.limit:
        return rows
    (with_it,) = connection.execute(f"SELECT count(*) FROM {tables} WHERE {having}", arguments).fetchone()
    without = (
        f"{where} AND NOT EXISTS (SELECT 1 FROM said WHERE content = e.content AND name = :sorted AND at = 0)"
    )
    start, limit = max(0, query.start - with_it), query.limit - len(rows)
    return rows + _rows(connection, "entries e", without, "e.title_key, e.path", arguments, start, limit)


def _few_by_field(
    connection: sqlite3.Connection, query: Query, where: str, arguments: dict[str, object]
) -> list[tuple[Any, ...]]:
    """As `_by_field`, of few entries: these are found first and put in order then."""
    arguments |= {"sorted": query.sort.by}
    tables = "entries e LEFT JOIN said s ON s.content = e.content AND s.name = :sorted AND s.at = 0"
    order = f"s.content IS NULL, {_order_of_field(query)}, e.title_key, e.path"
    return _rows(connection, tables, where, order, arguments, query.start, query.limit)


def _order_of_field(query: Query) -> str:
    return ", ".join(
        f"s.{column} {'DESC' if query.sort.descending else 'ASC'}" for column in ("number", "text", "content")
    )


def counts(connection: sqlite3.Connection, query: Query, now: float) -> dict[str, int]:
    """Return how many entries there are of each state, and under "" of all; `query.state` is left aside.

    Of more than MOST_COUNTED that a search or several choices find, only so many and one are counted.
    """
    query = _resolved(connection, query)
    asked = {"collection": query.collection, "now": now}
    if not query.text.strip() and len(query.choices) < 2 and not any(one.matches for one in query.choices):
        return _counts_by_heart(connection, query, asked)
    others = replace(query, text="", state="")
    where, arguments, rare = _conditions(connection, others)
    words = sought(connection, query.text)
    sources = list(_sources(query, words))
    if not rare and not query.text.strip() and not query.choices[0].matches:
        # What many say is walked in the order of contents: what else they say lies in the same order.
        where, arguments, _ = _conditions(connection, replace(others, choices=query.choices[1:]))
        arguments |= {"walked": query.choices[0].name, "says": key_of(query.choices[0].value)[0]}
        sources = [(_WALKED, "TRUE")]
    found: Counter[str] = Counter()
    for tables, having in sources:
        rows = connection.execute(
            f"SELECT {_STATE}, count(*) FROM (SELECT e.draft, e.waits_until FROM {tables}"
            f" WHERE {having} AND {where} LIMIT :most) e GROUP BY 1",
            {**arguments, **asked, **_searched(query, words), "most": MOST_COUNTED + 1 - found.total()},
        )
        found.update(dict(rows.fetchall()))
    return {"": found.total(), **{state: found[state] for state in ("draft", "scheduled", "live")}}


def _resolved(connection: sqlite3.Connection, query: Query) -> Query:
    """The question with such choices in place of expressions whose finds are kept: these are quick."""
    return replace(
        query,
        choices=tuple(
            Choice(patterns.name_of(one.name, one.value), "")
            if one.matches and patterns.is_kept(connection, one.name, one.value)
            else one
            for one in query.choices
        ),
    )


def _counts_by_heart(
    connection: sqlite3.Connection, query: Query, asked: Mapping[str, object]
) -> dict[str, int]:
    """Counts of a whole collection, or of those that say one thing."""
    said, arguments = "", dict(asked) | {"name": OURS, "text": ""}
    if query.choices:
        (choice,) = query.choices
        arguments |= {"name": choice.name, "text": key_of(choice.value)[0]}
        said = " AND EXISTS (SELECT 1 FROM said WHERE content = e.content AND name = :name AND text = :text)"
    row = connection.execute(
        "SELECT many, drafts FROM tally WHERE collection = :collection AND name = :name AND text = :text",
        arguments,
    ).fetchone()
    if row is None and not query.choices:  # as long as nothing is counted beforehand
        of_them = "SELECT count(*), coalesce(sum(draft), 0) FROM entries INDEXED BY by_state"
        row = connection.execute(f"{of_them} WHERE collection = :collection", arguments).fetchone()
    total, drafts = row or (0, 0)
    (scheduled,) = connection.execute(
        "SELECT count(*) FROM entries e INDEXED BY by_state"
        f" WHERE e.collection = :collection AND e.draft = 0 AND e.waits_until > :now{said}",
        arguments,
    ).fetchone()
    return {"": total, "draft": drafts, "scheduled": scheduled, "live": total - drafts - scheduled}


def _sources(query: Query, sought: Sought) -> Iterator[tuple[str, str]]:
    """Where to count from: a search finds contents by their words, and entries by their files' names."""
    if not query.text.strip():
        yield "entries e", "TRUE"
        return
    if sought.asked:
        found = f"words MATCH :words{sought.looked_up('w.rowid')}"
        yield "words w CROSS JOIN entries e ON e.content = w.rowid", found
    elif sought:
        yield "entries e", _saying(sought)
    yield "entries e", f"{_NAMED} AND {f'NOT {_saying(sought)}' if sought else 'TRUE'}"


def sizes(connection: sqlite3.Connection) -> dict[str, int]:
    """Return how many entries each collection has."""
    if known := connection.execute(_SIZES, (OURS,)).fetchall():
        return dict(known)
    return dict(connection.execute("SELECT collection, count(*) FROM entries GROUP BY 1").fetchall())


def names(connection: sqlite3.Connection, collection: str) -> list[str]:
    """Return the dotted names of all fields that entries of a collection have, by the alphabet."""
    rows = connection.execute(
        "SELECT DISTINCT s.name FROM entries e JOIN said s ON s.content = e.content"
        " WHERE e.collection = ? AND substr(s.name, 1, 1) != ? ORDER BY 1",
        (collection, OURS),
    )
    return [name for (name,) in rows]


def says_few(connection: sqlite3.Connection, collection: str, name: str, most: int) -> bool:
    """Tell whether a field says at most so many things in a collection, and one of them more than once."""
    many, highest = connection.execute(
        "SELECT count(*), max(many) FROM (SELECT many FROM tally"
        " WHERE collection = ? AND name = ? AND text != '' ORDER BY many DESC LIMIT ?)",
        (collection, name, most + 1),
    ).fetchone()
    return bool(0 < many <= most and highest > 1)


def values_of(
    connection: sqlite3.Connection, collection: str, name: str, limit: int = 200
) -> list[tuple[str, int]]:
    """Return what a field says in a collection, as some entry spells it, and in how many entries.

    The most frequent come first. Two spellings that differ in capitals alone are one.
    """
    rows = connection.execute(
        "SELECT text, many FROM tally WHERE collection = ? AND name = ? AND text != ''"
        " ORDER BY many DESC, text LIMIT ?",
        (collection, name, limit),
    ).fetchall()
    return [(_spelling(connection, name, text), many) for text, many in rows]


def _spelling(connection: sqlite3.Connection, name: str, text: str) -> str:
    row = connection.execute(
        "SELECT content FROM said WHERE name = ? AND text = ? LIMIT 1", (name, text)
    ).fetchone()
    return _spelled(_content(connection, row[0])[1], name, text) if row else text


def _spelled(values: dict[str, Value], name: str, text: str) -> str:
    found = (value for each, value in flat(values) if each == name and key_of(value)[0] == text)
    value = next(found, text)
    return " ".join(value.split()) if isinstance(value, str) else text


def naming(connection: sqlite3.Connection, names: Iterable[str]) -> set[str] | None:
    """Return the paths of entries that hold one of some names as whole words, and perhaps of some others.

    None where a name has no words to be looked for by: then any entry may hold it.
    """
    wanted = {spelled for name in names for spelled in (name, name.casefold())}
    if not all(map(_SOUGHT.search, wanted)):
        return None
    # In quotes, what is sought falls into words just as what is kept did.
    words = " OR ".join('"' + searched(name).replace('"', '""') + '"' for name in wanted)
    rows = connection.execute(
        "SELECT e.path FROM words w CROSS JOIN entries e ON e.content = w.rowid WHERE words MATCH :words"
        " UNION SELECT e.path FROM contents c CROSS JOIN entries e ON e.content = c.id WHERE c.worded = 2",
        {"words": words},
    )
    return {path for (path,) in rows}


_SIZES = """
WITH RECURSIVE each (name) AS (
    SELECT min(collection) FROM tally
    UNION ALL SELECT (SELECT min(collection) FROM tally WHERE collection > each.name) FROM each
    WHERE each.name IS NOT NULL
) SELECT each.name, many FROM each JOIN tally t ON t.collection = each.name AND t.name = ? AND t.text = ''
"""
"""What is counted of whole collections; `tally` is gone through by leaps."""
_STATE = "CASE WHEN e.draft THEN 'draft' WHEN e.waits_until > :now THEN 'scheduled' ELSE 'live' END"
_STATES = {
    "draft": "e.draft",
    "scheduled": "NOT e.draft AND e.waits_until > :now",
    "live": "NOT e.draft AND (e.waits_until IS NULL OR e.waits_until <= :now)",
}


_WALKED = (
    "(SELECT DISTINCT content FROM said WHERE name = :walked AND text = :says) s"
    " CROSS JOIN entries e ON e.content = s.content"
)
_NAMED = "(e.named AND e.collection = :collection AND instr(e.title_key, :title) > 0)"


def _conditions(
    connection: sqlite3.Connection, query: Query, sought: Sought = NOTHING_SOUGHT
) -> tuple[str, dict[str, object], bool]:
    """Return what entries have to be, with its arguments, and whether only few are."""
    where = ["e.collection = :collection"]
    arguments: dict[str, object] = {"collection": query.collection, **_searched(query, sought)}
    if query.state:
        where.append(_STATES[query.state])
    rare = False
    if query.text.strip():
        found, rare = _found_by_words(connection, sought, arguments)
        where.append(found)
    for number, choice in enumerate(query.choices):
        says, given, many = _says(connection, query.collection, choice, number)
        arguments |= given
        # What most entries say is looked up for each that is met; else those that say it are looked through.
        those = f"IN (SELECT content FROM said WHERE {says})"
        if many <= WIDE:
            where.append(f"e.content {those}")
            rare = True
        elif choice.matches:
            where.append(f"+e.content {those}")  # gathered once; the plus keeps SQLite on the list's order
        else:
            where.append(f"EXISTS (SELECT 1 FROM said WHERE content = e.content AND {says})")
    if rare:
        # What is rare is gone after, and put in order then; else the whole order would be walked for it.
        where[0] = f"+{where[0]}"
    return " AND ".join(where), arguments, rare


def _says(
    connection: sqlite3.Connection, collection: str, choice: Choice, number: int
) -> tuple[str, dict[str, object], int]:
    """Return what rows of `said` a choice means, its arguments, and in about how many entries that stands."""
    texts = [key_of(choice.value)[0]]
    if choice.matches:
        known = connection.execute(
            "SELECT text FROM tally WHERE collection = ? AND name = ? AND many > 0", (collection, choice.name)
        )
        texts = list(patterns.having(choice.value, [text for (text,) in known]))
    given: dict[str, object] = {f"name{number}": choice.name, f"texts{number}": json.dumps(texts)}
    says = f"name = :name{number} AND text IN (SELECT value FROM json_each(:texts{number}))"
    if not choice.matches:
        given[f"texts{number}"] = texts[0]
        says = f"name = :name{number} AND text = :texts{number}"
    (many,) = connection.execute(
        f"SELECT coalesce(sum(many), 0) FROM tally WHERE collection = :collection AND {says}",
        {"collection": collection, **given},
    ).fetchone()
    return says, given, many


def _found_by_words(
    connection: sqlite3.Connection, sought: Sought, arguments: Mapping[str, object]
) -> tuple[str, bool]:
    """Return what entries that a search finds have to be, and whether only few are."""
    # An entry without a title is known by its file's name, which is no part of the content.
    if not sought:
        return _NAMED, False
    if sought.asked:
        (many,) = connection.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM words WHERE words MATCH :words{sought.looked_up('rowid')}"
            f" LIMIT {GATHERED + 1})",
            arguments,
        ).fetchone()
        if many <= WIDE:
            those = f"SELECT rowid FROM words WHERE words MATCH :words{sought.looked_up('rowid')}"
            named = f"SELECT e.id FROM entries e WHERE {_NAMED}"
            return f"(e.content IN ({those}) OR e.id IN ({named}))", True
        if many <= GATHERED:
            sought = replace(sought, quick=False)
    return f"({_saying(sought)} OR {_NAMED})", False


def _saying(sought: Sought) -> str:
    """Return the condition that an entry's content says the words, among very many that do."""
    if not sought.asked:
        said = "TRUE"
    elif sought.quick:
        said = "EXISTS (SELECT 1 FROM words WHERE words MATCH :words AND rowid = e.content)"
    else:  # gathered once; the plus keeps the list's order
        said = "+e.content IN (SELECT rowid FROM words WHERE words MATCH :words)"
    return f"({said}{sought.looked_up('e.content')})"


def _searched(query: Query, sought: Sought) -> dict[str, object]:
    return {**sought.arguments(), "title": key_of(query.text)[0]} if query.text.strip() else {}


_ORDERS = {
    NEWEST: (
        "e.moment DESC NULLS LAST, e.title_key, e.path",
        "e.moment ASC NULLS LAST, e.title_key, e.path",
    ),
    CHANGED: (
        "e.changed DESC NULLS LAST, e.title_key, e.path",
        "e.changed ASC NULLS LAST, e.title_key, e.path",
    ),
    TITLE: ("e.title_key ASC, e.path", "e.title_key DESC, e.path"),
    AUTHOR: ("e.author ASC, e.title_key, e.path", "e.author DESC, e.title_key, e.path"),
}
"""The order of a list, and what it is where `descending` turns it."""


def _content(connection: sqlite3.Connection, number: int) -> tuple[str, dict[str, Value], str, bool]:
    blob, fields, excerpt, readable = connection.execute(
        "SELECT blob, fields, excerpt, readable FROM contents WHERE id = ?", (number,)
    ).fetchone()
    return blob, unpacked(fields), excerpt, bool(readable)
