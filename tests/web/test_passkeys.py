"""Passkeys: added with the password, let in with nothing else, refused when anything about them is off."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from gitcms.accounts import audit, passkeys, second_factor, users
from gitcms.accounts.permissions import Role
from gitcms.accounts.users import Account
from gitcms.config import Config
from gitcms.site import Site
from gitcms.web.app import create_app
from tests.an_authenticator import PRESENT, VERIFIED, AnAuthenticator

from .conftest import PASSWORD, Browser, Clock
from .test_second_factor import hidden, set_up

PAGE = "/account/ways-in"
ADD = f"{PAGE}/passkeys"


def question(browser: Browser, address: str, **fields: str) -> dict[str, Any]:
    answer = browser.post(f"{address}/question", fields)
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def add(browser: Browser, thing: AnAuthenticator, name: str = "My telephone") -> TestResponse:
    browser.get(PAGE)
    made = thing.make(question(browser, ADD, current=PASSWORD))
    answer = browser.post(ADD, {"answer": made, "name": name})
    browser.get(PAGE)
    return answer


def come_in(browser: Browser, thing: AnAuthenticator, **fields: str) -> TestResponse:
    browser.get("/sign-in")
    signed = thing.sign(question(browser, "/sign-in-by-passkey"))
    return browser.post("/sign-in-by-passkey", {"answer": signed} | fields)


def signed_in(browser: Browser) -> bool:
    return browser.get("/account").status_code == 200


@pytest.fixture
def thing() -> AnAuthenticator:
    return AnAuthenticator()


@pytest.fixture
def bruno(browser: Browser, author: Account) -> Browser:
    browser.sign_in(author)
    return browser


def test_a_passkey_lets_in_without_a_password_under_a_new_id(
    bruno: Browser, browse: Callable[[], Browser], thing: AnAuthenticator, site: Site, author: Account
) -> None:
    assert add(bruno, thing).status_code == 303
    assert "My telephone" in bruno.get(PAGE).text
    other = browse()
    other.get("/sign-in")
    before = other.cookie()
    answer = come_in(other, thing, next="/history")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/history")
    assert other.cookie() != before and "Bruno Vidal" in other.get("/account").text
    rows = audit.page(site.database).rows
    assert (rows[0].event, rows[0].who, rows[0].what) == ("signed_in", author.id, "passkey")
    assert "passkey_added" in [row.event for row in rows]


def test_making_one_takes_the_password_and_a_name(
    bruno: Browser, thing: AnAuthenticator, site: Site, author: Account
) -> None:
    bruno.get(PAGE)
    assert bruno.post(f"{ADD}/question", {"current": "wrong"}).status_code == 422
    answer = bruno.post(ADD, {"answer": "", "name": "x", "current": "wrong"})
    assert answer.status_code == 422 and "This is not your password." in answer.text
    bruno.get(PAGE)
    made = thing.make(question(bruno, ADD, current=PASSWORD))
    for name in ("", "x" * 61, "a\nb"):
        assert bruno.post(ADD, {"answer": made, "name": name}).status_code == 422
    assert passkeys.of_person(site.database, author.id) == []
    assert bruno.post(ADD, {"answer": made, "name": "x" * 60}).status_code == 303


def test_a_second_one_of_the_same_thing_is_not_kept(bruno: Browser, thing: AnAuthenticator) -> None:
    add(bruno, thing)
    asked = question(bruno, ADD, current=PASSWORD)
    assert len(asked["publicKey"]["excludeCredentials"]) == 1
    assert bruno.post(ADD, {"answer": thing.make(asked), "name": "again"}).status_code == 401


def test_it_stands_for_the_second_factor(
    bruno: Browser,
    browse: Callable[[], Browser],
    thing: AnAuthenticator,
    clock: Clock,
    author: Account,
) -> None:
    add(bruno, thing)
    bruno.get("/account")
    set_up(bruno, clock)
    other = browse()
    other.get("/sign-in")
    page = other.post("/sign-in", {"email": author.email, "password": PASSWORD, "next": "/history"})
    assert "authenticator app" in page.text and 'data-passkey="/sign-in-by-passkey/question"' in page.text
    signed = thing.sign(question(other, "/sign-in-by-passkey"))
    answer = other.post("/sign-in-by-passkey", {"answer": signed, "next": "/history"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/history")


def test_it_is_enough_where_a_second_factor_is_demanded(
    config: Config, site: Site, author: Account, thing: AnAuthenticator, bruno: Browser
) -> None:
    add(bruno, thing)
    site.config = config.with_values("sessions", second_factor="everyone")
    other = Browser(create_app(site.config, site).test_client())
    assert come_in(other, thing).status_code == 303
    assert other.get("/history").status_code == 200
    by_password = Browser(create_app(site.config, site).test_client())
    by_password.sign_in(author)
    assert by_password.get("/history").status_code == 302


def test_what_was_typed_travels_on(
    bruno: Browser, browse: Callable[[], Browser], thing: AnAuthenticator
) -> None:
    add(bruno, thing)
    kept = {"kept_target": "/collections/posts/new", "kept.f.title": "Forty-one jars"}
    other = browse()
    answer = come_in(other, thing, **kept)
    assert answer.status_code == 200 and "Forty-one jars" in answer.text
    stranger = browse()
    refused = come_in(stranger, AnAuthenticator(), **kept)
    assert refused.status_code == 401 and hidden(refused.text)["kept.f.title"] == "Forty-one jars"


def test_several_are_listed_and_removed_one_by_one(
    bruno: Browser, browse: Callable[[], Browser], site: Site, author: Account, admin: Account
) -> None:
    one, two = AnAuthenticator(), AnAuthenticator()
    add(bruno, one, "One")
    add(bruno, two, "Two")
    other = browse()
    come_in(other, one)
    first, second = passkeys.of_person(site.database, author.id)
    assert (first.name, second.name) == ("One", "Two") and first.used_at and not second.used_at
    bruno.get(PAGE)
    assert bruno.post(f"{ADD}/removal", {"passkey": str(first.id)}).status_code == 422
    sent = {"passkey": str(first.id), "current": PASSWORD}
    stranger = browse()
    stranger.sign_in(admin)
    stranger.get(PAGE)
    assert stranger.post(f"{ADD}/removal", sent).status_code == 404
    assert bruno.post(f"{ADD}/removal", sent).status_code == 303
    assert not signed_in(other)
    assert come_in(other, one).status_code == 401
    assert come_in(other, two).status_code == 303
    assert "passkey_removed" in [row.event for row in audit.page(site.database).rows]


def test_the_only_way_in_stays(
    bruno: Browser, browse: Callable[[], Browser], thing: AnAuthenticator, site: Site, author: Account
) -> None:
    add(bruno, thing)
    with site.database.session() as session:
        from gitcms.database.models import User

        session.get_one(User, author.id).password_hash = None
    other = browse()
    assert come_in(other, thing).status_code == 303
    (known,) = passkeys.of_person(site.database, author.id)
    other.get(PAGE)
    answer = other.post(f"{ADD}/removal", {"passkey": str(known.id)})
    assert answer.status_code == 422 and "the only way in" in answer.text
    assert passkeys.of_person(site.database, author.id) == [known]


def test_who_lost_them_is_freed_of_them(
    bruno: Browser, browse: Callable[[], Browser], thing: AnAuthenticator, author: Account, admin: Account
) -> None:
    add(bruno, thing)
    boss = browse()
    boss.sign_in(admin)
    boss.get("/people")
    assert boss.post(f"/people/{author.id}/second-factor-removal").status_code == 303
    assert come_in(browse(), thing).status_code == 401


def test_administrators_see_who_has_some_and_take_them_away(
    bruno: Browser,
    browse: Callable[[], Browser],
    thing: AnAuthenticator,
    site: Site,
    author: Account,
    admin: Account,
) -> None:
    boss = browse()
    boss.sign_in(admin)
    assert "passkey" not in boss.get("/people").text
    add(bruno, thing)
    page = boss.get("/people").text
    assert "Has 1 passkey." in page and "Remove the passkeys…" in page
    assert boss.post(f"/people/{author.id}/passkey-removal").status_code == 303
    assert "Has 1 passkey." not in boss.get("/people").text
    assert not signed_in(bruno) and come_in(browse(), thing).status_code == 401
    row = next(each for each in audit.page(site.database).rows if each.event == "passkeys_removed")
    assert (row.who, row.about) == (admin.id, author.id)
    assert "removed the passkeys of" in boss.get("/people/log").text
    many = len(audit.page(site.database).rows)
    boss.get("/people")
    assert boss.post(f"/people/{author.id}/passkey-removal").status_code == 303
    assert len(audit.page(site.database).rows) == many


def test_administrators_remove_their_own_where_the_password_is_asked_for(
    browser: Browser, thing: AnAuthenticator, site: Site, admin: Account
) -> None:
    browser.sign_in(admin)
    add(browser, thing)
    page = browser.get("/people").text
    assert "Has 1 passkey." in page and "Remove the passkeys…" not in page
    assert browser.post(f"/people/{admin.id}/passkey-removal").location == PAGE
    assert len(passkeys.of_person(site.database, admin.id)) == 1


def test_a_server_that_is_called_by_a_number_offers_none(bruno: Browser) -> None:
    assert "data-passkey" in bruno.get(PAGE).text
    page = bruno.get("/sign-in", base_url="http://127.0.0.1:8800").text
    assert "data-passkey" not in page


# ── what is refused ──────────────────────────────────────────────────────────────────────────

OFF: dict[str, dict[str, Any]] = {
    "another page's origin": {"origin": "http://evil.example"},
    "another port": {"origin": "http://localhost:8801"},
    "another scheme": {"origin": "https://localhost"},
    "a name beneath": {"origin": "http://x.localhost"},
    "another server's name": {"name": "evil.example"},
    "nobody verified": {"flags": PRESENT},
    "nobody present": {"flags": VERIFIED},
    "another kind of answer": {"kind": "payment.get"},
}


@pytest.mark.parametrize("off", OFF)
def test_an_answer_with_something_off_lets_nobody_in(
    bruno: Browser, browse: Callable[[], Browser], thing: AnAuthenticator, site: Site, off: str
) -> None:
    add(bruno, thing)
    for name, value in OFF[off].items():
        setattr(thing, name, value)
    other = browse()
    answer = come_in(other, thing)
    assert answer.status_code == 401 and "That passkey is not known here" in answer.text
    assert not signed_in(other)
    row = audit.page(site.database).rows[0]
    assert row.event == "sign_in_failed" and "passkey.refused" in row.what


@pytest.mark.parametrize("off", OFF)
def test_a_passkey_with_something_off_is_not_kept(
    bruno: Browser, thing: AnAuthenticator, site: Site, author: Account, off: str
) -> None:
    for name, value in OFF[off].items():
        setattr(thing, name, value)
    assert add(bruno, thing).status_code == 401
    assert passkeys.of_person(site.database, author.id) == []


def test_another_key_and_another_owner_are_refused(
    bruno: Browser, browse: Callable[[], Browser], thing: AnAuthenticator, admin: Account
) -> None:
    add(bruno, thing)
    forged = AnAuthenticator(id=thing.id, user=thing.user)
    assert come_in(browse(), forged).status_code == 401
    right, thing.user = thing.user, "b3RoZXI"
    assert come_in(browse(), thing).status_code == 401
    thing.user = right
    assert come_in(browse(), thing).status_code == 303


def test_a_challenge_serves_one_browser_once_and_not_for_long(
    bruno: Browser, browse: Callable[[], Browser], thing: AnAuthenticator, clock: Clock
) -> None:
    add(bruno, thing)
    one, two = browse(), browse()
    for each in (one, two):
        each.get("/sign-in")
    signed = thing.sign(question(one, "/sign-in-by-passkey"))
    assert two.post("/sign-in-by-passkey", {"answer": signed}).status_code == 401
    assert one.post("/sign-in-by-passkey", {"answer": signed}).status_code == 303
    again = browse()
    again.get("/sign-in")
    assert again.post("/sign-in-by-passkey", {"answer": signed}).status_code == 401
    signed = thing.sign(question(again, "/sign-in-by-passkey"))
    clock.turn(minutes=10)
    assert again.post("/sign-in-by-passkey", {"answer": signed}).status_code == 401


def test_a_challenge_for_signing_in_adds_nothing_and_the_other_way_round(
    bruno: Browser, browse: Callable[[], Browser], thing: AnAuthenticator
) -> None:
    add(bruno, thing)
    asked = question(bruno, ADD, current=PASSWORD)
    asked["publicKey"]["userVerification"] = "required"
    answer = thing.sign(asked)
    stranger = Browser(bruno.client)
    stranger.get("/account")
    stranger.post("/sign-out")
    stranger.get("/sign-in")
    assert stranger.post("/sign-in-by-passkey", {"answer": answer}).status_code == 401


def test_a_counter_that_does_not_grow_is_a_copys(
    bruno: Browser, browse: Callable[[], Browser], thing: AnAuthenticator
) -> None:
    thing.counter = 5
    add(bruno, thing)
    for counter, status in ((6, 303), (6, 401), (5, 401), (0, 401), (7, 303)):
        thing.counter = counter
        assert come_in(browse(), thing).status_code == status, counter


def test_who_is_shut_out_stays_out(
    bruno: Browser, browse: Callable[[], Browser], thing: AnAuthenticator, site: Site, author: Account
) -> None:
    add(bruno, thing)
    users.disable(site.database, author.id)
    assert come_in(browse(), thing).status_code == 401


def test_questions_are_bounded_for_an_address(browser: Browser, site: Site) -> None:
    browser.get("/sign-in")
    limit = site.config.limits.sign_in_attempts * 3
    statuses = [browser.post("/sign-in-by-passkey/question").status_code for _ in range(limit + 1)]
    assert statuses == [200] * limit + [429]


def test_no_garbage_is_a_fault(
    bruno: Browser, browse: Callable[[], Browser], thing: AnAuthenticator, site: Site
) -> None:
    add(bruno, thing)
    chance, other = random.Random(41), browse()
    other.get("/sign-in")
    garbage = ["", "4", "[]", "{}", "[" * 9_000, '{"id": 4}', "x" * 30_000, '{"rawId": "", "response": {}}']
    for _ in range(25):
        signed = thing.sign({"publicKey": {"challenge": "A" * 43, "userVerification": "required"}})
        at = chance.randrange(len(signed))
        garbage.append(signed[:at] + chance.choice('A"{}[]0-\\x00é') + signed[at + 1 :])
    whole = json.loads(signed)
    for name in whole["response"]:
        odd = ({**whole["response"], name: value} for value in (None, 4, [], "", "!!", "AAAA"))
        garbage += [json.dumps({**whole, "response": each}) for each in odd]
    for each in garbage:
        assert other.post("/sign-in-by-passkey", {"answer": each}).status_code == 401, each[:200]
        assert bruno.post(ADD, {"answer": each, "name": "x", "current": PASSWORD}).status_code == 401


def test_a_passkey_tells_nothing_of_its_owner(bruno: Browser, site: Site, author: Account) -> None:
    thing = AnAuthenticator()
    add(bruno, thing)
    assert len(thing.user) == 43
    assert second_factor.state_of(site.database, author.id).since is None
    assert author.role is Role.AUTHOR
