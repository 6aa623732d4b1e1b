"""What the named filters of lists find, kept like something that contents say.

Their regular expressions are the owners' and the values are the authors': each value is looked at once, when
it comes, and an expression that may take forever has some seconds in a process of its own. `keep` follows the
model, `finding` looks at new contents, `resolved` turns a question into one that the index answers by itself.
"""

from __future__ import annotations

import json
import marshal
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Sequence

from gitcms import logs
from gitcms.content.facts import NO_NUMBER, OURS, Words
from gitcms.schema.collection import Model

SECONDS = 3.0
TEXTS_A_SECOND = 20_000
"""So much more time has an expression for so many more texts."""
_OFTEN = re.compile(r"[*+?{|]")
_ASKED_APART = """
import marshal, re, sys
pattern, texts = marshal.loads(sys.stdin.buffer.read())
search = re.compile(pattern, re.IGNORECASE).search
sys.stdout.buffer.write(marshal.dumps([text for text in texts if search(text)]))
"""


def name_of(name: str, pattern: str) -> str:
    """Return the name under which the index keeps that an expression finds something in a field."""
    return f"{OURS}{name}{OURS}{pattern}"


def is_kept(connection: sqlite3.Connection, name: str, pattern: str) -> bool:
    """Tell whether the index knows what an expression finds in a field."""
    asked = "SELECT 1 FROM patterns WHERE name = ? AND pattern = ?"
    return connection.execute(asked, (name, pattern)).fetchone() is not None


def keep(connection: sqlite3.Connection, model: Model) -> None:
    """Look for what the filters of a model find in all that is said, and forget what other filters found."""
    wanted = {(one.field, one.finds) for each in model.collections for one in each.lists.filters}
    kept = set(connection.execute("SELECT name, pattern FROM patterns").fetchall())
    for name, pattern in kept - wanted:
        connection.execute("DELETE FROM said WHERE name = ?", (name_of(name, pattern),))
        connection.execute("DELETE FROM patterns WHERE name = ? AND pattern = ?", (name, pattern))
    for name, pattern in wanted - kept:
        texts = connection.execute("SELECT DISTINCT text FROM said WHERE name = ?", (name,))
        found = having(pattern, [text for (text,) in texts])
        connection.execute(
            "INSERT INTO said SELECT DISTINCT content, ?, 0, '', ? FROM said"
            " WHERE name = ? AND text IN (SELECT value FROM json_each(?))",
            (name_of(name, pattern), NO_NUMBER, name, json.dumps(found)),
        )
        connection.execute("INSERT INTO patterns VALUES (?, ?)", (name, pattern))


def finding(
    connection: sqlite3.Connection, contents: Sequence[tuple[int, Words]]
) -> list[tuple[int, str, int, str, float]]:
    """Return what is to be kept of contents besides what they say: what the filters find in them."""
    rows = []
    for name, pattern in connection.execute("SELECT name, pattern FROM patterns").fetchall():
        said = {content: {key[2] for key in words.keys if key[0] == name} for content, words in contents}
        found = set(having(pattern, sorted(set().union(*said.values()))))
        rows += [
            (content, name_of(name, pattern), 0, "", NO_NUMBER)
            for content, texts in said.items()
            if not found.isdisjoint(texts)
        ]
    return rows


def having(pattern: str, texts: Sequence[str]) -> Iterable[str]:
    """Return those of some texts in which an expression is found, whatever the capitals.

    One that takes too long finds nothing.
    """
    if not texts:
        return []
    if len(_OFTEN.findall(pattern)) <= 1:
        search = re.compile(pattern, re.IGNORECASE).search
        return [text for text in texts if search(text)]
    # With two repeats, or one of a choice, the time can double with every letter. No thread can be stopped.
    try:
        told = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _ASKED_APART],
            input=marshal.dumps((pattern, list(texts))),
            stdout=subprocess.PIPE,
            timeout=SECONDS + len(texts) / TEXTS_A_SECOND,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        logs.event("pattern_given_up", pattern=pattern, message=str(type(error).__name__))
        return []
    found: list[str] = marshal.loads(told.stdout)
    return found
