"""What nobody may do with the entries of a collection: refused wherever it is tried, and not offered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gitcms import entries
from gitcms.accounts.permissions import Rights, Role
from gitcms.entries import Change, Task, Writer, recovering
from gitcms.errors import NotFound, PermissionDenied
from gitcms.site import Site
from tests.making import INES, JEKYLL, make_repository, open_made, settings

RAIN = "_posts/2026-03-01-first-rain.md"
Made = Callable[[str], Site]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    def make(rules: str) -> Site:
        toml = f"[collections.posts]\n{rules}\n"
        folder = make_repository(tmp_path / "site", {**JEKYLL, "gitcms.toml": toml})
        return open_made(folder, tmp_path / "state", settings(folder, tmp_path / "state"))

    return make


def added(site: Site, title: str, intent: str = "publish") -> entries.Saved:
    posts = site.collection("posts")
    blank = entries.blank_entry(site, posts)
    change = Change(blank.base, {**blank.values, "title": title}, "Text\n", intent=intent)
    return entries.create(site, posts, change, INES)


def test_nothing_is_added_where_the_site_says_so(made: Made) -> None:
    site = made("create = false")
    assert not site.collection("posts").grows
    with pytest.raises(NotFound, match="has the entries that it has"):
        entries.blank_entry(site, site.collection("posts"))
    with pytest.raises(NotFound):
        entries.create(site, site.collection("posts"), Change("absent", {"title": "New"}, ""), INES)


def test_what_was_deleted_comes_back_where_nothing_is_added(made: Made) -> None:
    site = made("create = false")
    gone = entries.delete(site, site.collection("posts"), RAIN, site.blobs()[RAIN], INES)
    assert gone.commit is not None
    entries.recover(site, recovering.before(site, RAIN, gone.commit.id), INES)
    assert RAIN in site.blobs()


def test_nothing_is_deleted_alone_or_with_others(made: Made) -> None:
    site = made("delete = false")
    posts = site.collection("posts")
    with pytest.raises(PermissionDenied, match=r"Nothing is deleted in Posts\."):
        entries.delete(site, posts, RAIN, site.blobs()[RAIN], INES)
    with pytest.raises(PermissionDenied, match=r"Nothing is deleted in Posts\."):
        entries.change_many(site, posts, [RAIN], Task("delete"), INES)
    fresh = added(site, "Fresh")
    assert fresh.commit is not None
    with pytest.raises(PermissionDenied, match=r"Nothing is deleted in Posts\."):
        entries.recover(site, recovering.before(site, fresh.path, fresh.commit.id), INES)
    # Another name is no deletion.
    moved = entries.move(site, posts, RAIN, "rain", entries.home_of(RAIN), site.blobs()[RAIN], INES)
    assert moved.path in site.blobs() and RAIN not in site.blobs()


def test_no_copy_is_begun(made: Made) -> None:
    site = made("duplicate = false")
    assert entries.blank_entry(site, site.collection("posts"), RAIN).like == ""
    assert entries.blank_entry(site, site.collection("posts"), RAIN).body == ""


def test_drafts_stay_drafts_and_live_ones_live(made: Made) -> None:
    site = made("publish = false")
    posts = site.collection("posts")
    with pytest.raises(PermissionDenied, match="is not published or taken off here"):
        added(site, "Fresh")
    draft = added(site, "Fresh", "draft")
    opened = entries.open_entry(site, posts, draft.path)
    with pytest.raises(PermissionDenied, match="is not published"):
        entries.save(
            site, posts, draft.path, Change(opened.base, opened.values, None, intent="publish"), INES
        )
    live = entries.open_entry(site, posts, RAIN)
    with pytest.raises(PermissionDenied, match="is not published"):
        entries.save(site, posts, RAIN, Change(live.base, live.values, None, intent="unpublish"), INES)
    assert entries.save(site, posts, RAIN, Change(live.base, live.values, "New\n"), INES).commit
    assert entries.delete(site, posts, RAIN, site.blobs()[RAIN], INES).commit


def test_there_are_no_more_than_there_may_be(made: Made) -> None:
    many = sum(path.startswith(("_posts/", "_drafts/")) for path in JEKYLL)
    site = made(f"limit = {many + 1}")
    added(site, "Fresh")
    with pytest.raises(NotFound, match=f"as many entries as it may have: {many + 1}"):
        entries.blank_entry(site, site.collection("posts"))
    with pytest.raises(NotFound):
        added(site, "Another")


SHARED = """
[collections.english]
folder = "content/blog"
only = { field = "lang", is = ["en"] }

[collections.spanish]
folder = "content/blog"
label = "En español"
delete = false
only = { field = "lang", is = ["es"] }
"""
BLOG = {
    "hugo.toml": "title = 'Site'\n",
    "content/blog/rain.md": "---\ntitle: Rain\nlang: en\n---\n",
    "content/blog/lluvia.md": "---\ntitle: Lluvia\nlang: es\n---\n",
    "content/blog/chuva.md": "---\ntitle: Chuva\nlang: pt\n---\n",
    "gitcms.toml": SHARED,
}


def titles(site: Site, name: str) -> list[str]:
    rows = entries.listing(site, site.collection(name), entries.ListQuery()).rows
    return [row.title for row in rows]


def test_collections_of_one_folder_have_each_the_entries_that_say_so(tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "site", BLOG)
    site = open_made(folder, tmp_path / "state", settings(folder, tmp_path / "state"))
    assert (titles(site, "english"), titles(site, "spanish")) == (["Rain"], ["Lluvia"])
    spanish = site.collection("spanish")
    blank = entries.blank_entry(site, spanish)
    assert blank.values["lang"] == "es"
    change = Change(blank.base, {**blank.values, "title": "Nieve"}, "", intent="publish")
    saved = entries.create(site, spanish, change, INES)
    assert set(titles(site, "spanish")) == {"Lluvia", "Nieve"}
    assert site.collection_of(saved.path) == spanish
    # What is said of it counts for its own entries, and not for others of the folder.
    with pytest.raises(PermissionDenied, match="Nothing is deleted in En español"):
        entries.delete(site, spanish, saved.path, site.blobs()[saved.path], INES)
    rain = "content/blog/rain.md"
    entries.delete(site, site.collection("english"), rain, site.blobs()[rain], INES)
    assert titles(site, "english") == []


def test_who_writes_in_one_of_them_cannot_write_in_the_other(tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "site", BLOG)
    site = open_made(folder, tmp_path / "state", settings(folder, tmp_path / "state"))
    rights = Rights(Role.REVIEWER, ("spanish",))
    writer = Writer(INES.name, INES.email, rights)
    path = "content/blog/lluvia.md"
    opened = entries.open_entry(site, site.collection("spanish"), path)
    assert entries.save(site, opened.collection, path, Change(opened.base, opened.values, "x"), writer).commit
    opened = entries.open_entry(site, site.collection("spanish"), path)
    english = {**opened.values, "lang": "en"}
    with pytest.raises(PermissionDenied, match="may not write here"):
        entries.save(site, opened.collection, path, Change(opened.base, english, None), writer)
