"""Which dependencies a command needs, and whether the interpreter that runs has them.

The groups are the sections of `requirements.lock` (`# [run]`, `# [demo]` …). A digest of a section
tells whether an environment was made from it. An environment that somebody else made has no
digest; there we ask for each direct dependency of `pyproject.toml` instead.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path

EXTRAS_OF_COMMAND = {"demo": ["demo"], "test": ["demo", "test"]}
# Where one of these is, the browser tests can run, given the library that steers it.
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SECTION = re.compile(r"^# \[(\w+)\]\n", flags=re.MULTILINE)
REQUIREMENT = re.compile(r"([\w.-]+)(?:\[([\w,-]+)\])?(?:[>=]=([\d.]+))?")


def groups_for(argv: Sequence[str]) -> list[str]:
    """Return the groups that this command line needs, such as `["run", "demo"]`."""
    command = next((word for word in argv if not word.startswith("-")), "")
    groups = ["run", *EXTRAS_OF_COMMAND.get(command, [])]
    if command == "test" and any(shutil.which(name) for name in BROWSERS):
        groups.append("browser")
    return groups


def read_lock(top: Path) -> dict[str, str]:
    """Return group → its lines of `requirements.lock`, as pip reads them."""
    parts = SECTION.split((top / "requirements.lock").read_text(encoding="utf-8"))
    return {parts[at]: parts[at + 1] for at in range(1, len(parts), 2)}


def digests(lock: dict[str, str], groups: Sequence[str]) -> dict[str, str]:
    """Return group → SHA-256 of its section."""
    return {group: hashlib.sha256(lock[group].encode()).hexdigest() for group in groups}


def missing(top: Path, groups: Sequence[str]) -> list[str]:
    """Return the direct dependencies of these groups that this interpreter lacks, or has too old."""
    return [name for name, least in direct(top, groups) if not is_here(name, least)]


def direct(top: Path, groups: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield (name, least version or "") of what `pyproject.toml` asks for."""
    import tomllib

    project = tomllib.loads((top / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    lines = [
        line for group in groups for line in (project["dependencies"] if group == "run" else extras[group])
    ]
    while lines:
        match = REQUIREMENT.match(lines.pop(0))
        assert match is not None
        name, of, least = match.groups()
        if name == project["name"]:
            lines += [line for extra in of.split(",") for line in extras[extra]]
        else:
            yield name, least or ""


def is_here(name: str, least: str) -> bool:
    try:
        return as_numbers(metadata.version(name)) >= as_numbers(least)
    except metadata.PackageNotFoundError:
        return False


def as_numbers(version: str) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d+", version)]
