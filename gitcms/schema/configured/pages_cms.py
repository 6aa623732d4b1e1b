"""The configuration of Pages CMS (`.pages.yml`), said in the words of `gitcms.toml`.

Its habits are kept: a field is asked for only where it says `required`, and fields that nobody names stay,
here as there they are in the file. Source: Pages CMS' documentation of its configuration.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from gitcms.content.values import Path
from gitcms.schema.configured.dialects import file_template, unknown_type
from gitcms.schema.configured.files import ConfigFile

NAME = ".pages.yml"
TYPES = {
    "string": "text",
    "text": "long text",
    "rich-text": "markdown",
    "number": "number",
    "boolean": "boolean",
    "date": "date",
    "image": "image",
    "file": "file",
    "select": "select",
    "object": "object",
    "block": "object",
    "code": "code",
    "reference": "relation",
    "uuid": "uuid",
}
BODY = "body"
_OF_FIELDS = """
    name label description type default list hidden required readonly pattern options fields component blocks
    blockKey
"""
_FIELD = frozenset(_OF_FIELDS.split())
_OF_ENTRIES = "name label type path fields filename format view media exclude subfolders operations"
_ENTRY = frozenset(_OF_ENTRIES.split())
_WITHOUT_EFFECT = {
    "view": "is without effect: every list can be sorted and filtered by any field.",
    "exclude": "is without effect: all files of the folder are entries.",
    "subfolders": "is without effect: entries of inner folders are in the list.",
    "operations": "is without effect: who may create, rename and delete is decided by roles.",
}
_ROOT = frozenset(["media", "content", "components", "settings", "actions"])
_PLACE = re.compile(r"\{(?:fields\.)?([\w.-]+)\}")


def translated(file: ConfigFile) -> dict[str, Any]:
    """Return what a configuration says, in the form that `keys` checks; what has no effect is remarked."""
    return _Translation(file).whole()


class _Translation:
    def __init__(self, file: ConfigFile) -> None:
        self.file = file
        self.parts = _mapping(file.values.get("components"))
        self.folder, self.prefix = _media(file.values.get("media"))

    def whole(self) -> dict[str, Any]:
        values = self.file.values
        self._look(values, _ROOT, ())
        for name, why in (
            ("settings", "is without effect: what a save is called is made from what was changed."),
            ("actions", "is without effect: webhooks tell services of each save."),
        ):
            if values.get(name):
                self.file.say((name,), f"“{name}” {why}", wrong=False)
        collections = dict(
            self._entry(one, ("content", number))
            for number, one in enumerate(_list(values.get("content")))
            if self._is_named(one, ("content", number))
        )
        site: dict[str, Any] = {"order": list(collections)}
        return {
            "site": site | ({"media_folder": self.folder} if self.folder else {}),
            "collections": collections,
        }

    def _entry(self, told: Mapping[str, Any], place: Path) -> tuple[str, dict[str, Any]]:
        self._look(told, _ENTRY, place)
        path = str(told.get("path") or "").strip("/")
        facts: dict[str, Any] = {"label": str(told.get("label") or told["name"])}
        facts |= {"files": [path]} if told.get("type") == "file" else {"folder": path}
        template = told.get("filename")
        if isinstance(template, Mapping):
            template = template.get("template")
        if isinstance(template, str) and told.get("type") != "file":
            # The primary field is the one that names an entry.
            template = template.replace("{primary}", "{title}")
            made = file_template(self.file, (*place, "filename"), path, template, _PLACE)
            facts |= {"file_template": made} if made else {}
        fields = self._fields(told, place)
        fields.pop(BODY, None)
        return str(told["name"]), {**facts, "fields": fields, "field_order": list(fields)}

    def _fields(self, told: Mapping[str, Any], place: Path) -> dict[str, Any]:
        return {
            str(one["name"]): self._field(one, (*place, "fields", number))
            for number, one in enumerate(_list(told.get("fields")))
            if self._is_named(one, (*place, "fields", number))
        }

    def _field(self, told: Mapping[str, Any], place: Path) -> dict[str, Any]:
        part = self.parts.get(str(told.get("component")))
        told = {**part, **told} if isinstance(part, Mapping) else told
        self._look(told, _FIELD, place)
        kind = str(told.get("type") or "string")
        if kind not in TYPES:
            unknown_type(self.file, (*place, "type"), "type", kind)
        options = _mapping(told.get("options"))
        facts: dict[str, Any] = {
            **({"type": TYPES[kind]} if kind in TYPES else {}),
            **self._of_type(kind, told, options, place),
            "label": str(told.get("label") or told["name"]),
            "required": told.get("required") is True,
        }
        if isinstance(told.get("description"), str):
            facts["hint"] = told["description"]
        if "default" in told:
            facts["default"] = told["default"]
        pattern = told.get("pattern")
        pattern = {"regex": pattern} if isinstance(pattern, str) else _mapping(pattern)
        if isinstance(pattern.get("regex"), str):
            facts["pattern"] = pattern["regex"]
            facts |= {"pattern_says": str(pattern["message"])} if pattern.get("message") else {}
        if told.get("hidden") is True:
            facts["type"] = "hidden"
        elif told.get("readonly") is True:
            facts["type"] = "read-only"
        elif told.get("list"):
            facts = _as_list(facts, _mapping(told["list"]))
        return facts

    def _of_type(
        self, kind: str, told: Mapping[str, Any], options: Mapping[str, Any], place: Path
    ) -> dict[str, Any]:
        limits = {key: options[key] for key in ("min", "max") if key in options}
        if kind in ("object", "block"):
            if kind == "block":
                kinds = {
                    str(one["name"]): {**self._field({**one, "type": "object"}, (*place, "blocks", number))}
                    for number, one in enumerate(_list(told.get("blocks")))
                    if self._is_named(one, (*place, "blocks", number))
                }
                return {
                    "type": "typed list",
                    "fields": kinds,
                    "type_key": str(told.get("blockKey") or "_block"),
                }
            return {"fields": self._fields(told, place)}
        if kind == "select":
            listed = list(_list(options.get("values")))
            values = [one.get("value") if isinstance(one, Mapping) else one for one in listed]
            labels = {
                str(one["value"]): str(one["label"])
                for one in listed
                if isinstance(one, Mapping) and "label" in one and "value" in one
            }
            several = {"type": "multi-select", **limits} if options.get("multiple") else {}
            return {"choices": values, "closed": True, "labels": labels, **several}
        if kind == "reference":
            value = str(options.get("value") or "{path}").strip("{}").removeprefix("fields.")
            many = bool(options.get("multiple"))
            return {"collections": [str(options.get("collection") or "")], "value": value, "multiple": many}
        if kind == "date":
            with_time = {"type": "date-time"} if options.get("time") else {}
            return {**with_time, **{key: str(value) for key, value in limits.items()}}
        if kind == "image":
            image = {"beside": False, "folder": self.folder, "prefix": self.prefix}
            return (
                {"type": "gallery", "item": {"type": "image", **image}} if options.get("multiple") else image
            )
        if kind in ("string", "text", "rich-text"):
            names = {"minlength": "min_length", "maxlength": "max_length"}
            return {names[key]: options[key] for key in names if key in options}
        return limits if kind == "number" else {}

    def _is_named(self, told: Any, place: Path) -> bool:
        named = isinstance(told, Mapping) and isinstance(told.get("name"), str)
        if not named:
            self.file.say(place, "What stands here wants a `name`.")
        return named

    def _look(self, told: Mapping[str, Any], known: frozenset[str], place: Path) -> None:
        for name in told:
            if name not in known:
                self.file.unknown((*place, str(name)), known)
            elif _WITHOUT_EFFECT.get(name):
                self.file.say((*place, name), f"“{name}” {_WITHOUT_EFFECT[name]}", wrong=False)


def _as_list(facts: dict[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    """Return a field that is a list of what the facts say."""
    limits = {key: told[key] for key in ("min", "max") if isinstance(told.get(key), int)}
    around: dict[str, Any] = {key: facts.pop(key) for key in ("label", "required", "hint") if key in facts}
    kind = facts.get("type", "text")
    if kind == "object":
        return {**facts, "type": "list of objects", **around, **limits}
    if kind in ("multi-select", "gallery", "typed list"):
        return {**facts, **around, **limits}
    if kind == "relation":
        return {**facts, "multiple": True, **around, **limits}
    if kind == "image":
        return {"type": "gallery", "item": facts, **around, **limits}
    return (
        {"type": "tags", **around, **limits}
        if kind == "text"
        else {"type": "list", "item": facts, **around, **limits}
    )


def _media(told: Any) -> tuple[str, str]:
    """Return the folder for pictures, and what stands before their names."""
    first = told[0] if isinstance(told, list) and told else told
    if isinstance(first, str):
        return first.strip("/"), f"/{first.strip('/')}/"
    folder = str(_mapping(first).get("input") or "").strip("/")
    output = _mapping(first).get("output", folder)
    return folder, f"{str(output or '').rstrip('/')}/"


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> Iterator[Any]:
    yield from value if isinstance(value, list) else ()
