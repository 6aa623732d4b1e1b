"""The workers: a thread that catches up with the branch and runs what is due; one that calls the remote; one
that reads the history; one that looks whether the published page shows what was saved.

Any number of servers may share a clone; the one that holds the lock works, the others stand by
and take over when it ends. What the work is lives in `events`, `builds` and `remotes`. The couriers of
webhooks share their work, so each server has its own.
"""

from __future__ import annotations

import fcntl
import logging
import os
import threading

from gitcms import builds, events, network, remotes
from gitcms.builds import looking
from gitcms.site import Site
from gitcms.webhooks import endpoints
from gitcms.webhooks.courier import Courier

log = logging.getLogger(__name__)

PAUSE_SECONDS = 0.25
PAUSE_AFTER_FAULT_SECONDS = 5.0
LOOK_SECONDS = 1.0


def workers(site: Site, senders: int | None = None) -> list[Worker]:
    """Return all that a site needs, not started yet.

    :raises ConfigError: the list of inner places that may be called cannot be read.
    """
    remote = [Messenger(site)] if remotes.is_on(site) else []
    return [Worker(site, senders), Historian(site), Lookout(site), *remote]


class Worker:
    """Works for one site until it is told to stop."""

    name = "worker"

    def __init__(self, site: Site, senders: int | None = None) -> None:
        """
        :param senders: how many webhooks are sent at the same time; as configured, when left out.
        :raises ConfigError: the list of inner places that may be called cannot be read.
        """
        self._site = site
        count = site.config.webhooks.senders if senders is None else senders
        self._courier = Courier(site, count) if count else None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"gitcms-{self.name}", daemon=True)

    def start(self) -> None:
        """Begin in the background."""
        self._thread.start()
        if self._courier is not None:
            self._courier.start()

    def stop(self, seconds: float = 10.0) -> None:
        """End the running work and wait for it, at most so long."""
        self._stop.set()
        if self._courier is not None:
            self._courier.stop(seconds)
        if self._thread.is_alive():
            self._thread.join(seconds)

    def _run(self) -> None:
        descriptor = os.open(
            self._site.state / f"{self.name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
        )
        try:
            if self._wait_for_turn(descriptor):
                self._work()
        finally:
            os.close(descriptor)

    def _wait_for_turn(self, descriptor: int) -> bool:
        while not self._stop.is_set():
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            except BlockingIOError:
                self._stop.wait(1.0)
        return False

    def _work(self) -> None:
        started = False
        while not self._stop.is_set():
            # Whatever happens to one piece of work, the next one must have its turn.
            try:
                if not started:
                    builds.requeue_interrupted(self._site)
                    started = True
                events.catch_up(self._site)
                busy = builds.run_next(self._site, self._stop)
                events.tell_of_builds(self._site)
                self._stop.wait(0 if busy else PAUSE_SECONDS)
            except Exception:
                log.exception("the worker met a fault and goes on")
                self._stop.wait(PAUSE_AFTER_FAULT_SECONDS)


class Messenger(Worker):
    """Calls the remote in a thread of its own, so that a slow one delays no rebuild."""

    name = "messenger"

    def __init__(self, site: Site) -> None:
        super().__init__(site, senders=0)

    def _work(self) -> None:
        while not self._stop.is_set():
            # As above: the next call must have its turn.
            try:
                remotes.sync_if_due(self._site)
                self._stop.wait(PAUSE_SECONDS)
            except Exception:
                log.exception("the messenger met a fault and goes on")
                self._stop.wait(PAUSE_AFTER_FAULT_SECONDS)


class Historian(Worker):
    """Reads what is not read yet of the history, so that nobody waits for it."""

    name = "historian"

    def __init__(self, site: Site) -> None:
        super().__init__(site, senders=0)

    def _work(self) -> None:
        while not self._stop.is_set():
            # As above: what comes next must be read, too.
            try:
                self._site.read_history(lambda: not self._stop.is_set())
                self._stop.wait(PAUSE_SECONDS)
            except Exception:
                log.exception("the historian met a fault and goes on")
                self._stop.wait(PAUSE_AFTER_FAULT_SECONDS)


class Lookout(Worker):
    """Looks at published pages, in a thread of its own since they may be slow."""

    name = "lookout"

    def __init__(self, site: Site) -> None:
        super().__init__(site, senders=0)
        self._client = network.Client(endpoints.rules(site))

    def _work(self) -> None:
        while not self._stop.is_set():
            # As above: the next page must have its turn.
            try:
                busy = looking.look_if_due(self._site, self._client)
                self._stop.wait(PAUSE_SECONDS if busy else LOOK_SECONDS)
            except Exception:
                log.exception("the lookout met a fault and goes on")
                self._stop.wait(PAUSE_AFTER_FAULT_SECONDS)
