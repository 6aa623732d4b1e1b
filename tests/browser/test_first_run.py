"""The pages before there is a site, as they look at each step, and how they lead on by themselves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.browser.conftest import NARROW, WIDE
from tests.browser.test_every_page import small_targets
from tests.cli.test_first_run import begun
from tests.remote_servers import PASSWORD, USER
from tests.remotes.conftest import OverHttp, open_world, world

__all__ = ["open_world", "world"]


def test_each_step_is_accessible_and_fits(
    open_world: Callable[[Path, str], Any],
    browse: Callable[..., Any],
    axe: Callable[[Any], list[str]],
    tmp_path: Path,
) -> None:
    (tmp_path / "by-http").mkdir()
    (tmp_path / "by-ssh").mkdir()
    world, ssh = open_world(tmp_path / "by-http", "http"), open_world(tmp_path / "by-ssh", "ssh")
    narrow = browse(NARROW, scheme="dark", touch=True, language="es-AR")
    windows = (browse(WIDE), narrow)
    problems: list[str] = []
    with begun(tmp_path) as start:

        def look(step: str) -> None:
            for page in windows:
                page.goto(start.person.address + start.link)
                problems.extend(f"{step}: {line}" for line in axe(page))
                if page.evaluate("() => document.documentElement.scrollWidth > innerWidth"):
                    problems.append(f"{step}: scrolls sideways")
            problems.extend(f"{step}: too small for a finger: {what}" for what in small_targets(narrow))
            if narrow.locator("html").get_attribute("lang") != "es":
                problems.append(f"{step}: is not in Spanish")

        look("address")
        start.step("address", url=f"{ssh.host.address}{ssh.bare}")
        look("host")
        start.step("trust")
        look("key")
        start.step("address", url=f"{world.address}/site.git")
        start.step("fetch", user=USER, password="wr0ng")
        look("password")
        assert "no aceptó la contraseña" in narrow.locator("[role=alert]").inner_text()
        world.mood.pause = 8
        start.step("fetch", user=USER, password=PASSWORD)
        look("fetching")
    assert problems == []


def test_by_the_keyboard_alone_it_leads_on_to_the_administrators_account(
    world: OverHttp, browse: Callable[..., Any], tmp_path: Path
) -> None:
    page = browse(WIDE)
    with begun(tmp_path) as start:
        page.goto(start.person.address + start.link)
        page.get_by_label("Address").focus()
        page.keyboard.type(f"{world.address}/site.git")
        page.keyboard.press("Enter")
        page.get_by_label("Name").focus()
        page.keyboard.type(USER)
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        # Longer than the page waits for a small site.
        world.mood.pause = 0.6
        page.keyboard.press("Enter")
        page.locator("progress").wait_for()
        page.wait_for_url("**/welcome/*")
        assert page.get_by_role("heading", name="Say who you are").is_visible()
