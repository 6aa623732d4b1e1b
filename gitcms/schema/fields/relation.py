"""Another entry, or several, named by what the site names them with: an address, a title, any field.

Which entries there are is the index's to know, and shown by the page.
"""

from __future__ import annotations

from typing import Any, ClassVar

from gitcms.content.values import Found, Value
from gitcms.schema.collection import Field
from gitcms.schema.fields.base import (
    BadField,
    Observed,
    cleared,
    is_empty,
    is_line,
    is_scalar,
    like,
    refuse_unwritable,
    text_of,
)
from gitcms.schema.fields.tags import Tags, kept_items


class Relation(Tags):
    """Options: `collections` (names), `value` ("slug", "path", or the name of a field; "slug" by
    default), `multiple` (a list of them)."""

    name: ClassVar[str] = "relation"
    spelled: ClassVar[str] = "relation"

    def recognise(self, seen: Observed) -> dict[str, Any] | None:
        options = seen.relation(seen)
        return {"options": options} if options is not None else None

    def fits(self, value: Found, field: Field) -> bool:
        if isinstance(value, list):
            return super().fits(value, field)
        return is_line(value) or (is_scalar(value) and not isinstance(value, str))

    def control(self, value: Found, field: Field) -> str:
        return "relations" if is_many(value, field) else "relation"

    def to_form(self, value: Found, field: Field) -> str:
        return "\n".join(map(text_of, value)) if isinstance(value, list) else text_of(value)

    def from_form(self, text: str, old: Found, field: Field) -> Found:
        refuse_unwritable(text.replace("\n", ""))
        names = list(dict.fromkeys(line.strip() for line in text.split("\n") if line.strip()))
        kinds = field.options.get("kinds", ())
        if not names:
            return cleared(field)
        if len(names) == 1 and not isinstance(old, list) and not (is_many(old, field) and is_empty(old)):
            return like(names[0], old, kinds)
        if not is_many(old, field):
            raise BadField("Choose one only")
        before = old if isinstance(old, list) else [] if is_empty(old) else [old]
        return kept_items(names, before, kinds)  # type: ignore[arg-type]

    def problem(self, value: Value, field: Field) -> str | None:
        return None


def is_many(value: Found, field: Field) -> bool:
    """Tell whether a list of entries stands here, or is to."""
    return isinstance(value, list) or bool(field.options.get("multiple"))


def names_in(value: Found) -> list[str]:
    """Return the names of entries that a value holds."""
    return [text_of(one) for one in (value if isinstance(value, list) else [value]) if not is_empty(one)]
