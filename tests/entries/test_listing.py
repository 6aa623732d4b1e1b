"""The lists of entries, on real repositories."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from gitcms import entries
from gitcms.entries import ListQuery
from gitcms.schema.collection import Collection
from gitcms.schema.lists import ByField, Lists, Sortable
from gitcms.site import Site
from tests.entries.conftest import change, opened, picture
from tests.making import INES, JEKYLL, make_repository, open_made


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


def told(collection: Collection, **said: object) -> Collection:
    """A collection of which its owners say this for lists."""
    return replace(collection, lists=Lists(**said))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("summary", "title"),
    [
        ("{{title | upper}} of {{country | lower}}", "EYES ON THE RIVER of chile"),
        ("{{slug}}: {{dirname}} {{filename}} {{extension}}", "Eyes on the River: eyes-on-the-river md"),
        ("{{commit_author}}", "Dev Eloper"),
        ("{{commit_date | date('YYYY')}}", "2026"),
        ("{{gone}}", "Eyes on the River"),
        ("{{gone | default('nothing')}}", "nothing"),
        ("{{title | truncate(4, '!')}}", "Eyes!"),
        ("{{featured | ternary('first', 'later')}}", "first"),
    ],
)
def test_entries_are_called_in_lists_as_their_owners_say(
    site: Site, projects: Collection, summary: str, title: str
) -> None:
    rows = entries.listing(site, told(projects, summary=summary), ListQuery(sort="title")).rows
    assert rows[0].title == title


def test_the_date_of_an_entry_comes_before_a_field_of_the_same_name(site: Site) -> None:
    posts = site.collection("posts")
    rows = entries.listing(site, told(posts, summary="{{year}}-{{month}} {{fields.title}}"), ListQuery()).rows
    dated = [row for row in rows if row.date]
    assert dated and all(row.title.startswith(f"{row.date:%Y-%m} ") for row in dated)


def test_a_list_shows_the_picture_of_the_field_that_is_named(tmp_path: Path) -> None:
    more = {"a.png": picture(), "images/river.png": picture()}
    front = "---\ntitle: A\nimg: river.png\nshots:\n  - src: /a.png\n---\n"
    folder = make_repository(tmp_path / "site", {**JEKYLL, **more, "_projects/a.md": front})
    with closing(open_made(folder, tmp_path / "state")) as site:
        projects = site.collection("projects")

        def image(*named: str) -> str | None:
            shown = entries.listing(site, told(projects, thumbnail=named), ListQuery(sort="title"))
            return shown.rows[0].image

        assert image() == image("gone", "img") == "images/river.png"
        assert image("shots.src") == image("shots.*.src") == "a.png"
        assert image("title") is image("shots") is None


def titles(site: Site, collection: Collection, query: ListQuery) -> list[str]:
    return [row.title for row in entries.listing(site, collection, query).rows]


RIVER, LETTERS = "Eyes on the River", "Letters to the Council"


def test_a_list_is_turned_round_in_every_order(site: Site, projects: Collection) -> None:
    assert titles(site, projects, ListQuery(sort="title", turned=True)) == [LETTERS, RIVER]
    assert titles(site, projects, ListQuery(sort="by:featured")) == [LETTERS, RIVER]
    assert titles(site, projects, ListQuery(sort="by:featured", turned=True)) == [RIVER, LETTERS]
    posts = site.collection("posts")
    for sort in ("newest", "changed"):
        dated = [
            row.date if sort == "newest" else row.changed_at
            for row in entries.listing(site, posts, ListQuery(sort=sort, turned=True)).rows
        ]
        there = [one for one in dated if one]
        assert len(there) > 1 and dated[: len(there)] == sorted(there)


def test_a_list_is_sorted_by_who_changed_entries_last(site: Site, projects: Collection) -> None:
    path = "_projects/letters.md"
    entries.save(site, projects, path, change(opened(site, path), country="Perú"), INES)
    assert titles(site, projects, ListQuery(sort="commit_author")) == [RIVER, LETTERS]
    assert titles(site, projects, ListQuery(sort="commit_author", turned=True)) == [LETTERS, RIVER]


@pytest.mark.parametrize(
    ("fields", "sorts"),
    [
        (("title", "date", "commit_date"), [("title", ""), ("newest", ""), ("changed", "")]),
        (("tags", "commit_author"), [("by:tags", "Tags"), ("commit_author", "")]),
        ((), []),
    ],
)
def test_only_the_orders_that_its_owners_name_are_offered(
    site: Site, fields: tuple[str, ...], sorts: list[tuple[str, str]]
) -> None:
    posts = told(site.collection("posts"), sortable=tuple(map(Sortable, fields)))
    assert entries.sorts(posts) == sorts


@pytest.mark.parametrize(
    ("sort", "descending", "order", "turned"),
    [
        ("title", False, "title", False),
        ("title", True, "title", True),
        ("date", True, "newest", False),
        ("date", False, "newest", True),
        ("commit_date", True, "changed", False),
        ("tags", True, "by:tags", True),
        ("", False, "newest", False),
    ],
)
def test_a_list_is_sorted_at_first_as_its_owners_say(
    site: Site, sort: str, descending: bool, order: str, turned: bool
) -> None:
    posts = told(site.collection("posts"), sort=sort, descending=descending)
    usual = entries.usual(posts)
    assert (usual.sort, usual.turned) == (order, turned)


@pytest.mark.parametrize(
    ("field", "pattern", "found"),
    [
        ("featured", "^true$", [RIVER]),
        ("featured", "^false$", [LETTERS]),
        ("country", "CHILE|perú", [RIVER, LETTERS]),
        ("year", r"^2019", [LETTERS]),
        ("people", "müller", [LETTERS]),
        ("links.url", r"rio\.example", [RIVER]),
        ("gone", ".", []),
        ("title", "", [RIVER, LETTERS]),
    ],
)
def test_a_filter_of_the_owners_finds_its_expression_in_what_a_field_says(
    site: Site, projects: Collection, field: str, pattern: str, found: list[str]
) -> None:
    named = told(projects, filters=(ByField("It", field, pattern), ByField("Off", "title", "nothing")))
    query = ListQuery(sort="title", named=("It",))
    assert titles(site, named, query) == found
    shown = entries.listing(site, named, query)
    assert (shown.total, shown.counts[""], shown.counts["live"]) == (len(found),) * 3
    assert len(entries.paths_of(site, named, query)) == len(found)
    assert titles(site, named, ListQuery(sort="title", named=("It", "Off"))) == []
    assert titles(site, named, ListQuery(sort="title", named=("Gone",))) == [RIVER, LETTERS]


def test_entries_stand_under_what_an_expression_finds(site: Site, projects: Collection) -> None:
    groups = (ByField("Decade", "year", r"\d{3}"), ByField("Featured", "featured"))
    named = told(projects, groups=groups)
    shown = entries.listing(site, named, ListQuery(group="as:Decade")).rows
    assert {(row.title, row.group) for row in shown} >= {(LETTERS, "201")}
    whole = entries.listing(site, named, ListQuery(group="as:Featured")).rows
    assert [(row.title, row.group) for row in whole] == [(LETTERS, "False"), (RIVER, "True")]
    unknown = entries.listing(site, named, ListQuery(group="as:Gone", sort="title")).rows
    assert [(row.title, row.group) for row in unknown] == [(RIVER, ""), (LETTERS, "")]


def test_years_of_dated_entries_have_the_newest_first(site: Site) -> None:
    posts = told(site.collection("posts"), groups=(ByField("Month", "date", r"\d{4}-\d\d"),))
    rows = entries.listing(site, posts, ListQuery(group="as:Month")).rows
    dated = [row.group for row in rows if row.date]
    assert dated == sorted(dated, reverse=True) and all(re.fullmatch(r"\d{4}-\d\d|", one) for one in dated)
