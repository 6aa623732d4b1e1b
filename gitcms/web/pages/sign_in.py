"""Coming in and going out: by password or a link, then a code where there is a second factor; first run."""

from __future__ import annotations

from flask import Flask, flash, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from gitcms import mail
from gitcms.accounts import links, second_factor
from gitcms.accounts import sign_in as way_in
from gitcms.accounts.links import Purpose
from gitcms.accounts.permissions import Permission
from gitcms.accounts.refusals import (
    CodeWrong,
    InvalidAccount,
    LinkUnusable,
    SignInFailed,
    TicketUnusable,
    TooManyAttempts,
)
from gitcms.accounts.users import Account
from gitcms.site import Site
from gitcms.web import letters, login, trail
from gitcms.web.errors_page import say_when, status_of
from gitcms.web.pages import providers
from gitcms.web.security import open_to_everyone, requires
from gitcms.web.sessions import this_session

# How often one may ask for a link to one email in a quarter of an hour.
FORGOTTEN_LIMIT = 3


def register(app: Flask) -> None:
    app.add_url_rule("/sign-in", "sign_in", sign_in, methods=["GET", "POST"])
    app.add_url_rule("/sign-in/<token>", "sign_in_link", sign_in_link, methods=["GET", "POST"])
    app.add_url_rule("/forgotten-password", "forgotten_password", forgotten_password, methods=["GET", "POST"])
    app.add_url_rule("/new-password/<token>", "new_password", new_password, methods=["GET", "POST"])
    app.add_url_rule("/sign-in-code", "sign_in_code", sign_in_code, methods=["POST"])
    app.add_url_rule("/welcome/<token>", "welcome", welcome, methods=["GET", "POST"])
    app.add_url_rule("/sign-out", "sign_out", sign_out, methods=["POST"])


@open_to_everyone
def sign_in() -> ResponseReturnValue:
    """Ask for email and password, and let in whoever has both; then go on where they were."""
    if request.method == "GET":
        following = request.args.get("next", "")
        if current_user.is_authenticated:
            return login.go_on(None, following)
        return login.sign_in_page(
            following=login.safe_path(following) or "",
            left=providers.left_behind(request.args.get("left", "")),
        )
    kept, following = login.kept_form(), request.form.get("next", "")
    if current_user.is_authenticated:
        return login.go_on(kept, following)
    try:
        account = _with_password()
    except (SignInFailed, TooManyAttempts, InvalidAccount) as problem:
        response = login.sign_in_page(
            status=status_of(problem),
            kept=kept,
            following=following,
            email=request.form.get("email", ""),
            problem=problem,
        )
        say_when(response, problem)
        return response
    keep = "keep" in request.form
    if account.has_second_factor:
        return login.code_page(login.ticket(account), kept=kept, following=following, keep=keep)
    login.sign_in(account, how="password", keep=keep)
    return login.go_on(kept, following)


@open_to_everyone
def sign_in_link(token: str) -> ResponseReturnValue:
    """Show one button, and let in whoever presses it.

    Mail programs and chats open links to look at them; only the button uses the link up.
    """
    return _by_link(token, Purpose.SIGN_IN)


@open_to_everyone
def forgotten_password() -> ResponseReturnValue:
    """Send a link to whoever forgot their password, and say the same to everybody."""
    site: Site = g.site
    problem: TooManyAttempts | None = None
    sent = request.method == "POST" and mail.is_on(site.config)
    if sent:
        try:
            found = way_in.who_forgot(
                site.database,
                request.form.get("email", ""),
                address=request.remote_addr or "",
                limit=FORGOTTEN_LIMIT,
                now=site.now(),
            )
        except TooManyAttempts as error:
            problem, found = error, None
        if found is not None:
            letters.new_password(found)
        trail.note("password_forgotten", about=found.id if found else None, sparing=True)
    page = render_template(
        "sign_in/forgotten.html",
        possible=mail.is_on(site.config),
        sent=sent and problem is None,
        problem=problem,
        minutes=site.config.sessions.link_minutes,
    )
    response = make_response(page, status_of(problem) if problem else 200)
    if problem:
        say_when(response, problem)
    return response


@open_to_everyone
def new_password(token: str) -> ResponseReturnValue:
    """Let in whoever asked for a new password by mail, as `sign_in_link` does."""
    return _by_link(token, Purpose.RESET)


def _by_link(token: str, purpose: Purpose) -> ResponseReturnValue:
    site: Site = g.site
    if request.method == "GET":
        if not links.is_usable(site.database, token, purpose, now=site.now()):
            raise LinkUnusable
        elsewhere = site.config.providers if purpose is Purpose.SIGN_IN else ()
        return render_template("sign_in/link.html", providers=elsewhere, token=token)
    account = way_in.with_link(site.database, token, now=site.now(), purpose=purpose)
    if account.has_second_factor:
        return login.code_page(login.ticket(account, by="link"))
    login.sign_in(account, how="link" if purpose is Purpose.SIGN_IN else str(purpose), may_set_password=True)
    return _to_new_password(account)


def _to_new_password(account: Account) -> ResponseReturnValue:
    """Go on after a link, which has stood for the old password."""
    if not account.has_password:
        flash("Choose a password under Account, so that you can sign in without a link.", "note")
    return login.go_on(None, "")


@open_to_everyone
def sign_in_code() -> ResponseReturnValue:
    """Let in whoever gave the right password, or came by a link, and has a code of the second factor too."""
    site: Site = g.site
    kept, following = login.kept_form(), request.form.get("next", "")
    if current_user.is_authenticated:
        return login.go_on(kept, following)
    shown, keep = request.form.get("ticket", ""), "keep" in request.form
    browser = this_session().ensure_id()
    try:
        account, by = second_factor.holder(site.database, site.state, shown, browser, now=site.now())
    except TicketUnusable as error:
        return login.sign_in_page(status=status_of(error), kept=kept, following=following, problem=error)
    try:
        how = second_factor.check(
            site.database,
            site.state,
            account.id,
            request.form.get("code", ""),
            limit=site.config.limits.sign_in_attempts,
            now=site.now(),
        )
    except (CodeWrong, TooManyAttempts) as error:
        trail.note("code_wrong", about=account.id, sparing=isinstance(error, TooManyAttempts))
        response = login.code_page(
            shown, status=status_of(error), kept=kept, following=following, keep=keep, problem=error
        )
        say_when(response, error)
        return response
    stands = by == "link" or (by == "provider" and not account.has_password)
    login.sign_in(account, how=f"second factor, {how}", keep=keep, may_set_password=stands)
    if how == "recovery":
        left = second_factor.state_of(site.database, account.id).codes_left
        flash(f"That recovery code is used up. You have {left} left; Account makes new ones.", "review")
    if by == "link":
        return _to_new_password(account)
    return login.go_on(kept, following)


@open_to_everyone
def welcome(token: str) -> ResponseReturnValue:
    """Make the first administrator, who holds the link that the terminal showed."""
    site: Site = g.site
    if request.method == "GET":
        if not links.is_usable(site.database, token, Purpose.FIRST_ADMIN, now=site.now()):
            raise LinkUnusable
        return render_template("sign_in/welcome.html", problems={}, name="", email="")
    name, email = request.form.get("name", ""), request.form.get("email", "")
    try:
        account = way_in.as_first_admin(
            site.database,
            token,
            name=name,
            email=email,
            password=request.form.get("password", ""),
            now=site.now(),
        )
    except InvalidAccount as error:
        return render_template("sign_in/welcome.html", problems=error.errors, name=name, email=email), 422
    login.sign_in(account, how="first-admin")
    flash(f"Welcome, {account.name}. Others get an account under People.", "note")
    return login.go_on(None, "")


@requires(Permission.VIEW)
def sign_out() -> ResponseReturnValue:
    """End this browser's session; at a provider, which is told of, the person may still be signed in."""
    came_by = this_session().get("provider", "")
    login.sign_out()
    return redirect(url_for("sign_in", left=came_by) if came_by else url_for("sign_in"), 303)


def _with_password() -> Account:
    """Return whose email and password the form holds; a failure is written down.

    :raises SignInFailed: and the others of `accounts.sign_in.with_password`.
    """
    site: Site = g.site
    try:
        return way_in.with_password(
            site.database,
            request.form.get("email", ""),
            request.form.get("password", ""),
            address=request.remote_addr or "",
            limit=site.config.limits.sign_in_attempts,
            now=site.now(),
        )
    except (SignInFailed, TooManyAttempts, InvalidAccount) as error:
        tried = error.user_id if isinstance(error, SignInFailed) else None
        trail.note(
            "sign_in_failed", about=tried, sparing=isinstance(error, TooManyAttempts), reason=error.code
        )
        raise
