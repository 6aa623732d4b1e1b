"""Feeds of changes: what is in them, for whom, and that no token of theirs is written down anywhere."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from html import unescape
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from gitcms.accounts import users
from gitcms.accounts.permissions import Role
from gitcms.site import Site
from gitcms.web import atom
from tests.making import git
from tests.web.pages.conftest import Visitor
from tests.web.test_atom import A, read

PATH = "_projects/eyes-on-the-river.md"
SITE, COLLECTION = "/history", "/history?in=projects"
ENTRY = f"/collections/projects/history/{PATH}"


def address(visitor: Visitor, page: str) -> str:
    """Return where the link on a page leads, without the server's name."""
    found = re.search(r'href="([^"]*)" type="application/atom\+xml"', visitor.get(page))
    assert found is not None
    return urlsplit(unescape(found[1])).path


def asked(app: Flask, path: str, **headers: str) -> TestResponse:
    """Ask as a feed reader does, which is not signed in."""
    return app.test_client().get(path, headers={name.replace("_", "-"): to for name, to in headers.items()})


def fed(app: Flask, path: str) -> ElementTree.Element:
    answer = asked(app, path)
    assert answer.status_code == 200, answer.text
    assert answer.content_type == f"{atom.MIMETYPE}; charset=utf-8"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "Set-Cookie" not in answer.headers
    return read(answer.data)


def titles(feed: ElementTree.Element) -> list[str | None]:
    return [each.findtext(f"{A}title") for each in feed.findall(f"{A}entry")]


def change(site: Site, path: str, old: str, new: str) -> None:
    file = site.repository.folder / path
    file.write_text(file.read_text().replace(old, new))
    git(site.repository.folder, "commit", "-qam", "Change it")


@pytest.mark.parametrize("page", [SITE, COLLECTION, ENTRY])
def test_each_page_of_changes_leads_to_a_feed_of_the_same(
    app: Flask, site: Site, ines: Visitor, page: str
) -> None:
    change(site, PATH, "title: Eyes on the River", "title: Ears on the River")
    place = address(ines, page)
    feed = fed(app, place)
    assert titles(feed)[0] == "Ears on the River: Title"
    link = feed.find(f"{A}link[@rel='self']")
    assert link is not None and link.attrib["href"] == f"http://localhost{place}"
    first = feed.find(f"{A}entry/{A}link")
    assert first is not None
    head = git(site.repository.folder, "rev-parse", "HEAD").strip()
    assert first.attrib["href"] == f"http://localhost/changes/{head}"
    assert "Ears on the River" in ines.get(f"/changes/{head}")


def test_a_collections_feed_is_of_it_alone(app: Flask, site: Site, ines: Visitor) -> None:
    of_all, of_one = fed(app, address(ines, SITE)), fed(app, address(ines, COLLECTION))
    change(site, "_config.yml", "title:", "# a word\ntitle:")
    assert len(titles(fed(app, address(ines, SITE)))) == len(titles(of_all)) + 1
    assert titles(fed(app, address(ines, COLLECTION))) == titles(of_one)
    assert of_one.findtext(f"{A}id") != of_all.findtext(f"{A}id")


def test_an_entrys_feed_follows_it_to_another_name(app: Flask, site: Site, ines: Visitor) -> None:
    place = address(ines, ENTRY)
    before = fed(app, place)
    git(site.repository.folder, "mv", PATH, "_projects/ears.md")
    git(site.repository.folder, "commit", "-qm", "Call it otherwise")
    after = fed(app, place)
    assert len(titles(after)) == len(titles(before)) + 1
    assert after.findtext(f"{A}id") == before.findtext(f"{A}id")
    page = after.find(f"{A}link[@rel='alternate']")
    assert page is not None and page.attrib["href"].endswith(
        "/collections/projects/history/_projects/ears.md"
    )


@pytest.mark.parametrize(
    "rest", ["/collections/nothing", "/entries/_projects/nothing.md", "/entries/../secret", "/entries/a%00b"]
)
def test_what_is_not_there_has_no_feed(app: Flask, ines: Visitor, rest: str) -> None:
    assert asked(app, address(ines, SITE) + rest).status_code == 404


def test_a_reader_that_knows_it_already_gets_nothing(app: Flask, ines: Visitor) -> None:
    place = address(ines, SITE)
    again = asked(app, place, If_None_Match=asked(app, place).headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")


def test_a_feed_is_in_the_language_of_whom_it_is_for(app: Flask, site: Site, ines: Visitor) -> None:
    place = address(ines, ENTRY)
    users.change_language(site.database, author_of(site), "es")
    feed = fed(app, place)
    assert feed.attrib["{http://www.w3.org/XML/1998/namespace}lang"] == "es"
    assert (feed.findtext(f"{A}title") or "").startswith("Cambios de ")


# ── for whom ──


def author_of(site: Site) -> int:
    return next(each.id for each in users.everyone(site.database) if each.role is Role.AUTHOR)


def renew(site: Site, ines: Visitor) -> None:
    ines.post("/account/feeds", ines.form("/account", 'action="/account/feeds"'))


def new_password(site: Site, ines: Visitor) -> None:
    users.change_password(site.database, author_of(site), "seventeen crates of fog")


def shut(site: Site, ines: Visitor) -> None:
    users.disable(site.database, author_of(site))


def shut_and_open(site: Site, ines: Visitor) -> None:
    shut(site, ines)
    users.enable(site.database, author_of(site))


@pytest.mark.parametrize("close", [renew, new_password, shut, shut_and_open])
@pytest.mark.parametrize("page", [SITE, COLLECTION, ENTRY])
def test_an_address_that_was_put_out_of_use_opens_nothing(
    app: Flask, site: Site, ines: Visitor, page: str, close: Callable[[Site, Visitor], None]
) -> None:
    place = address(ines, page)
    fed(app, place)
    close(site, ines)
    answer = asked(app, place)
    assert answer.status_code == 401
    assert "river" not in answer.text.lower()


def test_new_addresses_work_and_are_shown(app: Flask, site: Site, ines: Visitor) -> None:
    before = address(ines, SITE)
    renew(site, ines)
    after = address(ines, SITE)
    assert after != before
    assert f'value="http://localhost{after}"' in ines.get("/account")
    fed(app, after)


def test_everybody_has_other_addresses(ines: Visitor, rita: Visitor) -> None:
    assert address(ines, SITE) != address(rita, SITE)


@pytest.mark.parametrize(
    "change",
    [
        lambda token: token[:-1],
        lambda token: token[:-1] + ("1" if token[-1] == "0" else "0"),
        lambda token: "9" + token,
        lambda token: "9" * 30 + token,
        lambda token: token.partition("-")[0],
        lambda token: token.partition("-")[0] + "-",
        lambda token: token.replace("-", "-é"),
        lambda token: "²" + token,
    ],
)
def test_a_token_that_is_not_quite_right_opens_nothing(
    app: Flask, ines: Visitor, change: Callable[[str], str]
) -> None:
    place, _, token = address(ines, SITE).rpartition("/")
    assert asked(app, f"{place}/{change(token)}").status_code == 401


def test_who_lacks_the_second_factor_that_is_demanded_has_no_feed(
    app: Flask, site: Site, ines: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = address(ines, SITE)
    monkeypatch.setattr(site, "config", site.config.with_values("sessions", second_factor="everyone"))
    assert asked(app, place).status_code == 401


# ── nothing of it is written down ──


@pytest.mark.parametrize(
    ("method", "rest"),
    [
        ("GET", ""),
        ("GET", "/collections/projects"),
        ("GET", f"/entries/{PATH}"),
        ("POST", ""),
        ("GET", "/"),
        ("GET", "/nothing/of/this"),
        ("GET", "/entries//x"),
    ],
)
@pytest.mark.parametrize("spelled", ["/feeds/", "//feeds/", "/Feeds/"])
def test_no_token_stands_in_the_log(
    app: Flask,
    ines: Visitor,
    caplog: pytest.LogCaptureFixture,
    method: str,
    rest: str,
    spelled: str,
) -> None:
    token = address(ines, SITE).rpartition("/")[2]
    with caplog.at_level(logging.DEBUG):
        app.test_client().open("/", method=method, environ_overrides={"PATH_INFO": f"{spelled}{token}{rest}"})
    assert caplog.records
    told = "\n".join(f"{each.getMessage()} {each.__dict__}" for each in caplog.records)
    assert token not in told
    assert "feeds/" in told.lower()
