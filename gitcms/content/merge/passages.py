"""Two people's changes of a text joined paragraph by paragraph.

The parts are the blocks of `markdown.blocks`, so neither a list, nor code between fences, nor an HTML
element is torn. Line ends are LF here; what a file makes of them is `content.body`'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from gitcms.content.alignment import Moved, aligned, text_likeness
from gitcms.content.markdown import blocks
from gitcms.content.merge.choices import Questions
from gitcms.content.values import MISSING, Found

LIKE = 0.2
"""How much a new paragraph has in common with an old one to be taken for a part of it."""


@dataclass(frozen=True, slots=True)
class _Unit:
    """A block on its way into the joined text, with its place in each version that has it."""

    text: str
    base: int | None = None
    theirs: int | None = None
    mine: int | None = None


@dataclass
class _Version:
    """A text in blocks and gaps, held against the base.

    `place` is where each block of the base is, alike or equal, in line; `moved` where it stands word for
    word, but elsewhere. `new` are the blocks that came before each block of the base, and after the last.
    """

    text: str
    blocks: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    place: dict[int, int] = field(default_factory=dict)
    moved: dict[int, int] = field(default_factory=dict)
    new: dict[int, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        at = 0
        for block in blocks(self.text):
            self.blocks.append(block.text)
            self.gaps.append(self.text[at : block.start])
            at = block.start + len(block.text)
        self.gaps.append(self.text[at:])

    def held_against(self, base: _Version) -> _Version:
        slot = 0
        for old, new in aligned(base.blocks, self.blocks, str, text_likeness):
            if new is None:
                assert old is not None
                slot = old + 1
            elif isinstance(old, Moved):
                self.moved[int(old)] = new
                self.new.setdefault(slot, []).append(new)
            elif old is None:
                self.new.setdefault(slot, []).append(new)
            else:
                self.place[old] = new
                slot = old + 1
        return self

    def gap(self, before: int | None, after: int | None) -> str | None:
        """Return what lies between two neighbours; -1 is the beginning, the number of blocks the end."""
        neighbours = before is not None and after == before + 1
        return self.gaps[after] if neighbours and after is not None else None


def join_texts(questions: Questions, base: str, theirs: str, mine: str) -> str:
    """Join two versions of a text. Whatever neither touched stays, blank lines too."""
    if mine in (base, theirs):
        return theirs
    if theirs == base:
        return mine
    asked = len(questions.asked), len(questions.open)
    work = _Work(questions, _Version(base), _Version(theirs), _Version(mine))
    units = work.units()
    if units is not None:
        text = "".join(_with_gaps(work, units))
        pieces = [block.text for unit in units for block in blocks(unit.text)]
        if [block.text for block in blocks(text)] == pieces:
            return text
    # Both sorted the same paragraphs, or joined they would read as others than they are.
    del questions.asked[asked[0] :], questions.open[asked[1] :]
    whole = questions.ask("text", "text", (), base, theirs, mine)
    return whole if isinstance(whole, str) else ""


class _Work:
    """The three versions, walked from the beginning of the base to its end."""

    def __init__(self, questions: Questions, base: _Version, theirs: _Version, mine: _Version) -> None:
        self.questions = questions
        self.base = base
        self.theirs = theirs.held_against(base)
        self.mine = mine.held_against(base)
        self.absorbed: set[tuple[str, int]] = set()

    def units(self) -> list[_Unit] | None:
        """Return the joined blocks; None where both moved one block to different places."""
        twice = set(self.theirs.moved) & set(self.mine.moved)
        if any(self._slot_of(self.theirs, old) != self._slot_of(self.mine, old) for old in twice):
            return None
        found: list[_Unit] = []
        # First, since they may take what is new beside them.
        contested = [self._contested(number) for number in range(len(self.base.blocks))]
        for number, units in enumerate(contested):
            found += self._new(number)
            found += self._kept(number) if units is None else units
        return [*found, *self._new(len(contested))]

    def _slot_of(self, version: _Version, old: int) -> int:
        return next(slot for slot, new in version.new.items() if version.moved[old] in new)

    # ── blocks of the base ──

    def _kept(self, number: int) -> Iterator[_Unit]:
        """Yield a block that at most one side touched."""
        there, here = self.theirs.place.get(number), self.mine.place.get(number)
        if there is None or here is None:
            return
        text = self.theirs.blocks[there]
        if text == self.base.blocks[number]:
            text = self.mine.blocks[here]
        yield _Unit(text, number, there, here)

    def _contested(self, number: int) -> list[_Unit] | None:
        """Return what stands where both touched a block differently; None where they did not."""
        old = self.base.blocks[number]
        there, here = self._fate(self.theirs, number), self._fate(self.mine, number)
        if there == here or old in (there, here):
            return None
        theirs, mine = self._around(self.theirs, "theirs", number), self._around(self.mine, "mine", number)
        if _passage(self.theirs, theirs) == _passage(self.mine, mine):
            return [_Unit(self.theirs.blocks[at], theirs=at) for at in theirs]
        chosen = self.questions.ask(
            "passage", f"text.{number}", (), old, _passage(self.theirs, theirs), _passage(self.mine, mine)
        )
        return self._units_of(chosen, theirs, mine)

    def _fate(self, version: _Version, number: int) -> str | None:
        """Return what became of a block's text; one that only moved is as it was."""
        if number in version.moved:
            return self.base.blocks[number]
        place = version.place.get(number)
        return None if place is None else version.blocks[place]

    def _around(self, version: _Version, who: str, number: int) -> list[int]:
        """Return a block with the new ones beside it that were split off, or came in its stead."""
        old, place = self.base.blocks[number], version.place.get(number)
        found = [] if place is None else [place]
        before, behind = self._slots_around(version, number)
        for slot, first in (*((slot, True) for slot in before), *((slot, False) for slot in behind)):
            beside = [at for at in version.new.get(slot, []) if at not in version.moved.values()]
            alike = place is None or any(text_likeness(version.blocks[at], old) > LIKE for at in beside)
            if beside and alike and (who, slot) not in self.absorbed and self._alone(who, slot):
                self.absorbed.add((who, slot))
                found = [*beside, *found] if first else [*found, *beside]
        return found

    def _slots_around(self, version: _Version, number: int) -> tuple[list[int], list[int]]:
        """Return where to look for what came in a block's stead, nearest first: before it, and behind it.

        Who puts one paragraph in the place of three removed all three, and the new one stands before them.
        """

        def removed(at: int) -> bool:
            return 0 <= at < len(self.base.blocks) and at not in version.place and at not in version.moved

        before, behind = [number], [number + 1]
        if removed(number):
            while removed(before[-1] - 1):
                before.append(before[-1] - 1)
            while removed(behind[-1]):
                behind.append(behind[-1] + 1)
        return before, behind

    def _alone(self, who: str, slot: int) -> bool:
        other = self.mine if who == "theirs" else self.theirs
        version = self.theirs if who == "theirs" else self.mine
        return not other.new.get(slot) and not set(version.new[slot]) & set(version.moved.values())

    # ── what is new ──

    def _new(self, slot: int) -> Iterator[_Unit]:
        """Yield what came to stand before a block of the base."""
        theirs = [] if ("theirs", slot) in self.absorbed else self.theirs.new.get(slot, [])
        mine = [] if ("mine", slot) in self.absorbed else self.mine.new.get(slot, [])
        told = [self.theirs.blocks[at] for at in theirs], [self.mine.blocks[at] for at in mine]
        if told[0] == told[1]:
            pairs = zip(theirs, mine, strict=True)
            yield from self._placed(
                _Unit(self.theirs.blocks[one], theirs=one, mine=two) for one, two in pairs
            )
        elif not mine:
            yield from self._placed(_Unit(self.theirs.blocks[at], theirs=at) for at in theirs)
        elif not theirs:
            yield from self._placed(_Unit(self.mine.blocks[at], mine=at) for at in mine)
        else:
            chosen = self.questions.ask(
                "passage",
                f"text.{slot}.new",
                (),
                MISSING,
                _passage(self.theirs, theirs),
                _passage(self.mine, mine),
            )
            yield from self._units_of(chosen, theirs, mine)

    def _placed(self, units: Iterable[_Unit]) -> Iterator[_Unit]:
        """Yield new blocks; those that one side only moved as the other wrote them, if it left them there."""
        for unit in units:
            version, other, at = (self.theirs, self.mine, unit.theirs)
            if at is None:
                version, other, at = (self.mine, self.theirs, unit.mine)
            old = next((old for old, new in version.moved.items() if new == at), None)
            if old is None or old in other.moved:
                yield unit
            elif old in other.place:
                yield replace(unit, text=other.blocks[other.place[old]])

    def _units_of(self, chosen: Found, theirs: Sequence[int], mine: Sequence[int]) -> list[_Unit]:
        if chosen is MISSING or chosen is None:
            return []
        if theirs and chosen == _passage(self.theirs, theirs):
            return [_Unit(self.theirs.blocks[at], theirs=at) for at in theirs]
        if mine and chosen == _passage(self.mine, mine):
            return [_Unit(self.mine.blocks[at], mine=at) for at in mine]
        return [_Unit(str(chosen).strip("\n"))] if str(chosen).strip() else []


def _passage(version: _Version, places: Sequence[int]) -> Found:
    """Return blocks as they stand, with what lies between those that are neighbours."""
    text = ""
    for number, place in enumerate(places):
        gap = version.gap(places[number - 1], place) if number else ""
        text += ("\n\n" if gap is None else gap) + version.blocks[place]
    return text if places else MISSING


def _with_gaps(work: _Work, units: Sequence[_Unit]) -> Iterator[str]:
    """Yield the blocks and what lies between them: as it is where they are neighbours, else a blank line."""
    ends = [len(version.blocks) for version in (work.base, work.theirs, work.mine)]
    row = [_Unit("", -1, -1, -1), *units, _Unit("", *ends)]
    for before, after in pairwise(row):
        base = work.base.gap(before.base, after.base)
        theirs = work.theirs.gap(before.theirs, after.theirs)
        mine = work.mine.gap(before.mine, after.mine)
        if theirs is None or mine is None:
            yield _first_known(theirs, mine, before, after, work)
        else:
            yield mine if theirs == base else theirs
        yield after.text


def _first_known(theirs: str | None, mine: str | None, before: _Unit, after: _Unit, work: _Work) -> str:
    """Return the gap of two blocks that are not neighbours in both versions."""
    for known in (theirs, mine):
        if known is not None:
            return known
    if before.base == -1:
        return _end(work, 0)
    if after.text == "" and after.base == len(work.base.blocks):
        return _end(work, -1)
    behind = work.base.gaps[before.base + 1] if before.base is not None else ""
    # A block keeps the distance to what comes behind it, where it is nothing but a distance.
    return behind if "\n\n" in behind and not behind.strip() else "\n\n"


def _end(work: _Work, which: int) -> str:
    """Return how the text begins or ends, as whoever changed that has it."""
    base, theirs, mine = (version.gaps[which] for version in (work.base, work.theirs, work.mine))
    return mine if theirs == base else theirs
