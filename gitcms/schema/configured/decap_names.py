"""How Decap CMS and Sveltia CMS name new files, in the words of `gitcms.toml`."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from typing import Any

from gitcms.content.values import Path
from gitcms.schema.configured.dialects import file_template
from gitcms.schema.configured.files import ConfigFile
from gitcms.schema.configured.keys import INDENT, SLUGS

Told = Mapping[str, Any]

FOLDERS, SUFFIXES = "folders", "suffixes"
LAYOUTS = {
    "multiple_files": SUFFIXES,
    "multiple_folders": FOLDERS,
    **dict.fromkeys(("multiple_folders_i18n_root", "multiple_root_folders"), FOLDERS),
}
"""From their names of how languages are kept apart to ours; one file for all of them is not among these."""
ROOT_FOLDERS = frozenset({"multiple_folders_i18n_root", "multiple_root_folders"})
_PLACE = re.compile(r"\{\{\s*(?:fields\.)?([\w.-]+)\s*(?:\|[^}]*)?\}\}")


def slugs_of(told: Any, file: ConfigFile) -> dict[str, Any]:
    """Return how names are made of titles. Left to themselves, both keep letters as they are, and use UTC."""
    said: Told = told if isinstance(told, Mapping) else {}
    slugs: dict[str, Any] = {
        "letters": "ascii" if said.get("encoding") == "ascii" else "all",
        "accents": said.get("clean_accents") is not True,
        "utc": said.get("timezone") != "local",
    }
    between = said.get("sanitize_replacement", "-")
    if SLUGS["between"].takes(between):
        slugs |= {"between": between} if between != "-" else {}
    else:
        file.say(("slug", "sanitize_replacement"), "Words in a name are joined by “-”, “_”, “.” or nothing.")
    slugs |= {
        name: False for key, name in (("lowercase", "lower"), ("trim", "trim")) if said.get(key) is False
    }
    return slugs | longest(said.get("maxlength"))


def longest(told: Any) -> dict[str, Any]:
    """Return how long a name may be."""
    return {"longest": told} if SLUGS["longest"].takes(told) else {}


def template(told: Told, place: Path, folder: str, ending: str, i18n: Told, file: ConfigFile) -> str:
    """Return how new files of a folder are named, "" to leave that as the entries have it."""
    slug = told.get("slug")
    if isinstance(slug, Mapping):
        slug = slug.get("template")
    path = told.get("path", _path_of_folders(told))
    language = _first(i18n)
    if not isinstance(path, str) and not isinstance(slug, str) and not language:
        return ""
    name = path if isinstance(path, str) else "{{slug}}"
    if isinstance(slug, str):
        name = re.sub(r"\{\{\s*slug\s*\}\}", lambda _: slug, name)
    if language and LAYOUTS[i18n["structure"]] == SUFFIXES:
        name = f"{name}.{language}"
    elif language and i18n["structure"] in ROOT_FOLDERS:
        folder = posixpath.join(language, folder)
    elif language:
        folder = posixpath.join(folder, language)
    said = (*place, "path" if isinstance(path, str) else "slug")
    return file_template(file, said, folder, f"{name}.{ending}", _PLACE) or ""


def folders(folder: str, i18n: Told) -> list[str]:
    """Return where entries lie: in one folder, or in those of that name in the folder of each language."""
    if i18n.get("structure") not in ROOT_FOLDERS:
        return [folder]
    locales = [
        str(one) for one in i18n.get("locales") or () if one != (_default(i18n) if _omits(i18n) else "")
    ]
    return [*([folder] if _omits(i18n) else []), *(posixpath.join(one, folder) for one in locales)]


def canonical(i18n: Told) -> dict[str, Any]:
    """Return how a new entry notes the name by which its translations are found."""
    said = i18n.get("canonical_slug")
    if not isinstance(said, Mapping) or i18n.get("structure") not in LAYOUTS:
        return {}
    return {
        "canonical": {
            "key": str(said.get("key") or "translationKey"),
            "value": str(said.get("value") or "{{slug}}"),
        }
    }


def omitted(i18n: Told) -> dict[str, str]:
    """Return the language that addresses do not name."""
    omits = i18n.get("omit_default_locale_from_preview_path") is True
    return {"address_omits": _default(i18n)} if omits and _default(i18n) else {}


def written(told: Any) -> dict[str, Any]:
    """Return how new files are spelled that have no neighbours."""
    said: Told = told if isinstance(told, Mapping) else {}
    yaml, json = ({} if not isinstance(said.get(key), Mapping) else said[key] for key in ("yaml", "json"))
    facts: dict[str, Any] = {"yaml": quoted(yaml.get("quote")).get("yaml", {}), "json": {}}
    for name, one in (("yaml", yaml), ("json", json)):
        if INDENT.takes(one.get("indent_size")):
            facts[name]["indent"] = one["indent_size"]
    if yaml.get("indent_sequences") is False:
        facts["yaml"]["indent_lists"] = False
    if json.get("indent_style") == "tab":
        facts["json"]["tabs"] = True
    return {name: one for name, one in facts.items() if one}


def quoted(told: Any) -> dict[str, Any]:
    """Return which quotes texts get. An old spelling says only whether they are double ones."""
    quote = "double" if told is True else told
    return {"yaml": {"quote": quote}} if quote in ("single", "double") else {}


def _first(i18n: Told) -> str:
    """Return the language in which new entries begin as their path names it, "" where it does not."""
    return "" if i18n.get("structure") not in LAYOUTS or _omits(i18n) else _default(i18n)


def _default(i18n: Told) -> str:
    locales: Sequence[Any] = i18n.get("locales") or [""]
    return str(i18n.get("default_locale") or locales[0])


def _omits(i18n: Told) -> bool:
    # The second is its older name.
    names = ("omit_default_locale_from_file_path", "omit_default_locale_from_filename")
    return any(i18n.get(name) is True for name in names)


def label(told: Told) -> dict[str, str]:
    """Return what the control for the path of an entry is called."""
    said = _path(told).get("label")
    return {"name_label": said} if isinstance(said, str) and said else {}


def _path_of_folders(told: Told) -> str | None:
    """Return how new files are named where each has a folder of its own: its path can be chosen there."""
    index = _path(told).get("index_file")
    return f"{{{{slug}}}}/{index}" if isinstance(index, str) and index else None


def _path(told: Told) -> Told:
    meta = told.get("meta")
    path = meta.get("path") if isinstance(meta, Mapping) else None
    return path if isinstance(path, Mapping) else {}
