"""How many types are inferred as a reader of the posts tells them.

    python tests/bench/inference.py [FOLDER] [--wrong]

FOLDER holds one folder of posts a site and defaults to `$GITCMS_CORPUS/dev`; the labels are those of
`tests/schema/labels`. Where several collections of a site have a field, the one counts that has it in most
entries. Every third site was held out: rules were made on the others until they were right for 97.2 % of
their fields, and for 88.8 % of these; then these were looked at as well. `--wrong` names what differs.

`--half` infers from a half of each site's posts, six times, each half drawn by its own seed: rules that hang
on single posts fail there. `--table` prints the table of `gitcms/docs/models.md`: for each site, and each of
ours in `tests/whole_sites.py`, what is found, how many fields are typed (not raw), and how many entries come
back unchanged from their untouched forms.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from werkzeug.datastructures import MultiDict

from gitcms.content.document import Document
from gitcms.schema.collection import Model
from gitcms.schema.describing import described
from gitcms.schema.finding import Source
from gitcms.schema.generators import GENERATORS
from gitcms.schema.inference import infer_from
from gitcms.schema.validation import validate
from gitcms.web.forms import read_form
from tests.web.test_forms import is_untouched, sent_for
from tests.whole_sites import WHOLE_SITES

LABELS = Path(__file__).resolve().parents[1] / "schema" / "labels"


class Judged(NamedTuple):
    """One label beside what was inferred; "" where nothing was."""

    site: str
    field: str
    right: str
    said: str
    held_out: bool


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("folder", nargs="?", type=Path)
    options.add_argument("--wrong", action="store_true", help="name the fields whose types differ")
    options.add_argument("--half", action="store_true", help="infer from halves of the posts")
    options.add_argument("--table", action="store_true", help="print the table of the docs")
    chosen = options.parse_args()
    folder = chosen.folder or Path(os.environ["GITCMS_CORPUS"]) / "dev"
    if chosen.table:
        print("\n".join(table(folder)))
        return
    if chosen.half:
        report({"halves": [one for seed in range(6) for one in judge(folder, random.Random(seed))]})
        return
    judged = list(judge(folder))
    report(
        {
            "all": judged,
            "made on": [one for one in judged if not one.held_out],
            "held out": [one for one in judged if one.held_out],
        }
    )
    if chosen.wrong:
        for one in judged:
            if one.said != one.right:
                print(f"{one.site:<34} {one.field:<44} {one.right:<16} said {one.said or 'nothing'}")


def report(groups: Mapping[str, list[Judged]]) -> None:
    """Print how many of each group are right."""
    for name, some in groups.items():
        rich = [one for one in some if one.right != "text"]
        print(f"{name:<9} {len(some):>4} fields  right {share(some):5.1f} %   not text {share(rich):5.1f} %")


def judge(folder: Path, draw: random.Random | None = None) -> Iterator[Judged]:
    """Yield each label of the sites in a folder beside the type that is inferred.

    :param draw: leaves out half of the posts; then a label counts that three of those left have.
    """
    for position, labels in enumerate(sorted(LABELS.glob("*.toml"))):
        site = folder / labels.stem
        source = source_of(site)
        if draw is not None:
            source.paths = [path for path in source.paths if draw.random() < 0.5]
        weights = weights_of(source)
        for field, right in tomllib.loads(labels.read_text("utf-8")).items():
            types = weights.get(field, {})
            if draw is None or sum(types.values()) >= 3:
                said = max(types, key=types.__getitem__) if types else ""
                yield Judged(labels.stem, field, right, said, position % 3 == 2)


def source_of(site: Path) -> Source:
    """Return the files of a site in a folder."""
    paths = sorted(path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file())
    return Source(paths, lambda path: (site / path).read_bytes())


def weights_of(source: Source) -> dict[str, dict[str, float]]:
    """Return, by a field's dotted name, the inferred types and how many entries have it as one of each."""
    data = described(infer_from(source), source)
    weights: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for collection in data["collections"]:
        for field in collection["fields"]:
            weights[field["name"]][field["type"]] += field["coverage"] * collection["files"]
    return weights


def table(folder: Path) -> Iterator[str]:
    """Yield the lines of a table in Markdown: what is found in each site, and what is saved."""
    corpus = {
        site.name.replace("__", "/"): source_of(site) for site in sorted(folder.iterdir()) if site.is_dir()
    }
    ours = {f"ours, {GENERATORS[name].label}": whole(files) for name, files in WHOLE_SITES.items()}
    yield "| site | what is found | entries saved unchanged | fields typed |"
    yield "|---|---|---|---|"
    sums = (0, 0, 0, 0)
    for name, source in (corpus | ours).items():
        found, numbers = row(source)
        yield line(name, found, numbers)
        entries, saved, fields, typed = (sum(pair) for pair in zip(sums, numbers, strict=True))
        sums = (entries, saved, fields, typed)
    yield line("all", "", sums)


def line(name: str, found: str, numbers: tuple[int, int, int, int]) -> str:
    """Return one line of the table."""
    entries, saved, fields, typed = numbers
    return f"| {name} | {found} | {saved} of {entries} | {typed} of {fields} |"


def row(source: Source) -> tuple[str, tuple[int, int, int, int]]:
    """Return what is found in a site, and its entries, those saved unchanged, its fields, those typed."""
    model = infer_from(source)
    data = described(model, source)
    fields = [field for one in data["collections"] for field in one["fields"]]
    typed = sum(field["type"] != "raw" for field in fields)
    entries, saved = saves(model, source)
    found = ", ".join(f"{one['name']} {one['files']}" for one in data["collections"])
    return f"{GENERATORS[model.generator].label}: {found}", (entries, saved, len(fields), typed)


def saves(model: Model, source: Source) -> tuple[int, int]:
    """Return how many entries there are, and how many come back from an untouched form without an error."""
    entries = saved = 0
    for path in source.paths:
        collection = model.collection_of(path)
        if collection is not None:
            entries += 1
            document = Document.parse(source.read(path))
            values = document.values
            reading = read_form(collection, sent_for(values, collection), MultiDict(), values)
            judged = validate(collection, reading.values, complete=False, old=values)
            saved += not reading.errors and not judged and is_untouched(reading, values)
    return entries, saved


def whole(files: Mapping[str, str | bytes]) -> Source:
    """Return the files of one of our own sites."""

    def read(path: str) -> bytes:
        content = files[path]
        return content.encode() if isinstance(content, str) else content

    return Source(sorted(files), read)


def share(judged: list[Judged]) -> float:
    """Return how many are right, in percent."""
    return 100 * sum(one.said == one.right for one in judged) / len(judged) if judged else 0.0


if __name__ == "__main__":
    main()
