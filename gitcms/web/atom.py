"""Atom feeds, as RFC 4287 has them, from plain facts. What is in one is decided by the page that asks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree import ElementTree

MIMETYPE = "application/atom+xml"
ATOM = "http://www.w3.org/2005/Atom"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
# What XML 1.0 cannot hold, however it is written (section 2.2).
_IMPOSSIBLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
NOBODY = "—"
"""Section 3.2.1 asks for a name; a history may hold none."""


@dataclass(frozen=True, slots=True)
class Entry:
    """`id` is an IRI that stays the same for good; `page` is where a person reads on."""

    id: str
    title: str
    author: str
    when: datetime
    page: str
    category: str = ""


@dataclass(frozen=True, slots=True)
class Feed:
    """`own` is the address that the feed itself was read from. `language` is a tag as of BCP 47."""

    id: str
    title: str
    language: str
    when: datetime
    page: str
    own: str
    entries: Sequence[Entry]


def written(feed: Feed) -> bytes:
    """Return a feed as a document in UTF-8."""
    root = ElementTree.Element("feed", {"xmlns": ATOM, LANG: feed.language})
    _head(root, feed.id, feed.title, feed.when)
    _add(root, "link", rel="self", type=MIMETYPE, href=feed.own)
    _add(root, "link", rel="alternate", type="text/html", href=feed.page)
    _add(root, "generator", "gitcms")
    for entry in feed.entries:
        node = _add(root, "entry")
        _head(node, entry.id, entry.title, entry.when)
        _add(_add(node, "author"), "name", entry.author.strip() or NOBODY)
        _add(node, "link", rel="alternate", type="text/html", href=entry.page)
        if entry.category:
            _add(node, "category", term=entry.category)
    document: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _head(node: ElementTree.Element, name: str, title: str, when: datetime) -> None:
    _add(node, "id", name)
    _add(node, "title", title)
    _add(node, "updated", when.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"))


def _add(parent: ElementTree.Element, tag: str, text: str = "", **attributes: str) -> ElementTree.Element:
    clean = {name: _IMPOSSIBLE.sub("\ufffd", value) for name, value in attributes.items()}
    node = ElementTree.SubElement(parent, tag, clean)
    node.text = _IMPOSSIBLE.sub("\ufffd", text) or None
    return node
