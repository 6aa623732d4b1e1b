"""The bootstrap in made-up checkouts, with the real venv and the real pip, and packages of our own."""

from __future__ import annotations

import ast
import errno
import hashlib
import http.server
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from gitcms import bootstrap
from gitcms.bootstrap import environment, groups, installer
from gitcms.bootstrap.installer import SetUpFailed

PACKAGE = Path(bootstrap.__file__).parent.parent
# The interpreter below the environment that the tests run in: it has no packages of ours.
PYTHON: str = getattr(sys, "_base_executable", sys.executable)


def test_a_command_in_a_fresh_checkout_sets_everything_up(checkout: Checkout) -> None:
    done = checkout.run("greet", "Inés")
    assert (done.returncode, done.stdout) == (0, "pebble 1.0 greets ['greet', 'Inés']\n")
    assert "Setting up" in done.stderr
    assert "Ready after" in done.stderr


def test_the_second_start_is_silent_and_needs_neither_pip_nor_network(ready: Checkout) -> None:
    ready.pip.unlink()
    done = ready.run("greet", PIP_FIND_LINKS="")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_command_that_needs_more_adds_it(ready: Checkout) -> None:
    assert "boulder" not in ready.packages()
    assert "Bringing" in ready.run("demo").stderr
    assert ready.run("demo").stderr == ""
    assert {"pebble", "boulder"} <= ready.packages()


def test_a_changed_lock_brings_the_environment_up_to_date(ready: Checkout) -> None:
    ready.write_lock(pebble="2.0")
    done = ready.run("greet")
    assert done.stdout.startswith("pebble 2.0")
    assert "Bringing" in done.stderr


def test_what_an_earlier_command_needed_stays(checkout: Checkout) -> None:
    checkout.run("demo")
    checkout.write_lock(pebble="2.0")
    checkout.run("greet")
    assert checkout.run("demo").stderr == ""


def test_a_half_made_environment_is_made_anew(ready: Checkout) -> None:
    stamp = json.loads(ready.stamp.read_text())
    ready.stamp.write_text(json.dumps({**stamp, "finished": False}))
    next(ready.folder.rglob("pebble/__init__.py")).write_text("")
    done = ready.run("greet")
    assert done.stdout.startswith("pebble 1.0")
    assert "Setting up" in done.stderr


def test_a_stamp_cut_short_is_a_half_made_environment(ready: Checkout) -> None:
    ready.stamp.write_text('{"finished": tr')
    assert "Setting up" in ready.run("greet").stderr


def test_an_environment_whose_python_is_gone_is_made_anew(ready: Checkout) -> None:
    interpreter = ready.folder / "bin" / "python"
    interpreter.unlink()
    interpreter.symlink_to("/nonexistent/python3")
    assert ready.run("greet").stdout.startswith("pebble 1.0")


def test_an_environment_of_another_python_is_made_anew(ready: Checkout) -> None:
    stamp = json.loads(ready.stamp.read_text())
    ready.stamp.write_text(json.dumps({**stamp, "python": "3.10"}))
    assert "Setting up" in ready.run("greet").stderr
    assert ready.run("greet").stderr == ""


def test_an_empty_environment_that_somebody_began_is_taken_over(checkout: Checkout) -> None:
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", checkout.folder], check=True)
    assert checkout.run("greet").returncode == 0


def test_it_can_be_started_from_inside_an_empty_environment(checkout: Checkout) -> None:
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", checkout.folder], check=True)
    assert checkout.run("greet", python=checkout.folder / "bin" / "python").returncode == 0


def test_an_environment_without_its_settings_is_made_anew(ready: Checkout) -> None:
    (ready.folder / "pyvenv.cfg").unlink()
    assert "Setting up" in ready.run("greet").stderr


def test_an_interpreter_that_leads_elsewhere_is_not_restarted_for_ever(ready: Checkout) -> None:
    interpreter = ready.folder / "bin" / "python"
    interpreter.unlink()
    interpreter.write_text(f'#!/bin/sh\nexec {PYTHON} "$@"\n')
    interpreter.chmod(0o755)
    ready.refuses("does not start as the Python of its folder")


def test_an_interpreter_that_has_everything_is_used_as_it_is(checkout: Checkout, tmp_path: Path) -> None:
    python = developers_environment(tmp_path / "mine", checkout, "pebble==1.0")
    done = checkout.run("greet", python=python)
    assert (done.returncode, done.stderr) == (0, "")
    assert not checkout.folder.exists()


def test_an_interpreter_that_has_too_old_a_package_is_not_used(checkout: Checkout, tmp_path: Path) -> None:
    python = developers_environment(tmp_path / "mine", checkout, "pebble==0.5")
    assert "Setting up" in checkout.run("greet", python=python).stderr


def test_somebody_elses_environment_is_used_and_never_changed(checkout: Checkout) -> None:
    developers_environment(checkout.folder, checkout, "pebble==1.0")
    assert checkout.run("greet").stderr == ""
    done = checkout.run("demo")
    assert done.returncode == bootstrap.EXIT_CODE
    assert "was not made by gitcms, and does not have all that is needed: boulder." in done.stderr
    assert checkout.packages() == {"pebble"}


def test_several_starts_at_once_set_up_once(checkout: Checkout) -> None:
    starts = [checkout.start("greet") for _ in range(4)]
    told = [start.communicate() for start in starts]
    assert [out for out, _ in told] == ["pebble 1.0 greets ['greet']\n"] * 4
    assert sum("Setting up" in err for _, err in told) == 1


def test_an_installed_gitcms_never_sets_anything_up(checkout: Checkout) -> None:
    (checkout.top / "pyproject.toml").unlink()
    done = checkout.run("greet")
    assert "No module named 'pebble'" in done.stderr
    assert not checkout.folder.exists()


def test_settings_for_where_packages_go_do_not_count(checkout: Checkout, tmp_path: Path) -> None:
    done = checkout.run("greet", PIP_TARGET=str(tmp_path / "elsewhere"), PIP_USER="1")
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "elsewhere").exists()


def test_nothing_is_ever_installed_outside_of_an_environment(checkout: Checkout) -> None:
    with pytest.raises(SetUpFailed) as caught:
        installer.install(Path(PYTHON), groups.read_lock(checkout.top), scratch=checkout.top)
    assert "virtual" in (caught.value.details or "")


def test_a_package_with_another_hash_is_refused(checkout: Checkout) -> None:
    make_wheel(checkout.wheels, "pebble", "1.0", extra=b"# not what was locked\n")
    checkout.refuses("is not the one that requirements.lock names")
    assert "pebble" not in checkout.packages()


def test_a_pip_that_was_tampered_with_is_refused(checkout: Checkout) -> None:
    with checkout.pip.open("ab") as file:
        file.write(b"more")
    checkout.refuses("is not the file that belongs there")


def test_a_missing_network_is_said(checkout: Checkout) -> None:
    with socket.socket() as nobody_listens:
        nobody_listens.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{nobody_listens.getsockname()[1]}/simple"
        checkout.refuses(
            "The package index cannot be reached",
            PIP_FIND_LINKS="",
            PIP_NO_INDEX="0",
            PIP_INDEX_URL=address,
            PIP_RETRIES="1",
        )
    assert checkout.run("greet").returncode == 0


def test_an_index_behind_an_authority_of_ones_own(checkout: Checkout, tmp_path: Path) -> None:
    with package_index(checkout.wheels, tmp_path) as (address, authority):
        settings = {"PIP_FIND_LINKS": "", "PIP_NO_INDEX": "0", "PIP_INDEX_URL": address, "PIP_RETRIES": "0"}
        checkout.refuses("is not one that this machine trusts", **settings)
        for setting in ("SSL_CERT_FILE", "PIP_CERT"):
            shutil.rmtree(checkout.folder, ignore_errors=True)
            done = checkout.run("greet", **settings, **{setting: str(authority)})
            assert done.returncode == 0, done.stderr


def test_a_machine_without_a_build_of_a_package_is_told_so(checkout: Checkout) -> None:
    for wheel in checkout.wheels.glob("pebble-*"):
        wheel.unlink()
    checkout.refuses("has no build of one of the packages for this machine")


def test_a_full_disk_is_said(checkout: Checkout, tmp_path: Path) -> None:
    if os.geteuid() != 0 or not shutil.which("unshare"):
        pytest.skip("needs root on Linux: run the tests as root, they mount a small disk of their own")
    disk = tmp_path / "disk"
    disk.mkdir()
    checkout.write_lock(pebble="3.0")  # the large one
    story = (
        f"mount -t tmpfs -o size=2700k none {disk} && cp -r {checkout.top}/. {disk}"
        f" && cd {disk} && exec {PYTHON} -m gitcms greet"
    )
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", story],
        env=checkout.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == bootstrap.EXIT_CODE
    assert done.stderr.count("The disk is full") == 1
    assert "Traceback" not in done.stderr


def test_a_file_in_the_place_of_the_folder_is_said(checkout: Checkout) -> None:
    checkout.folder.write_text("a file, where a folder should be made")
    checkout.refuses("could not be made")


@pytest.mark.parametrize(
    ("number", "sentence"), [(errno.EROFS, "cannot be written"), (errno.ENOSPC, "The disk is full")]
)
def test_a_disk_that_refuses_is_said(tmp_path: Path, number: int, sentence: str) -> None:
    with pytest.raises(SetUpFailed, match=sentence), environment.sentences_for_the_disk(tmp_path):
        raise OSError(number, os.strerror(number))


def test_an_older_python_can_read_far_enough_to_be_told() -> None:
    read = [PACKAGE / "__init__.py", PACKAGE / "__main__.py", PACKAGE / "errors.py"]
    for path in [*read, *(PACKAGE / "bootstrap").glob("*.py")]:
        ast.parse(path.read_bytes(), feature_version=(3, 8))


def test_an_older_python_is_told_what_to_do(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2, "final", 0))
    with pytest.raises(
        SetUpFailed, match=r"needs Python 3\.11 or newer, and this is Python 3\.9\."
    ) as caught:
        environment.Environment(checkout.top).interpreter_for(["greet"])
    assert "3.1" in caught.value.hint


def test_a_python_without_venv_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "venv", None)
    with pytest.raises(SetUpFailed, match="cannot make virtual environments") as caught:
        environment.create_virtual_environment(tmp_path / ".venv")
    assert "python3-venv" in caught.value.hint


def test_a_failure_that_nobody_foresaw_shows_what_pip_said() -> None:
    error = installer.failure("Collecting a\nERROR: the moon is in the way\n")
    assert "could not be installed" in str(error)
    assert error.details == "ERROR: the moon is in the way"


def test_the_shipped_pip_is_the_one_whose_hash_we_know() -> None:
    installer.check_the_wheel()


@pytest.mark.parametrize(
    ("command", "needed"),
    [
        ([], ["run"]),
        (["serve", "demo"], ["run"]),
        (["demo", "folder"], ["run", "demo"]),
        (["test", "-x"], ["run", "demo", "test"]),
    ],
)
def test_each_command_gets_the_groups_that_it_needs(
    command: list[str], needed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    assert groups.groups_for(command) == needed


def test_tests_get_the_library_that_steers_a_browser_where_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "chromium").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert groups.groups_for(["test"])[-1] == "browser"


def test_the_real_lock_makes_an_environment_that_runs_the_command_line(tmp_path: Path) -> None:
    top = tmp_path / "gitcms"
    shutil.copytree(PACKAGE, top / "gitcms", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "requirements.lock"):
        shutil.copy(PACKAGE.parent / name, top)
    command = [PYTHON, "-m", "gitcms", "edit", "--help"]
    done = subprocess.run(command, cwd=top, capture_output=True, text=True, check=False)
    if "The package index cannot be reached" in done.stderr:
        pytest.skip("needs the network: connect to it, or set PIP_INDEX_URL to an index within reach")
    assert done.returncode == 0, done.stderr
    assert "Usage: gitcms edit" in done.stdout


@dataclass(frozen=True)
class Checkout:
    """A checkout of a small program, started as gitcms is, whose packages lie in a folder."""

    top: Path
    wheels: Path

    @property
    def folder(self) -> Path:
        return self.top / ".venv"

    @property
    def stamp(self) -> Path:
        return self.folder / "gitcms.json"

    @property
    def pip(self) -> Path:
        return self.top / "gitcms" / "bootstrap" / installer.PIP.name

    def write_lock(self, *, pebble: str) -> None:
        wanted = {"run": ("pebble", pebble), "demo": ("boulder", "1.0"), "test": ("cliff", "1.0")}
        text = "# The packages of a made-up program.\n"
        for group, (name, version) in wanted.items():
            digest = hashlib.sha256((self.wheels / wheel_name(name, version)).read_bytes()).hexdigest()
            text += f"\n# [{group}]\n{name}=={version} \\\n    --hash=sha256:{digest}\n"
        (self.top / "requirements.lock").write_text(text)

    def environment(self, **settings: str) -> dict[str, str]:
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PIP_", "SSL_CERT", "PYTHON")) and not name.endswith("CA_BUNDLE")
        }
        ours = {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.wheels)}
        return {**inherited, **ours, "PIP_NO_CACHE_DIR": "1", **settings}

    def start(self, *arguments: str, python: str | Path = PYTHON, **settings: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(python), "-m", "gitcms", *arguments],
            cwd=self.top,
            env=self.environment(**settings),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(
        self, *arguments: str, python: str | Path = PYTHON, **settings: str
    ) -> subprocess.CompletedProcess[str]:
        process = self.start(*arguments, python=python, **settings)
        out, err = process.communicate()
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def refuses(self, sentence: str, **settings: str) -> None:
        done = self.run("greet", **settings)
        assert sentence in done.stderr
        assert done.returncode == bootstrap.EXIT_CODE
        assert done.stdout == ""
        assert "Traceback" not in done.stderr

    def packages(self) -> set[str]:
        found = self.folder.glob("lib/python*/site-packages/*.dist-info")
        return {path.name.split("-")[0] for path in found} - {"pip", "setuptools"}


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return make_checkout(tmp_path)


def make_checkout(tmp_path: Path) -> Checkout:
    made = Checkout(tmp_path / "checkout", tmp_path / "wheels")
    package = made.top / "gitcms"
    shutil.copytree(
        PACKAGE / "bootstrap", package / "bootstrap", ignore=shutil.ignore_patterns("__pycache__")
    )
    for name in ("__init__.py", "__main__.py", "errors.py"):
        shutil.copy(PACKAGE / name, package)
    (package / "cli.py").write_text(
        "import sys\nimport pebble\n\n"
        "def main():\n    print('pebble', pebble.VERSION, 'greets', sys.argv[1:])\n"
    )
    (made.top / "pyproject.toml").write_text(
        '[project]\nname = "gitcms"\ndependencies = ["pebble>=1.0"]\n'
        '[project.optional-dependencies]\ndemo = ["boulder==1.0"]\ntest = ["cliff"]\n'
    )
    made.wheels.mkdir()
    for name, version in [("pebble", "0.5"), ("pebble", "1.0"), ("pebble", "2.0"), ("boulder", "1.0")]:
        make_wheel(made.wheels, name, version)
    make_wheel(made.wheels, "cliff", "1.0")
    make_wheel(made.wheels, "pebble", "3.0", extra=b"#" * 4_000_000)
    made.write_lock(pebble="1.0")
    return made


@pytest.fixture(scope="session")
def once_set_up(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    made = make_checkout(tmp_path_factory.mktemp("set-up"))
    made.run("greet")
    return made


@pytest.fixture
def ready(once_set_up: Checkout, tmp_path: Path) -> Checkout:
    """A checkout in which a command ran before."""
    shutil.copytree(once_set_up.top.parent, tmp_path, symlinks=True, dirs_exist_ok=True)
    return Checkout(tmp_path / "checkout", tmp_path / "wheels")


def make_wheel(folder: Path, name: str, version: str, extra: bytes = b"") -> None:
    files: dict[str, str | bytes] = {
        f"{name}/__init__.py": f"VERSION = {version!r}\n".encode() + extra,
        f"{name}-{version}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{name}-{version}.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = f"{name}-{version}.dist-info/RECORD"
    files[record] = "".join(f"{path},,\n" for path in [*files, record])
    with zipfile.ZipFile(folder / wheel_name(name, version), "w", zipfile.ZIP_DEFLATED) as wheel:
        for path, content in files.items():
            wheel.writestr(path, content)


def wheel_name(name: str, version: str) -> str:
    return f"{name}-{version}-py3-none-any.whl"


def developers_environment(folder: Path, checkout: Checkout, *requirements: str) -> Path:
    """A virtual environment that somebody made by hand, with packages in it."""
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", folder], check=True)
    python = folder / "bin" / "python"
    command = [str(python), f"{installer.PIP}/pip", "install", "--quiet", *requirements]
    subprocess.run(command, env=checkout.environment(), check=True)
    return python


@contextmanager
def package_index(wheels: Path, folder: Path) -> Iterator[tuple[str, Path]]:
    """Serve wheels over https; give the index's address and the authority that vouches for it."""
    if not shutil.which("openssl"):
        pytest.skip("needs openssl: apt-get install openssl")
    key, authority, simple = folder / "key.pem", folder / "authority.pem", folder / "simple"
    for wheel in wheels.iterdir():
        page = simple / wheel.name.split("-")[0] / "index.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(wheel, page.parent)
        page.write_text(
            "".join(f"<a href='{file.name}'>{file.name}</a>" for file in page.parent.glob("*.whl"))
        )
    options = (
        "req -x509 -newkey rsa:2048 -noenc -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    )
    command = ["openssl", *options.split(), "-keyout", str(key), "-out", str(authority)]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority, key)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever).start()
        try:
            yield f"https://127.0.0.1:{server.server_port}/simple/", authority
        finally:
            server.shutdown()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass
