"""YAML text as nodes with marks: libyaml's events, composed.

Here: what stands where, aliases unresolved, nothing constructed, and the bounds that keep a
hostile file cheap. Not here: what a scalar means (`yaml_scalars`) or how text changes (`yaml`).

Marks are offsets in characters. Line numbers are counted from line feeds, not taken from
libyaml, to which NEL, LS and PS end a line too.
"""

from __future__ import annotations

import re
from functools import lru_cache
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

from gitcms.content import spans
from gitcms.errors import DocumentTooLarge, FrontMatterUnreadable

DEPTH = 100
NODES = 200_000
EXPANDED = 200_000
SCALAR_LENGTH = 256 * 1024

SCALAR, LIST, MAP, ALIAS = "scalar", "list", "map", "alias"

_PROPERTIES = re.compile(r"(?:[&!][^\s,\[\]{}]*(?:[ \t]+|(?=\r?\n)|\Z))+")


class Node:
    """One node. `value` is text (scalar), nodes (list), pairs of nodes (map) or the name (alias)."""

    __slots__ = ("anchor", "end", "flow", "kind", "plain", "start", "style", "tag", "target", "value")

    def __init__(self, kind: str, start: int, end: int, value: Any, tag: str | None, anchor: str | None):
        self.kind = kind
        self.start = start
        self.end = end
        self.value = value
        self.tag = tag
        self.anchor = anchor
        self.style = ""
        self.plain = False
        self.flow = False
        self.target: Node | None = None

    def resolved(self) -> Node:
        """The node that an alias stands for; every other node is itself."""
        return self.target or self


@lru_cache(maxsize=4)
def compose(text: str) -> Node | None:
    """The one document in `text`, or `None` where there is nothing but blanks and comments.

    :raises FrontMatterUnreadable: line and column count from 1 in `text`; also where a value holds itself.
    :raises DocumentTooLarge: over a bound; aliases that expand beyond measure.
    """
    if not text.strip():
        return None
    try:
        root, has_aliases = _compose(text)
    except yaml.YAMLError as error:
        raise unreadable(text, error) from error
    except UnicodeEncodeError as error:
        raise FrontMatterUnreadable("The fields hold a character that no file can keep.") from error
    if root is not None and has_aliases:
        _check_expansion(root, {})
    return root


def is_nothing(root: Node) -> bool:
    """Whether a document holds nothing but its own marks, as a data file of one line `---` does."""
    return root.kind == SCALAR and root.plain and not root.value and root.anchor is None


def content_end(node: Node, text: str) -> int:
    """Where the node's own text ends: before the line end, before a trailing comment, never beyond."""
    while node.kind in (LIST, MAP) and not node.flow and node.value:
        node = node.value[-1] if node.kind == LIST else _later(*node.value[-1])
    if node.kind == SCALAR and node.style in ("|", ">"):
        return _block_end(node, text)
    return node.end


def value_start(node: Node, text: str) -> int:
    """Where the node begins behind its anchor and tag."""
    if node.kind == ALIAS or (node.anchor is None and node.tag is None):
        return node.start
    found = _PROPERTIES.match(text, node.start, max(node.end, node.start))
    return found.end() if found else node.start


def unreadable(text: str, error: yaml.YAMLError) -> FrontMatterUnreadable:
    """libyaml's complaint as ours. The place is where reading stopped, not always where it went wrong."""
    if isinstance(error, yaml.reader.ReaderError):
        read = text.encode()[: error.position].decode(errors="ignore")
        return unreadable_at(text, len(read), error.reason)
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    what = str(getattr(error, "problem", None) or error)
    return unreadable_at(text, min(mark.index, len(text)) if mark else 0, what)


def unreadable_at(text: str, at: int, what: str, sentence: str = "") -> FrontMatterUnreadable:
    """The error for a place in the text."""
    line, column = spans.line_number(text, at), at - spans.line_start(text, at) + 1
    return FrontMatterUnreadable(
        sentence or "The fields at the top of this file cannot be read.",
        line=line,
        column=column,
        details=what,
    )


def _compose(text: str) -> tuple[Node | None, bool]:
    next_event = CParser(text).get_event
    root: Node | None = None
    anchors: dict[str, Node] = {}
    open_nodes: list[Node] = []
    items: list[Any] = []
    outer: list[list[Any]] = []
    count, documents, aliases = 0, 0, False
    while True:
        event: Any = next_event()
        kind = event.__class__
        if kind is ScalarEvent:
            node = Node(
                SCALAR,
                event.start_mark.index,
                event.end_mark.index,
                event.value,
                event.tag,
                event.anchor,
            )
            node.style = event.style or ""
            node.plain = event.implicit[0]
            if len(node.value) > SCALAR_LENGTH:
                raise DocumentTooLarge("A single value in this file's fields is too long to be edited here.")
        elif kind is MappingStartEvent or kind is SequenceStartEvent:
            node = Node(
                MAP if kind is MappingStartEvent else LIST,
                event.start_mark.index,
                event.end_mark.index,
                None,
                event.tag,
                event.anchor,
            )
            node.flow = bool(event.flow_style)
            if node.anchor is not None:
                anchors[node.anchor] = node
            items.append(node)
            open_nodes.append(node)
            outer.append(items)
            items = []
            count += 1
            if len(open_nodes) > DEPTH:
                raise DocumentTooLarge("The fields of this file are nested too deep to be edited here.")
            continue
        elif kind is MappingEndEvent or kind is SequenceEndEvent:
            node = open_nodes.pop()
            node.value = items if node.kind == LIST else list(zip(items[::2], items[1::2], strict=True))
            node.end = event.end_mark.index
            items = outer.pop()
            if not open_nodes:
                root = node
            continue
        elif kind is AliasEvent:
            aliases = True
            node = Node(ALIAS, event.start_mark.index, event.end_mark.index, event.anchor, None, None)
            node.target = anchors.get(event.anchor)
            if node.target is None:
                raise unreadable_at(text, node.start, f"undefined alias {event.anchor}")
            if node.target in open_nodes:
                raise unreadable_at(text, node.start, "an alias of what it is in", "A value holds itself.")
        elif kind is DocumentStartEvent:
            documents += 1
            if documents > 1:
                raise unreadable_at(text, event.start_mark.index, "a second document")
            continue
        elif kind is StreamEndEvent:
            return root, aliases
        else:
            continue
        if node.anchor is not None:
            anchors[node.anchor] = node
        count += 1
        if count > NODES:
            raise DocumentTooLarge("The fields of this file hold too many values to be edited here.")
        if open_nodes:
            items.append(node)
        else:
            root = node


def _check_expansion(node: Node, sizes: dict[int, int]) -> int:
    """How many nodes stand there once every alias is written out."""
    node = node.resolved()
    known = sizes.get(id(node))
    if known is not None:
        return known
    size = 1
    if node.kind == LIST:
        size += sum(_check_expansion(item, sizes) for item in node.value)
    elif node.kind == MAP:
        size += sum(_check_expansion(part, sizes) for pair in node.value for part in pair)
    if size > EXPANDED:
        raise DocumentTooLarge("The fields of this file repeat one another too often to be edited here.")
    sizes[id(node)] = size
    return size


def _later(key: Node, value: Node) -> Node:
    """What ends a pair: its value, or the key of a pair without one."""
    return value if value.end >= key.end else key


def _block_end(node: Node, text: str) -> int:
    """The end of a block scalar's last line. Blank lines behind it are its own only under `+`."""
    header_end = spans.line_end(text, value_start(node, text))
    region = text[header_end : node.end]
    if "+" in text[value_start(node, text) : header_end].split("#")[0]:
        end = node.end
        if region.endswith("\n"):
            end -= 2 if region.endswith("\r\n") else 1
        return max(end, header_end)
    # Blanks at the end of the last line are part of the text.
    last = spans.line_end(text, header_end + len(region.rstrip(" \t\r\n")))
    return max(min(last, node.end), header_end)
