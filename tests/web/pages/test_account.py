"""One's own account: what can be changed, and what it takes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gitcms.accounts import users
from gitcms.accounts.permissions import Role
from gitcms.accounts.users import Account
from gitcms.site import Site
from tests.web.conftest import PASSWORD, Browser


@pytest.fixture
def bruno(browser: Browser, author: Account) -> Browser:
    browser.sign_in(author)
    return browser


def test_a_name_is_changed(bruno: Browser, author: Account, site: Site) -> None:
    answer = bruno.post("/account/profile", {"name": "Bruno V.", "email": author.email})
    assert answer.status_code == 303
    assert users.find(site.database, author.id).name == "Bruno V."
    assert 'value="Bruno V."' in bruno.get("/account").text


def test_another_email_takes_the_password(bruno: Browser, author: Account, site: Site) -> None:
    moved = {"name": author.name, "email": "b@example.org"}
    for wrong in ({}, {"current": "wrong"}):
        answer = bruno.post("/account/profile", moved | wrong)
        assert answer.status_code == 422
        assert "This is not your password." in answer.text
        assert 'value="b@example.org"' in answer.text
    assert users.find(site.database, author.id).email == author.email
    assert bruno.post("/account/profile", moved | {"current": PASSWORD}).status_code == 303
    assert users.find(site.database, author.id).email == "b@example.org"


def test_nobody_gives_themselves_a_role(bruno: Browser, author: Account, site: Site) -> None:
    form = {"name": "Bruno", "email": author.email, "role": "admin", "active": "1", "id": "1"}
    bruno.post("/account/profile", form)
    assert users.find(site.database, author.id).role is Role.AUTHOR


@pytest.mark.parametrize("name", ["", "a\nb", "<b>"])
def test_what_cannot_be_taken_is_said_beside_its_field(bruno: Browser, name: str) -> None:
    answer = bruno.post("/account/profile", {"name": name, "email": "bruno@example.org"})
    assert answer.status_code == 422
    assert 'id="name-problem"' in answer.text


def test_a_new_password_takes_the_old_one(bruno: Browser, author: Account, site: Site) -> None:
    new = "a whole new sentence"
    assert bruno.post("/account/password", {"password": new}).status_code == 422
    assert bruno.post("/account/password", {"old": "wrong", "password": new}).status_code == 422
    assert bruno.post("/account/password", {"old": PASSWORD, "password": "12345678"}).status_code == 422
    assert users.has_password(site.database, author.id, PASSWORD)
    assert bruno.post("/account/password", {"old": PASSWORD, "password": new}).status_code == 303
    assert users.has_password(site.database, author.id, new)


def test_no_page_shows_a_password_that_was_typed(bruno: Browser) -> None:
    answer = bruno.post("/account/password", {"old": "typed by mistake", "password": "12345678"})
    assert "typed by mistake" not in answer.text
    assert "12345678" not in answer.text


def test_the_theme_is_on_every_page(bruno: Browser) -> None:
    assert "data-theme" not in bruno.get("/account").text
    bruno.post("/account/theme", {"theme": "dark"})
    assert '<html lang="en" data-theme="dark"' in bruno.get("/account").text
    assert bruno.post("/account/theme", {"theme": '"><script>'}).status_code == 422


def test_one_signs_out_everywhere_else(
    bruno: Browser, browse: Callable[[], Browser], author: Account
) -> None:
    phone = browse()
    phone.sign_in(author)
    assert bruno.post("/account/sign-outs").status_code == 303
    assert "You are signed out everywhere else." in bruno.get("/account").text
    assert phone.get("/account").status_code == 302
