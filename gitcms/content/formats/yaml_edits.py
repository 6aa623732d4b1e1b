"""How an edit becomes text: the splices, the one most like its neighbours first.

Here: where to cut and what to put there, for block and flow style. Every way is a proposal;
`yaml` reads the outcome and takes the first that is right. So nothing here needs to be sure,
and a case that is not foreseen ends as a refusal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gitcms.content.edits import Append, Edit, Insert, Move, Rename, Set, Unset
from gitcms.content.formats import brackets
from gitcms.content.formats import yaml_scalars as scalars
from gitcms.content.formats.base import new_place
from gitcms.content.formats.yaml_habits import Habits, Look
from gitcms.content.formats.yaml_nodes import (
    ALIAS,
    LIST,
    MAP,
    SCALAR,
    Node,
    compose,
    content_end,
    is_nothing,
    value_start,
)
from gitcms.content.spans import Splice, alike, line_end, line_start, next_line
from gitcms.content.values import Path, Value, dotted
from gitcms.errors import EditRefused

Way = list[Splice]

_BLOCK_HEADER = re.compile(r"[|>][-+0-9]*")
_COMMENT_LINE = re.compile(r"[ \t]*#[^\n]*\n?")
_WORD = re.compile(r"[^ \n]+")
_GAP = re.compile(r"[ \n]*")
_GAP_IN_SOURCE = re.compile(r"[ \t\r\n]*")
_BLANK_LINE = re.compile(r"[ \t]*\r?\n")


def ways(text: str, edit: Edit, *, newline: str) -> Iterator[Way]:
    """The ways to write the edit into the text, best first; the places are those of `text`."""
    return _Work(text, compose(text), newline).ways(edit)


def first_ways(text: str, edits: Iterable[Edit], *, newline: str) -> Way:
    """For each edit the best way, all places being those of `text`.

    :raises EditRefused: there is none for one of them.
    """
    work = _Work(text, compose(text), newline)
    first = [next(work.ways(edit), None) for edit in edits]
    if None in first:
        raise EditRefused("This value cannot be changed without touching something else in the file.")
    return [splice for way in first if way is not None for splice in way]


def write(values: Mapping[str, Value], neighbour: str, *, newline: str) -> str:
    """Front matter for a new file, in the habits of a neighbour's (empty text: in ours)."""
    habits = Habits(neighbour, compose(neighbour))
    pen = _Pen(habits)
    lines = [
        line for name, value in values.items() for line in pen.entry(name, value, 0, habits.of_key(name))
    ]
    return "".join(line + newline for line in lines)


def reason(text: str, edit: Edit) -> str:
    """Why no way to write the edit was right, as far as one can say."""
    node, path = compose(text), edit.path
    shared = False
    while node is not None:
        shared = shared or node.anchor is not None or (not path and _holds_anchor(node))
        node, path = _child_towards(node, path), path[1:]
    if shared:
        return "Other fields of this file use this value too, and would change with it."
    return "This value cannot be changed without touching something else in the file."


def _holds_anchor(node: Node) -> bool:
    if node.anchor is not None:
        return True
    parts = [part for pair in node.value for part in pair] if node.kind == MAP else node.value
    return node.kind in (LIST, MAP) and any(map(_holds_anchor, parts))


def _child_towards(node: Node, path: Path) -> Node | None:
    if not path or node.kind not in (LIST, MAP):
        return None
    if node.kind == LIST:
        step = path[0]
        return node.value[step] if isinstance(step, int) and step < len(node.value) else None
    found = [value for key, value in node.value if key.kind == SCALAR and key.value == path[0]]
    return found[-1] if found else None


@dataclass(frozen=True, slots=True)
class _Place:
    """A node and what it hangs on."""

    node: Node
    parent: Node
    index: int
    key: Node | None
    flow: bool

    @property
    def entry_start(self) -> int:
        return self.key.start if self.key else self.node.start


class _Pen:
    """Values as new text."""

    def __init__(self, habits: Habits) -> None:
        self._habits = habits

    def inline(self, value: Value, look: Look, *, flow: bool = False, before: str | None = None) -> str:
        """A value on one line, in the first spelling of `spellings`."""
        return next(self.spellings(value, look, flow=flow, before=before))

    def spellings(self, value: Value, look: Look, *, flow: bool, before: str | None = None) -> Iterator[str]:
        """The ways to write a value on one line."""
        value = scalars.as_text(value)
        if isinstance(value, list):
            pad = self._habits.bracket_pad if value else ""
            yield f"[{pad}" + ", ".join(self.inline(item, look, flow=True) for item in value) + f"{pad}]"
        elif isinstance(value, dict):
            parts = (f"{self.key(k, flow=True)}: {self.inline(v, look, flow=True)}" for k, v in value.items())
            pad = self._habits.brace_pad if value else ""
            yield f"{{{pad}" + ", ".join(parts) + f"{pad}}}"
        elif isinstance(value, str):
            yield from self._text(value, look.quote, flow=flow, before=before)
        else:
            yield scalars.spell_typed(value, before)

    def key(self, name: str, *, flow: bool = False, quote: str = "") -> str:
        """A key; without quotes where every reader takes it for this text."""
        if quote == "'" and (single := scalars.spell_single(name)):
            return single
        plain = None if quote or len(name) > 120 or "?" in name else scalars.spell_plain(name, flow=flow)
        return plain or scalars.spell_double(name)

    def entry(self, name: str, value: Value, column: int, look: Look) -> list[str]:
        """The lines of `key: value` in block style, `column` characters in."""
        value = scalars.as_text(value)
        head = " " * column + self.key(name, quote=self._habits.key_quote) + ":"
        if self._goes_inline(value, look):
            return self._head_and_text(head, value, look, column + self._habits.map_step)
        if isinstance(value, list):
            return [head, *self.items(value, column + self._habits.list_step, look)]
        assert isinstance(value, dict)
        return [head, *self.pairs(value, column + self._habits.map_step, look)]

    def pairs(self, value: Mapping[str, Value], column: int, look: Look) -> list[str]:
        return [line for name, part in value.items() for line in self.entry(name, part, column, look)]

    def items(self, value: Sequence[Value], column: int, look: Look) -> list[str]:
        return [line for item in value for line in self.item(item, column, look)]

    def item(self, value: Value, column: int, look: Look, *, gap: str = " ") -> list[str]:
        """The lines of `- value` in block style, the dash `column` characters in."""
        value = scalars.as_text(value)
        head = " " * column + "-"
        inner = column + 1 + len(gap)
        if self._goes_inline(value, look):
            return self._head_and_text(head, value, look, inner, gap)
        lines = self.items(value, inner, look) if isinstance(value, list) else []
        if isinstance(value, dict):
            lines = self.pairs(value, inner, look)
        return [head + gap + lines[0][inner:], *lines[1:]]

    def block(self, value: str, style: str, column: int) -> tuple[str, list[str]] | None:
        """Header and lines of a block scalar, or `None` where a block cannot hold the text."""
        lines = scalars.folded_lines(value) if style == ">" else scalars.block_lines(value)
        if lines is None or lines[0][:1] in ("", " ", "\t"):
            return None
        trailing = len(value) - len(value.rstrip("\n"))
        lines = [" " * column + line if line else "" for line in lines] + [""] * max(trailing - 1, 0)
        return style + scalars.chomping(value), lines

    def _goes_inline(self, value: Value, look: Look) -> bool:
        if isinstance(value, dict):
            flow = self._habits.flow_maps if look.flow_maps is None else look.flow_maps
            return not value or flow
        if not isinstance(value, list):
            return True
        if not value or any(isinstance(item, dict | list) for item in value):
            return not value
        return self._habits.flow_lists if look.flow_lists is None else look.flow_lists

    def _head_and_text(self, head: str, value: Value, look: Look, column: int, gap: str = " ") -> list[str]:
        if isinstance(value, str) and "\n" in value:
            block = self.block(value, "|", column)
            if block:
                return [head + gap + block[0], *block[1]]
        return [head + gap + self.inline(value, look)]

    def _text(self, text: str, quote: str, *, flow: bool, before: str | None) -> Iterator[str]:
        plain = scalars.spell_plain(text, flow=flow, before=before)
        if plain and not quote:
            yield plain
        single = scalars.spell_single(text)
        # Where the neighbours tell nothing, an apostrophe in double quotes is easier on the eye.
        if single and (quote == "'" or (not quote and self._habits.quote == "'" and "'" not in text)):
            yield single
        yield scalars.spell_double(text)


class _Work:
    """One edit of one text."""

    def __init__(self, text: str, root: Node | None, newline: str) -> None:
        self._text = text
        self._root = root
        self._newline = newline
        self._habits = Habits(text, root)
        self._pen = _Pen(self._habits)
        self._known_dashes: dict[int, list[int]] = {}
        self._known_keys: dict[int, dict[str, int]] = {}

    def ways(self, edit: Edit) -> Iterator[Way]:
        """The ways to write one edit, best first."""
        if self._root is None or is_nothing(self._root):
            if isinstance(edit, Set) and len(edit.path) == 1:
                yield from self.add_first(str(edit.path[0]), edit.value)
        elif isinstance(edit, Set):
            yield from self.set(edit)
        elif isinstance(edit, Unset):
            yield from self.unset(edit)
        elif isinstance(edit, Append):
            yield from self.append(edit)
        elif isinstance(edit, Insert):
            yield from self.insert(edit)
        elif isinstance(edit, Move):
            yield from self.move(edit)
        else:
            yield from self.rename(edit)

    # Set

    def set(self, edit: Set) -> Iterator[Way]:
        """A value in place of another, or a new key."""
        parent = self._find(edit.path[:-1])
        step = edit.path[-1]
        place = self._child(parent, step)
        if place is not None:
            yield from self._replace(place, edit.value)
        elif parent.node.kind == MAP and isinstance(step, str):
            yield from self._add_key(parent, step, edit)

    def _replace(self, place: _Place, value: Value) -> Iterator[Way]:
        value = scalars.as_text(value)
        node = place.node
        if node.kind in (LIST, MAP):
            yield from self._replace_collection(place, value)
            return
        if isinstance(value, list | dict) and value and not place.flow:
            yield from self._grow_collection(place, value)
        if isinstance(value, str) and node.kind == SCALAR:
            yield from self._replace_text(place, value)
        start = value_start(node, self._text)
        before = node.value if node.kind == SCALAR and node.plain else None
        for spelled in self._spellings(place, value, before):
            if node.style in ("|", ">"):
                yield self._out_of_block(node, start, start, spelled)
            else:
                yield self._put_inline(place, start, content_end(node, self._text), spelled)

    def _replace_text(self, place: _Place, value: str) -> Iterator[Way]:
        """Text over text: by the words that differ, else in the style that it has."""
        node, text = place.node, self._text
        if "\n" in text[node.start : content_end(node, text)]:
            yield from _by_words(text, node, value)
        if node.style in ("|", ">"):
            yield from self._replace_block(place, value, node.style)
            if node.style == ">":
                yield from self._replace_block(place, value, "|")
        elif not node.style and "\n" in value and not place.flow:
            yield from self._become_block(place, value)

    def _spellings(self, place: _Place, value: Value, before: str | None) -> Iterator[str]:
        look = self._look_of(place)
        spellings = self._pen.spellings
        yield from spellings(value, look, flow=place.flow, before=before)
        if isinstance(value, str) and look.quote:
            yield scalars.spell_double(value)

    def _look_of(self, place: _Place) -> Look:
        """How the new value is to look: as the old one, where that was text; else as its neighbours."""
        node = place.node
        if node.kind == SCALAR and node.style in ("'", '"'):
            return Look(node.style)
        if node.kind == SCALAR and node.style == "" and _reads_text(node):
            return Look("")
        if place.key is None:
            return self._look_of_items(place.parent)
        return self._look_of_values(place.parent)

    def _look_of_items(self, parent: Node) -> Look:
        items = [part for item in parent.value for part in _texts_in(item)]
        return Look(_usual_quote(items) if items else self._habits.item_quote)

    def _look_of_values(self, parent: Node) -> Look:
        texts = [value for _, value in parent.value if value.kind == SCALAR and _reads_text(value)]
        return Look(_usual_quote(texts) if texts else self._habits.value_quote)

    def _put_inline(self, place: _Place, start: int, end: int, spelled: str) -> Way:
        if start < end:
            return [Splice(start, end, spelled)]
        # An empty value stands right behind its colon, dash, anchor or tag.
        at = self._slot(place)
        if at is None:
            return [Splice(start, end, spelled)]
        tail = self._text[at : line_end(self._text, at)]
        if place.flow or tail.strip():
            return [Splice(at, at, " " + spelled)]
        return [Splice(at, at + (1 if tail[:1] == " " else 0), " " + spelled)]

    def _out_of_block(self, node: Node, at: int, start: int, spelled: str) -> Way:
        """What stands from `at` on up to the end of a block that starts at `start` goes, but for the comment
        in the block's first line."""
        header = _BLOCK_HEADER.match(self._text, start)
        header_end = line_end(self._text, start)
        rest = Splice(header_end, max(content_end(node, self._text), header_end), "")
        return [Splice(at, header.end() if header else header_end, spelled), rest]

    def _replace_block(self, place: _Place, value: str, style: str) -> Iterator[Way]:
        """A block scalar in place of another: its header and indentation stay where they can."""
        text, node = self._text, place.node
        start = value_start(node, text)
        header_end = line_end(text, start)
        header = _BLOCK_HEADER.match(text, start)
        if header is None:
            return
        digits = "".join(sign for sign in header[0] if sign.isdigit())
        indent = self._column_of(place) + int(digits) if digits else self._indent_of_block(place, header_end)
        made = self._pen.block(value, style, indent)
        if made is None:
            return
        indicator = style + digits + made[0][1:]
        if sorted(indicator) == sorted(header[0]):
            indicator = header[0]
        end = max(content_end(node, text), header_end)
        lines = "".join(self._newline_at(start) + line for line in made[1])
        head = [] if indicator == header[0] else [Splice(start, start + len(header[0]), indicator)]
        yield [*head, Splice(header_end, end, lines)]

    def _become_block(self, place: _Place, value: str) -> Iterator[Way]:
        """Text of several lines in place of plain text: a literal block, a trailing comment stays."""
        text = self._text
        start, end = value_start(place.node, text), content_end(place.node, text)
        column = self._column(place.entry_start) if place.key else self._dash_column(place)
        made = self._pen.block(value, "|", column + self._habits.map_step)
        if made is None:
            return
        tail = line_end(text, end)
        lines = "".join(self._newline_at(start) + line for line in made[1])
        yield [*self._put_inline(place, start, end, made[0]), Splice(tail, tail, lines)]

    def _indent_of_block(self, place: _Place, header_end: int) -> int:
        end = content_end(place.node, self._text)
        for line in self._text[header_end:end].splitlines():
            if line.strip(" "):
                return len(line) - len(line.lstrip(" "))
        return self._column(place.entry_start) + self._habits.map_step

    def _grow_collection(self, place: _Place, value: list[Value] | dict[str, Value]) -> Iterator[Way]:
        """A list or an object in block style where a scalar or nothing stood; trailing comments stay."""
        text, node = self._text, place.node
        look = self._look_of(place)
        if self._pen._goes_inline(value, look) or place.key is None:
            return
        column = self._column(place.key.start)
        if isinstance(value, list):
            lines = self._pen.items(value, column + self._habits.list_step, self._habits.look_of_items())
        else:
            lines = self._pen.pairs(value, column + self._habits.map_step, look)
        slot = self._slot(place)
        if slot is None:
            return
        end = content_end(node, text)
        remove = [Splice(slot, end, "")] if end > slot else []
        if node.kind == SCALAR and node.style in ("|", ">"):
            remove = self._out_of_block(node, slot, value_start(node, text), "")
        yield [*remove, self._lines_after(max(end, slot), lines)]

    def _replace_collection(self, place: _Place, value: Value) -> Iterator[Way]:
        """A whole list or object in place of a scalar, another collection, or nothing."""
        node, text = place.node, self._text
        if node.flow or place.flow:
            for spelled in self._spellings(place, value, None):
                yield [Splice(value_start(node, text), node.end, spelled)]
            return
        slot = self._slot(place)
        if slot is None:
            return
        start, end = value_start(node, text), self._own_end(content_end(node, text), self._column_of(place))
        on_same_line = "\n" not in text[slot:start]
        look = self._look_of(place)
        if isinstance(value, list | dict) and not self._pen._goes_inline(value, look) and place.key:
            column = self._column(place.key.start)
            if isinstance(value, list):
                lines = self._pen.items(value, column + self._habits.list_step, look)
            else:
                lines = self._pen.pairs(value, column + self._habits.map_step, look)
            body = (self._newline_at(slot)).join(lines)
            yield [Splice(line_start(text, start), end, body)]
            return
        for spelled in self._spellings(place, value, None):
            if on_same_line:
                yield [Splice(start, content_end(node, text), spelled)]
            else:
                cut = Splice(next_line(text, slot), next_line(self._text, end), "")
                yield [*self._put_inline(place, slot, slot, spelled), cut]

    # New keys

    def add_first(self, name: str, value: Value) -> Iterator[Way]:
        """The first key of front matter that holds nothing, or nothing but comments."""
        lines = self._pen.entry(name, value, 0, self._habits.look_of_values())
        end = len(self._text)
        gap = "" if not self._text or self._text.endswith("\n") else self._newline
        yield [Splice(end, end, gap + "".join(line + self._newline for line in lines))]

    def _add_key(self, parent: _Place, name: str, edit: Set) -> Iterator[Way]:
        node = parent.node
        look = self._look_of_values(node)
        place = new_place([key.value if key.kind == SCALAR else None for key, _ in node.value], edit)
        if node.flow or parent.flow:
            entry = f"{self._pen.key(name, flow=True)}: {self._pen.inline(edit.value, look, flow=True)}"
            if place < len(node.value):
                yield self._flow_insert(node, place, entry)
            else:
                yield from self._flow_append(node, entry)
            return
        if not node.value:
            return
        column = self._column(node.value[0][0].start)
        yield [self._entry_at(node, place, column, self._pen.entry(name, edit.value, column, look))]
        if isinstance(edit.value, str) and "\n" in edit.value:
            # A block that ends in blank lines would take those that follow for its own.
            head = " " * column + self._pen.key(name, quote=self._habits.key_quote)
            yield [self._entry_at(node, place, column, [f"{head}: {scalars.spell_double(edit.value)}"])]

    def _entry_at(self, node: Node, place: int, column: int, lines: Sequence[str]) -> Splice:
        """The lines of a new key, behind the one before it, else in front of the first."""
        if place:
            end = self._own_end(content_end(_part_value(node, place - 1), self._text), column)
            return self._lines_after(end, lines)
        start = node.value[0][0].start
        first = line_start(self._text, start)
        if not self._text[first:start].strip():
            start = self._comments_above(first, column) + column
        return self._lines_before(start, column, lines)

    # Unset

    def unset(self, edit: Unset) -> Iterator[Way]:
        """A key or an item goes with its own lines and comments."""
        parent = self._find(edit.path[:-1])
        step = edit.path[-1]
        node = parent.node
        gone = [i for i, part in enumerate(node.value) if self._is(node, i, step)]
        if not gone:
            raise EditRefused(f"“{dotted(edit.path)}” is not written here but taken over from elsewhere.")
        if len(gone) == len(node.value) and (parent.node is not self._root or node.kind == LIST):
            yield from self._empty(parent)
        elif node.flow or parent.flow:
            if len(gone) == 1 and self._is_tall(node):
                yield brackets.remove(self._row(node), gone[0])
            yield self._flow_remove(node, gone)
        else:
            yield [splice for index in gone for splice in self._remove_lines(parent, index)]

    def _empty(self, place: _Place) -> Iterator[Way]:
        node = place.node
        empty: Value = [] if node.kind == LIST else {}
        if node.flow:
            spelled = "[]" if node.kind == LIST else "{}"
            start = value_start(node, self._text)
            if not self._holds_comment(node, start):
                yield [Splice(start, node.end, spelled)]
        elif node is self._root:
            start = value_start(node, self._text)
            end = self._own_end(content_end(node, self._text), self._column(start))
            yield [Splice(start, end, "[]")]
        else:
            yield from self._replace_collection(place, empty)

    def _remove_lines(self, parent: _Place, index: int) -> Way:
        text, node = self._text, parent.node
        if node.kind == LIST:
            start = self._dashes(node)[index]
        else:
            start = node.value[index][0].start
        column = self._column(start)
        end = self._own_end(content_end(_part_value(node, index), text), column)
        first = line_start(text, start)
        if text[first:start].strip():
            return [self._pull_up(node, index, start, end)]
        first = self._own_comment_start(first, end, column)
        return [Splice(first, next_line(self._text, end), "")]

    def _pull_up(self, node: Node, index: int, start: int, end: int) -> Splice:
        """The first part of a list item shares the dash's line: the next part takes its place there."""
        if index + 1 < len(node.value):
            if node.kind == LIST:
                following = self._dashes(node)[index + 1]
            else:
                following = node.value[index + 1][0].start
            if not self._text[end:following].strip():
                return Splice(start, following, "")
        return Splice(len(self._text[:start].rstrip(" ")), line_end(self._text, end), "")

    def _own_comment_start(self, first: int, end: int, column: int) -> int:
        """Comment lines right above go with their key, unless they may head the keys that follow too."""
        text = self._text
        after = text[next_line(self._text, end) : next_line(text, next_line(self._text, end))]
        heads_more = bool(after.strip()) and not after.strip().startswith("#")
        same_level = len(after) - len(after.lstrip(" ")) >= column
        return first if heads_more and same_level else self._comments_above(first, column)

    def _comments_above(self, first: int, column: int) -> int:
        """Where the comment lines begin that touch a line, as deep as what stands in it."""
        text = self._text
        while first > 0:
            above = line_start(text, first - 1)
            line = text[above:first]
            if not line.strip().startswith("#") or len(line) - len(line.lstrip(" ")) != column:
                break
            first = above
        return first

    # Lists

    def append(self, edit: Append) -> Iterator[Way]:
        """An item behind the last one."""
        place = self._find(edit.path)
        node, text = place.node, self._text
        look = self._look_of_items(node)
        if node.flow or place.flow:
            for spelled in self._pen.spellings(edit.value, look, flow=True):
                yield from self._flow_append(node, spelled)
            return
        dashes = self._dashes(node)
        column = self._column(dashes[-1])
        lines = self._item_lines(node, edit.value, column, look)
        yield [self._lines_after(self._own_end(content_end(node.value[-1], text), column), lines)]

    def insert(self, edit: Insert) -> Iterator[Way]:
        """An item in front of another."""
        place = self._find(edit.path)
        node, text = place.node, self._text
        look = self._look_of_items(node)
        if node.flow or place.flow:
            for spelled in self._pen.spellings(edit.value, look, flow=True):
                if self._is_tall(node):
                    newline = self._newline_at(node.start)
                    yield brackets.insert(self._row(node), edit.index, spelled, newline=newline)
                yield self._flow_insert(node, edit.index, spelled)
            return
        dashes = self._dashes(node)
        column = self._column(dashes[edit.index])
        lines = self._item_lines(node, edit.value, column, look)
        if edit.index:
            end = self._own_end(content_end(node.value[edit.index - 1], text), column)
            yield [self._lines_after(end, lines)]
            return
        yield [self._lines_before(dashes[0], column, lines)]

    def move(self, edit: Move) -> Iterator[Way]:
        """An item elsewhere: the items change places, what stands between them stays."""
        place = self._find(edit.path)
        node, text = place.node, self._text
        if node.flow or place.flow:
            yield brackets.move(self._row(node), edit.index, edit.to)
            return
        slots = [self._slot_of_item(place, index) for index in range(len(node.value))]
        order = list(range(len(slots)))
        order.insert(edit.to, order.pop(edit.index))
        yield [
            Splice(*slots[at], text[slice(*slots[source])]) for at, source in enumerate(order) if at != source
        ]

    def rename(self, edit: Rename) -> Iterator[Way]:
        """Another name in the key's own quotes."""
        parent = self._find(edit.path[:-1])
        keys = [key for key, _ in parent.node.value if key.kind == SCALAR and key.value == edit.path[-1]]
        if not keys:
            raise EditRefused(f"“{dotted(edit.path)}” is not written here but taken over from elsewhere.")
        yield [
            Splice(
                value_start(key, self._text),
                key.end,
                self._pen.key(edit.name, flow=parent.flow or parent.node.flow, quote=key.style),
            )
            for key in keys
        ]

    def _item_lines(self, node: Node, value: Value, column: int, look: Look) -> list[str]:
        first = node.value[0]
        gap = " "
        dash = self._dashes(node)[0]
        between = self._text[dash + 1 : first.start]
        if between and not between.strip(" ") and first.kind != ALIAS:
            gap = between
        like_flow = first.flow and first.kind == MAP and isinstance(value, dict)
        if like_flow or (first.flow and first.kind == LIST and isinstance(value, list)):
            return [" " * column + "-" + gap + self._pen.inline(value, look)]
        return self._pen.item(value, column, look, gap=gap)

    def _slot_of_item(self, place: _Place, index: int) -> tuple[int, int]:
        node, text = place.node, self._text
        start = self._dashes(node)[index] + 1
        end = self._own_end(content_end(node.value[index], text), self._column(start - 1))
        return start, line_end(text, end)

    def _dashes(self, node: Node) -> list[int]:
        """Where each item's dash stands, in a list in block style."""
        if id(node) not in self._known_dashes:
            self._known_dashes[id(node)] = self._find_dashes(node)
        return self._known_dashes[id(node)]

    def _find_dashes(self, node: Node) -> list[int]:
        at = value_start(node, self._text)
        dashes = []
        for item in node.value:
            at = self._skip_blank(at)
            if self._text[at : at + 1] != "-":
                raise EditRefused("This list is written in a way that cannot be changed here.")
            dashes.append(at)
            at = max(content_end(item, self._text), at + 1)
        return dashes

    # Flow style

    def _row(self, node: Node) -> brackets.Row:
        start = value_start(node, self._text) + 1
        parts = [(_part_start(node, index), self._part_end(node, index)) for index in range(len(node.value))]
        return brackets.Row(self._text, start, node.end - 1, parts, comments=True)

    def _is_tall(self, node: Node) -> bool:
        return "\n" in self._text[node.start : node.end]

    def _flow_append(self, node: Node, spelled: str) -> Iterator[Way]:
        text = self._text
        start = value_start(node, text)
        if not node.value:
            inner = text[start + 1 : node.end - 1]
            if not inner.strip():
                yield [Splice(start + 1, node.end - 1, spelled)]
            return
        gap = self._flow_gap(node, start)
        end = self._part_end(node, len(node.value) - 1)
        comma = re.compile(r"\s*,").match(text, end)
        at = comma.end() if comma else end
        tail = text[at : line_end(text, at)]
        if tail.lstrip().startswith("#") and "\n" in gap:
            comment_end = line_end(text, at)
            first = [] if comma else [Splice(end, end, ",")]
            yield [*first, Splice(comment_end, comment_end, gap[1:] + spelled + ("," if comma else ""))]
            return
        if comma:
            yield [Splice(at, at, gap[1:] + spelled + ",")]
        else:
            yield [Splice(end, end, gap + spelled)]

    def _flow_insert(self, node: Node, index: int, spelled: str) -> Way:
        start = value_start(node, self._text)
        at = _part_start(node, index)
        return [Splice(at, at, spelled + self._flow_gap(node, start))]

    def _flow_gap(self, node: Node, start: int) -> str:
        """The comma and blanks between two parts, as this list or object has them."""
        for index in range(len(node.value) - 1, 0, -1):
            gap = self._text[self._part_end(node, index - 1) : _part_start(node, index)]
            if gap[:1] == "," and not gap[1:].strip():
                return gap
        lead = self._text[start + 1 : _part_start(node, 0)]
        return "," + lead if "\n" in lead and not lead.strip() else ", "

    def _flow_remove(self, node: Node, gone: Iterable[int]) -> Way:
        indexes = list(gone)
        last = len(node.value) - 1
        kept = [index for index in range(last + 1) if index not in indexes]
        way = []
        for index in indexes:
            if index < last:
                way.append(Splice(_part_start(node, index), _part_start(node, index + 1), ""))
            elif kept:
                way.append(Splice(self._part_end(node, kept[-1]), self._part_end(node, index), ""))
        if len(way) > 1 and way[-1].start < way[-2].end:
            way = [*(one for one in way[:-1] if one.end <= way[-1].start), way[-1]]
        return way

    def _holds_comment(self, node: Node, start: int) -> bool:
        """Whether a comment stands between the parts of a list or object in flow style."""
        at = start + 1
        gaps = ""
        for index in range(len(node.value)):
            gaps += self._text[at : _part_start(node, index)]
            at = self._part_end(node, index)
        return "#" in gaps + self._text[at : node.end]

    def _part_end(self, node: Node, index: int) -> int:
        if node.kind == MAP:
            key, value = node.value[index]
            return max(content_end(key, self._text), content_end(value, self._text))
        return content_end(node.value[index], self._text)

    # Places

    def _find(self, path: Path) -> _Place:
        """The node at `path`. :raises EditRefused: the way there leads through an alias."""
        assert self._root is not None
        place = _Place(self._root, self._root, 0, None, False)
        for length, step in enumerate(path, 1):
            child = self._child(place, step)
            if child is None:
                raise EditRefused(
                    f"“{dotted(path[:length])}” is not written here but taken over from elsewhere."
                )
            if child.node.kind == ALIAS:
                raise EditRefused(f"“{dotted(path[:length])}” stands for a value that other fields use too.")
            place = child
        return place

    def _child(self, place: _Place, step: str | int) -> _Place | None:
        node = place.node
        flow = place.flow or node.flow
        if node.kind == LIST and isinstance(step, int) and 0 <= step < len(node.value):
            return _Place(node.value[step], node, step, None, flow)
        if node.kind == MAP and isinstance(step, str):
            index = self._keys(node).get(step)
            if index is not None:
                key, value = node.value[index]
                return _Place(value, node, index, key, flow)
        return None

    def _keys(self, node: Node) -> dict[str, int]:
        """For each name its place in an object, of names that stand there twice the last."""
        if id(node) not in self._known_keys:
            keys = {key.value: index for index, (key, _) in enumerate(node.value) if key.kind == SCALAR}
            self._known_keys[id(node)] = keys
        return self._known_keys[id(node)]

    def _is(self, node: Node, index: int, step: str | int) -> bool:
        if node.kind == LIST:
            return index == step
        key = node.value[index][0]
        return bool(key.kind == SCALAR and key.value == step)

    def _slot(self, place: _Place) -> int | None:
        """Right behind the colon or dash, or the anchor and tag, that the value belongs to."""
        node, text = place.node, self._text
        if node.anchor is not None or node.tag is not None:
            return len(text[: value_start(node, text)].rstrip()) if node.kind != ALIAS else node.start
        if place.key is None:
            return self._dashes(place.parent)[place.index] + 1 if not place.parent.flow else None
        colon = re.compile(r"[ \t]*:").match(text, place.key.end)
        return colon.end() if colon else None

    def _column(self, at: int) -> int:
        return at - line_start(self._text, at)

    def _dash_column(self, place: _Place) -> int:
        return self._column(self._dashes(place.parent)[place.index]) if not place.parent.flow else 0

    def _column_of(self, place: _Place) -> int:
        return self._column(place.key.start) if place.key else self._dash_column(place)

    def _own_end(self, end: int, column: int) -> int:
        """The end of a part's last line: comment lines deeper than its column belong to it."""
        text = self._text
        at = own = line_end(text, end)
        while True:
            start = next_line(text, at)
            if start >= len(text):
                return own
            line = text[start : line_end(text, start)]
            stripped = line.lstrip(" ")
            if stripped.startswith("#") and len(line) - len(stripped) > column:
                own = at = line_end(text, start)
            elif not line.strip():
                at = line_end(text, start)
            else:
                return own

    def _lines_after(self, end: int, lines: Sequence[str]) -> Splice:
        """New lines behind the line that holds `end`."""
        at = line_end(self._text, end)
        newline = self._newline_at(at)
        return Splice(at, at, "".join(newline + line for line in lines))

    def _lines_before(self, at: int, column: int, lines: Sequence[str]) -> Splice:
        """New lines in front of the part that begins at `at`, which may share its line with a dash."""
        newline = self._newline_at(at)
        first = newline.join([lines[0][column:], *lines[1:]])
        return Splice(at, at, first + newline + " " * column)

    def _newline_at(self, at: int) -> str:
        """The line end of the line that holds `at`; mixed files stay mixed as they are."""
        end = line_end(self._text, at)
        if self._text.startswith("\r\n", end):
            return "\r\n"
        return "\n" if self._text.startswith("\n", end) else self._newline

    def _skip_blank(self, at: int) -> int:
        """Over blanks, line ends and comments."""
        text = self._text
        while at < len(text):
            if text[at] in " \t\r\n":
                at += 1
            elif text[at] == "#":
                at = line_end(text, at)
            else:
                break
        return at


def _reads_text(node: Node) -> bool:
    """Whether both versions read the scalar as text."""
    if not node.plain or node.tag is not None:
        return True
    return all(leaf[1] == "str" for leaf in scalars.read_plain(node.value))


def _texts_in(item: Node) -> list[Node]:
    if item.kind == SCALAR:
        return [item] if _reads_text(item) else []
    if item.kind == MAP:
        return [value for _, value in item.value if value.kind == SCALAR and _reads_text(value)]
    return []


def _usual_quote(texts: Sequence[Node]) -> str:
    """The quotes of the last text, when its neighbours agree; most values have their own reasons."""
    texts = [node for node in texts if node.style not in ("|", ">")] or texts
    styles = [node.style if node.style in ("'", '"') else "" for node in texts]
    return max(dict.fromkeys(reversed(styles)), key=styles.count)


def _part_start(node: Node, index: int) -> int:
    part = node.value[index]
    return part[0].start if node.kind == MAP else part.start  # type: ignore[no-any-return]


def _part_value(node: Node, index: int) -> Node:
    if node.kind == LIST:
        return node.value[index]  # type: ignore[no-any-return]
    key, value = node.value[index]
    return value if value.end >= key.end else key  # type: ignore[no-any-return]


def _by_words(text: str, node: Node, value: str) -> Iterator[Way]:
    """Only the words that differ, in text that runs over several lines; its line breaks stay."""
    old = node.value
    low = alike(old, value)
    high = alike(old[low:][::-1], value[low:][::-1])
    while low > 0 and not old[low - 1].isspace():
        low -= 1
    low_end, new_end = len(old) - high, len(value) - high
    while low_end < len(old) and not old[low_end].isspace():
        low_end, new_end = low_end + 1, new_end + 1
    gone, come = old[low:low_end], value[low:new_end]
    if not gone or not come or come != come.strip() or "\n" in come or "\n" in gone:
        return
    if node.plain and come == value:
        return  # another text altogether, which may have to stand in quotes
    if not scalars.may_stand_raw(come, plain=node.plain):
        return
    places = _align(text, node)
    if places is not None:
        yield [Splice(places[low], places[low_end - 1] + 1, come)]


def _align(text: str, node: Node) -> list[int] | None:
    """For each character of the value its place in the source, where the two run side by side."""
    at = value_start(node, text)
    if node.style in ("|", ">"):
        at = next_line(text, at)
    elif node.style:
        at += 1
    places: list[int] = []
    index, value = 0, node.value
    while index < len(value) and at < node.end:
        word = _WORD.match(value, index)
        if word and text.startswith(word[0], at) and at + len(word[0]) <= node.end:
            places += range(at, at + len(word[0]))
            index, at = word.end(), at + len(word[0])
            continue
        if value[index] == text[at] and value[index] not in " \n":
            places.append(at)
            index, at = index + 1, at + 1
            continue
        blanks = _GAP.match(value, index).end() - index  # type: ignore[union-attr]
        over = _GAP_IN_SOURCE.match(text, at, node.end).end()  # type: ignore[union-attr]
        if over == at and blanks:
            return None
        if not blanks and not (index == 0 or text[at] in " \t\r\n"):
            return None
        if over == at:
            return None
        places += [at] * blanks
        index, at = index + blanks, over
    return places if index == len(value) else None
