"""`.. name: value` lines in a comment at the beginning of a page, as Nikola writes them into Markdown.

    <!--
    .. title: First rain
    .. date: 2026-03-01 10:00:00 UTC
    -->

Every value is text of one line, and lines of another look say nothing, as in Nikola's `NikolaMetadata`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gitcms.content.edits import Edit, Rename, Set, Unset
from gitcms.content.formats.base import Reading, apply_to_tree, new_place, text_of
from gitcms.content.formats.markers import Fence
from gitcms.content.spans import Splice, apply, line_numbers
from gitcms.content.values import Path, Value, dotted
from gitcms.errors import EditRefused

_ENTRY = re.compile(
    r"^\.\.[ \t]+(?P<name>[^\s:]+):(?P<space>[ \t]*)(?P<value>[^\r\n]*?)[ \t]*(?:\r?\n|\Z)", re.MULTILINE
)


class _Comment(Fence):
    """A comment whose first line is a field; any other is a part of the text."""

    after_blank_lines = False

    def __init__(self) -> None:
        super().__init__("<!--", closes=("-->",))
        self.begins = re.compile(r"<!--[ \t]*\r?\n(?=\.\.[ \t]+[^\s:]+:)")


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    value: str
    match: re.Match[str]


class NikolaFormat:
    """Fields in a comment, one a line."""

    name = "nikola"
    markers = (_Comment(),)
    suffixes = ()
    fences = ("<!--\n", "-->\n\n")
    ended_by_blank_line = True

    def read(self, text: str) -> Reading:
        values: dict[str, Value] = {}
        warnings: list[str] = []
        warned: list[int] = []
        lines: dict[Path, int] = {}
        texts: dict[Path, str] = {}
        line = line_numbers(text)
        for entry in _entries(text):
            if entry.name in values:
                warnings.append(f"“{entry.name}” stands there twice. The last one counts.")
                warned.append(line(entry.match.start()))
            values[entry.name] = texts[(entry.name,)] = entry.value
            lines[(entry.name,)] = line(entry.match.start())
        return Reading(values, tuple(warnings), lines, texts, warned=tuple(warned))

    def edit(self, text: str, edit: Edit, *, newline: str) -> str:
        """One edit; a list becomes text with commas."""
        entries = _entries(text)
        named = [entry.match for entry in entries if edit.path == (entry.name,)]
        if isinstance(edit, Set) and len(edit.path) == 1:
            return _set(text, entries, named, edit, newline)
        if isinstance(edit, Unset) and named:
            return apply(text, [Splice(one.start(), one.end(), "") for one in named])
        if isinstance(edit, Rename) and named:
            name = _checked_name(edit.name)
            return apply(text, [Splice(one.start("name"), one.end("name"), name) for one in named])
        raise EditRefused(f"“{dotted(edit.path)}” is plain text in this file and has no parts.")

    def readings(self, text: str) -> list[Any]:
        """One dialect, all text."""
        return [("m", tuple((entry.name, ("s", "str", entry.value)) for entry in _entries(text)))]

    def apply(self, tree: Any, edit: Edit) -> Any:
        """The edit on a tree, every value as the text that stands for it."""
        return apply_to_tree(tree, edit, lambda value: ("s", "str", _spelled(value)))

    def dump(self, values: Mapping[str, Value], *, newline: str) -> str:
        """One line a value."""
        return "".join(_line(name, value) + newline for name, value in values.items())


def _set(text: str, entries: list[_Entry], named: list[re.Match[str]], edit: Set, newline: str) -> str:
    if named:
        found, value = named[-1], _spelled(edit.value)
        space = "" if found["space"] or not value else " "
        return apply(text, [Splice(found.start("value"), found.end("value"), space + value)])
    line = _line(str(edit.path[0]), edit.value)
    place = new_place([entry.name for entry in entries], edit)
    if place < len(entries):
        at = entries[place].match.start()
        return apply(text, [Splice(at, at, line + newline)])
    return text + ("" if not text or text.endswith("\n") else newline) + line + newline


def _entries(text: str) -> list[_Entry]:
    return [_Entry(found["name"], found["value"], found) for found in _ENTRY.finditer(text)]


def _line(name: str, value: Value) -> str:
    return f".. {_checked_name(name)}: {_spelled(value)}".rstrip(" ")


def _checked_name(name: str) -> str:
    if not re.fullmatch(r"[^\s:]+", name) or "--" in name:
        raise EditRefused(f"“{name}” cannot be the name of a field in this file.")
    return name


def _spelled(value: Value) -> str:
    """What stands for a value; a list becomes text with commas."""
    text = ", ".join(map(text_of, value)) if isinstance(value, list) else text_of(value)
    if text != text.strip() or len(text.splitlines()) > 1 or "-->" in text:
        raise EditRefused(
            "This field can hold one line of text, with no space at its ends and no “-->”.",
            hint="Write it in one line.",
        )
    return text
