"""What happened: changes of the site and of one entry, one change in full, and bringing back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Flask, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gitcms import entries, history
from gitcms.accounts.permissions import Permission
from gitcms.errors import NotFound
from gitcms.history import FileStory, Version
from gitcms.schema.collection import Collection
from gitcms.site import Site
from gitcms.web import look
from gitcms.web.login import current_account, current_writer
from gitcms.web.security import requires


def register(app: Flask) -> None:
    app.add_url_rule("/history", "history", site_history)
    app.add_url_rule("/collections/<name>/history/<path:path>", "entry_history", entry_history)
    app.add_url_rule("/changes/<commit>", "change", change)
    app.add_url_rule(
        "/restorations/<commit>/<path:path>", "restoration", restoration, methods=["GET", "POST"]
    )


@dataclass(frozen=True, slots=True)
class Told:
    """A version as a line of a list: who did `verb` to `title`, and in few words what."""

    version: Version
    verb: str
    title: str
    what: str


@dataclass(frozen=True, slots=True)
class Day:
    heading: str
    changes: tuple[Told, ...]


@requires(Permission.VIEW)
def site_history() -> str:
    page = history.site_history(g.site, request.args.get("page", 1, type=int))
    return render_template("history/site.html", page=page, days=by_day(page.versions))


@requires(Permission.VIEW)
def entry_history(name: str, path: str) -> str:
    """Show an entry's versions, and beside them what one of them changed."""
    site: Site = g.site
    collection = site.collection(name)
    page = history.entry_history(site, path, request.args.get("page", 1, type=int))
    if not page.versions or not collection.holds(path):
        raise NotFound("There is no such entry.")
    chosen = _chosen(page.versions, request.args.get("version", ""))
    name_then = history.name_at(site, path, chosen.commit.id)
    story = history.what_changed(site, chosen.commit.id, name_then)
    return render_template(
        "history/entry.html",
        collection=collection,
        path=path,
        title=_title(site, collection, path, story.files),
        exists=site.repository.blob_of(path) is not None,
        page=page,
        days=by_day(page.versions),
        first=None if page.more else page.versions[-1],
        chosen=chosen,
        newest=page.page == 1 and chosen is page.versions[0],
        story=story,
        file=next((file for file in story.files if name_then in (file.path, file.old_path)), None),
    )


@requires(Permission.VIEW)
def change(commit: str) -> str:
    """Show all that one change did."""
    story = history.what_changed(g.site, commit)
    return render_template("changes/change.html", story=story)


@requires(Permission.RESTORE)
def restoration(commit: str, path: str) -> str | Response:
    """Ask whether an entry should be as it was after a change, and bring it back."""
    site: Site = g.site
    collection = site.collection_of(path)
    if collection is None:
        raise NotFound("There is no such entry.")
    restored = site.repository.read_blob(entries.restorable(site, path, commit))
    entries.allow(site, {path: restored}, {path: site.blobs().get(path)}, current_account().rights)
    name_then = history.name_at(site, path, commit)
    story = history.what_changed(site, commit, name_then)
    if request.method == "GET":
        file = next((file for file in story.files if file.path == name_then), None)
        title = file.title if file else _title(site, collection, path, story.files)
        return render_template(
            "history/restore.html", collection=collection, path=path, title=title, story=story, file=file
        )
    saved = entries.restore(site, path, story.commit.id, current_writer())
    flash(
        "Restored. The versions in between stay in the history."
        if saved.commit
        else "Nothing to restore, it is as it was.",
        "live",
    )
    look.say_sent(saved.sent)
    return redirect(url_for("entry", name=collection.name, path=saved.path), 303)


def by_day(versions: Sequence[Version]) -> list[Day]:
    """Put versions, newest first, under the headings of their days."""
    days: dict[str, list[Told]] = {}
    for version in versions:
        days.setdefault(look.heading_of(version.commit.when), []).append(_told(version))
    return [Day(heading, tuple(told)) for heading, told in days.items()]


def _told(version: Version) -> Told:
    if version.collection is None:
        return Told(version, "", version.sentence, "")
    verb = version.done if version.done in ("added", "deleted") else "changed"
    return Told(version, verb, version.title, "" if verb == version.done else version.done)


def _chosen(versions: Sequence[Version], wanted: str) -> Version:
    return next((each for each in versions if wanted and each.commit.id.startswith(wanted)), versions[0])


def _title(site: Site, collection: Collection, path: str, files: Sequence[FileStory]) -> str:
    blob = site.repository.blob_of(path)
    if blob is not None:
        return collection.title_of(site.facts(blob).values, path)
    return next((file.title for file in files if file.path == path), path)
