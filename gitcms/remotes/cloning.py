"""Starting from nothing but the address of a remote: keys, a clone, and the state that goes on calling it.

The steps are asked for one by one, since between them somebody compares a fingerprint or gives a key to the
host; who is asked how is the caller's. Until a clone succeeds only keys are kept.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Collection
from pathlib import Path

from gitcms import state
from gitcms.config import Config
from gitcms.errors import RepositoryError
from gitcms.remotes import connection
from gitcms.repository import Address, Cloned, Courier, Keys, clone, host_keys, make_deploy_key
from gitcms.sealing import Seal

LONGEST_SECONDS = 3600.0


class WrongKey(RepositoryError):
    """A host shows none of the keys that were compared."""

    code = "clone.wrong_key"
    hint = "Ask who runs it. Somebody may stand between."


def name_of(address: Address) -> str:
    """Return what a clone of an address is called, as git would."""
    name = re.split(r"[/:]", address.url.rstrip("/"))[-1].removesuffix(".git")
    return re.sub(r"[^\w.-]", "-", name).strip(".-") or "site"


def state_of(config: Config, folder: Path) -> Path:
    """Return the state folder that a clone in a folder has, or will have."""
    return state.folder_for(folder / ".git", config.state.folder)


def trust(kept: Path, address: Address, fingerprints: Collection[str]) -> None:
    """Trust those keys that a host shows whose fingerprints somebody compared, and no others.

    :raises WrongKey: it shows none of them. :raises: as `host_keys`.
    """
    shown = [key for key in host_keys(address) if key.fingerprint in fingerprints]
    if not shown:
        raise WrongKey(f"{address.host} shows another key than that one. Nothing was sent.")
    connection.pin(kept, shown)


def deploy_key(kept: Path, address: Address) -> str:
    """Return the public half of this clone's deploy key: the same one each time."""
    return make_deploy_key(kept / connection.KEY, f"gitcms for {name_of(address)}")


def start(
    config: Config, address: Address, folder: Path, user: str = "", password: str = ""
) -> tuple[Path, Cloned]:
    """Clone a remote into a folder, and keep how it is called; return the state folder and what was made.

    :raises: as `repository.clone`; then nothing but keys is kept.
    """
    kept = state_of(config, folder)
    shutil.rmtree(kept / connection.COURIER, ignore_errors=True)  # of an attempt before
    ssh = address.kind == "ssh"
    keys = Keys(
        user,
        password,
        str(kept / connection.KEY) if ssh else "",
        str(kept / connection.HOSTS) if ssh else "",
    )
    # A key that cannot be kept shall not be found out about after the work is done.
    Seal(kept, connection.PURPOSE)
    objects = folder / ".git" / "objects"
    ca_file = str(Path(config.network.ca_file).expanduser().resolve()) if config.network.ca_file else ""
    courier = Courier(kept / connection.COURIER, objects, address, keys, LONGEST_SECONDS, ca_file)
    made = clone(folder, courier, address.url)
    connection.keep(kept, address, user, password)
    return kept, made
