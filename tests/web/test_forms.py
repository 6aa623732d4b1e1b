"""Forms of entries: shown, left alone, changed, refused. The forms are drawn by the real templates."""

from __future__ import annotations

import dataclasses
import functools
import os
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from werkzeug.datastructures import FileStorage, MultiDict

from gitcms import resources
from gitcms.content.document import Document
from gitcms.content.edits import edits_between
from gitcms.content.values import Raw
from gitcms.schema.collection import Collection, Field, When
from gitcms.schema.fields import FIELD_TYPES
from gitcms.schema.inference import infer
from gitcms.schema.validation import validate
from gitcms.web.forms import BoundField, FormReading, escaped, form_fields, read_form
from gitcms.web.languages import say
from tests.web.browser_form import submitted

URL = Field("url", "Web address", "url")
LINKS = Field(
    "links", "Links", "objects", fields=(Field("name", "Name"), URL, Field("count", "Count", "number"))
)
POSTS = Collection(
    "posts",
    "Posts",
    "Post",
    ("_posts",),
    fields=(
        Field("title", "Title", required=True, meaning="title"),
        Field("year", "Year"),
        Field("featured", "Featured", "boolean"),
        Field("date", "Date", "datetime"),
        Field("country", "Country", "select", choices=("Chile", "France")),
        Field("tags", "Tags", "tags"),
        Field("img", "Image", "image"),
        LINKS,
        Field("gallery", "Gallery", "list", item=Field("gallery", "Gallery", "image")),
        Field("seo", "SEO", "object", fields=(Field("text", "Text", "longtext"), LINKS)),
    ),
)
VALUES: dict[str, Any] = {
    "title": "Eyes on the River",
    "year": 2015,
    "featured": True,
    "date": datetime(2025, 5, 14, 9, 30, 27, tzinfo=timezone(timedelta(hours=-4))),
    "country": "Kenya",
    "tags": ["water", "open data", 2016],
    "img": "river.png",
    "links": [
        {"name": "Map", "url": "https://map.example.org", "count": 1.5, "extra": "kept"},
        {"name": "Code", "url": "https://code.example.org", "raw": Raw("!x y", "Because")},
    ],
    "gallery": ["a.png", "b.png"],
    "seo": {"text": "\nLines\n\nof text\n", "links": [{"name": "Deep", "url": "/deep"}]},
    "odd key.with dots": "x",
    "__was": {"": None, "%": 0.1},
    "raw": Raw("!thing {a: 1}", "This value has a tag"),
    "empty": None,
    "matrix": [[1, "a"], [{"a": [True, None]}], date(2025, 1, 1)],
}


def drawn(fields: list[BoundField]) -> str:
    return page_of_fields().render(fields=fields)


@functools.cache
def page_of_fields() -> Template:
    loader = FileSystemLoader(resources.templates_folder())
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    environment.globals["url_for"] = lambda *args, **facts: "/static/icons.svg"
    for name in ("tint", "initials", "full_date", "clock", "day", "when"):
        environment.filters[name] = str
    environment.filters["say"] = say
    return environment.from_string(
        '{% from "fields/_field.html" import field with context %}'
        "{% for bound in fields %}{{ field(bound) }}{% endfor %}"
    )


def sent_for(
    values: Mapping[str, Any], collection: Collection = POSTS, **changed: str
) -> MultiDict[str, str]:
    form = submitted(drawn(form_fields(collection, values)))
    for name, text in changed.items():
        form[name] = text
    return form


def read(form: MultiDict[str, str], values: Mapping[str, Any] = VALUES, **files: FileStorage) -> FormReading:
    return read_form(POSTS, form, MultiDict(files), values)


def changed(**texts: str) -> dict[str, Any]:
    """Return what saving gives when these controls are typed into (`__` in a name stands for a dot)."""
    form = sent_for(VALUES)
    for name, text in texts.items():
        form["f." + name.replace("__", ".")] = text
    reading = read(form)
    assert reading.errors == {}
    return reading.values


def is_untouched(reading: FormReading, values: Mapping[str, Any]) -> bool:
    return list(reading.values) == list(values) and all(reading.values[key] is values[key] for key in values)


# ── left alone ───────────────────────────────────────────────────────────────────────────────


def test_an_untouched_form_gives_back_the_very_values() -> None:
    reading = read(sent_for(VALUES))
    assert reading.errors == {}
    assert is_untouched(reading, VALUES)


def test_an_empty_form_adds_no_keys() -> None:
    assert read(sent_for({}), {}).values == {}


def test_of_two_spellings_of_a_key_the_form_shows_the_one_that_the_entry_has() -> None:
    fields = (
        Field("Title", "Title", meaning="title", options={"coverage": 0.9}),
        Field("title", "Title", options={"coverage": 0.1}),
        Field("og_image", "Og image"),
        Field("og-image", "Og image"),
    )
    posts = dataclasses.replace(POSTS, fields=fields)

    def shown(values: dict[str, Any]) -> list[tuple[str, str]]:
        return [(one.field.name, one.meaning) for one in form_fields(posts, values)]

    assert shown({}) == [("Title", "title"), ("og_image", "")]
    assert shown({"title": "A", "og-image": "b"}) == [("title", "title"), ("og-image", "")]
    assert shown({"title": "A", "Title": "B"}) == [("Title", "title"), ("title", ""), ("og_image", "")]


def test_what_the_form_did_not_show_is_kept() -> None:
    assert is_untouched(read(MultiDict()), VALUES)


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.text("a,\r\n \t\0\x85\u2028é\"'<&", max_size=10),
    st.dates(),
    st.datetimes(),
    st.datetimes(timezones=st.just(UTC)),
    st.just(Raw("!x", "Because")),
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)
KEYS = st.one_of(st.sampled_from([field.name for field in POSTS.fields]), st.text(max_size=8))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(KEYS, ANYTHING, max_size=6))
def test_whatever_an_entry_holds_an_untouched_form_changes_nothing(values: dict[str, Any]) -> None:
    reading = read(sent_for(values), values)
    assert reading.errors == {}
    assert is_untouched(reading, values)


def test_every_shared_post_can_be_opened_and_saved_unchanged() -> None:
    corpus = os.environ.get("GITCMS_CORPUS")
    if not corpus:
        pytest.skip("needs real posts: set GITCMS_CORPUS to a folder of them")
    seen = 0
    for site in sorted(path for path in (Path(corpus) / "dev").iterdir() if path.is_dir()):
        paths = sorted(str(path.relative_to(site)) for path in site.rglob("*") if path.is_file())
        model = infer(paths, lambda path, site=site: (site / path).read_bytes())
        for path in paths:
            collection = model.collection_of(path)
            if collection is not None:
                values = Document.parse((site / path).read_bytes()).values
                form = sent_for(values, collection)
                reading = read_form(collection, form, MultiDict(), values)
                assert is_untouched(reading, values), path
                assert not reading.errors, path
                assert not validate(collection, reading.values, complete=False, old=values), path
                seen += 1
    assert seen > 1600


@pytest.mark.parametrize("kind", FIELD_TYPES)
def test_what_was_shown_as_another_type_is_read_as_it_was_shown(kind: str) -> None:
    """The model is read off the site, so it may change between opening a form and sending it."""
    form = sent_for(VALUES)
    form["f.title"] = "New"
    others = tuple(dataclasses.replace(field, type=kind) for field in POSTS.fields)
    learned = dataclasses.replace(POSTS, fields=others)
    reading = read_form(learned, form, MultiDict(), VALUES)
    assert {key for key, value in reading.values.items() if value is not VALUES[key]} <= {"title"}


# ── changed ──────────────────────────────────────────────────────────────────────────────────


def test_one_typed_text_is_one_edit() -> None:
    values = changed(links__1__url="https://other.example.org")
    assert [edit.path for edit in edits_between(VALUES, values)] == [("links", 1, "url")]
    assert values["links"][0] is VALUES["links"][0]
    assert values["links"][1]["raw"] is VALUES["links"][1]["raw"]


@pytest.mark.parametrize(
    ("name", "text", "path", "value"),
    [
        ("title", "Ojos en el río", ("title",), "Ojos en el río"),
        ("year", "2016", ("year",), 2016),
        ("year", "2015-2016", ("year",), "2015-2016"),
        ("date", "2025-05-15T09:30:27", ("date",), VALUES["date"] + timedelta(days=1)),
        ("country", "Chile", ("country",), "Chile"),
        ("tags", "water, 2016", ("tags",), ["water", 2016]),
        ("seo.text", "One line", ("seo", "text"), "One line"),
        ("gallery.1", "c.png", ("gallery", 1), "c.png"),
        ("odd%20key%2Ewith%20dots", "y", ("odd key.with dots",), "y"),
        ("%5F_was.%25", "0.2", ("__was", "%"), 0.2),
        ("empty", "now full", ("empty",), "now full"),
        ("matrix.0.1.a.0.0", "x", None, None),
    ],
)
def test_a_typed_text_changes_its_own_value(
    name: str, text: str, path: tuple[str | int, ...] | None, value: Any
) -> None:
    form = sent_for(VALUES)
    assert (f"f.{name}" in form) is (path is not None)
    form[f"f.{name}"] = text
    found: Any = read(form).values
    if path is None:
        assert found == VALUES
    else:
        assert [edit.path[: len(path)] for edit in edits_between(VALUES, found)][:1] == [path[: len(path)]]
        for step in path:
            found = found[step]
        assert (found, type(found)) == (value, type(value))


def test_a_switch_turned_off_is_false_and_not_gone() -> None:
    form = sent_for(VALUES)
    del form["f.featured"]
    assert read(form).values["featured"] is False


def test_a_choice_that_is_not_in_the_list_can_be_written() -> None:
    form = sent_for(VALUES)
    assert form["f.country"] == "Kenya"
    form["f.country.__other"] = "Czechia"
    assert read(form).values["country"] == "Czechia"


def test_a_cleared_control_takes_its_key_away() -> None:
    assert "title" not in changed(title="")
    assert "url" not in changed(links__0__url="")["links"][0]


def test_a_changed_text_area_has_plain_line_ends() -> None:
    assert changed(seo__text="a\r\nb")["seo"]["text"] == "a\nb"


def test_new_keys_come_after_those_that_are_there() -> None:
    values = {"country": "Chile", "own": 1}
    form = sent_for(values)
    form["f.title"] = "T"
    assert list(read(form, values).values.items()) == [("country", "Chile"), ("own", 1), ("title", "T")]


def test_the_rest_of_the_form_is_read_as_well() -> None:
    form = sent_for(VALUES)
    form.update({"body": "Text\r\n", "base": "abc123", "intent": "publish", "name": " eyes "})
    reading = read(form)
    assert (reading.body, reading.base, reading.intent, reading.name) == (
        "Text\r\n",
        "abc123",
        "publish",
        "eyes",
    )
    assert read(MultiDict({"intent": "delete everything"})).intent == "save"
    assert read(MultiDict()).body is None


# ── refused ──────────────────────────────────────────────────────────────────────────────────


def test_what_cannot_be_read_stays_in_its_control_with_a_sentence() -> None:
    form = sent_for(VALUES)
    form["f.links.0.count"], form["f.date"] = "many", "on Tuesday"
    reading = read(form)
    assert reading.errors == {
        "date": "Write a date and a time, such as 2025-05-14 09:30",
        "links.0.count": "Write a number, such as 12",
    }
    again = submitted(drawn(reading.fields))
    assert (again["f.links.0.count"], again["f.date"]) == ("many", "on Tuesday")
    page = drawn(reading.fields)
    assert 'aria-invalid="true"' in page
    assert '<details class="card bad" open' in page
    assert [(label, sentence) for _, label, sentence in reading.problems] == [
        ("Date", reading.errors["date"]),
        ("Count", reading.errors["links.0.count"]),
    ]


def test_sentences_of_the_validation_stand_beside_their_fields() -> None:
    form = sent_for(VALUES)
    form["f.links.1.url"] = "not an address"
    reading = read(form)
    reading.mark(validate(POSTS, reading.values, complete=True, old=VALUES))
    assert list(reading.errors) == ["links.1.url"]
    assert reading.problems == [
        ("f.links.1.url", "Web address", "Web addresses start with https:// and have no spaces")
    ]


def test_only_fields_and_keys_of_the_entry_can_be_written() -> None:
    form = sent_for(VALUES)
    form.update(
        {"f.admin": "1", "f.links.0.owner": "me", "f.title.deep": "x", "f.raw": "y", "f.": "z", "f": "q"}
    )
    form.update({"f.__class__": "x", "f.seo.__count": "3", "f.empty.0.__was": "0"})
    assert is_untouched(read(form), VALUES)


def test_two_contents_for_one_field_are_asked_about() -> None:
    form = sent_for(VALUES)
    form.add("f.title", "Another")
    form.add("f.year", "2015")
    reading = read(form)
    assert list(reading.errors) == ["title"]
    assert reading.values["title"] == VALUES["title"]
    form.setlist("base", ["one", "two"])
    assert read(form).base == ""


# ── lists ────────────────────────────────────────────────────────────────────────────────────


def pressed(do: str, values: Mapping[str, Any] = VALUES, **texts: str) -> FormReading:
    form = sent_for(values)
    for name, text in texts.items():
        form["f." + name.replace("__", ".")] = text
    form["do"] = do
    return read(form, values)


def after(reading: FormReading, values: Mapping[str, Any] = VALUES, **texts: str) -> dict[str, Any]:
    """Return what saving gives when the form that a list button returned is typed into and sent."""
    form = submitted(drawn(reading.fields))
    for name, text in texts.items():
        form["f." + name.replace("__", ".")] = text
    again = read(form, values)
    assert again.errors == {}
    assert again.do == ""
    return again.values


def test_an_item_is_added_and_filled_in() -> None:
    values = after(pressed("add:links"), links__2__name="New", links__2__count="3")
    assert values["links"] == [*VALUES["links"], {"name": "New", "count": 3}]


def test_an_item_that_was_added_and_left_blank_is_not_saved() -> None:
    assert is_untouched(read(submitted(drawn(pressed("add:links").fields))), VALUES)


def test_a_mistake_in_a_new_item_is_not_taken_for_a_blank_one() -> None:
    form = submitted(drawn(pressed("add:links").fields))
    form["f.links.2.count"] = "many"
    assert read(form).errors == {"links.2.count": "Write a number, such as 12"}


def test_items_are_removed_moved_and_copied() -> None:
    first, second = VALUES["links"]
    assert after(pressed("remove:links.0"))["links"] == [second]
    assert after(pressed("down:links.0"))["links"] == [second, first]
    assert after(pressed("up:links.1"))["links"][0] is second
    assert after(pressed("duplicate:links.0"))["links"] == [first, first, second]
    assert after(pressed("up:links.0"))["links"] == [first, second]


def test_a_copy_keeps_its_numbers_and_leaves_out_what_cannot_be_written_anew() -> None:
    copied = after(pressed("duplicate:links.1"), links__2__name="Copy")["links"][2]
    assert copied == {"name": "Copy", "url": "https://code.example.org"}
    assert type(after(pressed("duplicate:links.0"))["links"][1]["count"]) is float


def test_what_was_typed_before_a_button_is_pressed_is_kept() -> None:
    reading = pressed("remove:links.0", title="New title", links__1__name="Renamed")
    assert reading.do == "remove:links.0"
    values = after(reading)
    assert (values["title"], [one["name"] for one in values["links"]]) == ("New title", ["Renamed"])


def test_lists_inside_of_objects_and_lists_of_single_values_work_alike() -> None:
    assert after(pressed("add:seo.links"), seo__links__1__name="Two")["seo"]["links"][1] == {"name": "Two"}
    assert after(pressed("remove:gallery.0"))["gallery"] == ["b.png"]
    assert after(pressed("add:gallery"), gallery__2="c.png")["gallery"] == ["a.png", "b.png", "c.png"]


def test_lists_of_lists_of_lists_work_too() -> None:
    inner = Field("c", "C", "objects", fields=(Field("name", "Name"),))
    middle = Field("b", "B", "objects", fields=(inner,))
    deep = Collection(
        "deep", "Deep", "Deep", ("deep",), fields=(Field("a", "A", "objects", fields=(middle,)),)
    )
    form: MultiDict[str, str] = MultiDict()
    reading = read_form(deep, form, MultiDict(), {})
    for do in ("add:a", "add:a.0.b", "add:a.0.b.0.c", "add:a.0.b.0.c"):
        form = submitted(drawn(reading.fields))
        form["do"] = do
        reading = read_form(deep, form, MultiDict(), {})
    form = submitted(drawn(reading.fields))
    form["f.a.0.b.0.c.1.name"] = "deepest"
    assert read_form(deep, form, MultiDict(), {}).values == {"a": [{"b": [{"c": [{"name": "deepest"}]}]}]}


def test_the_order_in_the_form_is_the_order_of_the_list() -> None:
    form = sent_for(VALUES)
    swapped: MultiDict[str, str] = MultiDict()
    for prefix in ("f.links.1", "f.links.0", ""):
        swapped.update(
            {name: text for name, text in form.items() if name.startswith(prefix) and name not in swapped}
        )
    assert [one["name"] for one in read(swapped).values["links"]] == ["Code", "Map"]


def test_the_last_item_removed_takes_the_key_away_or_leaves_what_neighbours_leave() -> None:
    values = {"links": [{"name": "Only"}]}
    assert after(pressed("remove:links.0", values), values) == {}


@pytest.mark.parametrize(
    "do", ["add:title", "remove:links.9", "up:", "drop:links.0", "add:links.0.nothing", "x" * 9000]
)
def test_a_button_that_does_not_exist_changes_nothing(do: str) -> None:
    reading = pressed(do)
    assert reading.do == do
    assert is_untouched(reading, VALUES)


def test_a_list_has_a_bound() -> None:
    form = MultiDict({"f.gallery.__count": "2000"} | {f"f.gallery.{n}.__was": "" for n in range(2000)})
    form.update({f"f.gallery.{n}": f"{n}.png" for n in range(2000)})
    reading = read(form)
    assert "1000" in reading.errors["gallery"]


# ── pictures ─────────────────────────────────────────────────────────────────────────────────


def test_a_picture_comes_with_the_place_that_its_value_will_have() -> None:
    form = submitted(drawn(pressed("add:gallery").fields))
    form["f.gallery.0"] = ""
    files = {
        "file.gallery.2": FileStorage(BytesIO(b"PNG"), "new.png"),
        "file.title": FileStorage(BytesIO(b""), "x.png"),
    }
    reading = read(form, VALUES, **files)
    assert [(one.field, one.filename, one.data) for one in reading.uploads] == [
        (("gallery", 2), "new.png", b"PNG")
    ]
    assert len(reading.values["gallery"]) == 3  # type: ignore[arg-type]


def test_no_file_chosen_is_no_upload() -> None:
    assert read(sent_for(VALUES), VALUES, **{"file.img": FileStorage(BytesIO(b""), "")}).uploads == ()


# ── drawn ────────────────────────────────────────────────────────────────────────────────────


def test_names_of_controls_hold_any_key() -> None:
    keys = ["", "%", "%25", ".", "a.b", "__was", "_x", "\n", "\ud800", "é", "a b"]
    assert len({escaped(key) for key in keys}) == len(keys)
    assert not any(set(escaped(key)) & set(". \n\ud800") for key in keys)


def test_every_control_has_a_label_and_no_page_carries_style_or_script() -> None:
    page = drawn(form_fields(POSTS, VALUES))
    assert "<script" not in page
    assert " style=" not in page
    assert " on" + "click" not in page
    for top in form_fields(POSTS, VALUES):
        for one in top.walk():
            assert one.label


def test_text_of_an_entry_is_never_read_as_a_page() -> None:
    hostile = "</textarea><script>alert(1)</script>\"'<img src=x onerror=alert(1)>"
    values = {
        "title": hostile,
        "x\"'><b>": hostile + "\n",
        "links": [{"name": hostile, hostile: hostile}],
        "tags": [hostile],
    }
    page = drawn(form_fields(POSTS, values))
    assert "<script" not in page
    assert "<img src=x" not in page
    assert "<b>" not in page.replace("<b>&lt;", "").replace('"who"><b>', "")
    assert is_untouched(read(sent_for(values), values), values)


def test_every_type_is_drawn_by_a_template_of_its_own() -> None:
    for name in FIELD_TYPES.keys() - {"hidden"}:
        collection = Collection("x", "X", "X", ("x",), fields=(Field("key", "The label", name),))
        values = {"key": Raw("!x", "Because")} if name in ("raw", "readonly") else {}
        assert "The label" in drawn(form_fields(collection, values))


def test_cards_tell_one_from_another() -> None:
    links = next(one for one in form_fields(POSTS, VALUES) if one.field.name == "links")
    assert [child.summary for child in links.children] == [
        ("Map", "map.example.org · 1.5"),
        ("Code", "code.example.org"),
    ]


def test_keys_that_only_this_entry_has_are_marked() -> None:
    more = [one.field.name for one in form_fields(POSTS, VALUES) if one.more]
    assert more == ["odd key.with dots", "__was", "raw", "empty", "matrix"]


# ── more types ───────────────────────────────────────────────────────────────────────────────

HERO = Field("hero", "Hero", "object", fields=(Field("heading", "Heading"), Field("link", "Link", "url")))
QUOTE = Field(
    "quote", "Quote", "object", fields=(Field("words", "Words", "longtext"), Field("id", "ID", "uuid"))
)
RULE = Field("rule", "Rule", "object")
RICH = Collection(
    "pages",
    "Pages",
    "Page",
    ("pages",),
    fields=(
        Field("title", "Title", meaning="title"),
        Field("opens", "Opens", "time"),
        Field("accent", "Accent", "colour"),
        Field(
            "days",
            "Days",
            "multiselect",
            choices=("mon", "tue", "wed"),
            options={"labels": {"mon": "Monday"}},
        ),
        Field("mood", "Mood", "select", choices=("calm", "wild"), options={"as": "radio"}),
        Field("pictures", "Pictures", "gallery", item=Field("pictures", "Pictures", "image")),
        Field("handout", "Handout", "file"),
        Field("snippet", "Snippet", "code", options={"language": "css"}),
        Field("settings", "Settings", "data"),
        Field("names", "Names", "keyvalue"),
        Field("blocks", "Blocks", "blocks", fields=(HERO, QUOTE, RULE)),
        Field("related", "Related", "relation", options={"multiple": True}),
        Field("id", "ID", "uuid"),
        Field("kind", "Kind", "hidden"),
        Field("views", "Views", "readonly"),
        Field("said", "Said", "computed", options={"template": "{{title | upper}}, {{mood}}"}),
        Field("stars", "Stars", "number", options={"as": "range", "min": 0, "max": 5}),
    ),
)
FULL: dict[str, Any] = {
    "title": "Hall",
    "opens": "09:30:00",
    "accent": "#b4291a",
    "days": ["wed", "mon", "wed", "odd"],
    "mood": "calm",
    "pictures": ["a.png", "b.png"],
    "handout": "/files/plan.pdf",
    "snippet": "\n\ta {}\n",
    "settings": {"a": [1, {"b": None}], "c": "é"},
    "names": {"de": "Saal", "n": 3, "empty": None},
    "blocks": [
        {"type": "hero", "heading": "Come in", "own": "kept"},
        {"type": "other", "x": 1},
        {"type": "quote", "words": "a\nb", "id": "x"},
    ],
    "related": ["a", "b"],
    "id": "2f1c8a3e-5b64-4c1d-9a57-0d3e6f8b2a41",
    "kind": {"of": "page"},
    "views": 12,
    "said": "HALL, calm",
    "stars": 3,
}


def rich(form: MultiDict[str, str], values: Mapping[str, Any] = FULL) -> FormReading:
    return read_form(RICH, form, MultiDict(), values)


def rich_form(values: Mapping[str, Any] = FULL, **changed: Any) -> MultiDict[str, str]:
    form = sent_for(values, RICH)
    for name, text in changed.items():
        name = name.replace("___", ".")
        form.setlist(name, text if isinstance(text, list) else [text])
    return form


@pytest.mark.parametrize(
    "values", [FULL, {}, {**FULL, "days": "mon", "mood": None, "names": {}, "related": "a"}]
)
def test_controls_of_every_type_left_alone_change_nothing(values: dict[str, Any]) -> None:
    reading = rich(rich_form(values), values)
    assert reading.errors == {}
    assert is_untouched(reading, values)


def test_values_of_another_type_are_kept_and_said_to_be_odd() -> None:
    odd = {
        name: [{"odd": {"x": 1}}, "a\nb"]
        for name in FULL
        if name not in ("kind", "views", "said", "settings")
    }
    assert is_untouched(rich(rich_form(odd), odd), odd)
    page = drawn(form_fields(RICH, {"opens": "at noon"}))
    assert "Elsewhere this is of the kind “time”. It stays as it is." in page


def test_each_of_several_controls_is_read() -> None:
    form = rich_form(
        f___opens="10:15",
        f___accent="navy",
        f___mood="wild",
        f___stars="4",
    )
    form.setlist("f.days.__pick", ["tue", "wed"])
    form.setlist("f.names.__key", ["de", "fr", ""])
    form.setlist("f.names.__text", ["Saal", "Salle", ""])
    form["f.settings"] = "[1, 2]"
    form["f.related"] = "b\r\nc"
    reading = rich(form)
    assert reading.errors == {}
    new = reading.values
    assert new["days"] == ["wed", "tue"]
    assert (new["opens"], new["accent"], new["mood"], new["stars"]) == ("10:15:00", "navy", "wild", 4)
    assert new["names"] == {"de": "Saal", "fr": "Salle"}
    assert (new["settings"], new["related"]) == ([1, 2], ["b", "c"])
    assert new["said"] == "HALL, wild"
    assert (new["kind"], new["views"], new["blocks"]) == (FULL["kind"], 12, FULL["blocks"])


def test_a_choice_that_is_not_among_the_buttons_can_be_written() -> None:
    form = rich_form()
    form["f.mood.__other"] = "odd"
    assert rich(form).values["mood"] == "odd"
    form = rich_form(f___mood="")
    assert "mood" not in rich(form).values


def test_an_object_of_a_kind_is_added_and_says_which() -> None:
    form = rich_form()
    form["do"] = "add~1:blocks"
    page = drawn(rich(form).fields)
    assert "Add hero" in page and "Add rule" in page
    form = submitted(page)
    assert form["f.blocks.3.__kind"] == "quote"
    form["f.blocks.3.words"] = "Well said"
    new = rich(form).values["blocks"]
    assert isinstance(new, list) and isinstance(new[3], dict)
    made = dict(new[3])
    assert len(str(made.pop("id"))) == 36
    assert made == {"type": "quote", "words": "Well said"}


def test_an_object_of_a_kind_without_fields_stays_when_it_is_added() -> None:
    form = rich_form()
    form["do"] = "add~2:blocks"
    blocks = rich(submitted(drawn(rich(form).fields))).values["blocks"]
    assert isinstance(blocks, list) and blocks[3] == {"type": "rule"}


def test_what_was_removed_can_come_back_with_what_was_typed_into_it() -> None:
    form = sent_for(VALUES)
    form["f.links.0.name"] = "Typed"
    form["do"] = "remove:links.0"
    gone = read(form)
    assert gone.values["links"] == [VALUES["links"][1]]
    page = drawn(gone.fields)
    assert "“Typed” is removed" in page
    again = submitted(page)
    assert read(again).values["links"] == [VALUES["links"][1]]
    again["do"] = "undo:links.0"
    back = read(again)
    assert back.values["links"] == [{**VALUES["links"][0], "name": "Typed"}, VALUES["links"][1]]


def test_an_error_in_what_was_removed_bothers_nobody() -> None:
    form = sent_for(VALUES)
    form["f.links.0.count"] = "three"
    form["do"] = "remove:links.0"
    page = submitted(drawn(read(form).fields))
    assert read(page).errors == {}


def test_a_new_item_begins_with_its_defaults_and_left_alone_is_nothing() -> None:
    item = (Field("state", "State", default="open"), Field("id", "ID", "uuid"), Field("name", "Name"))
    todo = Collection("x", "X", "X", ("x",), fields=(Field("todo", "To do", "objects", fields=item),))
    form = sent_for({}, todo)
    form["do"] = "add:todo"
    form = submitted(drawn(read_form(todo, form, MultiDict(), {}).fields))
    assert form["f.todo.0.state"] == "open"
    assert read_form(todo, form, MultiDict(), {}).values == {}
    form["f.todo.0.name"] = "Paint"
    (made,) = read_form(todo, form, MultiDict(), {}).values["todo"]  # type: ignore[misc, union-attr]
    assert isinstance(made, dict) and made["state"] == "open" and made["name"] == "Paint" and made["id"]


def test_a_condition_a_hint_and_a_card_are_told_in_words() -> None:
    fields = (
        Field("type", "Type", hint="See **the _guide_**: <b>"),
        Field("link", "Link", "url", when=When("type", ("link",)), placeholder="https://…"),
        Field("more", "More", "objects", fields=(Field("a", "A"),), options={"summary": "Card {{a}}"}),
    )
    collection = Collection("x", "X", "X", ("x",), fields=fields)
    page = drawn(form_fields(collection, {"more": [{"a": "one"}]}))
    assert "See <strong>the <em>guide</em></strong>: &lt;b&gt;" in page
    assert 'data-when="f.type" data-is="link"' in page
    assert "Used while “Type” is link." in page
    assert 'placeholder="https://…"' in page
    assert "<b>Card one</b>" in page
