"""Nikola's fields in a comment: read, edited to the byte, written into new files."""

from __future__ import annotations

import pytest

from gitcms.content.document import Document, new_document
from gitcms.content.edits import Append, Edit, Rename, Set, Unset
from gitcms.errors import EditRefused

PAGE = b"""<!--
.. title: First rain: what fell
.. slug: first-rain
.. date: 2026-03-01 10:00:00 UTC+01:00
.. tags: water, rain
.. link:\x20
.. description:
-->

It rained. <!-- not so much -->
"""


def document(data: bytes = PAGE) -> Document:
    return Document.parse(data, "posts/rain.md")


def test_the_lines_in_the_comment_are_fields() -> None:
    page = document()
    assert page.format == "nikola"
    assert page.values == {
        "title": "First rain: what fell",
        "slug": "first-rain",
        "date": "2026-03-01 10:00:00 UTC+01:00",
        "tags": "water, rain",
        "link": "",
        "description": "",
    }
    assert page.body == "\nIt rained. <!-- not so much -->\n"
    assert page.line_of(("date",)) == 4


@pytest.mark.parametrize(
    ("edit", "old", "new"),
    [
        (Set(("title",), "Rain"), b"First rain: what fell", b"Rain"),
        (Set(("tags",), ["water", "ice"]), b"water, rain", b"water, ice"),
        (Set(("link",), "/x"), b".. link: \n", b".. link: /x\n"),
        (Set(("description",), "Short"), b".. description:\n", b".. description: Short\n"),
        (Set(("slug",), ""), b".. slug: first-rain\n", b".. slug: \n"),
        (Set(("type",), "text"), b"\n-->", b"\n.. type: text\n-->"),
        (Set(("type",), "text", after="slug"), b".. date", b".. type: text\n.. date"),
        (Unset(("tags",)), b".. tags: water, rain\n", b""),
        (Rename(("tags",), "words"), b".. tags", b".. words"),
    ],
)
def test_an_edit_changes_its_own_bytes_alone(edit: Edit, old: bytes, new: bytes) -> None:
    assert document().change([edit]) == PAGE.replace(old, new, 1)
    with_crlf = PAGE.replace(b"\n", b"\r\n")
    changed = document(with_crlf).change([edit])
    assert changed == with_crlf.replace(old.replace(b"\n", b"\r\n"), new.replace(b"\n", b"\r\n"), 1)


@pytest.mark.parametrize(
    "edit",
    [
        Set(("title",), "Two\nlines"),
        Set(("title",), "The end -->"),
        Set(("title",), " space"),
        Set(("a b",), "x"),
        Set(("tags",), {"a": "b"}),
        Append(("title", "x"), "y"),
    ],
)
def test_what_a_line_cannot_hold_is_refused(edit: Edit) -> None:
    with pytest.raises(EditRefused):
        document().change([edit])


def test_another_body_leaves_the_fields_and_the_blank_line_that_ends_them() -> None:
    assert document().change([], "It poured.\n") == PAGE[: PAGE.index(b"It rained")] + b"It poured.\n"


def test_a_new_file_has_its_fields_in_a_comment() -> None:
    data = new_document({"title": "New", "tags": ["a", "b"]}, "Text.\n", format="nikola")
    assert data == b"<!--\n.. title: New\n.. tags: a, b\n-->\n\nText.\n"


@pytest.mark.parametrize("text", ["<!-- more -->\n", "<!--\nA comment.\n-->\n", "<!--\n.. title: x\n"])
def test_other_comments_are_text(text: str) -> None:
    assert document(text.encode()).format == "none"


def test_a_field_twice_is_told() -> None:
    page = document(b"<!--\n.. title: A\n.. title: B\n-->\n")
    assert page.values == {"title": "B"} and "twice" in page.warnings[0]
