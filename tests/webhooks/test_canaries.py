"""Addresses that must not be called: none of them gets a connection, however it comes in."""

from __future__ import annotations

import ast
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gitcms import network
from gitcms.site import Site
from gitcms.webhooks import endpoints, queue
from gitcms.webhooks.courier import Courier
from gitcms.webhooks.endpoints import InvalidEndpoint
from tests.making import JEKYLL, make_repository, open_made

from .conftest import receiving, status

ROWS = Path(os.environ.get("GITCMS_CORPUS", "/nowhere")).parent / "facts" / "bad_inputs.jsonl"
WITHOUT_THE_LIST = (
    *("http://127.0.0.1/", "http://2130706433/", "https://[::1]/", "https://[::ffff:127.0.0.1]/"),
    *(
        "https://[64:ff9b::7f00:1]/",
        "https://169.254.169.254/",
        "https://localhost/",
        "https://good@127.0.0.1/",
    ),
)

_connected: list[Any] = []
_watching = False


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if _watching and event in ("socket.connect", "socket.getaddrinfo"):
        _connected.append((event, arguments[1] if event == "socket.connect" else arguments[0]))


sys.addaudithook(_watch)


@contextmanager
def canaries() -> Iterator[list[Any]]:
    """Note every connection and every question for a name that this process begins."""
    global _watching
    _connected.clear()
    _watching = True
    try:
        yield _connected
    finally:
        _watching = False


def addresses() -> list[str]:
    if not ROWS.is_file():
        return list(WITHOUT_THE_LIST)
    rows = [json.loads(line) for line in ROWS.read_text().splitlines() if '"HOOK-' in line]
    urls = [row for row in rows if row["expect_status"] == 422 and "header" not in row["name"]]
    texts = [
        "https://a/" + "x" * 65536 if "*65536" in row["payload"] else ast.literal_eval(row["payload"])
        for row in urls
    ]
    return [text.replace("OWN_HOST", "cms.example.org") for text in texts]


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Site]:
    opened = open_made(make_repository(tmp_path / "site", JEKYLL), tmp_path / "state")
    opened.config = opened.config.with_values("server", allowed_hosts=["cms.example.org"])
    yield opened
    opened.close()


@pytest.mark.parametrize("url", addresses())
def test_no_address_of_the_list_gets_a_connection(plain: Site, url: str) -> None:
    client = network.Client(endpoints.rules(plain))
    with canaries() as connected:
        with pytest.raises(InvalidEndpoint):
            endpoints.add(plain, name="X", preset="vercel", fields={"url": url})
        with pytest.raises(network.AddressRefused):
            client.send(network.Request(url))
    assert connected == []


def test_a_redirect_leads_nowhere(plain: Site) -> None:
    plain.config = plain.config.with_values("network", allowed=["127.0.0.1"])
    with receiving() as receiver, receiving() as canary:
        for number, (code, place) in enumerate(
            [(302, canary.url), (307, "file:///etc/passwd"), (301, f"{canary.url}/x"), (308, canary.url)], 1
        ):
            receiver.answer = lambda handler, code=code, place=place: status(handler, code, Location=place)
            endpoints.add(plain, name="Moved", preset="vercel", fields={"url": f"{receiver.url}/{number}"})
            queue.ping(plain, number)
            assert Courier(plain, 1).work_once()
            assert "it wants to be called elsewhere" in queue.newest(plain)[0].problem
        assert len(receiver.got) == 4 and canary.got == []


def test_the_canaries_sing(plain: Site) -> None:
    with receiving() as receiver, canaries() as connected:
        network.Client(network.rules(["127.0.0.1"])).send(network.Request(receiver.url))
    assert "socket.connect" in {event for event, _ in connected}
