"""Three servers save a hundred times in turn, by HTTP and by SSH, whatever the remote is like meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from . import trial
from .conftest import World


@pytest.mark.parametrize("way", ["http", "ssh"])
def test_a_hundred_saves_are_all_there_without_force_and_the_histories_are_equal(
    open_world: Callable[[Path, str], World], tmp_path: Path, way: str
) -> None:
    outcome = trial.save_in_turn(open_world(tmp_path, way), 100, seed=5)
    assert outcome.problems == []
    # Each mood stood in somebody's way.
    assert {"declined", "full"} <= outcome.kinds
    assert outcome.kinds & {"down", "fault"}
