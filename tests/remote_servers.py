"""Real remotes for tests: Git's own `git http-backend` behind a small server that asks for a password, with
TLS or without, and an sshd(8) of our own on this machine."""

from __future__ import annotations

import base64
import contextlib
import os
import pwd
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "gitcms", "pa55-of-the-remote"


@dataclass
class Mood:
    """How the server answers: with `status`, `headers` and `body` where the status is set; after a `pause` in
    seconds, or one before it takes what is pushed; how many of the next pushes, or of the answers to them, it
    loses; how many it got; and whether it hangs up on everybody."""

    status: int = 0
    body: bytes = b"<h1>out of order</h1>"
    headers: tuple[tuple[str, str], ...] = ()
    pause: float = 0.0
    push_pause: float = 0.0
    pushes: int = 0
    down: bool = False
    lose_answers: int = 0
    lose_requests: int = 0


@contextlib.contextmanager
def over_http(folder: Path, tls: tuple[Path, Path] | None = None) -> Iterator[tuple[str, Mood]]:
    """Serve the bare repositories in a folder; yield the address of the folder, and the server's mood.

    :param tls: a certificate and its key, to serve by https.
    """
    mood = Mood()
    wanted = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            pass

        def _answer(self) -> None:
            if mood.down:
                self.close_connection = True
                self.connection.close()
                return
            time.sleep(mood.pause)
            body = self._body()
            pushing = self.path.endswith("/git-receive-pack")
            mood.pushes += pushing
            if pushing:
                time.sleep(mood.push_pause)
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
        if tls is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}", mood
        finally:
            server.shutdown()
            thread.join()


@dataclass
class Host:
    """An SSH server of our own: `address` up to its path, `line` for known_hosts, and a deploy key."""

    address: str
    line: str
    key: Path
    port: int
    folder: Path
    _process: subprocess.Popen[bytes] | None = None

    def start(self, key: str = "host") -> None:
        """Run sshd(8) with one of the host keys of the folder."""
        config = self.folder / f"sshd-{key}"
        config.write_text(
            f"ListenAddress 127.0.0.1:{self.port}\nHostKey {self.folder / key}\nPidFile none\nUsePAM no\n"
            f"AuthorizedKeysFile {self.folder / 'authorized'}\nAuthenticationMethods publickey\n"
            "StrictModes no\nPermitRootLogin yes\nLogLevel ERROR\nMaxStartups 100\n"
        )
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen([SSHD, "-D", "-e", "-f", config], stderr=log)
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            assert self._process.poll() is None, (self.folder / "log").read_text()
            time.sleep(0.05)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None


SSHD = next(filter(os.path.exists, ("/usr/sbin/sshd", "/usr/bin/sshd")), "")


@contextlib.contextmanager
def over_ssh(folder: Path) -> Iterator[Host]:
    """Run sshd(8) on this machine, as this user, for one deploy key that may call git and nothing else."""
    if not SSHD:
        pytest.skip("needs sshd: install openssh-server")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in ("host", "deploy"):
        if not (folder / name).exists():
            make_key(folder / name)
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    allowed = (folder / "deploy.pub").read_text()
    forced = 'restrict,command="git shell -c \\"$SSH_ORIGINAL_COMMAND\\""'
    (folder / "authorized").write_text(f"{forced} {allowed}")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    user = pwd.getpwuid(os.getuid()).pw_name
    kind, key, *_ = (folder / "host.pub").read_text().split()
    line = f"[127.0.0.1]:{port} {kind} {key}"
    host = Host(f"ssh://{user}@127.0.0.1:{port}", line, folder / "deploy", port, folder)
    host.start()
    try:
        yield host
    finally:
        host.stop()


@contextlib.contextmanager
def serving_ssh(folder: Path, port: int, key: str) -> Iterator[None]:
    """Run another sshd(8) with one of the host keys of a folder."""
    host = Host("", "", folder / "deploy", port, folder)
    host.start(key)
    try:
        yield
    finally:
        host.stop()


def make_key(file: Path) -> None:
    """Make an SSH key without a passphrase, and its public half beside it."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "made", "-f", file], check=True)


def make_certificate(folder: Path, days: int) -> tuple[Path, Path]:
    """Make a certificate for 127.0.0.1, that is its own authority and ends so many days from now; its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, secret = folder / f"{days}.pem", folder / f"{days}.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, *plain))
    return certificate, secret


@contextlib.contextmanager
def canary() -> Iterator[tuple[int, list[object]]]:
    """Yield a port of this machine, and who called it."""
    called: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def listen() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, where = listener.accept()
                    called.append(where)
                    connection.close()

        threading.Thread(target=listen, daemon=True).start()
        yield listener.getsockname()[1], called
