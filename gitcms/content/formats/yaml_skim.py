"""What plain YAML says, taken straight off libyaml's events: for files that are looked at and not edited.

Here: names, texts, lists and mappings, as nearly every post has nothing else. Whatever else there may be
(aliases, marks, merge keys, a name that stands there twice, something wrong) is left to `yaml_nodes` and
`yaml`, which are asked for such a text in place of this; so is where a value stands.
"""

from __future__ import annotations

from typing import Any

import yaml
from yaml.cyaml import CParser  # type: ignore[attr-defined]
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from gitcms.content.formats.yaml_nodes import DEPTH, NODES
from gitcms.content.formats.yaml_scalars import ImpossibleScalar, value_of_plain
from gitcms.content.values import Value

_NO_NAME: Any = object()


def skimmed(text: str) -> dict[str, Value] | None:
    """Return the values of a mapping, those of `YamlFormat.read`; None where that has to be asked."""
    if 2 * len(text) > NODES:  # no text makes more nodes than that; shorter ones pass no other bound
        return None
    try:
        return _values(text)
    except (yaml.YAMLError, UnicodeEncodeError, ImpossibleScalar):
        return None


def _values(text: str) -> dict[str, Value] | None:
    next_event = CParser(text).get_event
    root: dict[str, Value] | None = None
    here: Any = None  # the mapping or list that is open
    name: Any = _NO_NAME  # the one in it whose value comes next
    outer: list[tuple[Any, Any]] = []
    while True:
        event: Any = next_event()
        kind = event.__class__
        value: Any
        if kind is ScalarEvent:
            value = event.value
            if event.tag is not None:
                return None
            if here.__class__ is dict and name is _NO_NAME:
                if value in here or value == "<<":
                    return None
                name = value
                continue
            if event.implicit[0]:
                value = value_of_plain(value)
            elif "\x00" in value:
                return None
        elif kind is MappingStartEvent or kind is SequenceStartEvent:
            if event.tag is not None or len(outer) >= DEPTH or (here.__class__ is dict and name is _NO_NAME):
                return None
            value = {} if kind is MappingStartEvent else []
        elif kind is MappingEndEvent or kind is SequenceEndEvent:
            here, name = outer.pop()
            continue
        elif kind is StreamEndEvent:
            return root
        elif kind is AliasEvent or (kind is DocumentStartEvent and root is not None):
            return None
        else:
            continue
        if here is None:
            if kind is not MappingStartEvent:
                return None
            root = value
        elif here.__class__ is dict:
            here[name] = value
            name = _NO_NAME
        else:
            here.append(value)
        if kind is not ScalarEvent:
            outer.append((here, name))
            here, name = value, _NO_NAME
