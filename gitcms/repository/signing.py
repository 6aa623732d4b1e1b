"""Signatures: each commit signed with a key of the server, in the way of `git commit -S`.

The program is started by its own name, with the key that the server's configuration names: what the
repository's configuration says about programs and keys (gpg.program, user.signingKey) plays no part.
Formats: gitformat-signature(5); ssh-keygen(1), "-Y sign"; gpg(1).
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass

from gitcms.errors import RepositoryError

SECONDS = 30.0
_KEPT = ("PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "GNUPGHOME", "SSH_AUTH_SOCK", "LD_LIBRARY_PATH")
_NO_QUESTIONS = {"LC_ALL": "C", "SSH_ASKPASS": "false", "SSH_ASKPASS_REQUIRE": "never"}


class SigningFailed(RepositoryError):
    """The server's key did not sign. Nothing was saved."""

    code = "commit.signing"
    hint = "Your text is kept. Ask an administrator to look at the server's signing key, then save again."


@dataclass(frozen=True)
class Signer:
    """One key. `kind` ssh: `key` is its file; openpgp: it names a key of the server's user."""

    kind: str
    key: str

    def sign(self, commit: bytes) -> bytes:
        """Return a commit object with the signature in its header.

        :raises SigningFailed: the key is not there, asks for a passphrase, has expired …
        """
        head, blank, message = commit.partition(b"\n\n")
        signature = self._signature(commit).rstrip(b"\n").replace(b"\n", b"\n ")
        return head + b"\ngpgsig " + signature + blank + message

    def _signature(self, payload: bytes) -> bytes:
        if self.kind == "ssh":
            key = os.path.expanduser(self.key)
            command = ["ssh-keygen", "-Y", "sign", "-n", "git", "-f", key]
            begins = b"-----BEGIN SSH SIGNATURE-----"
        else:
            command = ["gpg", "--batch", "--no-tty", "--pinentry-mode=error"]
            command += ["--detach-sign", "--armor", f"--local-user={self.key}"]
            begins = b"-----BEGIN PGP SIGNATURE-----"
        env = {name: os.environ[name] for name in _KEPT if name in os.environ} | _NO_QUESTIONS
        try:
            # In a session of its own there is no terminal that could be asked for a passphrase.
            done = subprocess.run(
                command,
                input=payload,
                env=env,
                cwd="/",
                capture_output=True,
                timeout=SECONDS,
                check=False,
                start_new_session=True,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise _failed(f"{command[0]}: {error}") from error
        if done.returncode != 0 or not done.stdout.startswith(begins):
            raise _failed(done.stderr.decode("utf-8", "replace"))
        return done.stdout


def _failed(details: str) -> SigningFailed:
    return SigningFailed(
        "The server could not put its signature to this change, and nothing is saved without.",
        details=details,
    )
