"""Places where a test may break a save, by `GITCMS_FAILPOINT=name[:nth]:kill|eio|enospc|sleep=N`.

Inert without the variable, which is read once when the process starts. Several are separated by commas.
The names are listed in `NAMES`, in the order in which a save passes them.
"""

from __future__ import annotations

import errno
import os
import signal
import threading
import time

NAMES = (
    "save.start",
    "save.locked",
    "index.locked",
    "save.checked",
    "object.write",
    "journal.write",
    "file.temporary",
    "file.fsync",
    "object.fsync",
    "save.journal",
    "object.rename",
    "save.objects",
    "file.backup",
    "file.rename",
    "save.files",
    "file.folder",
    "index.write",
    "index.fsync",
    "save.index",
    "ref.lock",
    "ref.write",
    "ref.log",
    "ref.rename",
    "ref.folder",
    "save.ref",
    "index.rename",
    "index.folder",
    "save.clean",
    "save.done",
    "recovery.start",
    "recovery.index",
    "recovery.files",
    "recovery.done",
)


def reach(name: str) -> None:
    """Pass the place of that name. Does nothing unless a test asked for more."""
    if _PLANS:
        _act(name)


def plan(text: str) -> None:
    """Take a new plan, written as in the variable; an empty text makes all places inert again."""
    _PLANS.clear()
    for part in filter(None, text.split(",")):
        name, *rest = part.strip().split(":")
        if name not in NAMES or len(rest) not in (1, 2):
            raise ValueError(f"GITCMS_FAILPOINT: {part!r} is not name[:nth]:action")
        _PLANS.setdefault(name, []).append([int(rest[0]) if len(rest) == 2 else 1, rest[-1]])


def _act(name: str) -> None:
    with _LOCK:
        due = []
        for waiting in _PLANS.get(name, ()):
            waiting[0] = int(waiting[0]) - 1
            if waiting[0] == 0:
                due.append(str(waiting[1]))
    for action in due:
        if action == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        elif action.startswith("sleep="):
            time.sleep(float(action.removeprefix("sleep=")))
        else:
            number = {"eio": errno.EIO, "enospc": errno.ENOSPC}[action]
            raise OSError(number, os.strerror(number), name)


_LOCK = threading.Lock()
_PLANS: dict[str, list[list[int | str]]] = {}
plan(os.environ.get("GITCMS_FAILPOINT", ""))
