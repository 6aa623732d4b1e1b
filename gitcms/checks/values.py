"""What the forms would say about the values of an entry.

The judge is that of the forms (`schema.validation`). What is said here besides is how grave it is: a type
that was read off the entries is a guess, and what is of another one is named, but no error.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from gitcms.checks.findings import Finding, Severity
from gitcms.checks.site import CheckedSite, Entry, leaves
from gitcms.content.values import MISSING, Found, Path, find
from gitcms.schema.collection import Collection, Field
from gitcms.schema.generators import EARLIER
from gitcms.schema.limits import beyond
from gitcms.schema.validation import Judge, field_at, is_blank

RARE = 0.1
"""The part of the values of a field that may differ from the type guessed for it, and be named for it."""
FEW = 3
"""So many values are no habit that one could differ from."""
OWN_ADDRESSES = EARLIER | {
    *("permalink", "url", "slug", "alias", "redirect_from", "redirect_to", "redirects", "path", "link")
}
"""Keys that say where the entry itself is, or was."""


class Judges:
    """A judge for each collection, made when its first entry comes."""

    def __init__(self, site: CheckedSite) -> None:
        self._site = site
        self._made: dict[str, Judge] = {}

    def findings(self, entry: Entry) -> Iterator[Finding]:
        """Yield what is wrong with the values of an entry. A draft may be incomplete."""
        judge = self._judge(entry.collection)
        complete = entry.state(self._site.now) != "draft"
        for path, sentence in judge.problems(entry.values, complete=complete).items():
            value = find(entry.values, path)
            field = field_at(entry.collection.fields, path)
            guessed = self._site.is_guessed(entry, path)
            severity: Severity
            rule, severity = "value", "warning" if guessed else "error"
            if is_blank(value):
                rule, severity = "required", "error"
            elif field is not None and value is not MISSING and beyond(value, field) == sentence:
                rule, severity = "limit", "error"
            if rule == "value" and guessed and not _may_be_wrong(field, path, value):
                continue
            yield Finding(entry.path, rule, severity, sentence.removesuffix(".") + ".", path)

    def _judge(self, collection: Collection) -> Judge:
        judge = self._made.get(collection.name)
        if judge is None:
            judge = self._made[collection.name] = Judge(collection)
        return judge


def _may_be_wrong(field: Field | None, path: Path, value: Found) -> bool:
    """Tell whether a value that is not of the type guessed for its field can be a slip of somebody's.

    Forms show what is of another kind in a control for that, and have nothing to say about it. Addresses of
    the entry itself, and those that begin at it, are written in more ways than those of others.
    """
    if field is None or not isinstance(value, str):
        return False
    return field.type != "url" or not (is_own_address(path) or value.startswith("."))


def is_own_address(path: Path) -> bool:
    """Tell whether a value says where the entry itself is, or was."""
    return len(path) < 3 and str(path[0]).lower() in OWN_ADDRESSES


def rare(findings: Sequence[Finding], entries: Sequence[Entry]) -> Iterator[Finding]:
    """Yield findings without those about guessed types that too many values differ from.

    The guess is wrong then, and not the values.
    """
    collections = {entry.path: entry.collection.name for entry in entries}
    wrong = Counter(
        (collections[one.path], _keys(one.place))
        for one in findings
        if one.rule == "value" and one.severity == "warning"
    )
    there: Counter[tuple[str, Path]] = Counter()
    for entry in entries:
        name = entry.collection.name
        if any(collection == name for collection, _ in wrong):
            there.update(
                (name, _keys(place)) for _, place, _ in leaves(entry.collection.fields, entry.values)
            )
    for one in findings:
        key = collections[one.path], _keys(one.place)
        if (
            one.rule != "value"
            or one.severity == "error"
            or wrong[key] <= max(there[key] > FEW, RARE * there[key])
        ):
            yield one


def _keys(place: Path) -> Path:
    """Return a way without the numbers of items."""
    return tuple(step for step in place if isinstance(step, str))
