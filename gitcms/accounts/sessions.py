"""Who is signed in, in which browser, and for how long. The cookie itself is `web.sessions`.

An id is 256 random bits; only its hash is kept. A session ends by itself when it was not used for
some time, and in any case some time after signing in; it is ended by signing out, by a new
password and by shutting the account.
"""

from __future__ import annotations

import hashlib
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update

from gitcms.accounts.users import Account, account_of
from gitcms.config import Sessions
from gitcms.database import Database
from gitcms.database.models import LoginSession, User
from gitcms.errors import RepositoryError

# Seen times are written this often; more would be a write for every click.
SEEN_EVERY = timedelta(minutes=1)
HANDLE = 16
# What is kept of what a browser says of itself.
SAID = 200


@dataclass(frozen=True, slots=True)
class Signed:
    """An open session: who it is, what it remembers, and when it was begun."""

    account: Account
    data: dict[str, Any]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Open:
    """A session as its owner sees it. `handle` names it on a page and opens nothing."""

    handle: str
    created_at: datetime
    seen_at: datetime
    address: str
    browser: str
    is_this: bool


def new_id() -> str:
    """Return a fresh id for a cookie."""
    return secrets.token_urlsafe(32)


def load(
    database: Database, session_id: str, *, limits: Sessions, now: datetime, by_hand: bool = True
) -> Signed | None:
    """Return the open session of a cookie, or None when there is none or it has ended.

    :param by_hand: somebody is there; what a page asks by itself keeps no session from ending.
    """
    with database.reading() as session:
        found = session.execute(
            select(LoginSession, User)
            .join(User, User.id == LoginSession.user_id)
            .where(LoginSession.id_hash == _hash(session_id))
        ).one_or_none()
    if found is None:
        return None
    kept, user = found
    if not user.active or _is_over(kept, limits, now):
        return None
    if by_hand and now - kept.seen_at >= SEEN_EVERY:
        # A full disk must not keep people from reading; they are seen again with the next click.
        with suppress(RepositoryError), database.session() as session:
            session.execute(
                update(LoginSession).where(LoginSession.id_hash == kept.id_hash).values(seen_at=now)
            )
    return Signed(account_of(user), dict(kept.data), kept.created_at)


def begin(
    database: Database,
    session_id: str,
    user_id: int,
    data: dict[str, Any],
    *,
    now: datetime,
    address: str = "",
    browser: str = "",
) -> None:
    """Keep a new session under a fresh id.

    :param address: from where it is begun, and `browser` what that calls itself.
    """
    with database.session() as session:
        session.add(
            LoginSession(
                id_hash=_hash(session_id),
                user_id=user_id,
                data=data,
                created_at=now,
                seen_at=now,
                address=address[:SAID],
                browser=browser[:SAID],
            )
        )


def remember(database: Database, session_id: str, data: dict[str, Any]) -> None:
    """Keep what a session holds; one that has ended meanwhile stays ended."""
    with database.session() as session:
        session.execute(
            update(LoginSession).where(LoginSession.id_hash == _hash(session_id)).values(data=data)
        )


def end(database: Database, session_id: str) -> None:
    """End one session."""
    with database.session() as session:
        session.execute(delete(LoginSession).where(LoginSession.id_hash == _hash(session_id)))


def open_ones(
    database: Database, user_id: int, session_id: str, *, limits: Sessions, now: datetime
) -> list[Open]:
    """Return the open sessions of a person, the one they ask from first, then the last used."""
    with database.reading() as session:
        found = session.scalars(select(LoginSession).where(LoginSession.user_id == user_id)).all()
    here = _hash(session_id)
    shown = [
        Open(
            each.id_hash[:HANDLE],
            each.created_at,
            each.seen_at,
            each.address,
            each.browser,
            each.id_hash == here,
        )
        for each in found
        if not _is_over(each, limits, now)
    ]
    return sorted(shown, key=lambda each: (each.is_this, each.seen_at), reverse=True)


def end_one(database: Database, user_id: int, handle: str) -> bool:
    """End the session of a person that a handle names, and tell whether there was one."""
    if len(handle) != HANDLE:
        return False
    with database.session() as session:
        ended = session.scalars(
            delete(LoginSession)
            .where(LoginSession.user_id == user_id, LoginSession.id_hash.startswith(handle, autoescape=True))
            .returning(LoginSession.id_hash)
        ).all()
    return bool(ended)


def end_all(database: Database, user_id: int) -> int:
    """End all sessions of a person, and return how many there were."""
    with database.session() as session:
        return len(
            session.scalars(
                delete(LoginSession).where(LoginSession.user_id == user_id).returning(LoginSession.id_hash)
            ).all()
        )


def end_others(database: Database, user_id: int, session_id: str) -> int:
    """End all sessions of a person but this one, and return how many there were."""
    with database.session() as session:
        ended = session.scalars(
            delete(LoginSession)
            .where(LoginSession.user_id == user_id, LoginSession.id_hash != _hash(session_id))
            .returning(LoginSession.id_hash)
        ).all()
    return len(ended)


def last_seen(database: Database) -> dict[int, datetime]:
    """Return user id → when a person was last here, for those who have an open session."""
    seen: dict[int, datetime] = {}
    with database.reading() as session:
        for user_id, at in session.execute(select(LoginSession.user_id, LoginSession.seen_at)):
            seen[user_id] = max(at, seen.get(user_id, at))
    return seen


def sweep(database: Database, *, limits: Sessions, now: datetime) -> None:
    """Throw away the sessions that have ended by themselves."""
    with database.session() as session:
        session.execute(
            delete(LoginSession).where(
                (LoginSession.seen_at <= now - timedelta(minutes=limits.idle_minutes))
                | (LoginSession.created_at <= now - timedelta(hours=limits.absolute_hours))
            )
        )


def _is_over(kept: LoginSession, limits: Sessions, now: datetime) -> bool:
    return now - kept.seen_at >= timedelta(minutes=limits.idle_minutes) or now - kept.created_at >= timedelta(
        hours=limits.absolute_hours
    )


def _hash(session_id: str) -> str:
    return hashlib.sha256(session_id.encode("utf-8", "surrogatepass")).hexdigest()
