"""Texts with places to fill in."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from gitcms.schema import templates

VALUES = {
    "title": "First Rain",
    "author": {"name": "Inés"},
    "tags": ["a", "b"],
    "date": date(2026, 3, 1),
    "draft": True,
    "none": None,
    "slug": "its field",
}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{title}}", "First Rain"),
        ("{{ fields.title | upper }}!", "FIRST RAIN!"),
        ("{{author.name}} · {{tags}} · {{tags.1}}", "Inés · a, b · b"),
        ("{{date | date('D MMMM YYYY')}}", "1 March 2026"),
        ("{{date}}", "2026-03-01"),
        ("{{gone}}{{none}}{{author}}", ""),
        ("{{gone | default('no, one')}}", "no, one"),
        ("{{title | truncate(5)}}", "First…"),
        ("{{title | truncate(5, '')}}", "First"),
        ("{{title | slug}}", "first-rain"),
        ("{{draft | ternary('yes', 'no')}} {{none | ternary('yes', 'no')}}", "yes no"),
        ("{{title | shout}}", "First Rain"),
        ("{title} {{}} {{", "{title} {{}} {{"),
        ("{{slug}} {{fields.slug}}", "own its field"),
    ],
)
def test_places_are_filled_in(template: str, text: str) -> None:
    assert templates.fill(template, VALUES, slug="own") == text


def test_a_default_may_be_the_moment() -> None:
    now = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    assert templates.start("{{now}}", {}, now) == "2026-03-01T09:30:00+00:00"
    assert templates.start({"a": ["{{now | date('YYYY')}}", 3]}, {}, now) == {"a": ["2026", 3]}
    assert templates.start("plain", {}, now) == "plain"


def test_a_template_tells_what_it_names() -> None:
    assert list(templates.names("{{title | upper}} {{fields.author.name}}")) == ["title", "author.name"]
