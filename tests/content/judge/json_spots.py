"""Where the values of JSON stand: the standard library's decoder says where each of them ends.

Fields between `;;;` are the pairs of an object without its braces.
"""

from __future__ import annotations

import json
import re
from typing import Any

from tests.content.judge.spots import Pair, Spot, Unreadable

DECODE = json.JSONDecoder().raw_decode
BLANK = re.compile(r"[ \t\r\n]*")


def readings(text: str) -> list[Any]:
    """:raises Unreadable: it is no object."""
    try:
        value = json.loads(text if text.lstrip()[:1] == "{" else "{" + text + "}")
    except (ValueError, RecursionError) as error:
        raise Unreadable(str(error)) from error
    if not isinstance(value, dict):
        raise Unreadable("no object")
    return [_reading(value)]


def locate(text: str) -> Spot:
    """:raises Unreadable: it is no object."""
    readings(text)
    at = _blank(text, 0)
    if text[at : at + 1] == "{":
        return _value(text, at)
    root = Spot("map", -1, len(text.rstrip()), flow=True)
    _fill(root, text, at)
    return root


def _value(text: str, at: int) -> Spot:
    value, end = DECODE(text, at)
    if isinstance(value, dict | list):
        spot = Spot("map" if isinstance(value, dict) else "list", at, end, flow=True)
        _fill(spot, text, _blank(text, at + 1))
        return spot
    return Spot("scalar", at, end, (_leaf(value),), '"' if isinstance(value, str) else "", True)


def _fill(spot: Spot, text: str, at: int) -> None:
    while text[at : at + 1] not in ("", "}", "]"):
        if spot.kind == "map":
            name, end = DECODE(text, at)
            part = _value(text, _blank(text, _blank(text, end) + 1))
            spot.pairs.append(Pair(name, at, end, part, '"', [(at, end)]))
        else:
            part = _value(text, at)
            spot.items.append(part)
        at = _blank(text, part.end)
        if text[at : at + 1] == ",":
            at = _blank(text, at + 1)


def _blank(text: str, at: int) -> int:
    found = BLANK.match(text, at)
    return found.end() if found else at


def _leaf(value: Any) -> tuple[str, Any]:
    if value is None:
        return "null", None
    return type(value).__name__, repr(value) if isinstance(value, float) else value


def _reading(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _reading(part) for name, part in value.items()}
    return [_reading(part) for part in value] if isinstance(value, list) else _leaf(value)
