"""Headers of Pelican and MultiMarkdown."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gitcms.content.edits import Append, Edit, Rename, Set, Unset
from gitcms.content.formats import edit_verified
from gitcms.content.formats.headers import HeadersFormat
from gitcms.errors import EditRefused, FrontMatterUnreadable
from tests.content.formats.drawn_edits import only_differs_at

HEADERS = HeadersFormat()

TEXT = """\
Title:   A tale
Date: 2024-01-31 10:00
Tags: one, two
Slug:
Summary: First line
\tsecond: line
  third line
"""


def edited(text: str, *edits: Edit, newline: str = "\n") -> str:
    for edit in edits:
        text = edit_verified(HEADERS, text, edit, newline)
    return text


def test_every_value_is_text() -> None:
    reading = HEADERS.read(TEXT)
    assert reading.values == {
        "Title": "A tale",
        "Date": "2024-01-31 10:00",
        "Tags": "one, two",
        "Slug": "",
        "Summary": "First line\nsecond: line\nthird line",
    }
    assert reading.lines[("Summary",)] == 5
    assert reading.texts[("Tags",)] == "one, two"


@pytest.mark.parametrize(
    ("edit", "old", "new"),
    [
        (Set(("Title",), "Another: tale"), "A tale", "Another: tale"),
        (Set(("Tags",), "one, two, three"), "one, two", "one, two, three"),
        (Set(("Tags",), ["a", "b"]), "one, two", "a, b"),
        (Set(("Slug",), "x"), "Slug:\n", "Slug: x\n"),
        (Set(("Title",), ""), "A tale", ""),
        (Set(("Summary",), "One\ntwo"), "First line\n\tsecond: line\n  third line", "One\n\ttwo"),
        (
            Set(("Date",), datetime(2024, 2, 1, 9, tzinfo=UTC)),
            "2024-01-31 10:00",
            "2024-02-01 09:00:00+00:00",
        ),
        (Set(("Date",), date(2024, 2, 1)), "2024-01-31 10:00", "2024-02-01"),
        (Unset(("Summary",)), "Summary: First line\n\tsecond: line\n  third line\n", ""),
        (Rename(("Slug",), "Address"), "Slug", "Address"),
    ],
)
def test_an_edit_changes_just_its_place(edit: Edit, old: str, new: str) -> None:
    assert TEXT.count(old) == 1
    assert edited(TEXT, edit) == TEXT.replace(old, new)
    crlf = edited(TEXT.replace("\n", "\r\n"), edit, newline="\r\n")
    assert crlf == TEXT.replace(old, new).replace("\n", "\r\n")


def test_a_new_field_comes_last() -> None:
    assert edited(TEXT, Set(("Status",), "draft")) == TEXT + "Status: draft\n"
    assert edited("A:1", Set(("B",), True)) == "A:1\nB: true"
    assert edited("", Set(("B",), "x\ny")) == "B: x\n    y\n"


def test_of_a_field_that_stands_there_twice_the_last_counts() -> None:
    text = "A: 1\nB: 2\nA: 3\n"
    assert HEADERS.read(text).values == {"A": "3", "B": "2"}
    assert len(HEADERS.read(text).warnings) == 1
    assert edited(text, Set(("A",), "4")) == "A: 1\nB: 2\nA: 4\n"
    assert edited(text, Unset(("A",))) == "B: 2\n"


@pytest.mark.parametrize(
    "edit",
    [
        Set(("Title",), " a"),
        Set(("Title",), "a\n\nb"),
        Set(("Title",), "a\rb"),
        Set(("Title",), "a\u2028b"),
        Set(("Title",), {"a": 1}),
        Set(("Title",), [["a"]]),
        Set(("1st",), "a"),
        Set(("a:b",), "a"),
        Set(("a\nb",), "a"),
        Rename(("Title",), "ü"),
        Set(("Title", "sub"), "a"),
        Append(("Tags",), "a"),
        Unset(("None",)),
    ],
    ids=str,
)
def test_what_headers_cannot_hold_is_refused(edit: Edit) -> None:
    with pytest.raises(EditRefused):
        edited(TEXT, edit)


def test_a_line_without_a_name_is_unreadable() -> None:
    with pytest.raises(FrontMatterUnreadable) as unreadable:
        HEADERS.read("A: 1\n\nB: 2\n")
    assert unreadable.value.line == 2


def test_a_new_file_has_a_line_for_each_value() -> None:
    values: dict[str, Any] = {"Title": "A", "Tags": ["a", "b"], "Slug": None, "Summary": "x\ny"}
    assert HEADERS.dump(values, newline="\n") == "Title: A\nTags: a, b\nSlug:\nSummary: x\n    y\n"


names = st.sampled_from(["Title", "a b", "_x", "Key-1"])
lines = st.text("ab:é#-, ", min_size=1, max_size=8).map(str.strip).filter(bool)
written = st.builds(
    lambda name, space, first, more, end: f"{name}:{space}{first}" + "".join(more) + end,
    names,
    st.sampled_from(["", " ", "  ", "\t"]),
    lines | st.just(""),
    st.lists(st.builds(lambda line: f"\n    {line}", lines), max_size=2),
    st.sampled_from(["", "  "]),
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(written, min_size=1, max_size=4), st.booleans(), names, st.lists(lines, min_size=1, max_size=3)
)
def test_a_set_value_reads_back_and_the_rest_stays(
    entries: list[str], crlf: bool, name: str, value: list[str]
) -> None:
    newline = "\r\n" if crlf else "\n"
    text = ("\n".join(entries) + "\n").replace("\n", newline)
    before = HEADERS.read(text)
    assume(before.values.get(name) != "\n".join(value))
    changed = edited(text, Set((name,), "\n".join(value)), newline=newline)
    assert HEADERS.read(changed).values == {**before.values, name: "\n".join(value)}
    assert only_differs_at(text, before.texts.get((name,), ""), changed)
