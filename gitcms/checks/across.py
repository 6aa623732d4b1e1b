"""What one entry alone cannot tell: values that only one may have, entries that others name, languages."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from gitcms.checks.findings import Finding, Severity
from gitcms.checks.site import CheckedSite, Entry, leaves
from gitcms.content.values import Path
from gitcms.schema.collection import Collection, Field
from gitcms.schema.fields.base import is_empty, text_of
from gitcms.schema.fields.relation import names_in
from gitcms.schema.generators import slug_of
from gitcms.schema.languages import is_language


def twice(site: CheckedSite, addresses: Mapping[str, str], *, sure: bool) -> Iterator[Finding]:
    """Yield entries that share an address, and values of fields with `unique` that several entries have.

    :param addresses: path of an entry → its address on the site, where known.
    :param sure: the generator's configuration is there, so that addresses are what they will be.
    """
    by_path = {entry.path: entry for entry in site.entries}
    at: dict[str, list[str]] = defaultdict(list)
    for path, address in addresses.items():
        at[address].append(path)
    for address, sharing in at.items():
        live = [one for one in sharing if len(sharing) > 1 and by_path[one].state(site.now) != "draft"]
        for path in sorted(live)[1:]:
            place = next(((key,) for key in ("permalink", "url", "slug") if key in by_path[path].values), ())
            sentence = f"This has the address {address}, which is that of {min(live)}, too."
            yield Finding(path, "unique", "error" if sure else "warning", sentence, place, line=1)
    yield from _values_twice(site.entries)


def dangling(site: CheckedSite) -> Iterator[Finding]:
    """Yield the values that name an entry which is not there."""
    related = {one.name for one in site.model.collections if any(_relations(one.fields))}
    if not related:
        return
    named = _Named(site.entries)
    labels = {one.name: one.label for one in site.model.collections}
    for entry in site.entries:
        if entry.collection.name not in related:
            continue
        for field, path, value in leaves(entry.collection.fields, entry.values):
            if field.type != "relation" or value is False:
                continue
            collections = tuple(one for one in field.options.get("collections", ()) if one in labels)
            severity: Severity = "warning" if site.is_guessed(entry, path) else "error"
            known = named.by(collections, str(field.options.get("value", "slug")))
            for number, name in enumerate(names_in(value)):
                if known and name not in known:
                    place: Path = (*path, number) if isinstance(value, list) else path
                    where = " or ".join(labels[one] for one in collections)
                    yield Finding(
                        entry.path, "relation", severity, f"There is no “{name}” in {where}.", place
                    )


def untranslated(site: CheckedSite) -> Iterator[Finding]:
    """Yield the entries that are missing in one of the languages of their collection."""
    for collection in site.model.collections:
        if collection.i18n.how not in ("folders", "suffixes"):
            continue
        locales = collection.i18n.locales
        versions: dict[str, dict[str, str]] = defaultdict(dict)
        for entry in site.entries:
            if entry.collection.name == collection.name and entry.state(site.now) != "draft":
                locale, common = _locale_of(entry.path, collection)
                versions[common][locale] = entry.path
        # Files without a language are of the first one, which may have no name.
        wanted = {*locales, *({""} if any("" in known for known in versions.values()) else ())}
        for known in versions.values():
            for locale in sorted(wanted - known.keys()):
                path = known.get("") or min(known.values())
                yield Finding(
                    path,
                    "translation",
                    "warning",
                    f"This is not there in “{locale or 'the first language'}”.",
                    line=1,
                )


class _Named:
    """The names that entries can be called by, made when they are asked for."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries: dict[str, list[Entry]] = defaultdict(list)
        for entry in entries:
            self._entries[entry.collection.name].append(entry)
        self.by = cache(self._by)

    def _by(self, collections: tuple[str, ...], value: str) -> frozenset[str]:
        entries = [entry for name in collections for entry in self._entries[name]]
        return frozenset(name for entry in entries for name in _names_of(entry, value))


def _names_of(entry: Entry, value: str) -> Iterator[str]:
    if value == "slug":
        yield slug_of(entry.path)
        yield posixpath.splitext(posixpath.basename(entry.path))[0]
        if isinstance(entry.values.get("slug"), str):
            yield str(entry.values["slug"])
    elif value == "path":
        yield entry.path
        yield posixpath.splitext(entry.path)[0]
        for folder in entry.collection.folders:
            if folder and entry.path.startswith(folder + "/"):
                yield posixpath.splitext(entry.path[len(folder) + 1 :])[0]
    elif not is_empty(entry.values.get(value)):
        yield from names_in(entry.values[value])


def _values_twice(entries: Iterable[Entry]) -> Iterator[Finding]:
    seen: dict[tuple[str, str, str], str] = {}
    unique: dict[str, list[Field]] = {}
    for entry in entries:
        fields = unique.get(entry.collection.name)
        if fields is None:
            fields = [one for one in entry.collection.fields if one.options.get("unique")]
            unique[entry.collection.name] = fields
        for field in fields:
            value = entry.values.get(field.name)
            if is_empty(value) or isinstance(value, (list, dict)):
                continue
            first = seen.setdefault((entry.collection.name, field.name, text_of(value)), entry.path)
            if first != entry.path:
                sentence = f"“{text_of(value)}” stands in {first}, too, and only one entry may have it."
                yield Finding(entry.path, "unique", "error", sentence, (field.name,))


def _relations(fields: Iterable[Field]) -> Iterator[Field]:
    for field in fields:
        if field.type == "relation":
            yield field
        yield from _relations((*field.fields, *((field.item,) if field.item else ())))


def _locale_of(path: str, collection: Collection) -> tuple[str, str]:
    """Return the language of a file, "" for the first, and what its path has in common with the others."""
    if collection.i18n.how == "suffixes":
        found = re.fullmatch(r"(.+)\.([^./]+)\.([^./]+)", path)
        if found and found[2] in collection.i18n.locales:
            return found[2], f"{found[1]}.{found[3]}"
        return "", path
    parts = path.split("/")
    at = next(
        (n for n, part in enumerate(parts[:-1]) if is_language(part) and part in collection.i18n.locales),
        None,
    )
    return ("", path) if at is None else (parts[at], "/".join(parts[:at] + parts[at + 1 :]))
