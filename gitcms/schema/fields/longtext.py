"""Text of several lines, without formatting."""

from __future__ import annotations

import statistics
from typing import Any, ClassVar

from gitcms.content.values import Found
from gitcms.schema.collection import Field
from gitcms.schema.fields.base import Observed, One, cleared, is_scalar, refuse_unwritable

PROSE = ("description", "summary", "excerpt", "abstract", "lede", "bio", "teaser", "intro", "deck", "note")
LINE = 120
"""Characters that a control of one line can show."""


class LongText(One):
    name: ClassVar[str] = "longtext"
    spelled: ClassVar[str] = "long text"

    def recognise(self, seen: Observed) -> dict[str, Any] | None:
        texts = seen.texts
        if len(texts) < 0.8 * len(seen.values) or not texts:
            return None
        if sum("\n" in text.strip() for text in texts) >= max(1, 0.1 * len(texts)):
            return {}
        # What is a line in one collection and several in another is written alike: judged by all of them.
        lengths = [len(text) for text in (*seen.elsewhere, *texts)]
        median, over = statistics.median(lengths), sum(length > LINE for length in lengths)
        if any(word in seen.name.lower() for word in PROSE):
            return {} if over >= 2 or median >= 80 or (over and median >= 60) else None
        return {} if median > LINE or over >= max(2, 0.25 * len(lengths)) else None

    def fits(self, value: Found, field: Field) -> bool:
        return isinstance(value, str) and is_scalar(value)

    def control(self, value: Found, field: Field) -> str:
        return "lines"

    def from_form(self, text: str, old: Found, field: Field) -> Found:
        refuse_unwritable(text)
        return text or cleared(field)
