"""What happened to accounts, kept for administrators: sign-ins, refusals, who gave whom which right.

The same goes to the log of the server, line by line; here it can be read in the browser, and stays when a
log is rotated away. No secret and no text of an author is ever in it. Rows are only added, and the oldest
thrown away: after `KEPT_FOR`, and beyond `MOST`, since strangers can make rows by failing to sign in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from gitcms.database import Database
from gitcms.database.models import AuditRow

KEPT_FOR = timedelta(days=365)
MOST = 50_000
PER_PAGE = 100
# How often one address is noted for one thing that it can do at will, without an account.
ONCE_IN = timedelta(minutes=1)
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Noted:
    """One thing that happened. `who` did it, to `about`; both are numbers of people, or None."""

    at: datetime
    event: str
    who: int | None
    about: int | None
    address: str
    browser: str
    what: str


@dataclass(frozen=True, slots=True)
class Page:
    rows: tuple[Noted, ...]
    page: int
    more: bool


def note(
    database: Database,
    event: str,
    *,
    now: datetime,
    who: int | None = None,
    about: int | None = None,
    address: str = "",
    browser: str = "",
    what: str = "",
    sparing: bool = False,
) -> None:
    """Keep that something happened.

    :param sparing: note it once a minute for each address: it costs whoever does it nothing.
    :raises RepositoryError: when it cannot be kept.
    """
    address = address[:LONGEST]
    with database.session() as session:
        if sparing and session.scalar(
            select(AuditRow.id)
            .where(AuditRow.event == event, AuditRow.address == address, AuditRow.at > now - ONCE_IN)
            .limit(1)
        ):
            return
        row = AuditRow(
            at=now,
            event=event,
            who=who,
            about=about,
            address=address,
            browser=browser[:LONGEST],
            what=what[:LONGEST],
        )
        session.add(row)
        session.flush()
        if row.id % 100 == 0:
            newest = session.scalar(select(func.max(AuditRow.id))) or 0
            session.execute(
                delete(AuditRow).where((AuditRow.at <= now - KEPT_FOR) | (AuditRow.id <= newest - MOST))
            )


def page(database: Database, number: int = 1, *, person: int | None = None) -> Page:
    """Return what happened, the newest first; by or to one person, where one is named."""
    number = min(max(1, number), MOST // PER_PAGE)
    wanted = select(AuditRow).order_by(AuditRow.id.desc())
    if person is not None:
        wanted = wanted.where((AuditRow.who == person) | (AuditRow.about == person))
    with database.reading() as session:
        found = session.scalars(wanted.offset((number - 1) * PER_PAGE).limit(PER_PAGE + 1)).all()
    rows = tuple(
        Noted(row.at, row.event, row.who, row.about, row.address, row.browser, row.what)
        for row in found[:PER_PAGE]
    )
    return Page(rows, number, len(found) > PER_PAGE)
