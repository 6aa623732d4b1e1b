from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select, text

from gitcms.database import Database
from gitcms.database.models import Attempt, Base, Cursor, LoginSession, User
from gitcms.errors import StorageFailed

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_the_migrations_make_exactly_the_tables_of_the_models(database: Database) -> None:
    with database.reading() as session:
        context = MigrationContext.configure(session.connection(), opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_an_upgrade_of_an_upgraded_database_keeps_everything(database: Database) -> None:
    with database.session() as session:
        session.add(Cursor(branch="main", commit="a" * 40))
    database.upgrade()
    with database.reading() as session:
        assert session.scalars(select(Cursor.branch)).all() == ["main"]


def test_two_starts_at_once_upgrade_one_after_the_other(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'gitcms.sqlite3'}"

    def start(_: int) -> None:
        database = Database(url)
        database.upgrade()
        database.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(start, range(4)))


def test_a_database_of_a_newer_version_is_refused_with_a_sentence(database: Database) -> None:
    with database.session() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageFailed, match="newer version"):
        database.upgrade()


def test_an_error_undoes_the_whole_transaction(database: Database) -> None:
    with suppress(ZeroDivisionError), database.session() as session:
        session.add(Cursor(branch="main", commit="a" * 40))
        session.flush()
        raise ZeroDivisionError
    with database.reading() as session:
        assert session.scalars(select(Cursor)).all() == []


def test_a_moment_comes_back_aware_and_in_utc(database: Database) -> None:
    there = NOON.astimezone(timezone(timedelta(hours=-3)))
    with database.session() as session:
        session.add(Attempt(key="k", at=there))
    with database.reading() as session:
        kept = session.scalars(select(Attempt.at)).one()
    assert kept == NOON
    assert kept.tzinfo is UTC


def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(Exception, match="needs a zone"), database.session() as session:
        session.add(Attempt(key="k", at=NOON.replace(tzinfo=None)))


def test_a_session_of_nobody_is_refused(database: Database) -> None:
    with pytest.raises(StorageFailed), database.session() as session:
        session.add(LoginSession(id_hash="x", user_id=17, created_at=NOON, seen_at=NOON))


def test_sessions_go_with_their_person(database: Database) -> None:
    with database.session() as session:
        user = User(
            name="Ada", email="a@example.org", email_key="a@example.org", role="author", created_at=NOON
        )
        session.add(user)
        session.flush()
        session.add(LoginSession(id_hash="x", user_id=user.id, created_at=NOON, seen_at=NOON))
    with database.session() as session:
        session.execute(text("DELETE FROM users"))
    with database.reading() as session:
        assert session.scalars(select(LoginSession)).all() == []


def test_many_threads_that_read_and_then_write_all_get_their_turn(database: Database) -> None:
    with database.session() as session:
        session.add(Cursor(branch="main", commit="0"))

    def count(_: int) -> None:
        for _ in range(10):
            with database.session() as session:
                cursor = session.get_one(Cursor, "main", with_for_update=True)
                cursor.commit = str(int(cursor.commit) + 1)

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(count, range(6)))
    with database.reading() as session:
        assert session.get_one(Cursor, "main").commit == "60"


def test_sqlite_keeps_a_log_ahead_of_writing_and_its_foreign_keys(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'gitcms.sqlite3'}")
    database.upgrade()
    with database.reading() as session:
        assert session.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert session.execute(text("PRAGMA foreign_keys")).scalar() == 1
    database.close()


def test_a_reader_does_not_wait_for_a_writer(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'gitcms.sqlite3'}")
    database.upgrade()
    with database.session() as writing:
        writing.add(Cursor(branch="main", commit="1"))
        writing.flush()
        with database.reading() as looking:
            assert looking.scalars(select(Cursor)).all() == []
    database.close()


def test_a_file_that_is_no_database_is_named_as_unreadable(tmp_path: Path) -> None:
    (tmp_path / "gitcms.sqlite3").write_bytes(b"not a database at all, but long enough to look at" * 100)
    database = Database(f"sqlite:///{tmp_path / 'gitcms.sqlite3'}")
    with pytest.raises(StorageFailed) as caught:
        database.upgrade()
    assert str(caught.value).endswith(".")
    database.close()


def test_a_folder_with_a_percent_sign_in_its_name_works(tmp_path: Path) -> None:
    folder = tmp_path / "100% ours"
    folder.mkdir()
    database = Database(f"sqlite:///{folder / 'gitcms.sqlite3'}")
    database.upgrade()
    database.close()
    with closing(sqlite3.connect(folder / "gitcms.sqlite3")) as file:
        assert file.execute("select count(*) from users").fetchone() == (0,)
