"""Flask's session, kept in the database: the cookie carries nothing but a random id.

Nobody's session is kept: whoever has not signed in has at most an id in a cookie, to tie a form to
the browser that it was given to. Who may have a session, and for how long, is `accounts.sessions`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Flask, Request, Response, request, session
from flask.sessions import SessionInterface, SessionMixin

from gitcms import logs
from gitcms.accounts import sessions
from gitcms.accounts.users import Account
from gitcms.config import Config
from gitcms.database import Database
from gitcms.errors import GitCMSError

# The prefix makes browsers refuse the cookie unless it is Secure, of this host alone and of path /
# (RFC 6265bis, 4.1.3.2).
SECURE_COOKIE = "__Host-gitcms"
PLAIN_COOKIE = "gitcms"
# What an open page asks while nobody is there says so; it can only shorten a session.
BY_ITSELF = "X-By-Itself"
_ID = re.compile(r"[A-Za-z0-9_-]{43}")
# What flask-login notes for itself; the account is a column, and the rest we have no use for.
_NOT_KEPT = ("_user_id", "_fresh", "_id")


class Session(dict[str, Any], SessionMixin):
    """What the server remembers of a browser. `id` is None until something needs one."""

    def __init__(self, cookie: str | None = None) -> None:
        super().__init__()
        self.cookie = cookie
        self.id = cookie
        self.account: Account | None = None
        self.problem: GitCMSError | None = None
        self._loaded: dict[str, Any] = {}

    def belongs_to(self, account: Account, data: dict[str, Any]) -> None:
        """Make this the session of a person who has signed in."""
        self.account = account
        self._loaded = dict(data)
        self.update(data)
        self["_user_id"] = str(account.id)

    def moves_to(self, session_id: str) -> None:
        """Go on under another id, with nothing of what was."""
        self.clear()
        self.account = None
        self._loaded = {}
        self.id = session_id

    def ensure_id(self) -> str:
        """Return the id, a fresh one when the browser came without."""
        if self.id is None:
            self.id = sessions.new_id()
        return self.id

    def data(self) -> dict[str, Any]:
        """Return what is worth keeping."""
        return {key: value for key, value in self.items() if key not in _NOT_KEPT}

    def is_changed(self) -> bool:
        return self.data() != self._loaded


class DatabaseSessions(SessionInterface):
    """Reads the session at the start of a request and keeps what a page put into it."""

    def __init__(self, config: Config, database: Database, now: Callable[[], datetime]) -> None:
        self._config = config
        self._database = database
        self._now = now

    def open_session(self, app: Flask, request: Request) -> Session:
        if is_for_everyone(request.path):
            return Session()
        cookie = request.cookies.get(cookie_name(request))
        session = Session(cookie if cookie and _ID.fullmatch(cookie) else None)
        if session.id is None:
            return session
        try:
            signed = sessions.load(
                self._database,
                session.id,
                limits=self._config.sessions,
                now=self._now(),
                by_hand=BY_ITSELF not in request.headers,
            )
        except GitCMSError as error:
            # Raised again by the guard, where there is a page for it: nobody is let in meanwhile.
            session.problem = error
            return session
        if signed is not None:
            session.belongs_to(signed.account, signed.data)
        return session

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        assert isinstance(session, Session)
        response.vary.add("Cookie")
        if session.account is not None and session.id is not None and session.is_changed():
            try:
                sessions.remember(self._database, session.id, session.data())
            except GitCMSError as error:
                # At most a notice for the next page is lost; the answer itself is right.
                logs.event("session_not_kept", error=error)
        if session.id != session.cookie:
            self._set_cookie(session, response)

    def _set_cookie(self, session: Session, response: Response) -> None:
        name = cookie_name(request)
        options: dict[str, Any] = {
            "path": "/",
            "secure": request.is_secure,
            "httponly": True,
            "samesite": "Lax",
        }
        if session.id is None:
            response.delete_cookie(name, **options)
            return
        if session.get("keep"):
            options["max_age"] = self._config.sessions.absolute_hours * 3600
        response.set_cookie(name, session.id, **options)


def is_for_everyone(path: str) -> bool:
    """Tell whether a path is the same for everybody, so that no session need be looked up."""
    return path in ("/healthz", "/metrics") or path.startswith("/static/")


def cookie_name(request: Request) -> str:
    """Return the cookie's name: over plain HTTP, on loopback, a browser takes no `__Host-` one."""
    return SECURE_COOKIE if request.is_secure else PLAIN_COOKIE


def this_session() -> Session:
    """Return the session of the request at hand."""
    found = session._get_current_object()  # type: ignore[attr-defined]
    assert isinstance(found, Session)
    return found
