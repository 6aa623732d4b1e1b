"""A real small proxy before a real server: at the top of a name, below a path, and one that is not ours."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import request

from gitcms.accounts import users
from gitcms.accounts.permissions import Role
from gitcms.config import Config
from gitcms.database import Database
from gitcms.errors import ConfigError
from gitcms.site import Site
from gitcms.web.app import create_app
from gitcms.web.security import open_to_everyone
from tests.making import JEKYLL, make_repository
from tests.serving import PASSWORD, Form, Person, serving

EYES = "/collections/projects/entries/_projects/eyes-on-the-river.md"


class Proxy(BaseHTTPRequestHandler):
    """Passes requests on, as the page of a web server's manual has it; `takes_off` the path or leaves it."""

    to: str
    takes_off: str
    asked: list[str]

    def _pass_on(self) -> None:
        self.asked.append(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.to)
        connection = HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        headers = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
        headers["X-Forwarded-For"] = self.client_address[0]
        headers["X-Forwarded-Proto"] = "http"
        headers["X-Forwarded-Host"] = self.headers["Host"]
        headers["Host"] = parts.netloc
        connection.request(self.command, self.path.removeprefix(self.takes_off) or "/", body, headers)
        answer = connection.getresponse()
        data = answer.read()
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in ("connection", "transfer-encoding", "content-length"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        connection.close()

    do_GET = do_POST = _pass_on

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        pass


@contextmanager
def proxy_to(address: str, takes_off: str = "") -> Iterator[tuple[str, list[str]]]:
    """Yield a proxy's address and the list of what it is asked."""
    asked: list[str] = []
    handler = type("Handler", (Proxy,), {"to": address, "takes_off": takes_off, "asked": asked})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    folder, state = make_repository(tmp_path / "site", JEKYLL), tmp_path / "state"
    state.mkdir()
    database = Database(f"sqlite:///{state / 'gitcms.sqlite3'}")
    database.upgrade()
    users.add(
        database,
        name="Inés",
        email="ines@example.org",
        role=Role.ADMIN,
        password=PASSWORD,
        now=datetime.now(UTC),
    )
    database.close()
    return folder, state


BEHIND = "[server]\ntrusted_proxies = 1\nproxies = ['127.0.0.1']\n"


@pytest.mark.parametrize("takes_off", ["/cms", ""], ids=["taken off", "left"])
def test_below_a_path_every_address_is_below_it(folders: tuple[Path, Path], takes_off: str) -> None:
    with (
        serving(*folders, extra=f"{BEHIND}path = '/cms'") as inner,
        proxy_to(inner.removesuffix("/cms"), takes_off) as (address, asked),
    ):
        person = Person(address)
        first = person.get("/cms/")
        assert (first.status, first.headers["location"]) == (302, "/cms/sign-in")
        away = person.get(f"/cms{EYES}")
        assert away.headers["location"] == f"/cms/sign-in?next={EYES}"
        form = Form.first(person.get(away.headers["location"]).text, 'action="/cms/sign-in')
        answer = person.post("/cms/sign-in", form.filled(email="ines@example.org", password=PASSWORD))
        assert (answer.status, answer.headers["location"]) == (303, f"/cms{EYES}")
        for page in ("/", EYES, "/collections/projects/", "/history", "/people", "/account", "/help/writing"):
            text = person.get(f"/cms{page}").text
            ways = re.findall(r'(?:href|src|action|data-[a-z]+)="(/[^"]*)"', text)
            assert len(ways) > 5 and [way for way in ways if not way.startswith("/cms/")] == []
        form = Form.first(person.get(f"/cms{EYES}").text, "data-edit")
        saved = person.post(f"/cms{EYES}", form.with_values({"f.title": "Below", "intent": "save"}))
        assert (saved.status, saved.headers["location"]) == (303, f"/cms{EYES}")
        # Somebody saved meanwhile: the page with both versions leads back below the path.
        clash = person.post(f"/cms{EYES}", form.with_values({"f.title": "Otherwise", "intent": "save"}))
        assert clash.status == 409 and f'action="/cms{EYES}"' in clash.text
        assert all(path.startswith("/cms") for path in asked)


def test_the_links_of_mails_and_of_the_terminal_are_below_the_path(folders: tuple[Path, Path]) -> None:
    with serving(*folders, extra="[server]\npath = '/cms'") as address:
        assert address.endswith("/cms")


@pytest.mark.parametrize(
    ("proxies", "peer", "expected"),
    [
        ((), "192.0.2.9", "198.51.100.7"),
        (("192.0.2.9",), "192.0.2.9", "198.51.100.7"),
        (("192.0.2.0/24", "2001:db8::/32"), "2001:db8::9", "198.51.100.7"),
        (("192.0.2.8",), "192.0.2.9", "192.0.2.9"),
        (("2001:db8::/32",), "192.0.2.9", "192.0.2.9"),
        (("192.0.2.9",), "", "None"),
    ],
)
def test_only_listed_proxies_are_believed(
    config: Config, site: Site, proxies: tuple[str, ...], peer: str, expected: str
) -> None:
    app = create_app(config.with_values("server", trusted_proxies=1, proxies=list(proxies)), site)

    @open_to_everyone
    def place() -> str:
        return f"{request.remote_addr or None} {request.host}"

    app.add_url_rule("/where", "where", place)
    headers = {"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Host": "127.0.0.1:81"}
    told = app.test_client().get("/where", headers=headers, environ_overrides={"REMOTE_ADDR": peer}).text
    assert told == f"{expected} {'127.0.0.1:81' if expected == '198.51.100.7' else 'localhost'}"


@pytest.mark.parametrize(
    ("key", "value"),
    [("path", "cms"), ("path", "/cms/"), ("path", "//cms"), ("path", "/c ms"), ("proxies", ["nginx"])],
)
def test_what_is_no_path_and_no_address_is_refused(config: Config, key: str, value: object) -> None:
    with pytest.raises(ConfigError, match=key):
        config.with_values("server", **{key: value})
