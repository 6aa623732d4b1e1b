"""Links that go by mail: an invitation, and a new password for who forgot it. The mail server is real."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator

import pytest

from gitcms.accounts import audit, links, users
from gitcms.accounts.permissions import Role
from gitcms.accounts.users import Account
from gitcms.config import Config
from gitcms.site import Site
from tests.accounts.test_second_factor import app_code
from tests.receiving_mail import Postbox, postbox

from .conftest import Browser, Clock
from .test_second_factor import hidden, set_up


@pytest.fixture
def box() -> Iterator[Postbox]:
    with postbox() as opened:
        yield opened


@pytest.fixture
def config(config: Config, box: Postbox) -> Config:
    return config.with_values(
        "mail", host="127.0.0.1", port=box.port, encryption="", sender="cms@example.org"
    )


def link_in(box: Postbox) -> str:
    """Wait until what is under way has arrived, and return the path of the newest letter's link."""
    for thread in threading.enumerate():
        if thread.name == "gitcms-letter":
            thread.join(20)
    found = re.search(r"http://[^/\s]+(/\S+)", box.letters[-1].get_content())
    assert found
    return found[1]


def test_somebody_is_invited_by_mail_and_comes_in(
    browser: Browser, browse: Callable[[], Browser], admin: Account, box: Postbox, site: Site
) -> None:
    browser.sign_in(admin)
    browser.get("/people")
    form = {"name": "Inés", "email": "ines@example.org", "role": "author", "by": "mail"}
    page = browser.post("/people", form).text
    assert "A sign-in link is on its way to Inés" in page
    assert "/sign-in/" not in page
    assert box.recipients == ["ines@example.org"]
    link, ines = link_in(box), browse()
    ines.get(link)
    assert ines.post(link).status_code == 303
    assert users.find_by_email(site.database, "ines@example.org").role is Role.AUTHOR
    assert ines.get("/account").status_code == 200


def test_when_the_mail_cannot_be_sent_the_link_is_shown(
    browser: Browser, admin: Account, author: Account, box: Postbox
) -> None:
    browser.sign_in(admin)
    browser.get("/people")
    box.refusal = "550 no"
    page = browser.post(f"/people/{author.id}/links", {"by": "mail"}).text
    assert "The mail could not be sent." in page
    assert "/sign-in/" in page


def test_who_forgot_the_password_chooses_another(
    browser: Browser, author: Account, box: Postbox, site: Site
) -> None:
    assert "Forgotten your password?" in browser.get("/sign-in").text
    browser.get("/forgotten-password")
    answer = browser.post("/forgotten-password", {"email": author.email.upper()})
    assert answer.status_code == 200 and "Look into your mail" in answer.text
    link = link_in(box)
    assert link.startswith("/new-password/")
    browser.get(link)
    assert browser.post(link).status_code == 303
    browser.get("/account")
    assert browser.post("/account/password", {"password": "a whole new sentence"}).status_code == 303
    assert users.has_password(site.database, author.id, "a whole new sentence")
    assert browser.get(link).status_code == 410


def test_strangers_are_told_the_same_and_get_nothing(
    browser: Browser, author: Account, admin: Account, box: Postbox, site: Site
) -> None:
    users.disable(site.database, author.id)
    pages = set()
    for email in (admin.email, author.email, "nobody@example.org", "", "a\r\nBcc: eve@example.org"):
        browser.get("/forgotten-password")
        answer = browser.post("/forgotten-password", {"email": email})
        assert answer.status_code == 200
        pages.add(re.sub(r'value="[0-9a-f]{64}"', "", answer.text))
    assert len(pages) == 1
    link_in(box)
    assert box.recipients == [admin.email]


def test_a_link_by_mail_is_not_made_with_a_name_that_a_stranger_chose(
    browser: Browser, author: Account, box: Postbox
) -> None:
    browser.origin = other = "http://127.0.0.1:4444"
    browser.get("/forgotten-password", base_url=other)
    browser.post("/forgotten-password", {"email": author.email}, base_url=other)
    link_in(box)
    assert ":4444" not in box.letters[-1].get_content()


def test_a_link_that_one_asked_for_leaves_an_administrators_good(
    browser: Browser, author: Account, box: Postbox, site: Site
) -> None:
    given = links.create(site.database, "sign-in", user_id=author.id, now=site.now(), minutes=60)
    browser.get("/forgotten-password")
    browser.post("/forgotten-password", {"email": author.email})
    link_in(box)
    assert browser.get(given).status_code == 200


def test_nobody_fills_a_postbox(browser: Browser, author: Account, box: Postbox, clock: Clock) -> None:
    for expected in (200, 200, 200, 429):
        browser.get("/forgotten-password")
        answer = browser.post("/forgotten-password", {"email": author.email})
        assert answer.status_code == expected
    assert answer.headers["Retry-After"]
    link_in(box)
    assert len(box.letters) == 3
    clock.turn(minutes=16)
    assert browser.post("/forgotten-password", {"email": author.email}).status_code == 200
    link_in(box)


def test_the_second_factor_is_asked_for_after_such_a_link_too(
    browser: Browser, browse: Callable[[], Browser], author: Account, box: Postbox, clock: Clock
) -> None:
    browser.sign_in(author)
    key, _ = set_up(browser, clock)
    other = browse()
    other.get("/forgotten-password")
    other.post("/forgotten-password", {"email": author.email})
    link = link_in(box)
    other.get(link)
    page = other.post(link).text
    assert other.get("/account").status_code == 302
    other.post("/sign-in-code", hidden(page) | {"code": app_code(key, clock())})
    other.get("/account")
    assert other.post("/account/password", {"password": "a whole new sentence"}).status_code == 303


def test_a_mail_that_did_not_leave_is_in_the_log(
    browser: Browser, author: Account, box: Postbox, site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    box.refusal = "550 no"
    browser.get("/forgotten-password")
    assert browser.post("/forgotten-password", {"email": author.email}).status_code == 200
    for thread in threading.enumerate():
        if thread.name == "gitcms-letter":
            thread.join(20)
    assert box.letters == []
    assert audit.page(site.database).rows[0].event == "password_forgotten"


class TestWithoutMail:
    @pytest.fixture
    def config(self, config: Config) -> Config:
        return config.with_values("mail", host="")

    def test_an_administrator_is_named_instead(self, browser: Browser, author: Account) -> None:
        assert "Ask an administrator" in browser.get("/sign-in").text
        assert "This site sends no mail." in browser.get("/forgotten-password").text
        answer = browser.post("/forgotten-password", {"email": author.email})
        assert answer.status_code == 200 and "This site sends no mail." in answer.text
