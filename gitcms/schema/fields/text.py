"""Text of one line. Also the type of keys whose values are now text, now numbers."""

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
    is_scalar,
    kinds_of,
    like,
    refuse_unwritable,
    text_of,
    whole,
)

YEARS = re.compile(r"\d{4}(?:\s?[-–/]\s?(?:\d{2}|\d{4}))?", re.ASCII)


class Text(One):
    """Where `options` have a `prefix` or a `suffix`, these stand in the file and not in the control."""

    name: ClassVar[str] = "text"
    spelled: ClassVar[str] = "text"

    def recognise(self, seen: Observed) -> dict[str, Any] | None:
        if seen.share(is_scalar, 0.5) < 0.5:
            return None
        options: dict[str, Any] = {"kinds": kinds_of(seen.values)}
        if len(seen.values) >= 3 and all(YEARS.fullmatch(text_of(value)) for value in seen.values):
            options["pattern"] = "years"
        return {"options": options}

    def fits(self, value: Found, field: Field) -> bool:
        return is_scalar(value)

    def control(self, value: Found, field: Field) -> str:
        text = text_of(value)
        return "lines" if "\n" in text or "\r" in text else "text"

    def to_form(self, value: Found, field: Field) -> str:
        return bare(text_of(value), field)

    def from_form(self, text: str, old: Found, field: Field) -> Found:
        refuse_unwritable(text)
        text = whole(text, field)
        return like(text, old, field.options.get("kinds", ())) if text else cleared(field)

    def problem(self, value: Value, field: Field) -> str | None:
        if field.options.get("pattern") == "years" and not YEARS.fullmatch(text_of(value).strip()):
            return "Write a year, such as 2025 or 2013-2014"
        return None
