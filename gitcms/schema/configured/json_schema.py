"""The JSON Schema of `gitcms.toml`, for editors that complete and check what is typed: made from `keys`.

Draft 7, which Taplo and Even Better TOML read by a first line `#:schema ./gitcms.schema.json`. What a schema
cannot tell, such as a field that a condition names, is still said by `keys.checked`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitcms.schema.configured.keys import (
    BY_FIELD,
    CANONICAL,
    COLLECTION,
    COMMITS,
    CONVERSION,
    FIELD,
    I18N,
    JSON,
    ONLY,
    SITE,
    SLUGS,
    SORTABLE,
    TEXT_BELOW,
    UPLOADS,
    WHEN,
    YAML,
    Key,
)

DRAFT = "http://json-schema.org/draft-07/schema#"


def json_schema() -> dict[str, Any]:
    """Return the schema as JSON-like data."""
    fields = _each("field")
    return {
        "$schema": DRAFT,
        "title": "gitcms.toml",
        "description": "What a site is made of, for those who edit it with gitcms.",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "site": _named("site"),
            "commits": _named("commits"),
            "collections": _each("collection"),
        },
        "definitions": {
            "site": _table(
                SITE,
                slugs=_named("slugs"),
                yaml=_named("yaml"),
                json=_named("json"),
                uploads=_named("uploads"),
            ),
            "uploads": _table(UPLOADS, **dict.fromkeys(UPLOADS.keys() - {"max_bytes"}, _named("conversion"))),
            "conversion": _table(CONVERSION),
            "yaml": _table(YAML),
            "json": _table(JSON),
            "canonical": _table(CANONICAL),
            "slugs": _table(SLUGS),
            "commits": _table(COMMITS),
            "collection": _table(
                COLLECTION,
                fields=fields,
                i18n=_named("i18n"),
                sortable_fields=_several({"anyOf": [{"type": "string"}, _named("sortable")]}),
                view_filters=_several(_named("by_field")),
                view_groups=_several(_named("by_field")),
                only=_named("only"),
                slugs=_named("slugs"),
                text=_named("text"),
                yaml=_named("yaml"),
                json=_named("json"),
                canonical=_named("canonical"),
            ),
            "text": _table(TEXT_BELOW),
            "sortable": {**_table(SORTABLE), "required": ["field"]},
            "by_field": {**_table(BY_FIELD), "required": ["label", "field"]},
            "i18n": _table(I18N),
            "field": _table(FIELD, fields=fields, item=_named("field"), when=_named("when")),
            "when": {**_table(WHEN), "required": ["field"]},
            "only": {**_table(ONLY), "required": ["field"]},
        },
    }


def _table(keys: Mapping[str, Key], **inner: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of a table with these keys. :param inner: of those that hold tables of ours."""
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            name: inner.get(name)
            or {"description": f"{key.wanted[:1].upper()}{key.wanted[1:]}.", **key.schema}
            for name, key in keys.items()
        },
    }


def _each(name: str) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": _named(name)}


def _several(one: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": one}


def _named(name: str) -> dict[str, Any]:
    return {"$ref": f"#/definitions/{name}"}
