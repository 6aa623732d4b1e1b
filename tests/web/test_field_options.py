"""What options of fields do in forms: shown, typed into, refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from gitcms.schema.collection import Collection, Field
from gitcms.schema.validation import validate
from gitcms.web.forms import FormReading, form_fields, read_form
from tests.web.browser_form import submitted
from tests.web.test_forms import drawn


def of(kind: str, **options: Any) -> Field:
    return Field("it", "It", kind, options=options)


def posts(field: Field) -> Collection:
    return Collection("posts", "Posts", "Post", ("_posts",), fields=(field,))


def page(field: Field, value: Any = None) -> str:
    return drawn(form_fields(posts(field), {} if value is None else {"it": value}))


def typed(field: Field, text: str | None, value: Any = None, do: str = "") -> FormReading:
    """Return the reading of a form that was opened with a value, typed into, and sent."""
    values: Mapping[str, Any] = {} if value is None else {"it": value}
    form = submitted(page(field, value))
    if text is not None:
        form["f.it"] = text
    if do:
        form["do"] = do
    return read_form(posts(field), form, MultiDict(), values)


@pytest.mark.parametrize("kind", ["text", "number", "boolean", "url"])
def test_what_stands_beside_a_control_describes_it(kind: str) -> None:
    found = page(of(kind, before="from", after="metres"))
    assert '<span class="sm dim2" id="f.it-before">from</span>' in found
    assert 'aria-describedby="f.it-before f.it-after"' in found
    assert "f.it-before" not in page(of(kind))


def test_what_every_value_begins_and_ends_with_is_not_typed() -> None:
    field = of("text", prefix="https://example.org/", suffix=".html")
    assert 'value="river"' in page(field, "https://example.org/river.html")
    assert typed(field, "road").values == {"it": "https://example.org/road.html"}
    assert typed(field, "https://example.org/road.html").values == {"it": "https://example.org/road.html"}
    assert typed(field, "").values == {}
    # One that is otherwise is shown whole, and stays as it is while nobody touches it.
    assert 'value="other"' in page(field, "other")
    assert typed(field, None, "other").values == {"it": "other"}


@pytest.mark.parametrize(
    ("kind", "around", "text", "whole"),
    [
        ("url", {"prefix": "https://"}, "x.org", "https://x.org"),
        ("email", {"suffix": "@x.org"}, "ada", "ada@x.org"),
    ],
)
def test_addresses_are_typed_without_what_all_of_them_have(
    kind: str, around: dict[str, str], text: str, whole: str
) -> None:
    field = of(kind, **around)
    assert typed(field, text).values == {"it": whole}
    assert f'value="{text}"' in page(field, whole) and f'value="{text}"' not in page(of(kind), whole)
    assert typed(field, None, whole).values == {"it": whole}


@pytest.mark.parametrize(
    ("kind", "options", "value"),
    [
        ("time", {"step": 60}, "09:30"),
        ("datetime", {"step": 900}, datetime(2026, 1, 2, 9, 30)),
        ("date", {"step": 7}, "2026-01-02"),
        ("file", {"accept": ".pdf"}, "a.pdf"),
        ("image", {"accept": "image/png"}, "a.png"),
    ],
)
def test_controls_take_steps_and_kinds_of_file(kind: str, options: dict[str, Any], value: Any) -> None:
    (name, wanted), *_ = options.items()
    assert f' {name}="{wanted}"' in page(of(kind, **options), value)
    assert f' {name}="{wanted}"' not in page(of(kind), value)


def test_a_list_that_nobody_may_add_to_has_no_button_for_it() -> None:
    field = Field("it", "It", "list", item=Field("it", "It"), options={"add": False})
    assert "Add" not in page(field, ["a"]) and "Duplicate" not in page(field, ["a"])
    for do in ("add:it", "duplicate:it.0"):
        assert typed(field, None, ["a"], do).values == {"it": ["a"]}
    assert "Remove" in page(field, ["a"])


def test_a_list_that_nobody_may_take_from_has_no_button_for_it() -> None:
    field = Field("it", "It", "list", item=Field("it", "It"), options={"remove": False})
    assert "Remove" not in page(field, ["a"])
    assert typed(field, None, ["a"], "remove:it.0").values == {"it": ["a"]}


def test_a_list_that_nobody_may_reorder_has_no_handle() -> None:
    field = Field("it", "It", "list", item=Field("it", "It"), options={"reorder": False})
    found = page(field, ["a", "b"])
    assert 'class="cards still"' in found and "grip" not in found and "Move" not in found
    assert typed(field, None, ["a", "b"], "down:it.0").values == {"it": ["a", "b"]}


def sent_by_hand(
    field: Field, value: list[Any], rows: list[tuple[str, str]], do: str = ""
) -> tuple[FormReading, str]:
    """Return the reading of a form that no page of ours makes, and the page that it is shown on again.

    `rows` are the places that items say they come from, "" for new ones, each with what was typed.
    """
    form: MultiDict[str, str] = MultiDict({"f.it.__count": str(len(rows)), "do": do})
    for number, (was, text) in enumerate(rows):
        form[f"f.it.{number}.__was"], form[f"f.it.{number}"] = was, text
    reading = read_form(posts(field), form, MultiDict(), {"it": value})
    return reading, drawn(reading.fields)


KEPT = [("0", "a"), ("1", "b"), ("2", "c")]


@pytest.mark.parametrize(
    ("forbidden", "rows", "says", "then"),
    [
        ("reorder", [("1", "b!"), ("0", "a"), ("2", "c")], "The order of this list is fixed", "a b! c"),
        ("remove", [("0", "a"), ("2", "c!")], "Nothing can be taken out of this list", "a b c!"),
        ("remove", [("1", "b!")], "Nothing can be taken out of this list", "a b! c"),
        ("remove", [], "Nothing can be taken out of this list", "a b c"),
        ("add", [*KEPT, ("", "d")], "Nothing can be added to this list", "a b c d"),
        ("add", [*KEPT, ("1", "b")], "Nothing can be added to this list", "a b c b"),
    ],
)
def test_a_form_made_by_hand_does_no_more_with_a_list_than_its_buttons(
    forbidden: str, rows: list[tuple[str, str]], says: str, then: str
) -> None:
    field = Field("it", "It", "list", item=Field("it", "It"), options={forbidden: False})
    reading, shown = sent_by_hand(field, ["a", "b", "c"], rows)
    assert reading.errors["it"].startswith(says) and says in shown
    assert [one.value for one in reading.fields[0].children] == then.split()
    # What was not allowed is put right where it can be, so that the form can be sent once more.
    again = read_form(posts(field), submitted(shown), MultiDict(), {"it": ["a", "b", "c"]})
    assert (again.errors == {}) is (forbidden != "add")
    assert again.values == {"it": then.split()}
    free = Field("it", "It", "list", item=Field("it", "It"))
    reading, _ = sent_by_hand(free, ["a", "b", "c"], rows)
    assert reading.errors == {} and reading.values == ({"it": [t for _, t in rows]} if rows else {})


def test_what_a_list_allows_is_done_though_other_things_are_not() -> None:
    fixed = Field("it", "It", "list", item=Field("it", "It"), options={"reorder": False})
    rows = [("", "z"), ("0", "a!"), ("2", "c"), ("2", "c")]
    reading, _ = sent_by_hand(fixed, ["a", "b", "c"], rows)
    assert reading.errors == {} and reading.values == {"it": ["z", "a!", "c", "c"]}


def test_what_could_not_be_added_can_be_taken_out_again() -> None:
    field = Field("it", "It", "list", item=Field("it", "It"), options={"add": False, "remove": False})
    reading, shown = sent_by_hand(field, ["a"], [("0", "a"), ("", "b")])
    assert reading.errors and 'value="remove:it.1"' in shown and 'value="remove:it.0"' not in shown
    form = submitted(shown)
    form["do"] = "remove:it.1"
    reading = read_form(posts(field), form, MultiDict(), {"it": ["a"]})
    assert reading.errors == {} and reading.values == {"it": ["a"]}


def test_a_blank_new_item_is_left_out_as_anywhere() -> None:
    field = Field("it", "It", "list", item=Field("it", "It"), options={"add": False})
    reading, _ = sent_by_hand(field, ["a"], [("0", "a"), ("", "")])
    assert reading.errors == {} and reading.values == {"it": ["a"]}


def test_what_is_wrong_with_an_item_is_said_once_beside_it() -> None:
    for field, value, key in (
        (Field("it", "It", "list", item=Field("it", "It", "url")), ["a"], "it.0"),
        (Field("it", "It", "objects", fields=(Field("at", "At", "email"),)), [{"at": "a"}], "it.0"),
    ):
        reading = read_form(posts(field), submitted(page(field, value)), MultiDict(), {"it": value})
        reading.mark({key: "This is not right"})
        shown = drawn(reading.fields)
        assert shown.count("This is not right") == shown.count(f'id="f.{key}-error"') == 1


def test_lists_in_lists_are_held_to_what_they_allow() -> None:
    inner = Field("tags", "Tags", "list", item=Field("tags", "Tags"), options={"reorder": False})
    field = Field("it", "It", "objects", fields=(inner,))
    value = [{"tags": ["a", "b"]}]
    form = submitted(page(field, value))
    turned = [(name, text) for name, text in form.items(multi=True) if ".tags.1" in name]
    turned += [(name, text) for name, text in form.items(multi=True) if ".tags.1" not in name]
    reading = read_form(posts(field), MultiDict(turned), MultiDict(), {"it": value})
    assert list(reading.errors) == ["it.0.tags"] and reading.values == {"it": value}


def test_a_new_item_comes_first_where_it_is_to() -> None:
    field = Field("it", "It", "list", item=Field("it", "It"), options={"on_top": True})
    reading = typed(field, None, ["a"], "add:it")
    form = submitted(drawn(reading.fields))
    form["f.it.0"] = "new"
    assert read_form(posts(field), form, MultiDict(), {"it": ["a"]}).values == {"it": ["new", "a"]}


def test_cards_stand_open_where_they_are_to() -> None:
    field = Field("it", "It", "list", item=Field("it", "It"), options={"collapsed": False})
    assert '<details class="card" open>' in page(field, ["a"])
    assert '<details class="card">' in page(of("list"), ["a"])


def test_an_object_is_one_line_until_it_is_opened() -> None:
    parts = (Field("title", "Title"), Field("year", "Year"))
    field = Field("it", "It", "object", fields=parts, options={"collapsed": True, "summary": "{{title}}!"})
    found = page(field, {"title": "Rain", "year": "2024"})
    assert '<details class="card">' in found and "<b>Rain!</b>" in found
    assert "<details" not in page(Field("it", "It", "object", fields=parts), {"title": "Rain"})
    opened = Field("it", "It", "object", fields=parts, options={"summary": "{{title}}!"})
    assert '<details class="card" open>' in page(opened, {"title": "Rain"})


def test_nothing_is_left_of_an_object_whose_parts_were_all_emptied() -> None:
    inner = Field("more", "More", "object", fields=(Field("by", "By"),))
    field = Field("it", "It", "object", fields=(Field("title", "Title"), inner))
    value = {"title": "Rain", "more": {"by": "Ada"}}
    form = submitted(page(field, value))
    form["f.it.more.by"] = ""
    assert read_form(posts(field), form, MultiDict(), {"it": value}).values == {"it": {"title": "Rain"}}
    form["f.it.title"] = ""
    assert read_form(posts(field), form, MultiDict(), {"it": value}).values == {}
    assert typed(field, None, {}).values == {"it": {}}  # one that says nothing stays as it is
    cards = Field("it", "It", "objects", fields=(Field("title", "Title"),))
    form = submitted(page(cards, [{"title": "Rain"}]))
    form["f.it.0.title"] = ""
    reading = read_form(posts(cards), form, MultiDict(), {"it": [{"title": "Rain"}]})
    assert reading.values == {"it": [{}]}  # a card is there until it is removed


def test_rows_of_names_and_texts_have_headings() -> None:
    found = page(of("keyvalue", key_label="Country", value_label="Capital"), {"Chile": "Santiago"})
    assert '<span class="grow">Country</span><span class="grow">Capital</span>' in found
    assert 'aria-label="It, Country 1"' in found and 'aria-label="It, Capital 1"' in found


def test_a_colour_that_something_shines_through_is_refused_where_it_is_not_wanted() -> None:
    field = of("colour", alpha=False)
    for clear in ("#b4291a80", "#b428", "rgba(1, 2, 3, 0.5)", "rgb(1 2 3 / 50%)"):
        assert validate(posts(field), {"it": clear}, complete=True).keys() == {"it"}, clear
        assert validate(posts(of("colour")), {"it": clear}, complete=True) == {}, clear
    for solid in ("#b4291a", "#b42", "#b4291aff", "navy", "rgb(1, 2, 3)"):
        assert validate(posts(field), {"it": solid}, complete=True) == {}, solid
    assert " alpha " in page(of("colour", alpha=True)) and " alpha " not in page(field)


@pytest.mark.parametrize(("kind", "name"), [("image", "a.png"), ("file", "a.pdf")])
def test_a_file_from_elsewhere_is_refused_where_only_those_of_the_site_are_wanted(
    kind: str, name: str
) -> None:
    field = of(kind, web=False)
    for there in (f"https://example.org/{name}", f"//example.org/{name}"):
        assert "of this site" in validate(posts(field), {"it": there}, complete=True)["it"]
    assert validate(posts(field), {"it": f"/files/{name}"}, complete=True) == {}
    assert validate(posts(of(kind)), {"it": f"https://example.org/{name}"}, complete=True) == {}


def test_a_point_keeps_as_many_digits_as_are_wanted() -> None:
    field = of("map", decimals=2, stored="text")
    assert typed(field, "-33.44891, -70").values == {"it": "-33.45, -70"}
    assert typed(of("map", stored="text"), "-33.44891, -70").values == {"it": "-33.44891, -70"}


def test_a_new_moment_is_in_utc_where_it_is_to_be() -> None:
    moment = typed(of("datetime", utc=True), "2025-05-14T09:30").values["it"]
    assert isinstance(moment, datetime) and moment == datetime(2025, 5, 14, 9, 30, tzinfo=UTC)
    assert "Time zone UTC" in page(of("datetime", utc=True))
    plain = typed(of("datetime"), "2025-05-14T09:30").values["it"]
    assert isinstance(plain, datetime) and plain.tzinfo is None
