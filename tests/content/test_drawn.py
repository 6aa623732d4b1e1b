"""Any file, any edit: it does what was asked and nothing else, or says why not.

`parse(edit(file)) == apply(parse(file))`, with the reading and the applying done by the judge, which knows
no code of ours, and in both versions of YAML; every byte outside of what was edited is there; no comment is
gone.
"""

from __future__ import annotations

import pytest

from tests.content.drawn import tally
from tests.content.drawn.files import HARD


@pytest.fixture(scope="module")
def run() -> tally.Tally:
    return tally.run(1200)


def test_any_edit_of_any_file_is_exact_or_refused_for_a_good_reason(run):
    assert run.edits.total() >= 1200
    assert run.refused < 10, "\n".join(run.table())
    assert {"yaml", "toml", "json", "headers", "org"} == set(run.files)
    for op in ("set", "add a key", "unset", "rename", "append", "insert", "move", "body"):
        assert any(kind.startswith(f"drawn: {op}") for kind, _ in run.edits), op


@pytest.mark.parametrize("thing", HARD)
def test_a_tenth_of_the_files_holds_each_thing_that_makes_an_edit_hard(run, thing):
    assert run.share(thing) >= 10, "\n".join(run.table())
