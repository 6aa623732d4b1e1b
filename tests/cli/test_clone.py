"""`gitcms clone`: from nothing but an address to the first edit that is sent, as the README says it."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gitcms.remotes import connection
from gitcms.repository import make_deploy_key
from tests.making import RAIN, git
from tests.remote_servers import PASSWORD, USER, Host, make_key
from tests.remotes.conftest import POST, OverHttp, OverSsh, World
from tests.serving import PASSWORD as OWN
from tests.serving import Form, Person

README = Path(__file__).resolve().parents[2] / "README.md"
ENTRY = f"/collections/posts/entries/{POST}"


class Terminal:
    """Somebody at a terminal, who starts a command, reads what it says, and types."""

    def __init__(self, command: list[str], folder: Path) -> None:
        self.said = ""
        self.process, self._screen = -1, -1
        self.process, self._screen = pty.fork()
        if self.process == 0:
            os.chdir(folder)
            env = os.environ | {"XDG_DATA_HOME": str(folder / "data"), "HOME": str(folder)}
            os.execvpe(sys.executable, [sys.executable, "-m", *command], env)

    def until(self, words: str, seconds: float = 60.0) -> str:
        end = time.monotonic() + seconds
        while words not in self.said:
            assert time.monotonic() < end, f"waited for {words!r}: {self.said}"
            if not self._more():
                break
        assert words in self.said, self.said
        found, _, self.said = self.said.partition(words)
        return found

    def _more(self) -> bool:
        if not select.select([self._screen], [], [], 0.5)[0]:
            return True
        try:
            data = os.read(self._screen, 65_536)
        except OSError:
            return False
        self.said += data.decode().replace("\r\n", "\n")
        return bool(data)

    def type(self, text: str) -> None:
        os.write(self._screen, text.encode() + b"\n")

    def end(self) -> int:
        while self._more():
            pass
        os.close(self._screen)
        return os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])

    def stop(self) -> None:
        self.type("\x03")
        self.end()


def steps_of_readme(scheme: str, address: str) -> list[list[str]]:
    """Return the commands of the README's story for a kind of address, with an address of ours in it."""
    section = README.read_text().split("## Start from a Git address\n")[1].split("\n## ")[0]
    story = next(
        block for block in re.findall(r"```\n(.*?)```", section, re.DOTALL) if f" {scheme}://" in block
    )
    commands = [line.split() for line in story.splitlines()]
    return [[address if "://" in word else word for word in command] for command in commands]


def first_edit(world: World, folder: Path, serve: list[str]) -> None:
    """Open the clone, become the administrator by the link, and save an entry that is sent."""
    terminal = Terminal([*serve, "--port", "0"], folder)
    try:
        link = re.search(r"http://[^\s]+/welcome/\S+", terminal.until("Ctrl+C ends it."))
        assert link is not None
        address = link[0].partition("/welcome/")[0]
        ada = Person(address)
        path = link[0].removeprefix(address)
        form = Form.first(ada.get(path).text, 'method="post"')
        names = {"name": "Ada Rivas", "email": "ada@example.org", "password": OWN}
        answer = ada.post(path, form.with_values(names))
        assert answer.status in (302, 303), answer.text[:2000]
        form = Form.first(ada.get(ENTRY).text, "data-edit")
        answer = ada.post(
            ENTRY, [*form.with_values({"body": "It rained, and was saved."}), ("intent", "save")]
        )
        assert answer.status == 303, answer.text[:2000]
        for _ in range(300):
            if "and was saved" in git(world.bare, "show", f"main:{POST}"):
                break
            time.sleep(0.1)
        assert git(world.bare, "log", "-1", "--format=%an", "main").strip() == "Ada Rivas"
        # The server notes that it was sent a moment after the remote has it.
        for _ in range(300):
            if "Sent" in (page := ada.get(ENTRY).text):
                break
            time.sleep(0.1)
        assert "Sent" in page
    finally:
        terminal.stop()


def test_by_https_from_an_address_to_the_first_edit_in_five_steps(world: OverHttp, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    clone, serve = steps_of_readme("https", f"{world.address}/site.git")
    terminal = Terminal([*clone, "--local"], home)
    terminal.until("Name")
    terminal.type(USER)
    terminal.until("Password or token")
    terminal.type(PASSWORD)
    said = terminal.until("Next:  gitcms serve")
    assert "the password sealed" in said
    assert PASSWORD not in said
    assert terminal.end() == 0
    first_edit(world, home, serve)
    kept = subprocess.run(["grep", "-rlF", PASSWORD, str(home)], capture_output=True, text=True, check=False)
    assert kept.stdout == ""


def test_by_ssh_from_an_address_to_the_first_edit_in_six_steps(ssh: OverSsh, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    clone, serve = steps_of_readme("ssh", f"{ssh.host.address}{ssh.bare}")
    terminal = Terminal([*clone, "--local"], home)
    shown = terminal.until("Are they the same?")
    print_of_key = ["ssh-keygen", "-lf", str(ssh.host.folder / "host.pub")]
    own = subprocess.run(print_of_key, capture_output=True, text=True, check=True).stdout.split()[1]
    assert own in shown
    terminal.type("y")
    key = re.search(r"^  (ssh-ed25519 \S+ .*)$", terminal.until("Press Enter"), re.MULTILINE)
    assert key is not None
    allow(ssh.host, key[1])
    terminal.type("")
    terminal.until("Next:  gitcms serve")
    assert terminal.end() == 0
    first_edit(ssh, home, serve)
    assert not (home / ".ssh").exists()


def allow(host: Host, key: str) -> None:
    """Give a deploy key to the host."""
    authorized = host.folder / "authorized"
    forced = authorized.read_text().partition(" ssh-ed25519")[0]
    with authorized.open("a") as file:
        file.write(f"\n{forced} {key}\n")


# ── without a terminal ──


Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    home = tmp_path / "home"
    home.mkdir()

    def started(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "gitcms", "clone", *arguments],
            cwd=home,
            env=os.environ | {"XDG_DATA_HOME": str(home / "data"), "HOME": str(home)},
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )

    return started


def test_a_script_gives_the_password_by_a_file_or_the_input(
    world: OverHttp, run: Run, tmp_path: Path
) -> None:
    url = f"{world.address}/site.git"
    done = run(url, "one", "--local", "--user", USER, "--password-file", str(world.folder / "token"))
    assert done.returncode == 0, done.stderr
    done = run(url, "two", "--local", "--user", USER, "--password-file", "-", given=PASSWORD + "\n")
    assert done.returncode == 0, done.stderr
    for name in ("one", "two"):
        folder = tmp_path / "home" / name
        assert (folder / POST).read_text() == RAIN
        assert git(folder, "status", "--porcelain", "--branch").strip() == "## main...origin/main"
        assert git(folder, "config", "remote.origin.url").strip() == url
    states = list((tmp_path / "home" / "data" / "gitcms" / "sites").iterdir())
    assert len(states) == 2
    for state in states:
        file = state / connection.KEPT
        assert file.stat().st_mode & 0o077 == 0
        assert PASSWORD not in file.read_text()
        assert json.loads(file.read_text())["sealed"]


def test_a_wrong_password_leaves_nothing_and_says_so(world: OverHttp, run: Run, tmp_path: Path) -> None:
    done = run(
        f"{world.address}/site.git", "--local", "--user", USER, "--password-file", "-", given="wr0ng\n"
    )
    assert done.returncode == 2
    assert "did not accept the password" in done.stderr
    assert "wr0ng" not in done.stderr + done.stdout
    assert not (tmp_path / "home" / "site").exists()
    assert list((tmp_path / "home").rglob(connection.KEPT)) == []


def test_another_key_of_the_host_than_the_one_named_is_refused(
    ssh: OverSsh, run: Run, tmp_path: Path
) -> None:
    url = f"{ssh.host.address}{ssh.bare}"
    done = run(url, "--local", "--fingerprint", "SHA256:" + "A" * 43)
    assert done.returncode == 2
    assert "shows another key" in done.stderr
    assert list((tmp_path / "home").rglob(connection.HOSTS)) == []
    done = run(url, "--local")
    assert done.returncode == 2
    assert "was not compared" in done.stderr


def test_a_script_is_shown_the_deploy_key_and_goes_on_once_the_host_knows_it(
    ssh: OverSsh, run: Run, tmp_path: Path
) -> None:
    url = f"{ssh.host.address}{ssh.bare}"
    own = subprocess.run(
        ["ssh-keygen", "-lf", str(ssh.host.folder / "host.pub")], capture_output=True, text=True, check=True
    ).stdout.split()[1]
    done = run(url, "--local", "--fingerprint", own)
    assert done.returncode == 2
    key = re.search(r"^  (ssh-ed25519 \S+ .*)$", done.stdout, re.MULTILINE)
    assert key is not None
    again = run(url, "--local")
    assert key[1] in again.stdout, "it is the same key"
    allow(ssh.host, key[1])
    done = run(url, "--local")
    assert done.returncode == 0, done.stderr
    secret = next((tmp_path / "home").rglob(connection.KEY))
    assert secret.stat().st_mode & 0o077 == 0
    # A host that comes with another key later is not trusted again.
    git(tmp_path / "home" / "site", "remote", "-v")
    hosts = next((tmp_path / "home").rglob(connection.HOSTS))
    make_key(tmp_path / "other")
    kind, public, *_ = (tmp_path / "other.pub").read_text().split()
    hosts.write_text(f"[127.0.0.1]:{ssh.host.port} {kind} {public}\n")
    git(tmp_path / "home", "clone", "-q", "--bare", "site", "kept.git")
    subprocess.run(["rm", "-r", str(tmp_path / "home" / "site")], check=True)
    done = run(url, "--local")
    assert done.returncode == 2
    assert "its key is another one" in done.stderr


@pytest.mark.parametrize(
    "url",
    [
        "--config=core.sshCommand=touch pwned",
        "--template=/tmp/t",
        "--separate-git-dir=/tmp",
        "--upload-pack=touch pwned",
        "ext::sh -c touch% pwned",
        "https://user:s3cret-word@git.example.org/site.git",
        "https://127.0.0.1/site.git",
    ],
)
def test_an_address_that_is_none_or_an_option_is_refused(run: Run, tmp_path: Path, url: str) -> None:
    """REMOTE-026, 027 and 028, and what `check_address` refuses."""
    for arguments in ([url], ["--", url]):
        done = run(*arguments)
        assert done.returncode == 2, done.stdout
        assert "s3cret-word" not in done.stdout + done.stderr
        assert "Traceback" not in done.stderr
    left = [path for path in (tmp_path / "home").rglob("*") if path.is_file()]
    assert left == []


def test_a_folder_that_holds_something_is_left_alone(world: OverHttp, run: Run, tmp_path: Path) -> None:
    kept = tmp_path / "home" / "site" / "mine.txt"
    kept.parent.mkdir()
    kept.write_text("mine")
    done = run(f"{world.address}/site.git", "--local")
    assert done.returncode == 2
    assert "is not empty" in done.stderr
    assert kept.read_text() == "mine"


def test_a_remote_without_anything_in_it_says_what_to_do(run: Run, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--bare", "empty.git")
    done = run(str(tmp_path / "empty.git"), "--local")
    assert done.returncode == 2
    assert "nothing on the shared server yet" in done.stderr
    assert not (tmp_path / "home" / "empty").exists()


def test_what_may_only_be_read_is_cloned_and_says_so(world: OverHttp, run: Run) -> None:
    git(world.bare, "config", "http.receivepack", "false")
    file = str(world.folder / "token")
    done = run(f"{world.address}/site.git", "--local", "--user", USER, "--password-file", file)
    assert done.returncode == 0, done.stderr
    assert "not written" in done.stdout


def test_a_deploy_key_is_made_once(tmp_path: Path) -> None:
    assert make_deploy_key(tmp_path / "key", "a site") == make_deploy_key(tmp_path / "key", "another")
