"""One's own account: name and email, password, look, and where one is signed in."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gitcms import logs
from gitcms.accounts import sessions, users
from gitcms.accounts.permissions import Permission
from gitcms.accounts.refusals import InvalidAccount
from gitcms.site import Site
from gitcms.web import login
from gitcms.web.security import requires
from gitcms.web.sessions import this_session

NOT_YOURS = "This is not your password."


def register(app: Flask) -> None:
    app.add_url_rule("/account", "account", account)
    app.add_url_rule("/account/profile", "change_profile", change_profile, methods=["POST"])
    app.add_url_rule("/account/password", "change_password", change_password, methods=["POST"])
    app.add_url_rule("/account/theme", "change_theme", change_theme, methods=["POST"])
    app.add_url_rule("/account/sign-outs", "sign_out_elsewhere", sign_out_elsewhere, methods=["POST"])


@requires(Permission.OWN_ACCOUNT)
def account() -> ResponseReturnValue:
    return _page()


@requires(Permission.OWN_ACCOUNT)
def change_profile() -> ResponseReturnValue:
    """Change name and email. Another email is another way in, so it takes the password as well."""
    site: Site = g.site
    own = login.current_account()
    name, email = request.form.get("name", ""), request.form.get("email", "")
    moves = users.email_key(email) != users.email_key(own.email)
    if moves and not _is_oneself(request.form.get("current", "")):
        return _page({"current": NOT_YOURS}, name=name, email=email)
    try:
        users.change_profile(site.database, own.id, name=name, email=email)
    except InvalidAccount as error:
        return _page(error.errors, name=name, email=email)
    logs.event("profile_changed", who=own.id, where=request.remote_addr)
    return _done("Saved. Your name and email go with what you save from now on.")


@requires(Permission.OWN_ACCOUNT)
def change_password() -> ResponseReturnValue:
    """Set a new password; everywhere else one is signed out."""
    site: Site = g.site
    own = login.current_account()
    if not _is_oneself(request.form.get("old", "")):
        return _page({"old": NOT_YOURS})
    try:
        users.change_password(site.database, own.id, request.form.get("password", ""))
    except InvalidAccount as error:
        return _page(error.errors)
    logs.event("password_changed", who=own.id, where=request.remote_addr)
    login.renew()
    return _done("Your new password counts from now on. Everywhere else you are signed out.")


@requires(Permission.OWN_ACCOUNT)
def change_theme() -> ResponseReturnValue:
    site: Site = g.site
    users.change_theme(site.database, login.current_account().id, request.form.get("theme", ""))
    return _done("Saved.")


@requires(Permission.OWN_ACCOUNT)
def sign_out_elsewhere() -> ResponseReturnValue:
    site: Site = g.site
    own = login.current_account()
    ended = sessions.end_others(site.database, own.id, this_session().ensure_id())
    logs.event("signed_out_elsewhere", who=own.id, where=request.remote_addr)
    return _done("You are signed out everywhere else." if ended else "You were signed in nowhere else.")


def _is_oneself(password: str) -> bool:
    """Tell whether this is the password of who is signed in, or a link has just stood for it."""
    site: Site = g.site
    return login.may_set_password() or users.has_password(site.database, login.current_account().id, password)


def _page(problems: Mapping[str, str] | None = None, **typed: str) -> ResponseReturnValue:
    own = login.current_account()
    shown = {"name": own.name, "email": own.email} | typed
    page = render_template(
        "account/account.html",
        problems=problems or {},
        account=own,
        needs_password=not login.may_set_password(),
        **shown,
    )
    return page, 422 if problems else 200


def _done(words: str) -> ResponseReturnValue:
    flash(words, "live")
    return redirect(url_for("account"), 303)
