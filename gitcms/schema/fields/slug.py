"""One part of an address: letters, digits and hyphens."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from gitcms.content.values import Found, Value
from gitcms.schema.collection import Field
from gitcms.schema.fields.base import Observed, One, cleared, is_line, like, refuse_unwritable, words_of
from gitcms.schema.generators import slug_of

NAMES = frozenset({"slug", "permaslug", "shorturl", "id"})

OWN = frozenset({"slug", "permaslug", "shorturl"})
"""Names that mean nothing else."""

_SLUG = re.compile(r"\w+(?:[-._~]+\w+)*")


class Slug(One):
    name: ClassVar[str] = "slug"
    spelled: ClassVar[str] = "slug"

    def recognise(self, seen: Observed) -> dict[str, Any] | None:
        if not {seen.name.lower(), *words_of(seen.name)[-1:]} & NAMES:
            return None
        slugs = seen.share(is_slug)
        if seen.name.lower() in OWN:
            return {} if slugs >= 0.5 else None  # and one with a blank here and there
        if slugs < 0.9:
            return None
        # The identities of other systems are words of their own, and hold capitals: `Gt-iG6RcU2Y`.
        hyphens = seen.share(lambda value: isinstance(value, str) and "-" in value, 0.25)
        small = seen.share(lambda value: isinstance(value, str) and value == value.lower(), 0.75)
        own = sum(value == slug_of(place) for value, place in seen.placed()) * 2 > len(seen.values)
        return {} if (hyphens >= 0.25 and small >= 0.75) or own else None

    def fits(self, value: Found, field: Field) -> bool:
        return is_line(value)

    def from_form(self, text: str, old: Found, field: Field) -> Found:
        refuse_unwritable(text)
        return like(text.strip(), old) if text.strip() else cleared(field)

    def problem(self, value: Value, field: Field) -> str | None:
        if is_slug(value):
            return None
        return "Write letters, digits and hyphens, with no spaces and no slashes"


def is_slug(value: Value) -> bool:
    """Tell whether a value can be one part of an address, in any script."""
    return isinstance(value, str) and bool(_SLUG.fullmatch(value))
