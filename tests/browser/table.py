"""The table of field types: what somebody does with each of them, and what stands in the file then.

A row is a field; an action is what is done with it, or the reason why nobody can. `test_field_types` walks
all of it, in a window of each kind. Not here: how a hand does it (`hands`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gitcms.schema.collection import Field

Step = tuple[str, ...]
"""What is done (type, tick, untick, choose, words, find, press), with which control, and what."""


@dataclass(frozen=True)
class Act:
    """What somebody does with a field: `lines` are those that it has in the file afterwards.

    Of what cannot be saved `says` is the beginning of the sentence, and `at` the control that it stands
    beside, if not the field's own.
    """

    steps: tuple[Step, ...]
    lines: str = ""
    says: str = ""
    at: str = ""


@dataclass(frozen=True)
class Row:
    """One field of a type, with what is done with it; a text is the reason why that is not walked.

    `beside` are fields that it needs to be of any use; what they say is among its lines.
    """

    field: Field
    created: Act | str
    edited: Act | str
    invalid: Act | str
    cleared: Act | str
    beside: tuple[Field, ...] = ()
    stands: str = ""

    @property
    def type(self) -> str:
        return self.field.type

    @property
    def id(self) -> str:
        """The id of its control."""
        return f"f.{self.field.name}"


def typed(kind: str, first: str, second: str, wrong: str, says: str, **facts: Any) -> Row:
    """Return the row of a type that stands in one control and one line of the file."""
    name = facts.pop("name", f"a{kind}")
    one, other = facts.pop("stored", (first, second))
    lines = facts.pop("lines", (f"{name}: {one}\n", f"{name}: {other}\n"))
    at = f"f.{name}"
    return Row(
        Field(name, f"The {name[1:]}", kind, **facts),
        Act((("type", at, first),), lines[0]),
        Act((("type", at, second),), lines[1]),
        Act((("type", at, wrong),), says=says),
        Act((("type", at, ""),)),
    )


def never(kind: str, stands: str, reason: str) -> Row:
    """Return the row of a type that nobody types into: what stands there stays as it is."""
    return Row(Field(f"a{kind}", f"The {kind}", kind), reason, reason, reason, reason, stands=stands)


SHORT = {"max_length": 20}
TOO_LONG, TOO_LONG_SAYS = "More than twenty characters", "Write at most 20 characters"
UUID = "af1c8a3e-5b64-4c1d-9a57-0d3e6f8b2a41"
LINK = Field("links", "Links", "objects", fields=(Field("url", "Web address", "url"),))
PART = Field("parts", "Parts", "objects", fields=(Field("name", "Part name"), LINK))
HERO = Field("hero", "Hero", "object", fields=(Field("more", "More", "url"),))
QUOTE = Field("quote", "Quote", "object", fields=(Field("words", "Words"),))
POSTS = {"collections": ("posts",)}
DEEP = "adeep.0.parts.0.links"

ROWS = (
    never("readonly", "areadonly: 12   # by the counter\n", "nobody types it: it is only to be read"),
    never("hidden", "ahidden:   secret\n", "nobody meets it: it is not in the form"),
    never("raw", "araw: !hall a\n", "nobody types it: only the file itself can spell it"),
    typed("text", "One line", "Another line", TOO_LONG, TOO_LONG_SAYS, options=SHORT),
    typed("longtext", "Several words", "Other words", TOO_LONG, TOO_LONG_SAYS, options=SHORT),
    typed("markdown", "Some *words*", "Some **words**", TOO_LONG, TOO_LONG_SAYS, options=SHORT),
    typed("code", "a {}", "b {}", TOO_LONG, TOO_LONG_SAYS, options=SHORT),
    typed("number", "12", "13", "three", "Write a number, such as 12"),
    typed(
        "number",
        "3",
        "4",
        "7",
        "Write a number from 0 to 5",
        name="arange",
        options={"as": "range", "min": 0, "max": 5},
    ),
    typed("slug", "a-part", "b-part", "a part", "Write letters, digits and hyphens"),
    typed("url", "https://a.example.org", "https://b.example.org", "a b", "Web addresses start with"),
    typed("email", "a@example.org", "b@example.org", "nobody", "Write an email address"),
    typed(
        "date",
        "2025-05-05",
        "2025-06-06",
        "2024-04-04",
        "Choose 2025-01-01 or later",
        options={"min": "2025-01-01"},
    ),
    typed(
        "datetime",
        "2025-05-05T09:30",
        "2025-05-05T10:45",
        "2024-04-04T10:45",
        "Choose 2025-01-01 or later",
        stored=("2025-05-05T09:30:00", "2025-05-05T10:45:00"),
        options={"min": "2025-01-01"},
    ),
    typed(
        "time",
        "09:30",
        "10:45",
        "08:15",
        "Choose 09:00 or later",
        stored=('"09:30"', '"10:45"'),
        options={"min": "09:00"},
    ),
    typed("colour", "#b4291a", "#20603a", "#12", "Write a colour", stored=('"#b4291a"', '"#20603a"')),
    typed("image", "river.png", "lake.png", "river", "Choose a picture"),
    typed("file", "/files/plan.pdf", "/files/new.pdf", "a/", "Write the file’s name"),
    typed(
        "data",
        "[1, 2]",
        "[1, 3]",
        "{",
        "This is not complete JSON",
        lines=("adata:\n  - 1\n  - 2\n", "adata:\n  - 1\n  - 3\n"),
    ),
    typed(
        "map",
        "52.5, 13.4",
        "52.5, 13.5",
        "here",
        "Write latitude",
        lines=("amap:\n  lat: 52.5\n  lng: 13.4\n", "amap:\n  lat: 52.5\n  lng: 13.5\n"),
    ),
    typed("uuid", UUID, f"b{UUID[1:]}", "mine", "Leave this as it was made"),
    Row(
        Field("aboolean", "The boolean", "boolean"),
        Act((("tick", "f.aboolean", "1"),), "aboolean: true\n"),
        Act((("untick", "f.aboolean", "1"),), "aboolean: false\n"),
        "a switch is on or off, and either is right",
        "a switch is on or off, never empty",
    ),
    Row(
        Field("aselect", "The select", "select", choices=("calm", "wild"), options={"max_length": 8}),
        Act((("choose", "f.aselect", "calm"),), "aselect: calm\n"),
        Act((("choose", "f.aselect", "wild"),), "aselect: wild\n"),
        Act((("type", "f.aselect.__other", "something else"),), says="Write at most 8 characters"),
        Act((("choose", "f.aselect", ""),)),
    ),
    Row(
        Field(
            "aradio",
            "The radio",
            "select",
            choices=("calm", "wild"),
            options={"as": "radio", "max_length": 8},
        ),
        Act((("tick", "f.aradio", "calm"),), "aradio: calm\n"),
        Act((("tick", "f.aradio", "wild"),), "aradio: wild\n"),
        Act((("type", "f.aradio.__other", "something else"),), says="Write at most 8 characters"),
        Act((("tick", "f.aradio", ""),)),
    ),
    Row(
        Field("achecks", "The checks", "multiselect", choices=("mon", "tue", "wed"), options={"max": 2}),
        Act(
            (("tick", "f.achecks.__pick", "mon"), ("tick", "f.achecks.__pick", "wed")),
            "achecks:\n  - mon\n  - wed\n",
        ),
        Act(
            (("untick", "f.achecks.__pick", "mon"), ("tick", "f.achecks.__pick", "tue")),
            "achecks:\n  - wed\n  - tue\n",
        ),
        Act((("tick", "f.achecks.__pick", "mon"),), says="Keep at most 2 of these"),
        Act((("untick", "f.achecks.__pick", "tue"), ("untick", "f.achecks.__pick", "wed"))),
    ),
    Row(
        Field("atags", "The tags", "tags", options={"max": 3}),
        Act((("words", "f.atags", "water, schools"),), "atags:\n  - water\n  - schools\n"),
        Act((("words", "f.atags", "water, schools, rain"),), "atags:\n  - water\n  - schools\n  - rain\n"),
        Act((("words", "f.atags", "water, schools, rain, sun"),), says="Keep at most 3 of these"),
        Act((("words", "f.atags", ""),)),
    ),
    Row(
        Field("apairs", "The pairs", "keyvalue"),
        Act((("type", "f.apairs.__key", "de"), ("type", "f.apairs.__text", "Saal")), "apairs:\n  de: Saal\n"),
        Act((("type", "f.apairs.__text", "Halle"),), "apairs:\n  de: Halle\n"),
        Act((("type", "f.apairs.__key", ""),), says="Write a name beside “Halle”"),
        Act((("type", "f.apairs.__key", ""), ("type", "f.apairs.__text", ""))),
    ),
    Row(
        Field(
            "acomputed",
            "The computed",
            "computed",
            options={"template": "{{asource}}{{asource | ternary(' stars', '')}}"},
        ),
        Act((("type", "f.asource", "3"),), "acomputed: 3 stars\nasource: 3\n"),
        Act((("type", "f.asource", "4"),), "acomputed: 4 stars\nasource: 4\n"),
        "nobody types it: it is made of others",
        Act((("type", "f.asource", ""),)),
        beside=(Field("asource", "The source", "number"),),
    ),
    Row(
        Field(
            "anobject",
            "The object",
            "object",
            fields=(Field("heading", "Heading"), Field("more", "More", "url")),
        ),
        Act(
            (("type", "f.anobject.heading", "Yard"), ("type", "f.anobject.more", "https://a.example.org")),
            "anobject:\n  heading: Yard\n  more: https://a.example.org\n",
        ),
        Act(
            (("type", "f.anobject.heading", "Court"),),
            "anobject:\n  heading: Court\n  more: https://a.example.org\n",
        ),
        Act((("type", "f.anobject.more", "a b"),), says="Web addresses start with", at="f.anobject.more"),
        Act((("type", "f.anobject.heading", ""), ("type", "f.anobject.more", ""))),
    ),
    Row(
        Field("alist", "The list", "list", item=Field("alist", "", "url")),
        Act(
            (
                ("press", "add:alist"),
                ("type", "f.alist.0", "https://a.example.org"),
                ("press", "add:alist"),
                ("type", "f.alist.1", "https://b.example.org"),
            ),
            "alist:\n  - https://a.example.org\n  - https://b.example.org\n",
        ),
        Act(
            (("type", "f.alist.1", "https://c.example.org"),),
            "alist:\n  - https://a.example.org\n  - https://c.example.org\n",
        ),
        Act((("type", "f.alist.0", "a b"),), says="Web addresses start with", at="f.alist.0"),
        Act((("press", "remove:alist.0"), ("press", "remove:alist.1"))),
    ),
    Row(
        Field("agallery", "The gallery", "gallery", item=Field("agallery", "", "image")),
        Act((("press", "add:agallery"), ("type", "f.agallery.0", "a.png")), "agallery:\n  - a.png\n"),
        Act((("type", "f.agallery.0", "b.png"),), "agallery:\n  - b.png\n"),
        Act((("type", "f.agallery.0", "b"),), says="Choose a picture", at="f.agallery.0"),
        Act((("press", "remove:agallery.0"),)),
    ),
    Row(
        Field("ablocks", "The blocks", "blocks", fields=(HERO, QUOTE)),
        Act(
            (
                ("press", "add~1:ablocks"),
                ("type", "f.ablocks.0.words", "Well said"),
                ("press", "add~0:ablocks"),
                ("type", "f.ablocks.1.more", "https://a.example.org"),
            ),
            "ablocks:\n  - type: quote\n    words: Well said\n  - type: hero\n    more: https://a.example.org\n",
        ),
        Act(
            (("type", "f.ablocks.0.words", "Better said"),),
            "ablocks:\n  - type: quote\n    words: Better said\n  - type: hero\n    more: https://a.example.org\n",
        ),
        Act((("type", "f.ablocks.1.more", "a b"),), says="Web addresses start with", at="f.ablocks.1.more"),
        Act((("press", "remove:ablocks.1"), ("press", "remove:ablocks.0"))),
    ),
    Row(
        Field("adeep", "The deep list", "objects", fields=(Field("heading", "Heading"), PART)),
        Act(
            (
                ("press", "add:adeep"),
                ("type", "f.adeep.0.heading", "Yard"),
                ("press", "add:adeep.0.parts"),
                ("type", "f.adeep.0.parts.0.name", "Well"),
                ("press", f"add:{DEEP}"),
                ("type", f"f.{DEEP}.0.url", "https://a.example.org"),
                ("press", f"add:{DEEP}"),
                ("type", f"f.{DEEP}.1.url", "https://b.example.org"),
                ("press", f"add:{DEEP}"),
                ("type", f"f.{DEEP}.2.url", "https://c.example.org"),
            ),
            "adeep:\n  - heading: Yard\n    parts:\n      - name: Well\n        links:\n"
            "          - url: https://a.example.org\n          - url: https://b.example.org\n"
            "          - url: https://c.example.org\n",
        ),
        Act(
            (
                ("press", f"up:{DEEP}.2"),
                ("press", f"remove:{DEEP}.0"),
                ("press", f"remove:{DEEP}.2"),
                ("press", f"undo:{DEEP}.2"),
                ("type", f"f.{DEEP}.1.url", "https://d.example.org"),
            ),
            "adeep:\n  - heading: Yard\n    parts:\n      - name: Well\n        links:\n"
            "          - url: https://d.example.org\n          - url: https://b.example.org\n",
        ),
        Act((("type", f"f.{DEEP}.1.url", "a b"),), says="Web addresses start with", at=f"f.{DEEP}.1.url"),
        Act((("press", "remove:adeep.0"),)),
    ),
    Row(
        Field("anext", "The next post", "relation", options=POSTS),
        Act((("find", "f.anext", "number 3"),), "anext: post-3\n"),
        Act((("find", "f.anext", "number 4"),), "anext: post-4\n"),
        "a name that no entry has is saved, and warned of: see the test of that",
        Act((("type", "f.anext", ""),)),
    ),
    Row(
        Field("amore", "More posts", "relation", options={**POSTS, "multiple": True, "max": 2}),
        Act(
            (("find", "f.amore", "number 2"), ("find", "f.amore", "number 4")),
            "amore:\n  - post-2\n  - post-4\n",
        ),
        Act((("type", "f.amore", "post-2\npost-5"),), "amore:\n  - post-2\n  - post-5\n"),
        Act((("find", "f.amore", "number 1"),), says="Keep at most 2 of these"),
        Act((("type", "f.amore", ""),)),
    ),
)
