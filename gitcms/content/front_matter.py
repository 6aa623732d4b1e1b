"""Find the fields of a file: their kind, their delimiters, their line ends, what stands before them.

Here: bytes cut into pieces that join to the same bytes. Not here: what the fields say and how each kind
marks them (`formats/`).

The kinds are handlers of python-frontmatter, so that its `parse` can read any file that we read
(`frontmatter.parse(text, handler=…)`); it is not used to write: its `dumps` re-spells every value.
Handlers see bytes as Latin-1 text, in which every byte is a character and none is lost.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from frontmatter.default_handlers import BaseHandler

from gitcms.content.formats import FORMATS, Format
from gitcms.content.formats.markers import Fence, Marker
from gitcms.errors import EditRefused

BOM = b"\xef\xbb\xbf"

_BLANK_LINES = re.compile(r"(?:[ \t]*\r?\n)*")


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


def split(source: bytes, path: str = "") -> Block:
    """Cut a file at its front matter. Bytes that have none are all body; a data file is all fields.

    :param path: the file's name, whose ending tells data files (`.yml`, `.json`, `.toml`) from texts.
    """
    bom = len(BOM) if source.startswith(BOM) else 0
    text = source.decode("latin-1")
    known = data_format(path)
    blank = _BLANK_LINES.match(text, bom)
    start = blank.end() if blank else bom
    for handler in HANDLERS:
        if known is not None and not handler.marks_others_than(known):
            continue
        begins_file = start == bom or handler.marker.after_blank_lines
        marked = begins_file and handler.marker.begins.match(text, start)
        places = handler.marker.places(text, start) if marked else None
        if places is not None:
            # A Latin-1 character is a byte, so places in the text are places in the bytes.
            one, two, three = places
            return Block(
                handler.known.name,
                source[:start],
                source[start:one],
                source[one:two],
                source[two:three],
                source[three:],
            )
    if known is not None:
        return Block(known.name, source[:bom], b"", source[bom:], b"", b"")
    return Block("none", source[:bom], b"", b"", b"", source[bom:])


def data_format(path: str) -> Format | None:
    """The format of a data file by its name, `None` for every other file."""
    return _BY_SUFFIX.get(posixpath.splitext(path)[1].lower())


class Handler(BaseHandler):
    """One way of marking fields, as python-frontmatter sees it."""

    def __init__(self, known: Format, marker: Marker) -> None:
        super().__init__(marker.begins, "", "")
        self.known = known
        self.marker = marker

    def marks_others_than(self, known: Format) -> bool:
        """Whether a data file of a kind can hold these marks: a page of Jekyll's may be named `.json`."""
        return self.known is not known and isinstance(self.marker, Fence)

    def split(self, text: str) -> tuple[str, str]:
        """Fields and body, for python-frontmatter. :raises ValueError: there are none, as it expects."""
        places = self.marker.places(text, 0) if self.detect(text) else None
        if places is None:
            raise ValueError("no front matter")
        return text[places[0] : places[1]], text[places[2] :]

    def load(self, fm: str) -> dict[str, Any]:
        """The fields, read by our own formats: nothing is constructed, nothing is guessed.

        :raises FrontMatterUnreadable: the fields do not parse.
        """
        return dict(self.known.read(fm).values)

    def export(self, metadata: Mapping[str, object], **kwargs: object) -> str:
        """:raises EditRefused: always; front matter that exists is spliced, never dumped."""
        raise EditRefused("Existing fields are never written out as a whole.")


HANDLERS: tuple[Handler, ...] = tuple(
    Handler(known, marker) for known in FORMATS.values() for marker in known.markers
)
"""Tried in the order of the formats; the first that finds both ends of its fields has the file."""

_BY_SUFFIX = {suffix: known for known in FORMATS.values() for suffix in known.suffixes}
