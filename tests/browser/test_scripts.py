"""What the scripts add to pages that work without them, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gitcms.accounts import users
from gitcms.accounts.permissions import Role
from gitcms.database import Database
from tests.browser.conftest import NARROW
from tests.making import JEKYLL, git, make_repository
from tests.serving import PASSWORD, serving

EYES = "_projects/eyes-on-the-river.md"
PLACE = f"/collections/projects/entries/{EYES}"


@dataclass
class Writer:
    """Somebody who is signed in and has the writing page open."""

    page: Any
    folder: Path

    def save(self) -> None:
        self.page.locator(".save .go").click()
        self.page.wait_for_load_state()

    def saved(self) -> str:
        return git(self.folder, "show", f"HEAD:{EYES}")


@pytest.fixture
def open_writer(tmp_path: Path, browse: Callable[..., Any]) -> Iterator[Callable[..., Writer]]:
    folder, state = make_repository(tmp_path / "site", JEKYLL), tmp_path / "state"
    state.mkdir()
    database = Database(f"sqlite:///{state / 'gitcms.sqlite3'}")
    database.upgrade()
    users.add(
        database,
        name="Inés Caldera",
        email="ines@example.org",
        role=Role.AUTHOR,
        password=PASSWORD,
        now=datetime.now(UTC),
    )
    database.close()
    with serving(folder, state) as address:

        def opened(*arguments: Any, **options: Any) -> Writer:
            page = browse(*arguments, **options)
            page.goto(f"{address}/sign-in")
            page.get_by_label("Email").fill("ines@example.org")
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Sign in", exact=True).click()
            page.wait_for_url(f"{address}/")
            page.goto(address + PLACE)
            return Writer(page, folder)

        yield opened


Open = Callable[..., Writer]


def test_the_pages_load_nothing_that_the_policy_refuses(open_writer: Open) -> None:
    said: list[str] = []
    writer = open_writer()
    writer.page.on("console", lambda line: said.append(line.text))
    writer.page.on("pageerror", lambda error: said.append(str(error)))
    writer.page.reload()
    writer.page.wait_for_load_state("networkidle")
    assert said == []


def test_words_become_chips_and_come_back_as_a_list(open_writer: Open) -> None:
    writer = open_writer()
    people = writer.page.get_by_label("People")
    people.fill("Jorge Müller")
    people.press("Enter")
    writer.page.get_by_role("button", name="Remove Inés Caldera").click()
    writer.save()
    assert "people: [Rayén Paillal, Jorge Müller]\n" in writer.saved()


def test_what_was_typed_but_not_entered_is_saved_as_well(open_writer: Open) -> None:
    writer = open_writer()
    writer.page.get_by_label("People").fill("Jorge Müller")
    writer.page.keyboard.press("Control+s")
    writer.page.wait_for_load_state()
    writer.page.wait_for_url(re.compile(re.escape(PLACE)))
    writer.page.get_by_role("button", name="Remove Jorge Müller").wait_for()
    assert "Jorge Müller" in writer.saved()


def test_a_card_is_added_without_leaving_the_page(open_writer: Open) -> None:
    writer = open_writer(NARROW)
    writer.page.get_by_label("Title").fill("Kept")
    writer.page.get_by_role("button", name="Add collaborator").click()
    fresh = writer.page.locator("[name='f.collaborators.2.name']")
    fresh.wait_for()
    assert fresh.evaluate("el => el === document.activeElement")
    fresh.fill("Rayén")
    writer.save()
    text = writer.saved()
    assert "    - name: Rayén\n" in text
    assert "title: Kept\n" in text
    assert "# since May" in text


def test_a_moved_card_keeps_the_focus_on_its_button(open_writer: Open) -> None:
    writer = open_writer()
    writer.page.locator("summary", has_text="Aguas Libres").click()
    writer.page.locator("[name=do][value='down:collaborators.0']").click()
    writer.page.locator("[name=do][value='up:collaborators.1']:focus, [data-touched] :focus").wait_for()
    writer.save()
    text = writer.saved()
    assert text.index("Mapa Abierto") < text.index("Aguas Libres")


def test_the_look_follows_what_is_typed(open_writer: Open) -> None:
    writer = open_writer()
    writer.page.get_by_label("Text", exact=True).fill("**Strong** words")
    writer.page.locator("[data-look] strong", has_text="Strong").wait_for()


def test_the_toolbar_writes_markdown_and_takes_it_away(open_writer: Open) -> None:
    writer = open_writer()
    text = writer.page.get_by_label("Text", exact=True)
    text.fill("one two")
    text.evaluate("el => el.setSelectionRange(4, 7)")
    bold = writer.page.get_by_role("button", name="Bold")
    bold.click()
    assert text.input_value() == "one **two**"
    bold.click()
    assert text.input_value() == "one two"
    writer.page.get_by_role("button", name="Heading").click()
    assert text.input_value() == "## one two"
    writer.page.keyboard.press("Control+z")
    assert text.input_value() == "one two"


def test_return_in_the_title_does_not_break_it(open_writer: Open) -> None:
    writer = open_writer()
    title = writer.page.get_by_label("Title")
    title.press("End")
    title.press("Enter")
    title.press_sequentially(" again")
    assert title.input_value() == "Eyes on the River again"


def test_leaving_with_unsaved_words_is_asked_about(open_writer: Open) -> None:
    writer = open_writer()
    asked: list[str] = []
    writer.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    writer.page.get_by_label("Title").press_sequentially("x")
    assert "Not saved yet" in writer.page.locator(".save").inner_text()
    writer.page.get_by_role("link", name="History").first.click()
    writer.page.wait_for_url("**/history/**")
    assert asked == ["beforeunload"]


def test_saving_is_not_leaving(open_writer: Open) -> None:
    writer = open_writer()
    asked: list[str] = []
    writer.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    writer.page.get_by_label("Title").fill("Eyes")
    writer.save()
    assert "title: Eyes\n" in writer.saved()
    assert asked == []
