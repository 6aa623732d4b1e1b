"""A piece of source text, in letters of one width."""

from __future__ import annotations

from typing import Any, ClassVar

from gitcms.content.values import Found
from gitcms.schema.collection import Field
from gitcms.schema.fields.base import Observed
from gitcms.schema.fields.longtext import LongText


class Code(LongText):
    """`options["language"]` names what it is written in, for readers."""

    name: ClassVar[str] = "code"
    spelled: ClassVar[str] = "code"

    def recognise(self, seen: Observed) -> dict[str, Any] | None:
        return None

    def control(self, value: Found, field: Field) -> str:
        return "code"
