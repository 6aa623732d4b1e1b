"""A model as bytes and back, so that a large site's is at hand when the server starts again.

Only facts are in it: dataclasses and named tuples of the model's own rooms, by their names, and plain values.
What was written by other code than today's is nothing: the model is read anew then.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import importlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import gitcms
from gitcms.resources import PACKAGE
from gitcms.schema.configured import Configured

_ROOMS = ("schema", "content")
_MOMENTS: Mapping[str, Any] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
}


@dataclass(frozen=True, slots=True)
class KeptModel:
    """A model, the folder and the commit that it was read off, and how many files the site had."""

    configured: Configured
    folder: str
    head: str
    size: int


def packed(kept: KeptModel) -> bytes:
    """Return the bytes of a model, from which `unpacked` makes the same one.

    :raises TypeError: something in it is no fact that is known here.
    """
    said = json.dumps([kept.folder, kept.head, kept.size, _plain(kept.configured)]).encode()
    return f"{_mark(said)}\n".encode() + said


def unpacked(data: bytes) -> KeptModel | None:
    """Return a model that was packed; None where it is damaged, or was packed by other code."""
    mark, _, said = data.partition(b"\n")
    if mark != _mark(said).encode():
        return None
    folder, head, size, configured = json.loads(said)
    return KeptModel(_made(configured), folder, head, size)


def _mark(said: bytes) -> str:
    return hashlib.sha256(_code() + said).hexdigest()


@functools.cache
def _code() -> bytes:
    """A fingerprint of all code that a model depends on."""
    found = hashlib.sha256()
    for file in sorted(file for room in _ROOMS for file in (PACKAGE / room).rglob("*.py")):
        found.update(file.read_bytes())
    return found.digest()


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if dataclasses.is_dataclass(value):
        return _named(value, [getattr(value, each.name) for each in dataclasses.fields(value)])
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return _named(value, value)
    if isinstance(value, tuple | list):
        return {type(value).__name__: [_plain(one) for one in value]}
    if isinstance(value, frozenset):
        return {"frozenset": [_plain(one) for one in sorted(value)]}
    if isinstance(value, Mapping):
        return {"dict": [[_plain(key), _plain(one)] for key, one in value.items()]}
    if isinstance(value, date | time):
        return {type(value).__name__: value.isoformat()}
    raise TypeError(f"A model does not hold {type(value)}.")


def _named(value: Any, parts: Any) -> Any:
    kind = type(value)
    return {"named": [kind.__module__, kind.__qualname__, *map(_plain, parts)]}


def _kind(module: str, name: str) -> Any:
    """A kind of facts by its name, and nothing else that Python could be made to call."""
    if not module.startswith(tuple(f"{gitcms.__name__}.{room}." for room in _ROOMS)):
        raise ValueError(f"{module} holds no facts of a model.")
    kind = getattr(importlib.import_module(module), name)
    if not isinstance(kind, type) or not (dataclasses.is_dataclass(kind) or hasattr(kind, "_fields")):
        raise ValueError(f"{name} is no fact of a model.")
    return kind


def _made(found: Any) -> Any:
    if not isinstance(found, dict):
        return found
    ((kind, parts),) = found.items()
    if kind in _MOMENTS:
        return _MOMENTS[kind](parts)
    if kind == "named":
        module, name, *rest = parts
        return _kind(module, name)(*map(_made, rest))
    if kind == "dict":
        return {_made(key): _made(one) for key, one in parts}
    return {"tuple": tuple, "list": list, "frozenset": frozenset}[kind](map(_made, parts))
