"""Who is there: signing a browser in and out, and what happens to what someone typed meanwhile.

Proving who one is happens in `accounts.sign_in`; which page asks for it, and shows the form again
afterwards, is here. A form that arrives after its session has ended travels on in hidden fields of
the sign-in page, so the server keeps nothing for strangers, and comes back filled by the page that
registered itself with `redisplays`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from flask import (
    Flask,
    Response,
    current_app,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
)
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect, Rule

from gitcms import mail
from gitcms.accounts import second_factor, sessions, users
from gitcms.accounts.users import Account
from gitcms.entries import Writer
from gitcms.errors import GitCMSError, PermissionDenied
from gitcms.repository import Person
from gitcms.site import Site
from gitcms.web import security, trail
from gitcms.web.sessions import this_session

KEPT = "kept."
TARGET = "kept_target"
FILES = "kept_files"
SIGN_IN = "sign_in"
SIGN_IN_CODE = "sign_in_code"
SIGN_IN_ELSEWHERE = "sign_in_elsewhere"
RENEWED = "renewed"
NOT_YOURS = "This is not your password."
# Characters of an address to go on to. Longer ones are nobody's bookmark, and few servers read them.
LONGEST_WAY = 2000

Redisplay = Callable[[dict[str, Any], MultiDict[str, str]], ResponseReturnValue]
_REDISPLAYS: dict[str, Redisplay] = {}


class SignedIn(UserMixin):  # type: ignore[misc]
    """The person of this request, as flask-login and the templates know them."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.name = account.name
        self.email = account.email
        self.role = account.role
        self.rights = account.rights
        self.theme = account.theme

    def get_id(self) -> str:
        return str(self.account.id)


@dataclass(frozen=True, slots=True)
class Kept:
    """What someone typed into a form that could not be taken. `target` is the path it was sent to."""

    target: str
    fields: MultiDict[str, str]
    had_files: bool

    @property
    def words(self) -> int:
        """How many words the text has, to say that it is still there."""
        return sum(any(map(str.isalnum, word)) for word in self.fields.get("body", "").split())


def redisplays(endpoint: str) -> Callable[[Redisplay], Redisplay]:
    """Register how a form is shown again, filled and unsaved, after its session had ended.

    The function takes the arguments of the endpoint's URL and the form as it was sent, without its
    token, and returns the page. It must change nothing.
    """

    def register(show: Redisplay) -> Redisplay:
        _REDISPLAYS[endpoint] = show
        return show

    return register


def manage(app: Flask) -> None:
    """Tell the application who is there, and what to do with those who are not."""
    manager = LoginManager(app)
    # Sessions live in the database and end there; an address that changes is no reason to end one.
    manager.session_protection = None
    manager.user_loader(_person_of_session)


def current_account() -> Account:
    """Return the account of who is signed in."""
    account: Account = current_user.account
    return account


def current_author() -> Person:
    """Return who is signed in, as they stand in the history."""
    account = current_account()
    return Person(account.name, account.email)


def current_writer() -> Writer:
    """Return who is signed in, with what they may do, for those who write."""
    account = current_account()
    return Writer(account.name, account.email, account.rights)


# ── in and out ───────────────────────────────────────────────────────────────────────────────


def sign_in(
    account: Account,
    *,
    how: str,
    keep: bool = False,
    may_set_password: bool = False,
    provider: str = "",
    has_factor: bool = False,
) -> None:
    """Sign this browser in, under a fresh id; whatever it was before is over.

    :param how: for the log: "password", "link" or "first-admin".
    :param keep: whether the browser remembers it when it is closed.
    :param may_set_password: whether a new password may be set without the old one: the link proved
        who it is.
    :param provider: by which other provider it was.
    :param has_factor: whether that asked for a second factor, so that none need be set up here.
    :raises StorageFailed: when the session cannot be kept; nobody is signed in then.
    """
    site, found = _site(), this_session()
    now = site.now()
    sessions.sweep(site.database, limits=site.config.sessions, now=now)
    if found.account is not None and found.id is not None:
        sessions.end(site.database, found.id)
    flags = (("keep", keep), ("may_set_password", may_set_password), ("has_factor", has_factor))
    data: dict[str, Any] = {key: True for key, on in flags if on}
    if provider:
        data["provider"] = provider
    fresh = sessions.new_id()
    sessions.begin(
        site.database,
        fresh,
        account.id,
        data,
        now=now,
        address=request.remote_addr or "",
        browser=request.user_agent.string,
    )
    found.moves_to(fresh)
    found.belongs_to(account, data)
    login_user(SignedIn(account))
    if how != RENEWED:
        trail.note("signed_in", who=account.id, how=how)


def sign_out() -> None:
    """End this browser's session."""
    site, found = _site(), this_session()
    if found.id is not None:
        sessions.end(site.database, found.id)
    trail.note("signed_out")
    logout_user()
    found.moves_to(sessions.new_id())


def renew(*, may_set_password: bool = False) -> None:
    """Go on as the same person under a fresh id, after something about the account has changed."""
    site, found = _site(), this_session()
    account = users.find(site.database, current_account().id)
    sign_in(
        account,
        how=RENEWED,
        keep=bool(found.get("keep")),
        may_set_password=may_set_password,
        provider=str(found.get("provider", "")),
        has_factor=bool(found.get("has_factor")),
    )


def may_set_password() -> bool:
    """Tell whether this session may set a password without the old one."""
    return bool(session.get("may_set_password"))


def is_oneself(password: str) -> bool:
    """Tell whether this is the password of who is signed in, or a link has just stood for it."""
    return may_set_password() or users.has_password(_site().database, current_account().id, password)


# ── the page that asks ───────────────────────────────────────────────────────────────────────


def ask_to_sign_in() -> ResponseReturnValue:
    """Answer somebody who has to sign in first: with the page, or a way to it."""
    if wants_json():
        return {
            "error": {"code": "auth.required", "message": "You were signed out.", "hint": "Sign in."}
        }, 401
    if request.method in security.READING:
        return redirect(sign_in_address(request.full_path.rstrip("?")), 302)
    return sign_in_page(status=401, kept=kept_of_request(), following=safe_path(request.path) or "")


def sign_in_page(
    *,
    status: int = 200,
    kept: Kept | None = None,
    following: str = "",
    email: str = "",
    problem: GitCMSError | None = None,
    notice: str = "",
    left: tuple[str, str] | None = None,
) -> Response:
    """Return the page with the sign-in form.

    :param kept: a form that travels on in it.
    :param following: where to go afterwards.
    :param problem: why the last try was not taken.
    :param left: the provider that somebody who has just signed out had come by, and where to end that.
    """
    page = render_template(
        "sign_in/sign_in.html",
        providers=_site().config.providers,
        left=left,
        kept=kept,
        following=following,
        email=email,
        problem=problem,
        notice=notice,
        has_mail=mail.is_on(_site().config),
        nobody=not users.anybody(_site().database),
    )
    return make_response(page, status)


def code_page(
    ticket: str,
    *,
    status: int = 200,
    kept: Kept | None = None,
    following: str = "",
    keep: bool = False,
    problem: GitCMSError | None = None,
) -> Response:
    """Return the page that asks for a code of the second factor; arguments as in `sign_in_page`.

    :param ticket: proves that the password, or a link, was right in this browser.
    """
    page = render_template(
        "sign_in/code.html", ticket=ticket, kept=kept, following=following, keep=keep, problem=problem
    )
    return make_response(page, status)


def ticket(account: Account, *, by: str = "password") -> str:
    """Return what lets this browser go on with a code, as `second_factor.ticket_for` has it."""
    site, browser = _site(), this_session().ensure_id()
    return second_factor.ticket_for(site.database, site.state, account.id, browser, now=site.now(), by=by)


def sign_in_address(following: str) -> str:
    """Return the address of the sign-in page that leads on to another."""
    own = f"{request.script_root}/sign-in"
    worth = len(following) <= LONGEST_WAY and safe_path(following) not in (None, "/")
    return f"{own}?next={quote(following, safe='/')}" if worth else own


def go_on(kept: Kept | None, following: str) -> ResponseReturnValue:
    """Answer somebody who has just signed in: with their form as it was, or with the page they wanted."""
    if kept is not None:
        return show_again(
            kept, "You are signed in again. Your text is as you left it, and not saved yet.", status=200
        )
    return redirect(request.script_root + (safe_path(following) or "/"), 303)


def safe_path(following: str) -> str | None:
    """Return an address to go on to, if it is one of our own pages that is read, else None.

    Only what our URL map knows passes: no other host however it is spelled, no page that acts.
    """
    parts = urlsplit(following) if _is_plain(following) else None
    if parts is None or parts.scheme or parts.netloc or not parts.path.startswith("/"):
        return None
    path = unquote(parts.path)
    if not _is_plain(path) or path.startswith("//") or {".", ".."} & set(path.split("/")):
        return None
    matched = _match(path, "GET")
    access = _access(matched[0]) if matched is not None else None
    if access is None or access.permission is None:
        return None
    return quote(path, safe="/~!*'()@:+,;=$&") + (f"?{parts.query}" if parts.query else "")


# ── what was typed ───────────────────────────────────────────────────────────────────────────


def kept_of_request() -> Kept | None:
    """Return the form of this request to be shown again later, if its page knows how to."""
    if request.method in security.READING or request.endpoint not in _REDISPLAYS:
        return None
    fields = MultiDict(
        (key, value) for key, value in request.form.items(multi=True) if key != security.TOKEN_FIELD
    )
    return Kept(request.path, fields, any(file.filename for file in request.files.values()))


def kept_form() -> Kept | None:
    """Return the form that travelled on in this request's hidden fields, or None."""
    target = request.form.get(TARGET, "")
    if not target:
        return None
    fields = MultiDict(
        (key.removeprefix(KEPT), value)
        for key, value in request.form.items(multi=True)
        if key.startswith(KEPT)
    )
    return Kept(target, fields, request.form.get(FILES, "") == "1")


def show_again(kept: Kept, notice: str, *, status: int) -> ResponseReturnValue:
    """Show a form again, filled and unsaved, by the page that it was sent to.

    :raises PermissionDenied: when who is signed in now may not send it.
    """
    matched = _match(kept.target, "POST")
    show = _REDISPLAYS.get(matched[0].endpoint) if matched is not None else None
    if matched is None or show is None:
        return redirect(f"{request.script_root}/", 303)
    rule, arguments = matched
    access, place = _access(rule), security.place_of(arguments)
    if access is None or (access.permission is not None and not security.may(access.permission, place)):
        raise PermissionDenied("Your account may not do this.")
    if security.lacks_second_factor():
        raise security.SecondFactorMissing
    flash(notice, "live" if status == 200 else "review")
    if kept.had_files:
        flash("The pictures that you had chosen could not be kept. Choose them again.", "review")
    # The page builds its links and its form as if it had been asked for itself.
    request.url_rule, request.view_args = rule, arguments
    response = make_response(show(dict(arguments), kept.fields))
    response.status_code = status
    return response


def after_failed_token() -> ResponseReturnValue | None:
    """Let nobody be locked out, and nothing be lost, by a page that was open for too long.

    Nothing has been done with the form. None when it is of no page that could show it again.
    """
    if wants_json():
        return None
    if request.endpoint in (SIGN_IN, SIGN_IN_CODE, SIGN_IN_ELSEWHERE):
        return sign_in_page(
            status=403,
            kept=kept_form(),
            following=request.form.get("next", ""),
            email=request.form.get("email", ""),
            notice="This page was open for a long time. Sign in once more.",
        )
    kept = kept_of_request()
    if kept is None or not current_user.is_authenticated:
        return None
    return show_again(
        kept, "This page was from before you signed in again. Nothing is lost: save once more.", status=403
    )


def wants_json() -> bool:
    """Tell whether it is a program that asks, which would not read a page."""
    accepted = request.accept_mimetypes
    return accepted.accept_json and not accepted.accept_html


# ── behind the scenes ────────────────────────────────────────────────────────────────────────


def _person_of_session(user_id: str) -> SignedIn | None:
    account = this_session().account
    return SignedIn(account) if account is not None and str(account.id) == user_id else None


def _match(path: str, method: str) -> tuple[Rule, dict[str, Any]] | None:
    adapter = current_app.create_url_adapter(request)
    assert adapter is not None
    try:
        rule, arguments = adapter.match(path, method=method, return_rule=True)
    except (HTTPException, RequestRedirect):
        return None
    return rule, dict(arguments)


def _access(rule: Rule) -> security.Access | None:
    return security.access_to(current_app.view_functions[rule.endpoint])


def _is_plain(text: str) -> bool:
    return "\\" not in text and all(letter.isprintable() for letter in text) and text == text.strip()


def _site() -> Site:
    site: Site = g.site
    return site
