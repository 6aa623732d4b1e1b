"""A small server for the built site: files of one folder, on 127.0.0.1, for looking at.

It reads, never lists a folder, never leaves its own, and keeps nothing in the browser's cache, so
that a reload shows the last rebuild. A site that the public reads wants a real web server.
"""

from __future__ import annotations

import mimetypes
import os
import shutil
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from urllib.parse import unquote

HOST = "127.0.0.1"
IDLE_SECONDS = 20
NOT_YET = b"<!doctype html><title>Not yet</title><p>This site has not been built yet. Look again in a moment."
NOT_HERE = b"<!doctype html><title>Not here</title><p>There is no such page on this site."
# Said here, since what a system's own table says differs from machine to machine.
TYPES = {
    ".avif": "image/avif",
    ".css": "text/css; charset=utf-8",
    ".gif": "image/gif",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/vnd.microsoft.icon",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".xml": "application/xml; charset=utf-8",
}


class StaticServer(ThreadingHTTPServer):
    """Serves one folder. It may be a link that comes to lead elsewhere with each rebuild."""

    daemon_threads = True

    def __init__(self, folder: Path, port: int = 0) -> None:
        """
        :param folder: what is served; while it does not exist, each answer is 503.
        :param port: 0 takes a free one.
        :raises OSError: when the port cannot be listened on.
        """
        super().__init__((HOST, port), _Handler)
        self.folder = folder

    @property
    def address(self) -> str:
        """The address of the site, without a slash at the end."""
        return f"http://{HOST}:{self.server_address[1]}"

    def server_bind(self) -> None:
        """Bind without asking the network for our own name, which may take seconds."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, self.server_address[1]

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that goes away in the middle of an answer is nothing to report."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


def file_for(root: Path, path: str) -> Path | None:
    """Return the file or folder that a request's path names, or None.

    :param root: the folder that is served, all links in it followed.
    :param path: as it stands in the request, still percent-encoded, without query.
    """
    try:
        parts = unquote(path, errors="strict").split("/")
        if any(part.startswith(".") or "\0" in part or "\\" in part for part in parts):
            return None
        # Empty parts within are not another name for the same page.
        if parts[0] or "" in parts[1:-1]:
            return None
        found = Path(os.path.realpath(root.joinpath(*parts[1:])))
        return found if found.is_relative_to(root) and found.exists() else None
    except (UnicodeError, OSError, ValueError):
        return None


class _Handler(BaseHTTPRequestHandler):
    server: StaticServer
    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def _answer(self) -> None:
        path = self.path.partition("?")[0].partition("#")[0]
        try:
            self._answer_for(self.server.folder.resolve(strict=True), path)
        except FileNotFoundError:
            # No rebuild has finished yet, or one took this file away just now.
            self._send(HTTPStatus.SERVICE_UNAVAILABLE, NOT_YET, refresh=True)

    def _answer_for(self, root: Path, path: str) -> None:
        found = file_for(root, path)
        if found is not None and found.is_dir():
            if not path.endswith("/"):
                return self._redirect(f"{path}/")
            found = file_for(root, f"{path}index.html")
        elif path.endswith("/"):
            found = None
        if found is not None and found.is_file():
            return self._send_file(HTTPStatus.OK, found)
        own = root / "404.html"
        if own.is_file():
            return self._send_file(HTTPStatus.NOT_FOUND, own)
        return self._send(HTTPStatus.NOT_FOUND, NOT_HERE)

    def _send_file(self, status: HTTPStatus, path: Path) -> None:
        with path.open("rb") as file:
            self._head(status, _type_of(path), os.fstat(file.fileno()).st_size)
            if self.command != "HEAD":
                shutil.copyfileobj(file, self.wfile)

    def _send(self, status: HTTPStatus, body: bytes, *, refresh: bool = False) -> None:
        self._head(status, TYPES[".html"], len(body), **({"Refresh": "1"} if refresh else {}))
        if self.command != "HEAD":
            self.wfile.write(body)

    def _redirect(self, to: str) -> None:
        self._head(HTTPStatus.MOVED_PERMANENTLY, TYPES[".html"], 0, Location=to)

    def _head(self, status: HTTPStatus, kind: str, length: int, **more: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(length))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        for name, value in more.items():
            self.send_header(name, value)
        self.end_headers()

    def version_string(self) -> str:
        return "gitcms"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing: the terminal belongs to the demo's few lines."""


def _type_of(path: Path) -> str:
    known = TYPES.get(path.suffix.lower())
    return known or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
