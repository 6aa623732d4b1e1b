"""The pieces of templates that people read: found, and put into another language in their place.

A piece is a run of text between two tags that begin something new (`<p>`, `{% if %}`), with `<1>…</1>` for a
tag within it and `{1}` for what is filled in; a text in an attribute that is read out; or a text in an
expression. Languages and catalogs are `languages`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

STATIC = Path(__file__).resolve().parent / "static"
# Tags that stand within a sentence; all others begin something new.
INLINE = {"a", "abbr", "b", "br", "code", "em", "i", "kbd", "small", "span", "strong"}
READ_OUT = ("aria-label", "title", "placeholder", "alt", "data-label")
# Expressions that draw something and say nothing; beside a text they are no part of its sentence.
DRAWN = re.compile(r"\{\{-?\s*(icon|art|csrf|csrf_field|person|chip)\(")
_JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*)")
_ATTRIBUTE = re.compile(rf'(?<=\s)({"|".join(READ_OUT)})="((?:\{{[{{%].*?[%}}]\}}|[^"{{])*)"', re.DOTALL)
_CONSTANT = re.compile(r'"([^"\\\n]*)"')
_PLACE = re.compile(r"<(/?)(\d+)>|\{(\d+)\}")
# A sentence with a number, in both of its forms: put into a language when the number is known.
_COUNTED = re.compile(r'\bcounted\((?:[^()"]|"[^"]*"|\([^()]*\))*\)')
_FORMS = re.compile(r'\bcounted\((?:[^()"]|\([^()]*\))*?"([^"]+)",\s*"([^"]+)"')
# What a macro puts into a tag.
_ATTRIBUTE_ALONE = re.compile(r'[a-z-]+="')
_LETTER = re.compile(r"[^\W\d_]")

# Message → what it is in another language, or None.
Ask = Callable[[str], str | None]


@dataclass(slots=True)
class Token:
    """Some of a template's source: "text", "tag" (within a sentence), "value" (an expression) or "edge"."""

    kind: str
    source: str
    name: str = ""


@dataclass(slots=True)
class Piece:
    """A message: its text as the catalog has it, and the source that each of its places stands for."""

    text: str
    places: dict[str, str] = field(default_factory=dict)


def found_in(source: str) -> list[str]:
    """Return every message of a template, in its order."""
    found: list[str] = []

    def note(text: str) -> None:
        if not _ATTRIBUTE_ALONE.match(text):
            found.append(text)

    _walk(source, note)
    return found


def counted_in(source: str) -> list[tuple[str, str]]:
    """Return both forms of every sentence with a number, of a template or a script."""
    return [(one, many) for one, many in _FORMS.findall(source)]


def translated(source: str, catalog: Mapping[str, str]) -> str:
    """Return a template with every piece that the catalog knows in its language."""
    return _walk(source, catalog.get)


@cache
def of_scripts() -> tuple[str, ...]:
    """Return what scripts say: the texts given to `t` of words.js."""
    found = []
    for path in sorted(STATIC.glob("*.js")):
        found += re.findall(r'\bt\(\s*"([^"]+)"', path.read_text(encoding="utf-8"))
    return tuple(dict.fromkeys(found))


@cache
def counted_by_scripts() -> tuple[tuple[str, str], ...]:
    """Return both forms of the sentences with a number that scripts say."""
    sources = [path.read_text(encoding="utf-8") for path in sorted(STATIC.glob("*.js"))]
    return tuple(dict.fromkeys(pair for source in sources for pair in counted_in(source)))


def _walk(source: str, ask: Ask) -> str:
    out: list[str] = []
    run: list[Token] = []
    for token in _tokens(source):
        if token.kind == "edge":
            out += [_run(run, ask), _inside(token.source, ask)]
            run = []
        else:
            run.append(token)
    out.append(_run(run, ask))
    return "".join(out)


def _run(tokens: list[Token], ask: Ask) -> str:
    """Return a run of tokens in another language, or as it was."""
    before, middle, after = _trimmed(tokens)
    whole = "".join(_inside(token.source, ask) if token.kind != "text" else token.source for token in middle)
    if any(token.kind == "text" and _LETTER.search(_plain(token.source)) for token in middle):
        piece = _piece(middle, ask)
        said = ask(piece.text)
        if said is not None:
            lead = whole[: len(whole) - len(whole.lstrip())]
            tail = whole[len(whole.rstrip()) :]
            whole = lead + _PLACE.sub(lambda place: piece.places.get(place[0], place[0]), said) + tail
    outside = (
        "".join(_inside(t.source, ask) if t.kind != "text" else t.source for t in part)
        for part in (before, after)
    )
    first, last = outside
    return first + whole + last


def _trimmed(tokens: list[Token]) -> tuple[list[Token], list[Token], list[Token]]:
    """Part a run into what stands before its sentence, the sentence, and what stands after it."""
    start, end = 0, len(tokens)
    while start < end and _is_outside(tokens[start]):
        start += 1
    while end > start and _is_outside(tokens[end - 1]):
        end -= 1
    # A tag that opened before the sentence and closes within it belongs to it.
    while start > 0 or end < len(tokens):
        inner = tokens[start:end]
        missing_open, missing_close = _unbalanced(inner)
        if missing_open and start > 0:
            start -= 1
        elif missing_close and end < len(tokens):
            end += 1
        else:
            break
    return tokens[:start], tokens[start:end], tokens[end:]


def _is_outside(token: Token) -> bool:
    if token.kind == "text":
        return not token.source.strip()
    return token.kind == "tag" or bool(DRAWN.match(token.source))


def _unbalanced(tokens: list[Token]) -> tuple[int, int]:
    depth = missing = 0
    for token in tokens:
        if token.kind != "tag" or token.name == "br":
            continue
        if token.source.startswith("</"):
            depth -= 1
            if depth < 0:
                missing, depth = missing + 1, 0
        else:
            depth += 1
    return missing, depth


def _piece(tokens: list[Token], ask: Ask) -> Piece:
    piece, number = Piece(""), 0
    opened: list[int] = []
    for token in tokens:
        if token.kind == "text":
            piece.text += token.source
            continue
        if token.kind == "value":
            number += 1
            place = f"{{{number}}}"
        elif token.source.startswith("</"):
            # One that was opened before an edge has no partner here.
            number += not opened
            place = f"</{opened.pop() if opened else number}>"
        else:
            number += 1
            place = f"<{number}>"
            if token.name != "br":
                opened.append(number)
        piece.places[place] = _inside(token.source, ask)
        piece.text += place
    piece.text = " ".join(piece.text.split())
    return piece


def _inside(source: str, ask: Ask) -> str:
    """Return a tag, a statement or an expression with the texts in it in another language."""
    if source.startswith("{#"):
        return source
    if source.startswith("{"):
        return _constants(source, ask)

    def attribute(found: re.Match[str]) -> str:
        tokens = list(_tokens(found[2]))
        value = _run(tokens, ask) if not any(t.kind == "edge" for t in tokens) else _walk(found[2], ask)
        return f'{found[1]}="{value}"'

    parts, at = [], 0
    for match in _ATTRIBUTE.finditer(source):
        parts += [_statements(source[at : match.start()], ask), attribute(match)]
        at = match.end()
    return "".join([*parts, _statements(source[at:], ask)])


def _statements(source: str, ask: Ask) -> str:
    return _JINJA.sub(
        lambda found: found[0] if found[0].startswith("{#") else _constants(found[0], ask), source
    )


def _constants(source: str, ask: Ask) -> str:
    def constant(found: re.Match[str]) -> str:
        said = ask(found[1].strip()) if is_read(found[1]) else None
        if said is None:
            return found[0]
        lead = found[1][: len(found[1]) - len(found[1].lstrip())]
        return f'"{lead}{said.replace(chr(34), chr(8221))}{found[1][len(found[1].rstrip()) :]}"'

    parts, at = [], 0
    for found in _COUNTED.finditer(source):
        parts += [_CONSTANT.sub(constant, source[at : found.start()]), found[0]]
        at = found.end()
    return "".join([*parts, _CONSTANT.sub(constant, source[at:])])


def is_read(constant: str) -> bool:
    """Tell whether a text in an expression is one that people read: letters, and a capital or a blank."""
    text = constant.strip()
    if not _LETTER.search(text) or "/" in text or "=" in text or "<" in text or text.startswith("("):
        return False
    return (
        (text[0].isupper() and not text.isupper()) or text in WORDS or (" " in text and text not in CLASSES)
    )


# Small words in expressions that are read all the same, and pairs of words that are none: classes.
WORDS = frozenset({"somebody"})
CLASSES = frozenset({"i chev", "b q bad", "b s", "b q", "i s", "b q s back", "b go"})


def _tokens(source: str) -> Iterator[Token]:
    at = 0
    text = ""
    while at < len(source):
        jinja = _JINJA.match(source, at) if source[at] == "{" else None
        tag = _TAG.match(source, at) if source[at] == "<" else None
        if jinja is None and tag is None and not source.startswith("<!", at):
            text += source[at]
            at += 1
            continue
        if text:
            yield Token("text", text)
            text = ""
        if jinja is not None:
            yield Token("value" if jinja[0].startswith("{{") else "edge", jinja[0])
            at = jinja.end()
            continue
        end = _end_of_tag(source, at)
        name = tag[1].lower() if tag else ""
        yield Token("tag" if name in INLINE else "edge", source[at:end], name)
        at = end
    if text:
        yield Token("text", text)


def _end_of_tag(source: str, at: int) -> int:
    quoted = ""
    while at < len(source):
        if source[at] == "{" and (jinja := _JINJA.match(source, at)):
            at = jinja.end()
            continue
        letter = source[at]
        if quoted:
            quoted = "" if letter == quoted else quoted
        elif letter in "\"'":
            quoted = letter
        elif letter == ">":
            return at + 1
        at += 1
    return at


def _plain(text: str) -> str:
    """Return a text without its entities, which hold letters that nobody reads."""
    return re.sub(r"&#?\w+;", "", text)
