"""`gitcms.toml`: what it says counts, what it says wrong is told with its line, and what is read off the
posts and written down reads back as the same."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from gitcms import resources
from gitcms.schema.collection import Model, When
from gitcms.schema.configured import OWN, Configured, keys, model_of
from gitcms.schema.configured.writing import facts_of, toml_of
from gitcms.schema.finding import Source
from tests.making import HUGO, JEKYLL

POST = "_projects/eyes-on-the-river.md"


def opened(files: Mapping[str, str | bytes], toml: str = "") -> Configured:
    """The model of a site with these files, and a `gitcms.toml` that says this."""
    held = {name: text.encode() if isinstance(text, str) else text for name, text in files.items()}
    if toml:
        held[OWN] = toml.encode()
    return model_of(Source(sorted(held), held.__getitem__))


def field(told: Configured, name: str, collection: str = "projects") -> object:
    found = told.model.collection(collection)
    assert found is not None
    return found.field_of(name)


def test_what_is_said_of_a_field_counts_and_all_else_stays() -> None:
    toml = """
[site]
public_url = "https://example.org/"
[collections.projects]
label = "Works"
[collections.projects.fields]
year = { type = "number", label = "Since", hint = "The *first* year", min = 1900, required = true }
country = { choices = ["Chile", "Perú"], closed = true, when = { field = "featured", is = [true] } }
links = { fields = { url = { required = true } } }
mood = { type = "select", choices = [1, 2], default = 1 }
"""
    told, before = opened(JEKYLL, toml), opened(JEKYLL)
    assert told.remarks == () and told.path == OWN and before.path == ""
    assert told.model.public_url == "https://example.org"
    works, were = told.model.collection("projects"), before.model.collection("projects")
    assert works is not None and were is not None
    assert (works.label, works.label_one, works.folders) == ("Works", "Work", were.folders)
    year, country = works.field_of("year"), works.field_of("country")
    assert year is not None and country is not None
    assert (year.type, year.label, year.hint, year.required) == ("number", "Since", "The *first* year", True)
    assert year.options["min"] == 1900
    assert country.choices == ("Chile", "Perú") and country.when == When("featured", ("true",))
    links, were_links = works.field_of("links"), were.field_of("links")
    assert links is not None and were_links is not None
    assert [(part.name, part.required) for part in links.fields] == [
        (part.name, part.name == "url" or part.required) for part in were_links.fields
    ]
    mood = works.field_of("mood")
    assert mood is not None and mood.options["kinds"] == ("int",) and mood.default == 1
    untouched = {"title", "img", "people", "collaborators"}
    assert [one for one in works.fields if one.name in untouched] == [
        one for one in were.fields if one.name in untouched
    ]


@pytest.mark.parametrize(
    ("toml", "line", "sentence"),
    [
        ("[collection.projects]\n", 1, "“collection” is not known here. Do you mean “collections”?"),
        ("[site]\ntitel = 'x'\n", 2, "“titel” is not known here. Do you mean “title”?"),
        ("[site]\ntitle = 3\n", 2, "“title” wants a text."),
        ("[site]\nmedia_folder = '../out'\n", 2, "“media_folder” wants a folder of the site"),
        (
            "[collections.project]\nlabel = 'x'\n",
            1,
            "No part of the site is called “project”. Do you mean “projects”? A new one wants `folder`.",
        ),
        (
            "[collections.projects.fields]\n\nyear = { typ = 'number' }\n",
            3,
            "“typ” is not known here. Do you mean “type”?",
        ),
        (
            "[collections.projects.fields]\nyear = { type = 'nummber' }\n",
            2,
            "“type” wants a type of field. Do you mean “number”?",
        ),
        (
            "[collections.projects.fields.links.fields]\nurl = { pattern = '(' }\n",
            2,
            "“pattern” wants a regular expression.",
        ),
        ("[collections.projects.fields]\nyear = 'number'\n", 2, "“year” wants a table"),
        ("[collections.projects.fields]\nyear = { when = { is = [1] } }\n", 2, "A condition names a field"),
        ("[site\n", 1, "This file cannot be read."),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_the_site_opens(toml: str, line: int, sentence: str) -> None:
    told = opened(JEKYLL, toml)
    assert [(remark.path, remark.line, remark.wrong) for remark in told.remarks] == [(OWN, line, True)]
    assert sentence in told.remarks[0].sentence
    assert told.model == opened(JEKYLL).model


def test_a_part_of_the_site_that_no_post_told_of_can_be_added() -> None:
    files = {
        **HUGO,
        "data/team.yml": "name: Ada\nsince: 2020\n",
        "notes/one.txt": "---\nmood: calm\n---\nx\n",
    }
    toml = """
[collections.notes]
folder = "notes"
extensions = [".txt"]
[collections.team]
files = ["data/team.yml", "data/gone.yml"]
"""
    told = opened(files, toml)
    notes, team = told.model.collection("notes"), told.model.collection("team")
    assert notes is not None and team is not None
    assert notes.holds("notes/two.txt") and not notes.holds("notes/two.md")
    assert [one.name for one in team.fields] == ["name", "since"]
    assert team.holds("data/team.yml") and not team.holds("data/other.yml")
    assert told.model.collection_of("notes/one.txt") == notes
    assert [str(each) for each in told.remarks] == [
        f"{OWN}:5: There is no file “data/gone.yml” in this site."
    ]


def test_what_the_help_shows_and_names_is_what_there_is() -> None:
    page = (resources.docs_folder() / "gitcms-toml.md").read_text(encoding="utf-8")
    shown = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    assert shown
    for toml in shown:
        files = {**JEKYLL, "data/team.yml": "name: Ada\n"}
        assert opened(files, toml).remarks == ()
    rows = re.findall(r"^\| (\w+) \| ([^|]*) \|", page, re.MULTILINE)
    named = {
        kind: {*re.findall(r"`(\w+)`", " ".join(keys for of, keys in rows if of == kind))} for kind, _ in rows
    }
    assert named["site"] == set(keys.SITE)
    assert named["commits"] == set(keys.COMMITS)
    assert named["collection"] == set(keys.COLLECTION)
    assert named["field"] == keys.FIELD.keys() - keys.OPTIONS.keys()
    options = (resources.docs_folder() / "fields.md").read_text(encoding="utf-8") + page
    assert [name for name in keys.OPTIONS if f"`{name}`" not in options] == []


def written(model: Model) -> str:
    return toml_of(facts_of(model), "read off its posts")


@pytest.mark.parametrize("files", [JEKYLL, HUGO], ids=["jekyll", "hugo"])
def test_what_was_read_off_the_posts_reads_back_from_the_file(files: Mapping[str, str]) -> None:
    model = opened(files).model
    again = opened(files, written(model))
    assert (again.model, again.remarks) == (model, ())


CORPUS = Path(os.environ.get("GITCMS_CORPUS", "/nowhere")) / "dev"


@pytest.mark.skipif(not CORPUS.is_dir(), reason="needs GITCMS_CORPUS: a folder of real posts")
def test_so_it_does_for_real_sites() -> None:
    sites = sorted(one for one in CORPUS.iterdir() if one.is_dir())
    assert sites
    for site in sites:
        files = {
            one.relative_to(site).as_posix(): one.read_bytes() for one in site.rglob("*") if one.is_file()
        }
        model = opened(files).model
        again = opened(files, written(model))
        assert (again.model, again.remarks) == (model, ()), site.name
