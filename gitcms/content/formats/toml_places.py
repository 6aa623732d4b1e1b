"""Where the values of a TOML text stand.

Here: a scanner for text that `tomllib` has accepted, and the index of paths it makes. Not here: what values
mean (`tomllib` says), how they are spelled and changed (`toml_pen`, `toml`).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from gitcms.content.formats.brackets import Row
from gitcms.content.spans import line_end, line_start, next_line
from gitcms.content.values import Path
from gitcms.errors import DocumentTooLarge

DEEPEST = 100
"""Tables and arrays in one another, and parts of a dotted key."""


@dataclass(slots=True, eq=False)
class Key:
    """One part of a key as it is written."""

    name: str
    start: int
    end: int


@dataclass(slots=True, eq=False)
class Item:
    """A value: a scalar, an array, or a table in braces."""

    kind: Literal["scalar", "array", "inline"]
    start: int
    end: int
    items: list[Item] = field(default_factory=list)
    pairs: list[Pair] = field(default_factory=list)

    def row(self, text: str) -> Row:
        """The parts between this value's brackets."""
        parts = [(item.start, item.end) for item in self.items]
        parts += [(pair.keys[0].start, pair.value.end) for pair in self.pairs]
        return Row(text, self.start + 1, self.end - 1, parts, comments=True)


@dataclass(slots=True, eq=False)
class Pair:
    """`key = value`, in a section or in braces."""

    keys: list[Key]
    value: Item
    path: Path = ()

    @property
    def start(self) -> int:
        return self.keys[0].start


@dataclass(slots=True, eq=False)
class Section:
    """A header with the pairs under it; the text before the first header has none."""

    number: int
    path: Path
    keys: list[Key]
    is_item: bool
    start: int
    head_end: int
    pairs: list[Pair] = field(default_factory=list)

    @property
    def content_end(self) -> int:
        """The end of the last thing that is no comment."""
        return self.pairs[-1].value.end if self.pairs else self.head_end


@dataclass(slots=True)
class Places:
    """The index of a text."""

    text: str
    sections: list[Section] = field(default_factory=list)
    tables: dict[Path, Section] = field(default_factory=dict)
    values: dict[Path, Item] = field(default_factory=dict)
    pairs: dict[Path, tuple[Pair, Section | Item]] = field(default_factory=dict)
    keys: dict[Path, list[Key]] = field(default_factory=dict)

    def under(self, path: Path) -> list[Section]:
        """The sections of a table, an array of tables or an item of one, and those inside."""
        return [section for section in self.sections if section.keys and begins(section.path, path)]

    def own(self, path: Path) -> Section | None:
        """The section whose header names just this table."""
        return self.tables.get(path)

    def dotted(self, path: Path) -> list[tuple[Pair, Section | Item]]:
        """The pairs that make a table by a dotted key: `a.b = 1` makes `a`."""
        return [
            (pair, holder)
            for pair, holder in self.pairs.values()
            if len(pair.path) - len(pair.keys) < len(path) < len(pair.path) and begins(pair.path, path)
        ]

    def items_of(self, path: Path) -> list[Section]:
        """The headers `[[path]]`, in order."""
        return [one for one in self.sections if one.is_item and one.path[:-1] == path]

    def groups(self, path: Path) -> list[list[Section]]:
        """For each item of an array of tables its sections."""
        groups: list[list[Section]] = []
        for section in self.under(path):
            if section.is_item and len(section.path) == len(path) + 1:
                groups.append([])
            groups[int(section.path[len(path)])].append(section)
        return groups

    def after(self, section: Section) -> int:
        """Where the next section begins, with the comment lines right above its header."""
        if section.number + 1 == len(self.sections):
            return len(self.text)
        return self.above(self.sections[section.number + 1])

    def above(self, section: Section) -> int:
        """Where the comment lines begin that stand right above a header."""
        return comments_above(self.text, section.start)

    def end(self, section: Section) -> int:
        """The line behind all that belongs to a section, blank lines at its end left out."""
        end = self.after(section)
        while end > section.head_end:
            line = line_start(self.text, end - 1)
            if self.text[line:end].strip() or line < section.content_end:
                break
            end = line
        return end


def begins(path: Path, start: Path) -> bool:
    return path[: len(start)] == start


def comments_above(text: str, first: int) -> int:
    """Where the unbroken comment lines above a line begin; the line itself if there are none."""
    while first > 0:
        line = line_start(text, first - 1)
        if not text[line:first].lstrip().startswith("#"):
            break
        first = line
    return first


@lru_cache(maxsize=4)
def places(text: str) -> Places:
    """Scan a text that `tomllib` has accepted. :raises DocumentTooLarge: nested too deep."""
    return _Scanner(text).scan()


_SPACE = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BASIC = re.compile(r'"(?:[^"\\\n]++|\\.)*+"')
_LITERAL = re.compile(r"'[^'\n]*'")
_LONG_BASIC = re.compile(r'"""(?:[^"\\]++|\\.|"(?!""))*+"{3,5}', re.DOTALL)
_LONG_LITERAL = re.compile(r"'''(?:[^']++|'(?!''))*+'{3,5}")
_PLAIN = re.compile(r"[^,\]}#\n]*")


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._found = Places(text)
        self._count: dict[Path, int] = {}

    def scan(self) -> Places:
        text, sections = self._text, self._found.sections
        sections.append(Section(0, (), [], False, 0, 0))
        self._found.tables[()] = sections[0]
        while self._at < len(text):
            self._space()
            char = text[self._at : self._at + 1]
            if char == "[":
                sections.append(self._header())
                self._found.tables[sections[-1].path] = sections[-1]
            elif char not in ("", "#", "\r", "\n"):
                section = sections[-1]
                section.pairs.append(self._pair(section.path, section, 0))
            self._at = next_line(text, self._at)
        return self._found

    def _header(self) -> Section:
        start = line_start(self._text, self._at)
        is_item = self._text.startswith("[[", self._at)
        self._at += 2 if is_item else 1
        keys = self._keys()
        self._at += 2 if is_item else 1
        path: Path = ()
        for number, key in enumerate(keys, 1):
            path = (*path, key.name)
            self._found.keys.setdefault(path, []).append(key)
            if number < len(keys) and path in self._count:
                path = (*path, self._count[path] - 1)
        if is_item:
            self._count[path] = self._count.get(path, 0) + 1
            path = (*path, self._count[path] - 1)
        return Section(len(self._found.sections), path, keys, is_item, start, self._at)

    def _pair(self, path: Path, holder: Section | Item, depth: int) -> Pair:
        keys = self._keys()
        for key in keys:
            path = (*path, key.name)
            self._found.keys.setdefault(path, []).append(key)
        self._at += 1  # the sign of equality
        self._space()
        pair = Pair(keys, self._value(path, depth), path)
        self._found.pairs[path] = pair, holder
        return pair

    def _keys(self) -> list[Key]:
        keys: list[Key] = []
        while True:
            self._space()
            start = self._at
            pattern = {'"': _BASIC, "'": _LITERAL}.get(self._text[start : start + 1], _BARE_KEY)
            written = self._match(pattern)
            name = written if pattern is _BARE_KEY else str(tomllib.loads(f"k={written}")["k"])
            keys.append(Key(name, start, self._at))
            self._space()
            if self._text[self._at : self._at + 1] != ".":
                break
            self._at += 1
        if len(keys) > DEEPEST:
            raise _too_deep()
        return keys

    def _value(self, path: Path, depth: int) -> Item:
        if depth > DEEPEST:
            raise _too_deep()
        text, start = self._text, self._at
        char = text[start : start + 1]
        item = Item("array" if char == "[" else "inline" if char == "{" else "scalar", start, start)
        self._found.values[path] = item
        if item.kind == "scalar":
            self._scalar()
        else:
            self._at += 1
            self._blank()
            while text[self._at] not in "]}":
                if item.kind == "array":
                    item.items.append(self._value((*path, len(item.items)), depth + 1))
                else:
                    item.pairs.append(self._pair(path, item, depth + 1))
                self._blank()
                if text[self._at] == ",":
                    self._at += 1
                    self._blank()
            self._at += 1
        item.end = self._at
        return item

    def _scalar(self) -> None:
        text, at = self._text, self._at
        if text.startswith('"""', at):
            self._match(_LONG_BASIC)
        elif text.startswith("'''", at):
            self._match(_LONG_LITERAL)
        elif text.startswith('"', at):
            self._match(_BASIC)
        elif text.startswith("'", at):
            self._match(_LITERAL)
        else:
            self._at = at + len(self._match(_PLAIN).rstrip())

    def _blank(self) -> None:
        """Over white space, line ends and comments."""
        text = self._text
        while text[self._at] in " \t\r\n#":
            self._at = line_end(text, self._at) if text[self._at] == "#" else self._at + 1

    def _space(self) -> None:
        self._match(_SPACE)

    def _match(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._at)
        if match is None:
            raise AssertionError("only for text that tomllib has accepted")
        self._at = match.end()
        return match[0]


def _too_deep() -> DocumentTooLarge:
    return DocumentTooLarge("The fields of this file are nested too deep to be edited here.")


def walk(found: Places) -> Iterator[tuple[Path, int]]:
    """Every path with the place where it is first written."""
    for path, keys in found.keys.items():
        yield path, keys[0].start
    for section in found.sections:
        if section.is_item:
            yield section.path, section.start
    for path, item in found.values.items():
        if isinstance(path[-1], int):
            yield path, item.start
