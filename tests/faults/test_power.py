"""What a power cut leaves of a commit that nobody waited for, and a library that only pretends to wait."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gitcms.errors import RepositoryUnusable
from tests.faults.conftest import ONE
from tests.repository.conftest import Clone, save


def torn(clone: Clone, revision: str) -> str:
    """Empty the file of an object, as a power cut does behind a `git commit` with git's defaults."""
    oid = clone.git("rev-parse", revision).strip()
    file = clone.folder / ".git/objects" / oid[:2] / oid[2:]
    file.chmod(0o644)
    os.truncate(file, 0)
    return oid


@pytest.fixture
def committed(clone: Clone) -> Clone:
    clone.write(ONE, "---\ntitle: one\n---\nBy hand.\n")
    clone.write("_posts/new/four.md", "---\ntitle: four\n---\nBy hand.\n")
    clone.commit("By hand")
    return clone


@pytest.mark.parametrize("eol", [False, True], ids=["plain", "crlf"])
def test_what_the_folder_still_holds_is_stored_again_and_said(committed: Clone, eol: bool) -> None:
    if eol:
        committed.write(".gitattributes", "*.md text eol=crlf\n")
        committed.commit("Line ends")
        (committed.folder / ONE).unlink()
        committed.git("checkout", "-q", "--", ONE)
    for revision in (f"HEAD:{ONE}", "HEAD:_posts/new", "HEAD:_posts", "HEAD^{tree}"):
        torn(committed, revision)
    assert committed.git("fsck", fails=True) is not None
    repository = committed.open()
    assert ONE in str(repository.recovered) and "power cut" in str(repository.recovered)
    assert repository.read(ONE) == b"---\ntitle: one\n---\nBy hand.\n"
    committed.audit()
    assert save(repository, ONE, "mine\n")
    committed.audit()


def test_what_nobody_has_any_more_is_said_and_the_rest_goes_on(committed: Clone) -> None:
    torn(committed, f"HEAD:{ONE}")
    (committed.folder / ONE).write_text("somebody went on with it\n")
    repository = committed.open()
    assert repository.read("_posts/two.md")
    assert save(repository, "_posts/two.md", "mine\n")
    findings = repository.audit().findings
    assert {finding.check for finding in findings} == {"history", "folder"}
    assert (committed.folder / ONE).read_text() == "somebody went on with it\n"


def test_a_newest_version_that_is_gone_is_refused_with_the_way_back(committed: Clone) -> None:
    before = committed.git("rev-parse", "HEAD~1").strip()
    torn(committed, "HEAD")
    with pytest.raises(RepositoryUnusable, match="newest version") as refused:
        committed.open()
    assert "git reflog" in refused.value.hint
    committed.git("update-ref", "refs/heads/main", before)
    repository = committed.open()
    assert repository.read("_posts/two.md")
    assert (committed.folder / ONE).read_text().endswith("By hand.\n")


def test_a_library_that_waits_for_nothing_is_named(clone: Clone) -> None:
    libraries = list(Path("/usr/lib").glob("*/libeatmydata.so*"))
    if not libraries:
        pytest.skip("needs libeatmydata: apt-get install libeatmydata1")
    config = clone.state / "my.toml"
    config.write_text(f'[state]\nfolder = "{clone.state}"\n')
    said = {}
    for preload in ("", str(libraries[0])):
        said[preload] = subprocess.run(
            [sys.executable, "-m", "gitcms", "doctor", "--config", str(config), str(clone.folder)],
            env={**os.environ, "LD_PRELOAD": preload},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    assert "libeatmydata" not in said[""]
    assert "libeatmydata is loaded" in said[str(libraries[0])]
