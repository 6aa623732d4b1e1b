"""An email address."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from gitcms.content.values import Found, Value
from gitcms.schema.collection import Field
from gitcms.schema.fields.base import (
    Observed,
    One,
    bare,
    cleared,
    is_line,
    refuse_unwritable,
    text_of,
    whole,
)

_ADDRESS = re.compile(r"[^\s@<>,;]{1,64}@[^\s@<>,;.]+(?:\.[^\s@<>,;.]+)+")


class Email(One):
    name: ClassVar[str] = "email"
    spelled: ClassVar[str] = "e-mail"

    def recognise(self, seen: Observed) -> dict[str, Any] | None:
        return (
            {} if seen.share(lambda value: self.problem(value, Field("", "")) is None, 0.9) >= 0.9 else None
        )

    def fits(self, value: Found, field: Field) -> bool:
        return is_line(value)

    def control(self, value: Found, field: Field) -> str:
        return "email"

    def to_form(self, value: Found, field: Field) -> str:
        return bare(text_of(value), field)

    def from_form(self, text: str, old: Found, field: Field) -> Found:
        refuse_unwritable(text)
        return whole(text.strip(), field) or cleared(field)

    def problem(self, value: Value, field: Field) -> str | None:
        if isinstance(value, str) and len(value) < 255 and _ADDRESS.fullmatch(value):
            return None
        return "Write an email address, such as name@example.org"
