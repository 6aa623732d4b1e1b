"""Which parts of one sequence are which parts of another: equal and in line, equal elsewhere, or alike.

Parts are items of lists or paragraphs of a text. What became of them is told by `compare`, and joined
by `merge`.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TypeVar

from gitcms.content.values import Value, same

Part = TypeVar("Part")
Pair = tuple[int | None, int | None]
"""The places of one part in the old and the new sequence; None where it is not."""

FARTHEST = 500
"""Parts that differ before we stop looking for what is common. The work grows with its square."""

MOST_STEPS = 1_000_000
"""Parts held against each other before we stop as well: a text that repeats itself has many ways through."""

SAMPLE = 20_000
"""Characters of a text that tell what it is like."""


class Moved(int):
    """A place in the old sequence that is not in line with the places around it."""


def aligned(
    old: Sequence[Part],
    new: Sequence[Part],
    key: Callable[[Part], Hashable],
    likeness: Callable[[Part, Part], float],
) -> list[Pair]:
    """Pair what is equal and in line, then what is equal elsewhere, then what is alike."""
    old_keys, new_keys = [*map(key, old)], [*map(key, new)]
    lonely: dict[Hashable, list[int]] = {}
    gaps: list[tuple[list[int], list[int]]] = []
    shared = common(old_keys, new_keys)
    i = j = 0
    for common_i, common_j in [*shared, (len(old), len(new))]:
        gaps.append(([*range(i, common_i)], [*range(j, common_j)]))
        for place in gaps[-1][0]:
            lonely.setdefault(old_keys[place], []).append(place)
        i, j = common_i + 1, common_j + 1
    moved = {
        place: Moved(lonely[new_keys[place]].pop(0))
        for _, after in gaps
        for place in after
        if lonely.get(new_keys[place])
    }
    gone = set(moved.values())
    pairs: list[Pair] = []
    for number, (before, after) in enumerate(gaps):
        left = [place for place in before if place not in gone]
        pairs += _alike(left, after, moved, lambda a, b: likeness(old[a], new[b]))
        pairs += shared[number : number + 1]
    return pairs


def _alike(
    before: list[int], after: list[int], moved: Mapping[int, int], likeness: Callable[[int, int], float]
) -> Iterator[Pair]:
    """Pair the parts of a gap that have most in common, keeping the order of both sides."""
    open_after = [place for place in after if place not in moved]
    if len(before) == len(open_after) == 1:
        partners = {open_after[0]: before[0]}
    elif len(before) * len(open_after) <= 2_500:
        partners = _best_pairs(before, open_after, likeness)
    else:
        partners = dict(zip(open_after, before, strict=False))
    left = list(before)
    for place in after:
        if place in partners:
            while left[0] != partners[place]:
                yield left.pop(0), None
            yield left.pop(0), place
        else:
            yield moved.get(place), place
    for place in left:
        yield place, None


def _best_pairs(before: list[int], after: list[int], likeness: Callable[[int, int], float]) -> dict[int, int]:
    """The order-keeping pairs with the greatest likeness in all; a pair with hardly any is none."""
    best = [[0.0] * (len(after) + 1) for _ in range(len(before) + 1)]
    alike = [[likeness(i, j) for j in after] for i in before]
    for i in range(len(before) - 1, -1, -1):
        for j in range(len(after) - 1, -1, -1):
            paired = alike[i][j] + best[i + 1][j + 1] if alike[i][j] > 0.2 else 0.0
            best[i][j] = max(paired, best[i + 1][j], best[i][j + 1])
    partners: dict[int, int] = {}
    i = j = 0
    while i < len(before) and j < len(after):
        if alike[i][j] > 0.2 and best[i][j] == alike[i][j] + best[i + 1][j + 1]:
            partners[after[j]] = before[i]
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return partners


def common(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[tuple[int, int]]:
    """The places of a longest common subsequence (Myers, "An O(ND) Difference Algorithm", 1986).

    With more than `FARTHEST` differences, or `MOST_STEPS` to be made, only the common beginning and end.
    """
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    middle = _middle(old[head : len(old) - tail], new[head : len(new) - tail])
    return [
        *((at, at) for at in range(head)),
        *((head + i, head + j) for i, j in middle),
        *((len(old) - at, len(new) - at) for at in range(tail, 0, -1)),
    ]


def _middle(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[tuple[int, int]]:
    if not old or not new or not set(old) & set(new):
        return []
    reached = {1: 0}
    trail: list[dict[int, int]] = []
    steps = 0
    for distance in range(min(len(old) + len(new), FARTHEST) + 1):
        trail.append(reached.copy())
        for diagonal in range(-distance, distance + 1, 2):
            if diagonal == -distance or (
                diagonal != distance and reached[diagonal - 1] < reached[diagonal + 1]
            ):
                i = reached[diagonal + 1]
            else:
                i = reached[diagonal - 1] + 1
            start, j = i, i - diagonal
            while i < len(old) and j < len(new) and old[i] == new[j]:
                i, j = i + 1, j + 1
            reached[diagonal] = i
            if i >= len(old) and j >= len(new):
                return _walk_back(trail, len(old), len(new))
            steps += i - start
        if steps > MOST_STEPS:
            break
    return []


def _walk_back(trail: list[dict[int, int]], i: int, j: int) -> list[tuple[int, int]]:
    pairs: list[tuple[int, int]] = []
    for distance in range(len(trail) - 1, -1, -1):
        reached, diagonal = trail[distance], i - j
        if diagonal == -distance or (diagonal != distance and reached[diagonal - 1] < reached[diagonal + 1]):
            previous = diagonal + 1
        else:
            previous = diagonal - 1
        from_i = reached[previous]
        from_j = from_i - previous
        while i > from_i and j > from_j and i > 0 and j > 0:
            i, j = i - 1, j - 1
            pairs.append((i, j))
        i, j = from_i, from_j
    return pairs[::-1]


# ── likeness ──


def key_of(value: Value) -> Hashable:
    """Something that is equal for values that are `same`, and only for those."""
    if isinstance(value, Mapping):
        return frozenset((key, key_of(part)) for key, part in value.items())
    if isinstance(value, list):
        return ("list", *map(key_of, value))
    return (type(value), repr(value))


def likeness(old: Value, new: Value) -> float:
    """How much two items have in common, from 0 to 1."""
    if isinstance(old, dict) and isinstance(new, dict):
        shared = [key for key in old if key in new and same(old[key], new[key])]
        return (len(shared) + 0.1) / max(len(old), len(new), 1)
    if isinstance(old, str) and isinstance(new, str):
        return text_likeness(old, new)
    return 0.1 if type(old) is type(new) else 0.0


def text_likeness(old: str, new: str) -> float:
    before, after = _counted(old[:SAMPLE]), _counted(new[:SAMPLE])
    shared = (before & after).total()
    return shared / max(before.total(), after.total(), 1)


@lru_cache(maxsize=128)
def _counted(text: str) -> Counter[str]:
    """The words of a text by their number. In a gap each text is held against many others."""
    return Counter(token for token in tokens(text) if token.strip())


# ── words ──

# Letters with their marks; marks are no letters to `re`, and joiners shape words in Persian and in India.
_LETTER = r"(?:(?![،؛؟۔।॥])[\w\u0300-\u036f\u0483-\u0489\u0590-\u109f\u1780-\u17d3\u200c\u200d])"
_ALONE = (
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff"
    r"\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
_WORD = rf"(?:(?!{_ALONE}){_LETTER})+"
_TOKEN = re.compile(rf"\n|[^\S\n]+|{_ALONE}|{_WORD}(?:['’.,:-]{_WORD})*|.")


def tokens(text: str) -> list[str]:
    tokens: list[str] = []
    for token in _TOKEN.findall(text):
        # A mark belongs to the character before it.
        if tokens and len(token) == 1 and ord(token) > 0x2FF and unicodedata.category(token)[0] == "M":
            tokens[-1] += token
        else:
            tokens.append(token)
    return tokens
