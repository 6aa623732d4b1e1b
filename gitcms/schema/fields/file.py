"""A file of the site, named the way the site names its files. The file itself comes beside the text."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from gitcms.content.values import Found, Value
from gitcms.schema.collection import Field
from gitcms.schema.fields.base import Observed
from gitcms.schema.fields.image import Image

_NAME = re.compile(r"(?:https?://)?[^\s\"'<>|*\\][^\"'<>|*\\]*", re.IGNORECASE)


class File(Image):
    name: ClassVar[str] = "file"
    spelled: ClassVar[str] = "file"

    def recognise(self, seen: Observed) -> dict[str, Any] | None:
        return None

    def control(self, value: Found, field: Field) -> str:
        return "file"

    def problem(self, value: Value, field: Field) -> str | None:
        if isinstance(value, str) and _NAME.fullmatch(value) and not value.endswith("/"):
            return None
        return "Write the file’s name, such as /files/report.pdf"
