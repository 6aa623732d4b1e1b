"""`gitcms test`: the project's own checks and tests, in a checkout.

Runs what a change must pass: ruff's rules and format, mypy, pytest. Which tests were skipped, and
what would enable them, is counted by `tests/conftest.py` at the end of pytest's output.
"""

from __future__ import annotations

import subprocess
import sys

import click

from gitcms.errors import GitCMSError
from gitcms.resources import CHECKOUT

CHECKS = {
    "ruff check": ["ruff", "check", "--quiet"],
    "ruff format": ["ruff", "format", "--check", "--quiet"],
    "mypy": ["mypy"],
}


class NoCheckout(GitCMSError):
    """The tests are not part of an installed gitcms."""

    code = "no_checkout"
    hint = "Fetch the project's source and run `python3 -m gitcms test` in it."


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]})
@click.argument("pytest_arguments", nargs=-1, type=click.UNPROCESSED)
def test(pytest_arguments: tuple[str, ...]) -> None:
    """Run the project's own checks and tests.

    PYTEST_ARGUMENTS go to pytest: a file or folder of tests, -k, -x and the like. Tests of what is
    not on this machine (Chromium, Jekyll, PostgreSQL, Node) are skipped, and counted at the end
    with the command that enables them. With --nothing-skipped that is a failure.
    """
    if not (CHECKOUT / "tests").is_dir():
        raise NoCheckout("The tests are not here.")
    failed = [name for name, command in CHECKS.items() if not run(name, command)]
    if not run("pytest", ["pytest", *pytest_arguments]):
        failed.append("pytest")
    if failed:
        click.echo(f"Not well: {', '.join(failed)}.", err=True)
        sys.exit(1)


def run(name: str, command: list[str]) -> bool:
    """Run a module of this interpreter at the checkout's top; say whether it was content."""
    click.secho(f"── {name}", bold=True)
    sys.stdout.flush()
    return subprocess.run([sys.executable, "-m", *command], cwd=CHECKOUT, check=False).returncode == 0
