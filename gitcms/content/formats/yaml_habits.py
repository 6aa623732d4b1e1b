"""How a document is used to being written: quotes, indentation, list style.

Here: what is looked up in the text's own nodes so that new text looks like its neighbours.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from gitcms.content.formats.yaml_nodes import LIST, MAP, SCALAR, Node, value_start
from gitcms.content.formats.yaml_scalars import read_plain
from gitcms.content.spans import line_start

STEP = 2


@dataclass(frozen=True, slots=True)
class Look:
    """How one value is to look.

    :param quote: its quotes: `'`, `"` or none.
    :param flow_lists: whether a list goes on one line; `None`: as the document does.
    :param flow_maps: whether an object goes on one line; `None`: as the document does.
    """

    quote: str = ""
    flow_lists: bool | None = None
    flow_maps: bool | None = None


class Habits:
    """What a document does most often; without a document, what we do.

    Each habit is looked up when it is asked for: most edits need one or none.
    """

    def __init__(self, text: str, root: Node | None) -> None:
        self._text = text
        self._root = root if root is not None and root.kind == MAP else None

    def look_of_values(self) -> Look:
        """How the value of a new key is to look."""
        return Look(self.value_quote)

    def look_of_items(self) -> Look:
        """How the items of a new list are to look."""
        return Look(self.item_quote)

    def of_key(self, name: str) -> Look:
        """How the value of this top-level key looks in the document, or how a new one is to look."""
        for key, value in self._root.value if self._root else ():
            if key.kind == SCALAR and key.value == name:
                return _look_of(value)
        return self.look_of_values()

    @cached_property
    def quote(self) -> str:
        """The quotes of what is quoted."""
        return _quote([one for one in self._values + self._items if one.style in ("'", '"')])

    @cached_property
    def key_quote(self) -> str:
        """The quotes of keys, where all have some."""
        keys = [node for node, role in self._nodes if role == "key"]
        return _quote(keys) if all(key.style in ("'", '"') for key in keys) else ""

    @cached_property
    def value_quote(self) -> str:
        """The quotes that most texts behind keys have."""
        return _quote(self._values)

    @cached_property
    def item_quote(self) -> str:
        """The quotes that most texts in lists have."""
        return _quote(self._items)

    @cached_property
    def list_step(self) -> int:
        """How far a dash stands behind its key."""
        return _step(self._text, self._nodes, LIST, 0)

    @cached_property
    def map_step(self) -> int:
        """How far a key stands behind the key of its object."""
        return _step(self._text, self._nodes, MAP, 1)

    @cached_property
    def flow_lists(self) -> bool:
        """Whether most lists of scalars stand on one line."""
        lists = [node for node, _ in self._nodes if node.kind == LIST and node.value]
        return _mostly_flow([node for node in lists if all(item.kind == SCALAR for item in node.value)])

    @cached_property
    def flow_maps(self) -> bool:
        """Whether most objects stand on one line."""
        return _mostly_flow([node for node, _ in self._nodes if node.kind == MAP and node.value])

    @cached_property
    def brace_pad(self) -> str:
        """What stands behind `{` and before `}`."""
        return self._pad(MAP)

    @cached_property
    def bracket_pad(self) -> str:
        """What stands behind `[` and before `]`."""
        return self._pad(LIST)

    def _pad(self, kind: str) -> str:
        flow = [node for node, _ in self._nodes if node.kind == kind and node.flow and node.value]
        padded = [self._text[value_start(node, self._text) + 1] == " " for node in flow]
        return " " if sum(padded) * 2 > len(padded) else ""

    @cached_property
    def _nodes(self) -> list[tuple[Node, str]]:
        return list(_walk(self._root)) if self._root else []

    @cached_property
    def _values(self) -> list[Node]:
        return [node for node, role in self._nodes if role == "value" and _is_text(node)]

    @cached_property
    def _items(self) -> list[Node]:
        return [node for node, role in self._nodes if role == "item" and _is_text(node)]


def _look_of(value: Node) -> Look:
    value = value.resolved()
    if value.kind == SCALAR:
        return Look(value.style if value.style in ("'", '"') else "")
    inner = [node for node, role in _walk(value) if role != "key" and node.kind == SCALAR and _is_text(node)]
    parts = [node for node, _ in _walk(value) if node.kind == MAP]
    flow_list = value.kind == LIST and value.flow
    return Look(_quote(inner), flow_list, bool(parts) and all(part.flow for part in parts))


def _walk(node: Node) -> Iterator[tuple[Node, str]]:
    if node.kind == LIST:
        for item in node.value:
            yield item, "item"
            yield from _walk(item)
    elif node.kind == MAP:
        for key, value in node.value:
            yield key, "key"
            yield value, "value"
            yield from _walk(value)


def _is_text(node: Node) -> bool:
    if node.kind != SCALAR or not node.value:
        return False
    return not node.plain or all(leaf[1] == "str" for leaf in read_plain(node.value))


def _quote(nodes: list[Node]) -> str:
    styles = [node.style if node.style in ("'", '"') else "" for node in nodes]
    return Counter(styles).most_common(1)[0][0] if styles else ""


def _mostly_flow(nodes: list[Node]) -> bool:
    return sum(1 if node.flow else -1 for node in nodes) > 0


def _step(text: str, nodes: list[tuple[Node, str]], kind: str, least: int) -> int:
    steps: Counter[int] = Counter()
    key: Node | None = None
    for node, role in nodes:
        if role == "key":
            key = node
        elif role == "value" and key is not None and node.kind == kind and not node.flow and node.value:
            start = value_start(node, text)
            step = (start - line_start(text, start)) - (key.start - line_start(text, key.start))
            if step >= least and "\n" in text[key.end : start]:
                steps[step] += 1
    return steps.most_common(1)[0][0] if steps else STEP
