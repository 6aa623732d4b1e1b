"""What is said of lists, in `gitcms.toml` and by Decap and Sveltia CMS: read, written, and read again."""

from __future__ import annotations

import pytest

from gitcms.schema.configured import OWN, foreign, model_of
from gitcms.schema.configured.writing import facts_of, toml_of
from gitcms.schema.lists import USUAL, ByField, Lists, Sortable
from tests.making import JEKYLL
from tests.schema.configured.test_decap import source
from tests.schema.configured.test_toml import opened

TOML = """
[collections.projects]
description = "Who did what"
summary = "{{title | upper}}"
thumbnail = ["img", "links.img"]
hide = true
"""
LISTS = Lists("Who did what", "{{title | upper}}", ("img", "links.img"), hidden=True)


def test_what_is_said_of_a_list_is_written_as_it_was_read() -> None:
    told = opened(JEKYLL, TOML)
    assert told.remarks == ()
    projects = told.model.collection("projects")
    assert projects is not None and projects.lists == LISTS
    written = toml_of(facts_of(told.model), "read")
    again = opened(JEKYLL, written)
    assert again.remarks == ()
    assert [one.lists for one in again.model.collections] == [one.lists for one in told.model.collections]
    plain = opened(JEKYLL).model
    assert {one.lists for one in plain.collections} == {USUAL}
    assert not {"description", "hide"} & facts_of(plain)["collections"]["projects"].keys()


def test_a_wrong_word_about_lists_is_told() -> None:
    told = opened(JEKYLL, "[collections.projects]\nthumbnail = 3\nhide = 'no'\n")
    assert [str(one) for one in told.remarks] == [
        f"{OWN}:2: “thumbnail” wants the name of a field, or a list of them.",
        f"{OWN}:3: “hide” wants true or false.",
    ]


CONFIG = """
collections:
  - name: posts
    folder: content/posts
    description: What happens
    summary: "{{title}} ({{year}})"
    thumbnail: cover.src
    hide: true
    fields: [{ name: title }]
  - name: settings
    description: For all pages
    hide: true
    files:
      - { name: about, file: content/about.md, fields: [{ name: title }], description: One page }
      - { name: team, file: data/team.yml, fields: [{ name: members, widget: list }] }
"""


def test_decap_and_sveltia_are_heeded() -> None:
    told = model_of(source(CONFIG))
    assert told.remarks == ()
    lists = {one.name: one.lists for one in told.model.collections}
    assert lists["posts"] == Lists("What happens", "{{title}} ({{year}})", ("cover.src",), hidden=True)
    assert lists["settings-about"] == Lists("One page", hidden=True)
    assert lists["settings-team"] == Lists("For all pages", hidden=True)
    imported = foreign(source(CONFIG))
    assert imported is not None
    again = model_of(source(CONFIG, **{OWN: toml_of(imported.facts, "made")}))
    assert again.remarks == () and again.model == told.model


SORTED = """
[collections.projects]
sortable_fields = ["title", { field = "year", label = "Since", default = "desc" }, "commit_author"]
view_filters = [
  { label = "In Chile", field = "country", pattern = "^chile$" },
  { label = "On the front page", field = "featured", pattern = true, default = true },
]
view_groups = [
  { label = "Decade", field = "year", pattern = '\\d{3}' },
  { label = "Country", field = "country" },
]
"""


def test_orders_filters_and_groups_are_written_as_they_were_read() -> None:
    told = opened(JEKYLL, SORTED)
    assert told.remarks == ()
    projects = told.model.collection("projects")
    assert projects is not None
    assert projects.lists == Lists(
        sortable=(Sortable("title"), Sortable("year", "Since"), Sortable("commit_author")),
        sort="year",
        descending=True,
        filters=(
            ByField("In Chile", "country", "^chile$"),
            ByField("On the front page", "featured", "^true$"),
        ),
        groups=(ByField("Decade", "year", r"\d{3}"), ByField("Country", "country")),
        opens_with=("On the front page",),
    )
    again = opened(JEKYLL, toml_of(facts_of(told.model), "read"))
    assert again.remarks == ()
    assert [one.lists for one in again.model.collections] == [one.lists for one in told.model.collections]
    none = opened(JEKYLL, "[collections.projects]\nsortable_fields = []\n").model
    assert none.collections[0].lists.sortable == () or none.collections[1].lists.sortable == ()
    kept = opened(JEKYLL, toml_of(facts_of(none), "read")).model
    assert [one.lists for one in kept.collections] == [one.lists for one in none.collections]


@pytest.mark.parametrize(
    ("toml", "sentence"),
    [
        ("sortable_fields = 3", "“sortable_fields” wants a list."),
        ("sortable_fields = [3]", "What stands in “sortable_fields” wants names and values."),
        ('sortable_fields = [{ label = "x" }]', "What stands in “sortable_fields” wants `field`."),
        (
            'sortable_fields = [{ field = "year", default = "down" }]',
            "“default” wants one of asc, desc.",
        ),
        ('view_filters = [{ field = "year" }]', "What stands in “view_filters” wants `label` and `field`."),
        (
            'view_groups = [{ label = "x", field = "year", pattern = "(" }]',
            "“pattern” wants a regular expression, true or false.",
        ),
        (
            'view_groups = [{ label = "x", feld = "year" }]',
            "“feld” is not known here. Do you mean “field”?",
        ),
    ],
)
def test_a_wrong_order_filter_or_group_is_told(toml: str, sentence: str) -> None:
    told = opened(JEKYLL, f"[collections.projects]\n{toml}\n")
    assert sentence in {one.sentence for one in told.remarks}
    assert {one.line for one in told.remarks} == {2}


DECAP = """
collections:
  - name: posts
    folder: content/posts
    {said}
    fields: [{{ name: title }}, {{ name: date, widget: datetime }}]
"""


@pytest.mark.parametrize(
    ("said", "lists"),
    [
        ("sortable_fields: [title, date]", Lists(sortable=(Sortable("title"), Sortable("date")))),
        ("sortableFields: [title]", Lists(sortable=(Sortable("title"),))),
        (
            "sortable_fields: [title, {field: date, label: Day, default_sort: desc}]",
            Lists(sortable=(Sortable("title"), Sortable("date", "Day")), sort="date", descending=True),
        ),
        (
            "sortable_fields: [{field: title, default_sort: true}]",
            Lists(sortable=(Sortable("title"),), sort="title"),
        ),
        (
            "sortable_fields: {fields: [title, date], default: {field: date, direction: Descending}}",
            Lists(sortable=(Sortable("title"), Sortable("date")), sort="date", descending=True),
        ),
        (
            "view_filters: [{label: Drafts, field: draft, pattern: true}]",
            Lists(filters=(ByField("Drafts", "draft", "^true$"),)),
        ),
        (
            "view_filters: {filters: [{name: old, label: Old, field: year, pattern: '19'}], default: old}",
            Lists(filters=(ByField("Old", "year", "19"),), opens_with=("Old",)),
        ),
        (
            "view_groups: [{label: Year, field: date, pattern: '\\d{4}'}, {label: Mood, field: mood}]",
            Lists(groups=(ByField("Year", "date", r"\d{4}"), ByField("Mood", "mood"))),
        ),
        (
            "view_groups: {groups: [{label: Mood, field: mood}], default: Mood}",
            Lists(groups=(ByField("Mood", "mood"),), opens_with=("Mood",)),
        ),
    ],
)
def test_every_form_of_decap_and_sveltia_is_read(said: str, lists: Lists) -> None:
    config = DECAP.format(said=said)
    told = model_of(source(config))
    posts = told.model.collection("posts")
    assert posts is not None and told.remarks == ()
    assert posts.lists == lists
    imported = foreign(source(config))
    assert imported is not None
    again = model_of(source(config, **{OWN: toml_of(imported.facts, "made")}))
    assert again.remarks == () and again.model == told.model


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("sortable_fields: title", "“sortable_fields” wants a list."),
        ("sortable_fields: [{label: Day}]", "A field to sort by wants a name."),
        ("view_filters: [{label: Day}]", "What stands here wants a `label` and a `field`."),
        ("view_filters: [{label: D, field: d}]", "A filter wants a `pattern`; comparisons are not known"),
        ("view_groups: [{label: D, field: d, pattern: '('}]", "This regular expression cannot be read."),
    ],
)
def test_what_of_decap_cannot_be_used_is_told(said: str, sentence: str) -> None:
    remarks = model_of(source(DECAP.format(said=said))).remarks
    assert any(sentence in one.sentence and one.line == 5 for one in remarks), remarks
