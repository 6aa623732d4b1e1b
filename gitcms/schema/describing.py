"""A model as plain data, for programs: what `gitcms infer --json` prints.

Here: the shape of the answer. What the model says is found in `inference`, what stands out of it in
`outliers`; how types are spelled is each type's own to say. The keys are a promise to scripts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from gitcms.schema import dates
from gitcms.schema.collection import Collection, Field, Model
from gitcms.schema.fields import FIELD_TYPES
from gitcms.schema.fields.blocks import type_key
from gitcms.schema.finding import Source
from gitcms.schema.outliers import outliers

EXAMPLE = datetime.fromisoformat("2006-01-02T15:04:05")
"""The moment by which the spelling of dates is shown."""


def described(model: Model, source: Source) -> dict[str, Any]:
    """Return a model as JSON-like data: the generator, and each collection with its files and fields.

    :param source: what the model was read from.
    """
    return {
        "generator": model.generator,
        "title": model.title,
        "media_folder": model.media_folder,
        "public_url": model.public_url,
        "collections": [
            _collection(one, [path for path in source.paths if one.holds(path)], source)
            for one in model.collections
        ],
    }


def spelled(field: Field) -> str:
    """Return the name outside of a field's type."""
    return FIELD_TYPES[field.type].spelled


def _collection(one: Collection, files: Sequence[str], source: Source) -> dict[str, Any]:
    return {
        "name": one.name,
        "label": one.label,
        "path": one.folders[0] if one.folders else "",
        "paths": list(one.folders),
        "kind": one.kind,
        "files": len(files),
        "format": one.format,
        "file_template": one.file_template,
        "i18n": {"layout": one.i18n.how, "locales": list(one.i18n.locales)} if one.i18n.how else None,
        "fields": list(_fields(one.fields, "")),
        "outliers": [asdict(found) for found in outliers(one, files, source)],
    }


def _fields(fields: Sequence[Field], before: str) -> Iterator[dict[str, Any]]:
    """Yield each field and behind it its parts, named `links[].url` or `seo.title`."""
    for field in fields:
        name = before + field.name
        yield {
            "name": name,
            "label": field.label,
            "type": spelled(field),
            "required": field.required,
            "coverage": field.options.get("coverage", 0.0),
            "choices": list(field.choices),
            **({"items": spelled(field.item)} if field.item is not None else {}),
            "meaning": field.meaning,
            **_habits(field),
        }
        yield from _fields(_parts(field), name + ("." if field.type in ("object", "map") else "[]."))


def _parts(field: Field) -> Sequence[Field]:
    """Return the fields of an object, or of the objects of a list; those of a typed list under one roof."""
    if field.type != "blocks":
        return field.fields or (field.item.fields if field.item else ())
    kind = Field(type_key(field), "", "select", choices=tuple(one.name for one in field.fields))
    parts = {part.name: part for one in field.fields for part in one.fields}
    return (replace(kind, options={"coverage": 1.0}), *parts.values())


def _habits(field: Field) -> dict[str, Any]:
    """Return how the values of a field are written, where that says more than its type."""
    habits: dict[str, Any] = {}
    if field.options.get("one_or_list"):
        habits["one_or_list"] = True
    if field.type == "relation":
        habits["collections"] = list(field.options.get("collections", ()))
        habits["value"] = field.options.get("value", "slug")
    if "range" in field.options:
        habits["range"] = list(field.options["range"])
    spelling = field.options.get("spelling")
    if isinstance(spelling, dates.Spelling):
        habits["spelling"] = str(dates.spell(EXAMPLE if spelling.time else EXAMPLE.date(), spelling))
    return habits
