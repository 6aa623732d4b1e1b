"""How TOML is spelled: strings, numbers, moments, arrays and tables, in the habits of a text.

Here: values into text. Not here: where the text goes (`toml`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, time

from gitcms.content.formats.base import tree_of
from gitcms.content.formats.toml_places import Item, Pair, Places, Section
from gitcms.content.spans import line_start
from gitcms.content.values import Path, Value
from gitcms.errors import EditRefused


def held(value: Value) -> Value:
    """The value as TOML can hold it: what is empty in a table is left out.

    :raises EditRefused: nothing at all in a list, numbers beyond 64 bits, moments that TOML cannot spell.
    """
    if isinstance(value, dict):
        return {key: held(part) for key, part in value.items() if part is not None}
    if isinstance(value, list):
        return [held(part) for part in value]
    if value is None:
        raise EditRefused("A list in this file cannot have an empty item.")
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise EditRefused("This number is too large for this file.")
    if isinstance(value, time) and value.tzinfo is not None:
        raise EditRefused("A time of day in this file cannot have a zone.")
    if isinstance(value, datetime):
        offset = value.utcoffset()
        if offset is not None and offset.total_seconds() % 60:
            raise EditRefused("A zone in this file counts in whole minutes.")
    tree_of(value)
    return value


_FENCE = re.compile(r"^(?:---|\+\+\+|;;;)[ \t]*$", re.MULTILINE)


class Pen:
    """The habits of one text."""

    def __init__(self, found: Places, newline: str) -> None:
        text = found.text
        items = [*found.values.values()]
        first = Counter(text[item.start] for item in items if item.kind == "scalar")
        arrays = [item for item in items if item.kind == "array" and item.items]
        is_tall = [item.row(text).has_own_line(0) for item in arrays]
        tall = [item for item, is_so in zip(arrays, is_tall, strict=True) if is_so]
        flat = [item for item, is_so in zip(arrays, is_tall, strict=True) if not is_so]
        inline = [item for item in items if item.kind == "inline" and item.pairs]
        pairs = [pair for section in found.sections for pair in section.pairs]
        self._found = found
        self._text = text
        self._newline = newline
        self._quote = "'" if first["'"] > first['"'] else '"'
        self._tall = len(tall) > len(flat)
        self._tall_end = "," if not tall or tall[0].row(text).comma_after(len(tall[0].items) - 1) else ""
        self.unit = _unit(text, tall[0]) if tall else "  "
        self._array_pad = text[flat[0].start + 1 : flat[0].items[0].start] if flat else ""
        self.brace_pad = text[inline[0].start + 1 : inline[0].pairs[0].start] if inline else " "
        self._comma = next((item.row(text).separator() for item in flat if len(item.items) > 1), ", ")
        self._equals = _equals(text, pairs[0]) if pairs else " = "
        self._inline_equals = _equals(text, inline[0].pairs[0]) if inline else " = "
        # Long spaces before the sign are an alignment, which has its own rule.
        if self._equals.startswith("  "):
            self._equals = " " + self._equals.lstrip()
        self.prefers_inline = bool(inline) and not any(section.keys for section in found.sections)

    # Keys and pairs

    def key(self, name: str, like: str = "") -> str:
        """One part of a key, in quotes if it needs them or has had some."""
        if re.fullmatch("[A-Za-z0-9_-]+", name) and not like.startswith(('"', "'")):
            return name
        return self.string(name, like[:1] or '"')

    def inline_pair(self, names: tuple[str, ...], value: Value, like: Item | None = None) -> str:
        """A pair in braces."""
        return ".".join(map(self.key, names)) + self._inline_equals + self.spell(value, like, one_line=True)

    def line(
        self, names: tuple[str, ...], value: Value, section: Section | None, like: Item | None = None
    ) -> str:
        """A pair with the indentation and the alignment of a section's pairs, without its line end."""
        name = ".".join(map(self.key, names))
        indent = self._indent(section)
        return f"{indent}{name}{self._sign(section, len(name))}{self.spell(value, like, indent)}"

    def _indent(self, section: Section | None) -> str:
        if section is None:
            return ""
        start = section.pairs[-1].start if section.pairs else self._text.find("[", section.start)
        return self._text[line_start(self._text, start) : start] if section.keys or section.pairs else ""

    def _sign(self, section: Section | None, width: int) -> str:
        """The sign of equality with its spaces, below the others where they stand below one another."""
        pairs = section.pairs if section else []
        if not pairs:
            return self._equals
        gaps = [_gap(self._text, pair) for pair in pairs]
        columns = {pair.keys[-1].end - pair.start + gap for pair, gap in zip(pairs, gaps, strict=True)}
        spaces = min(1, min(gaps))
        if len(columns) == 1 and len(pairs) > 1 and max(gaps) > 1:
            spaces = max(spaces, columns.pop() - width)
        return " " * spaces + _equals(self._text, pairs[-1]).lstrip()

    # Values

    def spell(
        self, value: Value, like: Item | None = None, indent: str = "", *, one_line: bool = False
    ) -> str:
        """A value, in the way that `like` is written where that still can hold it.

        :param indent: the white space before the line that the value begins in.
        :param one_line: whether it stands between brackets on one line, and nothing new there takes more.
        """
        written = self._text[like.start : like.end] if like else ""
        if isinstance(value, str):
            spread = one_line and "\n" in value and not written.startswith(('"', "'"))
            return self.string(value, '"' if spread else written)
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int | float):
            return repr(value)
        if isinstance(value, datetime):
            return _moment(value, written)
        if isinstance(value, date | time):
            return value.isoformat()
        if isinstance(value, list):
            return self._array(value, like, indent, one_line)
        if isinstance(value, dict):
            pairs = [self.inline_pair((name,), part) for name, part in value.items()]
            return "{" + self.brace_pad + ", ".join(pairs) + self.brace_pad + "}" if pairs else "{}"
        raise EditRefused("This value cannot be written into this file.")

    def string(self, value: str, written: str = "") -> str:
        """Text in the quotes of `written`; text of several lines that is new gets triple quotes."""
        quotes = next((sign for sign in ('"""', "'''", '"', "'") if written.startswith(sign)), None)
        if quotes is None:
            quotes = '"""' if "\n" in value else self._quote
        if "\n" in value and _FENCE.search(value):
            quotes = '"'  # on a line of its own it would end the front matter
        if quotes == "'" and not re.search(r"['\x00-\x08\x0a-\x1f\x7f]", value):
            return f"'{value}'"
        if quotes == "'''" and not re.search(r"'''|'\Z|[\x00-\x08\x0b-\x1f\x7f]", value):
            return self._long(quotes, value, written)
        if quotes == '"""' or (quotes == "'''" and "\n" in value):
            return self._long('"""', _escaped(value, long=True), written)
        return f'"{_escaped(value, long=False)}"'

    def _long(self, quotes: str, body: str, written: str) -> str:
        """The line end right behind the quotes is no part of the text."""
        first = not written.startswith(('"""', "'''")) or bool(re.match(r".{3}\r?\n", written, re.DOTALL))
        lead = self._newline if first or body.startswith("\n") else ""
        return quotes + lead + body.replace("\n", self._newline) + quotes

    def _array(self, value: list[Value], like: Item | None, indent: str, one_line: bool) -> str:
        tall = self._tall and not one_line
        if like is not None and like.kind == "array" and like.end - like.start > 2:
            tall = "\n" in self._text[like.start : like.end]
        spelled = [self.spell(part, one_line=not tall) for part in value]
        if not spelled:
            return "[]"
        if not tall:
            return "[" + self._array_pad + self._comma.join(spelled) + self._array_pad + "]"
        deeper = self._newline + indent + self.unit
        return "[" + deeper + f",{deeper}".join(spelled) + self._tall_end + self._newline + indent + "]"

    # Sections

    def section(self, path: Path, value: Mapping[str, Value], *, is_item: bool, like: Path = ()) -> str:
        """A header and what stands under it. :param like: a table to write the pairs like."""
        name = ".".join(self.key(step) for step in path if isinstance(step, str))
        head = f"[[{name}]]" if is_item else f"[{name}]"
        return head + self._newline + self.body(path, value, like=self._found.own(like) if like else None)

    def body(self, path: Path, value: Mapping[str, Value], *, like: Section | None = None) -> str:
        """Pairs, then tables, since a pair behind a header would belong to it."""
        pairs = {name: part for name, part in value.items() if not self.as_sections(part)}
        text = ""
        for name, part in pairs.items():
            item = self._found.values.get((*like.path, name)) if like else None
            text += self.line((name,), part, like, item) + self._newline
        for name, part in value.items():
            tables = [] if name in pairs else part if isinstance(part, list) else [part]
            for table in tables:
                if isinstance(table, dict):
                    text += self._newline if text or path else ""
                    text += self.section((*path, name), table, is_item=isinstance(part, list))
        return text

    def as_sections(self, value: Value) -> bool:
        """Whether a value is to become tables with headers."""
        if self.prefers_inline:
            return False
        if isinstance(value, dict):
            return bool(value)
        return isinstance(value, list) and bool(value) and all(isinstance(part, dict) for part in value)


def _unit(text: str, item: Item) -> str:
    """How much deeper the items of an array stand than its own line."""
    first = item.items[0].start
    indent = text[line_start(text, first) : first]
    line = text[line_start(text, item.start) : item.start]
    return indent.removeprefix(line[: len(line) - len(line.lstrip())])


def _equals(text: str, pair: Pair) -> str:
    return text[pair.keys[-1].end : pair.value.start]


def _gap(text: str, pair: Pair) -> int:
    """The white space before the sign of equality."""
    equals = _equals(text, pair)
    return len(equals) - len(equals.lstrip())


def _moment(value: datetime, written: str) -> str:
    """A moment with the sign before the hour, the fraction and the zone as they were written."""
    spelled = value.isoformat(
        sep=written[10:11] if written[10:11] in ("T", "t", " ") and written[:4].isdigit() else "T"
    )
    fraction = re.search(r"\.(\d+)", written)
    if fraction and not value.microsecond:
        spelled = f"{spelled[:19]}.{'0' * len(fraction[1])}{spelled[19:]}"
    if spelled.endswith("+00:00") and not written.endswith(("+00:00", "-00:00")):
        spelled = spelled[:-6] + ("z" if written.endswith("z") else "Z")
    return spelled


def _escaped(value: str, *, long: bool) -> str:
    def escape(match: re.Match[str]) -> str:
        return _ESCAPES.get(match[0], f"\\u{ord(match[0]):04x}")

    if not long:
        return re.sub(r'["\\\x00-\x08\x0a-\x1f\x7f]', escape, value)
    # A quote in front of two others, or of the closing ones.
    return re.sub(r'[\\\x00-\x08\x0b-\x1f\x7f]|"(?="")|"\Z', escape, value)


_ESCAPES = {"\b": r"\b", "\n": r"\n", "\f": r"\f", "\r": r"\r", '"': r"\"", "\\": r"\\"}
