"""Whether values name other entries: by their addresses, their titles, or an identity of theirs.

Here: what entries can be named by, and when so many values do that it is no chance. What a relation is in a
form is known by `fields.relation`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from gitcms.schema import labels
from gitcms.schema.fields.base import Observed, words_of
from gitcms.schema.generators import slug_of

IDENTITIES = ("title", "name", "id", "_id", "key", "uuid", "_uuid", "slug")
"""Keys that an entry may be named by."""
PEOPLE = frozenset(
    {"author", "person", "people", "member", "team", "staff", "user", "speaker", "contributor", "writer"}
    | {"editor", "translator", "organizer", "organiser", "leader", "presenter", "host", "maintainer"}
)
OTHERS = frozenset({"related", "similar", "parent", "previous", "prev", "next", "successor", "predecessor"})
"""Words of keys that speak of other entries, whatever these are."""
NEVER = frozenset(
    {"title", "name", "slug", "permalink", "url", "layout", "template", "type", "lang", "language", "id"}
    | {"locale", "tags", "tag", "keywords", "aliases", "description", "summary", "image", "icon", "status"}
)
"""Keys that name the entry itself, or nothing."""

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


_Named: TypeAlias = "dict[str, str | set[str]]"
"""Names with the paths of entries: mostly one, which then stands there itself."""


class Relations:
    """The entries of all collections, by what they may be named with."""

    def __init__(self) -> None:
        self._named: dict[tuple[str, str], _Named] = {}

    def add(self, collection: str, entries: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        """Take in the entries of a collection, each with its path and values."""
        slugs: _Named = {}
        keyed: dict[str, _Named] = defaultdict(dict)
        for path, values in entries:
            _name(slugs, slug_of(path), path)
            for key in IDENTITIES:
                value = values.get(key)
                if isinstance(value, str) and value:
                    _name(keyed[key], value, path)
        self._named[collection, "slug"] = slugs
        for key, named in keyed.items():
            # What entries share is no name of one.
            if len(named) >= 0.9 * len(entries) and not (key == "slug" and named == slugs):
                self._named[collection, key] = named

    def habit(self, seen: Observed) -> dict[str, Any] | None:
        """Return the options of a relation, where the values of a key name entries; None where not."""
        if seen.name.lower() in NEVER or not seen.values:
            return None
        named = list(_names(seen))
        distinct = {name for name, _ in named}
        if not named or len(named) < 0.9 * sum(1 for _ in _flat(seen)):
            return None
        several = any(isinstance(one, list) for one in seen.values)
        hits = {
            target: sum(_is_another(entries.get(name), place, several) for name, place in named)
            for target, entries in self._named.items()
            if not distinct.isdisjoint(entries)
        }
        told = {
            target: count
            for target, count in hits.items()
            if _is_told(seen.name, target[0], distinct, count / len(named))
        }
        if not told:
            return None
        _, value = max(told, key=lambda target: (told[target], target[1] == "slug", target))
        collections = sorted((one for one in told if one[1] == value), key=lambda one: (-told[one], one))
        return {"collections": tuple(one for one, _ in collections), "value": value, "multiple": several}


def _name(named: _Named, name: str, path: str) -> None:
    known = named.setdefault(name, path)
    if isinstance(known, set):
        known.add(path)
    elif known != path:
        named[name] = {known, path}


def _is_another(paths: str | set[str] | None, place: str, several: bool) -> bool:
    """Tell whether a name is that of an entry besides the one that it stands in.

    Where both have it, as versions and translations do, a single one is the entry's own.
    """
    if isinstance(paths, set):
        return (several or place not in paths) and bool(paths - {place})
    return paths not in (None, place)


def _is_told(name: str, collection: str, distinct: set[str], share: float) -> bool:
    """Tell whether it is no chance that this share of the values name entries of a collection."""
    if all(map(_UUID.fullmatch, distinct)):
        return share > 0  # no two are alike by chance
    if _speaks_of(name, collection):
        return share >= 0.8
    long = sum("-" in one or " " in one for one in distinct)
    if share == 1 and long == len(distinct) >= 3:
        return True
    return share >= 0.95 and len(distinct) >= 5 and long >= 0.8 * len(distinct)


def _speaks_of(name: str, collection: str) -> bool:
    words = {labels.one_of(word).lower() for word in words_of(name)} | set(words_of(name))
    if not words.isdisjoint(OTHERS):
        return True
    theirs = {collection, labels.one_of(collection).lower()}
    people = not theirs.isdisjoint(PEOPLE | {"authors", "members", "speakers"})
    return not words.isdisjoint(theirs) or (people and not words.isdisjoint(PEOPLE))


def _flat(seen: Observed) -> Iterator[tuple[Any, str]]:
    for value, place in seen.placed():
        for item in value if isinstance(value, list) else [value]:
            yield item, place


def _names(seen: Observed) -> Iterator[tuple[str, str]]:
    for item, place in _flat(seen):
        if isinstance(item, str) and item and "\n" not in item:
            yield item, place
