"""The database: what is not content. People, sessions, rate limits, rebuilds, the cursor.

Opening it, its transactions, its upgrade at start, and the door at which SQLAlchemy's errors
become ours live here; the tables are in `models`, their history in `migrations`. Deleting the
database loses no content.

SQLite is opened with a write-ahead log, foreign keys and a busy timeout. A writing transaction
takes the write lock at its start: one that read first and asked for the lock later would be
refused at once, without any waiting, when another process had written in between
(https://www.sqlite.org/isolation.html).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.util.exc import CommandError
from sqlalchemy import Connection, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.orm import Session

from gitcms.errors import ConfigError, RepositoryBusy, StorageFailed

BUSY_SECONDS = 10
MIGRATIONS = Path(__file__).resolve().parent / "migrations"
# Any number that no other program on the same PostgreSQL server is likely to lock.
UPGRADE_LOCK = 7_304_117_551


class Database:
    """One database, opened by its SQLAlchemy URL. Safe to use from many threads."""

    def __init__(self, url: str) -> None:
        """
        :param url: such as `sqlite:////var/lib/gitcms/gitcms.sqlite3` or
            `postgresql+psycopg://localhost/gitcms`. Nothing is connected to yet.
        :raises ConfigError: it is no such address, or its driver is not installed.
        """
        try:
            self.url = make_url(url)
            # Only to find out whether its driver is there.
            self.url.get_dialect().import_dbapi()
        except (ArgumentError, ImportError) as error:
            raise ConfigError(
                "The address of the database cannot be used.",
                hint="Write database under [state] such as postgresql+psycopg://name@host/database;"
                " PostgreSQL needs gitcms[postgresql].",
                details=str(error) if isinstance(error, ImportError) else None,
            ) from error
        sqlite = self.url.get_backend_name() == "sqlite"
        arguments: dict[str, Any] = {"timeout": BUSY_SECONDS} if sqlite else {}
        self._engine = create_engine(self.url, connect_args=arguments, pool_pre_ping=not sqlite)
        self._reader = self._engine.execution_options(gitcms_reading=True)
        if sqlite:
            event.listen(self._engine, "connect", _open_sqlite)
            event.listen(self._engine, "begin", _begin_sqlite)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Open a transaction that may write; it is kept at the end, and undone by any error.

        :raises RepositoryBusy: when another one holds the database for too long.
        :raises StorageFailed: when it cannot be read or written.
        """
        with _database_errors(), Session(self._engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a transaction that only looks; it neither waits for writers nor keeps them waiting."""
        with _database_errors(), Session(self._reader, expire_on_commit=False) as session:
            yield session

    def upgrade(self) -> None:
        """Bring the tables to this version's form, all steps in one transaction.

        Two processes that start together take turns.

        :raises StorageFailed: when a newer version of gitcms made the database, or it cannot be written.
        """
        with _database_errors(), self._engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": UPGRADE_LOCK})
            try:
                command.upgrade(_alembic(connection), "head")
            except CommandError as error:
                raise StorageFailed(
                    "The database was made by a newer version of gitcms.",
                    hint="Install that version again, or restore an older copy of the database.",
                    details=str(error),
                ) from error

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


def _alembic(connection: Connection) -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _open_sqlite(connection: Any, record: object) -> None:
    # SQLAlchemy begins transactions itself (`_begin_sqlite`); the driver must not.
    connection.isolation_level = None
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get("gitcms_reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


@contextmanager
def _database_errors() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        reason = str(error.orig)
        if any(word in reason for word in ("locked", "locking", "busy")):
            raise RepositoryBusy("The server has too much to do at the moment.", details=reason) from error
        raise StorageFailed(
            "The server's own records cannot be read or written at the moment.", details=reason
        ) from error
