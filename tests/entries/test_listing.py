"""The lists of entries, on real repositories."""

from __future__ import annotations

from gitcms import entries
from gitcms.entries import ListQuery
from gitcms.schema.collection import Collection
from gitcms.site import Site
from tests.entries.conftest import change, opened
from tests.making import INES


def test_a_list_counts_searches_sorts_and_names_people(site: Site, projects: Collection) -> None:
    posts = site.collection("posts")
    shown = entries.listing(site, posts, ListQuery())
    assert shown.counts == {"": 3, "draft": 1, "scheduled": 0, "live": 2}
    assert {row.title for row in shown.rows} == {
        "First rain",
        "How we read the strips",
        "A winter of numbers",
    }
    assert {row.author for row in shown.rows} == {"Dev Eloper"}
    drafts = entries.listing(site, posts, ListQuery(state="draft"))
    assert [row.title for row in drafts.rows] == ["A winter of numbers"]
    found = entries.listing(site, posts, ListQuery(text="SCHOOLS rain"))
    assert [row.title for row in found.rows] == ["First rain"]
    by_title = entries.listing(site, projects, ListQuery(sort="title"))
    assert [row.title for row in by_title.rows] == ["Eyes on the River", "Letters to the Council"]


def test_a_list_shows_the_entry_that_changed_last_first(site: Site, projects: Collection) -> None:
    path = "_projects/letters.md"
    entries.save(site, projects, path, change(opened(site, path), country="Perú"), INES)
    rows = entries.listing(site, projects, ListQuery(sort="changed")).rows
    assert (rows[0].path, rows[0].author) == (path, "Inés Caldera")


def test_words_that_are_used_are_told_by_how_often(site: Site) -> None:
    posts = site.collection("posts")
    assert entries.used_words(site, posts, "tags") == ("water", "schools")
    assert entries.used_words(site, posts, "gone") == ()
