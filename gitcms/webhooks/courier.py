"""The courier: threads that carry messages, and the one that hands them out.

One thread writes to the database: it notes what came of tries and claims what is due, in one transaction;
the others only send. Any number of couriers, in any number of processes, share the work. What is due, and
when again, is decided in `queue`; what may be called, in `gitcms.network`.
"""

from __future__ import annotations

import json
import logging
import queue as hands
import threading
import time
from collections import Counter
from datetime import UTC, datetime

from gitcms import builds, network, sealing
from gitcms.accounts import links
from gitcms.errors import GitCMSError, StorageFailed
from gitcms.site import Site
from gitcms.webhooks import callers, endpoints, queue, signing
from gitcms.webhooks.presets import NO_BUILD, PRESETS, request_of
from gitcms.webhooks.queue import Job, Result

log = logging.getLogger(__name__)

PAUSE_SECONDS = 0.25
PAUSE_AFTER_FAULT_SECONDS = 5.0
GATHER_SECONDS = 0.05
# So many are claimed ahead for each sender; and more where the last one arrived within a moment.
AHEAD, AHEAD_WHERE_BRISK = 4, 16
BRISK_MILLISECONDS = 500
CLEAN_SECONDS = 3_600.0
KEPT_ANSWER_BYTES = 8_192
USER_AGENT = "gitcms-webhooks/1"


class Courier:
    """Carries what waits until it is told to stop."""

    def __init__(self, site: Site, senders: int, client: network.Client | None = None) -> None:
        """
        :param senders: how many deliveries are under way at the same time.
        :raises ConfigError: the list of inner places or the certificates cannot be read.
        """
        self._site = site
        self._senders = senders
        self._client = client or network.Client(endpoints.rules(site))
        self._stop = threading.Event()
        # Claimed and not begun, so that no sender waits for the database; what each service has under way.
        self._jobs: list[Job] = []
        # Services where the last try went well and quickly; those where one failed since the last round.
        self._brisk: set[int] = set()
        self._troubled: set[int] = set()
        self._sending: Counter[int] = Counter()
        self._hands = threading.Condition()
        self._ended = False
        self._results: hands.SimpleQueue[tuple[Job, Result | None]] = hands.SimpleQueue()
        self._busy: Counter[int] = Counter()
        names = ["courier", *(f"sender-{number}" for number in range(senders))]
        runs = [self._run, *[self._send] * senders]
        self._threads = [
            threading.Thread(target=run, name=f"gitcms-{name}", daemon=True)
            for name, run in zip(names, runs, strict=True)
        ]

    def start(self) -> None:
        """Begin in the background."""
        for thread in self._threads:
            thread.start()

    def stop(self, seconds: float = 10.0) -> None:
        """Hand out nothing more, and wait at most so long for what is under way and its record."""
        self._stop.set()
        end = time.monotonic() + seconds
        for thread in self._threads:
            if thread.is_alive():
                thread.join(max(0.0, end - time.monotonic()))

    def work_once(self) -> bool:
        """Claim, send and record what is due now, by hand. Returns whether there was anything."""
        with self._site.database.session() as session:
            jobs = queue.claim(session, self._site.now(), self._senders, {}, lambda _: self._senders)
        for job in jobs:
            result = attempt(self._site, self._client, job)
            with self._site.database.session() as session:
                queue.record(session, [result], self._site.now())
        return bool(jobs)

    def _run(self) -> None:
        cleaned = time.monotonic() - CLEAN_SECONDS + 60
        done: list[Result] = []
        while not self._stop.is_set() or self._busy.total():
            # Whatever happens to one delivery, the next one must have its turn.
            try:
                done += self._finished()
                self._round(done)
                done = []
                if time.monotonic() - cleaned > CLEAN_SECONDS:
                    cleaned = time.monotonic()
                    queue.clean(self._site)
                    callers.clean(self._site)
            except Exception:
                log.exception("the courier met a fault and goes on")
                self._stop.wait(PAUSE_AFTER_FAULT_SECONDS)
        with self._hands:
            self._ended = True
            self._hands.notify_all()

    def _round(self, done: list[Result]) -> None:
        """Note results and hand out as much as there are hands."""
        now, ahead = self._site.now(), AHEAD_WHERE_BRISK if self._brisk else AHEAD
        free = 0 if self._stop.is_set() else max(0, self._senders * ahead - self._busy.total())
        if not (done or self._troubled or self._stop.is_set()):
            with self._site.database.reading() as session:
                if not free or not queue.is_due(session, now, self._busy, self._most):
                    return
        unbegun = self._unbegun({result.job.service.id for result in done if result.problem})
        with self._site.database.session() as session:
            # First, so that a pause that a service asks for holds for these as well.
            queue.give_back(session, unbegun)
            queue.record(session, done, now)
            session.flush()
            jobs = queue.claim(session, now, free, self._busy, self._most) if free else []
        with self._hands:
            for job in jobs:
                self._busy[job.service.id] += 1
                self._jobs.append(job)
            self._hands.notify(len(jobs))

    def _unbegun(self, troubled: set[int]) -> list[Job]:
        """Take back what no sender has begun: at the end all of it, else what goes where a try failed."""
        with self._hands:
            troubled |= self._troubled
            self._troubled.clear()
            back = [job for job in self._jobs if self._stop.is_set() or job.service.id in troubled]
            self._jobs = [job for job in self._jobs if job not in back]
        self._busy.subtract(job.service.id for job in back)
        return back

    def _most(self, service: int) -> int:
        """Return how many of a service may be in hand. A slow one's leases would end before their turn."""
        return self._share(self._senders * (AHEAD_WHERE_BRISK if service in self._brisk else AHEAD))

    def _share(self, of: int) -> int:
        """Return how many of so many may be one service's, so that a slow one does not hold up the others."""
        return max(1, of * 3 // 4)

    def _finished(self) -> list[Result]:
        found: list[tuple[Job, Result | None]] = []
        try:
            found.append(self._results.get(timeout=PAUSE_SECONDS))
            # Several results are written as fast as one, while there is enough to go on with.
            end = time.monotonic() + GATHER_SECONDS
            while len(self._jobs) >= self._senders and (left := end - time.monotonic()) > 0:
                found.append(self._results.get(timeout=left))
            while True:
                found.append(self._results.get_nowait())
        except hands.Empty:
            pass
        for job, result in found:
            self._busy[job.service.id] -= 1
            brisk = result is not None and not result.problem and result.milliseconds <= BRISK_MILLISECONDS
            (self._brisk.add if brisk else self._brisk.discard)(job.service.id)
        return [result for _, result in found if result is not None]

    def _send(self) -> None:
        job: Job | None = None
        while (job := self._next_job(job)) is not None:
            result = attempt(self._site, self._client, job) if self._has_time_for(job) else None
            if result is None or result.problem:
                with self._hands:
                    self._troubled.add(job.service.id)
            self._results.put((job, result))

    def _next_job(self, done: Job | None) -> Job | None:
        """Wait for a job of a service that has hands to spare; None at the end.

        Who is done with one takes the next, so that nobody else need be woken: what it gives free is all that
        the others could be waiting for.
        """
        with self._hands:
            if done is not None:
                self._sending[done.service.id] -= 1
            while True:
                for place, job in enumerate(self._jobs):
                    held = job.service.id in self._troubled
                    if not held and self._sending[job.service.id] < self._share(self._senders):
                        self._sending[job.service.id] += 1
                        return self._jobs.pop(place)
                if self._ended:
                    return None
                self._hands.wait()

    def _has_time_for(self, job: Job) -> bool:
        """Tell whether a job's lease outlives a try. Otherwise it is left for whoever claims it next."""
        return (job.leased_until - self._site.now()).total_seconds() >= self._client.total_seconds


def attempt(site: Site, client: network.Client, job: Job) -> Result:
    """Try a delivery once, and say what came of it. Nothing in the result holds a secret."""
    begun, moment = time.monotonic(), datetime.now(UTC)
    row = PRESETS[job.service.preset]
    hidden: list[str] = []
    sent: dict[str, object] = {}
    came: dict[str, object] = {}
    status, problem, wait, final = None, "", 0.0, False
    try:
        secrets = job.service.secrets(site)
        hidden = secrets.hidden(row)
        building = _building(site, job)
        hidden.append(building["callback_token"])
        request = _request(job, secrets.signing_keys(site.now()), secrets, moment, building)
        sent = _shown_request(job, request, hidden)
        answer = client.send(request)
        status = answer.status
        problem = _problem(job, answer)
        wait = queue.retry_after(answer.header("Retry-After"), moment) if problem else 0.0
        final = status == 410
        came = _shown_answer(answer, hidden)
    except network.AddressRefused as error:
        problem, final = f"Nothing was sent: {error}", True
    except network.NetworkFailed as error:
        problem = str(error)
    except StorageFailed as error:
        problem, final = str(error), True
    except GitCMSError as error:
        problem = str(error)
    return Result(
        job,
        moment,
        round((time.monotonic() - begun) * 1000),
        status,
        sealing.masked(problem, hidden),
        sent,
        came,
        wait,
        final,
    )


def _building(site: Site, job: Job) -> dict[str, str]:
    """Return what a builder needs to report about the rebuild that it is asked for."""
    build = builds.of_delivery(site, job.id) if PRESETS[job.service.preset].builds else None
    if build is None:
        return dict(NO_BUILD)
    place = f"{links.base_address(site.config.server)}/builds/{build.id}/reports"
    return {"build": str(build.id), "callback": place, "callback_token": builds.token(site, build)}


def _request(
    job: Job,
    keys: list[str],
    secrets: endpoints.Secrets,
    now: datetime,
    building: dict[str, str],
) -> network.Request:
    row = PRESETS[job.service.preset]
    message, text = json.loads(job.body), job.body
    if row.signed and building["build"]:
        message["data"]["build"] = building
        text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
    url, headers, body = request_of(row, secrets.fields, message, job.subject, text, building)
    headers = {"User-Agent": USER_AGENT, **headers}
    if keys:
        headers |= signing.headers(keys, job.message_id, int(now.timestamp()), body)
        if secrets.hub:
            headers["X-Hub-Signature-256"] = signing.hub_signature(keys[0], body)
    return network.Request(url, "POST", headers, body)


def _problem(job: Job, answer: network.Answer) -> str:
    """Say what is wrong with an answer, or nothing: only 2xx is success, and no redirect is followed."""
    if 200 <= answer.status < 300:
        return ""
    said = f"{job.service.name} answered {answer.status} {answer.reason}".rstrip()
    if 300 <= answer.status < 400:
        return f"{said}: it wants to be called elsewhere, which is not done. Enter the new address."
    return f"{said}."


def _shown_request(job: Job, request: network.Request, hidden: list[str]) -> dict[str, object]:
    private = ("authorization",)
    headers = {
        name: sealing.MASK if name.lower() in private else sealing.masked(value, hidden)
        for name, value in request.headers.items()
    }
    body = sealing.masked(request.body.decode("utf-8", "replace"), hidden)
    return {"method": request.method, "url": job.service.shown_url, "headers": headers, "body": body}


def _shown_answer(answer: network.Answer, hidden: list[str]) -> dict[str, object]:
    text = answer.body[:KEPT_ANSWER_BYTES].decode("utf-8", "replace").replace("\0", "\ufffd")
    headers = [[name, sealing.masked(value, hidden)[:500]] for name, value in answer.headers[:50]]
    whole = answer.whole and len(answer.body) <= KEPT_ANSWER_BYTES
    return {
        "reason": sealing.masked(answer.reason, hidden),
        "headers": headers,
        "body": sealing.masked(text, hidden),
        "whole": whole,
    }
