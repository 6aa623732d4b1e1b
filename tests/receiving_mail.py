"""A real mail server on this machine, for tests: it takes mails by SMTP, plain or encrypted."""

from __future__ import annotations

import socket
import ssl
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest

with warnings.catch_warnings():
    # It names functions of asyncio that go away with a later Python.
    warnings.simplefilter("ignore", DeprecationWarning)
    controller = pytest.importorskip("aiosmtpd.controller", reason="needs the extra `test`")
    smtp = pytest.importorskip("aiosmtpd.smtp")


@dataclass
class Postbox:
    """What has arrived at a server that listens at `port`."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    # A refusal to answer the next mails with, such as "451 try later".
    refusal: str = ""
    signed_in: list[str] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.refusal:
            return self.refusal
        found = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(found, EmailMessage)
        self.letters.append(found)
        self.recipients += envelope.rcpt_tos
        return "250 OK"


@contextmanager
def postbox(tls: ssl.SSLContext | None = None, password: str = "") -> Iterator[Postbox]:
    """Open a mail server on a free port.

    :param tls: it then demands STARTTLS with this certificate. :param password: of the user "cms".
    """
    box = Postbox()

    def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> Any:
        right = (given.login, given.password) == (b"cms", password.encode())
        box.signed_in.append(given.login.decode() if right else "")
        return smtp.AuthResult(success=right, handled=True)

    options: dict[str, Any] = {}
    if tls:
        options = {"tls_context": tls, "require_starttls": True}
    if password:
        options |= {"authenticator": authenticate, "auth_required": True, "auth_require_tls": tls is not None}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        box.port = free.getsockname()[1]
    running = controller.Controller(box, hostname="127.0.0.1", port=box.port, **options)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        running.start()
    try:
        yield box
    finally:
        running.stop()
