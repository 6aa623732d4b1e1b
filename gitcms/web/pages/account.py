"""One's own account: name and email, password, look, and where one is signed in."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gitcms import builds, mail
from gitcms.accounts import sessions, users
from gitcms.accounts.permissions import Permission
from gitcms.accounts.refusals import InvalidAccount
from gitcms.site import Site
from gitcms.web import languages, login, trail
from gitcms.web.security import requires
from gitcms.web.sessions import this_session


def register(app: Flask) -> None:
    app.add_url_rule("/account", "account", account)
    app.add_url_rule("/account/profile", "change_profile", change_profile, methods=["POST"])
    app.add_url_rule("/account/password", "change_password", change_password, methods=["POST"])
    app.add_url_rule("/account/theme", "change_theme", change_theme, methods=["POST"])
    app.add_url_rule("/account/language", "change_language", change_language, methods=["POST"])
    app.add_url_rule("/account/time-zone", "change_time_zone", change_time_zone, methods=["POST"])
    app.add_url_rule("/account/mail", "change_build_mail", change_build_mail, methods=["POST"])
    app.add_url_rule("/account/sign-out", "sign_out_there", sign_out_there, methods=["POST"])
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
    if moves and not login.is_oneself(request.form.get("current", "")):
        return _page({"current": login.NOT_YOURS}, name=name, email=email)
    try:
        users.change_profile(site.database, own.id, name=name, email=email)
    except InvalidAccount as error:
        return _page(error.errors, name=name, email=email)
    trail.note("profile_changed")
    return _done("Saved. Your name and email go with what you save from now on.")


@requires(Permission.OWN_ACCOUNT)
def change_password() -> ResponseReturnValue:
    """Set a new password; everywhere else one is signed out."""
    site: Site = g.site
    own = login.current_account()
    if not login.is_oneself(request.form.get("old", "")):
        return _page({"old": login.NOT_YOURS})
    try:
        users.change_password(site.database, own.id, request.form.get("password", ""))
    except InvalidAccount as error:
        return _page(error.errors)
    trail.note("password_changed")
    login.renew()
    return _done("Your new password counts from now on. Everywhere else you are signed out.")


@requires(Permission.OWN_ACCOUNT)
def change_theme() -> ResponseReturnValue:
    site: Site = g.site
    users.change_theme(site.database, login.current_account().id, request.form.get("theme", ""))
    return _done("Saved.")


@requires(Permission.OWN_ACCOUNT)
def change_language() -> ResponseReturnValue:
    """Choose the language of the interface; "" for what the browser asks for."""
    site: Site = g.site
    wanted = request.form.get("language", "")
    if wanted and wanted not in languages.LANGUAGES:
        return _page({"language": "Choose one of the languages."})
    users.change_language(site.database, login.current_account().id, wanted)
    return _done("Saved.")


@requires(Permission.OWN_ACCOUNT)
def change_time_zone() -> ResponseReturnValue:
    site: Site = g.site
    typed = request.form.get("time_zone", "")
    try:
        users.change_time_zone(site.database, login.current_account().id, typed)
    except InvalidAccount as error:
        return _page(error.errors, time_zone=typed)
    return _done("Saved.")


@requires(Permission.OWN_ACCOUNT)
def change_build_mail() -> ResponseReturnValue:
    """Choose of which failed rebuilds one is told by mail."""
    site: Site = g.site
    users.change_build_mail(site.database, login.current_account().id, request.form.get("build_mail", ""))
    return _done("Saved.")


@requires(Permission.OWN_ACCOUNT)
def sign_out_there() -> ResponseReturnValue:
    """End one session; one's own is ended by signing out."""
    site: Site = g.site
    handle = request.form.get("session", "")
    if sessions.end_one(site.database, login.current_account().id, handle):
        trail.note("signed_out_elsewhere", sessions=1)
        return _done("You are signed out there.")
    return _done("That had ended already.")


@requires(Permission.OWN_ACCOUNT)
def sign_out_elsewhere() -> ResponseReturnValue:
    site: Site = g.site
    own = login.current_account()
    ended = sessions.end_others(site.database, own.id, this_session().ensure_id())
    trail.note("signed_out_elsewhere", sessions=ended)
    return _done("You are signed out everywhere else." if ended else "You were signed in nowhere else.")


def _page(problems: Mapping[str, str] | None = None, **typed: str) -> ResponseReturnValue:
    own = login.current_account()
    site: Site = g.site
    shown = {"name": own.name, "email": own.email, "time_zone": own.time_zone} | typed
    here = this_session().ensure_id()
    page = render_template(
        "account/account.html",
        problems=problems or {},
        account=own,
        languages=list(languages.LANGUAGES.values()),
        sends_mail=mail.is_on(site.config) and builds.is_on(site),
        open_sessions=sessions.open_ones(
            site.database, own.id, here, limits=site.config.sessions, now=site.now()
        ),
        site_zone=site.config.site.time_zone or "UTC",
        needs_password=not login.may_set_password(),
        **shown,
    )
    return page, 422 if problems else 200


def _done(words: str) -> ResponseReturnValue:
    flash(words, "live")
    return redirect(url_for("account"), 303)
