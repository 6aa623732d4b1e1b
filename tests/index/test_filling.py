"""The index against the truth: brought along through anything that can happen, it equals one made anew."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from gitcms.errors import RepositoryBusy, StorageFailed
from gitcms.index import IndexFile, Query, ask, counts, fill, find, tables
from gitcms.index.filling import Filled
from gitcms.index.tables import IndexDamaged
from tests.index.truth import MODEL, Play, everything, plays


@pytest.mark.parametrize("few", [0, 1000])
def test_whatever_happens_the_index_equals_one_made_from_nothing(tmp_path: Path, monkeypatch, few) -> None:
    monkeypatch.setattr("gitcms.index.filling.FEW", few)
    for name, value in (("CONTENTS", 0), ("MANY", 1), ("FEW_WORDS", 0)):
        monkeypatch.setattr(f"gitcms.index.crowds.{name}", value)
    seed = 7 if "CI" in os.environ else int.from_bytes(os.urandom(2))
    for number, (done, told, truth) in enumerate(plays(tmp_path, 8, 8, seed)):
        assert told == truth, (seed, number, done)


@pytest.fixture
def play(tmp_path: Path):
    import random

    play = Play(tmp_path, random.Random(1))
    yield play
    play.close()


def test_only_what_differs_is_looked_at(play: Play, monkeypatch) -> None:
    play.fill()
    play._save()
    asked: list[str] = []
    read = play.repository.read_blobs
    monkeypatch.setattr(play.repository, "read_blobs", lambda blobs: asked.extend(blobs) or read(blobs))
    monkeypatch.setattr(play.repository, "files", lambda *_: pytest.fail("all files were looked at"))
    assert fill(play.index, play.repository, MODEL) == Filled(1, whole=False)
    assert len(asked) == 1
    assert fill(play.index, play.repository, MODEL) == Filled(0, whole=False)


def test_the_same_content_at_two_places_is_read_once(play: Play, monkeypatch) -> None:
    play.fill()
    play._copy()
    monkeypatch.setattr(play.repository, "read_blobs", lambda *_: pytest.fail("it was read again"))
    assert fill(play.index, play.repository, MODEL).changed == 1


def test_a_deleted_index_costs_time_alone(play: Play) -> None:
    play.fill()
    told = play.told()
    play.index.forget()
    assert not play.index.path.exists()
    play.fill()
    assert play.told() == told


def test_many_at_once_fill_it_once_and_see_the_same(play: Play) -> None:
    with ThreadPoolExecutor(8) as pool:
        changed = list(pool.map(lambda _: fill(play.index, play.repository, MODEL).changed, range(16)))
    assert sorted(changed)[:-1] == [0] * 15 and max(changed) > 0
    assert play.told() == play.truth()


def test_progress_is_told_up_to_the_end(play: Play) -> None:
    said: list[tuple[int, int]] = []
    fill(play.index, play.repository, MODEL, lambda done, of: said.append((done, of)))
    assert said[0][0] == 0 and said[-1][0] == said[-1][1] > 0


def test_a_filling_that_fails_leaves_the_index_as_it_was(play: Play, monkeypatch) -> None:
    play.fill()
    told = play.told()
    play._outside()
    monkeypatch.setattr("gitcms.index.filling._keep_words", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        play.fill()
    with play.index.reading() as connection:
        assert everything(connection) == told
    monkeypatch.undo()
    assert play.told() == play.truth()


def test_lists_are_answered_before_the_words_are_known(play: Play, monkeypatch) -> None:
    monkeypatch.setattr("gitcms.index.filling.FEW", 0)
    asked = (play.index, play.repository, MODEL)
    query = Query("posts")
    with monkeypatch.context() as early:
        early.setattr("gitcms.index.filling._add_words", lambda *_: pytest.fail("words were asked for"))
        rows = ask(*asked, lambda known: find(known, query, 0.0), whole=False)
        numbers = ask(*asked, lambda known: counts(known, query, 0.0), whole=False)
    assert [row.path for row in rows] and len(rows) == numbers[""]
    later = ask(*asked, lambda known: find(known, query, 0.0))
    shown = [(row.path, row.title, row.state, row.moment, row.values, row.excerpt) for row in rows]
    assert shown == [(row.path, row.title, row.state, row.moment, row.values, row.excerpt) for row in later]
    assert [row.author for row in later] != [row.author for row in rows] == [""] * len(rows)
    assert play.told() == play.truth()


@pytest.mark.parametrize("step", ["contents", "words"])
def test_who_is_interrupted_goes_on_from_there(play: Play, monkeypatch, step: str) -> None:
    monkeypatch.setattr("gitcms.index.filling.AT_ONCE", 1)
    monkeypatch.setattr("gitcms.index.filling.WORDS_AT_ONCE", 1)
    if step == "words":
        monkeypatch.setattr("gitcms.index.filling.FEW", 0)
        fill(play.index, play.repository, MODEL, whole=False)

    def two(done: int, of: int) -> None:
        if done == 2:
            raise StorageFailed("The server ends.")

    with pytest.raises(StorageFailed):
        fill(play.index, play.repository, MODEL, two)
    play.index.close()
    asked: list[str] = []
    read = play.repository.read_blobs
    monkeypatch.setattr(play.repository, "read_blobs", lambda blobs: asked.extend(blobs) or read(blobs))
    said: list[tuple[int, int]] = []
    fill(play.index, play.repository, MODEL, lambda done, of: said.append((done, of)))
    count = len(play._paths())
    assert said[0] == (0, count - 2)
    # What was read is not read again, but for its words.
    assert len(asked) == (2 * count - 2 if step == "contents" else count - 2)
    monkeypatch.undo()
    assert play.told() == play.truth()


def test_an_index_of_another_version_is_made_anew(play: Play) -> None:
    play.fill()
    told = play.told()
    with play.index.writing() as connection:
        connection.execute("UPDATE meta SET value = 'other' WHERE name = 'version'")
        connection.execute("DELETE FROM entries")
    play.index.close()
    play.fill()
    assert play.told() == told


@pytest.mark.parametrize("size", [0, 1, 100, 5000])
def test_a_file_that_is_no_index_is_made_anew(play: Play, size: int) -> None:
    play.fill()
    told = play.told()
    play.index.close()
    for end in ("-wal", "-shm"):
        Path(f"{play.index.path}{end}").unlink(missing_ok=True)
    play.index.path.write_bytes(b"no index at all " * (size // 16) + b"x" * (size % 16))
    assert play.told() == told


@pytest.mark.parametrize(
    ("said", "meant", "stays"),
    [
        ("SQLITE_BUSY_SNAPSHOT", RepositoryBusy, True),
        ("SQLITE_PROTOCOL", RepositoryBusy, True),
        ("SQLITE_FULL", StorageFailed, True),
        ("SQLITE_CORRUPT_INDEX", IndexDamaged, False),
    ],
)
def test_an_index_that_others_use_is_not_taken_for_a_damaged_one(
    play: Play, said: str, meant: type[Exception], stays: bool
) -> None:
    play.fill()
    error = sqlite3.OperationalError("as SQLite says it")
    error.sqlite_errorname = said
    with pytest.raises(meant) as met, play.index.reading():
        raise error
    assert type(met.value) is meant
    assert play.index.path.exists() is stays


@pytest.mark.parametrize("lost", [1, 1000, 4096, 10_000])
def test_an_index_that_lost_its_end_is_made_anew(play: Play, lost: int) -> None:
    """SQLite itself misses whole pages, and takes the lost rest of one for zeros."""
    play.fill()
    with play.index.writing() as connection:
        connection.execute("CREATE TABLE the_end AS SELECT zeroblob(40000)")
    play.index.close()
    os.truncate(play.index.path, play.index.path.stat().st_size - lost)
    index = IndexFile(play.index.path.parent)
    assert ask(index, play.repository, MODEL, everything) == play.truth()
    with index.reading() as connection:
        assert not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'the_end'").fetchall()
    index.close()


class Crowded(sqlite3.Connection):
    """A connection that has no turn so many times, as where very many open one file at once."""

    refused = 1

    def execute(self, *given: Any) -> sqlite3.Cursor:  # type: ignore[override]
        if given[0].startswith("SELECT") and self.refused:
            self.refused -= 1
            error = sqlite3.OperationalError("locking protocol")
            error.sqlite_errorname = "SQLITE_PROTOCOL"
            raise error
        return super().execute(*given)


@pytest.mark.parametrize("begin", ["BEGIN", "BEGIN IMMEDIATE"])
def test_who_never_had_a_turn_asks_once_more(tmp_path: Path, begin: str) -> None:
    connection = sqlite3.connect(tmp_path / "index", factory=Crowded, isolation_level=None)
    tables._begin(connection, begin)
    assert connection.in_transaction
    connection.execute("ROLLBACK")
    connection.refused = 2
    with pytest.raises(sqlite3.OperationalError, match="locking protocol"):
        tables._begin(connection, begin)
    assert not connection.in_transaction
    connection.close()


def test_an_index_is_shared_by_two_servers(play: Play) -> None:
    play.fill()
    other = IndexFile(play.index.path.parent)
    play._save()
    assert fill(other, play.repository, MODEL).changed == 1
    assert fill(play.index, play.repository, MODEL).changed == 0
    assert ask(other, play.repository, MODEL, everything) == play.told() == play.truth()
    other.close()


def test_it_can_be_closed_or_thrown_away_while_another_thread_is_in_it(play: Play) -> None:
    """SQLite ends the process when a connection is closed under a running statement."""
    play.fill()
    count = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000)"
    slow = f"{count} SELECT sum(i) FROM n"

    def look() -> int:
        with play.index.reading() as connection:
            return connection.execute(slow).fetchone()[0]

    for end in (play.index.close, play.index.forget):
        with ThreadPoolExecutor(4) as pool:
            looks = [pool.submit(look) for _ in range(8)]
            while not any(look.running() for look in looks):
                pass
            end()
            assert {look.result() for look in looks} == {45000150000}
    assert play.told() == play.truth()


def test_another_process_tells_a_model_by_the_same_print() -> None:
    asked = (
        "from gitcms.index.filling import _print_of; from gitcms.schema.collection import Collection, Model;"
        "one = Collection('a', 'A', 'A', ('a',), files=frozenset('abcdef'), without=frozenset('ghijkl'));"
        "print(_print_of(Model('hugo', (one,))))"
    )
    prints = {
        subprocess.check_output([sys.executable, "-c", asked], env={**os.environ, "PYTHONHASHSEED": seed})
        for seed in ("1", "2")
    }
    assert len(prints) == 1
