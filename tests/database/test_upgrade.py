"""A database of each earlier version becomes today's, and the people and sessions in it stay."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

import gitcms.database as module
from gitcms.accounts import sessions, users
from gitcms.config import load
from gitcms.database import MIGRATIONS, Database
from gitcms.database.models import Base
from tests.accounts.conftest import NOON

STEPS = [step.revision for step in ScriptDirectory(str(MIGRATIONS)).walk_revisions()][::-1]


def test_the_steps_form_one_line() -> None:
    assert len(ScriptDirectory(str(MIGRATIONS)).get_heads()) == 1


@pytest.mark.parametrize("step", STEPS)
def test_a_database_of_any_earlier_step_keeps_its_people_and_sessions(tmp_path: Path, step: str) -> None:
    url = f"sqlite:///{tmp_path / 'gitcms.sqlite3'}"
    older = Database(url)
    with older._engine.begin() as connection:
        command.upgrade(module._alembic(connection), step)
        connection.execute(
            text(
                "INSERT INTO users (id, name, email, email_key, role, active, theme, created_at)"
                " VALUES (7, 'Inés', 'i@example.org', 'i@example.org', 'reviewer', 1, 'dark', :now)"
            ),
            {"now": "2026-03-01 12:00:00.000000"},
        )
        connection.execute(
            text(
                "INSERT INTO login_sessions (id_hash, user_id, data, created_at, seen_at)"
                " VALUES (:hash, 7, '{}', :now, :now)"
            ),
            {"hash": sessions._hash("cookie"), "now": "2026-03-01 12:00:00.000000"},
        )
    older.close()
    today = Database(url)
    today.upgrade()
    account = users.find(today, 7)
    assert (account.name, account.role, account.theme, account.places) == ("Inés", "reviewer", "dark", ())
    signed = sessions.load(today, "cookie", limits=load().sessions, now=NOON)
    assert signed is not None and signed.account == account
    with today.reading() as session:
        context = MigrationContext.configure(session.connection(), opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    today.close()
