"""What the fields have to read as after an edit, worked out on plain Python values."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import partial
from typing import Any

from tests.content.judge import yaml_spots
from tests.content.judge.spots import Steps


@dataclass(frozen=True)
class Ask:
    """One edit.

    :param kind: what the table counts it under.
    :param op: set, unset, append, insert, move, rename; body; many (then `parts` are done in turn).
    :param to: where `move` puts the item, and `name` what `rename` calls the key.
    """

    kind: str
    op: str
    path: Steps = ()
    value: Any = None
    index: int = 0
    to: int = 0
    name: str = ""
    parts: tuple[Ask, ...] = ()

    def called(self, kind: str) -> Ask:
        return replace(self, kind=kind)


class Moment:
    """A date as YAML 1.2 sees it: text that YAML 1.1 reads as this date, in whichever spelling."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, leaf: tuple[str, Any]) -> None:
        self.leaf = leaf

    def __eq__(self, other: object) -> bool:
        return isinstance(other, tuple) and other[0] == "str" and yaml_spots.leaf_1_1(other[1]) == self.leaf

    def __repr__(self) -> str:
        return f"any spelling of {self.leaf}"


class YesOrNo:
    """A boolean as YAML 1.2 sees it where the file says `yes` and `no`."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, value: bool) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, tuple):
            return False
        return other == ("bool", self.value) or (
            other[0] == "str" and yaml_spots.leaf_1_1(other[1]) == ("bool", self.value)
        )


def expected(kind: str, readings: list[Any], ask: Ask) -> list[Any]:
    """The readings with the edit done."""
    asks = ask.parts or (ask,)
    done = []
    for dialect, reading in enumerate(readings):
        values = copy.deepcopy(reading)
        for one in asks:
            if kind == "org":
                # Names count in any case.
                one = replace(one, name=one.name.lower())
            apply(values, one, partial(plant, kind=kind, dialect=dialect), drops_null=kind == "toml")
        done.append(values)
    return done


def plant(value: Any, kind: str, dialect: int) -> Any:
    """A new value as a reading of it."""
    if kind == "org" and isinstance(value, list):
        return [("str", _header_text(item)) for item in value]
    if kind in ("headers", "org"):
        return "str", _header_text(value)
    if isinstance(value, dict):
        kept = {name: part for name, part in value.items() if part is not None or kind != "toml"}
        return {name: plant(part, kind, dialect) for name, part in kept.items()}
    if isinstance(value, list):
        return [plant(part, kind, dialect) for part in value]
    if value is None:
        return "null", None
    if isinstance(value, bool):
        return YesOrNo(value) if kind == "yaml" and dialect else ("bool", value)
    if isinstance(value, float):
        return "float", repr(value)
    if isinstance(value, datetime | date | time):
        return _moment(value, kind, dialect)
    return type(value).__name__, value


def _moment(value: datetime | date | time, kind: str, dialect: int) -> Any:
    leaf = (type(value).__name__, value.isoformat())
    if kind == "json" or (kind == "yaml" and isinstance(value, time)):
        return "str", value.isoformat()
    return Moment(leaf) if kind == "yaml" and dialect else leaf


def _header_text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_header_text, value))
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return re.sub("T", " ", value.isoformat())
    return "" if value is None else str(value)


def apply(values: Any, ask: Ask, plant: Callable[[Any], Any], drops_null: bool = False) -> None:
    """Do an edit on plain values, in place.

    :param plant: makes of a new value what a reading has of it.
    :param drops_null: a field set to nothing is no longer there.
    :raises KeyError, IndexError, TypeError: the reading has nothing at the edit's path.
    """
    parent = values
    for step in ask.path[:-1]:
        parent = parent[step]
    last = ask.path[-1]
    if ask.op == "set":
        if drops_null and ask.value is None:
            parent.pop(last, None)
        elif isinstance(parent, list) and last == len(parent):
            parent.append(plant(ask.value))
        else:
            parent[last] = plant(ask.value)
    elif ask.op == "unset":
        del parent[last]
    elif ask.op == "rename":
        pairs = [(ask.name if name == last else name, part) for name, part in parent.items()]
        parent.clear()
        parent.update(pairs)
    elif ask.op == "append":
        if not isinstance(parent.get(last) if isinstance(parent, dict) else parent[last], list):
            parent[last] = []
        parent[last].append(plant(ask.value))
    elif ask.op == "insert":
        parent[last].insert(ask.index, plant(ask.value))
    else:
        parent[last].insert(ask.to, parent[last].pop(ask.index))
