"""A day. Values that carry a time of day as well keep it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, ClassVar

from gitcms.content.values import MISSING, Found, Value
from gitcms.schema import dates
from gitcms.schema.collection import Field
from gitcms.schema.fields.base import BadField, Observed, One, cleared, is_empty, text_of, words_of


class Date(One):
    name: ClassVar[str] = "date"
    spelled: ClassVar[str] = "date"
    plain: ClassVar[bool] = False
    timed: ClassVar[bool] = False

    def recognise(self, seen: Observed) -> dict[str, Any] | None:
        speaks = not {"date", "published", "updated", "created"}.isdisjoint(words_of(seen.name))
        if seen.share(dates.looks_like_a_date, 0.6) < (0.6 if speaks else 0.9):
            return None
        spelled: Counter[dates.Spelling] = Counter()
        for value, times in seen.counted():
            if (one := dates.spelling_of(value)) is not None:
                spelled[one] += times
        total = spelled.total()
        if total * 2 < len(seen.values) and (numeric := self._in_numbers(seen.values)) is not None:
            return {"options": {"spelling": numeric}}
        if not self.timed and total * 2 < len(seen.values):
            return None
        timed = sum(times for one, times in spelled.items() if one.time)
        if not spelled or (timed * 4 >= total) is not self.timed:
            return None
        usual = max((one for one in spelled if one.time is self.timed), key=spelled.__getitem__)
        return {"options": {"spelling": usual}}

    def _in_numbers(self, values: Sequence[Value]) -> dates.Spelling | None:
        """Return how days in numbers are written, where these have a time of day as this type has it."""
        clocks = sum(isinstance(value, datetime) or ":" in text_of(value) for value in values)
        if (clocks * 4 >= len(values)) is not self.timed:
            return None
        return dates.numeric_spelling(values, self.timed)

    def fits(self, value: Found, field: Field) -> bool:
        return _when(value, field) is not None

    def control(self, value: Found, field: Field) -> str:
        when = _when(value, field)
        if isinstance(when, datetime) and when.microsecond % 1000:
            return "text"  # browsers know thousandths of a second and no less
        timed = isinstance(when, datetime) if when is not None else self.timed
        return "datetime-local" if timed else "date"

    def to_form(self, value: Found, field: Field) -> str:
        when = _when(value, field)
        if not isinstance(when, datetime):
            return when.isoformat() if when is not None else ""
        if when.microsecond:
            exact = "milliseconds" if when.microsecond % 1000 == 0 else "microseconds"
        else:
            exact = "seconds" if when.second else "minutes"
        return when.replace(tzinfo=None).isoformat(timespec=exact)

    def from_form(self, text: str, old: Found, field: Field) -> Found:
        if not text.strip():
            return cleared(field)
        when = dates.parse(text)
        timed = self.control(old, field) != "date"
        if when is None or (isinstance(when, datetime) and not timed):
            raise BadField(_wanted(timed))
        return dates.spell(when, self.spelling(old, field))

    def spelling(self, old: Found, field: Field) -> dates.Spelling:
        """Return how to write a date here: like the old one, else like the neighbours."""
        own = dates.spelling_of(old) if not is_empty(old) and old is not MISSING else None
        usual: dates.Spelling | None = field.options.get("spelling")
        own = own or (dates.numeric_like(old, usual) if usual is not None else None)
        usual = own or usual
        zone = "Z" if self.timed and field.options.get("utc") else ""
        if usual is not None:
            return usual if own or not zone else replace(usual, zone=zone)
        return dates.Spelling("datetime" if self.timed else "date", self.timed, zone=zone)

    def problem(self, value: Value, field: Field) -> str | None:
        return None if _when(value, field) is not None else _wanted(self.timed)

    def zone(self, value: Found, field: Field) -> str:
        """Return the zone that the control's time of day is in, as text, or ""."""
        if self.control(value, field) == "date":
            return ""
        return {"Z": "UTC", "z": "UTC"}.get(
            self.spelling(value, field).zone, self.spelling(value, field).zone
        )


def _when(value: Found, field: Field) -> date | datetime | None:
    spelling = field.options.get("spelling")
    return dates.read_as(value, spelling if isinstance(spelling, dates.Spelling) else None)


def _wanted(timed: bool) -> str:
    day = date(2025, 5, 14).isoformat()
    return f"Write a date and a time, such as {day} 09:30" if timed else f"Write a date, such as {day}"
