"""A model with what was said about it: collections and fields changed, added, and put in order.

What is said is in the words of `keys`, and checked. What is not said stays as it was read off the entries, so
a file that says little changes little.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from gitcms.content.document import Written
from gitcms.schema import dates, labels, templates
from gitcms.schema.addresses import Address
from gitcms.schema.collection import Collection, Field, Model, When, out_of_sight
from gitcms.schema.configured.files import ConfigFile, nearest
from gitcms.schema.configured.keys import OPTIONS, TYPES
from gitcms.schema.finding import MARKDOWN, Found, Source
from gitcms.schema.generators import in_folder
from gitcms.schema.inference import infer_collection
from gitcms.schema.languages import Layout
from gitcms.schema.lists import ByField, Lists, Sortable
from gitcms.schema.looks import Look
from gitcms.schema.rules import NAMES as RULES
from gitcms.schema.uploads import Conversion, Uploads

EXAMPLE = datetime(2006, 11, 22, 13, 14, 15, tzinfo=UTC)
"""The moment that a wanted spelling of dates is tried with."""
KEPT_BY_ANY_TYPE = ("coverage", "empty")


def applied(model: Model, facts: Mapping[str, Any], source: Source, file: ConfigFile) -> Model:
    """Return a model changed by what was said, in the form that `keys.checked` returns."""
    site = facts["site"]
    model = replace(
        model,
        title=site.get("title", model.title),
        public_url=site.get("public_url", model.public_url).rstrip("/"),
        media_folder=site.get("media_folder", model.media_folder),
        messages=replace(model.messages, **facts["commits"]),
        look=model.look._replace(**{key: site[key] for key in Look._fields if key in site}),
        branch=site.get("branch", model.branch),
        uploads=_uploads(model.uploads, site.get("uploads", {})),
    )
    named = _as_all(model.collections, site)
    model = replace(model, collections=named)
    collections: list[Collection] = list(named)
    fresh: list[Collection] = []
    for name, one in facts["collections"].items():
        found = _found(model, name, one)
        if found is not None and found in collections:
            collections[collections.index(found)] = _changed(replace(found, name=name), one)
        elif (made := _new(name, one, source, model, file)) is not None:
            fresh.extend(_changed(each, one) for each in _as_all([made], site))
    place = {name: number for number, name in enumerate(site.get("order", ()))}
    held = sorted(_apart([*collections, *fresh], fresh), key=lambda one: place.get(one.name, len(place)))
    return replace(model, collections=tuple(held))


def _as_all(collections: Iterable[Collection], site: Mapping[str, Any]) -> tuple[Collection, ...]:
    """Return collections that make names and spell new files as is said of the whole site."""
    return tuple(
        replace(one, slugs=one.slugs._replace(**site.get("slugs", {})), written=_written(one.written, site))
        for one in collections
    )


def _uploads(known: Uploads, told: Mapping[str, Any]) -> Uploads:
    kinds = {name: Conversion(**one) for name, one in told.items() if name != "max_bytes"}
    return Uploads(told.get("max_bytes", known.max_bytes), {**known.conversions, **kinds})


def _written(known: Written, told: Mapping[str, Any]) -> Written:
    yaml, json = told.get("yaml", {}), told.get("json", {})
    facts: dict[str, Any] = dict(yaml)
    if "tabs" in json:
        facts["json_indent"] = "\t" if json["tabs"] else " " * 2
    if "indent" in json and not json.get("tabs"):
        facts["json_indent"] = " " * json["indent"]
    return known._replace(**facts)


def _found(model: Model, name: str, told: Mapping[str, Any]) -> Collection | None:
    """Return the collection that is spoken of: of that name, or else in that folder."""
    if "files" in told:
        return None
    folder = told.get("folder", (told.get("folders") or [None])[0])
    named = model.collection(name)
    if named is not None and folder in (None, *named.folders):
        return named
    return next((one for one in model.collections if folder is not None and folder in one.folders), None)


def _new(
    name: str, told: Mapping[str, Any], source: Source, model: Model, file: ConfigFile
) -> Collection | None:
    folders = told.get("folders") or ([told["folder"]] if "folder" in told else [])
    files = [path for path in told.get("files", ()) if source.has(path)]
    extensions = tuple(told.get("extensions", MARKDOWN))
    if "files" in told:
        for missing in set(told["files"]) - set(files):
            file.say(("collections", name), f"There is no file “{missing}” in this site.", wrong=False)
        folders = sorted({posixpath.dirname(path) for path in files or told["files"]}) or [""]
    elif folders:
        files = [
            path
            for path in source.paths
            if path.lower().endswith(extensions)
            and not out_of_sight(path)
            and any(in_folder(path, folder) for folder in folders)
        ]
    else:
        known = [one.name for one in model.collections]
        file.say(
            ("collections", name),
            f"No part of the site is called “{name}”.{nearest(name, known)} A new one wants `folder`.",
        )
        return None
    label = told.get("label", labels.label_of(name))
    found = Found(name, label, tuple(folders), files, kind="files" if "files" in told else "folder")
    collection = infer_collection(found, source, model.generator)
    return replace(collection, extensions=extensions)


def _changed(one: Collection, told: Mapping[str, Any]) -> Collection:
    facts: dict[str, Any] = {
        key: told[key]
        for key in ("label", "label_one", "draft_folder", "file_template", "format", "permalink", "defaults")
        if key in told
    }
    if "label" in told and "label_one" not in told:
        facts["label_one"] = labels.one_of(told["label"])
    if "folders" in told:
        facts["folders"] = tuple(told["folders"])
    if "extensions" in told:
        facts["extensions"] = tuple(told["extensions"])
    if "i18n" in told:
        facts["i18n"] = Layout(told["i18n"].get("layout", ""), tuple(told["i18n"].get("locales", ())))
    facts["lists"] = _lists(one.lists, told)
    facts["rules"] = replace(one.rules, **{name: told[name] for name in RULES if name in told})
    facts |= {key: told[key] for key in ("redirects", "depth", "name_label", "divider") if key in told}
    facts["slugs"] = one.slugs._replace(**told.get("slugs", {}))
    facts["written"] = _written(one.written, told)
    if "canonical" in told:
        facts["canonical"] = (told["canonical"].get("key", ""), told["canonical"].get("value", "{{slug}}"))
    facts["text"] = one.text._replace(**_in_tuples(told.get("text", {})))
    facts["address"] = _address(one.address, told)
    if "only" in told:
        facts["only"] = only = _when(told["only"])
        # A new entry is one of those that its list shows.
        if told["only"].get("is"):
            begins = {only.name: told["only"]["is"][0]}
            facts["defaults"] = {**one.defaults, **begins, **told.get("defaults", {})}
    fields = _merged(one.fields, told.get("fields", {}))
    return replace(one, **facts, fields=_ordered(fields, told.get("field_order", ())))


def _lists(known: Lists, told: Mapping[str, Any]) -> Lists:
    facts: dict[str, Any] = {key: told[key] for key in ("description", "summary", "icon") if key in told}
    if "hide" in told:
        facts["hidden"] = told["hide"]
    if "thumbnail" in told:
        named = told["thumbnail"]
        facts["thumbnail"] = (named,) if isinstance(named, str) else tuple(named)
    if "sortable_fields" in told:
        sortable = told["sortable_fields"]
        first = next((one for one in sortable if "default" in one), {"field": "", "default": "asc"})
        facts["sortable"] = tuple(Sortable(one["field"], one.get("label", "")) for one in sortable)
        facts["sort"], facts["descending"] = first["field"], first["default"] == "desc"
    opens: list[str] = []
    for key, name in (("view_filters", "filters"), ("view_groups", "groups")):
        facts[name] = tuple(_by_field(one) for one in told[key]) if key in told else getattr(known, name)
        opens += [one["label"] for one in told.get(key, ()) if one.get("default")]
    return replace(known, **facts, opens_with=tuple(opens))


def _by_field(told: Mapping[str, Any]) -> ByField:
    pattern = told.get("pattern", "")
    return ByField(
        told["label"], told["field"], f"^{_text(pattern)}$" if isinstance(pattern, bool) else pattern
    )


def _address(known: Address, told: Mapping[str, Any]) -> Address:
    names = {
        "address_omits": "omits",
        "address": "template",
        "address_date": "date",
        "address_slashes": "slashes",
    }
    return replace(known, **{name: told[key] for key, name in names.items() if key in told})


def _apart(collections: list[Collection], fresh: list[Collection]) -> Iterable[Collection]:
    """Return the collections, each without what a new one took out of it."""
    for one in collections:
        apart, without = set(one.apart), set(one.without)
        for other in fresh:
            if other is one:
                continue
            without |= other.files
            if not other.files:
                apart |= {inner for inner in other.folders for outer in one.folders if _inside(inner, outer)}
        yield replace(one, apart=tuple(sorted(apart)), without=frozenset(without - one.files))


def _inside(inner: str, outer: str) -> bool:
    return inner != outer and (outer == "" or in_folder(inner + "/", outer))


def _merged(known: tuple[Field, ...], told: Mapping[str, Mapping[str, Any]]) -> tuple[Field, ...]:
    """Return the known fields, changed where something was said of them, and behind them the new ones."""
    by_name = {field.name: field for field in known}
    changed = [_field(field, told[field.name]) if field.name in told else field for field in known]
    fresh = [
        _field(Field(name, labels.label_of(name), place=len(known) + number), one)
        for number, (name, one) in enumerate(told.items())
        if name not in by_name
    ]
    return (*changed, *fresh)


def _ordered(fields: tuple[Field, ...], order: Iterable[str]) -> tuple[Field, ...]:
    """Return the fields that are named first, in that order, and the others behind them."""
    place = {name: number for number, name in enumerate(order)}
    return tuple(sorted(fields, key=lambda field: place.get(field.name, len(place))))


def _field(field: Field, told: Mapping[str, Any]) -> Field:
    kind = TYPES[told["type"]] if "type" in told else field.type
    if kind != field.type:
        field = replace(
            field,
            type=kind,
            choices=(),
            fields=(),
            item=None,
            options={key: field.options[key] for key in KEPT_BY_ANY_TYPE if key in field.options},
        )
    facts: dict[str, Any] = {
        key: told[key]
        for key in ("label", "hint", "placeholder", "tab", "group", "meaning", "required", "default")
        if key in told
    }
    if "choices" in told:
        facts["choices"] = tuple(_text(one) for one in told["choices"])
    if "when" in told:
        facts["when"] = _when(told["when"])
    if "fields" in told:
        facts["fields"] = _ordered(_merged(field.fields, told["fields"]), told["fields"])
    if "item" in told:
        facts["item"] = _field(field.item or Field("", ""), told["item"])
    return replace(field, **facts, options={**field.options, **_options(told)})


def _options(told: Mapping[str, Any]) -> dict[str, Any]:
    options = {key: told[key] for key in OPTIONS if key in told}
    options |= _in_tuples({key: options[key] for key in ("kinds", "buttons") if key in options})
    if "date_format" in options:
        spelling = _spelling(options.pop("date_format"))
        if spelling is not None:
            options["spelling"] = spelling
    if "choices" in told and "kinds" not in options:
        kinds = {type(one).__name__ for one in told["choices"]} & {"int", "float", "bool"}
        if kinds:
            options["kinds"] = tuple(sorted(kinds))
    return options


def _in_tuples(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is said with its lists as a model has them."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in told.items()}


def _spelling(wanted: str) -> dates.Spelling | None:
    """Return how dates are written by a pattern such as `YYYY-MM-DD`; None where nobody here writes so."""
    text = templates.fill(f"{{{{now | date('{wanted}')}}}}", {}, now=EXAMPLE)
    when = dates.parse(text)
    # What YAML reads as a moment is written as one, without quotes.
    plain = when is not None and text == when.isoformat()
    return dates.spelling_of(when if plain else text)


def _when(told: Mapping[str, Any]) -> When:
    other_than = "is_not" in told
    values = told.get("is_not", told.get("is", []))
    return When(told["field"], tuple(_text(one) for one in values), other_than, told.get("matches", ""))


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
