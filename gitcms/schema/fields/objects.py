"""A list of objects with the same fields: cards that can be added, moved, copied and removed."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from marshmallow import fields as mm

from gitcms.content.values import Found, Value
from gitcms.schema.collection import Field
from gitcms.schema.fields.base import Cards, Observed, SchemaOf, check_limits
from gitcms.schema.fields.object import MOST_PARTS, parts_of


class Objects:
    name: ClassVar[str] = "objects"
    spelled: ClassVar[str] = "list of objects"
    shape: ClassVar[Literal["one", "group", "many", "none"]] = "many"
    plain: ClassVar[bool] = False
    automatic: ClassVar[bool] = False

    def recognise(self, seen: Observed) -> dict[str, Any] | None:
        if seen.share(lambda value: isinstance(value, list), 0.8) < 0.8:
            return None
        items = [(item, place) for value, place in seen.placed() if isinstance(value, list) for item in value]
        dicts = [(item, place) for item, place in items if isinstance(item, dict)]
        if not dicts or len(dicts) < 0.9 * len(items):
            return None
        fields = parts_of(seen, dicts)
        return {"fields": fields if len(fields) <= MOST_PARTS else ()}

    def fits(self, value: Found, field: Field) -> bool:
        return isinstance(value, list) and all(isinstance(item, dict) for item in value)

    def control(self, value: Found, field: Field) -> str:
        return "cards"

    def to_form(self, value: Found, field: Field) -> str:
        return ""

    def from_form(self, text: str, old: Found, field: Field) -> Found:
        return old

    def marshmallow(self, field: Field, schema: SchemaOf) -> mm.Field[Any]:
        return Cards(schema(field.fields), lambda items: check_limits(items, field))

    def blank(self, field: Field) -> Value:
        """Return what a new item is before anything is filled in."""
        return {}
