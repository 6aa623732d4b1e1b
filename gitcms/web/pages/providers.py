"""Signing in through another provider: the way there, the way back, and which ones an account has.

A browser is sent there by a page of ours with a link that is followed by itself, since our own rule for forms
(`form-action`) holds for where they lead as well. What somebody typed before they were signed out goes along
in the row of that sign-in, sealed. What an answer proves is judged in `accounts.oidc`, whose it is in
`accounts.identities`.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

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
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from gitcms import logs, network
from gitcms.accounts import attempts, identities, passkeys, sessions
from gitcms.accounts import sign_in as way_in
from gitcms.accounts.permissions import Permission
from gitcms.accounts.refusals import ProviderAway, ProviderRefused
from gitcms.config import Config, Provider
from gitcms.errors import AccountError, ConfigError, GitCMSError, NotFound
from gitcms.site import Site
from gitcms.web import login, trail
from gitcms.web.errors_page import say_when, status_of
from gitcms.web.login import Kept
from gitcms.web.security import open_to_everyone, requires
from gitcms.web.sessions import this_session
from gitcms.webhooks import endpoints

if TYPE_CHECKING:
    from gitcms.accounts.oidc import Claims, Protocol, Secrets

PAGE = "/account/ways-in"
# Of what somebody typed; strangers could fill the disk with more.
LONGEST_KEPT = 1_000_000
MODULE = "authlib"
_EXTENSION = "gitcms_oidc"


def register(app: Flask) -> None:
    app.add_url_rule("/sign-in-with", "sign_in_elsewhere", sign_in_elsewhere, methods=["POST"])
    app.add_url_rule("/sign-in-with/<provider>", "provider_answer", provider_answer)
    app.add_url_rule(PAGE, "ways_in", ways_in)
    app.add_url_rule(PAGE, "add_way_in", add_way_in, methods=["POST"])
    app.add_url_rule(f"{PAGE}/removal", "remove_way_in", remove_way_in, methods=["POST"])
    check(app.extensions["gitcms"].config)


def check(config: Config) -> None:
    """Refuse to start with providers that could not be spoken with.

    :raises ConfigError: the library for it is not installed.
    """
    if config.providers and importlib.util.find_spec(MODULE) is None:
        raise ConfigError(
            "Signing in through other providers needs Authlib, which is not installed.",
            hint="Install gitcms with it: pip install 'gitcms[oidc]'.",
        )


# ── there and back ───────────────────────────────────────────────────────────────────────────


@open_to_everyone
def sign_in_elsewhere() -> ResponseReturnValue:
    """Send a browser to a provider, to sign in there."""
    site, kept, following = _site(), login.kept_form(), request.form.get("next", "")
    if current_user.is_authenticated:
        return login.go_on(kept, following)
    try:
        found = _provider(request.form.get("provider", ""))
        typed = _packed(kept)
        count(site)
        invitation = request.form.get("invitation", "")
        return _send(site, found, {"next": following, "typed": typed, "invitation": invitation})
    except AccountError as error:
        return _asked_again(error, kept, following)


@open_to_everyone
def provider_answer(provider: str) -> ResponseReturnValue:
    """Take what a provider says of whom it sends back."""
    site = _site()
    if provider not in {each.name for each in site.config.providers}:
        raise NotFound("There is no such way to sign in.", hint="Go to the sign-in page and choose one.")
    found = _provider(provider)
    kept: Kept | None = None
    following, linking = "", False
    try:
        answer = _answer()
        browser = this_session().ensure_id()
        sent = identities.come_back(
            site.database, site.state, answer.get("state", ""), browser, found.name, now=site.now()
        )
        kept, following, linking = _unpacked(sent["typed"]), sent["next"], sent["for"] is not None
        if linking and (not current_user.is_authenticated or sent["for"] != login.current_account().id):
            raise ProviderRefused("somebody else is signed in by now")
        claims = _protocol().claims(found, answer, _proof(sent["proof"]), _back(found))
        take_back(site)
        if linking:
            return _link(site, found, claims)
        return _let_in(site, found, claims, sent["invitation"], kept, following)
    except AccountError as error:
        trail.note("sign_in_failed", sparing=True, by=found.name, reason=error.code)
        logs.event("provider_refused", provider=found.name, kind=error.code, details=error.details)
        return page(problem=error) if linking else _asked_again(error, kept, following)


def _let_in(
    site: Site, provider: Provider, claims: Claims, invitation: str, kept: Kept | None, following: str
) -> ResponseReturnValue:
    """Sign in whoever this is here; by an invitation, whom that is for."""
    account = identities.holder(site.database, claims, now=site.now())
    if account is None and invitation:
        account = way_in.with_link(site.database, invitation, now=site.now())
        if account.has_second_factor:
            # Whoever holds the link alone must not add a way in to it.
            return login.code_page(login.ticket(account, by="link"))
        identities.link(site.database, account.id, provider, claims, now=site.now())
        trail.note("identity_added", who=account.id, by=provider.name)
    elif account is None:
        account = identities.admit(site.database, provider, claims, now=site.now())
        trail.note("person_added", who=account.id, about=account.id, role=account.role, by=provider.name)
    has_factor = provider.settings.second_factor and claims.has_second_factor
    if account.has_second_factor and not has_factor:
        return login.code_page(login.ticket(account, by="provider"), kept=kept, following=following)
    login.sign_in(
        account,
        how=provider.name,
        # Who has no password proves who they are by this alone.
        may_set_password=not account.has_password,
        provider=provider.name,
        has_factor=has_factor,
    )
    return login.go_on(kept, following)


def _link(site: Site, provider: Provider, claims: Claims) -> ResponseReturnValue:
    own = login.current_account()
    identities.link(site.database, own.id, provider, claims, now=site.now())
    trail.note("identity_added", by=provider.name)
    login.renew(may_set_password=login.may_set_password())
    return _done(f"From now on you can sign in with {provider.title}.")


def _send(site: Site, provider: Provider, kept: Mapping[str, Any], person: int | None = None) -> Response:
    from gitcms.accounts.oidc import Secrets

    proof = Secrets()
    address = _protocol().address(provider, proof, _back(provider))
    whole = {"for": person, "proof": [proof.state, proof.nonce, proof.verifier], **kept}
    browser = this_session().ensure_id()
    identities.send_off(site.database, site.state, proof.state, browser, provider.name, whole, now=site.now())
    response = make_response(render_template("sign_in/going.html", address=address, title=provider.title))
    response.headers["Refresh"] = f"0; url={address}"
    return response


def _asked_again(error: GitCMSError, kept: Kept | None, following: str) -> ResponseReturnValue:
    if current_user.is_authenticated:
        raise error
    response = login.sign_in_page(
        status=status_of(error), kept=kept, following=login.safe_path(following) or "", problem=error
    )
    say_when(response, error)
    return response


# ── one's own ────────────────────────────────────────────────────────────────────────────────


@requires(Permission.OWN_ACCOUNT)
def ways_in() -> ResponseReturnValue:
    """Show by which providers one signs in."""
    return page()


@requires(Permission.OWN_ACCOUNT)
def add_way_in() -> ResponseReturnValue:
    """Go to a provider, to sign in with it from then on."""
    site = _site()
    if not login.is_oneself(request.form.get("current", "")):
        return page({"current": login.NOT_YOURS})
    try:
        kept = {"next": "", "typed": None, "invitation": ""}
        return _send(site, _provider(request.form.get("provider", "")), kept, login.current_account().id)
    except (ProviderAway, ProviderRefused) as error:
        return page(problem=error)


@requires(Permission.OWN_ACCOUNT)
def remove_way_in() -> ResponseReturnValue:
    """Take a provider away; everywhere else one is signed out, since it may have been by that."""
    site, own = _site(), login.current_account()
    if not login.is_oneself(request.form.get("current", "")):
        return page({"removal": login.NOT_YOURS})
    try:
        identities.unlink(site.database, own.id, request.form.get("identity", 0, type=int))
    except (AccountError, NotFound) as error:
        return page(problem=error)
    sessions.end_others(site.database, own.id, this_session().ensure_id())
    trail.note("identity_removed")
    login.renew(may_set_password=login.may_set_password())
    return _done("Removed. Everywhere else you are signed out.")


def page(
    problems: Mapping[str, str] | None = None, *, problem: GitCMSError | None = None, name: str = ""
) -> ResponseReturnValue:
    """Return the page of all ways in.

    :param problems: what is wrong with one line of it. :param problem: what is wrong with all that was sent.
    :param name: as it was typed for a new passkey.
    """
    site, own = _site(), login.current_account()
    titles = {each.settings.issuer: each.title for each in site.config.providers}
    shown = render_template(
        "account/ways_in.html",
        problems=problems or {},
        problem=problem,
        account=own,
        identities=identities.of_person(site.database, own.id),
        passkeys=passkeys.of_person(site.database, own.id),
        name=name,
        titles=titles,
        providers=site.config.providers,
        needs_password=not login.may_set_password(),
    )
    return shown, status_of(problem) if problem else 422 if problems else 200


def _done(words: str) -> ResponseReturnValue:
    flash(words, "live")
    return redirect(url_for("ways_in"), 303)


def left_behind(name: str) -> tuple[str, str] | None:
    """Return the title of a provider that a session had come by, and where one signs out there, or ""."""
    found = next((each for each in _site().config.providers if each.name == name), None)
    if found is None:
        return None
    protocol: Protocol | None = current_app.extensions.get(_EXTENSION)
    return found.title, protocol.end_session(found) if protocol is not None else ""


# ── behind the scenes ────────────────────────────────────────────────────────────────────────


def _provider(name: str) -> Provider:
    found = next((each for each in _site().config.providers if each.name == name), None)
    if found is None:
        raise ProviderRefused(
            "no provider of that name",
            "There is no such way to sign in.",
            hint="Go to the sign-in page and choose one.",
        )
    return found


def _protocol() -> Protocol:
    """Return what speaks with providers, made when it is first needed."""
    found: Protocol | None = current_app.extensions.get(_EXTENSION)
    if found is None:
        from gitcms.accounts.oidc import Protocol

        site = _site()
        found = Protocol(network.Client(endpoints.rules(site)), site.now)
        current_app.extensions[_EXTENSION] = found
    return found


def _proof(kept: list[str]) -> Secrets:
    from gitcms.accounts.oidc import Secrets

    return Secrets(*kept)


def _back(provider: Provider) -> str:
    """Return the address that is registered with a provider, by the name that the browser calls us."""
    return url_for("provider_answer", provider=provider.name, _external=True)


def _answer() -> dict[str, str]:
    """Return what the address says; a name that stands there twice says nothing."""
    return {name: values[0] for name, values in request.args.lists() if len(values) == 1}


def count(site: Site) -> None:
    """Bound how many sign-ins one address leaves unfinished."""
    limit = site.config.limits.sign_in_attempts * way_in.ADDRESS_FACTOR
    attempts.count_one(site.database, {_attempts_key(): limit}, now=site.now())


def take_back(site: Site) -> None:
    """Count one fewer: it came to its end."""
    attempts.forget_one(site.database, _attempts_key())


def _attempts_key() -> str:
    return f"elsewhere:{attempts.network_of(request.remote_addr or '')}"


def _packed(kept: Kept | None) -> list[Any] | None:
    if kept is None:
        return None
    fields = list(kept.fields.items(multi=True))
    if sum(len(name) + len(value) for name, value in fields) > LONGEST_KEPT:
        raise AccountError(
            "Your text is too long to be kept on the way to another provider.",
            hint="Sign in with your password, or copy your text first.",
        )
    return [kept.target, fields, kept.had_files]


def _unpacked(packed: list[Any] | None) -> Kept | None:
    if packed is None:
        return None
    target, fields, had_files = packed
    return Kept(target, MultiDict((name, value) for name, value in fields), had_files)


def _site() -> Site:
    site: Site = g.site
    return site
