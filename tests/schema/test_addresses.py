"""The address of an entry by a template of the site's owners."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from gitcms.schema.addresses import Address

PATH, FOLDERS = "content/posts/2026/first-rain.md", ("content/posts",)
WHEN = datetime(2026, 3, 1, 12, tzinfo=UTC)
VALUES = {"title": "First / Rain: ñ", "day": date(2025, 12, 31), "seo": {"name": "Ágora"}, "n": 3}


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (Address("blog/{{slug}}"), "/blog/2026/first-rain"),
        (Address("/blog/{{filename}}/"), "/blog/first-rain/"),
        (Address("{{dirname}}/{{filename}}.{{extension}}"), "/2026/first-rain.md"),
        (Address("{{year}}/{{month}}/{{day}}"), "/2026/03/01"),
        (Address("{{year}}/{{month}}/{{filename}}", date="day"), "/2025/12/first-rain"),
        (Address("{{year}}", date="gone"), None),
        (Address("{{title}}"), "/first-rain-n"),
        (Address("{{title}}", slashes=True), "/first/rain-n"),
        (Address("{{fields.seo.name}}-{{n}}"), "/agora-3"),
        (Address("{{fields.day | date('MM')}}//x"), "/12/x"),
    ],
)
def test_a_template_is_filled_in(address: Address, expected: str | None) -> None:
    assert address.of(VALUES, PATH, FOLDERS, WHEN) == expected


def test_an_entry_without_the_date_that_is_named_has_none() -> None:
    assert Address("{{year}}/{{slug}}").of(VALUES, PATH, FOLDERS, None) is None
    assert Address("x/{{filename}}").of(VALUES, PATH, FOLDERS, None) == "/x/first-rain"


@pytest.mark.parametrize(
    ("omits", "language", "expected"),
    [("", "en", "/en/a"), ("", "es", "/es/a"), ("es", "es", "/a"), ("es", "en", "/en/a")],
)
def test_an_address_may_leave_one_language_out(omits: str, language: str, expected: str) -> None:
    address = Address("{{locale}}/{{title}}", omits=omits)
    assert address.of({"title": "a"}, "posts/a.md", ("posts",), None, language) == expected
