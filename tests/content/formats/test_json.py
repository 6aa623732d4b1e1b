"""JSON front matter."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitcms.content.edits import Append, Edit, Insert, Move, Rename, Set, Unset
from gitcms.content.formats import edit_verified
from gitcms.content.formats.json import JsonFormat
from gitcms.errors import DocumentTooLarge, EditRefused, FrontMatterUnreadable
from tests.content.formats.drawn_edits import NAMES, an_edit, check_edit

JSON = JsonFormat()

TALL = """{
    "title": "A \\u00e9 tale",
    "tags": ["one", "two"],
    "links": [
        {
            "name": "Ada",
            "url": "http:\\/\\/example.org"
        },
        {
            "name": "Bob"
        }
    ],
    "seo": {},
    "draft": false
}
"""


def edited(text: str, *edits: Edit, newline: str = "\n") -> str:
    for edit in edits:
        text = edit_verified(JSON, text, edit, newline)
    return text


def test_values_lines_and_spelled_texts_are_read() -> None:
    reading = JSON.read(TALL)
    assert reading.values["links"] == [{"name": "Ada", "url": "http://example.org"}, {"name": "Bob"}]
    assert reading.lines["links", 1, "name"] == 10
    assert reading.texts[("title",)] == '"A \\u00e9 tale"'
    assert reading.warnings == ()


@pytest.mark.parametrize(
    ("edit", "old", "new"),
    [
        (Set(("title",), "Ünder/way"), '"A \\u00e9 tale"', '"\\u00dcnder\\/way"'),
        (Set(("draft",), True), "false", "true"),
        (Append(("tags",), "three"), '"two"]', '"two", "three"]'),
        (Insert(("tags",), 0, "zero"), '["one"', '["zero", "one"'),
        (Move(("tags",), 0, 1), '["one", "two"]', '["two", "one"]'),
        (Unset(("tags", 1)), '"one", "two"', '"one"'),
        (Unset(("tags", 0)), '"one", "two"', '"two"'),
        (Set(("links", 0, "url"), "x"), '"http:\\/\\/example.org"', '"x"'),
        (Rename(("draft",), "hidden"), '"draft"', '"hidden"'),
        (Unset(("title",)), '    "title": "A \\u00e9 tale",\n', ""),
        (Unset(("draft",)), ',\n    "draft": false', ""),
        (Set(("day",), date(2024, 1, 31)), "false\n", 'false,\n    "day": "2024-01-31"\n'),
        (Set(("seo", "robots"), None), "{}", '{\n        "robots": null\n    }'),
        (
            Append(("links",), {"name": "Eve", "tags": ["x"]}),
            '"Bob"\n        }',
            '"Bob"\n        },\n        {\n            "name": "Eve",\n            "tags": ["x"]\n        }',
        ),
        (Set(("links", 1, "url"), "u"), '"Bob"', '"Bob",\n            "url": "u"'),
    ],
)
def test_an_edit_changes_just_its_place(edit: Edit, old: str, new: str) -> None:
    assert TALL.count(old) == 1
    assert edited(TALL, edit) == TALL.replace(old, new)


def test_a_text_of_one_line_stays_one() -> None:
    text = '{"a":1,"b":{"c":[]}}'
    assert edited(text, Set(("z",), [1, {"q": 2}]), Append(("b", "c"), 1), Append(("b", "c"), "x")) == (
        '{"a":1,"b":{"c":[1,"x"]},"z":[1,{"q":2}]}'
    )
    assert edited('{ "a": 1 }', Set(("b",), 2)) == '{ "a": 1, "b": 2 }'


def test_pairs_without_braces_are_front_matter_too() -> None:
    text = '"title": "Hello",\n"tags": ["a"]\n'
    assert JSON.read(text).values == {"title": "Hello", "tags": ["a"]}
    assert edited(text, Set(("x",), 1)) == '"title": "Hello",\n"tags": ["a"],\n"x": 1\n'
    assert edited(text, Unset(("tags",))) == '"title": "Hello"\n'
    assert edited("", Set(("x",), 1)) == '"x": 1\n'
    assert JSON.read("  \n").values == {}


def test_line_ends_stay() -> None:
    text = TALL.replace("\n", "\r\n")
    changed = edited(text, Append(("links",), {"name": "Eve"}), Set(("x",), {"y": 1}), newline="\r\n")
    assert "\n" not in changed.replace("\r\n", "")


def test_of_a_key_that_stands_there_twice_the_last_counts() -> None:
    text = '{"a": 1, "b": 2, "a": 3}'
    reading = JSON.read(text)
    assert reading.values == {"a": 3, "b": 2}
    assert len(reading.warnings) == 1
    assert edited(text, Set(("a",), 4)) == '{"a": 1, "b": 2, "a": 4}'
    assert edited(text, Unset(("a",))) == '{"b": 2}'
    assert edited(text, Rename(("a",), "c")) == '{"c": 1, "b": 2, "c": 3}'


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [('{"a": }', 1, 7), ('{\n"a": 1,\n}', 2, 8), ('"a": ,', 1, 6), ("1", 1, 1), ('{"a": NaN}', None, None)],
)
def test_what_does_not_parse_is_named_with_its_place(text: str, line: int, column: int) -> None:
    with pytest.raises(FrontMatterUnreadable) as unreadable:
        JSON.read(text)
    if line != 2:  # Python 3.13 points at the comma, older ones behind it.
        assert (unreadable.value.line, unreadable.value.column) == (line, column)


@pytest.mark.parametrize("text", ['{"a": "\\ud800"}', '{"a": [{"\\u0000": 1}]}', '{"a": ' + "9" * 5000 + "}"])
def test_what_cannot_be_shown_is_unreadable(text: str) -> None:
    with pytest.raises(FrontMatterUnreadable):
        JSON.read(text)


def test_a_hostile_depth_is_refused() -> None:
    with pytest.raises(DocumentTooLarge):
        JSON.read('{"a":' + "[" * 100_000 + "]" * 100_000 + "}")
    with pytest.raises(DocumentTooLarge):
        JSON.read('{"a":' + "[" * 150 + "]" * 150 + "}")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_json_has_no_word_for_is_refused(value: float) -> None:
    with pytest.raises(EditRefused):
        edited(TALL, Set(("n",), value))


def test_a_new_file_is_an_object_over_several_lines() -> None:
    values: dict[str, Any] = {"title": "Été", "when": datetime(2024, 1, 2, 3, tzinfo=UTC), "tags": ["a"]}
    text = JSON.dump(values, newline="\r\n")
    assert text.startswith('{\r\n  "title": "Été",\r\n')
    assert json.loads(text)["when"] == "2024-01-02T03:00:00+00:00"


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=6),
    st.sampled_from(['"', "\\", "a/b", "é", "\u2028", "🎉", "\x1f", "{}[],:"]),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


@st.composite
def texts(draw: st.DrawFn) -> str:
    found = draw(st.dictionaries(NAMES, values, max_size=4))
    text = json.dumps(
        found,
        indent=draw(st.sampled_from([None, None, 2, 4, "\t"])),
        ensure_ascii=draw(st.booleans()),
        separators=draw(st.sampled_from([None, (",", ":"), (" , ", " : ")])),
    )
    if draw(st.booleans()) and found:
        text = text[1:-1].strip() + "\n"
    return text.replace("\n", "\r\n") if draw(st.booleans()) else text


def read(text: str) -> dict[str, Any]:
    found = json.loads(text if text.startswith("{") else "{" + text + "}")
    assert isinstance(found, dict)
    return found


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_every_edit_reads_back_as_itself_and_touches_nothing_else(data: st.DataObject) -> None:
    text = data.draw(texts())
    for _ in range(3):
        text = check_edit(JSON, text, data.draw(an_edit(read(text), values)), read)


@settings(max_examples=200, deadline=None)
@given(st.text('{}[]":,\\ \n0a', max_size=20))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        JSON.read(text)
    except FrontMatterUnreadable:
        return
    assert len(JSON.readings(text)) == 1


def test_the_first_field_of_an_empty_object_ends_its_lines_as_the_others_do() -> None:
    text = '{\r\n  "a": {},\r\n  "l": {\r\n    "k": 1\r\n  }\r\n}\r\n'
    changed = edit_verified(JSON, text, Set(("a", "x"), 1), "\r\n")
    assert changed == text.replace("{},", '{\r\n    "x": 1\r\n  },')
