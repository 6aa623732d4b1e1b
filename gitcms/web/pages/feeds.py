"""Feeds of changes, for feed readers: of the site, of a collection, of one entry through its renames.

A reader cannot sign in, so a token in the address says who it reads for; they see what that person sees.
"""

from __future__ import annotations

import hashlib
import hmac
import uuid
from collections.abc import Sequence

from flask import Flask, Response, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from gitcms import history, logs, state
from gitcms.accounts import feeds, second_factor
from gitcms.accounts.permissions import Permission
from gitcms.accounts.users import Account
from gitcms.errors import NotFound, PathRefused
from gitcms.history import Version
from gitcms.site import Site
from gitcms.web import atom, languages, login, look, trail
from gitcms.web.security import open_to_programs, requires

PLAIN = {"Content-Type": "text/plain; charset=utf-8"}
MOST_RENAMES = 20


def register(app: Flask) -> None:
    app.add_url_rule("/feeds/<token>", "site_feed", site_feed)
    app.add_url_rule("/feeds/<token>/collections/<name>", "collection_feed", collection_feed)
    app.add_url_rule("/feeds/<token>/entries/<path:path>", "entry_feed", entry_feed)
    app.add_url_rule("/account/feeds", "renew_feeds", renew_feeds, methods=["POST"])
    app.jinja_env.globals["feed_address"] = address


def address(endpoint: str, **arguments: str) -> str:
    """Return the address of a feed for whoever is signed in."""
    site: Site = g.site
    token = feeds.token(site.database, state.secret_key(site.state), login.current_account().id)
    return url_for(endpoint, token=token, _external=True, **arguments)


@open_to_programs
def site_feed(token: str) -> ResponseReturnValue:
    site: Site = g.site
    account = _reader(token)
    if account is None:
        return _refused()
    versions = history.site_history(site).versions
    return _answer(account, "site", "", url_for("history", _external=True), versions)


@open_to_programs
def collection_feed(token: str, name: str) -> ResponseReturnValue:
    site: Site = g.site
    account = _reader(token)
    if account is None:
        return _refused()
    collection = next((one for one in site.model().collections if one.name == name), None)
    if collection is None:
        return "There is no such collection.\n", 404, PLAIN
    versions = history.site_history(site, collection=collection).versions
    page = url_for("history", _external=True, **{"in": name})
    return _answer(account, f"collection {name}", collection.label, page, versions)


@open_to_programs
def entry_feed(token: str, path: str) -> ResponseReturnValue:
    """Tell of one entry, also where it was renamed since the address was taken."""
    site: Site = g.site
    account = _reader(token)
    if account is None:
        return _refused()
    try:
        now = _where_it_is(site, path)
        versions = history.entry_history(site, now).versions
    except (NotFound, PathRefused):
        versions = ()
    collection = site.collection_of(now) if versions else None
    if collection is None:
        return "There is no such entry.\n", 404, PLAIN
    page = url_for("entry_history", name=collection.name, path=now, _external=True)
    return _answer(account, f"entry {path}", versions[0].title, page, versions)


@requires(Permission.OWN_ACCOUNT)
def renew_feeds() -> ResponseReturnValue:
    """Give one's feeds other addresses, and put those of before out of use."""
    site: Site = g.site
    feeds.renew(site.database, login.current_account().id)
    trail.note("feeds_renewed")
    flash("Your feeds have new addresses. The earlier ones do not work any more.", "live")
    return redirect(url_for("account"), 303)


def _reader(token: str) -> Account | None:
    """Return for whom a feed is read, if they may see it."""
    site: Site = g.site
    account = feeds.reader(site.database, state.secret_key(site.state), token)
    if account is None or not account.rights.may(Permission.VIEW):
        return None
    return None if second_factor.is_missing(account, site.config.sessions.second_factor) else account


def _refused() -> ResponseReturnValue:
    logs.event("denied", reason="token", page=request.endpoint, where=request.remote_addr)
    return "This address is not in use any more. Copy the new one from the page of changes.\n", 401, PLAIN


def _where_it_is(site: Site, path: str) -> str:
    for _ in range(MOST_RENAMES):
        if site.repository.blob_of(path) is not None:
            break
        path = history.moved_to(site, path) or path
    return path


def _answer(
    account: Account, place: str, about: str, page: str, versions: Sequence[Version]
) -> ResponseReturnValue:
    site: Site = g.site
    language = account.language or languages.ENGLISH
    title = languages.say(f"Changes of {look.title_of(site)}", language)
    feed = atom.Feed(
        id=_name(site, place),
        title=f"{title}: {about}" if about else title,
        language=language,
        when=max((each.commit.when for each in versions), default=site.now()),
        page=page,
        own=request.base_url,
        entries=[_entry(each, language) for each in versions],
    )
    answer = Response(atom.written(feed), mimetype=atom.MIMETYPE)
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.add_etag()
    return answer.make_conditional(request)


def _entry(version: Version, language: str) -> atom.Entry:
    done = languages.say(version.done, language)
    return atom.Entry(
        id=f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, version.commit.id)}",
        title=f"{version.title}: {done}" if version.title else done,
        author=version.commit.author.name,
        when=version.commit.when,
        page=url_for("change", commit=version.commit.id, _external=True),
        category=version.collection.label if version.collection else "",
    )


def _name(site: Site, place: str) -> str:
    """Return an IRI for a feed that stays the same when the server gets another address, or the feed does."""
    made = hmac.digest(state.secret_key(site.state), f"name of feed {place}".encode(), hashlib.sha256)
    return f"urn:uuid:{uuid.UUID(bytes=made[:16], version=4)}"
