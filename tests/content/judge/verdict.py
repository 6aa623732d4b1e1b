"""Whether a save did what was asked, and nothing else.

Four things are looked at: what the fields read as now (`value`), which bytes differ (`bytes`), whether a
comment is gone or stands behind something else (`comment`), and whether the new text looks like its
neighbours (`style`, told by `looks`).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator

from tests.content.judge import looks
from tests.content.judge.formats import read
from tests.content.judge.oracle import Ask, expected
from tests.content.judge.pieces import LINES_OF_TEXT, Pieces, cut
from tests.content.judge.spots import Pair, Spot, Steps, Unreadable, attached, comment_places, comments
from tests.content.judge.toml_spots import own_zone

Zone = tuple[int, int]

LONE_DASH = re.compile(r"(?:^|\n)[ ]*(-)[ \t]*(?:[&!]\S*[ \t]*)*(?:#[^\n]*)?(?:\r?\n[ \t]*(?:#[^\n]*)?)+\Z")
"""The dash of an item that begins in a line of its own."""
ANCHORED = re.compile(r"-[ \t]+(?:[&!]\S*[ \t]+)+\Z")


def faults(before: bytes, ask: Ask, after: bytes) -> list[str]:
    """What is wrong with a save; nothing, where all is well."""
    old = cut(before)
    if ask.op == "body":
        return list(_body_faults(old, ask, after))
    if not (after.startswith(old.before) and after.endswith(old.behind)):
        return ["bytes: outside the fields"]
    new = Pieces(old.kind, old.before, after[len(old.before) : len(after) - len(old.behind)], old.behind)
    if cut(after) != new:
        return ["bytes: the fields end elsewhere now"]
    try:
        return list(_field_faults(old, new, ask))
    except Unreadable as error:
        return [f"value: no longer read: {error}"]


def _field_faults(old: Pieces, new: Pieces, ask: Ask) -> Iterator[str]:
    was, readings = read(old.kind, old.text)
    now, found = read(new.kind, new.text)
    wanted = expected(old.kind, readings, ask)
    for dialect, (one, other) in enumerate(zip(wanted, found, strict=True)):
        if not one == other:  # noqa: SIM201
            yield f"value: dialect {dialect} reads {_difference(one, other)}"
    if old.kind == "yaml" and all("\r" not in line for line in [old.text]) and "\r" in new.text:
        yield "style: a line end of another kind"
    if "\r\n" in old.text and not re.search(r"(?<!\r)\n", old.text) and re.search(r"(?<!\r)\n", new.text):
        yield "style: a line end of another kind"
    if ask.op == "many":
        return
    yield from _byte_faults(old, new, was, now, ask)
    if old.kind in ("yaml", "toml"):
        yield from _comment_faults(old, new, was, now, ask)
    yield from looks.faults(old, new, was, now, ask)


# Bytes


def _byte_faults(old: Pieces, new: Pieces, was: Spot, now: Spot, ask: Ask) -> Iterator[str]:
    one, other = old.text, new.text
    spot = was.find(ask.path)
    if ask.op == "rename":
        if other not in set(_renamed(one, was.pairs_of(ask.path), ask.name)):
            yield "bytes: more than the key differs"
    elif ask.op == "set" and spot is not None:
        if old.kind == "toml" and (spot.kind != "scalar" or ask.value is None):
            # A table may become a line elsewhere, and the other way round.
            if not _rest_stays(one, other, list(_own_zones(old, was, ask.path))):
                yield "bytes: outside the value"
        elif not _differs_only_in(one, other, set_zone(old, was, ask)):
            yield "bytes: outside the value"
    elif ask.op in ("set", "append", "insert"):
        if not _grew(one, other, old.kind):
            yield "bytes: more than new text put in"
    elif ask.op == "move" and spot is not None:
        if Counter(one) != Counter(other) or (not spot.flow and _lines(one) != _lines(other)):
            yield "bytes: other text than before"
        if not _differs_only_in(one, other, _line_zone(one, reach(old, spot))):
            yield "bytes: outside the list"
    elif ask.op == "unset" and spot is not None:
        yield from _removal_faults(old, new, was, ask)


def set_zone(old: Pieces, was: Spot, ask: Ask) -> Zone:
    """Where the bytes may differ when a value is replaced."""
    text = old.text
    spot = was.find(ask.path)
    assert spot is not None
    start, end = reach(old, spot)
    if old.kind == "org" and len(ask.path) == 1 and not spot.zones:
        # `#+KEY[]:` is a list, `#+KEY:` a text.
        start = was.pairs_of(ask.path)[-1].end
    if old.kind == "yaml" and (spot.kind != "scalar" or _is_long(ask.value)):
        # The value may move to lines of its own, around a comment that stays; or come back from there.
        pairs = was.pairs_of(ask.path)
        start = max(pairs[-1].end, 0) if pairs else _lone_dash(text, start)
        end = max(_line_end(text, end), end)
    elif start == end:
        # An empty value may stand anywhere behind its colon.
        pairs = was.pairs_of(ask.path)
        start, end = (pairs[-1].end if pairs else start), _line_end(text, end)
    return start, end


def reach(old: Pieces, spot: Spot) -> Zone:
    """From the first sign of a value to its last, the lines of what it holds included."""
    start, end = spot.start, spot.end
    if spot.kind != "scalar" and not spot.flow:
        end = own_end(old.text, end, _column(old.text, start))
        zones = [zone for part in _all(spot) for zone in part.zones]
        if zones:
            start, end = min(zone[0] for zone in zones), max(zone[1] for zone in zones)
    return start, end


def own_end(text: str, end: int, column: int) -> int:
    """The end of a part's lines: comment lines deeper than its column go with it."""
    at = own = _line_end(text, end)
    while at < len(text):
        stop = _line_end(text, at + 1)
        line = text[at + 1 : stop]
        if line.strip() and not (line.lstrip().startswith("#") and len(line) - len(line.lstrip()) >= column):
            return own
        own, at = (stop if line.strip() else own), stop
    return own


def _renamed(text: str, pairs: list, name: str) -> Iterator[str]:  # type: ignore[type-arg]
    places = sorted({place for pair in pairs for place in (pair.places or [(pair.start, pair.end)])})
    # Org writes a name in capitals where the old one was; which name it is, is looked at elsewhere.
    for spelled in (
        name,
        name.upper(),
        json.dumps(name, ensure_ascii=False),
        json.dumps(name),
        "'" + name.replace("'", "''") + "'",
    ):
        made = text
        for start, end in reversed(places):
            made = made[:start] + spelled + made[end:]
        yield made


def _removal_faults(old: Pieces, new: Pieces, was: Spot, ask: Ask) -> Iterator[str]:
    one, other = old.text, new.text
    holder = was.find(ask.path[:-1])
    assert holder is not None
    twice = len(was.pairs_of(ask.path)) > 1
    alone = len({step for step, _ in holder.children()}) == 1
    zones = list(_own_zones(old, was, ask.path))
    if alone and ask.path[:-1]:
        start, end = set_zone(old, was, Ask("", "set", ask.path[:-1], []))
        zones.append((start, end))
        # In TOML what is left of a list of tables becomes a line elsewhere.
        moved = old.kind == "toml" and not holder.flow and _rest_stays(one, other, zones)
        if not moved and not _differs_only_in(one, other, _around(one, zones)):
            yield "bytes: outside what is removed"
    elif twice or len(zones) > 1 or (old.kind == "toml" and not holder.flow):
        if not _only_less(one, other, zones):
            yield "bytes: outside what is removed"
    elif not _cut_out(one, other, zones[0]):
        yield "bytes: outside what is removed"
    blank = Counter(line.strip() == "" for line in one.split("\n"))[True]
    if old.kind == "yaml" and not holder.flow and not alone:
        left = Counter(line.strip() == "" for line in other.split("\n"))[True]
        inside = sum(not line.strip() for zone in zones for line in one[slice(*zone)].split("\n")[1:-1])
        if left < blank - inside:
            yield "style: a blank line is gone"


def _own_zones(old: Pieces, was: Spot, path: Steps) -> Iterator[Zone]:
    """The lines of what is removed, its comment lines above, and the blanks behind."""
    text = old.text
    spot = was.find(path)
    assert spot is not None
    if spot.zones and old.kind == "org":
        yield from spot.zones
        return
    if old.kind == "org" and len(path) == 1:
        yield text.rfind("\n", 0, was.pairs_of(path)[-1].start) + 1, _line_end(text, spot.end) + 1
        return
    if old.kind == "toml":
        for zone in _table_zones(text, was, path):
            yield _with_surroundings(text, *zone)
    if spot.style == "dotted":
        for part in walk_pairs(spot):
            yield _with_surroundings(text, text.rfind("\n", 0, part.start) + 1, part.spot.end)
        return
    pairs = was.pairs_of(path)
    places = [(pair.start, pair.spot) for pair in pairs] or [(spot.start, spot)]
    holder = was.find(path[:-1])
    for start, part in places:
        end = max(part.end, start)
        if holder and holder.flow:
            before = [other.end for _, other in holder.children() if other.end <= start]
            # Of Org's tags the first one goes with one of the colons around it.
            first = holder.start + (text[holder.start] != ":")
            yield before[-1] if before else first, _with_surroundings(text, start, end)[1]
            continue
        end = max(own_end(text, end, _column(text, start) + 1), end)
        if type(path[-1]) is int:
            marked = ANCHORED.search(text[:start])
            start = marked.start() if marked else _lone_dash(text, start)
        yield _with_surroundings(text, start, end)


def walk_pairs(spot: Spot) -> Iterator[Pair]:
    for pair in spot.pairs:
        yield pair
        yield from walk_pairs(pair.spot)


def _lone_dash(text: str, start: int) -> int:
    """Where the dash stands of an item that begins in a line of its own; else where the item begins."""
    found = LONE_DASH.search(text[:start])
    return found.start(1) if found else start


def _table_zones(text: str, was: Spot, path: Steps) -> list[Zone]:
    spot = was.find(path)
    zones = [zone for part in _all(spot) for zone in part.zones] if spot else []
    return [own_zone(text, *zone) for zone in zones]


def _with_surroundings(text: str, start: int, end: int) -> Zone:
    """The comment lines right above and the separator and blanks behind, or before."""
    first = text.rfind("\n", 0, start) + 1
    if not re.fullmatch(r"[\s-]*", text[first:start]):
        first = len(text[:start].rstrip(" \t\r\n,"))
        while text[first:start].lstrip(" \t").startswith("#"):
            first = _line_end(text, first + 1)
    while first:
        above = text.rfind("\n", 0, first - 1) + 1
        if not text[above:first].lstrip().startswith("#"):
            break
        first = above
    behind = re.compile(r"[ \t]*,?[ \t]*(?:#[^\n]*)?\s*").match(text, end)
    return first, behind.end() if behind else end


def _all(spot: Spot) -> Iterator[Spot]:
    yield spot
    for _, part in spot.children():
        yield from _all(part)


def _differs_only_in(one: str, other: str, zone: Zone) -> bool:
    start, end = zone
    rest = len(one) - end
    if other.startswith(one[:start]) and other.endswith(one[end:]) and len(other) >= start + rest:
        return True
    # A last line that had no end gets one when lines follow.
    return end == len(one) and other.startswith(one[:start])


def _cut_out(one: str, other: str, zone: Zone) -> bool:
    """Whether nothing is new, and all that is gone stood in the zone."""
    left = iter(one)
    return _differs_only_in(one, other, zone) and all(sign in left for sign in other)


def _only_less(one: str, other: str, zones: list[Zone]) -> bool:
    """Whether nothing is new, and everything outside the zones still there."""
    old = iter(line.strip(" \t\r,") for line in one.split("\n"))
    return _rest_stays(one, other, zones) and all(line.strip(" \t\r,") in old for line in other.split("\n"))


def _grew(one: str, other: str, kind: str) -> bool:
    """Whether new text was put in, in one place; a comma may have been added in another."""
    low = 0
    while low < min(len(one), len(other)) and one[low] == other[low]:
        low += 1
    high = 0
    while high < min(len(one), len(other)) - low and one[-1 - high] == other[-1 - high]:
        high += 1
    if low + high >= len(one):
        return True
    between = one[low : len(one) - high]
    grown = other[low : len(other) - high]
    # `b # why` becomes `b, # why` and a line; an empty list loses its blanks; a last line gets its end.
    return grown.startswith("," + between) or not between.strip() or between.strip() in ("null", "~")


def _lines(text: str) -> Counter[str]:
    return Counter(line.strip(" \t\r-") for line in text.split("\n"))


def _rest_stays(one: str, other: str, zones: list[Zone]) -> bool:
    """Whether the lines outside the zones are still there, in order."""
    left = iter(line.strip() for line in other.split("\n"))
    at = 0
    for line in one.split("\n"):
        inside = any(
            (start <= at and at + len(line) <= end + 1) or at <= start < at + len(line)
            for start, end in zones
        )
        at += len(line) + 1
        if line.strip() and not inside and line.strip() not in left:
            return False
    return True


def _line_zone(text: str, zone: Zone) -> Zone:
    return text.rfind("\n", 0, zone[0]) + 1, _line_end(text, zone[1])


def _around(text: str, zones: list[Zone]) -> Zone:
    return min(zone[0] for zone in zones), max(zone[1] for zone in zones)


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _column(text: str, at: int) -> int:
    return at - text.rfind("\n", 0, at) - 1


def _is_long(value: object) -> bool:
    return isinstance(value, list | dict) or (isinstance(value, str) and "\n" in value)


# Comments


def _comment_faults(old: Pieces, new: Pieces, was: Spot, now: Spot, ask: Ask) -> Iterator[str]:
    gone = comments(old.text, was) - comments(new.text, now)
    if gone:
        gone -= _own_comments(old, was, ask)
    if gone:
        yield f"comment: lost {sorted(gone)[0]}"
    new_comments = comments(new.text, now) - comments(old.text, was)
    if new_comments:
        yield f"comment: made up {sorted(new_comments)[0]}"
    if ask.op in ("append", "insert", "move") or (ask.op == "set" and was.find(ask.path) is None):
        holder = was.find(ask.path if ask.op != "set" else ask.path[:-1])
        here = attached(new.text, now)
        moved = attached(old.text, was) - here
        if holder and holder.flow:
            # What stands before it on its line has grown, up to its first bracket it is the same.
            heads = {(re.split(r"[\[{]", code)[0], comment) for code, comment in here}
            moved = Counter(one for one in moved if (re.split(r"[\[{]", one[0])[0], one[1]) not in heads)
        if moved:
            yield f"comment: stands elsewhere {sorted(moved)[0]}"


def _own_comments(old: Pieces, was: Spot, ask: Ask) -> Counter[str]:
    """The comments that may go: those of what is removed or replaced as a whole."""
    if ask.op == "unset":
        zones = list(_own_zones(old, was, ask.path))
        holder = was.find(ask.path[:-1])
        if holder and len(list(holder.children())) == 1 and ask.path[:-1]:
            zones.append(set_zone(old, was, Ask("", "set", ask.path[:-1], [])))
    elif ask.op == "set" and (spot := was.find(ask.path)) and (spot.kind != "scalar" or ask.value is None):
        zones = list(_own_zones(old, was, ask.path)) if old.kind == "toml" else [set_zone(old, was, ask)]
    else:
        return Counter()
    text, places = old.text, comment_places(old.text, was)
    inside = [place for place in places if any(start <= place[0] < end for start, end in zones)]
    return Counter(text[slice(*place)].strip() for place in inside)


# Bodies


def _body_faults(old: Pieces, ask: Ask, after: bytes) -> Iterator[str]:
    """The lines that are in both keep their bytes; the fields keep all of theirs."""
    head = old.before + old.fields
    if not after.startswith(head):
        yield "bytes: outside the body"
        return
    body, new = old.behind, after[len(head) :]
    shown = new.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    closing = _closing(old)
    try:
        wanted = ask.value.encode()
        body.decode()
    except UnicodeError:
        return
    # The blank line that ends headers comes back where it was taken out.
    kept = [wanted, b"\n" + wanted] if old.kind == "headers" else [wanted]
    if shown[closing:] not in kept and shown not in kept:
        yield "value: another body"
    one, other = (re.findall(rb"[^\n]*\n|[^\n]+", data) for data in (body, new))
    # Which lines stayed is told without the kind of their line ends; what stayed has to keep them.
    was, now = ([line.replace(b"\r\n", b"\n") for line in lines] for lines in (one, other))
    low = _alike(was, now)
    high = min(_alike(was[::-1], now[::-1]), len(was) - low, len(now) - low)
    if one[:low] != other[:low] or one[len(one) - high :] != other[len(other) - high :]:
        yield "bytes: lines that nobody changed"


def _alike(one: list[bytes], other: list[bytes]) -> int:
    """How many lines are the same at the beginning."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((i for i, pair in pairs if pair[0] != pair[1]), min(len(one), len(other)))


def _closing(old: Pieces) -> int:
    """How much of what stands behind the fields is their mark, not body."""
    found = re.compile(rb"(?:---|\.\.\.|\+\+\+|;;;)[ \t]*\r?\n|\r?\n(?=)").match(old.behind)
    if not found or old.kind in ("none", *LINES_OF_TEXT):
        return 0
    return len(found[0].replace(b"\r\n", b"\n"))


def body_of(old: Pieces) -> str:
    """The body with LF line ends, for the list of edits."""
    text = old.behind.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    return text[_closing(old) :]


def _difference(one: object, other: object, path: str = "") -> str:
    if isinstance(one, dict) and isinstance(other, dict):
        for name in [*one, *other]:
            if name not in one or name not in other:
                return f"{path}.{name} in {'the wish' if name in one else 'the file'} alone"
            if not one[name] == other[name]:  # noqa: SIM201 — the wish decides, and stands on the left
                return _difference(one[name], other[name], f"{path}.{name}")
    if isinstance(one, list) and isinstance(other, list):
        for index, pair in enumerate(zip(one, other, strict=False)):
            if not pair[0] == pair[1]:  # noqa: SIM201
                return _difference(*pair, f"{path}.{index}")
    return f"{path} as {other!r}, not {one!r}"[:200]
