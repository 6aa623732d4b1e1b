"""One's own second factor: setting it up, new recovery codes, turning it off.

A key and recovery codes are shown on the page that made them, and never again. Which code is right is
judged in `accounts.second_factor`; the code is asked for at the door by `sign_in`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import segno
from flask import Flask, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from gitcms.accounts import second_factor as factor
from gitcms.accounts import sessions
from gitcms.accounts.permissions import Permission
from gitcms.accounts.refusals import CodeWrong, TooManyAttempts
from gitcms.accounts.second_factor import NewKey
from gitcms.site import Site
from gitcms.web import login, look, trail
from gitcms.web.security import requires
from gitcms.web.sessions import this_session

PAGE = "/account/second-factor"


def register(app: Flask) -> None:
    app.add_url_rule(PAGE, "second_factor", second_factor)
    app.add_url_rule(PAGE, "begin_second_factor", begin_second_factor, methods=["POST"])
    for place, endpoint, view in (
        ("confirmation", "confirm_second_factor", confirm_second_factor),
        ("recovery-codes", "new_recovery_codes", new_recovery_codes),
        ("removal", "end_second_factor", end_second_factor),
    ):
        app.add_url_rule(f"{PAGE}/{place}", endpoint, view, methods=["POST"])


@requires(Permission.OWN_ACCOUNT)
def second_factor() -> ResponseReturnValue:
    return _page()


@requires(Permission.OWN_ACCOUNT)
def begin_second_factor() -> ResponseReturnValue:
    """Show a new key, to be put into an app. It counts once a code of the app was typed."""
    site: Site = g.site
    if not login.is_oneself(request.form.get("current", "")):
        return _page({"current": login.NOT_YOURS})
    own = login.current_account()
    key = factor.begin(site.database, site.state, own.id, site_title=look.title_of(site))
    return _page(key=key)


@requires(Permission.OWN_ACCOUNT)
def confirm_second_factor() -> ResponseReturnValue:
    """Turn it on, and show the recovery codes; everywhere else one is signed out."""
    site: Site = g.site
    own = login.current_account()
    code = request.form.get("code", "")
    try:
        codes = factor.confirm(site.database, site.state, own.id, code, now=site.now())
    except CodeWrong as error:
        key = factor.begun(site.database, site.state, own.id, site_title=look.title_of(site))
        return _page({"code": str(error)}, key=key)
    sessions.end_others(site.database, own.id, this_session().ensure_id())
    trail.note("second_factor_on")
    login.renew(may_set_password=login.may_set_password())
    return _page(codes=codes)


@requires(Permission.OWN_ACCOUNT)
def new_recovery_codes() -> ResponseReturnValue:
    site: Site = g.site
    if problems := _problems_with_proof():
        return _page(problems, proof="codes")
    codes = factor.renew_codes(site.database, login.current_account().id)
    trail.note("recovery_codes_made")
    return _page(codes=codes)


@requires(Permission.OWN_ACCOUNT)
def end_second_factor() -> ResponseReturnValue:
    """Turn it off, with the password and one more code."""
    site: Site = g.site
    if problems := _problems_with_proof():
        return _page(problems, proof="off")
    factor.turn_off(site.database, login.current_account().id)
    trail.note("second_factor_off")
    login.renew(may_set_password=login.may_set_password())
    flash("The second factor is off. Your password alone lets you in.", "live")
    return redirect(url_for("second_factor"), 303)


def _problems_with_proof() -> dict[str, str]:
    """Return what is wrong with password and code, which both prove who asks."""
    site: Site = g.site
    if not login.is_oneself(request.form.get("current", "")):
        return {"current": login.NOT_YOURS}
    try:
        factor.check(
            site.database,
            site.state,
            login.current_account().id,
            request.form.get("code", ""),
            limit=site.config.limits.sign_in_attempts,
            now=site.now(),
        )
    except (CodeWrong, TooManyAttempts) as error:
        return {"code": str(error)}
    return {}


def _page(
    problems: Mapping[str, str] | None = None,
    *,
    key: NewKey | None = None,
    codes: Sequence[str] = (),
    proof: str = "",
) -> ResponseReturnValue:
    """Return the page.

    :param key: one that was just made. :param codes: the recovery codes that were just made.
    :param proof: which form the problems stand in: "codes", "off" or "" for the first.
    """
    site: Site = g.site
    own = login.current_account()
    page = render_template(
        "account/second_factor.html",
        problems=problems or {},
        proof=proof,
        state=factor.state_of(site.database, own.id),
        missing=factor.is_missing(own, site.config.sessions.second_factor),
        key=key,
        picture=_qr(key.address) if key else None,
        codes=codes,
        needs_password=not login.may_set_password(),
    )
    return page, 422 if problems else 200


def _qr(address: str) -> Markup:
    """Return a QR code as a drawing without styles, black on white in both themes: cameras need that."""
    code = segno.make(address, micro=False, error="m")
    drawn: str = code.svg_inline(border=4, dark="#000", light="#fff", omitsize=True, svgclass="qr")
    # The maker of the drawing passes no text through but as modules.
    return Markup(drawn)
