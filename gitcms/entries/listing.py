"""The lists of entries: rows, counts, searching and sorting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from gitcms import media
from gitcms.content import markdown
from gitcms.content.values import Value
from gitcms.repository import Commit
from gitcms.schema.collection import Collection
from gitcms.site import Site

STATES = ("draft", "scheduled", "live")
SORTS = ("newest", "title", "changed")
PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What a list should show. `state` is one of STATES, or "" for all."""

    text: str = ""
    state: str = ""
    sort: str = "newest"
    page: int = 1


@dataclass(frozen=True, slots=True)
class Row:
    """One entry in a list. `image` is the path of a picture of the site; times are aware."""

    path: str
    title: str
    state: str
    date: date | None
    summary: str
    image: str | None
    author: str | None
    changed_at: datetime | None
    problem: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list; `counts` has a number for each state, and for "" all of them."""

    rows: tuple[Row, ...]
    total: int
    counts: dict[str, int]
    page: int
    pages: int


def listing(site: Site, collection: Collection, query: ListQuery) -> Listing:
    """Return one page of a collection's entries."""
    blobs = {path: blob for path, blob in site.blobs().items() if collection.holds(path)}
    rows = [_known_row(site, collection, path, blob) for path, blob in blobs.items()]
    rows = [row for row in rows if _mentions(site, row, blobs[row.path], query.text)]
    counts = {"": len(rows)} | {state: sum(row.state == state for row in rows) for state in STATES}
    shown = [row for row in rows if query.state in ("", row.state)]
    changes = site.repository.last_changes(blobs) if query.sort == "changed" else {}
    shown = _sorted(shown, query.sort, changes)
    pages = max(1, -(-len(shown) // PER_PAGE))
    page = min(max(1, query.page), pages)
    part = shown[(page - 1) * PER_PAGE : page * PER_PAGE]
    return Listing(tuple(_with_people(site, part)), len(shown), counts, page, pages)


def _day(site: Site, collection: Collection, path: str, values: Mapping[str, Value]) -> date | None:
    moment = collection.date_of(values, path)
    return moment.date() if moment else None


def _known_row(site: Site, collection: Collection, path: str, blob: str) -> Row:
    """Return a row worked out earlier. Only what waits for its date becomes another by itself."""
    key = ("row", site.edition, collection.name, path, blob)
    row: Row = site.memo.get(key, lambda: _row(site, collection, path, blob))
    return row if row.state != "scheduled" else _row(site, collection, path, blob)


def _row(site: Site, collection: Collection, path: str, blob: str) -> Row:
    facts = site.facts(blob)
    return Row(
        path=path,
        title=collection.title_of(facts.values, path),
        state=collection.state_of(facts.values, path, site.now()),
        date=_day(site, collection, path, facts.values),
        summary="",
        image=None,
        author=None,
        changed_at=None,
        problem=not facts.readable,
    )


def _mentions(site: Site, row: Row, blob: str, text: str) -> bool:
    """Tell whether every searched word stands in the title, a value or the first words."""
    words = text.casefold().split()
    if not words:
        return True
    facts = site.facts(blob)
    hay = f"{row.title} {_flat(facts.values)} {facts.excerpt}".casefold()
    return all(word in hay for word in words)


def _flat(value: Value) -> str:
    if isinstance(value, dict):
        return " ".join(_flat(item) for item in value.values())
    if isinstance(value, list):
        return " ".join(_flat(item) for item in value)
    return str(value) if value is not None else ""


def _sorted(rows: list[Row], sort: str, changes: Mapping[str, Commit]) -> list[Row]:
    if sort == "title":
        return sorted(rows, key=lambda row: (row.title.casefold(), row.path))
    by_name = sorted(rows, key=lambda row: row.title.casefold())
    if sort == "changed":
        return sorted(by_name, key=lambda row: _moment(changes.get(row.path)), reverse=True)
    return sorted(by_name, key=lambda row: row.date or date.min, reverse=True)


def _moment(commit: Commit | None) -> float:
    return commit.when.timestamp() if commit else 0.0


def _with_people(site: Site, rows: Sequence[Row]) -> list[Row]:
    """Add to the rows of one page what is dear to find out for all."""
    changes = site.repository.last_changes([row.path for row in rows])
    files = site.blobs()
    complete = []
    for row in rows:
        commit, facts = changes.get(row.path), site.facts(files[row.path])
        collection = site.collection_of(row.path)
        complete.append(
            replace(
                row,
                author=commit.author.name if commit else None,
                changed_at=commit.when if commit else None,
                image=_image(site, collection, row.path, facts.values) if collection else None,
                summary=_summary(collection, facts.values, facts.excerpt) if collection else "",
            )
        )
    return complete


def _image(site: Site, collection: Collection, path: str, values: Mapping[str, Value]) -> str | None:
    for each in collection.fields:
        value = values.get(each.name)
        if each.type == "image" and isinstance(value, str):
            return media.find(site, value, path, each)
    return None


def _summary(collection: Collection, values: Mapping[str, Value], excerpt: str) -> str:
    for each in collection.fields:
        value = values.get(each.name)
        if each.meaning == "summary" and isinstance(value, str):
            return value
    return markdown.plain_text(excerpt, 140)
