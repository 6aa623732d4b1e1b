"""What is said of lists, in `gitcms.toml` and by Decap and Sveltia CMS: read, written, and read again."""

from __future__ import annotations

from gitcms.schema.configured import OWN, foreign, model_of
from gitcms.schema.configured.writing import facts_of, toml_of
from gitcms.schema.lists import USUAL, Lists
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
