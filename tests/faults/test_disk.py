"""The disk, the process's limits and permissions: each refusal is a sentence, and the old file is whole."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gitcms.errors import GitCMSError, RepositoryUnusable, StorageFailed
from gitcms.repository.plumbing import run
from gitcms.web.errors_page import status_of
from tests.faults.conftest import ONE, SAID, filled, go, injected, start_save
from tests.repository.conftest import ADA, Clone, save

Disk = Callable[[str, Path], Path]


def on_disk(root: Path) -> Clone:
    clone = Clone(root)
    clone.git("init", "-q", "-b", "main")
    clone.write(ONE, "x" * 20_000)
    clone.commit()
    return clone


def check_untouched(clone: Clone, before: tuple[str, bytes]) -> None:
    assert (clone.git("rev-parse", "HEAD").strip(), (clone.folder / ONE).read_bytes()) == before


def state_of(clone: Clone) -> tuple[str, bytes]:
    return clone.git("rev-parse", "HEAD").strip(), (clone.folder / ONE).read_bytes()


def test_a_disk_without_room_for_another_file_is_said(tmp_path: Path, disk: Disk) -> None:
    room = disk("size=8m,nr_inodes=400", tmp_path / "disk")
    clone = on_disk(room)
    repository = clone.open()
    before = state_of(clone)
    taken = []
    try:
        for number in range(1000):
            (room / f"taken-{number}").touch()
            taken.append(room / f"taken-{number}")
    except OSError:
        pass
    with pytest.raises(StorageFailed, match="full"):
        save(repository, ONE, "mine\n")
    check_untouched(clone, before)
    for file in taken:
        file.unlink()
    assert save(repository, ONE, "mine\n")
    clone.audit()
    clone.close()


def test_a_disk_that_becomes_read_only_is_said(tmp_path: Path, disk: Disk) -> None:
    room = disk("size=8m", tmp_path / "disk")
    clone = on_disk(room)
    repository = clone.open()
    before = state_of(clone)
    subprocess.run(["mount", "-o", "remount,ro", str(room)], check=True)
    with pytest.raises(StorageFailed, match="read-only"):
        save(repository, ONE, "mine\n")
    check_untouched(clone, before)
    assert repository.read(ONE) == before[1]
    subprocess.run(["mount", "-o", "remount,rw", str(room)], check=True)
    assert save(repository, ONE, "mine\n")
    clone.audit()
    clone.close()


def test_a_full_disk_under_the_pictures_alone_saves_neither(clone: Clone, disk: Disk) -> None:
    clone.write("img/keep.txt", "kept\n")
    clone.commit()
    shutil.move(clone.folder / "img/keep.txt", clone.state / "keep.txt")
    disk("size=256k", clone.folder / "img")
    shutil.copy(clone.state / "keep.txt", clone.folder / "img/keep.txt")
    repository = clone.open()
    before = state_of(clone)
    filler = filled(clone.folder / "img")
    both = {ONE: b"mine\n", "img/a.png": os.urandom(100_000)}
    with pytest.raises(StorageFailed, match="full"):
        repository.save(both, base={ONE: repository.blob_of(ONE)}, author=ADA, message="Both")
    check_untouched(clone, before)
    filler.unlink()
    assert repository.save(both, base={ONE: repository.blob_of(ONE)}, author=ADA, message="Both")
    clone.audit()


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("writev:error=EDQUOT", "quota"),
        ("writev:error=ENOSPC", "full"),
        ("fsync:error=EIO", "reported an error"),
        ("fsync:error=EIO:when=3", "reported an error"),
        ("rename:error=EIO", "reported an error"),
        ("vfork,clone,clone3,fork:error=EAGAIN", "another program"),
        ("openat:error=EMFILE:when=4+", "files open"),
    ],
)
def test_what_the_kernel_refuses_is_said(clone: Clone, fault: str, words: str) -> None:
    before = state_of(clone)
    new_file = "clone" in fault
    if new_file:  # only then is git itself asked something
        clone.git("update-index", "--index-version", "4")
    assert injected(clone, fault, words) == SAID
    check_untouched(clone, before)
    assert save(clone.open(), ONE, "mine\n")
    clone.audit()


def test_an_index_that_the_disk_cannot_read_is_said(clone: Clone) -> None:
    before = state_of(clone)
    index = clone.folder / ".git/index"
    assert injected(clone, "read:error=EIO", "reported an error", only=index) == SAID
    check_untouched(clone, before)
    assert save(clone.open(), ONE, "mine\n")
    clone.audit()


def test_a_file_larger_than_the_limit_is_said(clone: Clone) -> None:
    before = state_of(clone)
    process = start_save(clone, "larger than")
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (4096, 4096))
    assert go(process) == SAID
    check_untouched(clone, before)
    assert save(clone.open(), ONE, "mine\n")
    clone.audit()


@pytest.fixture
def of_nobody(tmp_path: Path) -> Iterator[Clone]:
    """A clone that belongs to a user without rights, where that user can reach it."""
    if os.getuid() != 0:
        pytest.skip("needs root: run the tests as root, to become another user")
    root = Path(tempfile.mkdtemp())
    root.chmod(0o755)
    clone = on_disk(root)
    for place in (root, *root.rglob("*")):
        os.chown(place, 65534, 65534, follow_symlinks=False)
    yield clone
    shutil.rmtree(root)


def as_nobody(work: Callable[[], int]) -> int:
    """Do something as the user without rights, and return its exit code."""
    child = os.fork()
    if child == 0:
        code = 99
        try:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            os.environ["HOME"] = "/nonexistent"
            code = work()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("folder", ["_posts", ".git/objects", ".git/refs/heads", ".git"])
def test_a_folder_that_cannot_be_written_is_said(of_nobody: Clone, folder: str) -> None:
    head = of_nobody.git("-c", "safe.directory=*", "rev-parse", "HEAD", fails=True)
    before = (of_nobody.folder / ONE).read_bytes()

    def work() -> int:
        repository = of_nobody.open()
        place = of_nobody.folder / folder
        place.chmod(0o555)
        try:
            save(repository, ONE, "mine\n")
        except StorageFailed as error:
            said = "permission" in str(error)
        else:
            return 1
        place.chmod(0o755)
        if (of_nobody.folder / ONE).read_bytes() != before:
            return 2
        return 0 if said and save(repository, ONE, "mine\n") else 3

    assert as_nobody(work) == 0
    assert head == of_nobody.git("-c", "safe.directory=*", "rev-parse", "HEAD~1", fails=True)


def test_a_clone_of_somebody_else_is_refused_with_what_to_do(of_nobody: Clone) -> None:
    for place in (of_nobody.folder, of_nobody.folder / ".git"):
        os.chown(place, 12345, 12345)

    def work() -> int:
        try:
            of_nobody.open()
        except RepositoryUnusable as error:
            return 0 if "another user" in str(error) and "safe.directory" in error.hint else 2
        return 1

    assert as_nobody(work) == 0


def test_a_shared_repository_stays_shared_whatever_the_umask(clone: Clone) -> None:
    clone.git("config", "core.sharedRepository", "group")
    old = os.umask(0o077)
    try:
        repository = clone.open()
        assert save(repository, "news/a.md", "mine\n")
    finally:
        os.umask(old)
    blob = repository.blob_of("news/a.md")
    assert blob
    stored = clone.folder / ".git/objects" / blob[:2] / blob[2:]
    assert stored.stat().st_mode & 0o040 and stored.parent.stat().st_mode & 0o070 == 0o070
    clone.audit()


@pytest.mark.parametrize("asked", ["a helper", "a program"])
def test_a_git_that_does_not_end_is_ended(
    clone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    if asked == "a program":  # only for such an index is git itself asked something
        clone.git("update-index", "--index-version", "4")
    repository = clone.open()
    path = "new.md" if asked == "a helper" else ONE
    (tmp_path / "bin").mkdir()
    slow = tmp_path / "bin/git"
    slow.write_text(f"#!/bin/sh\necho $$ >> {tmp_path}/pids\nexec sleep 60\n")
    slow.chmod(0o755)
    before = state_of(clone)
    base = {path: repository.blob_of(path)}  # the helper that reads objects runs from here on
    with monkeypatch.context() as patched:
        patched.setenv("PATH", f"{slow.parent}:{os.environ['PATH']}")
        patched.setattr("gitcms.repository.ignoring.SECONDS", 0.5)
        patched.setattr(run, "__kwdefaults__", {**(run.__kwdefaults__ or {}), "seconds": 0.5})
        with pytest.raises(GitCMSError, match="too long") as caught:
            save(repository, path, "mine\n", base=base)
    assert status_of(caught.value) == 503
    for pid in (tmp_path / "pids").read_text().split():
        assert not Path(f"/proc/{pid}").exists()
    check_untouched(clone, before)
    assert save(repository, path, "mine\n")
    clone.audit()
