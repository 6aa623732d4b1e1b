"""Servers and workers killed while webhooks are under way; `tests/bench` does the same for longer."""

from __future__ import annotations

import multiprocessing
import random
from pathlib import Path

import pytest

from tests.bench.kill_deliveries import kill_processes
from tests.database.conftest import _url


def _kill(root: Path, database: str, servers: int) -> None:
    kill_processes(root, 12, random.Random(), database=database, servers=servers, workers=2)


@pytest.mark.parametrize(("kind", "servers"), [("sqlite", 1), ("postgresql", 2)])
def test_every_event_arrives_however_often_its_carriers_are_killed(
    tmp_path: Path, kind: str, servers: int
) -> None:
    database = _url(kind, tmp_path) if kind == "postgresql" else ""
    # In a process of its own: it makes children by the dozen, and the threads of other tests are here.
    child = multiprocessing.get_context("spawn").Process(target=_kill, args=(tmp_path, database, servers))
    child.start()
    child.join(240)
    assert child.exitcode == 0
