"""Each type of field: what it shows, what it reads, what it refuses, what an emptied control means."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitcms import resources
from gitcms.content.values import MISSING, Found, Raw
from gitcms.schema.collection import Field
from gitcms.schema.dates import Spelling
from gitcms.schema.fields import FIELD_TYPES, BadField
from gitcms.schema.fitting import field_for, own_field

PLUS_9 = timezone(timedelta(hours=9))
INTS = {"kinds": ("int",)}


@pytest.mark.parametrize(
    ("kind", "old", "shown", "typed", "new"),
    [
        ("text", "a", "a", "b", "b"),
        ("text", 2015, "2015", "2016", 2016),
        ("text", 2015, "2015", "2015-2016", "2015-2016"),
        ("text", 2015, "2015", "016", "016"),
        ("text", 1.5, "1.5", "1.50", "1.50"),
        ("text", True, "true", "false", False),
        ("text", "2015", "2015", "2016", "2016"),
        ("text", date(2025, 1, 1), "2025-01-01", "2025-01-02", date(2025, 1, 2)),
        ("text", "a", "a", "", MISSING),
        ("longtext", "a\nb", "a\nb", "a\nc", "a\nc"),
        ("markdown", "*a*", "*a*", "", MISSING),
        ("number", 3, "3", "4", 4),
        ("number", 3, "3", "4.5", 4.5),
        ("number", 3.0, "3.0", "4", 4.0),
        ("number", MISSING, "", "4,5", 4.5),
        ("number", 3, "3", " ", MISSING),
        ("boolean", True, "1", "", False),
        ("boolean", MISSING, "", "1", True),
        ("date", date(2025, 1, 1), "2025-01-01", "2025-02-01", date(2025, 2, 1)),
        ("date", "2025-01-01", "2025-01-01", "2025-02-01", "2025-02-01"),
        ("date", date(2025, 1, 1), "2025-01-01", "", MISSING),
        (
            "datetime",
            datetime(2025, 1, 1, 9),
            "2025-01-01T09:00",
            "2025-01-01T10:30",
            datetime(2025, 1, 1, 10, 30),
        ),
        (
            "datetime",
            datetime(2025, 1, 1, 9, 0, 27, tzinfo=PLUS_9),
            "2025-01-01T09:00:27",
            "2025-01-01T10:00:27",
            datetime(2025, 1, 1, 10, 0, 27, tzinfo=PLUS_9),
        ),
        (
            "datetime",
            "2025-01-01 09:00 +0200",
            "2025-01-01T09:00",
            "2025-01-01T10:00",
            "2025-01-01 10:00 +0200",
        ),
        ("datetime", date(2025, 1, 1), "2025-01-01", "2025-01-02", date(2025, 1, 2)),
        ("select", "a", "a", "b", "b"),
        ("select", 1, "1", "2", 2),
        ("select", "a", "a", "", MISSING),
        ("tags", ["a", "b"], "a, b", "a, b, c", ["a", "b", "c"]),
        ("tags", ["a", 2016], "a, 2016", "2016,  a,", [2016, "a"]),
        ("tags", ["Rio, Brazil", "b"], "Rio, Brazil\nb", "Rio, Brazil\nc", ["Rio, Brazil", "c"]),
        ("tags", "Featured", "Featured", "Other", "Other"),
        ("tags", "Featured", "Featured", "Featured, Other", ["Featured", "Other"]),
        ("tags", "a, b", "a, b", "a, b, c", "a, b, c"),
        ("tags", MISSING, "", "a", ["a"]),
        ("tags", ["a"], "a", " , ", MISSING),
        (
            "url",
            "https://a.example.org",
            "https://a.example.org",
            " https://b.example.org ",
            "https://b.example.org",
        ),
        ("url", "/a", "/a", "", MISSING),
        ("email", "a@example.org", "a@example.org", "b@example.org ", "b@example.org"),
        ("email", "a@example.org", "a@example.org", "", MISSING),
        ("image", "a.png", "a.png", "b.png", "b.png"),
        ("image", "a.png", "a.png", "", MISSING),
        ("time", "09:30", "09:30", "10:45", "10:45"),
        ("time", "09:30:00", "09:30:00", "10:45", "10:45:00"),
        ("time", time(9, 30), "09:30:00", "10:45", time(10, 45)),
        ("time", "09:30", "09:30", "", MISSING),
        ("colour", "#fff", "#fff", " #b4291a ", "#b4291a"),
        ("colour", "#fff", "#fff", "", MISSING),
        ("multiselect", ["a", "b"], "a, b", "b, c", ["b", "c"]),
        ("code", "a\n\tb\n", "a\n\tb\n", "c\n", "c\n"),
        ("uuid", "x", "x", "", MISSING),
        ("file", "/a.pdf", "/a.pdf", " /b.pdf", "/b.pdf"),
        ("keyvalue", {"a": 1, "b": "x"}, "a\t1\nb\tx", "a\t2\nc\ty\n\t", {"a": 2, "c": "y"}),
        ("keyvalue", {"a": None}, "a\t", "", MISSING),
        ("data", {"a": [1, "é"]}, '{\n  "a": [\n    1,\n    "é"\n  ]\n}', "[1, 2.5]", [1, 2.5]),
        ("data", MISSING, "", "size: 3\nof: [a, b]", {"size": 3, "of": ["a", "b"]}),
        ("data", "a", '"a"', "", MISSING),
        ("relation", "a", "a", "b", "b"),
        ("relation", 7, "7", "8", 8),
        ("relation", ["a", "b"], "a\nb", "b\nc\nb", ["b", "c"]),
        ("relation", ["a"], "a", "", MISSING),
    ],
)
def test_a_value_is_shown_changed_and_cleared(
    kind: str, old: Found, shown: str, typed: str, new: Found
) -> None:
    field, type_ = Field("key", "Key", kind), FIELD_TYPES[kind]
    assert type_.to_form(old, field) == shown
    read = type_.from_form(typed, old, field)
    assert (read, type(read)) == (new, type(new))


@pytest.mark.parametrize(
    ("kind", "typed", "sentence"),
    [
        ("number", "three", "Write a number, such as 12"),
        ("number", "1e999", "Write a number, such as 12"),
        ("number", "9" * 5000, "Write a number, such as 12"),
        ("date", "soon", "Write a date, such as 2025-05-14"),
        ("date", "2025-02-30", "Write a date, such as 2025-05-14"),
        ("datetime", "soon", "Write a date and a time, such as 2025-05-14 09:30"),
        ("tags", ",".join(map(str, range(2000))), "These are more than 1000. Take some out"),
        ("time", "soon", "Write a time of day, such as 09:30"),
        ("keyvalue", "\tx", "Write a name beside “x”"),
        ("keyvalue", "a\tx\na\ty", "“a” is there twice. Give one of them another name"),
        ("data", "{", "This is not complete JSON (line 1). Look for a missing comma, quote or bracket"),
        ("data", "a: [1", 'This cannot be read. Write JSON, such as {"size": 3}'),
        ("data", "[NaN]", "This is not complete JSON. Look for a missing comma, quote or bracket"),
        ("relation", "a\nb", "Choose one only"),
        ("text", "a\0b", "There is an invisible character in this text that cannot be saved. Type it anew"),
        (
            "longtext",
            "a\x07",
            "There is an invisible character in this text that cannot be saved. Type it anew",
        ),
        (
            "tags",
            "a\ud800",
            "There is an invisible character in this text that cannot be saved. Type it anew",
        ),
    ],
)
def test_what_is_no_value_of_the_type_is_refused_in_words(kind: str, typed: str, sentence: str) -> None:
    with pytest.raises(BadField) as refused:
        FIELD_TYPES[kind].from_form(typed, MISSING, Field("key", "Key", kind))
    assert str(refused.value) == sentence


def test_a_number_of_years_asks_for_a_year() -> None:
    with pytest.raises(BadField, match="Write a year, such as 2025"):
        FIELD_TYPES["number"].from_form("x", 2015, Field("year", "Year", "number", options={"year": True}))


def test_a_first_value_is_written_like_the_neighbours() -> None:
    text, tags, day = FIELD_TYPES["text"], FIELD_TYPES["tags"], FIELD_TYPES["datetime"]
    assert text.from_form("2016", MISSING, Field("year", "Year", options=INTS)) == 2016
    assert text.from_form("2016", MISSING, Field("year", "Year")) == "2016"
    assert tags.from_form("a", MISSING, Field("t", "T", "tags", options={"single": True})) == "a"
    spelled = Field(
        "date", "Date", "datetime", options={"spelling": Spelling("datetime", True, zone="+09:00")}
    )
    assert day.from_form("2025-01-01T10:00", MISSING, spelled) == datetime(2025, 1, 1, 10, tzinfo=PLUS_9)


@pytest.mark.parametrize("empty", ["", None, []])
def test_an_emptied_control_leaves_what_neighbours_leave(empty: Found) -> None:
    field = Field("key", "Key", "tags", options={"empty": empty})
    assert FIELD_TYPES["tags"].from_form("", ["a"], field) == empty


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (None, "text"),
        ("a", "text"),
        (True, "boolean"),
        (3, "number"),
        (float("nan"), "text"),
        (10**400, "raw"),
        (date(2025, 1, 1), "date"),
        (datetime(2025, 1, 1, tzinfo=UTC), "datetime"),
        (["a"], "tags"),
        (["a", None], "list"),
        ([{"a": 1}], "objects"),
        ([], "tags"),
        ({"a": 1}, "object"),
        ({}, "raw"),
        (Raw("!x y", "Because"), "raw"),
        ("\ud800", "raw"),
    ],
)
def test_a_key_that_nobody_knows_has_the_type_of_its_value(value: Found, kind: str) -> None:
    assert own_field("key", value).type == kind


def test_a_value_of_another_type_is_shown_as_what_it_is() -> None:
    links = Field("links", "Links", "objects", fields=(Field("url", "Web address", "url"),))
    assert field_for(links, "none yet").type == "text"
    assert field_for(links, None) is links
    assert field_for(Field("date", "When", "date"), "May 2015").type == "text"
    assert field_for(Field("mixed", "Mixed", "raw"), "text").type == "text"


@given(
    st.sampled_from([name for name, kind in FIELD_TYPES.items() if kind.shape == "one"]),
    st.one_of(
        st.text(),
        st.integers(),
        st.floats(),
        st.booleans(),
        st.dates(),
        st.datetimes(),
        st.none(),
        st.lists(st.one_of(st.text(), st.integers())),
    ),
)
def test_what_fits_is_shown_as_text_and_a_changed_text_is_read_or_refused(kind: str, value: Found) -> None:
    field, type_ = Field("key", "Key", kind), FIELD_TYPES[kind]
    if value is not None and type_.fits(value, field):
        shown = type_.to_form(value, field)
        with suppress(BadField):
            type_.from_form(shown + "x", value, field)


def test_every_type_has_its_module_and_its_template() -> None:
    templates = {path.stem for path in (resources.templates_folder() / "fields").glob("[!_]*.html")}
    modules = {path.stem for path in (Path(resources.PACKAGE) / "schema" / "fields").glob("*.py")}
    assert templates == set(FIELD_TYPES)
    assert modules - {"__init__", "base"} == set(FIELD_TYPES)
