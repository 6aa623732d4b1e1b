"""How what authors do is described in the history, where the site's owners say so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gitcms import entries
from gitcms.entries import Change
from gitcms.repository import Person
from gitcms.site import Site
from tests.making import INES, JEKYLL, git, make_repository, open_made, settings

RAIN = "_posts/2026-03-01-first-rain.md"
Made = Callable[[str], Site]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    def make(told: str) -> Site:
        folder = make_repository(tmp_path / "site", {**JEKYLL, "gitcms.toml": f"[commits]\n{told}\n"})
        return open_made(folder, tmp_path / "state", settings(folder, tmp_path / "state"))

    return make


def last(site: Site) -> str:
    return git(Path(site.config.site.path), "log", "-1", "--format=%B").strip()


def edited(site: Site, text: str = "New\n") -> str:
    opened = entries.open_entry(site, site.collection("posts"), RAIN)
    entries.save(site, opened.collection, RAIN, Change(opened.base, opened.values, text), INES)
    return last(site)


def test_a_change_is_called_as_the_owners_of_the_site_say(made: Made) -> None:
    site = made(
        'create = "new {{collection}} {{slug}} by {{author-name}}"\n'
        'update = "{{path}}: {{message}}\\n\\nSigned-off-by: x"\n'
        'delete = "{{author-login}} drops {{slug}} [skip ci]"'
    )
    assert edited(site) == f"{RAIN}: Edit First rain: 1 paragraph"
    posts = site.collection("posts")
    blank = entries.blank_entry(site, posts)
    values = {**blank.values, "title": "Hail [skip ci]"}
    hail = entries.create(site, posts, Change(blank.base, values, "", intent="publish"), INES)
    assert last(site) == "new Post hail-skip-ci by Inés Caldera"
    entries.delete(site, posts, hail.path, site.blobs()[hail.path], INES)
    assert last(site) == f"{INES.email} drops hail-skip-ci [skip ci]"


def test_what_is_typed_gives_no_orders_through_a_template(made: Made) -> None:
    site = made('create = "{{author-name}}: {{message}}"')
    posts = site.collection("posts")
    blank = entries.blank_entry(site, posts)
    values = {**blank.values, "title": "Hail [skip ci]"}
    someone = Person("Inés [no ci]", INES.email)
    entries.create(site, posts, Change(blank.base, values, "", intent="publish"), someone)
    assert last(site) == "Inés (no ci): Add Hail (skip ci)"


def test_each_change_is_signed_off_and_passed_over_where_they_say_so(made: Made) -> None:
    site = made("sign_off = true\nskip_builds = true")
    assert edited(site) == (
        f"[skip ci] Edit First rain: 1 paragraph\n\nSigned-off-by: {INES.name} <{INES.email}>"
    )


def test_what_says_nothing_leaves_the_usual_words(made: Made) -> None:
    assert edited(made('update = " "')) == "Edit First rain: 1 paragraph"
