"""What happened to accounts, written down twice: a line of the log, and a row for administrators.

Who, where and when are read off the request. What deserves it is decided by who calls.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from flask import g, request
from flask_login import current_user

from gitcms import logs
from gitcms.accounts import audit
from gitcms.errors import RepositoryError
from gitcms.site import Site


def note(
    event: str,
    *,
    who: int | None = None,
    about: int | None = None,
    sparing: bool = False,
    **facts: str | int | None,
) -> None:
    """Write down that something happened.

    :param who: who did it; left out, whoever is signed in.
    :param about: to whom.
    :param sparing: a stranger can do it at will, so rows for it are few; the log has every one.
    :param facts: in which way; those that are None are left out.
    """
    if who is None and current_user.is_authenticated:
        who = current_user.account.id
    named: dict[str, Any] = {"who": who, "about": about, "where": request.remote_addr, **facts}
    logs.event(event, **named)
    site: Site = g.site
    # The log has it. A full disk must not turn a refusal into a fault, nor keep anybody from signing out.
    with suppress(RepositoryError):
        audit.note(
            site.database,
            event,
            now=site.now(),
            who=who,
            about=about,
            address=request.remote_addr or "",
            browser=request.user_agent.string,
            what=", ".join(str(fact) for fact in facts.values() if fact is not None),
            sparing=sparing,
        )
