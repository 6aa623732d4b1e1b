"""The clone in every odd state: each is handled, or said, and nobody's work is touched."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from gitcms.errors import GitCMSError, PathTaken, RepositoryBusy, StorageFailed
from gitcms.repository import Repository
from tests.faults.conftest import ONE, SAVED, start_save
from tests.repository.conftest import ADA, Clone, save

LOCKS = ["index.lock", "HEAD.lock", "config.lock", "packed-refs.lock", "shallow.lock"]


@pytest.mark.parametrize("name", [*LOCKS, "refs/heads/main.lock"])
def test_a_lock_that_somebody_left_is_named_and_never_taken_away(
    clone: Clone, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gitcms.repository.locks.INDEX_SECONDS", 0.2)
    monkeypatch.setattr("gitcms.repository.refs.LOCK_SECONDS", 0.2)
    lock = clone.write(f".git/{name}", "")
    repository = clone.open()
    assert any(name in problem for problem in repository.problems())
    try:
        save(repository, ONE, "mine\n")
    except RepositoryBusy:
        assert name in ("index.lock", "refs/heads/main.lock")
        assert clone.status() == ""
    else:
        assert name not in ("index.lock", "refs/heads/main.lock")
    assert lock.exists()
    lock.unlink()
    save(repository, ONE, "mine\n")
    clone.audit()


def test_a_tidying_that_died_is_no_obstacle(clone: Clone, repository: Repository) -> None:
    clone.write(".git/gc.pid", f"99999999 {socket.gethostname()}")
    assert save(repository, ONE, "mine\n")
    clone.audit()


def test_a_branch_renamed_while_the_server_runs_is_said(clone: Clone, repository: Repository) -> None:
    clone.git("branch", "-m", "main", "trunk")
    with pytest.raises(GitCMSError, match=r"switched|does not exist"):
        save(repository, ONE, "mine\n")
    with pytest.raises(GitCMSError, match=r"switched|does not exist"):
        repository.head()
    clone.git("branch", "-m", "trunk", "main")
    assert save(repository, ONE, "mine\n")
    clone.audit()


def test_a_partial_clone_without_its_origin_says_what_is_missing(clone: Clone, tmp_path: Path) -> None:
    clone.git("config", "uploadpack.allowFilter", "true")
    clone.write(ONE, "newer\n")
    clone.commit("newer")
    partial = Clone(tmp_path / "partial") if (tmp_path / "partial").mkdir() is None else clone
    partial.folder.rmdir()
    clone.git("clone", "-q", "--filter=blob:none", f"file://{clone.folder}", str(partial.folder))
    first = partial.git("rev-parse", "HEAD~1").strip()
    old = clone.git("rev-parse", f"HEAD~1:{ONE}").strip()
    shutil.move(clone.folder, tmp_path / "gone")
    repository = partial.open()
    assert repository.read(ONE) == b"newer\n"
    assert save(repository, ONE, "mine\n")
    assert repository.history(ONE)[-1].id == first
    with pytest.raises(GitCMSError):
        repository.read_blob(old)
    assert partial.git("log", "-1", "--format=%an").strip() == "Ada Lovelace"
    partial.close()


@pytest.mark.parametrize("value", ["true", "false"])
def test_names_that_differ_in_case_alone_are_told_whatever_git_was_told(clone: Clone, value: str) -> None:
    clone.git("config", "core.ignoreCase", value)
    repository = clone.open()
    with pytest.raises(PathTaken):
        save(repository, "_posts/One.md", "x")
    assert repository.save(
        {ONE: None, "_posts/One.md": repository.read(ONE)},
        base={ONE: repository.blob_of(ONE)},
        author=ADA,
        message="Rename",
    )
    assert sorted(os.listdir(clone.folder / "_posts")) == ["One.md", "three.md", "two.md"]
    clone.audit()


def damaged(clone: Clone, oid: str) -> None:
    file = clone.folder / ".git/objects" / oid[:2] / oid[2:]
    file.chmod(0o644)
    data = bytearray(file.read_bytes())
    data[-8:] = b"damaged!"
    file.write_bytes(data)


def test_one_damaged_version_leaves_the_others_and_the_history(clone: Clone) -> None:
    old = clone.git("rev-parse", f"HEAD:{ONE}").strip()
    repository = clone.open()
    second = save(repository, ONE, "second\n")
    damaged(clone, old)
    repository = clone.open()
    with pytest.raises(StorageFailed, match="damaged"):
        repository.read_blob(old)
    assert repository.history(ONE)[0].id == second
    assert [change.path for change in repository.changes(str(second))] == [ONE]
    assert repository.read("_posts/two.md") and save(repository, "_posts/two.md", "mine\n")
    assert [finding.check for finding in repository.audit().findings] == ["history"]


def test_a_damaged_pack_is_said_and_what_is_outside_can_be_read(clone: Clone) -> None:
    clone.git("gc", "-q")
    (pack,) = (clone.folder / ".git/objects/pack").glob("*.pack")
    repository = clone.open()
    second = save(repository, ONE, "second\n")
    repository.close()
    pack.chmod(0o644)
    with pack.open("r+b") as file:
        file.seek(12)
        file.write(bytes(pack.stat().st_size - 40))
    with pytest.raises(GitCMSError) as caught:
        clone.open().read("_posts/two.md")
    assert caught.value.code in ("storage", "not_found", "repository.unusable")
    assert clone.git("cat-file", "-p", f"{second}:{ONE}", fails=True) == "second\n"


def test_a_missing_folder_of_an_old_version_is_said(clone: Clone) -> None:
    tree = clone.git("rev-parse", "HEAD:_posts").strip()
    old = clone.git("rev-parse", "HEAD").strip()
    repository = clone.open()
    second = save(repository, ONE, "second\n")
    (clone.folder / ".git/objects" / tree[:2] / tree[2:]).unlink()
    repository = clone.open()
    with pytest.raises(GitCMSError):
        repository.files(old)
    assert repository.read(ONE) == b"second\n"
    assert repository.history()[0].id == second
    assert save(repository, ONE, "third\n")


def test_saves_go_on_beside_very_many_loose_objects(clone: Clone) -> None:
    number = int(os.environ.get("GITCMS_LOOSE", "8000"))
    blobs = "".join(f"blob\nmark :{n + 1}\ndata <<E\n{n}\nE\n" for n in range(number))
    clone.git(
        "-c",
        "fastimport.unpackLimit=100000000",
        "-c",
        "core.fsync=none",
        "fast-import",
        "--quiet",
        stdin=blobs,
    )
    repository = clone.open()
    assert save(repository, ONE, "mine\n")
    assert any("git gc" in problem for problem in repository.problems())
    clone.audit()


@pytest.mark.parametrize("value", ["false", "true", "always"])
def test_a_reflog_is_kept_or_not_as_the_repository_wants(clone: Clone, value: str) -> None:
    shutil.rmtree(clone.folder / ".git/logs")
    clone.git("config", "core.logAllRefUpdates", value)
    assert save(clone.open(), ONE, "mine\n")
    assert (clone.folder / ".git/logs/refs/heads/main").exists() == (value != "false")
    clone.audit()


@pytest.mark.parametrize("jump", ["-1d", "+365d"])
def test_a_clock_that_jumps_loses_nothing(clone: Clone, jump: str) -> None:
    libraries = list(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    if not libraries:
        pytest.skip("needs libfaketime: apt-get install libfaketime")
    first = save(clone.open(), ONE, "first\n")
    code = (
        "import sys; from pathlib import Path; from tests.repository.conftest import *\n"
        "r = Repository.open(Path(sys.argv[1]), lock_folder=Path(sys.argv[2]), committer=COMMITTER)\n"
        "print(save(r, '_posts/one.md', 'later'), [c.subject for c in r.history()][:2], r.recovered)\n"
        "assert not r.audit().findings\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(clone.folder), str(clone.state)],
        env={**os.environ, "LD_PRELOAD": str(libraries[0]), "FAKETIME": jump},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    repository = clone.open()
    newest, before = repository.history(ONE)[:2]
    assert before.id == first and newest.id in done.stdout
    assert abs((newest.when - before.when).days) >= 1
    assert save(repository, ONE, "now again\n")
    assert repository.history(ONE)[1].id == newest.id
    clone.audit()


def test_a_backup_that_takes_the_clones_place_is_noticed(clone: Clone, tmp_path: Path) -> None:
    repository = clone.open()
    kept = save(repository, ONE, "before the backup\n")
    shutil.copytree(clone.folder, tmp_path / "backup", symlinks=True)
    base = {ONE: repository.blob_of(ONE)}
    lost = save(repository, ONE, "after the backup\n")
    newer = {ONE: repository.blob_of(ONE)}
    shutil.rmtree(clone.folder)
    shutil.move(tmp_path / "backup", clone.folder)
    assert repository.head() == kept
    assert repository.read(ONE) == b"before the backup\n"
    with pytest.raises(GitCMSError):
        repository.save({ONE: b"mine\n"}, base=newer, author=ADA, message="On top of what is gone")
    findings = repository.audit().findings
    assert [finding.check for finding in findings] == ["saves"] and str(lost) in findings[0].details
    assert repository.save({ONE: b"mine\n"}, base=base, author=ADA, message="Again")
    clone.audit()


def test_a_process_that_is_about_to_save_saves(clone: Clone) -> None:
    process = start_save(clone, "")
    process.communicate("go\n")
    assert process.returncode == SAVED
    clone.audit()


def test_a_history_that_lies_partly_elsewhere_is_read_and_named(clone: Clone, tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    subprocess.run(["git", "clone", "-q", "--shared", str(clone.folder), str(shared)], check=True)
    before = sorted(path for path in (clone.folder / ".git").rglob("*"))
    repository = clone.open(shared)
    assert any("objects/info/alternates" in problem for problem in repository.problems())
    assert save(repository, ONE, "mine\n") and len(repository.history()) == 2
    # Nothing is written into the other one.
    assert sorted(path for path in (clone.folder / ".git").rglob("*")) == before


def test_replaced_parts_of_the_history_are_shown_as_they_were_saved(clone: Clone) -> None:
    first = clone.git("rev-parse", "HEAD").strip()
    clone.write(ONE, "newer\n")
    second = clone.commit("newer")
    forged = clone.git("commit-tree", "-m", "Forged", f"{first}^{{tree}}").strip()
    clone.git("replace", second, forged)
    assert clone.git("log", "-1", "--format=%s").strip() == "Forged"
    repository = clone.open()
    assert repository.commit(second).subject == "newer"
    assert repository.read(ONE) == b"newer\n"
    assert any("git replace" in problem for problem in repository.problems())
    assert save(repository, ONE, "mine\n")
    assert [commit.subject for commit in repository.history()][1:] == ["newer", "The site as it is"]


def test_a_bare_repository_inside_is_content_and_never_asked(clone: Clone, tmp_path: Path) -> None:
    """A folder that git would take for a repository, with a configuration that names a program."""
    mark, inner = tmp_path / "mark", clone.folder / "_posts/inner"
    subprocess.run(["git", "init", "-q", "--bare", str(inner)], check=True)
    with (inner / "config").open("a") as config:
        config.write(f"[core]\n\tfsmonitor = touch {mark}\n[alias]\n\tstatus = !touch {mark}\n")
    clone.write("_posts/inner/five.md", "five\n")
    clone.commit("A site that somebody prepared")
    repository = clone.open()
    assert save(repository, "_posts/inner/five.md", "mine\n")
    assert repository.history("_posts/inner/five.md") and not repository.audit().findings
    assert not mark.exists()
