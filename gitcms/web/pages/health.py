"""Whether the server is well, for programs that watch it."""

from __future__ import annotations

from flask import Flask, g
from flask.typing import ResponseReturnValue

from gitcms.accounts import users
from gitcms.errors import GitCMSError
from gitcms.site import Site
from gitcms.web.security import open_to_everyone


def register(app: Flask) -> None:
    app.add_url_rule("/healthz", "healthz", healthz)


@open_to_everyone
def healthz() -> ResponseReturnValue:
    """Answer 200 when site and database can be read, else 503. It says no more to strangers."""
    site: Site = g.site
    try:
        site.repository.head()
        users.anybody(site.database)
    except GitCMSError:
        return {"status": "failing"}, 503
    return {"status": "ok"}
