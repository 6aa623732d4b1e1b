"""Every type of field in a real Chromium: created, edited, wrong, cleared, in every way that people have.

The table says what is done and what it makes of the file, byte for byte; here it is walked, and whatever is
not as it says is told together. What the table cannot say of a type has a test of its own below.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from difflib import unified_diff
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from werkzeug.serving import make_server

from gitcms.accounts import users
from gitcms.accounts.permissions import Role
from gitcms.schema.collection import Collection, Field, When
from gitcms.schema.fields import FIELD_TYPES
from gitcms.site import Site
from gitcms.web.app import create_app
from tests.browser.conftest import NARROW, WIDE
from tests.browser.hands import Keys, Mouse
from tests.browser.table import ROWS, Act, Row
from tests.making import git, make_repository, open_made, settings
from tests.serving import PASSWORD

ACTIONS = ("created", "edited", "invalid", "cleared")
HEAD = "---\n# the hall\ntitle: Hall   # stays\n"
TAIL = "weight:   7   # last\n---\nOpen to all.\n"
BARE = HEAD + "".join(row.stands for row in ROWS) + TAIL
ENTRIES = {f"pages/hall-{n}.md": BARE for n in range(15)}
POSTS = {f"posts/post-{n}.md": f"---\ntitle: Rain number {n}\n---\nIt rained.\n" for n in range(1, 6)}
PAGES = Collection(
    "pages",
    "Pages",
    "Page",
    ("pages",),
    fields=(
        Field("title", "Title", meaning="title"),
        *(one for row in ROWS for one in (row.field, *row.beside)),
        Field("weight", "Weight", "number"),
        Field("wild", "Only when wild", when=When("aselect", ("wild",)), tab="Rare", group="Odd"),
    ),
)


@dataclass
class Served:
    """One site and one server for all: `entries` that nobody has yet, `cookies` of who signed in."""

    folder: Path
    address: str
    entries: Iterator[str] = field(default_factory=lambda: iter(ENTRIES))
    cookies: list[Any] = field(default_factory=list)


@dataclass
class Desk:
    """Somebody's window on one page, and the site behind it."""

    page: Any
    hand: Mouse
    served: Served
    path: str

    def open(self) -> None:
        self.page.goto(f"{self.served.address}/collections/pages/entries/{self.path}")

    @property
    def text(self) -> str:
        return (self.served.folder / self.path).read_text(encoding="utf-8")

    @property
    def saves(self) -> int:
        return int(git(self.served.folder, "rev-list", "--count", "HEAD", "--", self.path))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    place = tmp_path_factory.mktemp("fields")
    folder = make_repository(place / "site", {**ENTRIES, **POSTS})
    config = settings(folder, place / "state")
    site: Site = open_made(folder, place / "state", config)
    found = site.model()
    posts = next(one for one in found.collections if one.name == "posts")
    known = replace(found, collections=(PAGES, posts))
    site.model = lambda: known  # type: ignore[method-assign]
    users.add(
        site.database,
        name="Inés Caldera",
        email="ines@example.org",
        role=Role.ADMIN,
        password=PASSWORD,
        now=datetime.now(UTC),
    )
    server = make_server("127.0.0.1", 0, create_app(config, site), threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Served(folder, f"http://127.0.0.1:{server.port}")
    server.shutdown()
    thread.join()
    server.server_close()
    site.close()


@pytest.fixture
def desk(served: Served, browse: Callable[..., Any]) -> Callable[..., Desk]:
    def sign_in(page: Any) -> list[Any]:
        page.goto(f"{served.address}/sign-in")
        page.get_by_label("Email").fill("ines@example.org")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url(f"{served.address}/")
        served.cookies.extend(page.context.cookies())
        return served.cookies

    def opened(size: dict[str, int] = WIDE, *, scripts: bool = True, keys: bool = False) -> Desk:
        page = browse(size, scripts=scripts)
        page.context.add_cookies(served.cookies or sign_in(page))
        hand = Keys(page) if keys else Mouse(page, scripts=scripts)
        desk = Desk(page, hand, served, next(served.entries))
        desk.open()
        return desk

    return opened


def test_the_table_has_a_row_for_each_type_of_field() -> None:
    assert {row.type for row in ROWS} == set(FIELD_TYPES)
    cells = {(row.field.name, action): getattr(row, action) for row in ROWS for action in ACTIONS}
    assert [cell for cell, act in cells.items() if not (act.steps if isinstance(act, Act) else act)] == []


_SENT = """[...new FormData(document.querySelector("[data-edit]")).values()]
  .filter((one) => typeof one === "string").map((one) => one.replaceAll("\\r\\n", "\\n"))"""


class Walk:
    """Somebody's way through the table, in one entry. `told` is all that is not as the table says."""

    def __init__(self, desk: Desk, axe: Callable[[Any], list[str]]) -> None:
        self.desk, self._axe = desk, axe
        self.told: list[str] = []
        self._lines = {row.field.name: row.stands for row in ROWS}

    def create(self) -> None:
        self._save("created", ROWS)
        self._look("created")

    def edit(self) -> None:
        """Edit every second field, then the others: whatever a save does to the former is seen."""
        self._save("edited", ROWS[::2])
        self._save("edited", ROWS[1::2])

    def clear(self) -> None:
        self._save("cleared", ROWS)

    def save_untouched(self) -> None:
        before = self.desk.saves
        self.desk.hand.save()
        if self.desk.saves != before:
            self.told.append("a form that nobody touched wrote something")

    def make_mistakes(self) -> None:
        """Make every field wrong at once: each is told of beside it, nothing is lost, nothing is saved."""
        page, before = self.desk.page, (self.desk.saves, self.desk.text)
        wrong = self._do("invalid", ROWS)
        self.desk.hand.save()
        if (self.desk.saves, self.desk.text) != before:
            self.told.append("invalid: something was saved")
        sent = page.evaluate(_SENT)
        for row, act in wrong:
            said = page.locator(f'[id="{act.at or row.id}-error"]')
            text = said.inner_text() if said.count() and said.is_visible() else "nothing"
            if act.says not in text:
                self.told.append(f"invalid: beside {row.field.name} stands {text!r}, not {act.says!r}")
            typed = {text for what, _, text in act.steps if what == "type" and text}
            if not typed <= set(sent):
                self.told.append(f"invalid: of {row.field.name} {typed - set(sent)} is lost")
        links = page.locator("#problems li a")
        if links.count() != len(wrong):
            self.told.append(f"invalid: {links.all_inner_texts()} lead to {len(wrong)} fields")
        self._look("invalid")
        links.first.press("Enter")
        if page.evaluate("location.hash") != f"#{wrong[0][0].id}":
            self.told.append("invalid: the summary does not lead to the field")
        self.desk.open()

    def _save(self, action: str, rows: tuple[Row, ...]) -> None:
        done = self._do(action, rows)
        self._lines.update({row.field.name: act.lines for row, act in done})
        self.desk.hand.save()
        wanted = HEAD + "".join(self._lines[row.field.name] for row in ROWS) + TAIL
        differs = unified_diff(wanted.splitlines(), self.desk.text.splitlines(), "table", "file", n=1)
        self.told += [f"{action}: {line}" for line in differs]

    def _do(self, action: str, rows: tuple[Row, ...]) -> list[tuple[Row, Act]]:
        """Do what the table says of an action; return the rows of which it says something."""
        done = []
        for row in rows:
            act = getattr(row, action)
            if isinstance(act, Act):
                self.desk.hand.do(*act.steps)
                done.append((row, act))
        return done

    def _look(self, action: str) -> None:
        """Have axe look at the page in daylight and at night, and see that it fits."""
        if not self.desk.hand.scripts:
            return
        for scheme in ("dark", "light"):
            self.desk.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            self.told += [f"{action}, {scheme}: {line}" for line in self._axe(self.desk.page)]
        if self.desk.page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            self.told.append(f"{action}: the page is wider than the window")


WAYS = {
    "1280 with a mouse": {"size": WIDE},
    "360": {"size": NARROW},
    "keys": {"size": WIDE, "keys": True},
    "without scripts": {"size": NARROW, "scripts": False},
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_every_type_is_created_edited_refused_and_cleared(
    desk: Callable[..., Desk], axe: Callable[[Any], list[str]], way: dict[str, Any]
) -> None:
    walk = Walk(desk(**way), axe)
    walk.create()
    walk.edit()
    walk.make_mistakes()
    walk.clear()
    walk.save_untouched()
    assert "\n".join(walk.told) == ""


def test_cards_are_moved_by_hand_and_by_keys(desk: Callable[..., Desk]) -> None:
    ines = desk()
    page = ines.page
    for number, name in enumerate(("One", "Two", "Three")):
        page.locator("[name=do][value='add:adeep']").click()
        page.locator(f"[name='f.adeep.{number}.heading']").fill(name)
    ines.hand.save()
    cards = page.locator(".cards > .card > summary")
    cards.nth(2).focus()
    page.keyboard.press("Alt+ArrowUp")
    assert [text.strip() for text in cards.locator("b").all_inner_texts()] == ["One", "Three", "Two"]
    grip, first = cards.nth(2).locator(".grip"), cards.nth(0)
    grip.scroll_into_view_if_needed()
    one, other = grip.bounding_box(), first.bounding_box()
    page.mouse.move(one["x"] + 8, one["y"] + 8)
    page.mouse.down()
    page.mouse.move(other["x"] + 8, other["y"] + 2, steps=5)
    page.mouse.up()
    assert [text.strip() for text in cards.locator("b").all_inner_texts()] == ["Two", "One", "Three"]
    ines.hand.save()
    assert re.findall(r"heading: (\w+)", ines.text) == ["Two", "One", "Three"]


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "without"])
def test_another_entry_is_found_by_its_words_and_missed_when_it_is_gone(
    desk: Callable[..., Desk], scripts: bool
) -> None:
    ines = desk(scripts=scripts)
    page = ines.page
    ines.hand.do(
        ("find", "f.anext", "number 3"), ("find", "f.amore", "number 2"), ("find", "f.amore", "number 4")
    )
    ines.hand.save()
    assert "\nanext: post-3\namore:\n  - post-2\n  - post-4\n" in ines.text
    assert "post-3: Rain number 3" in page.locator("[data-field=anext]").inner_text()
    ines.hand.do(("type", "f.anext", "post-99"))
    ines.hand.save()
    assert "\nanext: post-99\n" in ines.text
    assert "There is no “post-99” any more" in page.locator("[data-field=anext]").inner_text()


def test_answers_that_come_late_leave_who_chooses_alone(desk: Callable[..., Desk]) -> None:
    ines = desk()
    page, held = ines.page, []
    page.route("**/relations?*number*", lambda route: held.append(route))
    find = page.locator("[name='f.anext.__find']")
    find.fill("Rain")
    page.locator("[data-field=anext] [data-answers] button").first.wait_for()
    with page.expect_request("**/relations?*number*"):
        find.fill("Rain number")
    find.press("ArrowDown")
    chosen = page.evaluate("document.activeElement.textContent")
    with page.expect_response("**/relations?*number*"):
        held[0].continue_()
    page.evaluate("new Promise((done) => setTimeout(done, 200))")
    page.keyboard.press("Enter")
    assert find.evaluate("(find) => find === document.activeElement")
    assert page.locator("[id='f.anext']").input_value() == f"post-{chosen[-1]}"


def test_what_is_not_asked_for_is_out_of_the_way(desk: Callable[..., Desk]) -> None:
    ines, without = desk(), desk(scripts=False)
    for one in (ines, without):
        one.page.locator("details.tab > summary", has_text="Rare").click()
    box = ines.page.locator("[data-when]")
    assert not box.is_visible()
    ines.hand.do(("choose", "f.aselect", "wild"))
    assert box.is_visible()
    assert without.page.locator("[data-when]").is_visible()
    assert "Used while “Aselect” is wild." in without.page.locator("[data-when]").inner_text()


def test_two_buttons_and_a_save_in_a_row_are_all_done(desk: Callable[..., Desk]) -> None:
    ines = desk()
    ines.page.evaluate(
        """() => {
          const press = (selector) => document.querySelector(selector).click();
          press("[name=do][value='add~0:ablocks']");
          document.querySelector("[name='f.atext']").value = "Typed meanwhile";
          press("[name=do][value='add~0:ablocks']");
          press(".save button[value=save]");
        }"""
    )
    ines.page.locator("[id='f.atext'][value='Typed meanwhile']").wait_for()
    ines.page.wait_for_function("document.querySelectorAll('details.card').length === 2")
    assert "atext: Typed meanwhile" in ines.text
    assert ines.text.count("type: hero") == 2
