"""Kill servers and workers while webhooks are under way, again and again; then count what arrived.

    python tests/bench/kill_deliveries.py [--rounds N] [--database URL] [--servers N] [--workers N]

A server saves, reads what is new off the branch, and sends; a worker does the last two. In each round one of
them is killed: at a step (before or after it reads what is new, writes events, claims, sends or records) or
at any moment. In the end every event of every saved version must have arrived at each of two receivers, none
may have arrived that did not happen, and where order is asked for, first arrivals must be in order.

Leases and pauses between tries are short here, so that what a killed process held goes on within a round.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import os
import random
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from sqlalchemy import create_engine, select, text

from gitcms import entries, events, network
from gitcms.config import Config
from gitcms.database.models import Delivery, Event
from gitcms.entries import Change
from gitcms.errors import GitCMSError
from gitcms.site import Site, open_site
from gitcms.webhooks import courier, endpoints, queue
from tests.making import INES, JEKYLL, make_repository, settings
from tests.webhooks.conftest import Receiver, receiving

EYES = "_projects/eyes-on-the-river.md"
LEASE, ANSWER_SECONDS = 2.0, 1.0
MOST_SECONDS = 120.0
# Where a process can be killed: a module, a function of it, and whether before or after.
STEPS = [
    (module, name, when)
    for module, name in (
        (events, "_happened"),
        (events, "_move"),
        (queue, "announce"),
        (queue, "put"),
        (queue, "claim"),
        (queue, "record"),
        (courier, "attempt"),
    )
    for when in ("before", "after")
]


@dataclass
class Tally:
    """What came of all the rounds."""

    rounds: int = 0
    steps: Counter[str] = field(default_factory=Counter)
    versions: int = 0
    happened: int = 0
    arrived: int = 0

    def __str__(self) -> str:
        return (
            f"{self.rounds} rounds, killed at {len(self.steps)} places ({sum(self.steps.values())} kills); "
            f"{self.versions} versions, {self.happened} events, {self.arrived} arrivals at two receivers; "
            "0 missing, 0 invented, 0 out of order"
        )


@dataclass
class Herd:
    """The processes that are alive, by what they are."""

    config: Config
    servers: int
    workers: int
    chance: random.Random
    alive: dict[int, str] = field(default_factory=dict)
    steps: Counter[str] = field(default_factory=Counter)

    def fill(self) -> None:
        for kind, wanted in (("server", self.servers), ("worker", self.workers)):
            for _ in range(wanted - list(self.alive.values()).count(kind)):
                step = self.chance.choice([*STEPS, None]) if self.steps else None
                self.alive[_in_child(lambda kind=kind, step=step: _live(self.config, kind, step))] = kind

    def kill_one(self) -> None:
        """Take away one that came to its step, or kill one at any moment."""
        end = time.monotonic() + self.chance.uniform(0.1, 0.9)
        dead = self._gone()
        while not dead and time.monotonic() < end:
            time.sleep(0.01)
            dead = self._gone()
        if not dead:
            dead = self.chance.choice(list(self.alive))
            os.kill(dead, signal.SIGKILL)
            os.waitpid(dead, 0)
            self.steps["any moment"] += 1
            del self.alive[dead]

    def _gone(self) -> int:
        process, status = os.waitpid(-1, os.WNOHANG)
        if process:
            assert os.WIFSIGNALED(status), f"a process ended by itself with {status}"
            del self.alive[process]
            step = (Path(self.config.state.folder) / f"step-{process}").read_text()
            self.steps[step] += 1
        return process

    def end(self) -> None:
        for process in self.alive:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
        self.alive.clear()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=500)
    parser.add_argument("--database", default="", help="empty for SQLite; everything in it is deleted")
    parser.add_argument("--servers", type=int, default=1)
    parser.add_argument("--workers", type=int, default=4)
    options = parser.parse_args()
    logging.disable()
    with tempfile.TemporaryDirectory() as folder:
        print(
            kill_processes(
                Path(folder),
                options.rounds,
                random.Random(),
                database=options.database,
                servers=options.servers,
                workers=options.workers,
            )
        )


def kill_processes(
    root: Path, rounds: int, chance: random.Random, *, database: str = "", servers: int = 1, workers: int = 4
) -> Tally:
    """Kill so many times. :raises AssertionError: something is missing, invented or out of order."""
    folder = make_repository(root / "site", JEKYLL)
    config = settings(folder, root / "state").with_values("network", allowed=["127.0.0.1"])
    config = config.with_values("state", database=database)
    if database:
        _empty(database)
    with receiving() as ordered, receiving() as free:
        site = open_site(config)
        for name, receiver in (("ordered", ordered), ("free", free)):
            fields = {"url": f"{receiver.url}/hook"}
            endpoints.add(site, name=name, preset="standard", fields=fields, in_order=name == "ordered")
        events.catch_up(site)
        site.close()
        herd = Herd(config, servers, workers, chance)
        herd.fill()
        herd.steps["any moment"] = 0
        for _ in range(rounds):
            herd.kill_one()
            herd.fill()
        herd.end()
        site = open_site(config)
        try:
            _finish(site)
            tally = _count(site, ordered, free)
        finally:
            site.close()
    tally.rounds, tally.steps = rounds, herd.steps
    return tally


def _empty(database: str) -> None:
    engine = create_engine(database)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()


def _live(config: Config, kind: str, step: tuple[Any, str, str] | None) -> None:
    """Be a server or a worker until somebody kills us, or the step comes at which we do."""
    _hurry()
    if step is not None:
        _die_at(config, *step)
    site = open_site(config)
    client = network.Client(network.rules(["127.0.0.1"]), total_seconds=ANSWER_SECONDS)
    courier.Courier(site, 2, client).start()
    if kind == "server":
        threading.Thread(target=_save_for_ever, args=(site,), daemon=True).start()
    while True:
        # As `jobs` does: whatever happens to one look, the next one must have its turn.
        with contextlib.suppress(GitCMSError):
            events.catch_up(site)
        time.sleep(0.02)


def _save_for_ever(site: Site) -> None:
    while True:
        collection = site.collection_of(EYES)
        assert collection is not None
        title = f"Eyes {time.time_ns()}"
        try:
            entry = entries.open_entry(site, collection, EYES)
            change = Change(entry.base, {**entry.values, "title": title}, None)
            entries.save(site, collection, EYES, change, INES)
        except GitCMSError:
            pass  # another server saved meanwhile
        time.sleep(0.05)


def _hurry() -> None:
    queue.LEASE_SECONDS = LEASE
    queue.DELAYS = (0, *[0.1] * 60)  # type: ignore[assignment]


def _die_at(config: Config, module: Any, name: str, when: str) -> None:
    """Have this process killed at its second or third coming to a step, so that it has done something."""
    inner = getattr(module, name)
    left = random.SystemRandom().randint(2, 4)

    def die() -> None:
        place = Path(config.state.folder) / f"step-{os.getpid()}"
        place.write_text(f"{when} {module.__name__}.{name}")
        os.kill(os.getpid(), signal.SIGKILL)

    def stepping(*given: Any, **named: Any) -> Any:
        nonlocal left
        left -= 1
        if left == 0 and when == "before":
            die()
        done = inner(*given, **named)
        if left == 0:
            die()
        return done

    setattr(module, name, stepping)


def _in_child(what: Callable[[], None]) -> int:
    process = os.fork()
    if process:
        return process
    try:
        what()
    finally:
        # It is never done: whatever ended it is told, and the parent notices.
        traceback.print_exc()
        os._exit(70)


def _finish(site: Site) -> None:
    """Read what is new, and send what waits, as the next server would."""
    _hurry()
    while events.catch_up(site):
        pass
    client = network.Client(network.rules(["127.0.0.1"]), total_seconds=ANSWER_SECONDS)
    last = courier.Courier(site, 4, client)
    last.start()
    end = time.monotonic() + MOST_SECONDS
    while queue.counts(site).get(queue.PENDING) and time.monotonic() < end:
        time.sleep(0.1)
    last.stop()
    assert not queue.counts(site).get(queue.PENDING), "something still waits"


def _count(site: Site, ordered: Receiver, free: Receiver) -> Tally:
    with site.database.reading() as session:
        happened = session.scalars(select(Event).order_by(Event.id)).all()
        states = Counter(session.scalars(select(Delivery.state)))
    assert states.keys() == {queue.ARRIVED}, states
    keys = [event.key for event in happened]
    # One event of a kind for each version since the first, and no version twice.
    told = Counter((event.type, event.message["data"]["after"]) for event in happened)
    assert set(told.values()) == {1}, "an event was written twice"
    versions = [commit.id for commit in site.repository.history(None, limit=1_000_000)][:-1]
    assert {after for _, after in told} == set(versions), "a version was not told, or one that is not there"
    for receiver in (ordered, free):
        ids = [got.headers["webhook-id"] for got in receiver.got]
        assert set(ids) == set(keys), "an event is missing or invented"
        bodies = {got.headers["webhook-id"]: json.loads(got.body)["data"]["after"] for got in receiver.got}
        assert all(bodies[event.key] == event.message["data"]["after"] for event in happened)
    first = list(dict.fromkeys(got.headers["webhook-id"] for got in ordered.got))
    assert first == keys, "first arrivals are out of order"
    return Tally(versions=len(versions), happened=len(keys), arrived=len(ordered.got) + len(free.got))


if __name__ == "__main__":
    main()
