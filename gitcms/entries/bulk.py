"""One change in many entries: a field set or cleared, a word added, taken out or replaced, deletion.

It is planned first and shown, and saved as one commit. An entry that the change would make wrong stays as it
is, and is told of. Which entries are meant is the list's to say, who may do it `recording`'s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Final

from gitcms import history, index
from gitcms.content.document import Document
from gitcms.content.edits import edits_between
from gitcms.content.values import MISSING, Found, Value
from gitcms.entries.listing import ListQuery, of_the_index
from gitcms.entries.recording import Saved, record, subject
from gitcms.errors import DocumentError, InvalidEntry, NotFound
from gitcms.history import FileStory
from gitcms.repository import Person
from gitcms.schema.collection import Collection, Field
from gitcms.schema.fields import FIELD_TYPES, BadField
from gitcms.schema.fields.base import cleared, is_empty, text_of
from gitcms.schema.fitting import field_for
from gitcms.schema.validation import validate
from gitcms.site import Site

MOST: Final = 1000
TASKS: Final = ("set", "clear", "add", "remove", "replace", "delete")
WORDS: Final = ("tags", "multiselect", "relation")
"""Types whose values are several words, to which one can be added."""


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be done: one of TASKS, to which field, with which text; `other` replaces it."""

    what: str
    field: str = ""
    text: str = ""
    other: str = ""


@dataclass(frozen=True, slots=True)
class Bulk:
    """What a task does: path → content (None where it goes), what stays as it is, and what cannot change."""

    files: Mapping[str, bytes | None]
    same: tuple[str, ...]
    refused: tuple[tuple[str, str], ...]


def fields_for(collection: Collection) -> list[Field]:
    """Return the fields that can be changed in many entries at once: those of one control."""
    kinds = ((one, FIELD_TYPES[one.type]) for one in collection.fields)
    return [
        one for one, kind in kinds if kind.shape == "one" and one.meaning != "title" and not kind.automatic
    ]


def paths_of(site: Site, collection: Collection, query: ListQuery) -> list[str]:
    """Return the paths of all entries that a list shows, on whichever page; at most MOST of them."""
    asked = of_the_index(collection, query, MOST)

    def answer(connection: Connection) -> list[str]:
        return [one.path for one in index.find(connection, asked, site.now().timestamp())]

    return site.ask(answer)


def plan_bulk(site: Site, collection: Collection, paths: Sequence[str], task: Task) -> Bulk:
    """Return what a task does to these entries, of which those that are not there are left out.

    :raises InvalidEntry: it says nothing that can be done; the sentence says what is missing.
    """
    field = next((one for one in fields_for(collection) if one.name == task.field), None)
    _check(task, field)
    files: dict[str, bytes | None] = {}
    same: list[str] = []
    refused: list[tuple[str, str]] = []
    for path in _there(site, collection, paths):
        if task.what == "delete" or field is None:
            files[path] = None
            continue
        try:
            document = Document.parse(site.repository.read_blob(site.blobs()[path]), path)
            data = _changed(site, collection, path, document, field, task)
        except (BadField, InvalidEntry, DocumentError) as error:
            refused.append((path, str(error)))
            continue
        if data == document.source:
            same.append(path)
        else:
            files[path] = data
    return Bulk(files, tuple(same), tuple(refused))


def change_many(
    site: Site, collection: Collection, paths: Sequence[str], task: Task, author: Person
) -> tuple[Saved, Bulk]:
    """Do a task in many entries: one commit.

    :raises PermissionDenied: one of them is not this author's to change; nothing was written.
    """
    bulk = plan_bulk(site, collection, paths, task)
    if not bulk.files:
        return Saved("", None), bulk
    blobs = site.blobs()
    base = {path: blobs.get(path) for path in bulk.files}
    message = subject(_told(collection, task, len(bulk.files)))
    return record(site, bulk.files, base, author, message, next(iter(bulk.files))), bulk


def bulk_stories(site: Site, bulk: Bulk, most: int = 50) -> list[FileStory]:
    """Return what a task changes in the first of its entries, as the page of a change would tell it."""
    blobs = site.blobs()
    return [
        history.story_of_texts(
            site,
            path,
            Document.parse(site.repository.read_blob(blobs[path]), path),
            None if data is None else Document.parse(data, path),
        )
        for path, data in list(bulk.files.items())[:most]
    ]


def _there(site: Site, collection: Collection, paths: Sequence[str]) -> list[str]:
    blobs = site.blobs()
    return [path for path in dict.fromkeys(paths) if path in blobs and collection.holds(path)][:MOST]


def _check(task: Task, field: Field | None) -> None:
    sentence = ""
    if task.what not in TASKS:
        raise NotFound("There is nothing of that name to be done.")
    if task.what != "delete" and field is None:
        sentence = "Choose a field"
    elif task.what in ("set", "add", "remove", "replace") and not task.text.strip():
        sentence = "Write what it is to be"
    elif task.what == "replace" and not task.other.strip():
        sentence = "Write what takes its place"
    elif task.what in ("add", "remove") and field is not None and field.type not in WORDS:
        sentence = f"“{field.label}” holds one thing only. Set it, or clear it"
    elif task.what == "set" and field is not None and field.options.get("unique"):
        sentence = f"Only one entry may have a value of “{field.label}”. Write it there"
    if sentence:
        raise InvalidEntry(f"{sentence}.", {"": sentence})


def _changed(
    site: Site, collection: Collection, path: str, document: Document, field: Field, task: Task
) -> bytes:
    """Return an entry with the task done in it.

    :raises InvalidEntry: it would not be right any more. :raises BadField: the text is no value of the field.
    """
    if document.problem is not None:
        raise InvalidEntry("Its fields cannot be read.", {})
    old: Found = document.values.get(field.name, MISSING)
    new = _done(field_for(field, old), old, task)
    wanted: dict[str, Value] = {key: one for key, one in document.values.items() if key != field.name}
    if new is not MISSING:
        # In its old place, for the edits are told from the order of the keys, too.
        wanted = {**document.values, field.name: new}
    live = collection.state_of(wanted, path, site.now()) != "draft"
    errors = validate(collection, wanted, complete=live, old=document.values)
    if field.name in {one.split(".")[0] for one in errors}:
        raise InvalidEntry(f"{next(iter(errors.values()))}.", errors)
    return document.change(edits_between(document.values, wanted, collection.order))


def _done(field: Field, old: Found, task: Task) -> Found:
    kind, text = FIELD_TYPES[field.type], task.text.strip()
    if task.what == "clear":
        return MISSING if old is MISSING else cleared(field)
    if task.what == "set":
        text = (
            ("1" if text.lower() in ("1", "yes", "true", "on") else "") if field.type == "boolean" else text
        )
        return (
            old
            if text == kind.to_form(old, field) and old is not MISSING
            else kind.from_form(text, old, field)
        )
    there = old if isinstance(old, list) else [] if is_empty(old) else [old]
    texts = [text_of(one) for one in there]
    if task.what == "add":
        return old if text in texts else _with(field, old, there, text)  # type: ignore[arg-type]
    if text not in texts:
        return old
    left = [one for one in there if text_of(one) != text]
    if task.what == "replace":
        other = kind.from_form(task.other.strip(), MISSING, field)
        fresh = other[0] if isinstance(other, list) and len(other) == 1 else other
        if not isinstance(old, list):
            return fresh
        seen = text_of(fresh) in map(text_of, left)
        return left if seen else [fresh if text_of(one) == text else one for one in there]  # type: ignore[return-value, misc]
    return left if left and isinstance(old, list) else cleared(field)  # type: ignore[return-value]


def _with(field: Field, old: Found, there: list[Value], text: str) -> Found:
    if not there:
        return FIELD_TYPES[field.type].from_form(text, MISSING, field)
    return [*there, text]


def _told(collection: Collection, task: Task, many: int) -> str:
    where = f"{many} {(collection.label if many != 1 else collection.label_one).lower()}"
    name = next((one.label for one in collection.fields if one.name == task.field), task.field)
    return {
        "set": f"Set {name} to {task.text.strip()} in {where}",
        "clear": f"Clear {name} in {where}",
        "add": f"Add {task.text.strip()} to {name} of {where}",
        "remove": f"Take {task.text.strip()} out of {name} of {where}",
        "replace": f"Write {task.other.strip()} for {task.text.strip()} in {name} of {where}",
        "delete": f"Delete {where}",
    }[task.what]
