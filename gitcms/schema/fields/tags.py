"""A list of short texts in one control, separated by commas; one a line where a text holds a comma."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, ClassVar

from gitcms.content.values import Found, Value
from gitcms.schema.collection import Field
from gitcms.schema.fields.base import (
    BadField,
    Observed,
    One,
    cleared,
    is_line,
    is_scalar,
    kinds_of,
    like,
    refuse_unwritable,
    text_of,
    words_of,
)
from gitcms.schema.fields.select import is_closed

MOST_TAGS = 1000
NAMES = ("tags", "keywords")
NO_TAGS = frozenset({"alias", "aliases", "redirect", "redirects", "features", "signatures", "breadcrumbs"})
"""Words of keys whose items each stand alone: one a line, and none is a tag."""
GROWING = frozenset(
    {"tag", "tags", "keyword", "keywords", "categories", "topics", "series", "labels", "archive", "archives"}
    | {"author", "authors", "people", "members", "contributors"}
)
"""Words of keys whose lists grow with the entries, however few values there are now."""

_ADDRESS = re.compile(r"(?:/|[a-z]+://)\S*|\S+\.(?:html?|mdx?)(?:#\S*)?", re.IGNORECASE)


class Tags(One):
    name: ClassVar[str] = "tags"
    spelled: ClassVar[str] = "tags"
    plain: ClassVar[bool] = False

    def recognise(self, seen: Observed) -> dict[str, Any] | None:
        lists = [value for value in seen.values if isinstance(value, list)]
        named = not lists and (seen.name.lower() in NAMES or _are_categories(seen))
        if not (lists or named):
            return None
        single = sum(is_line(value) for value in seen.values)
        if len(lists) + single < 0.9 * len(seen.values):
            return None
        filled = [value for value in lists if value]
        if sum(map(_is_taggable, filled)) < 0.9 * len(filled):
            return None
        items = [item for value in filled for item in value if is_scalar(item)]
        if any(isinstance(item, bool) for item in items):
            return None
        words, counts = set(words_of(seen.name)), Counter(map(text_of, items))
        if not words.isdisjoint(NO_TAGS) or _is_prose(counts):
            return None
        if words.isdisjoint(GROWING) and len(filled) >= 4 and len(counts) == len(items) >= 8:
            return None  # tags come back from entry to entry
        options = {"kinds": kinds_of(items), "one_or_list": single > 0, "single": single > len(lists)}
        return {"options": options}

    def fits(self, value: Found, field: Field) -> bool:
        return _is_taggable(value) if isinstance(value, list) else is_line(value)

    def control(self, value: Found, field: Field) -> str:
        return "lines" if _has_commas(value) else "text"

    def to_form(self, value: Found, field: Field) -> str:
        if not isinstance(value, list):
            return text_of(value)
        return ("\n" if _has_commas(value) else ", ").join(map(text_of, value))

    def from_form(self, text: str, old: Found, field: Field) -> Found:
        refuse_unwritable(text.replace("\n", "").replace("\r", ""))
        words = [word.strip() for word in (text.splitlines() if _has_commas(old) else text.split(","))]
        words = [word for word in words if word]
        if len(words) > MOST_TAGS:
            raise BadField(f"These are more than {MOST_TAGS}. Take some out")
        if not words:
            return cleared(field)
        if isinstance(old, str) and old:
            return text.strip() if len(words) == 1 or "," in old else list(words)
        if not isinstance(old, list) and field.options.get("single") and len(words) == 1:
            return words[0]
        return kept_items(words, old if isinstance(old, list) else [], field.options.get("kinds", ()))


def _are_categories(seen: Observed) -> bool:
    """Tell whether texts are categories, one or several with blanks between, as Jekyll reads them."""
    return seen.name.lower() == "categories" and not is_closed(Counter(seen.texts), seen.name)


def _is_prose(counts: Counter[str]) -> bool:
    """Tell whether items are sentences or addresses, which nobody uses for a second entry."""
    long = sum(times for item, times in counts.items() if len(item) > 80 or len(item.split()) > 4)
    addresses = sum(times for item, times in counts.items() if _ADDRESS.fullmatch(item))
    return long > 0.3 * counts.total() or addresses > 0.5 * counts.total()


def kept_items(words: Sequence[str], old: Sequence[Value], kinds: Sequence[str] = ()) -> list[Value]:
    """Return the words as values; a word that was there already is the very value it was."""
    there: dict[str, deque[Value]] = {}
    for item in old:
        there.setdefault(text_of(item).strip(), deque()).append(item)
    return [
        there[word].popleft() if there.get(word) else like(word, old[0] if old else None, kinds)
        for word in words
    ]


def _has_commas(value: Found) -> bool:
    return isinstance(value, list) and any("," in text_of(item) for item in value)


def _is_taggable(value: Found) -> bool:
    return isinstance(value, list) and len(value) <= MOST_TAGS and all(map(_is_tag, value))


def _is_tag(item: Value) -> bool:
    return _is_word(item) if isinstance(item, str) else is_scalar(item)


@lru_cache(maxsize=4096)
def _is_word(text: str) -> bool:
    return is_scalar(text) and bool(text.strip()) and not _breaks(text)


def _breaks(text: str) -> bool:
    """Tell whether a text has more than one line, as `str.splitlines` would see it."""
    return len(text.splitlines()) > 1 or text != text.rstrip("\r\n")
