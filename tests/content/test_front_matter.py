"""The front matter of a file: every kind is found, and the pieces are the file."""

from __future__ import annotations

import frontmatter
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitcms.content.front_matter import HANDLERS, split
from gitcms.errors import EditRefused

KINDS = [
    (b"---\ntitle: A\n---\nBody\n", "yaml", b"title: A\n", b"Body\n"),
    (b"---\r\ntitle: A\r\n---\r\nBody", "yaml", b"title: A\r\n", b"Body"),
    (b"--- \t\ntitle: A\n---  \nBody", "yaml", b"title: A\n", b"Body"),
    (b"---\ntitle: A\n...\nBody", "yaml", b"title: A\n", b"Body"),
    (b"---\ntitle: A\n---", "yaml", b"title: A\n", b""),
    (b"---\n---\nBody", "yaml", b"", b"Body"),
    (b"\xef\xbb\xbf---\ntitle: A\n---\nBody", "yaml", b"title: A\n", b"Body"),
    (b"\n \n---\ntitle: A\n---\nBody", "yaml", b"title: A\n", b"Body"),
    (b"---\na: |\n  x\n  ---\n  y\n---\nBody", "yaml", b"a: |\n  x\n  ---\n  y\n", b"Body"),
    (b"---\na: 1\n---\nx\n\n---\n\ny", "yaml", b"a: 1\n", b"x\n\n---\n\ny"),
    (b"---\na: 1\n----\nb: 2\n---\ny", "yaml", b"a: 1\n----\nb: 2\n", b"y"),
    (b"title: A\ntags:\n- x\n---\nBody", "yaml", b"title: A\ntags:\n- x\n", b"Body"),
    (b"+++\na = 1\n+++\nBody", "toml", b"a = 1\n", b"Body"),
    (b"---toml\na = 1\n---\nBody", "toml", b"a = 1\n", b"Body"),
    (b'{\n"a": {"b": "}"}\n}\nBody', "json", b'{\n"a": {"b": "}"}\n}', b"Body"),
    (b';;;\n"a": 1\n;;;\nBody', "json", b'"a": 1\n', b"Body"),
    (b"Title: A\nDate: 2024-01-01\n\nBody", "headers", b"Title: A\nDate: 2024-01-01\n", b"\nBody"),
]
NONE = [
    b"",
    b"Just text\n",
    b"---\na: 1\nnever closed\n",
    b"--- # not a fence\na: 1\n---\n",
    b"---\rtitle: A\r---\r",
    b"----\na: 1\n----\n",
    b"Note: a paragraph\n\nthat begins with a colon\n",
    b"{% include x %}\n",
    b"\xff\xfe-\x00-\x00-\x00\n\x00",
]


@pytest.mark.parametrize(("source", "name", "inner", "body"), KINDS, ids=lambda part: None)
def test_every_kind_of_front_matter_is_found(source, name, inner, body):
    block = split(source)
    assert (block.format, block.inner, block.body) == (name, inner, body)


@pytest.mark.parametrize("source", NONE)
def test_a_file_without_front_matter_is_all_body(source):
    block = split(source)
    assert (block.format, block.inner, block.body) == ("none", b"", source)


@given(
    st.lists(
        st.sampled_from([b"---", b"+++", b"...", b"a: b", b"{", b"}", b"\n", b"\r\n", b"\xff", b" "])
    ).map(b"".join)
)
def test_the_pieces_are_the_file(source):
    block = split(source)
    assert block.join(block.inner, block.body) == source


def test_python_frontmatter_reads_through_our_handlers():
    fields, body = frontmatter.parse("---\ntitle: A\ntags: [x]\n---\n\nBody\n", handler=HANDLERS[0])
    assert (fields, body) == ({"title": "A", "tags": ["x"]}, "Body")


def test_python_frontmatter_cannot_write_through_our_handlers():
    with pytest.raises(EditRefused):
        frontmatter.dumps(frontmatter.Post("Body", title="A"), handler=HANDLERS[0])
