"""Text of several lines, without formatting."""

from __future__ import annotations

import statistics
from typing import Any, ClassVar

from gitcms.content.values import Found
from gitcms.schema.collection import Field
from gitcms.schema.fields.base import Observed, One, cleared, is_scalar, refuse_unwritable, words_of

PROSE = (
    *("desc", "summary", "excerpt", "abstract", "lede", "bio", "teaser", "intro", "deck", "note"),
    *("synopsis", "blurb", "overview", "quote", "answer", "details", "message"),
    *("beschreibung", "resum", "résum", "zusammenfassung", "sinopsis"),
)
ONE_LINE = frozenset({"title", "name", "heading", "headline", "label"})
"""Last words of keys whose values are one line, long as it may be."""
LINE = 120
"""Characters that a control of one line can show."""
SENTENCE = 80
"""Characters that a value is shorter than, as a rule, where nobody writes sentences."""


class LongText(One):
    name: ClassVar[str] = "longtext"
    spelled: ClassVar[str] = "long text"

    def recognise(self, seen: Observed) -> dict[str, Any] | None:
        texts = seen.texts
        if len(texts) < 0.8 * len(seen.values) or not texts:
            return None
        if 2 * sum(len(text) > SENTENCE and _is_one_word(text) for text in texts) > len(texts):
            return None
        if sum("\n" in text.strip() for text in texts) >= max(1, 0.1 * len(texts)):
            return {}
        # What is a line in one collection and several in another is written alike: judged by all of them.
        lengths = [len(text) for text in (*seen.elsewhere, *texts)]
        median, over = statistics.median(lengths), sum(length > LINE for length in lengths)
        if any(word in seen.name.lower() for word in PROSE):
            return {} if over >= 2 or median >= SENTENCE or (over and median >= 60) else None
        enough = SENTENCE if ONE_LINE.isdisjoint(words_of(seen.name)[-1:]) else LINE
        return {} if median >= enough or over >= max(2, 0.25 * len(lengths)) else None

    def fits(self, value: Found, field: Field) -> bool:
        return isinstance(value, str) and is_scalar(value)

    def control(self, value: Found, field: Field) -> str:
        return "lines"

    def from_form(self, text: str, old: Found, field: Field) -> Found:
        refuse_unwritable(text)
        return text or cleared(field)


def _is_one_word(text: str) -> bool:
    """Tell whether a text is a word with digits in it, as check sums, keys and addresses are."""
    return text.isascii() and len(text.split(None, 1)) == 1 and any(map(str.isdigit, text))
