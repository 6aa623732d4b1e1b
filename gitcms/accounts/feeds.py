"""The token in the addresses of somebody's feeds, by which feed readers, which cannot sign in, are known.

It follows from the server's key, the person and a number of theirs that a new password, or they themselves,
draw anew; so nothing is kept that would open a feed. What a feed shows is decided by who calls.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from gitcms.accounts import users
from gitcms.accounts.users import Account
from gitcms.database import Database
from gitcms.database.models import User

LONGEST_NUMBER = 10


def token(database: Database, secret: bytes, user_id: int) -> str:
    """Return the token of somebody's feeds, as it is now.

    :param secret: the server's key.
    """
    with database.reading() as session:
        user = session.get_one(User, user_id)
        return f"{user.id}-{_mac(secret, user)}"


def reader(database: Database, secret: bytes, given: str) -> Account | None:
    """Return whose token this is; None where it is nobody's, not any more, or that account is shut."""
    number, _, mac = given.partition("-")
    if not (number.isascii() and number.isdigit() and len(number) <= LONGEST_NUMBER):
        return None
    if int(number) > users.LARGEST_NUMBER:
        return None
    with database.reading() as session:
        user = session.get(User, int(number))
        if user is None or not user.active:
            return None
        right = hmac.compare_digest(mac.encode("utf-8", "replace"), _mac(secret, user).encode())
        return users.account_of(user) if right else None


def renew(database: Database, user_id: int) -> None:
    """Put the addresses of somebody's feeds out of use; others take their place."""
    with database.session() as session:
        session.get_one(User, user_id).feed_salt = secrets.token_hex(16)


def _mac(secret: bytes, user: User) -> str:
    return hmac.new(secret, f"feed {user.id} {user.feed_salt}".encode(), hashlib.sha256).hexdigest()[:40]
