"""One call of the remote: fetch, take in or join, send; and when the next one is due."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import random
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from gitcms.errors import GitCMSError, RepositoryBusy
from gitcms.network import AddressRefused
from gitcms.remotes.connection import courier, is_on
from gitcms.remotes.deciding import Joiner
from gitcms.remotes.standing import Status, keep_status, status
from gitcms.repository import NOTHING, Answer, refusal
from gitcms.site import Site

log = logging.getLogger(__name__)

TRIES = 8
FIRST_PAUSE_SECONDS = 2.0
ANSWER_SECONDS = 10.0
LONGEST_PAUSE_SECONDS = 600.0
NOW = "remote.now"
LOCK = "remote.lock"
SENT = "All that is saved here is on the shared server."


class _Stopped(Exception):
    """Carries what stands in the way out of the story."""

    def __init__(self, sentence: str, *, again: bool, **facts: Any) -> None:
        super().__init__(sentence)
        self.state = "waiting" if again else "stopped"
        self.facts = {"sentence": sentence} | facts


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
    try:
        sync(site, patience=0)
    except RepositoryBusy:
        fetch_now(site)  # somebody else is calling it, and may not know yet what we were asked for
        return False
    return True


def send_now(site: Site) -> Status | None:
    """Send what is saved before going on, and return how things stand then; None where there is no remote.

    A person waits: the call is given `ANSWER_SECONDS`. What fails loses nothing, and is tried again.
    """
    if not is_on(site):
        return None
    seconds = min(ANSWER_SECONDS, site.config.remote.timeout_seconds)
    try:
        with _turn(site, seconds):
            last = status(site)
            if last is not None and last.state == "sent" and site.repository.head() == last.commit:
                return last  # somebody else's call took it along
            return _sync(site, last, seconds)
    except RepositoryBusy:
        # Somebody else's call goes on; whether it takes this save along is not known yet.
        head = site.repository.head()
        return _status(site, head, "waiting", 1, sentence="The shared server is slow to answer.", kind="slow")


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


def sync(site: Site, patience: float = 60.0) -> Status:
    """Call the remote once: fetch, take in or join, send; and return how things stand then.

    :param patience: seconds to wait while another server calls it.
    :raises RepositoryBusy: it took longer.
    """
    with _turn(site, patience):
        return _sync(site, status(site))


def _sync(site: Site, last: Status | None, seconds: float | None = None) -> Status:
    tries = last.tries if last and last.state != "sent" else 0
    head = site.repository.head()
    try:
        head = _exchange(site, seconds)
        found = _status(site, head, "sent", 0, sentence=SENT)
    except _Stopped as stop:
        found = _status(site, head, stop.state, tries + 1, **stop.facts)
    except AddressRefused as error:
        found = _status(
            site, head, "stopped", tries + 1, sentence=str(error), hint=error.hint, kind="address"
        )
    except GitCMSError as error:
        facts = {"sentence": str(error), "hint": error.hint, "details": error.details or "", "kind": "error"}
        found = _status(site, head, "waiting", tries + 1, **facts)
    if last is None or (last.state, last.sentence) != (found.state, found.sentence):
        level = logging.INFO if found.state == "sent" else logging.WARNING
        log.log(level, "remote: %s %s", found.sentence, found.details.replace("\n", " | ")[:500])
    keep_status(site, found)
    return found


def _exchange(site: Site, seconds: float | None) -> str:
    """Tell the whole story of a call, and return the commit that both sides have at its end.

    :param seconds: how long git may take each time; as configured, when left out.
    """
    repository, call = site.repository, courier(site, seconds)
    answer = Answer(0, "")
    for _ in range(TRIES):
        head = repository.head()
        answer, theirs = call.fetch(repository.branch, head)
        if theirs is not None:
            _take_in(site, theirs)
        elif repository.known_remote() is not None or refusal(answer).kind != "gone":
            raise _refused(answer)
        head = repository.head()
        if theirs == head or head == NOTHING:
            return head
        answer = call.push(repository.branch, head)
        if answer.code == 0:
            repository.note_remote(head)
            return head
        if not refusal(answer).behind:
            raise _refused(answer)
    raise _refused(answer)


def _take_in(site: Site, theirs: str) -> None:
    repository = site.repository
    known = repository.known_remote()
    if known is not None and known != theirs and not repository.is_part_of(known, theirs):
        name = repository.rescue()
        repository.hold(theirs)
        raise _Stopped(
            "The shared server’s history was rewritten. Nothing is sent or taken in until an administrator "
            "has looked at it; all that was saved here is kept.",
            again=False,
            kind="rewritten",
            theirs=theirs,
            details=f"It was at {known} and is at {theirs}. Ours is kept as {name}.",
        )
    joiner = Joiner(site)
    received = repository.receive(theirs, joiner.join, joiner.people)
    if received.contested:
        repository.hold(theirs)
        names = ", ".join(f"“{_title(site, path)}”" for path in received.contested[:5])
        more = len(received.contested) - 5
        raise _Stopped(
            f"Here and elsewhere the same places were changed, in {names}"
            f"{f' and {more} more' if more > 0 else ''}. "
            "Nothing was overwritten: somebody must choose.",
            again=False,
            kind="clash",
            theirs=theirs,
            contested=received.contested,
            details=f"Ours is {received.head}, theirs {theirs}.",
        )
    joiner.forget()
    repository.let_go()


def _title(site: Site, path: str) -> str:
    """Return what a file is called by those who write it."""
    place = site.repository.place_in_site(path)
    collection = site.collection_of(place) if place else None
    blob = site.repository.blob_of(place) if place else None
    if collection is None or not place or not blob:
        return path
    return collection.title_of(site.facts(blob).values, place)


def _refused(answer: Answer) -> _Stopped:
    why = refusal(answer)
    return _Stopped(why.sentence, again=why.again, kind=why.kind, hint=why.hint, details=answer.said[-2000:])


def _status(site: Site, commit: str, state: str, tries: int, **facts: Any) -> Status:
    if state == "sent":
        pause = site.config.remote.fetch_seconds
    elif state == "stopped":
        pause = LONGEST_PAUSE_SECONDS
    else:
        pause = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0 ** min(tries - 1, 20))
    pause *= random.uniform(0.8, 1.2)  # servers that began together shall not call together
    now = site.now()
    next_at = (now + timedelta(seconds=pause)).timestamp()
    return Status(state=state, commit=commit, at=now.timestamp(), next=next_at, tries=tries, **facts)


@contextlib.contextmanager
def _turn(site: Site, patience: float) -> Iterator[None]:
    """One call at a time for a clone, whichever server makes it."""
    end = time.monotonic() + patience
    descriptor = os.open(site.state / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= end:
                    raise RepositoryBusy("The shared server is being called already.") from None
                time.sleep(0.02)
        yield
    finally:
        os.close(descriptor)
