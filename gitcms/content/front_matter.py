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
        """The file with other fields and another body, which begins on a line of its own."""
        fields = self.opening + inner + self.closing
        ended = not (fields and body) or fields.endswith(b"\n")
        return self.prefix + fields + (b"" if ended else self.newline.encode()) + body

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
    bom = len(BOM) if source.startswith(BOM) else 0
    text = source.decode("latin-1")
    blank = _BLANK_LINES.match(text, bom)
    start = blank.end() if blank else bom
    for handler in HANDLERS:
        begins_file = start == bom or handler.after_blank_lines
        places = handler.places(text, start) if begins_file and handler.begins.match(text, start) else None
        if places is not None:
            # A Latin-1 character is a byte, so places in the text are places in the bytes.
            one, two, three = places
            return Block(
                handler.name,
                source[:start],
                source[start:one],
                source[one:two],
                source[two:three],
                source[three:],
            )
    return Block("none", source[:bom], b"", b"", b"", source[bom:])


Places = tuple[int, int, int]
"""Where the fields begin, where they end, and where the body begins."""


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

    def places(self, text: str, start: int) -> Places | None:
        """Where to cut a file that begins at `start`, or `None` where the end of the fields is missing."""
        raise NotImplementedError

    def split(self, text: str) -> tuple[str, str]:
        """Fields and body, for python-frontmatter. :raises ValueError: there are none, as it expects."""
        places = self.places(text, 0) if self.detect(text) else None
        if places is None:
            raise ValueError("no front matter")
        return text[places[0] : places[1]], text[places[2] :]

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

    def __init__(self, fence: str, name: str, *, language: str = "", closes: tuple[str, ...] = ()) -> None:
        self._closers = tuple(
            (sign, re.compile(rf"{re.escape(sign)}[ \t]*(?:\r?\n|\Z)")) for sign in closes or (fence,)
        )
        super().__init__(name, re.compile(rf"{re.escape(fence)}[ \t]*{language}[ \t]*\r?\n"))

    def places(self, text: str, start: int) -> Places | None:
        opening = self.begins.match(text, start)
        closing = self._closing(text, opening.end()) if opening else None
        return (opening.end(), closing.start(), closing.end()) if opening and closing else None

    def _closing(self, text: str, start: int) -> re.Match[str] | None:
        first: re.Match[str] | None = None
        for sign, line in self._closers:
            # The line feed before the sign may be the opening line's own.
            at = text.find("\n" + sign, start - 1, first.end() if first else None)
            while at >= 0:
                found = line.match(text, at + 1)
                if found:
                    first = found
                    break
                at = text.find("\n" + sign, at + 1, first.end() if first else None)
        return first


class BareObject(Handler):
    """A JSON object at the beginning of the file, as Hugo reads it."""

    def __init__(self) -> None:
        super().__init__("json", re.compile(r'\{\s*(?:\r?\n|")'))

    def places(self, text: str, start: int) -> Places | None:
        try:
            found, end = json.JSONDecoder().raw_decode(text, start)
        except (ValueError, RecursionError):
            return None
        if not isinstance(found, dict) or not found or text[end : end + 1] not in ("\n", "\r", ""):
            return None
        newline = re.compile(r"\r?\n").match(text, end)
        return start, end, newline.end() if newline else end


class ClosedOnly(Handler):
    """`key: value` lines closed by a line `---` that nothing opened, as Hexo reads them."""

    after_blank_lines = False

    def __init__(self) -> None:
        super().__init__("yaml", _HEADER_BEGINS)

    def places(self, text: str, start: int) -> Places | None:
        lines = _HEADER_LINES.match(text, start)
        closing = re.compile(r"---[ \t]*\r?\n").match(text, lines.end()) if lines else None
        return (start, closing.start(), closing.end()) if closing else None


class HeaderLines(Handler):
    """`Key: value` lines up to a blank line, as Pelican and MultiMarkdown read them.

    Any paragraph may begin with a word and a colon, so the first key must be one of the usual.
    """

    after_blank_lines = False

    def __init__(self) -> None:
        super().__init__("headers", _USUAL_HEADER)

    def places(self, text: str, start: int) -> Places | None:
        lines = _HEADER_LINES.match(text, start)
        if lines is None or not re.compile(r"\r?\n|\Z").match(text, lines.end()):
            return None
        return start, lines.end(), lines.end()


HANDLERS: tuple[Handler, ...] = (
    Fenced("---", "yaml", language="(?:yaml)?", closes=("---", "...")),
    Fenced("---", "toml", language="toml"),
    Fenced("---", "json", language="json"),
    Fenced("+++", "toml", language="(?:toml)?"),
    Fenced(";;;", "json", language="(?:json)?"),
    BareObject(),
    ClosedOnly(),
    HeaderLines(),
)
"""Tried in this order; the first that finds both ends of its fields has the file."""
