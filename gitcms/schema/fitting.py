"""Which field shows a value: the collection's own, or one of the type that this very value has.

A post that differs from its neighbours is shown by what is in it, so it can be opened and saved like
any other.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time

from gitcms.content.values import Found
from gitcms.schema import labels
from gitcms.schema.collection import Field
from gitcms.schema.fields import FIELD_TYPES
from gitcms.schema.fields.base import is_empty, is_number, is_scalar


def fits(field: Field, value: Found) -> bool:
    """Tell whether a value can be shown and changed as its field wants it. Nothing at all always can."""
    return is_empty(value) or FIELD_TYPES[field.type].fits(value, field)


def field_for(field: Field, value: Found) -> Field:
    """Return the field to show a value with: its own one, unless this very value is of another type."""
    own = own_field(field.name, value)
    if fits(field, value) and (field.type != "raw" or own.type == "raw" or is_empty(value)):
        return field
    return replace(
        own, label=field.label, meaning=field.meaning, hint=field.hint, when=field.when, odd=field.type
    )


def own_field(name: str, value: Found) -> Field:
    """Return a field of the type that one value has, for a key that no collection knows."""
    return Field(name, labels.label_of(name), _type_of(value))


def _type_of(value: Found) -> str:
    if is_empty(value):
        return "text"
    if isinstance(value, list):
        return _type_of_list(value)
    if isinstance(value, dict):
        return "object" if value else "raw"
    if isinstance(value, bool):
        return "boolean"
    if is_number(value):
        return "number"
    if isinstance(value, datetime):
        return "datetime"
    if isinstance(value, date):
        return "date"
    if isinstance(value, time):
        return "time" if FIELD_TYPES["time"].fits(value, Field("", "")) else "raw"
    return "text" if is_scalar(value) else "raw"


def _type_of_list(value: Found) -> str:
    for name in ("objects", "tags"):
        if value and FIELD_TYPES[name].fits(value, Field("", "")):
            return name
    return "list" if value else "tags"
