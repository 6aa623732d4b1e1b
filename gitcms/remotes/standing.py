"""How things stand with the remote: kept in a file, for people to read and for the next call to wait."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass

from gitcms.errors import NotFound
from gitcms.remotes.connection import is_on
from gitcms.site import Site

STATUS = "remote.json"


@dataclass(frozen=True, slots=True)
class Status:
    """How things stand. `state` is sent, waiting (tried again by itself) or stopped (someone must act).

    :param sentence: for everybody. :param kind: the same for programs: a `repository.Refusal.kind`, "clash",
        "rewritten", "error", or "" where all is sent.
    :param commit: the newest commit here that the call was about. :param at, next: seconds since 1970.
    :param tries: how many calls in a row did not send.
    :param details: git's own words, cleaned, and `hint`, for who looks after the server.
    :param theirs: the remote's commit, where somebody must act. :param contested: the files to choose about.
    """

    state: str
    sentence: str
    commit: str
    at: float
    next: float
    tries: int = 0
    details: str = ""
    hint: str = ""
    kind: str = ""
    theirs: str = ""
    contested: tuple[str, ...] = ()


def status(site: Site) -> Status | None:
    """Return how things stand; None without a remote, or before the first call."""
    if not is_on(site):
        return None
    try:
        found = json.loads((site.state / STATUS).read_text())
        return Status(**found | {"contested": tuple(found.get("contested", ()))})
    except (OSError, ValueError, TypeError, AttributeError):
        return None


def keep_status(site: Site, found: Status) -> None:
    """Write down how things stand."""
    draft = site.state / f"{STATUS}.{os.getpid()}"
    draft.write_text(json.dumps(asdict(found)))
    os.replace(draft, site.state / STATUS)


def is_sent(site: Site, path: str) -> bool:
    """Tell whether the remote has a file as it is saved here."""
    known = site.repository.known_remote()
    if known is None:
        return False
    try:
        return site.repository.blob_of(path, known) == site.repository.blob_of(path)
    except NotFound:
        return False
