from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gitcms.accounts import links, users
from gitcms.accounts.links import Purpose
from gitcms.accounts.permissions import Role
from gitcms.accounts.users import Account
from gitcms.database import Database

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PASSWORD = "forty-one jars of rain"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'gitcms.sqlite3'}")
    database.upgrade()
    yield database
    database.close()


@pytest.fixture
def ada(database: Database) -> Account:
    return users.add(
        database, name="Ada Rivas", email="Ada@example.org", role=Role.ADMIN, password=PASSWORD, now=NOON
    )


@pytest.fixture
def bruno(database: Database) -> Account:
    return users.add(database, name="Bruno", email="bruno@example.org", role=Role.AUTHOR, now=NOON)


def make_link(database: Database, user_id: int | None = None) -> str:
    """Make a link that is good for an hour, for nobody the first administrator's; return its token."""
    purpose = Purpose.FIRST_ADMIN if user_id is None else Purpose.SIGN_IN
    path = links.create(database, purpose, user_id=user_id, now=NOON, minutes=60)
    assert path.startswith(links.PLACES[purpose])
    return path.removeprefix(links.PLACES[purpose])
