"""One file read for a check: what its fields say, what is wrong with how it is written, where it links to.

Everything that is wanted of a file is taken from it at once, so that 10,000 are each opened a single time and
what comes back is small. What it all means in the site is found out elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from gitcms.checks.findings import Finding
from gitcms.content.document import Document
from gitcms.content.spans import line_number, line_start
from gitcms.content.values import Value
from gitcms.errors import DocumentTooLarge

_MARKS = re.compile(r"^<{7} .*?^={7}\s*?$.*?^>{7} ", re.MULTILINE | re.DOTALL)
"""What Git leaves where two versions meet, see `content.body`."""

_CODE_BEGINS = re.compile(r"[`~<{]")
_FENCED = re.compile(r"(?P<fence>`{3,}|~{3,})[^\n]*\n.*?(?:^[ \t]*(?P=fence)|\Z)", re.MULTILINE | re.DOTALL)
_CODE = re.compile(
    r"(?<!`)(?P<ticks>`{1,3})(?!`)(?:[^`\n]|\n(?![ \t]*\n))+?(?<!`)(?P=ticks)(?!`)"
    r"|<!--.*?(?:-->|\Z)"
    r"|<(?P<tag>pre|code|script|style)\b.*?(?:</(?P=tag)>|\Z)"
    r"|\{%-?\s*(?P<block>raw|highlight|comment)\b.*?(?:\{%-?\s*end(?P=block)\s*-?%\}|\Z)"
    r"|\{\{[<%]\s*(?P<short>highlight)\b.*?(?:\{\{[<%]\s*/(?P=short)\s*[%>]\}\}|\Z)",
    re.MULTILINE | re.DOTALL | re.IGNORECASE,
)
_VISIBLE = re.compile(r"[^\n]")
_ROOTED = r"\{\{-?\s*site\.(?:baseurl|url)\s*-?\}\}"
_LINKS = re.compile(
    r"\]\(\s*(?:<(?P<angle>[^<>\n]*)>"
    rf"|{_ROOTED}(?P<rooted>/[^\s()<>{{}}]*)"
    r"|\{\{-?\s*[\"'](?P<filtered>/[^\"'{}]*)[\"']\s*\|\s*(?:relative|absolute)_url\s*-?\}\}"
    r"|(?P<plain>(?!\{)[^\s()<>]*(?:\([^\s()]*\)[^\s()<>]*)*))"
    r"|^ {0,3}\[(?!\^)[^\]\n]+\]:[ \t]*<?(?P<definition>[^\s<>]+)"
    r"|<(?:a|img|source|video|audio)\b[^<>]*?\s(?:href|src)\s*=\s*[\"'](?P<html>[^\"'<>\n]*)[\"']"
    r"|\{%-?\s*(?P<tag>link|post_url)\s+(?P<named>[^%{}]+?)\s*-?%\}"
    r"|\{\{[<%]\s*(?P<ref>rel)?ref\s+\"(?P<referred>[^\"\n]+)\"\s*[%>]\}\}",
    re.MULTILINE,
)
_ELSEWHERE = re.compile(r"(?:[a-z][a-z0-9+.-]*:|//|#|\Z)", re.IGNORECASE)


class Link(NamedTuple):
    """An address in a text that is to be one of the site's. `kind` is "", or the tag that names it."""

    target: str
    line: int
    column: int
    kind: str = ""


@dataclass(slots=True)
class Reading:
    """What a file says. `values` is None where it has no fields, and {} where they cannot be read."""

    path: str
    values: Mapping[str, Value] | None
    format: str
    findings: tuple[Finding, ...] = ()
    links: tuple[Link, ...] = ()


def read(path: str, data: bytes, *, links: bool = True) -> Reading:
    """Read a file.

    :param links: whether to look for addresses in its text, too.
    """
    conflicts = tuple(_conflicts(path, data))
    try:
        document = Document.parse(data, path, skim=True)
    except DocumentTooLarge as error:
        return Reading(
            path, {}, "none", (*conflicts, Finding(path, "unreadable", "error", str(error), line=1))
        )
    findings = list(conflicts)
    problem = document.problem
    if problem is not None and not (conflicts and conflicts[0].line <= (problem.line or 1)):
        sentence = re.sub(r" \(line \d+, column \d+\)\.$", ".", str(problem))
        findings.append(
            Finding(path, "unreadable", "error", sentence, (), problem.line or 1, problem.column or 0)
        )
    findings += [
        Finding(path, "duplicate-key", "warning", sentence, line=line)
        for sentence, line in zip(document.warnings, document.warned, strict=False)
    ]
    if document.format == "none" and problem is None:
        return Reading(path, None, "none", tuple(findings), _links(document) if links else ())
    return Reading(path, document.values, document.format, tuple(findings), _links(document) if links else ())


def _conflicts(path: str, data: bytes) -> Iterator[Finding]:
    if b"<<<<<<< " not in data:
        return
    text = data.decode("utf-8", "replace").replace("\r\n", "\n")
    for found in _MARKS.finditer(_without_code(text)):
        yield Finding(
            path,
            "conflict",
            "error",
            "Two versions stand here, between lines of <<<<<<< and >>>>>>>. Keep one of them.",
            line=line_number(text, found.start()),
            column=1,
        )


def _links(document: Document) -> tuple[Link, ...]:
    body = document.body_bytes
    if not (
        b"](" in body
        or b"]:" in body
        or b"href" in body
        or b"src" in body
        or b"{%" in body
        or b"ref " in body
    ):
        return ()
    return tuple(_found(body.decode("utf-8", "replace"), document.front_matter.count(b"\n")))


def _found(body: str, before: int) -> Iterator[Link]:
    text = _without_code(body) if "`" in body or "~~~" in body or "<" in body or "{" in body else body
    line, at = before + 1, 0
    for found in _LINKS.finditer(text):
        group = found.lastgroup or ""
        target = found[group]
        kind = ""
        if group in ("named", "referred"):
            kind = found["tag"] or "ref"
        elif _ELSEWHERE.match(target):
            continue
        place = found.start(group)
        line += text.count("\n", at, place)
        at = place
        yield Link(target, line, place - line_start(text, place) + 1, kind)


def _without_code(text: str) -> str:
    """Return a text with blanks in place of its code, every other character where it was."""
    pieces: list[str] = []
    done = at = 0
    while begins := _CODE_BEGINS.search(text, at):
        at = begins.start()
        found = _code_at(text, at)
        if found is None:
            at += 1
            continue
        pieces += text[done:at], _VISIBLE.sub(" ", found[0])
        done = at = found.end()
    return "".join(pieces) + text[done:] if pieces else text


def _code_at(text: str, at: int) -> re.Match[str] | None:
    """Return the code that begins at a place, if some does; that of a fence on a line of its own alone."""
    if text[at] in "`~" and not text[line_start(text, at) : at].strip(" \t"):
        fenced = _FENCED.match(text, at)
        if fenced is not None:
            return fenced
    return _CODE.match(text, at)
