from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gitcms.schema.collection import Collection, Field, Model, When
from tests.schema.sites import BLOG, PORTFOLIO, collection_of, model_of, with_fields

NOW = datetime(2025, 6, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("path", "held"),
    [
        ("_posts/2025-05-14-eyes-on-the-river.md", True),
        ("_posts/2030-01-01-not-there-yet.md", True),
        ("_posts/deeper/2030-01-01-not-there-yet.markdown", True),
        ("_drafts/idea.md", True),
        ("_posts/picture.png", False),
        ("_posts/.hidden/2030-01-01-x.md", False),
        ("about.md", False),
        ("elsewhere/_posts.md", False),
    ],
)
def test_a_collection_knows_its_own_files(path: str, held: bool) -> None:
    assert collection_of(PORTFOLIO, "posts").holds(path) is held


@pytest.mark.parametrize(
    ("depth", "path", "held"),
    [
        (0, "docs/a/b/c.md", True),
        (1, "docs/a.md", True),
        (1, "docs/a/b.md", False),
        (2, "docs/a/b.md", True),
        (2, "docs/a/b/c.md", False),
    ],
)
def test_entries_may_lie_as_deep_as_a_site_says(depth: int, path: str, held: bool) -> None:
    assert Collection("docs", "Docs", "Page", ("docs",), depth=depth).holds(path) is held
    everything = Collection("all", "All", "Page", ("",), depth=depth and depth + 1)
    assert everything.holds(path) is held


@pytest.mark.parametrize(
    ("when", "met"),
    [
        (When("kind", pattern="^es"), True),
        (When("kind", pattern="^say"), False),
        (When("kind", pattern="^es", other_than=True), False),
        (When("tags", pattern="a.b"), True),
        (When("none", pattern="^$"), True),
    ],
)
def test_a_condition_may_be_a_pattern(when: When, met: bool) -> None:
    assert when.met({"kind": "essay", "tags": ["x", "a-b"]}) is met


@pytest.mark.parametrize("site", [PORTFOLIO, BLOG], ids=["jekyll", "hugo"])
def test_no_file_is_in_two_collections(site: dict[str, str]) -> None:
    model = model_of(site)
    for path in site:
        assert sum(one.holds(path) for one in model.collections) <= 1


def test_an_entry_is_called_by_its_title_or_by_its_file() -> None:
    posts = with_fields(Field("headline", "Headline", meaning="title"))
    assert posts.title_of({"headline": "Eyes  on\nthe River"}, "_posts/x.md") == "Eyes on the River"
    assert posts.title_of({"headline": 1984}, "_posts/x.md") == "1984"
    assert posts.title_of({}, "_posts/2025-05-14-eyes-on-the-river.md") == "Eyes on the river"
    assert posts.title_of({"title": ["odd"]}, "content/river/index.md") == "River"


@pytest.mark.parametrize(
    ("path", "values", "state"),
    [
        ("_posts/2025-05-14-x.md", {}, "live"),
        ("_posts/2025-06-14-x.md", {}, "scheduled"),
        ("_posts/2025-05-14-x.md", {"date": "2025-06-02 09:00:00 +0200"}, "scheduled"),
        ("_posts/2025-05-14-x.md", {"published": False}, "draft"),
        ("_posts/2025-05-14-x.md", {"published": "false"}, "draft"),
        ("_drafts/x.md", {}, "draft"),
    ],
)
def test_jekylls_states(path: str, values: dict[str, object], state: str) -> None:
    assert collection_of(PORTFOLIO, "posts").state_of(values, path, NOW) == state


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ({}, "live"),
        ({"draft": True}, "draft"),
        ({"draft": False}, "live"),
        ({"date": datetime(2025, 6, 2, tzinfo=UTC)}, "scheduled"),
        ({"date": datetime(2025, 5, 2, tzinfo=UTC), "publishDate": "2025-07-01"}, "scheduled"),
    ],
)
def test_hugos_states(values: dict[str, object], state: str) -> None:
    assert collection_of(BLOG, "posts").state_of(values, "content/posts/x.md", NOW) == state


def test_a_future_date_of_a_plain_site_is_only_a_date() -> None:
    plain = Collection("events", "Events", "Event", ("events",))
    assert plain.state_of({"date": "2030-01-01"}, "events/x.md", NOW) == "live"


def test_a_model_finds_the_collection_of_a_file() -> None:
    model: Model = model_of(PORTFOLIO)
    found = model.collection_of("about.md")
    assert found is not None
    assert found.name == "pages"
    assert model.collection_of("README.md") is None
    assert model.collection("nothing") is None


def test_keys_have_the_order_of_the_files_whatever_the_forms_order_is() -> None:
    post = "---\nlayout: post\nlinks:\n  - url: a\n    name: b\ntitle: A\ndate: 2025-01-01\n---\n"
    posts = collection_of({f"_posts/2025-01-0{day}-x.md": post for day in range(1, 9)}, "posts")
    assert posts.fields[0].name == "title"
    assert posts.order == (
        ("layout",),
        ("links",),
        ("links", "url"),
        ("links", "name"),
        ("title",),
        ("date",),
    )
