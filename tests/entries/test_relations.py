"""Entries that another one names: looked for, told by title, missed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gitcms import entries
from gitcms.schema.collection import Collection, Field
from gitcms.site import Site
from tests.making import make_repository, open_made, settings

FILES = {
    "posts/a-river.md": "---\ntitle: A river\nkey: r1\n---\nWater.\n",
    "posts/a-road.md": "---\ntitle: A road\nkey: r2\n---\nStone.\n",
    "people/ines.md": "---\ntitle: Inés of the river\n---\n",
}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    folder = make_repository(tmp_path / "site", FILES)
    site = open_made(folder, tmp_path / "state", settings(folder, tmp_path / "state"))
    yield site
    site.close()


def related(**options: object) -> Field:
    return Field("next", "Next", "relation", options=options)


def test_they_are_found_by_the_beginnings_of_words(site: Site) -> None:
    found = entries.look_for(site, related(collections=("posts",)), "riv")
    assert [(one.value, one.title) for one in found] == [("a-river", "A river")]
    assert {one.value for one in entries.look_for(site, related(), "riv")} == {"a-river", "ines"}
    by_key = entries.look_for(site, related(collections=("posts",), value="key"), "road")
    assert [one.value for one in by_key] == ["r2"]
    assert entries.look_for(site, related(value="path"), "ston")[0].value == "posts/a-road.md"


def test_only_the_words_of_fields_that_are_named_are_searched(site: Site) -> None:
    field = related(search=("title",))
    assert {one.value for one in entries.look_for(site, field, "riv")} == {"a-river", "ines"}
    assert [one.value for one in entries.look_for(site, field, "ines RIV")] == ["ines"]
    assert entries.look_for(site, field, "water") == []  # a word of its text
    by_key = related(search=("key", "slug"), collections=("posts",))
    assert [one.value for one in entries.look_for(site, by_key, "r2")] == ["a-road"]
    assert [one.value for one in entries.look_for(site, by_key, "road")] == ["a-road"]


def test_a_few_are_offered_without_a_search(site: Site) -> None:
    posts = related(collections=("posts",), at_once=2)
    assert {one.value for one in entries.few(site, posts)} == {"a-river", "a-road"}
    assert entries.few(site, related(at_once=2)) == []  # three
    assert entries.few(site, related(collections=("posts",))) == []


def test_they_are_those_that_are_wanted_as_many_and_called_as_they_are_to_be(site: Site) -> None:
    field = related(collections=("posts",), only={"key": ["r2", "r9"]})
    assert [one.value for one in entries.look_for(site, field, "")] == ["a-road"]
    assert len(entries.look_for(site, related(collections=("posts",), most=1), "")) == 1
    named = related(collections=("posts",), summary="{{key}}: {{title}} ({{slug}})")
    assert entries.look_for(site, named, "riv")[0].title == "r1: A river (a-river)"
    assert entries.told(site, named, ["a-road"])[0].title == "r2: A road (a-road)"


def test_those_that_are_there_have_a_title_and_a_path(site: Site) -> None:
    names = ["a-road", "gone"]
    assert [(one.title, bool(one.path)) for one in entries.told(site, related(), names)] == [
        ("A road", True),
        ("", False),
    ]
    by_key = entries.told(site, related(collections=("posts",), value="key"), ["r1", "r9"])
    assert [one.title for one in by_key] == ["A river", ""]


def test_a_field_is_found_by_the_keys_that_lead_to_it() -> None:
    inner = Field("to", "To", "relation")
    kind = Field("hero", "Hero", "object", fields=(inner,))
    fields = (
        Field("links", "Links", "objects", fields=(inner,)),
        Field("blocks", "Blocks", "blocks", fields=(kind,)),
        Field("several", "Several", "list", item=Field("several", "Several", "object", fields=(inner,))),
    )
    collection = Collection("x", "X", "X", ("x",), fields=fields)
    for way in (["links", "to"], ["blocks", "to"], ["several", "to"]):
        assert entries.field_at(collection, way) is inner
    assert entries.field_at(collection, ["links", "gone"]) is None
    assert entries.field_at(collection, []) is None


def test_where_the_lists_cannot_be_had_nothing_is_said_to_be_missing(site: Site) -> None:
    site._closed = True
    assert entries.told(site, related(collections=("posts",)), ["a-river", "gone"]) == []
    assert entries.used_words(site, site.collection("posts"), "key") == ()
    assert entries.filters(site, site.collection("posts")) == []
    site._closed = False
    assert [one.path for one in entries.told(site, related(collections=("posts",)), ["gone"])] == [""]
    assert entries.used_words(site, site.collection("posts"), "key") == ("r1", "r2")
