from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from argon2 import PasswordHasher

from gitcms.accounts import sign_in, users
from gitcms.accounts.permissions import Role
from gitcms.accounts.refusals import InvalidAccount, LinkUnusable, SignInFailed, TooManyAttempts
from gitcms.accounts.users import Account
from gitcms.database import Database
from gitcms.database.models import User
from gitcms.errors import AccountError

from .conftest import NOON, PASSWORD, make_link

LIMIT = 5
QUARTER = timedelta(minutes=15)


def enter(
    database: Database,
    email: str = "ada@example.org",
    password: str = PASSWORD,
    *,
    address: str = "192.0.2.1",
    now: datetime = NOON,
) -> Account:
    return sign_in.with_password(database, email, password, address=address, limit=LIMIT, now=now)


def fail(database: Database, times: int, **how: str) -> None:
    for _ in range(times):
        with pytest.raises(SignInFailed):
            enter(database, **({"password": "wrong"} | how))  # type: ignore[arg-type]


def test_email_and_password_that_go_together_let_in(database: Database, ada: Account) -> None:
    assert enter(database, "ADA@example.ORG").id == ada.id


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("ada@example.org", "wrong"),
        ("nobody@example.org", PASSWORD),
        ("bruno@example.org", ""),
        ("bruno@example.org", "None"),
        ("", ""),
    ],
)
def test_everything_else_gets_one_answer(
    database: Database, ada: Account, bruno: Account, email: str, password: str
) -> None:
    with pytest.raises(SignInFailed) as caught:
        enter(database, email, password)
    assert str(caught.value) == "That email and password do not go together."


def test_a_shut_account_gets_the_same_answer(database: Database, ada: Account, bruno: Account) -> None:
    users.change_password(database, bruno.id, PASSWORD)
    assert enter(database, "bruno@example.org").id == bruno.id
    users.disable(database, bruno.id)
    with pytest.raises(SignInFailed):
        enter(database, "bruno@example.org")


@pytest.mark.parametrize("password", ["x" * 1_000_000, "nul\0nul"])
def test_what_can_be_nobodys_password_is_not_even_compared(
    database: Database, ada: Account, password: str
) -> None:
    with pytest.raises(InvalidAccount):
        enter(database, password=password)


def test_an_account_has_so_many_wrong_passwords(database: Database, ada: Account) -> None:
    fail(database, LIMIT)
    with pytest.raises(TooManyAttempts) as caught:
        enter(database)
    assert caught.value.seconds == QUARTER.total_seconds()
    with pytest.raises(TooManyAttempts):
        enter(database, address="198.51.100.7")
    assert enter(database, now=NOON + QUARTER).id == ada.id


def test_an_unknown_account_has_as_many(database: Database) -> None:
    fail(database, LIMIT, email="nobody@example.org")
    with pytest.raises(TooManyAttempts):
        enter(database, "nobody@example.org")


def test_an_address_has_so_many_over_all_accounts(database: Database, ada: Account) -> None:
    for number in range(LIMIT * sign_in.ADDRESS_FACTOR):
        fail(database, 1, email=f"person{number}@example.org")
    with pytest.raises(TooManyAttempts):
        enter(database)
    assert enter(database, address="198.51.100.7").id == ada.id


def test_an_ipv6_line_is_one_address(database: Database, ada: Account) -> None:
    for number in range(LIMIT * sign_in.ADDRESS_FACTOR):
        fail(database, 1, email=f"person{number}@example.org", address=f"2001:db8:1:2::{number:x}")
    with pytest.raises(TooManyAttempts):
        enter(database, address="2001:db8:1:2:ffff::1")
    assert enter(database, address="2001:db8:1:3::1").id == ada.id


def test_a_right_password_forgets_the_wrong_ones(database: Database, ada: Account) -> None:
    for _ in range(3):
        fail(database, LIMIT - 1)
        enter(database)


def test_signing_in_often_is_no_attack(database: Database, ada: Account) -> None:
    for _ in range(LIMIT * sign_in.ADDRESS_FACTOR + 1):
        enter(database)


def test_many_tries_at_once_do_not_slip_through_together(database: Database, ada: Account) -> None:
    def guess(number: int) -> bool:
        try:
            enter(database, password=f"guess {number}")
        except TooManyAttempts:
            return False
        except SignInFailed:
            return True
        raise AssertionError

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(guess, range(LIMIT * 3))) == LIMIT


def test_a_link_lets_in_although_the_password_is_locked(database: Database, ada: Account) -> None:
    fail(database, LIMIT)
    token = make_link(database, ada.id)
    assert sign_in.with_link(database, token, now=NOON).id == ada.id
    with pytest.raises(LinkUnusable):
        sign_in.with_link(database, token, now=NOON)


def test_a_link_of_somebody_shut_out_does_not_let_in(
    database: Database, ada: Account, bruno: Account
) -> None:
    token = make_link(database, bruno.id)
    with database.session() as session:
        session.get_one(User, bruno.id).active = False
    with pytest.raises(LinkUnusable):
        sign_in.with_link(database, token, now=NOON)
    with pytest.raises(AccountError, match="cannot sign in"):
        make_link(database, bruno.id)


def first_admin(database: Database, token: str, **other: str) -> Account:
    typed = {"name": "Ada Rivas", "email": "ada@example.org", "password": PASSWORD} | other
    return sign_in.as_first_admin(database, token, now=NOON, **typed)  # type: ignore[arg-type]


def test_the_first_administrator_comes_by_the_terminals_link(database: Database) -> None:
    account = first_admin(database, make_link(database))
    assert account.role is Role.ADMIN
    assert enter(database).id == account.id


def test_a_mistyped_form_does_not_use_the_link_up(database: Database) -> None:
    token = make_link(database)
    with pytest.raises(InvalidAccount) as caught:
        first_admin(database, token, name="", password="12345678")
    assert set(caught.value.errors) == {"name", "password"}
    assert first_admin(database, token).role is Role.ADMIN


def test_there_is_one_first_administrator(database: Database) -> None:
    first = make_link(database)
    first_admin(database, first)
    with pytest.raises(LinkUnusable):
        first_admin(database, make_link(database), email="b@example.org")
    assert len(users.everyone(database)) == 1


def test_an_outdated_hash_is_made_anew_at_sign_in(database: Database, ada: Account) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    with database.session() as session:
        session.get_one(User, ada.id).password_hash = weak
    enter(database)
    with database.reading() as session:
        renewed = session.get_one(User, ada.id).password_hash
    assert renewed is not None
    assert renewed != weak
    assert enter(database).id == ada.id
