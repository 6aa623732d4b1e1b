"""A whole or decimal number."""

from __future__ import annotations

from typing import Any, ClassVar

from gitcms.content.values import Found, Value
from gitcms.schema.collection import Field
from gitcms.schema.fields.base import BadField, Observed, One, cleared, is_number, number_of, words_of
from gitcms.schema.limits import beyond

COUNTED_BY_NOBODY = frozenset(
    {"id", "uid", "version", "release", "phone", "zip", "zipcode", "postcode", "isbn", "issn", "doi", "pmid"}
)
"""Last words of keys whose digits are a name, not a number."""
IDENTITY = 10**8
"""Numbers from here on under a key that ends in `id` come from another system: `authorFBID`, no `grid`."""


class Number(One):
    name: ClassVar[str] = "number"
    spelled: ClassVar[str] = "number"

    def recognise(self, seen: Observed) -> dict[str, Any] | None:
        if seen.share(is_number, 0.95) < 0.95 or not COUNTED_BY_NOBODY.isdisjoint(words_of(seen.name)[-1:]):
            return None
        numbers = [value for value in seen.values if isinstance(value, (int, float))]
        if seen.name.lower().endswith("id") and min(numbers) >= IDENTITY:
            return None
        whole = all(isinstance(value, int) for value in numbers)
        year = whole and all(1500 <= value <= 2200 for value in numbers)
        return {"options": {"whole": whole, "year": year, "range": (min(numbers), max(numbers))}}

    def fits(self, value: Found, field: Field) -> bool:
        """Numbers; and their text where `options["text"]` says that the site keeps them as text."""
        return is_number(value) or (
            _as_text(field) and isinstance(value, str) and number_of(value) is not None
        )

    def control(self, value: Found, field: Field) -> str:
        """Return "range" for a number with a slider beside it (`options["as"]`, with `min` and `max`)."""
        ends = field.options.get("min"), field.options.get("max")
        return "range" if field.options.get("as") == "range" and None not in ends else "text"

    def from_form(self, text: str, old: Found, field: Field) -> Found:
        if not text.strip():
            return cleared(field)
        number = number_of(text) if number_of(text) is not None else number_of(text.replace(",", ".", 1))
        if number is None or not is_number(number):
            raise BadField(_wanted(field))
        if isinstance(old, str) or (_as_text(field) and not is_number(old)):
            return text.strip()
        if field.options.get("float"):
            return float(number)
        return float(number) if isinstance(old, float) else number

    def problem(self, value: Value, field: Field) -> str | None:
        if isinstance(value, str) and self.fits(value, field):
            return beyond(number_of(value), field)
        if not is_number(value):
            return _wanted(field)
        if field.options.get("int") and not isinstance(value, int):
            return "Write a whole number, such as 12"
        if field.options.get("year") and not (isinstance(value, int) and 0 < value < 10000):
            return _wanted(field)
        return None


def _as_text(field: Field) -> bool:
    return bool(field.options.get("text"))


def _wanted(field: Field) -> str:
    return "Write a year, such as 2025" if field.options.get("year") else "Write a number, such as 12"
