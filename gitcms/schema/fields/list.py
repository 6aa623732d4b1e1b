"""A list of anything, one control an item: what `tags` and `objects` cannot hold."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar, Literal

from marshmallow import Schema, ValidationError
from marshmallow import fields as mm

from gitcms.content.values import Found, Value
from gitcms.schema.collection import Field
from gitcms.schema.fields.base import Observed, SchemaOf, is_scalar, judged
from gitcms.schema.fields.object import MOST_PARTS, parts_of

ITEM = "item"


class List:
    name: ClassVar[str] = "list"
    spelled: ClassVar[str] = "list"
    shape: ClassVar[Literal["one", "group", "many", "none"]] = "many"
    plain: ClassVar[bool] = False
    automatic: ClassVar[bool] = False

    def recognise(self, seen: Observed) -> dict[str, Any] | None:
        if not seen.holds(list):
            return None
        lists = [(value, place) for value, place in seen.placed() if isinstance(value, list)]
        if not lists or len(lists) < 0.5 * len(seen.values):
            return None
        items = [(item, place) for value, place in lists for item in value if item is not None]
        alike = bool(items) and sum(is_scalar(item) for item, _ in items) >= 0.9 * len(items)
        if alike:
            return {"item": seen.part(seen.name, items, len(items))}
        # Names in one entry, objects in another: these are known by their parts all the same.
        objects = [(item, place) for item, place in items if isinstance(item, dict)]
        fields = parts_of(seen, objects) if len(objects) >= 0.2 * len(items) else ()
        return {"item": None, "fields": fields if len(fields) <= MOST_PARTS else ()}

    def fits(self, value: Found, field: Field) -> bool:
        return isinstance(value, list)

    def control(self, value: Found, field: Field) -> str:
        return "list"

    def to_form(self, value: Found, field: Field) -> str:
        return ""

    def from_form(self, text: str, old: Found, field: Field) -> Found:
        return old

    def marshmallow(self, field: Field, schema: SchemaOf) -> mm.Field[Any]:
        judge = judged(field, lambda value, field: None)
        if field.item is not None:
            items = schema((replace(field.item, name=ITEM),))
            judge.validators.append(lambda value: _check_items(value, items))
        return judge

    def blank(self, field: Field) -> Value:
        """Return what a new item is before anything is filled in."""
        return None


def _check_items(value: Value, items: Schema) -> None:
    """Raise Marshmallow's error for items that the field of each does not take."""
    found = {
        number: errors[ITEM]
        for number, item in enumerate(value if isinstance(value, list) else ())
        if (errors := items.validate({ITEM: item}))
    }
    if found:
        raise ValidationError(found)
