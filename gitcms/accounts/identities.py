"""Who is who at other providers, and sign-ins that went there and are not back yet.

Somebody is known by issuer and subject together, and by nothing else: an email at a provider may be
anybody's, and is looked at only for people who are new, and once it was verified. What a provider's answer
proves is judged in `oidc`.

A sign-in that goes elsewhere is one row, tied to the browser that began it, for `LASTS`; whatever the answer
is, the row is used up by it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gitcms.accounts import users
from gitcms.accounts.permissions import Role
from gitcms.accounts.refusals import IdentityTaken, InvalidAccount, ProviderRefused
from gitcms.accounts.users import Account
from gitcms.config import Provider
from gitcms.database import Database
from gitcms.database.models import Identity, Passkey, SignInElsewhere, User
from gitcms.errors import AccountError, NotFound
from gitcms.sealing import Seal

if TYPE_CHECKING:
    from gitcms.accounts.oidc import Claims

LASTS = timedelta(minutes=10)
PURPOSE = "sign-in-elsewhere"


@dataclass(frozen=True, slots=True)
class Known:
    """What one account is at a provider."""

    id: int
    issuer: str
    shown_as: str
    created_at: datetime
    used_at: datetime | None


# ── on the way ───────────────────────────────────────────────────────────────────────────────


def send_off(
    database: Database,
    folder: Path,
    state: str,
    browser_id: str,
    provider: str,
    kept: Mapping[str, Any],
    *,
    now: datetime,
) -> None:
    """Remember that a browser goes to a provider.

    :param folder: the state folder, where the sealing key lies.
    :param kept: what is needed when it comes back, such as the nonce; it is sealed.
    """
    with database.session() as session:
        session.execute(delete(SignInElsewhere).where(SignInElsewhere.begun_at <= now - LASTS))
        session.add(
            SignInElsewhere(
                state_hash=_hash(state),
                browser_hash=_hash(browser_id),
                provider=provider,
                kept=Seal(folder, PURPOSE).close(json.dumps(dict(kept))),
                begun_at=now,
            )
        )


def come_back(
    database: Database, folder: Path, state: str, browser_id: str, provider: str, *, now: datetime
) -> dict[str, Any]:
    """Return what was kept for a browser that comes back. Of two answers with one state, the first counts.

    :raises ProviderRefused: no such browser went there, or too long ago.
    """
    with database.session() as session:
        found = session.execute(
            delete(SignInElsewhere)
            .where(
                SignInElsewhere.state_hash == _hash(state),
                SignInElsewhere.browser_hash == _hash(browser_id),
                SignInElsewhere.provider == provider,
                SignInElsewhere.begun_at > now - LASTS,
            )
            .returning(SignInElsewhere.kept)
        ).one_or_none()
    if found is None:
        raise ProviderRefused(
            "there is no such state in this browser",
            "This sign-in did not begin in this browser, or it took too long.",
            hint="Begin again.",
        )
    kept: dict[str, Any] = json.loads(Seal(folder, PURPOSE).open(found[0]))
    return kept


# ── who it is ────────────────────────────────────────────────────────────────────────────────


def holder(database: Database, claims: Claims, *, now: datetime) -> Account | None:
    """Return whose account it is, or None when nobody here is that.

    :raises ProviderRefused: when that person is shut out.
    """
    with database.session() as session:
        found = session.execute(
            select(Identity, User)
            .join(User, User.id == Identity.user_id)
            .where(Identity.issuer == claims.issuer, Identity.subject == claims.subject)
        ).one_or_none()
        if found is None:
            return None
        identity, user = found
        if not user.active:
            raise ProviderRefused(f"account {user.id} is shut")
        identity.used_at, identity.shown_as = now, claims.shown_as
        return users.account_of(user)


def admit(database: Database, provider: Provider, claims: Claims, *, now: datetime) -> Account:
    """Make an account for somebody whom nobody invited, where the provider's settings allow it.

    :raises ProviderRefused: they do not, or who comes has no verified email that could stand here.
    """
    settings = provider.settings
    if not settings.new_people:
        raise ProviderRefused(
            "nobody here is that, and new people stay out",
            f"Nobody here signs in by this account of {provider.title}.",
            hint="If you have an account here, sign in as you did before, and add it under Account. Otherwise"
            " ask an administrator for an invitation.",
        )
    if not claims.email:
        raise ProviderRefused(
            "no verified email",
            f"{provider.title} gave no email that it has verified.",
            hint="Ask an administrator for an invitation.",
        )
    domain = claims.email.rpartition("@")[2].lower()
    if settings.email_domains and domain not in {each.lower() for each in settings.email_domains}:
        raise ProviderRefused(
            f"new people need an email of {', '.join(settings.email_domains)}",
            "Your email is not one of those that may come in by themselves.",
            hint="Ask an administrator for an invitation.",
        )
    try:
        with database.session() as session:
            user = users.insert(
                session,
                name=_name(claims),
                email=claims.email,
                role=Role(settings.new_people),
                password=None,
                now=now,
            )
            _add(session, user.id, provider, claims, now=now)
            return users.account_of(user)
    except InvalidAccount as error:
        raise ProviderRefused(
            f"no account can be made: {error}",
            "Somebody here has that email already, or it cannot stand with what you save.",
            hint="If it is you, sign in as you did before, and add this way under Account.",
        ) from error


def link(database: Database, user_id: int, provider: Provider, claims: Claims, *, now: datetime) -> None:
    """Let a person sign in by what they are at a provider, from now on. Once more changes nothing.

    :raises IdentityTaken: it is another account's already.
    """
    with database.session() as session:
        found = session.scalar(
            select(Identity).where(Identity.issuer == claims.issuer, Identity.subject == claims.subject)
        )
        if found is None:
            _add(session, user_id, provider, claims, now=now)
        elif found.user_id != user_id:
            raise IdentityTaken(provider.title)


def unlink(database: Database, user_id: int, identity: int) -> None:
    """Take one away; at least one way in stays.

    :raises NotFound: the person has no such one.
    :raises AccountError: it is the only way in.
    """
    with database.session() as session:
        found = session.get(Identity, identity) if identity <= users.LARGEST_NUMBER else None
        if found is None or found.user_id != user_id:
            raise NotFound("That had been removed already.")
        keep_a_way_in(session, user_id)
        session.delete(found)


def keep_a_way_in(session: Session, user_id: int) -> None:
    """Refuse to take a way in away when there is no other.

    :raises AccountError: there is none.
    """
    if session.get_one(User, user_id).password_hash is not None:
        return
    counted = (select(func.count()).where(kind.user_id == user_id) for kind in (Identity, Passkey))
    if sum(session.scalar(each) or 0 for each in counted) < 2:
        raise AccountError(
            "This is the only way in that you have.", hint="Set a password under Account first."
        )


def of_person(database: Database, user_id: int) -> list[Known]:
    """Return what a person is at providers, the oldest first."""
    with database.reading() as session:
        found = session.scalars(
            select(Identity).where(Identity.user_id == user_id).order_by(Identity.id)
        ).all()
    return [Known(each.id, each.issuer, each.shown_as, each.created_at, each.used_at) for each in found]


def _add(session: Session, user_id: int, provider: Provider, claims: Claims, *, now: datetime) -> None:
    session.add(
        Identity(
            user_id=user_id,
            issuer=claims.issuer,
            subject=claims.subject,
            shown_as=claims.shown_as,
            created_at=now,
        )
    )
    try:
        session.flush()
    except IntegrityError as error:
        # Another browser was faster with the same.
        raise IdentityTaken(provider.title) from error


def _name(claims: Claims) -> str:
    """Return a name that can stand with what somebody saves: theirs, or the first part of their email."""
    for name in (users.tidy(claims.name)[: users.NAME_LENGTH], claims.email.partition("@")[0]):
        if "name" not in users.problems_with(name=name, email=claims.email):
            return name
    return claims.name


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
