"""What lies between two versions of a text, a body or a set of values, for people to read.

Exact: what is shown as changed has changed, and every change of a value is named by its path. Not here:
labels and sentences (services), and the joining of two people's changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from gitcms.content.alignment import Moved, aligned, common, key_of, likeness, text_likeness, tokens
from gitcms.content.markdown import blocks
from gitcms.content.values import MISSING, Found, Path, Value, same

MOST_CHARACTERS = 500_000
"""In two texts together that are compared by words; what is beyond goes line by line, or as a whole."""


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text that both versions hold, or only one of them."""

    kind: Literal["same", "added", "removed"]
    text: str


def words(old: str, new: str) -> list[Span]:
    """Return the words that two texts share and those that they do not, in reading order.

    Chinese, Japanese and scripts without spaces go character by character. All that is same or removed makes
    the old text, all that is same or added the new one. Texts that differ in more than 500 words come
    back as one removed and one added piece between their common beginning and end; very long ones are
    compared by lines.
    """
    short = len(old) + len(new) <= MOST_CHARACTERS
    before, after = (tokens(text) if short else text.splitlines(keepends=True) for text in (old, new))
    return list(_spans(before, after, common(before, after)))


@dataclass(frozen=True, slots=True)
class ParagraphChange:
    """What became of a paragraph, or that `count` paragraphs in a row stayed as they are.

    `spans` hold the words of a paragraph that changed, came, went or moved; they are empty for "same".
    """

    kind: Literal["same", "changed", "added", "removed", "moved"]
    spans: tuple[Span, ...] = ()
    count: int = 1


def paragraphs(old_body: str, new_body: str) -> list[ParagraphChange]:
    """Return what became of each block of a body (see `markdown.blocks`), in the order of the new one.

    A block that stands elsewhere word for word has moved, and is named at its new place alone. The number of
    blank lines between blocks is no difference. Of very much that changed, the first is told word by word.
    """
    before = [block.text for block in blocks(old_body)]
    after = [block.text for block in blocks(new_body)]
    changes: list[ParagraphChange] = []
    compared = 0
    for i, j in aligned(before, after, str, text_likeness):
        kind: Literal["same", "changed", "added", "removed", "moved"]
        if i is None and j is not None:
            kind, spans = "added", [Span("added", after[j])]
        elif i is not None and j is None:
            kind, spans = "removed", [Span("removed", before[i])]
        elif isinstance(i, Moved) and j is not None:
            kind, spans = "moved", [Span("same", after[j])]
        elif i is not None and j is not None and before[i] != after[j]:
            kind, spans = "changed", [Span("removed", before[i]), Span("added", after[j])]
            compared += len(before[i]) + len(after[j])
            if compared <= MOST_CHARACTERS:
                spans = words(before[i], after[j])
        elif changes and changes[-1].kind == "same":
            changes[-1] = ParagraphChange("same", count=changes[-1].count + 1)
            continue
        else:
            kind, spans = "same", []
        changes.append(ParagraphChange(kind, tuple(spans)))
    return changes


@dataclass(frozen=True, slots=True)
class FieldChange:
    """What became of the value at one path.

    :param path: its place in the new values; in the old ones if it was removed.
    :param old: `MISSING` if it was added.
    :param new: `MISSING` if it was removed.
    :param old_path: its place in the old values, which differs where items came or went before it.
    """

    path: Path
    old: Found
    new: Found
    kind: Literal["added", "changed", "removed", "moved"]
    old_path: Path


def fields(old: Mapping[str, Value], new: Mapping[str, Value]) -> list[FieldChange]:
    """Return every value that differs, at the deepest path that names the difference.

    Objects are compared key by key, lists item by item: equal items are recognised wherever they stand, and
    of the others those are held against each other that have most in common.
    """
    return list(_mapping_changes((), (), old, new))


# ── words ──


def _spans(before: Sequence[str], after: Sequence[str], common: Sequence[tuple[int, int]]) -> Iterator[Span]:
    """Yield the pieces of two texts, where the places that they share are known."""
    i = j = at = 0
    while i < len(before) or j < len(after):
        common_i, common_j = common[at] if at < len(common) else (len(before), len(after))
        if i < common_i:
            yield Span("removed", "".join(before[i:common_i]))
        if j < common_j:
            yield Span("added", "".join(after[j:common_j]))
        i, j = common_i, common_j
        while at < len(common) and common[at] == (i, j):
            at, i, j = at + 1, i + 1, j + 1
        if common_i < i:
            yield Span("same", "".join(before[common_i:i]))


# ── values ──


def _mapping_changes(
    old_path: Path, path: Path, old: Mapping[str, Value], new: Mapping[str, Value]
) -> Iterator[FieldChange]:
    for key in [*old, *(key for key in new if key not in old)]:
        yield from _changes((*old_path, key), (*path, key), old.get(key, MISSING), new.get(key, MISSING))


def _changes(old_path: Path, path: Path, old: Found, new: Found) -> Iterator[FieldChange]:
    if old is MISSING:
        yield FieldChange(path, old, new, "added", old_path)
    elif new is MISSING:
        yield FieldChange(old_path, old, new, "removed", old_path)
    elif same(old, new):
        return
    elif isinstance(old, dict) and isinstance(new, dict) and old and new:
        yield from _mapping_changes(old_path, path, old, new)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _list_changes(old_path, path, old, new)
    else:
        yield FieldChange(path, old, new, "changed", old_path)


def _list_changes(old_path: Path, path: Path, old: list[Value], new: list[Value]) -> Iterator[FieldChange]:
    for i, j in aligned(old, new, key_of, likeness):
        if i is None and j is not None:
            yield FieldChange((*path, j), MISSING, new[j], "added", (*old_path, j))
        elif i is not None and j is None:
            yield FieldChange((*old_path, i), old[i], MISSING, "removed", (*old_path, i))
        elif isinstance(i, Moved) and j is not None:
            yield FieldChange((*path, j), old[i], new[j], "moved", (*old_path, int(i)))
        elif i is not None and j is not None:
            yield from _changes((*old_path, i), (*path, j), old[i], new[j])
