"""The rules that a field has for values of its type: what breaks one is told in words."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest

from gitcms.schema.collection import Collection, Field, When
from gitcms.schema.validation import validate


def told(value: Any, kind: str = "text", **facts: Any) -> str | None:
    field = Field("key", "Key", kind, **facts)
    collection = Collection("x", "X", "X", ("x",), fields=(field,))
    return validate(collection, {"key": value}, complete=False).get("key")


@pytest.mark.parametrize(
    ("value", "kind", "options", "sentence"),
    [
        (7, "number", {"min": 1, "max": 5}, "Write a number from 1 to 5"),
        (0, "number", {"min": 1}, "Write 1 or more"),
        (9, "number", {"max": 5}, "Write 5 or less"),
        (3, "number", {"step": 2, "min": 0}, "Write a number in steps of 2"),
        ("7", "number", {"text": True, "max": 5}, "Write 5 or less"),
        (3, "number", {"min": 1, "max": 5}, None),
        (0.3, "number", {"step": 0.1}, None),
        (date(2025, 1, 1), "date", {"min": "2025-02-01"}, "Choose 2025-02-01 or later"),
        ("2025-03-01", "date", {"max": "2025-02-01"}, "Choose 2025-02-01 or earlier"),
        ("8:59", "time", {"min": "09:00"}, "Choose 09:00 or later"),
        ("09:00", "time", {"min": "9:00", "max": "09:00"}, None),
        (time(17, 1), "time", {"max": "17:00"}, "Choose 17:00 or earlier"),
        ("abc", "text", {"max_length": 2}, "Write at most 2 characters. These are 3"),
        ("abc", "text", {"min_length": 4}, "Write at least 4 characters. These are 3"),
        (
            "abc",
            "text",
            {"pattern": "^[A-Z]", "pattern_says": "Begin with a capital."},
            "Begin with a capital",
        ),
        ("Abc", "text", {"pattern": "^[A-Z]"}, None),
        ("abc", "text", {"pattern": "(("}, None),
        (["a", "b", "c"], "tags", {"max": 2}, "Keep at most 2 of these. There are 3"),
        ([{"a": 1}], "objects", {"min": 2}, "Add at least 2 of these. There is 1"),
        (["a"], "gallery", {"min": 2}, "Add at least 2 of these. There is 1"),
        ("#12", "colour", {}, "Write a colour, such as #b4291a or navy"),
        ("25:00", "time", {}, "Write a time of day, such as 09:30"),
    ],
)
def test_a_rule_that_is_broken_is_told(value: Any, kind: str, options: Any, sentence: str | None) -> None:
    assert told(value, kind, options=options) == sentence


def test_nothing_but_the_choices_where_the_set_is_closed() -> None:
    labels = {"a": "Apple", "b": "Bee"}
    options = {"closed": True, "labels": labels}
    assert told("c", "select", choices=("a", "b"), options=options) == "Choose one of Apple, Bee"
    assert told(["a", "c"], "multiselect", choices=("a", "b"), options=options) is not None
    assert told("c", "select", choices=("a", "b")) is None


def test_objects_of_a_typed_list_are_judged_by_their_kind() -> None:
    hero = Field("hero", "Hero", "object", fields=(Field("link", "Link", "url"),))
    quote = Field("quote", "Quote", "object", fields=(Field("by", "By", "email"),))
    blocks = Collection(
        "x", "X", "X", ("x",), fields=(Field("blocks", "Blocks", "blocks", fields=(hero, quote)),)
    )
    values = {"blocks": [{"type": "hero", "link": "a b"}, {"type": "quote", "link": "a b"}, {"type": "odd"}]}
    assert list(validate(blocks, values, complete=False)) == ["blocks.0.link"]


@pytest.mark.parametrize(
    ("kind", "item", "right", "wrong"),
    [
        ("gallery", Field("key", "Key", "image"), "a.png", "a"),
        ("list", Field("key", "Key", "url"), "https://example.org", "a b"),
        ("list", Field("", "", options={"max_length": 3}), "abc", "abcd"),
        (
            "list",
            Field("", "", "object", fields=(Field("at", "At", "email"),)),
            {"at": "a@b.org"},
            {"at": "a"},
        ),
    ],
)
def test_each_item_of_a_list_is_judged_as_the_list_says(
    kind: str, item: Field, right: Any, wrong: Any
) -> None:
    lists = Collection("x", "X", "X", ("x",), fields=(Field("key", "Key", kind, item=item),))
    place = "key.1.at" if isinstance(wrong, dict) else "key.1"
    assert list(validate(lists, {"key": [right, wrong, None]}, complete=False)) == [place]
    # One that was there before is nobody's mistake, wherever it stands by now.
    old = {"key": [wrong]}
    assert validate(lists, {"key": [right, wrong]}, complete=False, old=old) == {}
    assert validate(lists, {"key": None}, complete=False) == {}


@pytest.mark.parametrize(
    ("when", "values", "met"),
    [
        (When("type", ("link",)), {"type": "link"}, True),
        (When("type", ("link",)), {"type": "text"}, False),
        (When("type", ("link",), other_than=True), {"type": "text"}, True),
        (When("type", ("link",)), {"type": ["a", "link"]}, True),
        (When("on", ("true",)), {"on": True}, True),
        (When("n", ("3",)), {"n": 3}, True),
        (When("type"), {"type": "x"}, True),
        (When("type"), {"type": ""}, False),
        (When("type"), {}, False),
        (When("on"), {"on": False}, False),
        (When("on", other_than=True), {}, True),
    ],
)
def test_a_field_is_asked_for_beside_certain_values(when: When, values: dict[str, Any], met: bool) -> None:
    assert when.met(values) is met


def test_what_is_not_asked_for_is_not_required() -> None:
    link = Field("link", "Link", required=True, when=When("type", ("link",)))
    collection = Collection("x", "X", "Post", ("x",), fields=(Field("type", "Type"), link))
    assert validate(collection, {"type": "text"}, complete=True) == {}
    assert list(validate(collection, {"type": "link"}, complete=True)) == ["link"]


def test_a_part_of_an_object_that_was_added_needs_what_is_required() -> None:
    links = Field("links", "Links", "objects", fields=(Field("url", "URL", "url", required=True),))
    collection = Collection("x", "X", "Post", ("x",), fields=(links,))
    old = {"links": [{"name": "old"}]}
    assert validate(collection, old, complete=True, old=old) == {}
    new = {"links": [{"name": "old"}, {"name": "new"}]}
    assert list(validate(collection, new, complete=True, old=old)) == ["links.1.url"]
    assert validate(collection, new, complete=False, old=old) == {}
