"""Mail, handed to the server that the configuration names: one plain text to one person at a time.

Encrypted, with the certificate checked, wherever the server is not this machine's own. What a mail says
is decided by those who send it; it holds nothing but our own sentences and a link.
"""

from __future__ import annotations

import ipaddress
import smtplib
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path

from gitcms import network
from gitcms.config import Config, Mail
from gitcms.errors import ConfigError, GitCMSError

SECONDS = 15.0
HINT = "Look at [mail] in the configuration, and at the mail server's own log."


class MailFailed(GitCMSError):
    """The mail server did not take a mail. Nothing was sent."""

    code = "mail.failed"
    hint = HINT


def is_on(config: Config) -> bool:
    """Tell whether mail can be sent at all."""
    return bool(config.mail.host)


def check(config: Config) -> None:
    """Look whether the settings can be meant.

    :raises ConfigError: a password would travel readable, or there is no sender.
    """
    mail = config.mail
    if not mail.host:
        return
    if "@" not in mail.sender:
        raise ConfigError(
            "[mail] names a server, and no sender.",
            where=str(config.source) if config.source else None,
            hint='Write sender under [mail], such as "cms@example.org".',
        )
    if not mail.encryption and not _is_this_machine(mail.host):
        raise ConfigError(
            f"Mail to {mail.host} would travel readable, with links that let people in.",
            where=str(config.source) if config.source else None,
            hint='Write encryption = "starttls" or "tls" under [mail].',
        )


def send(config: Config, to: str, subject: str, text: str) -> None:
    """Hand one mail to the server, and come back when it has it.

    :param to: an address, judged by `accounts.users` before.
    :raises MailFailed: the server is not there, or does not take it.
    :raises ConfigError: as `check`, or the file with the password cannot be read.
    """
    check(config)
    message = _message(config.mail, to, subject, text)
    try:
        with _connected(config) as server:
            server.send_message(message)
    except (smtplib.SMTPException, OSError) as error:
        raise MailFailed("The mail could not be sent.", details=f"{type(error).__name__}: {error}") from error


def _message(mail: Mail, to: str, subject: str, text: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = mail.sender
    # As a whole, so that no letter of it can be read as another address or header.
    name, _, domain = to.rpartition("@")
    message["To"] = Address(username=name, domain=domain)
    message["Subject"] = " ".join(subject.split())
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=mail.sender.rpartition("@")[2].rstrip(">"))
    # So that nobody's holiday notice answers (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    return message


def _connected(config: Config) -> smtplib.SMTP:
    mail = config.mail
    tls = network.tls(config.network.ca_file)
    server: smtplib.SMTP
    if mail.encryption == "tls":
        server = smtplib.SMTP_SSL(mail.host, mail.port, timeout=SECONDS, context=tls)
    else:
        server = smtplib.SMTP(mail.host, mail.port, timeout=SECONDS)
    try:
        if mail.encryption == "starttls":
            server.starttls(context=tls)
        if mail.user:
            server.login(mail.user, _password(mail))
    except (smtplib.SMTPException, ssl.SSLError, OSError, ConfigError):
        server.close()
        raise
    return server


def _password(mail: Mail) -> str:
    try:
        return Path(mail.password_file).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            "The password of the mail server cannot be read.",
            hint="Look at password_file under [mail], and who may read that file.",
            details=str(error),
        ) from error


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
