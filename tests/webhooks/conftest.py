from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from gitcms import network
from gitcms.database import Database
from gitcms.site import Site
from gitcms.webhooks.courier import Courier
from tests.database.conftest import _url
from tests.making import JEKYLL, make_repository, open_made, settings

Answering = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Got:
    """One request that arrived."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """A real HTTP server on this machine that answers as a test says, and keeps what arrived."""

    url: str
    got: list[Got] = field(default_factory=list)
    answer: Answering = lambda handler: status(handler, 200)
    looked_at: Answering = lambda handler: status(handler, 404)


def status(handler: BaseHTTPRequestHandler, code: int, body: bytes = b"", **headers: str) -> None:
    handler.send_response(code)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 5, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as kept:
        yield kept


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    # With five, as the library has it, a sixth at once is heard only when it calls again, a second later.
    request_queue_size = 128


@contextmanager
def receiving(port: int = 0) -> Iterator[Receiver]:
    """Listen on this machine, on a free port or one that is known."""
    kept = Receiver("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"] or 0))
            kept.got.append(Got(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            kept.answer(self)

        def do_GET(self) -> None:
            kept.looked_at(self)

        def log_message(self, *_: object) -> None:
            pass

    server = Server(("127.0.0.1", port), Handler)
    kept.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Site]:
    """A site whose records lie in a database of each kind, and which may call this machine."""
    folder = make_repository(tmp_path / "site", JEKYLL)
    config = settings(folder, tmp_path / "state").with_values("network", allowed=["127.0.0.1"])
    opened = open_made(folder, tmp_path / "state", config)
    opened.database.close()
    opened.database = Database(_url(request.param, tmp_path))
    opened.database.upgrade()
    opened.now = clock
    yield opened
    opened.close()


@pytest.fixture
def courier(site: Site) -> Courier:
    client = network.Client(network.rules(["127.0.0.1"]), connect_seconds=1, total_seconds=1)
    return Courier(site, 4, client)
