"""Rules that a site brings itself are found where packages are installed, and are named where they fail."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

from gitcms.bootstrap import installer
from tests.checks.test_checks import CLEAN, written

RULES = """
from gitcms.checks import CheckedSite, Problem


def no_rain(site: CheckedSite):
    for entry in site.entries:
        if entry.path.endswith("2026-03-12-rain.md"):
            yield Problem(entry.path, "It rained enough.", ("title",), severity="warning")
            yield Problem(entry.path, "And it did so at the end.", line=13)


def stops(site: CheckedSite):
    raise ValueError("a slip")
"""


def installed(folder: Path, *rules: str) -> Path:
    """Install a package with rules into a folder of its own, and return that."""
    wheel, info = folder / "river_rules-1-py3-none-any.whl", "river_rules-1.dist-info"
    points = "".join(f"{rule.replace('_', '-')} = river_rules:{rule}\n" for rule in rules)
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("river_rules.py", RULES)
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: river-rules\nVersion: 1\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/entry_points.txt", f"[gitcms.checks]\n{points}")
        archive.writestr(f"{info}/RECORD", "")
    pip = [sys.executable, f"{installer.PIP}/pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--target", str(folder / "installed"), str(wheel)], check=True, capture_output=True)
    return folder / "installed"


def checked(site: Path, packages: Path) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join((str(packages), os.environ.get("PYTHONPATH", "")))
    return subprocess.run(
        [sys.executable, "-m", "gitcms", "check", str(site), "--json"],
        env={**os.environ, "PYTHONPATH": path},
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_an_installed_rule_finds_is_told_with_its_name_and_line(tmp_path: Path) -> None:
    done = checked(written(tmp_path / "site", CLEAN), installed(tmp_path, "no_rain"))
    told = [(one["rule"], one["line"], one["severity"]) for one in json.loads(done.stdout)["findings"]]
    assert told == [("no-rain", 3, "warning"), ("no-rain", 13, "error")]
    assert done.returncode == 1


def test_a_rule_that_stops_is_named(tmp_path: Path) -> None:
    done = checked(written(tmp_path / "site", CLEAN), installed(tmp_path, "stops"))
    assert done.returncode == 2
    assert "The rule “stops” of river_rules:stops stopped: ValueError: a slip" in done.stderr
