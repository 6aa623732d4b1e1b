"""What a new entry begins with in its fields: their defaults, and what types make themselves.

What it takes over from its neighbours is `generators.blank_values`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from gitcms.content.values import MISSING, Raw, Value
from gitcms.schema import dates, templates
from gitcms.schema.collection import Collection, Field
from gitcms.schema.fields import FIELD_TYPES
from gitcms.schema.fields.base import start_of

ADDRESSES = frozenset({"permalink", "url", "aliases", "redirect_from", "redirect_to", "alias"})
"""Keys that say where one entry is to be found, which no other may say."""


def starting_values(fields: Sequence[Field], known: Mapping[str, Any], now: datetime) -> dict[str, Value]:
    """Return the values of a new entry: those that are known already, then those that fields begin with.

    :param now: aware, in the zone of the site.
    """
    values: dict[str, Value] = dict(known)
    for field in fields:
        if field.name in values:
            continue
        made = start_of(FIELD_TYPES[field.type], field)
        if made is not MISSING:
            values[field.name] = _as_wanted(field, templates.start(made, values, now))
        elif field.type == "object" and (parts := starting_values(field.fields, {}, now)):
            values[field.name] = parts
    return values


def copied_values(collection: Collection, values: Mapping[str, Value]) -> dict[str, Value]:
    """Return what a copy of an entry takes over: all but its address, and what is its alone."""
    titled = collection.meaning("title")
    kept: dict[str, Value] = {}
    for key, value in values.items():
        field = collection.field_of(key)
        own = field is not None and (field.meaning == "slug" or field.type in ("uuid", "slug", "computed"))
        if own or key in ADDRESSES or key == collection.redirects or isinstance(value, Raw):
            continue
        named = titled is not None and key == titled.name and isinstance(value, str)
        kept[key] = f"{value} (copy)" if named else _unread(value)
    return kept


def _unread(value: Value) -> Value:
    """Return a value without what only the file itself can spell."""
    if isinstance(value, dict):
        return {key: _unread(part) for key, part in value.items() if not isinstance(part, Raw)}
    return [_unread(one) for one in value if not isinstance(one, Raw)] if isinstance(value, list) else value


def _as_wanted(field: Field, value: Value) -> Value:
    """Return a date that a template made as the field writes dates."""
    when = dates.read(value) if field.type in ("date", "datetime") and isinstance(value, str) else None
    spelling = field.options.get("spelling")
    return dates.spell(when, spelling) if when is not None and spelling is not None else value
