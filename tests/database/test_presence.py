"""Who has which entry open: told to the others, forgotten soon; the same on every database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gitcms import presence
from gitcms.accounts import users
from gitcms.accounts.permissions import Role
from gitcms.accounts.users import Account
from gitcms.database import Database

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def ines(database: Database) -> Account:
    return users.add(database, name="Inés", email="ines@example.org", role=Role.AUTHOR, now=NOON)


@pytest.fixture
def ada(database: Database) -> Account:
    return users.add(database, name="Ada", email="ada@example.org", role=Role.AUTHOR, now=NOON)


def seen(
    database: Database, by: Account, now: datetime, path: str = "a.md", token: str = "mine"
) -> list[str]:
    return [one.name for one in presence.beside(database, by, token, path, now=now)]


def test_who_comes_is_seen_by_the_others_with_the_moment(
    database: Database, ines: Account, ada: Account
) -> None:
    presence.come(database, ines, "one", "a.md", now=NOON)
    (one,) = presence.beside(database, ada, "mine", "a.md", now=NOON + MINUTE)
    assert one == presence.Present("Inés", NOON)
    assert seen(database, ada, NOON, path="b.md") == []
    assert presence.everywhere(database, ada, now=NOON) == {"a.md": [one]}
    assert presence.everywhere(database, ines, now=NOON) == {}


def test_a_window_that_is_heard_stays_and_goes_soon_after_its_last_word(
    database: Database, ines: Account, ada: Account
) -> None:
    presence.come(database, ines, "one", "a.md", now=NOON)
    for minutes in range(1, 31):
        presence.stay(database, ines, "one", "a.md", now=NOON + minutes * MINUTE)
    (one,) = presence.beside(database, ada, "mine", "a.md", now=NOON + 32 * MINUTE)
    assert one.since == NOON
    assert seen(database, ada, NOON + 33 * MINUTE) == []
    assert presence.everywhere(database, ada, now=NOON + 33 * MINUTE) == {}


def test_a_page_of_which_nothing_is_heard_is_believed_for_ten_minutes(
    database: Database, ines: Account, ada: Account
) -> None:
    presence.come(database, ines, "one", "a.md", now=NOON)
    assert seen(database, ada, NOON + 9 * MINUTE) == ["Inés"]
    assert seen(database, ada, NOON + 10 * MINUTE) == []


def test_who_leaves_is_gone_at_once_and_nobody_ends_anothers_window(
    database: Database, ines: Account, ada: Account
) -> None:
    presence.come(database, ines, "one", "a.md", now=NOON)
    presence.leave(database, ada, "one")
    assert seen(database, ada, NOON) == ["Inés"]
    presence.leave(database, ines, "one")
    assert seen(database, ada, NOON) == []


def test_two_windows_are_one_person_and_each_knows_of_the_other(
    database: Database, ines: Account, ada: Account
) -> None:
    presence.come(database, ines, "one", "a.md", now=NOON)
    presence.come(database, ines, "two", "a.md", now=NOON + MINUTE)
    assert presence.beside(database, ada, "mine", "a.md", now=NOON + MINUTE) == [
        presence.Present("Inés", NOON)
    ]
    assert presence.beside(database, ines, "two", "a.md", now=NOON + MINUTE) == [
        presence.Present("Inés", NOON, is_me=True)
    ]
