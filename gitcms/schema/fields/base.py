"""What every field type has in common, and the little helpers that several share.

A type says which values it can show (`fits`), how it shows one (`to_form`), how it reads one back
(`from_form`), how Marshmallow judges one (`marshmallow`), and whether the values of a key that exist
look like its own (`recognise`). Types of shape "one" stand in one control; "group" and "many" are
made of other fields; "none" is only looked at.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import repeat
from typing import Any, ClassVar, Literal, Protocol

import marshmallow
from marshmallow import fields as mm

from gitcms.content.values import MISSING, Found, Raw, Value
from gitcms.errors import InvalidEntry
from gitcms.schema.collection import Field
from gitcms.schema.limits import beyond, has_limits

WRONG_KIND = "This cannot be written here. Ask an administrator to look at the file"

MOST_REMEMBERED = 1000
"""Texts of one field that are known to be right."""

_INT = re.compile(r"-?(?:0|[1-9]\d{0,17})", re.ASCII)
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


SchemaOf = Callable[[Sequence[Field]], marshmallow.Schema]
"""What turns fields into a Marshmallow schema; given to types that are made of other fields."""


class BadField(InvalidEntry):
    """What was typed cannot be read as this type. `str(error)` is the sentence beside the field."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, {"": sentence})


@dataclass(frozen=True, slots=True)
class Observed:
    """The values that one key has in the entries that exist.

    `values` leaves out what is empty; `places` are the entries they come from, in the same order.
    `total` counts the objects that could have the key, `empties` those that have it without a value.
    `describe` finds the field of a part (of an object, of the items of a list); `picture` tells
    where pictures lie that some values name, or None when the values name none; `relation` tells which
    entries they name, as the options of a relation. `elsewhere` are the texts that the same key has in other
    collections; `inside` those that keys of objects have, wherever in an entry the objects stand.
    """

    name: str
    values: Sequence[Value]
    places: Sequence[str]
    total: int
    empties: Sequence[Value] = ()
    describe: Callable[[Observed], Field] = field(default=lambda seen: plain_field(seen), repr=False)
    picture: Callable[[Observed], dict[str, Any] | None] = field(default=lambda seen: None, repr=False)
    relation: Callable[[Observed], dict[str, Any] | None] = field(default=lambda seen: None, repr=False)
    elsewhere: Sequence[str] = ()
    inside: Mapping[str, Sequence[str]] = field(default_factory=dict, repr=False)
    counts: Mapping[str, int] | None = field(init=False, repr=False, compare=False)
    """How often each value occurs, where all are texts: what is told of one need not be asked again."""

    def __post_init__(self) -> None:
        all_texts = set(map(type, self.values)) == {str}
        object.__setattr__(self, "counts", Counter(self.values) if all_texts else None)

    def share(self, test: Callable[[Value], bool], least: float = 0) -> float:
        """Return the part of the values that pass a test, from 0 to 1; 0 for a part smaller than `least`.

        The test stops where so many have failed that this cannot be reached any more.
        """
        count, failed = len(self.values), 0
        most = count - least * count
        for value, times in self.counted():
            if not test(value):
                failed += times
                if failed > most:
                    return 0.0
        return (count - failed) / count if count else 0.0

    def counted(self) -> Iterable[tuple[Value, int]]:
        """Return the values, each with how often it is meant."""
        return self.counts.items() if self.counts else zip(self.values, repeat(1), strict=False)

    def holds(self, kind: type) -> bool:
        """Tell whether there is a value of this kind."""
        return self.counts is None and any(isinstance(value, kind) for value in self.values)

    @property
    def texts(self) -> list[str]:
        """The values that are text."""
        return [value for value in self.values if isinstance(value, str)]

    def part(self, name: str, values: Sequence[tuple[Value, str]], total: int) -> Field:
        """Return the field of a part of these values, given each with the entry it comes from."""
        full = [(value, place) for value, place in values if not is_empty(value)]
        return self.describe(
            Observed(
                name,
                [value for value, _ in full],
                [place for _, place in full],
                total,
                [value for value, _ in values if is_empty(value)],
                self.describe,
                self.picture,
                self.relation,
                inside=self.inside,
            )
        )

    def placed(self) -> Sequence[tuple[Value, str]]:
        """Return the values, each with the entry it comes from."""
        return list(zip(self.values, self.places, strict=True))


class FieldType(Protocol):
    """One kind of value; a module of this folder holds one, `FIELD_TYPES` lists them."""

    name: ClassVar[str]
    spelled: ClassVar[str]
    """What the type is called outside, in `gitcms infer` and in files of ours: a promise, kept for good."""
    shape: ClassVar[Literal["one", "group", "many", "none"]]
    plain: ClassVar[bool]
    """Whether its control shows the value's own text, so that any other type could read it back."""
    automatic: ClassVar[bool]
    """Whether values make themselves, so that one alone is nothing that somebody filled in."""

    def recognise(self, seen: Observed) -> dict[str, Any] | None:
        """Return what to put into a `Field` whose values are of this type, or None when they are not."""
        ...

    def fits(self, value: Found, field: Field) -> bool:
        """Tell whether a value (never an empty one) can be shown and changed as this type."""
        ...

    def control(self, value: Found, field: Field) -> str:
        """Return the kind of control that can hold a value without loss; the template's to draw."""
        ...

    def to_form(self, value: Found, field: Field) -> str:
        """Return a value as the text of its control. Types of several controls return ""."""
        ...

    def from_form(self, text: str, old: Found, field: Field) -> Found:
        """Return the value that a control's text means, written like the old one.

        Only called for a text that differs from `to_form(old)`.

        :raises BadField: the text is no value of this type.
        """
        ...

    def marshmallow(self, field: Field, schema: SchemaOf) -> mm.Field[Any]:
        """Return the Marshmallow field that judges a value of this type. `schema` judges its parts."""
        ...


class One:
    """The common part of types that stand in one control."""

    shape: ClassVar[Literal["one", "group", "many", "none"]] = "one"
    plain: ClassVar[bool] = True
    automatic: ClassVar[bool] = False

    def control(self, value: Found, field: Field) -> str:
        return "text"

    def to_form(self, value: Found, field: Field) -> str:
        return text_of(value)

    def marshmallow(self, field: Field, schema: SchemaOf) -> mm.Field[Any]:
        return judged(field, self.problem)

    def problem(self, value: Value, field: Field) -> str | None:
        """Return the sentence that says what is wrong with a value, or None when it is right."""
        return None


def start_of(kind: FieldType, field: Field) -> Found:
    """Return what a new entry, or a new object of a list, has in a field; MISSING for nothing."""
    start: Callable[[Field], Found] | None = getattr(kind, "start", None)
    if start is not None:
        return start(field)
    return MISSING if field.default is None else field.default


def judged(field: Field, problem: Callable[[Value, Field], str | None]) -> mm.Field[Any]:
    """Return a Marshmallow field that takes any value of which `problem` has nothing to say."""

    limited = has_limits(field)

    def check(value: Value) -> None:
        if is_empty(value):
            return
        sentence = problem(value, field) or (beyond(value, field) if limited else None)
        if sentence:
            raise marshmallow.ValidationError(sentence)

    return _Judged(required=False, allow_none=True, validate=check)


class _Judged(mm.Raw):
    """A field that only judges: a value comes out as it went in. Asked of each value of a whole site.

    A judgement hangs on the value alone, so texts that were found right need not be judged again.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._right: set[str] = set()

    def deserialize(self, value: Any, attr: Any = None, data: Any = None, **options: Any) -> Any:
        if value is None or ((is_text := type(value) is str) and value in self._right):
            return value
        for judge in self.validators:
            judge(value)
        if is_text and len(self._right) < MOST_REMEMBERED:
            self._right.add(value)
        return value


class Cards(mm.List[Any]):
    """A list of objects. One with nothing wrong is seen at once; of others Marshmallow tells what it is."""

    def __init__(self, schema: marshmallow.Schema, check: Callable[[Value], None]) -> None:
        item = mm.Nested(schema, error_messages={"type": WRONG_KIND})
        super().__init__(item, allow_none=True, validate=check, error_messages={"invalid": WRONG_KIND})
        self._wrong_in = schema.validate

    def deserialize(self, value: Any, attr: Any = None, data: Any = None, **options: Any) -> Any:
        if type(value) is not list or any(map(self._wrong_in, value)):
            return super().deserialize(value, attr, data, **options)
        self._validate(value)
        return value


def check_limits(value: Value, field: Field) -> None:
    """Raise Marshmallow's error for a value that breaks a rule of its field."""
    if sentence := beyond(value, field):
        raise marshmallow.ValidationError(sentence)


def is_empty(value: Found) -> bool:
    """Tell whether there is nothing there for a reader: no key, null, or no text."""
    return value is MISSING or value is None or (isinstance(value, str) and value == "")


def cleared(field: Field) -> Found:
    """Return what an emptied control leaves behind: as the neighbours do it, else no key at all."""
    empty: Found = field.options.get("empty", MISSING)
    return list(empty) if isinstance(empty, list) else empty


def text_of(value: Found) -> str:
    """Return a single value as text: what a control shows. Nothing is rounded or shortened."""
    if value is MISSING or value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, (date, datetime, time)):
        return value.isoformat()
    if isinstance(value, (int, float)):
        return repr(value)
    return value.text if isinstance(value, Raw) else ""


def bare(text: str, field: Field) -> str:
    """Return a text without what its field's values begin and end with; one that does not is whole."""
    prefix, suffix = (str(field.options.get(key) or "") for key in ("prefix", "suffix"))
    if text.startswith(prefix) and text.endswith(suffix) and len(text) > len(prefix + suffix):
        return text[len(prefix) : len(text) - len(suffix)]
    return text


def whole(text: str, field: Field) -> str:
    """Return a typed text with what its field's values begin and end with."""
    prefix, suffix = (str(field.options.get(key) or "") for key in ("prefix", "suffix"))
    if not text or (text.startswith(prefix) and text.endswith(suffix)):
        return text
    return f"{prefix}{text}{suffix}"


def like(text: str, old: Found, kinds: Sequence[str] = ()) -> Value:
    """Return a text as the kind of value that the old one is, where it reads back as the same text.

    `2016` in the place of the number 2015 is a number; `2015-2016` there is text. Where there was
    nothing before, `kinds` names the kinds that neighbours have ("int", "float", "bool").
    """
    if isinstance(old, bool) or (is_empty(old) and "bool" in kinds):
        if text in ("true", "false"):
            return text == "true"
    elif isinstance(old, (int, float)) or (is_empty(old) and {"int", "float"} & set(kinds)):
        number = number_of(text)
        if number is not None and text_of(number) == text:
            return number
    elif isinstance(old, date) and not isinstance(old, datetime):
        try:
            return date.fromisoformat(text)
        except ValueError:
            return text
    return text


def number_of(text: str) -> int | float | None:
    """Return the number that a text spells in the plainest way, or None."""
    text = text.strip()
    if _INT.fullmatch(text):
        return int(text)
    try:
        number = float(text) if re.fullmatch(r"[-+0-9.eE]{1,40}", text) else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def is_number(value: Found) -> bool:
    """Tell whether a value is a number that a control can hold."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return abs(value) < 10**18 if isinstance(value, int) else math.isfinite(value)


def is_scalar(value: Found) -> bool:
    """Tell whether a value is a single one that can be shown as text and read back."""
    if isinstance(value, str):
        return not _UNWRITABLE.search(value)
    return isinstance(value, (bool, float)) or is_number(value) or isinstance(value, date)


def is_line(value: Found) -> bool:
    """Tell whether a value is text of one line."""
    return isinstance(value, str) and is_scalar(value) and "\n" not in value and "\r" not in value


def refuse_unwritable(text: str) -> None:
    """Refuse what no file of text should hold: control characters, halves of characters.

    :raises BadField: there is one.
    """
    if _UNWRITABLE.search(text):
        raise BadField("There is an invisible character in this text that cannot be saved. Type it anew")


def words_of(name: str) -> list[str]:
    """Return the words of a key in lower case: `featuredImage_url` is featured, image, url."""
    return [word.lower() for word in re.findall(r"[A-Z]?[^\W\dA-Z_]+|[A-Z]+(?![a-z])|\d+", name)]


def kinds_of(values: Sequence[Value]) -> tuple[str, ...]:
    """Return the kinds of single values that occur besides text, as `like` wants them."""
    return tuple(sorted({type(value).__name__ for value in values} & {"int", "float", "bool"}))


def plain_field(seen: Observed) -> Field:
    """Return a text field: what remains when nothing better is known."""
    return Field(seen.name, seen.name)
