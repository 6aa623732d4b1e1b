from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from gitcms.errors import RepositoryUnusable
from gitcms.repository import Repository
from tests.repository.conftest import COMMITTER, Clone, save

ONE = "_posts/one.md"


def refused(folder: Path, state: Path) -> RepositoryUnusable:
    with pytest.raises(RepositoryUnusable) as caught:
        Repository.open(folder, lock_folder=state, committer=COMMITTER)
    assert str(caught.value).endswith(".")
    assert caught.value.hint != RepositoryUnusable.hint
    return caught.value


def test_a_folder_that_is_no_repository(tmp_path: Path) -> None:
    error = refused(tmp_path, tmp_path)
    assert "not a Git repository" in str(error)
    assert "git init" in error.hint


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert "no such folder" in str(refused(tmp_path / "nowhere", tmp_path))


def test_a_repository_without_a_first_version(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    (tmp_path / "index.md").touch()
    error = refused(tmp_path, tmp_path)
    assert "no first version" in str(error)
    assert "git commit" in error.hint


def test_a_bare_repository(clone: Clone) -> None:
    clone.git("clone", "-q", "--bare", ".", "../bare.git")
    assert "bare" in str(refused(clone.folder.parent / "bare.git", clone.state))


def test_the_folder_of_gits_own_data(clone: Clone) -> None:
    assert "Git's own data" in str(refused(clone.folder / ".git", clone.state))


def test_a_bare_repository_hidden_in_the_site(clone: Clone) -> None:
    subprocess.run(["git", "init", "-q", "--bare", "inside"], cwd=clone.folder, check=True)
    assert "bare" in str(refused(clone.folder / "inside", clone.state))


def test_a_detached_head(clone: Clone) -> None:
    clone.git("checkout", "-q", "--detach")
    error = refused(clone.folder, clone.state)
    assert "old version" in str(error)
    assert "git switch" in error.hint


def test_a_head_that_names_a_missing_branch(clone: Clone) -> None:
    clone.git("symbolic-ref", "HEAD", "refs/heads/gone")
    assert "“gone”" in str(refused(clone.folder, clone.state))


@pytest.mark.parametrize(
    ("commands", "word"),
    [
        ([["merge", "other"]], "merge"),
        ([["rebase", "other"]], "rebase"),
        ([["cherry-pick", "other"]], "cherry-pick"),
        ([["revert", "--no-commit", "HEAD"]], "revert"),
        ([["bisect", "start"]], "bisection"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_work_that_is_half_done(clone: Clone, commands: list[list[str]], word: str) -> None:
    clone.git("switch", "-q", "-c", "other")
    clone.write(ONE, "other\n")
    clone.commit()
    clone.git("switch", "-q", "main")
    clone.write(ONE, "main\n")
    clone.commit()
    for command in commands:
        clone.git(*command, fails=True)
    assert word in str(refused(clone.folder, clone.state))


def test_a_repository_of_another_user_is_opened_only_when_its_owner_is_trusted(clone: Clone) -> None:
    if os.getuid() != 0:
        pytest.skip("needs root: run the tests as root")
    for path in [clone.folder, *clone.folder.rglob("*")]:
        os.lchown(path, 12345, 12345)
    error = refused(clone.folder, clone.state)
    assert "another user" in str(error)
    assert f"safe.directory {clone.folder}" in error.hint
    clone.git("config", "--global", "--add", "safe.directory", str(clone.folder))
    assert save(clone.open(), ONE, "mine\n")


def test_a_repository_that_says_itself_that_it_is_safe_is_not_believed(clone: Clone) -> None:
    if os.getuid() != 0:
        pytest.skip("needs root: run the tests as root")
    clone.git("config", "safe.directory", "*")
    for path in [clone.folder, *clone.folder.rglob("*")]:
        os.lchown(path, 12345, 12345)
    assert "another user" in str(refused(clone.folder, clone.state))


def test_a_working_tree_elsewhere(clone: Clone, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    clone.git("config", "core.worktree", str(elsewhere))
    assert "another folder" in str(refused(clone.folder, clone.state))


def test_a_working_tree_above(clone: Clone, tmp_path: Path) -> None:
    clone.git("config", "core.worktree", str(tmp_path))
    assert "another folder" in str(refused(clone.folder, clone.state))


def test_object_names_of_another_kind(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", "--object-format=sha256"], cwd=tmp_path, check=True)
    assert "SHA256" in str(refused(tmp_path, tmp_path))


def test_a_format_from_the_future(clone: Clone) -> None:
    clone.git("config", "core.repositoryFormatVersion", "1")
    clone.git("config", "extensions.refStorage", "reftable")
    error = refused(clone.folder, clone.state)
    assert "format" in str(error)


def test_a_folder_that_cannot_be_written(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: not str(path).endswith("objects"))
    assert "read-only" in str(refused(clone.folder, clone.state))


def test_a_machine_without_git(clone: Clone, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "not installed" in str(refused(clone.folder, clone.state))


def test_a_git_that_is_too_old(clone: Clone, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "git").write_text("#!/bin/sh\necho git version 2.20.1\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    error = refused(clone.folder, clone.state)
    assert "2.20" in str(error)
    assert "2.31" in error.hint


def test_a_clone_that_goes_away(clone: Clone, repository: Repository) -> None:
    base = {ONE: repository.blob_of(ONE)}
    shutil.move(clone.folder, clone.folder.with_name("moved"))
    with pytest.raises(RepositoryUnusable, match="gone"):
        save(repository, ONE, "mine\n", base=base)


def test_a_shallow_clone_works(clone: Clone) -> None:
    for number in range(3):
        clone.write(ONE, f"{number}\n")
        clone.commit()
    clone.git("clone", "-q", "--depth", "1", f"file://{clone.folder}", "../shallow")
    repository = clone.open(clone.folder.parent / "shallow")
    assert len(repository.history()) == 1
    assert repository.commit(repository.head()).parents == ()
    assert {change.kind for change in repository.changes(repository.head())} == {"added"}
    assert save(repository, ONE, "mine\n")
    assert [change.kind for change in repository.changes(repository.head())] == ["modified"]


def test_a_link_to_the_clone_is_the_clone(clone: Clone, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(clone.folder)
    repository = clone.open(tmp_path / "link")
    assert repository.folder == clone.folder.resolve()
    assert save(repository, ONE, "mine\n")
