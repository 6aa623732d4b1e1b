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
_HEADER_BEGINNINGS = re.compile(r"(?:title|date|category|tags|slug|author)\s*:", re.IGNORECASE)


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
                opening, inner, closing, body = (piece.encode("latin-1") for piece in pieces[1:])
                return Block(pieces[0], bom + blank.encode(), opening, inner, closing, body)
    return Block("none", bom, b"", b"", b"", source[len(bom) :])


class Handler(BaseHandler):
    """One way in which files mark their fields."""

    after_blank_lines = True

    def pieces(self, text: str) -> tuple[str, str, str, str, str] | None:
        """Format, opening, fields, closing, body; or `None` where the end is missing."""
        raise NotImplementedError

    def split(self, text: str) -> tuple[str, str]:
        """Fields and body, for python-frontmatter. :raises ValueError: there are none, as it expects."""
        pieces = self.pieces(text) if self.detect(text) else None
        if pieces is None:
            raise ValueError("no front matter")
        self._format = pieces[0]
        return pieces[2], pieces[4]

    def load(self, fm: str) -> dict[str, Any]:
        """The fields, read by our own formats: nothing is constructed, nothing is guessed.

        :raises FrontMatterUnreadable: the fields do not parse.
        """
        return dict(FORMATS[self._format].read(fm).values)

    def export(self, metadata: Mapping[str, object], **kwargs: object) -> str:
        """:raises EditRefused: always; front matter that exists is spliced, never dumped."""
        raise EditRefused("Existing fields are never written out as a whole.")


class Fenced(Handler):
    """Fields between two lines of signs: `---`, `+++`, `;;;`."""

    def __init__(self, fence: str, name: str, *, also_closes: str = "") -> None:
        self._fence = re.escape(fence)
        self._name = name
        closers = "|".join(filter(None, (self._fence, also_closes)))
        self._closing = re.compile(rf"^(?:{closers})[ \t]*(?:\r?\n|\Z)", re.MULTILINE)
        super().__init__(
            re.compile(rf"{self._fence}[ \t]*(?P<kind>yaml|toml|json)?[ \t]*\r?\n"), fence, fence
        )

    def pieces(self, text: str) -> tuple[str, str, str, str, str] | None:
        assert self.FM_BOUNDARY is not None
        opening = self.FM_BOUNDARY.match(text)
        closing = self._closing.search(text, opening.end()) if opening else None
        if opening is None or closing is None:
            return None
        name = opening["kind"] or self._name
        return (
            name,
            text[: opening.end()],
            text[opening.end() : closing.start()],
            closing[0],
            text[closing.end() :],
        )


class BareObject(Handler):
    """A JSON object at the beginning of the file, as Hugo reads it."""

    def __init__(self) -> None:
        super().__init__(re.compile(r'\{\s*(?:\r?\n|")'), "", "")

    def pieces(self, text: str) -> tuple[str, str, str, str, str] | None:
        try:
            found, end = json.JSONDecoder().raw_decode(text)
        except (ValueError, RecursionError):
            return None
        if not isinstance(found, dict) or not found or text[end : end + 1] not in ("\n", "\r", ""):
            return None
        newline = re.compile(r"\r?\n").match(text, end)
        closing = newline[0] if newline else ""
        return "json", "", text[:end], closing, text[end + len(closing) :]


class HeaderLines(Handler):
    """`Key: value` lines up to a line `---` (Hexo: YAML) or a blank line (Pelican, MultiMarkdown)."""

    after_blank_lines = False

    def __init__(self) -> None:
        super().__init__(re.compile(r"[A-Za-z_][\w -]*:", re.ASCII), "", "")

    def pieces(self, text: str) -> tuple[str, str, str, str, str] | None:
        lines = _HEADER_LINES.match(text)
        if lines is None:
            return None
        rest = text[lines.end() :]
        closing = re.match(r"---[ \t]*\r?\n", rest)
        if closing:
            return "yaml", "", lines[0], closing[0], rest[closing.end() :]
        if (not rest or re.match(r"\r?\n", rest)) and _HEADER_BEGINNINGS.match(lines[0]):
            return "headers", "", lines[0], "", rest
        return None


HANDLERS: tuple[Handler, ...] = (
    Fenced("---", "yaml", also_closes=r"\.\.\."),
    Fenced("+++", "toml"),
    Fenced(";;;", "json"),
    BareObject(),
    HeaderLines(),
)
"""Tried in this order; the first that finds both ends of its fields has the file."""
