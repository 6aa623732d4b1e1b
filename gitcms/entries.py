"""Listing, opening, saving, creating and deleting entries.

The one way into the repository for every author, whether they come from the browser or from
elsewhere. Who may do it is decided before we are called, in `accounts.permissions`; what a save
means on disk is `repository`'s, what a document's bytes become is `content`'s.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from gitcms import history, media
from gitcms.content import markdown
from gitcms.content.document import Document, new_document
from gitcms.content.edits import Edit, Set, Unset, edits_between
from gitcms.content.paths import casefold_twin, check_path
from gitcms.content.values import MISSING, Found, Path, Value, same
from gitcms.errors import EditConflict, FrontMatterUnreadable, InvalidEntry, NotFound, PathTaken
from gitcms.repository import Commit, Person
from gitcms.schema import generators, pictures
from gitcms.schema.collection import Collection, Field
from gitcms.schema.validation import validate
from gitcms.site import Site

STATES = ("draft", "scheduled", "live")
SORTS = ("newest", "title", "changed")
PER_PAGE = 50
ABSENT = "absent"
SUBJECT_LENGTH = 72
# "[skip ci]" and the like in a message keep the services that build sites from building: a title must not.
_ORDER = re.compile(r"\[((?:[\w-]+ )?(?:skip|no)(?: [\w-]+)?)\]", re.IGNORECASE)


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


@dataclass(frozen=True, slots=True)
class Upload:
    """A picture for a field of the entry. `data` are the bytes as the browser sent them."""

    field: Path
    filename: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry that is open for editing. `base` is the blob id it was read from, or "absent"."""

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

    @property
    def problem(self) -> FrontMatterUnreadable | None:
        """Why the fields cannot be shown, or None."""
        return self.document.problem if self.document else None

    @property
    def warnings(self) -> tuple[str, ...]:
        return self.document.warnings if self.document else ()


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


@dataclass(frozen=True, slots=True)
class Saved:
    """Where the entry lies now; `commit` is None when there was nothing to save."""

    path: str
    commit: Commit | None


@dataclass(frozen=True, slots=True)
class Clash:
    """One place that two people changed. `textual` places can also be given both, or a third text."""

    name: str
    label: str
    mine: str
    theirs: str
    textual: bool


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two people wrote one entry. `entry` is how it stands now; `joined` names what fits together."""

    entry: Entry
    by: Commit | None
    joined: tuple[str, ...]
    clashes: tuple[Clash, ...]
    deleted: bool = False


# ── reading ──────────────────────────────────────────────────────────────────────────────────


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


def open_entry(site: Site, collection: Collection, path: str, *, blob: str | None = None) -> Entry:
    """Open an entry as it is saved now, or as it was in an earlier blob.

    :raises NotFound: when there is no such entry.
    :raises DocumentTooLarge: when its front matter is over a bound.
    """
    check_path(path, existing=True)
    current = site.repository.blob_of(path)
    shown = blob or current
    if shown is None or not collection.holds(path):
        raise NotFound("There is no such entry.")
    document = Document.parse(site.repository.read_blob(shown))
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
    )


def blank_entry(site: Site, collection: Collection) -> Entry:
    """Return a new entry with the values that its neighbours would have given it."""
    return Entry(
        collection=collection,
        path="",
        base=ABSENT,
        document=None,
        values=generators.blank_values(collection, site.local(site.now())),
        body="",
        title="",
        state="draft",
        changed_on_disk=False,
        address=None,
    )


def _address(site: Site, collection: Collection, path: str, values: Mapping[str, Value]) -> str | None:
    """Return where an entry appears: on the published site, or a path where its address is unknown."""
    place = collection.address_of(values, path)
    return (
        None
        if place is None
        else (site.config.site.public_url.rstrip("/") or site.model().public_url) + place
    )


def _today(site: Site) -> date:
    return site.local(site.now()).date()


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


# ── saving ───────────────────────────────────────────────────────────────────────────────────


def save(site: Site, collection: Collection, path: str, change: Change, author: Person) -> Saved:
    """Save an entry: one commit by this author that holds the entry and its new pictures.

    :raises EditConflict: when the entry changed after this author opened it; nothing was written.
    :raises InvalidEntry: with a sentence for each field; drafts may be incomplete.
    :raises EditRefused: when the file cannot be changed without touching something else.
    """
    opened = _opened(site, collection, path, change.base)
    wanted, media_files = _with_pictures(site, collection, path, change)
    target, edits = _publication(site, collection, path, wanted, change.intent)
    _check(collection, path, wanted, opened.values, change.intent)
    data = opened.change([*edits_between(opened.values, wanted), *edits], change.body)
    target = _free(site, path, target)
    files = {target: data} | media_files | ({path: None} if target != path else {})
    message = _describe(site, change.intent, path, opened, data, target)
    return _commit(
        site,
        files,
        {path: change.base} | {name: None for name in files if name != path},
        author,
        message,
        target,
    )


def create(site: Site, collection: Collection, change: Change, author: Person) -> Saved:
    """Save a new entry where its neighbours lie, named and written as they are.

    :raises PathTaken: when an entry of that name is there already.
    :raises InvalidEntry: with a sentence for each field.
    """
    draft = change.intent == "draft"
    path = _new_path(site, collection, change, draft)
    wanted, media_files = _with_pictures(site, collection, path, change)
    wanted = _marked(site, collection, path, wanted, draft=draft)
    _check(collection, path, wanted, {}, change.intent)
    data = new_document(
        wanted, change.body or "", like=_neighbour(site, collection), format=collection.format
    )
    title = collection.title_of(wanted, path)
    message = _subject(f"Add draft of {title}" if draft else f"Add {title}")
    files = {path: data} | media_files
    return _commit(site, files, dict.fromkeys(files), author, message, path)


def delete(site: Site, collection: Collection, path: str, base: str, author: Person) -> Saved:
    """Delete an entry. It stays in the history and can be brought back.

    :raises EditConflict: when it changed after this author opened it.
    """
    opened = _opened(site, collection, path, base)
    message = _subject(f"Delete {collection.title_of(opened.values, path)}")
    return _commit(site, {path: None}, {path: base}, author, message, path)


def restore(site: Site, path: str, commit_id: str, author: Person) -> Saved:
    """Bring an entry back as it was after a change, or before it where that deleted it.

    :raises NotFound: when that change has no such file.
    """
    check_path(path, existing=True)
    commit = site.repository.commit(commit_id)
    name_then = history.name_at(site, path, commit.id)
    blob = site.repository.blob_of(name_then, commit.id)
    if blob is None and commit.parents:
        blob = site.repository.blob_of(name_then, commit.parents[0])
    if blob is None:
        raise NotFound("There is no such version.")
    data = site.repository.read_blob(blob)
    collection = site.collection_of(path)
    title = collection.title_of(site.facts(blob).values, path) if collection else path
    day = site.local(commit.when).date().isoformat()
    message = _subject(f"Restore {title} as of {day}")
    return _commit(site, {path: data}, {path: site.repository.blob_of(path)}, author, message, path)


def _opened(site: Site, collection: Collection, path: str, base: str) -> Document:
    """Return the document that the author saw, once it is sure that nobody changed it since."""
    check_path(path, existing=True)
    if not collection.holds(path):
        raise NotFound("There is no such entry.")
    current = site.repository.blob_of(path)
    if current is None or current != base:
        raise EditConflict(path, base=base, current=current)
    return Document.parse(site.repository.read_blob(base))


def _with_pictures(
    site: Site, collection: Collection, path: str, change: Change
) -> tuple[dict[str, Value], dict[str, bytes | None]]:
    """Return the values with the uploaded pictures named in them, and the files to add."""
    values = change.values
    files: dict[str, bytes | None] = {}
    taken = set(site.blobs())
    for upload in change.uploads:
        picture = media.accept(upload.filename, upload.data, site.config.limits)
        field = _field_at(collection.fields, upload.field)
        name = _free_name(site, field, picture.filename, path, taken)
        place, value = pictures.place(site.model(), field, name, path)
        taken.add(place)
        files[place] = picture.data
        replaced = _put(values, upload.field, value)
        assert isinstance(replaced, dict)
        values = replaced
    return values, files


def _field_at(fields: Sequence[Field], path: Path) -> Field | None:
    """Return the field at a place, through objects and lists; None where the model knows none."""
    found = None
    for part in path:
        if isinstance(part, str):
            found = next((each for each in fields if each.name == part), None)
        elif found is not None and found.item is not None:
            found = found.item
        if found is None:
            return None
        fields = found.fields
    return found


def _free_name(site: Site, field: Field | None, name: str, path: str, taken: set[str]) -> str:
    """Return the picture's name, with a number where a file of that name lies at its place already."""
    place, _ = pictures.place(site.model(), field, name, path)
    return posixpath.basename(media.free_path(posixpath.dirname(place), name, taken))


def _put(value: Value, path: Path, new: Value) -> Value:
    """Return a copy of nested values with one place set; what is not on the way is shared."""
    if not path:
        return new
    key, rest = path[0], path[1:]
    if isinstance(key, int):
        items = list(value) if isinstance(value, list) else []
        items[key] = _put(items[key], rest, new)
        return items
    known = dict(value) if isinstance(value, dict) else {}
    known[key] = _put(known.get(key), rest, new)
    return known


def _publication(
    site: Site, collection: Collection, path: str, values: Mapping[str, Value], intent: str
) -> tuple[str, list[Edit]]:
    if intent == "save":
        return path, []
    return generators.publication(collection, path, values, publish=intent == "publish", today=_today(site))


def _check(
    collection: Collection, path: str, wanted: dict[str, Value], old: Mapping[str, Value], intent: str
) -> None:
    state = collection.state_of(wanted, path)
    complete = intent == "publish" or (intent == "save" and state != "draft")
    errors = validate(collection, wanted, complete=complete, old=old)
    if errors:
        number = "One field needs" if len(errors) == 1 else f"{len(errors)} fields need"
        raise InvalidEntry(f"{number} a look before this can be saved. Nothing is lost.", errors)


def _free(site: Site, path: str, target: str) -> str:
    if target != path:
        _refuse_taken(site, target)
    return target


def _refuse_taken(site: Site, path: str) -> None:
    taken = site.blobs()
    if path in taken or casefold_twin(path, taken) is not None:
        raise PathTaken("An entry of that name is there already.", hint="Choose another title or address.")


def _new_path(site: Site, collection: Collection, change: Change, draft: bool) -> str:
    """Return the path of a new entry, made from the wanted name or from the title."""
    title = change.name or collection.title_of(change.values, "")
    path = generators.new_path(collection, title, _today(site), draft=draft)
    folders = (folder for folder in (collection.draft_folder, *collection.folders) if folder)
    folder = next((folder for folder in folders if path.startswith(folder.rstrip("/") + "/")), "")
    check_path(path, extensions=collection.extensions, folder=folder)
    _refuse_taken(site, path)
    return path


def _marked(
    site: Site, collection: Collection, path: str, values: dict[str, Value], *, draft: bool
) -> dict[str, Value]:
    """Return the values of a new entry with the generator's own mark for drafts put in or left out."""
    _, edits = generators.publication(collection, path, values, publish=not draft, today=_today(site))
    marked = dict(values)
    for edit in edits:
        if isinstance(edit, Set):
            marked[str(edit.path[0])] = edit.value
        elif isinstance(edit, Unset):
            marked.pop(str(edit.path[0]), None)
    return marked


def _neighbour(site: Site, collection: Collection) -> Document | None:
    """Return the entry whose habits a new one takes over."""
    blob = site.repository.blob_of(collection.example) if collection.example else None
    return Document.parse(site.repository.read_blob(blob)) if blob else None


def _format(neighbour: Document | None) -> str:
    return neighbour.format if neighbour and neighbour.values else "yaml"


def _describe(site: Site, intent: str, path: str, old: Document, data: bytes, target: str) -> str:
    """Write the message from what changed, as a careful person would."""
    new = Document.parse(data)
    story = history.story_of_texts(site, path, old, new)
    verb = {"publish": "Publish", "unpublish": "Unpublish", "draft": "Unpublish"}.get(intent)
    if verb:
        return _subject(f"{verb} {story.title}")
    return _subject(f"Edit {story.title}: {story.summary}" if story.summary else f"Edit {story.title}")


def _subject(text: str) -> str:
    """Return one line that fits where Git shows subjects, and gives no orders to whoever builds the site."""
    line = _ORDER.sub(r"(\1)", " ".join(text.split()))
    return line if len(line) <= SUBJECT_LENGTH else line[: SUBJECT_LENGTH - 1].rstrip() + "…"


def _commit(
    site: Site,
    files: Mapping[str, bytes | None],
    base: Mapping[str, str | None],
    author: Person,
    message: str,
    path: str,
) -> Saved:
    # Recorded in the site's own zone, as its dates are shown; in the server's where none is set.
    when = site.local(site.now()) if site.config.site.time_zone else None
    return Saved(path, site.repository.save(files, base=base, author=author, message=message, when=when))


# ── two people, one entry ────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Sides:
    """The three versions of a stale save: what both began with, mine and theirs."""

    base: Document
    mine: dict[str, Value]
    mine_body: str
    theirs: Document

    def changed_by_me(self) -> set[str]:
        return _different(self.base.values, self.mine)

    def changed_by_them(self) -> set[str]:
        return _different(self.base.values, self.theirs.values)

    def clashing(self) -> list[str]:
        both = self.changed_by_me() & self.changed_by_them()
        order = [*self.base.values, *self.theirs.values, *self.mine]
        return [
            key
            for key in dict.fromkeys(order)
            if key in both and not same(_found(self.mine, key), _found(self.theirs.values, key))
        ]

    def bodies_clash(self) -> bool:
        return self.base.body not in (self.mine_body, self.theirs.body) and self.mine_body != self.theirs.body


def conflict(site: Site, collection: Collection, path: str, change: Change) -> Conflict:
    """Say what two people did to one entry: what fits together, and where a choice is needed."""
    current = site.repository.blob_of(path)
    by = next(iter(site.repository.history(path, limit=1)), None)
    if current is None:
        gone = replace(open_entry(site, collection, path, blob=change.base), base=ABSENT)
        return Conflict(gone, by, (), (), deleted=True)
    sides = _sides(site, change, current)
    clashes = [_clash(collection, sides, key) for key in sides.clashing()]
    if sides.bodies_clash():
        clashes.append(Clash("body", "Text", sides.mine_body, sides.theirs.body, textual=True))
    one_sided = (sides.changed_by_me() | sides.changed_by_them()) - set(sides.clashing())
    joined = [history.label_of(collection.fields, (key,)) for key in sorted(one_sided)]
    if (not sides.bodies_clash() and sides.base.body != sides.mine_body) or (
        not sides.bodies_clash() and sides.base.body != sides.theirs.body
    ):
        joined.append("Text")
    return Conflict(open_entry(site, collection, path), by, tuple(joined), tuple(clashes))


def resolve(
    site: Site,
    collection: Collection,
    path: str,
    change: Change,
    choices: Mapping[str, str],
    against: str,
    author: Person,
) -> Saved:
    """Save a stale change with the author's choices for the places that two people changed.

    :param choices: name of a clash → "mine", "theirs", "both" or "own:" and a text.
    :param against: the blob that the author was shown as the other's version.
    :raises EditConflict: when a choice is missing, or the entry has changed once more.
    """
    current = site.repository.blob_of(path)
    if current is None and against == ABSENT:
        return _bring_back(site, path, change, author)
    if current is None or current != against:
        raise EditConflict(path, base=change.base, current=current)
    sides = _sides(site, change, current)
    open_places = [*sides.clashing(), *(["body"] if sides.bodies_clash() else [])]
    if any(not _is_choice(choices.get(name, "")) for name in open_places):
        raise EditConflict(path, base=change.base, current=current)
    joined = replace(change, base=current, values=_joined(sides, choices), body=_joined_body(sides, choices))
    return save(site, collection, path, joined, author)


def _bring_back(site: Site, path: str, change: Change, author: Person) -> Saved:
    """Save an entry that was deleted meanwhile, with what the author wrote."""
    opened = Document.parse(site.repository.read_blob(change.base))
    data = opened.change(edits_between(opened.values, change.values), change.body)
    story = history.story_of_texts(site, path, opened, Document.parse(data))
    return _commit(site, {path: data}, {path: None}, author, _subject(f"Bring back {story.title}"), path)


def _sides(site: Site, change: Change, current: str) -> _Sides:
    base = Document.parse(site.repository.read_blob(change.base))
    theirs = Document.parse(site.repository.read_blob(current))
    mine = base.body if change.body is None else change.body.replace("\r\n", "\n")
    return _Sides(base, change.values, mine, theirs)


def _different(old: Mapping[str, Value], new: Mapping[str, Value]) -> set[str]:
    return {key for key in old.keys() | new.keys() if not same(_found(old, key), _found(new, key))}


def _found(values: Mapping[str, Value], key: str) -> Found:
    return values.get(key, MISSING)


def _clash(collection: Collection, sides: _Sides, key: str) -> Clash:
    mine, theirs = sides.mine.get(key), sides.theirs.values.get(key)
    label = history.label_of(collection.fields, (key,))
    textual = isinstance(mine, str) and isinstance(theirs, str)
    return Clash(key, label, history.plain(mine), history.plain(theirs), textual)


def _is_choice(choice: str) -> bool:
    return choice in ("mine", "theirs", "both") or choice.startswith("own:")


def _joined(sides: _Sides, choices: Mapping[str, str]) -> dict[str, Value]:
    """Begin with theirs, and put my changes over it wherever I changed and was chosen."""
    values = dict(sides.theirs.values)
    clashing = set(sides.clashing())
    for key in sides.changed_by_me():
        choice = choices.get(key, "mine") if key in clashing else "mine"
        if choice == "theirs":
            continue
        mine = sides.mine.get(key)
        if choice == "both" or choice.startswith("own:"):
            values[key] = _chosen_text(choice, str(mine), str(values.get(key)), " ")
        elif key in sides.mine:
            values[key] = mine
        else:
            values.pop(key, None)
    return values


def _joined_body(sides: _Sides, choices: Mapping[str, str]) -> str:
    if not sides.bodies_clash():
        return sides.theirs.body if sides.mine_body == sides.base.body else sides.mine_body
    choice = choices["body"]
    if choice in ("mine", "theirs"):
        return sides.mine_body if choice == "mine" else sides.theirs.body
    return _chosen_text(choice, sides.mine_body, sides.theirs.body, "\n\n")


def _chosen_text(choice: str, mine: str, theirs: str, gap: str) -> str:
    return (
        choice.removeprefix("own:") if choice.startswith("own:") else f"{mine.rstrip()}{gap}{theirs.lstrip()}"
    )
