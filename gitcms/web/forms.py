"""The names of an entry form's controls, and the values they stand for: both ways.

A form is a tree of `BoundField`s: built from an entry's values to be shown, or from a posted form to be
read back. A control that was not touched gives back the very value that the file held. Nothing is taken
from a form but the fields of the collection and the keys that the opened entry has.

Names: `f.title`, `f.links.0.url`; a list carries `f.links.__count`, each of its items
`f.links.0.__was` (its place in the opened entry, or ""), a switch `f.featured.__shown`, a choice that is
not in the list `f.country.__other`, a picture's file `file.img`; `f.date.__as` is the type of what is
not shown as plain text. The order of a list is the order in the form. Steps of a name are escaped, so
that any key can be one.

What a value may be is judged in `gitcms.schema.validation`; saving is `gitcms.entries`.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from werkzeug.datastructures import FileStorage, MultiDict

from gitcms.content.values import MISSING, Found, Path, Raw, Value, dotted
from gitcms.entries import Upload
from gitcms.schema import dates
from gitcms.schema.collection import Collection, Field
from gitcms.schema.fields import FIELD_TYPES, BadField, FieldType
from gitcms.schema.fields.base import is_empty
from gitcms.schema.fields.date import Date
from gitcms.schema.fitting import field_for, own_field

MOST_ITEMS: Final = 1000
DEEPEST: Final = 12
INTENTS: Final = ("save", "draft", "publish", "unpublish", "preview")
OPERATIONS: Final = ("add", "remove", "up", "down", "duplicate")

DATE_CONTROLS: Final = ("date", "datetime-local")

_ESCAPED = re.compile("[%.\x00-\x20\x7f-\xa0\ud800-\udfff]|^_(?=_)")
_OPERATION = re.compile(rf"({'|'.join(OPERATIONS)}):(.{{1,2000}})", re.DOTALL)


@dataclass(slots=True)
class BoundField:
    """One field of a form with what stands in it. Templates read it; see `templates/fields`.

    `value` is the text in the control; `old` the value that the opened entry has here. `children` are
    the parts of an object or the items of a list; `was` is an item's place in the opened list. `copied`
    marks an item that was made from an old one that is in the list already. `place` is where the value
    goes among those to be saved, None for an item left blank; `touched` marks the item that a list
    button was about.
    """

    field: Field
    steps: tuple[str | int, ...]
    old: Found = MISSING
    value: str = ""
    children: list[BoundField] = dataclasses.field(default_factory=list)
    was: int | None = None
    copied: bool = False
    fresh: bool = False
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
    def meaning(self) -> str:
        return self.field.meaning

    @property
    def control(self) -> str:
        """Which control can hold the value without loss: text, lines, date, switch, select …"""
        control = self.kind.control(self.old, self.field)
        if control in DATE_CONTROLS and self.value and not _fills(control, self.value):
            return "text"  # a browser shows nothing at all for a text that is no date
        wide = "\n" in self.value or "\r" in self.value
        return "lines" if wide and control in ("text", "url", "email", "image", "select") else control

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
        """What can be chosen: the usual values, and the one that is there."""
        own = (self.value,) if self.value and self.value not in self.field.choices else ()
        return (*self.field.choices, *own)

    @property
    def checked(self) -> bool:
        return self.value != ""

    @property
    def count(self) -> int:
        return len(self.children)

    @property
    def reason(self) -> str:
        """Why a value is only looked at."""
        return (
            self.old.reason
            if isinstance(self.old, Raw)
            else "This value can only be changed in the file itself."
        )

    @property
    def has_error(self) -> bool:
        return bool(self.error) or any(child.has_error for child in self.children)

    @property
    def summary(self) -> tuple[str, str]:
        """Two short texts that tell one card from another."""
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
) -> FormReading:
    """Return what a posted form says.

    :param old_values: the entry as its author opened it; what a new entry begins with for a new one.
    :param extra_fields: fields besides those of the collection and of the keys in `old_values`.
    """
    posted = _Posted(form, files)
    fields = [
        _read(one, (one.name,), old_values.get(one.name, MISSING), posted, more)
        for one, more in _all(collection, old_values, extra_fields)
    ]
    do = posted.one("do")
    if do:
        _operate(fields, do)
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
        if one.type != "raw" or one.name in values:
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
    yield from (one for one in field.fields if one.type != "raw" or _get(old, one.name) is not MISSING)
    if isinstance(old, dict):
        for key, value in old.items():
            if key not in known:
                yield own_field(key, value)


def _item_field(field: Field, old: Found) -> Field:
    """Return the field of one item of a list."""
    label = field.label_one
    if field.type == "objects":
        return Field(field.name, label, "object", fields=field.fields)
    if field.item is not None:
        return Field(
            field.name, label, field.item.type, choices=field.item.choices, options=field.item.options
        )
    own = own_field(field.name, old)
    return Field(field.name, label, own.type)


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
    when = dates.parse(text)
    if control == "date":
        return when is not None and not isinstance(when, datetime) and text == when.isoformat()
    return isinstance(when, datetime) and when.tzinfo is None and text == Date().to_form(when, Field("", ""))


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

    def __init__(self, form: MultiDict[str, str], files: MultiDict[str, FileStorage]) -> None:
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
    if bound.name not in posted:
        bound.value = kept
    elif posted.contradicts(bound.name):
        bound.value, bound.error = (
            kept,
            "This field arrived twice, with two contents. Look at it and save again",
        )
    else:
        text = posted.one(f"{bound.name}.__other") if bound.control == "select" else ""
        text = text.strip() or posted.one(bound.name)
        untouched = _same_text(text, kept) or (bound.control in DATE_CONTROLS and _same_moment(text, kept))
        bound.value = kept if untouched else text.replace("\r\n", "\n").replace("\r", "\n")
    if bound.type == "image":
        bound.picked = posted.file(bound.file_name)


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
        child = _read(_item_field(bound.field, item), (*bound.steps, index), item, posted)
        child.was, child.copied, child.fresh = was, was in used, was is None
        if was is not None:
            used.add(was)
        bound.children.append(child)


def _same_text(sent: str, shown: str) -> bool:
    """Tell whether a browser that was shown one text would send the other, untouched.

    HTML: line ends of a control are sent as CRLF, and U+0000 is read as U+FFFD.
    """
    return sent == shown or _as_sent(sent) == _as_sent(shown)


def _same_moment(sent: str, shown: str) -> bool:
    """Tell whether two texts are the same moment: browsers may leave out or add seconds of zero."""
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
    return values


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
    return bound.old if _untouched(before, after) else after


def _assemble_group(
    bound: BoundField, before: Mapping[str, Value], place: Path, errors: dict[str, str]
) -> dict[str, Value]:
    found = {one.field.name: _value(one, (*place, one.field.name), errors) for one in bound.children}
    values: dict[str, Value] = {}
    for key in (*before, *(key for key in found if key not in before)):
        value = found.get(key, before.get(key, MISSING))
        if value is not MISSING:
            values[key] = value
    return values


def _value_of_list(bound: BoundField, place: Path, errors: dict[str, str]) -> Found:
    before = bound.old if isinstance(bound.old, list) else []
    after: list[Value] = []
    for child in bound.children:
        value = _value(child, (*place, len(after)), errors)
        if child.fresh and _left_blank(child):
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
    return all(one.value == "" and one.picked is None for one in bound.walk())


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


def _operate(fields: Sequence[BoundField], do: str) -> None:
    """Do what a list button says to the tree: add, remove, move or copy one item. Unknown ones do nothing."""
    asked = _OPERATION.fullmatch(do)
    if asked is None:
        return
    verb, key = asked[1], asked[2]
    lists = [one for top in fields for one in top.walk() if one.kind.shape == "many"]
    for one in lists:
        at = next((index for index, child in enumerate(one.children) if child.key == key), None)
        if verb == "add" and one.key == key:
            _add(one)
        elif verb != "add" and at is not None:
            _change(one, verb, at)
            break
    for top in fields:
        _renumber(top, top.steps)


def _add(bound: BoundField) -> None:
    if len(bound.children) < MOST_ITEMS:
        child = _bound(_item_field(bound.field, MISSING), (*bound.steps, len(bound.children)), MISSING)
        child.fresh = child.touched = True
        bound.children.append(child)


def _change(bound: BoundField, verb: str, index: int) -> None:
    items = bound.children
    items[index].touched = verb in ("up", "down")
    if verb == "remove":
        del items[index]
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
        [_copy(child) for child in bound.children],
        bound.was,
    )
    copy.copied, copy.fresh = bound.was is not None, bound.fresh
    return copy


def _renumber(bound: BoundField, steps: tuple[str | int, ...]) -> None:
    bound.steps = steps
    for index, child in enumerate(bound.children):
        _renumber(child, (*steps, index if bound.kind.shape == "many" else child.field.name))
