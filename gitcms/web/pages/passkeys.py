"""Passkeys in the browser: the question, the answer, and one's own.

A script asks the browser for a passkey and sends what it gave by an ordinary form. Without scripts, or where
a server is called by a number, the page says what is needed. What an answer proves is judged in
`accounts.passkeys`.
"""

from __future__ import annotations

import ipaddress

from flask import Flask, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from gitcms import logs
from gitcms.accounts import passkeys, sessions
from gitcms.accounts.passkeys import Door
from gitcms.accounts.permissions import Permission
from gitcms.accounts.refusals import InvalidAccount, PasskeyRefused, TooManyAttempts
from gitcms.errors import AccountError, NotFound
from gitcms.site import Site
from gitcms.web import login, look, trail
from gitcms.web.errors_page import say_when, status_of
from gitcms.web.pages import providers
from gitcms.web.security import open_to_everyone, requires
from gitcms.web.sessions import this_session

PAGE = f"{providers.PAGE}/passkeys"


def register(app: Flask) -> None:
    for address, endpoint, view in (
        ("/sign-in-by-passkey/question", "passkey_question", passkey_question),
        ("/sign-in-by-passkey", "sign_in_by_passkey", sign_in_by_passkey),
        (f"{PAGE}/question", "new_passkey_question", new_passkey_question),
        (PAGE, "add_passkey", add_passkey),
        (f"{PAGE}/removal", "remove_passkey", remove_passkey),
    ):
        app.add_url_rule(address, endpoint, view, methods=["POST"])
    app.jinja_env.globals.update(passkeys_possible=possible)


def possible() -> bool:
    """Tell whether browsers keep passkeys for the name that they call us by: a number is none."""
    try:
        ipaddress.ip_address(_door_name().strip("[]"))
    except ValueError:
        return True
    return False


@open_to_everyone
def passkey_question() -> ResponseReturnValue:
    """Give a script what to ask the browser for."""
    site: Site = g.site
    try:
        providers.count(site)
    except TooManyAttempts:
        return {}, 429
    browser = this_session().ensure_id()
    return passkeys.begin(site.database, site.state, _door(), browser, now=site.now())


@open_to_everyone
def sign_in_by_passkey() -> ResponseReturnValue:
    """Let in whoever has a passkey, which stands for password and second factor."""
    site: Site = g.site
    kept, following = login.kept_form(), request.form.get("next", "")
    if current_user.is_authenticated:
        return login.go_on(kept, following)
    browser = this_session().ensure_id()
    try:
        account = passkeys.finish(
            site.database, site.state, request.form.get("answer", ""), _door(), browser, now=site.now()
        )
    except PasskeyRefused as error:
        trail.note("sign_in_failed", sparing=True, by="passkey", reason=error.code)
        logs.event("passkey_refused", details=error.details)
        response = login.sign_in_page(status=status_of(error), kept=kept, following=following, problem=error)
        say_when(response, error)
        return response
    providers.take_back(site)
    login.sign_in(
        account,
        how="passkey",
        keep="keep" in request.form,
        may_set_password=not account.has_password,
        has_factor=True,
    )
    return login.go_on(kept, following)


@requires(Permission.OWN_ACCOUNT)
def new_passkey_question() -> ResponseReturnValue:
    """Give a script what to ask the browser for, once the password has proved who asks."""
    site: Site = g.site
    if not login.is_oneself(request.form.get("current", "")):
        return {}, 422
    browser = this_session().ensure_id()
    try:
        return passkeys.begin_adding(
            site.database, site.state, login.current_account(), _door(), browser, now=site.now()
        )
    except AccountError as error:
        return {}, status_of(error)


@requires(Permission.OWN_ACCOUNT)
def add_passkey() -> ResponseReturnValue:
    """Keep a passkey that the browser made; the challenge in it was given for the password."""
    site: Site = g.site
    answer, name = request.form.get("answer", ""), request.form.get("name", "")
    if not answer and not login.is_oneself(request.form.get("current", "")):
        return providers.page({"passkey": login.NOT_YOURS}, name=name)
    browser = this_session().ensure_id()
    try:
        passkeys.finish_adding(
            site.database,
            site.state,
            login.current_account(),
            name,
            answer,
            _door(),
            browser,
            now=site.now(),
        )
    except InvalidAccount as error:
        return providers.page(error.errors, name=name)
    except PasskeyRefused as error:
        logs.event("passkey_refused", details=error.details)
        return providers.page(problem=error, name=name)
    trail.note("passkey_added")
    login.renew(may_set_password=login.may_set_password())
    flash("From now on you can sign in with this passkey.", "live")
    return redirect(url_for("ways_in"), 303)


@requires(Permission.OWN_ACCOUNT)
def remove_passkey() -> ResponseReturnValue:
    """Take a passkey away; everywhere else one is signed out, since it may have been by that."""
    site: Site = g.site
    own = login.current_account()
    if not login.is_oneself(request.form.get("current", "")):
        return providers.page({"passkey_removal": login.NOT_YOURS})
    try:
        passkeys.remove(site.database, own.id, request.form.get("passkey", 0, type=int))
    except (AccountError, NotFound) as error:
        return providers.page(problem=error)
    sessions.end_others(site.database, own.id, this_session().ensure_id())
    trail.note("passkey_removed")
    login.renew(may_set_password=login.may_set_password())
    flash("Removed. Everywhere else you are signed out.", "live")
    return redirect(url_for("ways_in"), 303)


def _door() -> Door:
    site: Site = g.site
    return Door(_door_name(), request.host_url.rstrip("/"), look.title_of(site))


def _door_name() -> str:
    host = request.host
    return host if host.endswith("]") else host.rpartition(":")[0] or host
