"""The list of edits: for each file the same ones in every run, drawn by its name.

Each kind of edit that a file has a place for is asked once, of one place drawn among all; so the kinds
with few places (lists of objects, blocks) are asked as often as the common ones.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

from tests.content.judge.oracle import Ask
from tests.content.judge.pieces import LINES_OF_TEXT
from tests.content.judge.spots import Spot, Steps, walk

PLAIN = ("A quiet evening", "Second edition", "From the harbour", "Nothing else", "Ada Lovelace")
HARD = tuple(
    """no¦No¦NO¦yes¦on¦Off¦y¦N¦true¦TRUE¦False¦null¦Null¦~¦NaN¦.nan¦.inf¦-.Inf¦+.INF¦inf¦nO¦yEs¦tRUE¦nULL
0¦-0¦+1¦-12¦010¦0o17¦0x1F¦0b101¦1e3¦1E5¦1.¦.5¦-.5¦+.5¦1_000¦1,000¦1,000.5¦1__0¦0.10¦08¦09¦0777¦12e03¦1e+5
12:30¦1:2¦18:00:00¦190:20:30¦-1:30¦1:30.5¦2024-01-01¦2024-1-1¦2024-01-01 10:00¦2024-01-01T10:00:00Z
2024-01-01 10:00:00 +0900¦2024-01-01 10:00:00 -07:00¦2024-02-30¦10 June 2013¦20240101¦2024-01¦2024
=¦<<¦<¦>¦-¦--¦---¦...¦---x¦- a¦-a¦? x¦?x¦: x¦:x¦:symbol¦::¦a:¦a: b¦a:b¦a :b¦a #b¦a#b¦#tag¦# no¦@me¦`code`
%percent¦50%¦&anchor¦*alias¦!tag¦!!str 5¦|pipe¦{a}¦{a: b}¦[a]¦[a, b]¦a, b¦a]¦a}¦,¦{{ x }}¦{% x %}
it's¦'quoted'¦"quoted"¦'¦"¦''¦"\\"¦say "so"¦it's "so"¦back\\slash¦C:\\new¦\\n¦\\u0041¦a\\¦/path/to
 leading¦trailing ¦  both  ¦tab\there¦\ttab¦é¦ñandú¦日本語
Привет¦مرحبا¦🎉 party¦nbsp\u00a0here¦soft\u00adhyphen
zero\u200bwidth¦line\u2028sep¦next\u0085line¦bom\ufeffhere¦\u202ertl¦bell\u0007¦del\u007f¦c1\u0090¦vt\u000b
1.2.3¦v1.0¦1.0.0-rc.1¦127.0.0.1¦10%¦$5¦$5.00¦1/2¦1-2¦1+1¦+1 555 0100¦555-0100¦00123¦12 345¦٣¦½¦²¦Ⅷ
http://example.org/?a=b&c=d#e¦mailto:a@example.org¦a=b¦key = value¦[link](http://example.org)¦**bold**
<b>x</b>
a: 'b'¦x: ¦- ¦a - b¦a -- b¦, a¦(a)¦!¦?¦&¦*¦%¦@¦`¦\\u0000x¦0x¦0o¦1e¦e1¦.¦..¦+¦+.¦-.¦_¦1_¦_1¦null value
no way¦on time
[[a]]¦+++¦;;;¦true story¦~tilde¦a~¦<html>¦>quote¦> q¦¦ x¦'tis¦"x" y¦x "y"¦x 'y'¦word 'y¦#¦##¦a\\b
%YAML 1.2""".replace("\n", "¦").split("¦")
)
MULTI = (
    "One line\nand another",
    "First paragraph.\n\nSecond one, with a colon: here.\n",
    "- a\n- b\n",
    "# no comment\nkey: value\n",
    "a\n  indented\nback",
    "trailing spaces  \nhere",
    "ends twice\n\n",
    "'quotes' and \"quotes\"\nback\\slash",
    "  begins with space\nx",
    "\nbegins with a blank line",
    "tab\tinside\nx\t",
    "año 日本\n🎉",
    "---\nx",
    "a\n---\nb",
    "a\n+++\nb\n;;;\n",
)
DATES = (date(2024, 2, 29), date(1999, 12, 31), date(2031, 1, 1))
MOMENTS = (
    datetime(2024, 2, 29, 13, 5, 7),
    datetime(2024, 2, 29, 13, 5, 7, tzinfo=UTC),
    datetime(2019, 6, 1, 0, 0, 0, tzinfo=timezone(timedelta(hours=9))),
    datetime(2019, 6, 1, 23, 59, 59, tzinfo=timezone(timedelta(hours=-3, minutes=-30))),
    datetime(2019, 6, 1, 23, 59, 59, 250000, tzinfo=timezone(timedelta(hours=2))),
)
TYPED: dict[str, tuple[Any, ...]] = {
    "int": (0, 7, -3, 2016, 1234567890123),
    "float": (0.5, -2.25, 3.0, 1e-7, 1e21),
    "bool": (True, False),
    "date": DATES,
    "datetime": MOMENTS,
    "time": (time(18, 0), time(7, 30, 15)),
    "null": (None,),
    "list": (["one"], ["a", "b c", "no"], [1, 2], [], ["x: y", "#z"], [True, "true", 1.5]),
    "object": ({"url": "/a", "title": "A: b"}, {"n": 1}, {}, {"deep": {"er": ["x", "y"]}, "on": False}),
    "objects": (
        [{"url": "/a", "title": "A"}, {"url": "/b", "title": "no"}],
        [{"name": "x", "tags": ["p", "q"]}],
    ),
}
NEW_NAMES = (
    "subtitle",
    "cover_image",
    "og.title",
    "my key",
    "yes",
    "2024",
    "été",
    "x:y",
    "a=b",
    "-dash",
    "#hash",
)


def asks_for(name: str, kind: str, root: Spot, body: str) -> list[Ask]:
    """The edits of one file.

    :param name: the file's path in its collection; it seeds what is drawn.
    :param body: what stands behind the fields, with LF line ends.
    """
    draw = random.Random(name)
    found = list(_by_kind(_List(kind, root, draw)))
    found += _body_asks(body, draw)
    return found


class _List:
    """The places of one file, and chance."""

    def __init__(self, kind: str, root: Spot, draw: random.Random) -> None:
        self.kind = kind
        self.root = root
        self.draw = draw
        self.all = [(path, spot) for path, spot in walk(root) if not self._is_taken_over(path)]

    def places(self, wanted: Any) -> list[tuple[Steps, Spot]]:
        return [(path, spot) for path, spot in self.all if wanted(path, spot)]

    def one(self, places: list[tuple[Steps, Spot]]) -> Iterator[tuple[Steps, Spot]]:
        if places:
            yield self.draw.choice(places)

    def value(self, kind: str) -> Any:
        values = TYPED[kind]
        if self.kind in LINES_OF_TEXT and kind in ("object", "objects"):
            return "text"
        return self.draw.choice(values)

    def _is_taken_over(self, path: Steps) -> bool:
        """Whether a place stands for one elsewhere, or holds a tag: nothing there is to be edited."""
        spots = [self.root.find(path[:length]) for length in range(1, len(path) + 1)]
        return any(spot is None or spot.tagged for spot in spots)


def _by_kind(here: _List) -> Iterator[Ask]:
    yield from _texts(here)
    yield from _typed(here)
    yield from _new_keys(here)
    yield from _removals(here)
    yield from _lists(here)
    yield from _objects(here)
    yield from _names(here)
    yield from _several(here)


def _texts(here: _List) -> Iterator[Ask]:
    draw = here.draw
    for style, called in (
        ("", "plain"),
        ("'", "single"),
        ('"', "double"),
        ("'''", "triple"),
        ('"""', "triple"),
    ):
        texts = here.places(lambda _, spot, style=style: spot.is_text() and spot.style == style)
        for path, _ in here.one(texts):
            yield Ask(f"text into {called}", "set", path, draw.choice(HARD))
        for path, _ in here.one(texts):
            yield Ask(f"lines into {called}", "set", path, draw.choice(MULTI))
    for path, _ in here.one(here.places(lambda _, spot: spot.is_text())):
        yield Ask("text over text", "set", path, draw.choice(PLAIN))
    for style in ("|", ">"):
        blocks = here.places(lambda _, spot, style=style: spot.style == style)
        for value in ("One line", draw.choice(MULTI), draw.choice(MULTI), draw.choice(HARD)):
            for path, _ in here.one(blocks):
                yield Ask(f"lines into {style}", "set", path, value)
        for path, spot in here.one(blocks):
            yield Ask(f"more lines into {style}", "set", path, spot.text + "One more line.\n")
        for path, spot in here.one(blocks):
            words = spot.text.split(" ")
            words[draw.randrange(len(words))] += " indeed"
            yield Ask(f"a word into {style}", "set", path, " ".join(words))
    for path, _ in here.one(here.places(lambda _, spot: spot.kind == "scalar" and not spot.is_text())):
        yield Ask("text over number or date", "set", path, draw.choice(HARD))
    for path, _ in here.one(here.places(lambda path, spot: spot.kind == "scalar" and type(path[-1]) is int)):
        yield Ask("text of an item", "set", path, draw.choice(HARD))


def _typed(here: _List) -> Iterator[Ask]:
    kinds = here.draw.sample(sorted(TYPED), 6)
    scalars = here.places(lambda _, spot: spot.kind == "scalar")
    for kind in kinds:
        for path, _ in here.one(scalars):
            if not (here.kind == "toml" and type(path[-1]) is int and kind == "null"):
                yield Ask(f"set {kind}", "set", path, here.value(kind))
    for kind in ("int", "float", "bool", "date", "datetime"):
        alike = here.places(lambda _, spot, kind=kind: bool(spot.leaves) and spot.leaves[0][0] == kind)
        for path, _ in here.one(alike):
            yield Ask(f"{kind} over {kind}", "set", path, here.value(kind))
    for path, _ in here.one(here.places(lambda _, spot: bool(spot.leaves) and spot.leaves[0][0] == "null")):
        yield Ask(
            "something over nothing", "set", path, here.value(here.draw.choice(("list", "object", "int")))
        )
    for path, _ in here.one(here.places(lambda _, spot: spot.kind != "scalar")):
        yield Ask("scalar over list or object", "set", path, here.draw.choice((*HARD, 5, True)))


def _new_keys(here: _List) -> Iterator[Ask]:
    draw = here.draw
    tops = {pair.name for pair in here.root.pairs}
    names = [name for name in NEW_NAMES if name not in tops]
    if here.kind in LINES_OF_TEXT:
        names = ["subtitle", "cover_image"]
    yield Ask("new key", "set", (names[0],), draw.choice(PLAIN))
    yield Ask(
        "new key of any name",
        "set",
        (draw.choice(names),),
        draw.choice(HARD if here.kind not in LINES_OF_TEXT else PLAIN),
    )
    yield Ask(
        "new key of a type",
        "set",
        (names[0],),
        here.value(draw.choice(("int", "float", "bool", "date", "datetime"))),
    )
    yield Ask("new key with lines", "set", (names[1],), draw.choice(MULTI))
    yield Ask("new list", "set", (names[1],), ["one", draw.choice(HARD)])
    if here.kind not in LINES_OF_TEXT:
        yield Ask("new object", "set", (names[0],), here.value("object") or {"a": 1})
        yield Ask("new list of objects", "set", (names[0],), here.value("objects"))
        yield Ask("new key, deep", "set", (names[0],), {names[1]: draw.choice(PLAIN)})
    for path, _ in here.one(here.places(lambda _, spot: spot.kind == "map" and bool(spot.pairs))):
        yield Ask(
            "new key in an object", "set", (*path, "quite_new"), draw.choice((*HARD, 5, True, ["a", "b"]))
        )


def _removals(here: _List) -> Iterator[Ask]:
    draw = here.draw
    for path, _ in here.one(here.places(lambda path, _: len(path) == 1)):
        yield Ask("remove key", "unset", path)
    for path, _ in here.one(here.places(lambda path, _: len(path) > 1 and type(path[-1]) is str)):
        yield Ask("remove key in an object", "unset", path)
    for path, spot in here.one(here.places(lambda _, spot: spot.kind == "list" and bool(spot.items))):
        yield Ask("remove item", "unset", (*path, draw.randrange(len(spot.items))))
    for path, spot in here.one(here.places(lambda _, spot: spot.kind == "list" and len(spot.items) > 1)):
        yield Ask("remove last item", "unset", (*path, len(spot.items) - 1))


def _lists(here: _List) -> Iterator[Ask]:
    draw = here.draw
    plain = here.places(
        lambda _, spot: (
            spot.kind == "list" and bool(spot.items) and all(i.kind == "scalar" for i in spot.items)
        )
    )
    for path, _ in here.one(plain):
        yield Ask("append to list", "append", path, draw.choice(HARD))
    for path, spot in here.one(plain):
        yield Ask(
            "insert into list", "insert", path, draw.choice(PLAIN), index=draw.randrange(len(spot.items))
        )
    for path, _ in here.one(plain):
        yield Ask("insert at the front", "insert", path, draw.choice(HARD), index=0)
    for path, spot in here.one([one for one in plain if len(one[1].items) > 1]):
        index, to = draw.sample(range(len(spot.items)), 2)
        yield Ask("move item", "move", path, index=index, to=to)
    for path, spot in here.one([one for one in plain if all(item.is_text() for item in one[1].items)]):
        values = [item.text for item in spot.items]
        values = [value for value in values if draw.random() < 0.7] + ["quite new", draw.choice(PLAIN)]
        draw.shuffle(values)
        yield Ask("list as a form gives it back", "set", path, values)
    for path, _ in here.one(here.places(lambda _, spot: spot.kind == "list" and not spot.items)):
        yield Ask("append to an empty list", "append", path, draw.choice(HARD))


def _objects(here: _List) -> Iterator[Ask]:
    draw = here.draw
    lists = here.places(
        lambda _, spot: spot.kind == "list" and bool(spot.items) and all(i.kind == "map" for i in spot.items)
    )
    for path, spot in here.one(lists):
        new = {pair.name: draw.choice(PLAIN) for pair in spot.items[0].pairs if pair.style != "merge"}
        yield Ask("add object", "append", path, new or {"url": "/a"})
    for path, spot in here.one(lists):
        new = {"url": draw.choice(HARD), "tags": ["a", "b"], "on": True}
        yield Ask("insert object", "insert", path, new, index=draw.randrange(len(spot.items)))
    for path, spot in here.one(lists):
        yield Ask("remove object", "unset", (*path, draw.randrange(len(spot.items))))
    for path, spot in here.one([one for one in lists if len(one[1].items) > 1]):
        index, to = draw.sample(range(len(spot.items)), 2)
        yield Ask("move object", "move", path, index=index, to=to)
    fields = here.places(lambda path, spot: spot.kind == "scalar" and len(path) > 2 and type(path[-2]) is int)
    for path, _ in here.one(fields):
        yield Ask("field of an object", "set", path, draw.choice(HARD))
    for path, _ in here.one(fields):
        yield Ask("remove field of an object", "unset", path)
    for path, spot in here.one(lists):
        yield Ask(
            "field added to an object",
            "set",
            (*path, draw.randrange(len(spot.items)), "quite_new"),
            draw.choice(HARD),
        )


def _names(here: _List) -> Iterator[Ask]:
    draw = here.draw
    odd = ("renamed", "new name", "no") if here.kind not in LINES_OF_TEXT else ("Renamed",)
    for path, _ in here.one(here.places(lambda path, _: len(path) == 1)):
        yield Ask("rename key", "rename", path, name=draw.choice(odd))
    for path, _ in here.one(here.places(lambda path, _: len(path) > 1 and type(path[-1]) is str)):
        yield Ask("rename key in an object", "rename", path, name=draw.choice(odd))


def _several(here: _List) -> Iterator[Ask]:
    """What one save of a form brings: a text, a new key, one gone."""
    texts = here.places(lambda path, spot: len(path) == 1 and spot.is_text())
    others = [path for path, _ in here.places(lambda path, _: len(path) == 1)]
    for path, _ in here.one(texts):
        parts = [
            Ask("", "set", path, here.draw.choice(HARD)),
            Ask("", "set", ("quite_new",), "A quiet evening"),
        ]
        gone = [other for other in others if other != path]
        if gone:
            parts.append(Ask("", "unset", here.draw.choice(gone)))
        yield Ask("several at once", "many", parts=tuple(parts))


def _body_asks(body: str, draw: random.Random) -> Iterator[Ask]:
    lines = body.split("\n")
    if len(lines) < 4:
        return
    at = draw.randrange(2, len(lines) - 1)
    more = [*lines[:at], "A line of its own: new.", "", *lines[at:]]
    yield Ask("body: lines put in", "body", value="\n".join(more))
    yield Ask("body: line taken out", "body", value="\n".join(lines[:at] + lines[at + 1 :]))
