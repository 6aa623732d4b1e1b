"""How what authors do becomes a commit: who may write it, its message, its date, and names that are free."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from gitcms import history, remotes
from gitcms.accounts.permissions import Permission, Place, Rights, Role
from gitcms.content.document import Document
from gitcms.content.paths import casefold_twin
from gitcms.errors import PathTaken, PermissionDenied
from gitcms.remotes import Status
from gitcms.repository import Commit, Person
from gitcms.schema.collection import Collection
from gitcms.site import Site

SUBJECT_LENGTH = 72
DRAFTS_ONLY = Rights(Role.CONTRIBUTOR)
ASK = "Ask somebody who may, or an administrator to let you."
# "[skip ci]" and the like in a message keep the services that build sites from building: a title must not.
_ORDER = re.compile(r"\[((?:[\w-]+ )?(?:skip|no)(?: [\w-]+)?)\]", re.IGNORECASE)


@dataclass(frozen=True)
class Writer(Person):
    """An author with what they may do. A plain `Person` is one that was asked about already."""

    rights: Rights = DRAFTS_ONLY

    @property
    def person(self) -> Person:
        return Person(self.name, self.email)


@dataclass(frozen=True, slots=True)
class Beside:
    """What others changed while an author wrote, and was kept: the last of them, and what, in words."""

    by: Commit | None
    what: str


@dataclass(frozen=True, slots=True)
class Saved:
    """Where the entry lies now; `commit` is None when there was nothing to save.

    `beside` tells of the changes of others that are in it, too, since it was opened. `sent` tells how things
    stand with the shared server, where each save is sent before it is answered.
    """

    path: str
    commit: Commit | None
    beside: Beside | None = None
    sent: Status | None = None


def record(
    site: Site,
    files: Mapping[str, bytes | None],
    base: Mapping[str, str | None],
    author: Person,
    message: str,
    path: str,
    seen: Mapping[str, str] | None = None,
) -> Saved:
    """Write files as one commit, if this author may write each entry among them.

    :raises PermissionDenied: naming what they may not; nothing was written.
    """
    if isinstance(author, Writer):
        allow(site, files, base, author.rights)
        author = author.person
    # Recorded in the site's own zone, as its dates are shown; in the server's where none is set.
    when = site.local(site.now()) if site.config.site.time_zone else None
    commit = site.repository.save(files, base=base, author=author, message=message, when=when, seen=seen)
    before_answer = site.config.remote.before_answer and commit is not None
    return Saved(path, commit, sent=remotes.send_now(site) if before_answer else None)


def allow(
    site: Site, files: Mapping[str, bytes | None], base: Mapping[str, str | None], rights: Rights
) -> None:
    """Ask about every entry where it is really going to lie, and as it really is before and afterwards.

    :param files: path → what it is going to hold; None where it goes.
    :param base: path → the blob that is there now.
    :raises PermissionDenied: naming what these rights do not hold.
    """
    for path, data in files.items():
        collection = site.collection_of(path)
        if collection is None:
            continue  # a picture, which the page has asked about
        place = Place(collection.name, path)
        if not rights.may(Permission.EDIT_ENTRY, place):
            raise PermissionDenied("Your account may not write here.", hint=ASK)
        if rights.may(Permission.PUBLISH, place):
            continue
        blob = base.get(path)
        if blob is not None and _is_live(site, collection, path, site.repository.read_blob(blob)):
            raise PermissionDenied("This is live, and your account may change drafts only.", hint=ASK)
        if data is not None and _is_live(site, collection, path, data):
            raise PermissionDenied("This would be live, and your account may write drafts only.", hint=ASK)


def _is_live(site: Site, collection: Collection, path: str, data: bytes) -> bool:
    return collection.state_of(Document.parse(data, path).values, path, site.now()) != "draft"


def describe(site: Site, intent: str, path: str, old: Document, data: bytes, target: str) -> str:
    """Write the message from what changed, as a careful person would."""
    new = Document.parse(data, path)
    story = history.story_of_texts(site, path, old, new)
    verb = {"publish": "Publish", "unpublish": "Unpublish", "draft": "Unpublish"}.get(intent)
    if verb:
        return subject(f"{verb} {story.title}")
    return subject(f"Edit {story.title}: {story.summary}" if story.summary else f"Edit {story.title}")


def subject(text: str) -> str:
    """Return one line that fits where Git shows subjects, and gives no orders to whoever builds the site."""
    line = _ORDER.sub(r"(\1)", " ".join(text.split()))
    return line if len(line) <= SUBJECT_LENGTH else line[: SUBJECT_LENGTH - 1].rstrip() + "…"


def free(site: Site, path: str, target: str) -> str:
    if target != path:
        refuse_taken(site, target)
    return target


def refuse_taken(site: Site, path: str) -> None:
    taken = site.blobs()
    if path in taken or casefold_twin(path, taken) is not None:
        raise PathTaken("An entry of that name is there already.", hint="Choose another title or address.")


def today(site: Site) -> date:
    return site.local(site.now()).date()
