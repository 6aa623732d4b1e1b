"""How what authors do becomes a commit: who may write it, its message, its date, and names that are free."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from gitcms import history, remotes
from gitcms.accounts.permissions import Permission, Place, Rights, Role
from gitcms.content.document import Document
from gitcms.content.paths import Purpose, casefold_twin
from gitcms.errors import PathTaken, PermissionDenied
from gitcms.remotes import Status
from gitcms.repository import Commit, Person
from gitcms.schema import generators, templates
from gitcms.schema.collection import Collection
from gitcms.schema.rules import FREE
from gitcms.site import Site

SUBJECT_LENGTH = 72
PASS_OVER = "[skip ci]"
"""What the services that build sites take as the order not to."""
DRAFTS_ONLY = Rights(Role.CONTRIBUTOR)
BY_ITS_OWNERS = "The site’s configuration says so."
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
    *,
    back: bool = False,
    purpose: Purpose = "write",
) -> Saved:
    """Write files as one commit, if this author may write each entry among them.

    :param back: what comes was there before, so that it counts as nothing new.
    :param purpose: as `check_path` has it. Who may write the model was asked by the page.
    :raises PermissionDenied: naming what they, or all, may not; nothing was written.
    """
    if isinstance(author, Writer):
        allow(site, files, base, author.rights)
        author = author.person
    heed_rules(site, files, base, back=back)
    # Recorded in the site's own zone, as its dates are shown; in the server's where none is set.
    when = site.local(site.now()) if site.config.site.time_zone else None
    told = site.model().messages
    commit = site.repository.save(
        files,
        base=base,
        author=author,
        message=f"{PASS_OVER} {message}" if told.skip_builds else message,
        when=when,
        seen=seen,
        sign_off=told.sign_off,
        purpose=purpose,
    )
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
        # A picture has no home; the page has asked about it.
        was, becomes = _homes(site, path, data, base.get(path))
        for collection in filter(None, (was, becomes)):
            if not rights.may(Permission.EDIT_ENTRY, Place(collection.name, path)):
                raise PermissionDenied("Your account may not write here.", hint=ASK)
        blob = base.get(path)
        old = None if blob is None or was is None else site.repository.read_blob(blob)
        if _is_out_of_reach(site, was, path, old, rights):
            raise PermissionDenied("This is live, and your account may change drafts only.", hint=ASK)
        if _is_out_of_reach(site, becomes, path, data, rights):
            raise PermissionDenied("This would be live, and your account may write drafts only.", hint=ASK)


def heed_rules(
    site: Site, files: Mapping[str, bytes | None], base: Mapping[str, str | None], *, back: bool = False
) -> None:
    """Ask whether entries of these collections may come, go, or be put live at all, whoever does it.

    An entry that goes in one place and comes in another of its collection has moved.

    :param files, base, back: as `record` has them.
    :raises PermissionDenied: the site's owners say that it is not done here.
    """
    moved: Counter[str] = Counter()
    live: Counter[str] = Counter()
    for path, data in files.items():
        blob = base.get(path)
        was, becomes = _homes(site, path, data, blob)
        if was is not None and was.rules != FREE and blob is not None:
            moved[was.name] -= 1
            live[was.name] -= _is_live(site, was, path, site.repository.read_blob(blob))
        if becomes is not None and becomes.rules != FREE and data is not None:
            moved[becomes.name] += 1
            live[becomes.name] += _is_live(site, becomes, path, data)
    for name, more in moved.items():
        collection = site.collection(name)
        rules, here = collection.rules, collection.label
        if more > 0 and not rules.create and not back:
            raise PermissionDenied(f"Nothing is added to {here}.", hint=BY_ITS_OWNERS)
        if more < 0 and not rules.delete:
            raise PermissionDenied(f"Nothing is deleted in {here}.", hint=BY_ITS_OWNERS)
        if live[name] and not rules.publish and more >= 0 and not (more and back):
            raise PermissionDenied(f"{here} is not published or taken off here.", hint=BY_ITS_OWNERS)


def _homes(
    site: Site, path: str, data: bytes | None, blob: str | None
) -> tuple[Collection | None, Collection | None]:
    """Return the collection that an entry belongs to now, and the one that it will belong to."""
    becomes = site.collection_of(path, data)
    return (site.collection_of(path) if blob is not None else None), becomes


def _is_out_of_reach(
    site: Site, collection: Collection | None, path: str, data: bytes | None, rights: Rights
) -> bool:
    """Tell whether a version of an entry is live, and these rights are for drafts alone."""
    if collection is None or data is None or rights.may(Permission.PUBLISH, Place(collection.name, path)):
        return False
    return _is_live(site, collection, path, data)


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


def worded(template: str, collection: Collection, path: str, author: Person, usual: str) -> str:
    """Return what a change of one entry is called: by the template of the site's owners, or as usual.

    :param usual: its subject, which the template may name as `{{message}}`.
    """
    first = next(iter(template.strip().splitlines()), "")
    words = {
        "slug": generators.slug_of(path),
        "path": path,
        "collection": collection.label_one,
        "author-name": author.name,
        "author-login": author.email,
        "message": usual,
    }
    # Only the owners may give orders in it.
    harmless = {name: subject(said) for name, said in words.items()}
    return " ".join(templates.fill(first, {}, **harmless).split()) or usual


def with_uploads(
    site: Site,
    message: str,
    collection: Collection,
    files: Mapping[str, bytes | None],
    author: Person,
) -> str:
    """Return a message with a line for each picture or file that comes along, where the owners want that."""
    template = site.model().messages.upload
    lines = [worded(template, collection, path, author, message) for path, data in files.items() if data]
    return "\n\n".join([message, "\n".join(lines)]) if template and lines else message


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
