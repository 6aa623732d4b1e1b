"""Where the fields of a file stand, found without the code under test.

Only the kinds of front matter that sites use are known here, and by their marks alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

FENCES = (
    (rb"---[ \t]*(?:yaml)?[ \t]*\r?\n", rb"^(?:---|\.\.\.)[ \t]*\r?$", "yaml"),
    (rb"---[ \t]*toml[ \t]*\r?\n", rb"^---[ \t]*\r?$", "toml"),
    (rb"---[ \t]*json[ \t]*\r?\n", rb"^---[ \t]*\r?$", "json"),
    (rb"\+\+\+[ \t]*(?:toml)?[ \t]*\r?\n", rb"^\+\+\+[ \t]*\r?$", "toml"),
    (rb";;;[ \t]*(?:json)?[ \t]*\r?\n", rb"^;;;[ \t]*\r?$", "json"),
)
LINES_OF_TEXT = ("headers", "org")
"""The kinds whose fields are lines without quotes and objects."""
KEYWORDS = re.compile(rb"(?:#\+[A-Za-z][^:\r\n\[]*(?:\[\])?:(?:[ \t][^\r\n]*)?(?:\r?\n|\Z))+")
FIRST_HEADER = re.compile(rb"(?:title|date|category|tags|slug|author)\s*:", re.IGNORECASE)
HEADER_LINE = re.compile(rb"[A-Za-z_][\w -]*:[^\n]*\n|[ \t]+\S[^\n]*\n")


@dataclass(frozen=True)
class Pieces:
    """A file in three: what stands before the fields, the fields, what stands behind them."""

    kind: str
    before: bytes
    fields: bytes
    behind: bytes

    @property
    def text(self) -> str:
        """:raises UnicodeDecodeError: the fields are kept in an old encoding."""
        return self.fields.decode("utf-8")

    @property
    def newline(self) -> str:
        return "\r\n" if b"\r\n" in self.before + self.fields + self.behind else "\n"


def cut(data: bytes) -> Pieces:
    """A file at the ends of its fields. Without any it is all behind."""
    start = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    blank = re.compile(rb"(?:[ \t]*\r?\n)*").match(data, start)
    first = blank.end() if blank else start
    for opens, closes, kind in FENCES:
        opening = re.compile(opens).match(data, first)
        closing = opening and re.compile(closes, re.MULTILINE).search(data, opening.end())
        if opening and closing:
            return _pieces(kind, data, opening.end(), closing.start())
    if data[first : first + 1] == b"{":
        end = _end_of_object(data, first)
        return _pieces("json" if end else "none", data, first if end else start, end or start)
    if keywords := KEYWORDS.match(data, start):
        return _pieces("org", data, start, keywords.end())
    if first == start:
        end = _end_of_headers(data, start)
        if end and re.compile(rb"---[ \t]*\r?\n").match(data, end):
            return _pieces("yaml", data, start, end)
        if end and FIRST_HEADER.match(data, start) and re.compile(rb"\r?\n|\Z").match(data, end):
            return _pieces("headers", data, start, end)
    return _pieces("none", data, start, start)


def posts(folder: str) -> list[Path]:
    """The real posts below a folder, always in the same order."""
    found = (path for kind in ("dev", "edge", "seed") for path in Path(folder, kind).rglob("*"))
    return sorted(path for path in found if path.is_file())


def _pieces(kind: str, data: bytes, start: int, end: int) -> Pieces:
    return Pieces(kind, data[:start], data[start:end], data[end:])


def _end_of_object(data: bytes, start: int) -> int:
    """The end of an object in braces: the first closing one that stands alone on its line."""
    closing = re.compile(rb"^\}[ \t]*\r?$", re.MULTILINE).search(data, start)
    return closing.start() + 1 if closing else 0


def _end_of_headers(data: bytes, start: int) -> int:
    at = start
    while line := HEADER_LINE.match(data, at):
        at = line.end()
    return at if at > start and data[start : start + 1] not in b" \t" else 0
