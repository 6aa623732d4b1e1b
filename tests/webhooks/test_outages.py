"""Receivers that are away: the sender killed, an hour of nothing, ten thousand messages that wait."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sqlite3
import threading
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from gitcms import events
from gitcms.accounts.permissions import Role
from gitcms.events.reading import Happening
from gitcms.site import Site
from gitcms.webhooks import queue
from gitcms.webhooks.courier import Courier
from tests.faults.at_the_desk import House, add_people, picture
from tests.making import JEKYLL, make_repository, open_made, settings

from .conftest import Clock, Receiver, receiving, status
from .test_deliveries import add, drain, log_of, retitle

MANY = 10_000
ALLOWED = '\n[network]\nallowed = ["127.0.0.1"]\n'
MEGABYTE = 1_000_000


def wait_for(receiver: Receiver, count: int) -> None:
    end = time.monotonic() + 30
    while len(receiver.got) < count and time.monotonic() < end:
        time.sleep(0.05)
    assert len(receiver.got) == count


def test_a_server_killed_while_it_tells_a_service_tells_it_again(tmp_path: Path, receiver: Receiver) -> None:
    """The service has the message, and the server died before it heard so: the same one comes once more."""
    (tmp_path / "state").mkdir()
    add_people(tmp_path / "state", "ines", role=Role.ADMIN)
    folder = make_repository(tmp_path / "site", {**JEKYLL, "assets/img/river.png": picture()})
    house = House(tmp_path)
    config = settings(folder, tmp_path / "state").with_values("network", allowed=["127.0.0.1"])
    with contextlib.closing(open_made(folder, tmp_path / "state", config)) as site:
        add(site, receiver)
    killed = threading.Event()
    receiver.answer = lambda _: killed.wait(30)  # type: ignore[assignment,return-value]
    with house.open(extra=ALLOWED) as desk:
        desk.write()
        assert desk.save().status == 303
        wait_for(receiver, 1)
        os.kill(desk.pid, signal.SIGKILL)
    killed.set()
    receiver.answer = lambda handler: status(handler, 200)
    with contextlib.closing(sqlite3.connect(tmp_path / "state/gitcms.sqlite3")) as database, database:
        # The minute that a sender may take goes by.
        assert database.execute("UPDATE deliveries SET leased_until = created_at").rowcount == 1
    with house.open(extra=ALLOWED):
        wait_for(receiver, 2)
        house.check_whole()
    first, again = receiver.got
    assert first.headers["webhook-id"] == again.headers["webhook-id"]
    assert first.body == again.body


@pytest.fixture
def dead() -> Iterator[socket.socket]:
    """A port that is ours and refuses whoever calls."""
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        yield held


def url_of(port: socket.socket) -> str:
    return f"http://127.0.0.1:{port.getsockname()[1]}"


def test_a_service_that_is_down_for_an_hour_hears_of_everything_in_order(
    site: Site, clock: Clock, dead: socket.socket
) -> None:
    add(site, Receiver(url_of(dead)), in_order=True)
    events.catch_up(site)
    for minute in range(60):
        if minute % 6 == 0:
            retitle(site, f"Title {minute}")
            events.catch_up(site)
        # Each minute's sender is a new one, as after a start.
        drain(Courier(site, 2))
        clock.turn(minutes=1)
    waiting = log_of(site)
    assert [each.state for each in waiting] == [queue.PENDING] * 10
    # Only the first one was tried, since none may overtake it, and each try stands in the log.
    assert [each.tries > 0 for each in waiting] == [True] + [False] * 9
    assert len(queue.tries_of(site, waiting[0].id)) == waiting[0].tries < len(queue.DELAYS)
    port = dead.getsockname()[1]
    dead.close()
    with receiving(port) as receiver:
        clock.turn(hours=3)
        drain(Courier(site, 2))
    assert [got.headers["webhook-id"] for got in receiver.got] == [each.message_id for each in waiting]


@pytest.mark.parametrize(("preset", "waiting"), [("standard", MANY), ("vercel", 1)])
def test_ten_thousand_messages_wait_in_bounded_room(
    site: Site, courier: Courier, clock: Clock, dead: socket.socket, preset: str, waiting: int
) -> None:
    """Room on disk, and memory of the sender, which reads no more than it can send."""
    add(site, Receiver(url_of(dead)), preset=preset)
    each = Happening("content.updated", "Eyes on the river", clock(), {"paths": ["_projects/eyes.md"]})
    for _ in range(MANY // 100):
        with site.database.session() as session:
            queue.announce(session, site, [each] * 100)
    assert queue.counts(site)[queue.PENDING] == waiting
    clock.turn(minutes=2)
    tracemalloc.start()
    for _ in range(10):
        courier.work_once()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * MEGABYTE
    assert room(site) < 20 * MEGABYTE
    assert 0 < sum(one.tries for one in queue.newest(site, limit=MANY)) <= 4 + 10


def room(site: Site) -> int:
    """How many bytes the database takes."""
    with site.database.reading() as session:
        if session.get_bind().dialect.name == "sqlite":
            return int(
                session.scalar(text("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"))
            )
        names = ("deliveries", "events", "delivery_tries")
        return sum(int(session.scalar(text(f"SELECT pg_total_relation_size('{name}')"))) for name in names)
