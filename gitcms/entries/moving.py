"""Giving an entry another name or another folder: its file, what lies with it, and whoever speaks of it.

A move is planned first, shown, and saved as one commit. Where an entry's visitors find the old address, the
generator's own redirect leads on, where it has one, or else the host's, where there is a `_redirects`
file. How others name an entry is `links`' to know.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote

from gitcms import history
from gitcms.content.document import Document
from gitcms.content.edits import Append, Edit, Set
from gitcms.content.paths import check_path, slugify
from gitcms.content.values import Value
from gitcms.entries.links import Naming, naming, renamed, rewritten
from gitcms.entries.recording import Saved, record, refuse_taken, subject
from gitcms.errors import EditConflict, NotFound
from gitcms.history import FileStory
from gitcms.repository import Person
from gitcms.schema.collection import Collection
from gitcms.schema.generators import ASKING, GENERATORS, REDIRECT_FILES, in_folder, slug_of
from gitcms.site import Site

_DATED = re.compile(r"\d{4}-\d{1,2}-\d{1,2}-(?=.)")


@dataclass(frozen=True, slots=True)
class Move:
    """What a move is going to do. `files` is what is written: path → content, None where it goes.

    `others` are the entries that name this one, `beside` the files that move with it, as (old, new).
    `redirect` is the key or the file that leads visitors on, "" where none does.
    """

    path: str
    target: str
    files: Mapping[str, bytes | None]
    others: tuple[str, ...]
    beside: tuple[tuple[str, str], ...]
    old_address: str | None
    new_address: str | None
    redirect: str


def folders(site: Site, collection: Collection, path: str) -> list[str]:
    """Return the folders that an entry can be moved to: those of its collection that hold entries."""
    found = {home_of(path)}
    for one in site.blobs():
        folder, _, name = one.rpartition("/")
        if folder in found and name[:1] not in "_iI":
            continue  # as nearly all of a folder of thousands
        home = home_of(one)
        if home not in found and collection.holds(one):
            found.add(home)
    return sorted(found)


def plan(site: Site, collection: Collection, path: str, name: str, folder: str, base: str) -> Move:
    """Return what giving an entry another name and folder is going to change.

    :param name: the new last part of its address; a date in the file's name stays in front of it.
    :param folder: one of `folders`.
    :raises EditConflict: it was changed since it was opened.
    :raises PathTaken: there is one of that name. :raises PathRefused: it cannot be a name.
    """
    current = site.repository.blob_of(path)
    if current is None or not collection.holds(path):
        raise NotFound("There is no such entry.")
    if current != base:
        raise EditConflict(path, base=base, current=current)
    target = _target(site, collection, path, name, folder)
    document = Document.parse(site.repository.read_blob(current))
    beside = tuple(_beside(site, path, target))
    if target == path:
        return Move(path, path, {}, (), (), None, None, "")
    refuse_taken(site, target)
    old = naming(site, collection, path, document.values)
    edits = _slug_edits(collection, path, target, document.values)
    moved = Document.parse(document.change(edits))
    new = naming(site, collection, target, moved.values)
    redirect, more = _redirect(site, collection, old, new, moved)
    leading = _in_file(site, old, new) if redirect in REDIRECT_FILES else {}
    moved = Document.parse(moved.change(more))
    own = rewritten(moved, collection, path, target, old, new)
    others = renamed(site, old, new)
    blobs = site.blobs()
    files: dict[str, bytes | None] = {path: None, target: own, **others, **leading}
    for was, becomes in beside:
        files |= {was: None, becomes: site.repository.read_blob(blobs[was])}
    return Move(path, target, files, tuple(others), beside, old.address, new.address, redirect)


def move(
    site: Site, collection: Collection, path: str, name: str, folder: str, base: str, author: Person
) -> Saved:
    """Give an entry another name and folder: one commit with everything that speaks of it.

    :raises EditConflict: it was changed since it was opened. Else as `plan`.
    """
    wanted = plan(site, collection, path, name, folder, base)
    if wanted.target == path:
        return Saved(path, None)
    blobs = site.blobs()
    title = collection.title_of(site.facts(base, path).values, path)
    message = subject(f"Rename {title}: {slug_of(path)} → {slug_of(wanted.target)}")
    before = {one: blobs.get(one) for one in wanted.files}
    return record(site, wanted.files, before, author, message, wanted.target)


def stories(site: Site, wanted: Move) -> list[FileStory]:
    """Return what a move changes in each entry, as the page of a change would tell it."""
    told = []
    blobs = site.blobs()
    for path in (wanted.target, *wanted.others):
        data = wanted.files[path]
        before = blobs[wanted.path if path == wanted.target else path]
        if data is not None:
            old = Document.parse(site.repository.read_blob(before))
            told.append(history.story_of_texts(site, path, old, Document.parse(data)))
    return told


def home_of(path: str) -> str:
    """Return the folder that holds an entry: of a folder's index, the one around that folder."""
    folder, _, name = path.rpartition("/")
    return posixpath.dirname(folder) if _is_index(name) else folder


def _is_index(name: str) -> bool:
    return name.lower().startswith(("index.", "_index."))


def _target(site: Site, collection: Collection, path: str, name: str, folder: str) -> str:
    """Return the path of a new name, made as the old one is: dated, as a folder, with its ending."""
    file_name = posixpath.basename(path)
    bundle = _is_index(file_name) and posixpath.dirname(path) not in collection.folders
    stem = posixpath.basename(posixpath.dirname(path)) if bundle else posixpath.splitext(file_name)[0]
    dated = _DATED.match(stem)
    wanted, present = (slugify(one, slugs=collection.slugs) for one in (name, slug_of(path)))
    fresh = (dated[0] if dated else "") + wanted
    if wanted == present:
        fresh = stem  # the same name: its spelling stays
    if folder not in folders(site, collection, path):
        raise NotFound("There is no such folder.")
    tail = posixpath.join(fresh, file_name) if bundle else fresh + posixpath.splitext(file_name)[1]
    return check_path(posixpath.join(folder, tail), extensions=collection.extensions, folder=folder)


def _beside(site: Site, path: str, target: str) -> list[tuple[str, str]]:
    """Return the files that belong to an entry: those in its own folder, or in one of its name beside it."""
    if _is_index(posixpath.basename(path)):
        old, new = posixpath.dirname(path), posixpath.dirname(target)
    else:
        old, new = posixpath.splitext(path)[0], posixpath.splitext(target)[0]
    if not old or old == new:
        return []
    return [
        (one, new + one[len(old) :]) for one in sorted(site.blobs()) if in_folder(one, old) and one != path
    ]


def _slug_edits(
    collection: Collection, path: str, target: str, values: Mapping[str, Value]
) -> Sequence[Edit]:
    """Return the edit of a key that repeats the file's name, where there is one."""
    own = collection.meaning("slug")
    if own is None or values.get(own.name) != slug_of(path):
        return []
    return [Set((own.name,), slug_of(target))]


def _redirect(
    site: Site, collection: Collection, old: Naming, new: Naming, document: Document
) -> tuple[str, Sequence[Edit]]:
    """Return what leads from an old address to an entry: a key with the edit that adds it, or a file."""
    live = collection.state_of(document.values, new.path, site.now()) == "live"
    if not live or not old.address or old.address == new.address or new.address is None:
        return "", []
    key = _key(site, collection)
    if not key:
        return _redirects_file(site), []
    there = document.values.get(key)
    if isinstance(there, str) and there:
        return key, [Set((key,), [there, old.address])]
    if isinstance(there, list) and old.address in there:
        return key, []
    return key, [Append((key,), old.address)]


def _key(site: Site, collection: Collection) -> str:
    """Return the key that leads on from an old address: the one that the site names, else its generator's, ""
    where that has none or not the plugin for it.
    """
    if collection.redirects:
        return collection.redirects
    row = GENERATORS[collection.generator]
    if not row.redirects_by or collection.field_of(row.redirects) is not None:
        return row.redirects
    asking = [site.repository.read_blob(blob) for name, blob in site.blobs().items() if name in ASKING]
    return row.redirects if any(row.redirects_by.encode() in one for one in asking) else ""


def _redirects_file(site: Site) -> str:
    return next((name for name in REDIRECT_FILES if name in site.blobs()), "")


def _in_file(site: Site, old: Naming, new: Naming) -> dict[str, bytes]:
    """Return the host's file of redirects with one more, before the rules that hold for many."""
    name = _redirects_file(site)
    if not name or not old.address or not new.address:
        return {}
    lines = site.repository.read_blob(site.blobs()[name]).splitlines(keepends=True)
    rules = [line.split(b"#")[0].split()[:1] for line in lines]
    wide = [number for number, rule in enumerate(rules) if rule and (b"*" in rule[0] or b"/:" in rule[0])]
    end = b"\r\n" if lines and lines[0].endswith(b"\r\n") else b"\n"
    if lines and not lines[-1].endswith(b"\n"):
        lines[-1] += end
    addresses = (quote(unquote(one), safe="/:@&=+$,;~()'!").encode() for one in (old.address, new.address))
    lines.insert(wide[0] if wide else len(lines), b" ".join([*addresses, b"301"]) + end)
    return {name: b"".join(lines)}
