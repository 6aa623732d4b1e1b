from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from gitcms.content.edits import Set, Unset
from gitcms.errors import PathRefused
from gitcms.schema.collection import Collection
from gitcms.schema.generators import blank_values, new_path, publication, slug_of
from tests.schema.sites import BLOG, PORTFOLIO, collection_of

TODAY = date(2025, 5, 14)
JEKYLL = collection_of(PORTFOLIO, "posts")
HUGO = collection_of(BLOG, "posts")
PLAIN = Collection("notes", "Notes", "Note", ("notes",))


def test_a_jekyll_draft_moves_among_the_posts_when_it_is_published() -> None:
    assert publication(JEKYLL, "_drafts/idea.md", {}, True, TODAY) == ("_posts/2025-05-14-idea.md", [])


def test_a_draft_with_a_date_of_its_own_keeps_it() -> None:
    path, _ = publication(JEKYLL, "_drafts/deep/idea.markdown", {"date": "2024-02-03"}, True, TODAY)
    assert path == "_posts/deep/2024-02-03-idea.markdown"
    assert (
        publication(JEKYLL, "_drafts/2023-01-01-idea.md", {}, True, TODAY)[0] == "_posts/2023-01-01-idea.md"
    )


def test_a_jekyll_post_is_taken_back_by_its_mark_and_stays_where_it_is() -> None:
    path = "_posts/2025-01-01-x.md"
    assert publication(JEKYLL, path, {}, False, TODAY) == (path, [Set(("published",), False)])
    assert publication(JEKYLL, path, {"published": False}, False, TODAY) == (path, [])
    assert publication(JEKYLL, path, {"published": False}, True, TODAY) == (path, [Unset(("published",))])
    assert publication(JEKYLL, path, {}, True, TODAY) == (path, [])


def test_a_hugo_entry_says_that_it_is_live_where_its_neighbours_do() -> None:
    path = "content/posts/x.md"
    assert publication(HUGO, path, {"draft": True}, True, TODAY) == (path, [Set(("draft",), False)])
    assert publication(HUGO, path, {"draft": False}, False, TODAY) == (path, [Set(("draft",), True)])
    silent = replace(HUGO, fields=())
    assert publication(silent, path, {"draft": True}, True, TODAY) == (path, [Unset(("draft",))])


def test_pelican_marks_a_draft_by_a_word() -> None:
    posts = {
        f"content/{name}.md": f"Title: {name}\nStatus: {status}\n\nText\n"
        for name, status in (("a", "draft"), ("b", "published"), ("c", "published"))
    }
    pages = collection_of({"pelicanconf.py": "", **posts}, "pages")
    now = datetime(2025, 5, 14, tzinfo=UTC)
    assert pages.state_of({"Status": "draft"}, "content/a.md", now) == "draft"
    assert pages.state_of({"Status": "published"}, "content/b.md", now) == "live"
    live = [Set(("Status",), "published")]
    assert publication(pages, "content/a.md", {"Status": "draft"}, True, TODAY) == ("content/a.md", live)
    draft = [Set(("Status",), "draft")]
    assert publication(pages, "content/b.md", {}, False, TODAY) == ("content/b.md", draft)


def test_a_hexo_draft_keeps_its_name_when_it_is_published() -> None:
    site = {"source/_posts/a.md": "---\ntitle: A\n---\n", "source/_drafts/b.md": "---\ntitle: B\n---\n"}
    posts = collection_of(site, "posts")
    assert publication(posts, "source/_drafts/b.md", {}, True, TODAY) == ("source/_posts/b.md", [])


def test_publishing_what_is_published_changes_nothing() -> None:
    for collection in (JEKYLL, HUGO, PLAIN):
        assert publication(collection, "a/x.md", {}, True, TODAY) == ("a/x.md", [])


@pytest.mark.parametrize(
    ("collection", "draft", "path"),
    [
        (JEKYLL, False, "_posts/2025-05-14-eyes-on-the-river.md"),
        (JEKYLL, True, "_drafts/eyes-on-the-river.md"),
        (HUGO, False, "content/posts/eyes-on-the-river.md"),
        (HUGO, True, "content/posts/eyes-on-the-river.md"),
        (collection_of(BLOG, "projects"), False, "content/projects/eyes-on-the-river/index.md"),
        (collection_of(BLOG, "pages"), False, "content/eyes-on-the-river.md"),
        (
            replace(PLAIN, file_template="notes/{year}/{month}/{slug}.md"),
            False,
            "notes/2025/05/eyes-on-the-river.md",
        ),
    ],
)
def test_a_new_entry_lies_where_its_neighbours_lie(collection: Collection, draft: bool, path: str) -> None:
    assert new_path(collection, "Eyes on the River", TODAY, draft=draft) == path


def test_a_title_without_a_letter_names_no_file() -> None:
    with pytest.raises(PathRefused):
        new_path(JEKYLL, "…", TODAY)


def test_a_new_entry_begins_as_its_neighbours_do() -> None:
    now = datetime(2025, 5, 14, 9, 30, 0, 5, tzinfo=timezone(timedelta(hours=-4)))
    assert blank_values(JEKYLL, now) == {"layout": "post", "featured": False}
    hugo = blank_values(HUGO, now, draft=True)
    assert hugo == {"date": datetime(2025, 5, 14, 14, 30, tzinfo=timezone(timedelta(hours=1))), "draft": True}
    assert blank_values(HUGO, now)["draft"] is False


@pytest.mark.parametrize(
    ("path", "slug"),
    [
        ("_posts/2025-05-14-eyes.md", "eyes"),
        ("content/river/index.md", "river"),
        ("content/river/index.es.md", "river"),
        ("content/river/_index.md", "river"),
        ("index.md", "index"),
        ("about.us.md", "about.us"),
    ],
)
def test_a_path_names_its_entry(path: str, slug: str) -> None:
    assert slug_of(path) == slug


@pytest.mark.parametrize(
    ("permalink", "address"),
    [
        ("/:categories/:year/:month/:day/:title:output_ext", "/water/2025/05/14/eyes.html"),
        ("/:year/:title/", "/2025/eyes/"),
        ("/:unheard_of/:title/", None),
    ],
)
def test_a_jekyll_posts_address_follows_the_configuration(permalink: str, address: str | None) -> None:
    posts = replace(JEKYLL, permalink=permalink)
    assert posts.address_of({"category": "water"}, "_posts/2025-05-14-eyes.md") == address


def test_an_address_of_its_own_wins() -> None:
    assert JEKYLL.address_of({"permalink": "/eyes/"}, "_posts/2025-05-14-eyes.md") == "/eyes/"
    assert JEKYLL.address_of({"permalink": "/:year/eyes/"}, "_posts/2025-05-14-eyes.md") is None
    assert HUGO.address_of({"url": "eyes/"}, "content/posts/x.md") == "/eyes/"


@pytest.mark.parametrize(
    ("path", "values", "address"),
    [
        ("content/posts/first.md", {}, "/posts/first/"),
        ("content/posts/first.md", {"slug": "eyes"}, "/posts/eyes/"),
        ("content/posts/bundle/index.md", {}, "/posts/bundle/"),
        ("content/posts/first.fr.md", {}, None),
    ],
)
def test_a_hugo_pages_address_is_its_place(path: str, values: dict[str, str], address: str | None) -> None:
    assert HUGO.address_of(values, path) == address


def test_a_draft_has_no_address_yet() -> None:
    assert JEKYLL.address_of({}, "_drafts/idea.md") is None


def test_pages_of_jekyll_lie_where_their_file_lies() -> None:
    pages = collection_of(PORTFOLIO, "pages")
    assert pages.address_of({"permalink": "/about/"}, "about.md") == "/about/"
    assert pages.address_of({}, "contact.md") == "/contact/"
    assert replace(pages, permalink="").address_of({}, "team/contact.md") == "/team/contact.html"
    assert pages.address_of({}, "team/index.md") == "/team/"


def test_the_moment_of_an_entry_is_aware() -> None:
    assert JEKYLL.date_of({}, "_posts/2025-05-14-x.md") == datetime(2025, 5, 14, tzinfo=UTC)
    assert JEKYLL.date_of({}, "_posts/2025-99-14-x.md") is None
