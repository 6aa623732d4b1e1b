"""What a browser would send for a page's form that nobody touched, and small changes to it.

The rules are HTML's ("Constructing the entry list", "Value sanitization", "textarea"): enough of them
to find a control that cannot hold its value.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from html.parser import HTMLParser

from werkzeug.datastructures import MultiDict


def submitted(page: str) -> MultiDict[str, str]:
    """Return the names and texts that a browser sends for this page, without any button."""
    reader = _Controls()
    reader.feed(page.replace("\r\n", "\n").replace("\r", "\n"))
    reader.close()
    return MultiDict((name, value.replace("\r\n", "\n").replace("\n", "\r\n")) for name, value in reader.sent)


class _Controls(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.sent: list[tuple[str, str]] = []
        self._area: str | None = None
        self._text: list[str] = []
        self._select: str | None = None
        self._options: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: (value or "") for name, value in attrs}
        if tag == "textarea":
            self._area, self._text = facts["name"], []
        elif tag == "select":
            self._select, self._options = facts["name"], []
        elif tag == "option" and self._select is not None:
            self._options.append((facts["value"], "selected" in facts))
        elif tag == "input" and "name" in facts:
            self._take(facts)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area is not None:
            text = "".join(self._text).replace("\r\n", "\n").replace("\r", "\n")
            self.sent.append((self._area, text.removeprefix("\n")))
            self._area = None
        elif tag == "select" and self._select is not None:
            chosen = [value for value, selected in self._options if selected]
            self.sent.append((self._select, (chosen or [self._options[0][0]])[-1]))
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._text.append(data)

    def _take(self, facts: dict[str, str]) -> None:
        kind, value = facts.get("type", "text"), facts.get("value", "")
        if kind in ("checkbox", "radio") and "checked" not in facts:
            return
        if kind == "file":
            return
        if kind == "date":
            value = value if _reads(date.fromisoformat, value) else ""
        elif kind == "datetime-local":
            value = value if _reads(datetime.fromisoformat, value) and "T" in value else ""
        elif kind != "hidden":
            value = re.sub(r"[\r\n]", "", value)
        self.sent.append((facts["name"], value))


def _reads(parse: object, value: str) -> bool:
    try:
        parse(value)  # type: ignore[operator]
    except ValueError:
        return False
    return True
