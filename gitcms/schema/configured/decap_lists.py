"""What Decap CMS and Sveltia CMS say of lists of entries, in the words of `gitcms.toml`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gitcms.content.values import Path
from gitcms.schema.configured.files import ConfigFile

Told = Mapping[str, Any]


def of_folder(told: Told, place: Path, file: ConfigFile) -> dict[str, Any]:
    """Return what is said of the list of a folder's entries. What cannot be used is a remark of the file."""
    facts = of_files(told, place, file)
    if isinstance(told.get("summary"), str):
        facts["summary"] = told["summary"]
    thumbnail = told.get("thumbnail")
    if isinstance(thumbnail, (str, list)):
        facts["thumbnail"] = thumbnail
    # The old spelling counts where the new one is not there.
    key = next((key for key in ("sortable_fields", "sortableFields") if key in told), "")
    if key:
        facts["sortable_fields"] = _sortable(told[key], (*place, key), file)
    for key, inside in (("view_filters", "filters"), ("view_groups", "groups")):
        if key in told:
            facts[key] = _by_field(told[key], inside, (*place, key), file)
    return facts


def of_files(told: Told, place: Path, file: ConfigFile) -> dict[str, Any]:
    """Return what is said of the lists of single files, or of one of them."""
    facts: dict[str, Any] = {}
    if isinstance(told.get("description"), str):
        facts["description"] = told["description"]
    if told.get("hide") is True:
        facts["hide"] = True
    return facts


def _sortable(told: Any, place: Path, file: ConfigFile) -> list[dict[str, Any]]:
    """Return the fields of either form: a list, in which one may be marked, or `fields` with a `default`."""
    default: Told = {}
    if isinstance(told, Mapping):
        default = told["default"] if isinstance(told.get("default"), Mapping) else {}
        told, place = told.get("fields"), (*place, "fields")
    found = []
    for number, one in enumerate(_listed(told, place, file)):
        facts = {"field": one} if isinstance(one, str) else dict(one) if isinstance(one, Mapping) else {}
        if not isinstance(facts.get("field"), str):
            file.say((*place, number), "A field to sort by wants a name.")
            continue
        said: dict[str, Any] = {"field": facts["field"]}
        if isinstance(facts.get("label"), str):
            said["label"] = facts["label"]
        marked = facts.get("default_sort")
        if facts["field"] == default.get("field"):
            marked = str(default.get("direction", "asc")).lower()
        if marked:
            said["default"] = "desc" if str(marked).startswith("desc") else "asc"
        found.append(said)
    return found


def _by_field(told: Any, inside: str, place: Path, file: ConfigFile) -> list[dict[str, Any]]:
    """Return filters or groups of either form: a list, or a list below a name with a `default` beside it."""
    default = None
    if isinstance(told, Mapping):
        default, told, place = told.get("default"), told.get(inside), (*place, inside)
    found = []
    for number, one in enumerate(_listed(told, place, file)):
        facts = one if isinstance(one, Mapping) else {}
        label, field, pattern = (facts.get(key) for key in ("label", "field", "pattern"))
        if not isinstance(label, str) or not isinstance(field, str):
            file.say((*place, number), "What stands here wants a `label` and a `field`.")
            continue
        said: dict[str, Any] = {"label": label, "field": field}
        if isinstance(pattern, bool):
            said["pattern"] = pattern
        elif pattern is not None:
            said["pattern"] = compiled(pattern, (*place, number, "pattern"), file)
        elif inside == "filters":
            file.say((*place, number), "A filter wants a `pattern`; comparisons are not known here.")
            continue
        if default is not None and default in (facts.get("name"), label):
            said["default"] = True
        found.append(said)
    return found


def compiled(pattern: Any, place: Path, file: ConfigFile) -> str:
    """Return a regular expression, or one for the text itself where it cannot be read as one."""
    try:
        re.compile(str(pattern))
    except (re.error, RecursionError, OverflowError):
        file.say(place, "This regular expression cannot be read. It is looked for letter by letter.")
        return re.escape(str(pattern))
    return str(pattern)


def _listed(told: Any, place: Path, file: ConfigFile) -> list[Any]:
    if not isinstance(told, list):
        file.say(place, f"“{place[-1]}” wants a list.")
        return []
    return told
