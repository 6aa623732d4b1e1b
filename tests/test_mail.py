"""Mail reaches a real mail server, encrypted and signed in, or fails with a sentence."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

import pytest

from gitcms import mail
from gitcms.config import Config, load
from gitcms.errors import ConfigError
from gitcms.mail import MailFailed

from .receiving_mail import postbox
from .remote_servers import make_certificate


def settings(port: int, **more: object) -> Config:
    return load().with_values(
        "mail", **{"host": "127.0.0.1", "port": port, "encryption": "", "sender": "cms@example.org"} | more
    )


def test_a_mail_arrives_as_it_was_written() -> None:
    with postbox() as box:
        text = "Hola Inés,\n\nhttps://cms.example.org/sign-in/abc\n"
        mail.send(settings(box.port), "ines+x@example.org", "Tu enlace: Ñandú", text)
    letter = box.letters[0]
    assert (letter["From"], letter["To"], letter["Subject"]) == (
        "cms@example.org",
        "ines+x@example.org",
        "Tu enlace: Ñandú",
    )
    assert letter.get_content().replace("\r\n", "\n") == text
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Date"] and letter["Message-ID"].endswith("@example.org>")


@pytest.mark.parametrize(
    "subject", ["Your link\r\nBcc: eve@example.org", "Your link\nTo: eve@example.org\n\nmine"]
)
def test_nobody_writes_a_header_of_their_own(subject: str) -> None:
    with postbox() as box:
        mail.send(settings(box.port), "ines@example.org", subject, "x\n")
    assert box.recipients == ["ines@example.org"]
    assert box.letters[0]["Bcc"] is None and len(box.letters[0].get_all("To")) == 1


def test_it_is_encrypted_and_signs_in(tmp_path: Path) -> None:
    certificate, key = make_certificate(tmp_path, 5)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    secret = tmp_path / "password"
    secret.write_text("geheim\n")
    with postbox(tls, "geheim") as box:
        config = settings(box.port, encryption="starttls", user="cms", password_file=str(secret))
        trusting = config.with_values("network", ca_file=str(certificate))
        mail.send(trusting, "ines@example.org", "Hello", "x\n")
        assert (box.signed_in, len(box.letters)) == (["cms"], 1)
        with pytest.raises(MailFailed) as strange:
            mail.send(config, "ines@example.org", "Hello", "x\n")
        assert "certificate" in (strange.value.details or "").lower()
        secret.write_text("wrong")
        with pytest.raises(MailFailed):
            mail.send(trusting, "ines@example.org", "Hello", "x\n")
        secret.unlink()
        with pytest.raises(ConfigError, match="password"):
            mail.send(trusting, "ines@example.org", "Hello", "x\n")
    assert len(box.letters) == 1


def test_a_server_without_encryption_gets_nothing_where_encryption_is_asked_for() -> None:
    with postbox() as box:
        with pytest.raises(MailFailed):
            mail.send(settings(box.port, encryption="starttls"), "ines@example.org", "Hello", "x\n")
        assert box.letters == []


def test_a_server_that_refuses_or_is_away_is_an_error_with_a_sentence() -> None:
    with postbox() as box:
        box.refusal = "451 try later"
        with pytest.raises(MailFailed, match="could not be sent") as refused:
            mail.send(settings(box.port), "ines@example.org", "Hello", "x\n")
    assert "451" in (refused.value.details or "")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(MailFailed):
        mail.send(settings(port), "ines@example.org", "Hello", "x\n")


def test_settings_that_cannot_be_meant_are_told_at_the_start() -> None:
    mail.check(load())
    assert not mail.is_on(load())
    with pytest.raises(ConfigError, match="readable"):
        mail.check(settings(25, host="mail.example.org"))
    with pytest.raises(ConfigError, match="sender"):
        mail.check(settings(25, sender=""))
    assert mail.is_on(settings(25))
