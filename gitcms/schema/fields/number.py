"""A whole or decimal number."""

from __future__ import annotations

from typing import Any, ClassVar

from gitcms.content.values import Found, Value
from gitcms.schema.collection import Field
from gitcms.schema.fields.base import BadField, Observed, One, cleared, is_number, number_of, words_of

COUNTED_BY_NOBODY = frozenset({"id", "uid", "version", "phone", "zip", "zipcode", "postcode", "isbn", "issn"})
"""Last words of keys whose digits are a name, not a number."""


class Number(One):
    name: ClassVar[str] = "number"
    spelled: ClassVar[str] = "number"

    def recognise(self, seen: Observed) -> dict[str, Any] | None:
        if seen.share(is_number) < 0.95 or not COUNTED_BY_NOBODY.isdisjoint(words_of(seen.name)[-1:]):
            return None
        numbers = [value for value in seen.values if isinstance(value, (int, float))]
        whole = all(isinstance(value, int) for value in numbers)
        return {
            "options": {"whole": whole, "year": whole and all(1500 <= value <= 2200 for value in numbers)}
        }

    def fits(self, value: Found, field: Field) -> bool:
        return is_number(value)

    def from_form(self, text: str, old: Found, field: Field) -> Found:
        if not text.strip():
            return cleared(field)
        number = number_of(text) if number_of(text) is not None else number_of(text.replace(",", ".", 1))
        if number is None or not is_number(number):
            raise BadField(_wanted(field))
        return float(number) if isinstance(old, float) else number

    def problem(self, value: Value, field: Field) -> str | None:
        if not is_number(value):
            return _wanted(field)
        if field.options.get("year") and not (isinstance(value, int) and 0 < value < 10000):
            return _wanted(field)
        return None


def _wanted(field: Field) -> str:
    return "Write a year, such as 2025" if field.options.get("year") else "Write a number, such as 12"
