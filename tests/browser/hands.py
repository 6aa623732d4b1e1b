"""How people fill in a form: with a mouse, without scripts, and with nothing but the keys.

A step names a control as the form does. Cards that are closed are opened first, as anybody would.
"""

from __future__ import annotations

import re
from typing import Any

from tests.browser.conftest import tab_to
from tests.browser.table import Step

_CONTROL = ":is(input:not([type=hidden]), textarea, select)"
_CLOSED = """(css) => {
  let found = null;
  for (let one = document.querySelector(css)?.parentElement; one; one = one.parentElement) {
    if (one.matches("details:not([open])")) found = one;
  }
  return found?.querySelector(":scope > summary") ?? null;
}"""
_MOST = 400


def control(name: str, value: str | None = None) -> str:
    """Return the selector of a control, or of the box or button among several that has a value."""
    if value is not None:
        return f'[name="{name}"][value="{value}"]:is([type=checkbox], [type=radio])'
    return f':is([id="{name}"], [name="{name}"]){_CONTROL}'


def button(do: str) -> str:
    return f'button[name=do][value="{do}"]'


class Mouse:
    """Somebody who points at things. `scripts` tells whether the page has any."""

    def __init__(self, page: Any, *, scripts: bool = True) -> None:
        self.page, self.scripts = page, scripts

    def do(self, *steps: Step) -> None:
        for what, *about in steps:
            getattr(self, what)(*about)

    def type(self, name: str, text: str) -> None:
        found = self._shown(control(name))
        found.click()
        found.fill(text)

    def tick(self, name: str, value: str) -> None:
        self._shown(control(name, value)).check()

    def untick(self, name: str, value: str) -> None:
        self._shown(control(name, value)).uncheck()

    def choose(self, name: str, value: str) -> None:
        self._shown(control(name)).select_option(value)

    def words(self, name: str, text: str) -> None:
        if not self.scripts:
            return self.type(name, text)
        wanted = [word for word in text.split(", ") if word]
        chips = self.page.locator(f".tags:has({control(name)}) .tag")
        for chip in reversed(chips.all()):
            if _word(chip.inner_text()) not in wanted:
                chip.locator("button").click()
        there = [_word(one) for one in chips.all_inner_texts()]
        for word in wanted:
            if word not in there:
                self.type(name, word)
                self._shown(control(name)).press("Enter")
        return None

    def find(self, name: str, text: str) -> None:
        self.type(f"{name}.__find", text)
        if self.scripts:
            return self.page.locator("[data-answers] button", has_text=text).click()
        self.press(f"find:{name.removeprefix('f.')}")
        self.page.locator(".found label", has_text=text).locator("input").check()
        return self.type(f"{name}.__find", "")

    def press(self, do: str) -> None:
        found = self._shown(button(do))
        self._wait_for(found.click)

    def save(self) -> None:
        with self.page.expect_navigation():
            self.page.locator(".save button", has_text=re.compile("^Save")).click()

    def _shown(self, css: str) -> Any:
        while closed := self.page.evaluate_handle(_CLOSED, css).as_element():
            closed.click()
        return self.page.locator(css).first

    def _wait_for(self, press: Any) -> None:
        """Press a button of a list, and wait for what it brings."""
        if not self.scripts:
            with self.page.expect_navigation():
                press()
            return
        side = self.page.query_selector(".side")
        press()
        side.wait_for_element_state("hidden")


class Keys(Mouse):
    """Somebody with nothing but the keys, who goes from one control to the next by Tab."""

    def type(self, name: str, text: str) -> None:
        self._go_to(control(name))
        if self.page.evaluate("document.activeElement.type") in ("date", "time", "datetime-local"):
            return self._type_moment(text)
        self.page.keyboard.press("Control+a")
        return self.page.keyboard.type(text) if text else self.page.keyboard.press("Delete")

    def tick(self, name: str, value: str) -> None:
        if self.page.locator(control(name, value)).get_attribute("type") == "checkbox":
            return self._set(name, value, checked=True)
        self._go_to(f'[name="{name}"][type=radio]:checked')
        for _ in range(10):
            if self.page.evaluate("document.activeElement.value") == value:
                break
            self.page.keyboard.press("ArrowDown")
        assert self.page.locator(control(name, value)).is_checked()
        return None

    def untick(self, name: str, value: str) -> None:
        self._set(name, value, checked=False)

    def choose(self, name: str, value: str) -> None:
        self._go_to(control(name))
        self.page.keyboard.type(value) if value else self.page.keyboard.press("Home")

    def words(self, name: str, text: str) -> None:
        wanted = [word for word in text.split(", ") if word]
        self._go_to(control(name))
        chips = self.page.locator(f".tags:has({control(name)}) .tag")
        there = [_word(one) for one in chips.all_inner_texts()]
        while there != wanted[: len(there)]:
            self.page.keyboard.press("Backspace")
            there.pop()
        self.page.keyboard.type("".join(f"{word}," for word in wanted[len(there) :]))

    def find(self, name: str, text: str) -> None:
        self.type(f"{name}.__find", text)
        self.page.locator("[data-answers] button", has_text=text).wait_for()
        for _ in range(10):
            self.page.keyboard.press("ArrowDown")
            if text in self.page.evaluate("document.activeElement.textContent"):
                break
        self.page.keyboard.press("Enter")
        assert self.page.evaluate(f"document.activeElement.matches({control(f'{name}.__find')!r})")

    def press(self, do: str) -> None:
        self._go_to(button(do))
        self._wait_for(lambda: self.page.keyboard.press("Enter"))
        # Who has no mouse begins at the top of the page again where the focus is lost.
        assert self.page.evaluate("!!document.activeElement.closest('.side')"), f"lost after {do}"

    def save(self) -> None:
        with self.page.expect_navigation():
            self.page.keyboard.press("Control+s")

    def _go_to(self, css: str) -> None:
        while self.page.evaluate_handle(_CLOSED, css).as_element():
            self._tab_to(f"({_CLOSED})({css!r})")
            self.page.keyboard.press("Enter")
        self._tab_to(f"document.querySelector({css!r})")

    def _tab_to(self, found: str) -> None:
        """Go to an element the shorter way: forwards, or back to where one has been."""
        behind = f"document.activeElement.compareDocumentPosition({found}) & Node.DOCUMENT_POSITION_PRECEDING"
        key = "Shift+Tab" if self.page.evaluate(behind) else "Tab"
        tab_to(self.page, f"el === {found}", _MOST, key)

    def _set(self, name: str, value: str, *, checked: bool) -> None:
        self._go_to(control(name, value))
        if self.page.evaluate("document.activeElement.checked") is not checked:
            self.page.keyboard.press("Space")

    def _type_moment(self, text: str) -> None:
        """Type a day, a time or both into a browser's own control, or take its parts out one by one.

        Day and month are alike in all that is typed, so that any order of them will do.
        """
        keyboard = self.page.keyboard
        for _ in range(0 if text else 6):
            keyboard.press("Delete")
            keyboard.press("ArrowRight")
        day, time = re.fullmatch(r"([\d-]*)T?((?:\d\d:\d\d)?)", text).groups()  # type: ignore[union-attr]
        if day:
            keyboard.type(day[8:10] + day[5:7] + day[:4])
            keyboard.press("ArrowRight")
        if time:
            keyboard.type(time.replace(":", "") + "A")


def _word(chip: str) -> str:
    return chip.removesuffix("×").strip()
