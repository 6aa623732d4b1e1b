"""Every type of field in a real Chromium: filled in, changed, wrong, emptied; wide, narrow, by keys, without
scripts. What a save changes is read off Git: nothing but the lines of that field."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from werkzeug.serving import make_server

from gitcms.accounts import users
from gitcms.accounts.permissions import Role
from gitcms.schema.collection import Collection, Field, When
from gitcms.site import Site
from gitcms.web.app import create_app
from tests.browser.conftest import NARROW, WIDE, tab_to
from tests.making import git, make_repository, open_made, settings
from tests.serving import PASSWORD

FULL = "pages/full.md"
BARE = "---\n# the hall\ntitle: Hall   # stays\nviews: 12\n---\nOpen to all.\n"
POSTS = {f"posts/post-{n}.md": f"---\ntitle: Rain number {n}\n---\nIt rained.\n" for n in range(1, 6)}
LINK = Field("links", "Links", "objects", fields=(Field("url", "Web address", "url"),))
PART = Field("parts", "Parts", "objects", fields=(Field("name", "Part name"), LINK))
HERO = Field("hero", "Hero", "object", fields=(Field("heading", "Heading"),))
QUOTE = Field("quote", "Quote", "object", fields=(Field("words", "Words"),))

Step = tuple[str, str, str]


@dataclass(frozen=True)
class Row:
    """A field, and what somebody does with it: `lines` come with `first`, `then` with `second`.

    A step is (what, the id or name of a control, a text). `keys` are what a keyboard types for `first`.
    """

    field: Field
    first: tuple[Step, ...]
    lines: tuple[str, ...]
    second: tuple[Step, ...]
    then: tuple[str, ...]
    clear: tuple[Step, ...]
    wrong: tuple[Step, ...] = ()
    sentence: str = ""
    keys: str = ""


def typed(
    kind: str,
    first: str,
    second: str,
    *,
    stored: tuple[str, str] | None = None,
    wrong: str = "",
    **facts: Any,
) -> Row:
    """Return the row of a type that stands in one control."""
    sentence, keys = facts.pop("sentence", ""), facts.pop("keys", "")
    name = f"a{kind}"
    lines, then = facts.pop("lines", None), facts.pop("then", None)
    one, other = stored or (first, second)
    return Row(
        Field(name, f"The {kind}", kind, **facts),
        (("fill", f"f.{name}", first),),
        lines or (f"{name}: {one}",),
        (("fill", f"f.{name}", second),),
        then or (f"{name}: {other}",),
        (("fill", f"f.{name}", ""),),
        (("fill", f"f.{name}", wrong),) if wrong else (),
        sentence,
        keys,
    )


ROWS = (
    typed("text", "One line", "Another line"),
    typed("longtext", "Several words", "Other words"),
    typed("markdown", "Some *words*", "Some **words**"),
    typed("number", "12", "13", wrong="three", sentence="Write a number, such as 12"),
    replace(
        typed("slug", "a-part", "b-part", wrong="a part", sentence="Write letters, digits and hyphens"),
    ),
    typed(
        "url",
        "https://a.example.org",
        "https://b.example.org",
        wrong="a b",
        sentence="Web addresses start with",
    ),
    typed("email", "a@example.org", "b@example.org", wrong="nobody", sentence="Write an email address"),
    typed("date", "2025-05-05", "2025-05-06", keys="05052025"),
    typed(
        "datetime",
        "2025-05-05T09:30",
        "2025-05-05T10:45",
        stored=("2025-05-05T09:30:00", "2025-05-05T10:45:00"),
        keys="05052025\t0930A",
    ),
    typed("time", "09:30", "10:45", stored=('"09:30"', '"10:45"'), keys="0930A"),
    typed(
        "colour",
        "#b4291a",
        "#20603a",
        stored=('"#b4291a"', '"#20603a"'),
        wrong="#12",
        sentence="Write a colour",
    ),
    typed("image", "river.png", "lake.png", wrong="river", sentence="Choose a picture"),
    typed("file", "/files/plan.pdf", "/files/new.pdf", wrong="a/", sentence="Write the file’s name"),
    typed("code", "a {}", "b {}"),
    typed(
        "data",
        "[1, 2]",
        "[1, 3]",
        lines=("adata:", "- 1", "- 2"),
        then=("- 3",),
        wrong="{",
        sentence="This is not complete JSON",
    ),
    typed(
        "map",
        "52.5, 13.4",
        "52.5, 13.5",
        lines=("amap:", "lat: 52.5", "lng: 13.4"),
        then=("lng: 13.5",),
        wrong="here",
        sentence="Write latitude",
    ),
    typed(
        "uuid",
        "af1c8a3e-5b64-4c1d-9a57-0d3e6f8b2a41",
        "bf1c8a3e-5b64-4c1d-9a57-0d3e6f8b2a41",
        wrong="mine",
        sentence="Leave this as it was made",
    ),
    Row(
        Field("aboolean", "The boolean", "boolean"),
        (("check", "f.aboolean", "1"),),
        ("aboolean: true",),
        (("uncheck", "f.aboolean", "1"),),
        ("aboolean: false",),
        (),
    ),
    Row(
        Field("arange", "The range", "number", options={"as": "range", "min": 0, "max": 5}),
        (("fill", "f.arange", "3"),),
        ("arange: 3", "acomputed: 3 stars"),
        (("fill", "f.arange", "4"),),
        ("arange: 4", "acomputed: 4 stars"),
        (("fill", "f.arange", ""),),
        (("fill", "f.arange", "7"),),
        "Write a number from 0 to 5",
    ),
    Row(
        Field("aselect", "The select", "select", choices=("calm", "wild")),
        (("select", "f.aselect", "calm"),),
        ("aselect: calm",),
        (("select", "f.aselect", "wild"),),
        ("aselect: wild",),
        (("select", "f.aselect", ""),),
    ),
    Row(
        Field("aradio", "The radio", "select", choices=("calm", "wild"), options={"as": "radio"}),
        (("check", "f.aradio", "calm"),),
        ("aradio: calm",),
        (("check", "f.aradio", "wild"),),
        ("aradio: wild",),
        (("check", "f.aradio", ""),),
    ),
    Row(
        Field("achecks", "The checks", "multiselect", choices=("mon", "tue", "wed")),
        (("check", "f.achecks.__pick", "mon"), ("check", "f.achecks.__pick", "wed")),
        ("achecks:", "- mon", "- wed"),
        (("check", "f.achecks.__pick", "tue"),),
        ("- tue",),
        tuple(("uncheck", "f.achecks.__pick", day) for day in ("mon", "tue", "wed")),
    ),
    Row(
        Field("atags", "The tags", "tags"),
        (("words", "f.atags", "water, schools"),),
        ("atags:", "- water", "- schools"),
        (("words", "f.atags", "water, schools, rain"),),
        ("- rain",),
        (("words", "f.atags", ""),),
    ),
    Row(
        Field("apairs", "The pairs", "keyvalue"),
        (("fill", "f.apairs.__key", "de"), ("fill", "f.apairs.__text", "Saal")),
        ("apairs:", "de: Saal"),
        (("fill", "f.apairs.__text", "Halle"),),
        ("de: Halle",),
        (("fill", "f.apairs.__key", ""), ("fill", "f.apairs.__text", "")),
    ),
)
PAGES = Collection(
    "pages",
    "Pages",
    "Page",
    ("pages",),
    fields=(
        Field("title", "Title", meaning="title"),
        *(row.field for row in ROWS),
        Field(
            "acomputed",
            "Made",
            "computed",
            options={"template": "{{arange}}{{arange | ternary(' stars', '')}}"},
        ),
        Field("views", "Views", "readonly"),
        Field("ahidden", "Hidden", "hidden"),
        Field("sections", "Sections", "objects", fields=(Field("heading", "Heading"), PART)),
        Field("blocks", "Blocks", "blocks", fields=(HERO, QUOTE)),
        Field("pictures", "Pictures", "gallery", item=Field("pictures", "Pictures", "image")),
        Field("next", "Next post", "relation", options={"collections": ("posts",)}),
        Field("more", "More posts", "relation", options={"collections": ("posts",), "multiple": True}),
        Field("wild", "Only when wild", when=When("aselect", ("wild",)), tab="Rare", group="Odd"),
    ),
)


@dataclass
class Desk:
    """Somebody's window on the one page, and the site behind it."""

    page: Any
    folder: Path
    address: str
    scripts: bool

    def open(self) -> None:
        self.page.goto(f"{self.address}/collections/pages/entries/{FULL}")
        for tab in self.page.locator("details.tab:not([open]) > summary").all():
            tab.click()

    def control(self, name: str, value: str = "") -> Any:
        by_id = self.page.locator(f"[id='{name}']:is(input, textarea, select)")
        if not value and by_id.count():
            return by_id
        with_value = f"[value='{value}']" if value else "[value='']"
        kind = ":is([type=checkbox], [type=radio])"
        boxes = self.page.locator(f"[name='{name}']{kind}{with_value}")
        return boxes.first if boxes.count() else self.page.locator(f"[name='{name}']").first

    def do(self, *steps: Step) -> None:
        for what, name, text in steps:
            if what == "fill":
                self.control(name).fill(text)
            elif what == "select":
                self.control(name).select_option(text)
            elif what == "words":
                self.words(name, text)
            else:
                self.control(name, text).set_checked(what == "check")

    def words(self, name: str, text: str) -> None:
        control = self.control(name)
        if not self.scripts:
            control.fill(text)
            return
        for button in reversed(self.page.locator(".tags button").all()):
            button.click()
        for word in filter(None, text.split(", ")):
            self.control(name).fill(word)
            self.control(name).press("Enter")

    def save(self) -> tuple[list[str], list[str]]:
        """Save, and return the lines that left the file and those that came, without their indentation."""
        self.page.locator(".save button", has_text=re.compile("^Save")).click()
        self.page.wait_for_load_state()
        return self.changed()

    def changed(self) -> tuple[list[str], list[str]]:
        lines = git(self.folder, "show", "--format=", "-U0", "HEAD", "--", FULL).splitlines()
        body = [line for line in lines if line[:1] in ("+", "-") and line[:3] not in ("+++", "---")]
        return (
            [line[1:].strip() for line in body if line[0] == "-"],
            [line[1:].strip() for line in body if line[0] == "+"],
        )

    @property
    def text(self) -> str:
        return (self.folder / FULL).read_text(encoding="utf-8")

    @property
    def saves(self) -> int:
        return int(git(self.folder, "rev-list", "--count", "HEAD"))


@pytest.fixture
def desk(tmp_path: Path, browse: Callable[..., Any]) -> Iterator[Callable[..., Desk]]:
    folder = make_repository(tmp_path / "site", {FULL: BARE, **POSTS})
    config = settings(folder, tmp_path / "state")
    site: Site = open_made(folder, tmp_path / "state", config)
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
    address = f"http://127.0.0.1:{server.port}"

    def opened(size: dict[str, int] = WIDE, *, scripts: bool = True) -> Desk:
        page = browse(size, scripts=scripts)
        page.goto(f"{address}/sign-in")
        page.get_by_label("Email").fill("ines@example.org")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url(f"{address}/")
        desk = Desk(page, folder, address, scripts)
        desk.open()
        return desk

    yield opened
    server.shutdown()
    thread.join()
    server.server_close()
    site.close()


WAYS = [
    pytest.param(WIDE, True, id="1280"),
    pytest.param(NARROW, True, id="360"),
    pytest.param(WIDE, False, id="1280-without-scripts"),
    pytest.param(NARROW, False, id="360-without-scripts"),
]


@pytest.mark.parametrize(("size", "scripts"), WAYS)
def test_every_type_is_filled_in_changed_refused_and_emptied(
    desk: Callable[..., Desk], size: dict[str, int], scripts: bool
) -> None:
    ines = desk(size, scripts=scripts)
    for row in ROWS:
        ines.do(*row.first)
    gone, came = ines.save()
    assert gone == []
    wanted = [line for row in ROWS for line in row.lines]
    assert sorted(came) == sorted(wanted)
    full = ines.text

    wrong = [row for row in ROWS if row.wrong]
    for row in wrong:
        ines.do(*row.wrong)
    before = ines.saves
    ines.page.locator(".save button", has_text=re.compile("^Save")).click()
    ines.page.locator("#problems").wait_for()
    assert ines.saves == before
    for row in wrong:
        assert row.sentence in ines.page.locator(f"[id='f.{row.field.name}-error']").inner_text()
    assert ines.page.locator("#problems li a").count() == len(wrong)
    ines.page.locator("#problems li a").first.click()
    assert ines.page.evaluate("location.hash") == f"#f.{wrong[0].field.name}"

    ines.open()
    assert ines.text == full
    for row in ROWS:
        ines.do(*row.clear)
    ines.save()
    assert ines.text == BARE.replace("views: 12\n", "aboolean: true\nviews: 12\n")


@pytest.mark.parametrize(("size", "scripts"), [WAYS[0], WAYS[3]])
def test_each_change_of_one_field_changes_its_lines_alone(
    desk: Callable[..., Desk], size: dict[str, int], scripts: bool
) -> None:
    ines = desk(size, scripts=scripts)
    for row in ROWS:
        ines.do(*row.first)
    ines.save()
    ines.save()
    started = ines.saves
    for row in ROWS:
        ines.do(*row.second)
        gone, came = ines.save()
        assert came == list(row.then), row.field.name
        assert set(gone) <= set(row.lines), row.field.name
        assert len(gone) <= len(row.then), row.field.name
    assert ines.saves == started + len(ROWS)
    ines.save()
    assert ines.saves == started + len(ROWS)  # a form that nobody touched writes nothing


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["1280", "360"])
def test_every_type_is_reached_and_filled_in_by_the_keyboard(
    desk: Callable[..., Desk], size: dict[str, int]
) -> None:
    ines = desk(size)
    keyboard = ines.page.keyboard
    for row in ROWS:
        for what, name, text in row.first:
            value = f" && el.value === '{text}'" if what == "check" and name.endswith("__pick") else ""
            if what == "check" and row.field.name == "aradio":
                value = ""  # the arrows go from one to the next
            tab_to(ines.page, f"(el.name === '{name}' || el.id === '{name}'){value}", most=400)
            if name == "f.aradio":
                keyboard.press("ArrowDown")
            elif what == "check":
                keyboard.press("Space")
            elif what == "select":
                keyboard.press("ArrowDown")
            elif what == "words":
                keyboard.type(text.replace(", ", ",") + ",")
            else:
                for number, part in enumerate((row.keys or text).split("\t")):
                    if number:
                        keyboard.press("Tab")
                    keyboard.type(part)
    keyboard.press("Control+s")
    ines.page.wait_for_load_state()
    ines.page.locator("[id='f.atext'][value='One line']").wait_for(state="attached")
    _, came = ines.changed()
    wanted = [line for row in ROWS for line in row.lines]
    assert [line for line in wanted if line not in came] == []


@pytest.mark.parametrize(("size", "scripts"), WAYS)
def test_lists_in_lists_in_lists_are_added_to_moved_and_emptied(
    desk: Callable[..., Desk], size: dict[str, int], scripts: bool
) -> None:
    ines = desk(size, scripts=scripts)
    page = ines.page

    def press(do: str) -> None:
        side = page.query_selector(".side")
        page.locator(f"[name=do][value='{do}']").click()
        side.wait_for_element_state("hidden") if scripts else page.wait_for_load_state()

    def add(do: str, name: str, text: str) -> None:
        press(do)
        page.locator(f"[name='{name}']").wait_for()
        page.locator(f"[name='{name}']").fill(text)

    def open_all() -> None:
        closed = page.locator("details.card:not([open]) > summary:visible")
        while closed.count():
            closed.first.click()

    add("add:sections", "f.sections.0.heading", "Yard")
    add("add:sections.0.parts", "f.sections.0.parts.0.name", "Well")
    add("add:sections.0.parts.0.links", "f.sections.0.parts.0.links.0.url", "https://a.example.org")
    add("add:sections.0.parts.0.links", "f.sections.0.parts.0.links.1.url", "https://b.example.org")
    _, came = ines.save()
    assert came == [
        "sections:",
        "- heading: Yard",
        "parts:",
        "- name: Well",
        "links:",
        "- url: https://a.example.org",
        "- url: https://b.example.org",
    ]
    open_all()
    press("up:sections.0.parts.0.links.1")
    gone, came = ines.save()
    assert len(gone) == len(came) == 1
    assert ines.text.index("b.example") < ines.text.index("a.example")

    open_all()
    press("remove:sections.0.parts.0.links.0")
    press("undo:sections.0.parts.0.links.0")
    open_all()
    press("remove:sections.0.parts.0.links.1")
    gone, came = ines.save()
    assert (gone, came) == (["- url: https://a.example.org"], [])


def test_cards_are_moved_by_hand_and_by_keys(desk: Callable[..., Desk]) -> None:
    ines = desk()
    page = ines.page
    for number, name in enumerate(("One", "Two", "Three")):
        page.locator("[name=do][value='add:sections']").click()
        page.locator(f"[name='f.sections.{number}.heading']").fill(name)
    ines.save()
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
    ines.save()
    assert re.findall(r"heading: (\w+)", ines.text) == ["Two", "One", "Three"]


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "without"])
def test_blocks_of_two_kinds_and_pictures_are_added(desk: Callable[..., Desk], scripts: bool) -> None:
    ines = desk(NARROW, scripts=scripts)
    page = ines.page
    page.get_by_role("button", name="Add quote").click()
    page.locator("[name='f.blocks.0.words']").fill("Well said")
    page.get_by_role("button", name="Add hero").click()
    page.locator("[name='f.blocks.1.heading']").fill("Come in")
    page.get_by_role("button", name="Add picture").click()
    page.locator("[name='f.pictures.0']").fill("a.png")
    _, came = ines.save()
    assert came == [
        "blocks:",
        "- type: quote",
        "words: Well said",
        "- type: hero",
        "heading: Come in",
        "pictures:",
        "- a.png",
    ]


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "without"])
def test_another_entry_is_found_by_its_words_and_missed_when_it_is_gone(
    desk: Callable[..., Desk], scripts: bool
) -> None:
    ines = desk(scripts=scripts)
    page = ines.page
    for name, words in (("next", "number 3"), ("more", "number 2"), ("more", "number 4")):
        page.locator(f"[name='f.{name}.__find']").fill(words)
        if scripts:
            page.locator("[data-answers] button", has_text=f"Rain {words}").click()
        else:
            page.locator(f"[value='find:{name}']").click()
            page.locator(".found label", has_text=f"Rain {words}").locator("input").check()
            page.locator(f"[name='f.{name}.__find']").fill("")
    _, came = ines.save()
    assert came == ["next: post-3", "more:", "- post-2", "- post-4"]
    assert "post-3: Rain number 3" in page.locator("[data-field=next]").inner_text()
    page.locator("[id='f.next']").fill("post-99")
    ines.save()
    assert "There is no “post-99” any more" in page.locator("[data-field=next]").inner_text()


def test_what_is_not_asked_for_is_out_of_the_way(desk: Callable[..., Desk]) -> None:
    ines = desk()
    box = ines.page.locator("[data-when]")
    assert not box.is_visible()
    ines.do(("select", "f.aselect", "wild"))
    assert box.is_visible()
    without = desk(scripts=False)
    assert without.page.locator("[data-when]").is_visible()
    assert "Used while “Aselect” is wild." in without.page.locator("[data-when]").inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["1280", "360"])
def test_the_form_is_accessible_and_fits(
    desk: Callable[..., Desk], axe: Callable[[Any], list[str]], size: dict[str, int], scheme: str
) -> None:
    ines = desk(size)
    ines.page.emulate_media(color_scheme=scheme)
    for row in ROWS:
        ines.do(*row.first)
    ines.page.get_by_role("button", name="Add quote").click()
    ines.page.locator("[name='f.blocks.0.words']").wait_for()
    assert axe(ines.page) == []
    assert ines.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_two_buttons_and_a_save_in_a_row_are_all_done(desk: Callable[..., Desk]) -> None:
    ines = desk()
    ines.page.evaluate(
        """() => {
          const press = (selector) => document.querySelector(selector).click();
          press("[name=do][value='add~0:blocks']");
          document.querySelector("[name='f.atext']").value = "Typed meanwhile";
          press("[name=do][value='add~0:blocks']");
          press(".save button[value=save]");
        }"""
    )
    ines.page.locator("[id='f.atext'][value='Typed meanwhile']").wait_for()
    ines.page.wait_for_function("document.querySelectorAll('details.card').length === 2")
    assert "atext: Typed meanwhile" in ines.text
    assert ines.text.count("type: hero") == 2
