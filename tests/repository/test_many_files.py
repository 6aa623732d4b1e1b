"""Several files in one commit: renames, replacements, bulk edits, and folders that come and go."""

from __future__ import annotations

import os

import pytest

from gitcms.errors import PathTaken
from gitcms.repository import Repository
from tests.repository.conftest import ADA, Clone

ONE = "_posts/one.md"


def change(repository: Repository, changes: dict[str, bytes | None]) -> str:
    base = {path: repository.blob_of(path) for path in changes}
    commit = repository.save(changes, base=base, author=ADA, message="Change")
    assert commit is not None
    return commit.id


@pytest.mark.parametrize("ignorecase", ["true", "false"])
@pytest.mark.parametrize("target", ["_posts/ONE.md", "_posts/1.md", "_Posts/one.md", "elsewhere/deep/one.md"])
def test_a_rename_is_one_commit_that_git_follows(clone: Clone, target: str, ignorecase: str) -> None:
    clone.git("config", "core.ignoreCase", ignorecase)
    repository = clone.open()
    content = repository.read(ONE)
    if target.startswith("_Posts"):
        # The folder stays for its other files, and another one of its name would be told by few computers.
        with pytest.raises(PathTaken):
            change(repository, {ONE: None, target: content})
        return
    saved = change(repository, {ONE: None, target: content})
    (found,) = repository.changes(saved)
    assert (found.kind, found.old_path, found.path) == ("renamed", ONE, target)
    assert clone.git("diff", "--name-status", "-M", "HEAD~1").split() == ["R100", ONE, target]
    assert len(repository.history(target)) == 2
    clone.audit()


def test_a_file_becomes_a_folder_and_a_folder_a_file(clone: Clone, repository: Repository) -> None:
    change(repository, {"post": b"as a file\n"})
    change(repository, {"post": None, "post/index.md": b"in a folder\n", "post/a/b.md": b"deeper\n"})
    assert (clone.folder / "post/index.md").read_bytes() == b"in a folder\n"
    clone.audit()
    change(repository, {"post/index.md": None, "post/a/b.md": None})
    assert not (clone.folder / "post").exists()
    change(repository, {"post": b"a file again\n"})
    clone.audit()


def test_folders_go_when_they_are_empty_and_stay_for_what_is_nobodys(
    clone: Clone, repository: Repository
) -> None:
    change(repository, {"a/b/c/d.md": b"x", "e/f/g.md": b"x"})
    clone.write("e/f/untracked.txt", "somebody's\n")
    change(repository, {"a/b/c/d.md": None, "e/f/g.md": None})
    assert not (clone.folder / "a").exists()
    assert os.listdir(clone.folder / "e/f") == ["untracked.txt"]


def test_five_hundred_files_are_one_commit(clone: Clone, repository: Repository) -> None:
    fresh: dict[str, bytes | None] = {f"many/{n % 20}/{n}.md": f"{n}\n".encode() for n in range(500)}
    change(repository, fresh)
    edited: dict[str, bytes | None] = {path: b"edited " + (data or b"") for path, data in fresh.items()}
    saved = change(repository, edited | {ONE: b"too\n"})
    assert len(repository.changes(saved)) == 501
    clone.audit()
    change(repository, dict.fromkeys(edited))
    assert not (clone.folder / "many").exists()
    clone.audit()


def test_a_conflict_of_one_file_stops_them_all(clone: Clone, repository: Repository) -> None:
    clone.write("_posts/two.md", "somebody's\n")
    before = repository.head()
    with pytest.raises(Exception, match="editing this file"):
        change(repository, {ONE: b"mine\n", "_posts/two.md": b"mine\n", "new/a.md": b"mine\n"})
    assert repository.head() == before
    assert clone.status() == " M _posts/two.md\n"
    assert not (clone.folder / "new").exists()
