"""A web address, whole or on the site itself."""

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
    like,
    refuse_unwritable,
    text_of,
    whole,
)

_WHOLE = re.compile(r"(?:https?|ftp)://[^\s/?#]+\S*", re.IGNORECASE)
_OTHER = re.compile(r"(?:mailto|tel|magnet|xmpp|geo):\S+", re.IGNORECASE)
_OWN = re.compile(r"[/#?](?!\s)\S*")
_PATH = re.compile(r"(?=\S*[/:{]|\S+\.html?$)\S+", re.IGNORECASE)
_WAY = re.compile(r"(?:/[\w.~%-]+){2,}/?(?:#[\w-]+)?|/[\w.~%-]+/(?:#[\w-]+)?")
"""A path with a folder in it: an address, whatever its key is called."""
_PLACES = ("url", "permalink", "slug")
"""Names whose values are places on the site, also where no slash begins them: `post/first`."""
_FILLED_IN = re.compile(r"\{\{.*?\}\}|\{%.*?%\}")
"""What a generator puts in: the blanks in `/blog/{{ title | slugify }}/` are none of the address."""
_NAMES = ("url", "link", "href", "website", "homepage", "site", "canonical", "repo", "github", "twitter")


class Url(One):
    name: ClassVar[str] = "url"
    spelled: ClassVar[str] = "URL"

    def recognise(self, seen: Observed) -> dict[str, Any] | None:
        whole = seen.share(lambda value: isinstance(value, str) and bool(_WHOLE.fullmatch(value)), 0.5)
        own = seen.share(lambda value: isinstance(value, str) and is_address(value), 0.5)
        named = any(word in seen.name.lower() for word in _NAMES)
        if whole >= 0.9 or (named and whole >= 0.5):
            return {"options": {"own": own > whole}}
        texts = seen.texts
        if texts and len(texts) * 2 >= len(seen.values) and all(map(_WHOLE.fullmatch, texts)):
            return {"options": {"own": False}}  # and the number of an issue here and there
        if own >= 0.9 and (named or _are_ways(seen)):
            return {"options": {"own": True}}
        paths = seen.share(lambda value: isinstance(value, str) and bool(_PATH.fullmatch(value)), 0.8)
        return {"options": {"own": True}} if seen.name.lower() in _PLACES and paths >= 0.8 else None

    def fits(self, value: Found, field: Field) -> bool:
        return is_line(value)

    def control(self, value: Found, field: Field) -> str:
        return "url"

    def to_form(self, value: Found, field: Field) -> str:
        return bare(text_of(value), field)

    def from_form(self, text: str, old: Found, field: Field) -> Found:
        refuse_unwritable(text)
        return like(whole(text.strip(), field), old) if text.strip() else cleared(field)

    def problem(self, value: Value, field: Field) -> str | None:
        if isinstance(value, str) and is_address(value):
            return None
        return "Web addresses start with https:// and have no spaces"


def _are_ways(seen: Observed) -> bool:
    """Tell whether values are paths of the site that can hardly be anything else."""
    ways = seen.share(lambda value: isinstance(value, str) and bool(_WAY.fullmatch(value)), 0.9)
    return len(seen.values) >= 3 and ways >= 0.9


def is_address(text: str) -> bool:
    """Tell whether a text is an address: whole, a mail or phone link, or a path on this site."""
    plain = _FILLED_IN.sub("x", text) if "{" in text else text
    return any(shape.fullmatch(plain) for shape in (_WHOLE, _OTHER, _OWN))
