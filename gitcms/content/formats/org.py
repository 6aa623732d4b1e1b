"""`#+KEY: value` lines at the beginning of a file, as Emacs Org writes and Hugo reads them.

Names count in any case. A value is text; behind `#+KEY[]:` it is a list of words, behind `#+FILETAGS:` a list
between colons, and a key with several lines is a list of these (gohugo.io, front matter, "org"). What a
generator makes of a text, such as a date, is its own affair.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gitcms.content.edits import Append, Edit, Insert, Move, Rename, Set, Unset
from gitcms.content.formats.base import Reading, Tree, apply_to_tree, new_place, text_of
from gitcms.content.formats.markers import FirstLines
from gitcms.content.spans import Splice, apply, line_number, line_numbers
from gitcms.content.values import Value, dotted
from gitcms.errors import EditRefused, FrontMatterUnreadable

_NAME = r"[A-Za-z][^\s:\[\]]*(?: [^\s:\[\]]+)*"
_LINE = re.compile(
    rf"#\+(?P<name>{_NAME})(?P<words>\[\])?:(?P<gap>[ \t]*)(?P<value>[^\r\n]*?)[ \t]*(?P<end>\r?\n|\Z)"
)
_TAGS = "filetags"


@dataclass(frozen=True, slots=True)
class _Line:
    """One line. `start` and `end` hold the line end; `at` is where its text stands, without blanks."""

    name: str
    start: int
    end: int
    at: tuple[int, int]
    gap: str
    newline: str
    words: bool

    @property
    def key(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class _Field:
    """All lines of one name, and the places of its items where it is a list."""

    lines: Sequence[_Line]
    items: Sequence[tuple[int, int]] | None

    def value(self, text: str) -> str | list[str]:
        if self.items is None:
            return text[slice(*self.lines[-1].at)]
        return [text[slice(*item)] for item in self.items]


class OrgFormat:
    """Keywords of Org mode."""

    name = "org"
    markers = (
        FirstLines(
            re.compile(r"#\+[A-Za-z]"),
            re.compile(rf"(?:#\+{_NAME}(?:\[\])?:(?:[ \t][^\r\n]*)?(?:\r?\n|\Z))+"),
            re.compile(""),
        ),
    )
    suffixes = ()
    fences = ("", "\n")
    ended_by_blank_line = False

    def read(self, text: str) -> Reading:
        """:raises FrontMatterUnreadable: a line that is no keyword."""
        fields = _fields(text)
        line = line_numbers(text)
        return Reading(
            {name: _as_value(field.value(text)) for name, field in fields.items()},
            lines={(name,): line(field.lines[0].start) for name, field in fields.items()},
            texts={(name,): text[slice(*f.lines[-1].at)] for name, f in fields.items() if f.items is None}
            | {
                (name, index): text[slice(*place)]
                for name, field in fields.items()
                for index, place in enumerate(field.items or ())
            },
        )

    def edit(self, text: str, edit: Edit, *, newline: str) -> str:
        """One edit; the blanks behind the colon and between words stay."""
        work = _Work(text, newline)
        whole = isinstance(edit, Append | Insert | Move)
        if not edit.path or len(edit.path) > (1 if whole else 2):
            raise EditRefused(f"“{dotted(edit.path)}” is plain text in this file and has no parts.")
        return apply(text, work.splices(edit))

    def readings(self, text: str) -> list[Any]:
        """One dialect: texts, and lists of texts."""
        return [("m", tuple((name, _planted(_as_value(f.value(text)))) for name, f in _fields(text).items()))]

    def apply(self, tree: Any, edit: Edit) -> Any:
        """The edit on a tree, every value as the text that stands for it, every name in small letters."""
        if isinstance(edit, Rename):
            edit = Rename(edit.path, edit.name.lower())
        elif isinstance(edit, Set) and isinstance(edit.path[-1], str):
            edit = Set((*edit.path[:-1], edit.path[-1].lower()), edit.value, edit.after, edit.before)
        return apply_to_tree(tree, edit, _planted)

    def dump(self, values: Mapping[str, Value], *, newline: str) -> str:
        """One line a value, names in capitals as Org has them."""
        return "".join(_spelled_line(name, value, " ", str.upper) + newline for name, value in values.items())


class _Work:
    """One edit of one text."""

    def __init__(self, text: str, newline: str) -> None:
        self._text = text
        self._newline = newline
        self._fields = _fields(text)

    def splices(self, edit: Edit) -> list[Splice]:
        field = self._fields.get(str(edit.path[0]).lower())
        if field is None:
            if isinstance(edit, Set) and len(edit.path) == 1:
                return [self._new_line(edit)]
            raise EditRefused(f"There is no “{dotted(edit.path)}” in this file.")
        if isinstance(edit, Rename):
            name = _checked_name(edit.name)
            name = name.upper() if field.lines[0].name.isupper() else name
            return [Splice(line.start + 2, line.start + 2 + len(line.name), name) for line in field.lines]
        if isinstance(edit, Append | Insert | Move) or len(edit.path) == 2:
            return self._list(field, edit)
        if isinstance(edit, Unset):
            return [Splice(line.start, line.end, "") for line in field.lines]
        assert isinstance(edit, Set)
        return self._replace(field, edit.value)

    def _replace(self, field: _Field, value: Value) -> list[Splice]:
        line = field.lines[-1]
        if len(field.lines) == 1 and isinstance(value, list) == (field.items is not None):
            spelled = _words(value, line.key) if isinstance(value, list) else _checked_text(text_of(value))
            gap = " " if spelled and not line.gap else ""
            return [Splice(*line.at, gap + spelled)]
        # A text becomes a list, or the other way round: the whole line is spelled anew.
        spelled = _spelled_line(line.name, value, line.gap or " ", str)
        gone = [Splice(other.start, other.end, "") for other in field.lines[:-1]]
        return [*gone, Splice(line.start, line.end, spelled + line.newline)]

    def _new_line(self, edit: Set) -> Splice:
        lines = [field.lines[-1] for field in self._fields.values()]
        capitals = bool(lines) and all(line.name.isupper() for line in lines)
        gap = lines[-1].gap or " " if lines else " "
        spelled = _spelled_line(str(edit.path[0]), edit.value, gap, str.upper if capitals else str)
        place = new_place(list(self._fields), edit)
        if place < len(self._fields):
            at = list(self._fields.values())[place].lines[0].start
            return Splice(at, at, spelled + self._newline)
        end = len(self._text)
        if self._text and not self._text.endswith("\n"):
            return Splice(end, end, self._newline + spelled)
        return Splice(end, end, spelled + self._newline)

    def _list(self, field: _Field, edit: Edit) -> list[Splice]:
        if field.items is None:
            raise EditRefused(f"“{dotted(edit.path)}” is plain text in this file and has no parts.")
        places, text = field.items, self._text
        by_line = len(field.lines) > 1
        if isinstance(edit, Move):
            order = list(range(len(places)))
            order.insert(edit.to, order.pop(edit.index))
            return [
                Splice(*places[at], text[slice(*places[source])])
                for at, source in enumerate(order)
                if at != source
            ]
        if isinstance(edit, Append | Insert):
            index = edit.index if isinstance(edit, Insert) else len(places)
            new = _checked_item(edit.value, field)
            if by_line:
                return [self._another_line(field, index, new)]
            return [_put_between(field, index, new, text)]
        index = int(edit.path[1])
        if isinstance(edit, Set):
            return [Splice(*places[index], _checked_item(edit.value, field))]
        if by_line:
            if len(field.lines) == 2:
                raise EditRefused(
                    f"With one line left, “{edit.path[0]}” would be a text and no list.",
                    hint="Set the whole field to the text that is left, or remove the field.",
                )
            return [Splice(field.lines[index].start, field.lines[index].end, "")]
        return [_cut_out(field, index)]

    def _another_line(self, field: _Field, index: int, new: str) -> Splice:
        beside = field.lines[min(index, len(field.lines) - 1)]
        line = f"#+{beside.name}:{beside.gap or ' '}{new}"
        if index < len(field.lines):
            return Splice(beside.start, beside.start, line + (beside.newline or self._newline))
        return Splice(
            beside.end, beside.end, (line if beside.newline else self._newline + line) + beside.newline
        )


def _fields(text: str) -> dict[str, _Field]:
    """The fields in the order of their first lines."""
    lines: dict[str, list[_Line]] = {}
    at = 0
    while at < len(text):
        found = _LINE.match(text, at)
        if found is None:
            raise FrontMatterUnreadable(
                "A line of this file's fields has no name.", line=line_number(text, at), column=1
            )
        line = _Line(
            found["name"],
            at,
            found.end(),
            found.span("value"),
            found["gap"],
            found["end"],
            found["words"] is not None,
        )
        lines.setdefault(line.key, []).append(line)
        at = found.end()
    return {key: _Field(own, _items(text, own)) for key, own in lines.items()}


def _items(text: str, lines: Sequence[_Line]) -> list[tuple[int, int]] | None:
    if len(lines) > 1:
        return [line.at for line in lines]
    line = lines[0]
    if line.words:
        return [found.span() for found in re.compile(r"\S+").finditer(text, *line.at)]
    value = text[slice(*line.at)]
    if line.key == _TAGS and len(value) > 1 and value[0] == value[-1] == ":":
        return [found.span() for found in re.compile(r"[^:]+").finditer(text, *line.at)]
    return None


def _as_value(value: str | list[str]) -> Value:
    return list(value) if isinstance(value, list) else value


def _planted(value: Value) -> Tree:
    if isinstance(value, list):
        return ("l", tuple(("s", "str", text_of(item)) for item in value))
    return ("s", "str", text_of(value))


def _put_between(field: _Field, index: int, new: str, text: str) -> Splice:
    """A word beside the others; an empty list begins right behind its colon."""
    assert field.items is not None
    line, tags = field.lines[0], field.lines[0].key == _TAGS
    if index < len(field.items):
        at = field.items[index][0]
        return Splice(at, at, new + (":" if tags else " "))
    if field.items:
        at = field.items[-1][1]
        return Splice(at, at, (":" if tags else " ") + new)
    return Splice(*line.at, ("" if line.gap else " ") + (f":{new}:" if tags else new))


def _cut_out(field: _Field, index: int) -> Splice:
    """A word with the blanks or the colon behind it, the last one with those before it."""
    places = field.items or ()
    if index + 1 < len(places):
        return Splice(places[index][0], places[index + 1][0], "")
    if index:
        return Splice(places[index - 1][1], places[index][1], "")
    return Splice(*places[0], "")


def _spelled_line(name: str, value: Value, gap: str, case: Callable[[str], str]) -> str:
    name = _checked_name(name)
    if isinstance(value, list):
        mark = "" if name.lower() == _TAGS else "[]"
        return f"#+{case(name)}{mark}:{gap}{_words(value, name.lower())}".rstrip(" \t")
    return f"#+{case(name)}:{gap}{_checked_text(text_of(value))}".rstrip(" \t")


def _words(value: Sequence[Value], key: str) -> str:
    items = [_checked_word(text_of(item), ":" if key == _TAGS else "") for item in value]
    if key == _TAGS:
        return f":{':'.join(items)}:" if items else "::"
    return " ".join(items)


def _checked_item(value: Value, field: _Field) -> str:
    if len(field.lines) > 1:
        return _checked_text(text_of(value))
    return _checked_word(text_of(value), ":" if field.lines[0].key == _TAGS else "")


def _checked_word(word: str, not_in: str) -> str:
    if not word or len(word.split()) != 1 or word != word.strip() or (not_in and not_in in word):
        raise EditRefused(
            f"“{word}” cannot stand in this list: the file keeps it as words with blanks between them.",
            hint="Write it as one word, for instance with a hyphen.",
        )
    return word


def _checked_text(value: str) -> str:
    if value != value.strip() or len(value.splitlines()) > 1 or re.search("[\x00\x85\u2028\u2029]", value):
        raise EditRefused(
            "This file keeps each field on one line, without blanks at its ends.",
            hint="Write the text on one line.",
        )
    return value


def _checked_name(name: str) -> str:
    if not re.fullmatch(_NAME, name):
        raise EditRefused(f"“{name}” cannot be the name of a field in this file.")
    return name
