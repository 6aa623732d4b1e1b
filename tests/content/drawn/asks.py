"""Edits of every kind, drawn for a file: at any depth, with any value.

Half are those of the judge's list for the file, which knows the places that are hard; half are free: any
value anywhere.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.content.drawn.files import LINES, File
from tests.content.judge.asks import NEW_NAMES, asks_for
from tests.content.judge.oracle import Ask
from tests.content.judge.pieces import LINES_OF_TEXT
from tests.content.judge.spots import Spot, Steps, walk
from tests.content.judge.verdict import body_of
from tests.content.made_up import TEXTS, VALUES
from tests.content.made_up_tables import JSON_VALUES, TOML_VALUES

NEW: dict[str, st.SearchStrategy[Any]] = {"yaml": VALUES, "toml": TOML_VALUES, "json": JSON_VALUES}
FREE = ("set", "set", "add", "add", "unset", "rename", "append", "insert", "move", "body")


@st.composite
def asks(draw: st.DrawFn, file: File) -> Ask:
    """An edit that the file has a place for."""
    if draw(st.booleans()):
        seed = str(draw(st.integers(0, 10**6)))
        listed = asks_for(seed, file.pieces.kind, file.root, body_of(file.pieces))
        return draw(st.sampled_from(listed))
    op = draw(st.sampled_from(FREE))
    found = _body(draw, file) if op == "body" else _field(draw, file, op)
    return found or _set(draw, "add", [((), file.root)], NEW.get(file.pieces.kind, TEXTS))


def _field(draw: st.DrawFn, file: File, op: str) -> Ask | None:
    new = NEW.get(file.pieces.kind, TEXTS)
    every = [(path, spot) for path, spot in walk(file.root) if not _is_hidden(file.root, path)]
    if op in ("set", "add"):
        objects = [((), file.root), *((path, spot) for path, spot in every if spot.kind == "map")]
        return _set(draw, op, every if op == "set" else objects, new)
    if op == "unset":
        return Ask("drawn: unset", "unset", draw(st.sampled_from(every))[0])
    if op == "rename":
        path = draw(st.sampled_from([path for path, _ in every if isinstance(path[-1], str)]))
        names = ["Renamed"] if file.pieces.kind in LINES_OF_TEXT else ["quite_new", *NEW_NAMES]
        name = draw(st.sampled_from([name for name in names if file.root.find((*path[:-1], name)) is None]))
        return Ask("drawn: rename", "rename", path, name=name)
    least = 2 if op == "move" else 0
    lists = [(path, spot) for path, spot in every if spot.kind == "list" and len(spot.items) >= least]
    return _list(draw, op, lists, new) if lists else None


def _set(draw: st.DrawFn, op: str, places: list[tuple[Steps, Spot]], new: st.SearchStrategy[Any]) -> Ask:
    path, spot = draw(st.sampled_from(places))
    if op == "set":
        return Ask("drawn: set", "set", path, draw(new))
    names = [name for name in (*NEW_NAMES, "quite_new") if name not in {pair.name for pair in spot.pairs}]
    if new is TEXTS:
        names = ["subtitle", "quite_new"]
    return Ask("drawn: add a key", "set", (*path, draw(st.sampled_from(names))), draw(new))


def _list(draw: st.DrawFn, op: str, lists: list[tuple[Steps, Spot]], new: st.SearchStrategy[Any]) -> Ask:
    path, spot = draw(st.sampled_from(lists))
    length = len(spot.items)
    where = "flow" if spot.flow else "block"
    if op == "append" or not length:
        return Ask(f"drawn: append, {where}", "append", path, draw(new))
    index = draw(st.integers(0, length - 1))
    if op == "insert":
        return Ask(f"drawn: insert, {where}", "insert", path, draw(new), index=index)
    to = (index + draw(st.integers(1, length - 1))) % length
    return Ask(f"drawn: move, {where}", "move", path, index=index, to=to)


def _body(draw: st.DrawFn, file: File) -> Ask:
    lines = body_of(file.pieces).split("\n")
    at = draw(st.integers(0, len(lines)))
    lines[at : at + draw(st.integers(0, 2))] = draw(st.lists(LINES, max_size=2))
    return Ask("drawn: body", "body", value="\n".join(lines))


def _is_hidden(root: Spot, path: Steps) -> bool:
    """Whether the way to a place leads through an alias or into what is merged."""
    return any((spot := root.find(path[:n])) is None or spot.tagged for n in range(1, len(path)))
