"""Every page of the address map by keyboard alone, wide and narrow: Tab reaches every control and is held by
none, where one is can be seen, and the keys do what they do elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gitcms.accounts.permissions import Role
from tests.browser import every_page
from tests.browser.conftest import NARROW, WIDE, tab_to
from tests.browser.every_page import OF_NOBODY, Place

MORE = {
    "entries": "/collections/projects/?f.country=France",
    "bulk": "/collections/projects/bulk",
    "history": "/history?person=nobody@example.org",
}
"""Pages that have other controls when they are asked for otherwise."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with every_page.standing(tmp_path_factory.mktemp("keys")) as stands:
        yield stands


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["1280", "360"])
def test_tab_reaches_every_control_of_every_page_and_shows_where_one_is(
    place: Place, browse: Callable[..., Any], size: dict[str, int]
) -> None:
    nobody, admin = browse(size), browse(size)
    place.sign_in(admin, Role.ADMIN)
    wrong: list[str] = []
    for name, address in [*place.addresses.items(), *MORE.items()]:
        page = nobody if name in OF_NOBODY else admin
        page.goto(place.address + address)
        wrong += [f"{name}: {each}" for each in walked(page)]
    assert wrong == []


def walked(page: Any) -> list[str]:
    """Go round a page by Tab from its skip link on, opening what can be opened; what is wrong with it."""
    wrong: list[str] = []
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    if page.evaluate("() => document.activeElement.id") != "main":
        wrong.append("the first stop does not lead to the content")
    most = 2 * page.evaluate(f"() => document.querySelectorAll(`{CAN_BE_PRESSED}`).length") + 20
    for _ in range(most):
        page.keyboard.press("Tab")
        stop = page.evaluate(STOP)
        if stop is None:
            continue
        if stop["known"]:
            break
        if stop["is_hidden"]:
            wrong.append(f"something lies over {stop['what']}")
        if not stop["is_seen"]:
            wrong.append(f"nothing shows that one is at {stop['what']}")
        if stop["is_closed"]:
            page.keyboard.press("Enter")
            if page.evaluate("() => !document.activeElement.parentElement.open"):
                wrong.append(f"Enter does not open {stop['what']}")
    else:
        wrong.append("Tab does not come round")
    return wrong + [f"Tab does not reach {what}" for what in page.evaluate(MISSED)]


CAN_BE_PRESSED = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]"
# What has the focus, whether Tab was there before, and whether a person sees both it and that it has it.
STOP = """() => {
  const el = document.activeElement;
  if (!el || el === document.body) return null;
  window.stops ??= [];
  // A date is several stops in one control.
  if (el === stops.at(-1)) return null;
  const known = stops.includes(el);
  stops.push(el);
  const outlined = (one) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(one);
    return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2;
  };
  const box = (el.closest('label') ?? el).getBoundingClientRect();
  const on = (x, y) => {
    const top = document.elementFromPoint(box.left + box.width * x, box.top + box.height * y);
    return top && (el.contains(top) || top.contains(el) || top.closest('label')?.contains(el));
  };
  return {
    known,
    what: el.outerHTML.slice(0, 100),
    is_hidden: ![[0.5, 0.5], [0.1, 0.1], [0.9, 0.9], [0.1, 0.9], [0.9, 0.1]].some(([x, y]) => on(x, y)),
    is_seen: [el, el.closest('label'), el.closest('.tags')].some((one) => one && outlined(one)),
    is_closed: el.matches('summary') && !el.parentElement.open,
  };
}"""
# One of a group of radios is a stop, arrows go on inside it; the same holds for a toolbar.
MISSED = (
    """() => [...document.querySelectorAll(`"""
    + CAN_BE_PRESSED
    + """`)]
  .filter((el) => !el.disabled && el.checkVisibility({ visibilityProperty: true }) && !stops.includes(el))
  .filter((el) => el.tabIndex >= 0)
  .filter((el) => !(el.type === 'radio' && stops.some((one) => one.name === el.name && one.form === el.form)))
  .map((el) => el.outerHTML.slice(0, 100))"""
)


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["1280", "360"])
def test_keys_open_and_close_what_they_open_and_close_elsewhere(
    place: Place, browse: Callable[..., Any], size: dict[str, int]
) -> None:
    page = browse(size)
    place.sign_in(page, Role.ADMIN)
    page.goto(place.address + place.addresses["entry"])
    keys = page.keyboard
    tab_to(page, "el.matches('.bar > details.menu > summary')")
    menu = page.locator(".bar > details.menu")
    for opens in ("Enter", "Space"):
        keys.press(opens)
        assert menu.evaluate("el => el.open"), opens
        keys.press("Tab")
        assert menu.evaluate("el => el.contains(document.activeElement)")
        keys.press("Escape")
        assert not menu.evaluate("el => el.open")
        assert menu.evaluate("el => document.activeElement === el.querySelector('summary')")
    keys.press("?")
    dialog = page.locator("dialog[data-keys]")
    for _ in range(3):
        assert dialog.evaluate("el => el.contains(document.activeElement)")
        keys.press("Shift+Tab")
        if page.evaluate("() => document.activeElement === document.body"):
            keys.press("Shift+Tab")
    keys.press("Escape")
    assert not dialog.evaluate("el => el.open")
    assert page.evaluate("() => document.activeElement.matches('details.menu > summary')")


def test_arrows_go_through_the_menus_of_a_list_without_sending_its_form(
    place: Place, browse: Callable[..., Any]
) -> None:
    page = browse(WIDE)
    place.sign_in(page, Role.ADMIN)
    page.goto(place.address + place.addresses["entries"])
    before = page.url
    tab_to(page, "el.id === 'filter-1'")
    page.keyboard.press("ArrowDown")
    chosen = page.locator("#filter-1").input_value()
    tab_to(page, "el.matches('.flt > button')")
    assert chosen and page.url == before
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url != before)
    assert page.locator("#filter-1").input_value() == chosen and page.locator(".chosen li").count() == 1


def test_what_can_be_done_with_ticked_entries_is_offered_while_some_are(
    place: Place, browse: Callable[..., Any]
) -> None:
    page = browse(WIDE)
    place.sign_in(page, Role.ADMIN)
    page.goto(place.address + place.addresses["entries"])
    bar = page.locator(".bulk")
    assert not bar.is_visible()
    for ticked in ("1 selected", "2 selected"):
        tab_to(page, "el.name === 'path' && !el.checked")
        page.keyboard.press("Space")
        assert bar.is_visible() and ticked in bar.inner_text()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert "3 selected" in bar.inner_text()
    rows = "[...document.querySelectorAll('.rows > li')]"
    at = f"() => {rows}.findIndex(row => row.contains(document.activeElement))"
    here = page.evaluate(at)
    page.keyboard.press("k")
    assert page.evaluate(at) == here - 1 and page.evaluate("() => document.activeElement.matches('.name')")
    tab_to(page, "el.type === 'reset'")
    page.keyboard.press("Enter")
    bar.wait_for(state="hidden")
    assert page.locator(".rows :checked").count() == 0


def test_the_toolbar_is_one_stop_with_arrows_in_it_and_tab_leaves_the_text(
    place: Place, browse: Callable[..., Any]
) -> None:
    page = browse(WIDE)
    place.sign_in(page, Role.ADMIN)
    page.goto(place.address + place.addresses["entry"])
    keys = page.keyboard
    tab_to(page, "el.dataset.do === 'bold'")
    keys.press("ArrowRight")
    assert page.evaluate("() => document.activeElement.dataset.do") == "italic"
    keys.press("ArrowLeft")
    keys.press("ArrowLeft")
    assert page.evaluate("() => document.activeElement.dataset.do") == "list"
    keys.press("Tab")
    assert page.evaluate("() => document.activeElement.id") == "body"
    before = page.locator("#body").input_value()
    keys.press("Tab")
    assert page.evaluate("() => document.activeElement.id") != "body"
    assert page.locator("#body").input_value() == before
    tab_to(page, "el.type === 'checkbox'")
    checked = page.evaluate("() => document.activeElement.checked")
    keys.press("Space")
    assert page.evaluate("() => document.activeElement.checked") is not checked
