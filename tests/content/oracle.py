"""Edits done on Python values, written without the code under test."""

from __future__ import annotations

import copy
from typing import Any

from gitcms.content.edits import Append, Edit, Insert, Move, Set, Unset


def done(values: Any, edit: Edit) -> Any:
    """The values with the edit done; they are left as they are."""
    values = copy.deepcopy(values)
    if isinstance(edit, Append | Insert | Move):
        parent, step = at(values, edit.path[:-1]), edit.path[-1]
        if parent[step] is None:
            parent[step] = []
        items = parent[step]
        if isinstance(edit, Move):
            items.insert(edit.to, items.pop(edit.index))
        else:
            items.insert(len(items) if isinstance(edit, Append) else edit.index, edit.value)
        return values
    parent, step = at(values, edit.path[:-1]), edit.path[-1]
    if isinstance(edit, Set):
        parent[step] = edit.value
    elif isinstance(edit, Unset):
        del parent[step]
    else:
        renamed = {(edit.name if name == step else name): part for name, part in parent.items()}
        parent.clear()
        parent.update(renamed)
    return values


def at(values: Any, path: tuple[Any, ...]) -> Any:
    """What stands at the path."""
    for step in path:
        values = values[step]
    return values


def paths(values: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every path into the values but the empty one."""
    parts = (
        values.items() if isinstance(values, dict) else enumerate(values) if isinstance(values, list) else ()
    )
    return [found for step, part in parts for found in [(*path, step), *paths(part, (*path, step))]]
