"""The controls of an entry form in a real Chromium: none may change a value by being looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.datastructures import MultiDict

from gitcms.web.forms import form_fields
from tests.web.test_forms import POSTS, VALUES, drawn, is_untouched, read

SENT = """[...new FormData(document.querySelector("form"))].filter(([, value]) => typeof value == "string")"""


def test_a_form_that_a_browser_sends_untouched_changes_nothing(browse: Callable[..., Any]) -> None:
    values = VALUES | {
        "date": "2025-05-14 09:30:00.120 +0200",
        "title": "  spaces,\ttabs and\u2028odd lines ",
        "seo": {"text": "\n\n first\r\nand \0 last\n", "links": None},
    }
    page = browse()
    page.set_content(f"<form>{drawn(form_fields(POSTS, values))}</form>")
    sent = MultiDict(
        (name, text.replace("\r\n", "\n").replace("\n", "\r\n")) for name, text in page.evaluate(SENT)
    )
    reading = read(sent, values)
    assert reading.errors == {}
    assert is_untouched(reading, values)
