"""The files of the index: their connections, the tables for entries, and what is done when it cannot be read.

A file of another version, or a damaged one, is thrown away and made anew: nothing in it is known by it alone.
Contents are kept by their blob id and never change; an entry is a path that points at one of them. Works with
SQLite 3.40, whose full-text tables cannot delete what they do not keep: a content that nothing points at any
more stays in `words` and is found by nobody, until the file is made anew.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gitcms.errors import RepositoryBusy, StorageFailed

VERSION = "10"
BUSY_SECONDS = 30.0
CACHE_KILOBYTES = 4000
NAME = "index.sqlite3"
WHOLLY, PARTLY = 1, 2
"""How many of a content's words are kept."""

BEGINNINGS = (1, 2, 3, 4)
"""Letters of the beginnings of words that are found as quickly as whole words."""
_PREFIX = " ".join(map(str, BEGINNINGS))
TOKENIZER = "unicode61 remove_diacritics 2"

TABLES = f"""
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE contents (
    id INTEGER PRIMARY KEY,
    blob TEXT NOT NULL UNIQUE,
    format TEXT NOT NULL,
    fields TEXT NOT NULL,
    excerpt TEXT NOT NULL,
    readable INTEGER NOT NULL,
    worded INTEGER NOT NULL
);
CREATE INDEX unworded ON contents (id) WHERE NOT worded;
CREATE INDEX partly_worded ON contents (id) WHERE worded = 2;
CREATE TABLE said (
    content INTEGER NOT NULL,
    name TEXT NOT NULL,
    at INTEGER NOT NULL,
    text TEXT NOT NULL,
    number REAL NOT NULL,
    PRIMARY KEY (content, name, at)
) WITHOUT ROWID;
CREATE TABLE patterns (name TEXT NOT NULL, pattern TEXT NOT NULL, PRIMARY KEY (name, pattern)) WITHOUT ROWID;
CREATE TABLE entries (
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,
    content INTEGER NOT NULL,
    collection TEXT NOT NULL,
    title TEXT NOT NULL,
    title_key TEXT NOT NULL,
    named INTEGER NOT NULL,
    moment REAL,
    draft INTEGER NOT NULL,
    waits_until REAL,
    changed REAL,
    author TEXT NOT NULL
);
CREATE INDEX by_moment ON entries (collection, moment DESC, title_key, path, draft, waits_until, content);
CREATE INDEX by_title ON entries (collection, title_key, path, draft, waits_until, content);
CREATE INDEX by_change ON entries (collection, changed DESC, title_key, path, draft, waits_until, content);
CREATE INDEX by_content ON entries (content, collection, draft, waits_until);
CREATE INDEX by_state ON entries (collection, draft, waits_until);
CREATE INDEX by_name ON entries (collection, title_key) WHERE named;
CREATE TABLE tally (
    collection TEXT NOT NULL,
    name TEXT NOT NULL,
    text TEXT NOT NULL,
    many INTEGER NOT NULL,
    drafts INTEGER NOT NULL,
    PRIMARY KEY (collection, name, text)
) WITHOUT ROWID;
CREATE INDEX most_said ON tally (collection, name, many DESC, text);
CREATE INDEX unsaid ON tally (many) WHERE many <= 0;
CREATE VIRTUAL TABLE words USING fts5 (
    said, text, content = '', tokenize = '{TOKENIZER}', prefix = '{_PREFIX}'
);
INSERT INTO words (words, rank) VALUES ('hashsize', 16000000);
CREATE VIRTUAL TABLE vocabulary USING fts5vocab (words, row);
CREATE TABLE crowds (
    beginning TEXT NOT NULL,
    part INTEGER NOT NULL,
    contents BLOB NOT NULL,
    PRIMARY KEY (beginning, part)
);
"""
"""`worded` tells whether the words of a content are kept, in `said` and `words`; `named` marks entries that
are called by the names of their files. `hashsize` is how many bytes of words are sorted in memory. `tally`
counts the entries of a collection that say a text in a field, and the drafts among them; under the name OURS
all of its entries. `patterns` are those whose finds stand in `said`, by the module of that name, as `crowds`
is of beginnings."""

ORDERS_OF_SAID = (
    "CREATE INDEX IF NOT EXISTS said_by_text ON said (name, text, content)",
    "CREATE INDEX IF NOT EXISTS said_in_order ON said (name, number, text, content) WHERE at = 0",
)
"""Made when all words are there: so they cost half of what they cost word by word."""

_OF_OTHERS = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL")
"""What SQLite says where others came first; the last of these where it was so again and again."""
_OF_THE_DISK = ("SQLITE_IOERR", "SQLITE_FULL", "SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_NOMEM")
"""What SQLite says of the disk and not of the file (sqlite.org/rescode.html)."""


class IndexDamaged(StorageFailed):
    """The file of the index could not be read, and is thrown away by now. Asking again makes it anew."""

    code = "index.damaged"


@dataclass(frozen=True, slots=True)
class Form:
    """What one file of the house is called, which tables it has, and their version."""

    name: str
    tables: str
    version: str


ENTRIES = Form(NAME, TABLES, VERSION)


class IndexFile:
    """A file of one clone. Safe to use from many threads, each with a connection of its own."""

    def __init__(self, folder: Path, form: Form = ENTRIES) -> None:
        """
        :param folder: the clone's state folder.
        """
        self.path = folder / form.name
        self._form = form
        self._local = threading.local()
        self._guard = threading.Lock()
        # Whether each connection is in a transaction: then only its own thread may close it.
        self._open: dict[sqlite3.Connection, bool] = {}
        self._made = 0
        self._has_tables = False

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Open a transaction that looks at one state of the index.

        :raises RepositoryBusy: somebody writes for too long. :raises IndexDamaged: ask again.
        :raises StorageFailed: it cannot be kept at all.
        """
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Open a transaction that writes, after all others; it is kept at the end, and undone by any error.

        :raises RepositoryBusy: somebody writes for too long. :raises IndexDamaged: ask again.
        :raises StorageFailed: the disk took no more.
        """
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    def forget(self) -> None:
        """Throw the file away. It is made anew at the next use."""
        with self._guard:
            self._close()
            for end in ("", "-wal", "-shm"):
                Path(f"{self.path}{end}").unlink(missing_ok=True)
            self._made += 1
            self._has_tables = False

    def close(self) -> None:
        """Let go of every connection."""
        with self._guard:
            self._close()
            self._made += 1

    @contextlib.contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        made = self._made
        try:
            with self._busy() as connection:
                _begin(connection, begin)
                try:
                    yield connection
                    connection.execute("COMMIT")
                except BaseException:
                    with contextlib.suppress(sqlite3.Error):
                        connection.execute("ROLLBACK")
                    raise
        except sqlite3.Error as error:
            raise self._ours(error, made) from error

    @contextlib.contextmanager
    def _busy(self) -> Iterator[sqlite3.Connection]:
        """This thread's connection, which nobody else closes meanwhile."""
        made = self._made
        try:
            connection = self._connection()
        except sqlite3.Error:
            with self._guard:
                thrown_away = made != self._made
            if not thrown_away:
                raise
            connection = self._connection()  # another thread threw the file away while this one opened it
        try:
            yield connection
        finally:
            with self._guard:
                self._open[connection] = False
                if self._local.known[0] != self._made:
                    self._local.known = None
                    self._drop(connection)

    def _ours(self, error: sqlite3.Error, made: int) -> RepositoryBusy | StorageFailed:
        name = str(getattr(error, "sqlite_errorname", ""))
        if name.startswith(_OF_OTHERS):
            return RepositoryBusy("The server has too much to do at the moment.", details=str(error))
        if name.startswith(_OF_THE_DISK) and name != "SQLITE_IOERR_SHORT_READ":
            return StorageFailed("The list of entries cannot be kept at the moment.", details=str(error))
        # Damage, which may look like tables that are not there; or another thread met that, and threw the
        # file away under this one.
        if made == self._made:
            self.forget()
        return IndexDamaged("The list of entries has to be made anew.", details=str(error))

    def _connection(self) -> sqlite3.Connection:
        """This thread's connection, marked as in use."""
        known: tuple[int, sqlite3.Connection] | None = getattr(self._local, "known", None)
        if known is None or known[0] != self._made or known[1] not in self._open:
            if self._has_tables and self._is_empty():
                self.forget()  # else every new connection waits for those that saw it whole
            elif not self._has_tables and self._is_cut_off():
                self.forget()
            return self._new_connection()
        with self._guard:
            self._open[known[1]] = True
        return known[1]

    def _new_connection(self) -> sqlite3.Connection:
        with self._guard:
            connection = sqlite3.connect(
                self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            self._open[connection] = True
            self._local.known = (self._made, connection)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            # What a power cut takes is made again from the commits.
            connection.execute("PRAGMA synchronous = OFF")
            # Each thread has its own; what it does not hold is in the system's cache.
            connection.execute(f"PRAGMA cache_size = -{CACHE_KILOBYTES}")
            _prepare(connection, self._form)
        except BaseException:
            with self._guard:
                self._local.known = None
                self._drop(connection)
            raise
        self._has_tables = True
        return connection

    def _is_empty(self) -> bool:
        try:
            return self.path.stat().st_size == 0
        except OSError:
            return True

    def _is_cut_off(self) -> bool:
        """Tell whether the file lost its end. SQLite misses whole pages, and takes the lost rest of one for
        zeros.

        By the size that its header says (sqlite.org/fileformat.html, 1.3). While somebody has it open, a part
        of it may lie beside it.
        """
        if Path(f"{self.path}-wal").exists():
            return False
        try:
            with self.path.open("rb") as file:
                header, size = file.read(100), os.fstat(file.fileno()).st_size
        except OSError:
            return False
        page, pages = int.from_bytes(header[16:18], "big"), int.from_bytes(header[28:32], "big")
        return header[24:28] == header[92:96] and size < (65_536 if page == 1 else page) * pages

    def _close(self) -> None:
        for connection in [one for one, busy in self._open.items() if not busy]:
            self._drop(connection)

    def _drop(self, connection: sqlite3.Connection) -> None:
        self._open.pop(connection, None)
        connection.close()


def _begin(connection: sqlite3.Connection, begin: str) -> None:
    """Open a transaction, and have it see the index as it is at this moment."""
    for last in (False, True):
        try:
            connection.execute(begin)
            connection.execute("SELECT 1 FROM sqlite_master LIMIT 1")
            return
        except sqlite3.OperationalError as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            # Where very many open the file at once, one of them may never have had its turn.
            if last or not str(error.sqlite_errorname).startswith("SQLITE_PROTOCOL"):
                raise


def _prepare(connection: sqlite3.Connection, form: Form) -> None:
    """Make the tables where there are none yet, or those of another version."""
    if _version(connection) == form.version:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        if _version(connection) != form.version:
            for kind, name in connection.execute(
                "SELECT type, name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
                " ORDER BY name LIKE 'words_%'"
            ).fetchall():
                connection.execute(f'DROP {kind} IF EXISTS "{name}"')
            for statement in form.tables.strip().split(";\n"):
                connection.execute(statement)
            connection.execute("INSERT INTO meta VALUES ('version', ?)", (form.version,))
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _version(connection: sqlite3.Connection) -> str:
    try:
        row = connection.execute("SELECT value FROM meta WHERE name = 'version'").fetchone()
    except sqlite3.OperationalError as error:
        if "no such table" not in str(error):
            raise
        return ""
    return str(row[0]) if row else ""
