"""What the scripts add to pages that work without them, in a real browser."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from werkzeug.serving import make_server

from gitcms.accounts import sessions, users
from gitcms.accounts.permissions import Role
from gitcms.database import Database
from gitcms.web.app import create_app
from tests.browser.conftest import NARROW, WIDE
from tests.making import JEKYLL, git, make_repository, open_made, settings
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
    writer.page.get_by_label("Both", exact=True).check()
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


@pytest.mark.parametrize(
    ("button", "text"),
    [
        ("Strikethrough", "one ~~two~~"),
        ("Code", "one `two`"),
        ("Heading 3", "### one two"),
        ("Numbered list", "1. one two"),
        ("Picture", "one ![two](https://)"),
        ("Block of code", "one \n```\ntwo\n```"),
    ],
)
def test_the_buttons_are_those_that_the_site_wants(open_writer: Open, button: str, text: str) -> None:
    writer = open_writer()
    model = (
        "[collections.projects.text]\n"
        'buttons = ["strikethrough", "code", "heading-3", "numbered-list", "picture", "code-block"]\n'
        "[collections.projects.fields]\n"
        'lead = { type = "markdown", buttons = ["italic"] }\n'
    )
    (writer.folder / "gitcms.toml").write_text(model, encoding="utf-8")
    git(writer.folder, "add", "gitcms.toml")
    git(writer.folder, "commit", "-qm", "Other buttons")
    writer.page.reload()
    body = writer.page.get_by_label("Text", exact=True)
    body.fill("one two")
    body.evaluate("el => el.setSelectionRange(4, 7)")
    writer.page.keyboard.press("Control+b")  # there is no such button
    writer.page.get_by_role("button", name=button, exact=True).click()
    assert body.input_value() == text
    lead = writer.page.get_by_label("Lead", exact=True)
    lead.fill("one")
    lead.evaluate("el => el.setSelectionRange(0, 3)")
    writer.page.get_by_role("button", name="Italic").click()
    assert lead.input_value() == "*one*"


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


def kept_news(writer: Writer) -> Any:
    return writer.page.locator("[data-kept]")


def test_what_is_typed_is_kept_while_one_writes_and_found_after_a_crash(open_writer: Open) -> None:
    writer = open_writer()
    writer.page.get_by_label("Text", exact=True).fill("Half a sen")
    writer.page.get_by_text(re.compile(r"^Kept \d\d:\d\d$")).wait_for()
    crashed = writer.page.context.new_page()
    crashed.goto(writer.page.url)
    writer.page.context.pages[0].close(run_before_unload=False)
    crashed.get_by_role("link", name="Go on with it").click()
    assert crashed.get_by_label("Text", exact=True).input_value() == "Half a sen"
    Writer(crashed, writer.folder).save()
    assert writer.saved().endswith("---\nHalf a sen")
    crashed.goto(crashed.url)
    assert crashed.get_by_text("not saved").count() == 0


def test_what_the_server_cannot_take_stays_on_the_device_until_it_can(open_writer: Open) -> None:
    writer = open_writer()
    context = writer.page.context
    context.set_offline(True)
    writer.page.get_by_label("Title").fill("Written on a train")
    writer.page.get_by_text("Kept on this device").wait_for()
    page = context.new_page()
    writer.page.close(run_before_unload=False)
    context.set_offline(False)
    page.goto(re.sub(r"/collections/.*", "/", open_address(writer)))
    page.get_by_role("link", name="Written on a train", exact=True).click()
    assert page.get_by_label("Title").input_value() == "Written on a train"
    assert page.evaluate("() => Object.keys(localStorage).filter((key) => key.includes('unsaved'))") == []


def open_address(writer: Writer) -> str:
    return str(writer.page.url)


def test_a_save_ends_what_was_kept(open_writer: Open) -> None:
    writer = open_writer()
    writer.page.get_by_label("Title").fill("Kept, then saved")
    writer.page.get_by_text(re.compile(r"^Kept \d\d:\d\d$")).wait_for()
    writer.save()
    writer.page.wait_for_timeout(2500)
    writer.page.reload()
    assert writer.page.get_by_text("You typed something here").count() == 0


def test_the_outline_leads_to_each_heading_outside_of_code(open_writer: Open) -> None:
    page = open_writer().page
    outline = page.get_by_role("heading", name="Outline")
    assert outline.is_hidden()
    filler = "words " * 4000
    text = f"# One\n\n{filler}\n\n```\n# no heading\n```\n\n### *Two* `more` ##\n\n{filler}\n\n#hash\n"
    page.get_by_label("Text", exact=True).fill(text)
    outline.wait_for()
    assert page.locator("[data-outline] button").all_inner_texts() == ["One", "Two more"]
    page.get_by_role("button", name="Two more").focus()
    page.keyboard.press("Enter")
    place = page.evaluate("document.activeElement.id + ' ' + document.activeElement.selectionStart")
    assert place == f"body {text.index('### ')}"
    # It scrolls there, calmly.
    for _ in range(100):
        if page.evaluate("scrollY > innerHeight"):
            return
        page.wait_for_timeout(100)
    pytest.fail("it did not scroll")


def test_a_question_mark_shows_the_keys_and_escape_closes_them(open_writer: Open) -> None:
    page = open_writer().page
    page.get_by_label("Text", exact=True).focus()
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    assert keys.is_hidden()
    page.get_by_role("link", name="Back to").focus()
    page.keyboard.press("?")
    assert keys.is_visible()
    page.keyboard.press("Escape")
    assert keys.is_hidden()
    page.locator(".bar > .menu summary").press("Enter")
    assert page.locator(".bar > .menu[open]").count() == 1
    page.keyboard.press("Escape")
    assert page.locator(".bar > .menu[open]").count() == 0
    assert page.evaluate("document.activeElement.localName") == "summary"


def test_single_keys_can_be_switched_off_in_a_browser(open_writer: Open) -> None:
    """WCAG 2.1.4: who dictates, or touches keys by accident, needs none of them."""
    page = open_writer().page
    back, keys = page.get_by_role("link", name="Back to"), page.get_by_role("dialog", name="Keys")
    entry = page.url
    account = urlsplit(entry)._replace(path="/account").geturl()
    for on in (False, True):
        page.goto(account)
        page.get_by_role("checkbox", name="Single keys work").set_checked(on)
        page.goto(entry)
        back.focus()
        page.keyboard.press("?")
        assert keys.is_visible() is on


def test_a_second_window_is_told_of_the_first_until_that_one_leaves(open_writer: Open) -> None:
    first, second = open_writer(), open_writer(NARROW)
    second.page.get_by_text("Open in another window", exact=True).wait_for()
    second.page.locator(".present summary").click()
    second.page.get_by_text("You have had this open in another window since").wait_for()
    with first.page.expect_response(lambda answer: "/presence/" in answer.url):
        first.page.reload()
    first.page.goto("about:blank")
    with second.page.expect_response(lambda answer: "/presence/" in answer.url) as answer:
        second.page.reload()
    assert "another window" not in answer.value.text()


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_that_waits_says_how_far_it_is_and_comes_by_itself(
    tmp_path: Path,
    browse: Callable[..., Any],
    axe: Callable[[Any], list[str]],
    size: dict[str, int],
    scheme: str,
) -> None:
    folder = make_repository(tmp_path / "site", JEKYLL)
    site = open_made(folder, tmp_path / "state", settings(folder, tmp_path / "state"))
    ada = users.add(
        site.database, name="Ada", email="a@example.org", role=Role.ADMIN, now=site.now(), password=PASSWORD
    )
    session = sessions.new_id()
    sessions.begin(site.database, session, ada.id, {}, now=site.now())
    server = make_server("127.0.0.1", 0, create_app(site.config, site), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    page = browse(size, scheme=scheme)
    address = f"http://127.0.0.1:{server.port}"
    page.context.add_cookies([{"name": "gitcms", "value": session, "url": address}])
    site.model()
    site._progress = (300, 1000)
    with site._steps["entries"]:
        page.goto(f"{address}/collections/projects/")
        bar = page.get_by_role("progressbar", name="are being read")
        assert bar.get_attribute("value") == "300"
        site._progress = (700, 1000)
        page.locator("progress[value='700']").wait_for()
        assert "700 of 1000 so far" in page.inner_text("main")
        assert axe(page) == []
    page.get_by_role("heading", name="Projects").wait_for()
    server.shutdown()
    site.close()
