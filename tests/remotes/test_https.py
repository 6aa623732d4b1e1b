"""A remote by HTTP: passwords that are seen nowhere, certificates that are judged, no way round."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitcms import remotes
from gitcms.remotes.connection import courier
from tests.making import git
from tests.remote_servers import PASSWORD, USER, canary, make_certificate, over_http

from .conftest import POST, OverHttp, write


@pytest.mark.parametrize(("days", "kind"), [(10, ""), (-1, "certificate")])
def test_a_certificate_that_has_run_out_is_refused_and_one_that_has_not_is_taken(
    tmp_path: Path, world: OverHttp, days: int, kind: str
) -> None:
    one = world.clone("one")
    tls = make_certificate(tmp_path, days)
    write(one, POST, "It rained.", "It rained all night.")
    with over_http(tmp_path / "remote", tls) as (address, _):
        one.config = one.config.with_values("remote", url=f"{address}/site.git")
        one.config = one.config.with_values("network", ca_file=str(tls[0]))
        found = remotes.sync(one)
    assert found.kind == kind, found
    assert (world.head() == one.repository.head()) == (not kind)


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path, world: OverHttp) -> None:
    one = world.clone("one")
    with over_http(tmp_path / "remote", make_certificate(tmp_path, 10)) as (address, mood):
        one.config = one.config.with_values("remote", url=f"{address}/site.git")
        found = remotes.sync(one)
    assert (found.state, found.kind) == ("waiting", "certificate")
    assert mood.pushes == 0


def test_a_name_that_is_not_found_is_like_a_remote_that_is_down(world: OverHttp) -> None:
    one = world.clone("one")
    one.config = one.config.with_values("remote", url="https://shared.invalid/site.git")
    write(one, POST, "It rained.", "It rained all night.")
    found = remotes.sync(one)
    assert (found.state, found.sentence) == ("waiting", "The shared server’s name is not known.")
    one.config = one.config.with_values("remote", **world.remote)
    assert remotes.sync(one).state == "sent"


def test_a_name_that_leads_to_this_machine_is_not_called(
    world: OverHttp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name is looked up once, and what it led to is what is called."""
    one = world.clone("one")
    with canary() as (port, called):
        found_there = [(2, 1, 6, "", ("127.0.0.1", port))]
        monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: found_there)
        url = f"https://shared.example.org:{port}/site.git"
        one.config = one.config.with_values("remote", url=url, local=False)
        found = remotes.sync(one)
        assert (found.state, found.kind) == ("stopped", "address")
        assert "this machine" in found.sentence
        assert called == []
        # As it would be if only git asked: the same name, allowed, is called where our guard found it.
        one.config = one.config.with_values("remote", local=True)
        remotes.sync(one)
        assert called != []


@pytest.mark.parametrize("status", [301, 302, 307])
def test_a_redirect_is_never_followed(world: OverHttp, status: int) -> None:
    """REMOTE-022."""
    one = world.clone("one")
    with canary() as (port, called):
        world.mood.status, world.mood.headers = status, (("Location", f"http://127.0.0.1:{port}/evil"),)
        found = remotes.sync(one)
        assert (found.state, found.kind) == ("waiting", "redirect")
        assert f":{port}" not in found.sentence
        assert called == []
        # The trap works: git that follows falls into it.
        plain = {"HOME": str(world.folder), "PATH": os.environ["PATH"], "GIT_TERMINAL_PROMPT": "0"}
        ask = ["git", "-c", "http.followRedirects=true", "ls-remote", f"{world.address}/site.git"]
        subprocess.run(ask, env=plain, capture_output=True, check=False)
        assert called != []


def test_what_git_is_told_wins_over_every_configuration(world: OverHttp) -> None:
    """REMOTE-023: bundles that a server names, and the like, whatever the clone or the courier asks for."""
    one = world.clone("one")
    assert remotes.sync(one).state == "sent"
    wanted = {
        "transfer.bundleURI": ("true", "false"),
        "http.followRedirects": ("true", "false"),
        "http.sslVerify": ("false", "true"),
        "protocol.ext.allow": ("always", ""),
        "credential.helper": ("!touch pwned", ""),
        "core.sshCommand": ("touch pwned", "false"),
        "core.hooksPath": (str(world.folder), os.devnull),
        "submodule.recurse": ("true", "false"),
    }
    call = courier(one)
    for key, (asked, _) in wanted.items():
        git(one.repository.folder, "config", key, asked)
    settings = call._environment(None, [])  # what git itself makes of it counts
    for key, (asked, kept) in wanted.items():
        if key.startswith("protocol.ext"):
            continue
        ask = ["git", "config", "--get", key]
        said = subprocess.run(ask, env=settings, capture_output=True, text=True, check=False).stdout.strip()
        assert (key, said) == (key, kept)
        assert said != asked
    refused = subprocess.run(
        ["git", "ls-remote", "ext::touch pwned"], env=settings, capture_output=True, text=True, check=False
    )
    assert "not allowed" in refused.stderr


def test_the_password_is_in_no_argument_no_variable_no_file_and_no_log(
    world: OverHttp, caplog: pytest.LogCaptureFixture
) -> None:
    one = world.clone("one")
    caplog.set_level(0)
    write(one, POST, "It rained.", "It rained all night.")
    world.mood.pause = 0.4
    seen: list[bytes] = []
    with watching(seen):
        assert remotes.sync(one).state == "sent"
    assert any(b"remote-http" in each for each in seen), "the helper that got the password was watched"
    assert not any(PASSWORD.encode() in each for each in seen)
    world.mood.status, world.mood.body = 403, f"{USER}:{PASSWORD} may not".encode()
    world.mood.headers = (("Content-Type", "text/plain"),)
    found = remotes.sync(one)
    assert PASSWORD not in caplog.text + repr(found) + repr(courier(one).__dict__)
    written = subprocess.run(
        ["grep", "-rlF", PASSWORD, str(one.state), str(one.repository.folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert written.stdout == ""


class watching:
    """Note what every process of this machine shows of itself: its arguments, and its variables."""

    def __init__(self, seen: list[bytes]) -> None:
        self._seen, self._end = seen, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._end.is_set():
            self._seen += _processes()
            self._end.wait(0.02)


def _processes() -> Iterator[bytes]:
    if sys.platform != "linux":
        yield subprocess.run(["ps", "-axeww"], capture_output=True, check=True).stdout
        return
    for folder in Path("/proc").glob("[0-9]*"):
        for name in ("cmdline", "environ"):
            try:
                yield (folder / name).read_bytes()
            except OSError:
                continue


def test_a_file_with_the_password_that_cannot_be_read_is_said(world: OverHttp) -> None:
    one = world.clone("one")
    (world.folder / "token").unlink()
    found = remotes.sync(one)
    assert (found.state, found.kind) == ("waiting", "error")
    assert "password" in found.sentence
    (world.folder / "token").write_text("two\nlines\n")
    assert "more than a password" in remotes.sync(one).sentence


def test_a_server_killed_while_it_pushes_loses_nothing_and_sends_it_again(world: OverHttp) -> None:
    """F016."""
    one = world.clone("one")
    assert remotes.sync(one).state == "sent"
    write(one, POST, "It rained.", "It rained all night.")
    world.mood.push_pause = 2.0
    story = (
        "from pathlib import Path; from gitcms import remotes; from gitcms.config import load;"
        "from gitcms.site import open_site; import sys;"
        "remotes.sync(open_site(load(Path(sys.argv[1]))))"
    )
    lines = [f"[site]\npath = '{one.repository.folder}'\n[state]\nfolder = '{one.state}'\n[remote]"]
    lines += [f"{key} = {json.dumps(value)}" for key, value in world.remote.items()]
    (world.folder / "site.toml").write_text("\n".join(lines))
    process = subprocess.Popen([sys.executable, "-c", story, world.folder / "site.toml"])
    for _ in range(1000):
        if world.mood.pushes:
            break
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    world.mood.push_pause = 0.0
    assert one.repository.audit().findings == ()
    assert remotes.sync(one).state == "sent"
    assert world.head() == one.repository.head()
    assert git(world.bare, "fsck", "--strict") == ""
    assert len(git(world.bare, "log", "--format=%H", "main").split()) == 2
