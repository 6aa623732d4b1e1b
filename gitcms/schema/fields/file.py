"""A file of the site, named the way the site names its files. The file itself comes beside the text."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from gitcms.content.values import Found, Value
from gitcms.schema.collection import Field
from gitcms.schema.fields.base import Observed, words_of
from gitcms.schema.fields.image import Image, is_refused, not_accepted

_NAME = re.compile(r"(?:https?://)?[^\s\"'<>|*\\][^\"'<>|*\\]*", re.IGNORECASE)

_FILE = re.compile(
    r"\S.*\.(?:pdf|zip|gz|tgz|docx?|xlsx?|pptx?|od[tsp]|csv|tsv|epub|mobi|ics|mp3|ogg|oga|wav|m4a|flac"
    r"|mp4|webm|mov|ogv|vtt|srt|ttf|woff2?|bib|json|ipynb|gpx|kml|txt|rtf|rar|7z|tar)(?:[?#].*)?",
    re.IGNORECASE,
)
FILES = frozenset({"file", "files", "pdf", "download", "attachment", "document", "audio", "video", "slides"})


class File(Image):
    name: ClassVar[str] = "file"
    spelled: ClassVar[str] = "file"

    def recognise(self, seen: Observed) -> dict[str, Any] | None:
        named = seen.share(lambda value: isinstance(value, str) and bool(_FILE.fullmatch(value)), 0.8)
        if named < 0.8 or seen.name.lower() == "permalink":
            return None
        own = seen.share(lambda value: isinstance(value, str) and "://" not in value)
        speaks = not set(words_of(seen.name)).isdisjoint(FILES)
        return {} if own >= 0.8 or speaks else None

    def control(self, value: Found, field: Field) -> str:
        return "file"

    def problem(self, value: Value, field: Field) -> str | None:
        if is_refused(value, field):
            return "Name a file of this site; one from elsewhere is not taken here"
        if sentence := not_accepted(value, field):
            return sentence
        if isinstance(value, str) and _NAME.fullmatch(value) and not value.endswith("/"):
            return None
        return "Write the file’s name, such as /files/report.pdf"
