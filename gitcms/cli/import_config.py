"""`gitcms import-config`: the configuration of another CMS, said in gitcms' own words.

Here: reading one, writing the other, and what is told of it. What an option becomes is known by
`gitcms.schema.configured`. The other file stays, and is not read any more once there is a `gitcms.toml`.
"""

from __future__ import annotations

from pathlib import Path

import click

from gitcms.errors import NotFound
from gitcms.folder import Folder
from gitcms.schema.configured import OWN, foreign
from gitcms.schema.configured.writing import toml_of
from gitcms.schema.finding import Source


@click.command("import-config")
@click.argument("site", required=False, type=click.Path(path_type=Path), default=".")
@click.option("--print", "only_print", is_flag=True, help="Print the file and write nothing.")
def import_config(site: Path, only_print: bool) -> None:
    """Make a gitcms.toml of the configuration of Decap, Sveltia, Pages or Front Matter CMS in SITE.

    What has no effect in gitcms, and what nobody knows, is told with its line.
    """
    folder = Folder(site)
    imported = foreign(Source(folder.paths, folder.read))
    if imported is None:
        raise NotFound(
            "No configuration of another CMS was found here.",
            hint="It is looked for as admin/config.yml, also below static, public, src, source and assets;"
            " as .pages.yml and as frontmatter.json.",
        )
    for remark in imported.remarks:
        click.echo(str(remark), err=True)
    text = toml_of(imported.facts, f"made from {imported.path}")
    if only_print:
        click.echo(text, nl=False)
        return
    folder.add(OWN, text.encode())
    click.echo(f"{folder.top / OWN} is written. Commit it, and it counts instead of {imported.path}.")
