"""The configuration of Front Matter CMS (`frontmatter.json`), said in the words of `gitcms.toml`.

Of its hundred settings those count that say what entries are made of: folders of pages, types of content,
where pictures lie. The others are settings of the program that people write in. Source: Front Matter's
documentation of its settings and fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitcms.content.values import Path
from gitcms.schema.configured.dialects import unknown_type
from gitcms.schema.configured.files import ConfigFile

NAME = "frontmatter.json"
PAGES, CONTENT = "frontMatter.content.pageFolders", "frontMatter.taxonomy.contentTypes"
PUBLIC, GROUPS = "frontMatter.content.publicFolder", "frontMatter.taxonomy.fieldGroups"
WORKSPACE = "[[workspace]]"
TYPES = {
    "string": "text",
    "number": "number",
    "datetime": "date-time",
    "boolean": "boolean",
    "draft": "boolean",
    "image": "image",
    "file": "file",
    "choice": "select",
    "tags": "tags",
    "categories": "tags",
    "taxonomy": "tags",
    "list": "tags",
    "fields": "object",
    "block": "list of objects",
    "json": "JSON",
    "slug": "slug",
    "contentRelationship": "relation",
}
_LAYOUT = frozenset({"heading", "divider", "fieldCollection"})


def translated(file: ConfigFile) -> dict[str, Any]:
    """Return what a configuration says, in the form that `keys` checks; what has no effect is remarked."""
    public = str(file.values.get(PUBLIC) or "").strip("/")
    kinds = {str(one.get("name")): (number, one) for number, one in _mappings(file.values.get(CONTENT))}
    collections: dict[str, Any] = {}
    for number, one in _mappings(file.values.get(PAGES)):
        folder = str(one.get("path") or "").replace(WORKSPACE, "").strip("/")
        name = str(one.get("title") or folder)
        wanted = one.get("contentTypes")
        names = [str(each) for each in wanted] if isinstance(wanted, list) and wanted else ["default"]
        if "*" in folder:
            file.say((PAGES, number), "A folder is named as it is here, without a “*”.", wrong=False)
            continue
        # Where pages of several types lie in one folder, what any of them has may be there.
        fields: dict[str, Any] = {}
        for each in names:
            at, kind = kinds.get(each, (0, {}))
            fields = {**_fields(kind, (CONTENT, at), public, file), **fields}
        collections[_key(name)] = {
            "label": name,
            "folder": folder,
            "fields": fields,
            "field_order": list(fields),
        }
    site: dict[str, Any] = {"order": list(collections)}
    return {"site": site | ({"media_folder": public} if public else {}), "collections": collections}


def _fields(told: Mapping[str, Any], place: Path, public: str, file: ConfigFile) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for number, one in _mappings(told.get("fields")):
        at = (*place, "fields", number)
        kind = str(one.get("type") or "")
        if kind == "fieldCollection":
            fields |= _group(one, public, file)
        elif kind in _LAYOUT:
            continue
        elif not isinstance(one.get("name"), str):
            file.say(at, "A field wants a `name`.")
        else:
            fields[one["name"]] = _field(one, kind, at, public, file)
    return fields


def _group(told: Mapping[str, Any], public: str, file: ConfigFile) -> dict[str, Any]:
    """Return the fields of a group that is defined once and used in several types."""
    wanted = told.get("fieldGroup")
    for number, one in _mappings(file.values.get(GROUPS)):
        if one.get("id") == wanted:
            return _fields(one, (GROUPS, number), public, file)
    return {}


def _field(told: Mapping[str, Any], kind: str, place: Path, public: str, file: ConfigFile) -> dict[str, Any]:
    facts: dict[str, Any] = {"label": str(told.get("title") or told["name"])}
    if kind in TYPES:
        facts["type"] = TYPES[kind]
    else:
        unknown_type(file, (*place, "type"), "type", kind)
    facts["required"] = told.get("required") is True
    if isinstance(told.get("description"), str):
        facts["hint"] = told["description"]
    if "default" in told:
        facts["default"] = told["default"]
    many = told.get("multiple") is True
    if kind == "string" and told.get("single") is not True and told.get("wysiwyg"):
        facts["type"] = "markdown" if told["wysiwyg"] in (True, "markdown") else "long text"
    elif kind == "number":
        options = told.get("numberOptions")
        limits = options if isinstance(options, Mapping) else {}
        facts |= {key: limits[key] for key in ("min", "max", "step") if key in limits}
    elif kind == "choice":
        choices = told.get("choices")
        listed = choices if isinstance(choices, list) else []
        facts["choices"] = [one.get("id") if isinstance(one, Mapping) else one for one in listed]
        titled = [one for one in listed if isinstance(one, Mapping) and {"id", "title"} <= one.keys()]
        facts["labels"] = {str(one["id"]): str(one["title"]) for one in titled}
        facts |= {"type": "multi-select"} if many else {}
    elif kind == "image":
        image = {"beside": False, "folder": public, "prefix": "/"}
        facts |= {"type": "gallery", "item": {"type": "image", **image}} if many else image
    elif kind == "file" and many:
        facts |= {"type": "list", "item": {"type": "file"}}
    elif kind == "contentRelationship":
        facts["collections"] = [_key(str(told.get("contentTypeName") or ""))]
        facts["value"] = "slug" if told.get("contentTypeValue") == "slug" else "path"
        facts["multiple"] = many
    elif kind == "fields":
        facts["fields"] = _fields(told, place, public, file)
    elif kind == "block":
        facts["fields"] = _blocks(told, public, file)
    elif kind == "draft":
        facts["meaning"] = "draft"
    elif kind == "datetime" and told.get("isPublishDate") is True:
        facts["meaning"] = "date"
    if told.get("hidden") is True:
        facts["type"] = "hidden"
    return facts


def _blocks(told: Mapping[str, Any], public: str, file: ConfigFile) -> dict[str, Any]:
    wanted = told.get("fieldGroup")
    groups = wanted if isinstance(wanted, list) else [wanted]
    fields: dict[str, Any] = {}
    for name in groups:
        fields |= _group({"fieldGroup": name}, public, file)
    return fields


def _key(name: str) -> str:
    return "-".join(name.lower().split()) or "pages"


def _mappings(value: Any) -> list[tuple[int, Mapping[str, Any]]]:
    listed = value if isinstance(value, list) else []
    return [(number, one) for number, one in enumerate(listed) if isinstance(one, Mapping)]
