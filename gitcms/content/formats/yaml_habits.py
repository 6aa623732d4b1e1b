"""How a document is used to being written: quotes, indentation, list style.

Here: what is looked up in the text's own nodes so that new text looks like its neighbours.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from gitcms.content.formats.yaml_nodes import LIST, MAP, SCALAR, Node, value_start
from gitcms.content.formats.yaml_scalars import read_plain
from gitcms.content.spans import line_start

STEP = 2


@dataclass(frozen=True, slots=True)
class Look:
    """How one value is to look: its quotes (`'`, `"` or none), and whether collections go on one line."""

    quote: str = ""
    flow_lists: bool = False
    flow_maps: bool = False


@dataclass(frozen=True, slots=True)
class Habits:
    """A document's habits; without a document, ours."""

    quote: str = ""
    key_quote: str = ""
    value_quote: str = ""
    item_quote: str = ""
    list_step: int = STEP
    map_step: int = STEP
    flow_lists: bool = False
    flow_maps: bool = False
    keys: dict[str, Look] = field(default_factory=dict)

    def look(self, *, quote: str) -> Look:
        """These habits with other quotes."""
        return Look(quote, self.flow_lists, self.flow_maps)

    def look_of_values(self) -> Look:
        """How the value of a new key is to look."""
        return self.look(quote=self.value_quote)

    def look_of_items(self) -> Look:
        """How the items of a new list are to look."""
        return self.look(quote=self.item_quote)

    def of_key(self, name: str) -> Look:
        """How the value of this top-level key looks in the document, or how a new one is to look."""
        return self.keys.get(name) or self.look_of_values()


def habits_of(text: str, root: Node | None) -> Habits:
    """What the document does most often."""
    if root is None or root.kind != MAP:
        return Habits()
    nodes = list(_walk(root))
    values = [node for node, role in nodes if role == "value" and _is_text(node)]
    items = [node for node, role in nodes if role == "item" and _is_text(node)]
    keys = [node for node, role in nodes if role == "key"]
    lists = [node for node, _ in nodes if node.kind == LIST and node.value]
    maps = [node for node, _ in nodes if node.kind == MAP and node.value and node is not root]
    scalar_lists = [node for node in lists if all(item.kind == SCALAR for item in node.value)]
    return Habits(
        quote=_quote([one for one in values + items if one.style in ("'", '"')]),
        key_quote=_quote(keys) if keys and all(key.style in ("'", '"') for key in keys) else "",
        value_quote=_quote(values),
        item_quote=_quote(items),
        list_step=_list_step(text, nodes),
        map_step=_map_step(text, nodes),
        flow_lists=_mostly_flow(scalar_lists),
        flow_maps=_mostly_flow(maps),
        keys={key.value: _look_of(value) for key, value in root.value if key.kind == SCALAR},
    )


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


def _list_step(text: str, nodes: list[tuple[Node, str]]) -> int:
    """How far the dash stands behind its key."""
    return _step(text, nodes, LIST, 0)


def _map_step(text: str, nodes: list[tuple[Node, str]]) -> int:
    return _step(text, nodes, MAP, 1)


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
