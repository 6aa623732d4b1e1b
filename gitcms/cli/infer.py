"""`gitcms infer`: what gitcms makes of a site, read off its posts.

Here: the summary that a person reads, and the same as JSON. How the model is found is known by
`gitcms.schema.inference`. Nothing is opened for editing and no file is written.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from gitcms.folder import Folder
from gitcms.schema.collection import Model
from gitcms.schema.configured import OWN, model_of
from gitcms.schema.configured.json_schema import json_schema
from gitcms.schema.configured.writing import facts_of, toml_of
from gitcms.schema.describing import described
from gitcms.schema.finding import Source
from gitcms.schema.generators import GENERATORS

MOST_OUTLIERS = 20
"""Of each collection, in the summary; JSON has them all."""
MOST_CHOICES = 6


@click.command()
@click.argument("site", required=False, type=click.Path(path_type=Path), default=".")
@click.option("--json", "as_json", is_flag=True, help="Print the model as one JSON object.")
@click.option("--write", is_flag=True, help=f"Write what was found into {OWN} at the top of SITE.")
@click.option("--schema", is_flag=True, help=f"Print the JSON Schema of {OWN}, for editors.")
def infer(site: Path, as_json: bool, write: bool, schema: bool) -> None:
    """Read SITE (this folder, when left out) and say what its collections and fields are.

    SITE is any folder of Markdown, in a Git repository or not, and is read as it lies on the disk.
    """
    if schema:
        click.echo(json.dumps(json_schema(), indent=2))
        return
    folder = Folder(site)
    source = Source(folder.paths, folder.read)
    told = model_of(source)
    if write:
        _write(folder, told.model)
        return
    data = described(told.model, source)
    for remark in told.remarks:
        click.echo(str(remark), err=True)
    click.echo(json.dumps(data, indent=2) if as_json else "\n".join(_summary(data)))


def _write(folder: Folder, model: Model) -> None:
    folder.add(OWN, toml_of(facts_of(model), "read off its posts").encode())
    click.echo(f"{folder.top / OWN} is written. Commit it, and it counts wherever the site is edited.")


def _summary(data: Mapping[str, Any]) -> Iterator[str]:
    label = GENERATORS[data["generator"]].label
    pictures = data["media_folder"] or "the top folder"
    yield f"{data['title'] or 'This site'}: {label}. Pictures lie in {pictures}."
    if not data["collections"]:
        yield "There are no posts or pages here: no Markdown file was found."
    for collection in data["collections"]:
        yield ""
        yield from _collection(collection)


def _collection(one: Mapping[str, Any]) -> Iterator[str]:
    files = f"{one['files']} {'file' if one['files'] == 1 else 'files'}"
    yield f"{one['label']}: {files} in {', '.join(filter(None, one['paths'])) or 'the top folder'}"
    yield f"  new ones are {one['file_template']}"
    width = max((len(_indented(field["name"])) for field in one["fields"]), default=0)
    for field in one["fields"]:
        yield f"  {_indented(field['name']):<{width}}  {_facts(field)}"
    found = one["outliers"]
    for outlier in found[:MOST_OUTLIERS]:
        where = f"{outlier['path']}: {outlier['field']}".removesuffix(": ")
        yield f"  ! {where}: {outlier['sentence']}"
    if len(found) > MOST_OUTLIERS:
        yield f"  ! and {len(found) - MOST_OUTLIERS} more that stand out; --json names them all"


def _indented(name: str) -> str:
    """Return a part of an object behind two blanks for each object that it is in."""
    depth = name.count("[].") + name.replace("[].", "").count(".")
    return "  " * depth + name


def _facts(field: Mapping[str, Any]) -> str:
    facts = [field["type"] + (f" of {field['items']}" if field.get("items") else "")]
    if field["choices"]:
        shown = ", ".join(field["choices"][:MOST_CHOICES])
        facts.append(f"({shown}{', …' if len(field['choices']) > MOST_CHOICES else ''})")
    facts.append("required" if field["required"] else f"in {100 * field['coverage']:.0f} %")
    if field["meaning"]:
        facts.append(f"[{field['meaning']}]")
    return " ".join(facts)
