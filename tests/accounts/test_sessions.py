from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from gitcms import config as configuration
from gitcms.accounts import sessions, users
from gitcms.accounts.permissions import Role
from gitcms.accounts.users import Account
from gitcms.database import Database
from gitcms.database.models import LoginSession

from .conftest import NOON

LIMITS = configuration.load().with_values("sessions", idle_minutes=60, absolute_hours=10).sessions
MINUTE = timedelta(minutes=1)


def load(database: Database, session_id: str, now: object = NOON) -> sessions.Signed | None:
    return sessions.load(database, session_id, limits=LIMITS, now=now)  # type: ignore[arg-type]


def test_an_id_has_256_random_bits_and_only_its_hash_is_kept(database: Database, ada: Account) -> None:
    fresh = sessions.new_id()
    assert len(fresh) == 43
    assert fresh != sessions.new_id()
    sessions.begin(database, fresh, ada.id, {}, now=NOON)
    with database.reading() as session:
        assert fresh not in str(vars(session.scalars(select(LoginSession)).one()))


def test_a_session_remembers_who_it_is_and_what_was_put_into_it(database: Database, ada: Account) -> None:
    sessions.begin(database, "s", ada.id, {"keep": True}, now=NOON)
    signed = load(database, "s")
    assert signed is not None
    assert (signed.account, signed.data) == (ada, {"keep": True})
    sessions.remember(database, "s", {"keep": False})
    signed = load(database, "s")
    assert signed is not None
    assert signed.data == {"keep": False}


def test_a_session_ends_when_it_is_not_used(database: Database, ada: Account) -> None:
    sessions.begin(database, "s", ada.id, {}, now=NOON)
    assert load(database, "s", NOON + 59 * MINUTE)
    assert load(database, "s", NOON + 118 * MINUTE)
    assert load(database, "s", NOON + 178 * MINUTE) is None


def test_a_session_ends_in_any_case(database: Database, ada: Account) -> None:
    sessions.begin(database, "s", ada.id, {}, now=NOON)
    for minutes in range(30, 600, 30):
        assert load(database, "s", NOON + minutes * MINUTE)
    assert load(database, "s", NOON + 600 * MINUTE) is None


def test_an_ended_session_is_not_revived_by_what_a_late_answer_keeps(
    database: Database, ada: Account
) -> None:
    sessions.begin(database, "s", ada.id, {}, now=NOON)
    sessions.end(database, "s")
    sessions.remember(database, "s", {"x": 1})
    assert load(database, "s") is None


def test_others_end_and_this_one_stays(database: Database, ada: Account, bruno: Account) -> None:
    for name, who in (("here", ada), ("there", ada), ("phone", ada), ("brunos", bruno)):
        sessions.begin(database, name, who.id, {}, now=NOON)
    assert sessions.end_others(database, ada.id, "here") == 2
    assert [bool(load(database, name)) for name in ("here", "there", "phone", "brunos")] == [
        True,
        False,
        False,
        True,
    ]


def test_a_role_counts_from_the_next_click(database: Database, ada: Account, bruno: Account) -> None:
    sessions.begin(database, "s", bruno.id, {}, now=NOON)
    users.change_role(database, bruno.id, Role.REVIEWER)
    signed = load(database, "s")
    assert signed is not None
    assert signed.account.role is Role.REVIEWER


def test_sessions_that_are_over_are_swept_away(database: Database, ada: Account) -> None:
    sessions.begin(database, "old", ada.id, {}, now=NOON - 61 * MINUTE)
    sessions.begin(database, "new", ada.id, {}, now=NOON)
    sessions.sweep(database, limits=LIMITS, now=NOON)
    with database.reading() as session:
        assert len(session.scalars(select(LoginSession)).all()) == 1
    assert load(database, "new")


def test_people_were_last_here_when_they_last_clicked(
    database: Database, ada: Account, bruno: Account
) -> None:
    sessions.begin(database, "s", ada.id, {}, now=NOON)
    sessions.begin(database, "t", ada.id, {}, now=NOON - 5 * MINUTE)
    load(database, "s", NOON + 5 * MINUTE)
    assert sessions.last_seen(database) == {ada.id: NOON + 5 * MINUTE}
