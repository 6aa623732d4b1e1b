"""What the branch's new commits mean: read off the branch, never off the request that made them.

A cursor per branch moves over new commits in one transaction with the rows that they produce: the
events, the deliveries that tell others of them, and the rebuild. So a crash between a save and what
follows from it loses nothing and repeats nothing, and a developer's work is handled exactly like an
author's save. What one step means is told in `reading`.
"""

from __future__ import annotations

import contextlib
from datetime import timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gitcms import builds
from gitcms.builds import letters
from gitcms.database.models import Build, Cursor, Event
from gitcms.events import reading
from gitcms.events.reading import Happening
from gitcms.site import Site
from gitcms.webhooks import queue

TELLS_BACK = timedelta(hours=24)
"""What became of a rebuild longer ago is no news."""
MOST_STEPS = 1_000
"""A longer way than this, such as the first pull after a year, is told as one step."""


def catch_up(site: Site) -> bool:
    """Handle what is new on the branch since the last call. Any number of processes may do so at once.

    :returns: whether there was anything.
    """
    branch = site.repository.branch
    with site.database.reading() as session:
        before = session.scalar(select(Cursor.commit).where(Cursor.branch == branch))
    # Read after the cursor: a head from before would lie behind one that somebody else has moved meanwhile,
    # and be taken for a step back.
    head = site.repository.head()
    if before == head:
        return False
    # Read before the transaction begins: parsing many files must keep nobody waiting.
    happened = _happened(site, before, head) if before is not None else []
    with site.database.session() as session:
        if not _move(session, branch, before, head):
            return True
        queue.announce(session, site, happened)
        if builds.is_local(site):
            builds.enqueue(session, head, site.now(), site.repository.commit(head).author.name)
    return True


def tell_of_builds(site: Site) -> bool:
    """Tell those who asked for it what became of rebuilds, each once. Returns whether there was any news."""
    since = site.now() - TELLS_BACK
    with site.database.reading() as session:
        news = list(builds.finished(session, since))
        keys = [_key(row) for row in news]
        told = set(session.scalars(select(Event.key).where(Event.key.in_(keys)))) if keys else set()
    news = [row for row in news if _key(row) not in told]
    if not news:
        return False
    names = builds.services(site)
    happened = [_of_build(site, row, names.get(row.endpoint_id or 0, builds.HERE)) for row in news]
    authors = {row.id: letters.authors(site, row) for row in news}
    # Whoever else tells of it meanwhile has the same key: one of both is refused by the database.
    with contextlib.suppress(IntegrityError), site.database.session() as session:
        queue.announce(session, site, happened)
        for row in news:
            letters.write(session, site, row, authors[row.id])
    return True


def _key(row: Build) -> str:
    return f"evt_build_{row.id}_{row.state}_{row.commit[:12]}"


def _of_build(site: Site, row: Build, builder: str) -> Happening:
    kind = "build.live" if row.state == builds.LIVE else "build.failed"
    words = "What was saved is live." if row.state == builds.LIVE else f"Not live: {row.message}"
    data = {
        "branch": site.repository.branch,
        "after": row.commit,
        "builder": builder,
        "message": row.message,
        "link": row.link,
        "author": {"name": row.requested_by},
    }
    subject = " ".join(filter(None, (words, row.link)))[:300]
    return Happening(kind, subject, row.finished_at or site.now(), data, _key(row))


def _happened(site: Site, before: str, head: str) -> list[Happening]:
    steps = site.repository.steps(before, head, limit=MOST_STEPS)
    return [each for start, commit in steps for each in reading.read(site, start, commit)]


def _move(session: Session, branch: str, before: str | None, head: str) -> bool:
    """Move the cursor, unless somebody else has moved it since it was read."""
    if before is None:
        # Two who are first at once: the second waits here, and finds the row.
        known = select(Cursor.branch).where(Cursor.branch == branch)
        if session.scalar(known) is None:
            session.execute(insert(Cursor).values(branch=branch, commit=head))
            return True
        return False
    moved = session.execute(
        update(Cursor).where(Cursor.branch == branch, Cursor.commit == before).values(commit=head)
    )
    return bool(moved.rowcount)  # type: ignore[attr-defined]
