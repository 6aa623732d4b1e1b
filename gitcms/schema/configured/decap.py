"""The configuration of Decap CMS and of Sveltia CMS, said in the words of `gitcms.toml`.

Their defaults and the shapes of their data are kept: a field is required unless it says otherwise, a number
is text unless it has a `value_type`, one file may hold all languages. Every option does here what it does
there, or is a remark with its line and the reason; a name that neither knows is one with the nearest it
could mean. How they write files is nobody's business: a save changes what its author changed.

Sources: Decap CMS' configuration schema and documentation, Sveltia CMS' type definitions.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gitcms.content.values import Path
from gitcms.schema.configured import decap_lists, decap_looks, decap_names, decap_texts, decap_uploads
from gitcms.schema.configured.dialects import unknown_type
from gitcms.schema.configured.files import ConfigFile
from gitcms.schema.configured.words import (
    BACKEND,
    COLLECTION,
    ELSEWHERE,
    FIELD,
    FILE,
    ITEMS,
    RENAMED,
    ROOT,
    WIDGETS,
    Words,
)
from gitcms.schema.finding import Source

FOLDERS = ("admin", "static/admin", "public/admin", "src/admin", "source/admin", "assets/admin", "cms")
NAMES = ("config.yml", "config.yaml", "config.json", "config.toml")
BODY = "body"
DEFAULT_TYPE_KEY = "type"
LISTS = {
    "allow_add": "add",
    "allow_remove": "remove",
    "allow_reorder": "reorder",
    "add_to_top": "on_top",
    "collapsed": "collapsed",
    "minimize_collapsed": "folded",
}
COMMON = {
    "hint": "hint",
    "comment": "comment",
    "minlength": "min_length",
    "maxlength": "max_length",
    "before_input": "before",
    "after_input": "after",
}
"""Options of any field, and what they are called here."""


@dataclass(frozen=True, slots=True)
class Media:
    """Where pictures lie and how values name them: a level's own folders, or those of the level above."""

    folder: str = ""
    prefix: str = "/"
    beside: bool = False

    def within(self, told: Mapping[str, Any]) -> Media:
        """Return what counts for a level that says `media_folder` and `public_folder`, or neither."""
        if "media_folder" not in told and "path" in told:
            # Where entries have folders of their own, pictures lie beside them unless told otherwise.
            told = {**told, "media_folder": ""}
        if "media_folder" not in told:
            return self
        folder = str(told["media_folder"] or "")
        public = str(told.get("public_folder", folder) or "")
        if not folder.startswith("/"):
            return Media("", f"{public.strip('/')}/" if public.strip("/") else "", beside=True)
        return Media(folder.strip("/"), f"{public.rstrip('/')}/")

    def of_image(self) -> dict[str, Any]:
        """Return the options of a field that names pictures."""
        if self.beside:
            return {"beside": True, "prefix": self.prefix}
        return {"beside": False, "folder": self.folder, "prefix": self.prefix}


def found(source: Source) -> str:
    """Return the path of the configuration of Decap or Sveltia, "" where there is none."""
    places = [posixpath.join(folder, name) for folder in FOLDERS for name in NAMES]
    return next(filter(source.has, places), "")


def translated(file: ConfigFile) -> dict[str, Any]:
    """Return what a configuration says, in the form that `keys` checks; what has no effect is remarked."""
    return _Translation(file).whole()


class _Translation:
    """One configuration on its way. Places are those of the file that is read."""

    def __init__(self, file: ConfigFile) -> None:
        self.file = file
        self.root = file.values
        i18n = self.root.get("i18n")
        self.i18n: Mapping[str, Any] = i18n if isinstance(i18n, Mapping) else {}
        defaults = self.root.get("field_defaults")
        texts = defaults.get("richtext") if isinstance(defaults, Mapping) else None
        self.texts: Mapping[str, Any] = texts if isinstance(texts, Mapping) else {}
        """What all Markdown fields say that do not say it themselves."""

    def whole(self) -> dict[str, Any]:
        if not self.root:
            return {}
        self._look(self.root, ROOT, ())
        if isinstance(self.root.get("backend"), Mapping):
            self._look(self.root["backend"], BACKEND, ("backend",))
        self._look(self.texts, WIDGETS["richtext"], ("field_defaults", "richtext"))
        folder = str(self.root.get("media_folder") or "").strip("/")
        public = str(self.root.get("public_folder", f"/{folder}") or "")
        media = Media(folder, f"{public.rstrip('/')}/")
        site: dict[str, Any] = {"media_folder": folder} if folder else {}
        site["slugs"] = decap_names.slugs_of(self.root.get("slug"), self.file)
        site |= decap_looks.of_site(self.root, self.file)
        site |= decap_names.written(self.root.get("output"))
        site |= decap_uploads.of_site(self.root)
        for key, name in (("app_title", "title"), ("display_url", "public_url"), ("site_url", "public_url")):
            if isinstance(self.root.get(key), str):
                site[name] = self.root[key]
        collections: dict[str, Any] = {}
        line = False
        for place, one in [
            *self._mappings(self.root, "collections", ()),
            *self._mappings(self.root, "singletons", ()),
        ]:
            if one.get("divider"):
                line = True
                continue
            made = self._collection(one, place, media) if place[0] == "collections" else {}
            if place[0] == "singletons":
                made = self._file(one, place, media, "", self.i18n if one.get("i18n") else {})
            if line and made:
                first, line = next(iter(made)), False
                made[first] = {**made[first], "divider": True}
            collections.update(made)
        if _shows_preview(self.root) is False:
            collections = {name: {"preview": False, **one} for name, one in collections.items()}
        site["order"] = list(collections)
        backend = self.root.get("backend")
        if isinstance(backend, Mapping) and isinstance(backend.get("branch"), str):
            site["branch"] = backend["branch"]
        return {"site": site, "commits": self._commits(), "collections": collections}

    def _commits(self) -> dict[str, Any]:
        """Return how changes are described. What its defaults say is said by ours in more words."""
        backend = self.root.get("backend")
        if not isinstance(backend, Mapping):
            return {}
        commits: dict[str, Any] = {}
        templates = backend.get("commit_messages")
        if isinstance(templates, Mapping):
            kinds = ("create", "update", "delete")
            commits = {key: templates[key] for key in kinds if isinstance(templates.get(key), str)}
        if isinstance(templates, Mapping) and isinstance(templates.get("uploadMedia"), str):
            commits["upload"] = templates["uploadMedia"]
        if backend.get("signoff_commits") is True:
            commits["sign_off"] = True
        if backend.get("skip_ci") is True or backend.get("automatic_deployments") is False:
            commits["skip_builds"] = True
        return commits

    def _collection(self, told: Mapping[str, Any], place: Path, media: Media) -> dict[str, Any]:
        self._look(told, COLLECTION, place)
        name = str(told.get("name") or told.get("label") or "")
        if not name:
            self.file.say(place, "A collection wants a `name`.")
            return {}
        i18n = self._i18n_of(told)
        if "files" in told:
            kept: dict[str, Any] = {}
            for where, one in self._mappings(told, "files", place):
                kept.update(self._file(one, where, media.within(told), name, i18n if one.get("i18n") else {}))
            # What is said of all its files counts for each that does not say it itself.
            above = decap_lists.of_files(told, place, self.file)
            shown = _shows_preview(told)
            above |= {} if shown is None else {"preview": shown}
            above |= decap_looks.icon(told, place, self.file)
            return {file: {**above, **facts} for file, facts in kept.items()}
        folder = str(told.get("folder") or "").strip("/")
        if not folder and "folder" not in told:
            self.file.say(place, "A collection wants a `folder` or `files`.")
            return {}
        facts = self._facts_of(told)
        facts |= decap_looks.icon(told, place, self.file)
        facts |= decap_lists.of_folder(told, place, self.file)
        facts |= _rules(told)
        facts |= self._only(told, place)
        nested = told.get("nested")
        if isinstance(nested, Mapping) and isinstance(nested.get("summary"), str):
            facts.setdefault("summary", nested["summary"])
        if isinstance(nested, Mapping) and isinstance(nested.get("depth"), int):
            facts["depth"] = nested["depth"]
        if longest := decap_names.longest(told.get("slug_length")):
            facts["slugs"] = longest
        facts |= decap_names.label(told)
        facts |= decap_names.canonical(i18n)
        facts |= decap_names.quoted(told.get("yaml_quote"))
        if "address" in facts:
            facts |= decap_names.omitted(i18n)
        homes = decap_names.folders(folder, i18n)
        facts |= {"folder": folder} if homes == [folder] else {"folders": homes}
        ending = _ending(told)
        if ending:
            facts["extensions"] = [f".{ending}"]
        if _format(told):
            facts["format"] = _format(told)
        template = decap_names.template(told, place, folder, ending or "md", i18n, self.file)
        if template:
            facts["file_template"] = template
        layout = decap_names.LAYOUTS.get(str(i18n.get("structure")))
        if layout:
            facts["i18n"] = {"layout": layout, "locales": _texts(i18n.get("locales"))}
        self._add_fields(facts, told, place, media.within(told), i18n)
        return {name: facts}

    def _only(self, told: Mapping[str, Any], place: Path) -> dict[str, Any]:
        """Return what the entries of a folder have to say."""
        asked = told.get("filter")
        if not isinstance(asked, Mapping) or not isinstance(asked.get("field"), str):
            return {}
        if "pattern" in asked:
            pattern = decap_lists.compiled(asked["pattern"], (*place, "filter", "pattern"), self.file)
            return {"only": {"field": asked["field"], "matches": pattern}}
        if "value" not in asked:
            return {}
        value = asked["value"]
        values = ["" if one is None else one for one in (value if isinstance(value, list) else [value])]
        return {"only": {"field": asked["field"], "is": values}}

    def _file(
        self, told: Mapping[str, Any], place: Path, media: Media, above: str, i18n: Mapping[str, Any]
    ) -> dict[str, Any]:
        self._look(told, FILE, place)
        path = str(told.get("file") or "").strip("/")
        if not path or not told.get("name"):
            self.file.say(place, "A file wants a `name`, and in `file` the path it has.")
            return {}
        facts = self._facts_of(told)
        facts |= decap_lists.of_files(told, place, self.file)
        facts |= decap_looks.icon(told, place, self.file)
        facts["files"] = [path]
        self._add_fields(facts, told, place, media.within(told), i18n)
        return {f"{above}-{told['name']}".strip("-"): facts}

    def _facts_of(self, told: Mapping[str, Any]) -> dict[str, Any]:
        facts: dict[str, Any] = {}
        shown = _shows_preview(told)
        if shown is not None:
            facts["preview"] = shown
        if isinstance(told.get("label"), str):
            facts["label"] = told["label"]
            facts["label_one"] = told["label"]
        if isinstance(told.get("label_singular"), str):
            facts["label_one"] = told["label_singular"]
        if isinstance(told.get("preview_path"), str):
            facts["address"] = told["preview_path"]
            facts["address_slashes"] = told.get("preview_path_preserve_slashes", "nested" in told) is True
        if isinstance(told.get("preview_path_date_field"), str):
            facts["address_date"] = told["preview_path_date_field"]
        if isinstance(told.get("aliases_field"), str):
            facts["redirects"] = told["aliases_field"]
        return facts

    def _i18n_of(self, told: Mapping[str, Any]) -> Mapping[str, Any]:
        own = told.get("i18n")
        if isinstance(own, Mapping):
            return {**self.i18n, **own}
        return self.i18n if own is True else {}

    def _add_fields(
        self,
        facts: dict[str, Any],
        told: Mapping[str, Any],
        place: Path,
        media: Media,
        i18n: Mapping[str, Any],
    ) -> None:
        fields = self._fields(told, place, media)
        if i18n.get("structure") == "single_file":
            # Such a file has no text below: each language has one among its fields.
            fields = self._by_language(told, fields, i18n)
        elif (text := fields.pop(body := _body_of(told), None)) is not None:
            facts["text"] = {key: text[key] for key in ("buttons", "small") if key in text}
            for at, one in self._mappings(told, "fields", place):
                if one.get("name") == body:
                    self._look_at_body(one, at)
                    facts |= {"preview": False} if one.get("preview") is False else {}
        facts["fields"] = fields
        facts["field_order"] = list(fields)
        named = told.get("identifier_field")
        if isinstance(named, str) and named in fields:
            fields[named]["meaning"] = "title"

    def _look_at_body(self, told: Mapping[str, Any], place: Path) -> None:
        widget = told.get("widget", "string")
        if widget not in ("markdown", "richtext", "text", "string", "code"):
            self.file.say(
                place, "The text below the fields is Markdown here, whatever its widget.", wrong=False
            )

    def _by_language(
        self, told: Mapping[str, Any], fields: Mapping[str, Any], i18n: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return an object for each language, as files that hold all languages have them."""
        translated = {
            str(one.get("name"))
            for one in told.get("fields") or ()
            if isinstance(one, Mapping) and one.get("i18n") in (True, "translate", "duplicate")
        }
        locales = _texts(i18n.get("locales"))
        first = str(i18n.get("default_locale") or (locales[0] if locales else ""))
        return {
            locale: {
                "type": "object",
                "label": locale,
                "fields": {
                    name: {**facts, "required": facts.get("required", True) and locale == first}
                    for name, facts in fields.items()
                    if locale == first or name in translated
                },
            }
            for locale in locales
        }

    def _fields(self, told: Mapping[str, Any], place: Path, media: Media) -> dict[str, dict[str, Any]]:
        return {
            str(one["name"]): self._field(one, at, media)
            for at, one in self._mappings(told, "fields", place)
            if self._has_name(one, at)
        }

    def _has_name(self, told: Mapping[str, Any], place: Path) -> bool:
        if not isinstance(told.get("name"), str):
            self.file.say(place, "A field wants a `name`.")
        return isinstance(told.get("name"), str)

    def _field(self, told: Mapping[str, Any], place: Path, media: Media) -> dict[str, Any]:
        widget = str(told.get("widget") or "string")
        known = WIDGETS.get(widget)
        if known is None:
            unknown_type(self.file, (*place, "widget"), "widget", widget)
        self._look(told, FIELD if known is None else FIELD.with_more(known), place)
        told = {RENAMED.get(key, key): value for key, value in told.items()}
        if widget in ("image", "file"):
            own = told.get("config")
            above = decap_uploads.library(self.root)
            told["config"] = {**above, **own} if isinstance(own, Mapping) else above
        facts = self._common(told, place)
        make = self._makers().get(widget)
        if make is not None:
            facts.update(make(told, place, media.within(told) if widget in ("image", "file") else media))
        if told.get("readonly") is True:
            facts["type"] = "read-only"
        return facts

    def _common(self, told: Mapping[str, Any], place: Path) -> dict[str, Any]:
        facts: dict[str, Any] = {"label": str(told.get("label") or told["name"])}
        # Sveltia has a list of languages as well: it is required in those.
        facts["required"] = bool(told.get("required", True))
        for key, name in COMMON.items():
            if key in told:
                facts[name] = told[key]
        if "default" in told:
            facts["default"] = told["default"]
        pattern = told.get("pattern")
        if isinstance(pattern, list) and pattern and isinstance(pattern[0], str):
            facts["pattern"] = pattern[0]
            if len(pattern) > 1:
                facts["pattern_says"] = str(pattern[1])
        when = told.get("condition")
        if isinstance(when, Mapping) and isinstance(when.get("field"), str):
            value = when.get("value", [])
            facts["when"] = {"field": when["field"], "is": value if isinstance(value, list) else [value]}
        return facts

    def _makers(self) -> Mapping[str, Callable[[Mapping[str, Any], Path, Media], dict[str, Any]]]:
        return {
            "string": self._string,
            "text": self._text,
            "number": self._number,
            "boolean": self._boolean,
            "select": self._select,
            "datetime": self._datetime,
            "date": self._date,
            "markdown": self._markdown,
            "richtext": self._markdown,
            "code": self._code,
            "color": self._color,
            "image": self._image,
            "file": self._file_widget,
            "list": self._list,
            "object": self._object,
            "relation": self._relation,
            "map": self._map,
            "hidden": self._hidden,
            "uuid": self._uuid,
            "compute": self._compute,
            "keyvalue": self._keyvalue,
        }

    # ── widgets, in the order of their documentation ──

    def _string(self, told: Mapping[str, Any], place: Path, media: Media) -> dict[str, Any]:
        around = {key: str(told[key]) for key in ("prefix", "suffix") if told.get(key)}
        kind = {"url": "URL", "email": "e-mail"}.get(str(told.get("type")), "text")
        return {"type": kind, **around}

    def _text(self, told: Mapping[str, Any], place: Path, media: Media) -> dict[str, Any]:
        return {"type": "long text"}

    def _number(self, told: Mapping[str, Any], place: Path, media: Media) -> dict[str, Any]:
        kind = told.get("value_type")
        option = {"int": "int", "float": "float"}.get(str(kind), "text")
        limits = {key: told[key] for key in ("min", "max") if isinstance(told.get(key), (int, float))}
        step = {"step": told["step"]} if isinstance(told.get("step"), (int, float)) else {}
        return {"type": "number", option: True, **limits, **step, **_beside(told)}

    def _boolean(self, told: Mapping[str, Any], place: Path, media: Media) -> dict[str, Any]:
        return {"type": "boolean", "required": False, **_beside(told)}

    def _select(self, told: Mapping[str, Any], place: Path, media: Media) -> dict[str, Any]:
        values, labels = [], {}
        for one in told.get("options") or ():
            value = one.get("value") if isinstance(one, Mapping) else one
            values.append(value)
            if isinstance(one, Mapping) and "label" in one:
                labels[str(value)] = str(one["label"])
        facts: dict[str, Any] = {"type": "multi-select" if told.get("multiple") else "select"}
        facts |= {"choices": values, "closed": True, **({"labels": labels} if labels else {})}
        threshold = told.get("dropdown_threshold")
        if isinstance(threshold, int):
            buttons = "checks" if told.get("multiple") else "radio"
            facts["as"] = (
                buttons if len(values) <= threshold else "tokens" if told.get("multiple") else "menu"
            )
        return {**facts, **(_limits(told) if told.get("multiple") else {})}

    def _datetime(self, told: Mapping[str, Any], place: Path, media: Media) -> dict[str, Any]:
        day_only = told.get("time_format") is False or told.get("type") == "date"
        kind = "time" if told.get("type") == "time" else "date" if day_only else "date-time"
        facts: dict[str, Any] = {"type": kind}
        written = told.get("format")
        if not isinstance(written, str):
            day, time = (told.get(key) for key in ("date_format", "time_format"))
            written = " ".join(one for one in (day, time) if isinstance(one, str)) or None
        if written:
            facts["date_format"] = written
        facts |= {key: str(told[key]) for key in ("min", "max") if key in told}
        in_utc = told.get("picker_utc") is True or told.get("output_utc") is True
        if kind == "date-time" and (in_utc or str(told.get("input_timezone")).lower() == "utc"):
            facts["utc"] = True
        if isinstance(told.get("step"), (int, float)):
            # As in HTML: days of a date, seconds of a time.
            facts["step"] = told["step"]
        return facts

    def _date(self, told: Mapping[str, Any], place: Path, media: Media) -> dict[str, Any]:
        return self._datetime({**told, "time_format": False}, place, media)

    def _markdown(self, told: Mapping[str, Any], place: Path, media: Media) -> dict[str, Any]:
        return {"type": "markdown", **decap_texts.of_markdown({**self.texts, **told}, place, self.file)}

    def _code(self, told: Mapping[str, Any], place: Path, media: Media) -> dict[str, Any]:
        language = {"language": str(told["default_language"])} if told.get("default_language") else {}
        if told.get("output_code_only"):
            return {"type": "code", **language}
        named = told.get("keys")
        keys: Mapping[str, Any] = named if isinstance(named, Mapping) else {}
        code, lang = str(keys.get("code", "code")), str(keys.get("lang", "lang"))
        spoken = {"default": told["default_language"]} if told.get("default_language") else {}
        kind = "hidden" if told.get("allow_language_selection") is False else "text"
        return {
            "type": "object",
            "fields": {
                code: {"type": "code", "label": "Code", **language},
                lang: {"type": kind, "label": "Language", **spoken},
            },
        }

    def _color(self, told: Mapping[str, Any], place: Path, media: Media) -> dict[str, Any]:
        palette = {"palette": True} if told.get("allowInput") is False else {}
        return {"type": "colour", **palette, **_flags(told, enableAlpha="alpha")}

    def _image(self, told: Mapping[str, Any], place: Path, media: Media) -> dict[str, Any]:
        image = {"type": "image", **media.of_image(), **_of_files(told)}
        return {"type": "gallery", "item": image, **_limits(told)} if _is_many(told) else image

    def _file_widget(self, told: Mapping[str, Any], place: Path, media: Media) -> dict[str, Any]:
        file = {"type": "file", **media.of_image(), **_of_files(told)}
        return {"type": "list", "item": file, **_limits(told)} if _is_many(told) else file

    def _list(self, told: Mapping[str, Any], place: Path, media: Media) -> dict[str, Any]:
        facts: dict[str, Any] = _limits(told) | _flags(told, **LISTS)
        if told.get("minimize_collapsed") == "auto":
            facts["folded"] = True  # an empty one has nothing to fold
        if isinstance(told.get("label_singular"), str):
            facts["label_one"] = told["label_singular"]
        if isinstance(told.get("summary"), str):
            facts["summary"] = _without_prefix(told["summary"])
        if isinstance(told.get("types"), list):
            kinds = {
                str(one["name"]): {**self._field({**one, "widget": "object"}, at, media), "required": False}
                for at, one in self._mappings(told, "types", place)
                if self._has_name(one, at)
            }
            key = str(told.get("typeKey") or DEFAULT_TYPE_KEY)
            return {"type": "typed list", "fields": kinds, "type_key": key, **facts}
        if isinstance(told.get("fields"), list):
            return {"type": "list of objects", "fields": self._fields(told, place, media), **facts}
        if isinstance(told.get("field"), Mapping):
            inner = {"name": "item", **told["field"]}
            return {"type": "list", "item": self._field(inner, (*place, "field"), media), **facts}
        return {"type": "tags", **facts}

    def _object(self, told: Mapping[str, Any], place: Path, media: Media) -> dict[str, Any]:
        if isinstance(told.get("types"), list):
            fields = self._of_kinds(told, place, media)
        else:
            fields = self._fields(told, place, media)
        facts: dict[str, Any] = {"type": "object", "fields": fields}
        if isinstance(told.get("summary"), str):
            facts["summary"] = _without_prefix(told["summary"])
        return facts | _flags(told, collapsed="collapsed")

    def _of_kinds(self, told: Mapping[str, Any], place: Path, media: Media) -> dict[str, Any]:
        """Return the fields of an object of several kinds: which one it is, and those of each beside that."""
        key = str(told.get("typeKey") or DEFAULT_TYPE_KEY)
        names: list[str] = []
        kinds: dict[str, str] = {}
        fields: dict[str, Any] = {}
        for at, one in self._mappings(told, "types", place):
            if not self._has_name(one, at):
                continue
            name = str(one["name"])
            names.append(name)
            kinds[name] = str(one.get("label") or name)
            for part, facts in self._fields(one, at, media).items():
                others = fields.get(part, {}).get("when", {}).get("is", [])
                fields[part] = {**facts, "when": {"field": key, "is": [*others, name]}}
        kind = {"type": "select", "label": "Kind", "choices": names, "closed": True, "labels": kinds}
        return {key: {**kind, "required": told.get("required") is not False}, **fields}

    def _relation(self, told: Mapping[str, Any], place: Path, media: Media) -> dict[str, Any]:
        value = _without_prefix(str(told.get("value_field") or "slug")).strip("{} ")
        name = str(told.get("collection") or "")
        if told.get("file"):
            name = f"{name}-{told['file']}".strip("-")
        return {
            "type": "relation",
            "collections": [name],
            "value": value,
            "multiple": bool(told.get("multiple")),
            **_limits(told),
            **_shown(told),
        }

    def _map(self, told: Mapping[str, Any], place: Path, media: Media) -> dict[str, Any]:
        if told.get("type", "Point") != "Point":
            self.file.say(
                (*place, "type"),
                "Only points are chosen on a map here; lines and areas are kept.",
                wrong=False,
            )
            return {"type": "long text"}
        digits = {"decimals": told["decimals"]} if isinstance(told.get("decimals"), int) else {}
        return {"type": "map point", "stored": "geojson", **digits}

    def _hidden(self, told: Mapping[str, Any], place: Path, media: Media) -> dict[str, Any]:
        return {"type": "hidden", "required": False}

    def _uuid(self, told: Mapping[str, Any], place: Path, media: Media) -> dict[str, Any]:
        prefix = {"prefix": str(told["prefix"])} if told.get("prefix") else {}
        return {"type": "uuid", **prefix, **_flags(told, use_b32_encoding="base32")}

    def _compute(self, told: Mapping[str, Any], place: Path, media: Media) -> dict[str, Any]:
        return {"type": "computed", "template": str(told.get("value") or ""), "required": False}

    def _keyvalue(self, told: Mapping[str, Any], place: Path, media: Media) -> dict[str, Any]:
        labels = {key: str(told[key]) for key in ("key_label", "value_label") if told.get(key)}
        return {"type": "key-value", **_limits(told), **labels}

    # ── looking through what is said ──

    def _mappings(
        self, told: Mapping[str, Any], key: str, place: Path
    ) -> Iterator[tuple[Path, Mapping[str, Any]]]:
        """Yield each mapping of a list, with its place; anything else in it is remarked."""
        items = told.get(key)
        if items is None:
            return
        if not isinstance(items, list):
            self.file.say((*place, key), f"“{key}” wants a list.")
            return
        for number, one in enumerate(items):
            if isinstance(one, Mapping):
                yield (*place, key, number), one
            else:
                self.file.say((*place, key, number), f"What stands in “{key}” wants names and values.")

    def _look(self, told: Mapping[str, Any], words: Words, place: Path) -> None:
        """Remark what of a mapping is without effect, and what nobody knows."""
        decap_uploads.say_services(told, place, self.file)
        for spelled in told:
            name = RENAMED.get(spelled, spelled)
            if name in words.without_effect:
                reason = words.reason(name, told[spelled])
                if reason:
                    self.file.say((*place, spelled), f"“{spelled}” {reason}", wrong=False)
            elif name not in words.does and not str(name).startswith(("_", "x-")):
                self.file.unknown((*place, str(name)), [*words.does, *words.without_effect])
            elif name in ELSEWHERE:
                self._look_inside(told[spelled], name, (*place, spelled))

    def _look_inside(self, told: Any, name: str, place: Path) -> None:
        """Look through the mapping below a name, or through those of a list there."""
        if name == "media_libraries" and isinstance(told, Mapping):
            told, place = told.get("default"), (*place, "default")
        if name == "media_library" and isinstance(told, Mapping) and told.get("name", "default") != "default":
            return  # what services know is theirs
        if isinstance(told, Mapping):
            self._look(told, ELSEWHERE[name], place)
        for number, one in enumerate(told) if isinstance(told, list) else ():
            if isinstance(one, Mapping):
                self._look(one, ELSEWHERE[ITEMS.get(name, name)], (*place, number))


def _flags(told: Mapping[str, Any], **names: str) -> dict[str, Any]:
    """Return what is said true or false, by our names: Decap's to ours."""
    return {ours: told[theirs] for theirs, ours in names.items() if isinstance(told.get(theirs), bool)}


def _beside(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is shown around a number or a switch; `before_input` says the same."""
    names = {"prefix": "before", "suffix": "after"}
    return {ours: str(told[theirs]) for theirs, ours in names.items() if told.get(theirs)}


def _shown(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return which entries a relation offers, how many, and what they are called."""
    facts: dict[str, Any] = {}
    names = _texts(told.get("display_fields"))
    if names:
        facts["summary"] = " ".join(
            _without_prefix(one) if "{{" in one else f"{{{{{one}}}}}" for one in names
        )
    for key, name in (("options_length", "most"), ("dropdown_threshold", "at_once")):
        if isinstance(told.get(key), int):
            facts[name] = told[key]
    if search := [
        _without_prefix(f"{{{{{one}}}}}").strip("{} ") for one in _texts(told.get("search_fields"))
    ]:
        facts["search"] = search
    only = {
        str(one["field"]): list(one["values"])
        for one in told.get("filters") or ()
        if isinstance(one, Mapping)
        and isinstance(one.get("field"), str)
        and isinstance(one.get("values"), list)
    }
    return facts | ({"only": only} if only else {})


def _library_of(told: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a field says of choosing files, in either of the two places for that."""
    own = told.get("config")
    return {**(own if isinstance(own, Mapping) else {}), **decap_uploads.library(told, of_services=True)}


def _is_many(told: Mapping[str, Any]) -> bool:
    asked = bool(told.get("multiple") or _library_of(told).get("multiple"))
    return asked and told.get("allow_multiple") is not False


def _of_files(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return which files a field takes."""
    facts: dict[str, Any] = _flags(told, choose_url="web")
    if isinstance(told.get("accept"), str):
        facts["accept"] = told["accept"]
    most = _library_of(told).get("max_file_size")
    return {**facts, "max_bytes": most} if isinstance(most, int) and most > 0 else facts


def _limits(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return how many there may be. Decap heeds either only where the other is there too."""
    limits = {key: told[key] for key in ("min", "max") if isinstance(told.get(key), int)}
    return limits if len(limits) == 2 else {}


def _body_of(told: Mapping[str, Any]) -> str:
    """Return the name of the field that is the text below the others, "" where it stands among them."""
    named = told.get("body_field")
    if not isinstance(named, Mapping):
        return BODY
    return "" if named.get("inline") is True else str(named.get("key") or BODY)


def _shows_preview(told: Mapping[str, Any]) -> bool | None:
    """Return whether a text is shown as it reads, None where a level does not say it."""
    editor = told.get("editor")
    shown = editor.get("preview") if isinstance(editor, Mapping) else None
    return shown if isinstance(shown, bool) else None


def _rules(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return what may be done with the entries of a folder. Decap adds none unless it is told to."""
    rules: dict[str, Any] = {"create": told.get("create") is True}
    rules |= {name: False for name in ("delete", "duplicate", "publish") if told.get(name) is False}
    limit = told.get("limit")
    return {**rules, "limit": limit} if isinstance(limit, int) and limit > 0 else rules


def _ending(told: Mapping[str, Any]) -> str:
    ending, kind = str(told.get("extension") or "").lstrip("."), str(told.get("format") or "")
    if ending:
        return ending
    return {"yml": "yml", "yaml": "yml", "toml": "toml", "json": "json"}.get(kind, "")


def _format(told: Mapping[str, Any]) -> str:
    return {"toml": "toml", "json": "json", "yaml": "yaml", "yml": "yaml"}.get(
        str(told.get("format") or "").removesuffix("-frontmatter"), ""
    )


def _without_prefix(template: str) -> str:
    return re.sub(r"\{\{\s*fields\.", "{{", template)


def _texts(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, Sequence) and not isinstance(value, str) else []
