"""The wheel, installed elsewhere: it holds all that is not code, and works without the checkout."""

from __future__ import annotations

import configparser
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from gitcms import __version__
from gitcms.bootstrap import groups, installer
from tests.making import JEKYLL, make_repository

TOP = Path(__file__).resolve().parent.parent
IN_THE_WHEEL = {"templates": "gitcms/templates", "config.example.toml": "gitcms/config.example.toml"}

# Told by a Python that finds the installed package and not the checkout.
LOOK_AT_EVERYTHING = """
import gitcms, sys
from pathlib import Path
from gitcms import config, resources
from gitcms.web.app import create_app

installed, site, state = map(Path, sys.argv[1:])
places = [gitcms.__file__, resources.templates_folder(), resources.example_config(), resources.docs_folder()]
assert all(Path(place).is_relative_to(installed) for place in places), places
settings = config.load().with_values("site", path=str(site)).with_values("state", folder=str(state))
app = create_app(settings)
for name in app.jinja_env.list_templates():
    app.jinja_env.get_template(name)
    print(name)
browser = app.test_client()
for path in sorted(Path(app.static_folder).rglob("*")):
    if path.is_file():
        answer = browser.get(f"/static/{path.relative_to(app.static_folder).as_posix()}")
        assert (answer.status_code, answer.data) == (200, path.read_bytes()), path
        print("static", path.name)
page = browser.get("/sign-in")
assert page.status_code == 200 and "</html>" in page.text, page.text
"""


def test_the_wheel_holds_every_file_byte_for_byte(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as file:
        packed = {name: file.read(name) for name in file.namelist() if name.startswith("gitcms/")}
    assert packed == {name: path.read_bytes() for name, path in files_to_ship().items()}


def test_the_installed_package_serves_every_template_and_static_file(installed: Path, tmp_path: Path) -> None:
    site = make_repository(tmp_path / "site", JEKYLL)
    told = run(
        installed, tmp_path, "-c", LOOK_AT_EVERYTHING, str(installed), str(site), str(tmp_path / "state")
    )
    templates = {
        path.relative_to(TOP / "templates").as_posix() for path in (TOP / "templates").rglob("*.html")
    }
    assert templates <= set(told.splitlines())
    assert "static style.css" in told.splitlines()


def test_the_installed_command_says_its_version(installed: Path, tmp_path: Path) -> None:
    assert run(installed, tmp_path, "-m", "gitcms", "--version") == f"gitcms {__version__}\n"
    assert (
        run(installed, tmp_path, str(installed / "bin" / "gitcms"), "--version") == f"gitcms {__version__}\n"
    )


def test_the_installed_package_has_no_tests_to_run_and_says_so(installed: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gitcms", "test"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr.splitlines()[0]) == (2, "gitcms: The tests are not here.")


def test_the_wheel_says_what_it_is(wheel: Path) -> None:
    about = metadata(wheel)
    assert (about["Name"], about["Version"], about["License-Expression"]) == ("gitcms", __version__, "MIT")
    assert about["Requires-Python"] == ">=3.11"
    assert {"demo", "oidc", "postgresql"} <= set(about.get_all("Provides-Extra", []))
    with zipfile.ZipFile(wheel) as file:
        scripts = configparser.ConfigParser()
        scripts.read_string(file.read(f"gitcms-{__version__}.dist-info/entry_points.txt").decode())
    assert dict(scripts["console_scripts"]) == {"gitcms": "gitcms.cli:main"}


def test_every_dependency_is_imported_somewhere() -> None:
    imports = {"gitpython": "git", "python-frontmatter": "frontmatter", "pillow": "PIL", "pyyaml": "yaml"}
    imports["argon2-cffi"] = "argon2"
    code = "\n".join(path.read_text() for path in (TOP / "gitcms").rglob("*.py"))
    for name in dependencies("run"):
        module = imports.get(name, name.replace("-py", "").replace("-", "_"))
        assert re.search(rf"^\s*(?:import|from) {module}\b", code, re.MULTILINE), name


@pytest.mark.parametrize("group", ["run", "demo", "oidc", "postgresql", "test", "browser"])
def test_the_lock_holds_what_the_project_asks_for(group: str) -> None:
    sections = groups.read_lock(TOP)
    locked = dict(re.findall(r"^([\w.-]+)==(\S+)", sections["run"] + sections[group], re.MULTILINE))
    for name, requirement in dependencies(group).items():
        assert requirement.specifier.contains(locked[name]), f"{name}: run .ci/lock"


def test_the_lock_pins_by_hash_and_names_no_address() -> None:
    text = (TOP / "requirements.lock").read_text()
    assert "://" not in text
    assert not re.search(r"^--", text, re.MULTILINE)
    for section in groups.read_lock(TOP).values():
        blocks = [block for block in re.split(r"^(?=\w)", section, flags=re.MULTILINE) if block.strip()]
        assert blocks
        for block in blocks:
            assert re.fullmatch(r"[\w.-]+==[\w.]+ (\\\n    --hash=sha256:[0-9a-f]{64}\s*)+", block), block


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(TOP)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(folder.glob("gitcms-*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's files in a folder of their own; its dependencies are those of the tests."""
    folder = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, f"{installer.PIP}/pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--target", str(folder), str(wheel)], check=True)
    return folder


def run(installed: Path, folder: Path, *command: str) -> str:
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(installed)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout


def files_to_ship() -> dict[str, Path]:
    """Name in the wheel → file in the checkout."""
    package = [path for path in (TOP / "gitcms").rglob("*") if path.is_file()]
    shipped = {path.relative_to(TOP).as_posix(): path for path in package}
    for source, target in IN_THE_WHEEL.items():
        beside = TOP / source
        for path in [beside] if beside.is_file() else [p for p in beside.rglob("*") if p.is_file()]:
            shipped[(Path(target) / path.relative_to(beside)).as_posix() if path != beside else target] = path
    return {
        name: path
        for name, path in shipped.items()
        if "__pycache__" not in name and path.name != installer.PIP.name
    }


def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as file:
        return Parser().parsestr(file.read(f"gitcms-{__version__}.dist-info/METADATA").decode())


def dependencies(group: str) -> dict[str, Requirement]:
    project = tomllib.loads((TOP / "pyproject.toml").read_text())["project"]
    lines = project["dependencies"] if group == "run" else project["optional-dependencies"][group]
    requirements = [Requirement(line) for line in lines]
    return {requirement.name: requirement for requirement in requirements if requirement.name != "gitcms"}
