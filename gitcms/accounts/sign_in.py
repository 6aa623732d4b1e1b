"""The one way in: by email and password, by a link, or as the first administrator.

It answers who somebody is; what they may do then is `permissions`, how the browser remembers it
`sessions`.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from gitcms.accounts import attempts, links, passwords, users
from gitcms.accounts.links import Purpose
from gitcms.accounts.permissions import Role
from gitcms.accounts.refusals import InvalidAccount, LinkUnusable, SignInFailed
from gitcms.accounts.users import Account
from gitcms.database import Database
from gitcms.database.models import User

# A whole office may share one address; one account is one person's.
ADDRESS_FACTOR = 3


def with_password(
    database: Database, email: str, password: str, *, address: str, limit: int, now: datetime
) -> Account:
    """Return who has this email and password.

    A wrong password, an unknown email and a shut account get the same answer after the same work.

    :param address: where the request comes from; tries are limited by it as well.
    :param limit: wrong passwords an account has in a quarter of an hour; an address has three
        times as many.
    :raises SignInFailed: when they do not go together.
    :raises TooManyAttempts: when too many were wrong.
    :raises InvalidAccount: when the password could not be anybody's.
    """
    if problem := passwords.unusable_text(password):
        raise InvalidAccount({"password": problem})
    account_key = f"account:{users.email_key(email)[:254]}"
    address_key = f"address:{attempts.network_of(address)}"
    attempts.count_one(database, {account_key: limit, address_key: limit * ADDRESS_FACTOR}, now=now)
    with database.reading() as session:
        user = session.scalar(select(User).where(User.email_key == users.email_key(email)))
    right = passwords.matches(user.password_hash if user is not None else None, password)
    if user is None or not right or not user.active:
        raise SignInFailed(user.id if user is not None else None)
    attempts.forget(database, account_key)
    attempts.forget_one(database, address_key)
    _renew_hash(database, user, password)
    return users.account_of(user)


def with_link(
    database: Database, token: str, *, now: datetime, purpose: Purpose = Purpose.SIGN_IN
) -> Account:
    """Use a link that lets somebody in up, and return whose it was.

    :raises LinkUnusable: when it is unknown, used, too old, or of somebody who is shut out.
    """
    with database.session() as session:
        user_id = links.use(session, token, purpose, now=now)
        user = session.get(User, user_id) if user_id is not None else None
        if user is None or not user.active:
            raise LinkUnusable
        return users.account_of(user)


def who_forgot(database: Database, email: str, *, address: str, limit: int, now: datetime) -> Account | None:
    """Return whom to send a link for a new password, or None: nobody, or somebody who is shut out.

    :param limit: how often one may ask for an email in a quarter of an hour; an address three times as often.
    :raises TooManyAttempts: when somebody asked too often.
    """
    keys = {
        f"forgotten:{users.email_key(email)[:254]}": limit,
        f"forgotten-by:{attempts.network_of(address)}": limit * ADDRESS_FACTOR,
    }
    attempts.count_one(database, keys, now=now)
    with database.reading() as session:
        user = session.scalar(select(User).where(User.email_key == users.email_key(email)))
    return users.account_of(user) if user is not None and user.active else None


def as_first_admin(
    database: Database, token: str, *, name: str, email: str, password: str, now: datetime
) -> Account:
    """Use the first administrator's link up and return the administrator it made.

    With a field that cannot be taken, the link stays good.

    :raises LinkUnusable: when it is unknown, used or too old, or somebody is there already.
    :raises InvalidAccount: naming the fields that cannot be taken.
    """
    with database.session() as session:
        links.use(session, token, Purpose.FIRST_ADMIN, now=now)
        if session.scalar(select(func.count()).select_from(User)):
            raise LinkUnusable
        user = users.insert(session, name=name, email=email, role=Role.ADMIN, password=password, now=now)
        return users.account_of(user)


def _renew_hash(database: Database, user: User, password: str) -> None:
    if user.password_hash is not None and passwords.is_outdated(user.password_hash):
        renewed = passwords.hashed(password)
        with database.session() as session:
            session.get_one(User, user.id).password_hash = renewed
