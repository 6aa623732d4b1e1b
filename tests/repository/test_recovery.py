"""Kill a save at every place, and let the next one find what it left."""

from __future__ import annotations

import json
import os
import signal

import pytest

from gitcms.errors import GitCMSError, StorageFailed
from gitcms.repository import Repository, failpoints
from tests.repository.conftest import ADA, Clone, save

ONE = "_posts/one.md"
TWO = "_posts/two.md"
DURING = [name for name in failpoints.NAMES if not name.startswith("recovery.")]
AFTER = ("save.clean", "save.done")


def run_writer(clone: Clone, failpoint: str, number: int = 1) -> int:
    """Save in another process, which a failpoint may kill; return the signal that ended it, 0 for none."""
    child = os.fork()
    if child == 0:
        try:
            failpoints.plan(failpoint)
            repository = clone.open()
            changes = {ONE: f"new {number}".encode(), TWO: None, f"new/{number}.md": b"x"}
            base = {path: repository.blob_of(path) for path in changes}
            repository.save(changes, base=base, author=ADA, message=f"Save {number}")
            repository.close()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("name", DURING)
@pytest.mark.parametrize("eol", [False, True], ids=["plain", "crlf"])
def test_a_killed_save_is_finished_or_never_was(clone: Clone, name: str, eol: bool) -> None:
    if eol:
        clone.write(".gitattributes", "*.md text eol=crlf\n")
        clone.commit()
    before = clone.git("rev-parse", "HEAD").strip()
    killed = run_writer(clone, f"{name}:kill")
    assert killed == -signal.SIGKILL
    repository = clone.open()
    saved = repository.head() != before
    assert repository.read(ONE) == (b"new 1" if saved else b"---\ntitle: one\n---\nText of one.\n")
    assert (repository.blob_of(TWO) is None) == saved
    assert (repository.blob_of("new/1.md") is not None) == saved
    clone.audit()
    if DURING.index(name) >= DURING.index("save.objects"):
        assert saved  # all that the author typed was stored by then
    save(repository, "_posts/three.md", "after\n")
    assert clone.git("rev-list", "--count", "HEAD").strip() == str(2 + saved + eol)
    clone.audit()


@pytest.mark.parametrize("nth", range(1, 5))
@pytest.mark.parametrize("name", ["object.rename", "file.rename", "file.temporary", "ref.log"])
def test_a_save_killed_at_its_nth_file_is_finished_or_never_was(clone: Clone, name: str, nth: int) -> None:
    run_writer(clone, f"{name}:{nth}:kill")
    clone.open()
    clone.audit()


@pytest.mark.parametrize("name", [name for name in failpoints.NAMES if name.startswith("recovery.")])
@pytest.mark.parametrize("first", ["file.rename", "save.files", "ref.rename", "save.ref"])
def test_a_recovery_may_be_killed_too(clone: Clone, first: str, name: str) -> None:
    run_writer(clone, f"{first}:kill")
    run_writer(clone, f"{name}:kill", 2)
    repository = clone.open()
    clone.audit()
    assert repository.read(ONE) in (b"new 1", b"new 2")


@pytest.mark.parametrize("name", [name for name in DURING if name not in ("save.start", *AFTER)])
@pytest.mark.parametrize("fault", ["eio", "enospc"])
def test_a_fault_at_any_place_puts_everything_back(
    clone: Clone, repository: Repository, name: str, fault: str
) -> None:
    before = clone.git("rev-parse", "HEAD"), clone.git("ls-files", "-s"), (clone.folder / ONE).read_bytes()
    changes = {ONE: b"mine\n", TWO: None, "new/a.md": b"a\n"}
    base = {path: repository.blob_of(path) for path in changes}
    failpoints.plan(f"{name}:{fault}")
    try:
        with pytest.raises(StorageFailed) as caught:
            repository.save(changes, base=base, author=ADA, message="x")
    finally:
        failpoints.plan("")
    assert ("full" if fault == "enospc" else "error") in str(caught.value)
    assert (
        clone.git("rev-parse", "HEAD"),
        clone.git("ls-files", "-s"),
        (clone.folder / ONE).read_bytes(),
    ) == before
    assert not (clone.folder / "new").exists()
    clone.audit()
    assert repository.recover() is None
    assert repository.save(changes, base=base, author=ADA, message="x")
    clone.audit()


@pytest.mark.parametrize("name", AFTER)
def test_a_fault_behind_the_last_step_is_not_the_authors(
    clone: Clone, repository: Repository, name: str
) -> None:
    failpoints.plan(f"{name}:eio")
    try:
        saved = save(repository, ONE, "mine\n")
    finally:
        failpoints.plan("")
    assert saved == repository.head()
    save(repository, ONE, "again\n")
    clone.audit()


def test_the_next_save_recovers_without_a_new_start(clone: Clone, repository: Repository) -> None:
    run_writer(clone, "file.rename:2:kill")
    assert (clone.folder / ".git/index.lock").exists()
    assert save(repository, "_posts/three.md", "after\n")
    assert repository.read(ONE) == b"new 1"
    clone.audit()


def test_what_cannot_be_finished_is_taken_back_and_kept(clone: Clone) -> None:
    run_writer(clone, "save.files:kill")
    # Somebody removes the lock by hand, and goes on.
    (clone.folder / ".git/index.lock").unlink()
    clone.write("index.md", "theirs\n")
    clone.git("commit", "-q", "-m", "theirs", "--", "index.md")
    repository = clone.open()
    assert repository.read(ONE) == b"---\ntitle: one\n---\nText of one.\n"
    assert [path for path in clone.git("for-each-ref", "--format=%(refname)").split() if "rescued" in path]
    rescued = clone.git("for-each-ref", "--format=%(objectname)", "refs/gitcms/rescued").strip()
    assert clone.git("show", f"{rescued}:{ONE}") == "new 1"
    assert any("kept aside" in problem for problem in repository.problems())
    clone.audit()


def test_what_someone_went_on_editing_is_not_touched(clone: Clone) -> None:
    run_writer(clone, "save.files:kill")
    clone.write(ONE, "somebody's own\n")
    repository = clone.open()
    assert (clone.folder / ONE).read_text() == "somebody's own\n"
    assert (clone.folder / TWO).exists()
    assert not (clone.folder / ".git/index.lock").exists()
    assert repository.differs_on_disk(ONE)


def test_a_torn_journal_means_that_nothing_had_begun(clone: Clone, repository: Repository) -> None:
    next(clone.state.glob("save-*.lock")).write_bytes(b'+0000abcd\n{"token"')
    assert repository.recover() is None
    assert save(repository, ONE, "mine\n")


@pytest.mark.parametrize("name", ["save.objects", "file.rename", "save.files", "save.index"])
@pytest.mark.parametrize("lost", ["", "^{tree}", ":_posts", ":_posts/one.md"])
def test_a_save_of_which_a_power_cut_left_a_part_is_put_back_and_forgotten(
    clone: Clone, lost: str, name: str
) -> None:
    before = clone.git("rev-parse", "HEAD"), (clone.folder / ONE).read_bytes()
    run_writer(clone, f"{name}:kill")
    lose(clone, lost)
    repository = clone.open()
    assert (clone.git("rev-parse", "HEAD"), (clone.folder / ONE).read_bytes()) == before
    assert clone.git("status", "--porcelain") == ""
    assert not (clone.folder / "new").exists()
    assert save(repository, ONE, "after\n")
    assert clone.git("status", "--porcelain") == ""


def test_of_a_save_that_is_forgotten_somebodys_own_work_stays(clone: Clone) -> None:
    run_writer(clone, "save.files:kill")
    lose(clone, "")
    clone.write(ONE, "somebody's own\n")
    clone.open()
    assert (clone.folder / ONE).read_text() == "somebody's own\n"
    assert (clone.folder / TWO).exists()


def test_a_file_that_was_committed_meanwhile_is_not_put_back(clone: Clone) -> None:
    run_writer(clone, "save.files:kill")
    lose(clone, "")
    (clone.folder / ".git/index.lock").unlink()
    clone.git("commit", "-q", "-a", "-m", "theirs")
    clone.open()
    assert (clone.folder / ONE).read_text() == "new 1"


def lose(clone: Clone, what: str) -> None:
    """Take away an object of the save that was interrupted: its commit, or what Git finds there by name."""
    kept = next(clone.state.glob("save-*.lock")).read_text()
    commit = json.loads(kept.partition("\n")[2])["commit"]
    oid = clone.git("rev-parse", commit + what).strip()
    (clone.folder / ".git/objects" / oid[:2] / oid[2:]).unlink()


def test_of_a_save_that_is_forgotten_no_file_lies_about(clone: Clone) -> None:
    child = os.fork()
    if child == 0:
        try:
            repository = clone.open()
            failpoints.plan("save.objects:kill")
            save(repository, ONE, "mine\n")
        finally:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    assert list(clone.folder.rglob(".gitcms-*"))
    lose(clone, "")
    clone.open()
    assert not list(clone.folder.rglob(".gitcms-*"))


def test_a_save_whose_index_alone_outlived_a_power_cut_is_completed(clone: Clone) -> None:
    """No disk promises which of two renames in two folders it keeps, until both were waited for."""
    run_writer(clone, "save.index:kill")
    os.rename(clone.folder / ".git/index.lock", clone.folder / ".git/index")
    repository = clone.open()
    assert repository.read(ONE) == b"new 1"
    clone.audit()


def test_a_journal_of_a_repository_that_was_replaced_is_dropped(clone: Clone) -> None:
    run_writer(clone, "save.objects:kill")
    journal = next(clone.state.glob("save-*.lock"))
    kept = journal.read_bytes()
    clone.git("gc", "-q", "--prune=now")
    journal.write_bytes(kept)
    repository = clone.open()
    with pytest.raises(GitCMSError):
        repository.commit("0" * 40)
    assert save(repository, ONE, "mine\n")


# ── what came from a remote ──


def another_theme(clone: Clone) -> tuple[str, str]:
    """Make a commit that puts a file in place of a folder, a folder in place of a file and another version
    of a submodule; return the branch's commit and that one."""
    clone.write("about/a.md", "a\n")
    clone.write("about/deep/b.md", "b\n")
    clone.write("news", "a page\n")
    clone.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},theme")
    (clone.folder / "theme").mkdir()
    clone.commit()
    before = clone.git("rev-parse", "HEAD").strip()
    clone.git("rm", "-q", "-r", "--cached", "about", "news")
    for path, text in (("about", "one page\n"), ("news/a.md", "a folder\n")):
        (clone.folder.parent / "text").write_text(text)
        blob = clone.git("hash-object", "-w", str(clone.folder.parent / "text")).strip()
        clone.git("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}")
    clone.git("update-index", "--cacheinfo", f"160000,{'2' * 40},theme")
    tree = clone.git("write-tree").strip()
    theirs = clone.git("commit-tree", "-p", before, "-m", "Another theme", tree).strip()
    clone.git("read-tree", "HEAD")
    clone.git("update-index", "--refresh")
    return before, theirs


def never(path: str, *sides: object) -> bytes | None:
    raise AssertionError(path)


@pytest.mark.parametrize("nth", [1, 2, 3, 4])
@pytest.mark.parametrize(
    "name", [name for name in DURING if not name.startswith(("object.", "save.objects"))]
)
def test_a_receipt_killed_anywhere_is_finished_or_never_was(clone: Clone, name: str, nth: int) -> None:
    before, theirs = another_theme(clone)
    child = os.fork()
    if child == 0:
        try:
            failpoints.plan(f"{name}:{nth}:kill")
            clone.open().receive(theirs, never)
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    repository = clone.open()
    assert repository.head() in (before, theirs)
    clone.audit()
    repository.receive(theirs, never)
    assert repository.head() == theirs
    assert (clone.folder / "about").read_text() == "one page\n"
    assert (clone.folder / "news/a.md").read_text() == "a folder\n"
    assert clone.git("ls-files", "-s", "theme").split()[1] == "2" * 40
    assert sorted(path.name for path in clone.folder.iterdir() if path.name.startswith(".gitcms")) == []
    clone.audit()


@pytest.mark.parametrize("nth", [1, 2, 3, 4])
@pytest.mark.parametrize(
    "name", ["file.temporary", "file.backup", "file.rename", "index.write", "save.files"]
)
def test_a_receipt_that_fails_puts_everything_back(clone: Clone, name: str, nth: int) -> None:
    before, theirs = another_theme(clone)
    repository = clone.open()
    failpoints.plan(f"{name}:{nth}:eio")
    try:
        repository.receive(theirs, never)
    except GitCMSError:
        assert repository.head() == before
        assert (clone.folder / "about/deep/b.md").read_text() == "b\n"
        assert (clone.folder / "news").read_text() == "a page\n"
    finally:
        failpoints.plan("")
    clone.audit()


@pytest.mark.parametrize("what", ["a file", "a link", "a folder"])
def test_a_folder_with_what_is_nobodys_does_not_make_way(clone: Clone, what: str) -> None:
    before, theirs = another_theme(clone)
    extra = clone.folder / "about/deep/extra"
    if what == "a file":
        extra.write_text("mine")
    elif what == "a link":
        extra.symlink_to(clone.folder.parent)
    else:
        (extra / "in").mkdir(parents=True)
        (extra / "in/mine").write_text("mine")
    repository = clone.open()
    with pytest.raises(GitCMSError):
        repository.receive(theirs, never)
    assert repository.head() == before
    assert extra.is_symlink() or extra.exists()
    assert (clone.folder / "about/a.md").read_text() == "a\n"
