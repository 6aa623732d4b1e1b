"""What people typed and have not saved: kept, found again, ended; the same on every database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gitcms import unsaved
from gitcms.accounts import users
from gitcms.accounts.permissions import Role
from gitcms.accounts.users import Account
from gitcms.database import Database
from gitcms.errors import NotFound

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
FORM = [("f.title", "Año"), ("body", "One\r\ntwo"), ("f.tags", "a"), ("f.tags", "b")]


@pytest.fixture
def ines(database: Database) -> Account:
    return users.add(database, name="Inés", email="ines@example.org", role=Role.AUTHOR, now=NOON)


def keep(database: Database, who: Account, token: str, **more: object) -> None:
    values = {"collection": "posts", "path": "a.md", "title": "Año", "form": FORM, "now": NOON} | more
    unsaved.keep(database, who, token, **values)  # type: ignore[arg-type]


def test_a_form_comes_back_word_for_word_and_in_its_order(database: Database, ines: Account) -> None:
    keep(database, ines, "one")
    (listed,) = unsaved.texts(database, ines)
    kept = unsaved.text(database, ines, "one")
    assert (listed.token, listed.title, listed.kept_at, listed.form) == ("one", "Año", NOON, ())
    assert list(kept.form) == FORM


def test_a_later_copy_takes_the_place_of_the_earlier(database: Database, ines: Account) -> None:
    keep(database, ines, "one")
    keep(database, ines, "one", form=[("body", "more")], now=NOON + timedelta(minutes=1))
    assert [one.kept_at for one in unsaved.texts(database, ines)] == [NOON + timedelta(minutes=1)]
    assert unsaved.text(database, ines, "one").form == [("body", "more")]


def test_two_windows_keep_two_texts_and_the_newest_comes_first(database: Database, ines: Account) -> None:
    keep(database, ines, "one")
    keep(database, ines, "two", now=NOON + timedelta(seconds=5))
    keep(database, ines, "other", path="b.md")
    assert [one.token for one in unsaved.texts(database, ines, "a.md")] == ["two", "one"]


def test_nobody_finds_the_text_of_another(database: Database, ines: Account) -> None:
    tomas = users.add(database, name="Tomáš", email="t@example.org", role=Role.ADMIN, now=NOON)
    keep(database, ines, "one")
    assert unsaved.texts(database, tomas) == []
    with pytest.raises(NotFound):
        unsaved.text(database, tomas, "one")
    keep(database, tomas, "one", form=[("body", "mine")])
    assert list(unsaved.text(database, ines, "one").form) == FORM


@pytest.mark.parametrize("kept_before", [True, False])
def test_a_copy_that_comes_after_the_save_is_not_taken(
    database: Database, ines: Account, kept_before: bool
) -> None:
    if kept_before:
        keep(database, ines, "one")
    unsaved.end(database, ines, "one", now=NOON)
    with pytest.raises(unsaved.AlreadySaved):
        keep(database, ines, "one")
    assert unsaved.texts(database, ines) == []
    with pytest.raises(NotFound):
        unsaved.text(database, ines, "one")


def test_what_was_thrown_away_can_be_brought_back_for_a_month(database: Database, ines: Account) -> None:
    keep(database, ines, "one")
    unsaved.throw_away(database, ines, "one", now=NOON)
    assert unsaved.texts(database, ines) == []
    assert list(unsaved.text(database, ines, "one").form) == FORM
    keep(database, ines, "two", now=NOON + unsaved.THROWN_FOR - timedelta(seconds=1))
    assert unsaved.text(database, ines, "one")
    keep(database, ines, "two", now=NOON + unsaved.THROWN_FOR + timedelta(seconds=1))
    with pytest.raises(NotFound):
        unsaved.text(database, ines, "one")


def test_what_is_kept_is_never_cleared_away(database: Database, ines: Account) -> None:
    keep(database, ines, "one")
    keep(database, ines, "two", now=NOON + timedelta(days=4000))
    assert len(unsaved.texts(database, ines)) == 2


def test_a_book_is_not_kept_and_its_author_is_told_to_save(database: Database, ines: Account) -> None:
    with pytest.raises(unsaved.TooLongToKeep) as refusal:
        keep(database, ines, "one", form=[("body", "x" * (unsaved.LONGEST + 1))])
    assert "Save it" in refusal.value.hint
    keep(database, ines, "one", form=[("body", "x" * (unsaved.LONGEST - 10))])
