"""Real remotes for tests: Git's own `git http-backend` behind a small server that asks for a password."""

from __future__ import annotations

import base64
import contextlib
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

USER, PASSWORD = "gitcms", "pa55-of-the-remote"


@dataclass
class Mood:
    """How the server answers: with `status`, `headers` and `body` where the status is set; after a `pause` in
    seconds; and how many of the next pushes, or of the answers to them, it loses."""

    status: int = 0
    body: bytes = b"<h1>out of order</h1>"
    headers: tuple[tuple[str, str], ...] = ()
    pause: float = 0.0
    lose_answers: int = 0
    lose_requests: int = 0


@contextlib.contextmanager
def over_http(folder: Path) -> Iterator[tuple[str, Mood]]:
    """Serve the bare repositories in a folder; yield the address of the folder, and the server's mood."""
    mood = Mood()
    wanted = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            pass

        def _answer(self) -> None:
            time.sleep(mood.pause)
            body = self._body()
            pushing = self.path.endswith("/git-receive-pack")
            if mood.status:
                self._send(mood.status, mood.headers, mood.body)
            elif self.headers.get("Authorization") != wanted:
                self._send(401, (("WWW-Authenticate", 'Basic realm="git"'),), b"")
            elif pushing and mood.lose_requests:
                mood.lose_requests -= 1
                self.connection.close()
            else:
                status, headers, out = self._backend(body)
                if pushing and mood.lose_answers:
                    mood.lose_answers -= 1
                    self.connection.close()
                    return
                self._send(status, headers, out)

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding") == "chunked":
                parts = []
                while size := int(self.rfile.readline(), 16):
                    parts.append(self.rfile.read(size))
                    self.rfile.readline()
                self.rfile.readline()
                return b"".join(parts)
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))

        def _backend(self, body: bytes) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
            path, _, query = self.path.partition("?")
            env = {
                "PATH": os.environ["PATH"],
                "GIT_PROJECT_ROOT": str(folder),
                "GIT_HTTP_EXPORT_ALL": "1",
                "GIT_CONFIG_GLOBAL": os.devnull,
                "REMOTE_USER": USER,
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "REQUEST_METHOD": self.command,
                "CONTENT_TYPE": self.headers.get("Content-Type") or "",
                "CONTENT_LENGTH": str(len(body)),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding") or "",
                "GIT_PROTOCOL": self.headers.get("Git-Protocol") or "",
            }
            done = subprocess.run(
                ["git", "http-backend"], input=body, env=env, capture_output=True, check=False
            )
            head, _, out = done.stdout.partition(b"\r\n\r\n")
            lines = [line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line]
            status = next((int(value[:3]) for name, value in lines if name == "Status"), 200)
            return status, tuple((name, value) for name, value in lines if name != "Status"), out

        def _send(self, status: int, headers: tuple[tuple[str, str], ...], body: bytes) -> None:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", mood
        finally:
            server.shutdown()
            thread.join()
