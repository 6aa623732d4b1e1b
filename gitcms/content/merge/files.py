"""Two versions of a file joined, against the one that both began with: bytes in, bytes out.

One version is the ground, and what the other changed is spliced into it, so every byte that neither touched
stays. The ground is theirs, unless only my version differs in what no value tells: comments, the
order of keys, the kind of front matter, line ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import AnyStr

from gitcms.content.alignment import common
from gitcms.content.document import Document
from gitcms.content.edits import edits_between
from gitcms.content.merge.choices import Answer, Choice, Questions
from gitcms.content.merge.fields import join_values
from gitcms.content.merge.passages import join_texts
from gitcms.content.values import Path, Value, same
from gitcms.errors import DocumentError


@dataclass(frozen=True, slots=True)
class Merged:
    """What came of two versions.

    :param data: the file with both people's changes; None as long as a choice is open.
    :param choices: every place that both changed differently, in the order of the file.
    :param open: those of them that no answer fits.
    """

    data: bytes | None
    choices: tuple[Choice, ...] = ()
    open: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Contested:
    """A file that both changed differently, and that is not taken apart. None where it is not there."""

    base: bytes | None
    theirs: bytes | None
    mine: bytes | None


def merge(
    base: bytes,
    theirs: bytes,
    mine: bytes,
    answers: Mapping[str, Answer] | None = None,
    path: str = "",
) -> Merged:
    """Join two versions of an entry.

    :param theirs: the version that is there now.
    :param mine: the version that is to come.
    :param answers: by the ids of choices; those that fit none of them count for nothing.
    :raises EditRefused: the joined text cannot be written into this file (an old encoding without that sign).
    :raises DocumentTooLarge: a version is over a bound.
    """
    if mine in (base, theirs):
        return Merged(theirs)
    if theirs == base:
        return Merged(mine)
    questions = Questions(answers or {})
    work = [Document.parse(each, path) for each in (base, theirs, mine)]
    fields = _fields(questions, *work)
    text = join_texts(questions, *(each.body for each in work))
    ground = _ground_of_text(*work)
    data = None if questions.open else _together(fields, text, ground)
    return Merged(data, tuple(questions.asked), tuple(questions.open))


def merge_files(base: bytes | None, theirs: bytes | None, mine: bytes | None) -> bytes | Contested | None:
    """Join two versions of any other file, which is never taken apart. None is a file that is not there."""
    if mine in (base, theirs):
        return theirs
    return mine if theirs == base else Contested(base, theirs, mine)


def merge_lines(base: bytes, theirs: bytes, mine: bytes) -> bytes | None:
    """Join two versions of a text that is no entry, line by line.

    None where both changed the same lines or neighbours, and where it is no text.
    """
    if any(b"\0" in each for each in (base, theirs, mine)):
        return None
    joined = _three_ways(*(each.splitlines(keepends=True) for each in (base, theirs, mine)))
    return None if joined is None else b"".join(joined)


# ── fields ──


def _fields(questions: Questions, base: Document, theirs: Document, mine: Document) -> bytes:
    """Return a file that has the joined fields; whichever text."""
    if _same_fields(mine, base) or _same_fields(mine, theirs):
        return theirs.source
    if _same_fields(theirs, base):
        return mine.source
    readable = not any(each.problem for each in (base, theirs, mine))
    for placed in (True, False):
        if readable:
            asked = len(questions.asked), len(questions.open)
            data = _by_value(questions, base, theirs, mine, placed=placed)
            if data is not None:
                return data
            del questions.asked[asked[0] :], questions.open[asked[1] :]
        lines = _by_line(base, theirs, mine) if placed else None
        if lines is not None:
            return lines
    return _as_a_whole(questions, base, theirs, mine)


def _same_fields(one: Document, other: Document) -> bool:
    return one.front_matter == other.front_matter


def _by_value(
    questions: Questions, base: Document, theirs: Document, mine: Document, *, placed: bool
) -> bytes | None:
    """Splice one side's changes of values into the other; None where that would lose what no value tells."""
    questions.swapped = not _told_by_values(base, mine, placed=placed)
    if questions.swapped:
        if not _told_by_values(base, theirs, placed=placed):
            questions.swapped = False
            return None
        theirs, mine = mine, theirs
    joined = join_values(questions, base.values, theirs.values, mine.values)
    questions.swapped = False
    try:
        data = theirs.change(joined.edits)
    except DocumentError:
        return None
    return data if same(base.reread(data).values, joined.value) else None


def _told_by_values(base: Document, side: Document, *, placed: bool) -> bool:
    """Tell whether a version differs from the base by its values alone.

    :param placed: new keys stand where they are put here, too; else at the end will do.
    """
    for order in (tuple(_order(side.values)), *(() if placed else ((),))):
        try:
            made = base.reread(base.change(edits_between(base.values, side.values, order)))
        except DocumentError:
            continue
        if _same_fields(made, side):
            return True
    return False


def _order(value: Value, path: Path = ()) -> Iterator[Path]:
    """Yield the keys of all objects in the order in which they stand."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield (*path, key)
            yield from _order(part, (*path, key))
    elif isinstance(value, list):
        for part in value:
            yield from _order(part, path)


def _by_line(base: Document, theirs: Document, mine: Document) -> bytes | None:
    """Join the fields as lines; None where both changed the same ones, or it reads as other values."""
    if len({each.format for each in (base, theirs, mine)}) > 1 or base.problem:
        return None
    joined = _three_ways(*(each.front_matter_text.splitlines(keepends=True) for each in (base, theirs, mine)))
    if joined is None:
        return None
    data = theirs.with_front_matter_text("".join(joined))
    document = base.reread(data)
    questions = Questions({})
    wanted = join_values(questions, base.values, theirs.values, mine.values)
    readable = not theirs.problem and not mine.problem and not document.problem and not questions.open
    return data if readable and same(document.values, wanted.value) else None


def _as_a_whole(questions: Questions, base: Document, theirs: Document, mine: Document) -> bytes:
    """Have all fields chosen at once, as they are spelled."""
    chosen = questions.ask(
        "fields", "fields", (), base.front_matter_text, theirs.front_matter_text, mine.front_matter_text
    )
    for side in (theirs, mine):
        if chosen == side.front_matter_text:
            return side.source
    return theirs.with_front_matter_text(str(chosen))


def _three_ways(base: list[AnyStr], theirs: list[AnyStr], mine: list[AnyStr]) -> list[AnyStr] | None:
    """Join two versions of lines; None where both changed lines that are the same, or neighbours."""
    there, here = dict(common(base, theirs)), dict(common(base, mine))
    kept: list[int] = [at for at in range(len(base)) if at in there and at in here]
    joined: list[AnyStr] = []
    b = t = m = 0
    for at in [*kept, len(base)]:
        end_t, end_m = there.get(at, len(theirs)), here.get(at, len(mine))
        old, other, own = base[b:at], theirs[t:end_t], mine[m:end_m]
        if own != old and other not in (old, own):
            return None
        joined += other if own == old else own
        if at < len(base):
            joined.append(base[at])
        b, t, m = at + 1, end_t + 1, end_m + 1
    return joined


# ── text ──


def _ground_of_text(base: Document, theirs: Document, mine: Document) -> Document:
    """Return the version whose line ends the joined text takes over."""
    by_words_alone = base.change([], mine.body)
    untouched = base.reread(by_words_alone).body_bytes == mine.body_bytes
    only_mine = base.reread(base.change([], theirs.body)).body_bytes == theirs.body_bytes
    return mine if not untouched and only_mine else theirs


def _together(fields: bytes, text: str, ground: Document) -> bytes:
    """Return the file of these fields and this text."""
    with_text = ground.reread(ground.change([], text))
    return ground.reread(fields).beside(with_text)
