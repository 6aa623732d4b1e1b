"""`gitcms clone`: begin with nothing but the address of a Git repository.

What a person has to do, compare a key, hand one over, type a password, is asked here; what comes of it is
`gitcms.remotes.cloning`'s. Without a terminal nothing is asked, and what is missing is said.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from gitcms import config as configuration
from gitcms.config import Config
from gitcms.errors import GitCMSError
from gitcms.remotes import cloning, connection
from gitcms.repository import Address, CloneFailed, HostKey, check_address, host_keys

MOST_TRIES = 3


class Unanswered(GitCMSError):
    """Something only a person can do is not done yet."""

    code = "clone.unanswered"


@click.command()
@click.argument("url")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option("--user", help="The name for https, where the server asks for one.")
@click.option(
    "--password-file", type=click.Path(), help="A file with the password or token; - reads it from the input."
)
@click.option("--fingerprint", help="The SSH server's key, as SHA256:…, instead of being asked about it.")
@click.option("--local", is_flag=True, help="Allow a server on this machine, or a folder.")
@click.option("--config", "file", type=click.Path(path_type=Path), help="A configuration file.")
def clone(
    url: str,
    folder: Path | None,
    user: str | None,
    password_file: str | None,
    fingerprint: str | None,
    local: bool,
    file: Path | None,
) -> None:
    """Clone URL into FOLDER, and keep how saves are sent there.

    URL is https://host/path.git or ssh://git@host/path.git, without a password in it: that is asked for, and
    kept sealed. For SSH a deploy key is made, and the server's own key is shown to be compared.
    """
    settings = configuration.load(file)
    address = check_address(url, local=local)
    folder = (folder or Path(cloning.name_of(address))).expanduser().resolve()
    if folder.exists() and any(folder.iterdir() if folder.is_dir() else [folder]):
        raise click.UsageError(f"{folder} is not empty. Name a folder that is, or does not exist yet.")
    if address.kind == "ssh":
        _by_ssh(settings, address, folder, fingerprint)
    else:
        _by_https(settings, address, folder, user, password_file)
    click.echo(f"Next:  gitcms serve {folder}{f' --config {file}' if file else ''}")


def _by_https(
    settings: Config, address: Address, folder: Path, user: str | None, password_file: str | None
) -> None:
    asked = password_file is None and address.kind != "file" and sys.stdin.isatty()
    for left in reversed(range(MOST_TRIES)):
        password = _password(password_file)
        if asked:
            name = user or click.prompt(
                "Name (empty if the server asks for none)", default="", show_default=False
            )
            password = click.prompt("Password or token", hide_input=True) if name else ""
        else:
            name = user or ("git" if password else "")
        try:
            _start(settings, address, folder, name, password)
            return
        except CloneFailed as error:
            if error.why.kind != "denied" or not asked or not left:
                raise
            click.echo(f"{error} Try again.")


def _by_ssh(settings: Config, address: Address, folder: Path, fingerprint: str | None) -> None:
    kept = cloning.state_of(settings, folder)
    if fingerprint is not None or not connection.is_pinned(kept):
        _pin(kept, address, fingerprint)
    key = cloning.deploy_key(kept, address)
    shown = False
    while True:
        try:
            _start(settings, address, folder)
            return
        except CloneFailed as error:
            if error.why.kind not in ("denied", "missing"):
                raise
            if not shown:
                click.echo("This site has a deploy key. Give it to the host, with the right to write:\n")
                click.echo(f"  {key}\n")
            if not sys.stdin.isatty():
                raise Unanswered(
                    "The host does not know the key yet.", hint="Run the same command again once it does."
                ) from error
            if shown:
                click.echo(f"{error} Does the host know the key, with the right to write?")
            shown = True
            click.prompt("Press Enter once it is there", default="", show_default=False, prompt_suffix=" ")


def _pin(kept: Path, address: Address, fingerprint: str | None) -> None:
    """Trust the keys that the host shows, once somebody compared one of them."""
    if fingerprint is not None:
        cloning.trust(kept, address, [fingerprint])
        return
    found = host_keys(address)
    if not _is_right(address, found):
        raise Unanswered(
            f"The key of {address.host} was not compared, so nothing was sent.",
            hint="Name it with --fingerprint, or compare it when you are asked.",
        )
    connection.pin(kept, found)


def _is_right(address: Address, found: list[HostKey]) -> bool:
    click.echo(f"{address.host} shows these keys:\n")
    for key in found:
        click.echo(f"  {key.kind:<20} {key.fingerprint}")
    click.echo("\nCompare them with what the host publishes, or with what who runs it tells you.")
    return sys.stdin.isatty() and click.confirm("Are they the same?")


def _start(settings: Config, address: Address, folder: Path, user: str = "", password: str = "") -> None:
    kept, made = cloning.start(settings, address, folder, user, password)
    click.echo(f"Cloned the branch {made.branch} with {made.files} files into {folder}")
    click.echo(f"How it is called is kept in {kept}{', the password sealed' if password else ''}.")
    if made.not_writable is None:
        click.echo("Saves are sent there, and what others send comes in, by themselves.")
    else:
        click.echo(f"It can be read, but not written: {made.not_writable.sentence}")
        click.echo("Saves wait here until it can.")


def _password(file: str | None) -> str:
    if file is None:
        return ""
    if file == "-":
        return sys.stdin.readline().strip()
    return connection.read_password(file)
