"""Text of several lines, without formatting."""

from __future__ import annotations

import statistics
from typing import Any, ClassVar

from gitcms.content.values import Found
from gitcms.schema.collection import Field
from gitcms.schema.fields.base import Observed, One, cleared, is_scalar, refuse_unwritable

PROSE = ("description", "summary", "excerpt", "abstract", "lede", "bio", "teaser", "intro", "deck")


class LongText(One):
    name: ClassVar[str] = "longtext"
    spelled: ClassVar[str] = "long text"

    def recognise(self, seen: Observed) -> dict[str, Any] | None:
        texts = seen.texts
        if len(texts) < 0.8 * len(seen.values) or not texts:
            return None
        longest, median = max(map(len, texts)), statistics.median(map(len, texts))
        prose = any(word in seen.name.lower() for word in PROSE)
        lines = sum("\n" in text.strip() for text in texts) >= max(1, 0.1 * len(texts))
        if lines or median > 120 or (prose and (longest > 120 or median >= 80)):
            return {}
        return None

    def fits(self, value: Found, field: Field) -> bool:
        return isinstance(value, str) and is_scalar(value)

    def control(self, value: Found, field: Field) -> str:
        return "lines"

    def from_form(self, text: str, old: Found, field: Field) -> Found:
        refuse_unwritable(text)
        return text or cleared(field)
