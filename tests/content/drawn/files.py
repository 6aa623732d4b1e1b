"""Files of every kind that sites hold, drawn: fields in any style, between any marks, before any text.

Here: the bytes of a file, and what it holds of the things that make an edit hard. The fields of YAML, TOML
and JSON are drawn by `made_up` and `made_up_tables`. Written without the code under test; what a file holds
is read off its bytes by the judge's readers, not told by who drew it.
"""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from tests.content.judge.formats import read
from tests.content.judge.pieces import Pieces, cut
from tests.content.judge.spots import Spot, comments, every, walk
from tests.content.made_up import TEXTS, front_matters
from tests.content.made_up_tables import tables

HARD = ("comments", "CRLF", "anchors", "block scalars", "flow style", "nesting")
"""What at least a tenth of all files has to hold."""

KINDS = ("yaml", "yaml", "yaml", "yaml", "yaml", "tables", "tables", "headers", "org")
LINES = st.sampled_from(
    (
        *("A line.", "Another: with a colon", "- an item", "# A heading", "---x", "{% if a %}", "  indented"),
        *("", "", "ends with a blank ", "año 日本", "\ttab", "> quoted", "a\u2028b", "```"),
    )
)
TEXTS_BELOW = st.lists(LINES, max_size=6).map(lambda lines: "\n".join(["Begins.", *lines]))
HEADER_NAMES = ("Date", "Category", "Tags", "Slug", "Author", "Summary", "Cover_Image", "og-title")
ORG_NAMES = ("DATE", "AUTHOR", "tags[]", "categories[]", "FILETAGS", "DESCRIPTION", "KEYWORDS", "slug")
WORDS = st.lists(st.sampled_from(("one", "two", "x_y", "año", "no", "1e3")), max_size=3)


@dataclass(frozen=True)
class File:
    """A file, and what it holds of `HARD`."""

    source: bytes
    pieces: Pieces
    root: Spot
    holds: frozenset[str]


@st.composite
def files(draw: st.DrawFn) -> File:
    """Any file that has fields."""
    kind = draw(st.sampled_from(KINDS))
    source = {"yaml": _yaml, "tables": _tables, "headers": _headers, "org": _org}[kind](draw)
    pieces = cut(source)
    root, _ = read(pieces.kind, pieces.text)
    return File(source, pieces, root, _holds(source, pieces, root))


def _yaml(draw: st.DrawFn) -> bytes:
    made = draw(front_matters())
    opening = draw(st.sampled_from(("---\n", "---\n", "---  \n", "\ufeff---\n", "\n\n---\n")))
    closing = draw(st.sampled_from(("---\n", "---\n", "--- \n", "...\n")))
    return _file(draw, opening, made.text, closing, made.newline)


def _tables(draw: st.DrawFn) -> bytes:
    made = draw(tables())
    newline = "\r\n" if "crlf" in made.features else "\n"
    sign = draw(st.sampled_from(("+++", "---toml") if made.kind == "toml" else (";;;", "---json")))
    return _file(draw, f"{sign}\n", made.text, f"{sign[:3]}\n", newline)


def _headers(draw: st.DrawFn) -> bytes:
    names = draw(st.lists(st.sampled_from(HEADER_NAMES), max_size=5, unique=True))
    gap = st.sampled_from((" ", " ", "   ", "", "\t"))
    lines = "".join(f"{name}:{draw(gap)}{draw(TEXTS)}\n{_more_lines(draw)}" for name in ("Title", *names))
    return _file(draw, "", lines, "\n", draw(st.sampled_from(("\n", "\r\n"))))


def _more_lines(draw: st.DrawFn) -> str:
    return "".join(f"    {text}\n" for text in draw(st.lists(TEXTS, max_size=1 + draw(st.integers(-1, 1)))))


def _org(draw: st.DrawFn) -> bytes:
    names = draw(st.lists(st.sampled_from(ORG_NAMES), max_size=5, unique=True))
    lines = f"#+TITLE: {draw(TEXTS)}\n"
    for name in names:
        gap = draw(st.sampled_from((" ", " ", "  ", "\t")))
        words = draw(WORDS)
        if name == "FILETAGS":
            lines += f"#+{name}:{gap}:{':'.join(words)}:\n" if words else f"#+{name}:\n"
        elif name.endswith("[]"):
            lines += f"#+{name}:{gap}{' '.join(words)}\n"
        else:
            lines += "".join(
                f"#+{name}:{gap}{draw(TEXTS)}\n" for _ in range(draw(st.sampled_from((1, 1, 2))))
            )
    return _file(draw, "", lines, "\n", draw(st.sampled_from(("\n", "\r\n"))))


def _file(draw: st.DrawFn, opening: str, fields: str, closing: str, newline: str) -> bytes:
    text = draw(TEXTS_BELOW) + draw(st.sampled_from(("\n", "\n", "", "\n\n")))
    around = opening.replace("\n", newline), closing.replace("\n", newline), text.replace("\n", newline)
    return (around[0] + fields.replace("\r\n", "\n").replace("\n", newline) + around[1] + around[2]).encode()


def _holds(source: bytes, pieces: Pieces, root: Spot) -> frozenset[str]:
    spots = list(every(root))
    marked = pieces.kind in ("yaml", "toml")
    found = {
        "comments": marked and bool(comments(pieces.text, root)),
        "CRLF": b"\r\n" in source,
        "anchors": any(spot.shared for spot in spots),
        "block scalars": any(spot.style in ("|", ">") for spot in spots),
        # In JSON everything stands between brackets, so there it says nothing.
        "flow style": marked and any(spot.flow and (spot.items or spot.pairs) for spot in spots),
        "nesting": any(len(path) > 1 for path, _ in walk(root)),
        "nesting, three deep": any(len(path) > 2 for path, _ in walk(root)),
    }
    return frozenset(name for name, here in found.items() if here)
