"""One's own account: what can be changed, and what it takes."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from gitcms.accounts import users
from gitcms.accounts.permissions import Role
from gitcms.accounts.users import Account
from gitcms.config import Config
from gitcms.site import Site
from tests.web.conftest import PASSWORD, Browser, Clock


@pytest.fixture
def site(site: Site, clock: Clock) -> Site:
    site.now = clock
    return site


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
    assert '<html lang="en" dir="ltr" data-theme="dark"' in bruno.get("/account").text
    assert bruno.post("/account/theme", {"theme": '"><script>'}).status_code == 422


def test_one_signs_out_everywhere_else(
    bruno: Browser, browse: Callable[[], Browser], author: Account
) -> None:
    phone = browse()
    phone.sign_in(author)
    assert bruno.post("/account/sign-outs").status_code == 303
    assert "You are signed out everywhere else." in bruno.get("/account").text
    assert phone.get("/account").status_code == 302


# ── sessions ─────────────────────────────────────────────────────────────────────────────────

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
CHROME = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"
)


def test_every_session_is_listed_with_browser_and_address_and_ended_alone(
    browse: Callable[[], Browser], author: Account
) -> None:
    desk, telephone, lost = browse(), browse(), browse()
    desk.headers["User-Agent"], telephone.headers["User-Agent"] = FIREFOX, CHROME
    for each in (desk, telephone, lost):
        each.sign_in(author)
    page = desk.get("/account").text
    assert "Firefox on Linux" in page and "Chrome on Android" in page
    assert page.count("this browser") == 1 and "from 127.0.0.1" in page
    handles = re.findall(r'name="session" value="([0-9a-f]+)"', page)
    assert len(handles) == 2 and desk.cookie() not in page
    telephones = re.search(r'value="([0-9a-f]+)"><button[^>]*Chrome on Android', page)
    assert telephones
    assert desk.post("/account/sign-out", {"session": telephones[1]}).status_code == 303
    assert telephone.get("/account").status_code == 302
    assert lost.get("/account").status_code == desk.get("/account").status_code == 200


def test_nobody_ends_a_session_of_somebody_else(
    browse: Callable[[], Browser], author: Account, admin: Account
) -> None:
    bruno, other, ada = browse(), browse(), browse()
    bruno.sign_in(author)
    other.sign_in(author)
    ada.sign_in(admin)
    found = re.search(r'name="session" value="([0-9a-f]+)"', bruno.get("/account").text)
    assert found
    for handle in (found[1], "", "%", "_" * 16, found[1][:8], "0" * 16, "x\0"):
        assert ada.post("/account/sign-out", {"session": handle}).status_code == 303
        ada.get("/account")
    assert bruno.get("/account").status_code == other.get("/account").status_code == 200


def test_a_session_that_has_ended_by_itself_is_not_listed(
    browse: Callable[[], Browser], author: Account, clock: Clock, site: Site
) -> None:
    old, new = browse(), browse()
    old.sign_in(author)
    clock.turn(minutes=site.config.sessions.idle_minutes)
    new.sign_in(author)
    page = new.get("/account").text
    assert "this browser" in page and 'name="session"' not in page


# ── time zone ────────────────────────────────────────────────────────────────────────────────


def test_times_are_shown_in_ones_own_zone(
    bruno: Browser, browse: Callable[[], Browser], admin: Account, author: Account, site: Site, clock: Clock
) -> None:
    ada = browse()
    ada.sign_in(admin)
    assert bruno.post("/account/time-zone", {"time_zone": " Asia/Kathmandu "}).status_code == 303
    # It is noon in UTC.
    assert ">17:45</time>" in bruno.get("/account").text
    assert ">12:00</time>" in ada.get("/account").text
    bruno.post("/account/time-zone", {"time_zone": ""})
    assert ">12:00</time>" in bruno.get("/account").text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("Madrid", "Did you mean Europe/Madrid?"),
        ("Europe/Madird", "Did you mean Europe/Madrid?"),
        ("../../etc/passwd", "Write one such as Europe/Madrid."),
        ("\0", "There is no time zone"),
    ],
)
def test_a_zone_that_there_is_not_is_said_to_be_none(bruno: Browser, typed: str, words: str) -> None:
    answer = bruno.post("/account/time-zone", {"time_zone": typed})
    assert answer.status_code == 422
    assert words in answer.text


# ── mail ─────────────────────────────────────────────────────────────────────────────────────


def test_mail_about_rebuilds_is_asked_for_where_there_are_both(
    bruno: Browser, author: Account, site: Site, config: Config
) -> None:
    assert "Mail about rebuilds" not in bruno.get("/account").text
    site.config = config.with_values("mail", host="127.0.0.1", sender="cms@example.org").with_values(
        "build", command=["hugo"]
    )
    page = bruno.get("/account").text
    assert 'name="build_mail" value="" checked' in page
    assert bruno.post("/account/mail", {"build_mail": "mine"}).status_code == 303
    assert users.find(site.database, author.id).build_mail == "mine"
    assert 'name="build_mail" value="mine" checked' in bruno.get("/account").text
    bruno.post("/account/mail", {"build_mail": "'; --"})
    assert users.find(site.database, author.id).build_mail == ""
