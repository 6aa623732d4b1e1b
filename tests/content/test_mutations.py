"""The list of faults that `tests/bench/mutations.py` puts into the code is still one of this code."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import gitcms.content
from tests.content.mutations import MUTATIONS, Mutation

CONTENT = Path(gitcms.content.__file__).parent


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda one: one.what)
def test_each_fault_has_its_place_in_the_code(mutation: Mutation) -> None:
    text = (CONTENT / mutation.file).read_text(encoding="utf-8")
    assert text.count(mutation.old) == 1
    assert ast.dump(ast.parse(text.replace(mutation.old, mutation.new))) != ast.dump(ast.parse(text))


def test_no_fault_is_listed_twice() -> None:
    assert len({(one.file, one.old) for one in MUTATIONS}) == len(MUTATIONS) >= 20
