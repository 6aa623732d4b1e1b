"""Text of several lines that is formatted as Markdown."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from gitcms.schema.fields.base import Observed
from gitcms.schema.fields.longtext import LongText

_MARKS = re.compile(r"\]\(\S|\*\*\S|^#{1,6} |^[-*] |^> |`\S", re.MULTILINE)


class Markdown(LongText):
    name: ClassVar[str] = "markdown"

    def recognise(self, seen: Observed) -> dict[str, Any] | None:
        long = super().recognise(seen)
        marked = sum(bool(_MARKS.search(text)) for text in seen.texts)
        return long if marked >= max(2, 0.2 * len(seen.values)) else None
