"""`gitcms backup`: people, sessions and what they are typing in one file, while the server runs."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from gitcms import backup as making
from gitcms import config as configuration
from gitcms.site import open_state


@click.command()
@click.argument("target", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--site", type=click.Path(path_type=Path), help="The folder of the site; this one, if left out."
)
@click.option("--config", "file", type=click.Path(path_type=Path), help="A configuration file.")
def backup(target: Path, site: Path | None, file: Path | None) -> None:
    """Write people, sessions, unsaved texts and the keys of a site into FILE.

    The site's own content is not in it: that is in Git, and every clone is a copy of it.
    """
    config = configuration.load(file)
    if site is not None:
        config = config.with_values("site", path=str(site))
    folder, database = open_state(config)
    try:
        said = making.make(folder, database, target, now=datetime.now(UTC))
    finally:
        database.close()
    people = "1 person" if said.people == 1 else f"{said.people} people"
    click.echo(f"{target} holds {people} and the keys of this site: {', '.join(said.files)}.")
    click.echo("Keep it as you keep passwords: with its keys, what is sealed in it can be read.")
