"""YAML: each edit changes its own characters and looks like its neighbours."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest

from gitcms.content.edits import Append, Insert, Move, Rename, Set, Unset, settle
from gitcms.content.formats.yaml import YamlFormat
from gitcms.content.values import Raw
from gitcms.errors import DocumentTooLarge, EditRefused, FrontMatterUnreadable

YAML = YamlFormat()


def edited(text: str, *edits, newline: str = "\n") -> str:
    for edit in edits:
        for step in settle(YAML.read(text).values, edit):
            text = YAML.edit(text, step, newline=newline)
    return text


# What it looks like before, the edit, and after.
TEXTS = [
    # the value's own quotes stay where they can hold the new value
    ("a: old\n", "new", "a: new\n"),
    ("a: 'old'\n", "it's", "a: 'it''s'\n"),
    ('a: "old"\n', 'say "so" \\', 'a: "say \\"so\\" \\\\"\n'),
    ("a: 'old'\n", "two\nlines", 'a: "two\\nlines"\n'),
    ("a:   old   # why\n", "new", "a:   new   # why\n"),
    ("a: old\r\nb: 1\r\n", "new", "a: new\r\nb: 1\r\n"),
    # plain only where 1.1 and 1.2 and their like read text
    ("a: old\n", "no", 'a: "no"\n'),
    ("a: old\n", "nO", 'a: "nO"\n'),
    ("a: old\n", "18:00:00", 'a: "18:00:00"\n'),
    ("a: |-2\n  two\n  lines\n", "quite\nother", "a: |-2\n  quite\n  other\n"),
    ("a: 06:30:00\n", "07:30:15", 'a: "07:30:15"\n'),
    ("a: goes on\n  here\n", "07:30:15", 'a: "07:30:15"\n'),
    ("a: old\n", "e1", 'a: "e1"\n'),
    ("a: |-\n  old\n  text\n", "ends in\na blank ", 'a: "ends in\\na blank "\n'),
    ("a: old\n", "010", 'a: "010"\n'),
    ("a: old\n", "1e3", 'a: "1e3"\n'),
    ("a: old\n", "2024-01-01", 'a: "2024-01-01"\n'),
    ("a: old\n", "~", 'a: "~"\n'),
    ("a: old\n", "=", 'a: "="\n'),
    ("a: old\n", "<<", 'a: "<<"\n'),
    ("a: old\n", "y", 'a: "y"\n'),
    ("a: old\n", "1,000", 'a: "1,000"\n'),
    ("a: old\n", "", 'a: ""\n'),
    ("a: old\n", " x", 'a: " x"\n'),
    ("a: old\n", "x: y", 'a: "x: y"\n'),
    ("a: old\n", "x #y", 'a: "x #y"\n'),
    ("a: old\n", "- x", 'a: "- x"\n'),
    ("a: old\n", "@x", 'a: "@x"\n'),
    ("a: old\n", "x:", 'a: "x:"\n'),
    ("a: old\n", "año 日本 😀 50%", "a: año 日本 😀 50%\n"),
    ("a: old\n", "tab\tnel\x85ls\u2028", 'a: "tab\\tnel\\x85ls\\u2028"\n'),
    ("a: 2015\n", "2016", 'a: "2016"\n'),
    ("a: true\n", "yes", 'a: "yes"\n'),
    ("b: 'x'\nc: 'y'\na: old\n", "no", "b: 'x'\nc: 'y'\na: 'no'\n"),
    # a plain text of the shape that it had stays plain: Psych reads a moment
    ("a: 2015-01-01 10:00:00 +0900\n", "2016-02-03 11:30:00 +0900", "a: 2016-02-03 11:30:00 +0900\n"),
    ("a: 1.2.3\n", "1.2.4", "a: 1.2.4\n"),
    # a block keeps its indicator, chomping and indentation
    ("a: |\n  old\nb: 1\n", "new\ntext\n", "a: |\n  new\n  text\nb: 1\n"),
    ("a: |\n  old\nb: 1\n", "new", "a: |-\n  new\nb: 1\n"),
    ("a: >-\n    old\n    text\nb: 1\n", "new one\nsecond", "a: >-\n    new one\n\n    second\nb: 1\n"),
    ("a: |+\n  old\n\n# c\nb: 1\n", "new\n\n", "a: |+\n  new\n\n# c\nb: 1\n"),
    ("a: |\n  old\nb: 1\n", "new\n\n", "a: |+\n  new\n\nb: 1\n"),
    ("a: |2-  # why\n  old\n", "new", "a: |2-  # why\n  new\n"),
    ("a: |\r\n  old\r\nb: 1\r\n", "x\ny\n", "a: |\r\n  x\r\n  y\r\nb: 1\r\n"),
    ("a: |\n  old\n", "", 'a: ""\n'),
    ("a: old # why\nb: 1\n", "x\ny\n", "a: | # why\n  x\n  y\nb: 1\n"),
    # only the words that differ, in text that runs over lines
    ("a: one two\n  three four\nb: 1\n", "one two 3 four", "a: one two\n  3 four\nb: 1\n"),
    ("a: >\n  one two\n  three four\n", "one two 3 four\n", "a: >\n  one two\n  3 four\n"),
    ('a: "one\n  two"\n', "one 2", 'a: "one\n  2"\n'),
    # nothing was there
    ("a:\nb: 1\n", "new", "a: new\nb: 1\n"),
    ("a: \nb: 1\n", "new", "a: new\nb: 1\n"),
    ("a: # why\nb: 1\n", "new", "a: new # why\nb: 1\n"),
    ("a: ~\n", "new", "a: new\n"),
    ("a: &x\nb: 1\n", "new", "a: &x new\nb: 1\n"),
    # something else was there
    ("a:\n  - x\n  - y\nb: 1\n", "new", "a: new\nb: 1\n"),
    ("a: [x, y] # why\n", "new", "a: new # why\n"),
    ("a: {x: 1}\n", "new", "a: new\n"),
    ("a: !!str 12\n", "new", "a: !!str new\n"),
    ("b: &x old\na: *x\n", "new", "b: &x old\na: new\n"),
    ("{a: old, b: 1}\n", "x, y", '{a: "x, y", b: 1}\n'),
    ("? a\n: old\n", "new", "? a\n: new\n"),
]


@pytest.mark.parametrize(("before", "text", "after"), TEXTS)
def test_text_is_set_in_the_style_of_what_was_there(before, text, after):
    assert edited(before, Set(("a",), text)) == after


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ("a: 1\n", 2, "a: 2\n"),
        ("a: |+ # why\n  b\n\nc: 1\n", 2, "a: 2 # why\nc: 1\n"),
        ("a: >- # why\n  b\n", ["x", "z"], "a: # why\n  - x\n  - z\n"),
        ("a: 10.50\n", 11.0, "a: 11.00\n"),
        ("a: x\n", 1e16, "a: 1.0e+16\n"),
        ("a: true\n", False, "a: false\n"),
        ("a: Yes\n", False, "a: No\n"),
        ("a: ON\n", False, "a: OFF\n"),
        ("a: x\n", None, "a: null\n"),
        ("a: 2024-01-01\n", date(2024, 2, 3), "a: 2024-02-03\n"),
        ("a: 2024-01-01 10:00:00\n", datetime(2024, 2, 3, 4, 5, 6), "a: 2024-02-03 04:05:06\n"),
        ("a: 2024-01-01T10:00:00Z\n", datetime(2024, 2, 3, tzinfo=UTC), "a: 2024-02-03T00:00:00Z\n"),
        (
            "a: 2024-01-01 10:00:00 +09:00\n",
            datetime(2024, 2, 3, tzinfo=timezone(timedelta(hours=9))),
            "a: 2024-02-03 00:00:00 +09:00\n",
        ),
        (
            "a: 2024-01-01T10:00:00-3\n",
            datetime(2024, 2, 3, tzinfo=timezone(timedelta(hours=-3, minutes=-30))),
            "a: 2024-02-03T00:00:00-03:30\n",
        ),
        ("a: 2024-01-01T10:00:00.250Z\n", datetime(2024, 2, 3, tzinfo=UTC), "a: 2024-02-03T00:00:00.000Z\n"),
        ("a: x\n", datetime(2024, 2, 3, 4, 5, 6), "a: 2024-02-03T04:05:06\n"),
        (
            "a: 2024-01-01T10:00:00-3\n",
            datetime(2024, 2, 3, tzinfo=timezone(timedelta(hours=-5))),
            "a: 2024-02-03T00:00:00-05\n",
        ),
        (
            "a: x\n",
            datetime(2024, 2, 3, tzinfo=timezone(timedelta(hours=9))),
            "a: 2024-02-03T00:00:00+09:00\n",
        ),
        ("a: x\n", time(18, 0), 'a: "18:00:00"\n'),
        ("a: x # why\nb: 1\n", ["p", "q"], "a: # why\n  - p\n  - q\nb: 1\n"),
        ("a:\nb: 1\n", {"p": 1, "q": [True]}, "a:\n  p: 1\n  q:\n    - true\nb: 1\n"),
        ("a:\nb: [x]\nc: [y]\n", ["p", "q: r"], 'a: [p, "q: r"]\nb: [x]\nc: [y]\n'),
        ("b:\n- x\na:\n", ["p", {"q": "r", "s": "t"}], "b:\n- x\na:\n- p\n- q: r\n  s: t\n"),
        ("a: [x]\n", [], "a: []\n"),
        ("a:\n  - x\nb: 1\n", [], "a: []\nb: 1\n"),
    ],
)
def test_typed_values_are_spelled_as_the_old_ones_were(before, value, after):
    assert edited(before, Set(("a",), value)) == after


LIST = "a: # why\n  - x # one\n  - 'y'\n  # z stays\nb: 1\n"
MAPS = "a:\n- k: v\n  # inner\n  l: w\n-   k: v2\nb: 1\n"


@pytest.mark.parametrize(
    ("before", "edit", "after"),
    [
        (LIST, Append(("a",), "new"), "a: # why\n  - x # one\n  - 'y'\n  - 'new'\n  # z stays\nb: 1\n"),
        (LIST, Insert(("a",), 0, "new"), "a: # why\n  - 'new'\n  - x # one\n  - 'y'\n  # z stays\nb: 1\n"),
        (LIST, Insert(("a",), 1, "new"), "a: # why\n  - x # one\n  - 'new'\n  - 'y'\n  # z stays\nb: 1\n"),
        (LIST, Unset(("a", 0)), "a: # why\n  - 'y'\n  # z stays\nb: 1\n"),
        (LIST, Move(("a",), 0, 1), "a: # why\n  - 'y'\n  - x # one\n  # z stays\nb: 1\n"),
        (LIST, Unset(("a",)), "b: 1\n"),
        (MAPS, Append(("a",), {"k": "new"}), "a:\n- k: v\n  # inner\n  l: w\n-   k: v2\n- k: new\nb: 1\n"),
        (MAPS, Move(("a",), 0, 1), "a:\n-   k: v2\n- k: v\n  # inner\n  l: w\nb: 1\n"),
        (MAPS, Unset(("a", 0)), "a:\n-   k: v2\nb: 1\n"),
        (MAPS, Unset(("a", 0, "l")), "a:\n- k: v\n-   k: v2\nb: 1\n"),
        (MAPS, Unset(("a", 1, "k")), "a:\n- k: v\n  # inner\n  l: w\n-   {}\nb: 1\n"),
        (MAPS, Set(("a", 1, "l"), "new"), "a:\n- k: v\n  # inner\n  l: w\n-   k: v2\n    l: new\nb: 1\n"),
        ("a:\n- k: v\n  l: w\n", Unset(("a", 0, "k")), "a:\n- l: w\n"),
        ("a:\n- - x\n  - y\n", Unset(("a", 0, 0)), "a:\n- - y\n"),
        ("a:\n- - x\n", Insert(("a", 0), 0, "new"), "a:\n- - new\n  - x\n"),
        ("a: [x, y]\n", Append(("a",), "new, m"), 'a: [x, y, "new, m"]\n'),
        ("a: [ x,y ]\n", Append(("a",), "new"), "a: [ x,y,new ]\n"),
        ("a: [x, ]\n", Append(("a",), "new"), "a: [x, new, ]\n"),
        ("a:\n-   x\n", Append(("a",), "new"), "a:\n-   x\n-   new\n"),
        ("a:\n-   k: v\n", Append(("a",), {"k": "x", "l": 1}), "a:\n-   k: v\n-   k: x\n    l: 1\n"),
        ("a: []\n", Append(("a",), "new"), "a: [new]\n"),
        ("a: ['x']\n", Append(("a",), "new"), "a: ['x', 'new']\n"),
        (
            "a: [\n  x, # one\n  y # two\n]\n",
            Append(("a",), "new"),
            "a: [\n  x, # one\n  y, # two\n  new\n]\n",
        ),
        ("a: [\n  x,\n  y,\n]\n", Append(("a",), "new"), "a: [\n  x,\n  y,\n  new,\n]\n"),
        ("a: [x, y]\n", Insert(("a",), 0, "new"), "a: [new, x, y]\n"),
        ("a: [x, y, z]\n", Unset(("a", 1)), "a: [x, z]\n"),
        ("a: [x, y, z]\n", Unset(("a", 2)), "a: [x, y]\n"),
        ("a: [x]\n", Unset(("a", 0)), "a: []\n"),
        ("a: [x, y, z]\n", Move(("a",), 0, 2), "a: [y, z, x]\n"),
        ("a: {x: 1, y: 2}\n", Unset(("a", "x")), "a: {y: 2}\n"),
        ("a: {x: 1}\n", Set(("a", "new"), "m"), "a: {x: 1, new: m}\n"),
        ("a: {x: 1}\n", Rename(("a", "x"), "z, y"), 'a: {"z, y": 1}\n'),
        ("a: 1 # first\nb: 2\n'a': 3\n", Rename(("a",), "z"), "z: 1 # first\nb: 2\n'z': 3\n"),
        ("a:\r\n- x\r\nb: 1\n", Append(("a",), "new"), "a:\r\n- x\r\n- new\r\nb: 1\n"),
        ("a:\n- x", Append(("a",), "new"), "a:\n- x\n- new"),
        ("a: &l\n  - x\n", Append(("a",), "new"), "a: &l\n  - x\n  - new\n"),
        ("a:\n- |\n  x\n\nb: 1\n", Append(("a",), "new"), "a:\n- |\n  x\n- new\n\nb: 1\n"),
        ("a:\n-\n- x\n", Set(("a", 0), "new"), "a:\n- new\n- x\n"),
    ],
)
def test_lists_grow_and_shrink_in_their_own_style(before, edit, after):
    assert edited(before, edit) == after


@pytest.mark.parametrize(
    ("before", "edit", "after"),
    [
        ("a: 1 # one\n# end\n", Set(("n1",), "x"), "a: 1 # one\nn1: x\n# end\n"),
        ("a:\n  - x\n  # - y\n\n# end\n", Set(("new",), "x"), "a:\n  - x\n  # - y\nnew: x\n\n# end\n"),
        ("a: 'x'\nb: 'y'\n", Set(("new",), "z"), "a: 'x'\nb: 'y'\nnew: 'z'\n"),
        ('"a": x\n"b": y\n', Set(("new",), "z"), '"a": x\n"b": y\n"new": z\n'),
        ("a: |\n  x\n\nb: |+\n  y\n\n", Set(("new",), "z"), "a: |\n  x\n\nb: |+\n  y\n\nnew: z\n"),
        ("", Set(("new",), "z"), "new: z\n"),
        ("# only this\n", Set(("new",), "z"), "# only this\nnew: z\n"),
        ("{a: 1}\n", Set(("new",), "z"), "{a: 1, new: z}\n"),
        ("a: [ x, y ]\nb: { c: 1 }\n", Set(("n1",), ["z"]), "a: [ x, y ]\nb: { c: 1 }\nn1: [ z ]\n"),
        ("b: { c: 1 }\n", Set(("new",), {"d": 2}), "b: { c: 1 }\nnew: { d: 2 }\n"),
        ("a: 1\n", Set(("no",), "z"), 'a: 1\n"no": z\n'),
        ("a: 1\n", Set(("b: c",), "z"), 'a: 1\n"b: c": z\n'),
        ("a:\n    b: 1\nc: 2\n", Set(("a", "new"), "z"), "a:\n    b: 1\n    new: z\nc: 2\n"),
        ("a:\n    b: 1\nc: 2\n", Set(("new",), {"d": 1}), "a:\n    b: 1\nc: 2\nnew:\n    d: 1\n"),
        ("a: 1", Set(("new",), "z"), "a: 1\nnew: z"),
        ("x: &x {a: 1}\ny:\n  <<: *x\n", Set(("y", "a"), 2), "x: &x {a: 1}\ny:\n  <<: *x\n  a: 2\n"),
    ],
)
def test_a_new_key_comes_last_and_never_behind_a_comment_of_another(before, edit, after):
    assert edited(before, edit) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: 1 # own\nb: 2\n", "b: 2\n"),
        ("b: 2\na:\n  - x\n  # own\n", "b: 2\n"),
        ("b: 2\n# own\na: 1\n", "b: 2\n"),
        ("b: 2\n# own\na: 1\n\n# c's\nc: 3\n", "b: 2\n\n# c's\nc: 3\n"),
        ("# of both\na: 1\nb: 2\n", "# of both\nb: 2\n"),
        ("a: |\n  x\n\nb: 2\n", "\nb: 2\n"),
        ("a: 1\n", ""),
        ("b: {c: 1}\na: &x 1\n", "b: {c: 1}\n"),
        ("a: 1\nb: 2\na: 3\n", "b: 2\n"),
        ("a: !x y\nb: 2\n", "b: 2\n"),
    ],
)
def test_a_removed_key_takes_its_own_lines_and_comments_along(before, after):
    assert edited(before, Unset(("a",))) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: 1 # one\n", "z: 1 # one\n"),
        ("'a' : 1\n", "'z' : 1\n"),
        ('"a": 1\n', '"z": 1\n'),
        ("? a\n: 1\n", "? z\n: 1\n"),
    ],
)
def test_a_renamed_key_keeps_its_place_value_and_quotes(before, after):
    assert edited(before, Rename(("a",), "z")) == after


@pytest.mark.parametrize(
    ("text", "edit", "why"),
    [
        ("a: &x old\nb: *x\n", Set(("a",), "new"), "Other fields"),
        ("a: &x {k: 1}\nb: *x\n", Set(("a", "k"), 2), "Other fields"),
        ("a: &x {k: 1}\nb: *x\n", Set(("b", "k"), 2), "other fields"),
        ("a: &x {k: 1}\nb: {<<: *x}\n", Unset(("b", "k")), "taken over"),
        ("a: &x [1]\nb: *x\n", Unset(("a",)), "Other fields"),
        ("a: !x y\n", Set(("a",), "z"), "read-only"),
        ("a: x\n", Set(("a",), "\x00"), "character"),
        ("a: x\n", Set(("a",), "\ud800"), "character"),
    ],
)
def test_what_would_touch_something_else_is_refused_with_the_reason(text, edit, why):
    with pytest.raises(EditRefused, match=why):
        edited(text, edit)


def test_an_anchored_object_changes_where_those_that_merge_it_override_it():
    text = "a: &x {k: 1, l: 2}\nb:\n  <<: *x\n  k: 3\n"
    assert YAML.read(text).values["b"] == {"k": 3, "l": 2}
    assert edited(text, Set(("a", "k"), 4)) == text.replace("k: 1", "k: 4")


def test_of_a_key_that_stands_twice_the_last_is_edited():
    assert edited("a: 1\na: 2\n", Set(("a",), 3)) == "a: 1\na: 3\n"
    assert YAML.read("a: 1\na: 2\n").warnings == ("“a” stands there twice. The last one counts.",)


def test_values_are_what_generators_read():
    text = (
        "a: no\nb: 010\nc: 12:30:45\nd: 1_000\ne: 1e3\nf: 2024-01-01\ng: 0x1F\nh: ~\ni: 1.5\nj: .5\nk: '1'\n"
    )
    assert YAML.read(text).values == {
        "a": False,
        "b": "010",
        "c": "12:30:45",
        "d": "1_000",
        "e": "1e3",
        "f": date(2024, 1, 1),
        "g": 31,
        "h": None,
        "i": 1.5,
        "j": 0.5,
        "k": "1",
    }


def test_tagged_values_and_odd_keys_are_shown_and_never_constructed():
    read = YAML.read(
        "a: !!python/object/apply:os.system ['x']\nb: !x {k: 1}\nc:\n  ? [1]\n  : 2\n1: one\n"
    ).values
    assert [type(read[name]) for name in "abc"] == [Raw, Raw, Raw]
    assert read["b"].text == "!x {k: 1}" and read["1"] == "one"


def test_lines_and_texts_tell_where_a_value_stands():
    read = YAML.read("a: 'x'\nb:\n  - c: 1 # d\n    e: |\n      f\n")
    assert (read.lines[("a",)], read.lines[("b", 0, "c")], read.lines[("b", 0, "e")]) == (1, 3, 4)
    assert (read.texts[("a",)], read.texts[("b", 0, "c")], read.texts[("b", 0, "e")]) == (
        "'x'",
        "1",
        "|\n      f",
    )


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("a: 1\nb: x: y\n", 2, 5),
        ("a:\n\tb: 1\n", 2, 1),
        ("just text\n", 1, 1),
        ("a: *nope\n", 1, 4),
        ("é: 1\nb: 2024-02-30\n", 2, 4),
        ("a: x\x07y\n", 1, 5),
        ("é: é\x07\n", 1, 5),
        ("a: 1\n--- \nb: 2\n", 2, 1),
        ("? {a: 1}\n: b\n", 1, 3),
    ],
)
def test_what_does_not_parse_is_told_with_its_place(text, line, column):
    with pytest.raises(FrontMatterUnreadable) as error:
        YAML.read(text)
    assert (error.value.line, error.value.column) == (line, column)


LOOKED_AT = [
    "title: A\ntags: [x, 'y', 3, ~]\nlinks:\n  - url: u\n    deep: {a: [b, {c: 1.5}]}\n  - {}\n  - []\n",
    "",
    "# nothing\n",
    "--- \na: 1\n",
    "a: 1\n...\n",
    "a: 1\n--- \nb: 2\n",
    "- a\n- b\n",
    "just text\n",
    "a: 1\na: 2\nb: {c: 1, c: 2}\n",
    "a: &x {b: 1}\nc: *x\n",
    "a: &x b\n",
    "a: *nope\n",
    "a: &x [*x]\n",
    "base: &b {x: 1}\n<<: *b\n",
    '"<<": text\n',
    "<<: {x: 1, a: 2}\na: 3\n",
    "a: !!str 12\nb: !odd {c: 1}\nc: ! d\n!!str d: e\n",
    "? {a: 1}\n: b\n",
    "a: {? [x] : y}\n",
    "? a\n: b\n: c\n",
    "a: [b: c, ? d, : e]\n",
    'a: "\\0"\n',
    'a: "\\uD800"\n',
    "a: 2024-02-30\n",
    "a: 2024-01-01T10:00:00Z\nb: yes\nc: 1_000\nd: 18:00:00\ne: 0o17\nf: .nan\ng: \nh: |\n  two\n  lines\n",
    f"a: {'9' * 500}\n",
    f"a: {'9 ' * 500}\n",
    f"a: {'[' * 101}{']' * 101}\n",
    f"a: {'[' * 99}{']' * 99}\n",
    f"a: [{'x,' * 200_000}]\n",
    f"a: {'x' * 300_000}\n",
    "a: x\x07y\n",
    "a: [b\n",
    "a:\n\tb: 1\n",
]


@pytest.mark.parametrize("text", LOOKED_AT, ids=range(len(LOOKED_AT)))
def test_who_only_looks_is_told_what_editors_are_told(text):
    def told(read):
        try:
            reading = read(text)
        except (FrontMatterUnreadable, DocumentTooLarge) as error:
            return [type(error), str(error), getattr(error, "line", None), getattr(error, "column", None)]
        places = dict(reading.lines), dict(reading.texts)
        return [reading.values, list(reading.values), reading.items, reading.warnings, reading.warned, places]

    assert repr(told(YAML.skim)) == repr(told(YAML.read))


def test_new_front_matter_reads_as_given_under_both_versions():
    values = {
        "title": "no",
        "n": 1,
        "list": ["a", {"b": "c\nd\n", "e": []}],
        "map": {"x": date(2024, 1, 1)},
        "t": "'",
    }
    text = YAML.dump(values, newline="\n")
    assert YAML.read(text).values == values
    assert text.startswith('title: "no"\n"n": 1\nlist:\n  - a\n  - b: |\n')


def test_new_front_matter_takes_over_the_habits_of_a_neighbour():
    neighbour = "title: \"A\"\ndate: 2024-01-01\ntags: [x, y]\nlinks:\n- url: 'u'\n  n: 1\n"
    values = {"links": [{"url": "v"}], "tags": ["p"], "title": "B", "more": "C"}
    assert YAML.dump_like(values, neighbour, newline="\r\n") == (
        'title: "B"\r\ntags: [p]\r\nlinks:\r\n- url: \'v\'\r\nmore: "C"\r\n'
    )
