"""The doctor says what it sees, where the state lies, and what stands in the way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from gitcms.cli.doctor import doctor
from tests.making import JEKYLL, git, make_repository


@pytest.fixture(autouse=True)
def own_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("HOME", str(tmp_path))


def test_it_names_site_state_generator_and_collections(tmp_path: Path) -> None:
    clone = make_repository(tmp_path / "site", JEKYLL)
    result = CliRunner().invoke(doctor, [str(clone)])
    assert result.exit_code == 0, result.output
    assert str(clone) in result.output
    assert "jekyll" in result.output.lower()
    assert "Projects: 2 in _projects" in result.output
    state = next(line.split()[1] for line in result.output.splitlines() if line.startswith("state"))
    assert Path(state).is_dir() and not Path(state).is_relative_to(clone)


def test_it_puts_nothing_into_the_site(tmp_path: Path) -> None:
    clone = make_repository(tmp_path / "site", JEKYLL)
    CliRunner().invoke(doctor, [str(clone)])
    assert git(clone, "status", "--porcelain", "--ignored") == ""


@pytest.mark.parametrize("kind", ["no repository", "no commit", "bare", "detached", "missing"])
def test_what_cannot_be_opened_is_a_sentence_and_an_exit_code(tmp_path: Path, kind: str) -> None:
    clone = tmp_path / "site"
    if kind in ("detached",):
        make_repository(clone, JEKYLL)
        git(clone, "checkout", "-q", "--detach")
    elif kind != "missing":
        clone.mkdir()
        if kind != "no repository":
            git(clone, "init", "-q", *(["--bare"] if kind == "bare" else []))
        if kind == "no commit":
            (clone / "index.md").write_text("Nobody has committed this yet.\n")
    result = CliRunner().invoke(doctor, [str(clone)])
    assert result.exit_code == 1
    assert "stops" in result.output and "Traceback" not in result.output


def test_an_audit_says_that_all_is_well(tmp_path: Path) -> None:
    clone = make_repository(tmp_path / "site", JEKYLL)
    result = CliRunner().invoke(doctor, ["--audit", str(clone)])
    assert result.exit_code == 0 and "all well" in result.output, result.output
    assert git(clone, "status", "--porcelain", "--ignored") == ""


def test_an_audit_names_what_it_finds_for_people_and_for_programs(tmp_path: Path) -> None:
    clone = make_repository(tmp_path / "site", JEKYLL)
    (clone / "_config.yml").write_text("title: other\n")
    result = CliRunner().invoke(doctor, ["--audit", str(clone)])
    assert result.exit_code == 1 and "“_config.yml” was changed in the folder" in result.output
    result = CliRunner().invoke(doctor, ["--audit", "--json", str(clone)])
    assert result.exit_code == 1
    told = json.loads(result.output)
    assert told["clean"] is False and [finding["check"] for finding in told["findings"]] == ["folder"]


def test_an_audit_of_what_cannot_be_opened_is_a_finding(tmp_path: Path) -> None:
    clone = make_repository(tmp_path / "site", JEKYLL)
    git(clone, "checkout", "-q", "--detach")
    result = CliRunner().invoke(doctor, ["--audit", "--json", str(clone)])
    assert result.exit_code == 1
    assert json.loads(result.output)["findings"][0]["check"] == "opens"


def test_an_audit_tells_which_interrupted_save_was_finished(tmp_path: Path) -> None:
    clone = make_repository(tmp_path / "site", JEKYLL)
    code = (
        "import sys; from pathlib import Path; from tests.making import INES, settings\n"
        "from gitcms.site import open_site\n"
        "site = open_site(settings(Path(sys.argv[1]), Path(sys.argv[2])))\n"
        "site.repository.save({'new.md': b'x'}, base={}, author=INES, message='Add')\n"
    )
    state = tmp_path / "state"
    done = subprocess.run(
        [sys.executable, "-c", code, str(clone), str(state)],
        env={**os.environ, "GITCMS_FAILPOINT": "save.ref:kill"},
        check=False,
    )
    assert done.returncode == -9
    config = tmp_path / "my.toml"
    config.write_text(f'[state]\nfolder = "{state}"\n')
    result = CliRunner().invoke(doctor, ["--audit", "--config", str(config), str(clone)])
    assert result.exit_code == 0, result.output
    assert "new.md" in result.output and "has been completed" in result.output and "1 saves" in result.output


def test_a_password_in_the_address_of_a_remote_is_not_shown(tmp_path: Path) -> None:
    clone = make_repository(tmp_path / "site", JEKYLL)
    config = tmp_path / "config.toml"
    config.write_text('[remote]\nurl = "https://ines:forty-one@git.example.org/site.git"\n')
    result = CliRunner().invoke(doctor, [str(clone), "--config", str(config)])
    assert "git.example.org/site.git" in result.output
    assert "forty-one" not in result.output and "ines" not in result.output.replace(str(clone), "")


def test_another_branch_than_the_owners_work_on_is_said(tmp_path: Path) -> None:
    clone = make_repository(tmp_path / "site", {**JEKYLL, "gitcms.toml": '[site]\nbranch = "elsewhere"\n'})
    said = CliRunner().invoke(doctor, [str(clone)]).output
    assert "names the branch “elsewhere”" in said
    branch = git(clone, "branch", "--show-current").strip()
    (clone / "gitcms.toml").write_text(f'[site]\nbranch = "{branch}"\n', encoding="utf-8")
    git(clone, "commit", "-qam", "Name this one")
    assert "names the branch" not in CliRunner().invoke(doctor, [str(clone)]).output
