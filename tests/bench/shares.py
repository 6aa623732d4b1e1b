"""What the made-up documents of the property tests hold, in how many of a hundred, and what became of edits.

python tests/bench/shares.py [--examples N]
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from gitcms.content.document import Document
from gitcms.content.edits import Edit
from gitcms.errors import EditRefused
from tests.content.made_up import front_matters
from tests.content.made_up_tables import JSON_VALUES, TOML_VALUES, tables
from tests.content.test_properties import edits_of, file_of


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--examples", type=int, default=2000)
    examples = parser.parse_args().examples
    often = settings(
        max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    features: dict[str, Counter[str]] = {"yaml": Counter(), "toml": Counter(), "json": Counter()}
    fates: Counter[tuple[str, str, str]] = Counter()

    @often
    @given(st.data())
    def in_yaml(data: st.DataObject) -> None:
        made = data.draw(front_matters())
        note("yaml", made.features, file_of(made.text), data.draw(edits_of(made.values)))

    @often
    @given(st.data())
    def in_tables(data: st.DataObject) -> None:
        made = data.draw(tables())
        new = TOML_VALUES if made.kind == "toml" else JSON_VALUES
        note(made.kind, made.features, made.file, data.draw(edits_of(made.values, new, new)))

    def note(kind: str, held: frozenset[str], source: bytes, edit: Edit) -> None:
        features[kind].update({"all", *held})
        try:
            Document.parse(source).change([edit])
            fates[kind, type(edit).__name__, "saved"] += 1
        except EditRefused:
            fates[kind, type(edit).__name__, "refused"] += 1

    in_yaml()
    in_tables()
    for kind, held in features.items():
        print(f"{kind}: {held['all']} documents")
        for feature, count in held.most_common():
            if feature != "all":
                print(f"  {100 * count / held['all']:5.1f} % {feature}")
    for (kind, edit, fate), count in sorted(fates.items()):
        print(f"{kind:5} {edit:8} {fate:8} {count:6}")


if __name__ == "__main__":
    main()
