"""A site as the rules see it: its model, its files, its entries with what they say.

Here: the facts that several rules ask for. Nothing is judged here.
"""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from gitcms.content.values import Path, Value
from gitcms.schema.collection import Collection, Field, Model
from gitcms.schema.fields.blocks import kind_of


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: where it lies, what it belongs to, what its fields say."""

    path: str
    collection: Collection
    values: Mapping[str, Value]

    def state(self, now: datetime) -> str:
        """Return "draft", "scheduled" or "live"."""
        return self.collection.state_of(self.values, self.path, now)


@dataclass(slots=True)
class CheckedSite:
    """All that a rule may ask. `entries` are sorted by path; `read` gives the bytes of a file."""

    model: Model
    paths: Sequence[str]
    entries: Sequence[Entry]
    read: Callable[[str], bytes]
    now: datetime
    files: frozenset[str] = frozenset()
    folders: frozenset[str] = frozenset()
    names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The files by the last part of their paths."""
    said: frozenset[tuple[str, str]] = frozenset()
    """The fields (collection, key) that the site's owners had a say in; the others were read off."""

    def __post_init__(self) -> None:
        names: dict[str, list[str]] = defaultdict(list)
        folders: set[str] = set()
        for path in self.paths:
            folder, name = posixpath.split(path)
            names[name].append(path)
            while folder and folder not in folders:
                folders.add(folder)
                folder = posixpath.dirname(folder)
        self.files, self.folders, self.names = frozenset(self.paths), frozenset(folders), names

    def is_guessed(self, entry: Entry, place: Path) -> bool:
        """Tell whether nobody but the entries themselves said what a value is to be."""
        return not place or (entry.collection.name, place[0]) not in self.said

    def has_ending(self, tail: str) -> bool:
        """Tell whether a file's path ends in these parts, whatever lies before them."""
        return any(
            path == tail or path.endswith(f"/{tail}") for path in self.names.get(posixpath.basename(tail), ())
        )


def leaves(fields: Sequence[Field], values: Mapping[str, Value]) -> Iterator[tuple[Field, Path, Value]]:
    """Yield every value that a field of its own shows, at any depth, with the way to it."""
    for one in fields:
        if one.name in values:
            yield from _at(one, (one.name,), values[one.name])


def _at(field: Field, path: Path, value: Value) -> Iterator[tuple[Field, Path, Value]]:
    if isinstance(value, list) and field.type in ("objects", "blocks", "list", "gallery"):
        for number, item in enumerate(value):
            kind = kind_of(field, item) if field.type == "blocks" else field
            parts = kind.fields if kind is not None else ()
            if isinstance(item, dict):
                for inner, place, found in leaves(parts or (field.item.fields if field.item else ()), item):
                    yield inner, (*path, number, *place), found
            elif field.item is not None:
                yield from _at(field.item, (*path, number), item)
    elif isinstance(value, dict) and field.fields:
        for inner, place, found in leaves(field.fields, value):
            yield inner, (*path, *place), found
    else:
        yield field, path, value
