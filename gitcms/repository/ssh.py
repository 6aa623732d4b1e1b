"""Keys of SSH: those that a host shows, which somebody compares and pins, and a deploy key of our own.

By ssh-keyscan(1) and ssh-keygen(1), which come with ssh. Who is asked, and where keys are kept, is decided
elsewhere.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from gitcms import network
from gitcms.errors import RepositoryError
from gitcms.repository.address import Address
from gitcms.repository.storage import storage_errors

# In the order in which they are shown; ssh prefers them like this, too.
KINDS = ("ssh-ed25519", "ecdsa-sha2-nistp256", "rsa-sha2-512", "ssh-rsa")
SCAN_SECONDS = 15
_LINE = re.compile(r"(\S+) (ssh-ed25519|ecdsa-sha2-nistp\d+|ssh-rsa) ([A-Za-z0-9+/=]+)")


@dataclass(frozen=True, slots=True)
class HostKey:
    """A key that a host shows. `line` is for known_hosts (sshd(8)), `fingerprint` as ssh(1) prints it."""

    kind: str
    fingerprint: str
    line: str


def host_keys(address: Address) -> list[HostKey]:
    """Return the keys that a host shows, the preferred one first. They prove nothing until compared.

    :raises AddressRefused: it is not one that is called. :raises NetworkFailed: its name is not known.
    :raises RepositoryError: it cannot be reached, or ssh is not installed.
    """
    network.server_addresses(
        address.host, address.port, this_machine=address.local, seconds=float(SCAN_SECONDS)
    )
    ask = ["ssh-keyscan", "-T", str(SCAN_SECONDS), "-p", str(address.port), "--", address.host]
    found = [
        HostKey(match[2], fingerprint, match[0])
        for line in _run(ask).splitlines()
        if (match := _LINE.fullmatch(line.strip())) and (fingerprint := _fingerprint(match[3]))
    ]
    if not found:
        raise RepositoryError(
            f"{address.host} cannot be reached by SSH.", hint="Look at the address, the port and the network."
        )
    return sorted(found, key=lambda key: KINDS.index(key.kind) if key.kind in KINDS else len(KINDS))


def make_deploy_key(file: Path, comment: str) -> str:
    """Return the public half of a key, which is made if there is none: a line to be given to the host.

    :raises RepositoryError: ssh is not installed. :raises StorageFailed: it cannot be kept.
    """
    public = file.with_name(file.name + ".pub")
    if not file.exists():
        _run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", os.fspath(file)])
    with storage_errors("reading the deploy key"):
        return public.read_text().strip()


def _fingerprint(key: str) -> str:
    try:
        raw = base64.b64decode(key, validate=True)
    except (ValueError, binascii.Error):
        return ""
    return "SHA256:" + base64.b64encode(hashlib.sha256(raw).digest()).decode().rstrip("=")


def _run(command: list[str]) -> str:
    plain = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    try:
        done = subprocess.run(
            command,
            env=plain | {"LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=2 * SCAN_SECONDS,
            check=False,
        )
    except FileNotFoundError as error:
        raise RepositoryError(
            "There is no SSH on this machine.",
            hint="Install it, such as by `apt install openssh-client`, or use an https:// address.",
        ) from error
    except subprocess.TimeoutExpired as error:
        raise RepositoryError("SSH took too long to answer.") from error
    if done.returncode != 0 and command[0] != "ssh-keyscan":
        raise RepositoryError("No SSH key could be made.", details=done.stderr.strip())
    return done.stdout
