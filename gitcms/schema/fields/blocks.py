"""A list of objects of several kinds, each with fields of its own: the blocks that a page is made of."""

from __future__ import annotations

from typing import Any, ClassVar

from marshmallow import ValidationError
from marshmallow import fields as mm

from gitcms.content.values import Found, Value
from gitcms.schema.collection import Field
from gitcms.schema.fields.base import WRONG_KIND, Observed, SchemaOf, judged
from gitcms.schema.fields.objects import Objects

KIND = "type"


class Blocks(Objects):
    """`Field.fields` are the kinds, each an "object"; `options["type_key"]` is the key that names one."""

    name: ClassVar[str] = "blocks"
    spelled: ClassVar[str] = "typed list"

    def recognise(self, seen: Observed) -> dict[str, Any] | None:
        return None

    def marshmallow(self, field: Field, schema: SchemaOf) -> mm.Field[Any]:
        judges = {one.name: schema(one.fields) for one in field.fields}

        def check(value: Value) -> None:
            if not isinstance(value, list):
                raise ValidationError(WRONG_KIND)
            found: dict[int, Any] = {}
            for number, item in enumerate(value):
                kind = kind_of(field, item)
                errors = judges[kind.name].validate(item) if kind and isinstance(item, dict) else {}
                if errors:
                    found[number] = errors
            if found:
                raise ValidationError(found)

        judge = judged(field, lambda value, field: None)
        judge.validators.append(lambda value: None if value is None else check(value))
        return judge


def type_key(field: Field) -> str:
    """Return the key by which an object says of which kind it is."""
    return str(field.options.get("type_key") or KIND)


def kind_of(field: Field, item: Found) -> Field | None:
    """Return the kind of one object of the list, or None where it says none that is known."""
    said = item.get(type_key(field)) if isinstance(item, dict) else None
    return next((one for one in field.fields if one.name == said), None)
