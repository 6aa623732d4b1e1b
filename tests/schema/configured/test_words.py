"""Options of Decap and Sveltia that are said to have their effect here: each makes another field."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gitcms.schema.collection import Collection, Field
from gitcms.schema.configured import model_of, words
from gitcms.schema.fields import FIELD_TYPES
from gitcms.schema.finding import Source
from gitcms.schema.validation import validate

BASE: dict[str, dict[str, Any]] = {
    "select": {"options": ["a", "b"]},
    "list": {"fields": [{"name": "a"}]},
    "object": {"fields": [{"name": "a"}]},
    "relation": {"collection": "people", "value_field": "name"},
    "code": {"default_language": "css"},
    "image": {"multiple": False},
}
"""What a widget cannot do without."""
VALUES: dict[str, Any] = {
    "label": "Other",
    "required": False,
    "hint": "So",
    "pattern": ["^a", "No"],
    "default": "x",
    "readonly": True,
    "minlength": 2,
    "maxlength": 3,
    "condition": {"field": "b", "value": "c"},
    "before_input": "€",
    "after_input": "kg",
    "type": "date",
    "prefix": "a",
    "suffix": "b",
    "min": 1,
    "max": 2,
    "step": 2,
    "value_type": "int",
    "options": ["c"],
    "multiple": True,
    "dropdown_threshold": 1,
    "format": "D MMMM YYYY",
    "date_format": "D MMMM YYYY",
    "time_format": False,
    "picker_utc": True,
    "input_timezone": "UTC",
    "output_utc": True,
    "default_language": "html",
    "keys": {"code": "c"},
    "output_code_only": True,
    "allow_language_selection": False,
    "allowInput": False,
    "enableAlpha": False,
    "media_folder": "pics",
    "public_folder": "pics",
    "choose_url": False,
    "media_libraries": {"default": {"config": {"max_file_size": 9}}},
    "media_library": {"config": {"max_file_size": 9}},
    "config": {"max_file_size": 9},
    "allow_multiple": False,
    "accept": ".png",
    "field": {"name": "b"},
    "fields": [{"name": "b"}],
    "types": [{"name": "k", "fields": [{"name": "b"}]}],
    "typeKey": "kind",
    "label_singular": "One",
    "summary": "{{fields.a}}",
    "allow_add": False,
    "allow_remove": False,
    "allow_reorder": False,
    "collapsed": False,
    "add_to_top": True,
    "collection": "posts",
    "value_field": "title",
    "file": "team",
    "display_fields": ["name"],
    "options_length": 3,
    "decimals": 3,
    "filters": [{"field": "role", "values": ["author", "editor"]}],
    "use_b32_encoding": True,
    "value": "{{title}}",
    "key_label": "Word",
    "value_label": "Meaning",
    "minimal": True,
    "buttons": ["bold", "heading-two"],
    "editor_components": ["image"],
    "modes": ["raw"],
    "minimize_collapsed": True,
    "search_fields": ["name"],
    "comment": "For readers",
}
BESIDE: dict[tuple[str, str], dict[str, Any]] = {
    ("string", "type"): {"type": "url"},
    ("map", "type"): {"type": "Polygon"},
    ("datetime", "type"): {"type": "time"},
    ("object", "collapsed"): {"collapsed": True},
}
"""What an option is said together with, where another value or a second option is needed."""
WITHOUT: dict[tuple[str, str], dict[str, Any]] = {
    **{(widget, "allow_multiple"): {"multiple": True} for widget in ("image", "file")},
    **{(widget, "public_folder"): {"media_folder": "pics2"} for widget in ("image", "file")},
    ("list", "field"): {"fields": None},
    **{(widget, "typeKey"): {"types": VALUES["types"]} for widget in ("list", "object")},
    ("map", "default"): {},
}
"""What both have."""
PAIRS = {"min": {"max": 9}, "max": {"min": 0}}
"""Limits of lists are heeded in pairs."""


def field(widget: str, **said: Any) -> Field:
    told = {"name": "one", "label": "One", "widget": widget, **BASE.get(widget, {}), **said}
    told = {key: value for key, value in told.items() if value is not None}
    config = {"collections": [{"name": "posts", "label": "P", "folder": "posts", "fields": [told]}]}
    files = {"admin/config.yml": json.dumps(config), "posts/a.md": "---\ntitle: A\n---\n"}
    source = Source(list(files), lambda path: files[path].encode())
    posts = model_of(source).model.collection("posts")
    assert posts is not None
    return next(one for one in posts.fields if one.name == "one")


ROWS = [
    *((widget, word) for widget, table in words.WIDGETS.items() for word in sorted(table.does)),
    *(("string", word) for word in sorted(words.FIELD.does - {"name", "widget", "i18n", "preview"})),
]


@pytest.mark.parametrize(("widget", "word"), ROWS)
def test_each_option_that_has_its_effect_makes_another_field(widget: str, word: str) -> None:
    before = WITHOUT.get((widget, word), {})
    if word in PAIRS and widget in ("list", "select", "image", "file", "relation", "keyvalue"):
        before = {**before, **PAIRS[word], "multiple": True}
        after = {word: VALUES[word]}
        before.pop(word, None)
    else:
        after = BESIDE.get((widget, word), {word: VALUES[word]})
    assert field(widget, **{**before, **after}) != field(widget, **before)


def test_most_options_of_fields_have_their_effect() -> None:
    tables = [words.FIELD, *(one for name, one in words.WIDGETS.items() if name not in ("richtext", "file"))]
    without = sum(len(one.without_effect) for one in tables)
    assert without <= 0.2 * sum(len(one.does) + len(one.without_effect) for one in tables)


@pytest.mark.parametrize(
    ("widget", "said", "good", "bad"),
    [
        ("color", {"enableAlpha": False}, "#b4291a", "#b4291a80"),
        ("color", {"enableAlpha": False}, "rgb(1, 2, 3)", "rgba(1, 2, 3, .5)"),
        ("color", {"allowInput": False}, "#b4291a", "navy"),
        ("image", {"choose_url": False}, "/a.png", "https://example.org/a.png"),
        ("image", {"accept": "image/png"}, "/a.png", "/a.jpg"),
        ("file", {"accept": ".pdf,.odt"}, "/a.pdf", "/a.zip"),
    ],
)
def test_what_an_option_does_not_allow_is_refused(
    widget: str, said: dict[str, Any], good: str, bad: str
) -> None:
    posts = _collection(field(widget, **said))
    assert validate(posts, {"one": good}, complete=False) == {}
    assert validate(posts, {"one": bad}, complete=False).keys() == {"one"}
    without = _collection(field(widget))
    assert validate(without, {"one": bad}, complete=False) == {}


def test_an_identifier_in_base_32_is_short_and_good() -> None:
    one = field("uuid", use_b32_encoding=True, prefix="p-")
    made = FIELD_TYPES["uuid"].start(one)  # type: ignore[attr-defined]
    assert len(made) == len("p-") + 26
    assert validate(_collection(one), {"one": made}, complete=False) == {}
    assert validate(_collection(field("uuid")), {"one": made}, complete=False) != {}


def _collection(one: Field) -> Collection:
    return Collection("posts", "Posts", "Post", ("posts",), fields=(one,))
