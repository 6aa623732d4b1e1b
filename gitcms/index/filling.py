"""Bringing the index to a commit: all of it at first, then only what differs.

Contents are read once for each blob id. What depends on the model (which collection, which title, draft or
not) stands with the entries, and is worked out again from what the contents say when the model changes.
The whole is one transaction: others see the index at one commit or at the other, and two servers on one clone
take turns.
"""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

from gitcms.content.values import Value
from gitcms.errors import NotFound, RepositoryBusy, StorageFailed
from gitcms.index.facts import UNREADABLE, Facts, facts_of, key_of, searched_words, unpacked
from gitcms.index.tables import IndexDamaged, IndexFile
from gitcms.repository import Commit, Repository
from gitcms.schema.collection import Collection, Field, Model

LATE, EARLY = datetime(9999, 1, 1, tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC)
AT_ONCE = 500
"""Contents that are read before others get a turn."""

COUNTED_ONE_BY_ONE = 2000
_TALLY_ONE = """
INSERT INTO tally SELECT DISTINCT e.collection, s.name, s.text, :sign, :sign * e.draft
FROM entries e JOIN said s ON s.content = e.content WHERE e.path = :path
ON CONFLICT DO UPDATE SET many = many + excluded.many, drafts = drafts + excluded.drafts
"""
_TALLY_ALL = """
INSERT INTO tally SELECT collection, name, text, count(*), sum(draft) FROM (
    SELECT DISTINCT e.id, e.collection, e.draft, s.name, s.text
    FROM entries e JOIN said s ON s.content = e.content
) GROUP BY 1, 2, 3
"""

Part = TypeVar("Part")
Answer = TypeVar("Answer")
Progress = Callable[[int, int], None]
"""Told how many contents of how many are read."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What was done: the paths that came, went or changed, and whether all was looked at."""

    changed: int
    whole: bool


def fill(
    index: IndexFile, repository: Repository, model: Model, progress: Progress = lambda done, of: None
) -> Filled:
    """Bring the index to the newest commit and this model.

    :raises StorageFailed: the disk took no more; then the index is as it was.
    """
    head = repository.head()
    with index.reading() as connection:
        if _meta(connection, "head") == head and _meta(connection, "model") == _print_of(model):
            return Filled(0, whole=False)
    with index.writing() as connection:
        return _Filling(connection, repository, model, progress).to(head)


def is_filled(index: IndexFile) -> bool:
    """Tell whether the index was ever brought to a commit, so that bringing it along is quick."""
    with contextlib.suppress(IndexDamaged), index.reading() as connection:
        return _meta(connection, "head") != ""
    return False


def said(index: IndexFile) -> dict[str, tuple[str, str]]:
    """Return what is kept of each content, at whatever commit: blob → its format, and its values as packed.

    Nothing where the index was never filled, or cannot be read.
    """
    with contextlib.suppress(RepositoryBusy, StorageFailed), index.reading() as connection:
        rows = connection.execute("SELECT blob, format, fields FROM contents").fetchall()
        return {blob: (form, fields) for blob, form, fields in rows}
    return {}


def ask(
    index: IndexFile,
    repository: Repository,
    model: Model,
    question: Callable[[sqlite3.Connection], Answer],
    filling: Callable[[], contextlib.AbstractContextManager[object]] = contextlib.nullcontext,
    progress: Progress = lambda done, of: None,
) -> Answer:
    """Answer a question of `queries` from the index at the newest commit.

    :param filling: makes what is entered each time that the index is brought along, to take turns.
    :raises StorageFailed: the index cannot be kept. :raises RepositoryBusy: others fill it for too long.
    """
    for _ in range(2):
        with contextlib.suppress(IndexDamaged):
            with filling():
                fill(index, repository, model, progress)
            with index.reading() as connection:
                return question(connection)
    raise StorageFailed("The list of entries cannot be kept at the moment.")


class _Filling:
    """One transaction that brings the index from one commit to another."""

    def __init__(
        self, connection: sqlite3.Connection, repository: Repository, model: Model, progress: Progress
    ) -> None:
        self._connection = connection
        self._repository = repository
        self._model = model
        self._progress = progress

    def to(self, head: str) -> Filled:
        known = _meta(self._connection, "head")
        touched = self._touched(known) if known else None
        changes = self._differences(known, head) if known and touched is not None else None
        whole = changes is None
        if changes is None:
            changes = self._against_what_is_kept(head)
        gone = [path for path, blob in changes if blob is None]
        come = [(path, blob) for path, blob in changes if blob is not None]
        remodelled = _meta(self._connection, "model") != _print_of(self._model)
        # Counting all anew is quicker than taking many away and adding as many.
        counted_anew = remodelled or len(changes) > COUNTED_ONE_BY_ONE
        if not counted_anew:
            self._tally([path for path, _ in changes], -1)
        self._connection.executemany("DELETE FROM entries WHERE path = ?", [(path,) for path in gone])
        if remodelled:
            # Files that were no entries of the earlier model may be some now.
            come = [(file.path, file.blob) for file in self._repository.files(head)]
            self._connection.execute("DELETE FROM entries")
            touched = None
        self._put(come)
        if counted_anew:
            self._connection.execute("DELETE FROM tally")
            self._connection.execute(_TALLY_ALL)
        else:
            self._tally([path for path, _ in changes], 1)
            self._connection.execute("DELETE FROM tally WHERE many <= 0")
        self._note_changes(touched)
        _set_meta(self._connection, "head", head)
        _set_meta(self._connection, "model", _print_of(self._model))
        return Filled(len(changes), whole)

    def _tally(self, paths: Sequence[str], sign: int) -> None:
        """Count what entries say, or take it away again."""
        self._connection.executemany(_TALLY_ONE, [{"path": path, "sign": sign} for path in paths])

    def _touched(self, old: str) -> Mapping[str, Commit] | None:
        """Who touched which path since; None where the branch does not go on from there."""
        try:
            return self._repository.touched_since(old)
        except (NotFound, StorageFailed):
            return None

    def _note_changes(self, touched: Mapping[str, Commit] | None) -> None:
        """Note who changed an entry last and when: of those that were touched, or of all."""
        if touched is None:
            paths = [path for (path,) in self._connection.execute("SELECT path FROM entries")]
            touched = self._repository.last_changes(paths)
        self._connection.executemany(
            "UPDATE entries SET changed = ?, author = ? WHERE path = ?",
            [(commit.when.timestamp(), commit.author.name, path) for path, commit in touched.items()],
        )

    def _differences(self, old: str, new: str) -> list[tuple[str, str | None]] | None:
        """What differs, path by path; None where the earlier commit is gone, as after a forced push."""
        try:
            return [(change.path, change.new_blob) for change in self._repository.between(old, new)]
        except (NotFound, StorageFailed):
            return None

    def _against_what_is_kept(self, head: str) -> list[tuple[str, str | None]]:
        kept = dict(
            self._connection.execute(
                "SELECT path, blob FROM entries JOIN contents ON contents.id = entries.content"
            ).fetchall()
        )
        present = {file.path: file.blob for file in self._repository.files(head)}
        changed: list[tuple[str, str | None]] = [
            (path, blob) for path, blob in present.items() if kept.get(path) != blob
        ]
        return changed + [(path, None) for path in kept.keys() - present.keys()]

    def _put(self, files: Iterable[tuple[str, str]]) -> None:
        """Put entries in, new or in place of an earlier content. What is no entry is left out."""
        placed = [
            (path, blob, collection)
            for path, blob in files
            if (collection := self._model.collection_of(path)) is not None
        ]
        left_out = {path for path, _ in files} - {path for path, _, _ in placed}
        self._connection.executemany("DELETE FROM entries WHERE path = ?", [(path,) for path in left_out])
        self._read([(blob, path) for path, blob, _ in placed])
        for part in _parts(placed, AT_ONCE):
            contents = self._contents([blob for _, blob, _ in part])
            rows = [
                _row(path, content, collection, unpacked(fields))
                for path, blob, collection in part
                for content, fields in [contents[blob]]
            ]
            self._connection.executemany(
                "INSERT OR REPLACE INTO entries"
                " (path, content, collection, title, title_key, named, moment, draft, waits_until, author)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '')",
                rows,
            )

    def _contents(self, blobs: Sequence[str]) -> dict[str, tuple[int, str]]:
        marks = ",".join("?" * len(blobs))
        found = self._connection.execute(
            f"SELECT blob, id, fields FROM contents WHERE blob IN ({marks})", blobs
        )
        return {blob: (number, fields) for blob, number, fields in found}

    def _read(self, wanted: Sequence[tuple[str, str]]) -> None:
        """Read the contents that nobody has read yet."""
        known = {
            blob for part in _parts(wanted, AT_ONCE) for blob in self._contents([blob for blob, _ in part])
        }
        fresh = {blob: path for blob, path in wanted if blob not in known}
        done = 0
        for part in _parts(list(fresh), AT_ONCE):
            self._progress(done, len(fresh))
            for blob, facts in self._facts(part, fresh):
                self._keep(blob, facts)
            done += len(part)
        if fresh:
            self._progress(done, done)

    def _facts(self, blobs: Sequence[str], paths: Mapping[str, str]) -> Iterator[tuple[str, Facts]]:
        """What contents say. One that is damaged says nothing: the others are listed all the same."""
        found: dict[str, bytes] = {}
        try:
            found = dict(self._repository.read_blobs(blobs))
        except StorageFailed:
            for blob in blobs:
                with contextlib.suppress(NotFound, StorageFailed):
                    found[blob] = self._repository.read_blob(blob)
        for blob in blobs:
            yield blob, facts_of(found[blob], paths[blob]) if blob in found else UNREADABLE

    def _keep(self, blob: str, facts: Facts) -> None:
        cursor = self._connection.execute(
            "INSERT INTO contents (blob, format, fields, excerpt, readable) VALUES (?, ?, ?, ?, ?)",
            (blob, facts.format, facts.fields, facts.excerpt, facts.readable),
        )
        content = cursor.lastrowid
        self._connection.executemany(
            "INSERT INTO said VALUES (?, ?, ?, ?, ?)",
            [(content, name, at, text, number) for name, at, text, number in facts.keys],
        )
        self._connection.execute(
            "INSERT INTO words (rowid, said, text) VALUES (?, ?, ?)", (content, *searched_words(facts))
        )


def _row(
    path: str, content: int, collection: Collection, values: dict[str, Value]
) -> tuple[str, int, str, str, str, bool, float | None, bool, float | None]:
    title = collection.title_of(values, path)
    moment = collection.date_of(values, path)
    waits = collection.state_of(values, path, EARLY) == "scheduled"
    return (
        path,
        content,
        collection.name,
        title,
        key_of(title)[0],
        title == collection.title_of({}, path),
        moment.timestamp() if moment else None,
        collection.state_of(values, path, LATE) == "draft",
        moment.timestamp() if waits and moment else None,
    )


def _print_of(model: Model) -> str:
    """A fingerprint of all that entries take from the model."""
    shapes = [
        replace(one, fields=tuple(Field(each.name, "", meaning=each.meaning) for each in one.fields))
        for one in model.collections
    ]
    return hashlib.sha256(repr(shapes).encode()).hexdigest()


def _meta(connection: sqlite3.Connection, name: str) -> str:
    row = connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
    return str(row[0]) if row else ""


def _set_meta(connection: sqlite3.Connection, name: str, value: str) -> None:
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))


def _parts(items: Sequence[Part], size: int) -> Iterator[Sequence[Part]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
