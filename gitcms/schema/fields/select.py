"""One of a small set of values that the entries repeat. Another one can always be written."""

from __future__ import annotations

from collections import Counter
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
)

MOST_CHOICES = 12
LONGEST_CHOICE = 40
FREE = ("title", "name", "description", "summary", "author", "slug", "permalink", "url", "link", "path", "id")


class Select(One):
    name: ClassVar[str] = "select"

    def recognise(self, seen: Observed) -> dict[str, Any] | None:
        if seen.share(is_line) < 0.95 or seen.name.lower() in FREE:
            return None
        counts = Counter(seen.texts)
        rare = sum(count == 1 for count in counts.values())
        closed = (
            2 <= len(counts) <= MOST_CHOICES
            and len(seen.texts) >= 4 * len(counts)
            and rare * 4 <= len(counts)
            and max(map(len, counts)) <= LONGEST_CHOICE
        )
        if not closed:
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
