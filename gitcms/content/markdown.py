"""Markdown: a safe look at it, its blocks with their places, and its plain words.

The look is only Markdown's: what the site's generator does beyond that (templates, shortcodes, themes) is
shown as it is written. The site itself is built by its own generator; nothing here is published.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

UrlOf = Callable[[str], str | None]
"""From an address as the text has it to the one to show, or None for none."""

# Twice to eight times what the longest of 1,739 real posts needed. A page of this size renders within
# two seconds whatever is in it; see the tests for the texts that take longest.
LONGEST_TEXT = 300_000
MOST_LINES = 10_000
MOST_BRACKETS = 10_000
MOST_MARKS = 60_000
MOST_PIPES = 20_000
# In one paragraph, where the cost of brackets and stars grows faster than the text.
LONGEST_PARAGRAPH = 100_000
MOST_PARAGRAPH_BRACKETS = 1_500
# A definition costs its length wherever it is used.
MOST_REFERENCED = 1_000_000


def to_html(
    text: str, *, image_url: UrlOf | None = None, link_url: UrlOf | None = None, beside: bool = True
) -> str:
    """Return Markdown as HTML that is safe to show, or as plain escaped text if it is too costly.

    CommonMark 0.31 with tables and strikethrough. HTML in the text is shown, not obeyed. Template tags
    (`{% … %}`, `{{ … }}`, `{{< … >}}`) are shown as code. Links lead to http, https, mailto and relative
    addresses only.

    :param image_url: where a picture may be fetched from; without an answer its description is shown.
    :param link_url: where a link leads; without an answer its text is shown. Left out, it leads where the
        text says.
    :param beside: whether links open beside the page, as they should where something is not saved yet.
    """
    if _too_costly(text):
        return f'<pre class="too-long">{html.escape(_encodable(text))}</pre>\n'
    source, tags = _hide_tags(_encodable(text))
    env = {"tags": tags, "image_url": image_url, "link_url": link_url, "beside": beside}
    return str(_LOOK.render(source, env))


def plain_text(text: str, limit: int = 200) -> str:
    """Return the first words of a text for a summary: no marks, pictures, code, HTML or template tags.

    At most `limit` characters, cut between words, with an ellipsis where something was left out.
    """
    start = text[: 8 * limit + 2000]
    if _too_costly(start):
        return ""
    source = _UNSHOWN.sub("", _without_tags(_encodable(start)))
    words = " ".join(" ".join(_words(_WORDS.parse(source))).split())
    if len(words) <= limit:
        return words
    short = words[: limit - 1]
    if not words[limit - 1].isspace() and " " in short[limit // 2 :]:
        short = short.rpartition(" ")[0]
    return short.rstrip(" ,;:.–—-") + "…"


def addresses(text: str) -> set[str]:
    """Return the addresses that the links and pictures of a text name, as they are written.

    Those in code are none; those with template tags come with the tags. Empty for a text that is too costly.
    """
    if _too_costly(text):
        return set()
    source, tags = _hide_tags(_encodable(text))
    found = {_shown_tags(one, {"tags": tags}) for one in _addresses(_READ.parse(source))}
    return found | {html.unescape(one) for one in found}


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading, list or the like, a fenced code block, or a block of HTML.

    `start` and `end` are offsets in characters; `text` is what lies between, without the last line end.
    """

    start: int
    end: int
    text: str
    kind: Literal["text", "code", "html"] = "text"


def blocks(text: str) -> list[Block]:
    """Return the blocks of a text in their order; blank lines are what lies between them.

    A fenced code block is one block with its blank lines, and so is an HTML element that is kept
    verbatim (`pre`, `script`, `style`, `textarea`, a comment).
    """
    found: list[Block] = []
    lines = _Lines(text)
    while lines.more():
        if lines.blank():
            lines.skip()
            continue
        start = lines.start
        kind, closing = _opening(lines.line)
        if closing is not None:
            end = lines.through(closing, from_first=kind == "html")
        else:
            end = lines.to_blank()
        found.append(Block(start, end, text[start:end], kind))
    return found


# ── blocks ──


class _Lines:
    """A walk over the lines of a text that knows where it is."""

    def __init__(self, text: str) -> None:
        self._lines: list[str] = re.findall(r"[^\n]*\n|[^\n]+", text)
        self._at = 0
        self.start = 0

    @property
    def line(self) -> str:
        return self._lines[self._at]

    def more(self) -> bool:
        return self._at < len(self._lines)

    def blank(self) -> bool:
        return not self.line.strip()

    def skip(self) -> None:
        self.start += len(self.line)
        self._at += 1

    def through(self, closing: re.Pattern[str], *, from_first: bool) -> int:
        """Walk past the line that closes what is open; the end of that line. No such line: to the end."""
        end = self._end()
        closed = from_first and closing.search(self.line)
        self.skip()
        while self.more() and not closed:
            if not self.blank():
                end = self._end()
            closed = closing.search(self.line)
            self.skip()
        return end

    def to_blank(self) -> int:
        """Walk to the next blank line, or to what interrupts a paragraph; where the text before ends."""
        end = self._end()
        self.skip()
        while self.more() and not self.blank() and _opening(self.line)[1] is None:
            end = self._end()
            self.skip()
        return end

    def _end(self) -> int:
        return self.start + len(self.line.rstrip("\r\n"))


_FENCE = re.compile(r" {0,3}(`{3,}(?=[^`]*$)|~{3,})")
_VERBATIM = re.compile(r" {0,3}<(pre|script|style|textarea)(?=[\s>]|$)", re.IGNORECASE)


def _opening(line: str) -> tuple[Literal["text", "code", "html"], re.Pattern[str] | None]:
    """What a line opens that goes on over blank lines, and the pattern of the line that closes it."""
    line = line.rstrip("\r\n")
    if fence := _FENCE.match(line):
        mark = fence[1]
        return "code", re.compile(rf"^ {{0,3}}{re.escape(mark[0])}{{{len(mark)},}}\s*$")
    if element := _VERBATIM.match(line):
        return "html", re.compile(rf"</{element[1]}>", re.IGNORECASE)
    if re.match(" {0,3}<!--", line):
        return "html", re.compile("-->")
    return ("html" if re.match(r" {0,3}</?[a-zA-Z][^\s:@]*", line) else "text"), None


# ── template tags: hidden from the parser behind characters that no text has, shown as they are ──

_TAG_OPENED, _TAG_CLOSED = "\ufdd0", "\ufdd1"
_HIDDEN = re.compile(f"{_TAG_OPENED}([0-9]+){_TAG_CLOSED}")
_LONGEST_TAG = 2000
# What is left of a heading when the tag above its line is gone, and kramdown's `{: .note #top}`.
_UNSHOWN = re.compile(r"(?:\A|(?<=\n))[ \t]*\n[ \t]{0,3}={2,}[ \t]*(?=\n|\Z)|\{:[^{}\n]*\}")
_TAG_START = re.compile(r"\{%-?\s*(\w+)?|\{\{(?:[<%]\s*(\w+))?")
_WHOLE = {"highlight", "raw", "comment"}
"""Tags that are one with what they enclose: it is not Markdown."""


def _hide_tags(text: str) -> tuple[str, list[str]]:
    source = text.replace(_TAG_OPENED, "\ufffd").replace(_TAG_CLOSED, "\ufffd")
    tags: list[str] = []
    pieces: list[str] = []
    at = 0
    for start, end in _tags(source):
        pieces.append(f"{source[at:start]}{_TAG_OPENED}{len(tags)}{_TAG_CLOSED}")
        tags.append(source[start:end])
        at = end
    return "".join((*pieces, source[at:])), tags


def _encodable(text: str) -> str:
    """Bytes in another encoding come as lone surrogates, which no page can be made of."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _without_tags(text: str) -> str:
    return _HIDDEN.sub("", _hide_tags(text)[0])


def _tags(text: str) -> Iterator[tuple[int, int]]:
    """Where the template tags stand. One walk; what is not closed is never looked for again."""
    # A blank line ends a paragraph, and with it a tag that somebody forgot to close.
    blank_lines = [match.start() for match in re.finditer(r"\n[ \t\r]*\n", text)]
    unclosed: set[str] = set()
    at = 0
    while start := _TAG_START.search(text, at):
        at = start.end()
        closing = "%}" if start[0].startswith("{%") else "}}"
        end = text.find(closing, at, start.start() + _LONGEST_TAG) + 2
        if end < 2 or bisect_left(blank_lines, start.start()) != bisect_left(blank_lines, end):
            continue
        name = start[1] or start[2] or ""
        if name in _WHOLE and start[0] not in unclosed:
            closer = rf"\{{%-?\s*end{name}\s*-?%\}}" if start[1] else rf"\{{\{{[<%]\s*/\s*{name}\s*[>%]\}}\}}"
            if whole := re.compile(closer).search(text, end):
                end = whole.end()
            else:
                unclosed.add(start[0])
        yield start.start(), end
        at = end


def _shown_tags(text: str, env: EnvType) -> str:
    return _HIDDEN.sub(lambda match: _tag(match, env), text)


def _tag(match: re.Match[str], env: EnvType) -> str:
    number = int(match[1])
    return str(env["tags"][number]) if number < len(env["tags"]) else match[0]


# ── the look ──


def _too_costly(text: str) -> bool:
    return (
        len(text) > LONGEST_TEXT
        or text.count("\n") > MOST_LINES
        or text.count("[") > MOST_BRACKETS
        or text.count("|") > MOST_PIPES
        or sum(map(text.count, "*_~`<&{")) > MOST_MARKS
    )


def _spare_costly_paragraphs(state: StateCore) -> None:
    """Show a paragraph as text whose marks alone would take longer than all the rest."""
    references = state.env.get("references", {})
    longest = max((len(ref["href"]) + len(ref.get("title", "")) for ref in references.values()), default=0)
    if longest * state.src.count("[") > MOST_REFERENCED:
        references.clear()
    for token in state.tokens:
        if token.type == "inline" and (
            len(token.content) > LONGEST_PARAGRAPH or token.content.count("[") > MOST_PARAGRAPH_BRACKETS
        ):
            token.type = "text"


class _Renderer(RendererHTML):
    """HTML as we show it: nothing is fetched, followed or run that was not asked about."""

    def text(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        parts = _HIDDEN.split(tokens[idx].content)
        for at in range(0, len(parts), 2):
            parts[at] = html.escape(parts[at])
        for at in range(1, len(parts), 2):
            tag = env["tags"][int(parts[at])]
            parts[at] = f'<code class="template">{html.escape(tag)}</code>'
        return "".join(parts)

    def code_inline(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return f"<code>{html.escape(_shown_tags(tokens[idx].content, env))}</code>"

    def code_block(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return f"<pre><code>{html.escape(_shown_tags(tokens[idx].content, env))}</code></pre>\n"

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return self.code_block(tokens, idx, options, env)

    def link_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        address = self._address(tokens[idx].attrs["href"], env["link_url"] or _same, env)
        if address is None:
            return "<a>"
        title = self._title(tokens[idx], env)
        target = ' target="_blank"' if env["beside"] else ""
        return f'<a href="{html.escape(address)}"{title}{target} rel="noopener noreferrer nofollow">'

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        token = tokens[idx]
        alt = _shown_tags("".join(_words(token.children or [])), env)
        address = self._address(token.attrs["src"], env["image_url"] or _nothing, env)
        if address is None:
            return f'<span class="picture">{html.escape(alt)}</span>'
        return f'<img src="{html.escape(address)}" alt="{html.escape(alt)}"{self._title(token, env)}>'

    @staticmethod
    def _address(written: str | int | float, url_of: UrlOf, env: EnvType) -> str | None:
        """What the caller makes of an address, with its template tags; never one that a browser runs."""
        address = url_of(_shown_tags(str(written), env))
        if address is None or _TAG_START.search(address) or not _is_safe(address):
            return None
        return address

    @staticmethod
    def _title(token: Token, env: EnvType) -> str:
        title = _shown_tags(str(token.attrs.get("title", "")), env)
        return f' title="{html.escape(title)}"' if title else ""


def _is_safe(address: str) -> bool:
    """Only schemes that lead to a page or a letter. Browsers drop tabs, line ends and leading controls."""
    bare = re.sub(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028\u2029\ufeff]", "", address)
    scheme = re.match(r"([^/?#\\]*?)(?::|&colon;|%3a)", bare, re.IGNORECASE)
    return scheme is None or scheme[1].lower() in ("http", "https", "mailto")


def _same(address: str) -> str | None:
    return address


def _nothing(address: str) -> str | None:
    return None


def _parser(*, look: bool) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": not look}, renderer_cls=_Renderer if look else RendererHTML)
    parser.enable(["table", "strikethrough"])
    if look:
        parser.core.ruler.before("inline", "costly_paragraphs", _spare_costly_paragraphs)
        # The address is judged when it is shown, with its template tags back in their places.
        parser.validateLink = _is_safe  # type: ignore[method-assign,assignment]
        parser.normalizeLink = lambda url: url  # type: ignore[method-assign]
    return parser


# ── plain words ──


def _words(tokens: Iterable[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type == "inline":
            yield "".join(_words(token.children or []))
        elif token.type in ("text", "code_inline"):
            yield token.content
        elif token.type in ("softbreak", "hardbreak") or token.content.startswith("<br"):
            yield " "
        elif token.type == "html_block" and not _VERBATIM.match(token.content):
            yield re.sub("<!--.*?(-->|$)|<[^<>]*>", " ", token.content, flags=re.DOTALL)


# ── addresses ──

_ATTRIBUTE = re.compile(r"""\s(?:href|src)\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)


def _addresses(tokens: Iterable[Token]) -> Iterator[str]:
    for token in tokens:
        for name in ("href", "src"):
            if name in token.attrs:
                yield str(token.attrs[name])
        if token.type in ("html_inline", "html_block"):
            yield from (one[1] or one[2] or "" for one in _ATTRIBUTE.finditer(token.content))
        yield from _addresses(token.children or [])


def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    reader.validateLink = lambda url: True  # type: ignore[method-assign]
    reader.normalizeLink = lambda url: url  # type: ignore[method-assign]
    return reader


_READ = _reader()
_LOOK = _parser(look=True)
_WORDS = _parser(look=False)
