"""Putting the demo's site into a folder: once, whole, and nowhere else."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from gitcms.demo import history, maker
from gitcms.errors import RepositoryUnusable, StorageFailed


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True
    ).stdout.strip()


def test_a_folder_that_does_not_exist_gets_the_site_and_its_history(tmp_path: Path) -> None:
    assert maker.make(tmp_path / "in" / "demo")
    folder = tmp_path / "in" / "demo"
    assert {
        path: (folder / path).read_bytes() for path in git(folder, "ls-files").splitlines()
    } == history.today()
    assert git(folder, "status", "--porcelain") == ""
    assert len(git(folder, "log", "--format=%H").splitlines()) == len(history.CHANGES) + 1


def test_an_empty_folder_gets_it_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert maker.make(Path())
    assert (tmp_path / "hugo.toml").is_file()


def test_started_again_it_goes_on_with_the_same_site(tmp_path: Path) -> None:
    maker.make(tmp_path)
    about = tmp_path / "content" / "about.md"
    about.write_text("---\ntitle: Mine now\n---\n")
    assert maker.make(tmp_path) is False
    assert about.read_text() == "---\ntitle: Mine now\n---\n"


def test_the_same_site_has_the_same_history_everywhere(tmp_path: Path) -> None:
    heads = set()
    for name in ("one", "two"):
        maker.make(tmp_path / name)
        heads.add(git(tmp_path / name, "rev-parse", "HEAD"))
    assert len(heads) == 1


def test_a_folder_that_holds_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years")
    with pytest.raises(RepositoryUnusable, match="something else"):
        maker.make(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_somebody_elses_site_is_refused(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    with pytest.raises(RepositoryUnusable) as refused:
        maker.make(tmp_path)
    assert "gitcms serve" in refused.value.hint
    assert [path.name for path in tmp_path.iterdir()] == [".git"]


def test_a_file_is_not_taken_for_a_folder(tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("mine")
    with pytest.raises(RepositoryUnusable, match="is a file"):
        maker.make(tmp_path / "demo")
    assert (tmp_path / "demo").read_text() == "mine"


def test_what_an_interrupted_start_left_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / maker.UNFINISHED / "content").mkdir(parents=True)
    assert maker.make(tmp_path)
    assert not (tmp_path / maker.UNFINISHED).exists()


def test_a_place_that_cannot_be_written_gets_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageFailed, match="cannot be written"):
        maker.make(tmp_path / "file" / "demo")
