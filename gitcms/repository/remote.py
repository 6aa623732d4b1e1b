"""The way to a remote: one fetch or push by git in clean surroundings, and what its answer means.

Git runs in a bare repository of our own beside the clone's state, with the clone's objects: so nothing that
the site's repository, the user or the machine configures about remotes applies (`url.insteadOf`, helpers of
credentials, proxies, `core.sshCommand`, hooks), and `~/.netrc` and `~/.ssh` are not read. A password travels
by a pipe that git's own question is answered from (gitcredentials(7), GIT_ASKPASS): it stands in no argument,
no variable and no file. A name is resolved by our guard before it is called (`network`). What a fetch
or a push is for is decided elsewhere.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import signal
import ssl
import subprocess
import threading
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from urllib.parse import quote

from gitcms import network
from gitcms.errors import RepositoryError
from gitcms.network import NetworkFailed
from gitcms.repository.address import Address
from gitcms.repository.plumbing import environment, git_missing, run
from gitcms.repository.storage import storage_errors
from gitcms.repository.values import NOTHING

KEPT_OUTPUT = 8_000
"""How much of what git and the remote say is kept, in bytes from its end."""
_QUOTED_ADDRESS = re.compile(r"'[a-z]+://[^'\s]*'")


@dataclass(frozen=True)
class Keys:
    """How we show who we are; "" where there is nothing to show.

    `user` and `password` answer a server that asks by https; `key_file` is a private SSH key, and
    `known_hosts` a file with the server's own key, as in sshd(8).
    """

    user: str = ""
    password: str = field(default="", repr=False)
    key_file: str = ""
    known_hosts: str = ""


@dataclass(frozen=True)
class Answer:
    """What came of one call: git's exit code (None when it was stopped for taking too long) and its words."""

    code: int | None
    said: str


class Courier:
    """Calls one remote. `folder` is its own bare repository, made when it is missing."""

    def __init__(
        self, folder: Path, objects: Path, address: Address, keys: Keys, seconds: float, ca_file: str = ""
    ) -> None:
        """
        :param objects: the clone's objects folder, that is read from and fetched into.
        :param seconds: how long one call may take.
        :param ca_file: certificates that are trusted besides the system's, or "".
        """
        self._ca_file = ca_file
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
        if here != NOTHING:
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

    def may_push(self, branch: str, commit: str) -> Answer:
        """Ask whether a commit that the remote has could be sent to it; nothing is."""
        self._prepare()
        refspec = f"{commit}:refs/heads/{branch}"
        return self._call("push", "--dry-run", "--no-verify", "--", self._address.url, refspec)

    def ask_head(self) -> Answer:
        """Ask which branch the remote shows: `ref: refs/heads/NAME` and HEAD behind a tab, on success."""
        self._prepare()
        return self._call("ls-remote", "--symref", "--", self._address.url, "HEAD")

    def _prepare(self) -> None:
        with storage_errors("preparing to call the remote"):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            asks = self._folder / "askpass"
            asks.write_text(
                '#!/bin/sh\ncase "$1" in\nUsername*) printf "%s\\n" "$GITCMS_REMOTE_USER" ;;\n'
                '*) exec cat "/dev/fd/$GITCMS_REMOTE_SECRET" ;;\nesac\n'
            )
            asks.chmod(0o700)
            if self._ca_file:
                system = ssl.get_default_verify_paths().cafile
                both = [Path(each).read_bytes() for each in (system, self._ca_file) if each]
                (self._folder / "ca.pem").write_bytes(b"\n".join(both))
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

    def _environment(self, secret: int | None, addresses: Sequence[str]) -> dict[str, str]:
        """
        :param secret: the open file that the password is read from.
        :param addresses: where the host was found; whatever the name says a moment later, those are called.
        """
        address, slow = self._address, str(max(1, int(self._seconds)))
        pinned = f"{address.host}:{address.port}:{','.join(addresses)}"
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
            | ({"http.curloptResolve": pinned} if addresses and address.kind in ("https", "http") else {})
            | ({"http.sslCAInfo": os.fspath(self._folder / "ca.pem")} if self._ca_file else {})
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
        if secret is not None:
            env |= {
                "GIT_ASKPASS": os.fspath(self._folder / "askpass"),
                "GITCMS_REMOTE_USER": self._keys.user,
                "GITCMS_REMOTE_SECRET": str(secret),
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
            "PreferredAuthentications": "publickey",
            "UpdateHostKeys": "no",
            "ConnectTimeout": str(max(1, int(self._seconds))),
        }
        words = ["ssh", "-F", os.devnull, "-i", self._keys.key_file or os.devnull]
        words += [part for name, value in options.items() for part in ("-o", f"{name}={value}")]
        return shlex.join(words)

    def _call(self, *arguments: str) -> Answer:
        try:
            addresses = self._addresses()
        except NetworkFailed as error:
            # In the words of curl, so that it is told as what it is.
            late = error.kind == "timeout"
            return Answer(None if late else 128, f"Could not resolve host: {self._address.host}")
        with _readable(self._keys.password) as secret:
            try:
                process = subprocess.Popen(
                    ["git", *arguments],
                    cwd=self._folder,
                    env=self._environment(secret, addresses),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,  # its helpers end with it
                    pass_fds=() if secret is None else (secret,),
                )
            except FileNotFoundError as error:
                raise git_missing() from error
            return self._outcome(process)

    def _addresses(self) -> list[str]:
        """Return where the host was found, each place checked; nothing for a folder."""
        if not self._address.host:
            return []
        found = network.server_addresses(
            self._address.host, self._address.port, this_machine=self._address.local, seconds=self._seconds
        )
        return [f"[{each}]" if each.version == 6 else str(each) for each in found]

    def _outcome(self, process: subprocess.Popen[bytes]) -> Answer:
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
        for spelled in filter(None, (self._keys.password, quote(self._keys.password, safe=""))):
            text = text.replace(spelled, "…")
        text = re.sub(r"://[^/@\s]*@", "://", text)
        return "".join(c if c == "\n" or unicodedata.category(c) not in ("Cc", "Cf") else " " for c in text)


@contextlib.contextmanager
def _readable(secret: str) -> Iterator[int | None]:
    """Yield a pipe's end that a secret can be read from once; None where there is no secret."""
    if not secret:
        yield None
        return
    reading, writing = os.pipe()
    try:
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(secret.encode() + b"\n")
        yield reading
    finally:
        os.close(reading)


def _listen(pipe: IO[bytes], said: bytearray) -> None:
    with pipe:
        while chunk := os.read(pipe.fileno(), 65_536):
            said += chunk
            del said[:-KEPT_OUTPUT]


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@dataclass(frozen=True)
class Refusal:
    """What an unsuccessful call means.

    :param kind: a name for programs. :param sentence: for everybody. :param hint: for who runs the server.
    :param again: whether it is tried again by itself. :param behind: the remote has what we have not.
    """

    kind: str
    sentence: str
    hint: str = ""
    again: bool = True
    behind: bool = False


def refusal(answer: Answer) -> Refusal:
    """Read off git's own words what an unsuccessful call means."""
    # A host may be called tls.example.org.
    said = _QUOTED_ADDRESS.sub("''", answer.said.lower())
    if answer.code is None:
        return _LATE
    for words, meaning in _MEANINGS:
        if any(word in said for word in words):
            return meaning
    return Refusal("unknown", "The shared server did not take part.", "What it said stands below.")


_LATE = Refusal(
    "slow",
    "The shared server took too long to answer.",
    "If this goes on, raise timeout_seconds under [remote].",
)
# The first that fits counts: what is more exact stands first.
_CUT = Refusal("fault", "The shared server answered with a fault of its own.")
_MEANINGS: Sequence[tuple[tuple[str, ...], Refusal]] = (
    (
        ("fetch first", "non-fast-forward", "cannot lock ref", "failed to update ref"),
        Refusal("behind", "Others sent changes at the same time.", behind=True),
    ),
    (
        ("couldn't find remote ref", "could not find remote ref"),
        Refusal(
            "gone",
            "What this site is sent to is not there any more on the shared server.",
            "The branch was deleted there. Put it back, or forget what it was: "
            "git update-ref -d refs/gitcms/remote/BRANCH in the site's folder, and it is made anew.",
        ),
    ),
    (
        ("no space left", "disk quota"),
        Refusal("full", "The shared server has no room left.", "Make room there."),
    ),
    (
        ("pre-receive hook declined", "hook declined", "protected branch", "[remote rejected]"),
        Refusal(
            "declined",
            "The shared server refused the changes.",
            "A rule or a hook there declined them. Allow this account or key to push to the branch.",
        ),
    ),
    (
        ("host identification has changed", "host key for", "possible dns spoofing"),
        Refusal(
            "host key",
            "The shared server does not prove that it is the one it was: its key is another one. "
            "Nothing was sent.",
            "Somebody may stand between. Ask who runs it; if the key was replaced there, put the new one "
            "into known_hosts.",
            again=False,
        ),
    ),
    (
        ("host key verification failed", "no matching host key"),
        Refusal(
            "host key",
            "The shared server cannot prove who it is: its key is not known here. Nothing was sent.",
            "Name its key under known_hosts, as `ssh-keyscan` prints it, once you compared it.",
            again=False,
        ),
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
        Refusal(
            "denied",
            "The shared server did not accept the password or the key.",
            "It may have run out, or may not write. Put a new one in, or allow this one there.",
        ),
    ),
    # What curl says of a connection that was cut names TLS as well.
    (("non-properly terminated", "recv error", "unexpected eof"), _CUT),
    (
        ("certificate", "ssl", "tls"),
        Refusal(
            "certificate",
            "The shared server’s certificate is not valid.",
            "It has run out, or was made by somebody unknown. An inner authority goes into ca_file under "
            "[network].",
        ),
    ),
    (
        ("could not resolve", "name or service not known", "temporary failure in name"),
        Refusal(
            "name",
            "The shared server’s name is not known.",
            "Look at the address.",
        ),
    ),
    (
        ("redirect", "returned error: 30"),
        Refusal(
            "redirect",
            "The shared server points to another address, which is not followed.",
            "Write the address to which it points under [remote], if that is right.",
        ),
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
        Refusal(
            "missing",
            "Nothing is found at the shared server’s address.",
            "There is no repository, or this account or key may not see it.",
        ),
    ),
    (
        (
            "returned error: 5",
            "unexpected disconnect",
            "remote end hung up",
            "early eof",
            "rpc failed",
            "empty reply",
            "transfer closed",
            "invalid",
            "protocol error",
        ),
        _CUT,
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
            "connection closed",
            "operation timed out",
        ),
        Refusal("down", "The shared server cannot be reached."),
    ),
)
