"""`gitcms unit`: a unit for systemd, with the places of this machine filled in.

What a service may do stands in `gitcms/service/gitcms.service`; here is found out what is different from one
machine to the next: whose the site is, which program serves it, and where it must be able to write.
"""

from __future__ import annotations

import pwd
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from gitcms import config as configuration
from gitcms import resources, state
from gitcms.config import Config
from gitcms.errors import GitCMSError
from gitcms.repository import git_folder_of

STATES = Path("/var/lib")
"""Where systemd makes the folders of StateDirectory= (systemd.exec(5))."""
HOMES = (Path("/home"), Path("/root"), Path("/run/user"))
"""What ProtectHome= hides."""


class NoService(GitCMSError):
    """No unit can be made for this site as it is."""

    code = "unit"


@click.command()
@click.argument("site", required=False, type=click.Path(path_type=Path))
@click.option("--config", "file", type=click.Path(path_type=Path), help="The configuration of the server.")
@click.option("--worker", is_flag=True, help="For `gitcms worker`, which rebuilds and sends webhooks.")
def unit(site: Path | None, file: Path | None, worker: bool) -> None:
    """Print a systemd unit that serves SITE (this folder, when left out).

    The service runs as the owner of the site's folder, and may write there, where its state is kept, and
    where rebuilt pages are put. Run this as that user, with the program that is to be started.
    """
    settings = configuration.load(file)
    if site is not None:
        settings = settings.with_values("site", path=str(site))
    click.echo(text_of(settings, worker=worker), nl=False)


def text_of(config: Config, *, worker: bool = False) -> str:
    """Return the unit that serves a site, or the one that works beside it.

    :raises NoService: the site belongs to root, or to nobody. :raises RepositoryUnusable: it is no site.
    :raises StorageFailed: the folder of the state cannot be made.
    """
    folder = Path(config.site.path).expanduser().resolve()
    git_folder = git_folder_of(folder)
    top = next(each for each in (folder, *folder.parents) if (each / ".git").exists())
    does = ["worker", "--site", str(folder)] if worker else ["serve", str(folder)]
    options = ["--config", str(config.source.expanduser().resolve())] if config.source else []
    kept, keeps = _state(config, git_folder)
    writable = [top, git_folder, *kept, *_finished_pages(config)]
    read = [Path(sys.base_prefix), Path(sys.prefix), resources.CHECKOUT, *map(Path, options[1:])]
    return (
        (resources.service_folder() / "gitcms.service")
        .read_text(encoding="utf-8")
        .format(
            description=_literal(f"gitcms {'works for' if worker else 'serves'} {folder}"),
            user=_owner(top),
            folder=_literal(str(resources.CHECKOUT)),
            command=" ".join(_words([sys.executable, "-m", "gitcms", *does, *options])),
            writable="\n".join([*keeps, f"ReadWritePaths={' '.join(map(_quoted, _outermost(writable)))}"]),
            home="read-only" if any(map(_is_in_a_home, [*writable, *read])) else "yes",
        )
    )


def _owner(top: Path) -> str:
    try:
        owner = pwd.getpwuid(top.stat().st_uid)
    except KeyError as error:
        raise NoService(
            f"{top} belongs to nobody whom this machine knows.", hint="Give it to a user with chown -R."
        ) from error
    if owner.pw_uid == 0:
        raise NoService(
            f"{top} belongs to root, and gitcms does not run as root.",
            hint="Make a user for it (useradd --system gitcms), give the folder to that user with chown -R,"
            " and run this as that user.",
        )
    return owner.pw_name


def _state(config: Config, git_folder: Path) -> tuple[list[Path], list[str]]:
    """Return where the state is to be written, and the lines by which systemd makes that place itself."""
    configured = Path(config.state.folder).expanduser()
    if config.state.folder and configured.is_relative_to(STATES) and configured != STATES:
        name = _quoted(str(configured.relative_to(STATES)))
        return [], [f"StateDirectory={name}", "StateDirectoryMode=0700"]
    return [state.folder_for(git_folder, config.state.folder)], []


def _finished_pages(config: Config) -> list[Path]:
    # A link is put in place of the old one, so it is the folder around it that is written.
    output = config.build.output
    return [Path(output).expanduser().resolve().parent] if config.build.command and output else []


def _outermost(folders: list[Path]) -> list[str]:
    """Return the folders without those that lie in another one of them."""
    return [str(each) for each in dict.fromkeys(folders) if not set(each.parents) & set(folders)]


def _is_in_a_home(path: Path) -> bool:
    return any(path.is_relative_to(home) for home in HOMES)


def _words(command: list[str]) -> Iterator[str]:
    """Spell the words of a command line (systemd.service(5), "Command lines")."""
    return (_quoted(word).replace("$", "$$") for word in command)


def _quoted(word: str) -> str:
    """Spell one word of a list (systemd.syntax(7), "Quoting")."""
    plain = _literal(word)
    if plain and not set(plain) & set(" \t\n\"'\\;"):
        return plain
    escaped = plain.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def _literal(text: str) -> str:
    """Spell a text in which a percent sign is one (systemd.unit(5), "Specifiers")."""
    return text.replace("%", "%%")
