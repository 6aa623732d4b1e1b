"""Options of Decap and Sveltia outside of fields that are said to have their effect make another model."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from gitcms.schema.collection import Model
from gitcms.schema.configured import model_of, words
from gitcms.schema.finding import Source
from gitcms.schema.texts import USUAL_BUTTONS, Text

TITLE = {"name": "title", "label": "Title"}
FIELDS = [TITLE, {"name": "kind"}, {"name": "img", "widget": "image"}, {"name": "body", "widget": "markdown"}]
POSTS: dict[str, Any] = {"name": "posts", "label": "Posts", "folder": "posts", "fields": FIELDS}
TEAM: dict[str, Any] = {"name": "team", "label": "Team", "file": "team.yml", "fields": FIELDS}
TWO = {"structure": "multiple_files", "locales": ["es", "en"]}
FILES = {
    "posts/a.md": "---\ntitle: A\n---\n",
    "notes/b.md": "---\ntitle: B\n---\n",
    "team.yml": "title: Team\n",
    "other.yml": "title: Other\n",
}

Told = Mapping[str, Any]
ROOT: dict[str, Told] = {
    "backend": {"backend": {"skip_ci": True}},
    "collections": {"collections": [{**POSTS, "label": "Articles"}]},
    "singletons": {"singletons": [TEAM]},
    "editor": {"editor": {"preview": False}},
    "media_folder": {"media_folder": "pics"},
    "public_folder": {"public_folder": "/pics"},
    "i18n": {"i18n": TWO},
    "site_url": {"site_url": "https://a.example"},
    "display_url": {"display_url": "https://a.example"},
    "app_title": {"app_title": "Site"},
    "slug": {"slug": {"encoding": "ascii"}},
    "field_defaults": {"field_defaults": {"richtext": {"minimal": True}}},
    "locale": {"locale": "es"},
    "media_library": {"media_library": {"config": {"max_file_size": 9}}},
    "media_libraries": {"media_libraries": {"default": {"config": {"max_file_size": 9}}}},
    "output": {"output": {"yaml": {"quote": "single"}}},
    "logo": {"logo": {"src": "/logo.svg"}},
    "logo_url": {"logo_url": "/logo.svg"},
    "issue_reports": {"issue_reports": {"url": "https://a.example"}},
}
BACKEND: dict[str, Told] = {
    "signoff_commits": {"signoff_commits": True},
    "commit_messages": {"commit_messages": {"create": "x"}},
    "skip_ci": {"skip_ci": True},
    "automatic_deployments": {"automatic_deployments": False},
    "branch": {"branch": "main"},
}
FILE: dict[str, Told] = {
    "name": {"name": "crew"},
    "label": {"label": "Crew"},
    "label_singular": {"label_singular": "Member"},
    "description": {"description": "Us"},
    "editor": {"editor": {"preview": False}},
    "icon": {"icon": "calendar_month"},
    "file": {"file": "other.yml"},
    "fields": {"fields": [TITLE, {"name": "other"}]},
    "media_folder": {"media_folder": "/pics"},
    "public_folder": {"public_folder": "/pics"},
    "i18n": {"i18n": True},
    "body_field": {"body_field": {"key": "kind"}},
    "preview_path": {"preview_path": "a"},
    "preview_path_date_field": {"preview_path_date_field": "kind"},
    "preview_path_preserve_slashes": {"preview_path": "a", "preview_path_preserve_slashes": True},
}
COLLECTION: dict[str, Told] = {
    **{name: value for name, value in FILE.items() if name != "file"},
    "folder": {"folder": "notes"},
    "files": {"folder": None, "files": [TEAM]},
    "format": {"format": "toml-frontmatter"},
    "extension": {"extension": "markdown"},
    "identifier_field": {"identifier_field": "kind"},
    "slug": {"slug": "{{year}}-{{slug}}"},
    "path": {"path": "{{slug}}/index"},
    "create": {"create": True},
    "delete": {"delete": False},
    "publish": {"publish": False},
    "limit": {"limit": 3},
    "duplicate": {"duplicate": False},
    "filter": {"filter": {"field": "kind", "value": "a"}},
    "aliases_field": {"aliases_field": "old"},
    "nested": {"nested": {"depth": 2}},
    "meta": {"meta": {"path": {"index_file": "index"}}},
    "hide": {"hide": True},
    "summary": {"summary": "{{kind}}"},
    "thumbnail": {"thumbnail": "img"},
    "sortable_fields": {"sortable_fields": ["title"]},
    "sortableFields": {"sortableFields": ["title"]},
    "view_filters": {"view_filters": [{"label": "A", "field": "kind", "pattern": "a"}]},
    "view_groups": {"view_groups": [{"label": "A", "field": "kind"}]},
    "slug_length": {"slug_length": 20},
    "yaml_quote": {"yaml_quote": True},
}
A_FILTER = {"name": "a", "label": "A", "field": "kind", "pattern": "a"}
INSIDE: dict[str, dict[str, Told]] = {
    "editor": {"preview": {"preview": False}},
    "nested": {"summary": {"summary": "{{kind}}"}, "depth": {"depth": 2}},
    "meta": {"path": {"path": {"index_file": "index"}}},
    "path": {"index_file": {"index_file": "index"}, "label": {"label": "Path"}},
    "body_field": {"key": {"key": "kind"}, "inline": {"inline": True}},
    "filter": {
        "field": {"field": "kind", "value": "a"},
        "value": {"field": "title", "value": "a"},
        "pattern": {"field": "title", "pattern": "^a"},
    },
    "slug": {
        "encoding": {"encoding": "ascii"},
        "clean_accents": {"clean_accents": True},
        "sanitize_replacement": {"sanitize_replacement": "_"},
        "maxlength": {"maxlength": 9},
        "lowercase": {"lowercase": False},
        "trim": {"trim": False},
        "timezone": {"timezone": "local"},
        "template": {"template": "{{year}}-{{slug}}"},
    },
    "media_library": {"config": {"config": {"multiple": True}}},
    "media_libraries": {"config": {"config": {"max_file_size": 9}}},
    "config": {
        "multiple": {"multiple": True},
        "max_file_size": {"max_file_size": 9},
        "transformations": {"transformations": {"raster_image": {}}},
    },
    "transformations": {
        name: {name: {"width": 9}} for name in ("raster_image", "jpeg", "png", "gif", "webp", "avif")
    },
    "raster_image": {
        "format": {"format": "png"},
        "quality": {"quality": 50},
        "width": {"width": 100},
        "height": {"height": 100},
    },
    "output": {"json": {"json": {"indent_size": 4}}, "yaml": {"yaml": {"indent_size": 4}}},
    "json": {"indent_style": {"indent_style": "tab"}, "indent_size": {"indent_size": 3}},
    "yaml": {
        "indent_size": {"indent_size": 3},
        "indent_sequences": {"indent_sequences": False},
        "quote": {"quote": "double"},
    },
    "canonical_slug": {"key": {"key": "id"}, "value": {"value": "{{title}}"}},
    "sortable_fields": {
        "fields": {"fields": ["title", "kind"]},
        "default": {"fields": ["title"], "default": {"field": "title", "direction": "descending"}},
    },
    "sortable": {
        "field": {"field": "kind"},
        "label": {"field": "title", "label": "By name"},
        "default_sort": {"field": "title", "default_sort": "desc"},
    },
    "view_filters": {
        "filters": {"filters": [A_FILTER, {**A_FILTER, "label": "B"}]},
        "default": {"filters": [A_FILTER], "default": "a"},
    },
    "filters": {
        "name": {"name": "b"},
        "label": {"label": "B"},
        "field": {"field": "title"},
        "pattern": {"pattern": "b"},
        "values": {"values": ["b"]},
    },
    "view_groups": {
        "groups": {"groups": [A_FILTER, {**A_FILTER, "label": "B"}]},
        "default": {"groups": [A_FILTER], "default": "a"},
    },
    "groups": {
        "name": {"name": "b"},
        "label": {"label": "B"},
        "field": {"field": "title"},
        "pattern": {"pattern": "b"},
    },
    "keys": {"code": {"code": "text"}, "lang": {"lang": "in"}},
    "options": {"label": {"value": "a", "label": "B"}, "value": {"value": "b"}},
    "condition": {"field": {"field": "title"}, "value": {"field": "kind", "value": "b"}},
    "commit_messages": {name: {name: "x"} for name in ("create", "update", "delete", "uploadMedia")},
    "logo": {"src": {"src": "/a.png"}, "show_in_header": {"show_in_header": False}},
    "issue_reports": {"url": {"url": "mailto:a@example.org"}},
    "field_defaults": {"richtext": {"richtext": {"buttons": ["bold"]}}},
    "i18n": {
        "structure": {"structure": "multiple_folders"},
        "locales": {"locales": ["es", "fr"]},
        "default_locale": {"default_locale": "en"},
        "omit_default_locale_from_file_path": {"omit_default_locale_from_file_path": True},
        "omit_default_locale_from_preview_path": {"omit_default_locale_from_preview_path": True},
        "canonical_slug": {"canonical_slug": {}},
    },
}
BEFORE: dict[tuple[str, str], Told] = {
    **{("root", name): {"public_folder": "/x"} for name in ("media_folder",)},
    ("root", "public_folder"): {"media_folder": "x"},
    ("file", "public_folder"): {"media_folder": "/x"},
    ("collection", "public_folder"): {"media_folder": "/x"},
    **{("sortable_fields", word): {"fields": ["title"]} for word in ("fields", "default")},
    **{("sortable", word): {"field": "title"} for word in ("field", "label", "default_sort")},
    **{("view_filters", word): {"filters": [A_FILTER]} for word in ("filters", "default")},
    **{("view_groups", word): {"groups": [A_FILTER]} for word in ("groups", "default")},
    **{(level, word): A_FILTER for level in ("filters", "groups") for word in A_FILTER},
    ("filters", "values"): {"field": "kind", "values": ["a"]},
    ("raster_image", "format"): {},
    **{("options", word): {"value": "a"} for word in ("label", "value")},
    **{("condition", word): {"field": "kind", "value": "a"} for word in ("field", "value")},
    ("filter", "value"): {"field": "title", "value": "b"},
    ("filter", "pattern"): {"field": "title"},
    ("filter", "field"): {"field": "title", "value": "a"},
    ("file", "preview_path_preserve_slashes"): {"preview_path": "a"},
    ("collection", "preview_path_preserve_slashes"): {"preview_path": "a"},
}
"""What both have."""
WHERE = {
    **dict.fromkeys(("slug", "i18n", "field_defaults", "logo", "issue_reports", "output"), "root"),
    **dict.fromkeys(("json", "yaml"), "output"),
    "canonical_slug": "i18n",
    "media_library": "root",
    "config": "media_library",
    "transformations": "config",
    "raster_image": "transformations",
    "commit_messages": "backend",
    "path": "meta",
}
"""The level whose option it is that a mapping stands in; that of collections for all others."""
IN_A_COLLECTION = {("slug", "template")}


LISTS = ("options",)
FIELDS_WITH: dict[str, Told] = {
    "keys": {"widget": "code"},
    "options": {"widget": "select"},
    "condition": {},
}
"""The fields that such a mapping belongs to, or a list of such."""


def model(config: Told) -> Model:
    files = {"admin/config.yml": json.dumps(config), **FILES}
    return model_of(Source(list(files), lambda path: files[path].encode())).model


def config(level: str, said: Told, word: str = "") -> dict[str, Any]:
    """Return a configuration in which one level says something more."""
    if level == "root":
        return {"collections": [{**POSTS, "i18n": True}], **said}
    if level == "backend":
        return {"collections": [POSTS], "backend": said}
    if level == "file":
        i18n = {"structure": "single_file", "locales": ["es", "en"]}
        return {"i18n": i18n, "collections": [], "singletons": [{**TEAM, **said}]}
    if level == "collection":
        told = {name: value for name, value in {**POSTS, **said}.items() if value is not None}
        return {"i18n": TWO, "collections": [told]}
    if level == "meta":
        return config("collection", {"meta": said})
    if (level, word) in IN_A_COLLECTION:
        return config("collection", {level: said})
    if level == "i18n":
        return {
            "i18n": {**TWO, **said},
            "collections": [{**POSTS, "i18n": True, "preview_path": "{{locale}}"}],
        }
    if level == "media_libraries":
        return config("root", {"media_libraries": {"default": said}})
    if level in FIELDS_WITH:
        one = {"name": "one", **FIELDS_WITH[level], level: [said] if level in LISTS else said}
        return config("collection", {"fields": [TITLE, one]})
    if (level, word) in ((level, word) for level in ("filters", "groups") for word in A_FILTER):
        return config("collection", {f"view_{level}": {level: [said], "default": "a"}})
    if level == "sortable":
        return config("collection", {"sortable_fields": [said]})
    if (level, word) == ("filters", "values"):
        relation = {"name": "one", "widget": "relation", "collection": "posts", "filters": [said]}
        return config("collection", {"fields": [TITLE, relation]})
    if level == "path":
        return config("meta", {"path": said})
    return config(WHERE.get(level, "collection"), {level: said}, level)


LEVELS: dict[str, tuple[words.Words, dict[str, Told]]] = {
    "root": (words.ROOT, ROOT),
    "backend": (words.BACKEND, BACKEND),
    "collection": (words.COLLECTION, COLLECTION),
    "file": (words.FILE, FILE),
    **{name: (words.ELSEWHERE[name], said) for name, said in INSIDE.items()},
}
NAMES_OF_THINGS = {("collection", "divider")}
"""What is no option of a collection, but stands in its place."""
ROWS = [(level, word) for level, (table, _) in LEVELS.items() for word in sorted(table.does)]


def test_every_level_is_looked_at() -> None:
    assert INSIDE.keys() == words.ELSEWHERE.keys()


@pytest.mark.parametrize(("level", "word"), ROWS)
def test_each_option_that_has_its_effect_makes_another_model(level: str, word: str) -> None:
    if (level, word) in NAMES_OF_THINGS:
        return
    before = BEFORE.get((level, word), {})
    after = {**before, **LEVELS[level][1][word]}
    assert model(config(level, after, word)) != model(config(level, before, word))


def test_a_divider_draws_a_line_above_what_follows() -> None:
    notes = {**POSTS, "name": "notes", "folder": "notes"}
    told = model({"collections": [POSTS, {"divider": True}, notes], "singletons": [{"divider": True}, TEAM]})
    assert [(one.name, one.divider) for one in told.collections[:3]] == [
        ("posts", False),
        ("notes", True),
        ("team", True),
    ]


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ({}, Text()),
        ({"buttons": ["bold", "bulleted-list", "heading-two"]}, Text(("bold", "list", "heading-2"))),
        ({"editor_components": ["image"]}, Text((*USUAL_BUTTONS, "picture"))),
        ({"buttons": [], "editor_components": ["code-block", "own"]}, Text(("code-block",))),
        ({"modes": ["raw"], "buttons": ["bold"]}, Text(())),
        ({"modes": ["rich_text", "raw"], "minimal": True}, Text(small=True)),
    ],
)
def test_the_text_below_the_fields_is_written_as_its_field_says(said: Told, text: Text) -> None:
    body = {"name": "body", "widget": "markdown", **said}
    posts = model({"collections": [{**POSTS, "fields": [TITLE, body]}]}).collection("posts")
    assert posts is not None and posts.text == text
    # What is said for all such fields counts where one does not say it itself.
    defaults = {"richtext": {"widget": "richtext", **said}}
    config = {"field_defaults": defaults, "collections": [{**POSTS, "fields": [TITLE, {**body, **said}]}]}
    other = model(
        {**config, "collections": [{**POSTS, "fields": [TITLE, {"name": "body", "widget": "richtext"}]}]}
    )
    posts = other.collection("posts")
    assert posts is not None and posts.text == text


def test_a_text_that_is_not_to_be_previewed_is_not() -> None:
    for shown in (True, False):
        body = {"name": "body", "widget": "markdown", "preview": shown}
        posts = model({"collections": [{**POSTS, "fields": [TITLE, body]}]}).collection("posts")
        assert posts is not None and posts.rules.preview is shown
