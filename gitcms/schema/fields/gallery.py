"""A list of pictures."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from gitcms.content.values import Found
from gitcms.schema.collection import Field
from gitcms.schema.fields.base import Observed, is_line
from gitcms.schema.fields.image import Image, is_image
from gitcms.schema.fields.list import List


class Gallery(List):
    name: ClassVar[str] = "gallery"
    spelled: ClassVar[str] = "gallery"

    def recognise(self, seen: Observed) -> dict[str, Any] | None:
        if not seen.holds(list):
            return None
        lists = [(value, place) for value, place in seen.placed() if isinstance(value, list)]
        items = [(item, place) for value, place in lists for item in value]
        if len(lists) < 0.9 * len(seen.values) or not items:
            return None
        if sum(is_image(item) for item, _ in items) < 0.9 * len(items):
            return None
        item = seen.part(seen.name, items, len(items))
        return {"item": item if item.type == Image.name else replace(item, type=Image.name)}

    def fits(self, value: Found, field: Field) -> bool:
        return isinstance(value, list) and all(is_line(item) for item in value)
