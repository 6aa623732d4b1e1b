"""The command line: `gitcms COMMAND`.

This module knows the commands' names and how an error reaches the terminal; each command lives in
a file of its name and is imported when it is asked for, so that `gitcms edit` need not wait for
the web server's libraries.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import NoReturn

import click

from gitcms import __version__
from gitcms.errors import GitCMSError

# Every command in the order of `--help`, with its line there.
COMMANDS = {
    "demo": "Write a small real site and edit it: the whole of gitcms in a minute.",
    "clone": "Begin with nothing but the address of a Git repository.",
    "serve": "Open a site in the browser.",
    "user": "Add, list and disable people, and make sign-in links.",
    "webhook": "Tell services of what is saved, and see what became of it.",
    "worker": "Rebuild and send webhooks in a process of its own.",
    "unit": "Print a unit with which systemd runs the server, or the worker.",
    "backup": "Write people, sessions, unsaved texts and keys into one file.",
    "restore": "Put such a file back, on this machine or another, in SQLite or PostgreSQL.",
    "doctor": "Say what gitcms sees in a site, where its state lies, and what stands in the way.",
    "infer": "Say what the collections and fields of a site are, read off its posts.",
    "import-config": "Make a gitcms.toml of the configuration of another CMS.",
    "check": "Say what is wrong with a site's entries, for people, CI and hooks.",
    "edit": "Change one value of one file, and nothing else.",
    "test": "Run the project's own checks and tests.",
}

# What a person can put right exits with 2, as a mistyped option does.
EXPECTED_ERROR = 2


def main() -> NoReturn:
    """Run the command line and leave. Errors we expected end as a sentence and a hint on stderr."""
    try:
        cli(prog_name="gitcms")
    except GitCMSError as error:
        complain(error)
    sys.exit(EXPECTED_ERROR)


def complain(error: GitCMSError) -> None:
    """Write what happened, what to do next, and the details, to stderr."""
    for line in filter(None, (f"gitcms: {error}", error.hint, error.details)):
        click.echo(line, err=True)


class LazyGroup(click.Group):
    """A group whose commands are `gitcms.cli.<name>.<name>`, imported when they are run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        name = cmd_name.replace("-", "_")
        command: click.Command = getattr(import_module(f"gitcms.cli.{name}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="gitcms", message="%(prog)s %(version)s")
def cli() -> None:
    """A content management system whose store is a Git repository."""
