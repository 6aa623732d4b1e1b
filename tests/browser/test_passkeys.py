"""Passkeys in a real Chromium, whose own virtual authenticator keeps them (CDP, domain WebAuthn)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gitcms.accounts import users
from gitcms.accounts.permissions import Role
from gitcms.database import Database
from tests.browser.conftest import NARROW, WIDE
from tests.making import JEKYLL, make_repository
from tests.serving import PASSWORD, serving

WAYS = "/account/ways-in"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    top = tmp_path_factory.mktemp("passkeys")
    folder, state = make_repository(top / "site", JEKYLL), top / "state"
    state.mkdir()
    database = Database(f"sqlite:///{state / 'gitcms.sqlite3'}")
    database.upgrade()
    for name in ("ines", "bruno"):
        users.add(
            database,
            name=name.capitalize(),
            email=f"{name}@example.org",
            role=Role.AUTHOR,
            password=PASSWORD,
            now=datetime.now(UTC),
        )
    database.close()
    with serving(folder, state) as address:
        # Browsers keep passkeys for names alone.
        yield address.replace("127.0.0.1", "localhost")


def keeper(page: Any, *, verifies: bool = True) -> Any:
    """Give a window a thing that keeps passkeys; return the connection that steers it, and its number."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable", {"enableUI": False})
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": verifies,
        "automaticPresenceSimulation": True,
    }
    made = cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return cdp, made["authenticatorId"]


def sign_in(page: Any, place: str, name: str = "ines") -> None:
    page.goto(f"{place}/sign-in")
    page.locator("#email").fill(f"{name}@example.org")
    page.locator("#password").fill(PASSWORD)
    page.locator("button.go").click()
    page.wait_for_url(f"{place}/")


def add(page: Any, place: str, name: str, password: str = PASSWORD) -> None:
    page.goto(place + WAYS)
    page.locator("#passkey-name").fill(name)
    page.locator("#passkey-current").fill(password)
    page.get_by_role("button", name="Add a passkey").click()


def sign_out(page: Any, place: str) -> None:
    page.locator("form[action='/sign-out'] button").first.evaluate("button => button.form.submit()")
    page.wait_for_url(f"{place}/sign-in**")


def test_a_passkey_is_added_lets_in_and_is_removed(place: str, browse: Callable[..., Any]) -> None:
    page = browse(WIDE)
    cdp, number = keeper(page)
    sign_in(page, place)
    add(page, place, "Laptop of Inés")
    page.get_by_text("From now on you can sign in with this passkey.").wait_for()
    (kept,) = cdp.send("WebAuthn.getCredentials", {"authenticatorId": number})["credentials"]
    assert (kept["rpId"], kept["isResidentCredential"]) == ("localhost", True)
    sign_out(page, place)
    page.goto(f"{place}/sign-in?next=/history")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{place}/history")
    (used,) = cdp.send("WebAuthn.getCredentials", {"authenticatorId": number})["credentials"]
    assert used["signCount"] > kept["signCount"]
    page.goto(place + WAYS)
    page.locator("#passkey-removal").fill(PASSWORD)
    page.get_by_role("button", name="Remove the passkey").click()
    page.get_by_text("Everywhere else you are signed out.").wait_for()
    assert page.get_by_text("Laptop of Inés").count() == 0
    sign_out(page, place)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_text("That passkey is not known here").wait_for()


def test_a_copy_that_counts_no_further_is_refused(place: str, browse: Callable[..., Any]) -> None:
    page, thief = browse(WIDE), browse(WIDE)
    cdp, number = keeper(page)
    sign_in(page, place, "bruno")
    add(page, place, "Key")
    page.get_by_text("From now on you can sign in with this passkey.").wait_for()
    (copy,) = cdp.send("WebAuthn.getCredentials", {"authenticatorId": number})["credentials"]
    sign_out(page, place)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{place}/")
    other, theirs = keeper(thief)
    other.send("WebAuthn.addCredential", {"authenticatorId": theirs, "credential": copy})
    thief.goto(f"{place}/sign-in")
    thief.get_by_role("button", name="Sign in with a passkey").click()
    thief.get_by_text("That passkey is not known here").wait_for()


def test_a_thing_that_cannot_tell_whose_it_is_makes_none(place: str, browse: Callable[..., Any]) -> None:
    page = browse(WIDE)
    keeper(page, verifies=False)
    sign_in(page, place)
    add(page, place, "Nobody's")
    page.get_by_text("No passkey was made.").wait_for()
    add(page, place, "Nobody's", "wrong")
    page.get_by_text("This is not your password.").wait_for()
    assert page.locator("#passkey-name").input_value() == "Nobody's"


def test_without_scripts_the_page_says_what_is_needed(place: str, browse: Callable[..., Any]) -> None:
    page = browse(NARROW, scripts=False)
    sign_in(page, place)
    page.goto(place + WAYS)
    assert page.get_by_text("To add one, this page needs scripts").is_visible()
    assert not page.get_by_role("button", name="Add a passkey").is_visible()
    page.goto(place.replace("localhost", "127.0.0.1") + "/sign-in")
    assert page.locator("button.go").is_visible()
    assert page.locator("[data-passkey]").count() == 0


@pytest.mark.parametrize("language", ["en-GB", "es"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["1280", "360"])
def test_the_pages_are_accessible_and_fit(
    place: str,
    browse: Callable[..., Any],
    axe: Callable[[Any], list[str]],
    size: dict[str, int],
    scheme: str,
    language: str,
) -> None:
    page = browse(size, scheme=scheme, touch=size is NARROW, language=language)
    keeper(page)
    problems: list[str] = []

    def look(name: str) -> None:
        problems.extend(f"{name}: {line}" for line in axe(page))
        wide = page.evaluate("() => document.documentElement.scrollWidth > innerWidth")
        problems.extend([f"{name} scrolls sideways"] if wide else [])
        if folder := os.environ.get("GITCMS_SCREENSHOTS"):
            path = Path(folder, f"passkey-{name}-{size['width']}-{scheme}-{language}.png")
            page.screenshot(path=str(path), full_page=True)

    page.goto(f"{place}/sign-in")
    look("sign-in")
    sign_in(page, place)
    page.goto(place + WAYS)
    page.locator("#passkey-name").fill("My telephone")
    page.locator("#passkey-current").fill(PASSWORD)
    page.locator("form[data-passkey] button").click()
    page.locator("form[action$='passkeys/removal']").first.wait_for()
    look("ways-in")
    page.locator("#passkey-removal").last.fill(PASSWORD)
    page.locator("form[action$='passkeys/removal'] input[type=radio]").last.check()
    page.locator("form[action$='passkeys/removal'] button").click()
    page.wait_for_load_state()
    assert problems == []
