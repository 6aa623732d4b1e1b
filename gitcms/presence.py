"""Who has which entry open in a browser right now: short-lived, and told to the others before they clash.

Each window of the writing page is a row by the token of its form. A window whose script is heard stays as
long as it goes on saying so, and goes when it closes; one of which nothing is heard again, because scripts
are off, is believed for some minutes. Nobody is kept out by it: two people may write, and a save joins both.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Row, delete, select

from gitcms.accounts.users import Account
from gitcms.database import Database
from gitcms.database.models import OpenWindow, User

UNHEARD_FOR = timedelta(minutes=10)
"""How long a page that was shown counts as open without another word of it."""
HEARD_FOR = timedelta(seconds=150)
"""… and a page that speaks: browsers let hidden windows speak once a minute."""
LONGEST_TOKEN = 64


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody who has an entry open, and since when. `is_me` is the same person in another window."""

    name: str
    since: datetime
    is_me: bool = False


def come(database: Database, account: Account, token: str, path: str, *, now: datetime) -> None:
    """Note that a window shows an entry to somebody who may write it.

    :param token: of the window's form, as `unsaved.new_token` made it.
    """
    _be_there(database, account, token, path, now, UNHEARD_FOR)


def stay(database: Database, account: Account, token: str, path: str, *, now: datetime) -> None:
    """Note that a window still has an entry open, as its script says."""
    _be_there(database, account, token, path, now, HEARD_FOR)


def leave(database: Database, account: Account, token: str) -> None:
    """Forget a window that was closed, or whose form was saved."""
    with database.session() as session:
        session.execute(delete(OpenWindow).where(OpenWindow.user_id == account.id, OpenWindow.token == token))


def beside(database: Database, account: Account, token: str, path: str, *, now: datetime) -> list[Present]:
    """Return who else has an entry open, who came first first; the same person by other windows as well.

    :param token: of the window that asks.
    """
    rows = (
        select(OpenWindow.path, User.id, User.name, OpenWindow.since)
        .join(User, User.id == OpenWindow.user_id)
        .where(OpenWindow.path == path, OpenWindow.until > now)
        .where((OpenWindow.user_id != account.id) | (OpenWindow.token != token))
        .order_by(OpenWindow.since, User.id)
    )
    with database.reading() as session:
        return _by_path(session.execute(rows), account).get(path, [])


def everywhere(database: Database, account: Account, *, now: datetime) -> dict[str, list[Present]]:
    """Return each entry's path with the others who have it open."""
    rows = (
        select(OpenWindow.path, User.id, User.name, OpenWindow.since)
        .join(User, User.id == OpenWindow.user_id)
        .where(OpenWindow.user_id != account.id, OpenWindow.until > now)
        .order_by(OpenWindow.since, User.id)
    )
    with database.reading() as session:
        return _by_path(session.execute(rows), account)


def _by_path(rows: Iterable[Row[str, int, str, datetime]], account: Account) -> dict[str, list[Present]]:
    """Return the rows by path, each person once, by the window that they have had open for longest."""
    found: dict[str, dict[int, Present]] = {}
    for path, number, name, since in rows:
        found.setdefault(path, {}).setdefault(number, Present(name, since, number == account.id))
    return {path: list(people.values()) for path, people in found.items()}


def _be_there(
    database: Database, account: Account, token: str, path: str, now: datetime, lasting: timedelta
) -> None:
    token = token[:LONGEST_TOKEN]
    with database.session() as session:
        session.execute(delete(OpenWindow).where(OpenWindow.until <= now))
        known = session.get(OpenWindow, (account.id, token))
        if known is None:
            known = OpenWindow(user_id=account.id, token=token, since=now)
            session.add(known)
        known.path, known.until = path, now + lasting
