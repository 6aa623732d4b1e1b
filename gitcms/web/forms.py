"""The names of an entry form's controls, and the values they stand for: both ways.

A form is a tree of `BoundField`s: built from an entry's values to be shown, or from a posted form to be
read back. A control that was not touched gives back the very value that the file held. Nothing is taken
from a form but the fields of the collection and the keys that the opened entry has.

Names: `f.title`, `f.links.0.url`; a list carries `f.links.__count`, each of its items
`f.links.0.__was` (its place in the opened entry, or ""), a switch `f.featured.__shown`, a choice that is
not in the list `f.country.__other`, a picture's file `file.img`; `f.date.__as` is the type of what is
not shown as plain text; check boxes are `f.days.__pick`, rows of two controls `f.meta.__key` and
`f.meta.__text`; an object of a typed list says `f.blocks.0.__kind`, an item that was taken out and may
come back `f.links.0.__gone`. The order of a list is the order in the form. Steps of a name are escaped,
so that any key can be one.

What a value may be is judged in `gitcms.schema.validation`; saving is `gitcms.entries`.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Final

from markupsafe import Markup
from werkzeug.datastructures import FileStorage, MultiDict

from gitcms.content import markdown
from gitcms.content.values import MISSING, Found, Path, Raw, Value, dotted
from gitcms.entries import Upload
from gitcms.schema import dates, labels, templates
from gitcms.schema.collection import Collection, Field
from gitcms.schema.fields import FIELD_TYPES, BadField, FieldType
from gitcms.schema.fields.base import is_empty, like, start_of, text_of
from gitcms.schema.fields.blocks import kind_of, type_key
from gitcms.schema.fields.date import Date
from gitcms.schema.fitting import field_for, own_field

MOST_ITEMS: Final = 1000
DEEPEST: Final = 12
INTENTS: Final = ("save", "draft", "publish", "unpublish", "preview")
OPERATIONS: Final = ("add", "remove", "undo", "up", "down", "duplicate", "find")

NEEDS: Final = {"add": "add", "duplicate": "add", "remove": "remove", "up": "reorder", "down": "reorder"}
"""What a list must allow for an operation to be done; undoing is always possible."""
HELD: Final = {
    "remove": "Nothing can be taken out of this list. All of it is back",
    "reorder": "The order of this list is fixed. It is as it was again",
    "add": "Nothing can be added to this list. Remove what is new in it",
}
"""What is said of a form that did with a list what the list does not allow."""

SEVERAL: Final = ("checks", "pairs")
DATE_CONTROLS: Final = ("date", "datetime-local", "time")
ONE_LINE: Final = ("text", "url", "email", "image", "file", "select", "radio", "colour", "range")
ONLY_READ: Final = ("raw", "readonly")
IN_WORDS: Final = {"slug": "part of an address", "JSON": "data", "uuid": "identifier"}
READ: Final = {
    "readonly": "Another program writes this. It is only to be read here.",
    "computed": "This is made from other fields when you save.",
}

_ESCAPED = re.compile("[%.\x00-\x20\x7f-\xa0\ud800-\udfff]|^_(?=_)")
_OPERATION = re.compile(rf"({'|'.join(OPERATIONS)})(?:~(\d{{1,3}}))?:(.{{1,2000}})", re.DOTALL)
_CLOCK = re.compile(r"\d\d:\d\d(?::\d\d)?", re.ASCII)


@dataclass(slots=True)
class BoundField:
    """One field of a form with what stands in it. Templates read it; see `templates/fields`.

    `value` is the text in the control; `old` the value that the opened entry has here. `children` are
    the parts of an object or the items of a list; `was` is an item's place in the opened list. `copied`
    marks an item that was made from an old one that is in the list already, `gone` one that was taken out and
    can be brought back until the form is left. `place` is where the value
    goes among those to be saved, None for an item left blank; `touched` marks the item that a list
    button was about.
    """

    field: Field
    steps: tuple[str | int, ...]
    old: Found = MISSING
    value: str = ""
    begun: str = ""
    find: str = ""
    children: list[BoundField] = dataclasses.field(default_factory=list)
    was: int | None = None
    copied: bool = False
    fresh: bool = False
    gone: bool = False
    error: str = ""
    more: bool = False
    picked: FileStorage | None = None
    place: Path | None = None
    touched: bool = False

    @property
    def kind(self) -> FieldType:
        return FIELD_TYPES[self.field.type]

    @property
    def type(self) -> str:
        return self.field.type

    @property
    def template(self) -> str:
        return f"fields/{self.field.type}.html"

    @property
    def key(self) -> str:
        """The name without its prefix, as list buttons say it."""
        return ".".join(map(escaped, self.steps))

    @property
    def name(self) -> str:
        return f"f.{self.key}"

    @property
    def way(self) -> tuple[str, ...]:
        """The keys that lead to the field in its collection."""
        return tuple(step for step in self.steps if isinstance(step, str))

    @property
    def file_name(self) -> str:
        return f"file.{self.key}"

    @property
    def id(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        return self.field.label

    @property
    def label_one(self) -> str:
        return self.field.label_one

    @property
    def required(self) -> bool:
        return self.field.required

    @property
    def hint(self) -> str:
        return self.field.hint

    @property
    def help(self) -> Markup:
        """What stands below the control, as HTML: the hint, the zone, when it is asked for, what is odd."""
        parts = [_line_of(self.field.hint)] if self.field.hint else []
        if self.zone:
            parts.append(Markup("Time zone {}").format(self.zone))
        if self.field.when is not None:
            parts.append(Markup("{}").format(_when_words(self.field)))
        if self.field.odd and self.kind.shape != "none":
            spelled = FIELD_TYPES[self.field.odd].spelled
            wanted = IN_WORDS.get(spelled, spelled)
            parts.append(Markup("Elsewhere this is of the kind “{}”. It stays as it is.").format(wanted))
        return Markup(" ").join(parts)

    @property
    def condition(self) -> str:
        """The name of the control that says whether this field is asked for, or ""."""
        when = self.field.when
        return "" if when is None else "f." + ".".join(map(escaped, (*self.steps[:-1], when.name)))

    @property
    def placeholder(self) -> str:
        return self.field.placeholder

    @property
    def meaning(self) -> str:
        return self.field.meaning

    @property
    def control(self) -> str:
        """Which control can hold the value without loss: text, lines, date, switch, select …"""
        control = self.kind.control(self.old, self.field)
        if control in DATE_CONTROLS and self.value and not _fills(control, self.value):
            return "text"  # a browser shows nothing at all for a text that is no date
        wide = "\n" in self.value or "\r" in self.value
        return "lines" if wide and control in ONE_LINE else control

    @property
    def marked(self) -> bool:
        """Whether the form says of which type this is (`__as`): where its control shows no plain text."""
        return self.kind.shape != "none" and not _shows_text(self.field)

    @property
    def zone(self) -> str:
        """The zone that a time of day is in, as text, or ""."""
        zone: Callable[[Found, Field], str] | None = getattr(self.kind, "zone", None)
        return zone(self.old, self.field) if zone else ""

    @property
    def choices(self) -> tuple[str, ...]:
        """What can be chosen: the usual values, and those that are there."""
        return (*self.field.choices, *(one for one in self.chosen if one not in self.field.choices))

    @property
    def chosen(self) -> tuple[str, ...]:
        """What is chosen: each text once."""
        texts = self.value.split("\n") if self.control == "checks" else [self.value]
        return tuple(dict.fromkeys(text for text in texts if text))

    @property
    def labels(self) -> Mapping[str, str]:
        """What choices are called, where they are called otherwise than they are written."""
        called: Mapping[str, str] = self.field.options.get("labels", {})
        return called

    @property
    def before(self) -> str:
        """What stands before the control, for people: of a text, what its value begins with as well."""
        return str(self.field.options.get("before") or self._around("prefix"))

    @property
    def after(self) -> str:
        """What stands behind the control."""
        return str(self.field.options.get("after") or self._around("suffix"))

    def _around(self, option: str) -> str:
        return str(self.field.options.get(option, "")) if self.type in ("text", "url", "email") else ""

    def lets(self, what: str, item: BoundField | None = None) -> bool:
        """Tell whether items of a list, or one of them, may be handled so: "add", "remove" or "reorder".

        What was added since the entry was opened may always be taken out again.
        """
        mine = what == "remove" and item is not None and item.added
        return mine or self.field.options.get(what) is not False

    @property
    def added(self) -> bool:
        """Whether this item of a list is not one of the opened entry's."""
        return self.was is None or self.copied

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The rows of names and texts, with an empty one to fill in."""
        rows = [line.partition("\t") for line in self.value.split("\n") if line]
        return [*((name, text) for name, _, text in rows), ("", "")]

    @property
    def kinds(self) -> tuple[Field, ...]:
        """The kinds of object that can be added to a typed list; () for any other list."""
        return self.field.fields if self.type == "blocks" else ()

    @property
    def checked(self) -> bool:
        return self.value != ""

    @property
    def count(self) -> int:
        return len(self.children)

    @property
    def kind_name(self) -> str:
        """Which kind an object of a typed list is, as its hidden part says; "" for any other."""
        named = next((one.field.default for one in self.children if one.type == "hidden"), "")
        return str(named)

    @property
    def many(self) -> int:
        """How many items there are, without those that were taken out."""
        return sum(not child.gone for child in self.children)

    @property
    def reason(self) -> str:
        """Why a value is only looked at."""
        if self.type in READ:
            return READ[self.type]
        return (
            self.old.reason
            if isinstance(self.old, Raw)
            else "This value can only be changed in the file itself."
        )

    @property
    def has_error(self) -> bool:
        return bool(self.error) or any(child.has_error for child in self.children)

    @property
    def opened(self) -> bool:
        """Whether the card of this item stands open: for an error, for what a button was about, or empty."""
        touched = self.has_error or any(one.touched for one in self.walk())
        return touched or (self.fresh and not self.summary[0])

    @property
    def summary(self) -> tuple[str, str]:
        """Two short texts that tell one card from another."""
        if template := self.field.options.get("summary"):
            told = templates.fill(str(template), {one.field.name: one.value for one in self.children})
            return (" ".join(told.split())[:80], "")
        texts = [text for child in self.children for text in _told(child)]
        if self.kind.shape == "one":
            texts = [self.value]
        texts = [" ".join(text.split())[:80] for text in texts if text.strip()]
        return (texts[0] if texts else "", " · ".join(texts[1:3]))

    def walk(self) -> Iterator[BoundField]:
        """Yield this field and all below it."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(slots=True)
class FormReading:
    """A posted form, understood. `values` is the whole front matter as it should be afterwards.

    `errors` maps a dotted path to a sentence. `do` is a list button that was pressed: then nothing is
    to be saved, and `fields` already show the list as wanted. `body` is None when it was not sent.
    """

    values: dict[str, Value]
    errors: dict[str, str]
    body: str | None
    base: str
    intent: str
    uploads: tuple[Upload, ...]
    do: str
    name: str
    fields: list[BoundField]

    def mark(self, errors: Mapping[str, str]) -> None:
        """Put sentences of the validation beside the fields they speak of, and among `errors`."""
        places = {
            dotted(one.place): one for top in self.fields for one in top.walk() if one.place is not None
        }
        for path, sentence in errors.items():
            self.errors.setdefault(path, sentence)
            if path in places:
                places[path].error = places[path].error or sentence

    @property
    def problems(self) -> list[tuple[str, str, str]]:
        """(id of the control, label, sentence) of every field that needs a look, in the form's order."""
        return [(one.id, one.label, one.error) for top in self.fields for one in top.walk() if one.error]


@dataclass(slots=True)
class Section:
    """Fields under one tab, in groups: the group's heading ("" for none) and its fields."""

    tab: str
    groups: list[tuple[str, list[BoundField]]]

    @property
    def has_error(self) -> bool:
        return any(one.has_error for _, fields in self.groups for one in fields)


def sections(fields: Sequence[BoundField]) -> list[Section]:
    """Return the fields of a form by tab and group, both in the order in which they first occur."""
    tabs: dict[str, dict[str, list[BoundField]]] = {}
    for one in fields:
        tabs.setdefault(one.field.tab, {}).setdefault(one.field.group, []).append(one)
    return [Section(tab, list(groups.items())) for tab, groups in tabs.items()]


def form_fields(collection: Collection, values: Mapping[str, Value]) -> list[BoundField]:
    """Return the form of an entry: the collection's fields, then the keys that only this entry has."""
    return [
        _bound(one, (one.name,), values.get(one.name, MISSING), more)
        for one, more in _all(collection, values)
    ]


def read_form(
    collection: Collection,
    form: MultiDict[str, str],
    files: MultiDict[str, FileStorage],
    old_values: Mapping[str, Value],
    extra_fields: Sequence[Field] = (),
    now: datetime | None = None,
) -> FormReading:
    """Return what a posted form says.

    :param old_values: the entry as its author opened it; what a new entry begins with for a new one.
    :param extra_fields: fields besides those of the collection and of the keys in `old_values`.
    :param now: the moment that new items of lists begin with, where they begin with one.
    """
    posted = _Posted(form, files, now or datetime.now(UTC))
    fields = [
        _read(one, (one.name,), old_values.get(one.name, MISSING), posted, more)
        for one, more in _all(collection, old_values, extra_fields)
    ]
    do = posted.one("do")
    if do:
        _operate(fields, do, posted.now)
    for one in [one for top in fields for one in top.walk() if one.kind.shape == "many"]:
        _hold(one)
    errors: dict[str, str] = {}
    values = _assemble(fields, old_values, errors)
    intent = posted.one("intent")
    return FormReading(
        values=values,
        errors=errors,
        body=posted.one("body") if "body" in form else None,
        base=posted.one("base"),
        intent=intent if intent in INTENTS else "save",
        uploads=tuple(_picked(fields)),
        do=do,
        name=posted.one("name").strip(),
        fields=fields,
    )


def escaped(step: str | int) -> str:
    """Return a key as a step of a control's name: dots, spaces and control characters as %2E."""
    if step == "":
        return "%"
    return _ESCAPED.sub(lambda found: f"%{ord(found[0]):02X}", str(step))


def _all(
    collection: Collection, values: Mapping[str, Value], extra: Sequence[Field] = ()
) -> Iterable[tuple[Field, bool]]:
    """Yield every field of the form, and whether only this entry has it."""
    known = {one.name for one in collection.fields}
    for one in _of_each_spelling(collection.fields, values):
        if one.type not in ONLY_READ or one.name in values:
            yield one, False
    for one in extra:
        if one.name not in known:
            known.add(one.name)
            yield one, True
    for key, value in values.items():
        if key not in known:
            yield own_field(key, value), True


def _of_each_spelling(fields: Sequence[Field], values: Mapping[str, Value]) -> Iterator[Field]:
    """Yield the fields; of those that differ in spelling alone, the one that the entry has.

    Of `Tags` and `tags`, both in use on a site and alike in a form, an entry mostly has one. It is shown
    with the meaning and in the place of the usual one, which is what an entry without either gets.
    """
    alike: dict[str, list[Field]] = {}
    for one in fields:
        alike.setdefault(re.sub("[-_ ]", "", one.name).casefold(), []).append(one)
    for several in alike.values():
        usual = max(several, key=lambda one: (bool(one.meaning), one.options.get("coverage", 0.0)))
        own = [one for one in several if one.name in values] or [usual]
        if usual in own:
            yield from own
        else:
            yield dataclasses.replace(own[0], meaning=usual.meaning)
            yield from own[1:]


def _parts(field: Field, old: Found) -> Iterable[Field]:
    """Yield the fields of one object: those its collection knows, then those of keys only it has."""
    known = {one.name for one in field.fields}
    for one in field.fields:
        if one.type not in ONLY_READ or one.default is not None or _get(old, one.name) is not MISSING:
            yield one
    if isinstance(old, dict):
        for key, value in old.items():
            if key not in known:
                yield own_field(key, value)


def _item_field(field: Field, old: Found) -> Field:
    """Return the field of one item of a list."""
    label, options = field.label_one, _summed(field)
    if field.type == "objects":
        return Field(field.name, label, "object", fields=field.fields, options=options)
    if field.type == "blocks":
        return _block_field(field, old)
    if field.item is not None:
        return dataclasses.replace(
            field.item, name=field.name, label=label, options={**field.item.options, **options}
        )
    own = own_field(field.name, old)
    return Field(field.name, label, own.type)


def _block_field(field: Field, old: Found) -> Field:
    """Return the field of one object of a typed list: of its kind, whose name is kept unseen."""
    kind = kind_of(field, old)
    if kind is None:
        return Field(field.name, field.label_one, "object", options=_summed(field))
    named = Field(type_key(field), "", "hidden", default=kind.name)
    options = {**_summed(field), **kind.options}
    return dataclasses.replace(kind, name=field.name, fields=(named, *kind.fields), options=options)


def _summed(field: Field) -> dict[str, str]:
    return {"summary": field.options["summary"]} if field.options.get("summary") else {}


# From values to controls


def _bound(field: Field, steps: tuple[str | int, ...], old: Found, more: bool = False) -> BoundField:
    field = _effective(field, old, steps)
    bound = BoundField(field, steps, old, more=more)
    if bound.kind.shape == "one":
        bound.value = bound.kind.to_form(old, field)
    elif bound.kind.shape == "group":
        bound.children = [
            _bound(part, (*steps, part.name), _get(old, part.name)) for part in _parts(field, old)
        ]
    elif bound.kind.shape == "many":
        items = old if isinstance(old, list) else []
        for index, item in enumerate(items):
            child = _bound(_item_field(field, item), (*steps, index), item)
            child.was = index
            bound.children.append(child)
    else:
        bound.value = bound.kind.to_form(old, field)
    return bound


def _effective(field: Field, old: Found, steps: tuple[str | int, ...]) -> Field:
    if len(steps) > DEEPEST or (isinstance(old, list) and len(old) > MOST_ITEMS):
        return Field(field.name, field.label, "raw")
    return field_for(field, old)


def _fills(control: str, text: str) -> bool:
    """Tell whether a browser's own control for dates can show a text."""
    if control == "time":
        return bool(_CLOCK.fullmatch(text))
    when = dates.parse(text)
    if control == "date":
        return when is not None and not isinstance(when, datetime) and text == when.isoformat()
    return isinstance(when, datetime) and when.tzinfo is None and text == Date().to_form(when, Field("", ""))


def _line_of(hint: str) -> Markup:
    """Return a hint as HTML of one line; the renderer lets no HTML of its own through."""
    html = markdown.to_html(hint).strip()
    return Markup(html.removeprefix("<p>").removesuffix("</p>") if html.count("<p>") == 1 else html)


def _when_words(field: Field) -> str:
    when = field.when
    assert when is not None
    name, values = labels.label_of(when.name), ", ".join(when.values)
    if not values:
        return f"Used while “{name}” is {'empty' if when.other_than else 'filled in'}."
    return f"Used while “{name}” is {'not ' if when.other_than else ''}{values}."


def _get(old: Found, key: str) -> Found:
    return old.get(key, MISSING) if isinstance(old, dict) else MISSING


def _told(child: BoundField) -> Iterable[str]:
    if child.type == "url":
        yield child.value.removeprefix("https://").removeprefix("http://").rstrip("/")
    elif child.kind.shape == "one" and child.type != "boolean":
        yield child.value


# From a posted form to controls


class _Posted:
    """A posted form, looked up by name once. A name that comes twice with different values is refused."""

    def __init__(self, form: MultiDict[str, str], files: MultiDict[str, FileStorage], now: datetime) -> None:
        self.now = now
        self._texts = {name: texts for name, texts in form.lists() if texts}
        self._files = files
        self.lists: dict[str, list[int]] = {}
        for name in self._texts:
            list_name, dot, index = name.removesuffix(".__was").rpartition(".")
            if name.endswith(".__was") and dot and index.isascii() and index.isdigit() and len(index) <= 6:
                self.lists.setdefault(list_name, []).append(int(index))

    def __contains__(self, name: str) -> bool:
        return name in self._texts

    def one(self, name: str) -> str:
        """Return the text of a control, "" where it is missing or where two texts contradict."""
        texts = self._texts.get(name, [])
        return texts[0] if texts and not self.contradicts(name) else ""

    def all(self, name: str) -> list[str]:
        """Return every text of that name, in their order, line ends as blanks."""
        return [" ".join(text.split("\n")).replace("\r", "") for text in self._texts.get(name, ())]

    def contradicts(self, name: str) -> bool:
        return len(set(self._texts.get(name, ()))) > 1

    def file(self, name: str) -> FileStorage | None:
        found = self._files.getlist(name)
        return found[0] if len(found) == 1 and found[0].filename else None


def _read(
    field: Field, steps: tuple[str | int, ...], old: Found, posted: _Posted, more: bool = False
) -> BoundField:
    field = _effective(field, old, steps)
    bound = BoundField(_as_shown(field, steps, old, posted), steps, old, more=more)
    shape = bound.kind.shape
    if shape == "one":
        _read_one(bound, posted)
    elif shape == "group":
        bound.children = [
            _read(part, (*steps, part.name), _get(old, part.name), posted) for part in _parts(field, old)
        ]
    elif shape == "many" and f"{bound.name}.__count" in posted:
        _read_items(bound, posted)
    else:
        return _bound(field, steps, old, more)
    return bound


def _as_shown(field: Field, steps: tuple[str | int, ...], old: Found, posted: _Posted) -> Field:
    """Return the field with the type that the form showed it with.

    The model may have learned another one since; what was typed is read as it was meant.
    """
    name = BoundField(field, steps).name
    wanted = posted.one(f"{name}.__as") or ("text" if name in posted else "")
    if wanted not in FIELD_TYPES or wanted == field.type or (wanted == "text" and _shows_text(field)):
        return field
    fitting = is_empty(old) or FIELD_TYPES[wanted].fits(old, field)
    return dataclasses.replace(field, type=wanted) if fitting else field


def _shows_text(field: Field) -> bool:
    """Tell whether a type's control holds the value's own text, as that of plain text does."""
    return FIELD_TYPES[field.type].plain


def _read_one(bound: BoundField, posted: _Posted) -> None:
    kept = bound.kind.to_form(bound.old, bound.field)
    if bound.control == "switch":
        shown = f"{bound.name}.__shown" in posted
        bound.value = ("1" if bound.name in posted else "") if shown else kept
        return
    if bound.control in SEVERAL:
        bound.value = _read_several(bound, posted, kept)
    elif bound.name not in posted and not posted.one(f"{bound.name}.__other").strip():
        bound.value = kept
    elif posted.contradicts(bound.name):
        bound.value, bound.error = (
            kept,
            "This field arrived twice, with two contents. Look at it and save again",
        )
    else:
        text = posted.one(f"{bound.name}.__other") if bound.control in ("select", "radio") else ""
        text = text.strip() or posted.one(bound.name)
        untouched = _same_text(text, kept) or (bound.control in DATE_CONTROLS and _same_moment(text, kept))
        bound.value = kept if untouched else text.replace("\r\n", "\n").replace("\r", "\n")
    if bound.type == "relation":
        bound.find = posted.one(f"{bound.name}.__find").strip()[:200]
        _pick(bound, posted.all(f"{bound.name}.__pick"))
    if bound.control in ("image", "file") or bound.type in ("image", "file"):
        bound.picked = posted.file(bound.file_name)


def _pick(bound: BoundField, names: Sequence[str]) -> None:
    """Take over what was ticked among the entries that were found."""
    if names and bound.control == "relations":
        there = [line for line in bound.value.split("\n") if line]
        bound.value = "\n".join([*there, *(name for name in names if name not in there)])
    elif names:
        bound.value = names[-1]


def _read_several(bound: BoundField, posted: _Posted, kept: str) -> str:
    """Return the text of a field that stands in several controls, each line from one of them."""
    if f"{bound.name}.__shown" not in posted:
        return kept
    if bound.control == "checks":
        lines = [line for line in posted.all(f"{bound.name}.__pick") if line]
        return kept if set(lines) == set(filter(None, kept.split("\n"))) else "\n".join(lines)
    rows = zip(posted.all(f"{bound.name}.__key"), posted.all(f"{bound.name}.__text"), strict=False)
    plain = [(name.replace("\t", " "), text.replace("\t", " ")) for name, text in rows]
    return "\n".join(f"{name}\t{text}" for name, text in plain if name or text)


def _read_items(bound: BoundField, posted: _Posted) -> None:
    items = bound.old if isinstance(bound.old, list) else []
    used: set[int] = set()
    indexes = posted.lists.get(bound.name, [])
    if len(indexes) > MOST_ITEMS:
        bound.error = f"A list can hold {MOST_ITEMS} items. What is over that was not taken"
    for index in indexes[:MOST_ITEMS]:
        marked = posted.one(f"{bound.name}.{index}.__was")
        was = int(marked) if marked.isascii() and marked.isdigit() and len(marked) <= 6 else None
        was = was if was is not None and was < len(items) else None
        item: Found = items[was] if was is not None else MISSING
        shown = item if was is not None else _as_chosen(bound, index, posted)
        child = _read(_item_field(bound.field, shown), (*bound.steps, index), item, posted)
        child.was, child.copied = was, was in used
        if was is None:
            _mark_fresh(child, posted.now)
        child.gone = posted.one(f"{bound.name}.{index}.__gone") == "1"
        if was is not None:
            used.add(was)
        bound.children.append(child)


def _as_chosen(bound: BoundField, index: int, posted: _Posted) -> Found:
    """Return what tells the kind of a new object of a typed list."""
    key = type_key(bound.field)
    return {key: posted.one(f"{bound.name}.{index}.__kind")} if bound.kinds else MISSING


def _same_text(sent: str, shown: str) -> bool:
    """Tell whether a browser that was shown one text would send the other, untouched.

    HTML: line ends of a control are sent as CRLF, and U+0000 is read as U+FFFD.
    """
    return sent == shown or _as_sent(sent) == _as_sent(shown)


def _same_moment(sent: str, shown: str) -> bool:
    """Tell whether two texts are the same moment: browsers may leave out or add seconds of zero."""
    if _CLOCK.fullmatch(sent) and _CLOCK.fullmatch(shown):
        return time.fromisoformat(sent) == time.fromisoformat(shown)
    return shown != "" and dates.parse(sent) is not None and dates.parse(sent) == dates.parse(shown)


def _as_sent(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")


# From controls to values


def _assemble(
    fields: Sequence[BoundField], old: Mapping[str, Value], errors: dict[str, str]
) -> dict[str, Value]:
    """Return the whole mapping: old keys in their order, then the new ones."""
    found = {one.field.name: _value(one, (one.field.name,), errors) for one in fields}
    values: dict[str, Value] = {}
    for key, value in old.items():
        new = found.pop(key, value)
        if new is not MISSING:
            values[key] = new
    values.update({key: value for key, value in found.items() if value is not MISSING})
    _compute([one.field for one in fields], old, values)
    return values


def _compute(fields: Iterable[Field], old: Mapping[str, Value], values: dict[str, Value]) -> None:
    """Make the values anew that are made of others, where those others changed."""
    for one in fields:
        if one.type != "computed":
            continue
        template = str(one.options.get("template") or "")
        made = templates.fill(template, values)
        before: Found = old.get(one.name, MISSING)
        if made != templates.fill(template, old) and made != text_of(before):
            values.pop(one.name, None)
            if made:
                values[one.name] = like(made, before, one.options.get("kinds", ()))


def _value(bound: BoundField, place: Path, errors: dict[str, str]) -> Found:
    bound.place = place
    shape = bound.kind.shape
    if bound.error:
        errors[dotted(place)] = bound.error
    if shape == "one":
        return _value_of_one(bound, place, errors)
    if shape == "group":
        return _value_of_group(bound, place, errors)
    if shape == "many":
        return _value_of_list(bound, place, errors)
    if bound.old is MISSING and bound.fresh:
        return start_of(bound.kind, bound.field)
    return MISSING if bound.copied else bound.old


def _value_of_one(bound: BoundField, place: Path, errors: dict[str, str]) -> Found:
    if bound.value == bound.kind.to_form(bound.old, bound.field):
        return bound.old
    try:
        return bound.kind.from_form(bound.value, bound.old, bound.field)
    except BadField as refused:
        bound.error = bound.error or str(refused)
        errors.setdefault(dotted(place), bound.error)
        return bound.old


def _value_of_group(bound: BoundField, place: Path, errors: dict[str, str]) -> Found:
    before: Mapping[str, Value] = bound.old if isinstance(bound.old, dict) else {}
    after = _assemble_group(bound, before, place, errors)
    if _untouched(before, after):
        return bound.old
    # Nothing is left of an object whose parts were all emptied; an item of a list is there all the same.
    return after if after or isinstance(place[-1], int) else MISSING


def _assemble_group(
    bound: BoundField, before: Mapping[str, Value], place: Path, errors: dict[str, str]
) -> dict[str, Value]:
    found = {one.field.name: _value(one, (*place, one.field.name), errors) for one in bound.children}
    values: dict[str, Value] = {}
    for key in (*before, *(key for key in found if key not in before)):
        value = found.get(key, before.get(key, MISSING))
        if value is not MISSING:
            values[key] = value
    _compute([one.field for one in bound.children], before, values)
    return values


def _value_of_list(bound: BoundField, place: Path, errors: dict[str, str]) -> Found:
    before = bound.old if isinstance(bound.old, list) else []
    after: list[Value] = []
    for child in bound.children:
        if child.gone:
            _forget_places(child)
            continue
        value = _value(child, (*place, len(after)), errors)
        if child.fresh and not bound.kinds and _left_blank(child):
            _forget_places(child)
        else:
            after.append(_without_raw(value) if child.copied else None if value is MISSING else value)
    if len(after) == len(before) and all(one is other for one, other in zip(after, before, strict=True)):
        return bound.old
    if not after and not isinstance(bound.old, list):
        return bound.old
    return after if after else _emptied(bound)


def _emptied(bound: BoundField) -> Found:
    return [] if bound.field.options.get("empty") == [] or len(bound.steps) > 1 else MISSING


def _untouched(before: Mapping[str, Value], after: Mapping[str, Value]) -> bool:
    return before.keys() == after.keys() and all(after[key] is value for key, value in before.items())


def _left_blank(bound: BoundField) -> bool:
    """Tell whether nothing was filled into a new item."""
    return not any(
        one.picked is not None or (one.value not in ("", one.begun) and not one.kind.automatic)
        for one in bound.walk()
    )


def _forget_places(bound: BoundField) -> None:
    for one in bound.walk():
        one.place = None


def _without_raw(value: Found) -> Value:
    """Return a copy of a value without what cannot be written anew."""
    if isinstance(value, dict):
        return {key: _without_raw(part) for key, part in value.items() if not isinstance(part, Raw)}
    if isinstance(value, list):
        return [_without_raw(part) for part in value if not isinstance(part, Raw)]
    return None if value is MISSING or isinstance(value, Raw) else value


def _picked(fields: Sequence[BoundField]) -> Iterator[Upload]:
    for top in fields:
        for one in top.walk():
            if one.picked is not None and one.place is not None:
                yield Upload(one.place, one.picked.filename or "", one.picked.read())


# List buttons


def _operate(fields: Sequence[BoundField], do: str, now: datetime) -> None:
    """Do what a list button says to the tree: add, remove, move or copy one item. Unknown ones do nothing."""
    asked = _OPERATION.fullmatch(do)
    if asked is None:
        return
    verb, number, key = asked[1], int(asked[2] or 0), asked[3]
    every = [one for top in fields for one in top.walk()]
    for one in every if verb == "find" else ():
        one.touched = one.key == key
    lists = [one for one in every if one.kind.shape == "many"]
    for one in lists:
        at = next((index for index, child in enumerate(one.children) if child.key == key), None)
        if not one.lets(NEEDS.get(verb, ""), None if at is None else one.children[at]):
            continue
        if verb == "add" and one.key == key:
            _add(one, number, now)
        elif verb not in ("add", "find") and at is not None:
            _change(one, verb, at)
            break
    for top in fields:
        _renumber(top, top.steps)


def _add(bound: BoundField, number: int, now: datetime) -> None:
    """Add an item at the end, or on top, of the kind of that number where there are several."""
    if len(bound.children) < MOST_ITEMS:
        kind = bound.kinds[number].name if number < len(bound.kinds) else ""
        chosen: Found = {type_key(bound.field): kind} if kind else MISSING
        child = _bound(_item_field(bound.field, chosen), (*bound.steps, len(bound.children)), MISSING)
        _begin(child, now)
        child.touched = True
        bound.children.insert(0 if bound.field.options.get("on_top") else len(bound.children), child)


def _mark_fresh(bound: BoundField, now: datetime) -> None:
    """Note of a new item that it is one, and what it begins with."""
    bound.fresh = True
    if bound.kind.shape == "one":
        begun = templates.start(start_of(bound.kind, bound.field), {}, now)
        bound.begun = "" if is_empty(begun) else bound.kind.to_form(begun, bound.field)
    for child in bound.children if bound.kind.shape == "group" else ():
        _mark_fresh(child, now)


def _begin(bound: BoundField, now: datetime) -> None:
    """Fill in what a new item begins with."""
    _mark_fresh(bound, now)
    for one in bound.walk():
        one.value = one.begun


def _change(bound: BoundField, verb: str, index: int) -> None:
    items = bound.children
    items[index].touched = verb in ("up", "down")
    if verb == "remove":
        items[index].gone = items[index].touched = True
        if items[index].fresh and _left_blank(items[index]):
            del items[index]
    elif verb == "undo":
        items[index].gone, items[index].touched = False, True
    elif verb == "up" and index > 0:
        items[index - 1], items[index] = items[index], items[index - 1]
    elif verb == "down" and index + 1 < len(items):
        items[index + 1], items[index] = items[index], items[index + 1]
    elif verb == "duplicate" and len(items) < MOST_ITEMS:
        items.insert(index + 1, _copy(items[index]))
        items[index + 1].touched = True


def _copy(bound: BoundField) -> BoundField:
    """Return a copy that remembers the old value it comes from, so that its numbers stay numbers."""
    copy = BoundField(
        bound.field,
        bound.steps,
        bound.old,
        bound.value,
        children=[_copy(child) for child in bound.children],
        was=bound.was,
    )
    copy.copied, copy.fresh = bound.was is not None, bound.fresh
    if bound.kind.automatic and bound.kind.shape == "one":
        copy.old, copy.value = MISSING, text_of(start_of(bound.kind, bound.field))
    return copy


def _renumber(bound: BoundField, steps: tuple[str | int, ...]) -> None:
    bound.steps = steps
    for index, child in enumerate(bound.children):
        _renumber(child, (*steps, index if bound.kind.shape == "many" else child.field.name))


# What lists do not allow


def _hold(bound: BoundField) -> None:
    """Hold a list to what it allows, and say so. Its buttons keep to that; a form made elsewhere may not."""
    items, broken = bound.old if isinstance(bound.old, list) else [], []
    if not bound.lets("remove") and _put_back(bound, items):
        broken.append("remove")
    own = [child for child in bound.children if not child.added]
    in_order = sorted(own, key=lambda child: child.was or 0)
    if not bound.lets("reorder") and own != in_order:
        broken.append("reorder")
        left = iter(in_order)
        bound.children = [child if child.added else next(left) for child in bound.children]
    if not bound.lets("add") and any(
        child.added and not child.gone and (bound.kinds or not _left_blank(child)) for child in bound.children
    ):
        broken.append("add")
    if broken:
        bound.error = HELD[broken[0]]


def _put_back(bound: BoundField, items: Sequence[Value]) -> bool:
    """Put back what was taken out of a list, where it stood; tell whether anything was."""
    own = {child.was: child for child in bound.children if not child.added}
    missing = [was for was in range(len(items)) if was not in own or own[was].gone]
    for was in missing:
        if was in own:
            own[was].gone = False
            continue
        steps = (*bound.steps, 1 + max((int(child.steps[-1]) for child in bound.children), default=-1))
        own[was] = _bound(_item_field(bound.field, items[was]), steps, items[was])
        own[was].was = was
        before = bound.children.index(own[was - 1]) + 1 if was else 0
        bound.children.insert(before, own[was])
    return bool(missing)
