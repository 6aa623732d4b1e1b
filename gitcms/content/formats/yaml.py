"""YAML front matter: read without constructing anything, changed by splicing at libyaml's marks.

Here: the format as the house sees it. How an edit becomes text is told in `yaml_edits`, what a
scalar means in `yaml_scalars`, where nodes stand in `yaml_nodes`.

Every edit is verified: the new text is read again under YAML 1.1 and 1.2 rules, and unless it
reads as the old text with just this edit done, the next way to write it is tried, or it is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, TypeVar

from gitcms.content import spans
from gitcms.content.edits import Edit
from gitcms.content.formats import yaml_edits
from gitcms.content.formats.base import Later, Reading, Tree, apply_to_tree, reads_as, tree_of
from gitcms.content.formats.headers import HEADER, HEADER_LINES
from gitcms.content.formats.markers import Fence, FirstLines
from gitcms.content.formats.yaml_nodes import (
    ALIAS,
    LIST,
    MAP,
    SCALAR,
    Node,
    compose,
    content_end,
    is_nothing,
    unreadable_at,
)
from gitcms.content.formats.yaml_scalars import (
    BOOLEANS,
    ImpossibleScalar,
    as_text,
    read_plain,
    timestamp,
    value_of_plain,
)
from gitcms.content.formats.yaml_skim import skimmed
from gitcms.content.values import Path, Raw, Value
from gitcms.errors import EditRefused

_TEXT_TAGS = ("!", "tag:yaml.org,2002:str")
_COLLECTION_TAGS = ("tag:yaml.org,2002:seq", "tag:yaml.org,2002:map")
_Part = TypeVar("_Part")


@dataclass(frozen=True, slots=True, eq=False)
class Dialect:
    """What one version of YAML reads. With merge keys about, keys have no order to compare."""

    version: str
    root: Tree
    merges: bool = False

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Dialect):
            return NotImplemented
        if self.merges == other.merges:
            return bool(self.root == other.root)
        # The last merge key went, or the first one came.
        return bool(_sorted(self.root) == _sorted(other.root))


class YamlFormat:
    """YAML 1.1 and 1.2, as Jekyll, Hugo, Eleventy, Astro and their like read it."""

    name = "yaml"
    markers = (
        Fence("---", language="(?:yaml)?", closes=("---", "...")),
        # Lines closed by a `---` that nothing opened, as Hexo reads them.
        FirstLines(HEADER, HEADER_LINES, re.compile(r"---[ \t]*\r?\n"), closing=True),
    )
    suffixes = (".yml", ".yaml")
    fences = ("---\n", "---\n")
    ended_by_blank_line = False

    def read(self, text: str) -> Reading:
        """:raises FrontMatterUnreadable: also where it is no mapping, or names a day that does not exist."""
        root = compose(text)
        if root is None or is_nothing(root):
            return Reading({})
        if root.kind != MAP and root.kind != LIST:
            raise unreadable_at(
                text, root.start, "not a mapping", "This file does not begin with named fields."
            )
        reader = _Reader(text)
        values = reader.mapping(root) if root.kind == MAP else {}
        items = [reader.value(item) for item in root.value] if root.kind == LIST else None
        return Reading(
            values,
            tuple(reader.warnings),
            lines=Later(lambda: _places(root, lambda node: spans.line_number(text, node.start))),
            texts=Later(lambda: dict(_texts(root, text))),
            items=items,
            warned=tuple(spans.line_number(text, at) for at in reader.warned),
        )

    def skim(self, text: str) -> Reading:
        """As `read`; where the values stand is found out when somebody asks."""
        values = skimmed(text)
        if values is None:
            return self.read(text)
        return Reading(
            values,
            lines=Later(lambda: dict(self.read(text).lines)),
            texts=Later(lambda: dict(self.read(text).texts)),
        )

    def edit(self, text: str, edit: Edit, *, newline: str) -> str:
        """Tries the ways to write the edit, the one most like its neighbours first."""
        expected = [self.apply(tree, edit) for tree in self.readings(text)]
        for splices in yaml_edits.ways(text, edit, newline=newline):
            changed = spans.apply(text, splices)
            if reads_as(self, changed, expected):
                return changed
        raise EditRefused(
            yaml_edits.reason(text, edit),
            details=f"no way to write {type(edit).__name__} at {edit.path!r} reads back alike",
        )

    def splices(self, text: str, edits: Sequence[Edit], *, newline: str) -> list[spans.Splice]:
        """The way most like its neighbours for each of the edits."""
        return yaml_edits.first_ways(text, edits, newline=newline)

    def readings(self, text: str) -> list[Any]:
        """One tree for YAML 1.1, one for YAML 1.2. Merge keys are merged in both: generators do."""
        return list(_dialects(text))

    def apply(self, tree: Any, edit: Edit) -> Any:
        """The edit on one `Dialect`. A moment that 1.1 reads is text to 1.2, in whichever spelling."""
        changed = apply_to_tree(tree.root, edit, _PLANTS[tree.version])
        return Dialect(tree.version, _sorted(changed) if tree.merges else changed, tree.merges)

    def dump(self, values: Mapping[str, Value], *, newline: str) -> str:
        """Two-space indentation, lists in block style, quotes only where some reader needs them."""
        return self.dump_like(values, "", newline=newline)

    def dump_like(self, values: Mapping[str, Value], neighbour: str, *, newline: str) -> str:
        """The same with the habits of a neighbour's front matter: quotes, indentation, list style."""
        order = [name for name in self.read(neighbour).values if name in values]
        ordered = {name: values[name] for name in (*order, *values)}
        text = yaml_edits.write(ordered, neighbour, newline=newline)
        expected = [Dialect(version, plant(ordered)) for version, plant in _PLANTS.items()]
        if not reads_as(self, text, expected):
            raise EditRefused("These values cannot be written into a file.")
        return text


@lru_cache(maxsize=4)
def _dialects(text: str) -> tuple[Dialect, Dialect]:
    root = compose(text)
    if root is None or is_nothing(root):
        return Dialect("1.1", ("m", ())), Dialect("1.2", ("m", ()))
    trees = _Trees(text)
    one, two = trees.both(root)
    if trees.merges:
        one, two = _sorted(one), _sorted(two)
    return Dialect("1.1", one, trees.merges), Dialect("1.2", two, trees.merges)


def _sorted(tree: Any) -> Any:
    if not isinstance(tree, tuple) or tree[0] not in ("m", "l"):
        return tree
    if tree[0] == "l":
        return ("l", tuple([_sorted(item) for item in tree[1]]))
    pairs = [(key, _sorted(part)) for key, part in tree[1]]
    return ("m", tuple(sorted(pairs, key=lambda pair: str(pair[0]))))


class _Trees:
    """Both dialects' trees in one walk; where they agree they are the same object."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._known: dict[int, tuple[Tree, Tree]] = {}
        self.merges = False

    def both(self, node: Node) -> tuple[Tree, Tree]:
        if node.kind == SCALAR and node.tag is None:
            if node.plain:
                return _plain_leaves(node, self._text)
            leaf = ("s", "str", node.value)
            return leaf, leaf
        if node.kind == ALIAS or node.anchor is not None:
            node = node.resolved()
            if id(node) not in self._known:
                self._known[id(node)] = self._tagged(node)
            return self._known[id(node)]
        return self._tagged(node)

    def _tagged(self, node: Node) -> tuple[Tree, Tree]:
        if node.kind == SCALAR and node.plain and node.tag is None:
            return _plain_leaves(node, self._text)
        one, two = self._bare(node)
        if node.tag is None or node.tag in _TEXT_TAGS or node.tag in _COLLECTION_TAGS:
            return one, two
        return ("tag", node.tag, one), ("tag", node.tag, two)

    def _bare(self, node: Node) -> tuple[Tree, Tree]:
        if node.kind == SCALAR:
            leaf = ("s", "str", node.value)
            return leaf, leaf
        if node.kind == LIST:
            first, second = [], []
            for item in node.value:
                one, two = self.both(item)
                first.append(one)
                second.append(two)
            return self._pair("l", first, second)
        return self._mapping(node)

    def _mapping(self, node: Node) -> tuple[Tree, Tree]:
        first, second = [], []
        merged = []
        for key, value in node.value:
            if key.value == "<<" and _is_merge(key):
                merged.append(value.resolved())
                continue
            name = self._key(key)
            one, two = self.both(value)
            pair = (name, one)
            first.append(pair)
            second.append(pair if one is two else (name, two))
        if not merged:
            return self._pair("m", first, second)
        self.merges = True
        return self._merge(tuple(first), merged, 0), self._merge(tuple(second), merged, 1)

    def _pair(self, kind: str, first: list[Any], second: list[Any]) -> tuple[Tree, Tree]:
        one = (kind, tuple(first))
        # What is equal is mostly the same object, so that this comparison costs next to nothing.
        return one, one if first == second else (kind, tuple(second))

    def _merge(self, own: tuple[Any, ...], sources: list[Node], dialect: int) -> Tree:
        """Own keys first, then what is merged in and not overridden."""
        pairs = list(own)
        names = {key for key, _ in own}
        for source in _merge_sources(sources):
            tree = self.both(source)[dialect]
            if tree[0] != "m":
                pairs.append((("merge", tree), tree))
                continue
            fresh = [pair for pair in tree[1] if pair[0] not in names]
            names.update(key for key, _ in fresh)
            pairs += fresh
        return ("m", tuple(pairs))

    def _key(self, key: Node) -> Any:
        return key.value if key.kind == SCALAR else ("key", self.both(key)[0])


class _Reader:
    """Nodes as values."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.warnings: list[str] = []
        self.warned: list[int] = []

    def mapping(self, node: Node) -> dict[str, Value]:
        values: dict[str, Value] = {}
        merged: list[Node] = []
        for key, value in node.value:
            if _is_merge(key):
                merged.append(value)
            elif key.kind != SCALAR:
                raise unreadable_at(
                    self._text,
                    key.start,
                    "a key that is no scalar",
                    "A field of this file has no plain name.",
                )
            else:
                if key.value in values:
                    self.warnings.append(f"“{key.value}” stands there twice. The last one counts.")
                    self.warned.append(key.start)
                values[key.value] = self.value(value)
        for source in _merge_sources(merged):
            if source.kind != MAP:
                raise unreadable_at(self._text, source.start, "a merge of something that is no mapping")
            for name, value in self.mapping(source).items():
                values.setdefault(name, value)
        return values

    def value(self, node: Node) -> Value:
        if node.tag is None and node.plain:
            return self._plain(node)
        node = node.resolved()
        if node.tag is not None and node.tag not in _TEXT_TAGS and node.tag not in _COLLECTION_TAGS:
            return Raw(
                self._source(node), f"It carries the mark {_short_tag(node.tag)}, which is kept as it is."
            )
        if node.kind == LIST:
            return [self.value(item) for item in node.value]
        if node.kind == MAP:
            if all(key.kind == SCALAR for key, _ in node.value):
                return self.mapping(node)
            return Raw(self._source(node), "It has keys that are no plain names.")
        if node.plain and node.tag is None:
            return self._plain(node)
        if "\x00" in node.value:
            raise unreadable_at(
                self._text, node.start, "NUL", "A field holds a character that cannot be shown."
            )
        return str(node.value)

    def _plain(self, node: Node) -> Value:
        try:
            return value_of_plain(node.value)
        except ImpossibleScalar as error:
            raise unreadable_at(self._text, node.start, "impossible scalar", str(error)) from error

    def _source(self, node: Node) -> str:
        return self._text[node.start : content_end(node, self._text)]


def _places(root: Node, place: Callable[[Node], _Part]) -> dict[Path, _Part]:
    return {path: place(key or node) for path, key, node in _walk(root, ())}


def _texts(root: Node, text: str) -> Iterator[tuple[Path, str]]:
    for path, _, node in _walk(root, ()):
        if node.kind in (SCALAR, ALIAS):
            yield path, text[node.start : content_end(node, text)]


def _walk(node: Node, path: Path) -> Iterator[tuple[Path, Node | None, Node]]:
    if node.kind == LIST:
        for index, item in enumerate(node.value):
            yield (*path, index), None, item
            yield from _walk(item, (*path, index))
    elif node.kind == MAP:
        for key, value in node.value:
            if key.kind == SCALAR:
                yield (*path, key.value), key, value
                yield from _walk(value, (*path, key.value))


def _plain_leaves(node: Node, text: str) -> tuple[Tree, Tree]:
    try:
        return read_plain(node.value)
    except ImpossibleScalar as error:
        raise unreadable_at(text, node.start, "impossible scalar", str(error)) from error


def _is_merge(key: Node) -> bool:
    return key.kind == SCALAR and key.plain and key.value == "<<"


def _merge_sources(values: list[Node]) -> Iterator[Node]:
    for value in values:
        value = value.resolved()
        if value.kind == LIST:
            yield from (item.resolved() for item in value.value)
        else:
            yield value


def _short_tag(tag: str) -> str:
    return tag.replace("tag:yaml.org,2002:", "!!")


class _Anyhow:
    """A leaf that has several right spellings; it stands in expected trees alone."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, fits: Callable[[Tree], bool]) -> None:
        self._fits = fits

    def __eq__(self, other: object) -> bool:
        return isinstance(other, tuple) and self._fits(other)


def _plant_1_1(value: Value) -> Tree:
    return _plant(value, lambda part: tree_of(as_text(part)))


def _plant_1_2(value: Value) -> Tree:
    return _plant(value, _leaf_1_2)


def _plant(value: Value, leaf: Callable[[Value], Tree]) -> Tree:
    if isinstance(value, dict):
        return ("m", tuple([(key, _plant(part, leaf)) for key, part in value.items()]))
    if isinstance(value, list):
        return ("l", tuple([_plant(part, leaf) for part in value]))
    return leaf(value)


def _leaf_1_2(value: Value) -> Any:
    if isinstance(value, datetime | date):
        return _Anyhow(lambda leaf: leaf[1] == "str" and _is_moment(leaf[2], value))
    if isinstance(value, bool):
        return _Anyhow(
            lambda leaf: leaf == ("s", "bool", value) or (leaf[1] == "str" and BOOLEANS.get(leaf[2]) is value)
        )
    return tree_of(as_text(value))


def _is_moment(text: str, value: date | datetime) -> bool:
    found = timestamp(text)
    if isinstance(value, datetime) and isinstance(found, datetime):
        return value.isoformat() == found.isoformat()
    return type(found) is type(value) and found == value


_PLANTS: dict[str, Callable[[Value], Tree]] = {"1.1": _plant_1_1, "1.2": _plant_1_2}
