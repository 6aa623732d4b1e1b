"""Many edits of one save: written together, proved together.

Here: which edits may be written into one text at once, and the proof that they did what they name and
nothing else. Proving each by itself reads the whole text again for each. Not here: how an edit is written
(`formats/`) and what it has to be in terms of what is there (`edits.settle`).

Edits are meant for the state that the ones before them left; here they are told in the places of the text
as it is. Where that cannot be told, the batch ends. Where the proof of a batch fails, its halves are tried,
down to single edits, which have more than one way to be written and name the one that is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace

from gitcms.content import spans
from gitcms.content.edits import Append, Edit, Insert, Set, Unset, apply_to_values, settle
from gitcms.content.formats.base import Batching, Format, edit_verified, reads_as_edited
from gitcms.content.values import MISSING, Path, Value, find
from gitcms.errors import EditRefused

Fields = dict[str, Value] | list[Value]


def edited(known: Format, text: str, root: Fields, edits: Sequence[Edit], newline: str) -> str:
    """The text with the edits done.

    :param root: what the text says.
    :raises EditRefused: one of them cannot be done without touching something else.
    """
    if len(edits) == 1:
        steps = settle(root, edits[0])
        if len(steps) == 1:
            return edit_verified(known, text, steps[0], newline)
    if not isinstance(known, Batching):
        return _one_by_one(known, text, edits, newline)
    root = deepcopy(root)
    done: list[Edit] = []
    for edit in edits:
        for step in settle(root, edit):
            apply_to_values(root, step)
            done.append(step)
    return _proved(known, text, done, newline)


def _one_by_one(known: Format, text: str, edits: Sequence[Edit], newline: str) -> str:
    for edit in edits:
        for step in settle(known.read(text).root, edit):
            text = edit_verified(known, text, step, newline)
    return text


def _proved(known: Format, text: str, steps: Sequence[Edit], newline: str) -> str:
    while steps:
        batch, count = _Batch.of(known.read(text).root, steps)
        text = _proved_batch(known, text, batch, steps[:count], newline)
        steps = steps[count:]
    return text


def _proved_batch(
    known: Format, text: str, batch: Sequence[Edit], steps: Sequence[Edit], newline: str
) -> str:
    """
    :param batch: the edits in the places of the text.
    :param steps: the same edits, each meant for what the ones before it left.
    """
    if len(steps) == 1:
        return edit_verified(known, text, steps[0], newline)
    assert isinstance(known, Batching)
    try:
        changed = spans.apply(text, known.splices(text, batch, newline=newline))
        if reads_as_edited(known, text, changed, steps):
            return changed
    except EditRefused:
        pass  # Which one is at fault shows when they are tried apart.
    half = len(steps) // 2
    return _proved(known, _proved(known, text, steps[:half], newline), steps[half:], newline)


class _Batch:
    """The leading edits that do not touch one another, told in the places of the text as it is."""

    def __init__(self, root: Fields) -> None:
        self._root = root
        self._rows: dict[Path, list[int | None]] = {}
        self._touched: set[Path] = set()
        self._above: set[Path] = set()
        self._beside: dict[Path, Set] = {}

    @classmethod
    def of(cls, root: Fields, steps: Sequence[Edit]) -> tuple[list[Edit], int]:
        """The edits of the batch, and how many of the steps they are: at least one."""
        batch = cls(root)
        told: list[Edit] = []
        for step in steps:
            here = batch._tell(step)
            if here is None:
                break
            told.append(here)
        return told, max(1, len(told))

    def _tell(self, step: Edit) -> Edit | None:
        if isinstance(step, Append | Insert):
            return self._tell_added(step)
        if not isinstance(step, Set | Unset):
            return None
        parent = self._place(step.path[:-1])
        if parent is None:
            return None
        last = step.path[-1]
        if isinstance(last, int):
            return self._tell_item(step, parent, last)
        path = (*parent, last)
        if not self._touch(path):
            return None
        if isinstance(step, Set) and find(self._root, path) is MISSING:
            return self._tell_new_key(replace(step, path=path), parent)
        return replace(step, path=path)

    def _tell_item(self, step: Set | Unset, parent: Path, index: int) -> Edit | None:
        row = self._row(parent)
        place = row[index] if row is not None and index < len(row) else None
        if row is None or place is None or not self._touch((*parent, place)):
            return None
        if isinstance(step, Unset):
            del row[index]
        return replace(step, path=(*parent, place))

    def _tell_added(self, step: Append | Insert) -> Edit | None:
        path = self._place(step.path)
        row = None if path is None else self._row(path)
        if path is None or row is None or path in self._touched:
            return None
        self._note_above((*path, 0))
        if isinstance(step, Append):
            row.append(None)
            return replace(step, path=path)
        place = row[step.index]
        if place is None:
            return None
        row.insert(step.index, None)
        return replace(step, path=path, index=place)

    def _tell_new_key(self, step: Set, parent: Path) -> Set:
        """A neighbour that is new itself is not in the text yet; its own neighbours are."""
        beside = self._beside.get((*parent, step.after or ""))
        if beside is not None:
            step = replace(step, after=beside.after, before=beside.before)
        self._beside[step.path] = step
        return step

    def _place(self, path: Path) -> Path | None:
        """Where what stands at a path now stands in the text; `None` if it is not there or changed."""
        here: Path = ()
        for step in path:
            if isinstance(step, int) and here in self._rows:
                row = self._rows[here]
                place = row[step] if step < len(row) else None
                if place is None:
                    return None
                step = place
            here = (*here, step)
            if here in self._touched:
                return None
        return here

    def _row(self, path: Path) -> list[int | None] | None:
        """For each item of a list now, its number in the text; `None` stands for a new one."""
        if path not in self._rows:
            found = find(self._root, path) if path else self._root
            if not isinstance(found, list) or not found:
                return None
            self._rows[path] = [*range(len(found))]
        return self._rows[path]

    def _touch(self, path: Path) -> bool:
        if path in self._touched or path in self._above:
            return False
        self._touched.add(path)
        self._note_above(path)
        return True

    def _note_above(self, path: Path) -> None:
        self._above.update(path[:length] for length in range(1, len(path)))
