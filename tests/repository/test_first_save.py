"""An empty repository: the first save is its first version, whatever happens meanwhile."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gitcms.errors import EditConflict, GitCMSError, RepositoryUnusable
from gitcms.repository import failpoints
from tests.repository.conftest import ADA, Clone, save


@pytest.fixture
def empty(tmp_path: Path) -> Clone:
    clone = Clone(tmp_path)
    clone.git("init", "-q", "-b", "main")
    return clone


def test_the_first_save_is_the_first_version(empty: Clone) -> None:
    repository = empty.open()
    before = repository.head()
    assert repository.files() == [] and repository.history() == []
    assert repository.changes(before) == [] and repository.raw_diff(before) == ""
    assert repository.last_changes(["a.md"]) == {}
    first = save(repository, "posts/a.md", "first\n")
    second = save(repository, "posts/b.md", "second\n")
    assert [commit.id for commit in repository.history()] == [second, first]
    assert repository.commit(str(first)).parents == ()
    assert [change.path for change in repository.changes(str(first))] == ["posts/a.md"]
    assert list(repository.last_changes(["posts/a.md"])) == ["posts/a.md"]
    assert empty.git("rev-list", "--count", "HEAD") == "2\n"
    assert repository.audit().findings == ()
    empty.audit()


def test_a_folder_with_files_that_nobody_chose_is_left_to_its_owner(empty: Clone) -> None:
    empty.write("a.md", "mine?\n")
    with pytest.raises(RepositoryUnusable, match="no first version") as caught:
        empty.open()
    assert "git commit" in caught.value.hint


def test_files_that_come_before_the_first_save_stop_it(empty: Clone) -> None:
    repository = empty.open()
    empty.write("other.md", "theirs\n")
    with pytest.raises(RepositoryUnusable, match="no first version"):
        save(repository, "a.md", "first\n")
    assert empty.status() == "?? other.md\n"


def test_a_first_version_that_comes_meanwhile_is_seen(empty: Clone) -> None:
    repository = empty.open()
    empty.write("a.md", "theirs\n")
    empty.commit()
    with pytest.raises(EditConflict):
        repository.save({"a.md": b"x"}, base={"a.md": "0" * 40}, author=ADA, message="x")
    assert save(repository, "b.md", "mine\n")
    empty.audit()


PLACES = [name for name in failpoints.NAMES if not name.startswith("recovery.") and name != "save.start"]


@pytest.mark.parametrize("name", PLACES)
def test_a_fault_at_any_place_leaves_the_repository_empty(empty: Clone, name: str) -> None:
    repository = empty.open()
    failpoints.plan(f"{name}:enospc")
    try:
        saved = save(repository, "posts/a.md", "first\n")
    except GitCMSError:
        saved = None
    finally:
        failpoints.plan("")
    if saved is None:
        assert empty.git("for-each-ref") == ""
        assert sorted(os.listdir(empty.folder)) == [".git"]
        assert not (empty.folder / ".git/index").exists()
        assert save(repository, "posts/a.md", "again\n")
    empty.audit()


def kill_first_save(empty: Clone, name: str) -> None:
    child = os.fork()
    if child == 0:
        failpoints.plan(f"{name}:kill")
        save(empty.open(), "posts/a.md", "first\n")
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -9


def test_of_a_first_save_that_was_not_stored_no_folder_is_left(empty: Clone) -> None:
    kill_first_save(empty, "save.journal")
    assert "before all of it was stored" in str(empty.open().recovered)
    assert [each.name for each in empty.folder.iterdir()] == [".git"]
    save(empty.open(), "posts/a.md", "first\n")
    empty.audit()


@pytest.mark.parametrize("name", ["save.objects", "save.files", "save.index", "save.ref", "index.folder"])
def test_a_killed_first_save_is_finished(empty: Clone, name: str) -> None:
    kill_first_save(empty, name)
    assert "has been completed" in str(empty.open().recovered)
    assert empty.git("show", "HEAD:posts/a.md") == "first\n"
    empty.audit()
