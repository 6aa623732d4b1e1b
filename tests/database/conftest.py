from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from gitcms.database import Database


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database of each kind, brought to this version's form."""
    database = Database(_url(request.param, tmp_path))
    database.upgrade()
    yield database
    database.close()


def _url(kind: str, folder: Path) -> str:
    if kind == "sqlite":
        return f"sqlite:///{folder / 'gitcms.sqlite3'}"
    url = os.environ.get("GITCMS_POSTGRESQL", "")
    if not url:
        pytest.skip(
            "needs PostgreSQL: set GITCMS_POSTGRESQL to a database for tests, "
            "such as postgresql+psycopg://localhost/gitcms_test"
        )
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return url
