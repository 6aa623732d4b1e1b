"""`#+KEY: value` lines: texts, lists of words, lists of tags, and keys that stand there more than once."""

from __future__ import annotations

import re
from typing import Any

from tests.content.judge.spots import Pair, Spot, Unreadable

LINE = re.compile(r"#\+([A-Za-z][^:\r\n\[]*)(\[\])?:[ \t]*([^\r\n]*?)[ \t]*\r?(?:\n|\Z)")


def locate(text: str) -> Spot:
    """:raises Unreadable: a line is no keyword."""
    root = Spot("map", 0, len(text))
    found: dict[str, list[re.Match[str]]] = {}
    at = 0
    while at < len(text):
        line = LINE.match(text, at)
        if line is None:
            raise Unreadable("a line that is no keyword")
        found.setdefault(line[1].lower(), []).append(line)
        at = line.end()
    for name, lines in found.items():
        places = [line.span(1) for line in lines]
        root.pairs.append(Pair(name, *places[0], _spot(name, lines), "", places))
    return root


def readings(text: str) -> list[Any]:
    """Names in small letters, with their text or texts."""
    return [{pair.name: _value(pair.spot) for pair in locate(text).pairs}]


def _spot(name: str, lines: list[re.Match[str]]) -> Spot:
    first, last = lines[0], lines[-1]
    if len(lines) > 1:
        items = [_scalar(line, *line.span(3)) for line in lines]
        zone = (first.start(), last.end())
        return Spot("list", *zone, flow=True, items=items, zones=[line.span() for line in lines])
    tags = name == "filetags" and re.fullmatch(r":.*:", first[3]) is not None
    if not tags and not first[2]:
        return _scalar(first, *first.span(3))
    words = re.finditer("[^:]+" if tags else r"\S+", first[3])
    start = first.start(3)
    items = [_scalar(first, start + word.start(), start + word.end()) for word in words]
    # The sign before the first word, a blank or a colon, is the list's own.
    return Spot("list", start - (not tags), first.end(3), flow=True, items=items)


def _scalar(line: re.Match[str], start: int, end: int) -> Spot:
    return Spot("scalar", start, end, (("str", line.string[start:end]),), flow=True)


def _value(spot: Spot) -> Any:
    return spot.leaves[0] if spot.kind == "scalar" else [item.leaves[0] for item in spot.items]
