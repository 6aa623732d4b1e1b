"""A name that no other entry has, made once and kept: a universally unique identifier (RFC 9562)."""

from __future__ import annotations

import base64
import re
import uuid
from typing import Any, ClassVar

from gitcms.content.values import Found, Value
from gitcms.schema.collection import Field
from gitcms.schema.fields.base import Observed, One, cleared, is_line, refuse_unwritable

_SHORT = re.compile(r"[a-z2-7]{26}", re.IGNORECASE)
"""The same 128 bits in base 32 (RFC 4648), without what fills it up."""
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class Uuid(One):
    """`options["prefix"]` stands before the identifier."""

    name: ClassVar[str] = "uuid"
    spelled: ClassVar[str] = "uuid"
    automatic: ClassVar[bool] = True

    def recognise(self, seen: Observed) -> dict[str, Any] | None:
        return {} if seen.share(lambda value: _is_uuid(value, ""), 0.9) >= 0.9 else None

    def fits(self, value: Found, field: Field) -> bool:
        return is_line(value)

    def start(self, field: Field) -> Found:
        made = uuid.uuid4()
        short = base64.b32encode(made.bytes).decode().rstrip("=").lower()
        return f"{field.options.get('prefix', '')}{short if field.options.get('base32') else made}"

    def from_form(self, text: str, old: Found, field: Field) -> Found:
        refuse_unwritable(text)
        return text.strip() or cleared(field)

    def problem(self, value: Value, field: Field) -> str | None:
        prefix = str(field.options.get("prefix", ""))
        short = isinstance(value, str) and value.startswith(prefix) and _SHORT.fullmatch(value[len(prefix) :])
        if _is_uuid(value, prefix) or (short and field.options.get("base32")):
            return None
        return f"Leave this as it was made, such as {prefix}2f1c8a3e-5b64-4c1d-9a57-0d3e6f8b2a41"


def _is_uuid(value: Value, prefix: str) -> bool:
    return isinstance(value, str) and value.startswith(prefix) and bool(_UUID.fullmatch(value[len(prefix) :]))
