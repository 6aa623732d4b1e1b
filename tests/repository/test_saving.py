from __future__ import annotations

import os
import stat
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from gitcms.errors import (
    ChangedOnDisk,
    EditConflict,
    PathRefused,
    PathTaken,
    RepositoryBusy,
    RepositoryUnusable,
)
from gitcms.repository import IdentityRefused, MessageRefused, Person, Repository, locks
from tests.repository.conftest import ADA, Clone, save

ONE = "_posts/one.md"
TWO = "_posts/two.md"


def test_a_save_is_one_commit_by_the_author(clone: Clone, repository: Repository) -> None:
    before = repository.head()
    zone = timezone(timedelta(hours=-5, minutes=-30))
    when = datetime(2026, 3, 4, 5, 6, 7, tzinfo=zone)
    commit = repository.save(
        {ONE: b"new\n"},
        base={ONE: repository.blob_of(ONE)},
        author=ADA,
        message="Change “one”\n\nBecause.",
        when=when,
    )
    assert commit is not None
    assert commit.parents == (before,)
    assert repository.commit(commit.id) == commit
    said = clone.git("log", "-1", "--date=iso", "--format=%an|%ae|%ad|%cn|%ce|%B")
    assert said.startswith("Ada Lovelace|ada@example.org|2026-03-04 05:06:07 -0530|gitcms|gitcms@localhost|")
    assert said.strip().endswith("Change “one”\n\nBecause.")
    assert clone.git("show", "--format=", "--name-status", "HEAD") == f"M\t{ONE}\n"
    assert (clone.folder / ONE).read_bytes() == b"new\n"
    assert clone.git("reflog", "-1", "--format=%gs") == "commit: Change “one”\n"
    clone.audit()


def test_several_files_are_one_commit(clone: Clone, repository: Repository) -> None:
    changes = {
        "_posts/renamed.md": b"moved\n",
        ONE: None,
        "images/deep/er/a.png": b"\x89PNG\0",
        TWO: b"two\n",
    }
    base = {path: repository.blob_of(path) for path in changes}
    repository.save(changes, base=base, author=ADA, message="Rename and add a picture")
    assert clone.git("show", "--format=", "--name-status", "--no-renames", "HEAD").split("\n")[:-1] == [
        f"D\t{ONE}",
        "A\t_posts/renamed.md",
        f"M\t{TWO}",
        "A\timages/deep/er/a.png",
    ]
    assert clone.git("rev-list", "--count", "HEAD").strip() == "2"
    clone.audit()


def test_nothing_different_is_no_commit(clone: Clone, repository: Repository) -> None:
    before = repository.head()
    assert save(repository, ONE, repository.read(ONE)) is None
    assert save(repository, "absent.md", None) is None
    assert repository.head() == before


def test_the_same_save_twice_is_one_commit(repository: Repository) -> None:
    base = {ONE: repository.blob_of(ONE)}
    assert save(repository, ONE, "new", base=base)
    assert save(repository, ONE, "new", base=base) is None


def test_a_deleted_file_takes_its_empty_folder_along(clone: Clone, repository: Repository) -> None:
    save(repository, "a/b/c.md", "c\n")
    save(repository, "a/b/c.md", None)
    assert not (clone.folder / "a").exists()
    clone.audit()


def test_the_last_file_may_be_deleted(clone: Clone, repository: Repository) -> None:
    paths = [file.path for file in repository.files()]
    base = {path: repository.blob_of(path) for path in paths}
    repository.save(dict.fromkeys(paths), base=base, author=ADA, message="Away")
    assert repository.files() == []
    clone.audit()


def test_a_stale_save_overwrites_nothing(clone: Clone, repository: Repository) -> None:
    base = repository.blob_of(ONE)
    clone.write(ONE, "theirs\n")
    clone.commit()
    with pytest.raises(EditConflict) as caught:
        save(repository, ONE, "mine\n", base={ONE: base})
    assert (caught.value.path, caught.value.base) == (ONE, base)
    assert caught.value.current == repository.blob_of(ONE)
    assert repository.read(ONE) == b"theirs\n"
    clone.audit()


def test_a_save_of_a_deleted_file_is_a_conflict(clone: Clone, repository: Repository) -> None:
    base = repository.blob_of(ONE)
    clone.git("rm", "-q", ONE)
    clone.git("commit", "-q", "-m", "gone")
    with pytest.raises(EditConflict) as caught:
        save(repository, ONE, "mine\n", base={ONE: base})
    assert caught.value.current is None


def test_a_commit_to_another_file_bothers_nobody(clone: Clone, repository: Repository) -> None:
    base = repository.blob_of(ONE)
    clone.write(TWO, "theirs\n")
    clone.commit()
    assert save(repository, ONE, "mine\n", base={ONE: base})
    clone.audit()


@pytest.mark.parametrize("path", [ONE, "_posts/ONE.md", "_Posts/new.md", "_posts/one.md/new.md", "_posts"])
def test_a_new_file_takes_nobodys_place(clone: Clone, repository: Repository, path: str) -> None:
    with pytest.raises(PathTaken):
        repository.save({path: b"new\n"}, base={path: None}, author=ADA, message="New")
    clone.audit()


def test_two_new_files_of_one_save_do_not_collide(repository: Repository) -> None:
    with pytest.raises(PathTaken):
        repository.save({"new.md": b"1", "New.md": b"2"}, base={}, author=ADA, message="New")


def test_a_file_may_make_way_for_a_folder_of_its_name(clone: Clone, repository: Repository) -> None:
    base = {"index.md": repository.blob_of("index.md")}
    repository.save({"index.md": None, "index.md/a.md": b"a\n"}, base=base, author=ADA, message="Split")
    clone.audit()


def test_an_untracked_file_is_not_overwritten(clone: Clone, repository: Repository) -> None:
    clone.write("_posts/new.md", "a draft of the developer\n")
    with pytest.raises(PathTaken):
        save(repository, "_posts/new.md", "mine\n")
    assert (clone.folder / "_posts/new.md").read_text() == "a draft of the developer\n"


def test_an_ignored_name_is_refused(clone: Clone, repository: Repository) -> None:
    clone.write(".gitignore", "private\n")
    clone.commit()
    with pytest.raises(PathRefused) as caught:
        save(repository, "private/new.md", "mine\n")
    assert caught.value.code == "path.collision"


# ── other people's work ──


def test_staged_work_of_others_stays_staged_and_is_not_swept_in(clone: Clone, repository: Repository) -> None:
    clone.write(TWO, "staged\n")
    clone.write("other.md", "staged too\n")
    clone.git("add", TWO, "other.md")
    clone.git("rm", "-q", "--cached", "index.md")
    before = clone.status()
    save(repository, ONE, "mine\n")
    save(repository, "_posts/four.md", "four\n")
    save(repository, "_posts/three.md", None)
    assert clone.status() == before
    assert clone.git("diff", "--name-only", "HEAD~3", "HEAD").split() == [
        "_posts/four.md",
        ONE,
        "_posts/three.md",
    ]
    clone.git("commit", "-q", "-m", "theirs")
    assert clone.git("show", "--format=", "--name-only", "HEAD").split() == [TWO, "index.md", "other.md"]
    assert clone.git("show", f"HEAD:{ONE}") == "mine\n"


def test_what_somebody_stages_between_two_saves_stays_staged(clone: Clone, repository: Repository) -> None:
    """The index that the first save wrote is known to the next one, and as long as the one that is there."""
    save(repository, ONE, "mine\n")
    clone.write(TWO, "staged\n")
    clone.git("add", TWO)
    before = clone.status()
    save(repository, ONE, "mine again\n")
    assert clone.status() == before == f"M  {TWO}\n"


def test_unstaged_work_of_others_stays(clone: Clone, repository: Repository) -> None:
    clone.write(TWO, "unsaved\n")
    (clone.folder / "index.md").unlink()
    clone.write("loose.md", "untracked\n")
    before = clone.status()
    save(repository, ONE, "mine\n")
    assert clone.status() == before
    assert (clone.folder / TWO).read_text() == "unsaved\n"


@pytest.mark.parametrize("stage", [False, True])
@pytest.mark.parametrize("content", [b"theirs\n", None])
def test_work_of_others_on_the_same_file_is_not_overwritten(
    clone: Clone, repository: Repository, stage: bool, content: bytes | None
) -> None:
    if content is None:
        (clone.folder / ONE).unlink()
    else:
        clone.write(ONE, content)
    if stage:
        clone.git("add", "-A")
    before = clone.status()
    assert repository.differs_on_disk(ONE)
    assert not repository.differs_on_disk(TWO)
    with pytest.raises(ChangedOnDisk):
        save(repository, ONE, "mine\n")
    assert clone.status() == before


def test_a_change_of_the_same_size_and_time_is_seen(clone: Clone, repository: Repository) -> None:
    file = clone.folder / ONE
    before = file.stat()
    file.write_bytes(file.read_bytes().swapcase())
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert repository.differs_on_disk(ONE)
    with pytest.raises(ChangedOnDisk):
        save(repository, ONE, "mine\n")


def test_a_mode_that_somebody_staged_is_not_taken_back(clone: Clone, repository: Repository) -> None:
    clone.git("update-index", "--chmod=+x", ONE)
    with pytest.raises(ChangedOnDisk):
        save(repository, ONE, "mine\n")


def test_a_file_in_conflict_is_not_touched(clone: Clone, repository: Repository) -> None:
    blob = repository.blob_of(ONE)
    clone.git("update-index", "--index-info", stdin=f"0 {'0' * 40}\t{ONE}\n100644 {blob} 1\t{ONE}\n")
    with pytest.raises(ChangedOnDisk):
        save(repository, ONE, "mine\n")


def test_the_files_mode_stays(clone: Clone, repository: Repository) -> None:
    clone.write("run.md", "x\n").chmod(0o755)
    clone.commit()
    (clone.folder / ONE).chmod(0o640)
    save(repository, ONE, "mine\n")
    save(repository, "run.md", "mine\n")
    assert stat.S_IMODE((clone.folder / ONE).stat().st_mode) == 0o640
    assert clone.git("ls-tree", "HEAD", "run.md").startswith("100755")
    clone.audit()


def test_a_hard_link_outside_keeps_its_content(clone: Clone, repository: Repository, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    os.link(clone.folder / ONE, canary)
    before = canary.read_bytes()
    save(repository, ONE, "mine\n")
    assert canary.read_bytes() == before


def test_many_files_in_many_folders_keep_the_cached_trees_right(clone: Clone, repository: Repository) -> None:
    for number in range(30):
        clone.write(f"a{number % 3}/b{number % 5}/p{number}.md", f"{number}\n")
    clone.commit()
    for number in range(0, 30, 7):
        path = f"a{number % 3}/b{number % 5}/p{number}.md"
        save(repository, path, f"new {number}\n")
        assert clone.git("write-tree").strip() == clone.git("rev-parse", "HEAD^{tree}").strip()
    save(repository, "a0/b0/p0.md", None)
    save(repository, "a0/b9/p0.md", "x")
    assert clone.git("write-tree").strip() == clone.git("rev-parse", "HEAD^{tree}").strip()
    clone.audit()


# ── kinds of index ──


@pytest.mark.parametrize(
    "prepare",
    [
        ["update-index", "--index-version", "3"],
        ["update-index", "--index-version", "4"],
        ["update-index", "--split-index"],
        ["update-index", "--untracked-cache"],
        ["update-index", "--assume-unchanged", "index.md"],
        ["update-index", "--skip-worktree", "index.md"],
        [
            "-c",
            "index.threads=2",
            "-c",
            "index.recordEndOfIndexEntries=true",
            "update-index",
            "--force-write",
        ],
        ["-c", "index.recordOffsetTable=true", "-c", "index.threads=2", "update-index", "--force-write"],
        ["config", "feature.manyFiles", "true"],
    ],
    ids=" ".join,
)
def test_every_kind_of_index_is_kept_right(clone: Clone, prepare: list[str]) -> None:
    if "--force-write" in prepare:
        prepare = [*prepare[: prepare.index("update-index")], "update-index", "--force-remove", "nothing"]
    clone.git(*prepare)
    clone.write("staged.md", "staged\n")
    clone.git("add", "staged.md")
    repository = clone.open()
    save(repository, ONE, "mine\n")
    save(repository, "_posts/four.md", "four\n")
    save(repository, TWO, None)
    assert clone.status() == "A  staged.md\n"
    clone.git("commit", "-q", "-m", "theirs")
    assert clone.git("show", "--format=", "--name-only", "HEAD").split() == ["staged.md"]
    clone.audit()


def test_a_sparse_checkout_is_saved_without_the_file_on_the_disk(clone: Clone) -> None:
    clone.write("docs/a.md", "a\n")
    clone.commit()
    clone.git("sparse-checkout", "set", "docs")
    assert not (clone.folder / ONE).exists()
    repository = clone.open()
    assert not repository.differs_on_disk(ONE)
    save(repository, ONE, "mine\n")
    assert not (clone.folder / ONE).exists()
    assert clone.git("show", f"HEAD:{ONE}") == "mine\n"
    clone.audit()


def test_an_index_that_is_missing_is_somebodys_work(clone: Clone, repository: Repository) -> None:
    (clone.folder / ".git/index").unlink()
    with pytest.raises(ChangedOnDisk):
        save(repository, ONE, "mine\n")


# ── where it may and may not write ──


def test_a_site_may_be_a_folder_of_its_repository(clone: Clone) -> None:
    clone.write("site/content/a.md", "a\n")
    clone.commit()
    repository = clone.open(clone.folder / "site")
    assert [file.path for file in repository.files()] == ["content/a.md"]
    commit = save(repository, "content/a.md", "b\n")
    assert commit is not None
    assert clone.git("show", "--format=", "--name-only").split() == ["site/content/a.md"]
    assert [change.path for change in repository.changes(commit)] == ["content/a.md"]
    assert len(repository.history()) == 2
    assert [entry.id for entry in repository.history("content/a.md", limit=1)] == [commit]
    assert repository.last_changes(["content/a.md"])["content/a.md"].id == commit
    assert "+b" in repository.raw_diff(commit, ["content/a.md"])
    clone.audit()


@pytest.mark.parametrize(
    ("link", "target", "path"),
    [
        ("_posts/l.md", "/etc/passwd", "_posts/l.md"),
        ("_posts/l.md", "one.md", "_posts/l.md"),
        ("_posts/l.md", "/nowhere/at/all", "_posts/l.md"),
        ("_posts/d", "/tmp", "_posts/d/x.md"),
        ("s", ".git", "s/hooks.md"),
    ],
)
@pytest.mark.parametrize("tracked", [False, True])
def test_a_symbolic_link_is_never_written_through(
    clone: Clone, repository: Repository, link: str, target: str, path: str, tracked: bool
) -> None:
    (clone.folder / link).symlink_to(target)
    if tracked:
        clone.commit()
    before = repository.head()
    with pytest.raises((PathRefused, PathTaken)) as caught:
        save(repository, path, "mine\n")
    if tracked or link != path:
        assert caught.value.code == "path.symlink"
    assert repository.head() == before
    assert (clone.folder / link).is_symlink()


def test_a_folder_swapped_for_a_link_is_noticed_at_the_last_moment(
    clone: Clone, repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()

    def swap(name: str) -> None:
        if name == "save.journal":
            (clone.folder / "_posts").rename(clone.folder / "_was")
            (clone.folder / "_posts").symlink_to(outside)

    monkeypatch.setattr("gitcms.repository.landing.reach", swap)
    with pytest.raises(PathRefused):
        save(repository, ONE, "mine\n")
    assert list(outside.iterdir()) == []


def test_a_pipe_or_a_folder_in_the_files_place_holds_nobody_up(clone: Clone, repository: Repository) -> None:
    (clone.folder / ONE).unlink()
    os.mkfifo(clone.folder / ONE)
    with pytest.raises(ChangedOnDisk):
        save(repository, ONE, "mine\n")
    (clone.folder / TWO).unlink()
    (clone.folder / TWO).mkdir()
    with pytest.raises(ChangedOnDisk):
        save(repository, TWO, "mine\n")


def test_another_repository_inside_is_not_entered(clone: Clone, repository: Repository) -> None:
    (clone.folder / "sub").mkdir()
    subprocess.run(["git", "init", "-q"], cwd=clone.folder / "sub", check=True)
    with pytest.raises(PathRefused) as caught:
        save(repository, "sub/x.md", "mine\n")
    assert caught.value.code == "path.collision"
    clone.git("update-index", "--add", "--cacheinfo", f"160000,{repository.head()},sub")
    clone.git("commit", "-q", "-m", "a submodule")
    with pytest.raises(PathRefused) as caught:
        save(repository, "sub/x.md", "mine\n")
    assert caught.value.code == "path.collision"


@pytest.mark.parametrize(
    "path", ["../x.md", ".git/config", ".git/hooks/x", "a/../../x.md", "/etc/x", "a\0b", ""]
)
def test_a_path_that_no_author_may_name_is_refused(repository: Repository, path: str) -> None:
    with pytest.raises(PathRefused):
        repository.save({path: b"x"}, base={}, author=ADA, message="x")


# ── who, and what they say ──


@pytest.mark.parametrize(
    "person",
    [
        Person("x\ncommitter evil <e@e> 1 +0000", "a@example.org"),
        Person("x\ry", "a@example.org"),
        Person("x <y@z>", "a@example.org"),
        Person("x", "a@b> 0 +0000 <c"),
        Person("x\0y", "a@example.org"),
        Person("", "a@example.org"),
        Person("...", "a@example.org"),
        Person(".,:;<>\"\\'", "a@example.org"),
        Person("n" * 10240, "a@example.org"),
        Person("x\ud800", "a@example.org"),
        Person("\u202eevil", "a@example.org"),
        Person("x", "ab"),
        Person("x", "a b@c"),
    ],
)
def test_an_identity_that_would_forge_a_header_is_refused(repository: Repository, person: Person) -> None:
    before = repository.head()
    with pytest.raises(IdentityRefused):
        save(repository, ONE, "mine\n", author=person)
    assert repository.head() == before


@pytest.mark.parametrize("message", ["", " \n\t", "\0", "m" * 1_000_000])
def test_a_message_that_says_nothing_is_refused(repository: Repository, message: str) -> None:
    with pytest.raises(MessageRefused):
        save(repository, ONE, "mine\n", message=message)


@pytest.mark.parametrize(
    ("message", "stored"),
    [
        ("a\0b", "a b"),
        ("\x1b]0;x\x07", "]0;x"),
        ("a\ud800b", "a b"),
        ("one\r\ntwo", "one\ntwo"),
        ("# only a comment", "# only a comment"),
        ("t\n\ngpgsig -----BEGIN PGP SIGNATURE-----", "t\n\ngpgsig -----BEGIN PGP SIGNATURE-----"),
        ("x\n# ------------------------ >8 ------------------------\ny", None),
    ],
)
def test_a_message_stays_a_message(
    clone: Clone, repository: Repository, message: str, stored: str | None
) -> None:
    commit = save(repository, ONE, "mine\n", message=message)
    assert commit is not None
    assert repository.commit(commit).message == (stored or message)
    clone.audit()


# ── locks ──


def test_an_index_lock_of_somebody_else_is_waited_for_and_respected(
    clone: Clone, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "INDEX_SECONDS", 0.2)
    lock = clone.folder / ".git/index.lock"
    lock.touch()
    before = repository.head()
    with pytest.raises(RepositoryBusy):
        save(repository, ONE, "mine\n")
    assert lock.exists()
    assert repository.head() == before
    lock.unlink()
    clone.audit()
    assert save(repository, ONE, "mine\n")


def test_a_branch_lock_of_somebody_else_is_respected(
    clone: Clone, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gitcms.repository.refs.LOCK_SECONDS", 0.2)
    lock = clone.folder / ".git/refs/heads/main.lock"
    lock.touch()
    with pytest.raises(RepositoryBusy):
        save(repository, ONE, "mine\n")
    assert lock.exists()
    lock.unlink()
    clone.audit()


def test_another_server_that_does_not_finish_is_waited_for_only_so_long(clone: Clone) -> None:
    first, second = clone.open(), clone.open(lock_seconds=0.2)
    with first._desk.lock.held(), pytest.raises(RepositoryBusy):
        save(second, ONE, "mine\n")
    assert save(second, ONE, "mine\n")


# ── the world outside ──


@pytest.mark.parametrize(
    ("commands", "word"),
    [
        ([["checkout", "-q", "--detach"]], "detached"),
        ([["switch", "-q", "-c", "other"]], "switched"),
        ([["branch", "-q", "-m", "renamed"]], "switched"),
        ([["update-ref", "-d", "refs/heads/main"]], "first version"),
    ],
)
def test_a_clone_that_is_elsewhere_now_takes_no_save(
    clone: Clone, repository: Repository, commands: list[list[str]], word: str
) -> None:
    base = {ONE: repository.blob_of(ONE)}
    for command in commands:
        clone.git(*command)
    with pytest.raises(RepositoryUnusable) as caught:
        repository.save({ONE: b"mine\n"}, base=base, author=ADA, message="x")
    assert word in str(caught.value)
    assert caught.value.hint


def test_a_merge_begun_meanwhile_is_left_alone(clone: Clone, repository: Repository) -> None:
    clone.git("switch", "-q", "-c", "other")
    clone.write(ONE, "other\n")
    clone.commit()
    clone.git("switch", "-q", "main")
    clone.write(ONE, "main\n")
    clone.commit()
    clone.git("merge", "-q", "other", fails=True)
    with pytest.raises(RepositoryUnusable, match="merge is half done"):
        save(repository, TWO, "mine\n")
    assert (clone.folder / ".git/MERGE_HEAD").exists()


def test_packed_branches_and_objects_are_no_obstacle(clone: Clone, repository: Repository) -> None:
    for number in range(3):
        save(repository, ONE, f"{number}\n")
        clone.git("gc", "-q", "--prune=now")
        clone.git("pack-refs", "--all")
        assert repository.read(ONE) == f"{number}\n".encode()
    clone.audit()


def test_a_linked_working_tree_works(clone: Clone) -> None:
    clone.git("worktree", "add", "-q", "-b", "live", "../linked")
    repository = clone.open(clone.folder.parent / "linked")
    assert repository.branch == "live"
    save(repository, ONE, "mine\n")
    assert clone.git("show", f"live:{ONE}") == "mine\n"
    assert clone.git("-C", "../linked", "status", "--porcelain") == ""
    assert clone.git("-C", "../linked", "reflog", "-1", "--format=%gs") == f"commit: Change {ONE}\n"
    clone.audit()
    repository.close()
