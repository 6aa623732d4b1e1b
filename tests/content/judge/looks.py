"""Whether new text looks like its neighbours: quotes, columns, brackets or lines.

Only what can be said for certain is asked for: quotes that can hold the value and were there before, or that
all neighbours have; the column of all neighbours; a list of the kind that all lists here are of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tests.content.judge.oracle import Ask
from tests.content.judge.pieces import LINES_OF_TEXT, Pieces
from tests.content.judge.spots import Spot, every

SURELY_PLAIN = re.compile(r"[A-Z][a-z]+(?: [a-z]+)+")


def faults(old: Pieces, new: Pieces, was: Spot, now: Spot, ask: Ask) -> Iterator[str]:
    """What looks unlike its neighbours."""
    if old.kind in LINES_OF_TEXT:
        return
    if ask.op == "set":
        before, after = was.find(ask.path), now.find(ask.path)
        if before is not None and after is not None:
            yield from _replaced(old.kind, before, after, ask.value)
        elif after is not None:
            yield from _new_key(old, new, was, now, ask)
    elif ask.op in ("append", "insert"):
        yield from _new_item(old, new, was, now, ask)
    elif ask.op == "rename":
        one = was.pairs_of(ask.path)
        other = now.pairs_of((*ask.path[:-1], ask.name))
        if one and other and one[-1].style != other[-1].style and not _has_to_be_quoted(ask.name):
            yield "style: other quotes around the key"


def _replaced(kind: str, before: Spot, after: Spot, value: Any) -> Iterator[str]:
    if not isinstance(value, str) or before.kind != "scalar" or not before.is_text():
        return
    if before.style == '"' and "\n" not in value and after.style != '"':
        yield "style: double quotes are gone"
    if before.style == "'" and kind == "yaml" and value.isprintable() and after.style != "'":
        yield "style: single quotes are gone"
    if (
        before.style == "'"
        and kind == "toml"
        and value.isprintable()
        and "'" not in value
        and after.style != "'"
    ):
        yield "style: single quotes are gone"
    if kind == "yaml" and before.style == "" and SURELY_PLAIN.fullmatch(value) and after.style != "":
        yield "style: quotes that nobody needs"
    if before.style in ("|", ">") and _fits_block(value) and after.style not in ("|", ">"):
        yield "style: no block any more"


def _new_key(old: Pieces, new: Pieces, was: Spot, now: Spot, ask: Ask) -> Iterator[str]:
    holder, fresh = was.find(ask.path[:-1]), now.find(ask.path[:-1])
    pair = now.pairs_of(ask.path)[-1]
    if holder is None or fresh is None or old.kind != "yaml":
        return
    if not holder.flow and holder.pairs:
        columns = {_column(old.text, one.start) for one in holder.pairs}
        if _column(new.text, pair.start) not in columns:
            yield "style: a key in another column"
        if fresh.pairs[-1] is not pair:
            yield "style: a new key in the middle"
    value = pair.spot
    scalars = [one.spot for one in holder.pairs if one.spot.is_text() and one.spot.style in ("", "'", '"')]
    if isinstance(ask.value, str) and SURELY_PLAIN.fullmatch(ask.value) and scalars:
        styles = {one.style for one in scalars}
        if len(styles) == 1 and value.style not in styles:
            yield "style: quotes unlike those of the neighbours"
    if isinstance(ask.value, list) and ask.value and not any(isinstance(x, list | dict) for x in ask.value):
        lists = [one for one in every(was) if one.kind == "list" and one.items and one.style != "*"]
        lists = [one for one in lists if all(item.kind == "scalar" for item in one.items)]
        habits = {one.flow for one in lists}
        if len(habits) == 1 and value.flow not in habits and not holder.flow:
            yield "style: a list of another kind"


def _new_item(old: Pieces, new: Pieces, was: Spot, now: Spot, ask: Ask) -> Iterator[str]:
    before, after = was.find(ask.path), now.find(ask.path)
    if before is None or after is None or not before.items or not after.items:
        return
    index = len(after.items) - 1 if ask.op == "append" else ask.index
    item = after.items[index]
    others = before.items
    if old.kind == "yaml" and not before.flow:
        dashes = {_dash(old.text, one) for one in others}
        if len(dashes) == 1 and -1 not in dashes and _dash(new.text, item) not in dashes:
            yield "style: an item in another column"
    if (
        before.flow
        and "\n" not in old.text[before.start : before.end]
        and "\n" in new.text[after.start : after.end]
    ):
        yield "style: a list on one line has more now"
    quotes = {one.style for one in others if one.is_text()}
    alike = len(quotes) == 1 and quotes <= {"", "'", '"'} and all(one.is_text() for one in others)
    easy = isinstance(ask.value, str) and SURELY_PLAIN.fullmatch(ask.value)
    if easy and alike and item.style not in quotes:
        yield "style: quotes unlike those of the other items"


def _fits_block(value: str) -> bool:
    if value.endswith("\n\n"):
        return False  # it would take blank lines that follow for its own
    if value.endswith(" "):
        return False  # Hugo loses that blank
    lines = value.split("\n")
    return (
        bool(value.strip())
        and value.replace("\n", "").isprintable()
        and bool(lines[0])
        and lines[0][0] not in " \t"
    )


def _has_to_be_quoted(name: str) -> bool:
    return not re.fullmatch(r"[a-z_]+", name) or name in ("no", "yes")


def _dash(text: str, item: Spot) -> int:
    first = text.rfind("\n", 0, item.start) + 1
    dash = text.rfind("-", first, max(item.start, first))
    return dash - first if dash >= 0 and not text[dash + 1 : item.start].strip() else -1


def _column(text: str, at: int) -> int:
    return at - text.rfind("\n", 0, at) - 1
