from __future__ import annotations

import pytest

from gitcms.schema.collection import Field, Model
from gitcms.schema.pictures import find, place
from tests.schema.sites import BLOG, PORTFOLIO, Site, collection_of, model_of

JEKYLL = model_of(PORTFOLIO)
HUGO = model_of(BLOG)
FILES = {*PORTFOLIO, *BLOG, "assets/img/deep/a b.png"}


def field(site: Site, collection: str, name: str) -> Field:
    found = collection_of(site, collection).field_of(name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("model", "value", "entry", "path"),
    [
        (JEKYLL, "river.png", "_posts/x.md", "images/river.png"),
        (JEKYLL, "/images/river.png", "_posts/x.md", "images/river.png"),
        (JEKYLL, "{{ site.baseurl }}/images/river.png?v=2", "_posts/x.md", "images/river.png"),
        (JEKYLL, "../images/river.png", "_posts/x.md", "images/river.png"),
        (JEKYLL, "{static}/images/river.png", "_posts/x.md", "images/river.png"),
        (JEKYLL, "/assets/img/deep/a%20b.png", "_posts/x.md", "assets/img/deep/a b.png"),
        (JEKYLL, "../../../etc/passwd", "_posts/x.md", None),
        (JEKYLL, "https://example.org/images/river.png", "_posts/x.md", None),
        (JEKYLL, "nothing.png", "_posts/x.md", None),
        (HUGO, "/images/logo.png", "content/posts/first.md", "static/images/logo.png"),
        (HUGO, "river.png", "content/projects/river/index.md", "content/projects/river/river.png"),
    ],
)
def test_a_value_leads_to_its_picture(model: Model, value: str, entry: str, path: str | None) -> None:
    assert find(model, None, value, entry, FILES) == path


def test_a_new_picture_goes_where_the_others_are() -> None:
    assert place(JEKYLL, field(PORTFOLIO, "posts", "img"), "new.png", "_posts/x.md") == (
        "images/new.png",
        "new.png",
    )
    cover = field(BLOG, "projects", "cover")
    assert place(HUGO, cover, "new.png", "content/projects/letters/index.md") == (
        "content/projects/letters/new.png",
        "new.png",
    )
    assert place(HUGO, None, "new.png", "content/posts/first.md") == (
        "static/images/new.png",
        "/images/new.png",
    )


@pytest.mark.parametrize(
    ("value", "folder", "prefix"),
    [
        ("/images/posts/a.png", "static/images/posts", "/images/posts/"),
        ("images/a.png", "static/images", "images/"),
        ("a.png", "static/images", ""),
    ],
)
def test_values_without_a_file_still_tell_where_pictures_go(value: str, folder: str, prefix: str) -> None:
    site = {"hugo.yaml": "", "content/posts/a.md": f"---\nimage: {value}\n---\n"}
    image = field(site, "posts", "image")
    assert image.type == "image"
    assert place(model_of(site), image, "new.png", "content/posts/a.md") == (
        f"{folder}/new.png",
        f"{prefix}new.png",
    )


def test_what_is_placed_is_found_again() -> None:
    for model, image in (
        (JEKYLL, field(PORTFOLIO, "posts", "img")),
        (HUGO, field(BLOG, "projects", "cover")),
    ):
        path, value = place(model, image, "new.png", "content/projects/letters/index.md")
        assert find(model, image, value, "content/projects/letters/index.md", {path}) == path


def test_only_a_key_of_pictures_leaves_the_ending_out() -> None:
    keys = ("slug", "author", "layout", "hero")
    posts = {
        f"_posts/2025-01-0{number}-{name}.md": "---\n" + "".join(f"{key}: {name}\n" for key in keys) + "---\n"
        for number, name in enumerate(("rain", "river", "letters"), start=1)
    }
    site = {**posts, **{f"images/{name}.jpg": "" for name in ("rain", "river", "letters")}}
    assert {key: field(site, "posts", key).type for key in keys} == {
        "slug": "slug",
        "author": "text",
        "layout": "select",
        "hero": "image",
    }
