"""Programs that a repository names: planted everywhere, and none of them runs."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import pytest

from gitcms.errors import GitCMSError, NotFound
from gitcms.repository import Repository
from tests.repository.conftest import Clone, save

ONE = "_posts/one.md"
HOOKS = (
    "applypatch-msg commit-msg post-applypatch post-checkout post-commit post-index-change post-merge"
    " post-rewrite pre-applypatch pre-auto-gc pre-commit pre-merge-commit prepare-commit-msg pre-push"
    " pre-rebase proc-receive push-to-checkout reference-transaction update"
)


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    """A program that leaves a mark when it runs."""
    program = tmp_path / "trap"
    program.write_text(f'#!/bin/sh\necho "$0 $*" >> {tmp_path}/sprung\ncat\nexit 0\n')
    program.chmod(0o755)
    return program


def plant(clone: Clone, trap: Path) -> None:
    for hook in HOOKS.split():
        (clone.folder / ".git/hooks" / hook).symlink_to(trap)
    (clone.folder / "hooks").mkdir()
    for hook in HOOKS.split():
        (clone.folder / "hooks" / hook).symlink_to(trap)
    settings = {
        "core.fsmonitor": trap,
        "core.hooksPath": "hooks",
        "core.sshCommand": trap,
        "core.askPass": trap,
        "core.editor": trap,
        "core.pager": trap,
        "core.alternateRefsCommand": trap,
        "sequence.editor": trap,
        "diff.external": trap,
        "diff.x.textconv": trap,
        "diff.x.command": trap,
        "merge.x.driver": trap,
        "merge.default": "x",
        "gpg.program": trap,
        "commit.gpgSign": "true",
        "log.showSignature": "true",
        "credential.helper": trap,
        "alias.log": f"!{trap}",
        "alias.cat-file": f"!{trap}",
        "pager.log": trap,
        "pager.diff-tree": trap,
        "interactive.diffFilter": trap,
        "protocol.ext.allow": "always",
        "remote.o.url": f"ext::{trap}",
        "remote.o.uploadpack": trap,
        "remote.o.promisor": "true",
        "uploadpack.packObjectsHook": trap,
    }
    for key, value in settings.items():
        clone.git("config", key, str(value))
    (clone.folder / "included").write_text(f'[filter "y"]\n\tclean = {trap}\n\tsmudge = {trap}\n')
    clone.git("config", "include.path", "../included")
    (clone.folder / ".git/info/attributes").write_text("*.md diff=x merge=x\n")


def test_no_program_that_a_repository_names_ever_runs(clone: Clone, trap: Path) -> None:
    (clone.folder / ".gitignore").write_text("hooks\nincluded\n")
    clone.commit()
    plant(clone, trap)
    repository = clone.open()
    first = save(repository, ONE, "mine\n")
    assert first
    assert save(repository, "_posts/new.md", "new\n")
    assert save(repository, "_posts/two.md", None)
    repository.history()
    repository.history(ONE)
    repository.last_changes([ONE])
    repository.changes(first)
    assert "+mine" in repository.raw_diff(first)
    assert repository.differs_on_disk(ONE) is False
    assert len(repository.files()) == 5
    clone.git("-c", "core.fsmonitor=false", "update-index", "--index-version", "4")
    (trap.parent / "sprung").unlink(missing_ok=True)
    assert save(repository, ONE, "again\n")
    assert repository.recover() is None
    problems = repository.problems()
    assert not (trap.parent / "sprung").exists()
    assert "The hook pre-commit is installed. It does not run for saves made here." in problems
    for key in ("core.fsmonitor", "diff.x.textconv", "filter.y.clean", "credential.helper", "alias.log"):
        assert any(key in problem for problem in problems)


@pytest.mark.parametrize("where", [".gitattributes", ".git/info/attributes"])
def test_a_path_with_a_filter_is_refused_and_the_filter_never_runs(
    clone: Clone, trap: Path, where: str
) -> None:
    for name in ("clean", "smudge", "process"):
        clone.git("config", f"filter.lfs.{name}", str(trap))
    clone.git("config", "filter.lfs.required", "true")
    clone.write(where, "*.bin filter=lfs\n*.md text=auto eol=crlf ident\n")
    clone.git("-c", "filter.lfs.clean=", "-c", "filter.lfs.required=false", "add", "-A")
    clone.git("commit", "-q", "--allow-empty", "-m", "attributes")
    (trap.parent / "sprung").unlink(missing_ok=True)
    repository = clone.open()
    with pytest.raises(GitCMSError) as caught:
        save(repository, "a.bin", b"\0\1")
    assert caught.value.code == "path.filter"
    assert save(repository, ONE, "text\n")
    assert save(repository, "_posts/new.md", "$Id$\n")
    assert not (trap.parent / "sprung").exists()


@pytest.mark.parametrize(
    "revision",
    [
        *("-h", "--upload-pack=touch /tmp/pwn", "--output=/tmp/pwn", "HEAD", "main", "@", "a..b"),
        *(
            "HEAD:.git/config",
            ":/secret",
            "HEAD@{1.year.ago}",
            "main^{tree}",
            "x.lock",
            "../../../../etc/passwd",
        ),
        *("a" * 39, "A" * 40, "0" * 40, "a" * 40 + "\n", "f\n" + "a" * 40, "", "\udcff"),
    ],
)
def test_only_a_full_id_names_a_version(repository: Repository, revision: str) -> None:
    for ask in (
        repository.commit,
        repository.changes,
        repository.raw_diff,
        repository.read_blob,
        repository.files,
        lambda text: repository.read(ONE, text),
    ):
        with pytest.raises(NotFound):
            ask(revision)


def test_an_id_of_another_kind_of_object_is_not_found(repository: Repository) -> None:
    blob = repository.blob_of(ONE)
    assert blob is not None
    with pytest.raises(NotFound):
        repository.files(blob)
    with pytest.raises(NotFound):
        repository.commit(blob)
    with pytest.raises(NotFound):
        repository.read_blob(repository.head())


@pytest.mark.parametrize("variable", ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"])
def test_the_servers_own_git_variables_do_not_lead_elsewhere(
    clone: Clone, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str
) -> None:
    monkeypatch.setenv(variable, str(tmp_path / "elsewhere"))
    repository = clone.open()
    assert save(repository, ONE, "mine\n")
    assert not (tmp_path / "elsewhere").exists()
    clone.audit()


def packed(clone: Clone) -> None:
    """Have every object in one file, where only git finds it."""
    clone.git("repack", "-a", "-d", "-q")
    assert not list(clone.folder.glob(".git/objects/??/*"))


def test_what_lies_by_itself_reads_as_what_git_has_packed(clone: Clone, repository: Repository) -> None:
    save(repository, ONE, "")
    clone.git("tag", "-a", "-m", "One", "one")
    reader = repository._desk.reader()
    oids = clone.git("cat-file", "--batch-check=%(objectname)", "--batch-all-objects").split()
    loose = [reader.read(oid) for oid in oids]
    assert reader.repo.git.cat_file_all is None
    packed(clone)
    assert [reader.read(oid) for oid in oids] == loose
    assert {kind for kind, _ in loose} == {"blob", "tree", "commit", "tag"}


def test_a_reader_that_was_killed_is_started_again(clone: Clone, repository: Repository) -> None:
    packed(clone)
    before = repository.read(ONE)
    process = repository._desk.reader().repo.git.cat_file_all
    os.kill(process.pid, signal.SIGKILL)
    assert repository.read(ONE) == before
    repository.close()
    assert repository.read(ONE) == before


def test_a_thread_that_ends_takes_its_reader_along(clone: Clone, repository: Repository) -> None:
    packed(clone)
    seen = []

    def look() -> None:
        repository.read(ONE)
        seen.append(repository._desk.reader().repo.git.cat_file_all.proc)

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen[0].poll() is not None


def test_a_forked_process_gets_its_own_reader(clone: Clone, repository: Repository) -> None:
    packed(clone)
    before = repository.read(ONE)
    mine = repository._desk.reader()
    child = os.fork()
    if child == 0:
        os._exit(0 if repository._desk.reader() is not mine and repository.read(ONE) == before else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert repository.read(ONE) == before


def test_a_damaged_object_is_said_to_be(clone: Clone, repository: Repository) -> None:
    blob = repository.blob_of(ONE)
    assert blob is not None
    file = clone.folder / ".git/objects" / blob[:2] / blob[2:]
    file.chmod(0o644)
    file.write_bytes(b"not an object")
    with pytest.raises(GitCMSError) as caught:
        repository.read(ONE)
    assert caught.value.code in ("storage", "not_found")
    assert repository.read("_posts/two.md")


def test_gits_own_programs_are_all_that_runs(
    clone: Clone, trap: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (
        "PAGER",
        "EDITOR",
        "VISUAL",
        "GIT_EXTERNAL_DIFF",
        "GIT_SSH_COMMAND",
        "GIT_ASKPASS",
        "SSH_ASKPASS",
    ):
        monkeypatch.setenv(name, str(trap))
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", f"'core.fsmonitor={trap}'")
    repository = clone.open()
    commit = save(repository, ONE, "mine\n")
    assert commit
    assert repository.raw_diff(commit)
    assert not (trap.parent / "sprung").exists()
