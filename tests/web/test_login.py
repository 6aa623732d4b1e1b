"""Coming in, going on where one was, and what becomes of a text whose session ended."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, get_flashed_messages, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from gitcms.accounts import links, users
from gitcms.accounts.permissions import Permission, Role
from gitcms.accounts.users import Account
from gitcms.config import Config
from gitcms.errors import StorageFailed
from gitcms.site import Site
from gitcms.web import login
from gitcms.web.login import redisplays
from gitcms.web.security import csrf_field, requires

from .conftest import PASSWORD, Browser, Clock

# ── by password ──────────────────────────────────────────────────────────────────────────────


def test_email_and_password_lead_home(browser: Browser, author: Account) -> None:
    browser.get("/sign-in")
    answer = browser.post("/sign-in", {"email": author.email.upper(), "password": PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/")
    assert browser.get("/account").status_code == 200


def test_a_wrong_password_and_a_stranger_get_the_same_page(browser: Browser, author: Account) -> None:
    pages = []
    for email in (author.email, "nobody@example.org"):
        browser.get("/sign-in")
        answer = browser.post("/sign-in", {"email": email, "password": "wrong"})
        assert answer.status_code == 401
        pages.append(answer.text.replace(email, ""))
    assert pages[0] == pages[1]
    assert "That email and password do not go together." in pages[0]


def test_what_was_typed_as_email_stays_and_the_password_does_not(browser: Browser, author: Account) -> None:
    browser.get("/sign-in")
    page = browser.post("/sign-in", {"email": '"><b>x', "password": "my secret words"}).text
    assert 'value="&#34;&gt;&lt;b&gt;x"' in page
    assert "my secret words" not in page


def test_too_many_wrong_passwords_have_to_wait(
    browser: Browser, author: Account, config: Config, clock: Clock
) -> None:
    browser.get("/sign-in")
    statuses = [
        browser.post("/sign-in", {"email": author.email, "password": "wrong"}).status_code for _ in range(20)
    ]
    limit = config.limits.sign_in_attempts
    assert statuses == [401] * limit + [429] * (20 - limit)
    answer = browser.post("/sign-in", {"email": author.email, "password": PASSWORD})
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) == 900
    assert "Wait 15 minutes" in answer.text
    clock.turn(minutes=15)
    browser.get("/sign-in")
    assert browser.post("/sign-in", {"email": author.email, "password": PASSWORD}).status_code == 303


def test_a_made_up_address_does_not_get_around_the_limit(
    browser: Browser, author: Account, config: Config
) -> None:
    browser.get("/sign-in")
    for number in range(config.limits.sign_in_attempts * 3):
        headers = {"X-Forwarded-For": f"192.0.2.{number}"}
        browser.post("/sign-in", {"email": f"p{number}@example.org", "password": "x"}, headers=headers)
    answer = browser.post("/sign-in", {"email": author.email, "password": PASSWORD})
    assert answer.status_code == 429


@pytest.mark.parametrize("password", ["nul\0nul", "x" * 501])
def test_what_cannot_be_a_password_is_said(browser: Browser, author: Account, password: str) -> None:
    browser.get("/sign-in")
    assert browser.post("/sign-in", {"email": author.email, "password": password}).status_code == 422


def test_whoever_is_signed_in_is_not_asked_again(browser: Browser, author: Account) -> None:
    browser.sign_in(author)
    answer = browser.get("/sign-in?next=/people")
    assert (answer.status_code, answer.location) == (303, "/people")


def test_a_sign_in_form_of_another_site_is_refused(browser: Browser, author: Account) -> None:
    browser.get("/sign-in")
    form = {"email": author.email, "password": PASSWORD}
    assert browser.post("/sign-in", form, headers={"Origin": "http://evil.example"}).status_code == 403
    assert browser.get("/account").status_code == 302


def test_an_old_sign_in_page_asks_once_more_and_keeps_the_email(browser: Browser, author: Account) -> None:
    form = {"email": author.email, "password": PASSWORD, "csrf_token": "from last week"}
    answer = browser.post("/sign-in", form)
    assert answer.status_code == 403
    assert "Sign in once more" in answer.text
    assert author.email in answer.text
    assert browser.post("/sign-in", form | {"csrf_token": browser.token}).status_code == 303


def test_nobody_comes_in_while_the_session_cannot_be_kept(
    browser: Browser, author: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise StorageFailed("There is no room on the server's disk.")

    browser.get("/sign-in")
    monkeypatch.setattr(login.sessions, "begin", full)
    answer = browser.post("/sign-in", {"email": author.email, "password": PASSWORD})
    assert answer.status_code == 507
    assert "no room" in answer.text
    assert browser.get("/account").status_code == 302


# ── going on ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "wanted",
    [
        "/people",
        "/history?page=2",
        "/collections/posts/entries/_posts/2026-03-01-first-rain.md",
        "/help/",
        "/files/a%20b.png",
    ],
)
def test_one_goes_on_where_one_wanted_to(browser: Browser, author: Account, wanted: str) -> None:
    answer = browser.get(wanted)
    assert answer.status_code == 302
    page = browser.get(answer.location).text
    following = unescape(re.search(r'name="next" value="([^"]*)"', page)[1])  # type: ignore[index]
    done = browser.post("/sign-in", {"email": author.email, "password": PASSWORD, "next": following})
    assert (done.status_code, done.location) == (303, wanted)


ELSEWHERE = [
    "https://evil/",
    "//evil/",
    "///evil/",
    "/\\evil/",
    "\\\\evil/",
    "/\t/evil/",
    "/\n/evil/",
    "/%2f%2fevil",
    "/%5cevil",
    "https://localhost@evil/",
    "https://localhost.evil/",
    "http://localhost/people",
    "javascript:alert(1)",
    "data:text/html,x",
    " https://evil/",
    "/../..//evil",
    "/collections/x/entries/..//..//evil",
    "/x\r\nSet-Cookie: a=b",
    "/people%0d%0aSet-Cookie:a=b",
    "/sign-out",
    "/sign-in",
    "/logout",
    "/static/style.css",
    "/healthz",
    "/account/theme",
    "people",
    "",
    "http:/people",
    "/people\u202e",
    "?next=/people",
]


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_nobody_is_sent_elsewhere(browser: Browser, author: Account, wanted: str) -> None:
    page = browser.get("/sign-in", query_string={"next": wanted}).text
    assert 'name="next" value=""' in page
    done = browser.post("/sign-in", {"email": author.email, "password": PASSWORD, "next": wanted})
    assert (done.status_code, done.location) == (303, "/")


# ── by link ──────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def link(site: Site, author: Account) -> str:
    return links.create(site.database, "sign-in", user_id=author.id, now=site.now(), minutes=60)


def test_looking_at_a_link_does_not_use_it_up(
    browser: Browser, browse: Callable[[], Browser], link: str
) -> None:
    for _ in range(3):
        assert browse().get(link).status_code == 200
    page = browser.get(link).text
    assert page.count("<button") == 1
    answer = browser.post(link)
    assert (answer.status_code, answer.location) == (303, "/")
    assert browser.get("/account").status_code == 200


def test_a_link_works_once(browse: Callable[[], Browser], link: str) -> None:
    first, second = browse(), browse()
    first.get(link)
    second.get(link)
    assert first.post(link).status_code == 303
    answer = second.post(link)
    assert answer.status_code == 410
    assert "used already" in answer.text
    assert second.get("/account").status_code == 302
    assert second.get(link).status_code == 410


def test_a_link_gets_too_old(browser: Browser, link: str, clock: Clock) -> None:
    browser.get(link)
    clock.turn(minutes=61)
    assert browser.post(link).status_code == 410


def test_a_link_needs_its_own_form(browser: Browser, link: str) -> None:
    browser.get(link)
    assert browser.post(link, {"csrf_token": "x"}).status_code == 403
    assert browser.post(link, headers={"Origin": "http://evil.example"}).status_code == 403
    browser.get(link)
    assert browser.post(link).status_code == 303


def test_who_came_by_link_sets_a_password_without_the_old_one_and_only_once(
    browser: Browser, site: Site, author: Account, link: str
) -> None:
    browser.get(link)
    browser.post(link)
    assert "Your password" not in browser.get("/account").text
    assert browser.post("/account/password", {"password": "a whole new sentence"}).status_code == 303
    assert users.has_password(site.database, author.id, "a whole new sentence")
    assert "Your password" in browser.get("/account").text
    answer = browser.post("/account/password", {"password": "yet another sentence"})
    assert answer.status_code == 422
    assert "This is not your password." in answer.text


# ── the first administrator ──────────────────────────────────────────────────────────────────


def test_the_first_administrator_comes_by_the_terminals_link(
    browser: Browser, browse: Callable[[], Browser], site: Site
) -> None:
    assert "Nobody has an account here yet" in browser.get("/sign-in").text
    place = links.create(site.database, "first-admin", now=site.now(), minutes=60)
    browser.get(place)
    typed = {"name": "Ada Rivas", "email": "ada@example.org", "password": "short"}
    answer = browser.post(place, typed)
    assert answer.status_code == 422
    assert "at least 8 characters" in answer.text
    assert "Ada Rivas" in answer.text
    answer = browser.post(place, typed | {"password": PASSWORD, "role": "author"})
    assert (answer.status_code, answer.location) == (303, "/")
    assert browser.get("/people").status_code == 200
    assert [each.role for each in users.everyone(site.database)] == [Role.ADMIN]
    assert (
        "Nobody has an account" not in Browser(browser.client.application.test_client()).get("/sign-in").text
    )
    assert browser.get(place).status_code == 410


def test_there_is_no_way_in_without_a_link_or_a_password(browser: Browser, site: Site) -> None:
    for token in ("", "x", "0" * 43):
        browser.get("/sign-in")
        answer = browser.post(
            f"/welcome/{token}", {"name": "Eve", "email": "e@example.org", "password": PASSWORD}
        )
        assert answer.status_code in (404, 410)
    assert not users.anybody(site.database)


# ── what was typed ───────────────────────────────────────────────────────────────────────────

TEXT = 'First line\r\n\r\n  "quoted" & <b>bold</b>\r\n\r\nlast — line'


@pytest.fixture
def writing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A page of our own that saves a text, and shows it again."""
    seen: dict[str, Any] = {"saved": []}

    @requires(Permission.EDIT_ENTRY)
    def write(name: str) -> ResponseReturnValue:
        if name == "broken":
            raise StorageFailed("There is no room on the server's disk.")
        seen["saved"].append(request.form["body"])
        return "saved"

    monkeypatch.setattr(login, "_REDISPLAYS", dict(login._REDISPLAYS))

    @redisplays("write")
    def again(arguments: dict[str, Any], form: MultiDict[str, str]) -> str:
        seen.update(arguments=arguments, form=form, notices=get_flashed_messages())
        seen.update(endpoint=request.endpoint, action=url_for("write", **arguments))
        return f"<form>{csrf_field()}</form>"

    app.add_url_rule("/writing/<name>", "write", write, methods=["POST"])
    return seen


def hidden(page: str) -> dict[str, list[str]]:
    """Return the hidden fields of a page's first form, as a browser would post them back."""
    fields: dict[str, list[str]] = {}
    form = page[page.index("<form") :].partition("</form>")[0]
    for name, value in re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form):
        # A browser reads every line end as LF, and posts it as CRLF.
        text = unescape(value).replace("\r\n", "\n").replace("\n", "\r\n")
        fields.setdefault(unescape(name), []).append(text)
    return fields


def expire(clock: Clock) -> None:
    clock.turn(hours=72)


def test_a_text_that_comes_too_late_is_there_again_after_signing_in(
    browser: Browser, author: Account, clock: Clock, writing: dict[str, Any]
) -> None:
    browser.sign_in(author)
    expire(clock)
    sent = {"body": TEXT, "base": "abc", "f.tags": ["water", "schools"], "f.links.0.__was": "0"}
    answer = browser.post("/writing/eyes", sent)
    assert answer.status_code == 401
    assert "You were signed out. Your text is kept (6 words)" in unescape(answer.text)
    assert writing["saved"] == []
    carried = hidden(answer.text)
    wrong = browser.post("/sign-in", carried | {"email": author.email, "password": "wrong"})
    assert wrong.status_code == 401
    answer = browser.post("/sign-in", hidden(wrong.text) | {"email": author.email, "password": PASSWORD})
    assert answer.status_code == 200
    assert writing["arguments"] == {"name": "eyes"}
    assert writing["form"]["body"] == TEXT
    assert writing["form"].getlist("f.tags") == ["water", "schools"]
    assert set(writing["form"]) == set(sent)
    assert (writing["endpoint"], writing["action"]) == ("write", "/writing/eyes")
    assert writing["notices"] == ["You are signed in again. Your text is as you left it, and not saved yet."]
    assert writing["saved"] == []


def test_the_form_that_is_shown_again_can_be_saved(
    browser: Browser, author: Account, clock: Clock, writing: dict[str, Any]
) -> None:
    browser.sign_in(author)
    expire(clock)
    carried = hidden(browser.post("/writing/eyes", {"body": TEXT}).text)
    browser.post("/sign-in", carried | {"email": author.email, "password": PASSWORD})
    assert browser.post("/writing/eyes", {"body": TEXT}).text == "saved"
    assert writing["saved"] == [TEXT]


def test_a_long_text_in_any_script_travels_as_well(
    browser: Browser, author: Account, clock: Clock, writing: dict[str, Any]
) -> None:
    text = "Ж水🙂 " * 200_000
    browser.sign_in(author)
    expire(clock)
    late = browser.post("/writing/eyes", {"body": text}, content_type="multipart/form-data")
    form = hidden(late.text) | {"email": author.email, "password": PASSWORD}
    answer = browser.post("/sign-in", form, content_type="multipart/form-data")
    assert answer.status_code == 200
    assert writing["form"]["body"] == text


def test_pictures_cannot_travel_and_it_is_said(
    browser: Browser, author: Account, clock: Clock, writing: dict[str, Any]
) -> None:
    browser.sign_in(author)
    expire(clock)
    picture = (io.BytesIO(b"not looked at"), "river.png")
    answer = browser.post("/writing/eyes", {"body": "x", "file.img": picture})
    assert "choose them again afterwards" in answer.text
    browser.post("/sign-in", hidden(answer.text) | {"email": author.email, "password": PASSWORD})
    assert writing["notices"][1:] == [
        "The pictures that you had chosen could not be kept. Choose them again."
    ]


def test_the_server_keeps_nothing_meanwhile(
    browser: Browser, author: Account, clock: Clock, writing: dict[str, Any], config: Config
) -> None:
    browser.sign_in(author)
    expire(clock)
    browser.post("/writing/eyes", {"body": "a-sentence-of-mine"})
    for file in Path(config.state.folder).rglob("*"):
        if file.is_file():
            assert b"a-sentence-of-mine" not in file.read_bytes()


def test_whoever_signed_in_elsewhere_meanwhile_loses_nothing(
    browser: Browser, author: Account, clock: Clock, writing: dict[str, Any]
) -> None:
    browser.sign_in(author)
    before = browser.token
    expire(clock)
    browser.sign_in(author)
    answer = browser.post("/writing/eyes", {"body": TEXT, "csrf_token": before})
    assert answer.status_code == 403
    assert writing["saved"] == []
    assert writing["form"]["body"] == TEXT
    assert "csrf_token" not in writing["form"]
    assert "Nothing is lost: save once more." in writing["notices"][0]
    assert browser.post("/writing/eyes", {"body": TEXT}).text == "saved"


def test_two_pages_that_expired_are_both_mended(
    browser: Browser, author: Account, clock: Clock, writing: dict[str, Any]
) -> None:
    browser.sign_in(author)
    expire(clock)
    first = hidden(browser.post("/writing/one", {"body": "one"}).text)
    second = hidden(browser.post("/writing/two", {"body": "two"}).text)
    person = {"email": author.email, "password": PASSWORD}
    assert browser.post("/sign-in", first | person).status_code == 200
    assert writing["form"]["body"] == "one"
    answer = browser.post("/sign-in", second | person)
    assert answer.status_code == 403
    again = hidden(answer.text)
    assert again["kept.body"] == ["two"]
    assert browser.post("/sign-in", again).status_code == 200
    assert writing["form"]["body"] == "two"


def test_a_form_from_elsewhere_is_not_carried_on(
    browser: Browser, author: Account, clock: Clock, writing: dict[str, Any]
) -> None:
    browser.sign_in(author)
    expire(clock)
    answer = browser.post("/writing/eyes", {"body": "evil"}, headers={"Origin": "http://evil.example"})
    assert answer.status_code == 403
    assert "kept." not in answer.text


@pytest.mark.parametrize("target", ["/people", "/sign-out", "https://evil/", "/nothing", "//evil/"])
def test_only_forms_that_know_how_are_shown_again(browser: Browser, author: Account, target: str) -> None:
    browser.get("/sign-in")
    form = {"kept_target": target, "kept.body": "x", "email": author.email, "password": PASSWORD}
    answer = browser.post("/sign-in", form)
    assert (answer.status_code, answer.location) == (303, "/")


def test_a_form_is_not_shown_again_to_who_may_not_send_it(
    app: Flask, browser: Browser, author: Account, writing: dict[str, Any]
) -> None:
    requires(Permission.MANAGE_PEOPLE)(app.view_functions["write"])
    browser.get("/sign-in")
    form = {"kept_target": "/writing/eyes", "kept.body": "x", "email": author.email, "password": PASSWORD}
    assert browser.post("/sign-in", form).status_code == 403
    assert "form" not in writing


def test_a_fault_at_saving_keeps_the_text_as_well(
    browser: Browser, author: Account, writing: dict[str, Any]
) -> None:
    browser.sign_in(author)
    answer = browser.post("/writing/broken", {"body": TEXT})
    assert answer.status_code == 507
    assert "Your text is safe (6 words)" in answer.text
    assert "There is no room" in unescape(answer.text)
    shown = browser.post("/sign-in", hidden(answer.text))
    assert shown.status_code == 200
    assert writing["form"]["body"] == TEXT


def test_a_program_gets_an_answer_it_can_read(
    browser: Browser, author: Account, writing: dict[str, Any]
) -> None:
    answer = browser.post("/writing/eyes", {"body": "x"}, headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.get_json()["error"]["code"] == "auth.required"
    assert browser.client.get("/status", headers={"Accept": "application/json"}).status_code == 401


def test_the_author_of_a_save_is_who_is_signed_in(app: Flask, browser: Browser, author: Account) -> None:
    @requires(Permission.VIEW)
    def me() -> str:
        person = login.current_author()
        return f"{person.name} <{person.email}>"

    app.add_url_rule("/me", "me", me)
    browser.sign_in(author)
    assert browser.get("/me?author=Eve&name=Eve").text == "Bruno Vidal <bruno@example.org>"


def test_a_way_of_any_length_leads_to_the_sign_in_page(browser: Browser) -> None:
    assert browser.get("/history?page=2").location == "/sign-in?next=/history%3Fpage%3D2"
    assert browser.get("/history?page=" + "9" * 5000).location == "/sign-in"
