"""Splices: places are those of the original text."""

from __future__ import annotations

import pytest

from gitcms.content import spans
from gitcms.content.spans import Splice
from gitcms.errors import EditRefused


def test_splices_are_applied_in_any_order_they_come():
    assert (
        spans.apply("one two three", [Splice(8, 13, "3"), Splice(0, 3, "1"), Splice(4, 4, "and ")])
        == "1 and two 3"
    )


def test_splices_that_overlap_are_refused():
    with pytest.raises(EditRefused):
        spans.apply("one two", [Splice(0, 5, ""), Splice(4, 7, "")])


def test_lines_end_at_lf_and_crlf():
    text = "a\r\nbc\nd"
    assert [spans.line_start(text, at) for at in (0, 3, 4, 6)] == [0, 3, 3, 6]
    assert [spans.line_end(text, at) for at in (0, 1, 3, 6)] == [1, 1, 5, 7]
    assert [spans.next_line(text, at) for at in (0, 3, 6)] == [3, 6, 7]
    assert [spans.line_number(text, at) for at in (0, 3, 6)] == [1, 2, 3]
