"""Changes of the model as edits of `gitcms.toml`: the keys that somebody changed, every other byte as it is.

A form tells what it showed and what was typed, key by key, so that two people who change different things do
not meet, whoever saves first; who changes the same learns it. A change is planned first, told in words, and
saved as one commit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from gitcms.content.document import Document
from gitcms.content.edits import Edit, Set, Unset
from gitcms.content.values import MISSING, Found, Path, Value, find, same
from gitcms.entries.recording import Saved, record, subject
from gitcms.errors import EditConflict, EditRefused, InvalidEntry, NotFound, PathTaken
from gitcms.modelling.controls import (
    FLAGGED,
    Setting,
    Subject,
    choice_and_label,
    is_pinned,
    meant,
    of_collection,
    of_field,
    shown,
)
from gitcms.repository import Person
from gitcms.schema import outliers
from gitcms.schema.collection import Model
from gitcms.schema.configured import OWN, Remark, facts_in, foreign
from gitcms.schema.configured.keys import FOLDER, TYPES
from gitcms.schema.configured.writing import toml_of
from gitcms.schema.fields.base import BadField, text_of
from gitcms.schema.languages import is_language
from gitcms.site import Site

TRIES = 5
MEANWHILE = "meanwhile"
"""The key of a problem that tells that somebody else changed the same."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that changes, as texts: what it says now and what it will; `follows` for what is let go.

    `ours` tells that the texts are words of this program, which readers have in their language.
    """

    label: str
    before: str
    after: str
    follows: bool = False
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What a change is going to write: the whole of `gitcms.toml`, what differs, the message for the history.

    `base` is the file's blob now, None where there is none. Nothing differs where `data` is None.
    """

    base: str | None
    data: bytes | None
    differences: tuple[Difference, ...]
    message: str
    remarks: tuple[Remark, ...] = ()


Planner = Callable[[], Plan]


def changed(
    site: Site,
    what: Callable[[Model, Mapping[str, Any]], Subject],
    typed: Mapping[str, str],
    was: Mapping[str, str],
    free: Sequence[str] = (),
) -> Plan:
    """Return what typed texts change of a site, a collection or a field.

    :param what: makes the subject of the model and of what `gitcms.toml` says now.
    :param was: the texts that the form showed. :param free: keys that are to follow the posts again.
    :raises InvalidEntry: key → sentence for what cannot be; with MEANWHILE where somebody else was faster.
    """
    file = _Present(site)
    about = what(site.model(), file.facts)
    told = _Typed(site.model(), about, typed, was, frozenset(free))
    edits = list(told.edits())
    if told.problems:
        raise InvalidEntry("This cannot be saved yet. Nothing is lost.", told.problems)
    names = ", ".join(each.label.lower() for each in told.differences)
    return file.plan(edits, told.differences, f"Change the model of {about.label}: {names}")


def added_field(site: Site, name: str, at: Sequence[str], field: str, kind: str) -> Plan:
    """Return what a field changes that no post has yet.

    :param at: the field that it is a part of, none for one of the collection's own.
    :raises InvalidEntry: it cannot be called so, or is there already.
    """
    file = _Present(site)
    model = site.model()
    around = of_field(model, name, at, file.facts) if at else of_collection(model, name, file.facts)
    known = around.field.fields if around.field else site.collection(name).fields
    problems = {}
    if not field or not field.isprintable() or len(field) > 100:
        problems["name"] = "Write the name that it has in the files, such as subtitle."
    elif any(one.name == field for one in known):
        problems["name"] = "There is a field of that name already."
    if kind not in TYPES:
        problems["type"] = "Choose one of these types."
    if problems:
        raise InvalidEntry("This cannot be saved yet. Nothing is lost.", problems)
    edits: list[Edit] = [Set((*around.place, "fields", field, "type"), kind)]
    return file.plan(edits, [Difference(field, "", kind)], f"Add the field {field} to {around.label}")


def added_collection(site: Site, name: str, folder: str) -> Plan:
    """Return what a part of the site changes that lies in a folder of its own.

    :raises InvalidEntry: it cannot be called so, or is there already, or the folder cannot be.
    """
    file = _Present(site)
    folder, model, problems = folder.strip().strip("/"), site.model(), {}
    if not name or not name.isprintable() or "/" in name or len(name) > 100:
        problems["name"] = "Write a short name, such as news."
    elif model.collection(name) is not None:
        problems["name"] = "There is a part of that name already."
    if not folder or not FOLDER.takes(folder):
        problems["folder"] = "Write a folder of the site, such as content/posts."
    elif any(folder in one.folders for one in model.collections):
        problems["folder"] = "Another part of the site lies in that folder."
    if problems:
        raise InvalidEntry("This cannot be saved yet. Nothing is lost.", problems)
    edits: list[Edit] = [Set(("collections", name, "folder"), folder)]
    return file.plan(edits, [Difference(name, "", folder)], f"Add {name} to the model")


def removed(site: Site, what: Callable[[Model, Mapping[str, Any]], Subject]) -> Plan:
    """Return what it changes that `gitcms.toml` says nothing more of a subject.

    :raises NotFound: it says nothing of it.
    """
    file = _Present(site)
    about = what(site.model(), file.facts)
    if find(file.values, about.place) is MISSING:
        raise NotFound("Nothing is pinned here.")
    differences = [Difference(key, _plain(value), "", follows=True) for key, value in about.told.items()]
    return file.plan([Unset(about.place)], differences, f"Pin nothing more of {about.label}")


def imported(site: Site) -> Plan:
    """Return the `gitcms.toml` that says what the configuration of another CMS says.

    :raises NotFound: there is none. :raises PathTaken: there is a `gitcms.toml` already.
    """
    base = site.repository.blob_of(OWN)
    if base is not None:
        raise PathTaken(f"There is a {OWN} already.", hint="Change that one.")
    found = foreign(site.source())
    if found is None:
        raise NotFound("No configuration of another CMS was found here.")
    data = toml_of(found.facts, f"made from {found.path}").encode()
    differences = (Difference(found.path, "", OWN),)
    return Plan(None, data, differences, f"Make {OWN} of {found.path}", found.remarks)


def save(site: Site, plan: Planner, author: Person) -> Saved:
    """Save a plan as one commit; it is made anew where somebody was faster by a moment.

    :param plan: makes it. :raises: what it raises.
    """
    for turn in range(TRIES):
        wanted = plan()
        if wanted.data is None:
            return Saved(OWN, None)
        message = subject(wanted.message)
        try:
            return record(site, {OWN: wanted.data}, {OWN: wanted.base}, author, message, OWN, purpose="model")
        except EditConflict:
            if turn == TRIES - 1:
                raise
    raise AssertionError("a turn either returns or raises")


def outliers_of(site: Site, name: str) -> list[outliers.Outlier]:
    """Return what stands out among the entries of a collection, as it is now."""
    collection = site.collection(name)

    def found() -> list[outliers.Outlier]:
        source = site.source()
        return outliers.outliers(collection, [p for p in source.paths if collection.holds(p)], source)

    made: list[outliers.Outlier] = site.memo.get(
        ("outliers", name, site.edition, site.repository.head()), found
    )
    return made


class _Present:
    """`gitcms.toml` as it is at the newest commit: its bytes, and what it says."""

    def __init__(self, site: Site) -> None:
        """
        :raises EditRefused: it cannot be read, or another CMS' configuration counts.
        """
        self._site = site
        configured = site.configured()
        if configured.path not in ("", OWN):
            raise EditRefused(
                f"This site is set up in {configured.path}.",
                hint="Turn that into gitcms.toml first.",
            )
        self.blob = site.repository.blob_of(OWN)
        self.data = site.repository.read_blob(self.blob) if self.blob is not None else b""
        self.facts, self._remarks = facts_in(self.data)
        self.values = Document.parse(self.data, OWN).values
        if Document.parse(self.data, OWN).problem is not None:
            raise EditRefused(
                "gitcms.toml cannot be read, so it cannot be changed here.",
                hint="Put it right in the file, or take its last change back.",
            )

    def plan(self, edits: Sequence[Edit], differences: Sequence[Difference], message: str) -> Plan:
        """Return the plan of edits; one in which nothing differs where they change nothing."""
        if not edits:
            return Plan(self.blob, None, (), message)
        data = self._changed(edits)
        wrong = [one for one in facts_in(data)[1] if one.wrong]
        if len(wrong) > sum(one.wrong for one in self._remarks):
            raise InvalidEntry("This cannot be saved yet. Nothing is lost.", {"": str(wrong[-1].sentence)})
        return Plan(self.blob, data, tuple(differences), message)

    def _changed(self, edits: Sequence[Edit]) -> bytes:
        if self.blob is None:
            facts: dict[str, Any] = {"site": {}, "collections": {}}
            for edit in edits:
                if isinstance(edit, Set):
                    _put(facts, edit.path, edit.value)
            return toml_of(facts, "made in the browser").encode()
        document = Document.parse(self.data, OWN)
        data = document.change(list(edits))
        for edit in edits:
            if isinstance(edit, Unset):
                data = _without_empty(data, edit.path[:-1])
        return _without_bare_headings(self.data, data)


class _Typed:
    """What was typed, held against what counts now."""

    def __init__(
        self,
        model: Model,
        about: Subject,
        typed: Mapping[str, str],
        was: Mapping[str, str],
        free: frozenset[str],
    ) -> None:
        self._model, self._about, self._free = model, about, free
        self._was = {key: _text(text) for key, text in was.items()}
        self._typed = {key: _text(text) for key, text in typed.items() if key in was}
        kind = about.field.type if about.field is not None else ""
        self._kind = TYPES.get(self._typed.get("type", ""), kind)
        self.problems: dict[str, str] = {}
        self.differences: list[Difference] = []

    def edits(self) -> Iterator[Edit]:
        """Yield the edits; what is wrong is noted, what differs as well."""
        parted = [one for one in self._about.settings if one.root in _PARTED]
        for setting in self._about.settings:
            if setting.key in self._free and is_pinned(self._about, setting):
                self._note(setting, "", follows=True)
                yield Unset((*self._about.place, setting.root))
            elif self._is_changed(setting) and setting not in parted:
                yield from self._edit(setting)
        for root in dict.fromkeys(one.root for one in parted):
            parts = [one for one in parted if one.root == root]
            if any(map(self._is_changed, parts)) and self._free.isdisjoint(one.key for one in parts):
                yield from _PARTED[root](self, parts)
        self._check()

    def _is_changed(self, setting: Setting) -> bool:
        """Tell whether somebody wants another text than the form showed, and than there is by now."""
        key = setting.key
        if key not in self._typed or self._typed[key] == self._was.get(key):
            return False
        now = _text(shown(self._about, setting))
        if now == self._typed[key]:
            return False
        if now != self._was[key]:
            self.problems[MEANWHILE] = "Somebody else changed this meanwhile."
            self.problems[key] = f"Somebody else changed this meanwhile. It is “{now}” now."
            return False
        return True

    def _edit(self, setting: Setting) -> Iterator[Edit]:
        key, text = setting.key, self._typed[setting.key]
        value: Found
        try:
            value = meant(self._about, setting, text, self._kind)
        except BadField as error:
            self.problems[key] = str(error)
            return
        pinned = is_pinned(self._about, setting)
        if value is MISSING and setting.found:
            if setting.control == "flag":
                value = False
            elif setting.control == "choices":
                value = []
            elif setting.options:
                value = ""
            elif not pinned:
                self.problems[key] = (
                    "This cannot be empty. It is read off the posts where nothing else is said."
                )
                return
        self._note(setting, text)
        path = (*self._about.place, key)
        if value is not MISSING:
            yield Set(path, value)
        elif pinned:
            yield Unset(path)

    def _when(self, parted: Sequence[Setting]) -> Iterator[Edit]:
        """Yield the edit of a condition, which is one thing in three controls."""
        field, values, other = (self._typed.get(one.key, "") for one in parted)
        path = (*self._about.place, "when")
        for setting in parted:
            if self._typed.get(setting.key) != self._was.get(setting.key):
                self._note(setting, self._typed.get(setting.key, ""))
        if not field:
            if "when" in self._about.told:
                yield Unset(path)
            return
        if field not in self._about.siblings:
            self.problems["when.field"] = "There is no field of that name beside this one."
        listed: list[Value] = [line.strip() for line in values.split("\n") if line.strip()]
        condition: dict[str, Value] = {"field": field}
        if listed or other == FLAGGED:
            condition["is_not" if other == FLAGGED else "is"] = listed
        yield Set(path, condition)

    def _languages(self, parted: Sequence[Setting]) -> Iterator[Edit]:
        """Yield the edit of how languages are kept apart: the way, and which there are."""
        how, names = (self._typed.get(one.key, "") for one in parted)
        path = (*self._about.place, "i18n")
        locales: list[Value] = list(dict.fromkeys(filter(None, map(str.strip, names.split("\n")))))
        strange = next((one for one in locales if not is_language(str(one))), "")
        if how not in parted[0].options:
            self.problems[parted[0].key] = "Choose one of these."
        elif how and strange:
            self.problems[parted[1].key] = (
                f"“{strange}” is no language. Write each as in es or pt-BR, one a line."
            )
        elif how and not locales:
            self.problems[parted[1].key] = "Write which languages there are, one a line, such as es."
        for setting in parted:
            if self._typed.get(setting.key) != self._was.get(setting.key):
                self._note(setting, self._typed.get(setting.key, ""))
        yield Set(path, {"layout": how, "locales": locales} if how else {})

    def _note(self, setting: Setting, after: str, *, follows: bool = False) -> None:
        words = setting.options
        before = shown(self._about, setting)
        ours = any(text != called for text, called in words.items())
        self.differences.append(
            Difference(setting.label, words.get(before, before), words.get(after, after), follows, ours)
        )

    def _check(self) -> None:
        """Note what single controls cannot tell: names that nobody has, a least above the most."""
        known = {
            "order": {one.name for one in self._model.collections},
            "collections": {one.name for one in self._model.collections},
            "field_order": {str(one) for one in self._about.values.get("field_order", ())},
            "labels": set(self._typed.get("choices", "").split("\n")),
        }
        for key, names in known.items():
            strange = [one for one in self._names(key) if one not in names]
            if strange and key not in self.problems:
                self.problems[key] = (
                    f"Nothing here is called “{strange[0]}”. There are {', '.join(sorted(names))}."
                )
        meaning = self._typed.get("meaning", "")
        if meaning and meaning != self._was.get("meaning"):
            self._refuse_a_second(meaning)
        for least, most in (("min", "max"), ("min_length", "max_length")):
            try:
                low, high = (float(self._typed.get(key) or "") for key in (least, most))
            except ValueError:
                continue
            if low > high:
                self.problems[least] = "This is more than the most that is allowed."

    def _refuse_a_second(self, meaning: str) -> None:
        """Note that another field of the collection is that of an entry already: the first would count."""
        collection = self._model.collection(str(self._about.place[1]))
        other = collection.meaning(meaning) if collection is not None else None
        if other is not None and other.name != self._about.place[-1]:
            self.problems["meaning"] = (
                f"“{other.label}” is that already, and only one field can be. Take it from that one first."
            )

    def _names(self, key: str) -> list[str]:
        """Return the names in a control whose text somebody changed: its lines, or what they are about."""
        if self._typed.get(key) == self._was.get(key):
            return []
        lines = filter(None, map(str.strip, self._typed.get(key, "").split("\n")))
        return [choice_and_label(line)[0] if key == "labels" else line for line in lines]


_BARE_HEADING = re.compile(rb"^\[([^\[\]#\r\n]+)\][ \t]*\r?\n(?:[ \t]*\r?\n)*(?=\[\1\.)", re.MULTILINE)
"""A heading in gitcms.toml with nothing between it and that of one of its parts."""

_PARTED = {"when": _Typed._when, "i18n": _Typed._languages}
"""What is one thing in several controls."""


def _text(text: str) -> str:
    """Return a text with plain line ends, and no blanks around it."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(map(str, value))
    return ", ".join(map(text_of, value)) if isinstance(value, list) else text_of(value)


def _put(facts: dict[str, Any], path: Path, value: Value) -> None:
    here = facts
    for step in path[:-1]:
        here = here.setdefault(str(step), {})
    here[str(path[-1])] = deepcopy(value)


def _without_bare_headings(before: bytes, after: bytes) -> bytes:
    """Return the file without headings that hold nothing any more but what stands under their parts."""
    bare_already = {heading[1] for heading in _BARE_HEADING.finditer(before)}
    data = _BARE_HEADING.sub(lambda found: found[0] if found[1] in bare_already else b"", after)
    # Something in a text of several lines may look like a heading.
    return data if same(Document.parse(data, OWN).values, Document.parse(after, OWN).values) else after


def _without_empty(data: bytes, place: Path) -> bytes:
    """Return the file without tables that hold nothing any more: at a place, and around it."""
    while place:
        document = Document.parse(data, OWN)
        found = find(document.values, place)
        if found is not MISSING and not same(found, {}):
            break
        if found is not MISSING:
            data = document.change([Unset(place)])
        place = place[:-1]
    return data
