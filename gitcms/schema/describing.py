"""A model as plain data, for programs: what `gitcms infer --json` prints.

Here: the spelled names of types and the shape of the answer. What the model says is found in
`inference`. The names are a promise to scripts and outlive the names of our modules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from gitcms.schema.collection import Collection, Field, Model

SPELLED = {
    "boolean": "boolean",
    "date": "date",
    "datetime": "date-time",
    "email": "e-mail",
    "image": "image",
    "list": "list",
    "longtext": "long text",
    "markdown": "markdown",
    "number": "number",
    "object": "object",
    "objects": "list of objects",
    "raw": "raw",
    "select": "select",
    "slug": "slug",
    "tags": "tags",
    "text": "text",
    "url": "URL",
}
"""The name outside of each type in `fields.FIELD_TYPES`."""


def described(model: Model, paths: Iterable[str]) -> dict[str, Any]:
    """Return a model as JSON-like data: the generator, and each collection with its files and fields.

    :param paths: every file of the site, relative to its root.
    """
    files = sorted(paths)
    return {
        "generator": model.generator,
        "title": model.title,
        "media_folder": model.media_folder,
        "public_url": model.public_url,
        "collections": [
            _collection(one, [path for path in files if one.holds(path)]) for one in model.collections
        ],
    }


def _collection(one: Collection, files: Sequence[str]) -> dict[str, Any]:
    return {
        "name": one.name,
        "label": one.label,
        "path": one.folders[0] if one.folders else "",
        "paths": list(one.folders),
        "kind": one.kind,
        "files": len(files),
        "format": one.format,
        "file_template": one.file_template,
        "fields": list(_fields(one.fields, "")),
    }


def _fields(fields: Sequence[Field], before: str) -> Iterator[dict[str, Any]]:
    """Yield each field and behind it its parts, named `links[].url` or `seo.title`."""
    for field in fields:
        name = before + field.name
        yield {
            "name": name,
            "label": field.label,
            "type": SPELLED[field.type],
            "required": field.required,
            "coverage": field.options.get("coverage", 0.0),
            "choices": list(field.choices),
            "meaning": field.meaning,
        }
        parts = field.fields or (field.item.fields if field.item else ())
        yield from _fields(parts, name + ("." if field.type == "object" else "[]."))
