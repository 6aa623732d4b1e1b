"""What stands out of a model: values that are not as their neighbours are, and files that read badly.

None of it is an error. Such a post opens and is saved like any other; it is named so that somebody who
wonders can look.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gitcms.schema.collection import Collection, Field
from gitcms.schema.fields import FIELD_TYPES
from gitcms.schema.finding import Source
from gitcms.schema.fitting import fits, own_field


@dataclass(frozen=True, slots=True)
class Outlier:
    """One thing that stands out: in which file, at which field (dotted, "" for all of it), in a sentence."""

    path: str
    field: str
    sentence: str


def outliers(collection: Collection, files: Sequence[str], source: Source) -> list[Outlier]:
    """Return what stands out in the entries of a collection, in the order of the files."""
    found: list[Outlier] = []
    for path in files:
        values = source.values(path) or {}
        found += [Outlier(path, "", sentence) for sentence in source.remarks.get(path, ())]
        found += [
            Outlier(path, name, f"{_is(value)}, and {FIELD_TYPES[field.type].spelled} in most others")
            for name, field, value in _unlike(collection.fields, values, "")
        ]
    return found


def _unlike(
    fields: Sequence[Field], values: Mapping[str, Any], before: str
) -> Iterator[tuple[str, Field, Any]]:
    """Yield each value that its field cannot show, with its dotted name."""
    for field in fields:
        if field.name in values:
            yield from _unlike_at(field, values[field.name], before + field.name)


def _unlike_at(field: Field, value: Any, name: str) -> Iterator[tuple[str, Field, Any]]:
    if value is False and field.type not in ("number", "date", "datetime"):
        return  # there is none
    if not fits(field, value):
        yield name, field, value
    elif isinstance(value, list) and (field.item is not None or field.fields):
        for number, item in enumerate(value):
            if field.item is not None:
                yield from _unlike_at(field.item, item, f"{name}[{number}]")
            elif isinstance(item, dict):
                yield from _unlike(field.fields, item, f"{name}[{number}].")
    elif isinstance(value, dict):
        yield from _unlike(field.fields, value, name + ".")


def _is(value: Any) -> str:
    """Return what a value is, as the beginning of a sentence."""
    kind = FIELD_TYPES[own_field("", value).type].spelled
    return (
        f"{'An' if kind[0] in 'aeiou' else 'A'} {kind}" if kind not in ("text", "tags") else kind.capitalize()
    )
