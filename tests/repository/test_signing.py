"""Commits signed by the server's own key, which git itself accepts; and a key that does not sign."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitcms.repository import Policy, SigningFailed
from tests.repository.conftest import Clone, save

ONE = "_posts/one.md"


def made(folder: Path, passphrase: str = "") -> str:
    """Make an SSH key and return its file."""
    key = folder / "key"
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-C", "", "-f", str(key)],
        check=True,
        capture_output=True,
    )
    return str(key)


@pytest.fixture
def openpgp(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    if shutil.which("gpg") is None:
        pytest.skip("needs gnupg: apt-get install gnupg")
    # A short name: the agent's socket lies in it.
    home = tempfile.mkdtemp(prefix="gpg")
    monkeypatch.setenv("GNUPGHOME", home)
    subprocess.run(
        ["gpg", "--batch", "--quiet", "--passphrase", "", "--quick-gen-key", "cms@example.org", "ed25519"],
        check=True,
        capture_output=True,
    )
    yield "cms@example.org"
    subprocess.run(["gpgconf", "--kill", "gpg-agent"], check=False, capture_output=True)
    shutil.rmtree(home, ignore_errors=True)


def plant_programs(clone: Clone, tmp_path: Path) -> Path:
    """Have the repository name signing programs and a key of its own."""
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\nexit 1\n")
    trap.chmod(0o755)
    for key in ("gpg.program", "gpg.ssh.program", "gpg.openpgp.program", "gpg.ssh.defaultKeyCommand"):
        clone.git("config", key, str(trap))
    clone.git("config", "user.signingKey", "nobody")
    return tmp_path / "sprung"


def test_git_accepts_the_signature_of_an_ssh_key(clone: Clone, tmp_path: Path) -> None:
    key = made(tmp_path)
    sprung = plant_programs(clone, tmp_path)
    repository = clone.open(policy=Policy("ssh", key))
    saved = save(repository, ONE, "mine\n", message="Say it\n\nAt length.")
    assert saved
    assert save(repository, "new.md", "new\n")
    assert not sprung.exists()
    (tmp_path / "signers").write_text("cms@example.org " + Path(f"{key}.pub").read_text())
    clone.git("config", "gpg.ssh.allowedSignersFile", str(tmp_path / "signers"))
    for name in ("gpg.program", "gpg.ssh.program", "gpg.openpgp.program"):
        clone.git("config", "--unset", name)
    clone.git("verify-commit", "HEAD", "HEAD~1")
    shown = clone.git("log", "-2", "--format=%G? %GS")
    assert shown == "G cms@example.org\n" * 2
    assert repository.commit(saved).message == "Say it\n\nAt length."
    clone.audit()


def test_git_accepts_the_signature_of_an_openpgp_key(clone: Clone, tmp_path: Path, openpgp: str) -> None:
    sprung = plant_programs(clone, tmp_path)
    repository = clone.open(policy=Policy("openpgp", openpgp))
    assert save(repository, ONE, "mine\n")
    assert not sprung.exists()
    for name in ("gpg.program", "gpg.openpgp.program"):
        clone.git("config", "--unset", name)
    clone.git("verify-commit", "HEAD")
    clone.audit()


@pytest.mark.parametrize("fault", ["no key", "a passphrase", "no program", "no such openpgp key"])
def test_a_key_that_does_not_sign_saves_nothing_and_says_so(
    clone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    key = made(tmp_path, "secret" if fault == "a passphrase" else "")
    policy = Policy("ssh", key)
    if fault == "no key":
        os.unlink(key)
    elif fault == "no such openpgp key":
        policy = Policy("openpgp", "nobody@example.org")
    elif fault == "no program":
        bin_folder = tmp_path / "bin"
        bin_folder.mkdir()
        (bin_folder / "git").symlink_to(shutil.which("git") or "")
        monkeypatch.setenv("PATH", str(bin_folder))
    repository = clone.open(policy=policy)
    before = repository.head()
    with pytest.raises(SigningFailed) as caught:
        save(repository, ONE, "mine\n")
    assert "signature" in str(caught.value) and "kept" in caught.value.hint
    assert any("does not sign" in problem for problem in repository.problems())
    assert repository.head() == before
    monkeypatch.undo()
    clone.audit()


def test_an_interrupted_save_that_is_finished_is_signed(clone: Clone, tmp_path: Path) -> None:
    key = made(tmp_path)
    child = os.fork()
    if child == 0:
        from gitcms.repository import failpoints

        failpoints.plan("save.files:kill")
        save(clone.open(policy=Policy("ssh", key)), ONE, "mine\n")
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -9
    assert "has been completed" in str(clone.open(policy=Policy("ssh", key)).recovered)
    assert "gpgsig -----BEGIN SSH SIGNATURE-----" in clone.git("cat-file", "commit", "HEAD")
    clone.audit()
