"""Every page of the address map, wide and narrow, light and dark: axe finds nothing, nothing scrolls
sideways, nothing is loaded from elsewhere, and no author meets a word of Git."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gitcms.accounts.permissions import Role
from gitcms.demo import maker
from tests.browser import every_page
from tests.browser.conftest import NARROW, WIDE
from tests.browser.every_page import NO_PAGE, OF_ADMINS, OF_NOBODY, Place

WORDS = re.compile(
    r"\b(commit\w*|branch\w*|merg(e|ed|ing)|push(ed)?|pull(ed)?|HEAD|sha|repositor(y|ies)|rebase\w*"
    r"|front matter|slug|payload|diff|YAML)\b",
    re.IGNORECASE,
)
# Help for administrators speaks of what administrators meet.
ADMIN_HELP = {
    "administration",
    "command-line",
    "troubleshooting",
    "reviewing",
    "webhooks",
    "fields",
    "models",
    "gitcms-toml",
    "webhook-presets",
    "sign-in",
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with every_page.standing(tmp_path_factory.mktemp("pages")) as stands:
        yield stands


def test_no_page_is_missing_from_this_walk(place: Place, tmp_path: Path) -> None:
    maker.make(tmp_path / "demo")
    shown = every_page.shown(tmp_path / "demo", tmp_path / "state")
    assert shown == place.addresses.keys() | NO_PAGE.keys()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["1280", "360"])
def test_every_page_is_accessible_and_fits(
    place: Place,
    browse: Callable[..., Any],
    axe: Callable[[Any], list[str]],
    size: dict[str, int],
    scheme: str,
) -> None:
    nobody, admin = (
        browse(size, scheme=scheme, touch=size is NARROW),
        browse(size, scheme=scheme, touch=size is NARROW),
    )
    place.sign_in(admin, Role.ADMIN)
    problems: list[str] = []
    for page in (nobody, admin):
        page.on("request", lambda request: elsewhere(place, request.url, problems))
        page.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
    for name, address in place.addresses.items():
        page = nobody if name in OF_NOBODY else admin
        answer = page.goto(place.address + address)
        if answer.status != 200:
            problems.append(f"{name}: answered {answer.status}")
        problems += [f"{name}: {line}" for line in axe(page)]
        wide = page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if wide > 0:
            problems.append(f"{name}: scrolls sideways by {wide} px")
        if size is NARROW:
            problems += [f"{name}: too small for a finger: {what}" for what in small_targets(page)]
    assert problems == []


def test_every_page_fits_in_spanish_and_from_right_to_left(place: Place, browse: Callable[..., Any]) -> None:
    nobody, admin = (
        browse(NARROW, touch=True, language="es-AR"),
        browse(NARROW, touch=True, language="es-AR"),
    )
    place.sign_in(admin, Role.ADMIN)
    problems: list[str] = []
    for name, address in place.addresses.items():
        page = nobody if name in OF_NOBODY else admin
        page.goto(place.address + address)
        if page.locator("html").get_attribute("lang") != "es":
            problems.append(f"{name}: is not in Spanish")
        problems += [f"{name}: too small for a finger: {what}" for what in small_targets(page)]
        for direction in ("ltr", "rtl"):
            page.evaluate("direction => { document.documentElement.dir = direction; }", direction)
            wide = page.evaluate(
                "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            if wide > 0:
                problems.append(f"{name}: scrolls sideways by {wide} px, {direction}")
    assert problems == []


def elsewhere(place: Place, url: str, problems: list[str]) -> None:
    if not url.startswith(f"{place.address}/"):
        problems.append(f"asked {url}")


PRESSABLE = "button, input:not([type=hidden]), select, summary, textarea, nav a"
TOO_SMALL = """controls => controls
    .filter(el => el.checkVisibility({opacityProperty: true, visibilityProperty: true}))
    .filter(el => !el.closest('.vh'))
    .map(el => [el, (el.closest('label') || el).getBoundingClientRect()])
    .filter(([el, box]) => box.width > 1 && box.height > 1 && box.height < 43.5)
    .map(([el, box]) => `${el.outerHTML.slice(0, 90)} ${box.height}px`)"""


def small_targets(page: Any) -> list[str]:
    """Return what can be pressed and is lower than 44 px; links within a text may be."""
    return list(page.locator(PRESSABLE).evaluate_all(TOO_SMALL))


def test_no_author_meets_a_word_of_git(place: Place, browse: Callable[..., Any]) -> None:
    page = browse(WIDE)
    place.sign_in(page, Role.AUTHOR)
    helps = [f"/help/{path.stem}" for path in Path("gitcms/docs").glob("*.md") if path.stem not in ADMIN_HELP]
    met: list[str] = []
    for name, address in [*place.addresses.items(), *((each, each) for each in helps)]:
        if name in OF_ADMINS | OF_NOBODY:
            continue
        page.goto(place.address + address)
        page.evaluate("() => document.querySelectorAll('details').forEach(each => each.open = true)")
        met += [f"{name}: {found[0]}" for found in WORDS.finditer(page.locator("body").inner_text())]
    assert met == []


def test_the_same_pages_can_be_used_without_scripts(place: Place, browse: Callable[..., Any]) -> None:
    page = browse(NARROW, scripts=False)
    place.sign_in(page, Role.ADMIN)
    for name in place.addresses.keys() - OF_NOBODY:
        answer = page.goto(place.address + place.addresses[name])
        assert answer.status == 200, name
        assert page.locator("h1").count() == 1, name
        if name == "entries":
            assert page.locator(".bulk").is_visible()
