"""`Key: value` lines; lines that begin with white space go on with the value above."""

from __future__ import annotations

import re
from typing import Any

from tests.content.judge.spots import Pair, Spot, Unreadable

ENTRY = re.compile(r"([A-Za-z_][A-Za-z0-9_ -]*):([ \t]*)([^\n]*(?:\n[ \t]+[^\n]*)*)")


def locate(text: str) -> Spot:
    """:raises Unreadable: a line is none of a field."""
    root = Spot("map", 0, len(text))
    at = 0
    while at < len(text):
        found = ENTRY.match(text, at)
        if found is None:
            raise Unreadable("a line without a name")
        value = found[3].rstrip()
        start = found.start(3)
        lines = "\n".join(line.strip() for line in value.split("\n"))
        spot = Spot("scalar", start, start + len(value), (("str", lines),))
        name = found[1].strip()
        root.pairs.append(Pair(name, found.start(1), found.start(1) + len(name), spot, "", [found.span(1)]))
        at = min(found.end() + 1, len(text))
    return root


def readings(text: str) -> list[Any]:
    """Names with their text."""
    return [{pair.name: pair.spot.leaves[0] for pair in locate(text).pairs}]
