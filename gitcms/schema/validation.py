"""Whether values may be saved: a collection as a Marshmallow schema, and what its findings mean.

Only what an author changed is judged. A value that was there before, however odd, belongs to the site
and is never a reason to refuse a save. What a type may hold is said in `fields`; reading a form is
`gitcms.web.forms`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from marshmallow import INCLUDE, Schema, ValidationError
from marshmallow import fields as mm

from gitcms.content.values import MISSING, Found, Path, Value, dotted, find, same
from gitcms.schema.collection import Collection, Field
from gitcms.schema.fields import FIELD_TYPES
from gitcms.schema.fields.base import WRONG_KIND, is_empty
from gitcms.schema.fields.blocks import kind_of
from gitcms.schema.fitting import fits


class Entry(Schema):
    """The base of every collection's schema: keys that no field names are let through.

    It judges values and makes none of them, so it asks the fields alone, and not for what is missing.
    """

    class Meta:
        unknown = INCLUDE

    @cached_property
    def _judges(self) -> Sequence[tuple[str, mm.Field[Any]]]:
        return [(str(judge.data_key), judge) for judge in self.load_fields.values()]

    def validate(self, data: Any, **options: Any) -> dict[str, Any]:
        """Return what the fields say, as Marshmallow nests it. There are no options to heed."""
        if not isinstance(data, Mapping):
            return {"_schema": [WRONG_KIND]}
        errors: dict[str, Any] = {}
        for name, judge in self._judges:
            if name in data:
                try:
                    judge.deserialize(data[name])
                except ValidationError as error:
                    errors[name] = error.messages
        return errors

    def load(self, data: Any, **options: Any) -> Any:
        """Return the very values, when nothing is wrong with them."""
        if errors := self.validate(data):
            raise ValidationError(errors)
        return data


def validate(
    collection: Collection,
    values: Mapping[str, Value],
    *,
    complete: bool,
    old: Mapping[str, Value] | None = None,
) -> dict[str, str]:
    """Return what is wrong with values, as dotted path → sentence; {} when they may be saved.

    :param complete: the entry is to be live, so what every entry has must be there. Drafts may wait.
    :param old: the values as they were opened. What is still as it was is not judged, except that a
        live entry needs its required fields.
    """
    return {
        dotted(path): sentence
        for path, sentence in Judge(collection).problems(values, complete=complete, old=old).items()
    }


class Judge:
    """What `validate` does, for many entries of one collection: its schema is made once."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._schema = schema_of(collection.fields)
        self._demanding = _demanding(collection.fields)

    def problems(
        self, values: Mapping[str, Value], *, complete: bool, old: Mapping[str, Value] | None = None
    ) -> dict[Path, str]:
        """Return what is wrong with values, as path → sentence. The parameters are those of `validate`."""
        fields = self._collection.fields
        problems = {
            path: sentence
            for path, sentence in _flat(self._schema.validate(values), ())
            if _is_new(fields, values, old or {}, path)
        }
        if complete:
            for path, field in _missing(self._demanding, values, old or {}):
                problems.setdefault(path, _needed(self._collection, field))
        return problems


def schema_of(fields: Sequence[Field]) -> Schema:
    """Return a Marshmallow schema that judges a mapping with these fields."""
    # Keys may hold dots or be named like a method of Schema, so attributes get names of their own.
    members: dict[str, Any] = {}
    for number, field in enumerate(fields):
        judge = FIELD_TYPES[field.type].marshmallow(field, schema_of)
        judge.data_key = field.name
        members[f"field_{number}"] = judge
    return Entry.from_dict(members)()


def field_at(fields: Sequence[Field], path: Path) -> Field | None:
    """Return the field at the end of a path, or None where no field names it."""
    field: Field | None = None
    for step in path:
        if isinstance(step, int):
            field = field.item if field is not None and field.item is not None else field
        else:
            field = next((one for one in fields if one.name == step), None)
        fields = field.fields if field is not None else ()
    return field


def is_blank(value: Found) -> bool:
    """Tell whether there is nothing to see in a value: empty, only spaces, or a list of nothing."""
    if isinstance(value, (list, dict)):
        return not value
    return is_empty(value) or (isinstance(value, str) and not value.strip())


def _demanding(fields: Sequence[Field]) -> tuple[Field, ...]:
    """Return the fields that live entries need, or that have such among their parts, and these alone."""
    needed = []
    for field in fields:
        parts = _demanding(field.fields)
        item = _demanding((field.item,)) if field.item is not None and not field.fields else ()
        if field.required or parts or item:
            needed.append(replace(field, fields=parts, item=item[0] if item else None))
    return tuple(needed)


def _missing(
    fields: Sequence[Field], values: Mapping[str, Value], old: Mapping[str, Value]
) -> Iterable[tuple[Path, Field]]:
    """Yield what a live entry needs and has not: its own fields, and those of objects that are new in it."""
    for field in fields:
        value = values.get(field.name, MISSING)
        if field.required and is_blank(value) and (field.when is None or field.when.met(values)):
            yield (field.name,), field
        for path, item, part in _objects_in(field, value) if isinstance(value, (list, dict)) else ():
            lacks = list(_missing(part, item, {}))
            if lacks and not any(same(one, item) for one in _before(old, (field.name, *path))):
                for inner, one in lacks:
                    yield (field.name, *path, *inner), one


def _objects_in(field: Field, value: Found) -> Iterable[tuple[Path, Mapping[str, Value], Sequence[Field]]]:
    """Yield the way to each object in a value of a field, it, and the fields that it has."""
    if isinstance(value, Mapping) and field.fields:
        yield (), value, field.fields
    for number, item in enumerate(value) if isinstance(value, list) else ():
        kind = kind_of(field, item) if field.type == "blocks" else field
        fields = kind.fields if kind is not None else ()
        if isinstance(item, Mapping) and (fields or field.item):
            yield (number,), item, fields or (field.item.fields if field.item else ())


def _flat(errors: Any, path: Path) -> Iterable[tuple[Path, str]]:
    """Yield each sentence of Marshmallow's nested findings with the path it speaks of."""
    if isinstance(errors, Mapping):
        for key, inner in errors.items():
            yield from _flat(inner, path if key == "_schema" else (*path, key))
    elif isinstance(errors, list) and errors and isinstance(errors[0], Mapping):
        yield from _flat(errors[0], path)
    elif isinstance(errors, list) and errors:
        yield path, str(errors[0])


def _is_new(
    fields: Sequence[Field], values: Mapping[str, Value], old: Mapping[str, Value], path: Path
) -> bool:
    """Tell whether the value at a path was written now: it is there, and was not there like this before."""
    value = find(values, path)
    if is_blank(value):
        return False
    field = field_at(fields, path)
    for before in _before(old, path):
        if same(before, value):
            return False
        # Where the file held something of another type, the author was shown a control for that.
        if field is not None and not is_blank(before) and not fits(field, before):
            return False
    return True


def _before(old: Any, path: Path) -> Iterable[Any]:
    """Yield the old values a value may come from: the same keys, any item of a list (items move)."""
    if not path:
        yield old
    elif isinstance(path[0], int) and isinstance(old, list):
        for item in old:
            yield from _before(item, path[1:])
    elif isinstance(old, Mapping) and path[0] in old:
        yield from _before(old[path[0]], path[1:])


def _needed(collection: Collection, field: Field) -> str:
    if field.meaning == "title":
        return "Write a title"
    return f"Every {collection.label_one.lower()} has this. Fill it in, or save as a draft"
