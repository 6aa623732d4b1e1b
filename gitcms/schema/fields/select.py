"""One of a small set of values that the entries repeat. Another one can always be written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from gitcms.content.values import Found
from gitcms.schema.collection import Field
from gitcms.schema.fields.base import (
    Observed,
    One,
    cleared,
    is_line,
    is_scalar,
    kinds_of,
    like,
    refuse_unwritable,
    words_of,
)

MOST_CHOICES = 12
LONGEST_CHOICE = 40
FREE = ("title", "name", "description", "summary", "slug", "permalink", "url", "link", "path", "id")
KINDS = (
    "layout",
    "type",
    "status",
    "state",
    "category",
    "template",
    "lang",
    "language",
    "locale",
    "section",
    "group",
    "kind",
)
"""Names that speak of a closed set, so that few entries tell enough."""


class Select(One):
    name: ClassVar[str] = "select"
    spelled: ClassVar[str] = "select"

    def recognise(self, seen: Observed) -> dict[str, Any] | None:
        if seen.share(is_line) < 0.95 or seen.name.lower() in FREE:
            return None
        counts = Counter(seen.texts)
        if not _is_closed(counts, words_of(seen.name)[-1:]):
            return None
        choices = tuple(sorted(counts, key=lambda choice: (-counts[choice], choice)))
        return {"choices": choices, "options": {"kinds": kinds_of(seen.values)}}

    def fits(self, value: Found, field: Field) -> bool:
        return is_line(value) or (is_scalar(value) and not isinstance(value, str))

    def control(self, value: Found, field: Field) -> str:
        return "select"

    def from_form(self, text: str, old: Found, field: Field) -> Found:
        refuse_unwritable(text)
        return like(text, old, field.options.get("kinds", ())) if text else cleared(field)


def _is_closed(counts: Mapping[str, int], last_word: Sequence[str]) -> bool:
    """Tell whether values that occur so often are a closed set, by the last word of their key."""
    total = sum(counts.values())
    if not 1 <= len(counts) <= MOST_CHOICES or max(map(len, counts)) > LONGEST_CHOICE:
        return False
    if last_word and last_word[0] in KINDS:
        return total >= 3 and (total >= 2 * len(counts) or set(map(_is_word, counts)) == {True})
    rare = sum(count == 1 for count in counts.values())
    return len(counts) >= 2 and total >= 3 * len(counts) and total >= 8 and rare * 2 <= len(counts)


def _is_word(text: str) -> bool:
    return " " not in text.strip()
