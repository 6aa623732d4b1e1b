"""What the branch's new commits mean: read off the branch, never off the request that made them.

A cursor per branch moves over new commits in one transaction with the rows that they produce, so
that a crash between a save and its rebuild loses nothing, and a developer's work is handled
exactly like an author's save.
"""

from __future__ import annotations

from gitcms import builds
from gitcms.database.models import Cursor
from gitcms.site import Site


def catch_up(site: Site) -> bool:
    """Handle what is new on the branch since the last call.

    :returns: whether there was anything.
    """
    head, branch = site.repository.head(), site.repository.branch
    with site.database.session() as session:
        cursor = session.get(Cursor, branch)
        if cursor is not None and cursor.commit == head:
            return False
        if cursor is None:
            session.add(Cursor(branch=branch, commit=head))
        else:
            cursor.commit = head
        if builds.is_on(site):
            builds.enqueue(session, head, site.now(), site.repository.commit(head).author.name)
    return True
