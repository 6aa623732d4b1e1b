"""The guard at the door: before each request it is asked, and after each it seals the answer.

In this order: is the request meant for us (Host), does a form come from our own page (Origin, and
the token in it), is the page open to this person (the mark on its function, the table in
`accounts.permissions`). A page without a mark is open to nobody. Who the person is comes from
`login`.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from markupsafe import Markup

from gitcms import logs
from gitcms.accounts import second_factor
from gitcms.accounts.permissions import PLACED, Permission, Place
from gitcms.config import Server
from gitcms.errors import PermissionDenied
from gitcms.schema.collection import Collection
from gitcms.site import Site
from gitcms.web import trail
from gitcms.web.sessions import is_for_everyone, this_session

View = TypeVar("View", bound=Callable[..., Any])

READING = frozenset({"GET", "HEAD", "OPTIONS"})
TOKEN_FIELD = "csrf_token"
TOKEN_HEADER = "X-CSRF-Token"
_MARK = "gitcms_access"

# Everything a page may load, send and be framed by. Nothing inline, nothing from elsewhere.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "frame-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
# For what came from authors' files and is opened as a document of its own: no script, no form, and
# an origin that is nobody's.
SANDBOX_POLICY = "default-src 'none'; img-src 'self'; style-src 'self'; frame-ancestors 'self'; sandbox"
WRITE_HINT = "Go back: the browser still has what you typed. An administrator can let you write here."
# What somebody reaches who must set up a second factor first.
BEFORE_SECOND_FACTOR = frozenset(
    {"second_factor", "begin_second_factor", "confirm_second_factor", "sign_out", "change_password"}
)
NAME_HINT = "If it should, its administrator adds the name to allowed_hosts under [server]."
PLAIN_HINT = (
    "Passwords must not travel readable over a network. The administrator puts a proxy with https before"
    " gitcms and sets https = true under [server], or allows it with plain_http = true."
)
# Six months; without includeSubDomains, since the neighbours are not ours.
TRANSPORT_SECURITY = "max-age=15768000"


MOST_FROM_PROGRAMS = 5_000_000
"""Bytes that another server may send: a push of some thousand commits is that long."""


class CsrfFailed(PermissionDenied):
    """A form that was not given out to this browser, or was before it signed in anew."""

    code = "csrf.failed"
    hint = "Go back, load the page again, and send it once more."

    def __init__(self) -> None:
        super().__init__("This page was open for too long, or you signed in again meanwhile.")


class SecondFactorMissing(PermissionDenied):
    """Somebody who must set up a second factor, and has not yet."""

    code = "second_factor.missing"
    hint = "Open Account, set it up under Second factor, then go back and do this again."

    def __init__(self) -> None:
        super().__init__("Your account needs a second factor first.")


@dataclass(frozen=True, slots=True)
class Access:
    """Whom a page is open to: those with a permission, or everyone when it is None.

    `programs` may call it without a form of ours: what they send proves by itself who they are.
    """

    permission: Permission | None
    programs: bool = False


def requires(permission: Permission) -> Callable[[View], View]:
    """Mark a view as open to those who have a permission."""

    def mark(view: View) -> View:
        setattr(view, _MARK, Access(permission))
        return view

    return mark


def open_to_everyone(view: View) -> View:
    """Mark a view as open to those who have not signed in."""
    setattr(view, _MARK, Access(None))
    return view


def open_to_programs(view: View) -> View:
    """Mark a view as one that other servers call. It checks by itself what they show, and takes little."""
    setattr(view, _MARK, Access(None, programs=True))
    return view


def access_to(view: Callable[..., Any] | None) -> Access | None:
    """Return a view's mark, or None: then it is open to nobody."""
    found: Access | None = getattr(view, _MARK, None)
    return found


def may(permission: Permission | str, place: Place | None = None) -> bool:
    """Tell whether the person who asks has a permission, named as in the table.

    :param place: where; left out, it is asked whether anywhere at all.
    """
    wanted = Permission(permission.lower())
    return bool(current_user.is_authenticated) and current_user.rights.may(wanted, place)


def lacks_second_factor() -> bool:
    """Tell whether who is signed in must set up a second factor before anything else."""
    site: Site = g.site
    return (
        bool(current_user.is_authenticated)
        and not this_session().get("has_factor")
        and second_factor.is_missing(current_user.account, site.config.sessions.second_factor)
    )


def place_of(arguments: Mapping[str, Any]) -> Place | None:
    """Return the place that the arguments of a page's address name, or None.

    Which collection an entry is of is read off its path: a name beside it is only what the address says.
    """
    site: Site = g.site
    path, name = arguments.get("path", ""), arguments.get("name")
    if path:
        return place_at(path)
    found = site.model().collection(name) if name else None
    return place_in(found) if found else None


def place_at(path: str) -> Place:
    """Return the place of the entry that lies, or lay, at a path."""
    found = g.site.collection_of(path)
    return Place(found.name if found else "", path)


def place_in(collection: Collection) -> Place:
    """Return the place of an entry that is yet to be made."""
    drafts = (collection.draft_folder,) if collection.draft_folder else ()
    return Place(collection.name, folders=(*collection.folders, *drafts))


def protect(
    app: Flask, server: Server, secret: bytes, unauthorized: Callable[[], ResponseReturnValue]
) -> None:
    """Put the guard before every request of an application, and the seal on every answer.

    :param secret: the key that tokens are made with.
    :param unauthorized: answers those who have to sign in first.
    """
    app.config["GITCMS_TOKEN_KEY"] = hmac.digest(secret, b"csrf", hashlib.sha256)
    hosts = allowed_hosts(server)

    @app.before_request
    def guard() -> ResponseReturnValue | None:
        host = request.headers.get("Host", "")
        if not is_our_host(host, hosts):
            return _refuse("host", f"This server does not answer to that name. {NAME_HINT}")
        if not (request.is_secure or server.plain_http or is_loopback(host)):
            return _refuse("plain_http", PLAIN_HINT)
        # No such page, or not by this method: told to everyone alike.
        if request.routing_exception is not None:
            return None
        if _is_for_programs():
            request.max_content_length = MOST_FROM_PROGRAMS
            return None
        _raise_problem_of_session()
        if request.method not in READING:
            _check_origin()
        answer = _check_access(unauthorized)
        if answer is None and request.method not in READING:
            _check_form()
        return answer

    app.after_request(seal)
    app.jinja_env.globals.update(
        csrf_token=csrf_token, csrf_field=csrf_field, can=may, place_in=place_in, place_at=place_at
    )


def seal(response: Response) -> Response:
    """Put the headers on an answer that tell browsers what not to do with it.

    A page that sets one of them itself keeps it.
    """
    headers = response.headers
    headers.setdefault("Content-Security-Policy", POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    if "frame-ancestors 'none'" in headers["Content-Security-Policy"]:
        headers.setdefault("X-Frame-Options", "DENY")
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", TRANSPORT_SECURITY)
    if not is_for_everyone(request.path):
        headers.setdefault("Cache-Control", "no-store")
    return response


def sandboxed(response: Response) -> Response:
    """Seal an answer whose bytes come from authors' files, so that it can do nothing as a page."""
    response.headers["Content-Security-Policy"] = SANDBOX_POLICY
    return response


def csrf_token() -> str:
    """Return the token that proves that a form was given to this browser by us.

    It follows from the cookie's id, so it changes at sign-in and needs no place of its own.
    """
    key: bytes = current_app.config["GITCMS_TOKEN_KEY"]
    return hmac.new(key, this_session().ensure_id().encode(), hashlib.sha256).hexdigest()


def csrf_field() -> Markup:
    """Return the hidden field that every form which is POSTed needs."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(TOKEN_FIELD, csrf_token())


def allowed_hosts(server: Server) -> frozenset[str]:
    """Return the names that browsers may call us by, "name" or "name:port", in small letters."""
    hosts = {"localhost", "127.0.0.1", "[::1]"}
    hosts.update(host.lower() for host in server.allowed_hosts)
    if server.host not in ("", "0.0.0.0", "::"):
        hosts.add(f"[{server.host}]".lower() if ":" in server.host else server.host.lower())
    return frozenset(hosts)


def is_our_host(header: str, allowed: frozenset[str]) -> bool:
    """Tell whether a Host header names us; a name that is allowed without a port has any port.

    Against pages elsewhere whose name was made to point at this server (DNS rebinding), and links
    made with a stranger's name.
    """
    parts = re.fullmatch(r"([a-z0-9.-]+|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?", header.lower(), re.ASCII)
    return parts is not None and (parts[1] in allowed or header.lower() in allowed)


def is_loopback(header: str) -> bool:
    """Tell whether a Host header names the machine that the browser runs on."""
    name = header.lower().rpartition(":")[0] if re.search(r":[0-9]+$", header) else header.lower()
    try:
        return name == "localhost" or ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False


def log_denial(reason: str) -> None:
    """Note who was refused what, and why."""
    trail.note(
        "denied",
        sparing=not current_user.is_authenticated,
        reason=reason,
        method=request.method,
        page=request.endpoint,
    )


def _refuse(reason: str, words: str) -> Response:
    logs.event("denied", reason=reason, where=request.remote_addr)
    return Response(f"{words}\n", 400, mimetype="text/plain")


def _is_for_programs() -> bool:
    access = access_to(current_app.view_functions.get(request.endpoint or ""))
    return access is not None and access.programs


def _raise_problem_of_session() -> None:
    problem = this_session().problem
    if problem is not None:
        raise problem


def _check_origin() -> None:
    """Refuse what another site's page sends.

    Browsers say where a form comes from (Fetch Metadata, and Origin as in RFC 6454); programs that
    say nothing still need the token.
    """
    own = urlsplit(request.host_url)
    origin = request.headers.get("Origin")
    if origin is not None and origin.lower() != f"{own.scheme}://{own.netloc}".lower():
        log_denial(f"origin {origin} at {own.scheme}://{own.netloc}")
        abort(403)
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        log_denial("sec-fetch-site")
        abort(403)


def _check_access(unauthorized: Callable[[], ResponseReturnValue]) -> ResponseReturnValue | None:
    access = access_to(current_app.view_functions.get(request.endpoint or ""))
    if access is None:
        log_denial("unmarked")
        raise PermissionDenied("Nobody may open this page.")
    if access.permission is None:
        return None
    if not current_user.is_authenticated:
        return unauthorized()
    if lacks_second_factor() and request.endpoint not in BEFORE_SECOND_FACTOR:
        if request.method in READING:
            return redirect(url_for("second_factor"), 302)
        log_denial("second factor missing")
        raise SecondFactorMissing
    if not may(access.permission):
        log_denial(f"needs {access.permission}")
        raise PermissionDenied("Your account may not do this.")
    if access.permission in PLACED and not may(access.permission, place_of(request.view_args or {})):
        log_denial(f"needs {access.permission} here")
        raise PermissionDenied("Your account may not write here.", hint=WRITE_HINT)
    return None


def _check_form() -> None:
    sent = request.headers.get(TOKEN_HEADER) or request.form.get(TOKEN_FIELD, "")
    if not hmac.compare_digest(sent.encode("utf-8", "replace"), csrf_token().encode()):
        log_denial("csrf")
        raise CsrfFailed
