"""Home: what waits for me, whether the site is live, and what others did."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, g, render_template
from flask_login import current_user

from gitcms import builds, entries, history, remotes, unsaved
from gitcms.accounts.permissions import Permission, Place
from gitcms.entries import ListQuery, Row
from gitcms.errors import RepositoryBusy, StorageFailed
from gitcms.schema.collection import Collection
from gitcms.schema.configured import Remark
from gitcms.site import Site
from gitcms.web import look
from gitcms.web.login import current_account
from gitcms.web.pages.history import by_day
from gitcms.web.security import may, place_in, requires
from gitcms.webhooks import endpoints

DRAFTS_SHOWN = 8
RECOVERY_SHOWN = timedelta(days=1)
CHANGES_SHOWN = 8
REMARKS_SHOWN = 8
DISK_SECONDS = 0.5
"""What is unsaved in a folder of very many files is shown at the next look."""


def register(app: Flask) -> None:
    app.add_url_rule("/", "home", home)


@requires(Permission.VIEW)
def home() -> str:
    site: Site = g.site
    versions = history.versions_since(site, CHANGES_SHOWN)
    return render_template(
        "home/home.html",
        greeting=look.greeting(),
        first_name=current_user.name.split(" ")[0],
        status=builds.status(site),
        saved_at=versions[0].commit.when if versions else None,
        unsaved_texts=unsaved.texts(site.database, current_account()),
        drafts=_drafts_unless_busy(site, current_user.email),
        days=by_day(versions),
        new_in=_first_to_write_in(site),
        public_url=look.public_url(site),
        recovered=_recovered(site),
        wrong_in_model=_wrong_in_model(site),
        sending=remotes.status(site),
        paused=endpoints.paused(site) if may(Permission.MANAGE_WEBHOOKS) else [],
        sent=look.sent(site),
        on_disk=_on_disk(site),
    )


def _on_disk(site: Site) -> list[entries.OnDisk]:
    """Return what somebody left unsaved in the folder, as far as this person can do something about it."""
    try:
        found = entries.on_disk(site, DISK_SECONDS)
    except StorageFailed:
        return []  # a page that wants to save says so
    return [
        each
        for each in found
        if (
            may(Permission.VIEW_TECHNICAL_DETAILS)
            if each.new
            else may(Permission.EDIT_ENTRY, Place(each.collection.name, each.path))
        )
    ]


def _first_to_write_in(site: Site) -> Collection | None:
    """Return the first collection, in the order of the rail, that this person may write in."""
    return next(
        (
            each
            for each in site.model().collections
            if each.grows and may(Permission.EDIT_ENTRY, place_in(each))
        ),
        None,
    )


def _recovered(site: Site) -> str | None:
    """Return what was done about a save interrupted not long ago, for who looks after the site."""
    at = site.repository.recovered_at
    recent = at is not None and site.now() - at < RECOVERY_SHOWN
    return site.repository.recovered if recent and may(Permission.VIEW_TECHNICAL_DETAILS) else None


def _wrong_in_model(site: Site) -> list[Remark]:
    """Return what is wrong in the file that has a say in the model, for who looks after the site."""
    if not may(Permission.VIEW_TECHNICAL_DETAILS):
        return []
    return [remark for remark in site.configured().remarks if remark.wrong][:REMARKS_SHOWN]


def _drafts_unless_busy(site: Site, email: str) -> list[tuple[Collection, Row]] | None:
    """As `_drafts_of`, or None while the entries are read for the first time: home is no place to wait."""
    try:
        return _drafts_of(site, email)
    except RepositoryBusy:
        return None


def _drafts_of(site: Site, email: str) -> list[tuple[Collection, Row]]:
    """Return the drafts that this person was the last to save, the newest first."""
    found = [
        (collection, row)
        for collection in site.model().collections
        for row in entries.listing(site, collection, ListQuery(state="draft", sort="changed")).rows
    ]
    changes = history.last_changes(site, [row.path for _, row in found])
    mine = [
        (collection, row)
        for collection, row in found
        if row.path in changes and changes[row.path].author.email.casefold() == email.casefold()
    ]
    mine.sort(key=lambda pair: changes[pair[1].path].when, reverse=True)
    return mine[:DRAFTS_SHOWN]
