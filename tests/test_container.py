"""The container: each step of its file done in order on a layer of this machine, then run, asked and stopped.

What builds images needs minutes and a machine of its own; `.ci/container` does that by hand. Here everything
is run but the installation of Debian's packages, which this machine has.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from gitcms import config
from gitcms.bootstrap import groups
from tests.making import JEKYLL, git, make_repository

TOP = Path(__file__).resolve().parent.parent
FILE = TOP / "gitcms/service/Containerfile"
LAYER = """
mount -t tmpfs none "$1"; mkdir "$1/over" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/over,workdir=$1/work" "$1/root"
for name in proc dev run; do mount --rbind "/$name" "$1/root/$name"; done
rm -rf "$1/root/opt/gitcms"; mkdir -p "$1/root/srv/site"; mount --bind "$2" "$1/root/srv/site"
echo there; exec sleep infinity
"""


def steps() -> list[tuple[str, str]]:
    """Return the instructions of the file with what follows each, in order."""
    text = re.sub(r"^#.*\n", "", FILE.read_text(), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", " ", text).splitlines()
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in lines) if name]


def said(name: str) -> str:
    return next(rest for each, rest in steps() if each == name)


def test_what_is_copied_is_there_and_part_of_the_project() -> None:
    copied = [source for name, rest in steps() if name == "COPY" for source in rest.split()[:-1]]
    assert {"gitcms", "templates", "config.example.toml"} <= set(copied)
    kept = git(TOP, "ls-files", "--", *copied).splitlines()
    for source in copied:
        assert any(path == source or path.startswith(f"{source}/") for path in kept), source


def test_the_packages_are_those_of_the_lock_file_for_serving(tmp_path: Path) -> None:
    [command] = [part for part in said_by_run("awk") if part.startswith("awk")]
    shutil.copy(TOP / "requirements.lock", tmp_path)
    subprocess.run(["sh", "-ec", command], cwd=tmp_path, check=True)
    wanted, lock = (tmp_path / "wanted").read_text(), groups.read_lock(TOP)
    assert (
        re.sub(r"^# .*\n", "", wanted, flags=re.MULTILINE) == lock["run"] + lock["oidc"] + lock["postgresql"]
    )


def said_by_run(word: str) -> list[str]:
    """Return the commands of the step that holds a word."""
    return next(rest.split(" && ") for name, rest in steps() if name == "RUN" and word in rest)


def test_its_configuration_asks_for_https_before_it() -> None:
    settings = config.load(TOP / "gitcms/service/container.toml")
    assert (settings.server.host, settings.server.https, settings.server.plain_http) == (
        "0.0.0.0",
        True,
        False,
    )
    assert {settings.site.path, settings.state.folder} == set(json.loads(said("VOLUME")))


def test_it_is_built_runs_without_rights_says_that_it_is_well_and_ends(tmp_path: Path) -> None:
    site = make_repository(tmp_path / "site", JEKYLL)
    with layer(tmp_path, site) as machine:
        for name, rest in steps():
            machine.follow(name, rest)
        server = machine.start()
        try:
            assert machine.is_well(), "it does not say that it is well"
            # A folder of this machine that others may write, but for those without rights.
            touched = machine.run(["touch", "/opt/gitcms/gitcms/x"], check=False)
            assert touched.returncode != 0
            owner = Path(f"/proc/{server.pid}").stat()
            assert (owner.st_uid, owner.st_gid) == (10001, 10001)
        finally:
            server.send_signal(signal.Signals[said("STOPSIGNAL")])
            assert server.wait(60) == 0
        packages = machine.run([".venv/bin/python", "-c", "import authlib, psycopg, pytest"], check=False)
    assert "No module named 'pytest'" in packages.stderr


@dataclass
class Layer:
    """A disk on top of this machine's own, and what the steps have said so far."""

    pid: int
    root: Path
    folder: str = "/"
    user: str = "0:0"

    def follow(self, name: str, rest: str) -> None:
        match name:
            case "RUN" if not rest.startswith("apt-get"):
                self.run(["sh", "-ec", rest])
            case "COPY":
                *sources, target = rest.split()
                for source in sources:
                    self._copy(TOP / source, target)
            case "WORKDIR":
                self.run(["mkdir", "-p", rest])
                self.folder = rest
            case "USER":
                self.user = rest
                # On the machine outside this is chown.
                self.run(["chown", "-R", rest, "/srv/site"], user="0:0")

    def run(
        self, command: list[str], *, user: str = "", check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(self._inside(command, user), capture_output=True, text=True, check=False)
        assert not check or done.returncode == 0, (command, done.stdout[-3000:], done.stderr[-3000:])
        return done

    def start(self) -> subprocess.Popen[bytes]:
        words = [*json.loads(said("ENTRYPOINT")), *json.loads(said("CMD"))]
        return subprocess.Popen(self._inside(["env", *shlex.split(said("ENV")), *words]))

    def is_well(self) -> bool:
        asks = json.loads(said("HEALTHCHECK").partition("CMD ")[2])
        for _ in range(100):
            if self.run(asks, check=False).returncode == 0:
                return True
            time.sleep(0.1)
        return False

    def _copy(self, source: Path, target: str) -> None:
        place = target if target.startswith("/") else f"{self.folder}/{target}"
        beside = "" if source.is_dir() else "/" if target.endswith("/") else ""
        copies = 'mkdir -p "$(dirname "$2")"; cp -rT "$1" "$2"'
        place = f"{place}{source.name}" if target.endswith("/") else f"{place}{beside}"
        self._outside(["sh", "-ec", copies, "sh", str(source), f"{self.root}{place}"])

    def _outside(self, command: list[str]) -> None:
        subprocess.run(["nsenter", f"--target={self.pid}", "--mount", *command], check=True)

    def _inside(self, command: list[str], user: str = "") -> list[str]:
        enter = ["nsenter", f"--target={self.pid}", "--mount", "chroot", str(self.root)]
        uid, _, gid = (user or self.user).partition(":")
        become = ["setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups"]
        kept = [f"{key}={value}" for key, value in os.environ.items() if key.startswith(("PIP_", "SSL_CERT"))]
        clean = ["env", "-i", "PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", *kept]
        return [*enter, *become, *clean, "env", f"--chdir={self.folder}", *command]


@contextmanager
def layer(folder: Path, site: Path) -> Iterator[Layer]:
    """Lay a disk of its own over this machine's, with a site in it."""
    if os.getuid() != 0 or not Path("/etc/debian_version").exists():
        pytest.skip("needs root: run the tests as root, on a Debian")
    (place := folder / "layer").mkdir()
    command = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec", LAYER, "sh"]
    holds = subprocess.Popen([*command, str(place), str(site)], stdout=subprocess.PIPE, text=True)
    try:
        assert holds.stdout is not None
        assert holds.stdout.readline() == "there\n"
        [pid] = Path(f"/proc/{holds.pid}/task/{holds.pid}/children").read_text().split()
        yield Layer(int(pid), place / "root")
    finally:
        holds.kill()
        holds.communicate()
