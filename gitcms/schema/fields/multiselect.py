"""Several of a set of values: check boxes, or words with suggestions where the set is long or open."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from typing import Any, ClassVar

from gitcms.content.values import Found, Value
from gitcms.schema.collection import Field
from gitcms.schema.fields.base import Observed, cleared, is_line, refuse_unwritable, text_of, words_of
from gitcms.schema.fields.select import LONGEST_CHOICE
from gitcms.schema.fields.tags import GROWING, Tags, kept_items

MOST_BOXES = 12


class MultiSelect(Tags):
    name: ClassVar[str] = "multiselect"
    spelled: ClassVar[str] = "multi-select"

    def recognise(self, seen: Observed) -> dict[str, Any] | None:
        if super().recognise(seen) is None or seen.share(lambda value: isinstance(value, list)) < 0.95:
            return None
        if not set(words_of(seen.name)).isdisjoint(GROWING):
            return None
        items = [item for value in seen.values if isinstance(value, list) for item in value]
        counts = Counter(map(text_of, items))
        if not all(map(is_line, items)) or not _is_set(counts):
            return None
        return {"choices": tuple(sorted(counts, key=lambda choice: (-counts[choice], choice)))}

    def control(self, value: Found, field: Field) -> str:
        """Return "checks", or what `Tags` would use. `options["as"]` is "checks" or "tokens"."""
        boxes = field.options.get("as") or ("checks" if len(field.choices) <= MOST_BOXES else "tokens")
        return "checks" if boxes == "checks" and field.choices else super().control(value, field)

    def to_form(self, value: Found, field: Field) -> str:
        if self.control(value, field) != "checks":
            return super().to_form(value, field)
        return "\n".join(map(text_of, value if isinstance(value, list) else [value]))

    def from_form(self, text: str, old: Found, field: Field) -> Found:
        if self.control(old, field) != "checks":
            return super().from_form(text, old, field)
        refuse_unwritable(text.replace("\n", ""))
        chosen = [line for line in text.split("\n") if line]
        if not chosen:
            return cleared(field)
        if is_line(old) and chosen == [old]:
            return old
        return kept_items(in_old_order(chosen, old), old if isinstance(old, list) else [], _kinds(field))

    def problem(self, value: Value, field: Field) -> str | None:
        return None


def _is_set(counts: Mapping[str, int]) -> bool:
    """Tell whether words that occur so often are a small closed set."""
    total, rare = sum(counts.values()), sum(count == 1 for count in counts.values())
    few = 2 <= len(counts) <= MOST_BOXES and max(map(len, counts)) <= LONGEST_CHOICE
    words = not all(map(str.isdigit, counts))
    return few and words and total >= max(8, 3 * len(counts)) and rare * 2 <= len(counts)


def in_old_order(chosen: list[str], old: Found) -> list[str]:
    """Return what is chosen: what was there already in its old order, then the rest."""
    left = deque(chosen)
    first: list[str] = []
    for item in map(text_of, old if isinstance(old, list) else [old]):
        if item in left:
            left.remove(item)
            first.append(item)
    return [*first, *left]


def _kinds(field: Field) -> tuple[str, ...]:
    kinds: tuple[str, ...] = field.options.get("kinds", ())
    return kinds
