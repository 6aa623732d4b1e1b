"""A colour, written the way style sheets write them."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from gitcms.content.values import Found, Value
from gitcms.schema.collection import Field
from gitcms.schema.fields.base import Observed, One, cleared, is_line, refuse_unwritable

HEX = re.compile(r"#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})", re.IGNORECASE)
_WORD = re.compile(r"[a-z]{3,20}|var\(--[\w-]+\)", re.IGNORECASE)
_FUNCTION = re.compile(r"(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch|color)\([-\w\s.,%/+]{1,80}\)", re.IGNORECASE)

_PALETTE = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)
"""What a palette of a browser gives."""
_CLEAR = re.compile(
    r"#[0-9a-f]{3}[0-9a-e]|#[0-9a-f]{6}(?!ff)[0-9a-f]{2}|(?:rgb|hsl)a\(.*|.*/.*", re.IGNORECASE
)
"""Colours with a transparency of their own."""


class Colour(One):
    name: ClassVar[str] = "colour"
    spelled: ClassVar[str] = "colour"

    def recognise(self, seen: Observed) -> dict[str, Any] | None:
        return {} if seen.share(_is_colour, 0.8) >= 0.8 else None

    def fits(self, value: Found, field: Field) -> bool:
        return is_line(value)

    def control(self, value: Found, field: Field) -> str:
        return "colour"

    def from_form(self, text: str, old: Found, field: Field) -> Found:
        refuse_unwritable(text)
        return text.strip() or cleared(field)

    def problem(self, value: Value, field: Field) -> str | None:
        if field.options.get("palette") is True and isinstance(value, str) and not _PALETTE.fullmatch(value):
            return "Choose a colour from the palette, such as #b4291a"
        if field.options.get("alpha") is False and isinstance(value, str) and _CLEAR.fullmatch(value):
            return "Write a colour that nothing shines through, such as #b4291a"
        if _is_colour(value) or (isinstance(value, str) and _WORD.fullmatch(value)):
            return None
        return "Write a colour, such as #b4291a or navy"


def _is_colour(value: Found) -> bool:
    """Tell whether a value can be nothing but a colour; a word such as `navy` may be anything."""
    return isinstance(value, str) and bool(HEX.fullmatch(value) or _FUNCTION.fullmatch(value))
