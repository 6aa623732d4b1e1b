"""Edits drawn at random for values, and what they make of plain Python values: an oracle of its own."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import datetime, time
from typing import Any

from hypothesis import strategies as st

from gitcms.content.edits import Append, Edit, Insert, Move, Rename, Set, Unset
from gitcms.content.formats import Format, edit_verified
from gitcms.content.values import Path

NAMES = st.sampled_from(["a", "b", "c d", "é", "e.f", "0", "title"])


@st.composite
def an_edit(draw: st.DrawFn, values: dict[str, Any], new: st.SearchStrategy[Any]) -> Edit:
    """An edit that `settle` would let through as it is."""
    containers = [*_containers(values, ())]
    path, container = draw(st.sampled_from(containers))
    if isinstance(container, list):
        return _list_edit(draw, path, container, new)
    kind = draw(st.sampled_from(["set", "set", "unset", "rename", "add"] if container else ["add"]))
    if kind == "add":
        name = draw(NAMES.filter(lambda name: name not in container) | st.just("quite new"))
        return Set((*path, name), draw(new)) if name not in container else Unset((*path, name))
    name = draw(st.sampled_from(sorted(container)))
    if kind == "set":
        return Set((*path, name), draw(new))
    if kind == "unset":
        return Unset((*path, name))
    free = [other for other in ("x", "y z", "w.w") if other not in container]
    return Rename((*path, name), free[0]) if free else Unset((*path, name))


def _list_edit(draw: st.DrawFn, path: Path, items: list[Any], new: st.SearchStrategy[Any]) -> Edit:
    if not items or draw(st.booleans()):
        index = draw(st.integers(0, len(items)))
        return Append(path, draw(new)) if index == len(items) else Insert(path, index, draw(new))
    index = draw(st.integers(0, len(items) - 1))
    to = draw(st.integers(0, len(items) - 1))
    kind = draw(st.sampled_from(["set", "unset", "move"]))
    if kind == "set":
        return Set((*path, index), draw(new))
    return Unset((*path, index)) if kind == "unset" or index == to else Move(path, index, to)


def _containers(value: Any, path: Path) -> Any:
    yield path, value
    for step, part in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(part, dict | list):
            yield from _containers(part, (*path, step))


def applied(values: dict[str, Any], edit: Edit) -> dict[str, Any]:
    """What the values are after the edit."""
    result = copy.deepcopy(values)
    holder: Any = result
    whole = isinstance(edit, Append | Insert | Move)
    for step in edit.path if whole else edit.path[:-1]:
        holder = holder[step]
    if isinstance(edit, Append):
        holder.append(edit.value)
    elif isinstance(edit, Insert):
        holder.insert(edit.index, edit.value)
    elif isinstance(edit, Move):
        holder.insert(edit.to, holder.pop(edit.index))
    elif isinstance(edit, Set):
        holder[edit.path[-1]] = edit.value
    elif isinstance(edit, Unset):
        del holder[edit.path[-1]]
    else:
        holder[edit.name] = holder.pop(edit.path[-1])
    return result


def check_edit(known: Format, text: str, edit: Edit, read: Callable[[str], dict[str, Any]]) -> str:
    """Do an edit, and hold the new text against the oracle; the text outside the old value stays."""
    newline = "\r\n" if "\r\n" in text else "\n"
    changed = edit_verified(known, text, edit, newline)
    assert repr_of(read(changed)) == repr_of(applied(read(text), edit)), (text, edit, changed)
    reading = known.read(text)
    if isinstance(edit, Set) and edit.path in reading.texts:
        assert only_differs_at(text, reading.texts[edit.path], changed), (text, edit, changed)
    return changed


def repr_of(value: Any) -> Any:
    """Values so that types count and the order of keys does not."""
    if isinstance(value, dict):
        return {key: repr_of(part) for key, part in value.items()}
    if isinstance(value, list):
        return [repr_of(part) for part in value]
    if isinstance(value, datetime | time):
        return type(value).__name__, value.isoformat()
    return type(value).__name__, repr(value)


def only_differs_at(text: str, old: str, changed: str) -> bool:
    """Whether the changed text is the old one with something else in one place of `old`."""
    return any(
        changed.startswith(text[:at]) and changed.endswith(text[at + len(old) :])
        for at in range(len(text) + 1)
        if text.startswith(old, at) and len(changed) >= len(text) - len(old)
    )
