"""What is shown and kept, and never changed here: values that only the file itself can spell."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from marshmallow import fields as mm

from gitcms.content.values import Found, Raw
from gitcms.schema.collection import Field
from gitcms.schema.fields.base import Observed, SchemaOf, judged, text_of


class RawValue:
    name: ClassVar[str] = "raw"
    spelled: ClassVar[str] = "raw"
    shape: ClassVar[Literal["one", "group", "many", "none"]] = "none"
    plain: ClassVar[bool] = False
    automatic: ClassVar[bool] = False

    def recognise(self, seen: Observed) -> dict[str, Any] | None:
        return {}

    def fits(self, value: Found, field: Field) -> bool:
        return True

    def control(self, value: Found, field: Field) -> str:
        return "raw"

    def to_form(self, value: Found, field: Field) -> str:
        if isinstance(value, Raw):
            return value.text
        return (
            repr(value)
            if isinstance(value, (dict, list))
            else text_of(value).encode("utf-8", "replace").decode()
        )

    def from_form(self, text: str, old: Found, field: Field) -> Found:
        return old

    def marshmallow(self, field: Field, schema: SchemaOf) -> mm.Field[Any]:
        return judged(field, lambda value, field: None)
