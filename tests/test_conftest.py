"""The closing lines of a run, and what `--nothing-skipped` does not let pass."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

CONFTEST = Path(__file__).parent / "conftest.py"
NOT_RUN = """
import pytest

def test_runs():
    pass

def test_needs_more():
    pytest.skip('needs Jekyll: apt-get install jekyll')

@pytest.mark.xfail
def test_fails():
    assert False

if not __name__:
    def test_is_hidden():
        pass

def test_is_left_out():
    pass
"""
ALL_RUN = """
class TestRooms:
    def test_in_a_class(self):
        pass

def test_alone():
    pass
"""


def test_what_was_skipped_is_counted_with_what_enables_it(tmp_path: Path) -> None:
    code, lines = run(tmp_path, NOT_RUN)
    assert (code, "    1  Jekyll       apt-get install jekyll" in lines) == (0, True)


def test_tests_that_did_not_run_fail_a_run_in_which_all_had_to(tmp_path: Path) -> None:
    code, lines = run(tmp_path, NOT_RUN, "--nothing-skipped", "-k", "not left_out")
    assert code == 1
    assert [line for line in lines if ": " in line and "test_it.py::" in line] == [
        "deselected: test_it.py::test_is_left_out",
        "skipped: test_it.py::test_needs_more",
        "expected to fail: test_it.py::test_fails",
        f"not collected: {tmp_path / 'test_it.py'}::test_is_hidden",
    ]


def test_a_run_in_which_all_ran_passes(tmp_path: Path) -> None:
    assert run(tmp_path, ALL_RUN, "--nothing-skipped")[0] == 0


def run(folder: Path, text: str, *options: str) -> tuple[int, list[str]]:
    """Run pytest in a folder of its own, with our conftest and one file of tests."""
    shutil.copy(CONFTEST, folder)
    (folder / "test_it.py").write_text(text)
    (folder / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--import-mode=importlib"]
    done = subprocess.run([*command, *options], cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.splitlines()
