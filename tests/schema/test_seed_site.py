"""The portfolio that the project began with is understood as its owner means it, without configuration."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from gitcms.schema import pictures
from gitcms.schema.describing import described
from gitcms.schema.finding import Source
from gitcms.schema.inference import infer_from

POPLUS = "_posts/2015-05-15-poplus.markdown"


@pytest.fixture(scope="module")
def source() -> Source:
    corpus = os.environ.get("GITCMS_CORPUS")
    if not corpus:
        pytest.skip("needs real posts: set GITCMS_CORPUS to a folder of them")
    site = Path(corpus) / "dev" / "lfalvarez__portfolio"
    posts = [path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()]
    # The shared copy comes without its pictures.
    paths = sorted([*posts, "images/poplus4.jpg", "images/vota.png"])
    return Source(paths, lambda path: (site / path).read_bytes())


@pytest.fixture(scope="module")
def fields(source: Source) -> dict[str, dict[str, Any]]:
    data = described(infer_from(source), source)
    posts = next(one for one in data["collections"] if one["name"] == "posts")
    return {field["name"]: field for field in posts["fields"]}


def test_links_are_objects_with_an_address_words_and_a_choice(fields: dict[str, dict[str, Any]]) -> None:
    assert fields["links"]["type"] == "list of objects"
    parts = {name: fields[name]["type"] for name in fields if name.startswith("links[].")}
    assert parts == {"links[].url": "URL", "links[].description": "text", "links[].type": "select"}
    assert fields["links[].type"]["choices"] == ["link", "github"]


def test_people_and_collaboration_are_as_they_are(fields: dict[str, dict[str, Any]]) -> None:
    assert fields["people"]["type"] == "tags"
    assert fields["colaboration"]["type"] == "list of objects"
    assert [name for name in fields if name.startswith("colaboration[].")] == [
        "colaboration[].name",
        "colaboration[].url",
    ]


def test_a_bare_name_is_a_picture_under_images(source: Source, fields: dict[str, dict[str, Any]]) -> None:
    assert (fields["img"]["type"], fields["img"]["meaning"]) == ("image", "image")
    model = infer_from(source)
    posts = model.collection("posts")
    assert posts is not None
    found = pictures.find(model, posts.field_of("img"), "poplus4.jpg", POPLUS, set(source.paths))
    assert (model.media_folder, found) == ("images", "images/poplus4.jpg")


def test_a_year_is_text_though_half_are_plain_numbers(fields: dict[str, dict[str, Any]]) -> None:
    assert fields["year"]["type"] == "text"


def test_a_category_is_one_or_a_list(fields: dict[str, dict[str, Any]]) -> None:
    assert (fields["category"]["type"], fields["category"]["one_or_list"]) == ("tags", True)
    assert not fields["people"].get("one_or_list")


def test_the_key_that_stands_twice_is_named(source: Source) -> None:
    data = described(infer_from(source), source)
    found = [one for collection in data["collections"] for one in collection["outliers"]]
    assert found == [
        {
            "path": "_posts/2011-11-11-others.markdown",
            "field": "",
            "sentence": "“categories” stands there twice. The last one counts.",
        }
    ]
