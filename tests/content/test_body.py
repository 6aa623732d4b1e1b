"""The text below the fields: what a form gives back changes only the lines that differ."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitcms.content import body
from gitcms.errors import EditRefused

TEXTS = st.lists(
    st.tuples(
        st.sampled_from(("", "a", "b", "a b", "\x0b", "\u2028")), st.sampled_from(("\n", "\r\n", "\r"))
    ),
    max_size=8,
).map(lambda lines: "".join(line + end for line, end in lines)) | st.text("ab\r\n", max_size=12)


def posted(text: str) -> str:
    """As a browser sends it."""
    return body.shown(text).replace("\n", "\r\n")


@given(TEXTS)
def test_text_that_comes_back_from_a_form_unchanged_is_unchanged(old):
    assert body.changed(old, posted(old), newline="\n") == old


@given(TEXTS, TEXTS)
def test_changed_text_reads_as_it_was_written(old, new):
    assert body.shown(body.changed(old, posted(new), newline="\n")) == body.shown(new)


AROUND = st.lists(st.sampled_from(("\n", "\r\n")), min_size=2, max_size=5)


@given(AROUND, TEXTS, TEXTS, AROUND)
def test_the_lines_around_what_differs_keep_their_bytes(before, old, new, after):
    top = "".join(f"top{end}" for end in before)
    end = "".join(f"{end}end" for end in after)
    changed = body.changed(top + old + end, posted(top + new + end), newline="\n")
    assert changed.startswith(top) and changed.endswith(end.lstrip("\r\n"))
    assert body.shown(changed) == body.shown(top + new + end)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("a\r\nb\nc\r\n", "a\nX\nc\n", "a\r\nX\nc\r\n"),
        ("a\r\nb\r\n", "a\nnew\nb\n", "a\r\nnew\r\nb\r\n"),
        ("a\rb\r", "a\nx\n", "a\rx\r"),
        ("a\n", "a", "a"),
        ("a\r\nb", "a\nb\nc\n", "a\r\nb\r\nc\r\n"),
        ("", "a\n", "a\r\n"),
        ("one\n\n\n\ntwo\r\n", "one\n\n\n\n2\n", "one\n\n\n\n2\r\n"),
    ],
)
def test_every_line_keeps_its_own_end(old, new, expected):
    assert body.changed(old, posted(new), newline="\r\n") == expected


def test_a_line_that_no_form_can_carry_is_kept_or_refused():
    assert body.changed("a\x00\nb\n", "a\ufffd\nB\n", newline="\n") == "a\x00\nB\n"
    with pytest.raises(EditRefused):
        body.changed("a\x00\nb\n", "A\ufffd\nb\n", newline="\n")
