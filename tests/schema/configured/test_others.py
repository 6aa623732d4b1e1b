"""The configurations of Pages CMS and Front Matter CMS, read in place."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitcms.schema.collection import Collection, Field
from gitcms.schema.configured import OWN, Configured, foreign, model_of
from gitcms.schema.configured.writing import toml_of
from gitcms.schema.finding import Source

POSTS = {
    "content/posts/2024-01-02-rain.md": "---\ntitle: Rain\ndate: 2024-01-02\nstars: 3\n---\nText\n",
    "content/about.md": "---\ntitle: About\n---\n",
}
HERE = Path(__file__).parent
CONFIGS = {
    ".pages.yml": (HERE / "pages.yml").read_text(encoding="utf-8"),
    "frontmatter.json": (HERE / "frontmatter.json").read_text(encoding="utf-8"),
}


def source(name: str, **more: str) -> Source:
    files = {path: text.encode() for path, text in {**POSTS, name: CONFIGS[name], **more}.items()}
    return Source(sorted(files), files.__getitem__)


def collection(told: Configured, name: str) -> Collection:
    found = told.model.collection(name)
    assert found is not None
    return found


def types(fields: tuple[Field, ...]) -> dict[str, str]:
    return {one.name: one.type for one in fields}


def test_pages_cms_types_lists_components_and_files() -> None:
    told = model_of(source(".pages.yml"))
    posts = collection(told, "posts")
    assert posts.file_template == "content/posts/{year}-{month}-{day}-{slug}.md"
    assert types(posts.fields) == {
        "title": "text",
        "date": "datetime",
        "lead": "longtext",
        "kind": "select",
        "areas": "multiselect",
        "cover": "image",
        "pictures": "gallery",
        "words": "tags",
        "years": "list",
        "links": "objects",
        "parts": "blocks",
        "seo": "object",
        "author": "relation",
        "layout": "hidden",
        "made": "readonly",
        "style": "code",
        "id": "uuid",
        "stars": "number",
        "mood": "text",
    }
    fields = {one.name: one for one in posts.fields}
    assert fields["title"].required and not fields["lead"].required
    assert fields["title"].options["max_length"] == 60 and fields["lead"].hint == "Two sentences"
    assert fields["kind"].options["labels"] == {"link": "A link"}
    assert fields["cover"].options["folder"] == "static/img" and fields["cover"].options["prefix"] == "/img/"
    assert fields["pictures"].options["max"] == 4 and fields["links"].options["min"] == 1
    assert fields["links"].fields[0].options["pattern_says"] == "An address"
    assert fields["parts"].options["type_key"] == "kind"
    assert [part.name for part in fields["seo"].fields] == ["title", "hide"]
    assert fields["author"].options["value"] == "name" and fields["author"].options["multiple"]
    assert collection(told, "about").files == {"content/about.md"}
    assert told.model.media_folder == "static/img"
    said = [str(each) for each in told.remarks]
    assert [line for line in said if "“rating” is not known" in line or "“typ” is not known" in line] == said[
        -2:
    ]
    assert any("“view” is without effect" in line for line in said)


def test_front_matter_cms_folders_types_and_groups() -> None:
    told = model_of(source("frontmatter.json"))
    posts = collection(told, "our-posts")
    assert (posts.label, posts.folders) == ("Our Posts", ("content/posts",))
    assert types(posts.fields) == {
        "title": "text",
        "lead": "markdown",
        "date": "datetime",
        "draft": "boolean",
        "weight": "number",
        "kind": "select",
        "areas": "multiselect",
        "cover": "image",
        "pictures": "gallery",
        "tags": "tags",
        "author": "text",
        "links": "objects",
        "seo": "object",
        "see": "relation",
        "more": "data",
        "layout": "hidden",
        "odd": "text",
        "stars": "number",
    }
    fields = {one.name: one for one in posts.fields}
    assert fields["title"].required and fields["links"].fields[0].required
    assert (fields["date"].meaning, fields["draft"].meaning) == ("date", "draft")
    assert fields["kind"].options["labels"] == {"a": "An A"}
    assert fields["see"].options["collections"] == ["our-posts"]
    assert [each.sentence for each in told.remarks if each.wrong] == [
        "The type “mystery” is not known here; the field is shown by what its values are."
    ]
    assert any("without a “*”" in each.sentence for each in told.remarks)


@pytest.mark.parametrize("name", CONFIGS)
def test_once_it_is_a_gitcms_toml_it_says_the_same(name: str) -> None:
    imported = foreign(source(name))
    assert imported is not None and imported.path == name
    again = model_of(source(name, **{OWN: toml_of(imported.facts, f"made from {name}")}))
    assert (again.path, again.remarks) == (OWN, ())
    assert again.model == model_of(source(name)).model


@pytest.mark.parametrize(
    "text", ["3", "[]", "{", "content: 3", "content: [3]", "content: [{}]", "media: [3]"]
)
@pytest.mark.parametrize("name", CONFIGS)
def test_what_is_no_configuration_opens_the_site_all_the_same(name: str, text: str) -> None:
    files = {path: said.encode() for path, said in {**POSTS, name: text}.items()}
    told = model_of(Source(sorted(files), files.__getitem__))
    assert told.model.collections
