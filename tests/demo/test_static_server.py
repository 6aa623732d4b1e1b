"""The small server beside the demo: what it serves, and what it never does."""

from __future__ import annotations

import contextlib
import http.client
import threading
from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from typing import NamedTuple

import pytest

from gitcms.demo.static_server import StaticServer


def test_a_folder_answers_with_its_index_page(server: StaticServer) -> None:
    assert get(server, "/") == (200, "text/html; charset=utf-8", b"home")
    assert get(server, "/blog/") == (200, "text/html; charset=utf-8", b"blog")
    assert get(server, "/blog/?page=2")[0] == 200


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/site.css", "text/css; charset=utf-8"),
        ("/a%20b.png", "image/png"),
        ("/mark.svg", "image/svg+xml"),
        ("/feed.xml", "application/xml; charset=utf-8"),
        ("/%C5%BE.txt", "text/plain; charset=utf-8"),
        ("/thing.unknown", "application/octet-stream"),
    ],
)
def test_each_file_has_its_type(server: StaticServer, path: str, kind: str) -> None:
    assert get(server, path)[:2] == (200, kind)


def test_nothing_is_kept_by_the_browser_and_no_type_is_guessed(server: StaticServer) -> None:
    headers = answer(server, "/site.css").headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_folder_without_a_slash_leads_to_the_one_with(server: StaticServer) -> None:
    moved = answer(server, "/blog")
    assert (moved.status, moved.headers["Location"]) == (301, "/blog/")


def test_a_folder_without_a_page_is_not_listed(server: StaticServer) -> None:
    status, _, body = get(server, "/files/")
    assert status == 404
    assert b"secret.txt" not in body


@pytest.mark.parametrize(
    "path",
    [
        "/../outside.txt",
        "/..%2foutside.txt",
        "/%2e%2e/outside.txt",
        "/blog/../../outside.txt",
        "/..%5coutside.txt",
        "//outside.txt",
        "//example.org/..",
        "/blog//",
        "/link.txt",
        "/away/outside.txt",
        "/away/",
        "/.hidden",
        "/.git/config",
        "/site.css/",
        "/site.css%00.html",
        "/%ff%fe",
        "/" + "a" * 5000,
        "http://example.org/",
        "blog/",
        "*",
    ],
)
def test_nothing_outside_or_hidden_is_served(server: StaticServer, path: str) -> None:
    status, _, body = get(server, path)
    assert (status, body) == (404, b"own 404")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_it_only_reads(server: StaticServer, method: str) -> None:
    assert get(server, "/", method)[0] == 501


def test_head_answers_without_the_page(server: StaticServer) -> None:
    head = answer(server, "/", "HEAD")
    assert (head.status, head.headers["Content-Length"], head.body) == (200, "4", b"")


def test_a_rebuild_shows_at_the_next_request(server: StaticServer, tmp_path: Path) -> None:
    fresh = tmp_path / "result-2"
    fresh.mkdir()
    (fresh / "index.html").write_text("rebuilt")
    link = tmp_path / "fresh"
    link.symlink_to(fresh)
    link.replace(tmp_path / "site")
    assert get(server, "/")[2] == b"rebuilt"


def test_before_the_first_rebuild_it_says_so(tmp_path: Path) -> None:
    for running in serving(tmp_path / "site"):
        status, _, body = get(running, "/")
        assert status == 503
        assert b"not been built yet" in body


def test_it_listens_on_this_machine_alone(server: StaticServer) -> None:
    assert server.server_address[0] == "127.0.0.1"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[StaticServer]:
    root = tmp_path / "result-1"
    for path, text in {
        "index.html": "home",
        "blog/index.html": "blog",
        "404.html": "own 404",
        "site.css": "a{}",
        "a b.png": "x",
        "mark.svg": "<svg/>",
        "feed.xml": "<rss/>",
        "ž.txt": "z",
        "thing.unknown": "?",
        "files/secret.txt": "s",
        ".hidden": "h",
        ".git/config": "c",
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    outside = tmp_path / "outside"
    outside.mkdir()
    for place in (tmp_path / "outside.txt", outside / "outside.txt", outside / "index.html"):
        place.write_text("outside")
    (root / "link.txt").symlink_to(tmp_path / "outside.txt")
    (root / "away").symlink_to(outside)
    (tmp_path / "site").symlink_to(root)
    yield from serving(tmp_path / "site")


def serving(folder: Path) -> Iterator[StaticServer]:
    server = StaticServer(folder)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


class Answer(NamedTuple):
    status: int
    headers: Message
    body: bytes


def answer(server: StaticServer, path: str, method: str = "GET") -> Answer:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)) as line:
        line.putrequest(method, path, skip_accept_encoding=True)
        line.endheaders()
        with line.getresponse() as response:
            return Answer(response.status, response.headers, response.read())


def get(server: StaticServer, path: str, method: str = "GET") -> tuple[int, str, bytes]:
    found = answer(server, path, method)
    return found.status, found.headers["Content-Type"], found.body
