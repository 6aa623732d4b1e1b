"""`gitcms check`: what the forms would say of a whole site, for CI and for hooks.

Here: options, and the exit code. What is looked for is known by `gitcms.checks`.
"""

from __future__ import annotations

import posixpath
import sys
from pathlib import Path

import click

from gitcms.checks import check as checked
from gitcms.checks.reports import REPORTS
from gitcms.folder import Folder

FOUND = 1


@click.command()
@click.argument("site", required=False, type=click.Path(path_type=Path), default=".")
@click.option("--json", "told", flag_value="json", help="Print the findings as one JSON object.")
@click.option("--sarif", "told", flag_value="sarif", help="Print a SARIF 2.1.0 log, for code scanning.")
@click.option("--github", "told", flag_value="github", help="Print annotations for GitHub Actions.")
@click.option(
    "--file",
    "files",
    multiple=True,
    metavar="FILE",
    help="Speak of this file alone, as the site names it; may be given several times.",
)
@click.option("--links/--no-links", default=True, help="Follow links and look for pictures (the default).")
@click.option("--translations", is_flag=True, help="Want every entry in every language of its collection.")
@click.option("--errors", "errors_only", is_flag=True, help="Leave out warnings.")
def check(
    site: Path,
    told: str | None,
    files: tuple[str, ...],
    links: bool,
    translations: bool,
    errors_only: bool,
) -> None:
    """Read SITE (this folder, when left out) and say what is wrong with its entries, file by file.

    SITE is any folder of Markdown, in a Git repository or not, and is read as it lies on the disk; nothing is
    written. Values are judged as the forms judge them. Exits with 0 where nothing was found, with 1 where
    something was, and with 2 where it could not be checked.
    """
    folder = Folder(site)
    only = {_named(folder, name) for name in files}
    findings = checked(folder, links=links, translations=translations, only=only)
    if errors_only:
        findings = [one for one in findings if one.severity == "error"]
    for line in REPORTS[told or "human"](findings, _before(folder.top)):
        click.echo(line)
    sys.exit(FOUND if findings else 0)


def _named(folder: Folder, name: str) -> str:
    """Return the path in the site of a file that is named from there, or from the current folder."""
    path = posixpath.normpath(name)
    if path in folder.paths:
        return path
    here = Path(name).resolve()
    if here.is_relative_to(folder.top) and here.relative_to(folder.top).as_posix() in folder.paths:
        return here.relative_to(folder.top).as_posix()
    raise click.BadParameter(f"There is no file “{name}” in this site.", param_hint="--file")


def _before(top: Path) -> str:
    """Return what leads from the current folder to the site; "" where it does not lie inside."""
    here = Path.cwd().resolve()
    if top == here or not top.is_relative_to(here):
        return ""
    return top.relative_to(here).as_posix() + "/"
