"""An audit finds each thing that is not as it was promised, and nothing when all is well."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitcms.repository import Repository, failpoints
from gitcms.repository.ledger import LONGEST, Ledger
from tests.repository.conftest import Clone, save

ONE = "_posts/one.md"


def checks(repository: Repository) -> list[str]:
    return [finding.check for finding in repository.audit().findings]


def test_nothing_is_found_where_all_is_well(clone: Clone, repository: Repository) -> None:
    assert save(repository, ONE, "mine\n")
    assert save(repository, "_posts/two.md", None)
    found = repository.audit()
    assert (found.saves, found.files, found.findings) == (2, 3, ())


def test_a_save_that_somebody_took_out_of_the_history_is_found(clone: Clone, repository: Repository) -> None:
    assert save(repository, ONE, "kept\n")
    assert save(repository, ONE, "lost\n", message="Say something else")
    clone.git("reset", "-q", "--hard", "HEAD~1")
    (finding,) = repository.audit().findings
    assert finding.check == "saves" and "Say something else" in finding.sentence


def test_a_save_on_a_branch_that_is_gone_is_found(clone: Clone, repository: Repository) -> None:
    assert save(repository, ONE, "mine\n")
    clone.git("switch", "-q", "-c", "other", "HEAD~1")
    clone.git("branch", "-q", "-D", "main")
    assert checks(clone.open()) == ["saves"]


def test_a_save_that_was_rebased_is_recognised(clone: Clone, repository: Repository) -> None:
    clone.git("switch", "-q", "-c", "theirs")
    clone.write("index.md", "theirs\n")
    clone.commit()
    clone.git("switch", "-q", "main")
    saved = save(repository, ONE, "mine\n")
    clone.git("rebase", "-q", "theirs")
    assert repository.head() != saved
    assert checks(repository) == []


def test_a_damaged_history_is_found(clone: Clone, repository: Repository) -> None:
    blob = repository.blob_of(ONE)
    assert blob
    file = clone.folder / ".git/objects" / blob[:2] / blob[2:]
    file.chmod(0o644)
    file.write_bytes(b"not an object")
    assert checks(repository) == ["history"]


@pytest.mark.parametrize(
    "left",
    [".git/index.lock", ".git/refs/heads/main.lock", ".git/gitcms-index-0.old", "_posts/.gitcms-0-0.tmp"],
)
def test_what_was_left_behind_is_found(clone: Clone, repository: Repository, left: str) -> None:
    clone.git("branch", "gitcms-branch")
    clone.write(left, "")
    assert checks(repository) == ["leftovers"]


def test_a_folder_out_of_step_is_listed_file_by_file(clone: Clone, repository: Repository) -> None:
    clone.write(ONE, "unsaved\n")
    (clone.folder / "_posts/two.md").unlink()
    clone.write("new.md", "new\n")
    clone.write("untracked.md", "a draft of somebody's\n")
    clone.git("add", "new.md")
    findings = repository.audit().findings
    assert {finding.check for finding in findings} == {"folder"}
    said = " ".join(finding.sentence for finding in findings)
    assert "one.md” was changed" in said and "two.md” was deleted" in said and "new.md” was added" in said
    assert "untracked" not in said


def test_conversions_of_line_ends_are_no_difference(clone: Clone) -> None:
    clone.write(".gitattributes", "*.md text eol=crlf\n")
    clone.commit()
    repository = clone.open()
    assert save(repository, ONE, "a\nb\n")
    assert checks(repository) == []


def test_a_save_that_was_taken_back_is_named_until_somebody_looked(
    clone: Clone, repository: Repository
) -> None:
    kept = save(repository, ONE, "taken back\n")
    clone.git("update-ref", f"refs/gitcms/rescued/{kept}", str(kept))
    assert checks(repository) == ["undone"]
    Ledger(repository._desk.ledger.path).path.unlink()
    clone.git("reset", "-q", "--hard", "HEAD~1")
    assert checks(repository) == ["kept"]
    clone.git("update-ref", "-d", f"refs/gitcms/rescued/{kept}")
    assert checks(repository) == []


def test_an_error_is_no_acknowledgement(clone: Clone, repository: Repository) -> None:
    failpoints.plan("index.rename:eio")
    try:
        with pytest.raises(Exception, match="disk"):
            save(repository, ONE, "mine\n")
    finally:
        failpoints.plan("")
    assert repository.audit().saves == 0
    assert checks(repository) == []


def test_the_ledger_forgets_the_oldest_and_survives_torn_lines(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger")
    raw = b"tree x\nauthor A <a@example.org> 1 +0000\n\nSay\n"
    ledger.record("refs/heads/main", "0" * 40, raw)
    with ledger.path.open("ab") as file:
        file.write(b'{"commit": "1')
    ledger.record("refs/heads/main", "2" * 40, raw)
    assert [line.commit[0] for line in ledger.read()] == ["0", "2"]
    with ledger.path.open("ab") as file:
        file.write(b"\n" * LONGEST)
    ledger.record("refs/heads/main", "3" * 40, raw)
    assert [line.commit[0] for line in ledger.read()] == ["3"]
    assert ledger.path.stat().st_size < LONGEST


def test_a_full_ledger_is_not_the_authors_concern(clone: Clone, repository: Repository) -> None:
    repository._desk.ledger.path.mkdir()
    assert save(repository, ONE, "mine\n")
