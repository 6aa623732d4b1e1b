"""What front matter may hold, as Python values.

Here: the types, the two marks that are no values themselves (`Raw`, `MISSING`), typed equality and
the way along a path. Not here: how a format spells a value (`formats/`) or what a field means
(`gitcms.schema`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import Enum
from typing import Final, TypeAlias

Path: TypeAlias = tuple[str | int, ...]
"""The way to a value: keys are text, list indexes are whole numbers. `("links", 0, "url")`"""


@dataclass(frozen=True, slots=True)
class Raw:
    """A value that is shown and kept but never constructed or edited.

    :param text: the value as the file spells it.
    :param reason: a sentence that says why it is read-only.
    """

    text: str
    reason: str


class _Missing(Enum):
    MISSING = "missing"

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing.MISSING
"""Where there is no value at all; `None` is a value that says "empty"."""

Value: TypeAlias = (
    "bool | int | float | str | date | datetime | time | Raw | list[Value] | dict[str, Value] | None"
)
Found: TypeAlias = "Value | _Missing"


def same(one: object, other: object) -> bool:
    """Whether two values are equal in type and content: `True`, `1` and `1.0` are three values.

    The order of keys does not matter, the order of items does. A NaN is the same as a NaN.
    """
    if type(one) is str and type(other) is str:
        return one == other
    if type(one) is not type(other):
        return isinstance(one, Mapping) and isinstance(other, Mapping) and _same_mapping(one, other)
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return _same_mapping(one, other)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return repr(one) == repr(other)
    if isinstance(one, datetime) and isinstance(other, datetime):
        # The same instant in another zone is another text in the file.
        return one == other and one.utcoffset() == other.utcoffset()
    return one == other


def find(values: Mapping[str, Value] | list[Value], path: Path) -> Found:
    """The value at `path` in fields or in a list, or `MISSING`. A negative index is no index."""
    here: Found | Mapping[str, Value] = values
    for step in path:
        here = _child(here, step)
    return here  # type: ignore[return-value]


def dotted(path: Path) -> str:
    """The path as people and form controls write it: `links.0.url`."""
    return ".".join(map(str, path))


def _child(here: Found | Mapping[str, Value], step: str | int) -> Found:
    if isinstance(here, Mapping) and isinstance(step, str):
        return here.get(step, MISSING)
    if isinstance(here, list) and isinstance(step, int) and 0 <= step < len(here):
        return here[step]
    return MISSING


def _same_mapping(one: Mapping[str, object], other: Mapping[str, object]) -> bool:
    return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
