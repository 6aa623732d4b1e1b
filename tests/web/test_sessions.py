"""The cookie, and what the server remembers behind it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

import pytest
from flask import Flask, session
from flask_login import encode_cookie
from sqlalchemy import select, text

from gitcms.accounts import links, users
from gitcms.accounts.permissions import Role
from gitcms.accounts.users import Account
from gitcms.config import Config
from gitcms.database.models import LoginSession
from gitcms.site import Site
from gitcms.web.app import create_app
from gitcms.web.security import open_to_everyone

from .conftest import PASSWORD, Browser, Clock


def is_in(browser: Browser) -> bool:
    return browser.get("/account").status_code == 200


def rows(site: Site) -> int:
    with site.database.reading() as reading:
        return len(reading.scalars(select(LoginSession)).all())


def test_over_plain_http_on_loopback_the_cookie_is_plain(browser: Browser, author: Account) -> None:
    browser.get("/sign-in")
    cookie = browser.post("/sign-in", {"email": author.email, "password": PASSWORD}).headers["Set-Cookie"]
    name, _, rest = cookie.partition("=")
    assert name == "gitcms"
    assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= set(rest.split("; "))
    assert "Secure" not in cookie
    assert "Max-Age" not in cookie
    assert "Domain" not in cookie


def test_over_https_the_cookie_is_of_this_host_alone(config: Config, site: Site, author: Account) -> None:
    app = create_app(config.with_values("server", https=True), site)
    browser = Browser(app.test_client(), origin="https://localhost")
    options = {"base_url": "https://localhost"}
    browser.get("/sign-in", **options)
    answer = browser.post("/sign-in", {"email": author.email, "password": PASSWORD}, **options)
    name, _, rest = answer.headers["Set-Cookie"].partition("=")
    assert name == "__Host-gitcms"
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(rest.split("; "))
    assert browser.get("/account", **options).status_code == 200


def test_a_browser_that_is_told_to_keeps_the_cookie(
    browser: Browser, author: Account, config: Config
) -> None:
    browser.get("/sign-in")
    answer = browser.post("/sign-in", {"email": author.email, "password": PASSWORD, "keep": "on"})
    assert f"Max-Age={config.sessions.absolute_hours * 3600}" in answer.headers["Set-Cookie"]


def test_the_cookie_holds_nothing_but_a_random_id(browser: Browser, author: Account, site: Site) -> None:
    browser.sign_in(author)
    cookie = browser.cookie()
    assert cookie is not None
    assert len(cookie) == 43
    with site.database.reading() as reading:
        kept = reading.execute(text("SELECT id_hash, data FROM login_sessions")).all()
    assert cookie not in str(kept)


def test_nothing_is_kept_of_strangers(browser: Browser, site: Site) -> None:
    for path in ("/sign-in", "/", "/nothing", "/welcome/x"):
        browser.get(path)
    browser.post("/sign-in", {"email": "x@example.org", "password": "y"})
    assert rows(site) == 0


def test_pages_that_are_the_same_for_everyone_set_no_cookie(browser: Browser) -> None:
    for path in ("/static/style.css", "/healthz"):
        assert "Set-Cookie" not in browser.get(path).headers


def test_the_id_changes_at_sign_in_and_the_earlier_one_is_worth_nothing(
    browser: Browser, browse: Callable[[], Browser], author: Account
) -> None:
    browser.get("/sign-in")
    before = browser.cookie()
    browser.sign_in(author)
    assert before and browser.cookie() != before
    other = browse()
    other.client.set_cookie("gitcms", before)
    assert not is_in(other)


def test_signing_in_anew_ends_the_session_that_was(
    browser: Browser, browse: Callable[[], Browser], author: Account, site: Site
) -> None:
    browser.sign_in(author)
    stolen = browse()
    stolen.client.set_cookie("gitcms", browser.cookie() or "")
    assert is_in(stolen)
    link = links.create(site.database, "sign-in", user_id=author.id, now=site.now(), minutes=5)
    browser.get(link)
    browser.post(link)
    assert is_in(browser)
    assert not is_in(stolen)


def test_an_old_cookie_is_dead_after_signing_out(
    browser: Browser, browse: Callable[[], Browser], author: Account, site: Site
) -> None:
    browser.sign_in(author)
    old = browse()
    old.client.set_cookie("gitcms", browser.cookie() or "")
    assert is_in(old)
    assert browser.post("/sign-out").status_code == 303
    assert not is_in(browser)
    assert not is_in(old)
    assert rows(site) == 0


def test_a_new_password_ends_all_sessions_but_this_one(
    browser: Browser, browse: Callable[[], Browser], author: Account
) -> None:
    browser.sign_in(author)
    elsewhere, stolen = browse(), browse()
    elsewhere.sign_in(author)
    stolen.client.set_cookie("gitcms", browser.cookie() or "")
    answer = browser.post("/account/password", {"old": PASSWORD, "password": "a whole new sentence"})
    assert answer.status_code == 303
    assert is_in(browser)
    assert not is_in(elsewhere)
    assert not is_in(stolen)


def test_a_shut_account_is_out_with_the_next_click(
    browser: Browser, author: Account, admin: Account, site: Site
) -> None:
    browser.sign_in(author)
    users.disable(site.database, author.id)
    assert not is_in(browser)


def test_a_lowered_role_counts_with_the_next_click(
    browser: Browser, person: Callable[[Role], Account], admin: Account, site: Site
) -> None:
    reviewer = person(Role.REVIEWER)
    browser.sign_in(reviewer)
    assert browser.post("/rebuilds").status_code != 403
    users.change_role(site.database, reviewer.id, Role.AUTHOR)
    browser.get("/account")
    assert browser.post("/rebuilds").status_code == 403


def test_a_session_ends_when_it_is_not_used(
    browser: Browser, author: Account, clock: Clock, config: Config
) -> None:
    browser.sign_in(author)
    clock.turn(minutes=config.sessions.idle_minutes - 1)
    assert is_in(browser)
    clock.turn(minutes=config.sessions.idle_minutes)
    assert not is_in(browser)


def test_a_session_ends_in_any_case(browser: Browser, author: Account, clock: Clock, config: Config) -> None:
    browser.sign_in(author)
    for _ in range(config.sessions.absolute_hours // 12 - 1):
        clock.turn(hours=12)
        assert is_in(browser)
    clock.turn(hours=12)
    assert not is_in(browser)


FORGED = base64.urlsafe_b64encode(json.dumps({"_user_id": "1"}).encode()).decode()


@pytest.mark.parametrize("cookie", ["", "x", FORGED, "A" * 43, "é" * 43, "a" * 100_000, "' OR 1=1 --"])
def test_a_cookie_that_we_did_not_give_out_is_nobodys(browser: Browser, author: Account, cookie: str) -> None:
    answer = browser.client.get("/account", headers={"Cookie": f"gitcms={cookie}".encode().decode("latin-1")})
    assert answer.status_code == 302


def test_a_cookie_with_a_letter_changed_is_nobodys(browser: Browser, author: Account) -> None:
    browser.sign_in(author)
    cookie = browser.cookie() or ""
    browser.client.set_cookie("gitcms", ("A" if cookie[0] != "A" else "B") + cookie[1:])
    assert not is_in(browser)


def test_a_cookie_without_a_name_is_nobodys(browser: Browser, author: Account) -> None:
    browser.sign_in(author)
    header = f"=gitcms={browser.cookie()}"
    assert browser.client.get("/account", headers={"Cookie": header}).status_code in (200, 302)
    browser.client.delete_cookie("gitcms")
    assert browser.client.get("/account", headers={"Cookie": header}).status_code == 302


def test_a_proxys_word_for_who_it_is_does_not_count(browser: Browser, admin: Account) -> None:
    for header in ("X-Forwarded-User", "Remote-User", "X-Remote-User", "Authorization"):
        assert browser.client.get("/account", headers={header: admin.email}).status_code == 302


def test_a_signed_remember_cookie_lets_nobody_in(app: Flask, browser: Browser, admin: Account) -> None:
    with app.app_context():
        browser.client.set_cookie("remember_token", encode_cookie(str(admin.id)))
    assert not is_in(browser)


def test_what_a_page_puts_into_the_session_is_there_on_the_next(
    app: Flask, browser: Browser, author: Account
) -> None:
    @open_to_everyone
    def put() -> str:
        session["colour"] = "blue"
        return ""

    @open_to_everyone
    def look() -> str:
        return str(session.get("colour"))

    app.add_url_rule("/put", "put", put)
    app.add_url_rule("/look", "look", look)
    browser.get("/put")
    assert browser.get("/look").text == "None"
    browser.sign_in(author)
    browser.get("/put")
    assert browser.get("/look").text == "blue"
    browser.post("/sign-out")
    browser.sign_in(author)
    assert browser.get("/look").text == "None"


def test_while_the_records_cannot_be_read_nobody_is_let_in(
    browser: Browser, author: Account, site: Site
) -> None:
    browser.sign_in(author)
    with site.database.session() as writing:
        writing.execute(text("ALTER TABLE login_sessions RENAME TO gone"))
    answer = browser.get("/account")
    assert answer.status_code == 507
    assert author.email not in answer.text
    with site.database.session() as writing:
        writing.execute(text("ALTER TABLE gone RENAME TO login_sessions"))
    assert is_in(browser)


def test_what_a_page_asks_by_itself_keeps_no_session_alive(
    browser: Browser, author: Account, clock: Clock, config: Config
) -> None:
    browser.sign_in(author)
    waiting = {"X-By-Itself": "1"}
    clock.turn(minutes=config.sessions.idle_minutes * 0.6)
    assert browser.client.get("/status", headers=waiting).status_code == 200
    clock.turn(minutes=config.sessions.idle_minutes * 0.6)
    assert browser.client.get("/status", headers=waiting).status_code == 302
