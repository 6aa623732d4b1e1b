"""Services that call us: when others saved at the remote, or when a rebuild is done.

A call is believed for its signature alone, taken once, and answered before anything is done about it: what
the remote has now is asked of the remote itself, whatever the call says. How each service signs and speaks
lives in `senders`.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from gitcms import builds, remotes
from gitcms.database.models import Call, Caller
from gitcms.errors import NotFound
from gitcms.sealing import Seal
from gitcms.site import Site
from gitcms.webhooks import senders, signing
from gitcms.webhooks.endpoints import InvalidEndpoint
from gitcms.webhooks.senders import SENDERS, News, Sender


@dataclass(frozen=True, slots=True)
class Taken:
    """What is answered to a call: a status and a line for whoever reads the sender's log."""

    status: int
    words: str


REFUSED = Taken(401, "The signature does not fit.")
REPEATED = Taken(200, "This was taken before.")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def add(site: Site, *, name: str, sender: str, secret: str = "", by: str = "") -> tuple[int, str]:
    """Let a service call. Returns its number, and the secret to enter there, to be shown this once.

    :param secret: one that the service made; made here when left out.
    :raises InvalidEndpoint: with a sentence for each field.
    """
    row, errors = SENDERS.get(sender), {}
    if not name.strip() or len(name) > 100 or not name.isprintable():
        errors["name"] = "Give it a name of at most 100 letters."
    if row is None:
        errors["sender"] = f"There is no sender {sender!r}. Known: {', '.join(SENDERS)}."
    elif row.own_secret and not secret:
        errors["secret"] = f"{row.label.partition(',')[0]} makes the secret: enter it here."
    elif secret and (len(secret) < 16 or len(secret) > 200 or not secret.isprintable()):
        errors["secret"] = "A secret has 16 to 200 letters."
    elif secret and row.standard and not secret.startswith(signing.PUBLIC):
        secret = signing.check_key(secret)
    if row is None or errors:
        raise InvalidEndpoint(errors)
    secret = secret or (signing.new_secret() if row.standard else secrets.token_urlsafe(32))
    with site.database.session() as session:
        caller = Caller(
            name=name.strip(),
            sender=sender,
            sealed=_seal(site).close(secret),
            created_at=site.now(),
            created_by=by[:100],
        )
        session.add(caller)
        session.flush()
        return caller.id, secret


def everyone(site: Site) -> list[Caller]:
    """Return all services that may call, in the order in which they came."""
    with site.database.reading() as session:
        return list(session.scalars(select(Caller).order_by(Caller.id)))


def remove(site: Site, number: int) -> None:
    """Believe a service no more, and forget its calls. :raises NotFound: there is none of this number."""
    with site.database.session() as session:
        found = session.get(Caller, number)
        if found is None:
            raise NotFound("There is no such service.")
        session.delete(found)


def take(site: Site, number: int, headers: Mapping[str, str], body: bytes) -> Taken:
    """Take a call, and set going what follows from it.

    :param headers: by names in small letters.
    :returns: the same for an unknown number as for a wrong signature.
    """
    with site.database.reading() as session:
        caller = session.get(Caller, number)
    if caller is None:
        return REFUSED
    row = SENDERS[caller.sender]
    if not row.check(_seal(site).open(caller.sealed), headers, body, site.now().timestamp()):
        return REFUSED
    event = headers.get(row.event, "")[:60] if row.event else ""
    key = _key(row, headers, body)
    with site.database.reading() as session:
        if session.scalar(select(Call.id).where(Call.caller_id == number, Call.key == key)) is not None:
            return REPEATED
    news = row.read(event.lower(), senders.payload(headers, body))
    taken = _follow(site, row, news)
    try:
        with site.database.session() as session:
            session.add(
                Call(caller_id=number, key=key, at=site.now(), event=event, outcome=taken.words[:200])
            )
    except IntegrityError:
        return REPEATED
    return taken


def calls(site: Site, number: int | None = None, limit: int = 50) -> list[Call]:
    """Return the calls that were believed, newest first."""
    query = select(Call).order_by(Call.id.desc()).limit(limit)
    if number is not None:
        query = query.where(Call.caller_id == number)
    with site.database.reading() as session:
        return list(session.scalars(query))


def clean(site: Site) -> None:
    """Forget calls older than the days to keep; so long a repeated one is known again."""
    border = site.now() - timedelta(days=site.config.webhooks.keep_days)
    with site.database.session() as session:
        session.execute(delete(Call).where(Call.at < border))


def _follow(site: Site, row: Sender, news: News) -> Taken:
    if news.kind == senders.PING:
        return Taken(200, "Heard you.")
    if news.kind == senders.BUILD and news.report is not None:
        commit = news.commit if _COMMIT.fullmatch(news.commit) else ""
        build = builds.named(site, row.preset, commit, news.number)
        if build is None:
            return Taken(202, "This is about no rebuild that was asked for here.")
        builds.report(site, build, news.report, row.name)
        return Taken(202, f"Noted for rebuild {build}.")
    if news.kind != senders.PUSH:
        return Taken(202, "This is nothing that is acted on here.")
    if news.ref and f"refs/heads/{site.repository.branch}" not in news.ref.split():
        return Taken(202, "This is about another branch.")
    if not remotes.is_on(site):
        return Taken(202, "No remote is set up here, so there is nothing to fetch.")
    remotes.fetch_now(site)
    return Taken(202, "The remote is asked what is new.")


def _key(row: Sender, headers: Mapping[str, str], body: bytes) -> str:
    """Return what a repeated call has in common with the first: the sender's id for it, or its bytes."""
    given = next((headers[name] for name in row.ids if headers.get(name)), "")
    if not given and row.ids:
        # Nobody said which call it is, so it is a new one.
        given = secrets.token_hex(16)
    return hashlib.sha256(given.encode("utf-8", "replace") or body).hexdigest()


def _seal(site: Site) -> Seal:
    return Seal(site.state, "callers")
