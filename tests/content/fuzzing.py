"""Any bytes as a file and the edits to try on it, and what must hold whatever the bytes are.

The first line of an input says what to do, four signs an edit, where `P` as the first makes it a data file;
the rest is the file:

    S0a0M1b2
    ---
    title: Hello
    ---

Here: one input, for the fuzzer (`tests/bench/fuzz.py`) and for the replay of what it found.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from gitcms.content.document import Document, new_document
from gitcms.content.edits import Append, Edit, Insert, Move, Rename, Set, Unset
from gitcms.content.values import Raw, same
from gitcms.errors import DocumentError, DocumentTooLarge
from tests.content.oracle import at, done, paths

MOST_EDITS = 6
LONGEST_WAY = 8
"""Steps of a path that are edited: below them the same rules hold once more."""

VALUES: tuple[Any, ...] = (
    "Hello",
    "a: b #c",
    "no",
    "2015",
    "two\nlines",
    "ends\n\n",
    " - é\u2028'\"\\",
    "",
    7,
    True,
    1.5,
    ["x", "y: z"],
    {"k": "v", "1e3": ["w"]},
    [],
    {},
    [{"a": "b"}, "c"],
    None,
    date(2020, 2, 29),
    datetime(2020, 2, 29, 1, 2, 3),
)
PORTABLE = VALUES.index(None)
"""From here on some format spells a value in another type, or not at all."""
NAMES = ("fresh", "no", "a b", "x: y", "é", "1")
FENCES = (b"---", b"+++", b";;;")
DATA_FILES = ("data.yml", "data.toml", "data.json")


def assert_looks_alike(read: Document, skimmed: Document) -> None:
    """:raises AssertionError: who only looks at a file is told something else than who edits it."""
    assert same(skimmed.values, read.values) and list(skimmed.values) == list(read.values)
    assert (skimmed.items, str(skimmed.problem)) == (read.items, str(read.problem))
    assert (skimmed.warnings, skimmed.warned, skimmed.body) == (read.warnings, read.warned, read.body)


def check(data: bytes) -> None:
    """:raises AssertionError: a promise is broken; any other error but ours is a crash."""
    orders, _, source = data.partition(b"\n")
    path = DATA_FILES[orders[1] % len(DATA_FILES)] if orders[:1] == b"P" and len(orders) > 3 else ""
    try:
        first = document = Document.parse(source, path)
    except DocumentTooLarge:
        return
    assert_looks_alike(first, Document.parse(source, path, skim=True))
    assert document.change([], document.body.replace("\n", "\r\n")) == source
    edits: list[Edit] = []
    for order in list(_orders(orders))[1 if path else 0 :]:
        if order[:1] == b"B":
            document = _with_body(document, order, path)
        elif edit := _edit(document, order):
            after = _edited(document, edit, path)
            edits += [edit] if after is not document else []
            document = after
    if first.problem is None:
        _check_at_once(first, edits, document, path)
    if not path:
        _check_fresh(document)


def _orders(data: bytes) -> Iterator[bytes]:
    for start in range(0, min(len(data), 4 * MOST_EDITS) - 3, 4):
        yield data[start : start + 4]


def _edited(document: Document, edit: Edit, path: str) -> Document:
    """The document with an edit done, or itself where that is refused with a sentence."""
    try:
        changed = document.change([edit])
    except DocumentError as error:
        _check_says_why(error)
        return document
    after = Document.parse(changed, path)
    assert after.problem is None or document.problem is not None, (edit, changed)
    assert after.body == document.body and after.format == document.format, (edit, changed)
    if document.problem is None:
        expected = done(_root(document), edit)
        assert same(_plain(_root(after), document), _plain(expected, document)), (edit, changed)
    return after


def _check_at_once(first: Document, edits: list[Edit], last: Document, path: str) -> None:
    """What can be done one by one can be done in one save, and comes to the same."""
    if len(edits) > 1:
        try:
            changed = first.change(edits)
        except DocumentError as error:
            _check_says_why(error)
            assert not path and _may_lose_its_fields(first), edits
            return
        assert same(_root(Document.parse(changed, path)), _root(last)), (edits, changed)


def _may_lose_its_fields(document: Document) -> bool:
    """Fields without a first mark end at a blank line, which not every spelling can do without; and where the
    fields begin with a byte order mark and are all gone, it stands before the last mark."""
    fenced = document.source.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(FENCES)
    return not fenced or "\ufeff" in document.front_matter_text


def _with_body(document: Document, order: bytes, path: str) -> Document:
    lines = document.body.split("\n")
    index = order[1] % len(lines)
    lines[index : index + order[2] % 3] = [str(VALUES[order[3] % 8])] * (order[3] % 4)
    body = "\n".join(lines)
    try:
        changed = document.change([], body)
    except DocumentError as error:
        _check_says_why(error)
        return document
    after = Document.parse(changed, path)
    assert after.front_matter_text == document.front_matter_text
    assert same(_root(after), _root(document))
    if _is_utf8(document.source):
        # An old encoding goes with its last letter, and what is left may then read otherwise.
        assert after.change([], body) == changed
    return after


def _edit(document: Document, order: bytes) -> Edit | None:
    """An edit that the values have a place for, or that a broken file may be mended by."""
    kind, place, which, more = order
    values = _root(document)
    if document.problem is not None:
        name = document.front_matter_text.lstrip().split(":")[0]
        return Set((name[:20],), VALUES[which % 8])
    places = [path for path in paths(values) if len(path) <= LONGEST_WAY]
    value = _value(document, which)
    name = NAMES[more % len(NAMES)]
    if not places or kind % 8 == 0:
        objects = [(), *(path for path in places if isinstance(at(values, path), dict))]
        parent = objects[place % len(objects)]
        holder = at(values, parent)
        return Set((*parent, name), value) if isinstance(holder, dict) and name not in holder else None
    path = places[place % len(places)]
    found = at(values, path)
    if isinstance(found, Raw) or any(isinstance(at(values, path[:n]), Raw) for n in range(1, len(path))):
        return Unset(path)
    if isinstance(found, list) and kind % 8 < 4:
        if kind % 8 == 1 or not found:
            return Append(path, value)
        if kind % 8 == 2:
            return Insert(path, more % len(found), value)
        return Move(path, more % len(found), which % len(found))
    if kind % 8 == 5:
        return Unset(path)
    if kind % 8 == 6 and isinstance(path[-1], str):
        return Rename(path, name) if name not in at(values, path[:-1]) else None
    return Set(path, value)


def _root(document: Document) -> Any:
    """The fields, or the items of a data file that is a list."""
    return document.values if document.items is None else document.items


def _value(document: Document, which: int) -> Any:
    if which >= 128:
        # Text of the file itself: the fuzzer then finds its own values.
        text = document.body + document.front_matter_text
        return text[(which - 128) * 3 :][:12]
    portable = document.format == "yaml"
    return VALUES[which % (len(VALUES) if portable else PORTABLE)]


def _check_fresh(document: Document) -> None:
    try:
        fresh = Document.parse(new_document(document.values, document.body, like=document))
    except DocumentError as error:
        _check_says_why(error)
        return
    assert fresh.problem is None
    if document.problem is None and document.format != "none":
        assert same(fresh.values, document.values), (fresh.source, document.source)


def _check_says_why(error: DocumentError) -> None:
    assert str(error) and error.hint


def _plain(value: Any, document: Document) -> Any:
    """Headers hold everything as text, whose spelling is their own affair; so does Org, but for lists."""
    if document.format == "headers":
        return dict.fromkeys(value)
    if document.format == "org":
        return {name.lower(): _in_org(part) for name, part in value.items()}
    return value


def _in_org(value: Any) -> Any:
    if isinstance(value, list):
        return [_in_org(item) for item in value]
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
