"""Where the values of a TOML text stand, found by asking `tomllib` how far each of them reaches.

A value ends at the first sign that may end one and before which `tomllib` reads a whole value.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from tests.content.judge.spots import Pair, Spot, Unreadable

HEADER = re.compile(r"[ \t]*(\[\[?)(?![^\n]*=[^\n]*\[\[)([^\n]*?)\]\]?[ \t]*(?:#[^\n]*)?\r?(?:\n|\Z)")
KEY = re.compile(r"""[ \t]*((?:"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[A-Za-z0-9_-]+)(?:[ \t]*\.[ \t]*)?)""")
QUOTES = ('"""', "'''", '"', "'")


def values_of(text: str) -> dict[str, Any]:
    """:raises Unreadable: it does not parse."""
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable(str(error)) from error


def readings(text: str) -> list[Any]:
    """The one dialect."""
    return [_reading(values_of(text))]


def locate(text: str) -> Spot:
    """The values of a text. :raises Unreadable: it does not parse."""
    values_of(text)
    root = Spot("map", 0, len(text))
    table, start = root, 0
    at = 0
    while at < len(text):
        line = re.compile(r"[ \t]*(?:#[^\n]*|\r?)(?:\n|\Z)").match(text, at)
        header = HEADER.match(text, at)
        if line:
            at = max(line.end(), at + 1)
        elif header:
            table.zones.append((start, at))
            table, start = _table(root, text, header), at
            at = header.end()
        else:
            value = _pair(table, text, at)
            end = text.find("\n", value.end)
            at = len(text) if end < 0 else end + 1
    table.zones.append((start, len(text)))
    return root


def own_zone(text: str, start: int, end: int) -> tuple[int, int]:
    """A section without the comments that stand right above the next header."""
    lines = text[start:end].splitlines(keepends=True)
    while lines and lines[-1].lstrip().startswith("#"):
        lines.pop()
    return start, start + len("".join(lines))


def _table(root: Spot, text: str, header: re.Match[str]) -> Spot:
    keys = list(_keys(text, header.end(1), header.end(2)))
    spot = root
    for number, (name, start, end) in enumerate(keys):
        if spot.kind == "list":
            spot = spot.items[-1]
        last = number == len(keys) - 1
        found = next((pair for pair in spot.pairs if pair.name == name), None)
        if found is None:
            kind = "list" if last and header[1] == "[[" else "map"
            found = Pair(name, start, end, Spot(kind, header.start(), header.end()))
            spot.pairs.append(found)
        found.places.append((start, end))
        spot = found.spot
    if header[1] == "[[":
        spot.items.append(Spot("map", header.start(), header.end()))
        spot = spot.items[-1]
    return spot


def _pair(table: Spot, text: str, at: int) -> Spot:
    """`key = value`, the key perhaps dotted; the spot of the value."""
    equals = _equals(text, at)
    spot, flow = table, table.flow
    keys = list(_keys(text, at, equals))
    begin = equals + 1 + len(text[equals + 1 :]) - len(text[equals + 1 :].lstrip(" \t"))
    value = _value(text, begin, flow)
    for number, (name, start, end) in enumerate(keys):
        found = next((pair for pair in spot.pairs if pair.name == name), None)
        if found is None:
            made = (
                value if number == len(keys) - 1 else Spot("map", begin, value.end, style="dotted", flow=flow)
            )
            found = Pair(name, start, end, made, text[start] if text[start] in "\"'" else "")
            spot.pairs.append(found)
        found.places.append((start, end))
        spot = found.spot
    return value


def _equals(text: str, at: int) -> int:
    while text[at] != "=":
        key = KEY.match(text, at)
        at = key.end() if key else at + 1
    return at


def _keys(text: str, at: int, end: int) -> Iterator[tuple[str, int, int]]:
    while at < end and (found := KEY.match(text, at)):
        written = found[1].rstrip(". \t") if found[1][0] not in "\"'" else found[1].rstrip(" \t.")
        yield next(iter(tomllib.loads(f"{written} = 1"))), found.start(1), found.start(1) + len(written)
        at = found.end()


def _value(text: str, start: int, flow: bool) -> Spot:
    end = _end_of_value(text, start)
    sign = text[start]
    if sign == "[":
        spot = Spot("list", start, end, flow=True)
        spot.items = [_value(text, at, True) for at in _parts(text, start, end)]
        return spot
    if sign == "{":
        spot = Spot("map", start, end, flow=True)
        for at in _parts(text, start, end):
            _pair(spot, text, at)
        return spot
    value = tomllib.loads(f"k = {text[start:end]}")["k"]
    style = next((quotes for quotes in QUOTES if text.startswith(quotes, start)), "")
    return Spot("scalar", start, end, (_leaf(value),), style, flow)


def _parts(text: str, start: int, end: int) -> Iterator[int]:
    """Where the items of an array, or the pairs of a table in braces, begin."""
    at = start + 1
    while True:
        at = _over_blanks(text, at)
        if at >= end - 1:
            return
        yield at
        value = at if text[start] == "[" else _over_blanks(text, _equals(text, at) + 1)
        at = _over_blanks(text, _end_of_value(text, value))
        if text[at] == ",":
            at += 1


def _over_blanks(text: str, at: int) -> int:
    found = re.compile(r"(?:\s|#[^\n]*)*").match(text, at)
    return found.end() if found else at


def _end_of_value(text: str, start: int) -> int:
    for sign in re.compile(r"[,\]}#\n]|\Z").finditer(text, start):
        for end in (sign.start(), sign.end()):
            try:
                tomllib.loads(f"k = {text[start:end]}")
            except (tomllib.TOMLDecodeError, ValueError):
                continue
            return start + len(text[start:end].rstrip())
    raise Unreadable(f"no value at {start}")


def _leaf(value: Any) -> tuple[str, Any]:
    if isinstance(value, datetime | date | time):
        return type(value).__name__, value.isoformat()
    if isinstance(value, float):
        return "float", repr(value)
    return type(value).__name__, value


def _reading(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _reading(part) for name, part in value.items()}
    return [_reading(part) for part in value] if isinstance(value, list) else _leaf(value)
