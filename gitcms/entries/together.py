"""Two people in one entry: what fits together, and where a choice is needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from gitcms import history
from gitcms.content.document import Document
from gitcms.content.edits import edits_between
from gitcms.content.values import MISSING, Found, Value, same
from gitcms.entries.opening import ABSENT, Entry, open_entry
from gitcms.entries.recording import Saved, record, subject
from gitcms.entries.saving import Change, save
from gitcms.errors import EditConflict
from gitcms.repository import Commit, Person
from gitcms.schema.collection import Collection
from gitcms.site import Site


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
    return record(site, {path: data}, {path: None}, author, subject(f"Bring back {story.title}"), path)


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
