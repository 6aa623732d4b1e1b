from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from gitcms import config as configuration
from gitcms.accounts import links
from gitcms.accounts.links import Purpose
from gitcms.accounts.refusals import LinkUnusable
from gitcms.accounts.users import Account
from gitcms.database import Database
from gitcms.database.models import SignInLink

from .conftest import NOON, make_link

HOUR = timedelta(hours=1)


def use(database: Database, token: str, purpose: Purpose = Purpose.SIGN_IN, now: object = NOON) -> int | None:
    with database.session() as session:
        return links.use(session, token, purpose, now=now)  # type: ignore[arg-type]


def test_a_link_works_once(database: Database, bruno: Account) -> None:
    token = make_link(database, bruno.id)
    assert use(database, token) == bruno.id
    with pytest.raises(LinkUnusable):
        use(database, token)


def test_looking_at_a_link_does_not_use_it_up(database: Database, bruno: Account) -> None:
    token = make_link(database, bruno.id)
    for _ in range(3):
        assert links.is_usable(database, token, Purpose.SIGN_IN, now=NOON)
    assert use(database, token) == bruno.id
    assert not links.is_usable(database, token, Purpose.SIGN_IN, now=NOON)


def test_of_many_browsers_at_once_one_gets_in(database: Database, bruno: Account) -> None:
    token = make_link(database, bruno.id)

    def try_it(_: int) -> bool:
        try:
            use(database, token)
        except LinkUnusable:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(try_it, range(8))) == 1


def test_a_link_gets_too_old(database: Database, bruno: Account) -> None:
    token = make_link(database, bruno.id)
    assert links.is_usable(database, token, Purpose.SIGN_IN, now=NOON + HOUR - timedelta(seconds=1))
    assert not links.is_usable(database, token, Purpose.SIGN_IN, now=NOON + HOUR)
    with pytest.raises(LinkUnusable):
        use(database, token, now=NOON + HOUR)


def test_a_link_serves_its_own_purpose_alone(database: Database, bruno: Account) -> None:
    token = make_link(database, bruno.id)
    with pytest.raises(LinkUnusable):
        use(database, token, Purpose.FIRST_ADMIN)


def test_a_new_link_puts_an_earlier_one_out_of_use(database: Database, ada: Account, bruno: Account) -> None:
    other = make_link(database, ada.id)
    earlier = make_link(database, bruno.id)
    make_link(database, bruno.id)
    assert not links.is_usable(database, earlier, Purpose.SIGN_IN, now=NOON)
    assert links.is_usable(database, other, Purpose.SIGN_IN, now=NOON)


def test_the_database_does_not_hold_the_token(database: Database) -> None:
    token = make_link(database)
    with database.reading() as session:
        (kept,) = session.scalars(select(SignInLink)).all()
    assert token not in str(vars(kept))
    assert len(token) >= 43


@pytest.mark.parametrize("token", ["", "x", "\udcff", "a" * 100_000])
def test_a_token_that_was_never_given_out_is_refused(database: Database, token: str) -> None:
    assert not links.is_usable(database, token, Purpose.SIGN_IN, now=NOON)


@pytest.mark.parametrize(
    ("values", "address"),
    [
        ({}, "http://127.0.0.1:8800"),
        ({"host": "::1", "port": 9}, "http://[::1]:9"),
        ({"https": True, "allowed_hosts": ["cms.example.org"]}, "https://cms.example.org"),
        (
            {"host": "0.0.0.0", "plain_http": True, "allowed_hosts": ["box.example.org"]},
            "http://box.example.org:8800",
        ),
    ],
)
def test_a_link_leads_to_where_browsers_reach_us(values: dict[str, object], address: str) -> None:
    server = configuration.load().with_values("server", **values).server
    assert links.base_address(server) == address
