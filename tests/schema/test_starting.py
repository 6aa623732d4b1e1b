"""What a new entry begins with."""

from __future__ import annotations

from datetime import UTC, date, datetime

from gitcms.schema.collection import Field
from gitcms.schema.dates import Spelling
from gitcms.schema.starting import starting_values

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


def test_fields_begin_with_their_defaults_and_what_is_known_stays() -> None:
    fields = (
        Field("layout", "Layout", default="post"),
        Field("title", "Title", default="Untitled"),
        Field("day", "Day", "date", default="{{now}}", options={"spelling": Spelling("date", False)}),
        Field("year", "Year", default="{{now | date('YYYY')}}"),
        Field("of", "Of", "hidden", default={"kind": "post", "made": "{{title}}"}),
        Field(
            "seo", "SEO", "object", fields=(Field("index", "Index", "boolean", default=True), Field("x", "X"))
        ),
        Field("plain", "Plain"),
    )
    assert starting_values(fields, {"layout": "talk", "other": 1}, NOW) == {
        "layout": "talk",
        "other": 1,
        "title": "Untitled",
        "day": date(2026, 3, 1),
        "year": "2026",
        "of": {"kind": "post", "made": "Untitled"},
        "seo": {"index": True},
    }


def test_an_identifier_is_made_for_each_new_entry() -> None:
    fields = (Field("id", "ID", "uuid"),)
    assert starting_values(fields, {}, NOW) != starting_values(fields, {}, NOW)
