"""The workers: a thread that catches up with the branch and runs what is due; one that calls the remote; one
that reads the history.

Any number of servers may share a clone; the one that holds the lock works, the others stand by
and take over when it ends. What the work is lives in `events`, `builds` and `remotes`. The couriers of
webhooks share their work, so each server has its own.
"""

from __future__ import annotations

import fcntl
import logging
import os
import threading

from gitcms import builds, events, remotes
from gitcms.site import Site
from gitcms.webhooks.courier import Courier

log = logging.getLogger(__name__)

PAUSE_SECONDS = 0.25
PAUSE_AFTER_FAULT_SECONDS = 5.0


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
