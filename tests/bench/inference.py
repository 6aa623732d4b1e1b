"""How many types are inferred as a reader of the posts tells them.

    python tests/bench/inference.py [FOLDER] [--wrong]

FOLDER holds one folder of posts a site and defaults to `$GITCMS_CORPUS/dev`; the labels are those of
`tests/schema/labels`. Where several collections of a site have a field, the one counts that has it in most
entries. Every third site is held out: rules are made on the others and proved on these, so the two shares
say by how much a rule was bent to the posts that it was made on. `--wrong` names what differs.
"""

from __future__ import annotations

import argparse
import os
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from gitcms.schema.describing import described
from gitcms.schema.finding import Source
from gitcms.schema.inference import infer_from

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
    chosen = options.parse_args()
    folder = chosen.folder or Path(os.environ["GITCMS_CORPUS"]) / "dev"
    judged = list(judge(folder))
    for name, some in (
        ("all", judged),
        ("made on", [one for one in judged if not one.held_out]),
        ("held out", [one for one in judged if one.held_out]),
    ):
        rich = [one for one in some if one.right != "text"]
        print(f"{name:<9} {len(some):>4} fields  right {share(some):5.1f} %   not text {share(rich):5.1f} %")
    if chosen.wrong:
        for one in judged:
            if one.said != one.right and not one.held_out:
                print(f"{one.site:<34} {one.field:<44} {one.right:<16} said {one.said or 'nothing'}")


def judge(folder: Path) -> Iterator[Judged]:
    """Yield each label of the sites in a folder beside the type that is inferred."""
    for position, labels in enumerate(sorted(LABELS.glob("*.toml"))):
        site = folder / labels.stem
        said = types_of(site)
        for field, right in tomllib.loads(labels.read_text("utf-8")).items():
            yield Judged(labels.stem, field, right, said.get(field, ""), position % 3 == 2)


def types_of(site: Path) -> dict[str, str]:
    """Return the inferred type of every field of a site, by its dotted name."""
    paths = sorted(path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file())
    source = Source(paths, lambda path: (site / path).read_bytes())
    data = described(infer_from(source), source)
    weights: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for collection in data["collections"]:
        for field in collection["fields"]:
            weights[field["name"]][field["type"]] += field["coverage"] * collection["files"]
    return {name: max(types, key=types.__getitem__) for name, types in weights.items()}


def share(judged: list[Judged]) -> float:
    """Return how many are right, in percent."""
    return 100 * sum(one.said == one.right for one in judged) / len(judged) if judged else 0.0


if __name__ == "__main__":
    main()
