"""Edits of front matter that does not parse: only those that are provably local.

Here: the two cases that can be proved. Everything else is refused, and the fields are shown as text.

1. The bytes are no UTF-8, but every byte above ASCII stands inside values: read byte by byte, the
   fields have the same structure, and a new value in ASCII means the same in every old encoding.
2. One line of YAML is at fault, it is a field's whole line, and with the new value everything parses.
   No other line has a meaning that could change, since none had one before.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from gitcms.content.edits import Edit, Set, settle
from gitcms.content.formats import FORMATS, Format, edit_verified
from gitcms.content.formats.yaml_scalars import spell_double
from gitcms.content.front_matter import Block
from gitcms.errors import DocumentError, EditRefused, FrontMatterUnreadable


def mend(block: Block, problem: FrontMatterUnreadable, edits: Sequence[Edit]) -> bytes:
    """The fields' bytes with the edits done.

    :raises FrontMatterUnreadable: `problem`, unless the edits are provably local.
    """
    known = FORMATS[block.format]
    try:
        return _mended(block, known, edits)
    except DocumentError as error:
        raise problem from error


def _mended(block: Block, known: Format, edits: Sequence[Edit]) -> bytes:
    try:
        text = block.inner.decode("utf-8")
    except UnicodeDecodeError:
        return _edited_bytewise(block, known, edits)
    for edit in edits:
        text = _with_line_mended(known, text, edit)
    return text.encode("utf-8")


def _edited_bytewise(block: Block, known: Format, edits: Sequence[Edit]) -> bytes:
    text = block.inner.decode("latin-1")
    for edit in edits:
        for step in settle(known.read(text).values, edit):
            if not (repr(getattr(step, "value", "")) + getattr(step, "name", "")).isascii():
                raise EditRefused("Only plain letters can be written in an unknown encoding.")
            text = edit_verified(known, text, step, block.newline)
    return text.encode("latin-1")


def _with_line_mended(known: Format, text: str, edit: Edit) -> str:
    if known.name != "yaml" or not isinstance(edit, Set) or not isinstance(edit.value, str):
        raise EditRefused("Only the text of a whole line can be mended.")
    name = str(edit.path[0])
    lines = list(re.finditer(rf"^{re.escape(name)}[ \t]*:[ \t]+([^\r\n]*)", text, re.MULTILINE))
    if len(edit.path) != 1 or len(lines) != 1:
        raise EditRefused("There is not exactly one line with this name.")
    line = lines[0]
    # In double quotes, since what made the line unreadable may be in the new text as well.
    changed = text[: line.start(1)] + spell_double(edit.value) + text[line.end(1) :]
    read = known.read(changed)
    if read.values.get(name) != edit.value:
        raise EditRefused("The line is not the whole of the field.")
    return changed
