"""How often one may try: a sliding window over rows, the same for every process on one database.

What counts as a try, and for whom, is decided by the caller through the keys.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from gitcms.accounts.refusals import TooManyAttempts
from gitcms.database import Database
from gitcms.database.models import Attempt

WINDOW = timedelta(minutes=15)


def count_one(database: Database, limits: Mapping[str, int], *, now: datetime) -> None:
    """Count a try before it is made, so that many at once cannot slip through together.

    :param limits: key → how many tries it has in a window.
    :raises TooManyAttempts: when a key has none left; the try is then not counted.
    """
    with database.session() as session:
        session.execute(delete(Attempt).where(Attempt.at <= now - WINDOW))
        for key, limit in limits.items():
            count, first = session.execute(
                select(func.count(), func.min(Attempt.at)).where(Attempt.key == key)
            ).one()
            if count >= limit:
                raise TooManyAttempts(max(1, round((first + WINDOW - now).total_seconds())))
        session.add_all(Attempt(key=key, at=now) for key in limits)


def forget(database: Database, *keys: str) -> None:
    """Forget the tries of some keys."""
    with database.session() as session:
        session.execute(delete(Attempt).where(Attempt.key.in_(keys)))


def forget_one(database: Database, key: str) -> None:
    """Take back one try of a key: it turned out to be right."""
    with database.session() as session:
        newest = session.scalar(select(func.max(Attempt.id)).where(Attempt.key == key))
        session.execute(delete(Attempt).where(Attempt.id == newest))


def network_of(address: str) -> str:
    """Return what counts as one address: an IPv4 address, or the /64 that one IPv6 line owns."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:100]
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
