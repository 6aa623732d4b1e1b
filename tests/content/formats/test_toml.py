"""TOML front matter."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

import pytest
import tomlkit
from hypothesis import given, settings
from hypothesis import strategies as st

from gitcms.content.document import new_document
from gitcms.content.edits import Append, Edit, Insert, Move, Rename, Set, Unset, settle
from gitcms.content.formats import edit_verified
from gitcms.content.formats.toml import TomlFormat
from gitcms.content.formats.toml_places import places
from gitcms.errors import DocumentTooLarge, EditRefused, FrontMatterUnreadable
from tests.content.formats.drawn_edits import an_edit, applied, check_edit, repr_of

TOML = TomlFormat()

TEXT = """\
# The head of the file.

title = "A tale"  # keep me
path = 'C:\\new'
date = 2024-01-31T10:00:00+01:00
weight = 0x1F
tags = ["one", "two"]
tall = [
    "first", # one
    # about the second
    "second",
]
about = \"\"\"
Long
text\"\"\"
params.color = "red"
cover = { src = "a.png", alt = 'A' }

# The links.
[[links]]
name = "Ada"
  [links.more]
  x = 1

[[links]]
name = "Bob"
# url = "later"

[extra]
  rate  = 1.0
  other = true

# Detached.

[extra.deep]
k = "v"
"""


def edited(text: str, *edits: Edit, newline: str = "\n") -> str:
    for edit in edits:
        text = edit_verified(TOML, text, edit, newline)
    return text


def test_values_lines_and_spelled_texts_are_read() -> None:
    reading = TOML.read(TEXT)
    assert reading.values == tomllib.loads(TEXT)
    assert reading.texts[("weight",)] == "0x1F"
    assert reading.texts[("cover", "alt")] == "'A'"
    assert reading.texts["tall", 1] == '"second"'
    assert reading.texts[("date",)] == "2024-01-31T10:00:00+01:00"
    assert reading.lines[("title",)] == 3
    assert reading.lines["links", 1, "name"] == 26
    assert reading.lines["links", 1] == 25
    assert reading.lines["links", 0, "more", "x"] == 23
    assert reading.lines["extra", "deep", "k"] == 36


BERLIN = timezone(timedelta(hours=1))


@pytest.mark.parametrize(
    ("edit", "old", "new"),
    [
        (Set(("title",), 'Quotes " and \\'), '"A tale"', '"Quotes \\" and \\\\"'),
        (Set(("title",), "two\nlines"), '"A tale"', '"two\\nlines"'),
        (Set(("path",), "D:\\"), "'C:\\new'", "'D:\\'"),
        (Set(("path",), "it's"), "'C:\\new'", '"it\'s"'),
        (Set(("about",), 'New """ "text"'), '"""\nLong\ntext"""', '"""\nNew \\""" "text\\""""'),
        (Set(("date",), datetime(2025, 2, 1, 9, tzinfo=BERLIN)), "2024-01-31T10", "2025-02-01T09"),
        (Set(("date",), date(2025, 2, 1)), "2024-01-31T10:00:00+01:00", "2025-02-01"),
        (Set(("weight",), 7), "0x1F", "7"),
        (Set(("extra", "rate"), 2.5), "1.0", "2.5"),
        (Set(("params", "color"), "blue"), '"red"', '"blue"'),
        (Set(("cover", "alt"), "B"), "'A'", "'B'"),
        (Set(("links", 1, "name"), "Eve"), '"Bob"', '"Eve"'),
        (Append(("tags",), "three"), '"two"]', '"two", "three"]'),
        (Insert(("tags",), 0, "zero"), '["one"', '["zero", "one"'),
        (Append(("tall",), "third"), '    "second",\n', '    "second",\n    "third",\n'),
        (Insert(("tall",), 1, "new"), "    # about", '    "new",\n    # about'),
        (Unset(("tall", 1)), '    # about the second\n    "second",\n', ""),
        (Unset(("tall", 0)), '    "first", # one\n', ""),
        (
            Move(("tall",), 0, 1),
            '    "first", # one\n    # about the second\n    "second",\n',
            '    # about the second\n    "second",\n    "first", # one\n',
        ),
        (Unset(("title",)), 'title = "A tale"  # keep me\n', ""),
        (Unset(("params", "color")), 'params.color = "red"\n', ""),
        (Unset(("cover", "src")), 'src = "a.png", ', ""),
        (Unset(("cover", "alt")), ", alt = 'A'", ""),
        (Set(("new",), True), "alt = 'A' }\n", "alt = 'A' }\nnew = true\n"),
        (Set(("cover", "w"), 3), "alt = 'A' }", "alt = 'A', w = 3 }"),
        (Set(("params", "size"), 1), 'params.color = "red"\n', 'params.color = "red"\nparams.size = 1\n'),
        (Set(("extra", "x"), 1), "  other = true\n", "  other = true\n  x     = 1\n"),
        (Set(("links", 1, "url"), "u"), 'name = "Bob"\n', 'name = "Bob"\nurl = "u"\n'),
        (Set(("none",), None), "", ""),
        (Unset(("links", 1)), '[[links]]\nname = "Bob"\n# url = "later"\n\n', ""),
        (Unset(("links", 0)), '[[links]]\nname = "Ada"\n  [links.more]\n  x = 1\n\n', ""),
        (
            Append(("links",), {"name": "Eve", "more": {"x": 2}}),
            '# url = "later"\n',
            '# url = "later"\n\n[[links]]\nname = "Eve"\n\n[links.more]\nx = 2\n',
        ),
        (
            Insert(("links",), 1, {"name": "Eve"}),
            '[[links]]\nname = "Bob"',
            '[[links]]\nname = "Eve"\n\n[[links]]\nname = "Bob"',
        ),
        (
            Move(("links",), 0, 1),
            TEXT[TEXT.index('[[links]]\nname = "Ada"') : TEXT.index("\n\n[extra]")],
            '[[links]]\nname = "Bob"\n# url = "later"\n\n[[links]]\nname = "Ada"\n  [links.more]\n  x = 1',
        ),
        (Unset(("extra", "deep")), '\n\n[extra.deep]\nk = "v"\n', "\n"),
        (Rename(("extra", "rate"), "speed"), "  rate", "  speed"),
        (Rename(("title",), "ti tle"), "title =", '"ti tle" ='),
        (Set(("extra", "deep", "t"), time(1, 2)), 'k = "v"\n', 'k = "v"\nt = 01:02:00\n'),
        (Set(("extra", "more"), {"a": 1}), 'k = "v"\n', 'k = "v"\n\n[extra.more]\na = 1\n'),
        (
            Set(("people",), [{"a": 1}, {"b": 2}]),
            'k = "v"\n',
            'k = "v"\n\n[[people]]\na = 1\n\n[[people]]\nb = 2\n',
        ),
    ],
    ids=lambda value: str(value)[:50],
)
def test_an_edit_changes_just_its_place(edit: Edit, old: str, new: str) -> None:
    assert TEXT.count(old) == 1 or not old
    expected = TEXT.replace(old, new) if old else TEXT
    if edit == Unset(("params", "color")):
        expected = expected.replace("'A' }\n", "'A' }\nparams = {}\n")
    assert edited(TEXT, edit) == expected
    assert edited(TEXT.replace("\n", "\r\n"), edit, newline="\r\n") == expected.replace("\n", "\r\n")


def test_every_header_of_a_list_is_renamed() -> None:
    assert edited(TEXT, Rename(("links",), "people")) == TEXT.replace("[links", "[people")


@pytest.mark.parametrize(
    ("text", "edit", "changed"),
    [
        ("", Set(("a",), 1), "a = 1\n"),
        ("", Set(("a",), {"b": 1}), "[a]\nb = 1\n"),
        ("a = 1", Set(("b",), 2), "a = 1\nb = 2"),
        ("a = 1", Set(("b",), {"c": 2}), "a = 1\n\n[b]\nc = 2"),
        ("a=1\n", Set(("b",), 2), "a=1\nb=2\n"),
        ("# c\n[t]\n", Set(("a",), 1), "a = 1\n\n# c\n[t]\n"),
        ("# c\n\n[t]\n", Set(("a",), 1), "# c\n\na = 1\n\n[t]\n"),
        ("[t]\n", Set(("t", "a"), 1), "[t]\na = 1\n"),
        ("[t.u]\nx = 1\n", Set(("t", "a"), 1), "[t]\na = 1\n\n[t.u]\nx = 1\n"),
        ("[t.u]\nx = 1\n", Unset(("t", "u")), "t = {}\n"),
        ("[t]\nx = 1\n", Unset(("t", "x")), "[t]\n"),
        ("[[l]]\nx = 1\n", Unset(("l", 0)), "l = []\n"),
        ("[t]\nx = 1\n", Set(("t",), "text"), 't = "text"\n'),
        ("a.b.c = 1\n", Set(("a", "d"), 2), "a.b.c = 1\na.d = 2\n"),
        ("a.b = 1\na.c = 2\nd = 3\n", Unset(("a",)), "d = 3\n"),
        ("a.b = 1\n", Rename(("a",), "z"), "z.b = 1\n"),
        ("l = []\n", Append(("l",), "x"), 'l = ["x"]\n'),
        ("l = [] # why\n", Append(("l",), "x\ny"), 'l = ["x\\ny"] # why\n'),
        ("l = [[1]]\n", Append(("l",), {"b": ["x\ny"]}), 'l = [[1], { b = ["x\\ny"] }]\n'),
        ("l = { a = 1 } # why\n", Set(("l", "a"), "x\ny"), 'l = { a = "x\\ny" } # why\n'),
        ("l = [ 1 ]\n", Append(("l",), 2), "l = [ 1, 2 ]\n"),
        ("l = [1, 2, ]\n", Append(("l",), 3), "l = [1, 2, 3, ]\n"),
        ("l = [\n]\n", Append(("l",), 1), "l = [\n  1\n]\n"),
        ("l = [\n  # none\n]\n", Append(("l",), 1), "l = [\n  # none\n  1\n]\n"),
        ('l = [\n  "a" # x\n]\n', Append(("l",), "b"), 'l = [\n  "a", # x\n  "b"\n]\n'),
        ('l = [\n  "a",\n  "b" ]\n', Append(("l",), "c"), 'l = [\n  "a",\n  "b",\n  "c" ]\n'),
        ('l = [\n  "a", # x\n  "b" # y\n]\n', Unset(("l", 1)), 'l = [\n  "a" # x\n]\n'),
        ('l = [\n  "a"\n]\n', Unset(("l", 0)), "l = []\n"),
        ('l = [\n  "a" # x, y\n]\n', Append(("l",), "b"), 'l = [\n  "a", # x, y\n  "b"\n]\n'),
        ('l = [\n  # all\n  "a",\n  "b",\n]\n', Unset(("l", 0)), 'l = [\n  # all\n  "b",\n]\n'),
        ("l = [[1], [2]]\n", Append(("l", 1), 3), "l = [[1], [2, 3]]\n"),
        ("l = [{ a = 1 }]\n", Append(("l",), {"b": 2}), "l = [{ a = 1 }, { b = 2 }]\n"),
        ("l = [{a = 1}]\n", Set(("l", 0, "b"), 2), "l = [{a = 1, b = 2}]\n"),
        ("l = ['a', 'b']\n", Set(("x",), "c"), "l = ['a', 'b']\nx = 'c'\n"),
        ("a    = 1\nbbbb = 2\n", Set(("cc",), 3), "a    = 1\nbbbb = 2\ncc   = 3\n"),
        ("a = 1\n# gone\n", Set(("b",), 2), "a = 1\nb = 2\n# gone\n"),
        ("a = 1 # mine\n# heads b\nb = 2\nc = 3\n", Unset(("b",)), "a = 1 # mine\n# heads b\nc = 3\n"),
        ("a = 1\n# about b\nb = 2\n\nc = 3\n", Unset(("b",)), "a = 1\n\nc = 3\n"),
        ('a = """x\n\ny"""\nb = 1\n', Unset(("a",)), "b = 1\n"),
        (
            "d = 2024-01-01 10:00:00.500Z\n",
            Set(("d",), datetime(2024, 1, 2, 3, tzinfo=UTC)),
            "d = 2024-01-02 03:00:00.000Z\n",
        ),
        ("d = 2024-01-01\n", Set(("d",), datetime(2024, 1, 2, 3)), "d = 2024-01-02T03:00:00\n"),
        ('"a.b" = 1\n', Rename(("a.b",), "c"), '"c" = 1\n'),
        ('a = """x"""\n', Set(("a",), '"""'), 'a = """\\""\\""""\n'),
        ("", Set(("a",), "x\ny"), 'a = """\nx\ny"""\n'),
        (
            "[[l]]\na = 1\n[[l]]\na = 2\n",
            Append(("l",), {"a": 3}),
            "[[l]]\na = 1\n[[l]]\na = 2\n[[l]]\na = 3\n",
        ),
        ("[[l]]\na = 'x'\n", Append(("l",), {"a": "y"}), "[[l]]\na = 'x'\n\n[[l]]\na = 'y'\n"),
    ],
)
def test_an_edit_is_written_as_its_neighbours_are(text: str, edit: Edit, changed: str) -> None:
    assert edited(text, edit) == changed


def test_an_empty_value_is_no_value() -> None:
    assert edited("a = 1\nb = 2\n", Set(("a",), None)) == "b = 2\n"
    assert edited("a = 1\n", Set(("b",), {"c": None, "d": 1})) == "a = 1\n\n[b]\nd = 1\n"
    assert TOML.dump({"a": None, "b": 1}, newline="\n") == "b = 1\n"
    assert new_document({"a": None, "b": 1}, "x", format="toml") == b"+++\nb = 1\n+++\nx\n"


@pytest.mark.parametrize(
    "edit",
    [
        Append(("tags",), None),
        Set(("weight",), 2**63),
        Set(("t",), time(1, tzinfo=UTC)),
        Set(("date",), datetime(2024, 1, 1, tzinfo=timezone(timedelta(seconds=30)))),
        Set(("links", 0), "text"),
        Append(("links",), "text"),
        Set(("title",), "\x00"),
    ],
    ids=str,
)
def test_what_toml_cannot_hold_is_refused(edit: Edit) -> None:
    with pytest.raises(EditRefused):
        edited(TEXT, edit)


@pytest.mark.parametrize(
    ("text", "line"),
    [("a = \n", 1), ("a = 1\na = 2\n", 2), ("a = 1\rb = 2\n", 1), ('a = "\\u0000"\n', None), ("a = [\n", 2)],
)
def test_what_does_not_parse_is_named_with_its_line(text: str, line: int | None) -> None:
    with pytest.raises(FrontMatterUnreadable) as unreadable:
        TOML.read(text)
    assert unreadable.value.line == line


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 50_000,
        "a = " + "[" * 120 + "]" * 120,
        ".".join("a" * 5_000) + " = 1",
        "[" + ".".join("a" * 120) + "]",
        "a = " + "{ b = " * 120 + "1" + "}" * 120,
    ],
)
def test_a_hostile_depth_is_refused(text: str) -> None:
    with pytest.raises((DocumentTooLarge, FrontMatterUnreadable)):
        TOML.read(text)


def test_a_new_file_has_its_pairs_before_its_tables() -> None:
    values: dict[str, Any] = {
        "title": "It's",
        "seo": {"a": 1, "deep": {"b": [1, 2]}},
        "links": [{"n": "x", "t": ["q"]}, {"n": "y"}],
        "mixed": [1, {"a": 1}],
        "date": date(2024, 1, 1),
        "empty": [],
        "none": {},
    }
    text = TOML.dump(values, newline="\r\n")
    assert tomllib.loads(text) == values
    assert text.startswith('title = "It\'s"\r\nmixed = [1, { a = 1 }]\r\ndate = 2024-01-01\r\n')
    assert text.endswith('\r\n\r\n[[links]]\r\nn = "x"\r\nt = ["q"]\r\n\r\n[[links]]\r\nn = "y"\r\n')


def test_a_new_file_takes_over_a_neighbours_habits() -> None:
    neighbour = "date  = 2024-01-01\ntags  = [\n  'a',\n]\ntitle = 'x'\n"
    text = TOML.dump_like({"title": "New", "tags": ["b"], "date": date(2025, 1, 1)}, neighbour, newline="\n")
    assert text == "date  = 2025-01-01\ntags  = [\n  'b',\n]\ntitle = 'New'\n"


NAMES = st.sampled_from(["a", "b", "c d", "é", "e.f", "0", "title", "x-y_z"])
scalars = st.one_of(
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=6),
    st.sampled_from(['"', "'", "\\", "'''", '"""', "#", "]", "a\nb", "\n", "\r\n", "é\t", "\x7f", "]]", "}"]),
    st.dates(),
    st.datetimes(timezones=st.none() | st.just(UTC) | st.just(BERLIN)),
    st.times(),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A text with comments, several kinds of strings and tables, and line ends of either kind."""
    text = tomlkit.dumps(draw(st.dictionaries(NAMES, values, max_size=4)))
    pieces = [
        "# about lit\nlit = 'a#b' # lit\n",
        'long = """\n"a" \\\n  b\r\n"""\n'.replace("\r\n", "\n"),
        "raw = '''\nx'y\n'''  \n",
        "tall = [ # open\n  1, # one\n\n  # two\n  2\n  , 3 ]\n",
        "wide = [1,2 , 3,]\n",
        "in = {x.y = 1, z = [ { w = 2 } ]}\n",
        "dot . ted.x = 1\ndot.ted.y = 'q'\n",
        "'quoted key'.\"k\" = 07:00:00\n",
    ]
    head = "".join(draw(st.lists(st.sampled_from(pieces), unique=True, max_size=4)))
    tables = [
        "\n# T\n[t]\n  x = 1\n  # y = 2\n\n",
        "[ s . u ]\n\n",
        "[[many]]\n[many.deep]\nx = 1\n[[many.deep.l]]\n# c\n[[many.deep.l]]\ny = 2\n\n[[many]]\nx = 2 # e\n",
        "[[one]]\nk = 1",
    ]
    tail = "\n".join(draw(st.lists(st.sampled_from(tables), unique=True, max_size=3)))
    text = head + text + "\n" + tail
    return text.replace("\r\n", "\n").replace("\n", "\r\n") if draw(st.booleans()) else text


def mixes_tables_with_others(text: str, edit: Edit) -> bool:
    """A list that is written as tables cannot hold anything else."""
    if not isinstance(edit, Append | Insert | Set):
        return False
    path = edit.path[:-1] if isinstance(edit, Set) and isinstance(edit.path[-1], int) else edit.path
    is_list = path != edit.path or not isinstance(edit, Set)
    return is_list and bool(places(text).items_of(path)) and not isinstance(edit.value, dict)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_every_edit_reads_back_as_itself_and_touches_nothing_else(data: st.DataObject) -> None:
    text = data.draw(texts())
    for _ in range(3):
        for edit in settle(tomllib.loads(text), data.draw(an_edit(tomllib.loads(text), values))):
            if mixes_tables_with_others(text, edit):
                with pytest.raises(EditRefused):
                    edited(text, edit)
                break
            text = check_edit(TOML, text, edit, tomllib.loads)
            assert repr_of(tomlkit.parse(text.replace("\r\n", "\n")).unwrap()) == repr_of(tomllib.loads(text))


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(NAMES, values, max_size=5), texts())
def test_what_is_written_anew_reads_back(found: dict[str, Any], neighbour: str) -> None:
    assert repr_of(tomllib.loads(TOML.dump(found, newline="\n"))) == repr_of(found)
    assert repr_of(tomllib.loads(TOML.dump_like(found, neighbour, newline="\n"))) == repr_of(found)


@settings(max_examples=200, deadline=None)
@given(st.text("[]{}=.\"',#\n a1", max_size=16))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        reading = TOML.read(text)
    except FrontMatterUnreadable:
        return
    assert all(text_of in text for text_of in reading.texts.values())


def test_comments_survive_every_removal_but_their_own() -> None:
    for path in [("title",), ("tags",), ("links",), ("extra",), ("cover", "src"), ("links", 0), ("tall", 0)]:
        changed = edited(TEXT, Unset(path))
        assert applied(tomllib.loads(TEXT), Unset(path)) == tomllib.loads(changed)
        assert "# The head of the file." in changed
        assert "# Detached." in changed
