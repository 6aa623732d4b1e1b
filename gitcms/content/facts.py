"""What one content says: its values as JSON, each value as a key to filter and sort by, its words.

Here: bytes in, facts out. Not here: tables, and what a value means in its collection.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import islice
from typing import Any

from gitcms.content.document import Document, body_of
from gitcms.content.values import Raw, Value
from gitcms.errors import DocumentTooLarge

EXCERPT = 600
"""Characters of the text that lists show the beginning of."""
LONGEST_KEY = 200
NO_NUMBER = math.inf
"""Behind all numbers, so that an order by a field has its numbers first and then its words."""
MOST_KEYS = 400
"""Values of one content that can be filtered by; front matter with more is a database of its own."""
OURS = "\x1f"
"""Begins names that the index gives to what it works out; a field that is called so is left out."""
MOST_WORDS = 400_000
"""Characters of a text that can be searched."""

# Scripts without spaces between words: Han, Hiragana, Katakana, Hangul, Thai, Lao, Khmer, Burmese.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
RUN = re.compile(f"[{_UNSPACED}]+")


@dataclass(frozen=True, slots=True)
class Facts:
    """What lists show of a content: its values as `packed`, and the first words of its text."""

    format: str
    fields: str
    excerpt: str
    readable: bool


@dataclass(frozen=True, slots=True)
class Words:
    """What a content is filtered and searched by: its keys, all that its values say, and its text.

    `partly` tells that there is more than is kept.
    """

    keys: tuple[tuple[str, int, str, float], ...]
    said: str
    text: str
    partly: bool = False


UNREADABLE = Facts("", "{}", "", readable=False)
SILENT = Words((), "", "")


def facts_of(data: bytes, path: str = "") -> Facts:
    """Read a content. One that cannot be read says nothing, and is no error.

    :param path: of a file that holds it; by its name a data file is told.
    """
    try:
        document = Document.parse(data, path, skim=True)
    except DocumentTooLarge:
        return UNREADABLE
    return Facts(
        document.format,
        packed(document.values),
        document.body[:EXCERPT],
        readable=document.problem is None,
    )


def words_of(data: bytes, path: str, facts: Facts) -> Words:
    """Return the words of a content whose facts are known: its fields are not read again.

    Marks of Markdown are no words.
    """
    if not facts.format:
        return SILENT
    keys = tuple(_keys(unpacked(facts.fields)))
    said = " ".join(text for _, _, text, number in keys if number == NO_NUMBER)
    body = body_of(data, path)
    cut = len(keys) >= MOST_KEYS or any(len(text) >= LONGEST_KEY for _, _, text, _ in keys)
    return Words(keys, searched(said), searched(body[:MOST_WORDS]), cut or len(body) > MOST_WORDS)


def packed(values: Mapping[str, Value]) -> str:
    """Values as JSON, from which `unpacked` makes the same ones."""
    return _ENCODER.encode(values)


def unpacked(fields: str) -> dict[str, Value]:
    """The values that were packed."""
    values: dict[str, Value] = _DECODER.decode(fields)
    return values


def unpacked_all(packed_ones: Iterable[str]) -> list[dict[str, Value]]:
    """As `unpacked`, for several at once: keys that they share are one text in memory."""
    values: list[dict[str, Value]] = _DECODER.decode(f"[{','.join(packed_ones)}]")
    return values


def key_of(value: Value) -> tuple[str, float]:
    """What a value is compared by: its number or moment, or `NO_NUMBER`; and its words in small letters."""
    if isinstance(value, bool):
        return str(value).lower(), float(value)
    if isinstance(value, int | float):
        return str(value), float(value) if abs(value) < 1e300 else NO_NUMBER
    if isinstance(value, datetime):
        return value.isoformat(" "), (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    if isinstance(value, date):
        return value.isoformat(), datetime(value.year, value.month, value.day, tzinfo=UTC).timestamp()
    if isinstance(value, Raw):
        return value.text.casefold()[:LONGEST_KEY], NO_NUMBER
    return " ".join(str("" if value is None else value).casefold().split())[:LONGEST_KEY], NO_NUMBER


def searched(text: str) -> str:
    """A text with the scripts that put no spaces between words in pairs of letters, as it is searched."""
    if text.isascii():
        return text  # as most are
    return RUN.sub(lambda run: f" {' '.join(pairs(run[0]))} ", text)


def pairs(run: str) -> list[str]:
    """The pairs of neighbours in a run of letters; a lone letter stays alone."""
    return [run[at : at + 2] for at in range(len(run) - 1)] or [run]


def _keys(values: Mapping[str, Value]) -> Iterator[tuple[str, int, str, float]]:
    counts: dict[str, int] = {}
    for name, value in islice(flat(values), MOST_KEYS):
        if name.startswith(OURS):
            continue
        text, number = key_of(value)
        at = counts.get(name, 0)
        counts[name] = at + 1
        yield name, at, text, number


def flat(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Value]]:
    """Yield the values inside others with their dotted names; those of a list have the name of the list."""
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from flat(part, (*path, str(name)))
    elif isinstance(value, list):
        for part in value:
            yield from flat(part, path)
    elif path:
        yield ".".join(path), value


_MARK = "\x00"


def _marked(value: object) -> dict[str, str]:
    if isinstance(value, datetime):
        return {_MARK: "datetime", "is": value.isoformat()}
    if isinstance(value, date):
        return {_MARK: "date", "is": value.isoformat()}
    if isinstance(value, time):
        return {_MARK: "time", "is": value.isoformat()}
    assert isinstance(value, Raw), value
    return {_MARK: "raw", "is": value.text, "reason": value.reason}


def _unmarked(found: dict[str, Any]) -> Any:
    kind = found.get(_MARK)
    if kind is None:
        return found
    if kind == "raw":
        return Raw(found["is"], found["reason"])
    return _MADE[kind](found["is"])


_MADE: Mapping[str, Callable[[str], Value]] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
}


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_marked)
_DECODER = json.JSONDecoder(object_hook=_unmarked)
