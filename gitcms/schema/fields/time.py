"""A time of day: `09:30`, as text or as the time that some formats know."""

from __future__ import annotations

import re
from datetime import time
from typing import Any, ClassVar

from gitcms.content.values import Found, Value
from gitcms.schema.collection import Field
from gitcms.schema.fields.base import BadField, Observed, One, cleared

_CLOCK = re.compile(r"([01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?", re.ASCII)
_WANTED = "Write a time of day, such as 09:30"


class Time(One):
    name: ClassVar[str] = "time"
    spelled: ClassVar[str] = "time"
    plain: ClassVar[bool] = False

    def recognise(self, seen: Observed) -> dict[str, Any] | None:
        return {} if seen.share(_is_clock, 0.9) >= 0.9 else None

    def fits(self, value: Found, field: Field) -> bool:
        return _is_clock(value) and not (isinstance(value, time) and (value.microsecond or value.tzinfo))

    def control(self, value: Found, field: Field) -> str:
        return "time"

    def from_form(self, text: str, old: Found, field: Field) -> Found:
        text = text.strip()
        if not text:
            return cleared(field)
        if not _CLOCK.fullmatch(text):
            raise BadField(_WANTED)
        if isinstance(old, time):
            return time.fromisoformat(text.zfill(5) if text.count(":") == 1 else text.zfill(8))
        seconds = isinstance(old, str) and old.count(":") == 2 and text.count(":") == 1
        return text + ":00" if seconds else text

    def problem(self, value: Value, field: Field) -> str | None:
        return None if _is_clock(value) else _WANTED


def _is_clock(value: Found) -> bool:
    return isinstance(value, time) or (isinstance(value, str) and bool(_CLOCK.fullmatch(value)))
