from __future__ import annotations

from datetime import date

import pytest

from gitcms.schema.collection import Field
from gitcms.schema.validation import validate
from tests.schema.sites import with_fields

URL = Field("url", "Web address", "url")
POSTS = with_fields(
    Field("title", "Title", required=True, meaning="title"),
    Field("subtitle", "Subtitle", required=True),
    Field("year", "Year", options={"pattern": "years"}),
    Field("count", "Count", "number"),
    Field("when", "When", "date"),
    Field("links", "Links", "objects", fields=(URL, Field("deep", "Deep", "objects", fields=(URL,)))),
    Field("home", "Home", "object", fields=(URL,)),
    Field("load", "A key with the name of a method", "email"),
    Field("og.title", "A key with a dot", "url"),
)
ADDRESS = "Web addresses start with https:// and have no spaces"


@pytest.mark.parametrize(
    ("values", "errors"),
    [
        ({}, {}),
        ({"title": "T", "year": "2013-2014", "count": 3, "when": date(2025, 1, 1), "unknown": object}, {}),
        ({"year": "next year"}, {"year": "Write a year, such as 2025 or 2013-2014"}),
        ({"count": "three"}, {"count": "Write a number, such as 12"}),
        ({"when": "soon"}, {"when": "Write a date, such as 2025-05-14"}),
        ({"links": [{"url": "https://a.example.org"}, {"url": "a b"}]}, {"links.1.url": ADDRESS}),
        ({"links": [{"deep": [{"url": "no"}]}]}, {"links.0.deep.0.url": ADDRESS}),
        ({"home": {"url": "no", "other": 1}}, {"home.url": ADDRESS}),
        ({"load": "no"}, {"load": "Write an email address, such as name@example.org"}),
        ({"og.title": "no"}, {"og.title": ADDRESS}),
        ({"og": 1, "og.title": "/fine"}, {}),
        ({"links": None, "home": None, "count": None, "year": ""}, {}),
    ],
)
def test_each_wrong_value_has_a_sentence_at_its_path(
    values: dict[str, object], errors: dict[str, str]
) -> None:
    assert validate(POSTS, values, complete=False) == errors  # type: ignore[arg-type]


def test_only_what_is_to_be_live_has_to_be_complete() -> None:
    assert validate(POSTS, {"title": "T"}, complete=False) == {}
    assert validate(POSTS, {"title": " "}, complete=True) == {
        "title": "Write a title",
        "subtitle": "Every post has this. Fill it in, or save as a draft",
    }


def test_what_was_there_before_is_never_judged() -> None:
    old = {"year": "long ago", "count": "many", "links": [{"url": "a b"}, {"url": "c d"}]}
    assert validate(POSTS, old, complete=False, old=old) == {}
    moved = old | {"links": [{"url": "c d"}, {"url": "a b"}, {"url": "e f"}]}
    assert validate(POSTS, moved, complete=False, old=old) == {"links.2.url": ADDRESS}


def test_an_odd_value_may_be_changed_as_what_it_is() -> None:
    assert validate(POSTS, {"when": "in June"}, complete=False, old={"when": "in May"}) == {}
    assert validate(POSTS, {"links": "both"}, complete=False, old={"links": "none"}) == {}


def test_what_cannot_be_a_list_is_said_in_our_words() -> None:
    errors = validate(POSTS, {"links": "x", "home": [1]}, complete=False)
    assert set(errors) == {"links", "home"}
    assert all("administrator" in sentence for sentence in errors.values())
