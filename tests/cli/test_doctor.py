"""The doctor says what it sees, where the state lies, and what stands in the way."""

from __future__ import annotations

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
    result = CliRunner().invoke(doctor, [str(clone)])
    assert result.exit_code == 1
    assert "stops" in result.output and "Traceback" not in result.output
