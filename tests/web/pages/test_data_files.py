"""Files of data as entries, once `gitcms.toml` names them: fields, no text, and none but those there are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gitcms.site import Site
from tests.making import JEKYLL, git, make_repository, open_made
from tests.web.pages.conftest import Visitor

TEAM = "# Who we are\nname: Ada   # since May\nsince: 2020\n"
TOML = '[collections.team]\nlabel = "Team"\nfiles = ["_data/team.yml"]\n'
PLACE = "/collections/team/entries/_data/team.yml"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    files = {**JEKYLL, "_data/team.yml": TEAM, "gitcms.toml": TOML}
    opened = open_made(make_repository(tmp_path / "site", files), tmp_path / "state")
    yield opened
    opened.close()


def saved(site: Site) -> str:
    return (site.repository.folder / "_data/team.yml").read_text(encoding="utf-8")


def test_a_file_of_data_is_edited_by_its_fields_alone(site: Site, ines: Visitor) -> None:
    assert 'href="/collections/team/new"' not in ines.get("/collections/team/")
    page = ines.get(PLACE)
    assert "fields and no text" in page and 'name="body"' not in page
    ines.post(PLACE, ines.form(PLACE, PLACE, f__name="Bea", intent="save"))
    assert saved(site) == TEAM.replace("Ada", "Bea")
    named = git(site.repository.folder, "show", "--format=", "--name-only", "HEAD")
    assert named.split() == ["_data/team.yml"]
    assert "Bea" in ines.get("/collections/team/history/_data/team.yml")


def test_nothing_is_added_to_a_set_of_files(ines: Visitor) -> None:
    assert "has the entries that it has" in ines.get("/collections/team/new", 404)
    fields = ines.form("/collections/posts/new", "/collections/posts/new", f__title="More")
    assert "has the entries that it has" in ines.post("/collections/team/new", fields, 404).text


def test_two_who_edit_one_file_of_data_at_once_are_joined(site: Site, ines: Visitor) -> None:
    one = ines.form(PLACE, PLACE, f__name="Cora", intent="save")
    other = ines.form(PLACE, PLACE, f__since="2024", intent="save")
    ines.post(PLACE, one)
    ines.post(PLACE, other)
    assert saved(site) == "# Who we are\nname: Cora   # since May\nsince: 2024\n"
