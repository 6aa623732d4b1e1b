"""The people, for administrators: who there is, what each may do, and links to let them in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Flask, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gitcms import logs, mail
from gitcms.accounts import audit, links, passkeys, second_factor, sessions, users
from gitcms.accounts.links import Purpose
from gitcms.accounts.permissions import Permission, Role
from gitcms.accounts.refusals import InvalidAccount
from gitcms.accounts.users import Account
from gitcms.errors import ConfigError, GitCMSError
from gitcms.mail import MailFailed
from gitcms.site import Site
from gitcms.web import letters, login, trail
from gitcms.web.security import requires


def register(app: Flask) -> None:
    app.add_url_rule("/people", "people", people)
    app.add_url_rule("/people/log", "people_log", people_log)
    app.add_url_rule("/people", "new_person", new_person, methods=["POST"])
    for place, endpoint, view in (
        ("role", "change_role", change_role),
        ("places", "change_places", change_places),
        ("links", "new_link", new_link),
        ("sign-outs", "sign_out_person", sign_out_person),
        ("second-factor-removal", "reset_second_factor", reset_second_factor),
        ("passkey-removal", "remove_passkeys", remove_passkeys),
        ("closure", "close_account", close_account),
        ("reopening", "reopen_account", reopen_account),
    ):
        app.add_url_rule(f"/people/<int:person>/{place}", endpoint, view, methods=["POST"])


@dataclass(frozen=True, slots=True)
class Shown:
    """A link as it is shown, this once, for somebody."""

    account: Account
    address: str
    minutes: int
    mailed: bool = False
    problem: GitCMSError | None = None
    """Why it could not be mailed; then it is shown."""


@requires(Permission.MANAGE_PEOPLE)
def people() -> ResponseReturnValue:
    return _page()


@requires(Permission.MANAGE_PEOPLE)
def new_person() -> ResponseReturnValue:
    """Add somebody, and show the link to give them."""
    site: Site = g.site
    typed = {key: request.form.get(key, "") for key in ("name", "email", "role")}
    try:
        added = users.add(
            site.database,
            name=typed["name"],
            email=typed["email"],
            role=_role(typed["role"]),
            now=site.now(),
        )
    except InvalidAccount as error:
        return _page(error.errors, typed=typed)
    _log("person_added", added, role=added.role)
    return _page(link=_link_for(added))


@requires(Permission.MANAGE_PEOPLE)
def change_role(person: int) -> ResponseReturnValue:
    site: Site = g.site
    changed = users.change_role(site.database, person, _role(request.form.get("role", "")))
    _log("role_changed", changed, role=changed.role)
    return _done(f"{changed.name} is {ROLE_WORDS[changed.role]} from now on.")


@requires(Permission.MANAGE_PEOPLE)
def change_places(person: int) -> ResponseReturnValue:
    """Let somebody write in some places alone, one a line, or everywhere."""
    site: Site = g.site
    typed = request.form.get("places", "")
    known = [collection.name for collection in site.model().collections]
    try:
        changed = users.change_places(site.database, person, typed.splitlines(), collections=known)
    except InvalidAccount as error:
        return _page({f"places-{person}": error.errors["places"]}, typed={"places": typed})
    _log("places_changed", changed)
    where = "in these places: " + ", ".join(changed.places) if changed.places else "everywhere"
    return _done(f"{changed.name} may write {where}.")


@requires(Permission.MANAGE_PEOPLE)
def new_link(person: int) -> ResponseReturnValue:
    """Show a sign-in link for somebody; an earlier one stops working."""
    site: Site = g.site
    found = users.find(site.database, person)
    _log("link_made", found)
    return _page(link=_link_for(found))


@requires(Permission.MANAGE_PEOPLE)
def sign_out_person(person: int) -> ResponseReturnValue:
    """End all sessions of somebody, who may sign in again: a lost telephone."""
    site: Site = g.site
    found = users.find(site.database, person)
    ended = sessions.end_all(site.database, found.id)
    _log("signed_out_by_admin", found)
    return _done(
        f"{found.name} is signed out everywhere." if ended else f"{found.name} was signed in nowhere."
    )


@requires(Permission.MANAGE_PEOPLE)
def reset_second_factor(person: int) -> ResponseReturnValue:
    """Turn off the second factor of somebody who lost it, with their passkeys, and end their sessions."""
    site: Site = g.site
    found = second_factor.turn_off(site.database, person)
    passkeys.remove_all(site.database, person)
    sessions.end_all(site.database, found.id)
    _log("second_factor_reset", found)
    return _done(f"{found.name} signs in without a second factor, and can set up a new one.")


@requires(Permission.MANAGE_PEOPLE)
def remove_passkeys(person: int) -> ResponseReturnValue:
    """Take all passkeys of somebody away, and end their sessions, which may have been by one of them."""
    site: Site = g.site
    found = users.find(site.database, person)
    if found.id == login.current_account().id:
        return redirect(url_for("ways_in"), 303)  # one's own take the password
    if not passkeys.remove_all(site.database, found.id):
        return _done(f"{found.name} has no passkeys.")
    sessions.end_all(site.database, found.id)
    _log("passkeys_removed", found)
    return _done(f"{found.name} has no passkeys any more, and is signed out everywhere.")


@requires(Permission.MANAGE_PEOPLE)
def people_log() -> ResponseReturnValue:
    """Show what happened to accounts, to everybody's or to one person's."""
    site: Site = g.site
    person = request.args.get("person", type=int)
    return render_template(
        "people/log.html",
        page=audit.page(site.database, request.args.get("page", 1, type=int), person=person),
        about=users.find(site.database, person) if person is not None else None,
        names={each.id: each.name for each in users.everyone(site.database)},
        words=EVENT_WORDS,
    )


@requires(Permission.MANAGE_PEOPLE)
def close_account(person: int) -> ResponseReturnValue:
    site: Site = g.site
    closed = users.disable(site.database, person)
    _log("account_closed", closed)
    return _done(f"{closed.name} can no longer sign in. What they wrote stays.")


@requires(Permission.MANAGE_PEOPLE)
def reopen_account(person: int) -> ResponseReturnValue:
    site: Site = g.site
    opened = users.enable(site.database, person)
    _log("account_reopened", opened)
    return _done(f"{opened.name} can sign in again.")


ROLE_WORDS = {
    Role.CONTRIBUTOR: "a contributor",
    Role.AUTHOR: "an author",
    Role.REVIEWER: "a reviewer",
    Role.ADMIN: "an administrator",
}
ROLE_NAMES = {
    Role.CONTRIBUTOR: "Contributor",
    Role.AUTHOR: "Author",
    Role.REVIEWER: "Reviewer",
    Role.ADMIN: "Administrator",
}
EVENT_WORDS = {
    "signed_in": "signed in",
    "signed_out": "signed out",
    "sign_in_failed": "could not sign in",
    "denied": "was refused",
    "profile_changed": "changed their name or email",
    "feeds_renewed": "made new addresses for their feeds",
    "password_changed": "set a new password",
    "second_factor_on": "turned a second factor on",
    "second_factor_off": "turned the second factor off",
    "second_factor_reset": "turned off the second factor of",
    "recovery_codes_made": "made new recovery codes",
    "passkey_added": "added a passkey",
    "passkey_removed": "removed a passkey",
    "passkeys_removed": "removed the passkeys of",
    "identity_added": "added a way to sign in",
    "identity_removed": "removed a way to sign in",
    "password_forgotten": "asked for a new password",
    "code_wrong": "typed a wrong code",
    "signed_out_elsewhere": "ended sessions of their own",
    "signed_out_by_admin": "ended all sessions of",
    "person_added": "added",
    "role_changed": "gave another role to",
    "places_changed": "changed where one may write",
    "link_made": "made a sign-in link for",
    "account_closed": "shut the account of",
    "account_reopened": "opened the account again of",
}
NOBODY_YET = {"name": "", "email": "", "role": Role.AUTHOR, "places": ""}


def _role(name: str) -> Role:
    try:
        return Role(name)
    except ValueError as error:
        raise InvalidAccount({"role": "Choose one of the roles."}) from error


def _link_for(account: Account) -> Shown:
    site: Site = g.site
    minutes = site.config.sessions.link_minutes
    path = links.create(site.database, Purpose.SIGN_IN, user_id=account.id, now=site.now(), minutes=minutes)
    address = request.url_root.rstrip("/") + path
    if request.form.get("by") != "mail" or not mail.is_on(site.config):
        return Shown(account, address, minutes)
    try:
        letters.invitation(account, address)
    except (MailFailed, ConfigError) as error:
        logs.event("mail_failed", about=account.id, message=str(error), details=error.details)
        return Shown(account, address, minutes, problem=error)
    return Shown(account, "", minutes, mailed=True)


def _page(
    problems: Mapping[str, str] | None = None,
    *,
    typed: Mapping[str, str] | None = None,
    link: Shown | None = None,
) -> ResponseReturnValue:
    site: Site = g.site
    page = render_template(
        "people/people.html",
        everyone=users.everyone(site.database),
        last_seen=sessions.last_seen(site.database),
        passkeys=passkeys.counts(site.database),
        roles=list(Role),
        role_words=ROLE_NAMES,
        parts=[(each.name, each.label) for each in site.model().collections],
        own=login.current_account(),
        problems=problems or {},
        typed=NOBODY_YET | dict(typed or {}),
        link=link,
        has_mail=mail.is_on(site.config),
    )
    return page, 422 if problems else 200


def _log(event: str, about: Account, *, role: Role | None = None) -> None:
    trail.note(event, about=about.id, role=role)


def _done(words: str) -> ResponseReturnValue:
    flash(words, "live")
    return redirect(url_for("people"), 303)
