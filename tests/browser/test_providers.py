"""Signing in through another provider in a real Chromium, with scripts and without, at every size."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from gitcms.accounts import users
from gitcms.accounts.permissions import Role
from gitcms.database import Database
from tests.a_provider import CLIENT, SECRET, AProvider, provider
from tests.browser.conftest import NARROW, WIDE
from tests.making import JEKYLL, make_repository
from tests.serving import PASSWORD, serving


@dataclass
class Place:
    address: str
    corp: AProvider


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    top = tmp_path_factory.mktemp("providers")
    folder, state, secret = make_repository(top / "site", JEKYLL), top / "state", top / "secret"
    secret.write_text(SECRET)
    state.mkdir()
    database = Database(f"sqlite:///{state / 'gitcms.sqlite3'}")
    database.upgrade()
    users.add(
        database,
        name="Inés Robledo",
        email="ines@example.org",
        role=Role.AUTHOR,
        password=PASSWORD,
        now=datetime.now(UTC),
    )
    database.close()
    with provider(lambda: datetime.now(UTC)) as corp:
        extra = (
            f'[network]\nallowed = ["{urlsplit(corp.address).netloc}"]\n[oidc.corp]\ntitle = "Example Ltd"\n'
            f'issuer = "{corp.address}"\nclient_id = "{CLIENT}"\nclient_secret_file = "{secret}"\n'
            'new_people = "author"\n'
        )
        with serving(folder, state, extra=extra) as address:
            yield Place(address, corp)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_one_button_leads_there_and_back(place: Place, browse: Callable[..., Any], scripts: bool) -> None:
    subject = f"u-{scripts}"
    email = f"{subject}@example.org"
    place.corp.who = {"sub": subject, "name": "Noa Lind", "email": email, "email_verified": True}
    page = browse(NARROW, scripts=scripts)
    page.goto(f"{place.address}/sign-in?next=/history")
    page.get_by_role("button", name="Sign in with Example Ltd").click()
    page.wait_for_url(f"{place.address}/history")
    page.goto(f"{place.address}/account")
    assert page.locator("#email").input_value() == email


def test_an_account_is_added_and_removed(place: Place, browse: Callable[..., Any]) -> None:
    place.corp.who = {"sub": "u-ines", "name": "Inés", "email": "i@corp.example"}
    page = browse(WIDE)
    page.goto(f"{place.address}/sign-in")
    page.locator("#email").fill("ines@example.org")
    page.locator("#password").fill(PASSWORD)
    page.locator("button.go").click()
    page.wait_for_url(f"{place.address}/")
    page.goto(f"{place.address}/account/ways-in")
    page.locator("#current").fill(PASSWORD)
    page.get_by_role("button", name="Add Example Ltd").click()
    page.get_by_text("From now on you can sign in with Example Ltd.").wait_for()
    assert page.get_by_text("i@corp.example").count() == 1
    page.locator("#removal").fill(PASSWORD)
    page.get_by_role("button", name="Remove").click()
    page.get_by_text("Everywhere else you are signed out.").wait_for()
    assert page.get_by_text("i@corp.example").count() == 0


@pytest.mark.parametrize("language", ["en-GB", "es"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["1280", "360"])
def test_the_pages_are_accessible_and_fit(
    place: Place,
    browse: Callable[..., Any],
    axe: Callable[[Any], list[str]],
    size: dict[str, int],
    scheme: str,
    language: str,
) -> None:
    place.corp.who = {"sub": "u-9", "name": "Noa Lind", "email": "noa@example.org", "email_verified": True}
    page = browse(size, scheme=scheme, touch=size is NARROW, language=language)
    problems: list[str] = []

    def look(name: str) -> None:
        problems.extend(f"{name}: {line}" for line in axe(page))
        wide = page.evaluate("() => document.documentElement.scrollWidth > innerWidth")
        problems.extend([f"{name} scrolls sideways"] if wide else [])
        if folder := os.environ.get("GITCMS_SCREENSHOTS"):
            path = Path(folder, f"{name}-{size['width']}-{scheme}-{language}.png")
            page.screenshot(path=str(path), full_page=True)

    page.goto(f"{place.address}/sign-in")
    look("sign-in")
    page.locator("button[name=provider]").click()
    page.wait_for_url(f"{place.address}/")
    page.goto(f"{place.address}/account/ways-in")
    look("ways-in")
    page.goto(f"{place.address}/account")
    page.locator("form[action='/sign-out'] button").first.evaluate("button => button.form.submit()")
    page.wait_for_url(f"{place.address}/sign-in?left=corp")
    look("left")
    assert problems == []
