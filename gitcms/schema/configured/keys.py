"""What `gitcms.toml` may say: every key, what is wanted of it, and the check of a whole file against that.

    [site]
    public_url = "https://example.org"

    [collections.posts]
    label = "Posts"
    [collections.posts.fields]
    title = { required = true, max_length = 80 }
    links = { type = "list of objects", fields = { url = { type = "URL", required = true } } }

Other dialects are translated into this one, so what a key does is said once (`applying`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from gitcms.content.paths import check_path
from gitcms.content.values import Path
from gitcms.errors import PathRefused
from gitcms.schema import looks, texts, uploads
from gitcms.schema.configured.files import ConfigFile, nearest
from gitcms.schema.fields import FIELD_TYPES

TYPES = {kind.spelled: name for name, kind in FIELD_TYPES.items()}
"""From what a type is called outside to its name in the house."""
FORMATS = ("yaml", "toml", "json")
MEANINGS = (
    *("title", "date", "draft", "published", "slug", "tags", "image", "summary", "layout"),
    *("status", "categories", "weight", "updated", "lang"),
)


class Key(NamedTuple):
    """One key: whether a value is one for it, and what is wanted, in words and as JSON Schema."""

    takes: Callable[[Any], bool]
    wanted: str
    schema: Mapping[str, Any] = MappingProxyType({})


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_pattern(value: Any) -> bool:
    try:
        re.compile(value)
    except (re.error, TypeError, RecursionError, OverflowError):
        return False
    return True


def _is_folder(value: Any) -> bool:
    try:
        return value == "" or bool(check_path(value, existing=True, purpose="read"))
    except (PathRefused, TypeError, AttributeError):
        return False


def _all(test: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(map(test, value))


_STRING = {"type": "string"}
_STRINGS = {"type": "array", "items": _STRING}
TEXT = Key(_is_text, "a text", _STRING)
TEXTS = Key(_all(_is_text), "a list of texts", _STRINGS)
NAMES = Key(
    lambda value: _is_text(value) or _all(_is_text)(value),
    "the name of a field, or a list of them",
    {"anyOf": [_STRING, _STRINGS]},
)
FLAG = Key(lambda value: isinstance(value, bool), "true or false", {"type": "boolean"})
COUNT = Key(
    lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= 0,
    "a count",
    {"type": "integer", "minimum": 0},
)
SIZE = Key(
    lambda value: COUNT.takes(value) and value > 0,
    "a count of at least 1",
    {"type": "integer", "minimum": 1},
)
NUMBER = Key(_is_number, "a number", {"type": "number"})
LIMIT = Key(
    lambda value: _is_number(value) or isinstance(value, str),
    "a number, or a day as text",
    {"type": ["number", "string"]},
)
FOLDER = Key(_is_folder, "a folder of the site, such as `content/posts`", _STRING)
FOLDERS = Key(_all(_is_folder), "a list of folders of the site", _STRINGS)
TABLE = Key(lambda value: isinstance(value, Mapping), "a table", {"type": "object"})
CHOICES = Key(
    _all(lambda one: isinstance(one, (str, int, float, bool))),
    "a list of single values",
    {"type": "array", "items": {"type": ["string", "number", "boolean"]}},
)
ANYTHING = Key(lambda value: True, "a value")
PATTERN = Key(_is_pattern, "a regular expression", {"type": "string", "format": "regex"})
FOUND = Key(
    lambda value: isinstance(value, bool) or _is_pattern(value),
    "a regular expression, true or false",
    {"anyOf": [{"type": "boolean"}, {"type": "string", "format": "regex"}]},
)
SEVERAL = Key(lambda value: isinstance(value, list), "a list", {"type": "array"})


def _one_of(names: tuple[str, ...]) -> Key:
    return Key(lambda value: value in names, f"one of {', '.join(names)}", {"enum": list(names)})


WEB = Key(
    lambda value: _is_text(value) and value.startswith(("https://", "http://", "mailto:")),
    "a web address, or `mailto:` and an e-mail address",
    {"type": "string", "pattern": "^(https?://|mailto:)"},
)
SITE = {
    **dict.fromkeys(("title", "public_url", "language", "logo", "branch"), TEXT),
    "media_folder": FOLDER,
    "order": TEXTS,
    "slugs": TABLE,
    **dict.fromkeys(("yaml", "json", "uploads"), TABLE),
    "logo_in_header": FLAG,
    "report_to": WEB,
}
INDENT = Key(
    lambda value: COUNT.takes(value) and 1 <= value <= 8,
    "a count from 1 to 8",
    {"type": "integer", "minimum": 1, "maximum": 8},
)
YAML = {"quote": _one_of(("none", "single", "double")), "indent": INDENT, "indent_lists": FLAG}
JSON = {"indent": INDENT, "tabs": FLAG}
PERCENT = Key(
    lambda value: COUNT.takes(value) and 1 <= value <= 100,
    "a count from 1 to 100",
    {"type": "integer", "minimum": 1, "maximum": 100},
)
UPLOADS = {"max_bytes": SIZE, **dict.fromkeys((uploads.ALL, *uploads.KINDS), TABLE)}
CONVERSION = {"format": _one_of(uploads.KINDS), "quality": PERCENT, "width": SIZE, "height": SIZE}
CANONICAL = {"key": TEXT, "value": TEXT}
SLUGS = {
    "letters": _one_of(("latin", "all", "ascii")),
    **dict.fromkeys(("accents", "lower", "trim", "utc"), FLAG),
    "between": _one_of(("-", "_", ".", "")),
    "longest": SIZE,
}
COMMITS = {
    **dict.fromkeys(("create", "update", "delete", "upload"), TEXT),
    "sign_off": FLAG,
    "skip_builds": FLAG,
}
COLLECTION = {
    "label": TEXT,
    "label_one": TEXT,
    "folder": FOLDER,
    "folders": FOLDERS,
    "files": FOLDERS,
    "draft_folder": FOLDER,
    "extensions": TEXTS,
    "file_template": TEXT,
    "format": _one_of(FORMATS),
    "permalink": TEXT,
    "defaults": TABLE,
    "i18n": TABLE,
    "field_order": TEXTS,
    "fields": TABLE,
    **dict.fromkeys(("description", "summary", "name_label"), TEXT),
    "thumbnail": NAMES,
    **dict.fromkeys(("sortable_fields", "view_filters", "view_groups"), SEVERAL),
    **dict.fromkeys(("hide", "create", "delete", "duplicate", "publish", "preview"), FLAG),
    "limit": COUNT,
    "depth": COUNT,
    "divider": FLAG,
    "icon": _one_of(looks.ICONS),
    **dict.fromkeys(("slugs", "text", "yaml", "json", "canonical"), TABLE),
    **dict.fromkeys(("address", "address_date", "address_omits", "redirects"), TEXT),
    "address_slashes": FLAG,
    "only": TABLE,
}
SORTABLE = {"field": TEXT, "label": TEXT, "default": _one_of(("asc", "desc"))}
BY_FIELD = {"label": TEXT, "field": TEXT, "pattern": FOUND, "default": FLAG}
BUTTONS = Key(
    _all(lambda one: one in texts.BUTTONS),
    f"a list of {', '.join(texts.BUTTONS)}",
    {"type": "array", "items": {"enum": list(texts.BUTTONS)}},
)
TEXT_BELOW = {"buttons": BUTTONS, "small": FLAG}
I18N = {"layout": _one_of(("folders", "suffixes", "keys")), "locales": TEXTS}
OPTIONS = {
    **dict.fromkeys(("min", "max"), LIMIT),
    "step": NUMBER,
    **dict.fromkeys(("int", "float", "text", "closed", "multiple", "single", "beside", "unique"), FLAG),
    **dict.fromkeys(("min_length", "max_length"), COUNT),
    "pattern": PATTERN,
    **dict.fromkeys(("pattern_says", "summary", "label_one", "type_key", "value", "template"), TEXT),
    **dict.fromkeys(("prefix", "suffix", "language", "date_format", "stored", "as"), TEXT),
    **dict.fromkeys(("before", "after", "key_label", "value_label", "comment"), TEXT),
    **dict.fromkeys(
        ("add", "remove", "reorder", "on_top", "collapsed", "folded", "alpha", "web", "utc"), FLAG
    ),
    **dict.fromkeys(("palette", "base32"), FLAG),
    "buttons": BUTTONS,
    "small": FLAG,
    "accept": TEXT,
    "max_bytes": COUNT,
    **dict.fromkeys(("decimals", "most", "at_once"), COUNT),
    "only": Key(
        lambda value: isinstance(value, Mapping) and all(CHOICES.takes(one) for one in value.values()),
        "a table of fields with lists of values",
        {"type": "object", "additionalProperties": CHOICES.schema},
    ),
    "folder": FOLDER,
    "labels": TABLE,
    **dict.fromkeys(("kinds", "collections", "search"), TEXTS),
    "empty": ANYTHING,
}
"""What belongs to types; `docs/fields.md` says what each does. They stand beside a field's other keys."""
FIELD = {
    "type": _one_of(tuple(TYPES)),
    **dict.fromkeys(("label", "hint", "placeholder", "tab", "group"), TEXT),
    "meaning": _one_of(("", *MEANINGS)),
    "required": FLAG,
    "choices": CHOICES,
    "default": ANYTHING,
    "when": TABLE,
    "fields": TABLE,
    "item": TABLE,
    **OPTIONS,
}
WHEN = {"field": TEXT, "is": CHOICES, "is_not": CHOICES}
ONLY = {**WHEN, "matches": PATTERN}


def checked(told: Mapping[str, Any], file: ConfigFile) -> dict[str, Any]:
    """Return what a file says without what nobody knows or can use; each of those is a remark of the file."""
    facts = _table(told, {"site": TABLE, "commits": TABLE, "collections": TABLE}, (), file)
    site = _table(facts.get("site", {}), SITE, ("site",), file)
    for key, table in (("slugs", SLUGS), ("yaml", YAML), ("json", JSON)):
        site = _with_table(site, key, table, ("site",), file)
    site = _with_table(site, "uploads", UPLOADS, ("site",), file)
    for kind in set(site.get("uploads", {})) - {"max_bytes"}:
        site["uploads"] = _with_table(site["uploads"], kind, CONVERSION, ("site", "uploads"), file)
    return {
        "site": site,
        "commits": _table(facts.get("commits", {}), COMMITS, ("commits",), file),
        "collections": {
            name: _collection(one, ("collections", name), file)
            for name, one in facts.get("collections", {}).items()
            if _is_table(one, ("collections", name), file)
        },
    }


def _collection(told: Mapping[str, Any], place: Path, file: ConfigFile) -> dict[str, Any]:
    facts = _table(told, COLLECTION, place, file)
    facts = _with_condition(facts, "only", ONLY, place, file)
    tables = {"i18n": I18N, "slugs": SLUGS, "text": TEXT_BELOW, "yaml": YAML, "json": JSON}
    for key, table in {**tables, "canonical": CANONICAL}.items():
        facts = _with_table(facts, key, table, place, file)
    if "fields" in facts:
        facts["fields"] = _fields(facts["fields"], (*place, "fields"), file)
    if "sortable_fields" in facts:
        named = [{"field": one} if _is_text(one) else one for one in facts["sortable_fields"]]
        facts["sortable_fields"] = _several(named, SORTABLE, ("field",), (*place, "sortable_fields"), file)
    for key in ("view_filters", "view_groups"):
        if key in facts:
            facts[key] = _several(facts[key], BY_FIELD, ("label", "field"), (*place, key), file)
    return facts


def _several(
    told: list[Any], table: Mapping[str, Key], needed: tuple[str, ...], place: Path, file: ConfigFile
) -> list[dict[str, Any]]:
    """Return the tables of a list that have what is needed."""
    found = []
    for number, one in enumerate(told):
        if not isinstance(one, Mapping):
            file.say((*place, number), f"What stands in “{place[-1]}” wants names and values.")
            continue
        facts = _table(one, table, (*place, number), file)
        if set(needed) <= facts.keys():
            found.append(facts)
        elif set(needed) - one.keys():
            wanted = " and ".join(f"`{name}`" for name in needed)
            file.say((*place, number), f"What stands in “{place[-1]}” wants {wanted}.")
    return found


def _fields(told: Mapping[str, Any], place: Path, file: ConfigFile) -> dict[str, dict[str, Any]]:
    return {
        name: _field(one, (*place, name), file)
        for name, one in told.items()
        if _is_table(one, (*place, name), file)
    }


def _field(told: Mapping[str, Any], place: Path, file: ConfigFile) -> dict[str, Any]:
    facts = _table(told, FIELD, place, file)
    if "fields" in facts:
        facts["fields"] = _fields(facts["fields"], (*place, "fields"), file)
    if "item" in facts:
        facts["item"] = _field(facts["item"], (*place, "item"), file)
    return _with_condition(facts, "when", WHEN, place, file)


def _with_table(
    facts: dict[str, Any], key: str, table: Mapping[str, Key], place: Path, file: ConfigFile
) -> dict[str, Any]:
    """Return facts with a table in them checked, where it is there."""
    if key not in facts:
        return facts
    return {**facts, key: _table(facts[key], table, (*place, key), file)}


def _with_condition(
    facts: dict[str, Any], key: str, table: Mapping[str, Key], place: Path, file: ConfigFile
) -> dict[str, Any]:
    """Return facts with a condition checked, and without it where it names no field."""
    if key not in facts:
        return facts
    told = _table(facts[key], table, (*place, key), file)
    if "field" in told:
        return {**facts, key: told}
    file.say((*place, key), f'A condition names a field: `{key} = {{ field = "…" }}`.')
    return {name: value for name, value in facts.items() if name != key}


def _is_table(value: Any, place: Path, file: ConfigFile) -> bool:
    if not isinstance(value, Mapping):
        file.say(place, f'“{place[-1]}” wants a table: `{{ label = "…" }}`.')
    return isinstance(value, Mapping)


def _table(
    told: Mapping[str, Any], table: Mapping[str, Key], place: Path, file: ConfigFile
) -> dict[str, Any]:
    """Return the keys of a table that are known and have a value for them."""
    facts: dict[str, Any] = {}
    for name, value in told.items():
        if name not in table:
            file.unknown((*place, name), table)
        elif not table[name].takes(value):
            meant = nearest(value, TYPES) if name == "type" and isinstance(value, str) else ""
            wanted = "a type of field" if name == "type" and meant else table[name].wanted
            file.say((*place, name), f"“{name}” wants {wanted}.{meant}")
        else:
            facts[name] = value
    return facts
