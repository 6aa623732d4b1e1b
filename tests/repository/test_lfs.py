"""Files in Git LFS: stored as git-lfs itself would, read as what they are, and its programs never run."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from gitcms.errors import PathRefused
from gitcms.repository import Policy, lfs
from gitcms.repository.lfs import Pointer
from tests.repository.conftest import Clone, save

LFS = Policy(lfs=True)
PICTURE = "img/river.png"
BYTES = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20


@pytest.fixture
def tracking(clone: Clone) -> Clone:
    """A clone whose pictures are in Git LFS, with one of them, and git-lfs set up as people do."""
    if shutil.which("git-lfs") is None:
        pytest.skip("needs git-lfs: apt-get install git-lfs")
    clone.git("lfs", "install", "--local")
    clone.git("lfs", "track", "*.png")
    clone.write(PICTURE, BYTES)
    clone.commit("Pictures")
    return clone


def pointer(clone: Clone, path: str) -> bytes:
    return clone.git("cat-file", "blob", f"HEAD:{path}").encode()


def by_git_lfs(clone: Clone, content: bytes) -> bytes:
    done = subprocess.run(
        ["git", "lfs", "clean"], cwd=clone.folder, input=content, capture_output=True, check=True
    )
    return done.stdout


def test_a_picture_is_stored_as_git_lfs_would_and_the_tree_is_clean(tracking: Clone) -> None:
    repository = tracking.open(policy=LFS)
    fresh = BYTES[::-1]
    assert save(repository, "img/new.png", fresh)
    assert save(repository, PICTURE, fresh + b"!")
    assert pointer(tracking, "img/new.png") == by_git_lfs(tracking, fresh)
    assert pointer(tracking, PICTURE) == by_git_lfs(tracking, fresh + b"!")
    assert (tracking.folder / "img/new.png").read_bytes() == fresh
    assert "img/new.png" in tracking.git("lfs", "ls-files")
    tracking.git("lfs", "fsck")
    tracking.audit()
    (tracking.folder / "img/new.png").unlink()
    tracking.git("checkout", "--", "img/new.png")
    assert (tracking.folder / "img/new.png").read_bytes() == fresh
    assert repository.audit().findings == ()


def test_a_picture_is_read_as_what_it_is(tracking: Clone) -> None:
    repository = tracking.open(policy=LFS)
    assert repository.read(PICTURE) == BYTES
    assert not repository.is_elsewhere(repository.read(PICTURE))
    assert not repository.differs_on_disk(PICTURE)
    tracking.write(PICTURE, b"theirs")
    assert repository.differs_on_disk(PICTURE)
    tracking.write(PICTURE, BYTES)
    assert save(repository, PICTURE, None)
    tracking.audit()


def test_a_content_that_is_not_here_is_not_written_over(tracking: Clone) -> None:
    shutil.rmtree(tracking.folder / ".git/lfs/objects")
    repository = tracking.open(policy=LFS)
    assert repository.is_elsewhere(repository.read(PICTURE))
    with pytest.raises(PathRefused, match="kept elsewhere"):
        save(repository, PICTURE, b"other")
    assert save(repository, PICTURE, repository.read(PICTURE)) is None


@pytest.mark.parametrize("on_disk", [True, False])
def test_a_pointer_that_no_rule_speaks_of_is_not_written_over(clone: Clone, on_disk: bool) -> None:
    clone.write(PICTURE, bytes(Pointer("a" * 64, 12345)))
    clone.commit("A pointer")
    if not on_disk:
        clone.git("sparse-checkout", "set", "--no-cone", "/*", "!/img/")
    with pytest.raises(PathRefused) as caught:
        save(clone.open(), PICTURE, "another\n")
    assert caught.value.code == "path.filter"
    clone.audit()


def test_a_damaged_content_counts_as_not_here(tracking: Clone) -> None:
    oid = hashlib.sha256(BYTES).hexdigest()
    stored = tracking.folder / f".git/lfs/objects/{oid[:2]}/{oid[2:4]}/{oid}"
    stored.chmod(0o644)
    stored.write_bytes(b"damaged")
    repository = tracking.open(policy=LFS)
    assert repository.is_elsewhere(repository.read(PICTURE))


def test_without_the_servers_leave_the_files_are_read_only(tracking: Clone) -> None:
    repository = tracking.open()
    assert repository.read(PICTURE) == BYTES
    for path, content in ((PICTURE, b"x"), (PICTURE, None), ("img/new.png", b"x")):
        with pytest.raises(PathRefused, match="kept outside") as caught:
            save(repository, path, content)
        assert caught.value.code == "path.filter"
    assert save(repository, "_posts/one.md", "mine\n")
    tracking.audit()


def test_a_store_elsewhere_is_not_written_to(tracking: Clone, tmp_path: Path) -> None:
    tracking.git("config", "lfs.storage", str(tmp_path / "elsewhere"))
    repository = tracking.open(policy=LFS)
    with pytest.raises(PathRefused, match="kept outside"):
        save(repository, "img/new.png", b"x")
    assert not (tmp_path / "elsewhere").exists()


def test_no_program_of_git_lfs_runs_and_none_of_another_name(tracking: Clone, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\ncat\n")
    trap.chmod(0o755)
    for name in ("clean", "smudge", "process"):
        tracking.git("config", f"filter.lfs.{name}", str(trap))
        tracking.git("config", f"filter.other.{name}", str(trap))
    tracking.write(".git/info/attributes", "*.bin filter=other\n")
    repository = tracking.open(policy=LFS)
    assert save(repository, "img/new.png", BYTES + b"1")
    with pytest.raises(PathRefused):
        save(repository, "a.bin", b"x")
    assert repository.audit().findings == ()
    assert not (tmp_path / "sprung").exists()


def test_what_is_empty_or_a_pointer_already_stays(tracking: Clone) -> None:
    repository = tracking.open(policy=LFS)
    assert save(repository, "img/empty.png", b"")
    assert pointer(tracking, "img/empty.png") == b"" == by_git_lfs(tracking, b"")
    known = pointer(tracking, PICTURE)
    assert save(repository, "img/same.png", known)
    assert pointer(tracking, "img/same.png") == known == by_git_lfs(tracking, known)
    tracking.audit()


def test_a_killed_save_is_finished_or_taken_back(tracking: Clone) -> None:
    for place, content in (("save.files", BYTES + b"1"), ("save.ref", BYTES + b"2")):
        child = os.fork()
        if child == 0:
            from gitcms.repository import failpoints

            failpoints.plan(f"{place}:kill")
            save(tracking.open(policy=LFS), PICTURE, content)
            os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -9
        repository = tracking.open(policy=LFS)
        assert "has been completed" in str(repository.recovered)
        assert (tracking.folder / PICTURE).read_bytes() == content == repository.read(PICTURE)
        tracking.audit()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"version https://git-lfs.github.com/spec/v1\n",
        b"version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 1\n",
        b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"a" * 64 + b"\nsize -1\n",
        b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"a" * 64 + b"\nsize 1\n\nprose\n",
        b"version https://git-lfs.github.com/spec/v2\noid sha256:" + b"a" * 64 + b"\nsize 1\n",
    ],
)
def test_what_is_nearly_a_pointer_is_none(data: bytes) -> None:
    assert lfs.parse(data) is None


def test_a_pointer_is_read_as_it_was_written() -> None:
    pointed = Pointer("a" * 64, 12345)
    assert lfs.parse(bytes(pointed)) == pointed
