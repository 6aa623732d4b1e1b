"""A burst of saves: how many rebuilds it asks for, how fast single deliveries go, what it costs the saves.

    python tests/bench/deliveries.py [--saves N]     a debouncing service and one that hears each save
    python tests/bench/deliveries.py --beside        saves with and without a worker in its own process

The bare client opens a connection for each request and waits for the answer, eight at a time, as the courier
does; it is run right after, to the same receiver. Medians of 11, interleaved, where saves are compared.
"""

from __future__ import annotations

import argparse
import http.client
import logging
import multiprocessing
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from gitcms import entries, events
from gitcms.entries import Change
from gitcms.site import Site
from gitcms.webhooks import endpoints, queue
from gitcms.webhooks.courier import Courier
from tests.making import INES, JEKYLL, make_repository, open_made, settings
from tests.webhooks.conftest import Answering, Receiver, receiving, status

EYES = "_projects/eyes-on-the-river.md"
SENDERS = 8
RUNS, SAVES_A_RUN, WARM_UP = 11, 20, 10

Counting = Callable[[], int]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--saves", type=int, default=1000)
    parser.add_argument("--beside", action="store_true", help="compare saves with and without a worker")
    options = parser.parse_args()
    logging.disable()
    with tempfile.TemporaryDirectory() as folder:
        if options.beside:
            with elsewhere() as (url, arrived):
                beside(Path(folder), url, arrived)
        else:
            with receiving() as receiver, receiving() as builder:
                burst(Path(folder), receiver, builder, options.saves)


def burst(root: Path, receiver: Receiver, builder: Receiver, saves: int) -> None:
    """Save without a pause, as the server's worker goes on; then send what is left."""
    site = _site(root)
    endpoints.add(site, name="Builder", preset="vercel", fields={"url": f"{builder.url}/hook"})
    number, _ = endpoints.add(site, name="Index", preset="standard", fields={"url": f"{receiver.url}/hook"})
    events.catch_up(site)
    endpoints.pause(site, number, "Until all is saved.")
    asked: list[float] = []
    builder.answer = _noting(asked)
    carrier = Courier(site, SENDERS)
    carrier.start()
    begun = time.monotonic()
    for turn in range(saves):
        _save(site, f"Eyes {turn}")
        events.catch_up(site)
    saved = time.monotonic()
    endpoints.resume(site, number)
    _until(lambda: len(receiver.got) >= saves)
    sent = time.monotonic() - saved
    _until(lambda: not queue.counts(site).get(queue.PENDING))
    carrier.stop()
    bare = _bare(receiver, receiver.got[0].body, saves)
    minutes = (saved - begun) / 60
    ids = {got.headers["webhook-id"] for got in receiver.got[:saves]}
    print(
        f"{saves} saves in {saved - begun:.0f} s: {len(asked)} rebuilds asked for"
        f" (at most {int(minutes) + 2}), the last {asked[-1] - saved:.1f} s after the last save"
    )
    print(
        f"{len(ids)} deliveries of {saves} in {sent:.1f} s: {saves / sent:.0f}/s;"
        f" a bare client {saves / bare:.0f}/s; {bare / sent:.2f} of it"
    )
    site.close()


@contextmanager
def elsewhere() -> Iterator[tuple[str, Counting]]:
    """Receive in a process of its own, so that the receiver takes no turn from the saves that are timed."""
    own, other = multiprocessing.Pipe()
    process = multiprocessing.Process(target=_receive, args=(other,))
    process.start()
    url = own.recv()

    def arrived() -> int:
        own.send("how many?")
        return int(own.recv())

    try:
        yield url, arrived
    finally:
        own.send(None)
        process.join()


def _receive(pipe: Connection) -> None:
    with receiving() as receiver:
        pipe.send(receiver.url)
        while pipe.recv() is not None:
            pipe.send(len(receiver.got))


def beside(root: Path, url: str, arrived: Counting) -> None:
    """Measure saves alone, alone again, and beside a worker that sends each, in turn.

    A worker starts once and then works for weeks: its first seconds are not measured.
    """
    site = _site(root)
    endpoints.add(site, name="Index", preset="standard", fields={"url": f"{url}/hook"})
    events.catch_up(site)
    config = root / "gitcms.toml"
    config.write_text(
        f'[state]\nfolder = "{root / "state"}"\n[network]\nallowed = ["127.0.0.1"]\n', encoding="utf-8"
    )
    medians: dict[str, list[float]] = {"idle": [], "idle again": [], "beside a worker": []}
    command = [
        sys.executable,
        "-m",
        "gitcms",
        "worker",
        "--site",
        str(root / "site"),
        "--config",
        str(config),
    ]
    for _ in range(RUNS):
        for name, found in medians.items():
            worker = None
            if name == "beside a worker":
                worker = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
                assert worker.stdout is not None and b"works for" in worker.stdout.readline()
                _until(lambda: not queue.counts(site).get(queue.PENDING))
            for _ in range(WARM_UP):
                _timed(site)
            found.append(statistics.median(_timed(site) for _ in range(SAVES_A_RUN)))
            if worker is not None:
                worker.terminate()
                worker.communicate(timeout=30)
    for name, found in medians.items():
        low, middle, high = (each(found) * 1000 for each in (min, statistics.median, max))
        print(f"{name}: {middle:.1f} ms a save (medians of runs from {low:.1f} to {high:.1f})")
    idle, again, worked = (list(found) for found in medians.values())
    apart = [abs(one - other) * 1000 for one, other in zip(idle, again, strict=True)]
    slower = [(it - (one + other) / 2) * 1000 for one, other, it in zip(idle, again, worked, strict=True)]
    print(
        f"two idle runs of a turn differ by {statistics.median(apart):.1f} ms (up to {max(apart):.1f});"
        f" beside a worker a save takes {statistics.median(slower):+.1f} ms"
    )
    print(f"{arrived()} messages arrived meanwhile")
    site.close()


def _site(root: Path) -> Site:
    folder = make_repository(root / "site", JEKYLL)
    config = settings(folder, root / "state").with_values("network", allowed=["127.0.0.1"])
    return open_made(folder, root / "state", config)


def _save(site: Site, title: str) -> None:
    collection = site.collection_of(EYES)
    assert collection is not None
    entry = entries.open_entry(site, collection, EYES)
    entries.save(site, collection, EYES, Change(entry.base, {**entry.values, "title": title}, None), INES)


def _timed(site: Site) -> float:
    begun = time.perf_counter()
    _save(site, f"Eyes {time.time_ns()}")
    took = time.perf_counter() - begun
    # As fast as somebody who saves all the time, and no faster: the worker has its turn.
    time.sleep(0.05)
    return took


def _noting(asked: list[float]) -> Answering:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        asked.append(time.monotonic())
        status(handler, 200)

    return answer


def _bare(receiver: Receiver, body: bytes, count: int) -> float:
    place = urlsplit(receiver.url)

    def post(_: int) -> int:
        connection = http.client.HTTPConnection(place.hostname or "", place.port)
        connection.request("POST", "/hook", body, {"Content-Type": "application/json", "Connection": "close"})
        status = connection.getresponse().status
        connection.close()
        return status

    begun = time.monotonic()
    with ThreadPoolExecutor(SENDERS) as pool:
        assert set(pool.map(post, range(count))) == {200}
    return time.monotonic() - begun


def _until(done: Callable[[], bool], most: float = 300.0) -> None:
    end = time.monotonic() + most
    while not done():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.02)


if __name__ == "__main__":
    main()
