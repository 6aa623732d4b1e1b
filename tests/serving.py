"""A real server in a process of its own, and a person who uses it without a browser."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from http.client import HTTPConnection
from pathlib import Path
from typing import IO
from urllib.parse import urlencode, urlsplit

PASSWORD = "a river of forty-one jars"


@dataclass
class Answer:
    """What came back: status, headers by lower-case name, and the text."""

    status: int
    headers: dict[str, str]
    text: str


@dataclass
class Person:
    """Somebody with cookies: follows redirects, finds forms, posts them back."""

    address: str
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, None, {})

    def post(self, path: str, fields: Mapping[str, str] | list[tuple[str, str]]) -> Answer:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.address}
        return self._ask("POST", path, urlencode(fields).encode(), headers)

    def post_with_files(
        self, path: str, fields: list[tuple[str, str]], files: Mapping[str, tuple[str, bytes]]
    ) -> Answer:
        """Post a form with files: name of the control → name of the file and its content."""
        mark = "0b9d1f7cb3d2"
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in fields
        ] + [
            f'--{mark}\r\nContent-Disposition: form-data; name="{name}"; filename="{file}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n".encode()
            + data
            + b"\r\n"
            for name, (file, data) in files.items()
        ]
        headers = {"Content-Type": f"multipart/form-data; boundary={mark}", "Origin": self.address}
        return self._ask("POST", path, b"".join(parts) + f"--{mark}--\r\n".encode(), headers)

    def sign_in(self, email: str) -> None:
        form = Form.first(self.get("/sign-in").text, 'action="/sign-in')
        answer = self.post("/sign-in", form.filled(email=email, password=PASSWORD))
        assert answer.status in (302, 303), (answer.status, answer.text[:2000])

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        parts = urlsplit(self.address)
        connection = HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        try:
            cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            connection.request(method, path, body, {**headers, **({"Cookie": cookie} if cookie else {})})
            response = connection.getresponse()
            text = response.read().decode("utf-8", errors="replace")
            for value in response.headers.get_all("Set-Cookie") or []:
                name, _, rest = value.partition("=")
                self.cookies[name] = rest.partition(";")[0]
            return Answer(response.status, {k.lower(): v for k, v in response.headers.items()}, text)
        finally:
            connection.close()


class Form(HTMLParser):
    """One form of a page with what it would post, as a browser without scripts sees it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.fields: list[tuple[str, str]] = []
        self._select: str | None = None
        self._area: str | None = None
        self._text = ""

    @classmethod
    def first(cls, page: str, marked: str) -> Form:
        """Return the first form whose opening tag holds `marked`."""
        for found in re.finditer(r"<form\b[^>]*>", page):
            if marked in unescape(found[0]):
                form = cls()
                form.feed(page[found.end() : page.index("</form>", found.end())])
                return form
        raise AssertionError(f"no form {marked!r} in {page[:3000]}")

    def filled(self, **values: str) -> list[tuple[str, str]]:
        """Return the fields with some of them replaced, new ones added."""
        return self.with_values(values)

    def with_values(self, named: Mapping[str, str]) -> list[tuple[str, str]]:
        """As `filled`, for names that Python cannot spell."""
        kept = [(name, named.get(name, value)) for name, value in self.fields]
        known = {name for name, _ in kept}
        return kept + [(name, value) for name, value in named.items() if name not in known]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        have = dict(attrs)
        name, value = have.get("name"), have.get("value") or ""
        if tag == "input" and name:
            kind = have.get("type", "text")
            ticked = kind not in ("checkbox", "radio") or "checked" in have
            if ticked and kind not in ("file", "submit", "button", "image"):
                self.fields.append((name, value or ("on" if kind == "checkbox" else "")))
        elif tag == "textarea":
            self._area, self._text = name, ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in have:
            self.fields.append((self._select, value))

    def handle_data(self, data: str) -> None:
        if self._area:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area:
            # A browser drops the first line end of a text area, and posts the others as CRLF.
            self.fields.append((self._area, self._text.removeprefix("\n").replace("\n", "\r\n")))
            self._area = None
        elif tag == "select":
            self._select = None


@dataclass
class Server:
    """A server in a process of its own, that listens."""

    address: str
    process: subprocess.Popen[str]


@contextmanager
def serving(
    site: Path,
    state: Path,
    *,
    extra: str = "",
    log: IO[bytes] | int = subprocess.DEVNULL,
    env: Mapping[str, str] | None = None,
) -> Iterator[str]:
    """Run `gitcms serve` on a free port of 127.0.0.1 and yield its address; ended at the end.

    :param env: further variables.
    """
    with served(site, state, extra=extra, log=log, env=env) as server:
        yield server.address


@contextmanager
def served(
    site: Path,
    state: Path,
    *,
    extra: str = "",
    log: IO[bytes] | int = subprocess.DEVNULL,
    env: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """As `serving`, with the process, which may have ended by itself when the block does."""
    config = state.with_name(f"{state.name}-{time.monotonic_ns()}.toml")
    config.write_text(f'[state]\nfolder = "{state}"\n{extra}\n', encoding="utf-8")
    command = [sys.executable, "-m", "gitcms", "serve", str(site), "--port", "0", "--config", str(config)]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **(env or {})},
    )
    try:
        yield Server(_address(process), process)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        assert process.stdout is not None
        process.stdout.close()


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        found = re.search(r"at\s+(http://\S+?)/\s*$", line)
        if found:
            return found[1]
    raise AssertionError("the server ended before it listened")
