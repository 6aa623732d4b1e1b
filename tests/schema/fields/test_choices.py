"""Choosing: one of several, several, entries by their names; and numbers with a slider."""

from __future__ import annotations

from typing import Any

import pytest

from gitcms.content.values import MISSING, Found
from gitcms.schema.collection import Field
from gitcms.schema.fields import FIELD_TYPES, BadField

DAYS = Field("days", "Days", "multiselect", choices=("mon", "tue", "wed"))


@pytest.mark.parametrize(
    ("old", "ticked", "new"),
    [
        (["wed", "mon"], "mon\ntue\nwed", ["wed", "mon", "tue"]),
        (["wed", "mon"], "wed", ["wed"]),
        (["mon", "odd"], "odd\nmon\nwed", ["mon", "odd", "wed"]),
        ([2016, "mon"], "2016\nwed", [2016, "wed"]),
        ("mon", "mon\nwed", ["mon", "wed"]),
        (["mon"], "", MISSING),
        (MISSING, "tue", ["tue"]),
    ],
)
def test_ticked_boxes_keep_the_order_of_the_file(old: Found, ticked: str, new: Found) -> None:
    assert FIELD_TYPES["multiselect"].control(old, DAYS) == "checks"
    assert FIELD_TYPES["multiselect"].from_form(ticked, old, DAYS) == new


def test_many_choices_are_words_with_suggestions() -> None:
    many = Field("days", "Days", "multiselect", choices=tuple(map(str, range(40))))
    assert FIELD_TYPES["multiselect"].control(["1"], many) == "text"
    assert FIELD_TYPES["multiselect"].control(["1"], Field("d", "D", "multiselect")) == "text"


def test_several_entries_are_a_list_from_the_first_on() -> None:
    relation = FIELD_TYPES["relation"]
    one, many = Field("r", "R", "relation"), Field("r", "R", "relation", options={"multiple": True})
    assert relation.from_form("a", MISSING, one) == "a"
    assert relation.from_form("a", MISSING, many) == ["a"]
    assert relation.from_form("b", "a", many) == "b"
    assert relation.from_form("a\nb", "a", many) == ["a", "b"]


def test_numbers_may_be_whole_text_or_have_a_slider() -> None:
    number = FIELD_TYPES["number"]
    whole = Field("n", "N", "number", options={"int": True})
    text = Field("n", "N", "number", options={"text": True})
    slider = Field("n", "N", "number", options={"as": "range", "min": 1, "max": 5})
    assert number.marshmallow(whole, None)  # type: ignore[arg-type]
    assert [number.problem(value, whole) for value in (3, 3.5)] == [  # type: ignore[attr-defined]
        None,
        "Write a whole number, such as 12",
    ]
    assert number.fits("3.50", text) and not number.fits("3.50", whole) and not number.fits("x", text)
    assert number.from_form("4", "3.50", text) == "4"
    assert number.from_form("4", MISSING, text) == "4"
    assert number.control(3, slider) == "range" and number.control(3, whole) == "text"


def test_a_uuid_makes_itself_and_none_is_like_another() -> None:
    kind: Any = FIELD_TYPES["uuid"]
    field = Field("id", "ID", "uuid", options={"prefix": "post-"})
    one, other = kind.start(field), kind.start(field)
    assert one != other and one.startswith("post-")
    assert kind.problem(one, field) is None
    assert kind.problem("post-1", field) is not None
    with pytest.raises(BadField):
        kind.from_form("a\0", MISSING, field)
