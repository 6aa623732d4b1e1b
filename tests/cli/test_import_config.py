"""`gitcms import-config` and `gitcms infer --write`: files that say what the model is."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from gitcms.cli import cli
from gitcms.errors import NotFound, PathTaken
from tests.making import JEKYLL, git, make_repository, open_made

DECAP = """backend: {name: git-gateway}
media_folder: images
collections:
  - name: works
    label: Works
    folder: _projects
    fields:
      - {name: title, label: What it is called, widget: string}
      - {name: year, label: Year, widget: number, requird: false}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "site", {**JEKYLL, "admin/config.yml": DECAP})


def run(*arguments: str) -> tuple[str, str]:
    result = CliRunner().invoke(cli, arguments, catch_exceptions=True)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.stdout, result.stderr


def test_another_systems_configuration_becomes_ours_and_what_is_left_out_is_told(folder: Path) -> None:
    told, remarks = run("import-config", str(folder))
    assert "gitcms.toml is written" in told
    assert "admin/config.yml:9: “requird” is not known here. Do you mean “required”?" in remarks
    text = (folder / "gitcms.toml").read_text(encoding="utf-8")
    assert "[collections.works]" in text and "made from admin/config.yml" in text
    with pytest.raises(PathTaken, match=r"There is a gitcms\.toml already"):
        run("import-config", str(folder))
    assert run("import-config", str(folder), "--print")[0] == text


def test_a_site_without_one_is_told_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as told:
        run("import-config", str(make_repository(tmp_path / "site", JEKYLL)))
    assert "admin/config.yml" in told.value.hint


def test_what_was_read_off_the_posts_is_written_once(tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "site", JEKYLL)
    told, _ = run("infer", str(folder), "--write")
    assert "Commit it" in told
    text = (folder / "gitcms.toml").read_text(encoding="utf-8")
    assert "[collections.projects" in text and 'type = "list of objects"' in text
    with pytest.raises(PathTaken):
        run("infer", str(folder), "--write")


def test_the_site_follows_its_file_from_the_commit_on_that_brings_it(folder: Path, tmp_path: Path) -> None:
    site = open_made(folder, tmp_path / "state")
    works = site.collection("works")
    assert [one.label for one in works.fields][:2] == ["What it is called", "Year"]
    assert [remark.line for remark in site.configured().remarks if remark.wrong] == [9]
    (folder / "gitcms.toml").write_text('[collections.projects]\nlabel = "Our projects"\n', encoding="utf-8")
    git(folder, "add", "gitcms.toml")
    git(folder, "commit", "-q", "-m", "Say it ourselves")
    assert site.collection("projects").label == "Our projects"
    assert site.configured().remarks == ()
    site.close()
