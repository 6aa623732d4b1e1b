"""What a front matter format is, and the neutral tree by which every edit is verified.

Here: the protocol, what reading gives back, and edits done on trees. Not here: any one format.

A tree is built of plain tuples so that `==` compares it whole:
`("s", kind, value)` a scalar, `("l", items)` a list, `("m", ((key, tree), …))` a mapping, in the
order of the file, twice where a key stands there twice (the last one counts).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Protocol, TypeAlias, TypeVar, runtime_checkable

from gitcms.content.edits import Append, Edit, Insert, Move, Rename, Set, Unset
from gitcms.content.formats.markers import Marker
from gitcms.content.spans import Splice
from gitcms.content.values import Path, Raw, Value
from gitcms.errors import DocumentTooLarge, EditRefused, FrontMatterUnreadable

Tree: TypeAlias = tuple[Any, ...]
_Part = TypeVar("_Part")


@dataclass(frozen=True, slots=True)
class Reading:
    """What front matter says.

    :param values: the fields, in the order of the file; none where the file is a list.
    :param warnings: sentences for the person who opens the file (a key that stands there twice …).
    :param lines: for each path the line, counted from 1 in the text that was read.
    :param texts: for each scalar's path its text as the file spells it.
    :param warned: for each of the warnings its line, counted as in `lines`.
    """

    values: dict[str, Value]
    warnings: tuple[str, ...] = ()
    lines: Mapping[Path, int] = field(default_factory=dict)
    texts: Mapping[Path, str] = field(default_factory=dict)
    items: list[Value] | None = None
    warned: tuple[int, ...] = ()

    @property
    def root(self) -> dict[str, Value] | list[Value]:
        """All that the text says: its fields, or the items of a data file that is a list."""
        return self.values if self.items is None else self.items


class Later(Mapping[Path, _Part]):
    """A mapping that is worked out when it is first looked at: most readers never do."""

    def __init__(self, make: Callable[[], dict[Path, _Part]]) -> None:
        self._make = make
        self._made: dict[Path, _Part] | None = None

    def __getitem__(self, path: Path) -> _Part:
        return self._all()[path]

    def __iter__(self) -> Iterator[Path]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def _all(self) -> dict[Path, _Part]:
        if self._made is None:
            self._made = self._make()
        return self._made


class Format(Protocol):
    """One kind of front matter. `text` is always what stands between the delimiters, with its line ends.

    :param name: as settings and messages have it.
    :param markers: the ways in which files mark such fields.
    :param suffixes: the endings of data files, which hold nothing but such fields.
    :param fences: what stands before and behind the fields of a new file, with `\n` for line ends.
    :param ended_by_blank_line: whether a text right behind the fields would be taken for one of them.
    """

    @property
    def name(self) -> str: ...

    @property
    def markers(self) -> tuple[Marker, ...]: ...

    @property
    def suffixes(self) -> tuple[str, ...]: ...

    @property
    def fences(self) -> tuple[str, str]: ...

    @property
    def ended_by_blank_line(self) -> bool: ...

    def read(self, text: str) -> Reading:
        """What the text says; `items` where it is a list, which data files alone may be.

        :raises FrontMatterUnreadable: with line and column counted from 1 in `text`.
        """

    def edit(self, text: str, edit: Edit, *, newline: str) -> str:
        """The text with one edit spliced in, every other character as it was.

        :param edit: one that `gitcms.content.edits.settle` has let through.
        :param newline: the line end for new lines, LF or CRLF.
        :raises EditRefused: when it cannot be done without touching something else.
        """

    def readings(self, text: str) -> list[Any]:
        """What each dialect of the format reads, as trees. Dearer than `read`, used to verify."""

    def apply(self, tree: Any, edit: Edit) -> Any:
        """The same edit on one tree of `readings`: what the changed text has to read as."""

    def dump(self, values: Mapping[str, Value], *, newline: str) -> str:
        """Front matter for a new file. Ends with a line end unless it is empty."""


@runtime_checkable
class Imitating(Protocol):
    """A format that can write a new file in the habits of a neighbour."""

    def dump_like(self, values: Mapping[str, Value], neighbour: str, *, newline: str) -> str:
        """As `Format.dump`, with the order, quotes and indentation of the neighbour's front matter."""


@runtime_checkable
class Skimming(Protocol):
    """A format that can be read at less cost where nobody is going to edit it."""

    def skim(self, text: str) -> Reading:
        """As `Format.read`, and the same comes of it."""


@runtime_checkable
class Batching(Protocol):
    """A format that can write several edits into one text at once."""

    def splices(self, text: str, edits: Sequence[Edit], *, newline: str) -> list[Splice]:
        """What `Format.edit` would try first for each of the edits, all places being those of the text.

        Nobody has verified the outcome.

        :param edits: as they are meant for the text as it is, none in what another one changes.
        :raises EditRefused: when one of them cannot be done.
        """


def edit_verified(known: Format, text: str, edit: Edit, newline: str) -> str:
    """One edit, and the proof that it did nothing else.

    :raises EditRefused: also when the new text reads differently anywhere else, in any dialect.
    """
    if holds_nul([getattr(edit, "value", None), getattr(edit, "name", None), *edit.path]):
        raise EditRefused(
            "The text holds a character that a file cannot keep.", hint="Remove it and save again."
        )
    changed = known.edit(text, edit, newline=newline)
    if not reads_as_edited(known, text, changed, [edit]):
        raise EditRefused("This value cannot be changed without touching something else in the file.")
    return changed


def reads_as_edited(known: Format, text: str, changed: str, edits: Sequence[Edit]) -> bool:
    """Whether each dialect reads the changed text as the text with the edits done, one after the other."""
    expected = known.readings(text)
    for edit in edits:
        expected = [known.apply(tree, edit) for tree in expected]
    return reads_as(known, changed, expected)


def reads_as(known: Format, text: str, expected: Sequence[Any]) -> bool:
    """Whether each dialect reads a text as expected; it stands on the left of each comparison."""
    try:
        return all(one == other for one, other in zip(expected, known.readings(text), strict=True))
    except (FrontMatterUnreadable, DocumentTooLarge):
        return False


def tree_of(value: Value) -> Tree:
    """A value as a tree.

    :raises EditRefused: for a `Raw` value; it is never written.
    """
    if isinstance(value, dict):
        return ("m", tuple((key, tree_of(part)) for key, part in value.items()))
    if isinstance(value, list):
        return ("l", tuple(map(tree_of, value)))
    if value is None:
        return ("s", "null", None)
    if isinstance(value, bool):
        return ("s", "bool", value)
    if isinstance(value, int):
        return ("s", "int", value)
    if isinstance(value, float):
        return ("s", "float", repr(value))
    if isinstance(value, str):
        return ("s", "str", value)
    if isinstance(value, datetime):
        return ("s", "datetime", value.isoformat())
    if isinstance(value, date):
        return ("s", "date", value.isoformat())
    if isinstance(value, time):
        return ("s", "time", value.isoformat())
    raise EditRefused(value.reason if isinstance(value, Raw) else "This value cannot be written.")


def text_of(value: Value) -> str:
    """What stands for a value where a file can keep text alone; a moment has a space before the hour.

    :raises EditRefused: for objects, for lists, and for what is never written.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value.replace("\r\n", "\n")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, int | float):
        return repr(value)
    raise EditRefused("This file can keep text, but no objects and no lists of them.")


def holds_nul(value: Any) -> bool:
    """Whether a NUL is in it, which no page can show and no form give back."""
    if isinstance(value, dict):
        return any(map(holds_nul, (*value, *value.values())))
    if isinstance(value, list):
        return any(map(holds_nul, value))
    return isinstance(value, str) and "\x00" in value


def apply_to_tree(tree: Tree, edit: Edit, plant: Callable[[Value], Tree] = tree_of) -> Tree:
    """The edit done on a tree.

    :param plant: how a new value grows into a tree; formats whose dialects differ give their own.
    :raises EditRefused: when the tree has no such place.
    """
    return _at(tree, edit.path, edit, plant)


def _at(tree: Tree, path: Path, edit: Edit, plant: Callable[[Value], Tree]) -> Tree:
    if isinstance(edit, Append | Insert | Move) and not path:
        return _change_list(tree, edit, plant)
    if not path:
        raise EditRefused("An edit needs the name of a field.")
    if len(path) == 1 and isinstance(edit, Set | Unset | Rename):
        return _change_child(tree, path[0], edit, plant)
    step, rest = path[0], path[1:]
    place = _place(tree, step)
    return _with_child(tree, place, _at(_child(tree, place), rest, edit, plant))


def _change_list(tree: Tree, edit: Append | Insert | Move, plant: Callable[[Value], Tree]) -> Tree:
    if tree[0] != "l":
        raise EditRefused("This value is not a list.")
    items = list(tree[1])
    if isinstance(edit, Append):
        items.append(plant(edit.value))
    elif isinstance(edit, Insert):
        items.insert(edit.index, plant(edit.value))
    else:
        items.insert(edit.to, items.pop(edit.index))
    return ("l", tuple(items))


def _change_child(
    tree: Tree, step: str | int, edit: Set | Unset | Rename, plant: Callable[[Value], Tree]
) -> Tree:
    if isinstance(edit, Set) and tree[0] == "m" and isinstance(step, str) and step not in dict(tree[1]):
        at = new_place([key for key, _ in tree[1]], edit)
        return ("m", (*tree[1][:at], (step, plant(edit.value)), *tree[1][at:]))
    place = _place(tree, step)
    if isinstance(edit, Set):
        return _with_child(tree, place, plant(edit.value))
    if isinstance(edit, Unset):
        # A key that stands there twice goes twice: the earlier one would come to life otherwise.
        return (tree[0], tuple(part for i, part in enumerate(tree[1]) if not _is_at(tree, i, step, place)))
    name = edit.name
    return ("m", tuple((name if key == step else key, part) for key, part in tree[1]))


def new_place(names: Sequence[Any], edit: Set) -> int:
    """Where among the names of its parent a new key goes."""
    if edit.after in names:
        return len(names) - list(reversed(names)).index(edit.after)
    return list(names).index(edit.before) if edit.before in names else len(names)


def _is_at(tree: Tree, index: int, step: str | int, place: int) -> bool:
    return bool(tree[1][index][0] == step) if tree[0] == "m" else index == place


def _place(tree: Tree, step: str | int) -> int:
    if tree[0] == "m" and isinstance(step, str):
        for index in range(len(tree[1]) - 1, -1, -1):
            if tree[1][index][0] == step:
                return index
    if tree[0] == "l" and isinstance(step, int) and 0 <= step < len(tree[1]):
        return step
    raise EditRefused("There is no such value in this file.")


def _child(tree: Tree, place: int) -> Tree:
    part: Tree = tree[1][place]
    return part[1] if tree[0] == "m" else part


def _with_child(tree: Tree, place: int, child: Tree) -> Tree:
    old = tree[1][place]
    new = (old[0], child) if tree[0] == "m" else child
    return (tree[0], (*tree[1][:place], new, *tree[1][place + 1 :]))
