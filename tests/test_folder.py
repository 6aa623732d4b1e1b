"""A site as it lies on the disk: its files, each under its own name alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitcms.errors import NotFound, PathTaken, StorageFailed
from gitcms.folder import Folder
from tests.making import make_repository

FILES = {"about.md": "About", "posts/a.md": "A", "posts/2026/b.md": "B", "images/a.png": b"\x89"}


def test_files_are_named_and_read_in_a_repository_as_in_a_folder(tmp_path: Path) -> None:
    for top in (make_repository(tmp_path / "clone", FILES), tmp_path / "plain"):
        for path, said in FILES.items():
            (top / path).parent.mkdir(parents=True, exist_ok=True)
            (top / path).write_bytes(said.encode() if isinstance(said, str) else said)
        folder = Folder(top)
        assert folder.paths == sorted(FILES)
        assert [folder.read(path) for path in ("posts/2026/b.md", "images/a.png")] == [b"B", b"\x89"]


def test_what_a_link_leads_to_is_no_file_of_the_site(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "secret.md").write_text("S")
    site = make_repository(tmp_path / "site", FILES)
    (site / "linked.md").symlink_to(tmp_path / "elsewhere" / "secret.md")
    (site / "linked").symlink_to(tmp_path / "elsewhere")
    (site / "posts" / "again").symlink_to(site / "posts" / "2026")
    (site / "gone.md").symlink_to("nowhere.md")
    assert Folder(site).paths == sorted(FILES)
    # A folder that became a link since the files in it were committed.
    (site / "posts" / "2026" / "b.md").unlink()
    (site / "posts" / "2026").rmdir()
    (site / "posts" / "2026").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "b.md").write_text("S")
    assert Folder(site).paths == sorted(FILES.keys() - {"posts/2026/b.md"})


def test_a_file_is_added_once_and_what_is_not_there_is_told(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.add("new.md", b"N")
    assert folder.read("new.md") == b"N"
    with pytest.raises(PathTaken):
        folder.add("new.md", b"M")
    with pytest.raises(StorageFailed):
        folder.read("old.md")
    with pytest.raises(NotFound):
        Folder(tmp_path / "nowhere")
