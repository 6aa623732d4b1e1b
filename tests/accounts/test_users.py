from __future__ import annotations

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from gitcms.accounts import links, sessions, users
from gitcms.accounts.links import Purpose
from gitcms.accounts.permissions import Role
from gitcms.accounts.refusals import InvalidAccount
from gitcms.accounts.users import Account
from gitcms.config import load
from gitcms.database import Database
from gitcms.database.models import User
from gitcms.errors import AccountError, NotFound
from gitcms.repository import Person, check_person

from .conftest import NOON, PASSWORD, make_link

LIMITS = load().sessions


def test_there_is_nobody_at_first(database: Database) -> None:
    assert not users.anybody(database)
    assert users.everyone(database) == []


def test_an_email_is_found_however_its_capitals_are_written(database: Database, ada: Account) -> None:
    assert users.find_by_email(database, " aDA@EXAMPLE.org ").id == ada.id
    with pytest.raises(NotFound):
        users.find_by_email(database, "adb@example.org")


@pytest.mark.parametrize("number", [0, 999, 2**31, 2**63, 10**30])
def test_a_number_that_is_nobodys_finds_nobody(database: Database, ada: Account, number: int) -> None:
    with pytest.raises(NotFound):
        users.find(database, number)


@pytest.mark.parametrize("email", ["ada@example.org", "ADA@EXAMPLE.ORG", "ａda@example.org"])
def test_an_email_belongs_to_one_person(database: Database, ada: Account, email: str) -> None:
    with pytest.raises(InvalidAccount) as caught:
        users.add(database, name="Other", email=email, role=Role.AUTHOR, now=NOON)
    assert set(caught.value.errors) == {"email"}


@pytest.mark.parametrize(
    "name", ["", "   ", "...", "<script>", "a\nAuthor: b", "a\x00b", "a\u202eb", "x" * 101, "a > b", "a\rb"]
)
def test_a_name_that_git_would_bend_is_refused(database: Database, name: str) -> None:
    with pytest.raises(InvalidAccount) as caught:
        users.add(database, name=name, email="x@example.org", role=Role.AUTHOR, now=NOON)
    assert set(caught.value.errors) == {"name"}


@pytest.mark.parametrize(
    "name", ["Inés Caldera", "Nguyễn Thị Minh Khai", "李小龍", "O'Brien-Smith, Jr.", "عمر"]
)
def test_people_are_called_what_they_are_called(database: Database, name: str) -> None:
    assert users.add(database, name=name, email="x@example.org", role=Role.AUTHOR, now=NOON).name == name


@pytest.mark.parametrize(
    "email",
    [
        "",
        "x",
        "@example.org",
        "x@",
        "x@y@z",
        "a b@example.org",
        "x@example.org>",
        "x@exa\nmple.org",
        "x" * 250 + "@example.org",
        "x@example.org.",
    ],
)
def test_an_email_that_is_none_is_refused(database: Database, email: str) -> None:
    with pytest.raises(InvalidAccount) as caught:
        users.add(database, name="X", email=email, role=Role.AUTHOR, now=NOON)
    assert set(caught.value.errors) == {"email"}


def test_what_is_known_of_a_person_holds_no_password(ada: Account) -> None:
    assert "password_hash" not in {field.name for field in fields(ada)}
    assert PASSWORD not in repr(ada)


def test_the_last_administrator_stays(database: Database, ada: Account, bruno: Account) -> None:
    with pytest.raises(AccountError, match="only administrator"):
        users.disable(database, ada.id)
    with pytest.raises(AccountError, match="only administrator"):
        users.change_role(database, ada.id, Role.AUTHOR)
    users.change_role(database, bruno.id, Role.ADMIN)
    assert users.change_role(database, ada.id, Role.AUTHOR).role is Role.AUTHOR


def test_an_administrator_who_is_shut_out_does_not_count(
    database: Database, ada: Account, bruno: Account
) -> None:
    users.change_role(database, bruno.id, Role.ADMIN)
    users.disable(database, bruno.id)
    with pytest.raises(AccountError, match="only administrator"):
        users.disable(database, ada.id)


def test_shutting_an_account_ends_its_sessions_and_links(
    database: Database, ada: Account, bruno: Account
) -> None:
    sessions.begin(database, "s", bruno.id, {}, now=NOON)
    token = make_link(database, bruno.id)
    users.disable(database, bruno.id)
    users.enable(database, bruno.id)
    assert sessions.load(database, "s", limits=LIMITS, now=NOON) is None
    assert not links.is_usable(database, token, Purpose.SIGN_IN, now=NOON)


def test_a_new_password_ends_all_sessions(database: Database, ada: Account) -> None:
    sessions.begin(database, "s", ada.id, {}, now=NOON)
    users.change_password(database, ada.id, "a whole new sentence")
    assert sessions.load(database, "s", limits=LIMITS, now=NOON) is None
    assert users.has_password(database, ada.id, "a whole new sentence")
    assert not users.has_password(database, ada.id, PASSWORD)


def test_a_new_password_is_judged_like_the_first(database: Database, ada: Account) -> None:
    with pytest.raises(InvalidAccount):
        users.change_password(database, ada.id, "rivas-rivas")
    assert users.has_password(database, ada.id, PASSWORD)


def test_a_profile_keeps_role_and_password(database: Database, ada: Account) -> None:
    changed = users.change_profile(database, ada.id, name="Ada R.", email="ADA@example.org")
    assert (changed.name, changed.role, changed.email) == ("Ada R.", Role.ADMIN, "ADA@example.org")
    assert users.has_password(database, ada.id, PASSWORD)


def test_nobody_takes_the_email_of_another(database: Database, ada: Account, bruno: Account) -> None:
    with pytest.raises(InvalidAccount):
        users.change_profile(database, bruno.id, name="Bruno", email="ada@EXAMPLE.org")


def test_those_who_may_sign_in_come_first(database: Database, ada: Account, bruno: Account) -> None:
    users.add(database, name="Zoe", email="zoe@example.org", role=Role.AUTHOR, now=NOON)
    users.disable(database, bruno.id)
    assert [each.name for each in users.everyone(database)] == ["Ada Rivas", "Zoe", "Bruno"]


def test_a_theme_is_one_of_three(database: Database, ada: Account) -> None:
    users.change_theme(database, ada.id, "dark")
    assert users.find(database, ada.id).theme == "dark"
    with pytest.raises(InvalidAccount):
        users.change_theme(database, ada.id, "pink")


def test_a_password_lies_in_no_row(database: Database, ada: Account) -> None:
    with database.reading() as session:
        user = session.scalars(select(User)).one()
    assert PASSWORD not in str(vars(user))


@given(name=st.text(max_size=40), email=st.text(max_size=30) | st.emails())
def test_whoever_is_taken_can_stand_in_the_history(name: str, email: str) -> None:
    name, email = users.tidy(name), users.tidy(email)
    if not users.problems_with(name=name, email=email):
        assert check_person(Person(name, email)) == Person(name, email)
