"""Made-up front matter in TOML and JSON for properties, line by line, and what it means.

Written without the code under test: the styles are chosen here, and tomllib and json say what they mean.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from hypothesis import strategies as st

from tests.content.made_up import LONG_TEXTS, NAMES, TEXTS

SCALARS = (
    TEXTS
    | LONG_TEXTS
    | st.booleans()
    | st.integers(-999, 99999)
    | st.sampled_from((1.5, -0.25, 1e21))
    | st.just("")
    | st.text("ab \t\n#:'\"-\\é\u2028\x85", max_size=8)
)
DAYS = st.dates(date(1999, 1, 1), date(2030, 1, 1)) | st.datetimes(
    datetime(1999, 1, 1), datetime(2030, 1, 1)
).map(lambda when: when.replace(microsecond=0))


def values(scalars: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        scalars,
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3)
            | st.lists(st.dictionaries(st.sampled_from(NAMES), inner, min_size=1, max_size=2), max_size=3)
        ),
        max_leaves=6,
    )


TOML_VALUES = values(SCALARS | DAYS)
JSON_VALUES = values(SCALARS | st.none())


@dataclass(frozen=True)
class MadeTable:
    """The fields of a file: `kind` is toml or json; a chunk is a field by its name, with all its lines."""

    kind: str
    text: str
    chunks: tuple[tuple[str, str], ...]
    features: frozenset[str]

    @property
    def values(self) -> dict[str, Any]:
        return read(self.kind, self.text)

    @property
    def file(self) -> bytes:
        fence = "+++" if self.kind == "toml" else ";;;"
        newline = "\r\n" if "crlf" in self.features else "\n"
        return f"{fence}{newline}{self.text}{fence}{newline}Body{newline}".encode()


def read(kind: str, text: str) -> Any:
    """What Python's own readers make of it."""
    return tomllib.loads(text) if kind == "toml" else json.loads(text)


@st.composite
def tables(draw: st.DrawFn) -> MadeTable:
    kind = draw(st.sampled_from(("toml", "toml", "json")))
    fields = draw(
        st.dictionaries(
            st.sampled_from(NAMES), TOML_VALUES if kind == "toml" else JSON_VALUES, min_size=1, max_size=5
        )
    )
    writer = _Writer(draw)
    text = writer.toml(fields) if kind == "toml" else writer.json(fields)
    newline = "\n"
    if draw(st.integers(0, 3)) == 0 and "lines" not in writer.features:
        writer.features.add("crlf")
        newline = "\r\n"
    chunks = tuple((name, chunk.replace("\n", newline)) for name, chunk in writer.chunks)
    return MadeTable(kind, text.replace("\n", newline), chunks, frozenset(writer.features))


class _Writer:
    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw
        self.features: set[str] = set()
        self.chunks: list[tuple[str, str]] = []

    def json(self, fields: dict[str, Any]) -> str:
        indent = self._draw(st.sampled_from((None, 2, 4, "\t")))
        marks = (
            self._draw(st.sampled_from(((", ", ": "), (",", ":"), (",", ": ")))) if indent is None else None
        )
        self.features.add("flow" if indent is None else "block")
        if any(isinstance(value, dict | list) for value in fields.values()):
            self.features.add("nested")
        ascii_only = self._draw(st.booleans())

        def dumped(values: dict[str, Any]) -> str:
            return json.dumps(values, indent=indent, separators=marks, ensure_ascii=ascii_only)

        self.chunks = [(name, dumped({name: value})[1:-1].strip("\n")) for name, value in fields.items()]
        return dumped(fields) + "\n"

    def toml(self, fields: dict[str, Any]) -> str:
        tables = {name: value for name, value in fields.items() if self._is_table(value)}
        for name, value in fields.items():
            if name not in tables:
                self.chunks.append((name, self._pairs({name: value})))
        for name, value in tables.items():
            self.features.add("nested")
            lines = ""
            for one in value if isinstance(value, list) else [value]:
                head = f"[[{self._key(name)}]]" if isinstance(value, list) else f"[{self._key(name)}]"
                lines += self._draw(st.sampled_from(("", "\n", "\n# part\n"))) + head + self._comment() + "\n"
                lines += self._pairs(one)
            self.chunks.append((name, lines))
        return "".join(chunk for _, chunk in self.chunks)

    def _is_table(self, value: Any) -> bool:
        tables = isinstance(value, dict) or (
            isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)
        )
        return tables and self._draw(st.booleans())

    def _pairs(self, fields: dict[str, Any]) -> str:
        gap = st.sampled_from((" = ", " = ", "=", "  =  "))
        return "".join(
            f"{self._before()}{self._key(name)}{self._draw(gap)}{self._value(value)}{self._comment()}\n"
            for name, value in fields.items()
        )

    def _before(self) -> str:
        before = self._draw(st.sampled_from(("", "", "", "\n", "# about\n", "  ")))
        if "#" in before:
            self.features.add("comment")
        return before

    def _comment(self) -> str:
        comment = self._draw(st.sampled_from(("", "", "", " # why", "  #a = 1")))
        if comment:
            self.features.add("comment")
        return comment

    def _key(self, name: str) -> str:
        bare = name.replace(" ", "").isalnum() and " " not in name
        return name if bare and self._draw(st.integers(0, 5)) else json.dumps(name)

    def _value(self, value: Any) -> str:
        if isinstance(value, dict):
            self.features |= {"nested", "flow"}
            pairs = ", ".join(f"{self._key(name)} = {self._flow(part)}" for name, part in value.items())
            return "{ " + pairs + " }" if pairs and self._draw(st.booleans()) else "{" + pairs + "}"
        if isinstance(value, list):
            self.features.add("nested")
            return self._array(value)
        return self._scalar(value, one_line=False)

    def _flow(self, value: Any) -> str:
        if isinstance(value, dict):
            pairs = (f"{self._key(name)} = {self._flow(part)}" for name, part in value.items())
            return "{" + ", ".join(pairs) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(map(self._flow, value)) + "]"
        return self._scalar(value, one_line=True)

    def _array(self, items: list[Any]) -> str:
        if not items or self._draw(st.booleans()):
            self.features.add("flow")
            return "[" + self._draw(st.sampled_from((", ", ","))).join(map(self._flow, items)) + "]"
        self.features.add("block")
        lines = [
            f"  {self._flow(item)}{',' if at < len(items) - 1 or self._draw(st.booleans()) else ''}"
            f"{self._comment()}\n"
            for at, item in enumerate(items)
        ]
        return "[\n" + "".join(lines) + "]"

    def _scalar(self, value: Any, *, one_line: bool) -> str:
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, datetime):
            zone = self._draw(st.sampled_from(("", "Z", "+09:00", "-03:30")))
            return value.isoformat(self._draw(st.sampled_from("T "))) + zone
        if not isinstance(value, str):
            return value.isoformat() if isinstance(value, date) else repr(value)
        ways = [json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")]
        if "'" not in value and "\n" not in value:
            ways.append(f"'{value}'")
        if "\n" in value and not one_line and '"' not in value and "\\" not in value:
            self.features.add("lines")
            ways = [f'"""\n{value}"""']
        return self._draw(st.sampled_from(ways))
