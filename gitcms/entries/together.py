"""Two people in one entry: what fits together, and where a choice is needed.

What fits is joined by `content.merge` as part of a save. Here is told what does not, in words, and saved
what was chosen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from gitcms import history
from gitcms.content import compare
from gitcms.content.document import Document
from gitcms.content.edits import edits_between
from gitcms.content.merge import Answer, Choice, merge
from gitcms.content.values import MISSING, Found, Value
from gitcms.entries.opening import ABSENT, Entry, open_entry
from gitcms.entries.recording import Saved, record, subject
from gitcms.entries.saving import Change, follow, opened_by, save
from gitcms.repository import Commit, Person
from gitcms.schema.collection import Collection
from gitcms.site import Site

TEXT = "Text"


@dataclass(frozen=True, slots=True)
class Clash:
    """One place that two people changed, with all versions in full. None is where one has nothing there.

    :param name: of this place and these versions; `place` stays when one of them becomes another.
    :param both, own: whether both can stand there, and whether a third text can.
    :param usual: what is chosen until somebody chooses: mine, theirs or both, whichever loses nothing.
    """

    name: str
    place: str
    label: str
    base: str | None
    mine: str | None
    theirs: str | None
    both: bool
    own: bool
    usual: str

    @property
    def draft(self) -> str:
        """What a text of one's own begins with."""
        texts = [text for text in (self.mine, self.theirs) if text]
        return "\n\n".join(texts) if self.usual == "both" else texts[0] if texts else ""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two people wrote one entry. `entry` is how it stands now; `joined` names what fits together."""

    entry: Entry
    by: Commit | None
    joined: tuple[str, ...]
    clashes: tuple[Clash, ...]
    deleted: bool = False


def conflict(site: Site, collection: Collection, path: str, change: Change) -> Conflict:
    """Say what two people did to one entry: what fits together, and where a choice is needed."""
    place = follow(site, path)
    by = history.last_change(site, place or path)
    if place is None:
        gone = replace(open_entry(site, collection, path, blob=change.base), base=ABSENT)
        return Conflict(gone, by, (), (), deleted=True)
    entry = open_entry(site, collection, place)
    base = opened_by(site, collection, path, change.base)
    mine = _mine(collection, opened_by(site, collection, path, change.form), change)
    theirs = site.repository.read_blob(entry.base)
    return Conflict(entry, by, *between(collection, base.source, theirs, mine, path))


def between(
    collection: Collection, base: bytes, theirs: bytes, mine: bytes, path: str
) -> tuple[tuple[str, ...], tuple[Clash, ...]]:
    """Return what of two versions fits together, in words, and where a choice is needed."""
    choices = merge(base, theirs, mine, path=path).choices
    sides = Document.parse(mine, path), Document.parse(theirs, path)
    joined = tuple(_joined(collection, Document.parse(base, path), sides, choices))
    return joined, tuple(_clash(collection, choice) for choice in choices)


def answers_to(choices: Mapping[str, str]) -> dict[str, Answer]:
    """Return choices as a merge takes them; what is none is left out.

    :param choices: name of a clash → "mine", "theirs", "both" or "own:" and a text.
    """
    return {name: answer for name, text in choices.items() if (answer := _answer(text))}


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
    :param against: the blob that the author was shown as the other's version, or "absent".
    :raises EditConflict: when a choice is missing, or one of its texts has become another.
    """
    if against == ABSENT and follow(site, path) is None:
        return _bring_back(site, collection, path, change, author)
    return save(site, collection, path, change, author, answers_to(choices))


def _bring_back(site: Site, collection: Collection, path: str, change: Change, author: Person) -> Saved:
    """Save an entry that was deleted meanwhile, with what the author wrote."""
    opened = opened_by(site, collection, path, change.form)
    data = _mine(collection, opened, change)
    story = history.story_of_texts(site, path, opened, Document.parse(data, path))
    message = subject(f"Bring back {story.title}")
    return record(site, {path: data}, {path: None}, author, message, path, back=True)


def _mine(collection: Collection, base: Document, change: Change) -> bytes:
    return base.change(edits_between(base.values, change.values, collection.order), change.body)


def _answer(choice: str) -> Answer | None:
    if choice.startswith("own:"):
        return Answer("own", choice.removeprefix("own:"))
    return Answer(choice) if choice in ("mine", "theirs", "both") else None  # type: ignore[arg-type]


# ── in words ──


def _clash(collection: Collection, choice: Choice) -> Clash:
    usual = "both" if choice.new_to_both else "theirs" if choice.mine is MISSING else "mine"
    return Clash(
        name=choice.id,
        place=choice.place,
        label=_label(collection, choice),
        base=_words(choice.base),
        mine=_words(choice.mine),
        theirs=_words(choice.theirs),
        both=choice.can_be_both,
        own=choice.can_be_own,
        usual=usual,
    )


def _label(collection: Collection, choice: Choice) -> str:
    if choice.kind == "fields":
        return "All fields, as they stand in the file"
    if choice.kind == "text":
        return TEXT
    if choice.kind == "passage":
        return f"{TEXT}, a new passage" if choice.base is MISSING else f"{TEXT}, a passage"
    label = history.label_of(collection.fields, choice.path)
    return {"order": f"{label}: their order", "name": f"{label}: its name"}.get(choice.kind, label)


def _words(value: Found) -> str | None:
    return None if value is MISSING else history.plain(value)


def _joined(
    collection: Collection, base: Document, sides: tuple[Document, Document], choices: Sequence[Choice]
) -> Iterator[str]:
    """Yield the labels of what one of both changed and the other did not."""
    clashing = {str(choice.path[0]) for choice in choices if choice.path}
    whole = {choice.kind for choice in choices}
    if "fields" not in whole:
        changed: dict[str, Value] = {}
        for side in sides:
            changed |= {str(one.path[0]): None for one in compare.fields(base.values, side.values)}
        for key in changed:
            if key not in clashing:
                yield history.label_of(collection.fields, (key,))
    if not whole & {"text", "passage"} and any(side.body != base.body for side in sides):
        yield TEXT
