"""One entry, opened for editing: as it is saved now, as it was, or a blank one.

What is done with it is `saving`'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gitcms.content.document import Document
from gitcms.content.paths import check_path
from gitcms.content.values import Value
from gitcms.errors import FrontMatterUnreadable, NotFound
from gitcms.schema import generators
from gitcms.schema.collection import Collection
from gitcms.schema.starting import copied_values, starting_values
from gitcms.site import Site

ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Taken:
    """What an author took over from the site's folder: the text that stood there unsaved, and what was typed.

    :param disk: the blob of that text; just that may be replaced by the save.
    :param blob: the two joined, from which the form was made.
    """

    disk: str
    blob: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry that is open for editing. `base` is the blob id it was read from, or "absent".

    `like` is the path of the entry that a new one is a copy of, or "".
    """

    collection: Collection
    path: str
    base: str
    document: Document | None
    values: dict[str, Value]
    body: str
    title: str
    state: str
    changed_on_disk: bool
    address: str | None
    taken: Taken | None = None
    like: str = ""

    @property
    def problem(self) -> FrontMatterUnreadable | None:
        """Why the fields cannot be shown, or None."""
        return self.document.problem if self.document else None

    @property
    def warnings(self) -> tuple[str, ...]:
        return self.document.warnings if self.document else ()


def open_entry(
    site: Site, collection: Collection, path: str, *, blob: str | None = None, taken: Taken | None = None
) -> Entry:
    """Open an entry as it is saved now, or as it was in an earlier blob.

    :param taken: the form was made from what was taken over from the folder, and `blob` is the version below.

    :raises NotFound: when there is no such entry.
    :raises DocumentTooLarge: when its front matter is over a bound.
    """
    check_path(path, existing=True)
    current = site.repository.blob_of(path)
    shown = blob or current
    if shown is None or not collection.holds(path):
        raise NotFound("There is no such entry.")
    document = Document.parse(site.repository.read_blob(taken.blob if taken else shown), path)
    return Entry(
        collection=collection,
        path=path,
        base=shown,
        document=document,
        values=document.values,
        body=document.body,
        title=collection.title_of(document.values, path),
        state=collection.state_of(document.values, path, site.now()),
        changed_on_disk=current is not None and site.repository.differs_on_disk(path),
        address=_address(site, collection, path, document.values),
        taken=taken,
    )


def blank_entry(site: Site, collection: Collection, like: str = "") -> Entry:
    """Return a new entry with the values that its neighbours and its fields would have given it.

    :param like: the path of an entry to begin with a copy of; what is no entry of the
        collection is none, nor is any where none may be copied.
    :raises NotFound: the collection is a set of files, to which none is added.
    """
    refuse_unless_it_grows(site, collection)
    now = site.local(site.now())
    model = _copied(site, collection, like)
    known = generators.blank_values(collection, now)
    if model is not None:
        known = {**copied_values(collection, model.values), **_dated(collection, known)}
    return Entry(
        collection=collection,
        path="",
        base=ABSENT,
        document=None,
        values=starting_values(collection.fields, known, now),
        body=model.body if model else "",
        title="",
        state="draft",
        changed_on_disk=False,
        address=None,
        like=like if model else "",
    )


def refuse_unless_it_grows(site: Site, collection: Collection) -> None:
    """:raises NotFound: the collection is a set of files, takes no new entries, or no more."""
    if not collection.grows:
        raise NotFound(
            f"{collection.label} has the entries that it has, and no others.",
            hint="Open one of them in its list.",
        )
    if is_full(collection, sum(map(collection.holds, site.blobs())) if collection.rules.limit else 0):
        raise NotFound(
            f"{collection.label} has as many entries as it may have: {collection.rules.limit}.",
            hint="Delete one that is not needed any more.",
        )


def is_full(collection: Collection, many: int) -> bool:
    """Tell whether a collection with that many entries takes no more."""
    return 0 < collection.rules.limit <= many


def _copied(site: Site, collection: Collection, path: str) -> Document | None:
    """Return the entry that a new one begins as, if it is one of the collection."""
    may = path and collection.rules.duplicate and collection.holds(path)
    blob = site.blobs().get(path) if may else None
    return Document.parse(site.repository.read_blob(blob), path) if blob else None


def _dated(collection: Collection, known: Mapping[str, Value]) -> dict[str, Value]:
    dated = collection.meaning("date")
    return {dated.name: known[dated.name]} if dated is not None and dated.name in known else {}


def _address(site: Site, collection: Collection, path: str, values: Mapping[str, Value]) -> str | None:
    """Return where an entry appears: on the published site, or a path where its address is unknown."""
    place = collection.address_of(values, path)
    return (
        None
        if place is None
        else (site.config.site.public_url.rstrip("/") or site.model().public_url) + place
    )
