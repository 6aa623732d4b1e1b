"""Bringing the index to a commit: all of it at first, then only what differs.

Contents are read once for each blob id. What depends on the model (which collection, which title, draft or
not) stands with the entries, and is worked out again from what the contents say when the model changes.
One transaction brings the entries along: others see the index at one commit or at the other, and two servers
on one clone take turns.

At first, when there is much to read, it goes in steps, and each part is kept for good: the values of contents
(`read_ahead`), the entries, by which lists are answered, and then the words of contents, what is counted, and
who changed what: with these the index is `whole`. Whoever is interrupted goes on from there.
"""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar

from gitcms.content import hand
from gitcms.content.facts import OURS, Facts, Words, key_of, unpacked_all
from gitcms.content.hand import Asked, Told
from gitcms.content.values import Value
from gitcms.errors import NotFound, RepositoryBusy, StorageFailed
from gitcms.index import crowds, hands, patterns
from gitcms.index.tables import ORDERS_OF_SAID, PARTLY, WHOLLY, IndexDamaged, IndexFile
from gitcms.repository import Commit, Repository
from gitcms.schema.addresses import KNOWN
from gitcms.schema.collection import Collection, Field, Model
from gitcms.schema.rules import FREE

EARLY = datetime(1, 1, 1, tzinfo=UTC)
AT_ONCE = 250
"""Contents that are read before others get a turn."""
FILES_AT_ONCE = 5000
AHEAD = 8
"""Parts of so many contents whose words are found while those of others are kept."""
WORDS_AT_ONCE = 12_000_000
"""Characters; each time, the search tree is written anew in part: more at once cost less."""
GAP_SECONDS = 0.1
"""After these at most, SQLite looks again whether it can write: so others get a turn in between."""
FEW = 1000
"""Contents that are read whole at once, also where a list alone is asked for."""

COUNTED_ONE_BY_ONE = 2000
_NOT_OF_ENTRIES: Mapping[str, Any] = {
    "label": "",
    "label_one": "",
    "defaults": {},
    "example": "",
    "file_template": "",
    "permalink": "",
    "format": "",
    "rules": FREE,
    "address": KNOWN,
    "redirects": "",
}
"""What collections say of new entries, and of their looks."""
_SAYS = (
    "SELECT DISTINCT e.collection, s.name, s.text, e.draft"
    " FROM entries e JOIN said s ON s.content = e.content WHERE e.path = :path"
    " UNION ALL SELECT collection, :all, '', draft FROM entries WHERE path = :path"
)
_TALLY_MORE = """
INSERT INTO tally VALUES (?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET many = many + excluded.many, drafts = drafts + excluded.drafts
"""
_TALLY_ALL = """
INSERT INTO tally SELECT e.collection, s.name, s.text, count(*), sum(e.draft)
FROM said s CROSS JOIN entries e ON e.content = s.content
WHERE s.at = 0 OR NOT EXISTS (
    SELECT 1 FROM said o WHERE o.content = s.content AND o.name = s.name AND o.text = s.text AND o.at < s.at
) GROUP BY s.name, s.text, e.collection
"""
"""Walked in the order of names and texts; what a list says twice counts once."""

Part = TypeVar("Part")
Answer = TypeVar("Answer")
Progress = Callable[[int, int], None]
"""Told how many contents of how many are read."""
Step = Literal["entries", "words"]
Turn = Callable[[Step], contextlib.AbstractContextManager[object]]


@dataclass(frozen=True, slots=True)
class Filled:
    """What was done: the paths that came, went or changed, and whether all was looked at."""

    changed: int
    whole: bool


def fill(
    index: IndexFile,
    repository: Repository,
    model: Model,
    progress: Progress = lambda done, of: None,
    *,
    turn: Turn = lambda step: contextlib.nullcontext(),
    whole: bool = True,
) -> Filled:
    """Bring the index to the newest commit and this model.

    :param turn: makes what is entered for each step, to take turns: "entries", then "words" where some lack.
    :param whole: with the words of the contents; without them, lists can be answered at least.
    :raises StorageFailed: the disk took no more; then the index is at the commit where it was.
    """
    filled = Filled(0, whole=False)
    with index.reading() as connection:
        is_new, is_whole = not _meta(connection, "head"), _meta(connection, "whole") != ""
        is_there = _is_at(connection, repository.head(), model)
    if not is_there:
        with turn("entries"):
            if is_new:
                read_ahead(index, repository, _entries_of(repository, model), progress)
            filled = _bring_along(index, repository, model, progress)
    if not is_whole and (whole or 0 < filled.changed <= FEW):
        with turn("words"):
            _add_words(index, repository, model, progress)
    return filled


def _entries_of(repository: Repository, model: Model) -> dict[str, str]:
    files = repository.files(repository.head())
    return {file.path: file.blob for file in files if model.collection_of(file.path) is not None}


def _bring_along(index: IndexFile, repository: Repository, model: Model, progress: Progress) -> Filled:
    head = repository.head()
    with index.reading() as connection:
        if _is_at(connection, head, model):
            return Filled(0, whole=False)  # somebody else had the turn before
    with index.writing() as connection:
        return _Filling(connection, repository, model, progress).to(head)


def read_ahead(
    index: IndexFile,
    repository: Repository,
    files: Mapping[str, str],
    progress: Progress = lambda done, of: None,
) -> None:
    """Read the values of contents that nobody has read yet, a part at a time and each for good.

    :param files: path → blob.
    :raises: as `fill`.
    """
    paths = {blob: path for path, blob in files.items()}
    with index.reading() as connection:
        fresh = _unknown(connection, list(paths))
    for part, told in _told(repository, fresh, paths, progress):
        with index.writing() as connection:
            _keep(connection, part, told)


def _add_words(index: IndexFile, repository: Repository, model: Model, progress: Progress) -> None:
    """Make the index whole: add the words of contents, count what they say, note who changed what."""
    while True:
        with index.reading() as connection:
            if _meta(connection, "whole"):
                return
            (lacking,) = connection.execute("SELECT count(*) FROM contents WHERE NOT worded").fetchone()
        _find_words(index, repository, lacking, progress)
        repository.last_changes(())  # which takes a while at first, and is kept for what follows
        with index.writing() as connection:
            if not _wordless(connection):
                for order in ORDERS_OF_SAID:
                    connection.execute(order)
                patterns.keep(connection, model)
                crowds.gather(connection)
                _count_anew(connection)
                _note_changes(connection, repository, None)
                _set_meta(connection, "whole", "yes")
                return


def _find_words(index: IndexFile, repository: Repository, lacking: int, progress: Progress) -> None:
    """Find the words of contents that are kept without them, and keep those of many at once."""
    done = 0
    progress(done, lacking)
    with _Transactions(index) as kept:
        parts = _wordless_in_parts(kept)
        for part, told in hands.told(parts, lambda part: _asked_for_words(repository, part), lacking, AHEAD):
            found = [(each.content, words) for each, (_, words) in zip(part, told, strict=True) if words]
            _keep_words(kept.connection, found)
            kept.note(sum(len(words.text) for _, words in found))
            done += len(part)
            progress(min(done, lacking), lacking)


class _Transactions:
    """Transactions that write, one after another: each is kept when WORDS_AT_ONCE are in it."""

    def __init__(self, index: IndexFile) -> None:
        self._index = index

    def __enter__(self) -> _Transactions:
        self._open = contextlib.ExitStack()
        self.connection = self._open.enter_context(self._index.writing())
        self._characters = 0
        return self

    def __exit__(self, *error: Any) -> bool | None:
        return self._open.__exit__(*error)

    def note(self, characters: int) -> None:
        """Count that so many more were written, and begin the next transaction where that is enough."""
        self._characters += characters
        if self._characters >= WORDS_AT_ONCE:
            self._open.close()
            time.sleep(GAP_SECONDS)
            self.__enter__()


def _wordless_in_parts(kept: _Transactions) -> Iterator[list[_Wordless]]:
    behind = 0
    while part := _wordless(kept.connection, behind):
        yield part
        behind = part[-1].content


def _asked_for_words(repository: Repository, part: Sequence[_Wordless]) -> list[Asked]:
    found = _bytes_of(repository, [each.blob for each in part])
    return [Asked(each.path, found.get(each.blob, b""), worded=True, known=each.facts) for each in part]


def is_filled(index: IndexFile) -> bool:
    """Tell whether the index was ever brought to a commit, so that bringing it along is quick."""
    with contextlib.suppress(IndexDamaged), index.reading() as connection:
        return _meta(connection, "head") != ""
    return False


def said(index: IndexFile, blobs: Sequence[str]) -> dict[str, tuple[str, dict[str, Value]]]:
    """Return what is kept of contents: blob → its format, and its values.

    Nothing where the index was never filled, or cannot be read.
    """
    found: list[tuple[str, str, str]] = []
    with contextlib.suppress(RepositoryBusy, StorageFailed), index.reading() as connection:
        for part in _parts(blobs, AT_ONCE):
            marks = ",".join("?" * len(part))
            found += connection.execute(
                f"SELECT blob, format, fields FROM contents WHERE blob IN ({marks})", part
            )
    values = unpacked_all(fields for _, _, fields in found)
    return {blob: (form, each) for (blob, form, _), each in zip(found, values, strict=True)}


def ask(
    index: IndexFile,
    repository: Repository,
    model: Model,
    question: Callable[[sqlite3.Connection], Answer],
    turn: Turn = lambda step: contextlib.nullcontext(),
    progress: Progress = lambda done, of: None,
    *,
    whole: bool = True,
) -> Answer:
    """Answer a question of `queries` from the index at the newest commit.

    :param turn: as for `fill`.
    :param whole: whether the question is about more than which entries there are: words, values, changes.
    :raises StorageFailed: the index cannot be kept. :raises RepositoryBusy: others fill it for too long.
    """
    for _ in range(2):
        with contextlib.suppress(IndexDamaged):
            fill(index, repository, model, progress, turn=turn, whole=whole)
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
        known, is_whole = _meta(self._connection, "head"), _meta(self._connection, "whole") != ""
        touched = self._touched(known) if known and is_whole else None
        changes = self._differences(known, head) if known and touched is not None else None
        whole = changes is None
        if changes is None:
            changes = self._against_what_is_kept(head)
        gone = [path for path, blob in changes if blob is None]
        come = [(path, blob) for path, blob in changes if blob is not None]
        remodelled = _meta(self._connection, "model") != _print_of(self._model)
        # Counting all anew is quicker than taking many away and adding as many.
        many = len(changes) > COUNTED_ONE_BY_ONE
        counted_anew = remodelled or many
        tallied = [] if counted_anew or not is_whole else [path for path, _ in changes]
        before = self._says(tallied)
        if is_whole and many:
            crowds.forget(self._connection)
        self._connection.executemany("DELETE FROM entries WHERE path = ?", [(path,) for path in gone])
        if remodelled:
            # Files that were no entries of the earlier model may be some now.
            come = [(file.path, file.blob) for file in self._repository.files(head)]
            self._connection.execute("DELETE FROM entries")
            touched = None
        for part in _parts(come, FILES_AT_ONCE):
            self._put(part, worded=is_whole)
        if is_whole:
            self._add_lacking_words()
            if many:
                crowds.gather(self._connection)
            if remodelled:
                patterns.keep(self._connection, self._model)
            if counted_anew:
                _count_anew(self._connection)
            else:
                self._tally(before, self._says(tallied))
            _note_changes(self._connection, self._repository, touched)
        _set_meta(self._connection, "head", head)
        _set_meta(self._connection, "model", _print_of(self._model))
        return Filled(len(changes), whole)

    def _says(self, paths: Sequence[str]) -> Counter[tuple[str, str, str, int]]:
        """What entries say: each collection, name, text, and whether it is a draft, and how many do."""
        return Counter(
            row for path in paths for row in self._connection.execute(_SAYS, {"path": path, "all": OURS})
        )

    def _tally(
        self, before: Counter[tuple[str, str, str, int]], after: Counter[tuple[str, str, str, int]]
    ) -> None:
        """Count what entries say by now, and what they do not any more. Most say what they said."""
        after.subtract(before)
        self._connection.executemany(
            _TALLY_MORE,
            [(*what, many, many * draft) for (*what, draft), many in after.items() if many],
        )
        self._connection.execute("DELETE FROM tally WHERE many <= 0")

    def _touched(self, old: str) -> Mapping[str, Commit] | None:
        """Who touched which path since; None where the branch does not go on from there."""
        try:
            return self._repository.touched_since(old)
        except (NotFound, StorageFailed):
            return None

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

    def _put(self, files: Sequence[tuple[str, str]], *, worded: bool) -> None:
        """Put entries in, new or in place of an earlier content. What is no entry is left out."""
        placed = [
            (path, blob, collection)
            for path, blob in files
            if (collection := self._model.collection_of(path)) is not None
        ]
        told_by_values = self._model.tells_by_values
        left_out = {path for path, _ in files} - {path for path, _, _ in placed}
        self._connection.executemany("DELETE FROM entries WHERE path = ?", [(path,) for path in left_out])
        self._read({blob: path for path, blob, _ in placed}, worded=worded)
        for part in _parts(placed, AT_ONCE):
            contents = _contents(self._connection, [blob for _, blob, _ in part])
            said = unpacked_all(contents[blob][1] for _, blob, _ in part)
            rows = []
            for (path, blob, first), values in zip(part, said, strict=True):
                content = contents[blob][0]
                collection = self._model.collection_of(path, values) if told_by_values else first
                if collection is not None:
                    rows.append(_row(path, content, collection, values))
                else:
                    self._connection.execute("DELETE FROM entries WHERE path = ?", (path,))
            self._connection.executemany(
                "INSERT OR REPLACE INTO entries"
                " (path, content, collection, title, title_key, named, moment, draft, waits_until, author)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '')",
                rows,
            )

    def _read(self, paths: Mapping[str, str], *, worded: bool) -> None:
        """Read the contents that nobody has read yet."""
        fresh = _unknown(self._connection, list(paths))
        for part, told in _told(self._repository, fresh, paths, self._progress, worded=worded):
            _keep(self._connection, part, told)

    def _add_lacking_words(self) -> None:
        """Add the words of contents that were read while no entry was known to have them."""
        while part := _wordless(self._connection):
            told = hand.tell(_asked_for_words(self._repository, part))
            found = [(each.content, words) for each, (_, words) in zip(part, told, strict=True) if words]
            _keep_words(self._connection, found)


# ── contents ──


@dataclass(frozen=True, slots=True)
class _Wordless:
    """A content whose words are wanted."""

    content: int
    blob: str
    path: str
    facts: Facts


def _told(
    repository: Repository,
    blobs: Sequence[str],
    paths: Mapping[str, str],
    progress: Progress,
    *,
    worded: bool = False,
) -> Iterator[tuple[Sequence[str], list[Told]]]:
    """Yield the facts of contents, part by part, and their words where these are wanted."""
    done = 0

    def asked(part: Sequence[str]) -> list[Asked]:
        found = _bytes_of(repository, part)
        return [Asked(paths[blob], found.get(blob), worded=worded) for blob in part]

    if blobs:
        progress(done, len(blobs))
    for part, told in hands.told(_parts(blobs, AT_ONCE), asked, len(blobs)):
        yield part, told
        done += len(part)
        progress(done, len(blobs))


def _bytes_of(repository: Repository, blobs: Sequence[str]) -> dict[str, bytes]:
    """Contents by their ids. One that is damaged is left out: the others are listed all the same."""
    try:
        return dict(repository.read_blobs(blobs))
    except StorageFailed:
        found: dict[str, bytes] = {}
        for blob in blobs:
            with contextlib.suppress(NotFound, StorageFailed):
                found[blob] = repository.read_blob(blob)
        return found


def _unknown(connection: sqlite3.Connection, blobs: Sequence[str]) -> list[str]:
    """Those of some contents that are not kept yet."""
    return [
        blob
        for part in _parts(blobs, AT_ONCE)
        for known in [_known(connection, part)]
        for blob in part
        if blob not in known
    ]


def _known(connection: sqlite3.Connection, blobs: Sequence[str]) -> set[str]:
    marks = ",".join("?" * len(blobs))
    found = connection.execute(f"SELECT blob FROM contents WHERE blob IN ({marks})", blobs)
    return {blob for (blob,) in found}


def _contents(connection: sqlite3.Connection, blobs: Sequence[str]) -> dict[str, tuple[int, str]]:
    marks = ",".join("?" * len(blobs))
    found = connection.execute(f"SELECT blob, id, fields FROM contents WHERE blob IN ({marks})", blobs)
    return {blob: (number, fields) for blob, number, fields in found}


def _keep(connection: sqlite3.Connection, blobs: Sequence[str], told: Sequence[Told]) -> None:
    """Keep contents, and the words of those whose words were found as well."""
    connection.executemany(
        "INSERT OR IGNORE INTO contents (blob, format, fields, excerpt, readable, worded)"
        " VALUES (?, ?, ?, ?, ?, 0)",
        [
            (blob, facts.format, facts.fields, facts.excerpt, facts.readable)
            for blob, (facts, _) in zip(blobs, told, strict=True)
        ],
    )
    worded = {blob: words for blob, (_, words) in zip(blobs, told, strict=True) if words is not None}
    if worded:
        contents = _contents(connection, list(worded))
        _keep_words(connection, [(contents[blob][0], words) for blob, words in worded.items()])


def _wordless(connection: sqlite3.Connection, behind: int = 0) -> list[_Wordless]:
    """Some contents of entries that are kept without their words, those behind an earlier one."""
    rows = connection.execute(
        "SELECT c.id, c.blob, min(e.path), c.format, c.fields, c.readable"
        " FROM contents c CROSS JOIN entries e ON e.content = c.id"
        " WHERE NOT c.worded AND c.id > ? GROUP BY c.id ORDER BY c.id LIMIT ?",
        (behind, AT_ONCE),
    )
    return [
        _Wordless(content, blob, path, Facts(form, fields, "", bool(readable)))
        for content, blob, path, form, fields, readable in rows
    ]


def _keep_words(connection: sqlite3.Connection, found: Sequence[tuple[int, Words]]) -> None:
    # Another server may have been quicker.
    found = [
        (content, words)
        for content, words in found
        if connection.execute("SELECT 1 FROM contents WHERE id = ? AND NOT worded", (content,)).fetchone()
    ]
    connection.executemany(
        "INSERT INTO said VALUES (?, ?, ?, ?, ?)",
        [(content, *key) for content, words in found for key in words.keys]
        + patterns.finding(connection, found),
    )
    connection.executemany(
        "INSERT INTO words (rowid, said, text) VALUES (?, ?, ?)",
        [(content, words.said, words.text) for content, words in found],
    )
    crowds.note(connection, found)
    connection.executemany(
        "UPDATE contents SET worded = ? WHERE id = ?",
        [(PARTLY if words.partly else WHOLLY, content) for content, words in found],
    )


# ── entries ──


def _count_anew(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM tally")
    connection.execute(_TALLY_ALL)
    connection.execute(
        "INSERT INTO tally SELECT collection, ?, '', count(*), sum(draft) FROM entries GROUP BY collection",
        (OURS,),
    )


def _note_changes(
    connection: sqlite3.Connection, repository: Repository, touched: Mapping[str, Commit] | None
) -> None:
    """Note who changed an entry last and when: of those that were touched, or of all."""
    if touched is None:
        touched = repository.last_changes(path for (path,) in connection.execute("SELECT path FROM entries"))
    connection.executemany(
        "UPDATE entries SET changed = ?, author = ? WHERE path = ?",
        ((commit.when.timestamp(), commit.author.name, path) for path, commit in touched.items()),
    )


def _row(
    path: str, content: int, collection: Collection, values: dict[str, Value]
) -> tuple[str, int, str, str, str, bool, float | None, bool, float | None]:
    title = collection.title_of(values, path)
    moment = collection.date_of(values, path)
    # Before every date, whatever waits for its own still does; a draft is one at any time.
    state = collection.state_of(values, path, EARLY)
    return (
        path,
        content,
        collection.name,
        title,
        key_of(title)[0],
        title == collection.title_of({}, path),
        moment.timestamp() if moment else None,
        state == "draft",
        moment.timestamp() if state == "scheduled" and moment else None,
    )


def _is_at(connection: sqlite3.Connection, head: str, model: Model) -> bool:
    return _meta(connection, "head") == head and _meta(connection, "model") == _print_of(model)


def _print_of(model: Model) -> str:
    """A fingerprint of all that entries take from the model."""
    shapes = [
        replace(
            one,
            files=frozenset(),
            without=frozenset(),
            fields=tuple(Field(each.name, "", meaning=each.meaning) for each in one.fields if each.meaning),
            **_NOT_OF_ENTRIES,
        )
        for one in model.collections
    ]
    # Each process has the parts of a set in an order of its own.
    sets = [(sorted(one.files), sorted(one.without)) for one in model.collections]
    return hashlib.sha256(repr((shapes, sets)).encode()).hexdigest()


def _meta(connection: sqlite3.Connection, name: str) -> str:
    row = connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
    return str(row[0]) if row else ""


def _set_meta(connection: sqlite3.Connection, name: str, value: str) -> None:
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))


def _parts(items: Sequence[Part], size: int) -> Iterator[Sequence[Part]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
