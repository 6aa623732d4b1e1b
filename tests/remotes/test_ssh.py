"""A remote by SSH: a deploy key, the host's own key pinned, and nothing of the user's ~/.ssh."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitcms import remotes
from tests.making import INES, git
from tests.remote_servers import make_key, serving_ssh

from .conftest import POST, OverSsh, World, clean, write


def test_a_save_is_sent_with_a_deploy_key_and_comes_to_the_others(ssh: World) -> None:
    one, two = ssh.clone("one"), ssh.clone("two")
    write(one, POST, "It rained.", "It rained all night.")
    assert remotes.sync(one).state == "sent"
    assert remotes.sync(two).state == "sent"
    assert ssh.head() == one.repository.head() == two.repository.head()
    assert clean(two)


def test_another_key_of_the_host_is_refused_in_words_and_nothing_is_sent(ssh: OverSsh) -> None:
    one = ssh.clone("one")
    assert remotes.sync(one).state == "sent"
    other = ssh.host.folder / "other"
    make_key(other)
    kind, key, *_ = other.with_suffix(".pub").read_text().split()
    hosts = ssh.folder / "hosts"
    pinned = hosts.read_text()
    hosts.write_text(f"[127.0.0.1]:{ssh.host.port} {kind} {key}\n")
    write(one, POST, "It rained.", "It rained all night.")
    before = ssh.head()
    found = remotes.sync(one)
    assert (found.state, found.kind) == ("stopped", "host key")
    assert "its key is another one" in found.sentence
    assert ssh.head() == before
    hosts.write_text(pinned)
    assert remotes.sync(one).state == "sent"
    assert ssh.head() == one.repository.head()


def test_a_host_that_comes_back_with_a_new_key_is_refused(ssh: OverSsh, tmp_path: Path) -> None:
    one = ssh.clone("one")
    assert remotes.sync(one).state == "sent"
    make_key(ssh.host.folder / "reborn")
    port = ssh.host.port + 1
    url = str(one.config.remote.url).replace(str(ssh.host.port), str(port))
    one.config = one.config.with_values("remote", url=url)
    hosts = ssh.folder / "hosts"
    hosts.write_text(hosts.read_text().replace(str(ssh.host.port), str(port)))
    with serving_ssh(ssh.host.folder, port, "reborn"):
        found = remotes.sync(one)
    assert "its key is another one" in found.sentence
    assert "Somebody may stand between" in found.hint


def test_a_host_whose_key_nobody_named_is_not_trusted_at_first_sight(ssh: OverSsh) -> None:
    one = ssh.clone("one")
    (ssh.folder / "hosts").write_text("")
    found = remotes.sync(one)
    assert (found.state, found.kind) == ("stopped", "host key")
    assert "not known here" in found.sentence
    assert (ssh.folder / "hosts").read_text() == ""


def test_a_key_that_is_not_allowed_there_is_said(ssh: OverSsh) -> None:
    one = ssh.clone("one")
    make_key(ssh.folder / "stranger")
    one.config = one.config.with_values("remote", key_file=str(ssh.folder / "stranger"))
    found = remotes.sync(one)
    assert (found.state, found.kind) == ("waiting", "denied")
    assert "did not accept the password or the key" in found.sentence


def test_nothing_of_the_users_own_ssh_is_used(
    ssh: OverSsh, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    one = ssh.clone("one")
    mark = tmp_path / "pwned"
    home = tmp_path / "home" / ".ssh"
    home.mkdir(parents=True)
    (home / "config").write_text(f"Host *\n  ProxyCommand touch {mark}\n")
    git(one.repository.folder, "config", "core.sshCommand", f"touch {mark}")
    for name, value in {
        "HOME": str(home.parent),
        "GIT_SSH_COMMAND": f"touch {mark}",
        "GIT_SSH": "/bin/false",
        "SSH_AUTH_SOCK": str(tmp_path / "agent"),
    }.items():
        monkeypatch.setenv(name, value)
    write(one, POST, "It rained.", "It rained all night.")
    assert remotes.sync(one).state == "sent"
    assert not mark.exists()
    one.repository.save({"x.md": b"x\n"}, base={}, author=INES, message="Add")
    assert remotes.sync(one).state == "sent"


def test_a_hook_and_a_full_disk_there_are_told_apart(ssh: World) -> None:
    one = ssh.clone("one")
    write(one, POST, "It rained.", "It rained all night.")
    hook = ssh.hook("echo 'the branch is protected' >&2; exit 1")
    assert remotes.sync(one).kind == "declined"
    ssh.hook("echo 'fatal: write error: No space left on device' >&2; exit 1")
    assert remotes.sync(one).kind == "full"
    hook.unlink()
    assert remotes.sync(one).state == "sent"
