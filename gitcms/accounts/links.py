"""Links that let one person in once: a sign-in link, and the first administrator's.

Only a hash of the token is kept, so whoever reads the database cannot use one. A token has 256
random bits, which is why a fast hash without salt is enough. What happens behind the link is
`sign_in`.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from gitcms.accounts.refusals import LinkUnusable
from gitcms.config import Server
from gitcms.database import Database
from gitcms.database.models import SignInLink, User
from gitcms.errors import AccountError


class Purpose(StrEnum):
    SIGN_IN = "sign-in"
    FIRST_ADMIN = "first-admin"
    RESET = "reset"
    """As a sign-in link, but asked for by oneself: it puts none out of use that an administrator made."""


# Where the web pages of each purpose live.
PLACES = {Purpose.SIGN_IN: "/sign-in/", Purpose.FIRST_ADMIN: "/welcome/", Purpose.RESET: "/new-password/"}


def create(
    database: Database,
    purpose: Purpose | str,
    *,
    now: datetime,
    minutes: int,
    user_id: int | None = None,
) -> str:
    """Make a link and return its path with the token in it, such as `/sign-in/…`, shown this once.

    An earlier link for the same person and purpose stops working.

    :param minutes: how long it can be used (`sessions.link_minutes`).
    :param user_id: whom a sign-in link lets in; None for the first administrator.
    :raises AccountError: when that person is shut out.
    """
    purpose = Purpose(purpose)
    if (user_id is None) is not (purpose is Purpose.FIRST_ADMIN):
        raise ValueError("a sign-in link is somebody's, the first administrator's is nobody's yet")
    token = secrets.token_urlsafe(32)
    with database.session() as session:
        user = session.get(User, user_id) if user_id is not None else None
        if user is not None and not user.active:
            raise AccountError(f"{user.name} cannot sign in.", hint="Let them sign in again first.")
        session.execute(
            delete(SignInLink).where(
                (SignInLink.expires_at <= now)
                | ((SignInLink.purpose == purpose) & SignInLink.user_id.is_not_distinct_from(user_id))
            )
        )
        session.add(
            SignInLink(
                token_hash=_hash(token),
                user_id=user_id,
                purpose=purpose,
                expires_at=now + timedelta(minutes=minutes),
            )
        )
    return PLACES[purpose] + token


def is_usable(database: Database, token: str, purpose: Purpose, *, now: datetime) -> bool:
    """Tell whether a link would work now, without using it up."""
    with database.reading() as session:
        link = session.get(SignInLink, _hash(token))
    return link is not None and link.purpose == purpose and link.used_at is None and link.expires_at > now


def use(session: Session, token: str, purpose: Purpose, *, now: datetime) -> int | None:
    """Use a link up as a part of the caller's transaction, and return whom it lets in.

    Of two browsers that use it at the same moment, one gets in.

    :raises LinkUnusable: when it is unknown, used or too old.
    """
    link = session.execute(
        update(SignInLink)
        .where(
            SignInLink.token_hash == _hash(token),
            SignInLink.purpose == purpose,
            SignInLink.used_at.is_(None),
            SignInLink.expires_at > now,
        )
        .values(used_at=now)
        .returning(SignInLink.user_id)
    ).one_or_none()
    if link is None:
        raise LinkUnusable
    return link[0]


def base_address(server: Server) -> str:
    """Return the address that browsers reach this server by, without a slash at the end."""
    if server.https:
        return f"https://{server.allowed_hosts[0] if server.allowed_hosts else server.host}{server.path}"
    host = f"[{server.host}]" if ":" in server.host else server.host
    if server.allowed_hosts and host in ("0.0.0.0", "[::]"):
        host = server.allowed_hosts[0].partition(":")[0]
    return f"http://{host}:{server.port}{server.path}"


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
