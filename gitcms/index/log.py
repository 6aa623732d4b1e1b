"""Questions to the history: what touched a path, also under its earlier names; who did what; what is gone.

Every answer is of one transaction, newest first. An entry is followed as `git log --follow` does, through
renames and not through copies.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from gitcms.repository import Commit, FileChange, Person

FAR = 2**62
MOST_MOVES = 50


@dataclass(frozen=True, slots=True)
class Touch:
    """What one commit did to one file."""

    commit: Commit
    change: FileChange


@dataclass(frozen=True, slots=True)
class Author:
    """Somebody in the history, by the name that they used last. `key` is their address in small letters."""

    key: str
    name: str
    changes: int


def of_path(connection: sqlite3.Connection, path: str, *, limit: int, skip: int = 0) -> list[Touch]:
    """Return the commits that touched a file, through its renames."""
    rows = list(islice(_followed(connection, path), skip, skip + limit))
    commits = _commits(connection, [number for number, _ in rows])
    return [Touch(commits[number], change) for number, change in rows]


def of_site(
    connection: sqlite3.Connection,
    *,
    limit: int,
    skip: int = 0,
    person: str = "",
    folders: Sequence[str] = (),
) -> list[Commit]:
    """Return the commits that touched the site.

    :param person: only those of one `Author.key`.
    :param folders: only those that touched a file in one of these; "" is the site's own.
    """
    where, arguments = ["c.touched > 0"], []
    if person:
        where.append("c.person = ?")
        arguments.append(person)
    if inside := [folder.rstrip("/") for folder in folders if folder.rstrip("/")]:
        ranges = " OR ".join("(p.path >= ? AND p.path < ?)" for _ in inside)
        where.append(
            "EXISTS (SELECT 1 FROM touches t JOIN paths p ON p.id = t.path"
            f" WHERE t.number = c.id AND ({ranges}))"
        )
        arguments += [bound for folder in inside for bound in (f"{folder}/", f"{folder}0")]
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM commits c WHERE {' AND '.join(where)}"
        " ORDER BY c.place DESC LIMIT ? OFFSET ?",
        (*arguments, limit, skip),
    )
    return [_commit(row) for row in rows]


_CHANGES = (
    "SELECT p.path, o.path, t.kind, t.old_blob, t.new_blob FROM touches t JOIN paths p ON p.id = t.path"
    " LEFT JOIN paths o ON o.id = t.other WHERE t.number = ? AND t.kind != 'left'"
)


def changes(connection: sqlite3.Connection, oid: str) -> list[FileChange] | None:
    """Return what a commit did to the site's files; None for one that is not in this history."""
    row = connection.execute("SELECT id FROM commits WHERE oid = ?", (oid,)).fetchone()
    if row is None:
        return None
    found = connection.execute(f"{_CHANGES} ORDER BY p.path", (row[0],))
    return [FileChange(*each) for each in found]


def changes_of(connection: sqlite3.Connection, oid: str, path: str) -> tuple[list[FileChange], int] | None:
    """Return what a commit did to one path, which may have been renamed, and how many files it touched.

    None for a commit that is not in this history.
    """
    row = connection.execute("SELECT id, touched FROM commits WHERE oid = ?", (oid,)).fetchone()
    if row is None:
        return None
    found = connection.execute(f"{_CHANGES} AND ? IN (p.path, o.path) ORDER BY p.path", (row[0], path))
    return [FileChange(*each) for each in found], row[1]


def authors(connection: sqlite3.Connection, limit: int = 200) -> list[Author]:
    """Return who is in the history, those with most changes first."""
    rows = connection.execute(
        "SELECT person, count(*) FROM commits WHERE touched > 0 GROUP BY person ORDER BY 2 DESC, 1 LIMIT ?",
        (limit,),
    ).fetchall()
    return [
        Author(
            key,
            connection.execute(
                "SELECT author FROM commits WHERE person = ? AND touched > 0 ORDER BY place DESC LIMIT 1",
                (key,),
            ).fetchone()[0],
            many,
        )
        for key, many in rows
    ]


def deletions(connection: sqlite3.Connection) -> Iterator[tuple[str, str, str]]:
    """Yield the paths that were deleted once, the last deletion first, each once: path, commit, last blob.

    What lies there again by now is among them.
    """
    seen: set[str] = set()
    for path, oid, blob in connection.execute(
        "SELECT p.path, c.oid, t.old_blob FROM touches t JOIN paths p ON p.id = t.path"
        " JOIN commits c ON c.id = t.number WHERE t.kind = 'deleted' ORDER BY t.place DESC, p.path"
    ):
        if path not in seen and blob:
            seen.add(path)
            yield path, oid, blob


def commit_of(connection: sqlite3.Connection, oid: str) -> Commit | None:
    """Return a commit that touched the site, or None."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM commits c WHERE c.oid = ? AND c.touched > 0", (oid,)
    ).fetchone()
    return _commit(row) if row else None


def moved_to(connection: sqlite3.Connection, path: str) -> str | None:
    """Return where a file went that does not lie at its path any more; None where it was deleted."""
    for _ in range(MOST_MOVES):
        row = connection.execute(
            "SELECT t.kind, o.path FROM touches t LEFT JOIN paths o ON o.id = t.other"
            " WHERE t.path = (SELECT id FROM paths WHERE path = ?) ORDER BY t.place DESC LIMIT 1",
            (path,),
        ).fetchone()
        if row is None or row[0] == "deleted":
            return None
        if row[0] != "left":
            return path
        path = row[1]
    return None


def name_at(connection: sqlite3.Connection, path: str, oid: str) -> str:
    """Return the path that a file had right after a commit, which it may have been renamed since."""
    row = connection.execute("SELECT place FROM commits WHERE oid = ?", (oid,)).fetchone()
    if row is None:
        return path
    name = path
    for place, number, change in _walked(connection, path):
        if place < row[0]:
            break
        name = change.path if change.kind != "deleted" else name
        if place == row[0] and number:
            break
        name = change.old_path or name
    return name


def _followed(connection: sqlite3.Connection, path: str) -> Iterator[tuple[int, FileChange]]:
    for _, number, change in _walked(connection, path):
        yield number, change


def _walked(connection: sqlite3.Connection, path: str) -> Iterator[tuple[int, int, FileChange]]:
    """Yield what happened to a file, newest first, and go on under its earlier name where it had one."""
    before = FAR
    while True:
        renamed = None
        for place, number, kind, other, old, new in connection.execute(
            "SELECT t.place, t.number, t.kind, o.path, t.old_blob, t.new_blob FROM touches t"
            " LEFT JOIN paths o ON o.id = t.other"
            " WHERE t.path = (SELECT id FROM paths WHERE path = ?) AND t.place < ? ORDER BY t.place DESC",
            (path, before),
        ):
            if kind == "left":
                yield place, number, FileChange(other, path, "renamed", old, new)
                continue
            yield place, number, FileChange(path, other, kind, old, new)
            if other is not None and other != path:
                renamed, before = other, place
                break
        if renamed is None:
            return
        path = renamed


_COLUMNS = "c.oid, c.author, c.email, c.committer, c.committer_email, c.moment, c.message, c.parents"


def _commits(connection: sqlite3.Connection, numbers: Sequence[int]) -> dict[int, Commit]:
    marks = ",".join("?" * len(numbers))
    rows = connection.execute(f"SELECT {_COLUMNS}, c.id FROM commits c WHERE c.id IN ({marks})", numbers)
    return {row[-1]: _commit(row) for row in rows}


def _commit(row: Sequence[Any]) -> Commit:
    oid, author, email, committer, committer_email, moment, message, parents = row[:8]
    return Commit(
        id=oid,
        author=Person(author, email),
        committer=Person(committer, committer_email),
        when=datetime.fromisoformat(moment),
        subject=message.split("\n", 1)[0],
        message=message,
        parents=tuple(parents.split()),
    )
