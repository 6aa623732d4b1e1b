"""A file: the same bytes but for what the edits name, or nothing at all."""

from __future__ import annotations

from datetime import date

import pytest

from gitcms.content.document import Document, Written, new_document
from gitcms.content.edits import Append, Set, Unset
from gitcms.content.values import Raw, Value
from gitcms.errors import EditRefused, FrontMatterUnreadable

POST = b"""---
title: Hello   # the title
tags: [a, b]
---

First words.

Second words.
"""


def test_a_document_shows_its_fields_and_its_text():
    document = Document.parse(POST)
    assert document.format == "yaml"
    assert document.values == {"title": "Hello", "tags": ["a", "b"]}
    assert document.body == "\nFirst words.\n\nSecond words.\n"
    assert document.problem is None and document.warnings == ()
    assert (document.line_of(("title",)), document.line_of(("tags", 1))) == (2, 3)
    assert document.text_of(("title",)) == "Hello" and document.text_of(("other",)) is None


@pytest.mark.parametrize(
    "source",
    [
        POST,
        b"",
        b"\xef\xbb\xbf---\r\na: 1\r\n---\r\nb\r\n",
        b"\n\n---   \na: 1\n...  \n\n\n",
        b"---\r\na: 1\n---\nb\r\n",
        b"---\na: 1\n---",
        b"---\na: x: y\n---\nb\n",
        b"---\na: \xf3\n---\nb\xe9\n",
        b"just text\r\rwith old line ends\r",
        b"---\na: 1\n---\n\x00\x00",
        b"\xff\xfe-\x00-\x00-\x00\n\x00",
    ],
)
def test_saving_without_a_change_gives_the_same_bytes(source):
    document = Document.parse(source)
    assert document.change([]) == source
    assert document.change([], document.body) == source
    assert document.change([], document.body.replace("\n", "\r\n")) == source


def test_fields_and_text_change_together_and_nothing_else_does():
    body = "\r\nFirst words.\r\n\r\nOther words.\r\n"
    changed = Document.parse(POST).change([Set(("title",), "Bye"), Append(("tags",), "c")], body)
    assert changed == POST.replace(b"Hello", b"Bye").replace(b"b]", b"b, c]").replace(b"Second", b"Other")


def test_setting_what_is_there_already_changes_nothing():
    assert Document.parse(POST).change([Set(("title",), "Hello"), Set(("tags",), ["a", "b"])]) == POST


def test_edits_are_done_one_after_the_other():
    edits = [Append(("tags",), "c"), Unset(("tags", 0)), Unset(("tags", 0)), Set(("tags", 0), "d")]
    assert b"tags: [d]" in Document.parse(POST).change(edits)


def test_a_byte_order_mark_stays_and_is_never_text():
    source = b"\xef\xbb\xbf---\r\na: 1\r\n---\r\nb\r\n"
    document = Document.parse(source)
    assert document.body == "b\n"
    assert document.change([Set(("a",), 2)], "c\r\n") == b"\xef\xbb\xbf---\r\na: 2\r\n---\r\nc\r\n"


def test_text_that_would_become_fields_is_refused():
    document = Document.parse(b"Just text.\n")
    with pytest.raises(EditRefused, match="taken for fields"):
        document.change([], "---\ntitle: x\n---\nJust text.\n")


@pytest.mark.parametrize(
    ("fields", "between"),
    [("---\na: 1\n---", "\n"), ("---\r\na: 1\r\n---", "\r\n"), ('{\n"a": 1\n}', "\n"), ("title: A\n", "\n")],
)
@pytest.mark.parametrize("text", ["Text.", "\nText.\n"])
def test_a_first_text_begins_on_a_line_of_its_own(fields, between, text):
    document = Document.parse(fields.encode())
    changed = document.change([], text)
    if not (document.format == "headers" and text.startswith("\n")):
        fields += between
    assert changed == (fields + text.replace("\n", between)).encode()
    assert document.change([], "") == document.source


def test_a_file_without_fields_takes_none():
    with pytest.raises(EditRefused):
        Document.parse(b"Just text.\n").change([Set(("title",), "x")])


def test_fields_that_do_not_parse_are_shown_and_the_text_stays_editable():
    source = b"---\ntitle: x\ntags: [a\n---\nOld text.\n"
    document = Document.parse(source)
    assert document.values == {} and document.front_matter_text == "title: x\ntags: [a\n"
    assert document.problem is not None and (document.problem.line, document.problem.column) == (4, 1)
    assert "line 4, column 1" in str(document.problem)
    assert document.change([], "New text.\n") == source.replace(b"Old", b"New")
    with pytest.raises(FrontMatterUnreadable):
        document.change([Set(("other",), "x")])


def test_the_line_of_a_problem_is_counted_in_the_file():
    problem = Document.parse(b"\n\n---\na: 1\nb: c: d\n---\n").problem
    assert problem is not None and problem.line == 5


def test_text_in_an_old_encoding_keeps_its_bytes():
    document = Document.parse(b"---\na: 1\n---\nA\xf1o\nde nieve\n")
    assert document.body == "Año\nde nieve\n"
    assert document.change([Set(("a",), "ñ")], "Año\nde niño\n") == (
        "---\na: ñ\n---\n".encode() + b"A\xf1o\nde ni\xf1o\n"
    )
    with pytest.raises(EditRefused, match="old encoding"):
        document.change([], "Año\nde 日本\n")


def test_a_tagged_value_is_read_only_and_the_rest_stays_editable():
    source = b"---\na: !custom {x: 1}\nb: 2\n---\n"
    document = Document.parse(source)
    assert document.values["a"] == Raw(
        "!custom {x: 1}", "It carries the mark !custom, which is kept as it is."
    )
    assert document.change([Set(("b",), 3)]) == source.replace(b"2", b"3")


def test_a_new_file_reads_as_given():
    values = {"title": "Año: 1", "date": date(2024, 1, 1), "tags": ["no", "x"], "draft": True}
    source = new_document(values, "Text.\r\nMore.")
    assert source.startswith(b"---\n") and source.endswith(b"---\nText.\nMore.\n")
    assert Document.parse(source).values == values


def test_a_new_file_takes_over_the_habits_of_a_neighbour():
    like = Document.parse(b'--- \r\ntitle: "A"\r\ntags:\r\n    - x\r\n...\r\n\r\nText\r\n')
    assert new_document({"tags": ["z"], "title": "B"}, "New\n", like=like) == (
        b'--- \r\ntitle: "B"\r\ntags:\r\n    - z\r\n...\r\n\r\nNew\r\n'
    )


def test_a_neighbour_that_cannot_be_read_lends_no_habits():
    like = Document.parse(b"---\na: b: c\n---\n")
    assert new_document({"title": "B"}, "", like=like) == b"---\ntitle: B\n---\n"


@pytest.mark.parametrize("value", ["\ud800", "x\x00", Raw("!x y", "Why.")])
def test_a_new_file_is_refused_what_no_file_can_keep(value):
    with pytest.raises(EditRefused):
        new_document({"title": value}, "")


@pytest.mark.parametrize("name", ["toml", "json", "headers"])
def test_a_new_file_of_every_kind_opens_again(name):
    document = Document.parse(new_document({"title": "B"}, "Text\n", format=name))
    assert (document.format, document.values, document.body.strip()) == (name, {"title": "B"}, "Text")


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (Written(), "a: one\nb:\n  - two\nc:\n  d: three\n"),
        (Written(quote="double"), 'a: "one"\nb:\n  - "two"\nc:\n  d: "three"\n'),
        (
            Written(quote="single", indent=4, indent_lists=False),
            "a: 'one'\nb:\n- 'two'\nc:\n    d: 'three'\n",
        ),
        (Written(json_indent="\t"), "a: one\nb:\n  - two\nc:\n  d: three\n"),
    ],
)
def test_a_file_without_neighbours_is_spelled_as_the_site_wants(written: Written, text: str) -> None:
    values: dict[str, Value] = {"a": "one", "b": ["two"], "c": {"d": "three"}}
    assert new_document(values, "", written=written).decode() == f"---\n{text}---\n"
    # A neighbour shows better how it is done here.
    like = Document.parse(b"---\na: 'x'\n---\n")
    assert b"a: 'one'" in new_document(values, "", written=Written(quote="double"), like=like)


@pytest.mark.parametrize(("indent", "shown"), [("\t", "\t"), ("    ", "    "), ("  ", "  ")])
def test_json_is_indented_as_the_site_wants(indent: str, shown: str) -> None:
    values: dict[str, Value] = {"a": "  one\n  two", "b": [["x"], {}]}
    data = new_document(values, "", format="json", written=Written(json_indent=indent))
    assert data.decode().startswith(f'{{\n{shown}"a": "  one\\n  two",\n{shown}"b": [\n{shown * 2}[\n')
    assert Document.parse(data).values == values


def test_comments_stand_before_the_keys_of_a_new_file() -> None:
    values: dict[str, Value] = {"title": "A", "to do": "b", "c": 1}
    comments = {"title": "What it is\ncalled", "to do": "Later", "gone": "Nothing"}
    assert new_document(values, "", comments=comments).decode() == (
        "---\n# What it is\n# called\ntitle: A\n# Later\nto do: b\nc: 1\n---\n"
    )
    toml = new_document(values, "", comments=comments, format="toml").decode()
    assert "# What it is\n# called\ntitle = " in toml and '# Later\n"to do" = ' in toml
    assert b"#" not in new_document(values, "", comments=comments, format="json")


def test_what_looks_like_a_key_in_a_text_gets_no_comment() -> None:
    text = "one\ntitle = 2\nthree"
    data = new_document({"b": text, "title": "A"}, "", comments={"title": "No"}, format="toml")
    assert Document.parse(data).values == {"b": text, "title": "A"}
