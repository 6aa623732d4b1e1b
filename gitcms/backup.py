"""A backup of what is not content: people, sessions, unsaved texts, webhooks, and the keys of the state.

One zip file, made while the server runs. The site's own files are in Git: every clone is a backup of them.
How rows are taken out and put in is `database.copying`; where the state lies is known to who calls.
"""

from __future__ import annotations

import json
import os
import secrets
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from gitcms import __version__, state
from gitcms.database import Database
from gitcms.database.copying import put_in, taken_out
from gitcms.errors import GitCMSError, StorageFailed

FORM = 1
MANIFEST, TABLES, KEPT = "gitcms.json", "tables/", "state/"
# What lies in a state folder beside the database and cannot be made anew; the rest is derived, or a lock.
FILES = (state.KEY_FILE, "remote-connection.json", "remote.key", "remote.hosts", "remote-choices.json")
LARGEST_FILE = 1_000_000


class BackupUnusable(GitCMSError):
    """A file that is no backup, or not a whole one. Nothing was changed."""

    code = "backup.unusable"
    hint = "Name a file that `gitcms backup` made."


@dataclass(frozen=True, slots=True)
class Said:
    """What a backup holds."""

    people: int
    made_at: str
    version: str
    files: tuple[str, ...]


def make(folder: Path, database: Database, target: Path, *, now: datetime) -> Said:
    """Write a backup, readable by its owner alone, at once and as a whole.

    :raises StorageFailed: the file is there already, or cannot be written.
    """
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            said = _write(folder, database, file, now)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, target)
    except FileExistsError as error:
        raise StorageFailed(
            f"{target} is there already.", hint="Name a file that is not there yet."
        ) from error
    except OSError as error:
        raise StorageFailed(
            f"{target} cannot be written: {error.strerror}.", hint="Name a file in another folder."
        ) from error
    finally:
        draft.unlink(missing_ok=True)
    return said


def restore(folder: Path, database: Database, source: Path) -> Said:
    """Put a backup into a state folder and a database in which nobody has an account yet.

    :raises BackupUnusable: the file is none of ours, or damaged; nothing was changed.
    :raises StorageFailed: somebody has an account there already, or it cannot be written.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            if (damaged := archive.testzip()) is not None:
                raise BackupUnusable(f"{source} is damaged: {damaged} cannot be read.")
            manifest = json.loads(archive.read(MANIFEST))
            if manifest["form"] != FORM:
                raise BackupUnusable(f"A newer version of gitcms made {source}.", hint="Use that version.")
            names = set(archive.namelist())
            tables = {
                name.removeprefix(TABLES): _reader(archive, name) for name in names if name.startswith(TABLES)
            }
            files = [name for name in FILES if KEPT + name in names]

            def put_files() -> None:
                for name in files:
                    state.put(folder / name, archive.read(KEPT + name))

            put_in(database, manifest["step"], tables, put_files)
            return Said(manifest["people"], manifest["made_at"], manifest["version"], tuple(files))
    except (OSError, zipfile.BadZipFile, ValueError, KeyError, TypeError) as error:
        raise BackupUnusable(f"{source} cannot be read as a backup.", details=str(error)) from error


def _write(folder: Path, database: Database, file: Any, now: datetime) -> Said:
    people, kept = 0, []
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive, taken_out(database) as (step, tables):
        for name, lines in tables:
            with archive.open(TABLES + name, "w", force_zip64=True) as out:
                for line in lines:
                    out.write(line.encode("utf-8") + b"\n")
                    people += name == "users"
        for name in FILES:
            path = folder / name
            if path.is_file() and path.stat().st_size <= LARGEST_FILE:
                archive.writestr(KEPT + name, path.read_bytes())
                kept.append(name)
        made = now.isoformat()
        manifest = {"form": FORM, "step": step, "version": __version__, "made_at": made, "people": people}
        archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
    return Said(people, made, __version__, tuple(kept))


def _reader(archive: zipfile.ZipFile, name: str) -> Callable[[], Iterator[str]]:
    def read() -> Iterator[str]:
        with archive.open(name) as file:
            yield from TextIOWrapper(file, "utf-8", newline="\n")

    return read
