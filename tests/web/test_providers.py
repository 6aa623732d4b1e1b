"""Signing in through another provider, a real small one on this machine: the way there and back, forgeries of
every kind that was met elsewhere, and what an account has of it."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from joserfc.jwk import ECKey
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from gitcms.accounts import audit, identities, links, second_factor, users
from gitcms.accounts.links import Purpose
from gitcms.accounts.permissions import Role
from gitcms.accounts.users import Account
from gitcms.config import Config
from gitcms.database.models import SignInElsewhere
from gitcms.site import Site
from gitcms.web.app import create_app
from tests.a_provider import CLIENT, KEY, OTHER_KEY, SECRET, AProvider, provider, signed, spelled
from tests.web.conftest import PASSWORD, Browser, Clock
from tests.web.test_second_factor import hidden, set_up

BACK = "/sign-in-with/corp"
PAGE = "/account/ways-in"


@pytest.fixture
def corp(clock: Clock) -> Iterator[AProvider]:
    with provider(clock) as corp:
        yield corp


@pytest.fixture
def options() -> dict[str, Any]:
    """What the provider's section says beyond its addresses; tests put theirs over it."""
    return {}


@pytest.fixture
def config(config: Config, corp: AProvider, tmp_path: Path, options: dict[str, Any]) -> Config:
    file = tmp_path / "corp.secret"
    file.write_text(f"{SECRET}\n")
    allowed = config.with_values("network", allowed=(urlsplit(corp.address).netloc,))
    return replace(allowed, providers=(corp.settings(str(file), **options),))


def go(browser: Browser, corp: AProvider, **fields: str) -> str:
    """Press the button on the sign-in page, sign in at the provider, and return where it sends back to."""
    browser.get("/sign-in")
    page = browser.post("/sign-in-with", {"provider": "corp"} | fields)
    assert page.status_code == 200, page.text
    address = page.headers["Refresh"].removeprefix("0; url=")
    assert f'href="{address}"' in unescape(page.text)
    return back_from(corp, page)


def back_from(corp: AProvider, page: TestResponse) -> str:
    return corp.consent(page.headers["Refresh"].removeprefix("0; url=")).removeprefix("http://localhost")


def link_to(site: Site, corp: AProvider, account: Account, clock: Clock) -> None:
    """Let an account sign in by whoever signs in at the provider next."""
    from gitcms.accounts.oidc import Claims

    claims = Claims(corp.address, corp.who["sub"], "", "", "noa@corp.example", False)
    identities.link(site.database, account.id, site.config.providers[0], claims, now=clock())


def signed_in(browser: Browser) -> bool:
    return browser.get("/account").status_code == 200


def events(site: Site) -> list[str]:
    return [row.event for row in audit.page(site.database).rows]


# ── the way it should go ─────────────────────────────────────────────────────────────────────


def test_who_is_known_by_issuer_and_subject_comes_in_under_a_new_id(
    browser: Browser, corp: AProvider, site: Site, author: Account, clock: Clock
) -> None:
    link_to(site, corp, author, clock)
    back = go(browser, corp, next="/history")
    before = browser.cookie()
    answer = browser.get(back)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/history")
    assert browser.cookie() != before
    assert "Bruno Vidal" in browser.get("/account").text
    assert corp.asked == ["/.well-known/openid-configuration", "/token", "/keys"]
    row = audit.page(site.database).rows[0]
    assert (row.event, row.who, row.what) == ("signed_in", author.id, "corp")


def test_what_was_typed_before_comes_back_with_who_typed_it(
    browser: Browser, corp: AProvider, site: Site, author: Account, clock: Clock
) -> None:
    link_to(site, corp, author, clock)
    browser.sign_in(author)
    browser.get("/collections/posts/new")
    clock.turn(days=40)
    answer = browser.post("/collections/posts/new", {"f.title": "Forty-one jars", "body": "Rain."})
    assert answer.status_code == 401 and "Your text is kept" in answer.text
    kept = {key: value for key, value in hidden(answer.text).items() if key.startswith("kept")}
    sent = browser.post("/sign-in-with", {"provider": "corp"} | kept)
    shown = browser.get(back_from(corp, sent))
    assert shown.status_code == 200
    assert "Forty-one jars" in shown.text and "You are signed in again" in shown.text


def test_a_refusal_loses_nothing_of_what_was_typed(
    browser: Browser, corp: AProvider, site: Site, author: Account, clock: Clock
) -> None:
    browser.get("/sign-in")
    kept = {"kept_target": "/collections/posts/new", "kept.f.title": "Forty-one jars"}
    back = go(browser, corp, **kept)
    answer = browser.get(back)
    assert answer.status_code == 401
    assert hidden(answer.text)["kept.f.title"] == "Forty-one jars"


def test_a_text_that_is_too_long_for_the_way_is_not_taken_and_not_lost(browser: Browser) -> None:
    browser.get("/sign-in")
    long = {"kept_target": "/collections/posts/new", "kept.body": "x" * 1_000_001}
    answer = browser.post("/sign-in-with", {"provider": "corp"} | long, content_type="multipart/form-data")
    assert answer.status_code == 422 and "too long" in answer.text
    assert hidden(answer.text)["kept.body"] == long["kept.body"]


def test_one_is_told_that_the_provider_still_knows_one(
    browser: Browser, corp: AProvider, site: Site, author: Account, clock: Clock
) -> None:
    link_to(site, corp, author, clock)
    browser.get(go(browser, corp))
    browser.get("/account")
    answer = browser.post("/sign-out")
    page = browser.get(answer.headers["Location"]).text
    assert "At Corp you may still be signed in." in page and f'href="{corp.address}/goodbye"' in page
    assert not signed_in(browser)


def test_a_new_key_of_the_provider_is_found(
    browser: Browser,
    browse: Callable[[], Browser],
    corp: AProvider,
    site: Site,
    author: Account,
    clock: Clock,
) -> None:
    link_to(site, corp, author, clock)
    assert browser.get(go(browser, corp)).status_code == 303
    corp.keys = [dict(OTHER_KEY.as_dict(private=False)) | {"kid": "two"}]
    corp.header = {"kid": "two"}
    corp.sign = lambda header, claims: signed(header, claims, OTHER_KEY)
    other = browse()
    assert other.get(go(other, corp)).status_code == 401
    clock.turn(minutes=2)
    assert other.get(go(other, corp)).status_code == 303


def test_a_provider_that_is_away_is_said_to_be(browser: Browser, corp: AProvider, site: Site) -> None:
    corp.answers["/.well-known/openid-configuration"] = (503, b"out of order")
    browser.get("/sign-in")
    answer = browser.post("/sign-in-with", {"provider": "corp"})
    assert answer.status_code == 503 and "Corp cannot be asked at the moment." in answer.text
    assert "out of order" not in answer.text and corp.address not in answer.text


def test_an_inner_provider_is_not_asked_unless_the_network_says_so(
    app: Flask, site: Site, config: Config, corp: AProvider
) -> None:
    site.config = config.with_values("network", allowed=())
    browser = Browser(create_app(site.config, site).test_client())
    browser.get("/sign-in")
    assert browser.post("/sign-in-with", {"provider": "corp"}).status_code == 503
    assert corp.asked == []


def test_sign_ins_that_are_left_unfinished_are_bounded(browser: Browser, site: Site) -> None:
    limit = site.config.limits.sign_in_attempts * 3
    for _ in range(limit):
        browser.get("/sign-in")
        assert browser.post("/sign-in-with", {"provider": "corp"}).status_code == 200
    browser.get("/sign-in")
    answer = browser.post("/sign-in-with", {"provider": "corp"})
    assert answer.status_code == 429 and int(answer.headers["Retry-After"]) > 0
    with site.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(SignInElsewhere)) == limit


def test_the_way_is_open_for_ten_minutes(
    browser: Browser, corp: AProvider, site: Site, author: Account, clock: Clock
) -> None:
    link_to(site, corp, author, clock)
    back = go(browser, corp)
    clock.turn(minutes=10)
    assert browser.get(back).status_code == 401
    browser.get(go(browser, corp))
    with site.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(SignInElsewhere)) == 0


def test_the_database_holds_no_secret_of_a_sign_in(browser: Browser, corp: AProvider, site: Site) -> None:
    back = go(browser, corp)
    asked = next(iter(corp.given.values()))
    with site.database.reading() as session:
        row = session.scalars(select(SignInElsewhere)).one()
    held = "".join((row.state_hash, row.browser_hash, row.kept))
    assert asked["nonce"] not in held and asked["state"] not in held
    assert asked["state"] in back


# ── the second factor ────────────────────────────────────────────────────────────────────────


def test_the_second_factor_is_asked_for_after_a_provider_too(
    browser: Browser,
    browse: Callable[[], Browser],
    corp: AProvider,
    site: Site,
    author: Account,
    clock: Clock,
) -> None:
    link_to(site, corp, author, clock)
    browser.sign_in(author)
    _, codes = set_up(browser, clock)
    other = browse()
    page = other.get(go(other, corp, next="/history"))
    assert page.status_code == 200 and "authenticator app" in page.text
    assert not signed_in(other)
    other.get("/sign-in")
    answer = other.post("/sign-in-code", hidden(page.text) | {"csrf_token": other.token, "code": codes[0]})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/history")


@pytest.mark.parametrize("options", [{"second_factor": True}])
@pytest.mark.parametrize(("amr", "enough"), [(["pwd", "mfa"], True), (["pwd"], False), ("mfa", False)])
def test_a_factor_that_the_provider_asked_for_counts_where_it_is_said(
    options: dict[str, Any],
    config: Config,
    site: Site,
    corp: AProvider,
    author: Account,
    clock: Clock,
    amr: object,
    enough: bool,
) -> None:
    site.config = config.with_values("sessions", second_factor="everyone")
    browser = Browser(create_app(site.config, site).test_client())
    link_to(site, corp, author, clock)
    corp.claims = {"amr": amr}
    answer = browser.get(go(browser, corp))
    came_in = answer.status_code == 303 and browser.get("/history").status_code == 200
    assert came_in is enough


# ── who is new ───────────────────────────────────────────────────────────────────────────────

NEW = {"sub": "u-99", "name": "Sol Abad", "email": "Sol@Example.org", "email_verified": True}


def test_nobody_who_is_new_comes_in_unasked(browser: Browser, corp: AProvider, site: Site) -> None:
    corp.who = NEW
    answer = browser.get(go(browser, corp))
    assert answer.status_code == 401 and "Nobody here signs in by this account of Corp." in answer.text
    assert not users.anybody(site.database)


@pytest.mark.parametrize("options", [{"new_people": "author", "email_domains": ("example.org",)}])
def test_who_is_new_comes_in_where_that_is_allowed(
    browser: Browser, options: dict[str, Any], corp: AProvider, site: Site
) -> None:
    corp.who = NEW
    assert browser.get(go(browser, corp)).status_code == 303
    account = users.find_by_email(site.database, "sol@example.org")
    assert (account.name, account.role, account.has_password) == ("Sol Abad", Role.AUTHOR, False)
    assert {"person_added", "signed_in"} <= set(events(site))
    browser.get("/account")
    assert browser.post("/account/password", {"password": "forty-one wet jars"}).status_code == 303
    browser.get("/account")
    browser.post("/sign-out")
    assert browser.get(go(browser, corp)).status_code == 303
    assert len(users.everyone(site.database)) == 1


@pytest.mark.parametrize("options", [{"new_people": "author", "email_domains": ("example.org",)}])
@pytest.mark.parametrize(
    ("who", "words"),
    [
        ({"email_verified": False}, "no email that it has verified"),
        ({"email_verified": None}, "no email that it has verified"),
        ({"email": None}, "no email that it has verified"),
        ({"email": "sol@example.org.evil.example"}, "not one of those"),
        ({"email": "sol@exаmple.org"}, "not one of those"),
        ({"email": "sol@sub.example.org"}, "not one of those"),
        ({"email": "@example.org"}, "cannot stand"),
        ({"email": "Ada@Example.ORG"}, "has that email already"),
    ],
    ids=str,
)
def test_who_is_new_needs_a_verified_email_of_the_domains(
    browser: Browser,
    options: dict[str, Any],
    corp: AProvider,
    site: Site,
    admin: Account,
    who: dict[str, object],
    words: str,
) -> None:
    corp.who = {key: value for key, value in {**NEW, **who}.items() if value is not None}
    corp.userinfo = corp.who
    answer = browser.get(go(browser, corp))
    assert answer.status_code == 401 and words in answer.text
    assert [each.id for each in users.everyone(site.database)] == [admin.id]
    assert not signed_in(browser)


@pytest.mark.parametrize("options", [{"new_people": "author"}])
def test_an_email_that_only_userinfo_holds_counts_when_it_is_of_the_same_person(
    browser: Browser, options: dict[str, Any], corp: AProvider, site: Site
) -> None:
    corp.who = {"sub": "u-99"}
    corp.userinfo = NEW | {"sub": "u-1"}
    assert browser.get(go(browser, corp)).status_code == 401
    corp.userinfo = NEW
    assert browser.get(go(browser, corp)).status_code == 303


# ── adding and removing ──────────────────────────────────────────────────────────────────────


def test_an_account_is_added_while_signed_in_with_the_password(
    browser: Browser, browse: Callable[[], Browser], corp: AProvider, site: Site, author: Account
) -> None:
    browser.sign_in(author)
    browser.get(PAGE)
    wrong = browser.post(PAGE, {"provider": "corp", "current": "wrong"})
    assert wrong.status_code == 422 and "This is not your password." in wrong.text
    sent = browser.post(PAGE, {"provider": "corp", "current": PASSWORD})
    back = back_from(corp, sent)
    stranger = browse()
    assert stranger.get(back).status_code == 401
    assert identities.of_person(site.database, author.id) == []
    answer = browser.get(back)
    assert (answer.status_code, answer.headers["Location"]) == (303, PAGE)
    assert "u-41" not in browser.get(PAGE).text.replace("Noa Lind", "")
    assert "Noa Lind" in browser.get(PAGE).text
    assert "identity_added" in events(site)
    other = browse()
    assert other.get(go(other, corp)).status_code == 303


def test_what_is_another_accounts_already_is_not_added(
    browser: Browser, corp: AProvider, site: Site, author: Account, admin: Account, clock: Clock
) -> None:
    link_to(site, corp, admin, clock)
    browser.sign_in(author)
    browser.get(PAGE)
    sent = browser.post(PAGE, {"provider": "corp", "current": PASSWORD})
    answer = browser.get(
        corp.consent(sent.headers["Refresh"].removeprefix("0; url="))[len("http://localhost") :]
    )
    assert answer.status_code == 409 and "Another account here" in answer.text
    assert identities.of_person(site.database, author.id) == []


def test_an_answer_for_one_person_adds_nothing_to_another(
    browser: Browser, corp: AProvider, site: Site, author: Account, admin: Account
) -> None:
    browser.sign_in(author)
    browser.get(PAGE)
    sent = browser.post(PAGE, {"provider": "corp", "current": PASSWORD})
    back = back_from(corp, sent)
    browser.get("/account")
    browser.post("/sign-out")
    browser.sign_in(admin)
    assert browser.get(back).status_code == 401
    assert identities.of_person(site.database, admin.id) == []


def test_removing_one_takes_the_password_and_signs_out_elsewhere(
    browser: Browser,
    browse: Callable[[], Browser],
    corp: AProvider,
    site: Site,
    author: Account,
    clock: Clock,
) -> None:
    link_to(site, corp, author, clock)
    other = browse()
    other.get(go(other, corp))
    browser.sign_in(author)
    (known,) = identities.of_person(site.database, author.id)
    browser.get(PAGE)
    assert browser.post(f"{PAGE}/removal", {"identity": str(known.id)}).status_code == 422
    sent = {"identity": str(known.id), "current": PASSWORD}
    assert browser.post(f"{PAGE}/removal", sent).status_code == 303
    assert not signed_in(other) and signed_in(browser)
    assert browser.get(go(browse(), corp)).status_code == 401
    browser.get(PAGE)
    assert browser.post(f"{PAGE}/removal", sent).status_code == 404
    assert "identity_removed" in events(site)


@pytest.mark.parametrize("options", [{"new_people": "author"}])
def test_the_only_way_in_is_not_removed_and_nobody_elses_is(
    browser: Browser, options: dict[str, Any], corp: AProvider, site: Site, admin: Account, clock: Clock
) -> None:
    link_to(site, corp, admin, clock)
    (of_admin,) = identities.of_person(site.database, admin.id)
    corp.who = NEW
    browser.get(go(browser, corp))
    (own,) = identities.of_person(site.database, users.find_by_email(site.database, NEW["email"]).id)
    browser.get(PAGE)
    answer = browser.post(f"{PAGE}/removal", {"identity": str(own.id)})
    assert answer.status_code == 422 and "the only way in" in answer.text
    assert browser.post(f"{PAGE}/removal", {"identity": str(of_admin.id)}).status_code == 404
    assert identities.of_person(site.database, admin.id) == [of_admin]


def test_an_invitation_is_taken_up_through_a_provider(
    browser: Browser, browse: Callable[[], Browser], corp: AProvider, site: Site, clock: Clock
) -> None:
    invited = users.add(site.database, name="Noa", email="noa@example.org", role=Role.AUTHOR, now=clock())
    path = links.create(site.database, Purpose.SIGN_IN, user_id=invited.id, now=clock(), minutes=60)
    page = browser.get(path)
    assert "Sign in with Corp" in page.text
    back = go(browser, corp, invitation=path.rpartition("/")[2])
    assert browser.get(back).status_code == 303
    assert "noa@example.org" in browser.get("/account").text
    again = browse()
    assert again.get(go(again, corp)).status_code == 303
    corp.who = {"sub": "u-other"}
    third = browse()
    assert third.get(go(third, corp, invitation=path.rpartition("/")[2])).status_code == 410
    assert not signed_in(third)


def test_an_invitation_adds_nothing_past_a_second_factor(
    browser: Browser,
    browse: Callable[[], Browser],
    corp: AProvider,
    site: Site,
    author: Account,
    clock: Clock,
) -> None:
    browser.sign_in(author)
    set_up(browser, clock)
    path = links.create(site.database, Purpose.SIGN_IN, user_id=author.id, now=clock(), minutes=60)
    other = browse()
    page = other.get(go(other, corp, invitation=path.rpartition("/")[2]))
    assert "authenticator app" in page.text and not signed_in(other)
    assert identities.of_person(site.database, author.id) == []
    assert second_factor.state_of(site.database, author.id).codes_left == 10


# ── forgeries ────────────────────────────────────────────────────────────────────────────────


def hs256(header: dict[str, Any], claims: dict[str, Any]) -> str:
    """Sign with the public key as if it were a secret."""
    text = f"{spelled({**header, 'alg': 'HS256'})}.{spelled(claims)}"
    return f"{text}.{spelled(hmac.digest(KEY.as_pem(private=False), text.encode(), 'sha256'))}"


def unsigned(header: dict[str, Any], claims: dict[str, Any]) -> str:
    return f"{spelled({**header, 'alg': 'none'})}.{spelled(claims)}."


def with_own_key(header: dict[str, Any], claims: dict[str, Any]) -> str:
    return signed({**header, "jwk": dict(OTHER_KEY.as_dict(private=False))}, claims, OTHER_KEY)


def raw(header: dict[str, Any], claims: dict[str, Any]) -> str:
    """Sign whatever header there is, rightly: no library would."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    text = f"{spelled(header)}.{spelled(claims)}"
    mark = KEY.raw_value.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())  # type: ignore[call-arg]
    return f"{text}.{spelled(mark)}"


def far(corp: AProvider, header: dict[str, Any]) -> None:
    corp.header, corp.sign = header, raw


# id → how the provider lies. What is done in the browser is below.
FORGED: dict[str, Callable[[AProvider], object]] = {
    "OIDC-004": lambda corp: corp.claims.update(nonce=None),
    "OIDC-005": lambda corp: corp.claims.update(nonce="another"),
    "OIDC-006": lambda corp: setattr(corp, "sign", unsigned),
    "OIDC-007": lambda corp: setattr(corp, "sign", hs256),
    "OIDC-008": lambda corp: setattr(corp, "sign", with_own_key),
    "OIDC-009 jku": lambda corp: far(corp, {"jku": f"{corp.address}/evil-keys"}),
    "OIDC-009 x5u": lambda corp: far(corp, {"x5u": f"{corp.address}/evil-keys"}),
    "OIDC-010": lambda corp: far(corp, {"crit": ["b41"], "b41": True}),
    "OIDC-010 b64": lambda corp: far(corp, {"crit": ["b64"], "b64": False}),
    "OIDC-011": lambda corp: corp.claims.update(iss="https://login.evil.example"),
    "OIDC-011 slash": lambda corp: corp.claims.update(iss=f"{corp.address}/"),
    "OIDC-012": lambda corp: corp.claims.update(aud="another-client"),
    "OIDC-012 none": lambda corp: corp.claims.update(aud=None),
    "OIDC-012 empty": lambda corp: corp.claims.update(aud=[]),
    "OIDC-013": lambda corp: corp.claims.update(aud=[CLIENT, "other"], azp="other"),
    "OIDC-013 no azp": lambda corp: corp.claims.update(aud=[CLIENT, "other"]),
    "OIDC-013 alone": lambda corp: corp.claims.update(azp="other"),
    "OIDC-013 azp is empty": lambda corp: corp.claims.update(azp=""),
    "OIDC-014 expired": lambda corp: corp.claims.update(exp=int(corp.now().timestamp()) - 61),
    "OIDC-014 no exp": lambda corp: corp.claims.update(exp=None),
    "OIDC-014 exp is text": lambda corp: corp.claims.update(exp="tomorrow"),
    "OIDC-014 exp is true": lambda corp: corp.claims.update(exp=True),
    "OIDC-014 nbf": lambda corp: corp.claims.update(nbf=int(corp.now().timestamp()) + 61),
    "OIDC-014 iat": lambda corp: corp.claims.update(iat=int(corp.now().timestamp()) + 61),
    "OIDC-014 old": lambda corp: corp.claims.update(iat=int(corp.now().timestamp()) - 1000),
    "OIDC-018": lambda corp: corp.claims.update(filler="x" * 10_000_000),
    "OIDC-018 small": lambda corp: corp.claims.update(filler="x" * 30_000),
    "another key": lambda corp: setattr(corp, "sign", lambda *given: signed(*given, OTHER_KEY)),
    "kid unknown": lambda corp: far(corp, {"kid": "three"}),
    "at_hash": lambda corp: corp.claims.update(at_hash="AAAAAAAAAAAAAAAAAAAAAA"),
    "no sub": lambda corp: corp.claims.update(sub=None),
    "sub is a list": lambda corp: corp.claims.update(sub=["u-41"]),
    "sub is too long": lambda corp: corp.claims.update(sub="u" * 256),
    "another kind of token": lambda corp: far(corp, {"typ": "logout+jwt"}),
    "no token": lambda corp: setattr(corp, "sign", lambda *given: ""),
    "token is a number": lambda corp: setattr(corp, "sign", lambda *given: 41),
    "claims are a list": lambda corp: setattr(corp, "sign", lambda header, claims: raw(header, [claims])),  # type: ignore[arg-type]
    "two parts": lambda corp: setattr(corp, "sign", lambda *given: "a.b"),
    "tokens are no JSON": lambda corp: corp.answers.update({"/token": (200, b"<h1>hello</h1>")}),
    "tokens are a list": lambda corp: corp.answers.update({"/token": (200, b"[]")}),
    "tokens are deep": lambda corp: corp.answers.update({"/token": (200, b"[" * 100_000)}),
    "secret is wrong": lambda corp: setattr(corp, "secret", "another"),
    "no keys": lambda corp: corp.keys.clear(),
    "keys for encryption": lambda corp: corp.keys[0].update(use="enc"),
    "key of another algorithm": lambda corp: corp.keys[0].update(alg="PS256"),
}


@pytest.fixture
def refused(site: Site, corp: AProvider, author: Account, clock: Clock) -> Iterator[Callable[..., None]]:
    """Check that an answer lets nobody in and changes nothing, with the code of the table."""
    link_to(site, corp, author, clock)
    before = identities.of_person(site.database, author.id)

    def check(browser: Browser, answer: TestResponse) -> None:
        assert answer.status_code == 401, answer.text
        assert "u-41" not in answer.text and CLIENT not in answer.text
        assert not signed_in(browser)
        row = audit.page(site.database).rows[0]
        assert row.event == "sign_in_failed" and "oidc.refused" in row.what
        assert len(users.everyone(site.database)) == 1
        assert identities.of_person(site.database, author.id) == before
        assert "/evil-keys" not in corp.asked

    yield check
    # Nothing is wrong with the way itself.
    assert author.active


@pytest.mark.parametrize("row", FORGED)
def test_a_forged_token_lets_nobody_in(
    browser: Browser, corp: AProvider, refused: Callable[..., None], row: str
) -> None:
    FORGED[row](corp)
    refused(browser, browser.get(go(browser, corp)))


@pytest.mark.parametrize(
    ("curve", "algorithm", "is_ours"), [("P-256", "ES256", True), ("secp256k1", "ES256K", False)]
)
def test_an_algorithm_counts_where_it_is_one_of_ours(
    browser: Browser,
    corp: AProvider,
    refused: Callable[..., None],
    curve: str,
    algorithm: str,
    is_ours: bool,
) -> None:
    key = ECKey.generate_key(curve, parameters={"kid": "one", "use": "sig"}, private=True)
    corp.keys = [dict(key.as_dict(private=False))]
    corp.claims = {"at_hash": None}  # a hash that the library knows for its own algorithms alone
    corp.header, corp.sign = {"alg": algorithm}, lambda *given: signed(*given, key)
    answer = browser.get(go(browser, corp))
    if is_ours:
        assert answer.status_code == 303
    else:
        refused(browser, answer)


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"aud": [CLIENT]},
        {"aud": [CLIENT, "other"], "azp": CLIENT},
        {"at_hash": None},
        {"exp": -59},
        {"iat": 59},
        {"nbf": 59},
    ],
    ids=str,
)
def test_what_is_right_or_within_a_minute_lets_in(
    browser: Browser, corp: AProvider, refused: object, clock: Clock, claims: dict[str, Any]
) -> None:
    at = int(clock().timestamp())
    corp.claims = {key: at + value if isinstance(value, int) else value for key, value in claims.items()}
    assert browser.get(go(browser, corp)).status_code == 303


def test_oidc_001_an_answer_without_its_state(
    browser: Browser, corp: AProvider, refused: Callable[..., None]
) -> None:
    back = go(browser, corp)
    refused(browser, browser.get(re.sub("&state=.*", "", back)))
    assert "/token" not in corp.asked


def test_oidc_002_an_answer_of_another_browser(
    browser: Browser, browse: Callable[[], Browser], corp: AProvider, refused: Callable[..., None]
) -> None:
    back, victim = go(browser, corp), browse()
    victim.get("/sign-in")
    refused(victim, victim.get(back))
    stranger = browse()
    refused(stranger, stranger.get(back))
    assert "/token" not in corp.asked
    assert browser.get(back).status_code == 303


def test_oidc_003_a_state_serves_once(
    browser: Browser, corp: AProvider, refused: Callable[..., None]
) -> None:
    corp.claims = {"nonce": "another"}
    back = go(browser, corp)
    refused(browser, browser.get(back))
    corp.claims = {}
    corp.given["again"] = {}
    refused(browser, browser.get(back))
    assert corp.asked.count("/token") == 1


def test_two_states_in_one_address_are_none(
    browser: Browser, corp: AProvider, refused: Callable[..., None]
) -> None:
    refused(browser, browser.get(go(browser, corp) + "&state=x"))


@pytest.mark.parametrize("email", ["bruno@example.org", "BRUNO@EXAMPLE.ORG", "bruno@exａmple.org"])
@pytest.mark.parametrize("verified", [True, False])
@pytest.mark.parametrize("options", [{"new_people": "author"}, {}], ids=["open", "closed"])
def test_oidc_015_016_017_no_email_is_somebody(
    browser: Browser,
    options: dict[str, Any],
    corp: AProvider,
    refused: Callable[..., None],
    email: str,
    verified: bool,
) -> None:
    corp.who = {"sub": "u-evil", "email": email, "email_verified": verified}
    refused(browser, browser.get(go(browser, corp)))


def test_oidc_017_the_same_subject_elsewhere_is_somebody_else(
    browser: Browser, corp: AProvider, site: Site, author: Account, clock: Clock
) -> None:
    link_to(site, corp, author, clock)
    with site.database.session() as session:
        from gitcms.database.models import Identity

        session.scalars(select(Identity)).one().issuer = "https://login.other.example"
    assert browser.get(go(browser, corp)).status_code == 401


def test_oidc_019_a_provider_that_calls_itself_another_is_not_asked_for_more(
    browser: Browser, corp: AProvider
) -> None:
    corp.metadata = {"issuer": "https://login.example.org"}
    browser.get("/sign-in")
    answer = browser.post("/sign-in-with", {"provider": "corp"})
    assert answer.status_code == 503 and "cannot be asked" in answer.text
    assert "Refresh" not in answer.headers
    assert corp.asked == ["/.well-known/openid-configuration"]


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "http://evil.example/authorize", "//evil.example", "", 41, "/authorize"],
)
def test_nobody_is_sent_to_an_address_that_is_none(
    browser: Browser, corp: AProvider, address: object
) -> None:
    corp.metadata = {"authorization_endpoint": address}
    browser.get("/sign-in")
    answer = browser.post("/sign-in-with", {"provider": "corp"})
    assert answer.status_code == 503 and "Refresh" not in answer.headers


def test_oidc_020_what_the_provider_says_of_an_error_is_not_shown(
    browser: Browser, corp: AProvider, refused: Callable[..., None]
) -> None:
    state = re.search("state=.*", go(browser, corp))
    assert state is not None
    words = "error=access_denied%3Cscript%3E&error_description=%3Cscript%3Ealert(1)%3C/script%3E"
    answer = browser.get(f"{BACK}?{words}&{state[0]}")
    refused(browser, answer)
    assert "Corp did not let you in." in answer.text
    assert "<script>alert" not in answer.text and "access_denied" not in answer.text


def test_oidc_021_a_code_serves_once(browser: Browser, corp: AProvider, refused: Callable[..., None]) -> None:
    back = go(browser, corp)
    code = re.search("code=([^&]*)", back)
    assert code is not None
    corp.given.pop(code[1])
    refused(browser, browser.get(back))


def test_oidc_022_who_is_shut_out_stays_out(
    browser: Browser,
    corp: AProvider,
    site: Site,
    author: Account,
    admin: Account,
    clock: Clock,
) -> None:
    link_to(site, corp, author, clock)
    users.disable(site.database, author.id)
    answer = browser.get(go(browser, corp))
    assert answer.status_code == 401 and not signed_in(browser)
    assert "That did not prove who you are." in answer.text


def test_an_answer_of_another_issuer_is_refused(
    browser: Browser, corp: AProvider, refused: Callable[..., None]
) -> None:
    refused(browser, browser.get(go(browser, corp) + "&iss=https://login.evil.example"))
    assert "/token" not in corp.asked


def test_an_answer_without_its_issuer_is_refused_where_the_provider_names_itself(
    browser: Browser, corp: AProvider, refused: Callable[..., None]
) -> None:
    corp.metadata = {"authorization_response_iss_parameter_supported": True}
    back = go(browser, corp)
    refused(browser, browser.get(back))
    assert browser.get(f"{go(browser, corp)}&iss={corp.address}").status_code == 303


def test_a_verifier_of_another_sign_in_gets_no_token(
    browser: Browser, corp: AProvider, refused: Callable[..., None]
) -> None:
    back = go(browser, corp)
    next(iter(corp.given.values()))["code_challenge"] = "another"
    refused(browser, browser.get(back))


def test_every_row_of_the_table_has_its_test() -> None:
    numbers = [int(row[5:8]) for row in FORGED if row.startswith("OIDC-")]
    for name in globals():
        if rows := re.match(r"test_oidc((?:_[0-9]{3})+)", name):
            numbers += map(int, rows[1][1:].split("_"))
    assert set(numbers) == set(range(1, 23))
