"""A piece of source text, in letters of one width."""

from __future__ import annotations

from typing import Any, ClassVar

from gitcms.content.values import Found
from gitcms.schema.collection import Field
from gitcms.schema.fields.base import Observed, words_of
from gitcms.schema.fields.longtext import LongText

LANGUAGES = {
    "code": "",
    "snippet": "",
    "script": "js",
    "js": "js",
    "javascript": "js",
    "css": "css",
    "html": "html",
    "svg": "svg",
    "sql": "sql",
    "mermaid": "mermaid",
}
"""Last words of keys that hold source text, and what that is written in."""


class Code(LongText):
    """`options["language"]` names what it is written in, for readers."""

    name: ClassVar[str] = "code"
    spelled: ClassVar[str] = "code"

    def recognise(self, seen: Observed) -> dict[str, Any] | None:
        last = words_of(seen.name)[-1:]
        if not last or last[0] not in LANGUAGES:
            return None
        lines = seen.share(lambda value: isinstance(value, str) and "\n" in value.strip(), 0.5)
        language = LANGUAGES[last[0]]
        return {"options": {"language": language} if language else {}} if lines >= 0.5 else None

    def control(self, value: Found, field: Field) -> str:
        return "code"
