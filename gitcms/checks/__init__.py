"""What the forms would say of a whole site, for machines that wait for a yes or a no.

Here: the story of a check, from a folder to findings in the order of its files. Which rules there are is in
`findings`, each is in a module of its name's kind, and how findings are told is in `reports`.

A file is opened once; where a value stands is looked up only for files that something was found in.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Collection as Names
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from gitcms.checks import across, own
from gitcms.checks import links as addresses
from gitcms.checks.findings import RULES, Finding, Severity
from gitcms.checks.many import ENOUGH, shared
from gitcms.checks.own import Problem
from gitcms.checks.reading import Reading, read
from gitcms.checks.site import CheckedSite, Entry
from gitcms.checks.values import Judges, rare
from gitcms.content.document import Document
from gitcms.content.formats import FORMATS
from gitcms.errors import DocumentTooLarge, FrontMatterUnreadable
from gitcms.folder import Folder
from gitcms.schema.collection import Model, out_of_sight
from gitcms.schema.configured import OWN, Configured, model_of
from gitcms.schema.finding import MARKDOWN, Source

__all__ = ["RULES", "CheckedSite", "Entry", "Finding", "Problem", "Severity", "check"]


def check(
    folder: Folder, *, links: bool = True, translations: bool = False, only: Names[str] = ()
) -> list[Finding]:
    """Return what is wrong with a site, sorted by file and line.

    :param links: whether to follow links and look for pictures.
    :param translations: whether every entry is wanted in every language of its collection.
    :param only: paths of the files to speak of; all when empty. The others are read all the same.
    :raises ConfigError: an installed rule cannot be used.
    """
    with _without_collector():
        return _checked(folder, links, translations, only)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Keep Python from looking for circles among the many values, again and again: there are none."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _checked(folder: Folder, links: bool, translations: bool, only: Names[str]) -> list[Finding]:
    readings = _read(folder, links=links)
    site, findings = _site(folder, readings)
    findings += [found for reading in readings.values() for found in reading.findings if _counts(site, found)]
    findings += [found for reading in readings.values() for found in _torn(site, reading)]
    known = addresses.addresses_of(site)
    places = addresses.Places(site, known) if links else None
    judges = Judges(site)
    judged: list[Finding] = []
    for part in shared(lambda entries: _each(entries, judges, places, readings), site.entries):
        judged += part
    findings += rare(judged, site.entries)
    findings += across.twice(site, known, sure=addresses.are_known(site))
    findings += across.dangling(site)
    if translations:
        findings += across.untranslated(site)
    findings += own.findings(site)
    return sorted(
        _placed(folder, [one for one in findings if not only or one.path in only]), key=lambda one: one.order
    )


def _read(folder: Folder, *, links: bool) -> dict[str, Reading]:
    wanted = [path for path in folder.paths if path.lower().endswith(MARKDOWN) and not out_of_sight(path)]
    parts = shared(lambda part: [read(path, folder.read(path), links=links) for path in part], wanted)
    return {reading.path: reading for part in parts for reading in part}


def _site(folder: Folder, readings: dict[str, Reading]) -> tuple[CheckedSite, list[Finding]]:
    def known(path: str) -> tuple[dict[str, object], str] | None:
        reading = readings.get(path)
        return None if reading is None else (dict(reading.values or {}), reading.format)

    def spread(work: Callable[[Sequence[str]], object], keys: Sequence[str]) -> list[object]:
        return shared(work, keys, enough=2) if len(readings) >= 2 * ENOUGH else [work(keys)]

    configured = model_of(Source(folder.paths, folder.read, known, spread))
    model, entries = configured.model, list(_entries(configured.model, readings))
    site = CheckedSite(model, folder.paths, entries, folder.read, datetime.now(UTC), said=_said(configured))
    return site, list(_of_configuration(configured))


def _said(configured: Configured) -> frozenset[tuple[str, str]]:
    """Return the fields that the site's owners had a say in, as names of collections and of keys."""
    before = (
        configured.inferred.collections if configured.inferred is not None else configured.model.collections
    )
    known = {one for collection in before for one in collection.fields}
    return frozenset(
        (collection.name, one.name)
        for collection in configured.model.collections
        for one in collection.fields
        if configured.inferred is not None and one not in known
    )


def _of_configuration(configured: Configured) -> Iterator[Finding]:
    """Yield what is to be mended in the configuration of the editor."""
    severity: Severity = "error" if configured.path == OWN else "warning"
    for remark in configured.remarks:
        if remark.wrong:
            yield Finding(remark.path, "configuration", severity, remark.sentence, line=remark.line)


def _entries(model: Model, readings: dict[str, Reading]) -> Iterator[Entry]:
    for path, reading in readings.items():
        collection = model.collection_of(path)
        if collection is not None and reading.values is not None:
            yield Entry(path, collection, reading.values)


def _counts(site: CheckedSite, found: Finding) -> bool:
    """Tell whether a file is one that people edit here."""
    return site.model.collection_of(found.path) is not None


def _torn(site: CheckedSite, reading: Reading) -> Iterator[Finding]:
    """Yield an entry whose fields are of a kind without marks around it, and so torn that they seem text."""
    if reading.values is None and reading.path.lower().endswith(MARKDOWN):
        collection = site.model.collection_of(reading.path)
        text = site.read(reading.path).decode("utf-8", "replace") if collection is not None else ""
        if collection is not None and collection.format == "json" and text.startswith("{"):
            try:
                FORMATS["json"].read(text)
            except FrontMatterUnreadable as error:
                place = error.line or 1, error.column or 0
                yield Finding(reading.path, "unreadable", "error", str(error), (), *place)


def _each(
    entries: Sequence[Entry],
    judges: Judges,
    places: addresses.Places | None,
    readings: dict[str, Reading],
) -> list[Finding]:
    """Return what is wrong with entries, each looked at alone."""
    findings: list[Finding] = []
    for entry in entries:
        if entry.values:
            findings += judges.findings(entry)
        if places is not None:
            findings += addresses.in_fields(places, entry)
            findings += addresses.in_text(places, entry.path, readings[entry.path].links)
    return findings


def _placed(folder: Folder, findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield the findings with the lines of the values that they speak of."""
    path, document = "", None
    for one in sorted(findings, key=lambda each: each.path):
        if not one.place:
            yield replace(one, line=one.line or 1)
            continue
        if one.path != path:
            path, document = one.path, _document(folder, one.path)
        line, column = _place(document, one) if document is not None else (1, 0)
        yield replace(one, line=line, column=column)


def _document(folder: Folder, path: str) -> Document | None:
    try:
        return Document.parse(folder.read(path), path)
    except DocumentTooLarge:
        return None


def _place(document: Document, found: Finding) -> tuple[int, int]:
    """Return the line of a value, or of the nearest thing around it that has one; and its column, or 0."""
    for end in range(len(found.place), 0, -1):
        line = document.line_of(found.place[:end])
        if line is None:
            continue
        text = document.text_of(found.place[:end])
        lines = document.source.split(b"\n")
        whole = lines[line - 1].decode("utf-8", "replace") if line <= len(lines) else ""
        key = found.place[end - 1]
        start = whole.find(str(key)) + len(str(key)) if isinstance(key, str) and str(key) in whole else 0
        column = whole.find(text, start) + 1 if text and "\n" not in text and end == len(found.place) else 0
        return line, column
    return 1, 0
