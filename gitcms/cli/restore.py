"""`gitcms restore`: a backup, put into a state in which nobody has an account yet, of any kind."""

from __future__ import annotations

from pathlib import Path

import click

from gitcms import backup as making
from gitcms import config as configuration
from gitcms.site import closed_state


@click.command()
@click.argument("source", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--site", type=click.Path(path_type=Path), help="The folder of the site; this one, if left out."
)
@click.option("--config", "file", type=click.Path(path_type=Path), help="A configuration file.")
def restore(source: Path, site: Path | None, file: Path | None) -> None:
    """Put what `gitcms backup` wrote into FILE where the configuration says, on any machine.

    Nobody may have an account there yet. From SQLite to PostgreSQL: back up, name the database under
    [state] in the configuration, restore.
    """
    config = configuration.load(file)
    if site is not None:
        config = config.with_values("site", path=str(site))
    folder, database = closed_state(config)
    try:
        said = making.restore(folder, database, source)
        database.upgrade()
    finally:
        database.close()
    people = "1 person is" if said.people == 1 else f"{said.people} people are"
    click.echo(f"{people} here as of {said.made_at}, with {', '.join(said.files) or 'no keys'}.")
    click.echo(f"The state lies in {folder}. Start the server again now, if it runs.")
