"""`Key: value` lines at the beginning of a file, as Pelican, MultiMarkdown and Python-Markdown read them.

Every value is text; what a generator makes of it (a date, a list at the commas) is its own affair. Indented
lines go on with the value above them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gitcms.content.edits import Edit, Rename, Set, Unset
from gitcms.content.formats.base import Reading, apply_to_tree, new_place, text_of
from gitcms.content.formats.markers import FirstLines
from gitcms.content.spans import Splice, apply, line_number, line_numbers
from gitcms.content.values import Path, Value, dotted
from gitcms.errors import EditRefused, FrontMatterUnreadable

_NAME = r"[A-Za-z_][\w -]*"
_ENTRY = re.compile(
    rf"(?P<name>{_NAME})(?P<colon>:[ \t]*)(?P<value>[^\n]*(?:\n(?!{_NAME}:)[^\n]*\S[^\n]*)*)(?:\n|\Z)",
    re.ASCII,
)


HEADER = re.compile(r"[A-Za-z_][\w -]*:", re.ASCII)
HEADER_LINES = re.compile(
    r"(?:[A-Za-z_][\w -]*:[^\n]*\r?\n(?:[ \t]+[^\n]*\r?\n|-[^\n-][^\n]*\r?\n)*)+", re.ASCII
)
# Any paragraph may begin with a word and a colon, so the first name must be one of the usual.
_USUAL_HEADER = re.compile(r"(?:title|date|category|tags|slug|author)\s*:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Entry:
    """One header with the lines that go on with it."""

    name: str
    start: int
    colon: str
    written: str
    value_start: int
    end: int

    @property
    def value(self) -> str:
        return "\n".join(line.strip() for line in self.written.split("\n"))


class HeadersFormat:
    """Headers as of RFC 822, loosely: a name, a colon, text."""

    name = "headers"
    markers = (FirstLines(_USUAL_HEADER, HEADER_LINES, re.compile(r"\r?\n|\Z")),)
    suffixes = ()
    fences = ("", "\n")
    ended_by_blank_line = True

    def read(self, text: str) -> Reading:
        """:raises FrontMatterUnreadable: a line that is no header and goes on with none."""
        values: dict[str, Value] = {}
        warnings: list[str] = []
        warned: list[int] = []
        lines: dict[Path, int] = {}
        texts: dict[Path, str] = {}
        line = line_numbers(text)
        for entry in _entries(text):
            if entry.name in values:
                warnings.append(f"“{entry.name}” stands there twice. The last one counts.")
                warned.append(line(entry.start))
            values[entry.name] = entry.value
            lines[(entry.name,)] = line(entry.start)
            texts[(entry.name,)] = entry.written.rstrip()
        return Reading(values, tuple(warnings), lines, texts, warned=tuple(warned))

    def edit(self, text: str, edit: Edit, *, newline: str) -> str:
        """One edit; the space behind the colon stays, a list becomes text with commas."""
        entries = _entries(text)
        named = [entry for entry in entries if edit.path == (entry.name,)]
        if isinstance(edit, Set) and len(edit.path) == 1:
            return _set(text, entries, named, edit, newline)
        if isinstance(edit, Unset) and named:
            return apply(text, [Splice(entry.start, entry.end, "") for entry in named])
        if isinstance(edit, Rename) and named:
            name = _checked_name(edit.name)
            return apply(text, [Splice(one.start, one.start + len(edit.path[0]), name) for one in named])  # type: ignore[arg-type]
        raise EditRefused(f"“{dotted(edit.path)}” is plain text in this file and has no parts.")

    def readings(self, text: str) -> list[Any]:
        """One dialect, all text."""
        return [("m", tuple((entry.name, ("s", "str", entry.value)) for entry in _entries(text)))]

    def apply(self, tree: Any, edit: Edit) -> Any:
        """The edit on a tree, every value as the text that stands for it."""
        return apply_to_tree(tree, edit, lambda value: ("s", "str", _text_of(value)))

    def dump(self, values: Mapping[str, Value], *, newline: str) -> str:
        """One line a value, more where it has more."""
        return "".join(
            f"{_checked_name(name)}: {_spelled(_text_of(value), '    ', newline)}".rstrip(" ") + newline
            for name, value in values.items()
        )


def _set(text: str, entries: list[_Entry], named: list[_Entry], edit: Set, newline: str) -> str:
    value = _text_of(edit.value)
    if named:
        entry = named[-1]
        going_on = re.search(r"\n([ \t]+)", entry.written)
        spelled = _spelled(value, going_on[1] if going_on else "    ", newline)
        if value and not entry.colon[1:]:
            spelled = _space(entries) + spelled
        end = entry.value_start + len(entry.written.rstrip())
        return apply(text, [Splice(entry.value_start, end, spelled)])
    line = f"{_checked_name(str(edit.path[0]))}:{_space(entries)}{_spelled(value, '    ', newline)}"
    place = new_place([entry.name for entry in entries], edit)
    if place < len(entries):
        at = entries[place].start
        return apply(text, [Splice(at, at, line + newline)])
    if text and not text.endswith("\n"):
        return text + newline + line
    return text + line + newline


def _entries(text: str) -> list[_Entry]:
    entries: list[_Entry] = []
    at = 0
    while at < len(text):
        match = _ENTRY.match(text, at)
        if match is None:
            raise FrontMatterUnreadable(
                "A line of this file's fields has no name.", line=line_number(text, at), column=1
            )
        entries.append(
            _Entry(
                match["name"].strip(), at, match["colon"], match["value"], match.start("value"), match.end()
            )
        )
        at = match.end()
    return entries


def _space(entries: list[_Entry]) -> str:
    """What stands behind the colon here."""
    spaces = [entry.colon[1:] for entry in entries if entry.colon[1:] and entry.value]
    return spaces[-1] if spaces else " "


def _checked_name(name: str) -> str:
    if not re.fullmatch(_NAME, name, re.ASCII) or name != name.strip():
        raise EditRefused(f"“{name}” cannot be the name of a field in this file.")
    return name


def _text_of(value: Value) -> str:
    """What stands for a value; a list becomes text with commas."""
    return ", ".join(map(text_of, value)) if isinstance(value, list) else text_of(value)


def _spelled(value: str, indent: str, newline: str) -> str:
    lines = value.split("\n")
    for number, line in enumerate(lines):
        if line != line.strip() or len(line.splitlines()) > 1 or not (line or number == 0):
            raise EditRefused(
                "This field can hold lines of text, but no blank lines and no space at their ends.",
                hint="Take the blank lines out of the text.",
            )
    return (newline + indent).join(lines)
