"""Where a new key goes: beside the neighbour that it usually has, in every format."""

from __future__ import annotations

import pytest

from gitcms.content.document import Document
from gitcms.content.edits import Set, edits_between

ORDER = [("layout",), ("title",), ("date",), ("links",), ("links", "url"), ("links", "title"), ("tags",)]


@pytest.mark.parametrize(
    ("source", "name", "value", "changed"),
    [
        (
            "---\n# the title\ntitle: A\n# SEO\ntags: []\n---\n",
            "date",
            "today",
            "---\n# the title\ntitle: A\ndate: today\n# SEO\ntags: []\n---\n",
        ),
        (
            "---\n# All of it\n\n# the title\ntitle: A # short\n---\n",
            "layout",
            "post",
            "---\n# All of it\n\nlayout: post\n# the title\ntitle: A # short\n---\n",
        ),
        (
            "---\ntitle: >-\n  A\n  B\n\ntags: []\n---\n",
            "links",
            [{"url": "u"}],
            "---\ntitle: >-\n  A\n  B\nlinks:\n  - url: u\n\ntags: []\n---\n",
        ),
        ("---\ntitle: A\ntags: [] # c\n---\n", "other", "x", "---\ntitle: A\ntags: [] # c\nother: x\n---\n"),
        ("---\n{title: A, tags: []}\n---\n", "date", "x", "---\n{title: A, date: x, tags: []}\n---\n"),
        ("---\n{title: A, tags: []}\n---\n", "layout", "x", "---\n{layout: x, title: A, tags: []}\n---\n"),
        (
            "---\r\ntitle: A\r\ntags: []\r\n---\r\n",
            "date",
            "x",
            "---\r\ntitle: A\r\ndate: x\r\ntags: []\r\n---\r\n",
        ),
        (
            '+++\n# c\ntitle = "A"\ntags = []\n[x]\na = 1\n+++\n',
            "date",
            "x",
            '+++\n# c\ntitle = "A"\ndate = "x"\ntags = []\n[x]\na = 1\n+++\n',
        ),
        (
            '+++\n# c\n\n# t\ntitle = "A"\n+++\n',
            "layout",
            "x",
            '+++\n# c\n\nlayout = "x"\n# t\ntitle = "A"\n+++\n',
        ),
        (
            '{\n  "title": "A",\n  "tags": []\n}\n',
            "date",
            "x",
            '{\n  "title": "A",\n  "date": "x",\n  "tags": []\n}\n',
        ),
        (
            '{\n  "title": "A",\n  "tags": []\n}\n',
            "layout",
            "x",
            '{\n  "layout": "x",\n  "title": "A",\n  "tags": []\n}\n',
        ),
        ("title: A\n  b\ntags: c\n\nText\n", "date", "x", "title: A\n  b\ndate: x\ntags: c\n\nText\n"),
    ],
)
def test_a_new_key_goes_where_its_field_usually_stands(source, name, value, changed):
    document = Document.parse(source.encode())
    wanted = document.values | {name: value}
    assert document.change(edits_between(document.values, wanted, ORDER)).decode() == changed


def test_a_new_key_of_an_object_in_a_list_too():
    source = "---\nlinks:\n  - url: a\n    type: x\n  - type: y\n---\n"
    document = Document.parse(source.encode())
    wanted = {"links": [{"url": "a", "type": "x", "title": "T"}, {"type": "y", "url": "b"}]}
    # Of the second item no neighbour is known.
    assert document.change(edits_between(document.values, wanted, ORDER)).decode() == (
        "---\nlinks:\n  - url: a\n    title: T\n    type: x\n  - type: y\n    url: b\n---\n"
    )


def test_several_new_keys_come_in_the_usual_order():
    document = Document.parse(b"---\nother: 1\n---\n")
    wanted = {"tags": "t", "title": "A", "other": 1, "date": "d", "unknown": 2}
    assert document.change(edits_between(document.values, wanted, ORDER)) == (
        b"---\nother: 1\ntitle: A\ndate: d\ntags: t\nunknown: 2\n---\n"
    )


@pytest.mark.parametrize(("after", "before"), [("nobody", None), (None, "nobody"), (None, None)])
def test_without_its_neighbour_a_new_key_goes_to_the_end(after, before):
    for source in (b"---\na: 1\n---\n", b"+++\na = 1\n+++\n", b'{"a": 1}\n', b"title: 1\n\n"):
        document = Document.parse(source)
        changed = Document.parse(document.change([Set(("new",), "x", after, before)]))
        assert list(changed.values) == [*document.values, "new"]
