"""What is not content goes into a file and comes back elsewhere: another folder, another kind of database."""

from __future__ import annotations

import json
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import select, text

import gitcms.database as module
from gitcms import backup, unsaved
from gitcms.accounts import second_factor, sessions, users
from gitcms.accounts.permissions import Role
from gitcms.accounts.users import Account
from gitcms.backup import BackupUnusable
from gitcms.config import load
from gitcms.database import Database
from gitcms.database.models import Base
from gitcms.errors import StorageFailed
from gitcms.sealing import Seal
from tests.accounts.conftest import NOON, PASSWORD
from tests.accounts.test_second_factor import app_code
from tests.database.conftest import _url

KINDS = ("sqlite", "postgresql")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "state"
    place.mkdir()
    return place


@pytest.fixture
def ada(database: Database) -> Account:
    return users.add(
        database, name="Ada Ñ", email="ada@example.org", role=Role.ADMIN, password=PASSWORD, now=NOON
    )


@pytest.fixture
def database(folder: Path) -> Any:
    opened = Database(f"sqlite:///{folder / 'gitcms.sqlite3'}")
    opened.upgrade()
    yield opened
    opened.close()


@pytest.fixture
def filled(folder: Path, database: Database, ada: Account) -> str:
    """A state with a session, a second factor, an unsaved text and a sealed secret; the factor's key."""
    sessions.begin(database, "cookie", ada.id, {"keep": True}, now=NOON, browser="Firefox")
    form = [("f.title", "Half a sen"), ("body", "ñ\r\n\U0001f642")]
    unsaved.keep(database, ada, "t", collection="posts", path="", title="T", form=form, now=NOON)
    key = second_factor.begin(database, folder, ada.id, site_title="x").text.replace(" ", "")
    second_factor.confirm(database, folder, ada.id, app_code(key, NOON), now=NOON)
    return key


def everything(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    with database.reading() as session:
        return {
            name: [tuple(row) for row in session.execute(select(table).order_by(*table.primary_key.columns))]
            for name, table in Base.metadata.tables.items()
        }


@pytest.mark.parametrize("kind", KINDS)
def test_people_sessions_and_unsaved_texts_come_back_elsewhere(
    folder: Path, database: Database, ada: Account, filled: str, tmp_path: Path, kind: str
) -> None:
    said = backup.make(folder, database, tmp_path / "b.zip", now=NOON)
    assert (said.people, said.files) == (1, ("secret.key",))
    there = tmp_path / "elsewhere"
    there.mkdir()
    other = Database(_url(kind, there))
    backup.restore(there, other, tmp_path / "b.zip")
    assert everything(other) == everything(database)
    signed = sessions.load(other, "cookie", limits=load().sessions, now=NOON)
    assert signed is not None and signed.account.name == "Ada Ñ" and signed.data == {"keep": True}
    assert users.has_password(other, ada.id, PASSWORD)
    later = NOON.replace(hour=13)
    assert second_factor.check(other, there, ada.id, app_code(filled, later), limit=5, now=later) == "app"
    # Numbers go on after those that are taken.
    added = users.add(other, name="Bo", email="bo@example.org", role=Role.AUTHOR, now=NOON)
    assert added.id > ada.id
    other.close()


@pytest.mark.parametrize("kind", KINDS)
def test_a_backup_of_postgresql_or_sqlite_goes_back_to_sqlite(tmp_path: Path, kind: str) -> None:
    first = Database(_url(kind, tmp_path))
    first.upgrade()
    users.add(first, name="Ada", email="a@example.org", role=Role.ADMIN, now=NOON)
    backup.make(tmp_path, first, tmp_path / "b.zip", now=NOON)
    there = tmp_path / "there"
    there.mkdir()
    other = Database(f"sqlite:///{there / 'g.sqlite3'}")
    backup.restore(there, other, tmp_path / "b.zip")
    assert everything(other) == everything(first)
    first.close()
    other.close()


def test_an_older_versions_backup_is_brought_to_todays_form(folder: Path, tmp_path: Path) -> None:
    older = Database(f"sqlite:///{tmp_path / 'old.sqlite3'}")
    with older._engine.begin() as connection:
        command.upgrade(module._alembic(connection), "0004_audit")
        connection.execute(
            text(
                "INSERT INTO users (id, name, email, email_key, role, active, theme, created_at, places,"
                " time_zone) VALUES (7, 'Inés', 'i@example.org', 'i@example.org', 'author', 1, '',"
                " '2026-03-01 12:00:00.000000', '[]', '')"
            )
        )
    backup.make(folder, older, tmp_path / "b.zip", now=NOON)
    today = Database(f"sqlite:///{folder / 'new.sqlite3'}")
    backup.restore(folder, today, tmp_path / "b.zip")
    assert users.find(today, 7).name == "Inés"
    assert not users.find(today, 7).has_second_factor
    older.close()
    today.close()


def test_it_is_taken_while_people_write(
    folder: Path, database: Database, ada: Account, tmp_path: Path
) -> None:
    ended = threading.Event()

    def write() -> None:
        number = 0
        while not ended.is_set():
            with database.session() as session:
                # Both or neither are in a backup that is of one moment.
                session.execute(text("UPDATE users SET name = :n"), {"n": f"n{number}"})
                session.execute(text("UPDATE users SET time_zone = :n"), {"n": f"n{number}"})
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(20):
            target = tmp_path / f"{number}.zip"
            backup.make(folder, database, target, now=NOON)
            with zipfile.ZipFile(target) as archive:
                row = json.loads(archive.read("tables/users"))
            assert row["name"] == row["time_zone"] or row["time_zone"] == ""
    finally:
        ended.set()
        writer.join()


def test_where_somebody_has_an_account_nothing_is_put(
    folder: Path, database: Database, filled: str, tmp_path: Path
) -> None:
    backup.make(folder, database, tmp_path / "b.zip", now=NOON)
    before, key = everything(database), (folder / "secret.key").read_bytes()
    with pytest.raises(StorageFailed, match="accounts here already"):
        backup.restore(folder, database, tmp_path / "b.zip")
    assert everything(database) == before
    assert (folder / "secret.key").read_bytes() == key


def test_a_state_that_nobody_uses_yet_is_filled(
    folder: Path, database: Database, filled: str, tmp_path: Path
) -> None:
    backup.make(folder, database, tmp_path / "b.zip", now=NOON)
    there = tmp_path / "there"
    there.mkdir()
    other = Database(f"sqlite:///{there / 'gitcms.sqlite3'}")
    other.upgrade()
    sealed = Seal(folder, "webhooks").close("geheim")
    Seal(there, "webhooks")  # makes a key of its own
    backup.restore(there, other, tmp_path / "b.zip")
    assert Seal(there, "webhooks").open(sealed) == "geheim"
    assert (there / "secret.key").stat().st_mode & 0o777 == 0o600
    other.close()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: b"no zip at all",
        lambda data: data[: len(data) // 2],
        lambda data: data[:60] + bytes(64) + data[124:],
        lambda data: b"",
    ],
)
def test_what_is_no_whole_backup_changes_nothing(
    folder: Path, database: Database, filled: str, tmp_path: Path, spoil: Callable[[bytes], bytes]
) -> None:
    backup.make(folder, database, tmp_path / "b.zip", now=NOON)
    (tmp_path / "b.zip").write_bytes(spoil((tmp_path / "b.zip").read_bytes()))
    there = tmp_path / "there"
    there.mkdir()
    other = Database(f"sqlite:///{there / 'gitcms.sqlite3'}")
    with pytest.raises(BackupUnusable):
        backup.restore(there, other, tmp_path / "b.zip")
    assert not (there / "secret.key").exists()
    other.upgrade()
    assert not users.anybody(other)
    other.close()


def test_a_newer_versions_backup_is_refused(folder: Path, database: Database, tmp_path: Path) -> None:
    backup.make(folder, database, tmp_path / "b.zip", now=NOON)
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for change in ({"step": "9999_later"}, {"form": 2}):
        manifest = json.loads(parts["gitcms.json"]) | change
        target = tmp_path / f"{next(iter(change))}.zip"
        with zipfile.ZipFile(target, "w") as archive:
            for name, data in (parts | {"gitcms.json": json.dumps(manifest).encode()}).items():
                archive.writestr(name, data)
        with pytest.raises((StorageFailed, BackupUnusable), match="newer version"):
            backup.restore(folder, database, target)
    users.anybody(database)


def test_a_backup_is_its_owners_alone_and_replaces_nothing(
    folder: Path, database: Database, tmp_path: Path
) -> None:
    target = tmp_path / "b.zip"
    backup.make(folder, database, target, now=NOON)
    assert target.stat().st_mode & 0o777 == 0o600
    kept = target.read_bytes()
    with pytest.raises(StorageFailed, match="there already"):
        backup.make(folder, database, target, now=NOON)
    assert target.read_bytes() == kept
    with pytest.raises(StorageFailed, match="cannot be written"):
        backup.make(folder, database, tmp_path / "nowhere" / "b.zip", now=NOON)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".b")] == []
