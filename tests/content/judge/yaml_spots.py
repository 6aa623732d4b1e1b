"""YAML as PyYAML's own parser (in Python, not libyaml) marks it, read as YAML 1.1 and as YAML 1.2 core.

What a scalar is to 1.1 PyYAML's constructors say; to 1.2 the table of its core schema (section 10.3.2).
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

import yaml
from yaml.constructor import SafeConstructor

from tests.content.judge.spots import Pair, Spot, Unreadable

CORE = (
    ("null", re.compile(r"~|null|Null|NULL|")),
    ("bool", re.compile(r"true|True|TRUE|false|False|FALSE")),
    ("int", re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", re.ASCII)),
    (
        "float",
        re.compile(
            r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
            r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
            re.ASCII,
        ),
    ),
)
PREFIX = "tag:yaml.org,2002:"
CONSTRUCTOR = SafeConstructor()
PROPERTIES = re.compile(r"(?:[&!][^\s,\[\]{}]*\s*)+")
ALIAS = re.compile(r"(?:[\s:,\[-]|#[^\n]*\n)*\*[^\s,\]}]+")
Leaf = tuple[str, Any]


def locate(text: str) -> Spot:
    """The values of a text. :raises Unreadable: it does not parse, or holds no mapping."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        if root is None:
            return Spot("map", len(text), len(text))
        if not isinstance(root, yaml.MappingNode):
            raise Unreadable("no mapping")
        return _Finder(text).spot(root, flow=False, shared=False, behind=0)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Unreadable(str(error)) from error


def readings(root: Spot) -> list[Any]:
    """What 1.1 and what 1.2 reads, merge keys merged in both."""
    return [_reading(root, 0), _reading(root, 1)]


def leaf_1_1(text: str) -> Leaf:
    """What a plain scalar is to YAML 1.1."""
    resolver = yaml.SafeLoader("")
    tag = resolver.resolve(yaml.ScalarNode, text, (True, False))
    return _constructed(yaml.ScalarNode(tag, text))


def leaf_1_2(text: str) -> Leaf:
    """What a plain scalar is to YAML 1.2."""
    kind = next((name for name, pattern in CORE if pattern.fullmatch(text)), "str")
    if kind == "null":
        return kind, None
    if kind == "bool":
        return kind, text.lower() == "true"
    if kind == "int":
        return kind, int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if kind == "float":
        return kind, repr(float(text.lower().replace(".inf", "inf").replace(".nan", "nan")))
    return kind, text


class _Finder:
    def __init__(self, text: str) -> None:
        self._text = text
        self._seen: dict[int, Spot] = {}

    def spot(self, node: Any, *, flow: bool, shared: bool, behind: int) -> Spot:
        """:param behind: where the key or dash ends that the value belongs to."""
        if id(node) in self._seen:
            return self._alias(self._seen[id(node)], behind)
        start = node.start_mark.index
        made = Spot(
            "scalar", start, node.end_mark.index, flow=flow or bool(getattr(node, "flow_style", False))
        )
        # Before its parts, since an alias inside may name it.
        self._seen[id(node)] = made
        marks = PROPERTIES.match(self._text, start)
        if marks:
            made.shared = shared or "&" in marks[0]
            made.tagged = "!" in marks[0]
            made.start = min(marks.end(), made.end)
        made.shared = made.shared or shared
        if isinstance(node, yaml.ScalarNode):
            self._scalar(made, node, behind)
        elif isinstance(node, yaml.SequenceNode):
            made.kind = "list"
            behind = made.start
            for item in node.value:
                behind = behind if id(item) in self._seen else item.start_mark.index
                made.items.append(self.spot(item, flow=made.flow, shared=made.shared, behind=behind))
                behind = made.items[-1].end
        else:
            made.kind = "map"
            made.pairs = [self._pair(key, value, made) for key, value in node.value]
        if made.kind != "scalar" and not node.flow_style:
            made.end = self._content_end(made)
        return made

    def _pair(self, key: Any, value: Any, holder: Spot) -> Pair:
        if not isinstance(key, yaml.ScalarNode):
            raise Unreadable("a key that is no scalar")
        start, end = key.start_mark.index, key.end_mark.index
        spot = self.spot(value, flow=holder.flow, shared=holder.shared, behind=end)
        name = key.value
        if name == "<<" and not key.style:
            return Pair("<<", start, end, spot, "merge")
        return Pair(name, start, end, spot, key.style or "")

    def _scalar(self, made: Spot, node: Any, behind: int) -> None:
        made.style = node.style or ""
        if made.style in ("|", ">"):
            header_end = self._line_end(made.start)
            block = re.sub(r"(?:\r?\n[ \t]*)+\Z", "", self._text[: made.end])
            if "+" in self._text[made.start : header_end].split("#")[0]:
                block = re.sub(r"\r?\n\Z", "", self._text[: made.end])
            made.end = max(len(block), header_end)
        if made.start == made.end == node.start_mark.index:
            colon = re.compile(r"[ \t]*:").match(self._text, behind)
            made.start = made.end = colon.end() if colon else behind
        if made.tagged:
            made.leaves = ((node.tag, node.value),) * 2
        elif made.style or node.tag == PREFIX + "str":
            two = leaf_1_2(node.value) if not made.style else ("str", node.value)
            made.leaves = (("str", node.value), two)
        else:
            made.leaves = (_constructed(node), leaf_1_2(node.value))

    def _alias(self, known: Spot, behind: int) -> Spot:
        found = ALIAS.match(self._text, behind)
        end = found.end() if found else behind
        start = self._text.rfind("*", behind, end) if found else behind
        return Spot(
            known.kind, start, end, known.leaves, "*", known.flow, True, True, known.items, known.pairs
        )

    def _content_end(self, spot: Spot) -> int:
        ends = [max(pair.end, pair.spot.end) for pair in spot.pairs] + [item.end for item in spot.items]
        return ends[-1] if ends else spot.start

    def _line_end(self, at: int) -> int:
        end = self._text.find("\n", at)
        return len(self._text) if end < 0 else end


def _constructed(node: Any) -> Leaf:
    kind = node.tag.removeprefix(PREFIX)
    if kind == "null":
        return "null", None
    if kind in ("bool", "int"):
        return kind, getattr(CONSTRUCTOR, f"construct_yaml_{kind}")(node)
    if kind == "float":
        return kind, repr(CONSTRUCTOR.construct_yaml_float(node))
    if kind == "timestamp":
        when = CONSTRUCTOR.construct_yaml_timestamp(node)
        if isinstance(when, datetime):
            return "datetime", when.isoformat()
        assert isinstance(when, date)
        return "date", when.isoformat()
    return ("str", node.value) if kind == "str" else (kind, node.value)


def _reading(spot: Spot, dialect: int) -> Any:
    if spot.kind == "scalar":
        return spot.leaves[dialect]
    if spot.kind == "list":
        return [_reading(item, dialect) for item in spot.items]
    own = {pair.name: _reading(pair.spot, dialect) for pair in spot.pairs if pair.style != "merge"}
    for pair in spot.pairs:
        if pair.style == "merge":
            sources = pair.spot.items if pair.spot.kind == "list" else [pair.spot]
            for source in sources:
                for name, part in _reading(source, dialect).items():
                    own.setdefault(name, part)
    return own
