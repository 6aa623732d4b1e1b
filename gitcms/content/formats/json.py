"""JSON front matter: Hugo's object at the beginning of a file, and bare pairs between `;;;`.

Python's `json` says what the text means; a small scanner of our own says where each value stands.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import lru_cache
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any

from gitcms.content.edits import Append, Edit, Insert, Move, Rename, Set, Unset
from gitcms.content.formats import brackets
from gitcms.content.formats.base import Later, Reading, Tree, apply_to_tree, holds_nul, new_place, tree_of
from gitcms.content.formats.brackets import Row
from gitcms.content.formats.markers import Fence, Places
from gitcms.content.spans import Splice, apply, line_number, line_numbers, line_start
from gitcms.content.values import Path, Value, dotted
from gitcms.errors import DocumentTooLarge, EditRefused, FrontMatterUnreadable

DEEPEST = 100
"""Objects and lists in one another."""


class _BareObject:
    """A JSON object at the beginning of the file, as Hugo reads it."""

    begins = re.compile(r'\{\s*(?:\r?\n|")')
    after_blank_lines = True

    def places(self, text: str, start: int) -> Places | None:
        """The object alone; the line end behind it is the body's border."""
        try:
            found, end = json.JSONDecoder().raw_decode(text, start)
        except (ValueError, RecursionError):
            return None
        if not isinstance(found, dict) or not found or text[end : end + 1] not in ("\n", "\r", ""):
            return None
        newline = re.compile(r"\r?\n").match(text, end)
        return start, end, newline.end() if newline else end


class JsonFormat:
    """JSON, RFC 8259. Front matter is an object; a data file may be a list."""

    name = "json"
    markers = (Fence("---", language="json"), Fence(";;;", language="(?:json)?"), _BareObject())
    suffixes = (".json",)
    fences = ("", "\n")
    ended_by_blank_line = False

    def read(self, text: str) -> Reading:
        """:raises FrontMatterUnreadable: also for a list or a scalar, and for text that is no Unicode."""
        found = _loads(text, dict)
        if r"\u0000" in text and holds_nul(found):
            raise FrontMatterUnreadable("A field holds a character that cannot be shown.")
        root = _scan(text)
        twice = {pair.name: pair for node in _nodes(root) for pair in node.twice()}
        return Reading(
            found if isinstance(found, dict) else {},
            tuple(f"“{name}” stands there twice. The last one counts." for name in twice),
            lines=Later(lambda: _lines(text, root)),
            texts=Later(lambda: _texts(text, root)),
            items=found if isinstance(found, list) else None,
            warned=tuple(line_number(text, pair.start) for pair in twice.values()),
        )

    def edit(self, text: str, edit: Edit, *, newline: str) -> str:
        """One edit. JSON has no dates: they are written as text."""
        return apply(text, self.splices(text, [edit], newline=newline))

    def splices(self, text: str, edits: Sequence[Edit], *, newline: str) -> list[Splice]:
        """The edits, told by the places of one text."""
        editor = _Editor(text, newline)
        return [splice for edit in edits for splice in editor.splices(edit)]

    def readings(self, text: str) -> list[Any]:
        """One dialect; keys in the order of the text, twice where they stand there twice."""
        return [_tree(_loads(text, lambda pairs: ("m", tuple((key, _tree(part)) for key, part in pairs))))]

    def apply(self, tree: Any, edit: Edit) -> Any:
        """The edit on a tree, dates as the text that stands for them."""
        return apply_to_tree(tree, edit, lambda value: tree_of(_plain(value)))

    def dump(self, values: Mapping[str, Value], *, newline: str) -> str:
        """An object over several lines, indented by two spaces."""
        return json.dumps(_plain(dict(values)), ensure_ascii=False, indent=2).replace("\n", newline) + newline


# ── what it says ──


def _loads(text: str, make: Any) -> Any:
    """The object, made of its pairs by `make`."""
    bare = _is_bare(text)
    try:
        found = json.loads(
            "{" + text + "}" if bare else text, object_pairs_hook=make, parse_constant=_no_constant
        )
        # Half of a surrogate pair could be read, but never be shown or written.
        json.dumps(found, ensure_ascii=False, default=str).encode()
    except json.JSONDecodeError as error:
        column = error.colno - 1 if bare and error.lineno == 1 else error.colno
        raise FrontMatterUnreadable(
            "The fields of this file cannot be read.", line=error.lineno, column=column, details=error.msg
        ) from error
    except RecursionError as error:
        raise _too_deep() from error
    except ValueError as error:
        raise FrontMatterUnreadable("The fields of this file cannot be read.", details=str(error)) from error
    if not isinstance(found, dict | tuple | list):
        raise FrontMatterUnreadable("This file does not begin with named fields.", line=1, column=1)
    return found


def _is_bare(text: str) -> bool:
    """Pairs without their braces, as between two lines `;;;`."""
    first = text.lstrip()[:1]
    return not first or first == '"'


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _tree(part: Any) -> Tree:
    if isinstance(part, tuple):
        return part
    if isinstance(part, list):
        return ("l", tuple(map(_tree, part)))
    return tree_of(part)


def _plain(value: Value) -> Value:
    """A value with its dates as text."""
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, float) and value - value != 0:
        raise EditRefused("This is not a number that the file can hold.")
    tree_of(value)
    return value


# ── where it stands ──


@dataclass(slots=True)
class _Node:
    kind: str
    start: int
    end: int = 0
    items: list[_Node] = field(default_factory=list)
    pairs: list[_Pair] = field(default_factory=list)

    def twice(self) -> Iterator[_Pair]:
        seen: set[str] = set()
        for pair in self.pairs:
            if pair.name in seen:
                yield pair
            seen.add(pair.name)

    def find(self, step: str | int) -> _Node | None:
        if isinstance(step, str):
            return next((pair.value for pair in reversed(self.pairs) if pair.name == step), None)
        return self.items[step] if 0 <= step < len(self.items) else None


@dataclass(slots=True)
class _Pair:
    name: str
    start: int
    key_end: int
    value: _Node


_SPACE = re.compile(r"[ \t\r\n]*")
_SCALAR = re.compile(r'"(?:[^"\\]|\\.)*"|[^\s,\]}"]+', re.DOTALL)


@lru_cache(maxsize=4)
def _scan(text: str) -> _Node:
    """Where each value stands in a text that `json` has accepted."""
    if not _is_bare(text):
        return _value(text, _skip(text, 0), 0)
    root = _Node("object", 0, len(text))
    at = _skip(text, 0)
    while at < len(text):
        at = _pair(text, at, root, 0)
        at = _skip(text, at + 1)
    return root


def _value(text: str, at: int, depth: int) -> _Node:
    if depth > DEEPEST:
        raise _too_deep()
    if text[at] not in "{[":
        scalar = _SCALAR.match(text, at)
        return _Node("scalar", at, scalar.end() if scalar else at + 1)
    node = _Node("object" if text[at] == "{" else "list", at)
    at = _skip(text, at + 1)
    while text[at] not in "]}":
        if node.kind == "object":
            at = _pair(text, at, node, depth)
        else:
            node.items.append(_value(text, at, depth + 1))
            at = _skip(text, node.items[-1].end)
        if text[at] == ",":
            at = _skip(text, at + 1)
    node.end = at + 1
    return node


def _pair(text: str, at: int, node: _Node, depth: int) -> int:
    name, key_end = scanstring(text, at + 1, True)
    colon = _skip(text, key_end)
    value = _value(text, _skip(text, colon + 1), depth + 1)
    node.pairs.append(_Pair(name, at, key_end, value))
    return _skip(text, value.end)


def _skip(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at


def _nodes(node: _Node) -> Iterator[_Node]:
    yield node
    for child in (*node.items, *(pair.value for pair in node.pairs)):
        yield from _nodes(child)


def _walk(node: _Node, path: Path) -> Iterator[tuple[Path, int, _Node]]:
    for index, item in enumerate(node.items):
        yield (*path, index), item.start, item
        yield from _walk(item, (*path, index))
    for pair in node.pairs:
        yield (*path, pair.name), pair.start, pair.value
        yield from _walk(pair.value, (*path, pair.name))


def _lines(text: str, root: _Node) -> dict[Path, int]:
    line = line_numbers(text)
    return {path: line(start) for path, start, _ in _walk(root, ())}


def _texts(text: str, root: _Node) -> dict[Path, str]:
    return {path: text[node.start : node.end] for path, _, node in _walk(root, ()) if node.kind == "scalar"}


def _too_deep() -> DocumentTooLarge:
    return DocumentTooLarge("The fields of this file are nested too deep to be edited here.")


# ── how it changes ──


class _Editor:
    """Edits of one text, each told by its parts and spelled in the text's own habits."""

    def __init__(self, text: str, newline: str) -> None:
        self._text = text
        self._newline = newline
        self._root = _scan(text)
        self._pen = _Pen(text, self._root, newline)

    def splices(self, edit: Edit) -> Sequence[Splice]:
        if isinstance(edit, Set):
            return self.set(edit)
        if isinstance(edit, Unset):
            return self.unset(edit)
        if isinstance(edit, Rename):
            return self.rename(edit)
        return self.list(edit)

    def set(self, edit: Set) -> Sequence[Splice]:
        parent = self._find(edit.path[:-1])
        step = edit.path[-1]
        old = parent.find(step)
        if old is not None:
            spelled = self._pen.spell(edit.value, self._indent_at(old.start))
            return [Splice(old.start, old.end, spelled)]
        if parent.kind != "object" or not isinstance(step, str):
            raise EditRefused(f"There is no place for “{dotted(edit.path)}” in this file.")
        row = self._row(parent)
        indent = row.indent() if parent.pairs else self._indent_at(row.end) + self._pen.unit
        spelled = self._pen.pair(step, edit.value, indent or "", parent)
        return self._insert(parent, new_place([pair.name for pair in parent.pairs], edit), spelled)

    def unset(self, edit: Unset) -> Sequence[Splice]:
        parent = self._find(edit.path[:-1])
        step = edit.path[-1]
        if isinstance(step, int):
            return brackets.remove(self._row(parent), step)
        places = [place for place, pair in enumerate(parent.pairs) if pair.name == step]
        if len(places) == 1:
            return brackets.remove(self._row(parent), places[0])
        text = self._text
        for place in reversed(places):
            row = _Editor(text, self._newline)._row_at(edit.path[:-1])
            text = apply(text, brackets.remove(row, place))
        return [Splice(0, len(self._text), text)]

    def rename(self, edit: Rename) -> Sequence[Splice]:
        parent = self._find(edit.path[:-1])
        name = self._pen.spell(edit.name, "")
        pairs = [pair for pair in parent.pairs if pair.name == edit.path[-1]]
        return [Splice(pair.start, pair.key_end, name) for pair in pairs]

    def list(self, edit: Append | Insert | Move) -> Sequence[Splice]:
        node = self._find(edit.path)
        row = self._row(node)
        if isinstance(edit, Move):
            return brackets.move(row, edit.index, edit.to)
        indent = row.indent() if node.items else self._indent_at(row.end) + self._pen.unit
        spelled = self._pen.spell(edit.value, indent or "", in_line=bool(node.items) and indent is None)
        return self._insert(node, edit.index if isinstance(edit, Insert) else len(node.items), spelled)

    def _insert(self, node: _Node, index: int, spelled: str) -> Sequence[Splice]:
        row = self._row(node)
        if node is self._root and not row.parts and _is_bare(self._text):
            return [Splice(0, len(self._text), spelled + self._newline)]
        at_least = self._pen.multi_line and node.kind == "object" and not row.parts
        pad = self._newline + self._indent_at(row.end) if at_least else ""
        if pad:
            new = f"{pad}{self._pen.unit}{spelled}{pad}"
            return [Splice(row.start, row.end, new)]
        return brackets.insert(row, index, spelled, newline=self._newline, unit=self._pen.unit)

    def _find(self, path: Path) -> _Node:
        node: _Node | None = self._root
        for step in path:
            node = node.find(step) if node else None
        if node is None:
            raise EditRefused(f"There is no “{dotted(path)}” in this file.")
        return node

    def _row_at(self, path: Path) -> Row:
        return self._row(self._find(path))

    def _row(self, node: _Node) -> Row:
        bare = node is self._root and _is_bare(self._text)
        parts = [(pair.start, pair.value.end) for pair in node.pairs]
        parts += [(item.start, item.end) for item in node.items]
        start, end = (0, len(self._text)) if bare else (node.start + 1, node.end - 1)
        return Row(self._text, start, end, parts, comma=self._pen.comma)

    def _indent_at(self, at: int) -> str:
        line = self._text[line_start(self._text, at) :]
        return line[: len(line) - len(line.lstrip(" \t"))]


class _Pen:
    """How this text is written: its escapes, its spaces, its lines."""

    def __init__(self, text: str, root: _Node, newline: str) -> None:
        pairs = [pair for node in _nodes(root) for pair in node.pairs]
        rows = [row for row in (_inner(text, node) for node in _nodes(root)) if row]
        own_lines = [pair for pair in pairs if not text[line_start(text, pair.start) : pair.start].strip()]
        indents = [text[line_start(text, pair.start) : pair.start] for pair in own_lines]
        self._newline = newline
        self._ascii = text.isascii() and re.search(r"\\u(?!00[0-7])", text) is not None
        self._slash = r"\/" in text and re.search(r"(?<!\\)/", text) is None
        self._colon = text[pairs[0].key_end : pairs[0].value.start] if pairs else ": "
        self.comma = next((row for row in rows if "\n" not in row), ", " if " " in self._colon else ",")
        self.multi_line = bool(own_lines) or not pairs
        self.unit = next((indent for indent in indents if indent), "  ")
        lists = [node for node in _nodes(root) if node.kind == "list" and node.items]
        self._tall_lists = bool(lists) and "\n" in text[lists[0].start : lists[0].items[0].start]

    def pair(self, name: str, value: Value, indent: str, parent: _Node) -> str:
        in_line = bool(parent.pairs) and not indent and not self.multi_line
        return self._string(name) + self._colon + self.spell(value, indent, in_line=in_line)

    def spell(self, value: Value, indent: str, *, in_line: bool = False) -> str:
        value = _plain(value)
        if isinstance(value, str):
            return self._string(value)
        if isinstance(value, dict):
            pairs = [(self._string(key) + self._colon, part) for key, part in value.items()]
            return self._row("{}", pairs, indent, tall=self.multi_line and not in_line)
        if isinstance(value, list):
            tall = self.multi_line and not in_line
            tall = tall and (self._tall_lists or any(isinstance(part, dict) for part in value))
            return self._row("[]", [("", part) for part in value], indent, tall=tall)
        return json.dumps(value, ensure_ascii=self._ascii)

    def _row(self, ends: str, parts: list[tuple[str, Value]], indent: str, *, tall: bool) -> str:
        deeper = indent + self.unit
        spelled = [prefix + self.spell(part, deeper, in_line=not tall) for prefix, part in parts]
        if not spelled or not tall:
            return ends[0] + self.comma.join(spelled) + ends[1]
        lines = f",{self._newline}{deeper}".join(spelled)
        return f"{ends[0]}{self._newline}{deeper}{lines}{self._newline}{indent}{ends[1]}"

    def _string(self, value: str) -> str:
        spelled = json.dumps(value, ensure_ascii=self._ascii)
        return spelled.replace("/", r"\/") if self._slash else spelled


def _inner(text: str, node: _Node) -> str:
    """What stands between the first two parts of a row."""
    parts = [*((pair.start, pair.value.end) for pair in node.pairs), *((i.start, i.end) for i in node.items)]
    return text[parts[0][1] : parts[1][0]] if len(parts) > 1 else ""
