"""Two people's changes of values joined: field by field, objects key by key, lists item by item.

What comes out are the values as they should be, and the edits that make them of the other's version. So
whatever neither touched stays in the file as it is spelled.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gitcms.content.alignment import aligned, key_of, likeness
from gitcms.content.edits import Append, Edit, Insert, Rename, Set, Unset, moves_between
from gitcms.content.merge.choices import Questions, place_of
from gitcms.content.values import MISSING, Found, Path, Value, same

MOST_ORDERED = 1000
"""Items of a list that both sorted anew, beyond which one order is chosen as a whole."""


@dataclass(frozen=True, slots=True)
class Joined:
    """A value as it should be, and the edits that make it of theirs, each on what the ones before left."""

    value: Found
    edits: tuple[Edit, ...] = ()


def join_values(
    questions: Questions,
    base: Mapping[str, Value],
    theirs: Mapping[str, Value],
    mine: Mapping[str, Value],
    path: Path = (),
) -> Joined:
    """Join two versions of an object, key by key. Keys that only I have come last."""
    base, theirs, mine, renames = _with_names(questions, dict(base), dict(theirs), dict(mine), path)
    values: dict[str, Value] = {}
    edits: list[Edit] = [*renames]
    for key in dict.fromkeys([*theirs, *base, *mine]):
        one = join(
            questions,
            (*path, key),
            base.get(key, MISSING),
            theirs.get(key, MISSING),
            mine.get(key, MISSING),
        )
        if one.value is MISSING:
            edits += one.edits
            continue
        new = key not in theirs
        edits += [Set((*path, key), one.value, *_place(key, mine, values))] if new else one.edits
        values[key] = one.value
    return Joined(values, tuple(edits))


def _place(key: str, mine: Mapping[str, Value], values: Mapping[str, Value]) -> tuple[str | None, str | None]:
    """Return the key that a new one of mine stands behind, or the one that it stands before."""
    names = [*mine] if key in mine else [key]
    at = names.index(key)
    before = next((name for name in reversed(names[:at]) if name in values), None)
    after = next((name for name in names[at + 1 :] if name in values), None)
    return before, after if before is None else None


def join(questions: Questions, path: Path, base: Found, theirs: Found, mine: Found) -> Joined:
    """Join two versions of the value at a path, which is one of theirs."""
    if same(mine, theirs) or same(base, mine):
        return Joined(theirs)
    if same(base, theirs):
        return _replaced(path, theirs, mine)
    nothing = base is MISSING or base is None
    if isinstance(theirs, dict) and isinstance(mine, dict) and (nothing or isinstance(base, dict)):
        joined = join_values(questions, {} if nothing else base, theirs, mine, path)  # type: ignore[arg-type]
        return joined if theirs and joined.value else _replaced(path, theirs, joined.value)
    if isinstance(theirs, list) and isinstance(mine, list) and (nothing or isinstance(base, list)):
        joined = join_lists(questions, path, [] if nothing else base, theirs, mine)  # type: ignore[arg-type]
        return joined if theirs and joined.value else _replaced(path, theirs, joined.value)
    return _replaced(path, theirs, questions.ask("field", place_of(path), path, base, theirs, mine))


def _replaced(path: Path, theirs: Found, value: Found) -> Joined:
    if same(theirs, value):
        return Joined(theirs)
    if value is MISSING:
        return Joined(MISSING, (Unset(path),))
    return Joined(value, (Set(path, value),))


# ── keys that got another name ──


def _with_names(
    questions: Questions, base: dict[str, Value], theirs: dict[str, Value], mine: dict[str, Value], path: Path
) -> tuple[dict[str, Value], dict[str, Value], dict[str, Value], list[Edit]]:
    """Let all three versions call each key as it shall be called."""
    by_them, by_me = _renamed(base, theirs), _renamed(base, mine)
    edits: list[Edit] = []
    for old in [key for key in base if key in by_them or key in by_me]:
        there, here = by_them.get(old, old), by_me.get(old, old)
        if (there == old and old not in theirs) or (here == old and old not in mine):
            continue  # one renamed what the other removed
        name = here if there == old else there
        if there != old and here not in (old, there):
            place = place_of((*path, old)) + ".name"
            name = str(questions.ask("name", place, (*path, old), old, there, here))
        if any(name in side and own != name for side, own in ((theirs, there), (mine, here), (base, old))):
            continue
        if there != name:
            edits.append(Rename((*path, there), name))
        base, theirs, mine = _called(base, old, name), _called(theirs, there, name), _called(mine, here, name)
    return base, theirs, mine, edits


def _renamed(base: Mapping[str, Value], side: Mapping[str, Value]) -> dict[str, str]:
    """Return the keys that stand in their old place with their old value, under a new name."""
    fresh = [key for key in side if key not in base]
    before, after = _neighbours(base, side), _neighbours(side, base)
    names: dict[str, str] = {}
    for key in [key for key in base if key not in side]:
        # Many a value is empty, or a switch: only what is somebody's words tells one field from another.
        told = isinstance(base[key], str | list | dict) and bool(base[key])
        found = [new for new in fresh if same(side[new], base[key]) and after[new] == before[key]]
        if told and len(found) == 1 and found[0] not in names.values():
            names[key] = found[0]
    return names


def _neighbours(values: Mapping[str, Value], other: Mapping[str, Value]) -> dict[str, str | None]:
    """Return for each key the one before it that both have."""
    last: str | None = None
    before: dict[str, str | None] = {}
    for key in values:
        before[key] = last
        last = key if key in other else last
    return before


def _called(values: dict[str, Value], old: str, name: str) -> dict[str, Value]:
    return {name if key == old else key: value for key, value in values.items()}


# ── lists ──

_Item = tuple[str, int]
"""Who an item is: ("base", i), or what one side added: ("theirs", i), ("mine", i)."""


@dataclass
class _Side:
    """One version of a list held against the base: where each item of the base is, and what was added."""

    items: Sequence[Value]
    place: dict[int, int]
    names: list[_Item]

    @classmethod
    def of(cls, base: Sequence[Value], items: Sequence[Value], who: str) -> _Side:
        place: dict[int, int] = {}
        names: list[_Item] = [(who, number) for number in range(len(items))]
        for old, new in aligned(base, items, key_of, likeness):
            if old is not None and new is not None:
                place[int(old)] = new
                names[new] = ("base", int(old))
        return cls(items, place, names)


def join_lists(
    questions: Questions, path: Path, base: list[Value], theirs: list[Value], mine: list[Value]
) -> Joined:
    """Join two versions of a list. What both added stays once; what each added stays, theirs before mine."""
    other, own = _Side.of(base, theirs, "theirs"), _Side.of(base, mine, "mine")
    work = _ListWork(path, {name: theirs[place] for place, name in enumerate(other.names)})
    for number, value in enumerate(base):
        there, here = other.place.get(number), own.place.get(number)
        item: _Item = ("base", number)
        if there is not None and here is not None:
            joined = join(questions, (*path, there), value, theirs[there], mine[here])
            work.keep(item, joined)
        elif there is not None and not same(theirs[there], value):
            answer = questions.ask(
                "field", place_of((*path, number)), (*path, there), value, theirs[there], MISSING
            )
            work.keep(item, _replaced((*path, there), theirs[there], answer))
        elif there is not None:
            work.keep(item, Joined(MISSING))
        elif here is not None and not same(mine[here], value):
            answer = questions.ask(
                "field", place_of((*path, number)), (*path, number), value, MISSING, mine[here]
            )
            work.come_back(item, answer)
    twins = _twins(other, own, work.values)
    order = _order(questions, path, base, other, own, work)
    order = _with_mine(order, own, twins, work)
    return work.done(other.names, order)


@dataclass
class _ListWork:
    """What becomes of a list: the values by item, and the edits of items that are there."""

    path: Path
    values: dict[_Item, Value]
    edits: list[Edit] = field(default_factory=list)
    gone: set[_Item] = field(default_factory=set)
    back: dict[_Item, Value] = field(default_factory=dict)

    def keep(self, item: _Item, joined: Joined) -> None:
        if joined.value is MISSING:
            self.gone.add(item)
            return
        self.edits += joined.edits
        self.values[item] = joined.value

    def come_back(self, item: _Item, value: Found) -> None:
        if value is not MISSING:
            self.back[item] = value

    def done(self, names: Sequence[_Item], order: Sequence[_Item]) -> Joined:
        """Return the list in its order: some items go, the rest is sorted, and new ones come."""
        staying = [item for item in names if item not in self.gone]
        if not staying:
            return _replaced(self.path, MISSING, [self.values[item] for item in order])
        edits = [*self.edits]
        edits += [Unset((*self.path, at)) for at in reversed(range(len(names))) if names[at] in self.gone]
        wanted = [item for item in order if item in set(staying)]
        edits += moves_between(self.path, [*map(str, staying)], [*map(str, wanted)])
        known = set(staying)
        for at, item in enumerate(order):
            if item not in known:
                last = at >= len(wanted)
                edits.append(
                    Append(self.path, self.values[item]) if last else Insert(self.path, at, self.values[item])
                )
                wanted.insert(at, item)
        return Joined([self.values[item] for item in order], tuple(edits))


def _twins(other: _Side, own: _Side, values: Mapping[_Item, Value]) -> dict[_Item, _Item]:
    """Return which of my new items they brought too: it stands once."""
    theirs: dict[object, list[_Item]] = {}
    for name in other.names:
        if name[0] == "theirs":
            theirs.setdefault(key_of(values[name]), []).append(name)
    twins: dict[_Item, _Item] = {}
    for place, name in enumerate(own.names):
        if name[0] == "mine" and theirs.get(key_of(own.items[place])):
            twins[name] = theirs[key_of(own.items[place])].pop(0)
    return twins


def _order(
    questions: Questions, path: Path, base: list[Value], other: _Side, own: _Side, work: _ListWork
) -> list[_Item]:
    """Return their items in the order that both wanted."""
    staying = [item for item in other.names if item not in work.gone]
    both = [item for item in staying if item[0] == "base" and item[1] in own.place]
    mine = sorted(both, key=lambda item: own.place[item[1]])
    first = sorted(both, key=lambda item: item[1])
    if mine in (first, both):
        return staying
    wanted = mine if both == first else _tournament(both, mine, first)
    if wanted is None:
        place = place_of(path) + ".order"
        chosen = questions.ask("order", place, path, base, [*other.items], [*own.items])
        wanted = mine if same(chosen, [*own.items]) else both
    return _sorted_with_followers(staying, wanted)


def _tournament(theirs: list[_Item], mine: list[_Item], first: list[_Item]) -> list[_Item] | None:
    """Return the order in which each two stand as whoever changed their order wants it, or None.

    Whoever left two as they were has no wish about them; two who changed it agree.
    """
    if len(first) > MOST_ORDERED:
        return None
    in_theirs, in_mine = ({item: at for at, item in enumerate(order)} for order in (theirs, mine))
    before: Counter[_Item] = Counter(dict.fromkeys(first, 0))
    for at, one in enumerate(first):
        for two in first[at + 1 :]:
            turned = in_theirs[one] > in_theirs[two] or in_mine[one] > in_mine[two]
            before[one if turned else two] += 1
    if sorted(before.values()) != [*range(len(first))]:
        return None  # three of them stand each before the next, in a circle
    return sorted(first, key=lambda item: before[item])


def _sorted_with_followers(staying: list[_Item], wanted: list[_Item]) -> list[_Item]:
    """Sort the items that are to be sorted; the others stay behind the one that they stood behind.

    What stands behind all of them stays at the end.
    """
    sorts = set(wanted)
    end = max(at for at, item in enumerate(staying) if item in sorts) + 1
    followers: dict[_Item | None, list[_Item]] = {None: []}
    leader: _Item | None = None
    for item in staying[:end]:
        if item in sorts:
            leader = item
            followers[leader] = []
        else:
            followers[leader].append(item)
    body = [one for item in wanted for one in (item, *followers[item])]
    return [*followers[None], *body, *staying[end:]]


def _with_mine(order: list[_Item], own: _Side, twins: Mapping[_Item, _Item], work: _ListWork) -> list[_Item]:
    """Put what I added behind the item that it stands behind in my version, and after what they put there."""
    there = set(order)
    at = _behind_new(order, -1)
    last = max((place for place, name in enumerate(own.names) if name[0] == "base"), default=-1)
    for place, name in enumerate(own.names):
        if place == last + 1:
            at = len(order)
        item = twins.get(name, name)
        if item in there:
            at = _behind_new(order, order.index(item)) if name[0] == "base" else order.index(item) + 1
            continue
        if name[0] == "mine":
            work.values[item] = own.items[place]
        elif name in work.back:
            work.values[item] = work.back[name]
        else:
            continue
        order.insert(at, item)
        there.add(item)
        at += 1
    return order


def _behind_new(order: Sequence[_Item], at: int) -> int:
    at += 1
    while at < len(order) and order[at][0] == "theirs":
        at += 1
    return at
