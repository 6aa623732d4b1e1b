"""Entries that another one names: looked for by their words, told by their titles, missed where gone.

What a relation's value may be is `schema.fields.relation`'s; which field it is comes from the model.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from sqlite3 import Connection

from gitcms import index
from gitcms.content.values import Found, Value, find
from gitcms.errors import RepositoryBusy, StorageFailed
from gitcms.schema import templates
from gitcms.schema.collection import Collection, Field
from gitcms.schema.fields.base import text_of
from gitcms.schema.generators import slug_of
from gitcms.site import Site

MOST_FOUND = 20
MOST_SEARCHED, PAGE = 5_000, 200
"""How many entries are looked at whose words are found somewhere, and how many at a time."""


@dataclass(frozen=True, slots=True)
class Related:
    """An entry as a relation names it: `value` is what is stored. `path` is "" where there is none."""

    value: str
    title: str
    path: str = ""


def look_for(site: Site, field: Field, text: str, limit: int = MOST_FOUND) -> list[Related]:
    """Return entries that a relation can name whose words begin as a search says, the newest first."""
    now = site.now().timestamp()

    def answer(connection: Connection) -> list[Related]:
        found: dict[str, Related] = {}
        for collection in _collections(site, field):
            for choices in _only(field):
                query = index.Query(collection.name, text, choices=choices, limit=most - len(found))
                for row in _found(connection, field, query, now) if query.limit > 0 else ():
                    if value := _name_of(field, row.path, row.values):
                        title = _title(field, row.title, row.path, row.values)
                        found.setdefault(row.path, Related(value, title, row.path))
        return list(found.values())

    most = int(field.options.get("most") or limit)
    return site.ask(answer)


def few(site: Site, field: Field) -> list[Related]:
    """Return all entries that a relation can name, where they are so few that none has to be looked for."""
    most = int(field.options.get("at_once") or 0)
    if not most:
        return []
    found = look_for(site, replace(field, options={**field.options, "most": most + 1}), "")
    return found if len(found) <= most else []


def told(site: Site, field: Field, names: Sequence[str]) -> list[Related]:
    """Return the entries of these names, each with its title; one without a path is not there.

    Nothing where the lists are not to be had, since then nobody can tell.
    """
    by = _by(field)

    def answer(connection: Connection) -> list[Related]:
        return [next(_named(site, connection, field, by, name), Related(name, "")) for name in names]

    try:
        return site.ask(answer, patience=0.0)
    except (RepositoryBusy, StorageFailed):
        return []


def field_at(collection: Collection, way: Sequence[str]) -> Field | None:
    """Return the field of a collection at a way of keys, through objects and lists; None where none is."""
    fields: Sequence[Field] = collection.fields
    found: Field | None = None
    for step in way:
        found = next((one for one in fields if one.name == step), None)
        if found is None:
            return None
        fields = [part for one in (found, found.item) if one is not None for part in one.fields]
        if found.type == "blocks":
            fields = [part for kind in found.fields for part in kind.fields]
    return found


def _found(connection: Connection, field: Field, query: index.Query, now: float) -> Iterator[index.Found]:
    """Yield the entries that a search finds; of those whose fields are named, what it finds in these."""
    names: Sequence[str] = field.options.get("search") or ()
    if not names or not query.text:
        yield from index.find(connection, query, now)
        return
    wanted, left = _words(query.text), query.limit
    for start in range(0, MOST_SEARCHED, PAGE):
        rows = index.find(connection, replace(query, start=start, limit=PAGE), now)
        for row in rows:
            if left and _says(row, names, wanted):
                left -= 1
                yield row
        if not left or len(rows) < PAGE:
            return


def _says(row: index.Found, names: Sequence[str], wanted: Sequence[str]) -> bool:
    """Tell whether words of these fields begin as is searched."""
    words = {"slug": slug_of(row.path), "title": row.title}
    texts = [templates.fill(f"{{{{{name}}}}}", {**words, **row.values}) for name in names]
    there = [word for text in texts for word in _words(text)]
    return all(any(word.startswith(one) for word in there) for one in wanted)


def _words(text: str) -> list[str]:
    """Return the words of a text without capitals and accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return re.findall(r"\w+", "".join(char for char in plain if not unicodedata.combining(char)))


def _named(site: Site, connection: Connection, field: Field, by: str, name: str) -> Iterator[Related]:
    for collection in _collections(site, field):
        if by in ("slug", "path"):
            path = name if by == "path" else _paths(site, collection).get(name, "")
            if path and collection.holds(path) and path in site.blobs():
                facts = site.facts(site.blobs()[path])
                title = collection.title_of(facts.values, path)
                yield Related(name, _title(field, title, path, facts.values), path)
        else:
            query = index.Query(collection.name, choices=(index.Choice(by, name),), limit=1)
            for row in index.find(connection, query, site.now().timestamp()):
                yield Related(name, _title(field, row.title, row.path, row.values), row.path)


def _paths(site: Site, collection: Collection) -> dict[str, str]:
    """Return slug → path of a collection's entries, made once for each newest commit."""

    def make() -> dict[str, str]:
        return {slug_of(path): path for path in sorted(site.blobs(), reverse=True) if collection.holds(path)}

    paths: dict[str, str] = site.memo.get(("slugs", site.repository.head(), collection.name), make)
    return paths


def _collections(site: Site, field: Field) -> list[Collection]:
    wanted = field.options.get("collections") or ()
    return [one for one in site.model().collections if not wanted or one.name in wanted]


def _only(field: Field) -> list[tuple[index.Choice, ...]]:
    """Return what an entry must say to be found, each way by itself: one value of each field that counts."""
    wanted: dict[str, Sequence[object]] = field.options.get("only") or {}
    values = [[index.Choice(name, text_of(one)) for one in told] for name, told in wanted.items()]  # type: ignore[arg-type]
    return list(product(*values))


def _title(field: Field, title: str, path: str, values: dict[str, Value]) -> str:
    """Return what an entry is called in this field: by its `summary`, else by its title."""
    told = templates.fill(str(field.options.get("summary", "")), values, slug=slug_of(path))
    return " ".join(told.split()) or title


def _by(field: Field) -> str:
    return str(field.options.get("value") or "slug")


def _name_of(field: Field, path: str, values: dict[str, Value]) -> str:
    by = _by(field)
    if by in ("slug", "path"):
        return slug_of(path) if by == "slug" else path
    value: Found = find(values, tuple(by.split(".")))
    return text_of(value) if isinstance(value, (str, int, float)) else ""
