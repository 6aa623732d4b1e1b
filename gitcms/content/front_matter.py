"""Find the front matter of a file: its kind, its delimiters, its line ends, what stands before it.

Here: bytes cut into pieces that join to the same bytes. Not here: what the fields say (`formats/`).

The kinds are handlers of python-frontmatter, so that its `parse` can read any file that we read
(`frontmatter.parse(text, handler=…)`); it is not used to write: its `dumps` re-spells every value.
Handlers see bytes as Latin-1 text, in which every byte is a character and none is lost.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from frontmatter.default_handlers import BaseHandler

from gitcms.content.formats import FORMATS
from gitcms.errors import EditRefused

BOM = b"\xef\xbb\xbf"

_BLANK_LINES = re.compile(r"(?:[ \t]*\r?\n)*")
_HEADER_LINES = re.compile(
    r"(?:[A-Za-z_][\w -]*:[^\n]*\r?\n(?:[ \t]+[^\n]*\r?\n|-[^\n-][^\n]*\r?\n)*)+", re.ASCII
)
_HEADER_BEGINS = re.compile(r"[A-Za-z_][\w -]*:", re.ASCII)
_USUAL_HEADER = re.compile(r"(?:title|date|category|tags|slug|author)\s*:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Block:
    """A file in pieces. Joined in the order of the fields after `format` they are the file."""

    format: str
    prefix: bytes
    opening: bytes
    inner: bytes
    closing: bytes
    body: bytes

    def join(self, inner: bytes, body: bytes) -> bytes:
        """The file with other fields and another body."""
        return self.prefix + self.opening + inner + self.closing + body

    @property
    def newline(self) -> str:
        """The line end that new lines get: the first line's own, else the one used most."""
        for piece in (self.opening, self.inner, self.closing, self.body):
            at = piece.find(b"\n")
            if at >= 0:
                return "\r\n" if piece[at - 1 : at] == b"\r" else "\n"
        return "\n"


def split(source: bytes) -> Block:
    """Cut a file at its front matter. Bytes that have none are all body."""
    bom = BOM if source.startswith(BOM) else b""
    text = source[len(bom) :].decode("latin-1")
    lead = _BLANK_LINES.match(text)
    blank = lead[0] if lead else ""
    for handler in HANDLERS:
        if handler.detect(text[len(blank) :]) and (not blank or handler.after_blank_lines):
            pieces = handler.pieces(text[len(blank) :])
            if pieces is not None:
                opening, inner, closing, body = (piece.encode("latin-1") for piece in pieces)
                return Block(handler.name, bom + blank.encode(), opening, inner, closing, body)
    return Block("none", bom, b"", b"", b"", source[len(bom) :])


Pieces = tuple[str, str, str, str]
"""Opening, fields, closing, body."""


class Handler(BaseHandler):
    """One way in which files mark their fields.

    :param name: the format that reads them.
    :param begins: what the file begins with.
    """

    after_blank_lines = True

    def __init__(self, name: str, begins: re.Pattern[str]) -> None:
        super().__init__(begins, "", "")
        self.name = name
        self.begins = begins

    def pieces(self, text: str) -> Pieces | None:
        """The file cut up, or `None` where the end of the fields is missing."""
        raise NotImplementedError

    def split(self, text: str) -> tuple[str, str]:
        """Fields and body, for python-frontmatter. :raises ValueError: there are none, as it expects."""
        pieces = self.pieces(text) if self.detect(text) else None
        if pieces is None:
            raise ValueError("no front matter")
        return pieces[1], pieces[3]

    def load(self, fm: str) -> dict[str, Any]:
        """The fields, read by our own formats: nothing is constructed, nothing is guessed.

        :raises FrontMatterUnreadable: the fields do not parse.
        """
        return dict(FORMATS[self.name].read(fm).values)

    def export(self, metadata: Mapping[str, object], **kwargs: object) -> str:
        """:raises EditRefused: always; front matter that exists is spliced, never dumped."""
        raise EditRefused("Existing fields are never written out as a whole.")


class Fenced(Handler):
    """Fields between two lines of signs: `---`, `+++`, `;;;`; the first may name their language."""

    def __init__(self, fence: str, name: str, *, language: str = "", also_closes: str = "") -> None:
        sign = re.escape(fence)
        closers = "|".join(filter(None, (sign, also_closes)))
        self._closing = re.compile(rf"^(?:{closers})[ \t]*(?:\r?\n|\Z)", re.MULTILINE)
        super().__init__(name, re.compile(rf"{sign}[ \t]*{language}[ \t]*\r?\n"))

    def pieces(self, text: str) -> Pieces | None:
        opening = self.begins.match(text)
        closing = self._closing.search(text, opening.end()) if opening else None
        if opening is None or closing is None:
            return None
        inner = text[opening.end() : closing.start()]
        return opening[0], inner, closing[0], text[closing.end() :]


class BareObject(Handler):
    """A JSON object at the beginning of the file, as Hugo reads it."""

    def __init__(self) -> None:
        super().__init__("json", re.compile(r'\{\s*(?:\r?\n|")'))

    def pieces(self, text: str) -> Pieces | None:
        try:
            found, end = json.JSONDecoder().raw_decode(text)
        except (ValueError, RecursionError):
            return None
        if not isinstance(found, dict) or not found or text[end : end + 1] not in ("\n", "\r", ""):
            return None
        newline = re.compile(r"\r?\n").match(text, end)
        closing = newline[0] if newline else ""
        return "", text[:end], closing, text[end + len(closing) :]


class ClosedOnly(Handler):
    """`key: value` lines closed by a line `---` that nothing opened, as Hexo reads them."""

    after_blank_lines = False

    def __init__(self) -> None:
        super().__init__("yaml", _HEADER_BEGINS)

    def pieces(self, text: str) -> Pieces | None:
        lines = _HEADER_LINES.match(text)
        closing = re.compile(r"---[ \t]*\r?\n").match(text, lines.end()) if lines else None
        if lines is None or closing is None:
            return None
        return "", lines[0], closing[0], text[closing.end() :]


class HeaderLines(Handler):
    """`Key: value` lines up to a blank line, as Pelican and MultiMarkdown read them.

    Any paragraph may begin with a word and a colon, so the first key must be one of the usual.
    """

    after_blank_lines = False

    def __init__(self) -> None:
        super().__init__("headers", _USUAL_HEADER)

    def pieces(self, text: str) -> Pieces | None:
        lines = _HEADER_LINES.match(text)
        if lines is None or not re.compile(r"\r?\n|\Z").match(text, lines.end()):
            return None
        return "", lines[0], "", text[lines.end() :]


HANDLERS: tuple[Handler, ...] = (
    Fenced("---", "yaml", language="(?:yaml)?", also_closes=r"\.\.\."),
    Fenced("---", "toml", language="toml"),
    Fenced("---", "json", language="json"),
    Fenced("+++", "toml", language="(?:toml)?"),
    Fenced(";;;", "json", language="(?:json)?"),
    BareObject(),
    ClosedOnly(),
    HeaderLines(),
)
"""Tried in this order; the first that finds both ends of its fields has the file."""
