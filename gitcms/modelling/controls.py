"""What can be changed of a model, one line a setting, and what its control shows and means.

A setting is a key of `gitcms.toml`. What counts now is shown, be it read off the posts or pinned in that
file; a text that differs from what was shown is what somebody wants. Here: settings, their values as text,
texts as values. Not here: what becomes of the file (`changing`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from gitcms.content.paths import fill
from gitcms.content.values import MISSING, Found, Path, Value, find
from gitcms.errors import ConfigError, NotFound, PathRefused
from gitcms.schema.collection import Collection, Field, Model
from gitcms.schema.configured.keys import FOLDER, PATTERN, TYPES
from gitcms.schema.describing import EXAMPLE, spelled
from gitcms.schema.fields.base import BadField, number_of, text_of

ITEM = ""
"""The step from a list to what each of its items is."""
_TEXTS = frozenset({"text", "longtext", "markdown", "slug", "url", "email", "code", "colour"})
_MEASURED = frozenset({"number", "date", "datetime", "time", "tags", "list", "objects", "blocks", "gallery"})
_LISTS = frozenset({"tags", "multiselect", "list", "gallery"})
_CHOSEN = frozenset({"select", "multiselect", "tags"})
_LABELLED = frozenset({"select", "multiselect"})
_PARTED = frozenset({"object", "objects", "blocks", "list"})
FLAGGED = "true"
NAMED = " = "
"""What stands between a choice and what it is called."""
LANGUAGES = {
    "": "In one language",
    "folders": "A folder for each language",
    "suffixes": "The language in the name of the file, such as about.fr.md",
    "keys": "The language in a field, such as lang",
}
MEANT = {
    "": "Nothing besides what it says",
    "title": "The title, by which the entry is known",
    "date": "The date, by which entries are sorted",
    "updated": "The day of the last change",
    "draft": "Whether it is a draft",
    "published": "Whether it is live",
    "status": "Whether it is a draft or live, in a word",
    "slug": "Its part of the web address",
    "tags": "Its tags",
    "categories": "Its categories",
    "image": "Its picture",
    "summary": "What it is about, in a few words",
    "layout": "The layout that the site shows it with",
    "weight": "Its place among its neighbours",
    "lang": "Its language",
}


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that can be said: its key, what it is called, and what kind of control it wants.

    `kinds` are the types of field that it means something for, none for all. `found` tells that it is read
    off the posts where nobody says it, so that an emptied control cannot mean that there is none.
    """

    key: str
    label: str
    control: str = "line"
    help: str = ""
    group: str = ""
    kinds: frozenset[str] = frozenset()
    found: bool = False
    options: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def root(self) -> str:
        """The key of `gitcms.toml` that it is, or is a part of."""
        return self.key.partition(".")[0]


GROUPS = {"": "", "limits": "What may be written", "place": "Where it stands in the form"}
SITE = (
    Setting("title", "Name of the site", found=True),
    Setting(
        "public_url", "Web address of the site", "address", "Where visitors see what is saved.", found=True
    ),
    Setting("media_folder", "Folder of new pictures", "folder", found=True),
    Setting("order", "Parts of the site that come first in the menu", "lines", "Their names, one a line."),
)
COLLECTION = (
    Setting("label", "What it is called", found=True),
    Setting("label_one", "What one entry is called", found=True),
    Setting(
        "file_template",
        "How a new file is named",
        "template",
        "{slug} is made of the title; there are {date}, {year}, {month} and {day}, too.",
        found=True,
    ),
    Setting("permalink", "Address of an entry on the site", found=True),
    Setting("draft_folder", "Folder of drafts", "folder", found=True),
    Setting(
        "field_order",
        "Order of the fields",
        "lines",
        "Their names, one a line. Those that are not named come behind.",
        found=True,
    ),
    Setting("i18n.layout", "How languages are kept apart", "one", found=True, options=LANGUAGES),
    Setting(
        "i18n.locales", "Languages", "lines", "As the site spells them, one a line, such as es.", found=True
    ),
)
FIELD = (
    Setting("label", "What it is called", found=True),
    Setting(
        "type",
        "Type",
        "type",
        "The type “hidden” keeps it out of the form.",
        found=True,
        options={name: name for name in TYPES},
    ),
    Setting("meaning", "What it is of an entry", "one", found=True, options=MEANT),
    Setting("required", "A live entry needs it", "flag", found=True),
    Setting("hint", "Hint below it"),
    Setting("default", "What a new entry begins with", "default"),
    Setting("choices", "Choices", "choices", "One a line.", kinds=_CHOSEN, found=True),
    Setting(
        "labels",
        "What choices are called in the form",
        "labels",
        "One a line, such as: de = German. The others are called as they are written.",
        kinds=_LABELLED,
    ),
    Setting("closed", "Nothing but these choices", "flag", kinds=_CHOSEN),
    Setting(
        "collections",
        "Parts of the site whose entries can be chosen",
        "lines",
        "Their names, one a line.",
        kinds=frozenset({"relation"}),
        found=True,
    ),
    Setting("multiple", "Several of them", "flag", kinds=frozenset({"relation"})),
    Setting("min", "Smallest, earliest or fewest", "limit", group="limits", kinds=_MEASURED),
    Setting("max", "Largest, latest or most", "limit", group="limits", kinds=_MEASURED),
    Setting("step", "Steps", "number", group="limits", kinds=frozenset({"number"})),
    Setting("min_length", "Least number of characters", "count", group="limits", kinds=_TEXTS),
    Setting("max_length", "Greatest number of characters", "count", group="limits", kinds=_TEXTS),
    Setting(
        "pattern",
        "Pattern that is found in it",
        "pattern",
        "A regular expression.",
        group="limits",
        kinds=_TEXTS,
    ),
    Setting("pattern_says", "What is said where it is not", group="limits", kinds=_TEXTS),
    Setting("unique", "Only one entry may have a value", "flag", group="limits"),
    Setting("placeholder", "Example in an empty control", group="place", kinds=_TEXTS),
    Setting("group", "Heading that it stands under", group="place"),
    Setting("tab", "Tab that it stands on", group="place"),
    Setting("when.field", "Asked for only where another field has a value: which field", group="place"),
    Setting("when.is", "Which values of that one", "lines", "One a line. None: any value.", group="place"),
    Setting("when.other", "Only where it has none of them", "flag", group="place"),
)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is being changed: where `gitcms.toml` speaks of it, what can be said, and what counts now.

    `told` is what that file says of it. `field` is there for fields alone.
    """

    place: Path
    label: str
    settings: tuple[Setting, ...]
    values: Mapping[str, Any]
    told: Mapping[str, Any]
    field: Field | None = None
    siblings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Control:
    """A setting as a form shows it. `was` is the text that counts now, `text` the one that is typed."""

    setting: Setting
    text: str
    was: str
    pinned: bool
    problem: str = ""


def of_site(model: Model, facts: Mapping[str, Any]) -> Subject:
    """Return what can be changed of the site as a whole."""
    told = facts.get("site", {})
    values = {
        "title": model.title,
        "public_url": model.public_url,
        "media_folder": model.media_folder,
        "order": told.get("order", []),
    }
    return Subject(("site",), "The site", SITE, values, told)


def of_collection(model: Model, name: str, facts: Mapping[str, Any]) -> Subject:
    """Return what can be changed of a collection.

    :raises NotFound: there is none of that name.
    """
    one = _collection(model, name)
    place: Path = ("collections", name)
    values = {
        "label": one.label,
        "label_one": one.label_one,
        "file_template": one.file_template,
        "permalink": one.permalink,
        "draft_folder": one.draft_folder or "",
        "field_order": [each.name for each in one.fields],
        "i18n.layout": one.i18n.how,
        "i18n.locales": one.i18n.locales,
    }
    settings = tuple(each for each in COLLECTION if one.grows or each.key != "file_template")
    return Subject(place, one.label, settings, values, _told(facts, place))


def of_field(model: Model, name: str, at: Sequence[str], facts: Mapping[str, Any]) -> Subject:
    """Return what can be changed of a field.

    :param at: its name, or the names on the way to it from the collection; ITEM is what a list holds.
    :raises NotFound: there is none.
    """
    one = _collection(model, name)
    fields, labels = one.fields, [one.label]
    siblings: tuple[str, ...] = ()
    found: Field | None = None
    place: Path = ("collections", name)
    for step in at:
        if step == ITEM:
            found = found.item if found else None
            place = (*place, "item")
        else:
            found = next((each for each in fields if each.name == step), None)
            place = (*place, "fields", step)
        if found is None:
            raise NotFound("There is no such field.")
        labels.append(found.label or "each item")
        siblings, fields = tuple(each.name for each in fields if each is not found), found.fields
    if found is None:
        raise NotFound("There is no such field.")
    # What a part of an object is of the object, nobody asks.
    settings = tuple(each for each in FIELD if len(at) == 1 or each.key != "meaning")
    return Subject(place, " · ".join(labels), settings, _values(found), _told(facts, place), found, siblings)


def controls(
    subject: Subject,
    typed: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
) -> list[Control]:
    """Return the controls that are shown of a subject.

    :param typed: what somebody typed, where it is shown again. :param problems: key → sentence.
    """
    kind = subject.field.type if subject.field is not None else ""
    kind = TYPES.get((typed or {}).get("type", ""), kind)
    found = []
    for setting in subject.settings:
        pinned = is_pinned(subject, setting)
        problem = (problems or {}).get(setting.key, "")
        if not problem and not pinned and setting.kinds and kind not in setting.kinds:
            continue
        if setting.control == "default" and not _can_be_typed(subject.values.get("default"), kind):
            continue
        was = shown(subject, setting)
        text = (typed or {}).get(setting.key, was)
        found.append(Control(setting, text, was, pinned, problem))
    return found


def is_pinned(subject: Subject, setting: Setting) -> bool:
    """Tell whether `gitcms.toml` says this."""
    return setting.root in subject.told


def shown(subject: Subject, setting: Setting) -> str:
    """Return what counts now as the text of a control."""
    value = subject.values.get(setting.key)
    if isinstance(value, (list, tuple)):
        return "\n".join(text_of(one) for one in value)
    if isinstance(value, Mapping):
        return "\n".join(f"{name}{NAMED}{text_of(one)}" for name, one in value.items())
    if setting.control == "flag":
        return FLAGGED if value else ""
    return text_of(value)


def meant(subject: Subject, setting: Setting, text: str, kind: str) -> Found:
    """Return the value that a typed text means; MISSING for none.

    :param text: with plain line ends, without blanks around it. :param kind: the type of the field.
    :raises BadField: it cannot be one. The sentence says what is wanted.
    """
    if text == "":
        return MISSING
    if setting.options and text not in setting.options:
        raise BadField("Choose one of these.")
    read = _READERS.get(setting.control)
    if read is not None:
        return read(text)
    if setting.control in ("lines", "choices"):
        return _lines(text, subject.told.get(setting.key, ()))
    return _default(text, kind) if setting.control == "default" else text


def choice_and_label(line: str) -> tuple[str, str]:
    """Return the choice that a line is about, and what it is called, "" for nothing."""
    name, _, label = line.partition(NAMED if NAMED in line else NAMED.strip())
    return name.strip(), label.strip()


def _collection(model: Model, name: str) -> Collection:
    found = model.collection(name)
    if found is None:
        raise NotFound("There is no such part of the site.")
    return found


def _told(facts: Mapping[str, Any], place: Path) -> Mapping[str, Any]:
    told = find(facts, place)
    return told if isinstance(told, Mapping) else {}


def _values(one: Field) -> dict[str, Any]:
    when = one.when
    return {
        **one.options,
        "label": one.label,
        "type": spelled(one),
        "meaning": one.meaning,
        "required": one.required,
        "hint": one.hint,
        "default": one.default,
        "choices": one.choices,
        "placeholder": one.placeholder,
        "group": one.group,
        "tab": one.tab,
        "pattern": "" if one.options.get("pattern") == "years" else one.options.get("pattern"),
        "when.field": when.name if when else "",
        "when.is": when.values if when else (),
        "when.other": when.other_than if when else False,
    }


def _can_be_typed(default: Any, kind: str) -> bool:
    if isinstance(default, list):
        return kind in _LISTS and not any(isinstance(one, (list, dict)) for one in default)
    return not isinstance(default, dict) and kind not in _PARTED


def _default(text: str, kind: str) -> Value:
    """Return what a new entry begins with, as a field of that type has it."""
    if kind in _LISTS:
        return _lines(text, ())
    if kind == "boolean":
        if text not in ("true", "false"):
            raise BadField("Write true or false.")
        return text == "true"
    number = number_of(text) if kind == "number" else None
    return text if number is None else number


def _lines(text: str, old: Sequence[Any]) -> list[Value]:
    """Return the lines of a text; those that spell an old value stay what they were."""
    kept = {text_of(one): one for one in old}
    lines = dict.fromkeys(line.strip() for line in text.split("\n") if line.strip())
    return [kept.get(line, line) for line in lines]


def _labels(text: str) -> Value:
    """Return choice → label, read off lines."""
    labels: dict[str, Value] = {}
    for line in filter(None, map(str.strip, text.split("\n"))):
        name, label = choice_and_label(line)
        if not (name and label):
            raise BadField("Write a choice, a sign of equality and what it is called: de = German.")
        labels[name] = label
    return labels


def _number(text: str) -> Value:
    number = number_of(text)
    if number is None:
        raise BadField("Write a number.")
    return number


def _count(text: str) -> Value:
    number = number_of(text)
    if not isinstance(number, int) or number < 0:
        raise BadField("Write a whole number, such as 80.")
    return number


def _limit(text: str) -> Value:
    number = number_of(text)
    if number is None and not re.fullmatch(r"\d{1,4}[-:]\d\d.*", text):
        raise BadField("Write a number, a day such as 2026-01-31 or a time such as 09:30.")
    return text if number is None else number


def _pattern(text: str) -> Value:
    if not PATTERN.takes(text):
        raise BadField("This is no regular expression. Look at its brackets.")
    return text


def _folder(text: str) -> Value:
    folder = text.strip("/")
    if not FOLDER.takes(folder):
        raise BadField("Write a folder of the site, such as content/posts.")
    return folder


def _address(text: str) -> Value:
    try:
        parts = urlsplit(text)
        whole = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        whole = False
    if not whole:
        raise BadField("Write a whole web address, such as https://example.org.")
    return text.rstrip("/")


def _template(text: str) -> Value:
    try:
        name = fill(text, "Example", EXAMPLE)
    except (ConfigError, PathRefused) as error:
        raise BadField("This names a place that is not known. Write {slug}, {date} or {year}.") from error
    if "{slug}" not in text or not FOLDER.takes(name):
        raise BadField("Write the path of a file with {slug} in it, such as posts/{slug}.md.")
    return text


_READERS = {
    "flag": lambda text: True,
    "labels": _labels,
    "number": _number,
    "count": _count,
    "limit": _limit,
    "pattern": _pattern,
    "folder": _folder,
    "address": _address,
    "template": _template,
}
