"""Values: typed equality and the way along a path."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from gitcms.content.values import MISSING, Raw, dotted, find, same

VALUES = {"title": "x", "links": [{"url": "u"}, None], "none": None}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        (1, 1.0),
        (0, False),
        ("1", 1),
        (None, ""),
        ([], {}),
        (date(2024, 1, 1), datetime(2024, 1, 1)),
    ],
)
def test_values_of_two_types_are_never_the_same(one, other):
    assert not same(one, other) and not same({"a": [one]}, {"a": [other]})


def test_the_order_of_keys_does_not_count_and_that_of_items_does():
    assert same({"a": 1, "b": 2}, {"b": 2, "a": 1})
    assert not same([1, 2], [2, 1])


def test_the_same_moment_in_another_zone_is_another_value():
    noon = datetime(2024, 1, 1, 12, tzinfo=UTC)
    assert not same(noon, noon.astimezone(timezone(timedelta(hours=2))))


def test_nan_is_the_same_as_itself():
    assert same(float("nan"), float("nan"))


def test_a_path_leads_to_a_value_or_nowhere():
    assert find(VALUES, ("links", 0, "url")) == "u"
    assert find(VALUES, ("links", 1)) is None
    for path in [("links", 2), ("links", -1), ("links", "0"), ("title", "x"), ("none", "x"), ("other",)]:
        assert find(VALUES, path) is MISSING


def test_a_path_reads_as_text():
    assert dotted(("links", 0, "url")) == "links.0.url"


def test_a_raw_value_is_itself():
    assert same(Raw("!x y", "why"), Raw("!x y", "why"))
