"""Bringing back: an earlier version, one field of it, what was deleted, or how it was before a change.

Each is a plan first, which says what it would change, and then one commit that touches just that. What was
written since stays: an undone change is joined with it, and where both touched the same place one is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gitcms import history
from gitcms.content.document import Document
from gitcms.content.edits import edits_between
from gitcms.content.merge import merge
from gitcms.content.paths import check_path
from gitcms.content.values import MISSING, Found
from gitcms.entries.recording import Saved, free, record, subject
from gitcms.entries.saving import follow
from gitcms.entries.together import Clash, answers_to, between
from gitcms.errors import EditConflict, NotFound, PathTaken
from gitcms.history import FileStory
from gitcms.repository import Commit, FileChange, Person
from gitcms.schema.collection import Collection
from gitcms.site import Site


@dataclass(frozen=True, slots=True)
class Recovery:
    """What is going to be written to bring something back; `files` and `base` are as the repository has them.

    `story` tells what becomes of the entry as it is now; None where it is not there now, or goes.
    `clashes` are the places that somebody changed since, and for which nothing was chosen yet: mine is how it
    was, theirs how it is now. `title` is the entry's, `path` where it lies afterwards.
    """

    path: str
    title: str
    collection: Collection
    commit: Commit
    files: Mapping[str, bytes | None]
    base: Mapping[str, str | None]
    message: str
    story: FileStory | None = None
    clashes: tuple[Clash, ...] = ()

    @property
    def goes(self) -> bool:
        """Whether the entry is not there afterwards."""
        return self.files.get(self.path, b"") is None


def recover(site: Site, plan: Recovery, author: Person) -> Saved:
    """Do what was planned: one commit by this author.

    :raises EditConflict: a choice is missing, or somebody saved the entry since the plan was made.
    """
    if plan.clashes:
        raise EditConflict(plan.path, base=None, current=plan.base.get(plan.path))
    return record(site, plan.files, plan.base, author, plan.message, plan.path, back=True)


def version(site: Site, path: str, commit_id: str) -> Recovery:
    """Plan to have an entry as it was after a change, or before it where that deleted it.

    :raises NotFound: that change has no such entry.
    """
    collection, place, commit, name_then = _found(site, path, commit_id)
    blob = blob_after(site, name_then, commit)
    data, current = site.repository.read_blob(blob), site.repository.blob_of(place)
    title = collection.title_of(site.facts(blob, place).values, place)
    message = subject(f"Restore {title} as of {_day(site, commit)}")
    story = _story(site, place, current, data)
    return Recovery(place, title, collection, commit, {place: data}, {place: current}, message, story)


def field(site: Site, path: str, commit_id: str, name: str | None) -> Recovery:
    """Plan to have one field of an entry as it was after a change, and all else as it is now.

    :param name: the field's; None for the text below the fields.
    :raises NotFound: that change has no such entry, or the entry is deleted.
    :raises EditRefused: the field cannot be changed alone.
    """
    collection, place, commit, name_then = _found(site, path, commit_id)
    current = site.repository.blob_of(place)
    if current is None:
        raise NotFound("This entry is deleted. Restore the whole of it first.")
    then = Document.parse(site.repository.read_blob(blob_after(site, name_then, commit)), name_then)
    now = Document.parse(site.repository.read_blob(current), place)
    if name is None:
        data, label = now.change([], then.body), history.TEXT
    else:
        wanted: dict[str, Found] = {**now.values, name: then.values.get(name, MISSING)}
        data = now.change(edits_between(now.values, wanted, collection.order))
        label = history.label_of(collection.fields, (name,))
    title = collection.title_of(now.values, place)
    message = subject(f"Restore {label.lower()} of {title} as of {_day(site, commit)}")
    story = _story(site, place, current, data)
    return Recovery(place, title, collection, commit, {place: data}, {place: current}, message, story)


def before(site: Site, path: str, commit_id: str, choices: Mapping[str, str] | None = None) -> Recovery:
    """Plan to take one change of an entry back, and to keep what was changed since.

    :param choices: name of a clash → "mine" for how it was, "theirs" for how it is, or as `resolve` has them.
    :raises NotFound: that change has no such entry, or the entry is deleted by now.
    :raises EditConflict: the change made the entry, and it was changed since.
    :raises PathTaken: something else lies where the entry was.
    """
    collection, place, commit, name_then = _found(site, path, commit_id)
    change = _change_of(site, commit, name_then)
    current = site.repository.blob_of(place)
    shown = change.new_blob or change.old_blob
    title = collection.title_of(site.facts(shown, place).values, place) if shown else place
    message = subject(f"Take back the change of {_day(site, commit)} in {title}")
    if change.old_blob is None:
        if current is None:
            raise NotFound("This entry is deleted already.")
        if current != change.new_blob:
            raise EditConflict(place, base=change.new_blob, current=current)
        return Recovery(place, title, collection, commit, {place: None}, {place: current}, message)
    old = site.repository.read_blob(change.old_blob)
    if change.new_blob is None:
        if current is not None:
            raise PathTaken("An entry lies there again by now.")
        return Recovery(place, title, collection, commit, {place: old}, {place: None}, message)
    if current is None:
        raise NotFound("This entry is deleted. Restore the whole of it first.")
    new, now = (site.repository.read_blob(blob) for blob in (change.new_blob, current))
    merged = merge(new, now, old, answers_to(choices or {}), place)
    clashes: tuple[Clash, ...] = ()
    if merged.data is None:
        _, clashes = between(collection, new, now, old, place)
    data = now if merged.data is None else merged.data
    target = _back_to(site, place, change)
    files = {target: data} | ({place: None} if target != place else {})
    base = {place: current} | ({target: None} if target != place else {})
    story = _story(site, place, current, data)
    return Recovery(target, title, collection, commit, files, base, message, story, clashes)


def blob_after(site: Site, name_then: str, commit: Commit) -> str:
    """Return the blob that an entry had after a change, or before it where that deleted it.

    :raises NotFound: that change has no such file.
    """
    blob = site.repository.blob_of(name_then, commit.id)
    if blob is None and commit.parents:
        blob = site.repository.blob_of(name_then, commit.parents[0])
    if blob is None:
        raise NotFound("There is no such version.")
    return blob


def _found(site: Site, path: str, commit_id: str) -> tuple[Collection, str, Commit, str]:
    """Return where an entry lies now, which may be deleted, the change, and its name right after it."""
    check_path(path, existing=True)
    commit = site.repository.commit(commit_id)
    place = follow(site, path) or path
    collection = site.collection_of(place)
    if collection is None:
        raise NotFound("There is no such entry.")
    return collection, place, commit, history.name_at(site, place, commit.id)


def _change_of(site: Site, commit: Commit, name_then: str) -> FileChange:
    changes = history.changes_of(site, commit)
    found = next((each for each in changes if each.path == name_then), None)
    if found is None:
        raise NotFound("That change did not touch this entry.")
    return found


def _back_to(site: Site, place: str, change: FileChange) -> str:
    """Return where an entry lies once its renaming is taken back; where it is if somebody moved it since."""
    if not change.old_path or change.old_path == place or place != change.path:
        return place
    return free(site, place, change.old_path)


def _story(site: Site, place: str, current: str | None, data: bytes) -> FileStory | None:
    if current is None:
        return None
    now = Document.parse(site.repository.read_blob(current), place)
    return history.story_of_texts(site, place, now, Document.parse(data, place))


def _day(site: Site, commit: Commit) -> str:
    return site.local(commit.when).date().isoformat()
