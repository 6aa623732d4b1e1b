"""Where the state of one clone lives: people, sessions, drafts, rebuild results, locks.

One folder per clone, outside the site and never in the repository, named after the real path of
the clone's Git data: two servers on one clone, and two links to it, arrive at the same place.
What is kept in the files is decided by those who write them.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
from pathlib import Path

import platformdirs

from gitcms.errors import StorageFailed

KEY_FILE = "secret.key"


def folder_for(git_folder: Path, configured: str = "") -> Path:
    """Return the state folder of a clone, made if need be and readable by its owner alone.

    :param git_folder: the clone's common Git folder (`.git`).
    :param configured: a folder from the configuration that takes the place of the platform's.
    :raises StorageFailed: when it cannot be made.
    """
    real = Path(os.path.realpath(git_folder))
    if configured:
        folder = Path(configured).expanduser().resolve()
    else:
        name = real.parent.name if real.name == ".git" else real.name
        readable = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "site"
        digest = hashlib.sha256(os.fsencode(real)).hexdigest()[:12]
        folder = (
            Path(platformdirs.user_data_dir("gitcms", appauthor=False)) / "sites" / f"{readable}-{digest}"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StorageFailed(
            f"The folder for people, sessions and results cannot be made: {error.strerror}.",
            hint="Name another one under [state] in the configuration.",
            details=str(folder),
        ) from error
    return folder


def secret_key(folder: Path) -> bytes:
    """Return the clone's secret, 32 random bytes, made at the first call.

    :raises StorageFailed: when it can be neither read nor made.
    """
    path = folder / KEY_FILE
    try:
        if not path.exists():
            _put_once(path, secrets.token_bytes(32))
        key = path.read_bytes()
    except OSError as error:
        raise StorageFailed(f"The secret key cannot be kept: {error.strerror}.", details=str(path)) from error
    if len(key) < 32:
        raise StorageFailed(
            "The secret key is damaged.", hint=f"Delete {path} and start again; everybody signs in anew."
        )
    return key


def put(path: Path, content: bytes) -> None:
    """Write a file of the state, in place of one that is there, for its owner alone and as a whole.

    :raises OSError: it cannot be written; the old one is as it was.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _put_once(path: Path, content: bytes) -> None:
    """Make a file with its whole content at once, unless another process was quicker."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
