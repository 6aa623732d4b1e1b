"""The edits that an author can make to values, and the smallest list of them between two states.

Here: what is to change. Not here: how it is written into a file (`document`, `formats/`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches
from typing import Any, TypeAlias

from gitcms.content.values import MISSING, Found, Path, Raw, Value, dotted, find, same
from gitcms.errors import EditRefused


@dataclass(frozen=True, slots=True)
class Set:
    """Give the value at `path` another one; a key that is not there is added.

    :param after: the neighbour behind which a new key goes, where there is one of that name;
    :param before: else the one in front of which it goes. Else it goes to the end.
    """

    path: Path
    value: Value
    after: str | None = None
    before: str | None = None


@dataclass(frozen=True, slots=True)
class Unset:
    """Remove the key or list item at `path`."""

    path: Path


@dataclass(frozen=True, slots=True)
class Append:
    """Add an item at the end of the list at `path`; an empty or missing value becomes a list."""

    path: Path
    value: Value


@dataclass(frozen=True, slots=True)
class Insert:
    """Add an item to the list at `path` so that it comes to stand at `index`."""

    path: Path
    index: int
    value: Value


@dataclass(frozen=True, slots=True)
class Move:
    """Take the item at `index` out of the list at `path` and put it in so that it stands at `to`."""

    path: Path
    index: int
    to: int


@dataclass(frozen=True, slots=True)
class Rename:
    """Give the key at `path` another name; its value and place stay."""

    path: Path
    name: str


Edit: TypeAlias = Set | Unset | Append | Insert | Move | Rename


def edits_between(
    old: Mapping[str, Value], new: Mapping[str, Found], order: Iterable[Path] = ()
) -> list[Edit]:
    """The smallest list of edits that turns `old` into `new`.

    Each edit is meant for the state that the ones before it left. Equal values give nothing, a
    key whose new value is `MISSING` is removed, lists are aligned by equality and then by position.

    :param order: the usual order of fields, as paths without the numbers of items; a new key goes
        behind the nearest one that usually stands before it. One that is not among them goes to the end.
    """
    return list(_Between(order).mappings((), old, new))


def settle(values: Mapping[str, Value] | list[Value], edit: Edit) -> list[Edit]:
    """The same edit in terms of what is there: what a format has to do, and nothing more.

    Afterwards a `Set` has a parent that exists, `Append`, `Insert` and `Move` have a list and an
    index inside it, `Unset` and `Rename` have something to remove or rename. Setting an object or a
    list over another becomes edits of the parts that differ; setting what is there already, nothing.

    :raises EditRefused: when there is nothing to edit at that path, or it is read-only.
    """
    _refuse_read_only(values, edit)
    if isinstance(edit, Set):
        return _settle_set(values, edit)
    if isinstance(edit, Append):
        return _settle_append(values, edit)
    found = find(values, edit.path)
    if found is MISSING:
        raise _nothing_at(values, edit.path)
    if isinstance(edit, Rename):
        return _settle_rename(values, edit)
    if isinstance(edit, Unset):
        return [edit]
    if not isinstance(found, list):
        raise EditRefused(f"“{dotted(edit.path)}” is not a list.")
    if isinstance(edit, Insert):
        if edit.index == len(found):
            return [Append(edit.path, edit.value)]
        _check_index(edit.path, edit.index, found)
        return [edit]
    _check_index(edit.path, edit.index, found)
    _check_index(edit.path, edit.to, found)
    return [edit] if edit.index != edit.to else []


def _nothing_at(values: Mapping[str, Value] | list[Value], path: Path) -> EditRefused:
    """The refusal for a path at which there is nothing, with what may have been meant."""
    depth = next(depth for depth in range(len(path)) if find(values, path[: depth + 1]) is MISSING)
    parent, step = find(values, path[:depth]), path[depth]
    hint = "Nothing was changed."
    if isinstance(parent, list):
        hint = f"Nothing was changed. The list has {len(parent)} items, counted from 0."
    elif isinstance(parent, Mapping) and (near := get_close_matches(str(step), map(str, parent), n=1)):
        hint = f"Nothing was changed. Did you mean “{dotted((*path[:depth], near[0]))}”?"
    return EditRefused(f"There is no “{dotted(path)}” in this file.", hint=hint)


def apply_to_values(values: dict[str, Value] | list[Value], edit: Edit) -> None:
    """Do an edit that `settle` has let through on values, in place."""
    here: Any = values
    value = deepcopy(edit.value) if isinstance(edit, Set | Append | Insert) else None
    for step in edit.path if isinstance(edit, Append | Insert | Move) else edit.path[:-1]:
        here = here[step]
    if isinstance(edit, Append):
        here.append(value)
    elif isinstance(edit, Insert):
        here.insert(edit.index, value)
    elif isinstance(edit, Move):
        here.insert(edit.to, here.pop(edit.index))
    elif isinstance(edit, Set):
        here[edit.path[-1]] = value
    elif isinstance(edit, Unset):
        del here[edit.path[-1]]
    else:
        here[edit.name] = here.pop(edit.path[-1])


def _settle_set(values: Mapping[str, Value] | list[Value], edit: Set) -> list[Edit]:
    if not edit.path:
        raise EditRefused("An edit needs the name of a field.")
    found = find(values, edit.path)
    if found is not MISSING:
        if same(found, edit.value):
            return []
        if isinstance(found, dict) and isinstance(edit.value, dict) and found and edit.value:
            return list(_Between(()).mappings(edit.path, found, edit.value))
        if isinstance(found, list) and isinstance(edit.value, list) and found and edit.value:
            return list(_Between(()).lists(edit.path, found, edit.value))
        return [edit]
    path, value = edit.path, edit.value
    while len(path) > 1 and find(values, path[:-1]) in (MISSING, None):
        step = path[-1]
        if not isinstance(step, str):
            raise EditRefused(f"There is no list “{dotted(path[:-1])}” in this file.")
        path, value = path[:-1], {step: value}
    parent = find(values, path[:-1]) if len(path) > 1 else values
    if isinstance(parent, Mapping) and isinstance(path[-1], str):
        return [edit if path == edit.path else Set(path, value)]
    if isinstance(parent, list) and path[-1] == len(parent):
        return [Append(path[:-1], value)]
    raise EditRefused(f"There is no place for “{dotted(edit.path)}” in this file.")


def _settle_append(values: Mapping[str, Value] | list[Value], edit: Append) -> list[Edit]:
    found = find(values, edit.path)
    if found is MISSING or found is None:
        return _settle_set(values, Set(edit.path, [edit.value]))
    if not isinstance(found, list):
        raise EditRefused(f"“{dotted(edit.path)}” is not a list.")
    return [edit]


def _settle_rename(values: Mapping[str, Value] | list[Value], edit: Rename) -> list[Edit]:
    if not edit.path or not isinstance(edit.path[-1], str):
        raise EditRefused("Only a field has a name that can be changed.")
    if edit.path[-1] == edit.name:
        return []
    if find(values, (*edit.path[:-1], edit.name)) is not MISSING:
        raise EditRefused(f"There is a field “{edit.name}” already.")
    return [edit]


def _refuse_read_only(values: Mapping[str, Value] | list[Value], edit: Edit) -> None:
    """A value that is never constructed is never rewritten; it may be removed or moved as it stands."""
    whole = isinstance(edit, Unset | Rename | Move)
    for length in range(1, len(edit.path) + (0 if whole else 1)):
        found = find(values, edit.path[:length])
        if isinstance(found, Raw) and not (isinstance(edit, Set) and same(found, edit.value)):
            raise EditRefused(f"“{dotted(edit.path[:length])}” is read-only. {found.reason}")


def _check_index(path: Path, index: int, items: Sequence[Value]) -> None:
    if not 0 <= index < len(items):
        raise EditRefused(f"“{dotted(path)}” has no item {index}.")


class _Between:
    """The edits between two states, with the usual order of fields at hand."""

    def __init__(self, order: Iterable[Path]) -> None:
        self._ranks: dict[Path, dict[str, int]] = {}
        for rank, path in enumerate(order):
            self._ranks.setdefault(path[:-1], {}).setdefault(str(path[-1]), rank)

    def mappings(self, path: Path, old: Mapping[str, Value], new: Mapping[str, Found]) -> Iterator[Edit]:
        names = []
        for key in old:
            if key not in new or new[key] is MISSING:
                yield Unset((*path, key))
            else:
                names.append(key)
        for key, value in new.items():
            if value is MISSING:
                continue
            if key in old:
                yield from self._values((*path, key), old[key], value)
            else:
                yield self._added(path, key, value, names)

    def _added(self, path: Path, key: str, value: Value, names: list[str]) -> Set:
        """A new key with the neighbour beside which it usually stands; `names` learns of it."""
        ranks = self._ranks.get(tuple(step for step in path if isinstance(step, str)), {})
        rank = ranks.get(key)
        known = [name for name in names if name in ranks] if rank is not None else []
        after = max((n for n in known if ranks[n] < ranks[key]), key=ranks.__getitem__, default=None)
        before = min((n for n in known if ranks[n] > ranks[key]), key=ranks.__getitem__, default=None)
        names.append(key)
        return Set((*path, key), value, after, None if after is not None else before)

    def _values(self, path: Path, old: Value, new: Value) -> Iterator[Edit]:
        if same(old, new):
            return
        if isinstance(old, dict) and isinstance(new, dict) and old and new:
            yield from self.mappings(path, old, new)
        elif isinstance(old, list) and isinstance(new, list) and old and new:
            yield from self.lists(path, old, new)
        else:
            yield Set(path, new)

    def lists(self, path: Path, old: list[Value], new: list[Value]) -> Iterator[Edit]:
        before, after = [*map(_fingerprint, old)], [*map(_fingerprint, new)]
        if len(old) == len(new) and Counter(before) == Counter(after):
            yield from moves_between(path, before, after)
            return
        shift = 0
        for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
            if tag == "equal":
                continue
            both = min(i2 - i1, j2 - j1)
            for step in range(both):
                yield from self._values((*path, i1 + shift + step), old[i1 + step], new[j1 + step])
            for _ in range(i1 + both, i2):
                yield Unset((*path, i1 + shift + both))
            shift -= i2 - i1 - both
            for step in range(j1 + both, j2):
                at = i2 + shift
                yield Append(path, new[step]) if at == len(old) + shift else Insert(path, at, new[step])
                shift += 1


def moves_between(path: Path, before: list[str], after: list[str]) -> Iterator[Edit]:
    """An order sorted into another by single moves; the item that moves farthest goes first."""
    now = list(before)
    while now != after:
        low = next(i for i, pair in enumerate(zip(now, after, strict=True)) if pair[0] != pair[1])
        high = len(now) - next(
            i for i, pair in enumerate(zip(reversed(now), reversed(after), strict=True)) if pair[0] != pair[1]
        )
        down = now[:low] + now[low + 1 : high] + [now[low]] + now[high:]
        index, to = (low, high - 1) if down == after else (now.index(after[low], low), low)
        now.insert(to, now.pop(index))
        yield Move(path, index, to)


def _fingerprint(value: Value) -> str:
    """Text that is equal exactly for values that are `same`, so that lists can be aligned."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{key!r}:{_fingerprint(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_fingerprint, value)) + "]"
    return f"{type(value).__name__}:{value!r}"
