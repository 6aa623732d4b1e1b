"""Where the remote is, and how we show who we are: as configured, or as `gitcms clone` kept it.

What is configured counts first. What is kept lies in the state folder: the address, and a password that is
sealed, in one file; a deploy key and the server's own key in files that ssh(1) reads, for their owner alone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from gitcms.config import Config
from gitcms.errors import ConfigError
from gitcms.repository import Address, Courier, HostKey, Keys, check_address, storage_errors
from gitcms.sealing import Seal
from gitcms.site import Site

KEPT = "remote-connection.json"
KEY, HOSTS = "remote.key", "remote.hosts"
COURIER = "remote.git"
PURPOSE = "remote"
LONGEST_PASSWORD = 4_000


@dataclass(frozen=True, slots=True)
class Connection:
    """A remote. `url` is not checked yet; `password` is in the clear, `sealed` as it is kept."""

    url: str
    local: bool = False
    user: str = ""
    password_file: str = ""
    sealed: str = field(default="", repr=False)
    key_file: str = ""
    known_hosts: str = ""


def is_on(site: Site) -> bool:
    """Tell whether there is a remote."""
    return connection_of(site.config, site.state) is not None


def connection_of(config: Config, folder: Path) -> Connection | None:
    """Return the remote that is configured, else the one that is kept in a state folder, else None."""
    remote = config.remote
    if remote.url:
        return Connection(
            remote.url,
            remote.local,
            remote.user,
            remote.password_file,
            key_file=remote.key_file,
            known_hosts=remote.known_hosts,
        )
    try:
        kept = Connection(**json.loads((folder / KEPT).read_text()))
    except (OSError, ValueError, TypeError):
        return None
    key, hosts = (str(folder / name) if name else "" for name in (kept.key_file, kept.known_hosts))
    return replace(kept, key_file=key, known_hosts=hosts)


def keep(folder: Path, address: Address, user: str = "", password: str = "") -> None:
    """Keep a remote in a state folder, with the keys that lie there already."""
    kept = Connection(
        address.url,
        address.local,
        user,
        sealed=Seal(folder, PURPOSE).close(password) if password else "",
        # Names alone: a backup is put back into a folder of another name.
        key_file=KEY if address.kind == "ssh" else "",
        known_hosts=HOSTS if address.kind == "ssh" else "",
    )
    _write(folder / KEPT, json.dumps(asdict(kept)))


def pin(folder: Path, found: Sequence[HostKey]) -> None:
    """Trust these keys of a host, and no others, from now on."""
    _write(folder / HOSTS, "".join(f"{key.line}\n" for key in found))


def is_pinned(folder: Path) -> bool:
    """Tell whether a host's key is trusted already."""
    return (folder / HOSTS).exists()


def _write(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with storage_errors("keeping the remote"):
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)


def keys(given: Connection, folder: Path) -> Keys:
    """Return how we show who we are.

    :raises ConfigError: the file with the password cannot be read.
    :raises StorageFailed: the kept password was sealed by another key.
    """
    if given.sealed:
        password = Seal(folder, PURPOSE).open(given.sealed)
    else:
        password = read_password(given.password_file)
    return Keys(given.user, password, _resolved(given.key_file), _resolved(given.known_hosts))


def courier(site: Site, seconds: float | None = None) -> Courier:
    """Return what calls the remote of a site.

    :param seconds: how long one call may take; as configured, when left out.

    :raises AddressRefused: its address is not one that is called. :raises: as `keys`.
    """
    given = connection_of(site.config, site.state)
    assert given is not None, "there is a remote"
    return site.repository.courier(
        site.state / COURIER,
        check_address(given.url, local=given.local),
        keys(given, site.state),
        site.config.remote.timeout_seconds if seconds is None else seconds,
        _resolved(site.config.network.ca_file),
    )


def read_password(file: str) -> str:
    """Return what a file with a password holds, "" for no file.

    :raises ConfigError: it cannot be read, or holds more than a line.
    """
    if not file:
        return ""
    try:
        text = Path(_resolved(file)).read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            "The file with the password for the shared server cannot be read.",
            hint="Look at password_file under [remote], and who may read that file.",
            details=f"{file}: {getattr(error, 'strerror', 'it is no text')}",
        ) from error
    if len(text) > LONGEST_PASSWORD or "\n" in text:
        raise ConfigError(
            "The file with the password for the shared server holds more than a password.",
            hint="It holds one line.",
            details=file,
        )
    return text


def _resolved(name: str) -> str:
    return str(Path(name).expanduser().resolve()) if name else ""
