"""The second factor in the browser: set up, asked for at the door, demanded by a setting, turned off."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from flask import Flask

from gitcms.accounts import audit, links, second_factor, sessions, users
from gitcms.accounts.users import Account
from gitcms.config import Config
from gitcms.site import Site
from tests.accounts.test_second_factor import app_code

from .conftest import PASSWORD, Browser, Clock

PAGE = "/account/second-factor"


def hidden(page: str) -> dict[str, str]:
    return {
        name: unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    }


def set_up(browser: Browser, clock: Clock) -> tuple[str, list[str]]:
    """Set a second factor up as a person would; return the app's key and the recovery codes."""
    page = browser.post(PAGE, {"current": PASSWORD}).text
    key = re.search(r'id="key" readonly value="([^"]+)"', page)[1].replace(" ", "")  # type: ignore[index]
    page = browser.post(f"{PAGE}/confirmation", {"code": app_code(key, clock())}).text
    codes = re.findall(r"<li><code>([a-z2-7-]+)</code>", page)
    clock.turn(minutes=1)
    return key, codes


@pytest.fixture
def bruno(browser: Browser, author: Account) -> Browser:
    browser.sign_in(author)
    return browser


def begin(browser: Browser, account: Account, **more: str) -> str:
    """Type email and password, and return the page that follows."""
    browser.get("/sign-in")
    return browser.post("/sign-in", {"email": account.email, "password": PASSWORD} | more).text


def test_it_is_set_up_with_a_drawing_a_key_and_a_code(bruno: Browser, site: Site, author: Account) -> None:
    assert "Your password" in bruno.get(PAGE).text
    answer = bruno.post(PAGE, {"current": "wrong"})
    assert answer.status_code == 422 and "This is not your password." in answer.text
    page = bruno.post(PAGE, {"current": PASSWORD}).text
    assert "<svg viewBox" in page and "style=" not in page
    wrong = bruno.post(f"{PAGE}/confirmation", {"code": "000000"})
    assert wrong.status_code == 422
    assert "That is not the code of now" in wrong.text
    key = re.search(r'id="key" readonly value="([^"]+)"', page)
    assert key and key[0] in wrong.text
    assert not users.find(site.database, author.id).has_second_factor


def test_from_then_on_the_password_alone_lets_nobody_in(
    bruno: Browser, browse: Callable[[], Browser], author: Account, clock: Clock, site: Site
) -> None:
    key, codes = set_up(bruno, clock)
    assert len(codes) == 10
    assert bruno.get("/account").status_code == 200
    assert codes[0] not in bruno.get(PAGE).text
    other = browse()
    page = begin(other, author, next="/history")
    assert "authenticator app" in page
    assert other.get("/account").status_code == 302
    form = hidden(page)
    wrong = other.post("/sign-in-code", form | {"code": "000000"})
    assert wrong.status_code == 422
    assert other.get("/account").status_code == 302
    answer = other.post("/sign-in-code", hidden(wrong.text) | {"code": app_code(key, clock())})
    assert (answer.status_code, answer.location) == (303, "/history")
    assert other.get("/account").status_code == 200
    noted = [(row.event, row.what) for row in audit.page(site.database).rows]
    assert noted[0] == ("signed_in", "second factor, app")
    assert ("code_wrong", "") in noted


def test_a_code_serves_one_browser_alone(
    bruno: Browser, browse: Callable[[], Browser], author: Account, clock: Clock
) -> None:
    key, _ = set_up(bruno, clock)
    one, two = browse(), browse()
    form = hidden(begin(one, author))
    two.get("/sign-in")
    stolen = two.post("/sign-in-code", {"ticket": form["ticket"], "code": app_code(key, clock())})
    assert stolen.status_code == 401
    assert "Signing in took too long." in stolen.text
    assert one.post("/sign-in-code", form | {"code": app_code(key, clock())}).status_code == 303


def test_a_recovery_code_lets_in_once_and_says_how_many_are_left(
    bruno: Browser, browse: Callable[[], Browser], author: Account, clock: Clock
) -> None:
    _, codes = set_up(bruno, clock)
    other = browse()
    other.post("/sign-in-code", hidden(begin(other, author)) | {"code": codes[0]})
    assert "You have 9 left" in other.get("/").text
    again = browse()
    answer = again.post("/sign-in-code", hidden(begin(again, author)) | {"code": codes[0]})
    assert answer.status_code == 422


def test_a_link_needs_the_code_as_well(
    bruno: Browser, browse: Callable[[], Browser], author: Account, clock: Clock, site: Site
) -> None:
    key, _ = set_up(bruno, clock)
    link = links.create(site.database, "sign-in", user_id=author.id, now=site.now(), minutes=60)
    other = browse()
    other.get(link)
    page = other.post(link).text
    assert other.get("/account").status_code == 302
    answer = other.post("/sign-in-code", hidden(page) | {"code": app_code(key, clock())})
    assert answer.status_code == 303
    assert "Your password" not in other.get("/account").text


def test_too_many_wrong_codes_have_to_wait(
    bruno: Browser, browse: Callable[[], Browser], author: Account, clock: Clock, site: Site
) -> None:
    key, _ = set_up(bruno, clock)
    other = browse()
    form = hidden(begin(other, author))
    for _ in range(site.config.limits.sign_in_attempts):
        assert other.post("/sign-in-code", form | {"code": "1"}).status_code == 422
    answer = other.post("/sign-in-code", form | {"code": app_code(key, clock())})
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


def test_a_text_travels_through_the_code_page(
    bruno: Browser, browse: Callable[[], Browser], author: Account, clock: Clock
) -> None:
    key, _ = set_up(bruno, clock)
    other = browse()
    kept = {"kept_target": "/collections/posts/new", "kept.f.title": "Half a sen"}
    page = begin(other, author, **kept)
    form = hidden(page)
    assert form["kept.f.title"] == "Half a sen"
    answer = other.post("/sign-in-code", form | {"code": app_code(key, clock())})
    assert answer.status_code == 200 and "Half a sen" in answer.text


def test_setting_it_up_ends_the_other_sessions(
    bruno: Browser, browse: Callable[[], Browser], author: Account, clock: Clock
) -> None:
    other = browse()
    other.sign_in(author)
    set_up(bruno, clock)
    assert other.get("/account").status_code == 302
    assert bruno.get("/account").status_code == 200


def test_new_codes_and_turning_off_take_password_and_code(
    bruno: Browser, author: Account, clock: Clock, site: Site
) -> None:
    key, codes = set_up(bruno, clock)
    bruno.get(PAGE)
    for place in ("recovery-codes", "removal"):
        code = app_code(key, clock())
        assert bruno.post(f"{PAGE}/{place}", {"code": code}).status_code == 422
        assert bruno.post(f"{PAGE}/{place}", {"current": PASSWORD, "code": "000000"}).status_code == 422
    answer = bruno.post(f"{PAGE}/recovery-codes", {"current": PASSWORD, "code": app_code(key, clock())})
    renewed = re.findall(r"<li><code>([a-z2-7-]+)</code>", answer.text)
    assert len(renewed) == 10 and not set(renewed) & set(codes)
    answer = bruno.post(f"{PAGE}/removal", {"current": PASSWORD, "code": renewed[0]})
    assert answer.status_code == 303
    assert not users.find(site.database, author.id).has_second_factor


def test_an_administrator_turns_it_off_for_a_lost_telephone(
    bruno: Browser, browse: Callable[[], Browser], author: Account, admin: Account, clock: Clock, site: Site
) -> None:
    set_up(bruno, clock)
    ada = browse()
    ada.sign_in(admin)
    assert "Has a second factor." in ada.get("/people").text
    assert ada.post(f"/people/{author.id}/second-factor-removal").status_code == 303
    assert not users.find(site.database, author.id).has_second_factor
    assert sessions.last_seen(site.database).keys() == {admin.id}
    assert "turned off the second factor of" in ada.get("/people/log").text


class TestDemanded:
    """By `second_factor` under `[sessions]`."""

    @pytest.fixture
    def config(self, config: Config) -> Config:
        return config.with_values("sessions", second_factor="admins")

    def test_who_must_have_one_sets_it_up_before_anything_else(
        self, app: Flask, browser: Browser, admin: Account, clock: Clock
    ) -> None:
        browser.sign_in(admin)
        for path in ("/", "/people", "/account", "/history", "/help/"):
            answer = browser.get(path)
            assert (answer.status_code, answer.location) == (302, PAGE)
        page = browser.get(PAGE)
        assert "Your account needs a second factor" in page.text
        refused = browser.post("/people", {"name": "Eve", "email": "e@example.org", "role": "admin"})
        assert refused.status_code == 403
        assert "Your account needs a second factor first." in refused.text
        browser.get(PAGE)
        set_up(browser, clock)
        assert browser.get("/people").status_code == 200

    def test_a_text_is_not_shown_again_without_it(self, browser: Browser, admin: Account) -> None:
        page = begin(browser, admin, **{"kept_target": "/collections/posts/new", "kept.f.title": "Half"})
        assert "Your account needs a second factor first." in page

    def test_others_need_none(self, browser: Browser, author: Account) -> None:
        browser.sign_in(author)
        assert browser.get("/").status_code == 200


def test_a_key_that_is_not_confirmed_asks_for_nothing(
    bruno: Browser, browse: Callable[[], Browser], author: Account, site: Site
) -> None:
    bruno.post(PAGE, {"current": PASSWORD})
    assert second_factor.state_of(site.database, author.id).since is None
    other = browse()
    other.sign_in(author)
    assert other.get("/account").status_code == 200
