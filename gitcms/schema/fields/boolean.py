"""Yes or no: a switch. An untouched switch never adds a key."""

from __future__ import annotations

from typing import Any, ClassVar

from gitcms.content.values import Found, Value
from gitcms.schema.collection import Field
from gitcms.schema.fields.base import Observed, One


class Boolean(One):
    name: ClassVar[str] = "boolean"
    spelled: ClassVar[str] = "boolean"
    plain: ClassVar[bool] = False

    def recognise(self, seen: Observed) -> dict[str, Any] | None:
        if seen.share(lambda value: isinstance(value, bool), 0.9) < 0.9:
            return None
        return {
            "options": {"values": tuple(sorted({value for value in seen.values if isinstance(value, bool)}))}
        }

    def fits(self, value: Found, field: Field) -> bool:
        return isinstance(value, bool)

    def control(self, value: Found, field: Field) -> str:
        return "switch"

    def to_form(self, value: Found, field: Field) -> str:
        return "1" if value is True else ""

    def from_form(self, text: str, old: Found, field: Field) -> Found:
        return text != ""

    def problem(self, value: Value, field: Field) -> str | None:
        return None if isinstance(value, bool) else "Choose yes or no"
