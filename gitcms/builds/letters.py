"""Mail about rebuilds that fail, to those who ask for it: who is told of what, and when it is tried again.

However many rebuilds fail one after the other, each person is told once, and once more when all is well
again. A letter is a row that is written together with the event, and sent by a worker. What a letter says is
decided by who sends it, how it travels in `mail`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from gitcms import logs, mail
from gitcms.accounts import users
from gitcms.accounts.users import ALL, MINE, Account
from gitcms.builds.standing import FAILED, LIVE
from gitcms.database.models import Build, BuildLetter, User
from gitcms.errors import GitCMSError
from gitcms.site import Site

Words = Callable[[Site, Account, BuildLetter], tuple[str, str]]
"""Subject and text of a letter, in the language of whom it is for."""

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120))
"""From one try to the next; after the last one a letter is given up."""
MOST_COMMITS = 200
"""So many of what is in a rebuild are asked for their authors."""


def authors(site: Site, row: Build) -> frozenset[str]:
    """Return by whom that is which a rebuild would have published: of all since the last live one."""
    if row.state != FAILED or not mail.is_on(site.config):
        return frozenset()
    whose = Build.endpoint_id == row.endpoint_id if row.endpoint_id else Build.endpoint_id.is_(None)
    with site.database.reading() as session:
        if session.scalar(select(User.id).where(User.active, User.build_mail == MINE).limit(1)) is None:
            return frozenset()
        query = select(Build.commit).where(whose, Build.state == LIVE, Build.id < row.id)
        live = session.scalar(query.order_by(Build.id.desc()).limit(1))
    steps = site.repository.steps(live or row.commit, row.commit, limit=MOST_COMMITS)
    commits = [commit for _, commit in steps] or [site.repository.commit(row.commit)]
    return frozenset(users.email_key(commit.author.email) for commit in commits)


def write(session: Session, site: Site, row: Build, by: Collection[str]) -> None:
    """Write the letters about a rebuild that is done, in the caller's transaction.

    :param by: what `authors` says of it.
    """
    if not mail.is_on(site.config):
        return
    for user in session.scalars(select(User).where(User.active, User.build_mail != "")).all():
        last = _last(session, user.id, row.endpoint_id)
        told = last if last is not None and last.state == FAILED else None
        if told is not None and row.state == LIVE and told.sent_at is None:
            # It never reached them, and would say now what is no longer so.
            session.delete(told)
        elif _concerns(user, row, by) if told is None else row.state == LIVE:
            session.add(_letter(row, user.id, site.now()))


def send_due(site: Site, words: Words) -> bool:
    """Send the letters whose time has come, each by itself. Returns whether there was one.

    One process does so at a time; a crash between sending and noting it sends a letter twice.
    """
    with site.database.reading() as session:
        query = select(BuildLetter.id).where(BuildLetter.due_at <= site.now()).order_by(BuildLetter.id)
        due = session.scalars(query).all()
    for number in due:
        _send(site, number, words)
    return bool(due)


def _concerns(user: User, row: Build, by: Collection[str]) -> bool:
    return row.state == FAILED and (user.build_mail == ALL or user.email_key in by)


def _last(session: Session, user: int, endpoint: int | None) -> BuildLetter | None:
    whose = BuildLetter.endpoint_id == endpoint if endpoint else BuildLetter.endpoint_id.is_(None)
    query = select(BuildLetter).where(BuildLetter.user_id == user, whose)
    return session.scalars(query.order_by(BuildLetter.id.desc()).limit(1)).first()


def _letter(row: Build, user: int, now: datetime) -> BuildLetter:
    return BuildLetter(
        user_id=user,
        endpoint_id=row.endpoint_id,
        state=row.state,
        message=row.message,
        created_at=now,
        due_at=now,
    )


def _send(site: Site, number: int, words: Words) -> None:
    with site.database.reading() as session:
        letter = session.get(BuildLetter, number)
        user = session.get(User, letter.user_id) if letter is not None else None
        if letter is None or user is None:
            return
        account = users.account_of(user)
        subject, text = words(site, account, letter)
    problem = ""
    try:
        mail.send(site.config, account.email, subject, text)
    except GitCMSError as error:
        problem = str(error)
        logs.event("mail_failed", about=account.id, message=problem, details=error.details)
    with site.database.session() as session:
        row = session.get(BuildLetter, number)
        if row is not None:
            _note(row, problem, site.now())


def _note(row: BuildLetter, problem: str, now: datetime) -> None:
    pauses = dict(enumerate(PAUSES))
    row.due_at = now + pauses[row.tries] if problem and row.tries in pauses else None
    row.sent_at = None if problem else now
    row.tries += 1
