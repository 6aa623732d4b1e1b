"""Administrators add people, give roles and links, and shut accounts."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest

from gitcms.accounts import audit, users
from gitcms.accounts.permissions import Role
from gitcms.accounts.users import Account
from gitcms.site import Site
from tests.web.conftest import PASSWORD, Browser, Clock


@pytest.fixture
def site(site: Site, clock: Clock) -> Site:
    site.now = clock
    return site


@pytest.fixture
def ada(browser: Browser, admin: Account) -> Browser:
    browser.sign_in(admin)
    return browser


NEW = {"name": "Inés Caldera", "email": "ines@example.org", "role": "reviewer"}


def link_on(page: str) -> str:
    found = re.search(r'id="link" readonly value="http://localhost(/sign-in/[^"]+)"', page)
    assert found, page
    return unescape(found[1])


def test_somebody_new_comes_in_by_the_link_that_is_shown_once(
    ada: Browser, browse: Callable[[], Browser], site: Site
) -> None:
    answer = ada.post("/people", NEW)
    assert answer.status_code == 200
    link = link_on(answer.text)
    assert link not in ada.get("/people").text
    ines = browse()
    ines.get(link)
    assert ines.post(link).status_code == 303
    assert "Choose a password under Account" in ines.get("/account").text
    assert users.find_by_email(site.database, "ines@example.org").role is Role.REVIEWER


def test_what_cannot_be_taken_is_said_beside_its_field(ada: Browser, site: Site) -> None:
    answer = ada.post("/people", {"name": "<b>", "email": "x", "role": "author"})
    assert answer.status_code == 422
    assert 'id="name-problem"' in answer.text
    assert 'id="email-problem"' in answer.text
    assert 'value="&lt;b&gt;"' in answer.text
    assert ada.post("/people", NEW | {"role": "owner"}).status_code == 422
    assert len(users.everyone(site.database)) == 1


def test_only_what_the_form_asks_for_is_taken(ada: Browser, site: Site) -> None:
    ada.post("/people", NEW | {"password": PASSWORD, "active": "0", "id": "1", "password_hash": "x"})
    added = users.find_by_email(site.database, "ines@example.org")
    assert (added.active, added.has_password) == (True, False)


def test_a_role_is_changed(ada: Browser, site: Site, author: Account) -> None:
    assert ada.post(f"/people/{author.id}/role", {"role": "reviewer"}).status_code == 303
    assert users.find(site.database, author.id).role is Role.REVIEWER
    assert "is a reviewer from now on" in ada.get("/people").text


def test_an_account_is_shut_and_opened_again(ada: Browser, site: Site, author: Account) -> None:
    ada.post(f"/people/{author.id}/closure")
    assert not users.find(site.database, author.id).active
    assert "Let sign in again" in ada.get("/people").text
    assert ada.post(f"/people/{author.id}/links").status_code == 422
    ada.get("/people")
    ada.post(f"/people/{author.id}/reopening")
    assert users.find(site.database, author.id).active


def test_a_new_link_is_shown(ada: Browser, author: Account) -> None:
    assert link_on(ada.post(f"/people/{author.id}/links").text)


@pytest.mark.parametrize(("place", "form"), [("closure", {}), ("role", {"role": "author"})])
def test_the_only_administrator_stays_one(
    ada: Browser, admin: Account, site: Site, place: str, form: dict[str, str]
) -> None:
    answer = ada.post(f"/people/{admin.id}/{place}", form)
    assert answer.status_code == 422
    assert "only administrator" in answer.text
    assert users.find(site.database, admin.id) == admin


@pytest.mark.parametrize("place", ["role", "links", "closure", "reopening"])
def test_nobody_of_that_number_is_not_found(ada: Browser, place: str) -> None:
    assert ada.post(f"/people/999/{place}", {"role": "author"}).status_code == 404


def test_a_lost_telephone_is_signed_out_by_an_administrator(
    ada: Browser, browse: Callable[[], Browser], author: Account
) -> None:
    telephone = browse()
    telephone.sign_in(author)
    assert ada.post(f"/people/{author.id}/sign-outs").status_code == 303
    assert telephone.get("/account").status_code == 302
    telephone.sign_in(author)
    assert telephone.get("/account").status_code == 200


def test_what_happened_to_accounts_is_listed_with_who_when_and_where(
    browse: Callable[[], Browser], author: Account, admin: Account, site: Site, clock: Clock
) -> None:
    ada, bruno = browse(), browse()
    ada.sign_in(admin)
    bruno.headers["User-Agent"] = "curl/8.0"
    bruno.get("/sign-in")
    bruno.post("/sign-in", {"email": author.email, "password": "wrong wrong wrong"})
    bruno.sign_in(author)
    assert bruno.get("/people").status_code == 403
    ada.post(f"/people/{author.id}/role", {"role": "reviewer"})
    rows = audit.page(site.database).rows
    told = [(row.event, row.who, row.about, row.address) for row in rows]
    here = "127.0.0.1"
    assert told == [
        ("role_changed", admin.id, author.id, here),
        ("denied", author.id, None, here),
        ("signed_in", author.id, None, here),
        ("sign_in_failed", None, author.id, here),
        ("signed_in", admin.id, None, here),
    ]
    assert {row.at for row in rows} == {site.now()}
    page = ada.get("/people/log").text
    for words in ("Bruno Vidal was refused", "needs manage_people, GET, people", "curl", "from 127.0.0.1"):
        assert words in page
    assert "wrong wrong wrong" not in page
    assert "Ada Rivas signed in" not in ada.get(f"/people/log?person={author.id}").text
    assert "Bruno Vidal signed in" in ada.get(f"/people/log?person={author.id}").text


def test_odd_questions_to_the_log_are_answered(ada: Browser) -> None:
    for query in ("?page=-1", "?page=99999999999", "?page=x", "?person=x"):
        assert ada.get(f"/people/log{query}").status_code == 200
    assert ada.get("/people/log?person=99").status_code == 404


def test_what_a_browser_calls_itself_is_shown_as_words(
    ada: Browser, browse: Callable[[], Browser], author: Account
) -> None:
    odd = browse()
    odd.headers["User-Agent"] = "<script>alert(1)</script>" + "x" * 500
    odd.sign_in(author)
    for page in (ada.get("/people/log").text, odd.get("/account").text):
        assert "<script>alert" not in page


def test_a_crowd_that_fails_to_sign_in_does_not_fill_the_database(
    ada: Browser, browser: Browser, browse: Callable[[], Browser], site: Site
) -> None:
    stranger = browse()
    stranger.get("/sign-in")
    for _ in range(40):
        stranger.post("/sign-in", {"email": "nobody@example.org", "password": "wrong wrong wrong"})
    failed = [row for row in audit.page(site.database).rows if row.event == "sign_in_failed"]
    assert len(failed) == site.config.limits.sign_in_attempts
