"""What a feed is by RFC 4287, checked on the document that was written."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import urlsplit
from xml.etree import ElementTree

from gitcms.web import atom

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
A = f"{{{atom.ATOM}}}"
# RFC 4287, section 3.3, by way of RFC 3339 with a capital T and Z.
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def read(data: bytes) -> ElementTree.Element:
    """Return a feed that keeps the rules of RFC 4287 which can be checked without its surroundings."""
    feed = ElementTree.fromstring(data)
    assert feed.tag == f"{A}feed"
    _one_of_each(feed)
    links = feed.findall(f"{A}link")
    assert sorted(link.attrib["rel"] for link in links) == ["alternate", "self"]  # 4.1.1
    entries = feed.findall(f"{A}entry")
    for entry in entries:
        _one_of_each(entry)
        assert [name.text for name in entry.findall(f"{A}author/{A}name") if name.text]  # 4.1.2, 3.2.1
        assert entry.find(f"{A}content") is not None or entry.find(f"{A}link[@rel='alternate']") is not None
        assert all(each.get("term") for each in entry.findall(f"{A}category"))  # 4.2.2
    for link in feed.iter(f"{A}link"):
        assert urlsplit(link.attrib["href"]).scheme in ("http", "https")  # 4.2.7
        assert re.fullmatch(r"[!-~]+", link.attrib["href"])
    same = [(each.findtext(f"{A}id"), each.findtext(f"{A}updated")) for each in entries]
    assert len(set(same)) == len(same)  # 4.1.1
    return feed


def _one_of_each(node: ElementTree.Element) -> None:
    for tag in ("id", "title", "updated"):
        assert len(node.findall(f"{A}{tag}")) == 1, tag  # 4.1.1, 4.1.2
    assert re.match(r"[a-z][a-z0-9+.-]*:.", node.findtext(f"{A}id") or "")  # 4.2.6: an absolute IRI
    assert MOMENT.fullmatch(node.findtext(f"{A}updated") or "")


def feed(*entries: atom.Entry, title: str = "Changes") -> atom.Feed:
    return atom.Feed(
        "urn:x:1", title, "en", NOON, "https://a.example/history", "https://a.example/f", entries
    )


def entry(title: str = "River: added", author: str = "Inés", when: datetime = NOON) -> atom.Entry:
    return atom.Entry("urn:x:2", title, author, when, "https://a.example/changes/1", "Projects")


def test_a_feed_keeps_the_rules_with_and_without_entries() -> None:
    assert read(atom.written(feed())).findall(f"{A}entry") == []
    told = read(atom.written(feed(entry())))
    assert told.findtext(f"{A}entry/{A}title") == "River: added"
    assert told.findtext(f"{A}entry/{A}author/{A}name") == "Inés"
    assert told.find(f"{A}entry/{A}category[@term='Projects']") is not None


def test_what_looks_like_markup_is_text() -> None:
    told = read(atom.written(feed(entry('<b>&amp; "1" ]]>'), title="</title><entry>")))
    assert told.findtext(f"{A}title") == "</title><entry>"
    assert told.findtext(f"{A}entry/{A}title") == '<b>&amp; "1" ]]>'


def test_what_xml_cannot_hold_does_not_spoil_a_feed() -> None:
    told = read(atom.written(feed(entry("a\0b\x0b\ud800\ufffec 𝄞"))))
    assert told.findtext(f"{A}entry/{A}title") == "a�b����c 𝄞".replace("����", "���")


def test_a_nameless_author_has_a_name() -> None:
    told = read(atom.written(feed(entry(author=" "))))
    assert told.findtext(f"{A}entry/{A}author/{A}name") == atom.NOBODY


def test_moments_are_told_in_utc() -> None:
    when = datetime(2026, 5, 1, 1, 2, 3, 4, tzinfo=timezone(timedelta(hours=2)))
    told = read(atom.written(feed(entry(when=when))))
    assert told.findtext(f"{A}entry/{A}updated") == "2026-04-30T23:02:03Z"
