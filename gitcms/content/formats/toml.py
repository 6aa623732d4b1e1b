"""TOML front matter, as Hugo and Zola read it.

`tomllib` says what the text means, `toml_places` where it stands, `toml_pen` how values are spelled; here an
edit finds its place. Keys have no order in TOML: new ones go where they belong by its grammar, and trees are
compared sorted.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gitcms.content.edits import Append, Edit, Insert, Move, Rename, Set, Unset
from gitcms.content.formats import brackets
from gitcms.content.formats.base import Later, Reading, Tree, apply_to_tree, holds_nul, new_place, tree_of
from gitcms.content.formats.markers import Fence
from gitcms.content.formats.toml_pen import Pen, held
from gitcms.content.formats.toml_places import (
    Item,
    Pair,
    Places,
    Section,
    begins,
    comments_above,
    places,
    walk,
)
from gitcms.content.spans import Splice, apply, line_end, line_number, line_numbers, line_start, next_line
from gitcms.content.values import MISSING, Path, Value, dotted, find
from gitcms.errors import DocumentTooLarge, EditRefused, FrontMatterUnreadable


class TomlFormat:
    """TOML 1.0."""

    name = "toml"
    markers = (Fence("---", language="toml"), Fence("+++", language="(?:toml)?"))
    suffixes = (".toml",)
    fences = ("+++\n", "+++\n")
    ended_by_blank_line = False

    def read(self, text: str) -> Reading:
        """:raises FrontMatterUnreadable: with line and column where `tomllib` names them."""
        values = _loads(text)
        found = places(text)
        return Reading(values, (), Later(lambda: _lines(found)), Later(lambda: _texts(found)))

    def edit(self, text: str, edit: Edit, *, newline: str) -> str:
        """One edit. TOML has no word for "empty": such a key is left out."""
        return apply(text, self.splices(text, [edit], newline=newline))

    def splices(self, text: str, edits: Sequence[Edit], *, newline: str) -> list[Splice]:
        """The edits, told by the places of one text."""
        editor = _Editor(text, newline)
        return [splice for edit in edits for splice in editor.splices(edit)]

    def readings(self, text: str) -> list[Any]:
        """One dialect; the order of keys says nothing in TOML."""
        return [_Unordered(tree_of(_loads(text)))]

    def apply(self, tree: Any, edit: Edit) -> Any:
        """The edit on a tree. Setting a key to nothing takes it away."""
        if isinstance(edit, Set) and edit.value is None:
            try:
                return _Unordered(apply_to_tree(tree.root, Unset(edit.path)))
            except EditRefused:
                return tree
        return _Unordered(apply_to_tree(tree.root, edit, lambda value: tree_of(held(value))))

    def dump(self, values: Mapping[str, Value], *, newline: str) -> str:
        """Pairs first, then a table for each object and each item of a list of objects."""
        return self.dump_like(values, "", newline=newline)

    def dump_like(self, values: Mapping[str, Value], neighbour: str, *, newline: str) -> str:
        """The same with the quotes, arrays, spaces and order of a neighbour's front matter."""
        order = [name for name in _loads(neighbour) if name in values]
        kept = held({name: values[name] for name in dict.fromkeys([*order, *values])})
        found = places(neighbour)
        return Pen(found, newline).body((), kept, like=found.own(())) if isinstance(kept, dict) else ""


def _lines(found: Places) -> dict[Path, int]:
    line = line_numbers(found.text)
    lines: dict[Path, int] = {}
    for path, start in walk(found):
        lines.setdefault(path, line(start))
    return lines


def _texts(found: Places) -> dict[Path, str]:
    return {
        path: found.text[item.start : item.end]
        for path, item in found.values.items()
        if item.kind == "scalar"
    }


def _loads(text: str) -> dict[str, Any]:
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        line, column = (int(place[1]), int(place[2])) if place else (line_number(text, len(text)), 1)
        raise FrontMatterUnreadable(
            "The fields of this file cannot be read.", line=line, column=column, details=str(error)
        ) from error
    except RecursionError as error:
        raise DocumentTooLarge("The fields of this file are nested too deep to be edited here.") from error
    except ValueError as error:
        raise FrontMatterUnreadable("The fields of this file cannot be read.", details=str(error)) from error
    if "0000" in text and holds_nul(values):
        raise FrontMatterUnreadable("A field holds a character that cannot be shown.")
    return values


@dataclass(frozen=True, slots=True, eq=False)
class _Unordered:
    """A tree that is equal to others whatever the order of keys."""

    root: Tree

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Unordered) and _sorted(self.root) == _sorted(other.root)

    __hash__ = None  # type: ignore[assignment]


def _sorted(tree: Tree) -> Tree:
    if tree[0] == "m":
        return ("m", tuple(sorted(((key, _sorted(part)) for key, part in tree[1]), key=lambda pair: pair[0])))
    return ("l", tuple(map(_sorted, tree[1]))) if tree[0] == "l" else tree


def _place(pairs: Sequence[Pair], edit: Set | None) -> int:
    """Where among the pairs of a table a new one goes."""
    return new_place([pair.keys[0].name for pair in pairs], edit) if edit else len(pairs)


class _Editor:
    """Edits of one text. What takes a second step on the text that the first made replaces the whole text."""

    def __init__(self, text: str, newline: str) -> None:
        self._text = text
        self._newline = newline
        self._found = places(text)
        self._pen = Pen(self._found, newline)

    def splices(self, edit: Edit) -> list[Splice]:
        if isinstance(edit, Set):
            return self.set(edit)
        if isinstance(edit, Unset):
            return self.unset(edit.path)
        if isinstance(edit, Rename):
            return self.rename(edit)
        if isinstance(edit, Move):
            return self.move(edit)
        return self.add(edit)

    # Set

    def set(self, edit: Set) -> list[Splice]:
        path, value = edit.path, edit.value
        if value is None:
            return self.unset(path) if self._exists(path) else []
        value = held(value)
        item = self._found.values.get(path)
        if item is not None:
            one_line = any(map(self._is_on_one_line, (path[:length] for length in range(1, len(path)))))
            spelled = self._pen.spell(value, item, self._indent_at(item.start), one_line=one_line)
            return [Splice(item.start, item.end, spelled)]
        if not self._exists(path):
            return self._add_key(path, value, edit)
        if isinstance(path[-1], int):
            return self._set_item_table(path, value)
        return self._whole(self._dropped(path), lambda then: then._add_key(path, value))

    def _is_on_one_line(self, path: Path) -> bool:
        """Whether brackets stand at a path that open and close on one line."""
        item = self._found.values.get(path)
        return item is not None and "\n" not in self._text[item.start : item.end]

    def _set_item_table(self, path: Path, value: Value) -> list[Splice]:
        """Another table in place of an item of an array of tables."""
        if not isinstance(value, dict):
            raise EditRefused("An item of this list has to be an object, as the others are.")
        head, index = path[:-1], int(path[-1])
        added = self.add(Insert(head, index, value))
        return self._whole(added, lambda then: then._dropped((*head, index + 1)))

    def _add_key(self, path: Path, value: Value, beside: Set | None = None) -> list[Splice]:
        """A new key where its table is: in braces, by dotted keys, under a header, or not there yet.

        :param beside: the edit that names its neighbours, where these are in the same table.
        """
        parent, name = path[:-1], path[-1]
        if not isinstance(name, str):
            raise EditRefused(f"There is no place for “{dotted(path)}” in this file.")
        holder = self._found.values.get(parent)
        if holder is not None:
            if holder.kind != "inline":
                raise EditRefused(f"There is no place for “{dotted(path)}” in this file.")
            place = _place(holder.pairs, beside)
            return self._add_inline(holder, place, self._pen.inline_pair((name,), value))
        section = self._found.own(parent)
        dotted_pairs = self._found.dotted(parent) if parent else []
        if section is None and dotted_pairs:
            return self._add_dotted(*dotted_pairs[-1], path, value)
        inside = self._found.under(parent)
        if section is None and not inside:
            return self._add_key(parent, {name: value})
        if self._pen.as_sections(value):
            return self._add_sections(inside[-1] if inside else self._found.sections[0], path, value)
        if section is None:
            text = self._pen.section(parent, {name: value}, is_item=False)
            at = self._found.above(inside[0])
            return [Splice(at, at, text + self._newline)]
        return self._add_pair(section, name, value, _place(section.pairs, beside))

    def _add_inline(self, holder: Item, index: int, spelled: str) -> list[Splice]:
        row = holder.row(self._text)
        pad = self._pen.brace_pad if holder.kind == "inline" else ""
        return brackets.insert(row, index, spelled, newline=self._newline, pad=pad, unit=self._pen.unit)

    def _add_dotted(self, pair: Pair, holder: Section | Item, path: Path, value: Value) -> list[Splice]:
        """`a.c = 2` behind `a.b = 1`."""
        depth = len(pair.path) - len(pair.keys)
        names = tuple(str(step) for step in path[depth:])
        if isinstance(holder, Item):
            index = holder.pairs.index(pair) + 1
            return self._add_inline(holder, index, self._pen.inline_pair(names, value))
        line = self._pen.line(names, value, holder)
        return self._with_lines(next_line(self._text, pair.value.end), line)

    def _add_pair(self, section: Section, name: str, value: Value, place: int) -> list[Splice]:
        line = self._pen.line((name,), value, section)
        if place:
            return self._with_lines(next_line(self._text, section.pairs[place - 1].value.end), line)
        if section.pairs:
            first = comments_above(self._text, line_start(self._text, section.pairs[0].start))
            least = next_line(self._text, section.head_end) if section.keys else 0
            return self._with_lines(max(first, least), line)
        if section.keys:
            return self._with_lines(next_line(self._text, section.head_end), line)
        if len(self._found.sections) == 1:
            return self._with_lines(len(self._text), line)
        at = self._found.above(self._found.sections[1])
        return self._with_lines(at, line + self._newline)

    def _add_sections(self, last: Section, path: Path, value: Value) -> list[Splice]:
        """Tables behind the last one of their parent."""
        tables = value if isinstance(value, list) else [value]
        blocks = [
            self._pen.section(path, table, is_item=isinstance(value, list))
            for table in tables
            if isinstance(table, dict)
        ]
        return self._with_sections(self._found.end(last), blocks)

    def _with_sections(self, at: int, blocks: list[str], *, apart: bool = True) -> list[Splice]:
        blank = self._newline if apart else ""
        before = self._text[:at].rstrip(" \t")
        lead = blank if before.strip() and not before.endswith(("\n\n", "\n\r\n")) else ""
        text = lead + blank.join(blocks)
        following = self._text[at:].split("\n", 1)[0].strip()
        if following:
            text += blank
        return self._with_lines(at, text.removesuffix("\n").removesuffix("\r"))

    def _with_lines(self, at: int, lines: str) -> list[Splice]:
        """Lines put in; a text that ends without a line end goes on to."""
        if at == len(self._text) and self._text and not self._text.endswith("\n"):
            return [Splice(at, at, self._newline + lines)]
        return [Splice(at, at, lines + self._newline)]

    # Unset

    def unset(self, path: Path) -> list[Splice]:
        dropped = self._dropped(path)
        parent = path[:-1]
        stays = not parent or parent in self._found.values or self._found.own(parent) is not None
        if stays and path in self._found.values:
            return dropped
        if parent and find(_loads(apply(self._text, dropped)), parent) is MISSING:
            empty: Value = [] if isinstance(path[-1], int) else {}
            return self._whole(dropped, lambda then: then._add_key(parent, empty))
        return dropped

    def _dropped(self, path: Path) -> list[Splice]:
        """The text without a value, and without its table if nothing else had made that."""
        found = self._found
        if path in found.values:
            return self._removal(path)
        for pair, _ in found.dotted(path):
            return self._whole(self._removal(pair.path), lambda then: then._dropped(path))
        sections = found.under(path)
        if not sections:
            return []
        gone: list[Splice] = []
        for splice in map(self._section_removal, sections):
            if gone and splice.start <= gone[-1].end:
                splice = Splice(min(gone[-1].start, splice.start), splice.end, "")
                gone.pop()
            gone.append(splice)
        return gone

    def _removal(self, path: Path) -> list[Splice]:
        if path not in self._found.pairs:
            return brackets.remove(self._found.values[path[:-1]].row(self._text), int(path[-1]))
        pair, holder = self._found.pairs[path]
        if isinstance(holder, Item):
            return brackets.remove(holder.row(self._text), holder.pairs.index(pair))
        first, after = line_start(self._text, pair.start), next_line(self._text, pair.value.end)
        following = self._text[after : line_end(self._text, after)].strip()
        # Comment lines right above go with their key, unless they may head the keys that follow too.
        if not following or following[0] in "#[":
            first = max(
                comments_above(self._text, first),
                next_line(self._text, holder.head_end) if holder.keys else 0,
            )
        return [Splice(first, after, "")]

    def _section_removal(self, section: Section) -> Splice:
        """A table goes with its lines, the comment lines that touch them, and the blank lines behind."""
        text, end = self._text, next_line(self._text, section.content_end)
        limit = self._found.after(section)
        while end < limit and text[end:].lstrip(" \t").startswith("#"):
            end = next_line(text, end)
        start = self._found.above(section)
        if section.is_item and section.path[-1] == 0 and self._found.own((*section.path[:-1], 1)):
            start = section.start  # these lines head the whole list
        while end < limit and not text[end : next_line(text, end)].strip():
            end = next_line(text, end)
        if end == len(text):
            start = len(text[:start].rstrip(" \t\r\n"))
            start = next_line(text, start) if start else 0
        return Splice(min(start, end), end, "")

    # Lists

    def add(self, edit: Append | Insert) -> list[Splice]:
        value = held(edit.value)
        array = self._found.values.get(edit.path)
        if array is not None:
            index = edit.index if isinstance(edit, Insert) else len(array.items)
            beside = array.items[min(index, len(array.items) - 1)] if array.items else None
            one_line = self._is_on_one_line(edit.path)
            return self._add_inline(array, index, self._pen.spell(value, beside, one_line=one_line))
        items = self._found.items_of(edit.path)
        if not items or not isinstance(value, dict):
            raise EditRefused("An item of this list has to be an object, as the others are.")
        block = self._pen.section(edit.path, value, is_item=True, like=items[-1].path)
        apart = self._are_apart(items)
        if isinstance(edit, Append):
            last = self._found.under(items[-1].path)[-1]
            return self._with_sections(self._found.end(last), [block], apart=apart)
        target = items[edit.index]
        at = self._found.above(target) if edit.index else target.start
        return [Splice(at, at, block + (self._newline if apart else ""))]

    def move(self, edit: Move) -> list[Splice]:
        array = self._found.values.get(edit.path)
        if array is not None:
            return brackets.move(array.row(self._text), edit.index, edit.to)
        low, high = min(edit.index, edit.to), max(edit.index, edit.to)
        regions = [self._region(group) for group in self._found.groups(edit.path)[low : high + 1]]
        order = [*range(len(regions))]
        order.insert(edit.to - low, order.pop(edit.index - low))
        pieces = [self._text[slice(*regions[source])] for source in order]
        return [Splice(*region, piece) for region, piece in zip(regions, pieces, strict=True)]

    def _region(self, group: list[Section]) -> tuple[int, int]:
        """An item of an array of tables from its header to its last line, without the line end."""
        first, last = group[0], group[-1]
        if last.number - first.number >= len(group):
            raise EditRefused("The items of this list do not stand together in the file.")
        end = self._found.end(last)
        start = self._found.above(first) if first.path[-1] else first.start
        return start, line_end(self._text, line_start(self._text, end - 1))

    def _are_apart(self, items: list[Section]) -> bool:
        """Whether blank lines stand between the items of this list."""
        if len(items) < 2:
            return True
        before = self._text[: self._found.above(items[1])].rstrip(" \t")
        return before.endswith(("\n\n", "\n\r\n"))

    # Rename

    def rename(self, edit: Rename) -> list[Splice]:
        keys = self._found.keys.get(edit.path, [])
        return [
            Splice(key.start, key.end, self._pen.key(edit.name, self._text[key.start : key.end]))
            for key in keys
        ]

    # Helpers

    def _exists(self, path: Path) -> bool:
        found = self._found
        return (
            path in found.values
            or path in found.keys
            or any(begins(s.path, path) for s in found.sections[1:])
        )

    def _whole(self, first: list[Splice], second: Callable[[_Editor], list[Splice]]) -> list[Splice]:
        """Two steps as one: the second is told by the places of the text that the first leaves."""
        text = apply(self._text, first)
        return [Splice(0, len(self._text), apply(text, second(_Editor(text, self._newline))))]

    def _indent_at(self, at: int) -> str:
        line = self._text[line_start(self._text, at) :]
        return line[: len(line) - len(line.lstrip(" \t"))]
