"""The workers: a thread that catches up with the branch and runs what is due; one that calls the remote; one
that reads the history; one that looks whether the published page shows what was saved; one that sends mail.

Any number of servers may share a clone; the one that holds the lock works, the others stand by
and take over when it ends. What the work is lives in `events`, `builds` and `remotes`. The couriers of
webhooks share their work, so each server has its own.
"""

from __future__ import annotations

import fcntl
import logging
import os
import threading

from gitcms import builds, events, mail, network, remotes
from gitcms.builds import letters, looking
from gitcms.builds.letters import Words
from gitcms.site import Site
from gitcms.webhooks import endpoints
from gitcms.webhooks.courier import Courier

log = logging.getLogger(__name__)

PAUSE_SECONDS = 0.25
PAUSE_AFTER_FAULT_SECONDS = 5.0
LOOK_SECONDS = 1.0


def workers(site: Site, words: Words, senders: int | None = None) -> list[Turns]:
    """Return all that a site needs, not started yet.

    :param words: what mails about rebuilds say.
    :raises ConfigError: the list of inner places that may be called cannot be read.
    """
    remote = [Messenger(site)] if remotes.is_on(site) else []
    post = [Postman(site, words)] if mail.is_on(site.config) else []
    return [Worker(site, senders), Historian(site), Lookout(site), *remote, *post]


class Turns:
    """Does one piece of work after the other in a thread of its own, until it is told to stop."""

    name = "turns"

    def __init__(self, site: Site) -> None:
        self._site = site
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"gitcms-{self.name}", daemon=True)

    def start(self) -> None:
        """Begin in the background."""
        self._thread.start()

    def stop(self, seconds: float = 10.0) -> None:
        """End the running work and wait for it, at most so long."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(seconds)

    def _turn(self) -> float:
        """Do what is due, and return for how many seconds there is nothing else to do."""
        raise NotImplementedError

    def _run(self) -> None:
        descriptor = os.open(
            self._site.state / f"{self.name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
        )
        try:
            if self._wait_for_lock(descriptor):
                self._work()
        finally:
            os.close(descriptor)

    def _wait_for_lock(self, descriptor: int) -> bool:
        while not self._stop.is_set():
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            except BlockingIOError:
                self._stop.wait(1.0)
        return False

    def _work(self) -> None:
        while not self._stop.is_set():
            # Whatever happens to one piece of work, the next one must have its turn.
            try:
                pause = self._turn()
            except Exception:
                log.exception("the %s met a fault and goes on", self.name)
                pause = PAUSE_AFTER_FAULT_SECONDS
            self._stop.wait(pause)


class Worker(Turns):
    """Follows the branch, and rebuilds. What webhooks say goes out at its side."""

    name = "worker"

    def __init__(self, site: Site, senders: int | None = None) -> None:
        """
        :param senders: how many webhooks are sent at the same time; as configured, when left out.
        :raises ConfigError: the list of inner places that may be called cannot be read.
        """
        super().__init__(site)
        count = site.config.webhooks.senders if senders is None else senders
        self._courier = Courier(site, count) if count else None
        self._has_requeued = False

    def start(self) -> None:
        super().start()
        if self._courier is not None:
            self._courier.start()

    def stop(self, seconds: float = 10.0) -> None:
        self._stop.set()
        if self._courier is not None:
            self._courier.stop(seconds)
        super().stop(seconds)

    def _turn(self) -> float:
        if not self._has_requeued:
            builds.requeue_interrupted(self._site)
            self._has_requeued = True
        events.catch_up(self._site)
        busy = builds.run_next(self._site, self._stop)
        events.tell_of_builds(self._site)
        return 0 if busy else PAUSE_SECONDS


class Messenger(Turns):
    """Calls the remote, so that a slow one delays no rebuild."""

    name = "messenger"

    def _turn(self) -> float:
        remotes.sync_if_due(self._site)
        return PAUSE_SECONDS


class Historian(Turns):
    """Reads what is not read yet of the history, so that nobody waits for it."""

    name = "historian"

    def _turn(self) -> float:
        self._site.read_history(lambda: not self._stop.is_set())
        return PAUSE_SECONDS


class Lookout(Turns):
    """Looks at published pages, which may be slow."""

    name = "lookout"

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._client = network.Client(endpoints.rules(site))

    def _turn(self) -> float:
        busy = looking.look_if_due(self._site, self._client)
        return PAUSE_SECONDS if busy else LOOK_SECONDS


class Postman(Turns):
    """Sends the mails about rebuilds; the mail server may be slow, or away."""

    name = "postman"

    def __init__(self, site: Site, words: Words) -> None:
        super().__init__(site)
        self._words = words

    def _turn(self) -> float:
        letters.send_due(self._site, self._words)
        return LOOK_SECONDS
