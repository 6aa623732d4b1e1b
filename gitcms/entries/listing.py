"""The lists of entries: rows, counts, searching and sorting."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from sqlite3 import Connection

from gitcms import index, media
from gitcms.content import markdown
from gitcms.content.front_matter import split
from gitcms.content.values import Value
from gitcms.entries.highlights import Piece, highlight
from gitcms.entries.relations import field_at
from gitcms.errors import RepositoryBusy, StorageFailed
from gitcms.history import label_of, plain
from gitcms.schema import templates
from gitcms.schema.addresses import MOMENTS
from gitcms.schema.collection import Collection
from gitcms.schema.generators import in_folder
from gitcms.schema.lists import ByField
from gitcms.site import Site

STATES = ("draft", "scheduled", "live")
SORTS = ("newest", "title", "changed")
LAST_FIRST = ("newest", "changed")
KNOWN = (*SORTS, index.AUTHOR)
"""Orders that are no field's; the last one only where the site's owners want it."""
BY = "by:"
NAMED = "as:"
PER_PAGE = 50
# What a list is filtered by says the same in several entries, and fits into a menu.
MOST_VALUES = 100
MOST_WORDS = 200
FILTERED = frozenset({"text", "slug", "select", "boolean", "tags", "list", "number", "email", "url"})
SORTED = FILTERED - {"list", "tags"} | {"date", "datetime"}


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What a list should show.

    :param state: one of STATES, or "" for all.
    :param sort: one of SORTS, or BY with the name of a field behind it.
    :param turned: in the other direction.
    :param choices: dotted names of fields with what each has to say.
    :param columns: names of fields that each row shows besides.
    :param group: the name of a field, by which the entries are sorted, and put under headings; or NAMED with
        the label of a grouping that the site's owners named.
    :param named: labels of filters that the site's owners named.
    """

    text: str = ""
    state: str = ""
    sort: str = "newest"
    page: int = 1
    choices: tuple[tuple[str, str], ...] = ()
    columns: tuple[str, ...] = ()
    group: str = ""
    turned: bool = False
    named: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Filter:
    """A field to filter a list by: what it says in this collection, and in how many entries."""

    name: str
    label: str
    values: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One entry in a list. `image` is the path of a picture of the site; times are aware.

    `found` is the piece of the text that holds what was searched for, `cells` what the columns say, `group`
    the heading under which it stands.
    """

    path: str
    title: str
    state: str
    date: date | None
    summary: str
    image: str | None
    author: str | None
    changed_at: datetime | None
    problem: bool
    found: tuple[Piece, ...] = ()
    cells: tuple[tuple[str, str], ...] = ()
    group: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list; `counts` has a number for each state, and for "" all of them.

    `uncounted` tells that there are more than anybody has counted.
    """

    rows: tuple[Row, ...]
    total: int
    counts: dict[str, int]
    page: int
    pages: int
    uncounted: bool = False


def listing(site: Site, collection: Collection, query: ListQuery) -> Listing:
    """Return one page of a collection's entries."""
    now = site.now().timestamp()
    asked = of_the_index(collection, query, PER_PAGE)

    def answer(connection: Connection) -> tuple[list[index.Found], dict[str, int], int, int]:
        counts = index.counts(connection, asked, now)
        pages = max(1, -(-counts[query.state] // PER_PAGE))
        page = min(max(1, query.page), pages)
        part = replace(asked, start=(page - 1) * PER_PAGE)
        return index.find(connection, part, now), counts, page, pages

    # Which entries there are, and what they are called, is known before all that they say.
    plain_order = asked.sort.by in ("newest", "title")
    whole = bool(query.text.strip() or asked.choices or collection.lists.summary) or not plain_order
    found, counts, page, pages = site.ask(answer, whole=whole)
    rows = tuple(_row(site, collection, query, one) for one in found)
    estimated = bool(query.text) or len(query.choices) > 1 or bool(query.named)
    uncounted = estimated and counts[""] == index.MOST_COUNTED + 1
    return Listing(rows, counts[query.state], counts, page, pages, uncounted)


def of_the_index(collection: Collection, query: ListQuery, limit: int) -> index.Query:
    """Return what a list asks of the index."""
    choices = [index.Choice(name, value) for name, value in query.choices]
    choices += [
        index.Choice(one.field, one.finds, matches=True)
        for one in collection.lists.filters
        if one.label in query.named
    ]
    grouped = grouping(collection, query)
    by = _order(collection, grouped.field) if grouped else query.sort.removeprefix(BY)
    sort = index.Sort(by, query.turned)
    return index.Query(collection.name, query.text, query.state, tuple(choices), sort, limit=limit)


def grouping(collection: Collection, query: ListQuery) -> ByField | None:
    """Return by what the entries are put under headings."""
    if query.group.startswith(NAMED):
        label = query.group.removeprefix(NAMED)
        return next((one for one in collection.lists.groups if one.label == label), None)
    return ByField("", query.group) if query.group else None


def usual(collection: Collection) -> ListQuery:
    """Return a list as it is when nothing is asked of it: in the order that the site's owners want."""
    lists = collection.lists
    sort = _sort(collection, lists.sort) if lists.sort else SORTS[0]
    # What is dated has its newest first by itself, and all else its smallest.
    return ListQuery(sort=sort, turned=bool(lists.sort) and lists.descending is not (sort in LAST_FIRST))


def first_shown(collection: Collection) -> ListQuery:
    """Return a list as its owners have it open."""
    lists = collection.lists
    named = tuple(one.label for one in lists.filters if one.label in lists.opens_with)
    groups = [one.label for one in lists.groups if one.label in lists.opens_with]
    return replace(usual(collection), named=named, group=f"{NAMED}{groups[0]}" if groups else "")


def _sort(collection: Collection, field: str) -> str:
    """Return what `ListQuery.sort` calls the order by a field."""
    order = _order(collection, field)
    return order if order in KNOWN else f"{BY}{order}"


def _order(collection: Collection, field: str) -> str:
    """Return what the index calls the order by a field: titles and dates have one of their own."""
    if field == "commit_date":
        return "changed"
    known = collection.field_of(field)
    return {"title": "title", "date": "newest"}.get(known.meaning if known else "", field)


def filters(site: Site, collection: Collection) -> list[Filter]:
    """Return what the entries of a collection can be filtered by, in the order of its form.

    Nothing where that is not known yet: the list itself does not wait for it.
    """
    # What says which are drafts is asked by state.
    skipped = ("title", "draft", "published")
    fields = [one for one in collection.fields if one.type in FILTERED and one.meaning not in skipped]
    names = tuple(one.name for one in fields)

    def make() -> dict[str, tuple[tuple[str, int], ...]]:
        return site.ask(
            lambda known: {
                name: tuple(index.values_of(known, collection.name, name, MOST_VALUES))
                for name in names
                if index.says_few(known, collection.name, name, MOST_VALUES)
            },
            patience=0.0,
        )

    try:
        said = site.memo.get(("filters", site.repository.head(), collection.name, names), make)
    except (RepositoryBusy, StorageFailed):
        return []
    return [Filter(one.name, one.label, said[one.name]) for one in fields if one.name in said]


def used_words(site: Site, collection: Collection, name: str) -> tuple[str, ...]:
    """Return what a field, by its dotted name, says in a collection, the most frequent first.

    Nothing where the lists are not to be had: a page that offers words does without them.
    """

    def make() -> tuple[str, ...]:
        return tuple(
            value
            for value, _ in site.ask(
                lambda known: index.values_of(known, collection.name, name, MOST_WORDS), patience=0.0
            )
        )

    try:
        words: tuple[str, ...] = site.memo.get(("words", site.repository.head(), collection.name, name), make)
    except (RepositoryBusy, StorageFailed):
        return ()
    return words


def sorts(collection: Collection) -> list[tuple[str, str]]:
    """Return the fields that a list can be sorted by: what `ListQuery.sort` calls each, and its label.

    Those that the site's owners name, in their order; a label is "" for KNOWN orders that they do not label.
    """
    if collection.lists.sortable is not None:
        return [
            (sort, one.label or ("" if sort in KNOWN else label_of(collection.fields, (one.field,))))
            for one in collection.lists.sortable
            for sort in [_sort(collection, one.field)]
        ]
    return groups(collection)


def groups(collection: Collection) -> list[tuple[str, str]]:
    """Return the fields that entries can be put under headings by, spelled as in `sorts`."""
    return [
        (f"{BY}{field.name}", field.label)
        for field in collection.fields
        if field.type in SORTED and field.meaning not in ("title", "date")
    ]


def columns(collection: Collection) -> list[tuple[str, str]]:
    """Return the fields that a list can show besides the usual ones: the name of each, and its label."""
    return [
        (field.name, field.label)
        for field in collection.fields
        if field.type in FILTERED | SORTED and field.meaning not in ("title", "date", "summary")
    ]


def _row(site: Site, collection: Collection, query: ListQuery, found: index.Found) -> Row:
    dated = collection.date_of(found.values, found.path)
    return Row(
        path=found.path,
        title=_title(site, collection, found, dated),
        state=found.state,
        date=dated.date() if dated else None,
        summary=_summary(collection, found.values, found.excerpt),
        image=_image(site, collection, found.path, found.values),
        author=found.author or None,
        changed_at=None if found.changed is None else datetime.fromtimestamp(found.changed, UTC),
        problem=not found.readable,
        found=_highlighted(site, query, found) if query.text else (),
        cells=tuple(
            (label, plain(found.values[name]))
            for name, label in columns(collection)
            if name in query.columns and found.values.get(name) not in (None, "")
        ),
        group=_heading(collection, query, found.values),
    )


def _heading(collection: Collection, query: ListQuery, values: Mapping[str, Value]) -> str:
    grouped = grouping(collection, query)
    if grouped is None:
        return ""
    said = plain(templates.named(grouped.field, values))
    if not grouped.pattern:
        return said
    found = re.search(grouped.pattern, said, re.IGNORECASE)
    return found[0] if found else ""


def _highlighted(site: Site, query: ListQuery, found: index.Found) -> tuple[Piece, ...]:
    pieces = highlight(found.excerpt, query.text)
    if pieces or len(found.excerpt) < index.EXCERPT:
        return pieces
    body = split(site.repository.read_blob(found.blob)).body
    return highlight(body.decode("utf-8", "replace"), query.text)


def _title(site: Site, collection: Collection, found: index.Found, dated: datetime | None) -> str:
    """Return what an entry is called in lists: by the collection's own template, or its title."""
    template = collection.lists.summary
    if not template:
        return found.title
    folder, _, name = found.path.rpartition("/")
    stem, _, ending = name.rpartition(".")
    above = next((one for one in collection.folders if in_folder(found.path, one)), "")
    words: dict[str, object] = {
        "slug": found.title,
        "dirname": folder[len(above) :].strip("/"),
        "filename": stem or name,
        "extension": ending,
        "commit_author": found.author,
        "commit_date": site.local(datetime.fromtimestamp(found.changed, UTC)) if found.changed else None,
    }
    if dated is not None:
        moment = dated.astimezone(UTC)
        words |= {name: moment.strftime(spelled) for name, spelled in MOMENTS.items()}
    return " ".join(templates.fill(template, found.values, **words).split()) or found.title


def _image(site: Site, collection: Collection, path: str, values: Mapping[str, Value]) -> str | None:
    """Return the picture of an entry: of the fields that are named for it, or else of the first there is."""
    for name in collection.lists.thumbnail:
        way = name.split(".")
        for named in filter(None, _at(values, way)):
            if found := media.find(site, named, path, field_at(collection, way)):
                return found
    if collection.lists.thumbnail:
        return None
    for each in collection.fields:
        value = values.get(each.name)
        if each.type == "image" and isinstance(value, str):
            return media.find(site, value, path, each)
    return None


def _at(value: Value | Mapping[str, Value], way: Sequence[str]) -> Iterator[str]:
    """Yield the texts at a way of keys, through the items of lists; `*` stands for any item."""
    if isinstance(value, list):
        for one in value:
            yield from _at(one, way[1:] if way[:1] == ["*"] else way)
    elif isinstance(value, Mapping) and way:
        yield from _at(value.get(way[0]), way[1:])
    elif isinstance(value, str) and not way:
        yield value


def _summary(collection: Collection, values: Mapping[str, Value], excerpt: str) -> str:
    for each in collection.fields:
        value = values.get(each.name)
        if each.meaning == "summary" and isinstance(value, str):
            return value
    return markdown.plain_text(excerpt, 140)
