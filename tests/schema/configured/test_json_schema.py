"""What editors are told of `gitcms.toml` is what gitcms itself takes and refuses."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from click.testing import CliRunner

from gitcms.cli.infer import infer
from gitcms.resources import docs_folder
from gitcms.schema.configured import OWN, keys
from gitcms.schema.configured.files import ConfigFile
from gitcms.schema.configured.json_schema import json_schema

SCHEMA = json_schema()
TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "array": list,
    "object": dict,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
}
VALUES = [
    "text",
    "(",
    "",
    3,
    9,
    101,
    -1,
    2.5,
    True,
    [],
    ["a"],
    [1],
    [["a"]],
    {},
    {"x": 1},
    "yaml",
    "URL",
    "/up",
]
TABLES = {
    "site": (keys.SITE, ("site",)),
    "commits": (keys.COMMITS, ("commits",)),
    "collection": (keys.COLLECTION, ("collections", "posts")),
    "field": (keys.FIELD, ("collections", "posts", "fields", "title")),
    "when": (keys.WHEN, ("collections", "posts", "fields", "title", "when")),
    "only": (keys.ONLY, ("collections", "posts", "only")),
    "text": (keys.TEXT_BELOW, ("collections", "posts", "text")),
    "uploads": (keys.UPLOADS, ("site", "uploads")),
    "conversion": (keys.CONVERSION, ("site", "uploads", "png")),
    "yaml": (keys.YAML, ("site", "yaml")),
    "json": (keys.JSON, ("collections", "posts", "json")),
    "canonical": (keys.CANONICAL, ("collections", "posts", "canonical")),
    "slugs": (keys.SLUGS, ("site", "slugs")),
    "i18n": (keys.I18N, ("collections", "posts", "i18n")),
    "sortable": (keys.SORTABLE, ("collections", "posts", "sortable_fields", "0")),
    "by_field": (keys.BY_FIELD, ("collections", "posts", "view_groups", "0")),
}


def wrong(value: Any, schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the words of JSON Schema that we use say against a value."""
    if "$ref" in schema:
        yield from wrong(value, SCHEMA["definitions"][schema["$ref"].rpartition("/")[2]])
        return
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(is_a(value, kind) for kind in kinds):
        yield f"{value!r} is none of {kinds}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{value!r} is not among the choices"
    if "anyOf" in schema and all(list(wrong(value, each)) for each in schema["anyOf"]):
        yield f"{value!r} is nothing of the kind"
    if isinstance(value, (int, float)) and value < schema.get("minimum", value):
        yield f"{value!r} is too small"
    if isinstance(value, (int, float)) and value > schema.get("maximum", value):
        yield f"{value!r} is too large"
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        yield f"{value!r} is not spelled so"
    if schema.get("format") == "regex" and not keys.PATTERN.takes(value):
        yield f"{value!r} is no pattern"
    for item in value if isinstance(value, list) else ():
        yield from wrong(item, schema.get("items", {}))
    if isinstance(value, dict):
        yield from (f"{name} is missing" for name in schema.get("required", ()) if name not in value)
        for name, one in value.items():
            inside = schema.get("properties", {}).get(name, schema.get("additionalProperties", {}))
            if inside is False:
                yield f"{name} is not known"
            else:
                yield from wrong(one, inside)


def is_a(value: Any, kind: str) -> bool:
    return isinstance(value, TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def at(place: tuple[str, ...], value: Any) -> dict[str, Any]:
    for step in reversed(place):
        value = [value] if step == "0" else {step: value}
    return dict(value)


@pytest.mark.parametrize("name", TABLES)
def test_the_schema_and_the_check_agree_on_every_key(name: str) -> None:
    table, place = TABLES[name]
    assert SCHEMA["definitions"][name]["properties"].keys() == table.keys()
    differ = []
    for key in [*table, "nobody"]:
        for value in VALUES:
            needed = SCHEMA["definitions"][name].get("required", ())
            told = at(place, {**dict.fromkeys(needed, "x"), key: value})
            file = ConfigFile(OWN)
            keys.checked(told, file)
            # A folder above the site is a text like any other to a schema.
            folder = table.get(key) in (keys.FOLDER, keys.FOLDERS) and str(value).startswith(("/", "["))
            if bool(file.remarks) != bool(list(wrong(told, SCHEMA))) and not folder:
                differ.append((key, value, [each.sentence for each in file.remarks]))
    assert differ == []


def test_every_key_tells_editors_what_it_wants() -> None:
    known = [each for table, _ in TABLES.values() for each in table.items()]
    assert [name for name, key in known if not key.schema and key is not keys.ANYTHING] == []


def test_what_the_help_shows_is_right_by_it() -> None:
    text = (docs_folder() / "gitcms-toml.md").read_text()
    shown = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    assert shown
    assert [problem for each in shown for problem in wrong(tomllib.loads(each), SCHEMA)] == []


def test_it_is_printed_by_a_command() -> None:
    result = CliRunner().invoke(infer, ["--schema"])
    assert result.exit_code == 0 and json.loads(result.stdout) == SCHEMA
