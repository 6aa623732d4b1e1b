"""What every run of the tests shares: the count of what was skipped, and `--nothing-skipped`.

A test that needs something this machine may not have is skipped with a reason of the form
`needs <thing>: <what enables it>`; the closing lines count them.
"""

from __future__ import annotations

import ast
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import hypothesis
import pytest

NEED = re.compile(r"(?:Skipped: )?needs ([^:]+): (.+)", flags=re.DOTALL)

# A busy machine is no reason to fail: no test asserts a time. CI tries the same examples each time, so
# that what it says is about the change; runs by hand go looking for new ones.
hypothesis.settings.register_profile("gitcms", deadline=None, print_blob=True, derandomize="CI" in os.environ)
# Where it is enough to know that a test is red (tests/bench/mutations.py).
hypothesis.settings.register_profile(
    "unshrunk",
    hypothesis.settings.get_profile("gitcms"),
    derandomize=True,
    phases=[phase for phase in hypothesis.Phase if phase.name not in ("shrink", "explain")],
)
hypothesis.settings.load_profile("gitcms")

# The package is not installed where it is tested, and many a test starts it from another folder.
os.environ["PYTHONPATH"] = str(Path(__file__).resolve().parents[1])


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--nothing-skipped",
        action="store_true",
        help="fail when a test was skipped, deselected, expected to fail or not collected",
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--nothing-skipped"):
        config.pluginmanager.register(WholeRun(config), "whole-run")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = Counter(reason_of(report) for report in terminalreporter.stats.get("skipped", []))
    if skipped:
        terminalreporter.section("skipped, and what enables it")
    for reason, count in sorted(skipped.items()):
        need = NEED.match(reason)
        text = f"{need[1]:<12} {need[2]}" if need else reason.removeprefix("Skipped: ")
        terminalreporter.write_line(f"{count:>5}  {text}")


def reason_of(report: pytest.TestReport | pytest.CollectReport) -> str:
    return report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)


class WholeRun:
    """Notes every test that did not run, and turns the run into a failure."""

    def __init__(self, config: pytest.Config) -> None:
        self.folders = [config.rootpath / name for name in config.args]
        self.collected: set[tuple[Path, str]] = set()
        self.missed: list[str] = []

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        self.collected.add((item.path, getattr(item, "originalname", item.name)))

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        self.missed += [f"deselected: {item.nodeid}" for item in items]

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.skipped:
            self.missed.append(f"skipped: {report.nodeid}")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if hasattr(report, "wasxfail"):
            self.missed.append(f"expected to fail: {report.nodeid}")
        elif report.skipped:
            self.missed.append(f"skipped: {report.nodeid}")

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        written = {test for folder in self.folders for test in tests_written(folder)}
        self.missed += [f"not collected: {path}::{name}" for path, name in sorted(written - self.collected)]
        if self.missed and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.missed:
            terminalreporter.section("did not run, and everything had to")
        for line in self.missed:
            terminalreporter.write_line(line)


def tests_written(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield (file, name) of each test function that stands in the files below a folder."""
    for path in [folder] if folder.is_file() else folder.rglob("test_*.py"):
        bodies: list[ast.AST] = [ast.parse(path.read_bytes())]
        while bodies:
            for node in ast.iter_child_nodes(bodies.pop()):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    if node.name.startswith("test_"):
                        yield path, node.name
                elif isinstance(node, ast.stmt | ast.ExceptHandler):
                    bodies.append(node)
