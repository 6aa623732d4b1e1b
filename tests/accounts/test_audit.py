"""What happened to accounts: kept in order, sparingly where strangers could flood it, and not for ever."""

from __future__ import annotations

from datetime import timedelta

from gitcms.accounts import audit
from gitcms.database import Database
from tests.accounts.conftest import NOON


def test_rows_come_back_newest_first_and_page_by_page(database: Database) -> None:
    for number in range(audit.PER_PAGE + 5):
        audit.note(database, "signed_in", who=number, now=NOON + timedelta(seconds=number))
    first, second = audit.page(database), audit.page(database, 2)
    assert (len(first.rows), first.more, first.rows[0].who) == (audit.PER_PAGE, True, audit.PER_PAGE + 4)
    assert ([row.who for row in second.rows], second.more) == ([4, 3, 2, 1, 0], False)


def test_a_person_has_what_they_did_and_what_was_done_to_them(database: Database) -> None:
    audit.note(database, "signed_in", who=1, now=NOON)
    audit.note(database, "role_changed", who=2, about=1, now=NOON)
    audit.note(database, "signed_in", who=2, now=NOON)
    assert [row.event for row in audit.page(database, person=1).rows] == ["role_changed", "signed_in"]


def test_what_strangers_can_do_at_will_is_noted_once_a_minute_for_each_address(database: Database) -> None:
    for seconds, address in ((0, "a"), (59, "a"), (59, "b"), (60, "a"), (61, "a")):
        now = NOON + timedelta(seconds=seconds)
        audit.note(database, "sign_in_failed", address=address, now=now, sparing=True)
    assert [row.address for row in audit.page(database).rows] == ["a", "b", "a"]


def test_the_oldest_are_thrown_away(database: Database) -> None:
    audit.note(database, "signed_in", who=1, now=NOON)
    later = NOON + audit.KEPT_FOR
    for _ in range(99):
        audit.note(database, "signed_in", who=2, now=later)
    assert {row.who for row in audit.page(database).rows} == {2}


def test_long_words_are_cut(database: Database) -> None:
    audit.note(database, "denied", browser="x" * 5000, address="y" * 5000, what="z" * 5000, now=NOON)
    row = audit.page(database).rows[0]
    assert {len(row.browser), len(row.address), len(row.what)} == {audit.LONGEST}
