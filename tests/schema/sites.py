"""Made-up sites for the tests of the model: paths and bytes in a dictionary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gitcms.schema.collection import Collection, Field, Model
from gitcms.schema.inference import infer

Site = Mapping[str, str]


def model_of(site: Site) -> Model:
    return infer(sorted(site), lambda path: site[path].encode())


def collection_of(site: Site, name: str) -> Collection:
    found = model_of(site).collection(name)
    assert found is not None, [one.name for one in model_of(site).collections]
    return found


def field_of(values: list[str], key: str = "key", title: bool = False) -> Field:
    """Return the field of a key, given how each of some posts writes it ("" for a post without)."""
    posts = {
        f"_posts/2025-01-{day:02}-post.md": f"---\ntitle: Post {day}\n{value and f'{key}: {value}'}\n---\n"
        for day, value in enumerate(values, start=1)
    }
    found = collection_of(posts, "posts").field_of(key)
    assert found is not None
    return found


def project(number: int, **keys: str) -> str:
    """Return a post with front matter in the shape of a portfolio's."""
    facts = {"layout": "post", "title": f"Project {number}"} | keys
    lines = "".join(f"{key}: {value}\n" for key, value in facts.items())
    return f"---\n{lines}---\nText {number}.\n"


LINKS = """
  - url: https://map.example.org/
    description: The running map
    type: link
  - url: https://code.example.org/
    description: The code
    type: github
  - url: https://notes.example.org/
    description: How it began
    type: link"""

PORTFOLIO: Site = {
    "_config.yml": (
        "title: Ágora Abierta\nurl: https://agora.example.org\nbaseurl: /work\npermalink: pretty\n"
    ),
    "README.md": "# About this code\n",
    "CHANGELOG.md": "---\ntitle: Changes\n---\n",
    "_layouts/post.html": "",
    "about.md": "---\nlayout: page\ntitle: About us\npermalink: /about/\n---\n",
    "static.md": "No front matter here\n",
    "images/river.png": "",
    "images/letters.jpg": "",
    "_posts/2025-05-14-eyes-on-the-river.md": project(
        1,
        img="river.png",
        year="2025",
        category="water",
        featured="true",
        people="[Inés Caldera, Rayén Paillal]",
        links=LINKS,
        one_line_description="Neighbours measure the water they drink.",
    ),
    "_posts/2024-02-01-letters.md": project(
        2,
        img="letters.jpg",
        year="2023-2024",
        category="[letters, council]",
        featured="false",
        people="[Tomáš Novák]",
        links=LINKS,
        one_line_description="Letters to the council, in the open.",
    ),
    "_posts/2023-02-01-third.md": project(
        3,
        img="river.png",
        year="2013 - 2014",
        category="water",
        featured="false",
        people="[Jorge Müller]",
        links=LINKS,
        one_line_description="A third one.",
    ),
    "_drafts/idea.md": project(4, year="2026", category="water", featured="false"),
}

BLOG: Site = {
    "hugo.toml": 'title = "River"\nbaseURL = "https://river.example.org/"\n',
    "content/_index.md": "---\ntitle: Home\n---\n",
    "content/about.md": "---\ntitle: About\n---\n",
    "content/contact/index.md": "---\ntitle: Contact\n---\n",
    "content/posts/_index.md": "---\ntitle: Posts\n---\n",
    "content/posts/first.md": "---\ntitle: First\ndate: 2025-01-02T09:00:00+01:00\ndraft: false\n---\n",
    "content/posts/second.md": "---\ntitle: Second\ndate: 2025-02-02T09:00:00+01:00\ndraft: false\n---\n",
    "content/posts/third.md": "---\ntitle: Third\ndate: 2025-03-02T09:00:00+01:00\ndraft: true\n---\n",
    "content/projects/river/index.md": "---\ntitle: River\ncover: river.png\n---\n",
    "content/projects/river/river.png": "",
    "content/projects/letters/index.md": "---\ntitle: Letters\ncover: letters.png\n---\n",
    "content/projects/letters/letters.png": "",
    "static/images/logo.png": "",
}


def with_fields(*fields: Field) -> Collection:
    """Return a collection of posts with these fields."""
    return Collection("posts", "Posts", "Post", ("_posts",), "_drafts", fields=fields, generator="jekyll")


def named(collection: Collection, **facts: object) -> Collection:
    return replace(collection, **facts)  # type: ignore[arg-type]
