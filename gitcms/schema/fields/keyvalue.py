"""Names with a text each, any names: rows of two controls."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any, ClassVar

from gitcms.content.values import Found, Value
from gitcms.schema.collection import Field
from gitcms.schema.fields.base import (
    BadField,
    Observed,
    One,
    cleared,
    is_empty,
    is_scalar,
    like,
    refuse_unwritable,
    text_of,
)

MOST_PAIRS = 200
_KEY = re.compile(r"[\w.:@$-]+")
"""What a programmer calls a key; `Made in` and `/old/page/` are names that authors wrote."""


class KeyValue(One):
    """As text, a line is a pair: the name, a tab, the text."""

    name: ClassVar[str] = "keyvalue"
    spelled: ClassVar[str] = "key-value"
    plain: ClassVar[bool] = False

    def recognise(self, seen: Observed) -> dict[str, Any] | None:
        objects = [value for value in seen.values if isinstance(value, dict)]
        pairs = [(key, value) for one in objects for key, value in one.items()]
        if len(objects) < 0.8 * len(seen.values) or not pairs:
            return None
        if not all(is_empty(value) or is_scalar(value) for _, value in pairs):
            return None
        counts = Counter(key for key, _ in pairs)
        spoken = sum(not _KEY.fullmatch(str(key)) for key, _ in pairs)
        # Keys of a record come back from entry to entry; names that somebody chose do not.
        chosen = len(objects) >= 4 and len(counts) >= 8 and len(pairs) <= 2 * len(counts)
        return {} if spoken * 2 > len(pairs) or chosen else None

    def fits(self, value: Found, field: Field) -> bool:
        return (
            isinstance(value, dict)
            and len(value) <= MOST_PAIRS
            and all(_fits(key) and (one is None or _fits(one)) for key, one in value.items())
            and all(key == key.strip() and key for key in value)
        )

    def control(self, value: Found, field: Field) -> str:
        return "pairs"

    def to_form(self, value: Found, field: Field) -> str:
        if not isinstance(value, dict):
            return ""
        return "\n".join(f"{key}\t{text_of(one)}" for key, one in value.items())

    def from_form(self, text: str, old: Found, field: Field) -> Found:
        before = old if isinstance(old, dict) else {}
        pairs: dict[str, Value] = {}
        for key, _, one in (line.partition("\t") for line in text.split("\n")):
            refuse_unwritable(key + one)
            key = key.strip()
            if not key and not one.strip():
                continue
            if not key:
                raise BadField(f"Write a name beside “{one.strip()[:40]}”")
            if key in pairs:
                raise BadField(f"“{key}” is there twice. Give one of them another name")
            was = before.get(key)
            pairs[key] = was if key in before and text_of(was) == one else like(one, was)
        if len(pairs) > MOST_PAIRS:
            raise BadField(f"These are more than {MOST_PAIRS}. Take some out")
        return pairs or cleared(field)

    def problem(self, value: Value, field: Field) -> str | None:
        return None


def _fits(value: Value) -> bool:
    text = text_of(value)
    return is_scalar(value) and len(text.splitlines()) < 2 and not {"\t", "\n", "\r"} & set(text)
