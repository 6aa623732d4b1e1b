"""One of a small set of values that the entries repeat. Another one can always be written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, ClassVar

from gitcms.content.values import Found
from gitcms.schema.collection import Field
from gitcms.schema.fields.base import (
    Observed,
    One,
    cleared,
    is_line,
    is_scalar,
    kinds_of,
    like,
    refuse_unwritable,
    words_of,
)
from gitcms.schema.languages import is_language

MOST_CHOICES = 20
LONGEST_CHOICE = 40
FREE = (
    "text",
    "body",
    "content",
    "caption",
    "alt",
    "title",
    "description",
    "summary",
    "slug",
    "permalink",
    "url",
    "link",
    "path",
    "id",
)
LAYOUTS = frozenset({"layout", "template", "templatekey", "type", "status"})
"""Names that speak of a closed set however few the entries are."""
KINDS = frozenset(
    {"state", "category", "lang", "language", "locale", "section", "group", "kind", "platform", "size"}
    | {"position", "alignment", "align", "style", "theme", "variant", "priority", "difficulty", "visibility"}
    | {"estado", "tipo", "categoría", "categoria", "catégorie", "kategorie", "idioma", "langue", "sprache"}
    | {"typ", "statut", "sección", "abschnitt"}
)
"""Names that speak of a closed set, so that few entries tell enough; keys are not in English everywhere."""
OPTIONS = frozenset(
    {"left", "right", "center", "centre", "top", "bottom", "middle", "none", "auto", "default", "heading"}
    | {"small", "medium", "large", "wide", "narrow", "full", "dark", "light", "on", "off", "yes", "no"}
    | {"asc", "desc", "public", "private", "low", "high", "normal", "easy", "hard", "open", "closed"}
    | {"always", "hourly", "daily", "weekly", "monthly", "yearly", "never", "true", "false"}
)
"""Words that are nothing but settings."""
PEOPLE = frozenset(
    {"author", "owner", "editor", "organizer", "organiser", "host", "translator", "autor", "autora", "auteur"}
)
"""Names whose values are a few people or bodies again and again."""
_LANGUAGES = frozenset({"lang", "language", "locale", "idioma", "langue", "sprache"})
_COMPOUNDS = ("layout", "template", "type", "status", "category", "language", "position", "platform", "size")


class Select(One):
    name: ClassVar[str] = "select"
    spelled: ClassVar[str] = "select"

    def recognise(self, seen: Observed) -> dict[str, Any] | None:
        if seen.share(is_line, 0.95) < 0.95 or seen.name.lower() in FREE:
            return None
        counts = Counter(seen.texts)
        if not is_closed(counts, seen.name):
            # One vocabulary may be used in several places of an entry, and be told by all of them alone.
            everywhere = Counter(seen.inside.get(seen.name, ()))
            if len(everywhere) < 2 or not counts.keys() <= everywhere.keys():
                return None
            if not is_closed(everywhere, seen.name):
                return None
            counts = everywhere
        choices = tuple(sorted(counts, key=lambda choice: (-counts[choice], choice)))
        return {"choices": choices, "options": {"kinds": kinds_of(seen.values)}}

    def fits(self, value: Found, field: Field) -> bool:
        return is_line(value) or (is_scalar(value) and not isinstance(value, str))

    def control(self, value: Found, field: Field) -> str:
        """Return "select", or "radio" where `options["as"]` says so."""
        return "radio" if field.options.get("as") == "radio" and field.choices else "select"

    def from_form(self, text: str, old: Found, field: Field) -> Found:
        refuse_unwritable(text)
        return like(text, old, field.options.get("kinds", ())) if text else cleared(field)


def is_closed(counts: Mapping[str, int], name: str) -> bool:
    """Tell whether values that occur so often are a closed set, by what their key is called."""
    total, rare = sum(counts.values()), sum(count == 1 for count in counts.values())
    if not 1 <= len(counts) <= MOST_CHOICES:
        return False
    comes_back = total >= 3 * len(counts) and (rare * 2 <= len(counts) or rare * 10 <= total)
    # A sentence that stands once in the place of a word opens no set of words that come back.
    long = sum(count for choice, count in counts.items() if len(choice) > LONGEST_CHOICE)
    if long and not (comes_back and long * 10 < total):
        return False
    if {choice.lower() for choice in counts} <= OPTIONS:
        return True
    kind = _kind_of(name)
    if kind and len(counts) == 1:
        return kind not in _LANGUAGES and all(map(_is_word, counts))
    if kind in _LANGUAGES and all(map(is_language, counts)):
        return True
    if name.lower() in LAYOUTS:
        return comes_back or total >= 2 * len(counts) or all(map(_is_word, counts))
    if kind:
        small = len(counts) <= 3 and total >= 3
        some_come_back = kind in LAYOUTS and total >= 1.5 * len(counts)
        few = (small or some_come_back) and all(map(_is_word, counts))
        return comes_back or (total >= 3 and total >= 2 * len(counts)) or few
    if name.lower() in PEOPLE:
        once = rare * 2 > len(counts) > 5  # most of many who wrote did so once
        return len(counts) >= 2 and total >= 5 and total >= 2 * len(counts) and not once
    if name.lower() == "name":
        # People and things have names, but those of links are words such as "website" again and again.
        return len(counts) >= 2 and comes_back and total >= 4 * len(counts)
    return len(counts) >= 2 and comes_back


def _kind_of(name: str) -> str:
    """Return the word of a key that speaks of a closed set, or "": of `eventType`, `markerposition`."""
    words = words_of(name)
    if not words or name.lower() in LAYOUTS:
        return name.lower() if words else ""
    if words in (["sort", "by"], ["order", "by"]):
        return "kind"
    last = words[-1]
    if last in LAYOUTS or last in KINDS:
        return last
    return next((kind for kind in _COMPOUNDS if last.endswith(kind) and len(last) > len(kind) + 2), "")


def _is_word(text: str) -> bool:
    return " " not in text.strip()
