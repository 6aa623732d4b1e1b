"""Saving, creating and deleting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from gitcms import history
from gitcms.content.body import holds_two_versions
from gitcms.content.document import Document, new_document
from gitcms.content.edits import Edit, Set, Unset, edits_between
from gitcms.content.merge import Answer, merge
from gitcms.content.paths import check_path
from gitcms.content.values import Value, dotted
from gitcms.counting import counted
from gitcms.entries.alone import taken
from gitcms.entries.opening import Taken, refuse_unless_it_grows
from gitcms.entries.pictures import Upload, with_pictures
from gitcms.entries.recording import (
    Beside,
    Saved,
    describe,
    free,
    record,
    refuse_taken,
    subject,
    today,
    with_uploads,
    worded,
)
from gitcms.errors import EditConflict, InvalidEntry, NotFound
from gitcms.repository import Person
from gitcms.schema import generators, languages, templates
from gitcms.schema.collection import Collection
from gitcms.schema.validation import validate
from gitcms.site import Site

TRIES = 5
"""How often what somebody saved a moment ago is looked at anew."""
MOST_MOVES = 10


@dataclass(frozen=True, slots=True)
class Change:
    """What an author wants saved.

    `values` is the whole mapping as it should be afterwards; `body` is None where it was not
    shown; `intent` is save, draft, publish or unpublish; `name` is the wanted file name of a new
    entry, without its ending.
    """

    base: str
    values: dict[str, Value]
    body: str | None
    uploads: tuple[Upload, ...] = ()
    intent: str = "save"
    name: str = ""
    taken: Taken | None = None

    @property
    def form(self) -> str:
        """The blob that the form was made from."""
        return self.taken.blob if self.taken else self.base


def save(
    site: Site,
    collection: Collection,
    path: str,
    change: Change,
    author: Person,
    answers: Mapping[str, Answer] | None = None,
) -> Saved:
    """Save an entry: one commit by this author that holds the entry and its new pictures.

    What others changed since it was opened stays, and the entry is followed to where they put it.

    :param answers: what was chosen where both changed the same place, by the ids of the choices.
    :raises EditConflict: when both changed the same place, or it was deleted; nothing was written.
    :raises InvalidEntry: with a sentence for each field; drafts may be incomplete.
    :raises EditRefused: when the file cannot be changed without touching something else.
    """
    base = opened_by(site, collection, path, change.base)
    opened = opened_by(site, collection, path, change.form)
    wanted, pictures = with_pictures(site, collection, path, change.values, change.uploads)
    _check(site, collection, path, wanted, opened.values, change.intent)
    _refuse_two_versions(
        opened.body if change.body is None else change.body,
        opened.body,
        live=_is_to_be_live(collection, path, wanted, change.intent),
        publish=change.intent == "publish",
    )
    mine = opened.change(edits_between(opened.values, wanted, collection.order), change.body)
    for turn in range(TRIES):
        place = follow(site, path)
        current = site.repository.blob_of(place) if place else None
        if place is None or current is None:
            raise EditConflict(path, base=change.base, current=None)
        try:
            if (place, current) == (path, change.base):
                return _recorded(site, collection, path, change, author, current, mine, pictures)
            theirs = Document.parse(site.repository.read_blob(current), place)
            merged = merge(base.source, theirs.source, mine, answers, place)
            if merged.data is None:
                raise EditConflict(path, base=change.base, current=current)
            joined = Document.parse(merged.data, place).values
            _check(site, collection, place, joined, theirs.values, change.intent)
            beside = _beside(site, path, place, base, theirs)
            saved = _recorded(site, collection, place, change, author, current, merged.data, pictures)
            return replace(saved, beside=beside)
        except EditConflict:
            if site.repository.blob_of(place) == current or turn == TRIES - 1:
                raise  # else somebody was faster by a moment, and theirs is looked at, too
    raise AssertionError("a turn either returns or raises")


def _recorded(
    site: Site,
    collection: Collection,
    path: str,
    change: Change,
    author: Person,
    current: str,
    data: bytes,
    pictures: Mapping[str, bytes | None],
) -> Saved:
    """Record a version of an entry over the present one, live or a draft as its author wants."""
    old = Document.parse(site.repository.read_blob(current), path)
    if change.intent != "save":
        document = Document.parse(data, path)
        target, edits = _publication(site, collection, path, document.values, change.intent)
        data, target = document.change(edits), free(site, path, target)
    else:
        target = path
    files = {target: data, **pictures} | ({path: None} if target != path else {})
    base = {path: current} | {name: None for name in files if name != path}
    message = describe(site, change.intent, path, old, data, target)
    message = worded(site.model().messages.update, collection, target, author, message)
    message = with_uploads(site, message, collection, pictures, author)
    if change.taken:
        message += "\n\nThis holds what stood unsaved in the site's folder, too."
    seen = {path: change.taken.disk} if change.taken else None
    return record(site, files, base, author, message, target, seen)


def _beside(site: Site, opened_path: str, path: str, opened: Document, theirs: Document) -> Beside:
    """Say what others did to the entry meanwhile."""
    by = history.last_change(site, path)
    summary = history.story_of_texts(site, path, opened, theirs).summary
    words = [summary[:1].lower() + summary[1:]] if summary else []
    return Beside(by, ", ".join((["address"] if path != opened_path else []) + words))


def create(site: Site, collection: Collection, change: Change, author: Person) -> Saved:
    """Save a new entry where its neighbours lie, named and written as they are.

    :raises PathTaken: when an entry of that name is there already.
    :raises InvalidEntry: with a sentence for each field.
    :raises NotFound: when the collection takes no new ones.
    """
    refuse_unless_it_grows(site, collection)
    draft = change.intent == "draft"
    path = _new_path(site, collection, change, draft)
    wanted, media_files = with_pictures(site, collection, path, change.values, change.uploads)
    wanted = _linked(collection, path, _marked(site, collection, path, wanted, draft=draft))
    _check(site, collection, path, wanted, {}, change.intent)
    _refuse_two_versions(change.body or "", "", live=not draft, publish=True)
    data = new_document(
        wanted,
        change.body or "",
        like=_neighbour(site, collection),
        format=collection.format,
        written=collection.written,
        comments={
            field.name: str(field.options["comment"])
            for field in collection.fields
            if field.options.get("comment")
        },
    )
    present = site.repository.blob_of(path)
    if present is not None and site.repository.read_blob(present) == data:
        return Saved(path, None)  # the same form was sent twice
    refuse_taken(site, path)
    title = collection.title_of(wanted, path)
    message = subject(f"Add draft of {title}" if draft else f"Add {title}")
    message = worded(site.model().messages.create, collection, path, author, message)
    message = with_uploads(site, message, collection, media_files, author)
    files = {path: data} | media_files
    return record(site, files, dict.fromkeys(files), author, message, path)


def delete(site: Site, collection: Collection, path: str, base: str, author: Person) -> Saved:
    """Delete an entry. It stays in the history and can be brought back.

    :raises EditConflict: when it changed after this author opened it.
    """
    opened = _untouched(site, collection, path, base)
    message = subject(f"Delete {collection.title_of(opened.values, path)}")
    message = worded(site.model().messages.delete, collection, path, author, message)
    return record(site, {path: None}, {path: base}, author, message, path)


def opened_by(site: Site, collection: Collection, path: str, base: str) -> Document:
    """Return the document that the author saw.

    :raises NotFound: when there never was such a version.
    """
    check_path(path, existing=True)
    if not collection.holds(path):
        raise NotFound("There is no such entry.")
    return Document.parse(site.repository.read_blob(base), path)


def follow(site: Site, path: str) -> str | None:
    """Return where an entry lies now, which others may have moved or published; None when it is deleted."""
    for _ in range(MOST_MOVES):
        if site.repository.blob_of(path) is not None:
            return path
        moved = history.moved_to(site, path)
        if moved is None or site.collection_of(moved) is None:
            return None
        path = moved
    return None


def _untouched(site: Site, collection: Collection, path: str, base: str) -> Document:
    """Return the document that the author saw, once it is sure that nobody changed it since."""
    opened = opened_by(site, collection, path, base)
    current = site.repository.blob_of(path)
    if current is None or current != base:
        raise EditConflict(path, base=base, current=current)
    return opened


def _publication(
    site: Site, collection: Collection, path: str, values: Mapping[str, Value], intent: str
) -> tuple[str, list[Edit]]:
    if intent == "save":
        return path, []
    return generators.publication(collection, path, values, publish=intent == "publish", today=today(site))


def _check(
    site: Site,
    collection: Collection,
    path: str,
    wanted: dict[str, Value],
    old: Mapping[str, Value],
    intent: str,
) -> None:
    complete = _is_to_be_live(collection, path, wanted, intent)
    errors = validate(collection, wanted, complete=complete, old=old)
    others = taken(site, collection, path, wanted, old)
    for key, one in others.items():
        errors.setdefault(dotted((key,)), f"“{one.title}” has this already, and only one may. Write another")
    if errors:
        words = counted(
            len(errors),
            "One field needs a look before this can be saved. Nothing is lost.",
            "{1} fields need a look before this can be saved. Nothing is lost.",
        )
        raise InvalidEntry(words, errors, {dotted((key,)): one.path for key, one in others.items()})


def _is_to_be_live(collection: Collection, path: str, wanted: Mapping[str, Value], intent: str) -> bool:
    state = collection.state_of(wanted, path)
    return intent == "publish" or (intent == "save" and state != "draft")


def _refuse_two_versions(text: str, old: str, *, live: bool, publish: bool) -> None:
    """Refuse to put a text live in which two versions stand side by side. What did so before may stay so."""
    if live and holds_two_versions(text) and (publish or not holds_two_versions(old)):
        sentence = "Two versions stand in the text, between lines of <<<<<<< and >>>>>>>."
        raise InvalidEntry(sentence, {"": f"{sentence} Keep one of them, and take those lines out."})


def _new_path(site: Site, collection: Collection, change: Change, draft: bool) -> str:
    """Return the path of a new entry, made from the wanted name or from the title."""
    title = change.name or collection.title_of(change.values, "")
    now = site.now() if collection.slugs.utc else site.local(site.now())
    path = generators.new_path(collection, title, now, draft=draft)
    folders = (folder for folder in (collection.draft_folder, *collection.folders) if folder)
    folder = next((folder for folder in folders if path.startswith(folder.rstrip("/") + "/")), "")
    return check_path(path, extensions=collection.extensions, folder=folder)


def _marked(
    site: Site, collection: Collection, path: str, values: dict[str, Value], *, draft: bool
) -> dict[str, Value]:
    """Return the values of a new entry with the generator's own mark for drafts put in or left out."""
    _, edits = generators.publication(collection, path, values, publish=not draft, today=today(site))
    marked = dict(values)
    for edit in edits:
        if isinstance(edit, Set):
            marked[str(edit.path[0])] = edit.value
        elif isinstance(edit, Unset):
            marked.pop(str(edit.path[0]), None)
    return marked


def _linked(collection: Collection, path: str, values: dict[str, Value]) -> dict[str, Value]:
    """Return the values of a new entry with the name by which its translations are found, if it has one."""
    if not collection.canonical or values.get(collection.canonical[0]):
        return values
    key, template = collection.canonical
    slug = generators.slug_of(path)
    if collection.i18n.how == "suffixes":
        slug = slug.removesuffix(f".{languages.language_of(path, collection.i18n)}")
    return {**values, key: templates.fill(template, values, slug=slug)}


def _neighbour(site: Site, collection: Collection) -> Document | None:
    """Return the entry whose habits a new one takes over."""
    blob = site.repository.blob_of(collection.example) if collection.example else None
    return Document.parse(site.repository.read_blob(blob), collection.example) if blob else None
