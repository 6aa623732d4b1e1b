"""What a judge knows of a value: what it is, and where it stands.

Readings are made of dicts, lists and leaves; a leaf is `(type, value)`, so that `1`, `1.0` and `"1"` are
three things. Each format has one reading for each dialect that generators read it in.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Steps = tuple[Any, ...]

COMMENT = re.compile(r"(?:(?<=[\s\]},\"'])|(?<![\s\S]))#[^\r\n]*")


class Unreadable(Exception):
    """The fields do not parse, so nothing can be said of an edit but that it has to be refused."""


@dataclass(eq=False)
class Spot:
    """A value in the text.

    :param start: where it begins and `end` where it ends, its line end and comments left out.
    :param leaves: what a scalar is, for each dialect.
    :param style: the quotes or the sign of a block that a scalar has.
    :param flow: whether it stands between brackets.
    :param shared: whether it has an anchor, is an alias, or stands in what is one.
    :param zones: for a table of TOML, the places of its sections, whole lines.
    """

    kind: str
    start: int
    end: int
    leaves: tuple[Any, ...] = ()
    style: str = ""
    flow: bool = False
    shared: bool = False
    tagged: bool = False
    items: list[Spot] = field(default_factory=list)
    pairs: list[Pair] = field(default_factory=list)
    zones: list[tuple[int, int]] = field(default_factory=list)

    def is_text(self) -> bool:
        return self.kind == "scalar" and all(leaf[0] == "str" for leaf in self.leaves)

    @property
    def text(self) -> str:
        return str(self.leaves[0][1])

    def children(self) -> Iterator[tuple[Any, Spot]]:
        yield from ((pair.name, pair.spot) for pair in self.pairs if pair.style != "merge")
        yield from enumerate(self.items)

    def find(self, path: Steps) -> Spot | None:
        """What stands at a path; of keys that stand there twice, the last one."""
        spot = self
        for step in path:
            parts = dict(spot.children())
            if step not in parts:
                return None
            spot = parts[step]
        return spot

    def pairs_of(self, path: Steps) -> list[Pair]:
        """The keys that a path names: more than one, where a key stands there twice."""
        holder = self.find(path[:-1])
        return [pair for pair in holder.pairs if pair.name == path[-1]] if holder else []


@dataclass(eq=False)
class Pair:
    """A key with its value. `start` to `end` is the key; TOML may write it in more `places`."""

    name: str
    start: int
    end: int
    spot: Spot
    style: str = ""
    places: list[tuple[int, int]] = field(default_factory=list)


def walk(spot: Spot, path: Steps = ()) -> Iterator[tuple[Steps, Spot]]:
    """Each value with its path; what an earlier key of the same name holds is left out."""
    for step, part in dict(spot.children()).items():
        yield (*path, step), part
        yield from walk(part, (*path, step))


def every(spot: Spot) -> Iterator[Spot]:
    """Each value that stands in the text, twice where a key does."""
    yield spot
    for _, part in spot.children():
        yield from every(part)


def comments(text: str, root: Spot) -> Counter[str]:
    """The comments of a YAML or TOML text: what follows a `#` that stands in no scalar and no key."""
    return Counter(text[at:end].strip() for at, end in comment_places(text, root))


def comment_places(text: str, root: Spot) -> list[tuple[int, int]]:
    taken = sorted(_scalar_places(text, root))
    found = []
    at = 0
    while match := COMMENT.search(text, at):
        while taken and taken[0][1] <= match.start():
            taken.pop(0)
        if taken and taken[0][0] <= match.start():
            at = taken[0][1]
            continue
        found.append(match.span())
        at = match.end()
    return found


def attached(text: str, root: Spot) -> Counter[tuple[str, str]]:
    """The comments behind something on its line, with what stands before them."""
    pairs = []
    for at, end in comment_places(text, root):
        code = text[text.rfind("\n", 0, at) + 1 : at].strip(" \t,")
        if code:
            pairs.append((code, text[at:end].strip()))
    return Counter(pairs)


def _scalar_places(text: str, root: Spot) -> Iterator[tuple[int, int]]:
    for spot in every(root):
        if spot.kind == "scalar":
            start = spot.start
            if spot.style in ("|", ">"):
                start = text.find("\n", start, spot.end)
                if start < 0:
                    continue
            yield start, spot.end
        yield from ((pair.start, pair.end) for pair in spot.pairs)
        yield from (place for pair in spot.pairs for place in pair.places)
