"""The way to a remote: which addresses may be called, and one fetch or push by git in clean surroundings.

Git runs in a bare repository of our own beside the clone's state, with the clone's objects: so nothing that
the site's repository, the user or the machine configures about remotes applies (`url.insteadOf`, helpers of
credentials, proxies, `core.sshCommand`, hooks), and `~/.netrc` and `~/.ssh` are not read. A password is read
by git itself from its file (gitcredentials(7), GIT_ASKPASS). What a fetch or a push means is elsewhere.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import signal
import subprocess
import threading
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from gitcms.errors import RepositoryError
from gitcms.repository.plumbing import environment, git_missing, run
from gitcms.repository.storage import storage_errors

KEPT_OUTPUT = 8_000
"""How much of what git and the remote say is kept, in bytes from its end."""

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:.]+\]")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_PATH = re.compile(r"[A-Za-z0-9_.~+@%/-]+")
_SHORT_SSH = re.compile(r"(?:([^@:/]+)@)?([^@:/]+):([^:].*)")
_LOOPBACK = re.compile(r"localhost|127\.[0-9.]+|\[::1\]", re.IGNORECASE)
_METADATA = re.compile(r"169\.254\.[0-9.]+|\[fe80:.*\]", re.IGNORECASE)


class AddressRefused(RepositoryError):
    """An address that is not called."""

    code = "remote.url_not_allowed"
    hint = (
        "Write [remote] url as https://host/path.git or ssh://git@host/path.git, without a password in it. "
        "A folder, or a server on this machine, needs local = true as well."
    )


@dataclass(frozen=True)
class Address:
    """An address that was checked. `kind` is https, http, ssh or file, as git's `protocol.<kind>.allow`."""

    url: str
    kind: str


def check_address(text: str, *, local: bool = False) -> Address:
    """Return the address of a remote, or refuse it.

    :param local: whether a folder of this machine, and a server on it, may be meant.
    :raises AddressRefused: it names a program, an option, an unencrypted way, or holds a password.
    """
    if text != text.strip() or any(unicodedata.category(char)[0] in "CZ" for char in text) or "$" in text:
        raise AddressRefused("This address of a remote holds characters that no address has.")
    if text.startswith("-") or "::" in text.partition("[")[0]:
        raise AddressRefused("This address of a remote would be taken for an option or a program.")
    if text.startswith("/"):
        if not local:
            raise AddressRefused("This address is a folder of this machine.")
        return Address(text, "file")
    if "://" in text:
        return _of_url(text, local)
    short = _SHORT_SSH.fullmatch(text)
    if not short:
        raise AddressRefused("This is not the address of a remote.")
    user, host, path = short.groups()
    _check_parts(user, host, path, local)
    return Address(text, "ssh")


def _of_url(text: str, local: bool) -> Address:
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018  a port that is no number is refused here
        password = parts.password
    except ValueError as error:
        raise AddressRefused("This is not the address of a remote.") from error
    kind = parts.scheme.lower()
    host = parts.netloc.rpartition("@")[2]
    host = host.partition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0]
    if kind not in ("https", "ssh") and not (kind == "http" and local and _LOOPBACK.fullmatch(host)):
        raise AddressRefused("A remote is called by https or ssh alone.")
    if password is not None or (kind != "ssh" and parts.username is not None):
        raise AddressRefused("The address of a remote must not hold a name or a password.")
    if parts.query or parts.fragment:
        raise AddressRefused("This is not the address of a remote.")
    _check_parts(parts.username, host, parts.path.lstrip("/"), local)
    return Address(text, kind)


def _check_parts(user: str | None, host: str, path: str, local: bool) -> None:
    if user is not None and not _USER.fullmatch(user):
        raise AddressRefused("The name before the @ of this address cannot be one.")
    if not _HOST.fullmatch(host) or _METADATA.fullmatch(host):
        raise AddressRefused("This address names no server that can be called.")
    if _LOOPBACK.fullmatch(host) and not local:
        raise AddressRefused("This address is a server on this machine.")
    escaped = re.findall(r"%(..?)", path)
    if not _PATH.fullmatch(path) or path.startswith("-") or any(_control(code) for code in escaped):
        raise AddressRefused("The path of this address holds characters that no path of a remote has.")


def _control(code: str) -> bool:
    return not re.fullmatch(r"[0-9a-fA-F]{2}", code) or not 0x20 <= int(code, 16) < 0x7F


@dataclass(frozen=True)
class Keys:
    """How we show who we are: files of this machine, "" where there is none.

    `user` and `password_file` answer a server that asks by https; `key_file` is a private SSH key, and
    `known_hosts` holds the server's own key, as in sshd(8).
    """

    user: str = ""
    password_file: str = ""
    key_file: str = ""
    known_hosts: str = ""


@dataclass(frozen=True)
class Answer:
    """What came of one call: git's exit code (None when it was stopped for taking too long) and its words."""

    code: int | None
    said: str


class Courier:
    """Calls one remote. `folder` is its own bare repository, made when it is missing."""

    def __init__(self, folder: Path, objects: Path, address: Address, keys: Keys, seconds: float) -> None:
        """
        :param objects: the clone's objects folder, that is read from and fetched into.
        :param seconds: how long one call may take.
        """
        self._folder = folder
        self._objects = objects
        self._address = address
        self._keys = keys
        self._seconds = seconds

    def fetch(self, branch: str, here: str) -> tuple[Answer, str | None]:
        """Bring the remote's branch over; return what was said, and its commit if it came.

        :param here: a commit of ours, so that only what is new has to travel.
        """
        self._prepare()
        self._plain("update-ref", "refs/here", here)
        answer = self._call(
            "fetch",
            "--no-tags",
            "--no-write-fetch-head",
            "--no-recurse-submodules",
            "--quiet",
            "--",
            self._address.url,
            f"+refs/heads/{branch}:refs/incoming",
        )
        return answer, self._plain("rev-parse", "--verify", "refs/incoming") if answer.code == 0 else None

    def push(self, branch: str, commit: str) -> Answer:
        """Send a commit as the remote's branch. Never forced: the remote's newest must be part of it."""
        self._prepare()
        return self._call(
            "push",
            "--porcelain",
            "--no-verify",
            "--no-follow-tags",
            "--no-recurse-submodules",
            "--",
            self._address.url,
            f"{commit}:refs/heads/{branch}",
        )

    def _prepare(self) -> None:
        with storage_errors("preparing to call the remote"):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            asks = self._folder / "askpass"
            # Files alone are named in the environment, and what they hold is seen by git only.
            asks.write_text(
                '#!/bin/sh\ncase "$1" in\nUsername*) printf "%s\\n" "$GITCMS_REMOTE_USER" ;;\n'
                '*) exec cat "$GITCMS_REMOTE_PASSWORD_FILE" ;;\nesac\n'
            )
            asks.chmod(0o700)
            if not (self._folder / "HEAD").exists():
                run(
                    ["init", "--quiet", "--bare", "--template=", os.fspath(self._folder)],
                    cwd=self._folder,
                    extra={"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"},
                )

    def _plain(self, *arguments: str) -> str:
        code, out, said = run(
            arguments,
            cwd=self._folder,
            extra={"GIT_DIR": os.fspath(self._folder), "GIT_OBJECT_DIRECTORY": os.fspath(self._objects)},
        )
        if code != 0:
            raise RepositoryError("What the remote sent cannot be read.", details=said)
        return out.decode().strip()

    def _environment(self) -> dict[str, str]:
        keys, slow = self._keys, str(max(1, int(self._seconds)))
        env = environment(
            {
                f"protocol.{self._address.kind}.allow": "always",
                "http.followRedirects": "false",
                "http.sslVerify": "true",
                "http.lowSpeedLimit": "1",
                "http.lowSpeedTime": slow,
                "transfer.bundleURI": "false",
                "transfer.advertiseSID": "false",
                "push.useBitmaps": "false",
            }
        )
        env |= {
            "HOME": os.fspath(self._folder),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_DIR": os.fspath(self._folder),
            "GIT_OBJECT_DIRECTORY": os.fspath(self._objects),
            "GIT_SSH_VARIANT": "ssh",
            "GIT_SSH_COMMAND": self._ssh(),
        }
        env.pop("XDG_CONFIG_HOME", None)
        if keys.password_file:
            env |= {
                "GIT_ASKPASS": os.fspath(self._folder / "askpass"),
                "GITCMS_REMOTE_USER": keys.user,
                "GITCMS_REMOTE_PASSWORD_FILE": keys.password_file,
            }
        return env

    def _ssh(self) -> str:
        options = {
            "BatchMode": "yes",
            "StrictHostKeyChecking": "yes",
            "UserKnownHostsFile": self._keys.known_hosts or os.devnull,
            "GlobalKnownHostsFile": os.devnull,
            "IdentitiesOnly": "yes",
            "IdentityAgent": "none",
            "ProxyCommand": "none",
            "ClearAllForwardings": "yes",
            "PasswordAuthentication": "no",
            "ConnectTimeout": str(max(1, int(self._seconds))),
        }
        words = ["ssh", "-F", os.devnull, "-i", self._keys.key_file or os.devnull]
        words += [part for name, value in options.items() for part in ("-o", f"{name}={value}")]
        return shlex.join(words)

    def _call(self, *arguments: str) -> Answer:
        try:
            process = subprocess.Popen(
                ["git", *arguments],
                cwd=self._folder,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # its helpers end with it
            )
        except FileNotFoundError as error:
            raise git_missing() from error
        said = bytearray()
        assert process.stdout is not None
        listener = threading.Thread(target=_listen, args=(process.stdout, said), daemon=True)
        listener.start()
        code: int | None
        try:
            code = process.wait(self._seconds)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            _end(process)
        listener.join(1.0)
        return Answer(code, self._shown(bytes(said)))

    def _shown(self, said: bytes) -> str:
        """Return what was said as it may be shown and logged: no secret, no control characters."""
        text = said.decode("utf-8", "replace")
        secret = _secret(self._keys.password_file)
        if secret:
            text = text.replace(secret, "…")
        text = re.sub(r"://[^/@\s]*@", "://", text)
        return "".join(c if c == "\n" or unicodedata.category(c) not in ("Cc", "Cf") else " " for c in text)


def _secret(file: str) -> str:
    try:
        return Path(file).read_text().strip() if file else ""
    except (OSError, UnicodeDecodeError):
        return ""


def _listen(pipe: IO[bytes], said: bytearray) -> None:
    with pipe:
        while chunk := os.read(pipe.fileno(), 65_536):
            said += chunk
            del said[:-KEPT_OUTPUT]


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def refusal(answer: Answer) -> tuple[str, bool, bool]:
    """Return what an unsuccessful call means: a sentence, whether it is tried again by itself, and whether
    the remote has something that we have not."""
    said = answer.said.lower()
    if answer.code is None:
        return "The shared server took too long to answer.", True, False
    for words, sentence, again, behind in _MEANINGS:
        if any(word in said for word in words):
            return sentence, again, behind
    return "The shared server did not take part.", True, False


_MEANINGS: Sequence[tuple[tuple[str, ...], str, bool, bool]] = (
    (
        (
            "fetch first",
            "non-fast-forward",
            "cannot lock ref",
            "failed to update ref",
        ),
        "Others sent changes at the same time.",
        True,
        True,
    ),
    (
        (
            "couldn't find remote ref",
            "could not find remote ref",
        ),
        "The shared server has no branch of this name any more.",
        True,
        False,
    ),
    (
        (
            "no space left",
            "disk quota",
        ),
        "The shared server has no room left.",
        True,
        False,
    ),
    (
        (
            "pre-receive hook declined",
            "hook declined",
            "protected branch",
            "[remote rejected]",
        ),
        "The shared server refused the changes.",
        True,
        False,
    ),
    (
        (
            "host key verification failed",
            "host identification has changed",
        ),
        "The shared server’s host key is another one than it was, or is not known.",
        False,
        False,
    ),
    (
        (
            "authentication failed",
            "could not read username",
            "could not read password",
            "permission denied",
            "returned error: 401",
            "returned error: 403",
            "access denied",
        ),
        "The shared server did not accept the password or the key.",
        True,
        False,
    ),
    (
        (
            "certificate",
            "ssl",
            "tls",
        ),
        "The shared server’s certificate is not valid.",
        True,
        False,
    ),
    (
        (
            "could not resolve",
            "name or service not known",
            "temporary failure in name",
        ),
        "The shared server’s name is not known.",
        True,
        False,
    ),
    (
        ("redirect",),
        "The shared server points to another address, which is not followed.",
        True,
        False,
    ),
    (
        (
            "not a git repository",
            "repository not found",
            "' not found",
            "does not exist",
            "returned error: 404",
            "not valid: is this a git repository",
            "does not appear to be",
        ),
        "There is no repository at this address.",
        True,
        False,
    ),
    (
        (
            "returned error: 5",
            "unexpected disconnect",
            "remote end hung up",
            "early eof",
            "rpc failed",
            "invalid",
            "protocol error",
        ),
        "The shared server answered with a fault of its own.",
        True,
        False,
    ),
    (
        (
            "failed to connect",
            "couldn't connect",
            "could not connect",
            "connection refused",
            "connection timed out",
            "unreachable",
            "connection reset",
        ),
        "The shared server cannot be reached.",
        True,
        False,
    ),
)
