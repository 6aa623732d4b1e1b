"""A damaged index is made anew from the history, a copy kept, and it is said."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gitcms.errors import StorageFailed
from gitcms.repository import Repository
from tests.repository.conftest import Clone, save

ONE = "_posts/one.md"
DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "cut off": lambda data: data[:40],
    "overwritten": lambda data: b"\0" * len(data),
    "its end missing": lambda data: data[:-30],
}


@pytest.mark.parametrize("kind", DAMAGE)
@pytest.mark.parametrize("running", [False, True])
def test_a_damaged_index_is_made_anew_and_kept(clone: Clone, kind: str, running: bool) -> None:
    repository = clone.open() if running else None
    clone.write("_posts/two.md", "somebody's work\n")
    clone.git("add", "_posts/two.md")
    index = clone.folder / ".git/index"
    damaged = DAMAGE[kind](index.read_bytes())
    index.write_bytes(damaged)
    if repository is None:
        repository = clone.open()
        assert "staged again" in str(repository.recovered)
    assert save(repository, ONE, "mine\n")
    (kept,) = (clone.folder / ".git").glob("index.damaged-*")
    assert kept.read_bytes() == damaged
    assert any(kept.name in problem for problem in repository.problems())
    assert clone.status() == " M _posts/two.md\n"
    assert (clone.folder / "_posts/two.md").read_text() == "somebody's work\n"
    clone.git("checkout", "-q", "--", "_posts/two.md")
    clone.audit()


@pytest.mark.parametrize("version", ["2", "4"])
def test_an_index_that_is_only_of_another_kind_is_left(clone: Clone, version: str) -> None:
    clone.git("update-index", "--index-version", version)
    clone.git("-c", "index.skipHash=true", "update-index", "--force-write-index")
    assert clone.open().recovered is None
    assert list((clone.folder / ".git").glob("index.damaged-*")) == []


def test_an_index_that_cannot_be_read_for_another_reason_is_left(
    clone: Clone, repository: Repository
) -> None:
    index = clone.folder / ".git/index"
    index.unlink()
    index.mkdir()
    with pytest.raises(StorageFailed):
        save(repository, ONE, "mine\n")
    assert index.is_dir() and list((clone.folder / ".git").glob("index.damaged-*")) == []
