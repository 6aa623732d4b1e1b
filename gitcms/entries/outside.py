"""An entry that somebody edits in the site's folder without saving it: told, taken over, or put back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from gitcms import history
from gitcms.content.document import Document
from gitcms.content.edits import edits_between
from gitcms.content.merge import Answer, merge
from gitcms.entries.opening import Entry, Taken, open_entry
from gitcms.entries.saving import Change, opened_by
from gitcms.errors import ChangedOnDisk, DocumentError
from gitcms.history import FileStory
from gitcms.schema.collection import Collection
from gitcms.site import Site

GONE = "gone"
MOST_ON_DISK = 8


def story_outside(site: Site, entry: Entry) -> FileStory | str | None:
    """Tell what differs in the folder from what was saved last; GONE where the file is.

    None where there is nothing to be taken over, such as a folder of that name, or what was already.
    """
    found = site.repository.outside(entry.path) if entry.changed_on_disk else None
    saved = site.repository.blob_of(entry.path)
    if found is None or saved is None or (entry.taken and entry.taken.disk == found.id):
        return None
    if found.data is None:
        return GONE
    try:
        there = Document.parse(found.data, entry.path)
        return history.story_of_texts(
            site, entry.path, Document.parse(site.repository.read_blob(saved), entry.path), there
        )
    except DocumentError:
        return None


@dataclass(frozen=True, slots=True)
class OnDisk:
    """An entry that differs in the folder from what was saved last; one that no version has is `new`."""

    collection: Collection
    path: str
    title: str
    new: bool


def on_disk(site: Site, patience: float | None = None) -> list[OnDisk]:
    """Return entries that somebody changed, removed or added in the folder and has not saved there.

    At most `MOST_ON_DISK`, those that can be opened first. What was changed a moment ago may be missing.

    :param patience: seconds to wait while all files of the folder are looked at; after these there are none.
    """
    found = site.outside.get(lambda: list(islice(_on_disk(site), MOST_ON_DISK)), patience)
    # What was saved or taken back meanwhile differs no more.
    return [each for each in found or () if site.repository.differs_on_disk(each.path)]


def _on_disk(site: Site) -> Iterator[OnDisk]:
    added: list[OnDisk] = []
    for path, is_saved in site.repository.differing(new=True):
        collection = site.collection_of(path)
        if collection is None:
            continue
        blob = site.repository.blob_of(path) if is_saved else None
        title = collection.title_of(site.facts(blob, path).values if blob else {}, path)
        each = OnDisk(collection, path, title, new=not is_saved)
        if is_saved:
            yield each
        elif len(added) < MOST_ON_DISK:
            added.append(each)
    yield from added


def take_over(site: Site, collection: Collection, path: str, change: Change) -> tuple[Entry, bool]:
    """Open what stands unsaved in the folder, joined with what the author typed. Nothing is saved yet.

    Returns the entry, and whether both wrote the same place: there both texts stand, one after the other,
    or where that cannot be the author's. What stood in the folder is kept once a save replaces it.

    :raises ChangedOnDisk: it is not to be had any more.
    """
    found = site.repository.outside(path)
    if found is None or found.data is None:
        raise ChangedOnDisk(
            "What was changed outside is not there any more.", hint="Your text is kept. Save it."
        )
    base = opened_by(site, collection, path, change.base)
    form = opened_by(site, collection, path, change.form)
    mine = form.change(edits_between(form.values, change.values, collection.order), change.body)
    merged = merge(base.source, found.data, mine, path=path)
    if merged.data is None:
        answers = {each.id: Answer("both" if each.can_be_both else "mine") for each in merged.choices}
        data = merge(base.source, found.data, mine, answers, path).data
    else:
        data = merged.data
    assert data is not None, "every choice is answered"
    site.repository.store(found.data)
    taken = Taken(disk=found.id, blob=site.repository.store(data))
    return open_entry(site, collection, path, blob=change.base, taken=taken), bool(merged.choices)


def put_back(site: Site, path: str) -> bool:
    """Put an entry's file that is gone from the folder back as it was saved last."""
    return site.repository.put_back(path)
