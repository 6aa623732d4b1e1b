"""A list of objects of several kinds, each with fields of its own: the blocks that a page is made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from marshmallow import ValidationError
from marshmallow import fields as mm

from gitcms.content.values import Found, Value
from gitcms.schema.collection import Field
from gitcms.schema.fields.base import WRONG_KIND, Observed, SchemaOf, is_line, judged
from gitcms.schema.fields.object import parts_of
from gitcms.schema.fields.objects import Objects
from gitcms.schema.labels import label_of

KIND = "type"
KINDS = (
    KIND,
    "_type",
    "template",
    "_template",
    "component",
    "_component",
    "block",
    "_block",
    "_bookshop_name",
)
"""Keys by which objects of a list say of which kind they are."""
MOST_KINDS = 30


class Blocks(Objects):
    """`Field.fields` are the kinds, each an "object"; `options["type_key"]` is the key that names one."""

    name: ClassVar[str] = "blocks"
    spelled: ClassVar[str] = "typed list"

    def recognise(self, seen: Observed) -> dict[str, Any] | None:
        if not seen.holds(list):
            return None
        lists = [(value, place) for value, place in seen.placed() if isinstance(value, list)]
        mixed = [(item, place) for value, place in lists for item in value]
        items: list[tuple[dict[str, Value], str]] = [one for one in mixed if isinstance(one[0], dict)]  # type: ignore[misc]
        if len(lists) < 0.8 * len(seen.values) or not 3 <= len(items) == len(mixed):
            return None
        key = next((key for key in KINDS if all(is_line(item.get(key)) for item, _ in items)), None)
        if key is None:
            return None
        keys: dict[str, set[str]] = {}
        for item, _ in items:
            keys.setdefault(str(item[key]), {key}).update(item)
        if not 2 <= len(keys) <= MOST_KINDS or _are_alike([names - {key} for names in keys.values()]):
            return None
        kinds: dict[str, list[tuple[Value, str]]] = {}
        for item, place in items:
            rest = {name: value for name, value in item.items() if name != key}
            kinds.setdefault(str(item[key]), []).append((rest, place))
        fields = tuple(
            Field(kind, label_of(kind), "object", fields=parts_of(seen, some)) for kind, some in kinds.items()
        )
        return {"fields": fields, "options": {"type_key": key}}

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


def _are_alike(keys: Sequence[set[str]]) -> bool:
    """Tell whether objects of all kinds have the same keys, so that the kind is a choice like any other."""
    shared = set.intersection(*keys)
    return 2 * len(shared) >= max(map(len, keys))


def type_key(field: Field) -> str:
    """Return the key by which an object says of which kind it is."""
    return str(field.options.get("type_key") or KIND)


def kind_of(field: Field, item: Found) -> Field | None:
    """Return the kind of one object of the list, or None where it says none that is known."""
    said = item.get(type_key(field)) if isinstance(item, dict) else None
    return next((one for one in field.fields if one.name == said), None)
