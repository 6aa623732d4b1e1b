"""Codes of an authenticator app, recovery codes, and the ticket between password and code."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from gitcms.accounts import second_factor, users
from gitcms.accounts.refusals import CodeWrong, TicketUnusable, TooManyAttempts
from gitcms.accounts.users import Account
from gitcms.database import Database
from gitcms.database.models import RecoveryCode, User

from .conftest import NOON

HALF_MINUTE = timedelta(seconds=30)
# RFC 6238, appendix B, of the key "12345678901234567890".
RFC = [
    (59, "94287082"),
    (1111111109, "07081804"),
    (1111111111, "14050471"),
    (1234567890, "89005924"),
    (2000000000, "69279037"),
    (20000000000, "65353130"),
]


@pytest.mark.parametrize(("seconds", "code"), RFC)
def test_the_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    assert second_factor.code_at(b"12345678901234567890", seconds // 30, digits=8) == code


def app_code(key: str, now: datetime) -> str:
    """What an app shows, worked out here by itself."""
    counter = struct.pack(">Q", int(now.timestamp()) // 30)
    digest = hmac.new(base64.b32decode(key), counter, hashlib.sha1).digest()
    at = digest[19] & 15
    return str((int.from_bytes(digest[at : at + 4], "big") & 0x7FFFFFFF) % 1_000_000).zfill(6)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def key(database: Database, ada: Account, folder: Path) -> str:
    """A key that Ada's app holds, begun and not confirmed."""
    made = second_factor.begin(database, folder, ada.id, site_title="The River: a paper")
    return parse_qs(urlsplit(made.address).query)["secret"][0]


@pytest.fixture
def codes(database: Database, ada: Account, folder: Path, key: str) -> list[str]:
    return second_factor.confirm(database, folder, ada.id, app_code(key, NOON), now=NOON)


def take(database: Database, folder: Path, ada: Account, code: str, now: datetime = NOON) -> str:
    return second_factor.check(database, folder, ada.id, code, limit=10, now=now)


def test_a_key_says_whose_it_is_to_the_app(database: Database, ada: Account, folder: Path) -> None:
    made = second_factor.begin(database, folder, ada.id, site_title="The River: a paper")
    assert made.address.startswith("otpauth://totp/The%20River%20%20a%20paper:Ada%40example.org?secret=")
    assert len(base64.b32decode(made.text.replace(" ", ""))) == 20
    assert second_factor.begun(database, folder, ada.id, site_title="The River: a paper") == made


def test_it_counts_once_a_code_was_typed(database: Database, ada: Account, folder: Path, key: str) -> None:
    assert not users.find(database, ada.id).has_second_factor
    with pytest.raises(CodeWrong):
        second_factor.confirm(database, folder, ada.id, "000000", now=NOON)
    with pytest.raises(CodeWrong):
        take(database, folder, ada, app_code(key, NOON))
    assert not users.find(database, ada.id).has_second_factor
    second_factor.confirm(database, folder, ada.id, app_code(key, NOON), now=NOON)
    assert users.find(database, ada.id).has_second_factor
    assert second_factor.state_of(database, ada.id) == second_factor.State(NOON, 10)


def test_a_code_is_taken_once_and_no_earlier_one_after_it(
    database: Database, ada: Account, folder: Path, key: str, codes: list[str]
) -> None:
    with pytest.raises(CodeWrong):
        take(database, folder, ada, app_code(key, NOON))
    later = NOON + 2 * HALF_MINUTE
    assert take(database, folder, ada, app_code(key, later), later) == "app"
    for used in (app_code(key, later), app_code(key, later - HALF_MINUTE)):
        with pytest.raises(CodeWrong):
            take(database, folder, ada, used, later)


@pytest.mark.parametrize(("off", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_telephones_clock_may_be_off_by_half_a_minute(
    database: Database, ada: Account, folder: Path, key: str, codes: list[str], off: int, taken: bool
) -> None:
    now = NOON + timedelta(hours=1)
    code = app_code(key, now + off * HALF_MINUTE)
    if taken:
        assert take(database, folder, ada, f"{code[:3]} {code[3:]}", now) == "app"
    else:
        with pytest.raises(CodeWrong):
            take(database, folder, ada, code, now)


def test_of_many_who_send_one_code_at_once_one_gets_in(
    database: Database, ada: Account, folder: Path, key: str, codes: list[str]
) -> None:
    now = NOON + timedelta(hours=1)

    def tries(code: str) -> int:
        def try_it(_: int) -> bool:
            try:
                second_factor.check(database, folder, ada.id, code, limit=99, now=now)
            except CodeWrong:
                return False
            return True

        with ThreadPoolExecutor(8) as threads:
            return sum(threads.map(try_it, range(8)))

    assert tries(app_code(key, now)) == 1
    assert tries(codes[0]) == 1


def test_a_recovery_code_is_taken_once_however_it_is_written(
    database: Database, ada: Account, folder: Path, codes: list[str]
) -> None:
    assert len(set(codes)) == 10
    assert take(database, folder, ada, codes[0]) == "recovery"
    assert take(database, folder, ada, codes[1].upper().replace("-", " ")) == "recovery"
    for used in codes[:2]:
        with pytest.raises(CodeWrong):
            take(database, folder, ada, used)
    assert second_factor.state_of(database, ada.id).codes_left == 8


def test_new_recovery_codes_put_the_earlier_ones_out_of_use(
    database: Database, ada: Account, folder: Path, codes: list[str]
) -> None:
    renewed = second_factor.renew_codes(database, ada.id)
    with pytest.raises(CodeWrong):
        take(database, folder, ada, codes[0])
    assert take(database, folder, ada, renewed[0]) == "recovery"


def test_guessing_codes_is_slowed(database: Database, ada: Account, folder: Path, codes: list[str]) -> None:
    for _ in range(10):
        with pytest.raises(CodeWrong):
            take(database, folder, ada, "123456")
    with pytest.raises(TooManyAttempts):
        take(database, folder, ada, codes[0])
    assert take(database, folder, ada, codes[0], NOON + timedelta(minutes=16)) == "recovery"


def test_the_database_holds_neither_key_nor_codes(
    database: Database, ada: Account, key: str, codes: list[str]
) -> None:
    with database.reading() as session:
        kept = session.get_one(User, ada.id).totp_key or ""
        hashes = [row.code_hash for row in session.query(RecoveryCode)]
    assert key not in kept and kept.startswith("s1.")
    assert len(set(hashes)) == 10
    assert not any(code.replace("-", "") in "".join(hashes) for code in codes)


def test_a_second_key_does_not_replace_one_that_counts(
    database: Database, ada: Account, folder: Path, codes: list[str]
) -> None:
    with pytest.raises(CodeWrong, match="already"):
        second_factor.begin(database, folder, ada.id, site_title="x")


def test_it_is_turned_off_with_its_codes(
    database: Database, ada: Account, folder: Path, key: str, codes: list[str]
) -> None:
    assert not second_factor.turn_off(database, ada.id).has_second_factor
    for code in (codes[0], app_code(key, NOON + HALF_MINUTE)):
        with pytest.raises(CodeWrong):
            take(database, folder, ada, code, NOON + HALF_MINUTE)
    assert second_factor.state_of(database, ada.id) == second_factor.State(None, 0)


def test_a_ticket_is_good_for_one_browser_and_some_minutes(
    database: Database, ada: Account, bruno: Account, folder: Path
) -> None:
    ticket = second_factor.ticket_for(database, folder, ada.id, "browser", now=NOON)
    later = NOON + timedelta(minutes=9)
    assert second_factor.holder(database, folder, ticket, "browser", now=later) == (ada, "password")
    forged = f"{bruno.id}.{ticket.split('.', 1)[1]}"
    longer = ticket.replace(ticket.split(".")[1], str(int(ticket.split(".")[1]) + 60))
    for bad in (forged, longer, "", "1", "1.2", ticket + "0", "9" * 40 + ".1.x", "²." + ticket[2:]):
        with pytest.raises(TicketUnusable):
            second_factor.holder(database, folder, bad, "browser", now=later)
    with pytest.raises(TicketUnusable):
        second_factor.holder(database, folder, ticket, "another", now=later)
    with pytest.raises(TicketUnusable):
        second_factor.holder(database, folder, ticket, "browser", now=NOON + timedelta(minutes=10))


def test_a_ticket_ends_with_the_password_and_with_the_account(
    database: Database, ada: Account, bruno: Account, folder: Path
) -> None:
    tickets = {
        each.id: second_factor.ticket_for(database, folder, each.id, "browser", now=NOON)
        for each in (ada, bruno)
    }
    users.change_password(database, ada.id, "another long sentence")
    users.disable(database, bruno.id)
    for ticket in tickets.values():
        with pytest.raises(TicketUnusable):
            second_factor.holder(database, folder, ticket, "browser", now=NOON)


@pytest.mark.parametrize(
    ("wanted", "missing"), [("", set()), ("admins", {"admin"}), ("everyone", {"admin", "author"})]
)
def test_the_setting_says_who_must_have_one(
    ada: Account, bruno: Account, wanted: str, missing: set[str]
) -> None:
    assert {each.role for each in (ada, bruno) if second_factor.is_missing(each, wanted)} == missing
