"""Messages on their way: rows that are written with the event, claimed, and tried until they have arrived.

A row is claimed with a lease, so that any number of threads and processes share the work and one that was
killed keeps nothing: after the lease another takes its place, and the message may arrive twice, never not
at all. PostgreSQL passes over rows that others hold (SKIP LOCKED); SQLite has one writer at a time. When
to try again is decided here, sending is the courier's.
"""

from __future__ import annotations

import json
import random
import secrets
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from sqlalchemy import and_, bindparam, delete, exists, func, insert, not_, or_, select, update
from sqlalchemy.orm import Session, aliased

from gitcms import builds
from gitcms.database.models import Delivery, DeliveryTry, Endpoint, Event
from gitcms.errors import NotFound
from gitcms.site import Site
from gitcms.webhooks import kinds
from gitcms.webhooks.endpoints import Service, find
from gitcms.webhooks.presets import PRESETS

DELAYS = (0, 5, 30, 300, 1_800, 7_200, 18_000, 36_000)
"""Seconds before each try."""
JITTER = 0.2
LEASE_SECONDS = 60.0
"""Longer than any try may take (`network.TOTAL_SECONDS`)."""
MOST_RETRY_AFTER = 86_400
PAUSE_AFTER_FAILURES, PAUSE_AFTER = 40, timedelta(hours=1)
FAILS = 3
"""After so many failures in a row an endpoint keeps failing."""
PENDING, ARRIVED, FAILED, STOPPED, REPLACED = "pending", "arrived", "failed", "stopped", "replaced"


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed delivery, and the service that it goes to, as both were when it was claimed."""

    id: int
    message_id: str
    subject: str
    body: str
    service: Service
    lease: str
    leased_until: datetime


@dataclass(frozen=True, slots=True)
class Result:
    """What one try brought. `problem` is a sentence, "" for success; with `final` no other try helps."""

    job: Job
    at: datetime
    milliseconds: int
    status: int | None
    problem: str
    request: dict[str, Any]
    response: dict[str, Any]
    retry_after: float = 0.0
    final: bool = False

    @property
    def gone(self) -> bool:
        """The receiver said that it is there no more."""
        return self.status == 410


def announce(session: Session, site: Site, happened: Sequence[Any]) -> None:
    """Write events, and a delivery to every endpoint that wants to hear of each, in the caller's transaction.

    :param happened: each with `type`, `subject`, `at`, `data` and `key`.
    """
    if not happened:
        return
    endpoints = session.scalars(select(Endpoint).order_by(Endpoint.id)).all()
    for each in happened:
        message = {"type": each.type, "timestamp": _iso(each.at), "data": each.data}
        event = Event(
            key=each.key or _new_id("evt"),
            type=each.type,
            subject=each.subject,
            at=each.at.astimezone(UTC),
            message=message,
        )
        session.add(event)
        session.flush()
        for endpoint in endpoints:
            # A builder that hears of rebuilds would begin another, and another.
            of_build = each.type in kinds.OF_BUILDS and PRESETS[endpoint.preset].builds
            if kinds.wants(endpoint.events, each.type) and not of_build:
                put(session, endpoint, message, each.subject, site.now(), event=event)


def put(
    session: Session,
    endpoint: Endpoint,
    message: Mapping[str, Any],
    subject: str,
    now: datetime,
    *,
    event: Event | None = None,
    at_once: bool = False,
) -> None:
    """Put a message on its way. One that waits for quiet takes the place of those before it.

    :param at_once: somebody asked for it now.
    """
    first, count, replaced = now, 1, []
    is_test = message["type"] == kinds.PING
    if endpoint.quiet_seconds and not is_test:
        waiting = session.scalars(
            select(Delivery)
            .where(
                Delivery.endpoint_id == endpoint.id,
                Delivery.state == PENDING,
                Delivery.type != kinds.PING,
                _is_free(now),
            )
            .order_by(Delivery.id)
            .with_for_update()
        ).all()
        for old in waiting:
            replaced.append(old.id)
            # One that is being tried again is replaced as well, and waits no longer than the new one.
            first, count = min(first, old.created_at) if not old.tries else first, count + old.events
            if old.tries:
                old.state, old.finished_at = REPLACED, now
            else:
                session.delete(old)
    due = min(
        now + timedelta(seconds=endpoint.quiet_seconds), first + timedelta(seconds=endpoint.most_seconds)
    )
    delivery = Delivery(
        endpoint_id=endpoint.id,
        event_id=event.id if event else None,
        message_id=event.key if event and not endpoint.quiet_seconds else _new_id("msg"),
        type=str(message["type"]),
        subject=subject,
        body=json.dumps(message, ensure_ascii=False, separators=(",", ":")),
        events=count,
        state=PENDING,
        created_at=first,
        due_at=now if at_once else max(now, due),
    )
    session.add(delivery)
    if PRESETS[endpoint.preset].builds and not is_test:
        session.flush()
        builds.asked_of_service(session, endpoint.id, delivery.id, replaced, message, now)


def ping(site: Site, number: int) -> None:
    """Send a test to an endpoint at once. :raises NotFound: there is none."""
    _send_now(site, number, kinds.PING, "A test")


def rebuild_now(site: Site, number: int, by: str) -> None:
    """Ask an endpoint at once, whatever its filter and pauses say. :raises NotFound: there is none."""
    _send_now(site, number, kinds.REBUILD, f"{by} asked for a rebuild"[:300], by)


def send_again(site: Site, delivery: int) -> None:
    """Send a delivery once more, from its first try on, under the same id.

    :raises NotFound: there is no such delivery.
    """
    with site.database.session() as session:
        found = session.get(Delivery, delivery, with_for_update=True)
        if found is None:
            raise NotFound("There is no such delivery.")
        found.state, found.due_at, found.tries, found.finished_at = PENDING, site.now(), 0, None
        found.lease = found.leased_until = None
        builds.asked_again(session, found.id)


def stop(site: Site, delivery: int) -> None:
    """Try a waiting delivery no more. :raises NotFound: none of this number waits."""
    with site.database.session() as session:
        stopped = session.execute(
            update(Delivery)
            .where(Delivery.id == delivery, Delivery.state == PENDING)
            .values(state=STOPPED, finished_at=site.now())
        )
        if not stopped.rowcount:  # type: ignore[attr-defined]
            raise NotFound("No such delivery waits.")
        builds.not_asked(session, delivery, "Somebody stopped it.", site.now())


def replay(site: Site, number: int, since: datetime) -> int:
    """Send an endpoint every event since a moment once more. Returns how many.

    :raises NotFound: there is no such endpoint.
    """
    with site.database.session() as session:
        endpoint = find(session, number)
        found = session.scalars(select(Event).where(Event.at >= since).order_by(Event.id)).all()
        builds_itself = PRESETS[endpoint.preset].builds
        wanted = [
            event
            for event in found
            if kinds.wants(endpoint.events, event.type)
            and not (builds_itself and event.type in kinds.OF_BUILDS)
        ]
        for event in wanted:
            put(session, endpoint, event.message, event.subject, site.now(), event=event)
    return len(wanted)


def claim(
    session: Session, now: datetime, limit: int, busy: Mapping[int, int], most: Callable[[int], int]
) -> list[Job]:
    """Take what is due, in the caller's transaction. Nobody else gets it until the lease ends.

    :param busy: endpoint → deliveries that this process has under way.
    :param most: endpoint → so many at most this process has under way; one, where it keeps failing.
    """
    under_way, services = Counter(busy), dict[int, Service]()
    lease, until = secrets.token_hex(16), now + timedelta(seconds=LEASE_SECONDS)
    jobs: list[Job] = []
    while True:
        asked = {**_claimable(now, under_way, most), "limit": limit - len(jobs)}
        found = session.connection().execute(_TO_CLAIM, asked).all()
        taken = []
        for row in found:
            if under_way[row.endpoint_id] < (1 if row.failures >= FAILS else most(row.endpoint_id)):
                under_way[row.endpoint_id] += 1
                taken.append(row)
        if taken:
            ids = [row.id for row in taken]
            session.connection().execute(_TAKE, {"ids": ids, "by": lease, "until": until})
        jobs += [_job(row, services, lease, until) for row in taken]
        # Whoever was found with more than it may have is not found again: the next ones are others'.
        if len(taken) == len(found) or not is_due(session, now, under_way, most):
            return jobs


def give_back(session: Session, jobs: Sequence[Job]) -> None:
    """Let others claim what was claimed and not begun, in the caller's transaction."""
    for job in jobs:
        session.execute(
            update(Delivery)
            .where(Delivery.id == job.id, Delivery.lease == job.lease)
            .values(lease=None, leased_until=None)
        )


def is_due(session: Session, now: datetime, busy: Mapping[int, int], most: Callable[[int], int]) -> bool:
    """Tell whether `claim` would find anything, without taking a lock."""
    return session.scalar(_IS_DUE, _claimable(now, busy, most)) is not None


def record(session: Session, results: Sequence[Result], now: datetime) -> None:
    """Write down what tries brought, in the caller's transaction, and when the next ones are.

    A try whose lease was lost meanwhile changes nothing: another has taken it over.
    """
    if not results:
        return
    # Read at once and written at once: what each costs by itself is most of what a delivery costs.
    connection = session.connection()
    found = connection.execute(_STANDING, {"ids": [result.job.id for result in results]})
    standing = {row.id: row for row in found}
    services = session.scalars(_SERVICES, {"ids": list({result.job.service.id for result in results})})
    known = {endpoint.id: endpoint for endpoint in services}
    changes, tries = [], []
    for result in results:
        row, endpoint = standing.get(result.job.id), known.get(result.job.service.id)
        if row is not None and endpoint is not None and row.lease == result.job.lease:
            changes.append(_change(session, row, endpoint, result, now))
            tries.append(_try_of(result, row.tries + 1))
    if changes:
        connection.execute(_CHANGE, changes)
        connection.execute(insert(DeliveryTry), tries)


def _change(session: Session, row: Any, endpoint: Endpoint, result: Result, now: datetime) -> dict[str, Any]:
    """Return what becomes of a delivery by a try."""
    tries, problem = row.tries + 1, result.problem[:500]
    change = {
        "number": row.id,
        "tries": tries,
        "lease": None,
        "leased_until": None,
        "status": result.status,
        "milliseconds": result.milliseconds,
        "problem": problem,
        "state": row.state,
        "finished_at": row.finished_at,
        "due_at": row.due_at,
    }
    if not result.problem:
        if endpoint.failures:
            endpoint.failures, endpoint.failing_since = 0, None
        return change | {"state": ARRIVED, "finished_at": now}
    if row.state == PENDING:
        wait = delay(tries, result.retry_after)
        if result.final or wait is None:
            change |= {"state": FAILED, "finished_at": now}
            builds.not_asked(session, row.id, problem, now)
        else:
            change["due_at"] = now + timedelta(seconds=wait)
            if result.retry_after:
                _hold(session, endpoint.id, change["due_at"])
    _count_failure(endpoint, result, now)
    return change


def delay(tries: int, retry_after: float = 0.0, jitter: float | None = None) -> float | None:
    """Return the seconds until the next try, or None when there is none.

    :param tries: how many there were.
    :param retry_after: what the receiver asked for (RFC 9110, 10.2.3), at most a day.
    :param jitter: between -1 and 1; drawn when left out.
    """
    if tries >= len(DELAYS):
        return None
    drawn = random.uniform(-1, 1) if jitter is None else jitter
    return max(DELAYS[tries] * (1 + JITTER * drawn), min(retry_after, MOST_RETRY_AFTER))


def retry_after(header: str, now: datetime) -> float:
    """Return the seconds that a Retry-After header asks for, in either of its forms; 0 for none."""
    if header.strip().isascii() and header.strip().isdigit():
        return float(min(int(header.strip()[:9]), MOST_RETRY_AFTER))
    try:
        when = parsedate_to_datetime(header)
    except ValueError:
        return 0.0
    return max(0.0, ((when if when.tzinfo else when.replace(tzinfo=UTC)) - now).total_seconds())


def clean(site: Site) -> None:
    """Drop the log's oldest part: older than the days to keep, and not among an endpoint's newest.

    What still waits is never dropped.
    """
    keep, border = site.config.webhooks, site.now() - timedelta(days=site.config.webhooks.keep_days)
    with site.database.session() as session:
        for number in session.scalars(select(Endpoint.id)).all():
            newest = select(Delivery.id).where(Delivery.endpoint_id == number).order_by(Delivery.id.desc())
            last = session.scalar(newest.offset(keep.keep_deliveries - 1).limit(1))
            if last is not None:
                old = (Delivery.endpoint_id == number, Delivery.id < last, Delivery.created_at < border)
                session.execute(delete(Delivery).where(*old, Delivery.state != PENDING))
        told = exists().where(Delivery.event_id == Event.id)
        session.execute(delete(Event).where(Event.at < border, not_(told)))


def newest(
    site: Site, number: int | None = None, state: str = "", limit: int = 50, *, text: str = "", skip: int = 0
) -> list[Delivery]:
    """Return the log, newest first: of one endpoint or all, of one state or all.

    :param text: only those that say so: of what happened, its kind, its id, or what went wrong.
    :param skip: leave so many out first.
    """
    query = select(Delivery).order_by(Delivery.id.desc()).limit(limit).offset(skip)
    if number is not None:
        query = query.where(Delivery.endpoint_id == number)
    if state:
        query = query.where(Delivery.state == state)
    if text:
        places = (Delivery.subject, Delivery.type, Delivery.message_id, Delivery.problem)
        query = query.where(or_(*(each.icontains(text, autoescape=True) for each in places)))
    with site.database.reading() as session:
        return list(session.scalars(query))


def get(site: Site, number: int) -> Delivery:
    """Return a delivery. :raises NotFound: there is none of this number."""
    with site.database.reading() as session:
        found = session.get(Delivery, number)
    if found is None:
        raise NotFound("There is no such delivery.", hint="It may be older than the log goes back.")
    return found


def of_event(site: Site, delivery: Delivery) -> list[Delivery]:
    """Return what was sent to others of the same event."""
    if delivery.event_id is None:
        return []
    same = (Delivery.event_id == delivery.event_id, Delivery.id != delivery.id)
    with site.database.reading() as session:
        return list(session.scalars(select(Delivery).where(*same).order_by(Delivery.id)))


def tries_of(site: Site, delivery: int) -> list[DeliveryTry]:
    """Return the tries of a delivery, the first one first."""
    query = select(DeliveryTry).where(DeliveryTry.delivery_id == delivery).order_by(DeliveryTry.id)
    with site.database.reading() as session:
        return list(session.scalars(query))


def as_json(site: Site, each: Delivery, names: Mapping[int, str]) -> dict[str, Any]:
    """Return a delivery with all its tries, as it is written out for programs. It holds no secret."""
    return {
        "id": each.id,
        "endpoint": names[each.endpoint_id],
        "message_id": each.message_id,
        "type": each.type,
        "subject": each.subject,
        "state": each.state,
        "created_at": each.created_at.isoformat(),
        "due_at": each.due_at.isoformat(),
        "tries": [
            {
                "at": one.at.isoformat(),
                "milliseconds": one.milliseconds,
                "status": one.status,
                "problem": one.problem,
                "request": one.request,
                "response": one.response,
            }
            for one in tries_of(site, each.id)
        ],
    }


def counts(site: Site) -> dict[str, int]:
    """Return how many deliveries there are of each state."""
    with site.database.reading() as session:
        found = session.execute(select(Delivery.state, func.count()).group_by(Delivery.state))
        return dict(found.all())


def rebuild_everywhere(site: Site, by: str) -> None:
    """Ask every builder for a rebuild at once. :raises BuildError: there is none."""
    services = builds.services(site)
    if builds.is_local(site) or not services:
        builds.request(site, by)
    for number in services:
        rebuild_now(site, number, by)


def oldest_wait(site: Site) -> float:
    """Return the seconds for which the oldest due delivery of a service that is not paused has waited."""
    due = select(func.min(Delivery.due_at)).join(Endpoint, Endpoint.id == Delivery.endpoint_id)
    due = due.where(Delivery.state == PENDING, Endpoint.paused_at.is_(None))
    with site.database.reading() as session:
        oldest = session.scalar(due)
    return max(0.0, (site.now() - oldest).total_seconds()) if oldest is not None else 0.0


def _send_now(site: Site, number: int, kind: str, subject: str, by: str = "") -> None:
    now = site.now()
    data: dict[str, Any] = {"branch": site.repository.branch, "after": site.repository.head()}
    data |= {"author": {"name": by}} if by else {}
    with site.database.session() as session:
        message = {"type": kind, "timestamp": _iso(now), "data": data}
        put(session, find(session, number), message, subject, now, at_once=True)


def _claimable(now: datetime, busy: Mapping[int, int], most: Callable[[int], int]) -> dict[str, Any]:
    """Return what `_MAY_BE_CALLED` and `_CAN_BE_SENT` are to be read with."""
    full = [number for number, count in busy.items() if count >= most(number)]
    return {"now": now, "full": full, "used": [number for number, count in busy.items() if count > 0]}


def _job(row: Any, services: dict[int, Service], lease: str, until: datetime) -> Job:
    service = Service(row.endpoint_id, row.name, row.preset, row.shown_url, row.sealed)
    service = services.setdefault(service.id, service)
    return Job(row.id, row.message_id, row.subject, row.body, service, lease, until)


def _is_free(now: Any) -> Any:
    return or_(Delivery.leased_until.is_(None), Delivery.leased_until <= now)


def _hold(session: Session, endpoint: int, until: datetime) -> None:
    """Let everything else for a receiver that asked for time wait as well."""
    waiting = (Delivery.endpoint_id == endpoint, Delivery.state == PENDING, Delivery.due_at < until)
    session.execute(
        update(Delivery)
        .where(*waiting, Delivery.lease.is_(None))
        .values(due_at=until)
        .execution_options(synchronize_session=False)
    )


def _count_failure(endpoint: Endpoint, result: Result, now: datetime) -> None:
    endpoint.failures += 1
    endpoint.failing_since = endpoint.failing_since or now
    if endpoint.paused_at is not None:
        return
    if result.gone:
        endpoint.paused_at, endpoint.paused_why = (
            now,
            "The service answered that this address is no more (410).",
        )
    elif endpoint.failures >= PAUSE_AFTER_FAILURES and now - endpoint.failing_since >= PAUSE_AFTER:
        endpoint.paused_at = now
        endpoint.paused_why = f"{endpoint.failures} tries in a row failed. The last: {result.problem}"[:300]


def _try_of(result: Result, number: int) -> dict[str, Any]:
    return {
        "delivery_id": result.job.id,
        "number": number,
        "at": result.at,
        "milliseconds": result.milliseconds,
        "status": result.status,
        "problem": result.problem[:500],
        "request": result.request,
        "response": result.response,
    }


def _new_id(kind: str) -> str:
    return f"{kind}_{secrets.token_hex(16)}"


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


# What every round of every courier asks is put together once: that takes longer than to ask it.
_earlier = aliased(Delivery)
_waits_for_another = exists().where(
    _earlier.endpoint_id == Delivery.endpoint_id, _earlier.state == PENDING, _earlier.id < Delivery.id
)
_MAY_BE_CALLED = (
    Endpoint.paused_at.is_(None),
    # What is for those that have all they may have is not looked at: however much it is, it hides nothing.
    Endpoint.id.not_in(bindparam("full", expanding=True)),
    not_(
        and_(
            or_(Endpoint.failures >= FAILS, Endpoint.in_order),
            Endpoint.id.in_(bindparam("used", expanding=True)),
        )
    ),
)
_CAN_BE_SENT = (
    Delivery.state == PENDING,
    Delivery.due_at <= bindparam("now"),
    _is_free(bindparam("now")),
    not_(and_(Endpoint.in_order, _waits_for_another)),
)
# One service after the other, by the index of each: what waits for those not to be called costs nothing.
_first = select(Delivery.id).where(Delivery.endpoint_id == Endpoint.id, *_CAN_BE_SENT).order_by(Delivery.id)
_IS_DUE = select(Endpoint.id).where(*_MAY_BE_CALLED, _first.limit(1).scalar_subquery().is_not(None)).limit(1)
_TO_CLAIM = (
    select(
        Delivery.id,
        Delivery.endpoint_id,
        Delivery.message_id,
        Delivery.subject,
        Delivery.body,
        Endpoint.name,
        Endpoint.preset,
        Endpoint.shown_url,
        Endpoint.sealed,
        Endpoint.failures,
    )
    .join(Endpoint, Endpoint.id == Delivery.endpoint_id)
    .where(*_CAN_BE_SENT, *_MAY_BE_CALLED)
    .order_by(Delivery.due_at, Delivery.id)
    .limit(bindparam("limit"))
    .with_for_update(of=Delivery, skip_locked=True)
)
_TAKE = (
    update(Delivery)
    .where(Delivery.id.in_(bindparam("ids", expanding=True)))
    .values(lease=bindparam("by"), leased_until=bindparam("until"))
)
_STANDING = (
    select(Delivery.id, Delivery.lease, Delivery.tries, Delivery.state, Delivery.due_at, Delivery.finished_at)
    .where(Delivery.id.in_(bindparam("ids", expanding=True)))
    .order_by(Delivery.id)
    .with_for_update()
)
_SERVICES = (
    select(Endpoint)
    .where(Endpoint.id.in_(bindparam("ids", expanding=True)))
    .order_by(Endpoint.id)
    .with_for_update()
)
_CHANGE = update(Delivery).where(Delivery.id == bindparam("number"))
