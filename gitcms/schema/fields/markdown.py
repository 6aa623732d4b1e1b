"""Text of several lines that is formatted as Markdown."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from gitcms.schema.fields.base import Observed
from gitcms.schema.fields.longtext import LongText

_MARKS = re.compile(r"\]\(\S|\*\*\S|^#{1,6} |^[-*] |^> |`\S", re.MULTILINE)
_LINK = re.compile(r"\[[^\]\n]+\]\((?:https?:|mailto:|/)\S+\)")
_TAG = re.compile(r"<(?:p|div|strong|em|b|i|ul|ol|h[1-6]|a)[ >]", re.IGNORECASE)


class Markdown(LongText):
    name: ClassVar[str] = "markdown"
    spelled: ClassVar[str] = "markdown"

    def recognise(self, seen: Observed) -> dict[str, Any] | None:
        long = super().recognise(seen)
        linked = sum("](" in text and bool(_LINK.search(text)) for text in seen.texts)
        if linked >= max(2, 0.25 * len(seen.values)):
            return {}
        if long is None:
            return None
        marked = sum(bool(_MARKS.search(text)) for text in seen.texts)
        tagged = sum(bool(_TAG.search(text)) for text in seen.texts)
        if marked >= max(2, 0.2 * len(seen.values)) or tagged >= max(2, 0.8 * len(seen.values)):
            return long
        return None
