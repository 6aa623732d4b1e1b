"""What is saved here goes to the remote, and what others saved there comes in; never is anything forced.

A call fetches, takes in or joins, and sends. What stands in the way is kept in a file of the state folder,
for people to read and for the next call to wait. How git is run is the repository's; when, is `jobs`'.
"""

from __future__ import annotations

import json
import logging
import os
import random
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

from gitcms.content.merge import merge
from gitcms.errors import DocumentError, GitCMSError
from gitcms.repository import NOTHING, Answer, Courier, Keys, check_address, refusal
from gitcms.site import Site

log = logging.getLogger(__name__)

TRIES = 8
FIRST_PAUSE_SECONDS = 2.0
LONGEST_PAUSE_SECONDS = 600.0
STATUS = "remote.json"
NOW = "remote.now"


@dataclass(frozen=True, slots=True)
class Status:
    """How things stand. `state` is sent, waiting (tried again by itself) or stopped (someone must act).

    :param commit: the newest commit here when it was written. :param at, next: seconds since 1970.
    :param details: git's own words, cleaned, for who looks after the server.
    """

    state: str
    sentence: str
    commit: str
    at: float
    next: float
    tries: int = 0
    details: str = ""


class _Stopped(Exception):
    """Carries a status that is not `sent` out of the story."""

    def __init__(self, sentence: str, details: str = "", *, again: bool) -> None:
        super().__init__(sentence)
        self.sentence, self.details, self.again = sentence, details, again


def is_on(site: Site) -> bool:
    """Tell whether the configuration names a remote."""
    return bool(site.config.remote.url)


def status(site: Site) -> Status | None:
    """Return how things stand; None without a remote, or before the first call."""
    if not is_on(site):
        return None
    try:
        return Status(**json.loads((site.state / STATUS).read_text()))
    except (OSError, ValueError, TypeError):
        return None


def fetch_now(site: Site) -> None:
    """Have the remote asked as soon as possible, by whichever server works for this clone."""
    (site.state / NOW).touch()


def sync_if_due(site: Site) -> bool:
    """Call the remote if it is time, or something new was saved. Returns whether it was called."""
    if not is_on(site):
        return False
    last = status(site)
    if last is not None and not _is_due(site, last):
        return False
    sync(site)
    return True


def _is_due(site: Site, last: Status) -> bool:
    asked = site.state / NOW
    if asked.exists():
        asked.unlink(missing_ok=True)
        return True
    now = site.now().timestamp()
    # A clock that was set back must not keep us waiting.
    if now >= last.next or now < last.at - 5:
        return True
    return last.state == "sent" and site.repository.head() != last.commit


def sync(site: Site) -> Status:
    """Call the remote once: fetch, take in or join, send; and return how things stand then."""
    last = status(site)
    tries = last.tries if last and last.state != "sent" else 0
    try:
        _exchange(site)
        found = _status(site, "sent", "All that is saved here is on the shared server.", 0)
    except _Stopped as stop:
        state = "waiting" if stop.again else "stopped"
        found = _status(site, state, stop.sentence, tries + 1, stop.details)
    except GitCMSError as error:
        found = _status(site, "waiting", str(error), tries + 1, error.details or "")
    if last is None or (last.state, last.sentence) != (found.state, found.sentence):
        level = logging.INFO if found.state == "sent" else logging.WARNING
        log.log(level, "remote: %s %s", found.sentence, found.details.replace("\n", " | ")[:500])
    _keep(site, found)
    return found


def _exchange(site: Site) -> None:
    repository, courier = site.repository, _courier(site)
    answer = Answer(0, "")
    for _ in range(TRIES):
        head = repository.head()
        answer, theirs = courier.fetch(repository.branch, head)
        if theirs is not None:
            _take_in(site, theirs)
        elif repository.known_remote() is not None or "couldn't find remote ref" not in answer.said.lower():
            raise _refused(answer)
        head = repository.head()
        if theirs == head or head == NOTHING:
            return
        answer = courier.push(repository.branch, head)
        if answer.code == 0:
            repository.note_remote(head)
            return
        if not refusal(answer)[2]:
            raise _refused(answer)
    raise _refused(answer)


def _take_in(site: Site, theirs: str) -> None:
    known = site.repository.known_remote()
    if known is not None and known != theirs and not site.repository.is_part_of(known, theirs):
        name = site.repository.rescue()
        raise _Stopped(
            "The shared server’s history was rewritten. Nothing is sent or taken in until an administrator "
            "has looked at it; all that was saved here is kept.",
            f"It was at {known} and is at {theirs}. Ours is kept as {name}. "
            f"See “A rewritten history” in the administrators’ pages.",
            again=False,
        )
    received = site.repository.receive(theirs, _join)
    if received.contested:
        names = ", ".join(f"“{path}”" for path in received.contested[:5])
        more = len(received.contested) - 5
        raise _Stopped(
            f"Here and elsewhere the same places were changed, in {names}"
            f"{f' and {more} more' if more > 0 else ''}. "
            "Nothing was overwritten: somebody must choose.",
            f"Ours is {received.head}, theirs {theirs}.",
            again=False,
        )


def _join(path: str, base: bytes | None, theirs: bytes | None, mine: bytes | None) -> bytes | None:
    """Join two versions of a file; None where somebody must choose."""
    if base is None or theirs is None or mine is None:
        return None
    if not path.lower().endswith((".md", ".markdown", ".html", ".htm")):
        return None
    try:
        return merge(base, theirs, mine).data
    except DocumentError:
        return None


def _courier(site: Site) -> Courier:
    remote = site.config.remote
    files = (
        str(Path(name).expanduser().resolve()) if name else ""
        for name in (remote.password_file, remote.key_file, remote.known_hosts)
    )
    return site.repository.courier(
        site.state / "remote.git",
        check_address(remote.url, local=remote.local),
        Keys(remote.user, *files),
        remote.timeout_seconds,
    )


def _refused(answer: Answer) -> _Stopped:
    sentence, again, _ = refusal(answer)
    return _Stopped(sentence, answer.said, again=again)


def _status(site: Site, state: str, sentence: str, tries: int, details: str = "") -> Status:
    if state == "sent":
        pause = site.config.remote.fetch_seconds
    elif state == "stopped":
        pause = LONGEST_PAUSE_SECONDS
    else:
        pause = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0 ** min(tries - 1, 20))
    pause *= random.uniform(0.8, 1.2)  # servers that began together shall not call together
    now = site.now()
    return Status(
        state,
        sentence,
        site.repository.head(),
        now.timestamp(),
        (now + timedelta(seconds=pause)).timestamp(),
        tries,
        details[-2000:],
    )


def _keep(site: Site, found: Status) -> None:
    draft = site.state / f"{STATUS}.{os.getpid()}"
    draft.write_text(json.dumps(asdict(found)))
    os.replace(draft, site.state / STATUS)
