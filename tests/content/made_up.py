"""Made-up front matter for properties: text in every style, chunk by chunk, and what it means.

Written without the code under test: the styles are chosen here, and PyYAML says what they mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import yaml
from hypothesis import strategies as st

WORDS = (
    "Hello",
    "world",
    "año",
    "日本",
    "it's",
    'say "so"',
    "a: b",
    "x #y",
    "-",
    "no",
    "1.5",
    "{a}",
    "50%",
    "*",
    "?",
)
NAMES = (
    "title",
    "tags",
    "links",
    "date",
    "draft",
    "summary",
    "weight",
    "author",
    "og.title",
    "2015",
    "n",
    "my key",
)
TEXTS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)
LONG_TEXTS = st.lists(TEXTS, min_size=1, max_size=3).map("\n".join) | TEXTS.map(lambda text: text + "\n")
TYPED = (
    st.none()
    | st.booleans()
    | st.integers(-999, 99999)
    | st.dates(date(1999, 1, 1), date(2030, 1, 1))
    | st.datetimes(datetime(1999, 1, 1), datetime(2030, 1, 1)).map(lambda when: when.replace(microsecond=0))
)
SCALARS = TEXTS | LONG_TEXTS | TYPED | st.just("") | st.text("ab \t\n#:'\"-é\u2028\x85", max_size=8)
ITEMS = SCALARS | st.dictionaries(st.sampled_from(NAMES), SCALARS, min_size=1, max_size=3)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
    max_leaves=6,
)
COMMENTS = st.sampled_from(("", "", "", "  # why", " # a: b"))


@dataclass(frozen=True)
class MadeUp:
    """Front matter in chunks: a chunk is a top-level entry with everything that is its own."""

    names: tuple[str, ...]
    chunks: tuple[str, ...]
    between: tuple[str, ...]
    newline: str
    features: frozenset[str]

    @property
    def text(self) -> str:
        pieces = [piece for pair in zip(self.between, self.chunks, strict=False) for piece in pair]
        return "".join([*pieces, self.between[-1]]).replace("\n", self.newline)

    @property
    def values(self) -> dict[str, Any]:
        return read(self.text)


def read(text: str) -> Any:
    """What PyYAML reads, with keys as text."""
    return _named(yaml.load(text, Loader=yaml.CSafeLoader) or {})


@st.composite
def front_matters(draw: st.DrawFn) -> MadeUp:
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=5, unique=True))
    writer = _Writer(draw)
    chunks = tuple(writer.entry(name, draw(VALUES), 0) for name in names)
    gaps = st.sampled_from(("", "", "", "# section\n", "\n", "\n# a\n\n"))
    between = tuple(draw(gaps) for _ in range(len(names) + 1))
    newline = draw(st.sampled_from(("\n", "\n", "\r\n")))
    features = frozenset(writer.features | ({"crlf"} if newline == "\r\n" else set()))
    return MadeUp(tuple(names), chunks, between, newline, features)


class _Writer:
    """Values as YAML in any style, drawn."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw
        self.features: set[str] = set()
        self._anchors: list[str] = []
        self._count = 0

    def entry(self, name: str, value: Any, column: int) -> str:
        head = " " * column + self._key(name) + ":"
        return head + self._behind(value, column, self._draw(st.sampled_from((0, 2, 4))))

    def _key(self, name: str) -> str:
        return name if name != "n" and not name.isdigit() and self._draw(st.integers(0, 9)) else f'"{name}"'

    def _behind(self, value: Any, column: int, step: int) -> str:
        comment = self._draw(COMMENTS)
        if comment:
            self.features.add("comment")
        anchor = self._anchor()
        if self._anchors and not self._draw(st.integers(0, 9)):
            self.features.add("alias")
            return " *" + self._draw(st.sampled_from(self._anchors)) + comment + "\n"
        text = self._value(value, column, step, comment, anchor)
        if anchor:
            self._anchors.append(anchor.strip(" &"))
        return text

    def _anchor(self) -> str:
        if self._draw(st.integers(0, 24)):
            return ""
        self.features.add("anchor")
        self._count += 1
        return f" &a{self._count}"

    def _value(self, value: Any, column: int, step: int, comment: str, anchor: str) -> str:
        if isinstance(value, dict | list):
            self.features.add("nested")
            if not value or not self._draw(st.integers(0, 2)):
                self.features.add("flow")
                return f"{anchor} {self._flow(value)}{comment}\n"
            return f"{anchor}{comment}\n" + self._block(value, column, step)
        if isinstance(value, str) and value.strip("\n \t") and self._draw(st.integers(0, 3)):
            block = self._block_scalar(value, column)
            if block:
                self.features.add("block scalar")
                return f"{anchor} {block[0]}{comment}\n{block[1]}"
        return f"{anchor} {self._scalar(value, flow=False)}{comment}\n"

    def _block(self, value: Any, column: int, step: int) -> str:
        if isinstance(value, dict):
            inner = column + max(step, 1)
            return "".join(
                self._between(inner) + self.entry(name, part, inner) for name, part in value.items()
            )
        return "".join(self._between(column + step) + self._item(part, column + step) for part in value)

    def _between(self, column: int) -> str:
        if self._draw(st.integers(0, 7)):
            return ""
        self.features.add("comment")
        return " " * column + "# inner\n"

    def _item(self, value: Any, column: int) -> str:
        dash = " " * column + "-"
        if isinstance(value, dict) and value and self._draw(st.booleans()):
            inner = column + 2
            first, *rest = value.items()
            return (
                dash
                + " "
                + self.entry(first[0], first[1], inner).lstrip(" ")
                + "".join(self.entry(name, part, inner) for name, part in rest)
            )
        return dash + self._behind(value, column, 2)

    def _block_scalar(self, value: str, column: int) -> tuple[str, str] | None:
        body = value.rstrip("\n")
        if any(line[:1] in " \t" or not line.strip() or not line.isprintable() for line in body.split("\n")):
            return None
        chomp = {0: "-", 1: ""}.get(len(value) - len(body), "+")
        style = self._draw(st.sampled_from("|>"))
        gap = "\n" if style == "|" else "\n\n"
        lines = body.replace("\n", gap).split("\n") + [""] * max(len(value) - len(body) - 1, 0)
        indent = " " * (column + self._draw(st.sampled_from((2, 3))))
        return style + chomp, "".join((indent + line if line else "") + "\n" for line in lines)

    def _flow(self, value: Any) -> str:
        if isinstance(value, list):
            gap = self._draw(st.sampled_from((", ", ",", " , ")))
            return "[" + gap.join(self._flow(part) for part in value) + "]"
        if isinstance(value, dict):
            return "{" + ", ".join(f'"{name}": {self._flow(part)}' for name, part in value.items()) + "}"
        return self._scalar(value, flow=True)

    def _scalar(self, value: Any, *, flow: bool) -> str:
        if not isinstance(value, str):
            return _typed(value, self._draw, flow)
        ways = [_double(value)]
        if "\n" not in value and value.isprintable():
            ways.append("'" + value.replace("'", "''") + "'")
        if _is_plain(value, flow):
            ways.append(value)
        return self._draw(st.sampled_from(ways))


def _typed(value: Any, draw: st.DrawFn, flow: bool) -> str:
    if value is None:
        return draw(st.sampled_from(("null", "~") if flow else ("null", "~", "")))
    if isinstance(value, bool):
        return draw(st.sampled_from(("true", "True", "yes", "on") if value else ("false", "FALSE", "no")))
    if isinstance(value, datetime):
        return value.isoformat(draw(st.sampled_from("T "))) + draw(
            st.sampled_from(("", "Z", " +09:00", "-03:30"))
        )
    return value.isoformat() if isinstance(value, date) else str(value)


def _double(text: str) -> str:
    signs = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\x85": "\\N", "\u2028": "\\L"}
    return '"' + "".join(signs.get(sign, sign) for sign in text) + '"'


def _is_plain(text: str, flow: bool) -> bool:
    # In brackets, what a text means depends on the blanks and signs around it: a lone dash, say.
    sources = (f"k: [{text},{text}]", f"k: [ {text} , {text} ]") if flow else (f"k: {text}",)
    try:
        read_back = [yaml.safe_load(source) for source in sources]
    except (yaml.YAMLError, ValueError):
        return False
    meant = {"k": [text, text] if flow else text}
    return all(each == meant for each in read_back) and text == text.strip()


def _named(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _named(part) for name, part in value.items()}
    return [_named(part) for part in value] if isinstance(value, list) else value
