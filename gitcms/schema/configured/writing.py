"""A `gitcms.toml` as text: from a model that was read off entries, or from what another system's file says.

One line a field where that is readable, a table each where it is not. What is written here reads back as the
same facts (`keys`), so a site has the same model with the file as without.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, time
from typing import Any

from gitcms.content.document import AS_USUAL, Written
from gitcms.content.paths import USUAL
from gitcms.schema import messages, texts
from gitcms.schema.collection import Collection, Field, Model
from gitcms.schema.describing import spelled
from gitcms.schema.lists import ByField, Lists, Sortable
from gitcms.schema.rules import FREE, NAMES, Rules

LONGEST_LINE = 100
HEAD = """\
# What this site is made of, for those who edit it with gitcms. It was {origin}.
# Whatever is left out is read off the posts, so a line that says nothing new may go.
# `gitcms infer` shows the whole of it; `gitcms check` looks at all posts by it.
"""
_BARE = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


def facts_of(model: Model) -> dict[str, Any]:
    """Return what a file has to say so that the model stays as it is, whatever posts come."""
    site = {"media_folder": model.media_folder} if model.media_folder else {}
    told = {name: getattr(model.messages, name) for name in messages.NAMES}
    return {
        "site": site,
        "commits": {name: value for name, value in told.items() if value},
        "collections": {one.name: _collection(one) for one in model.collections},
    }


def toml_of(facts: Mapping[str, Any], origin: str) -> str:
    """Return facts as the text of a file.

    :param facts: in the form that `keys.checked` returns.
    :param origin: where they come from, behind “It was”.
    """
    lines = [HEAD.format(origin=origin)]
    for table in ("site", "commits"):
        if facts.get(table):
            lines += [f"[{table}]", *_pairs(facts[table]), ""]
    for name, one in facts["collections"].items():
        lines += _of_collection(("collections", name), one)
    return "\n".join(lines).rstrip("\n") + "\n"


def _collection(one: Collection) -> dict[str, Any]:
    facts: dict[str, Any] = {"label": one.label, "label_one": one.label_one}
    if one.kind == "files":
        facts["files"] = sorted(one.files)
    elif len(one.folders) == 1:
        facts["folder"] = one.folders[0]
    else:
        facts["folders"] = list(one.folders)
    facts["file_template"] = one.file_template
    facts |= _lists(one.lists)
    facts |= _rules(one.rules)
    facts |= _address(one)
    facts["fields"] = {field.name: _field(field) for field in one.fields}
    return facts


def _lists(lists: Lists) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "description": lists.description,
        "summary": lists.summary,
        "thumbnail": list(lists.thumbnail),
        "hide": lists.hidden,
        "icon": lists.icon,
        "sortable_fields": [_sortable(lists, one) for one in lists.sortable or ()],
        "view_filters": [_by_field(lists, one) for one in lists.filters],
        "view_groups": [_by_field(lists, one) for one in lists.groups],
    }
    found = {key: value for key, value in facts.items() if value}
    return found if lists.sortable != () else {**found, "sortable_fields": []}


def _sortable(lists: Lists, one: Sortable) -> dict[str, Any]:
    default = {"default": "desc" if lists.descending else "asc"} if one.field == lists.sort else {}
    return {"field": one.field, **({"label": one.label} if one.label else {}), **default}


def _by_field(lists: Lists, one: ByField) -> dict[str, Any]:
    pattern = {"pattern": one.pattern} if one.pattern else {}
    default = {"default": True} if one.label in lists.opens_with else {}
    return {"label": one.label, "field": one.field, **pattern, **default}


def _address(one: Collection) -> dict[str, Any]:
    """Return where entries are found, and which files are entries, as far as owners say so."""
    told: dict[str, Any] = {
        "address": one.address.template,
        "address_date": one.address.date,
        "address_slashes": one.address.slashes,
        "address_omits": one.address.omits,
        "redirects": one.redirects,
    }
    if one.only is not None:
        values = {"is_not" if one.only.other_than else "is": list(one.only.values)} if one.only.values else {}
        matches = {"matches": one.only.pattern} if one.only.pattern else {}
        told["only"] = {"field": one.only.name, **values, **matches}
    told |= {"depth": one.depth, "name_label": one.name_label, "divider": one.divider}
    for key, facts, usual in (("slugs", one.slugs, USUAL), ("text", one.text, texts.USUAL)):
        told[key] = {name: said for name, said in facts._asdict().items() if said != getattr(usual, name)}
    if one.canonical:
        told["canonical"] = dict(zip(("key", "value"), one.canonical, strict=True))
    told |= _written(one.written)
    return {name: value for name, value in told.items() if value}


def _written(written: Written) -> dict[str, Any]:
    yaml = {
        name: value
        for name, value in written._asdict().items()
        if name != "json_indent" and value != getattr(AS_USUAL, name)
    }
    json: dict[str, Any] = {}
    if written.json_indent != AS_USUAL.json_indent:
        json = {"tabs": True} if written.json_indent == "\t" else {"indent": len(written.json_indent)}
    return {"yaml": yaml, "json": json}


def _rules(rules: Rules) -> dict[str, Any]:
    told = {name: getattr(rules, name) for name in NAMES}
    return {name: value for name, value in told.items() if value != getattr(FREE, name)}


def _field(field: Field) -> dict[str, Any]:
    facts: dict[str, Any] = {"type": spelled(field)}
    if field.required:
        facts["required"] = True
    if field.choices:
        facts["choices"] = list(field.choices)
    if field.fields:
        facts["fields"] = {part.name: _field(part) for part in field.fields}
    if field.item is not None:
        facts["item"] = _field(field.item)
    return facts


def _of_collection(place: tuple[str, ...], told: Mapping[str, Any]) -> Iterator[str]:
    yield f"[{_header(place)}]"
    yield from _pairs({key: value for key, value in told.items() if key != "fields"})
    yield ""
    yield from _of_fields((*place, "fields"), told.get("fields", {}))


def _of_fields(place: tuple[str, ...], fields: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    lines = [f"{_key(name)} = {_value(one)}" for name, one in fields.items()]
    if all(len(line) <= LONGEST_LINE for line in lines):
        if lines:
            yield from (f"[{_header(place)}]", *lines, "")
        return
    # A table cannot go on behind one that lies in it, so all of them get one of their own, in their order.
    for name, one in fields.items():
        inner = one.get("fields", {})
        whole = len(f"fields = {_value(inner)}") <= LONGEST_LINE
        yield f"[{_header((*place, name))}]"
        yield from _pairs({key: value for key, value in one.items() if key != "fields" or whole})
        yield ""
        if not whole:
            yield from _of_fields((*place, name, "fields"), inner)


def _pairs(told: Mapping[str, Any]) -> Iterator[str]:
    for key, value in told.items():
        if value is not None:
            yield f"{_key(key)} = {_value(value)}"


def _header(place: tuple[str, ...]) -> str:
    return ".".join(map(_key, place))


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        inside = ", ".join(f"{_key(str(k))} = {_value(v)}" for k, v in value.items() if v is not None)
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_value(one) for one in value if one is not None)}]"
    if isinstance(value, (int, float)):
        return repr(value)
    return value.isoformat() if isinstance(value, (date, time)) else _text(str(value))


def _text(text: str) -> str:
    """Return a basic string (TOML 1.0), whose escapes are those of JSON, but for the character DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
