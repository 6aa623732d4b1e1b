"""One place per clone, private, outside the repository."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from gitcms import state
from gitcms.errors import StorageFailed


@pytest.fixture(autouse=True)
def own_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("HOME", str(tmp_path))


def test_two_ways_to_one_clone_arrive_at_one_folder(tmp_path: Path) -> None:
    git = tmp_path / "site" / ".git"
    git.mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "site")
    assert state.folder_for(git) == state.folder_for(tmp_path / "link" / ".git")


def test_two_clones_have_two_folders(tmp_path: Path) -> None:
    folders = set()
    for name in ("a", "b"):
        git = tmp_path / name / "site" / ".git"
        git.mkdir(parents=True)
        folders.add(state.folder_for(git))
    assert len(folders) == 2


def test_the_folder_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    assert state.folder_for(tmp_path / ".git").stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageFailed, match="cannot be made"):
        state.folder_for(tmp_path / ".git", str(tmp_path / "file" / "below"))


def test_the_secret_is_made_once_even_by_many_at_a_time(tmp_path: Path) -> None:
    keys: list[bytes] = []
    threads = [threading.Thread(target=lambda: keys.append(state.secret_key(tmp_path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(keys)) == 1 and len(keys[0]) == 32
    assert (tmp_path / "secret.key").stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]


def test_a_damaged_secret_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_bytes(b"short")
    with pytest.raises(StorageFailed, match="damaged"):
        state.secret_key(tmp_path)
