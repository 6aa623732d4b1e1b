"""What became of each rebuild, how a saved version stands, and what builders say of theirs.

A version is live only where a builder said so of it, or of a later version that holds it, or where the
published page shows it; never because enough time went by. Each builder counts for itself: the command of
this server, and each service that is asked to build.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.orm import Session

from gitcms.database.models import Build, Cursor, Endpoint
from gitcms.errors import BuildError, NotFound
from gitcms.sealing import Seal
from gitcms.site import Site
from gitcms.webhooks.presets import PRESETS

OFF, QUEUED, RUNNING, LIVE, FAILED = "off", "queued", "running", "live", "failed"
REPLACED = "replaced"
UNHEARD = "unheard"
"""Asked for long ago, and nobody has said what came of it."""

PATIENCE = timedelta(hours=1)
TOKEN_LIFE = timedelta(hours=24)
ROWS_KEPT = 200
STOPPED = "The rebuild stopped: the builder reported a mistake."
LONGEST_MESSAGE, LONGEST_LINK, LONGEST_LOG = 2_000, 500, 64_000
HERE = "This server"
# The first that a builder is in says how the whole stands.
_GRAVITY = (FAILED, UNHEARD, QUEUED, RUNNING, OFF, LIVE)


@dataclass(frozen=True, slots=True)
class BuildStatus:
    """One rebuild, or none. Times are UTC; `log` is what the builder printed, `message` why it failed.

    `message` is for everybody, `log` for administrators. `builder` is its name, `endpoint` its number, None
    for this server; `told_by` who says how it stands.
    """

    state: str
    id: int = 0
    commit: str = ""
    requested_at: datetime | None = None
    finished_at: datetime | None = None
    message: str = ""
    log: str = ""
    requested_by: str = ""
    builder: str = HERE
    endpoint: int | None = None
    link: str = ""
    told_by: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What a builder says: RUNNING, LIVE or FAILED, in its own words, with its own page and log."""

    state: str
    message: str = ""
    link: str = ""
    log: str = ""


def is_local(site: Site) -> bool:
    """Tell whether this site is rebuilt by a command of this server."""
    return bool(site.config.build.command)


def is_on(site: Site) -> bool:
    """Tell whether anybody is asked to rebuild this site."""
    return is_local(site) or bool(services(site))


def status(site: Site, commit: str = "") -> BuildStatus:
    """Return how a saved version stands: as at the builder that is least far.

    :param commit: the version; left out, it is the site as a whole, with whatever was asked for last.
    """
    wanted = commit or site.repository.head()
    builders: list[tuple[int | None, str]] = [(None, HERE)] if is_local(site) else []
    builders += services(site).items()
    found = [_at_builder(site, number, name, wanted, whole=not commit) for number, name in builders]
    return min(found, key=lambda each: _GRAVITY.index(each.state), default=BuildStatus(OFF))


def recent(site: Site, limit: int = 50) -> list[BuildStatus]:
    """Return the newest rebuilds of all builders, newest first."""
    names = services(site)
    with site.database.reading() as session:
        rows = session.scalars(select(Build).order_by(Build.id.desc()).limit(limit)).all()
        return [_status(site, row, names) for row in rows] if names or is_local(site) else []


def counts(site: Site) -> dict[str, int]:
    """Return how many rebuilds there are of each state."""
    with site.database.reading() as session:
        rows = session.execute(select(Build.state, func.count()).group_by(Build.state)).all()
    return {row[0]: row[1] for row in rows}


def find(site: Site, number: int) -> BuildStatus:
    """Return one rebuild. :raises NotFound: there is none of this number."""
    with site.database.reading() as session:
        row = session.get(Build, number)
        if row is None:
            raise NotFound("There is no such rebuild.")
        return _status(site, row, services(site))


def request(site: Site, by: str) -> None:
    """Ask this server for a rebuild of what is saved now. One that waits already is enough.

    :param by: the person's name, shown in the list of rebuilds.
    :raises BuildError: when the site has no build command.
    """
    if not is_local(site):
        raise BuildError(
            "This site is not rebuilt from here.", hint="An administrator can set a command under [build]."
        )
    with site.database.session() as session:
        enqueue(session, site.repository.head(), site.now(), by)


def enqueue(session: Session, commit: str, now: datetime, by: str) -> None:
    """Put a rebuild by this server into the queue, in the caller's transaction.

    A waiting one takes the newer commit over instead of a second row, so that twenty saves are
    one rebuild.
    """
    waiting = session.scalars(
        select(Build).where(is_here(), Build.state == QUEUED).order_by(Build.id)
    ).first()
    if waiting is None:
        session.add(Build(commit=commit, state=QUEUED, requested_at=now, log="", requested_by=by))
    else:
        waiting.commit = commit


def asked_of_service(
    session: Session,
    endpoint: int,
    delivery: int,
    instead_of: Iterable[int],
    message: Mapping[str, Any],
    now: datetime,
) -> None:
    """Note that a service is to be asked for a rebuild, in the caller's transaction.

    :param instead_of: deliveries whose place this one takes; their rebuild becomes this one.
    """
    data = message["data"]
    commit = str(data.get("after", ""))
    waiting = session.scalars(
        select(Build)
        .where(Build.delivery_id.in_(list(instead_of)), Build.state.in_((QUEUED, FAILED)))
        .order_by(Build.id.desc())
    ).first()
    by = str((data.get("author") or {}).get("name", ""))
    row = waiting or Build(requested_at=now, log="", requested_by=by, endpoint_id=endpoint)
    proof = _to_be_seen(data)
    if proof or row.commit != commit:
        row.proof = proof
    row.commit, row.state, row.message, row.delivery_id = commit, QUEUED, "", delivery
    row.look_at, row.looks, row.finished_at = now if row.proof else None, 0, None
    session.add(row)


def not_asked(session: Session, delivery: int, why: str, now: datetime) -> None:
    """Note that a service could not be asked after all, in the caller's transaction."""
    for row in session.scalars(select(Build).where(Build.delivery_id == delivery, Build.state == QUEUED)):
        row.state, row.finished_at = FAILED, now
        row.message = f"The rebuild could not be asked for. {why}"[:LONGEST_MESSAGE]


def asked_again(session: Session, delivery: int) -> None:
    """Note that a delivery is sent once more, in the caller's transaction."""
    for row in session.scalars(select(Build).where(Build.delivery_id == delivery, Build.state == FAILED)):
        row.state, row.message, row.finished_at = QUEUED, "", None


def of_delivery(site: Site, delivery: int) -> BuildStatus | None:
    """Return the rebuild that a delivery asks for, or None."""
    with site.database.reading() as session:
        row = session.scalar(select(Build).where(Build.delivery_id == delivery))
        return _status(site, row, {}) if row is not None else None


def finished(session: Session, since: datetime) -> Sequence[Build]:
    """Return the rebuilds that went live or failed since a moment, the first one first."""
    query = select(Build).where(Build.finished_at > since, Build.state.in_((LIVE, FAILED)))
    return session.scalars(query.order_by(Build.id)).all()


def report(site: Site, number: int, said: Report, by: str) -> None:
    """Write down what a builder says of a rebuild. What is live stays so, whatever comes later.

    :param by: how we know, such as "callback" or "netlify".
    :raises NotFound: there is no such rebuild.
    """
    with site.database.session() as session:
        row = session.get(Build, number, with_for_update=True)
        if row is None:
            raise NotFound("There is no such rebuild.")
        if row.state == LIVE:
            return
        row.state, row.told_by = said.state, by
        row.link = said.link[:LONGEST_LINK] if said.link.startswith(("https://", "http://")) else row.link
        # Its own words are for administrators: they may name what authors never meet.
        words = "\n".join(each for each in (_clean(said.message), _clean(said.log)) if each)
        row.log = words[-LONGEST_LOG:] or row.log
        row.message = STOPPED if said.state == FAILED else ""
        if said.state == RUNNING:
            row.started_at = row.started_at or site.now()
            return
        row.finished_at = site.now()
        if said.state == LIVE:
            _replace_earlier(session, row, site.now())


def named(site: Site, preset: str, commit: str, number: int | None = None) -> int | None:
    """Return the rebuild that a service's notification is about, or None: it is then about none of ours.

    :param preset: the services it may be of, by the beginning of their presets' names.
    :param commit: what was built; it must hold what the rebuild was asked for.
    :param number: the rebuild's number where the service gives it back, which counts before all else.
    """
    with site.database.reading() as session:
        rows = session.execute(
            select(Build.id, Build.commit, Endpoint.preset)
            .join(Endpoint, Endpoint.id == Build.endpoint_id)
            .where(Build.state.in_((QUEUED, RUNNING, FAILED)))
            .order_by(Build.id.desc())
            .limit(20)
        ).all()
    ours = [row for row in rows if row.preset.startswith(preset)]
    if number is not None:
        return next((row.id for row in ours if row.id == number), None)
    return next((row.id for row in ours if commit and site.repository.is_part_of(row.commit, commit)), None)


def token(site: Site, build: BuildStatus) -> str:
    """Return what proves that a report about this one rebuild may be believed, for a day from its request."""
    until = int(((build.requested_at or site.now()) + TOKEN_LIFE).timestamp())
    return f"{until}.{_mac(site, build.id, until)}"


def token_fits(site: Site, number: int, given: str) -> bool:
    """Tell whether a token is the one of a rebuild, and has not expired."""
    until, _, mac = given.partition(".")
    if not (until.isascii() and until.isdigit() and len(until) < 13):
        return False
    right = hmac.compare_digest(mac.encode("utf-8", "replace"), _mac(site, number, int(until)).encode())
    return right and site.now().timestamp() < int(until)


def forget(session: Session, endpoint: int) -> None:
    """Drop the rebuilds of a service, in the caller's transaction."""
    session.execute(delete(Build).where(Build.endpoint_id == endpoint))


def trim(session: Session, newest: int) -> None:
    """Drop all but the newest rebuilds, in the caller's transaction."""
    session.execute(delete(Build).where(Build.id <= newest - ROWS_KEPT))


def is_here() -> ColumnElement[bool]:
    """Choose the rebuilds of this very server."""
    return Build.endpoint_id.is_(None)


def services(site: Site) -> dict[int, str]:
    """Return the services that are asked to build, by number."""
    with site.database.reading() as session:
        rows = session.execute(
            select(Endpoint.id, Endpoint.name, Endpoint.preset).order_by(Endpoint.id)
        ).all()
    return {row.id: row.name for row in rows if PRESETS[row.preset].builds}


def _at_builder(site: Site, number: int | None, name: str, commit: str, *, whole: bool) -> BuildStatus:
    whose = is_here() if number is None else Build.endpoint_id == number
    with site.database.reading() as session:
        query = select(Build).where(whose, Build.state != REPLACED).order_by(Build.id.desc())
        rows = session.scalars(query.limit(20)).all()
        live = session.scalars(query.where(Build.state == LIVE).limit(1)).first()
        handled = session.scalar(select(Cursor.commit).where(Cursor.branch == site.repository.branch))

    def contains(old: str, new: str) -> bool:
        # A page is shown often, and what is part of what never changes.
        key = ("part of", old, new)
        return old == new or bool(site.memo.get(key, lambda: site.repository.is_part_of(old, new)))

    newest = rows[0] if rows else None
    # A rebuild of what is live already may fail: what was saved is live nevertheless.
    if live is not None and contains(commit, live.commit) and not (whole and newest and newest.id != live.id):
        return _status(site, live, {number: name})
    if newest is not None and (newest.state in (QUEUED, RUNNING) or contains(commit, newest.commit)):
        return _status(site, newest, {number: name})
    if number is None or handled is None or not contains(commit, handled):
        # The worker has not come to it yet.
        return BuildStatus(QUEUED, commit=commit, requested_at=site.now(), builder=name, endpoint=number)
    # What changes nothing that visitors see asks no service for a rebuild.
    return BuildStatus(OFF, commit=commit, builder=name, endpoint=number)


def _status(site: Site, row: Build, names: Mapping[int, str] | Mapping[int | None, str]) -> BuildStatus:
    waits = row.endpoint_id is not None and row.state in (QUEUED, RUNNING)
    return BuildStatus(
        state=UNHEARD if waits and site.now() - row.requested_at > PATIENCE else row.state,
        id=row.id,
        commit=row.commit,
        requested_at=row.requested_at,
        finished_at=row.finished_at,
        message=row.message,
        log=row.log,
        requested_by=row.requested_by,
        builder=HERE if row.endpoint_id is None else dict(names).get(row.endpoint_id, "A service"),
        endpoint=row.endpoint_id,
        link=row.link,
        told_by=row.told_by,
    )


def _replace_earlier(session: Session, row: Build, now: datetime) -> None:
    """What was asked for before the rebuild that is live needs no rebuild of its own any more."""
    whose = is_here() if row.endpoint_id is None else Build.endpoint_id == row.endpoint_id
    under_way = or_(Build.state == QUEUED, Build.state == RUNNING)
    for earlier in session.scalars(select(Build).where(whose, Build.id < row.id, under_way)):
        earlier.state, earlier.finished_at = REPLACED, now


def _to_be_seen(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the first live entry of a message, by which its page can be asked whether it is there."""
    for each in data.get("entries", ()):
        if each.get("url") and each.get("state") == "live":
            return {
                "url": each["url"],
                "path": each["path"],
                "old_path": each.get("old_path", each["path"]),
                "before": data["before"],
                "after": data["after"],
            }
    return {}


def _clean(text: str) -> str:
    return text.replace("\0", "�").strip()


def _mac(site: Site, number: int, until: int) -> str:
    return Seal(site.state, "builds").digest(f"{number}.{until}")[:40]
