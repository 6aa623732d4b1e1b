"""Where entries speak of one another: addresses, file names and relations in their texts and fields.

`Naming` holds every way in which an entry can be named; `inbound` finds who names it, and `renamed` the
edits that make them name it otherwise. Where entries lie and how they are saved is `moving`'s and `saving`'s.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gitcms import index
from gitcms.content.document import Document
from gitcms.content.edits import Edit, Set
from gitcms.content.values import Path, Value
from gitcms.errors import DocumentError, RepositoryBusy, StorageFailed
from gitcms.schema.collection import Collection, Field
from gitcms.schema.generators import EARLIER, slug_of
from gitcms.site import Site

MOST_NAMED = 200
"""So many entries that link to one are looked at; more are only told of."""

# What a link leads to, in Markdown, in HTML, and in the tags of Jekyll and Hugo.
_TARGET = re.compile(
    r"(?P<before>\]\(\s*<?|^[ ]{0,3}\[[^\]\n]+\]:\s*<?|(?:href|src)\s*=\s*[\"']?"
    r"|\{%-?\s*(?:post_url|link)\s+|\{\{[<%]\s*(?:rel)?ref\s+[\"'`])"
    r"(?P<target>(?!\{)[^\s\"'`<>)]+)",
    re.MULTILINE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Naming:
    """What an entry is called by others: its file, and its address on the site where that is known."""

    path: str
    address: str | None
    public_url: str
    collection: str

    @property
    def stem(self) -> str:
        """The file without its ending; of a folder's index, the folder."""
        stem = posixpath.splitext(self.path)[0]
        folder, name = posixpath.split(stem)
        return folder if name in ("index", "_index") and folder else stem

    @property
    def names(self) -> set[str]:
        """Words that a file holds which names it: what holds none of them, does not."""
        last = (self.address or "").strip("/").rpartition("/")[2]
        return {one for one in (posixpath.basename(self.stem), slug_of(self.path), last) if one}


@dataclass(frozen=True, slots=True)
class Inbound:
    """An entry that names another one, and how often."""

    path: str
    collection: Collection
    title: str
    times: int


def naming(site: Site, collection: Collection, path: str, values: Mapping[str, Any]) -> Naming:
    """Return what an entry is called by others."""
    url = site.config.site.public_url or site.model().public_url
    return Naming(path, collection.address_of(values, path), url.rstrip("/"), collection.name)


def inbound(site: Site, named: Naming) -> list[Inbound]:
    """Return the entries that name another one in their texts and fields, by their titles."""
    found = []
    for path, collection, document in _naming(site, named):
        times = sum(_count(document, collection, path, named))
        if times:
            found.append(Inbound(path, collection, collection.title_of(document.values, path), times))
    return sorted(found, key=lambda one: (one.title.casefold(), one.path))


def renamed(site: Site, old: Naming, new: Naming) -> dict[str, bytes]:
    """Return the entries that name another one, as they are with its new name: path → content.

    The entry itself is not among them. A file that cannot be edited stays as it is.
    """
    changed: dict[str, bytes] = {}
    for path, collection, document in _naming(site, old):
        try:
            data = rewritten(document, collection, path, path, old, new)
        except DocumentError:
            continue
        if data != document.source:
            changed[path] = data
    return changed


def rewritten(
    document: Document, collection: Collection, path: str, target: str, old: Naming, new: Naming
) -> bytes:
    """Return an entry with another one's new name in its text and fields.

    :param path: where the entry lies, from which its links are read.
    :param target: where it is going to lie.
    """
    body = _TARGET.sub(
        lambda link: link["before"] + _other(link["target"], path, target, old, new), document.body
    )
    edits: list[Edit] = []
    for way, value, field in _texts(document.values, collection.fields, (), redirects=collection.redirects):
        fresh = _field_value(value, field, path, target, old, new)
        if fresh != value:
            edits.append(Set(way, fresh))
    return document.change(edits, body if body != document.body else None)


def _naming(site: Site, named: Naming) -> Iterator[tuple[str, Collection, Document]]:
    """Yield each entry that may name another one, in any collection."""
    # One model for all: asking the site for each path would look for a newer commit each time.
    blobs, model = site.blobs(), site.model()
    known = _may_name(site, named)
    holders = {
        path: collection
        for path in (blobs if known is None else known)
        if path != named.path and path in blobs and (collection := model.collection_of(path)) is not None
    }
    needles = [name.encode() for name in named.names]
    by_blob: dict[str, list[str]] = {}
    for path in holders:
        by_blob.setdefault(blobs[path], []).append(path)
    for blob, data in site.repository.read_blobs(list(by_blob)):
        if any(needle in data for needle in needles):
            for path in by_blob[blob]:
                try:
                    yield path, holders[path], Document.parse(data, path)
                except DocumentError:
                    continue


def _may_name(site: Site, named: Naming) -> set[str] | None:
    """Return the paths of entries that hold its names; None where nobody knows, and all have to be read."""
    try:
        return site.ask(lambda known: index.naming(known, named.names), patience=0.0)
    except (RepositoryBusy, StorageFailed):
        return None


def _count(document: Document, collection: Collection, path: str, named: Naming) -> Iterator[int]:
    stem = named.stem
    other = Naming(
        stem + "\0" + named.path[len(stem) :],
        (named.address or "") + "\0",
        named.public_url,
        named.collection,
    )
    for link in _TARGET.finditer(document.body):
        yield _other(link["target"], path, path, named, other) != link["target"]
    for _, value, field in _texts(document.values, collection.fields, (), redirects=collection.redirects):
        yield _field_value(value, field, path, path, named, other) != value


def _texts(
    value: Any, fields: tuple[Field, ...], way: Path, field: Field | None = None, redirects: str = ""
) -> Iterator[tuple[Path, str, Field | None]]:
    """Yield each text in fields with the way to it, and the field that it belongs to."""
    if isinstance(value, str):
        yield way, value, field
    elif isinstance(value, Mapping):
        for key, part in value.items():
            if key in EARLIER or key == redirects:
                continue
            known = next((one for one in fields if one.name == key), None)
            inner = known.fields or (known.item.fields if known.item else ()) if known else ()
            if known is not None and known.type == "blocks":
                inner = tuple(part for kind in known.fields for part in kind.fields)
            yield from _texts(part, inner, (*way, key), known, redirects=redirects)
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from _texts(part, fields, (*way, number), field, redirects=redirects)


def _field_value(value: str, field: Field | None, path: str, target: str, old: Naming, new: Naming) -> Value:
    if field is not None and field.type == "relation":
        wanted = field.options.get("collections") or (old.collection,)
        by = field.options.get("value") or "slug"
        if old.collection in wanted and by in ("slug", "path"):
            name = slug_of if by == "slug" else str
            return name(new.path) if value == name(old.path) else value
    if "/" not in value or " " in value or "\n" in value:
        return value
    return _other(value, path, target, old, new)


def _other(link: str, path: str, target: str, old: Naming, new: Naming) -> str:
    """Return where a link leads when an entry has its new name; the same text if it never led there.

    :param path: of the entry that holds the link.
    """
    end = min((at for at in map(link.find, "?#") if at >= 0), default=len(link))
    plain, rest = link[:end], link[end:]
    if plain and old.address and new.address:
        for base in ("", old.public_url):
            if base is not None and _same_address(plain, base + old.address):
                slash = plain.endswith("/") or not new.address.endswith("/")
                return base + (new.address if slash else new.address.rstrip("/")) + rest
    found = _other_file(plain, path, target, old, new)
    return found + rest if found is not None else link


def _same_address(one: str, other: str) -> bool:
    return one.rstrip("/") == other.rstrip("/") and one.startswith(("/", "http"))


def _other_file(plain: str, path: str, target: str, old: Naming, new: Naming) -> str | None:
    """Return the new file name for one that is written from the top, from the collection, or from here."""
    if not plain or "://" in plain:
        return None
    here = posixpath.normpath(posixpath.join(posixpath.dirname(path), plain))
    for known, fresh in ((old.path, new.path), (old.stem, new.stem)):
        if here == known and (plain.startswith(".") or "/" in plain or known == old.path):
            relative = posixpath.relpath(fresh, posixpath.dirname(target) or ".")
            return f"./{relative}" if plain.startswith("./") else relative
        lead = "/" if plain.startswith("/") else ""
        inner = plain.strip("/")
        if inner == known:
            return lead + fresh
        # `posts/old` below `content/`, `2026-03-01-first-rain` below `_posts/`: the end of the path.
        if known.endswith("/" + inner):
            start = len(known) - len(inner)
            if fresh.startswith(known[:start]):
                return lead + fresh[start:]
    return None
