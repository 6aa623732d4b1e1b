"""Several fields under one name. Keys that only some entries have are kept and shown as well."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from marshmallow import fields as mm

from gitcms.content.values import Found, Value
from gitcms.schema.collection import Field
from gitcms.schema.fields.base import WRONG_KIND, Observed, SchemaOf

MOST_PARTS = 60


class Object:
    name: ClassVar[str] = "object"
    spelled: ClassVar[str] = "object"
    shape: ClassVar[Literal["one", "group", "many", "none"]] = "group"
    plain: ClassVar[bool] = False
    automatic: ClassVar[bool] = False

    def recognise(self, seen: Observed) -> dict[str, Any] | None:
        if seen.share(lambda value: isinstance(value, dict), 0.8) < 0.8:
            return None
        fields = parts_of(seen, [(value, place) for value, place in seen.placed() if isinstance(value, dict)])
        return {"fields": fields if len(fields) <= MOST_PARTS else ()}

    def fits(self, value: Found, field: Field) -> bool:
        return isinstance(value, dict)

    def control(self, value: Found, field: Field) -> str:
        return "group"

    def to_form(self, value: Found, field: Field) -> str:
        return ""

    def from_form(self, text: str, old: Found, field: Field) -> Found:
        return old

    def marshmallow(self, field: Field, schema: SchemaOf) -> mm.Field[Any]:
        return mm.Nested(schema(field.fields), allow_none=True, error_messages={"type": WRONG_KIND})


def parts_of(seen: Observed, objects: Sequence[tuple[Value, str]]) -> tuple[Field, ...]:
    """Return the fields of the keys that some objects have, in the order that is usual among them."""
    values: dict[str, list[tuple[Value, str]]] = {}
    positions: dict[str, list[int]] = {}
    for item, place in objects:
        if isinstance(item, dict):
            for position, (key, value) in enumerate(item.items()):
                if key not in values:
                    values[key], positions[key] = [], []
                values[key].append((value, place))
                positions[key].append(position)
    usual = sorted(values, key=lambda key: sum(positions[key]) / len(positions[key]))
    return tuple(seen.part(key, values[key], len(objects)) for key in usual[: MOST_PARTS + 1])
