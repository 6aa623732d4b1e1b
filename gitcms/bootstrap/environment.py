"""`.venv` in the checkout: whether it can be used as it is, and making or mending it when not.

A stamp inside says which sections of `requirements.lock` it was made from and by which Python, and
"unfinished" from before the first file until after the last: an environment whose making was cut
short is made anew. An environment without our stamp is somebody's own: it is used when it has
everything, never changed.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gitcms.bootstrap import installer
from gitcms.bootstrap.groups import digests, groups_for, missing, read_lock
from gitcms.bootstrap.installer import SetUpFailed, disk_full, say

OLDEST_PYTHON = (3, 11)


class Environment:
    """The environment of one checkout, seen from the interpreter that runs now."""

    def __init__(self, top: Path) -> None:
        self.top = top
        self.folder = top / ".venv"
        self.interpreter = self.folder / "bin" / "python"
        self.stamp = self.folder / "gitcms.json"

    def interpreter_for(self, argv: Sequence[str]) -> Path | None:
        """Return the interpreter to restart in, or None to go on in this one.

        Makes or mends the environment first when that is needed. Raises SetUpFailed.
        """
        groups = groups_for(argv)
        if self.can_go_on(groups):
            return None
        if not self.can_be_entered(groups):
            with self.only_one_at_a_time(), sentences_for_the_disk(self.folder):
                if not self.is_ready(groups):
                    self.make(groups)
        return self.interpreter

    def can_go_on(self, groups: Sequence[str]) -> bool:
        if self.is_running() and self.read_stamp():
            return self.is_ready(groups)
        return sys.version_info >= OLDEST_PYTHON and not missing(self.top, groups)

    def can_be_entered(self, groups: Sequence[str]) -> bool:
        """Is there an environment whose own interpreter should have the next word?"""
        if self.is_running() or not self.is_whole():
            return False
        return self.is_ready(groups) if self.read_stamp() else self.has_packages()

    def is_running(self) -> bool:
        return Path(sys.prefix).resolve() == self.folder.resolve()

    def is_ready(self, groups: Sequence[str]) -> bool:
        """Was it made from what `requirements.lock` says now, as far as can be told from here?

        Only from inside can we see that the distribution's Python was replaced by a newer one.
        """
        stamp = self.read_stamp()
        if not stamp.get("finished") or not self.is_whole():
            return False
        if self.is_running() and stamp["python"] != python_version():
            return False
        wanted = digests(read_lock(self.top), groups)
        return bool(wanted.items() <= stamp["groups"].items())

    def is_whole(self) -> bool:
        return self.interpreter.exists() and (self.folder / "pyvenv.cfg").is_file()

    def has_packages(self) -> bool:
        """Holds it more than a new virtual environment does?"""
        found = self.folder.glob("lib/python*/site-packages/*.dist-info")
        return any(not path.name.startswith(("pip-", "setuptools-", "wheel-")) for path in found)

    def make(self, groups: Sequence[str]) -> None:
        if sys.version_info < OLDEST_PYTHON:
            raise too_old()
        stamp = self.read_stamp()
        if not stamp and self.is_running() and self.has_packages():
            raise self.somebody_elses(groups)
        began = time.monotonic()
        usable = stamp.get("finished") and stamp["python"] == python_version() and self.is_whole()
        anew = not usable
        if anew:
            say(f"Setting up {self.folder} (once; it needs the network)")
        else:
            say(f"Bringing {self.folder} up to date")
        lock = read_lock(self.top)
        wanted = [group for group in lock if group in groups or group in stamp.get("groups", {})]
        if anew:
            self.remove()
            self.folder.mkdir()
        self.write_stamp(finished=False, groups=dict.fromkeys(wanted, ""))
        if anew:
            create_virtual_environment(self.folder)
        installer.install(self.interpreter, {group: lock[group] for group in wanted}, scratch=self.folder)
        self.write_stamp(finished=True, groups=digests(lock, wanted))
        say(f"Ready after {time.monotonic() - began:.0f} seconds")

    def somebody_elses(self, groups: Sequence[str]) -> SetUpFailed:
        lacks = ", ".join(missing(self.top, groups))
        return SetUpFailed(
            f"{self.folder} was not made by gitcms, and does not have all that is needed: {lacks}.",
            hint=f"Install that there, or remove the folder and start again: rm -r {self.folder}",
        )

    def read_stamp(self) -> dict[str, Any]:
        try:
            stamp: dict[str, Any] = json.loads(self.stamp.read_text(encoding="utf-8"))
        except OSError:
            return {}
        except ValueError:
            return {"finished": False}
        return stamp

    def write_stamp(self, *, finished: bool, groups: dict[str, str]) -> None:
        text = json.dumps({"finished": finished, "python": python_version(), "groups": groups}, indent=2)
        new = self.stamp.with_suffix(".new")
        new.write_text(text + "\n", encoding="utf-8")
        new.replace(self.stamp)

    def remove(self) -> None:
        if self.folder.is_symlink():
            self.folder.unlink()
        elif self.folder.exists():
            shutil.rmtree(self.folder)

    @contextmanager
    def only_one_at_a_time(self) -> Iterator[None]:
        """Hold a lock that other processes respect and that leaves no file: on our own folder."""
        handle = os.open(Path(__file__).parent, os.O_RDONLY)
        os.set_inheritable(handle, True)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say(f"Waiting: another gitcms is setting up {self.folder}")
                fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def create_virtual_environment(folder: Path) -> None:
    try:
        import venv
    except ImportError as error:
        raise SetUpFailed(
            "This Python cannot make virtual environments: its venv module is missing.",
            hint="Install it (on Debian and Ubuntu: apt-get install python3-venv) and start again.",
        ) from error
    # pip is not put in: the distribution's copy may be missing, and the shipped one suffices.
    venv.EnvBuilder(with_pip=False, symlinks=True).create(folder)


def too_old() -> SetUpFailed:
    newer = next((name for name in ("python3.13", "python3.12", "python3.11") if shutil.which(name)), None)
    return SetUpFailed(
        f"gitcms needs Python 3.11 or newer, and this is Python {python_version()}.",
        hint=f"Start it with {newer} in place of python3." if newer else "Install Python 3.11, 3.12 or 3.13.",
    )


@contextmanager
def sentences_for_the_disk(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise disk_full() from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise SetUpFailed(
                f"{folder} cannot be written: {error.strerror}.",
                hint="Start gitcms as the owner of this folder, or from a copy of it that you own.",
            ) from error
        raise SetUpFailed(
            f"{folder} could not be made: {error}.", hint="Remove it and start again."
        ) from error


def python_version() -> str:
    return f"{sys.version_info[0]}.{sys.version_info[1]}"
