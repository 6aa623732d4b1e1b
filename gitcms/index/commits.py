"""Which commits touched which paths: the history in a file of its own, brought along with the branch.

First all commits are noted with their places, then what each did is read, the newest first, a few hundred
at a time and each time for good: whoever is interrupted goes on from there. Derived, and deleted at will.
What is asked of it is in `log`; what a change means to a reader is told elsewhere.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from gitcms.errors import NotFound, RepositoryBusy, StorageFailed
from gitcms.index.tables import Form, IndexDamaged, IndexFile
from gitcms.repository import NOTHING, Commit, FileChange, Outline, Repository

AT_ONCE = 250
"""Commits that are read by one run of git."""
READERS = 2
WHILE_ONE_WAITS = 1500
"""Commits that are read before an answer. More are the background's."""

_TIE_BITS = 24
_LATEST = 2**37
"""Seconds since 1970 that still leave room for the children of nonsense."""

TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE commits (
    id INTEGER PRIMARY KEY,
    oid TEXT NOT NULL UNIQUE,
    place INTEGER NOT NULL,
    touched INTEGER,
    parents TEXT NOT NULL,
    author TEXT NOT NULL DEFAULT '',
    email TEXT NOT NULL DEFAULT '',
    person TEXT NOT NULL DEFAULT '',
    committer TEXT NOT NULL DEFAULT '',
    committer_email TEXT NOT NULL DEFAULT '',
    moment TEXT NOT NULL DEFAULT '',
    message TEXT NOT NULL DEFAULT ''
);
CREATE INDEX in_order ON commits (place DESC) WHERE touched > 0;
CREATE INDEX by_person ON commits (person, place DESC) WHERE touched > 0;
CREATE INDEX unread ON commits (place DESC) WHERE touched IS NULL;
CREATE TABLE paths (id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE);
CREATE TABLE touches (
    path INTEGER NOT NULL,
    place INTEGER NOT NULL,
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    other INTEGER,
    old_blob TEXT,
    new_blob TEXT,
    PRIMARY KEY (path, place, number)
) WITHOUT ROWID;
CREATE INDEX of_commit ON touches (number, path);
CREATE INDEX deletions ON touches (place DESC, path) WHERE kind = 'deleted'
"""
"""A commit's `place` orders the history: children stand above their parents, else the later one is above.
`touched` counts the site's files that it touched, NULL as long as nobody looked. `touches` has the path that
a file was renamed from in `other`, and a row under that path, of the kind "left", with where it went."""

Answer = TypeVar("Answer")


class HistoryBeingRead(RepositoryBusy):
    """The history is read for the first time, or much of it came at once."""

    code = "history.being_read"
    hint = "Look again in a moment."

    def __init__(self, done: int, of: int) -> None:
        self.progress = (done, of)
        super().__init__(f"The history of this site is being read: {done} of {of} changes so far.")


def history_file(folder: Path) -> IndexFile:
    """Return the file of a clone's history.

    :param folder: the clone's state folder.
    """
    return IndexFile(folder, Form("history.sqlite3", TABLES, "1"))


def look_back(
    file: IndexFile,
    repository: Repository,
    question: Callable[[sqlite3.Connection], Answer],
    most: int = WHILE_ONE_WAITS,
) -> Answer:
    """Answer a question of `log` from the history at the newest commit.

    :param most: commits that are read for it, if nobody has read them yet.
    :raises HistoryBeingRead: there are more. :raises RepositoryBusy: others write for too long.
    :raises StorageFailed: it cannot be kept.
    """
    for _ in range(2):
        with contextlib.suppress(IndexDamaged):
            done, of = note(file, repository)
            if of - done > most:
                raise HistoryBeingRead(done, of)
            if of > done:
                read(file, repository)
            with file.reading() as connection:
                return question(connection)
    raise StorageFailed("The history cannot be kept at the moment.")


def note(file: IndexFile, repository: Repository) -> tuple[int, int]:
    """Note the branch's commits, and forget those that are not in it any more.

    :returns: how many of how many commits are read.
    """
    head = repository.head()
    with file.reading() as connection:
        if _meta(connection, "head") == head:
            return _progress(connection)
    with file.writing() as connection:
        if (known := _meta(connection, "head")) != head:
            _noted(connection, repository, known, head)
        return _progress(connection)


def read(
    file: IndexFile,
    repository: Repository,
    goes_on: Callable[[], bool] = lambda: True,
) -> None:
    """Read what the commits did that nobody has looked at yet, the newest first, in parallel.

    :param goes_on: asked before each part is kept; when it says no, what is kept stays, and that is all.
    :raises StorageFailed: a part of the history is damaged or gone.
    """
    with file.reading() as connection:
        wanted = [
            oid
            for (oid,) in connection.execute(
                "SELECT oid FROM commits WHERE touched IS NULL ORDER BY place DESC"
            )
        ]
    parts = [wanted[at : at + AT_ONCE] for at in range(0, len(wanted), AT_ONCE)]
    for part, told in _told(repository, parts):
        if not goes_on():
            return
        with file.writing() as connection:
            _keep(connection, part, told)


def _told(
    repository: Repository, parts: Sequence[Sequence[str]]
) -> Iterator[tuple[Sequence[str], list[tuple[Commit, list[FileChange]]]]]:
    """Yield what commits did, part by part; a few parts are read while one is kept."""
    if len(parts) <= 1:
        yield from ((part, repository.told(part)) for part in parts)
        return
    with ThreadPoolExecutor(READERS, thread_name_prefix="gitcms-history") as pool:
        waiting: list[tuple[Sequence[str], Future[list[tuple[Commit, list[FileChange]]]]]] = []
        try:
            for part in parts:
                waiting.append((part, pool.submit(repository.told, part)))
                if len(waiting) > READERS:
                    first, future = waiting.pop(0)
                    yield first, future.result()
            yield from ((part, future.result()) for part, future in waiting)
        finally:
            pool.shutdown(cancel_futures=True)


# ── noting ──


def _noted(connection: sqlite3.Connection, repository: Repository, known: str, head: str) -> None:
    if head == NOTHING:
        _forget(connection, [oid for (oid,) in connection.execute("SELECT oid FROM commits")])
    else:
        come, gone = _differences(connection, repository, known, head)
        _forget(connection, gone)
        _place(connection, come)
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('head', ?)", (head,))


def _differences(
    connection: sqlite3.Connection, repository: Repository, known: str, head: str
) -> tuple[list[Outline], list[str]]:
    """What came and what went between two commits; all is compared where the earlier one is gone."""
    if known not in ("", NOTHING):
        with contextlib.suppress(NotFound, StorageFailed):
            gone = [] if repository.is_part_of(known, head) else repository.outline(known, head)
            return repository.outline(head, known), [each.id for each in gone]
    present = repository.outline(head)
    kept = {oid for (oid,) in connection.execute("SELECT oid FROM commits")}
    return [one for one in present if one.id not in kept], list(kept - {one.id for one in present})


def _place(connection: sqlite3.Connection, come: Iterable[Outline]) -> None:
    """Give each commit its place: later than its parents, and never earlier than it says itself."""
    places: dict[str, int] = {}

    def place_of(oid: str) -> int:
        if oid not in places:
            row = connection.execute("SELECT place FROM commits WHERE oid = ?", (oid,)).fetchone()
            places[oid] = row[0] if row else 0
        return places[oid]

    for one in come:
        after = max((place_of(parent) >> _TIE_BITS for parent in one.parents), default=-1)
        seconds = max(after + 1, min(max(0, one.recorded), _LATEST))
        places[one.id] = seconds << _TIE_BITS | int(one.id[: _TIE_BITS // 4], 16)
        connection.execute(
            "INSERT OR IGNORE INTO commits (oid, place, parents) VALUES (?, ?, ?)",
            (one.id, places[one.id], " ".join(one.parents)),
        )


def _forget(connection: sqlite3.Connection, oids: Iterable[str]) -> None:
    for oid in oids:
        connection.execute(
            "DELETE FROM touches WHERE (path, place, number) IN (SELECT t.path, t.place, t.number"
            " FROM commits c JOIN touches t ON t.number = c.id WHERE c.oid = ?)",
            (oid,),
        )
        connection.execute("DELETE FROM commits WHERE oid = ?", (oid,))


# ── reading ──


def _keep(
    connection: sqlite3.Connection,
    part: Sequence[str],
    told: Iterable[tuple[Commit, list[FileChange]]],
) -> None:
    for commit, changes in told:
        connection.execute(
            "UPDATE commits SET author = ?, email = ?, person = ?, committer = ?, committer_email = ?,"
            " moment = ?, message = ? WHERE oid = ?",
            (
                commit.author.name,
                commit.author.email,
                commit.author.email.casefold(),
                commit.committer.name,
                commit.committer.email,
                commit.when.isoformat(),
                commit.message,
                commit.id,
            ),
        )
        _touch(connection, commit.id, changes)
    # Those that did nothing to the site are read by now, too.
    connection.executemany(
        "UPDATE commits SET touched = 0 WHERE oid = ? AND touched IS NULL", [(oid,) for oid in part]
    )


def _touch(connection: sqlite3.Connection, oid: str, changes: Sequence[FileChange]) -> None:
    row = connection.execute("SELECT id, place FROM commits WHERE oid = ?", (oid,)).fetchone()
    if row is None:
        return  # the branch went another way meanwhile
    number, place = row
    names = {change.path for change in changes} | {change.old_path for change in changes if change.old_path}
    connection.executemany(
        "INSERT OR IGNORE INTO paths (path) VALUES (?)", [(_kept(name),) for name in names]
    )
    ids = {name: _path_id(connection, name) for name in names}
    rows: list[tuple[object, ...]] = []
    for change in changes:
        other = ids[change.old_path] if change.old_path else None
        blobs = (change.old_blob, change.new_blob)
        rows.append((ids[change.path], place, number, change.kind, other, *blobs))
        if other is not None and change.old_path != change.path:
            rows.append((other, place, number, "left", ids[change.path], *blobs))
    connection.executemany("INSERT OR REPLACE INTO touches VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    connection.execute("UPDATE commits SET touched = ? WHERE id = ?", (len(changes), number))


def _path_id(connection: sqlite3.Connection, name: str) -> int:
    row = connection.execute("SELECT id FROM paths WHERE path = ?", (_kept(name),)).fetchone()
    return int(row[0])


def _kept(name: str) -> str:
    """A path as SQLite keeps it: bytes that are no text are spelled out."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _progress(connection: sqlite3.Connection) -> tuple[int, int]:
    (unread,) = connection.execute("SELECT count(*) FROM commits WHERE touched IS NULL").fetchone()
    if not unread:
        return 0, 0
    (of,) = connection.execute("SELECT count(*) FROM commits").fetchone()
    return of - unread, of


def _meta(connection: sqlite3.Connection, name: str) -> str:
    row = connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
    return str(row[0]) if row else ""
