from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError
from marshmallow import fields as mm

from gitcms.schema.collection import Field
from gitcms.schema.fields.base import WRONG_KIND
from gitcms.schema.fields.objects import Objects
from gitcms.schema.validation import Judge, schema_of, validate
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


ITEMS = st.dictionaries(
    st.sampled_from(("url", "deep", "more")),
    st.recursive(
        st.sampled_from(("https://a.example.org", "a b", "", None, 3, date(2025, 1, 1))),
        lambda inner: st.lists(inner | st.dictionaries(st.sampled_from(("url", "x")), inner), max_size=3),
    ),
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(ITEMS | st.sampled_from((None, "x", 3)), max_size=3) | ITEMS | st.sampled_from((None, "x", 3))
)
def test_a_list_of_objects_is_judged_as_by_marshmallow_alone(value: object) -> None:
    links = POSTS.field_of("links")
    assert links is not None
    judge = Objects().marshmallow(links, schema_of)
    alone = mm.List(
        mm.Nested(schema_of(links.fields), error_messages={"type": WRONG_KIND}),
        allow_none=True,
        error_messages={"invalid": WRONG_KIND},
    )

    def told(field: mm.Field[Any]) -> object:
        try:
            return field.deserialize(value)
        except ValidationError as error:
            return error.messages

    assert told(judge) == told(judge) == told(alone)


def test_a_text_is_judged_alike_however_often_it_comes() -> None:
    judge = Judge(POSTS)
    for _ in range(2):
        assert judge.problems({"og.title": "/fine"}, complete=False) == {}
        assert judge.problems({"og.title": "no"}, complete=False) == {("og.title",): ADDRESS}
        assert judge.problems({"load": "/fine"}, complete=False) != {}


def test_what_parts_of_a_new_object_need_is_wanted_where_it_is_live() -> None:
    url = Field("url", "Address", "url", required=True)
    kinds = (Field("link", "Link", "object", fields=(url,)), Field("line", "Line", "object"))
    posts = with_fields(
        Field("loose", "Loose"),
        Field("links", "Links", "objects", fields=(Field("name", "Name"), url)),
        Field("home", "Home", "object", fields=(Field("deep", "Deep", "objects", fields=(url,)),)),
        Field("parts", "Parts", "blocks", fields=kinds),
    )
    values: dict[str, Any] = {
        "links": [{"name": "a"}, {"url": "/b"}, {}],
        "home": {"deep": [{"url": "/c"}, {"url": " "}]},
        "parts": [{"type": "line"}, {"type": "link"}],
    }
    lacking = {"links.0.url", "links.2.url", "home.deep.1.url", "parts.1.url"}
    assert set(validate(posts, values, complete=True)) == lacking
    assert set(validate(posts, values, complete=True, old={"links": [{}]})) == lacking - {"links.2.url"}
    assert validate(posts, values, complete=True, old=values) == {}


def test_what_cannot_be_a_list_is_said_in_our_words() -> None:
    errors = validate(POSTS, {"links": "x", "home": [1]}, complete=False)
    assert set(errors) == {"links", "home"}
    assert all("administrator" in sentence for sentence in errors.values())
