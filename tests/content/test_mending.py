"""Fields that do not parse: an edit is done where it is provably local, and refused elsewhere."""

from __future__ import annotations

import pytest

from gitcms.content.document import Document
from gitcms.content.edits import Append, Set
from gitcms.errors import FrontMatterUnreadable


@pytest.mark.parametrize(
    ("source", "changed"),
    [
        (b"---\ntitle: Hello: World\ntags: [a]\n---\n", b'---\ntitle: "New"\ntags: [a]\n---\n'),
        (b"---\r\ntitle: @Hello\r\n---\r\n", b'---\r\ntitle: "New"\r\n---\r\n'),
        (b"---\ntitle: A\xf1o\ntags: [\xf3]\n---\n", b"---\ntitle: New\ntags: [\xf3]\n---\n"),
    ],
)
def test_the_line_at_fault_and_old_encodings_can_be_mended(source, changed):
    assert Document.parse(source).change([Set(("title",), "New")]) == changed


@pytest.mark.parametrize(
    ("source", "edit"),
    [
        (b"---\n<<<<<<< x\ntitle: A\n=======\ntitle: B\n>>>>>>> y\n---\n", Set(("title",), "New")),
        (b"---\ntitle: Hello: World\n  more\n---\n", Set(("title",), "New")),
        (b"---\nlinks: [\ntitle: Hello: World\n]\n---\n", Set(("title",), "New")),
        (b"---\ntitle: ok\ntags: [a\n---\n", Set(("title",), "New")),
        (b"---\ntitle: Hello: World\n---\n", Set(("title",), 3)),
        (b"---\ntitle: Hello: World\n---\n", Append(("tags",), "x")),
        (b"---\ntitle: A\xf1o\n---\n", Set(("title",), "\xd1o")),
        (b"---\ntext: |\n  title: x\ntitle: y: z\n---\n", Set(("text",), "New")),
        (b"+++\ntitle = x\n+++\n", Set(("title",), "New")),
    ],
)
def test_what_cannot_be_proved_is_refused_with_the_place_of_the_problem(source, edit):
    document = Document.parse(source)
    with pytest.raises(FrontMatterUnreadable) as error:
        document.change([edit])
    assert error.value is document.problem
