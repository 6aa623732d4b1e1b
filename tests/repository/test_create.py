"""A repository made at once: its history, its files, and what it refuses."""

from __future__ import annotations

import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from gitcms.errors import RepositoryUnusable, StorageFailed
from gitcms.repository.create import Step, create
from gitcms.repository.values import Person

INES = Person("Inés Robledo", "ines@example.org")
TOMAS = Person("Tomáš Vrba", "tomas@example.org")
MARCH = datetime(2024, 3, 4, 9, 12, tzinfo=timezone(timedelta(hours=1)))


def step(author: Person = INES, days: int = 0, message: str = "Begin", **files: bytes | None) -> Step:
    return Step(
        author, MARCH + timedelta(days=days), message, {k.replace("__", "."): v for k, v in files.items()}
    )


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True
    ).stdout.strip()


def test_each_step_is_one_commit_by_its_author_at_its_time(tmp_path: Path) -> None:
    create(tmp_path / "s", "main", [step(a__md=b"1\n"), step(TOMAS, 3, "Go on", a__md=b"2\n")])
    assert git(tmp_path / "s", "log", "--format=%an|%ae|%cn|%aI|%s").splitlines() == [
        "Tomáš Vrba|tomas@example.org|Tomáš Vrba|2024-03-07T09:12:00+01:00|Go on",
        "Inés Robledo|ines@example.org|Inés Robledo|2024-03-04T09:12:00+01:00|Begin",
    ]


def test_the_last_state_lies_in_the_folder_and_is_clean(tmp_path: Path) -> None:
    create(tmp_path, "main", [step(a__md=b"1\r\n", b__md=b"\xff\x00"), step(days=1, a__md=None, c__md=b"")])
    assert sorted(path.name for path in tmp_path.iterdir()) == [".git", "b.md", "c.md"]
    assert (tmp_path / "b.md").read_bytes() == b"\xff\x00"
    assert git(tmp_path, "status", "--porcelain") == ""
    assert git(tmp_path, "symbolic-ref", "HEAD") == "refs/heads/main"


def test_names_with_spaces_quotes_and_accents_are_kept(tmp_path: Path) -> None:
    names = ["un café.md", 'say "hi".md', "back\\slash.md", "in/a folder/ž.md"]
    create(tmp_path, "main", [Step(INES, MARCH, "Begin", {name: name.encode() for name in names})])
    assert all((tmp_path / name).read_bytes() == name.encode() for name in names)


def test_the_users_configuration_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    create(tmp_path / "plain", "main", [step(a__md=b"1\r\n")])
    config = tmp_path / "gitconfig"
    config.write_text("[init]\n  defaultObjectFormat = sha256\n[core]\n  autocrlf = true\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    create(tmp_path / "odd", "main", [step(a__md=b"1\r\n")])
    monkeypatch.delenv("GIT_DIR")
    assert git(tmp_path / "odd", "rev-parse", "HEAD") == git(tmp_path / "plain", "rev-parse", "HEAD")
    assert not list((tmp_path / "odd" / ".git").glob("hooks/*"))


def test_a_folder_that_holds_something_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years")
    with pytest.raises(RepositoryUnusable, match="not empty"):
        create(tmp_path, "main", [step(a__md=b"1")])
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("path", ["../outside.md", "/etc/outside.md", ".git/config", "a/../../b.md"])
def test_a_path_that_leads_out_of_the_folder_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(StorageFailed):
        create(tmp_path / "s", "main", [Step(INES, MARCH, "Begin", {path: b"x"})])
    assert [each.name for each in tmp_path.iterdir()] == ["s"]


def test_a_machine_without_git_gets_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RepositoryUnusable, match="Git is not installed"):
        create(tmp_path / "s", "main", [step(a__md=b"1")])
