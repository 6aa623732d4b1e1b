"""A file of a site: its fields and its text, and the bytes that a change makes of it.

Here: the whole file, from bytes to bytes. What the fields look like is known by `formats/`, where
they stand by `front_matter`, and how the text changes by `body`.

The promise: `change` gives the same bytes but for what the edits name, or raises. After every edit
the new fields are read again in each dialect, and unless they read as the old ones with just this
edit done, nothing is given back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from gitcms.content import body as bodies
from gitcms.content import front_matter
from gitcms.content.batches import edited
from gitcms.content.edits import Edit
from gitcms.content.formats import FORMATS, Format, Imitating, Reading, Skimming
from gitcms.content.front_matter import Block
from gitcms.content.mending import mend
from gitcms.content.values import Path, Value
from gitcms.errors import DocumentTooLarge, EditRefused, FrontMatterUnreadable

FIELDS_SIZE = 1024 * 1024
"""Bytes of front matter; no post of a real site comes near."""
PARTS = 100_000
"""Commas and line ends in front matter: a cheap upper bound of its number of values."""
LINE = 256 * 1024
"""Bytes of one line of YAML: libyaml takes quadratic time for some."""
DEPTH = 100
"""Brackets open at once, in the formats that have nothing but brackets to nest with."""

_BRACKETS = re.compile(r"[\[\]{}]")

_READ = {name: known.read for name, known in FORMATS.items()}
_SKIMMED = _READ | {name: known.skim for name, known in FORMATS.items() if isinstance(known, Skimming)}


@dataclass(frozen=True, slots=True)
class Document:
    """One file. Made by `parse`; never changes.

    `values` is empty when `problem` is set: then the fields are shown as `front_matter_text`, and
    the body can be edited all the same. `body` has LF line ends and no byte order mark. A data file
    (`is_data`) is all fields and has no body; where it is a list, that is `items`, and a path begins
    with the number of an item.
    """

    source: bytes
    format: str
    values: dict[str, Value]
    problem: FrontMatterUnreadable | None
    warnings: tuple[str, ...]
    body: str
    front_matter_text: str
    newline: str
    is_data: bool
    _path: str = field(repr=False)
    _block: Block = field(repr=False)
    _reading: Reading = field(repr=False)

    @classmethod
    def parse(cls, source: bytes, path: str = "", *, skim: bool = False) -> Document:
        """Read a file.

        :param path: its name, by which data files are told from texts; left out, it is a text.
        :param skim: it is one of many that are looked at and not edited, which then costs less.
        :raises DocumentTooLarge: a bound is passed; checked before anything is parsed.
        """
        block = front_matter.split(source, path)
        is_data = not (block.opening or block.closing) and front_matter.data_format(path) is not None
        _check_bounds(block)
        problem: FrontMatterUnreadable | None = None
        reading = Reading({})
        text, encoding = _decode(block.inner)
        try:
            if encoding != "utf-8":
                raise _not_unicode(block.inner)
            reading = (_SKIMMED if skim else _READ)[block.format](text)
            if reading.items is not None and not is_data:
                reading = Reading({})
                raise FrontMatterUnreadable("This file does not begin with named fields.", line=1, column=1)
        except FrontMatterUnreadable as error:
            problem = _in_whole_file(error, block)
        return cls(
            source=source,
            format=block.format,
            values=reading.values,
            problem=problem,
            warnings=reading.warnings,
            body=bodies.shown(_decode(block.body)[0]),
            front_matter_text=text,
            newline=block.newline,
            is_data=is_data,
            _path=path,
            _block=block,
            _reading=reading,
        )

    @property
    def items(self) -> list[Value] | None:
        """The items of a data file that is a list, `None` for every other file."""
        return self._reading.items

    def change(self, edits: Sequence[Edit], body: str | None = None) -> bytes:
        """This file's bytes with the edits done, each on what the ones before it left.

        :param body: the whole text as it should be, line ends of any kind; `None` leaves it alone.
        :raises EditRefused: it cannot be done without touching something else.
        :raises FrontMatterUnreadable: the fields do not parse, and the edit is none that mends them.
        """
        block = self._block
        inner, text = block.inner, block.body
        if edits:
            inner = self._edited(edits)
        if body and self.is_data:
            raise EditRefused("This file holds fields alone, and no text.")
        if body is not None:
            text = self._with_body(body)
        if inner == block.inner and text == block.body:
            return self.source
        changed = block.join(inner, text)
        _check_pieces(block, inner, text, front_matter.split(changed, self._path))
        return changed

    def reread(self, data: bytes) -> Document:
        """Another version of this file, read as this one is."""
        return Document.parse(data, self._path)

    def text_of(self, path: Path) -> str | None:
        """A scalar as the file spells it, quotes and all; `None` where there is none."""
        return self._reading.texts.get(path)

    @property
    def warned(self) -> tuple[int, ...]:
        """For each of the warnings its line in the file, counted from 1."""
        before = _lines_before(self._block)
        return tuple(line + before for line in self._reading.warned)

    def line_of(self, path: Path) -> int | None:
        """The line of a field or item in the file, counted from 1."""
        line = self._reading.lines.get(path)
        return None if line is None else line + _lines_before(self._block)

    @property
    def front_matter(self) -> bytes:
        """All that stands before the text, delimiters and all."""
        return self.source[: len(self.source) - len(self._block.body)]

    @property
    def body_bytes(self) -> bytes:
        """The text as the file has it."""
        return self._block.body

    def with_front_matter_text(self, text: str) -> bytes:
        """This file with other fields between its delimiters, readable or not.

        :raises EditRefused: they would not be all of its fields, or not be fields at all.
        """
        block, inner = self._block, _encode(text, _decode(self._block.inner)[1])
        changed = block.join(inner, block.body)
        _check_pieces(block, inner, block.body, front_matter.split(changed))
        return changed

    def beside(self, other: Document) -> bytes:
        """This file's fields with the other one's text, both to the byte.

        :raises EditRefused: a part of the text would be taken for fields, or the other way round.
        """
        block, text = self._block, other._block.body
        changed = block.join(block.inner, text)
        _check_pieces(block, block.inner, text, front_matter.split(changed, self._path))
        return changed

    def _edited(self, edits: Sequence[Edit]) -> bytes:
        if self.problem is not None:
            return mend(self._block, self.problem, edits)
        text, root = self.front_matter_text, self._reading.root
        return _encode(edited(FORMATS[self.format], text, root, edits, self.newline), "utf-8")

    def _with_body(self, body: str) -> bytes:
        old, encoding = _decode(self._block.body)
        text = bodies.changed(old, body, newline=self.newline)
        if FORMATS[self.format].ended_by_blank_line and text and not text.startswith(("\n", "\r\n")):
            # The blank line that ends such fields is the first of the text.
            text = self.newline + text
        return _encode(text, encoding)


def body_of(source: bytes, path: str = "") -> str:
    """The text of a file, as `Document.body` has it; what its fields say is not read."""
    return bodies.shown(_decode(front_matter.split(source, path).body)[0])


class Written(NamedTuple):
    """How a new file is spelled that has no neighbour: YAML's quotes and indentation, JSON's indentation."""

    quote: str = "none"
    indent: int = 2
    indent_lists: bool = True
    json_indent: str = "  "

    def sample(self, newline: str) -> str:
        """Return YAML with these habits."""
        mark = {"single": "'", "double": '"'}.get(self.quote, "")
        text, deep = f"{mark}text{mark}", " " * self.indent
        lists = deep if self.indent_lists else ""
        names = [f"sample of gitcms {number}" for number in range(3)]
        lines = [
            f"{names[0]}: {text}",
            f"{names[1]}:",
            f"{lists}- {text}",
            f"{names[2]}:",
            f"{deep}one: {text}",
        ]
        return newline.join([*lines, ""])


AS_USUAL = Written()


def new_document(
    values: Mapping[str, Value],
    body: str,
    *,
    format: str = "yaml",  # noqa: A002 — the name that files and settings use
    like: Document | None = None,
    written: Written | None = None,
    comments: Mapping[str, str] | None = None,
) -> bytes:
    """A fresh file.

    :param format: a name of `FORMATS`; what `like` has goes before it.
    :param like: a neighbour whose habits are taken over: delimiters, the order of keys, quotes,
        indentation, lists in one line or many, line ends, a blank line before the text.
    :param written: how it is spelled without a neighbour.
    :param comments: what is to stand before keys, in formats that have comments.
    :raises EditRefused: values that this format cannot hold.
    """
    if like is not None and (like.problem is not None or like.format == "none"):
        like = None
    known = FORMATS[like.format if like else format]
    newline = like.newline if like else "\n"
    if like is not None and isinstance(known, Imitating):
        inner = known.dump_like(values, like.front_matter_text, newline=newline)
    else:
        inner = _spelled(known, _in_order_of(values, like), newline, written or AS_USUAL)
    inner = _commented(inner, known, comments or {}, newline)
    opening, closing = _delimiters(known, like, newline)
    text = bodies.shown(body)
    if like is not None and like.body.startswith("\n") and text and not text.startswith("\n"):
        text = "\n" + text
    if text and not text.endswith("\n"):
        text += "\n"
    fields = opening + inner + closing
    fresh = _encode(fields + text.replace("\n", newline), "utf-8")
    if not fields.endswith(newline * 2) and not _begins_with(fresh, text):
        # Fields without a last mark go on for as long as lines look like theirs; a blank line ends them.
        fresh = _encode(fields + newline + text.replace("\n", newline), "utf-8")
    _check_fresh(fresh, known, values, text)
    return fresh


def _spelled(known: Format, values: Mapping[str, Value], newline: str, written: Written) -> str:
    """Return the fields of a file without neighbours. YAML imitates one that has these habits."""
    if known.name == "yaml" and isinstance(known, Imitating) and written[:3] != AS_USUAL[:3]:
        return known.dump_like(values, written.sample(newline), newline=newline)
    text = known.dump(values, newline=newline)
    if known.name != "json" or written.json_indent == AS_USUAL.json_indent:
        return text
    lines = text.split(newline)
    deep = [(len(line) - len(line.lstrip(" "))) // len(AS_USUAL.json_indent) for line in lines]
    # A text in JSON has no line end of its own, so each line begins with nothing but its indentation.
    return newline.join(
        written.json_indent * level + line.lstrip(" ") for level, line in zip(deep, lines, strict=True)
    )


def _commented(inner: str, known: Format, comments: Mapping[str, str], newline: str) -> str:
    """Return fields with comments before their keys, where these stand at the beginning of a line."""
    if known.name not in ("yaml", "toml") or not comments:
        return inner
    text = inner
    for key, said in comments.items():
        begins = re.compile(rf"^(?=([\"']?){re.escape(key)}\1[ \t]*[:=])", re.MULTILINE)
        lines = "".join(f"# {line}".rstrip() + newline for line in said.splitlines())
        text = begins.sub(lambda _, lines=lines: lines, text, count=1)  # type: ignore[misc]
    # Something in a text of several lines may look like a key.
    return text if known.read(text).values == known.read(inner).values else inner


def _check_bounds(block: Block) -> None:
    inner = block.inner
    if len(inner) > FIELDS_SIZE:
        raise DocumentTooLarge(f"The fields of this file are larger than {FIELDS_SIZE // 1024 // 1024} MiB.")
    if inner.count(b",") + inner.count(b"\n") > PARTS:
        raise DocumentTooLarge("The fields of this file hold too many values to be edited here.")
    if block.format == "yaml" and len(inner) > LINE and max(map(len, inner.split(b"\n"))) > LINE:
        raise DocumentTooLarge("A single line of this file's fields is too long to be edited here.")
    if block.format != "yaml" and inner.count(b"[") + inner.count(b"{") > DEPTH:
        _check_depth(inner.decode("latin-1"))


def _check_depth(text: str) -> None:
    depth = 0
    for bracket in _BRACKETS.finditer(text):
        depth = depth + 1 if bracket[0] in "[{" else max(depth - 1, 0)
        if depth > DEPTH:
            raise DocumentTooLarge("The fields of this file are nested too deep to be edited here.")


def _check_pieces(old: Block, inner: bytes, text: bytes, new: Block) -> None:
    """The changed file falls into the same pieces, and can be opened: no text became a field, no field text.

    :raises EditRefused: it does not, or passes a bound, and nobody could open it again.
    """
    if (new.format, new.inner, new.body) != (old.format, inner, text):
        if text == old.body:
            raise EditRefused("With this change the fields would no longer be taken for fields.")
        raise EditRefused(
            "With this change the beginning of the text would be taken for fields, or the other way round.",
            hint="Begin the text with a blank line or another word.",
        )
    try:
        _check_bounds(new)
    except DocumentTooLarge as error:
        raise EditRefused(
            "With this change the fields would be too large or too deep to be opened again.",
            hint="Nothing was changed. Long texts belong below the fields.",
        ) from error


def _begins_with(fresh: bytes, text: str) -> bool:
    """Whether the text of a new file is the one that was given, but for blank lines before it."""
    return Document.parse(fresh).body.lstrip("\n") == text.lstrip("\n")


def _check_fresh(fresh: bytes, known: Format, values: Mapping[str, Value], text: str) -> None:
    read = Document.parse(fresh)
    # TOML has no word for "empty" and leaves such a field out.
    named = {name for name, value in values.items() if value is not None}
    kept = named <= read.values.keys() <= values.keys()
    if read.problem is not None or read.format != known.name or not (kept and _begins_with(fresh, text)):
        raise EditRefused("These values cannot be written into a file.")


def _decode(data: bytes) -> tuple[str, str]:
    """Text and its encoding. Bytes that are not UTF-8 are taken one by one, so that all come back."""
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return data.decode("latin-1"), "latin-1"


def _encode(text: str, encoding: str) -> bytes:
    try:
        return text.encode(encoding)
    except UnicodeEncodeError as error:
        sign = text[error.start]
        if encoding == "utf-8":
            raise EditRefused("The text holds half a character, which no file can keep.") from error
        raise EditRefused(
            f"This file is kept in an old encoding that has no “{sign}”.",
            hint="Write it without this character, or ask an administrator to convert the file to UTF-8.",
        ) from error


def _not_unicode(data: bytes) -> FrontMatterUnreadable:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1
        return FrontMatterUnreadable(
            "The fields of this file are kept in an old encoding.",
            line=line,
            column=column,
            details=str(error),
        )
    raise AssertionError("called for bytes that are UTF-8")


def _in_whole_file(error: FrontMatterUnreadable, block: Block) -> FrontMatterUnreadable:
    """The same error with its line counted in the file and named in the sentence."""
    line = None if error.line is None else error.line + _lines_before(block)
    sentence = str(error)
    if line is not None and error.column is not None:
        sentence = f"{sentence.removesuffix('.')} (line {line}, column {error.column})."
    return FrontMatterUnreadable(sentence, line=line, column=error.column, details=error.details)


def _lines_before(block: Block) -> int:
    return (block.prefix + block.opening).count(b"\n")


def _in_order_of(values: Mapping[str, Value], like: Document | None) -> dict[str, Value]:
    order = [name for name in like.values if name in values] if like else []
    return {name: values[name] for name in dict.fromkeys([*order, *values])}


def _delimiters(known: Format, like: Document | None, newline: str) -> tuple[str, str]:
    if like is not None:
        block = like._block
        opening, closing = block.opening.decode("latin-1"), block.closing.decode("latin-1")
        return opening, closing if closing.endswith("\n") or not closing.strip() else closing + newline
    opening, closing = known.fences
    return opening.replace("\n", newline), closing.replace("\n", newline)
