"""One search over all parts of the site."""

from __future__ import annotations

import re
from html import unescape

import pytest

from gitcms.accounts.users import Account
from gitcms.web.pages import search
from tests.web.conftest import Browser


def found(browser: Browser, text: str) -> str:
    answer = browser.get(f"/search?q={text}")
    assert answer.status_code == 200
    return unescape(answer.text.split("<main")[1])


def test_what_is_found_stands_under_its_part_of_the_site(browser: Browser, author: Account) -> None:
    browser.sign_in(author)
    page = found(browser, "water")
    posts = page.split(">Posts</h2>")[1].split("</section>")[0]
    assert "First rain" in posts and "How we read the strips" in posts
    assert 'href="/collections/posts/entries/' in posts
    assert "Letters" not in posts
    assert "Nothing matches" not in page
    assert "It <mark>rained</mark>" in found(browser, "rained")


def test_who_finds_nothing_is_told_so_and_who_asks_nothing_is_asked(
    browser: Browser, author: Account
) -> None:
    browser.sign_in(author)
    assert "Nothing matches “rivver <b>”" in found(browser, "rivver%20<b>")
    page = found(browser, "%20")
    assert "Nothing matches" not in page and "<section" not in page
    assert 'action="/search"' in browser.get("/").text


def test_more_than_are_shown_are_a_link_to_the_list(
    browser: Browser, author: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser.sign_in(author)
    assert "in Posts</a>" not in found(browser, "water")
    monkeypatch.setattr(search, "SHOWN", 1)
    posts = found(browser, "water").split(">Posts</h2>")[1].split("</section>")[0]
    link = re.search(r'<a href="([^"]+)">All (\d) in Posts</a>', posts)
    assert link and posts.count('class="name"') == 1
    assert browser.get(link[1]).text.count('class="name"') == int(link[2])
