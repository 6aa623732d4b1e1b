"""Data files: all fields and no text, by the ending of their name; an object, or a list."""

from __future__ import annotations

import pytest

from gitcms.content.document import Document
from gitcms.content.edits import Append, Insert, Move, Set, Unset
from gitcms.errors import EditRefused

PEOPLE = b"# Who we are\n\n- name: Ada # first\n  born: 1815\n\n# from here on alive\n- name: 'Grace'\n"


@pytest.mark.parametrize(
    ("path", "source", "values"),
    [
        ("_data/a.yml", b"title: A\n\nlinks: []\n", {"title": "A", "links": []}),
        ("_data/a.YAML", b"---\ntitle: A\n...\n", {"title": "A"}),
        ("_data/a.yml", b"\xef\xbb\xbf%YAML 1.1\r\n---\r\ntitle: A\r\n", {"title": "A"}),
        ("_data/a.yml", b"---\n", {}),
        ("_data/a.yml", b"", {}),
        ("data/a.json", b'{"title": "A"}', {"title": "A"}),
        ("data/a.json", b'\n\n{\n  "title": "A"\n}\n\n', {"title": "A"}),
        ("data/a.toml", b'# c\ntitle = "A"\n[b]\nc = 1\n', {"title": "A", "b": {"c": 1}}),
    ],
)
def test_a_data_file_is_all_fields(path, source, values):
    document = Document.parse(source, path)
    assert (document.is_data, document.values, document.items, document.body) == (True, values, None, "")
    assert document.problem is None and document.change([], "") == source


@pytest.mark.parametrize(
    ("path", "source", "format", "body"),
    [
        ("search.json", b"---\nlayout: none\n---\n[1]\n", "yaml", "[1]\n"),
        ("feed.json", b"---\n---\n{}\n", "yaml", "{}\n"),
        ("a.md", b"- name: Ada\n", "none", "- name: Ada\n"),
        ("a.json.md", b'{"a": 1}\ntext', "json", "text"),
    ],
)
def test_a_page_of_that_name_is_no_data_file(path, source, format, body):  # noqa: A002
    document = Document.parse(source, path)
    assert (document.is_data, document.format, document.body) == (False, format, body)


@pytest.mark.parametrize(
    ("edit", "changed"),
    [
        (Set((0, "name"), "Ada L."), PEOPLE.replace(b"Ada", b"Ada L.")),
        (Set((1, "born"), 1906), PEOPLE + b"  born: 1906\n"),
        (Append((), {"name": "Mary"}), PEOPLE + b"- name: 'Mary'\n"),
        (
            Insert((), 0, {"name": "Mary"}),
            PEOPLE.replace(b"- name: Ada", b"- name: 'Mary'\n- name: Ada"),
        ),
        (Unset((0,)), b"# Who we are\n\n\n# from here on alive\n- name: 'Grace'\n"),
        (
            Move((), 0, 1),
            b"# Who we are\n\n- name: 'Grace'\n\n# from here on alive\n- name: Ada # first\n  born: 1815\n",
        ),
    ],
)
def test_a_list_in_yaml_is_edited_by_item(edit, changed):
    document = Document.parse(PEOPLE, "_data/people.yml")
    assert document.items == [{"name": "Ada", "born": 1815}, {"name": "Grace"}]
    assert document.change([edit]) == changed


def test_a_list_that_loses_its_last_item_stays_a_list():
    for source in (b"- a\n", b"# c\n- a: 1\n  b: 2\n", b"[a]\n", b"---\n- a\n...\n"):
        empty = Document.parse(source, "a.yml").change([Unset((0,))])
        assert Document.parse(empty, "a.yml").items == []
        again = Document.parse(empty, "a.yml").change([Append((), "b")])
        assert Document.parse(again, "a.yml").items == ["b"]


def test_a_list_in_json_is_edited_by_item():
    source = b'[\n  {"name": "Ada"},\n  {"name": "Grace"}\n]\n'
    document = Document.parse(source, "people.json")
    assert document.change([Set((1, "name"), "G.")]) == source.replace(b"Grace", b"G.")
    assert document.change([Unset((0,)), Unset((0,))]) == b"[]\n"
    assert document.change([Append((), {"name": "Mary"})]) == source.replace(
        b'"Grace"}\n', b'"Grace"},\n  {"name": "Mary"}\n'
    )


def test_a_list_is_no_front_matter():
    document = Document.parse(b"---\n- a\n---\ntext\n", "a.md")
    assert document.problem is not None and document.items is None
    assert str(document.problem) == "This file does not begin with named fields (line 2, column 1)."
    assert document.change([], "more\n") == b"---\n- a\n---\nmore\n"


def test_a_data_file_takes_no_text():
    with pytest.raises(EditRefused, match="fields alone"):
        Document.parse(b"a: 1\n", "a.yml").change([], "text")


def test_a_data_file_that_does_not_parse_is_shown_as_text():
    document = Document.parse(b"a: 1\nb: x: y\n", "a.yml")
    assert document.front_matter_text == "a: 1\nb: x: y\n" and document.body == ""
    assert document.problem is not None and (document.problem.line, document.problem.column) == (2, 5)
