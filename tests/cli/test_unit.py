"""The unit for systemd: what it says of a machine, what systemd says of it, and the service that it makes."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from gitcms import config as configuration
from gitcms.cli.unit import NoService, text_of
from gitcms.config import Config
from tests.making import JEKYLL, git, make_repository
from tests.serving import PASSWORD, Answer, Form, Person
from tests.systemd_machine import Machine, booted

USER, NUMBER = "gitcms-site", 4711
EYES = "_projects/eyes-on-the-river.md"
PLACE = f"/collections/projects/entries/{EYES}"
# systemd's own measure, from 0 (can do little) to 10 (everything); most services of a system have 9.6.
MOST_EXPOSED = 2.5


def settings(site: Path, state: Path, *, output: str = "") -> Config:
    config = configuration.load().with_values("site", path=str(site)).with_values("state", folder=str(state))
    return config.with_values("build", command=["hugo"], output=output) if output else config


def lines(unit: str, key: str) -> list[str]:
    return re.findall(rf"^{key}=(.*)$", unit, re.MULTILINE)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A site that a user without other rights owns."""
    folder = make_repository(tmp_path / "site", JEKYLL)
    if os.getuid() == 0:
        give(folder, 1)  # "daemon", whom every system knows
        # Git lets nobody but the owner open a folder, not even root, but where the user says so.
        (home := tmp_path / "home").mkdir()
        (home / ".gitconfig").write_text("[safe]\n\tdirectory = *\n")
        monkeypatch.setenv("HOME", str(home))
    return folder


def give(folder: Path, number: int) -> None:
    for path in (folder, *folder.rglob("*")):
        os.chown(path, number, number, follow_symlinks=False)


def test_it_writes_where_the_site_its_state_and_its_pages_lie(site: Path, tmp_path: Path) -> None:
    (inner := site / "docs").mkdir()
    unit = text_of(settings(inner, tmp_path / "state", output=str(tmp_path / "www/site")))
    assert lines(unit, "ReadWritePaths") == [f"{site} {tmp_path}/state {tmp_path}/www"]
    assert (tmp_path / "state").is_dir()
    [command] = lines(unit, "ExecStart")
    assert command == f"{sys.executable} -m gitcms serve {inner}"


def test_a_state_among_those_of_services_is_made_by_systemd(site: Path) -> None:
    unit = text_of(settings(site, Path("/var/lib/gitcms/river")))
    assert lines(unit, "StateDirectory") == ["gitcms/river"]
    assert lines(unit, "ReadWritePaths") == [str(site)]


def test_a_linked_working_tree_writes_into_its_clone(site: Path, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    git(site, "-c", f"safe.directory={site}", "worktree", "add", "-q", str(tree))
    give(tree, site.stat().st_uid)
    unit = text_of(settings(tree, tmp_path / "state"))
    assert lines(unit, "ReadWritePaths") == [f"{tree} {site}/.git {tmp_path}/state"]


def test_odd_names_arrive_as_they_are(tmp_path: Path, site: Path) -> None:
    odd = site.rename(tmp_path / 'my "site" 100% $HOME {x}')
    unit = text_of(settings(odd, Path("/var/lib/gitcms")))
    spelled = f'{tmp_path}/my \\"site\\" 100%% $HOME {{x}}'
    assert lines(unit, "ReadWritePaths") == [f'"{spelled}"']
    assert lines(unit, "ExecStart")[0].endswith(f' serve "{spelled}"'.replace("$", "$$"))


def test_a_site_of_root_is_refused(tmp_path: Path) -> None:
    if os.getuid() != 0:
        pytest.skip("needs root: run the tests as root")
    with pytest.raises(NoService, match="belongs to root"):
        text_of(settings(make_repository(tmp_path / "mine", JEKYLL), tmp_path / "state"))


@pytest.mark.parametrize("worker", [False, True])
def test_systemd_finds_nothing_wrong_and_little_exposed(site: Path, tmp_path: Path, worker: bool) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("needs systemd: apt-get install systemd")
    file = tmp_path / "gitcms.service"
    file.write_text(text_of(settings(site, Path("/var/lib/gitcms")), worker=worker))
    said = analyze("verify", "--man=no", str(file))
    assert (said.returncode, said.stdout + said.stderr) == (0, "")
    said = analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED * 10:.0f}", str(file))
    assert said.returncode == 0, said.stdout


def analyze(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, check=False)


# ── under systemd ──


def test_under_systemd_a_save_that_runs_is_finished_before_the_end(tmp_path: Path) -> None:
    """From the printed unit to the first save, which waits for another one for six seconds; meanwhile the
    service is stopped. Nothing of the unit is changed but where it writes its log."""
    site = make_repository(tmp_path / "site", JEKYLL)
    give(site, NUMBER)
    with booted(tmp_path, {site: "/srv/site"}, USER, NUMBER) as machine:
        address = install(machine)
        machine.systemctl("start", "gitcms.service", "gitcms-worker.service")
        ada = first_person(machine, address)
        confined(machine, site)
        form = Form.first(ada.get(PLACE).text, PLACE).with_values({"body": "Said late.", "intent": "save"})
        answers: list[Answer] = []
        saves = threading.Thread(target=lambda: answers.append(ada.post(PLACE, form)))
        stops = threading.Thread(target=lambda: machine.systemctl("stop", "gitcms.service"))
        with held(machine):
            saves.start()
            time.sleep(1)
            stops.start()
            time.sleep(6)
            assert answers == [] and stops.is_alive()
        saves.join()
        stops.join()
        machine.systemctl("stop", "gitcms-worker.service")
        ended = {unit: shown(machine, unit) for unit in ("gitcms", "gitcms-worker")}
    assert [answer.status for answer in answers] == [303]
    assert "Said late." in (site / EYES).read_text()
    ours = ["-c", f"safe.directory={site}"]
    assert git(site, *ours, "log", "-1", "--format=%an").strip() == "Ada Rivas"
    assert git(site, *ours, "status", "--porcelain") == ""
    assert ended == dict.fromkeys(ended, ("inactive", "success", "0"))


def install(machine: Machine) -> str:
    """Put both units where systemd finds them, as Help says, and return where the server will listen."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    machine.write(
        "/etc/gitcms/gitcms.toml", f'[server]\nport = {port}\n[state]\nfolder = "/var/lib/gitcms"\n'
    )
    for name, option in {"gitcms": [], "gitcms-worker": ["--worker"]}.items():
        words = ["unit", "/srv/site", "--config", "/etc/gitcms/gitcms.toml", *option]
        machine.write(f"/etc/systemd/system/{name}.service", machine.gitcms(*words, user=USER))
        log = f"[Service]\nStandardOutput=append:/run/{name}.log\nStandardError=inherit\n"
        machine.write(f"/etc/systemd/system/{name}.service.d/log.conf", log)
    return f"http://127.0.0.1:{port}"


def first_person(machine: Machine, address: str) -> Person:
    for _ in range(300):
        log = machine.run("cat", "/run/gitcms.log", check=False).stdout
        if "Ctrl+C" in log:
            break
        time.sleep(0.1)
    found = re.search(r"/welcome/\S+", log)
    assert found, log
    ada = Person(address)
    form = Form.first(ada.get(found[0]).text, 'class="slip"')
    given = form.filled(name="Ada Rivas", email="ada@example.org", password=PASSWORD)
    assert ada.post(found[0], given).status == 303
    return ada


def confined(machine: Machine, site: Path) -> None:
    """The service has no rights to gain, sees no home, and writes into its own places alone."""
    main = machine.systemctl("show", "--value", "--property=MainPID", "gitcms.service").strip()
    status = machine.run("cat", f"/proc/{main}/status").stdout
    said = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert said["Uid"].split() == [str(NUMBER)] * 4
    assert (said["NoNewPrivs"], said["Seccomp"], int(said["CapBnd"], 16)) == ("1", "2", 0)
    within = ["nsenter", f"--target={main}", "--mount", "sh", "-c"]
    for place, may in {
        "/srv/site": True,
        "/var/lib/gitcms": True,
        "/etc": False,
        "/opt/gitcms": False,
    }.items():
        done = machine.run(*within, f"touch {place}/.x && rm {place}/.x", check=False)
        assert (done.returncode == 0) == may, (place, done.stderr)


class held:
    """Hold the lock for which each save waits, as another save would."""

    def __init__(self, machine: Machine) -> None:
        state = Path(f"/proc/{machine.pid}/root/var/lib/gitcms")
        [self._path] = state.glob("save-*.lock")

    def __enter__(self) -> None:
        self._file = self._path.open("rb")
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        self._file.close()


def shown(machine: Machine, unit: str) -> tuple[str, ...]:
    properties = ("ActiveState", "Result", "ExecMainStatus")
    said = machine.systemctl("show", *(f"--property={each}" for each in properties), f"{unit}.service")
    values = dict(line.split("=", 1) for line in said.splitlines())
    return tuple(values[each] for each in properties)
