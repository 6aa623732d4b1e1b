"""What happened: changes of the site, of one entry and of one field; one change in full; any two versions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Flask, g, render_template, request

from gitcms import history
from gitcms.accounts.permissions import Permission
from gitcms.content.paths import check_path
from gitcms.errors import NotFound
from gitcms.history import FileStory, Version
from gitcms.schema.collection import Collection
from gitcms.site import Site
from gitcms.web import look
from gitcms.web.security import requires


def register(app: Flask) -> None:
    app.add_url_rule("/history", "history", site_history)
    app.add_url_rule("/collections/<name>/history/<path:path>", "entry_history", entry_history)
    app.add_url_rule("/collections/<name>/field-history/<path:path>", "field_history", field_history)
    app.add_url_rule("/collections/<name>/comparison/<path:path>", "comparison", comparison)
    app.add_url_rule("/changes/<commit>", "change", change)


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
    """Show the changes of the site, of everybody and everything or of one person and one collection."""
    site: Site = g.site
    person, name = request.args.get("person", "")[:300].casefold(), request.args.get("in", "")
    collection = next((one for one in site.model().collections if one.name == name), None)
    page = history.site_history(
        site, request.args.get("page", 1, type=int), person=person, collection=collection
    )
    return render_template(
        "history/site.html",
        page=page,
        days=by_day(page.versions),
        authors=history.authors(site),
        person=person,
        chosen=collection,
    )


@requires(Permission.VIEW)
def entry_history(name: str, path: str) -> str:
    """Show an entry's versions, and beside them what one of them changed."""
    site: Site = g.site
    collection = site.collection(name)
    page = history.entry_history(site, path, request.args.get("page", 1, type=int))
    if not page.versions or not collection.holds(path):
        raise NotFound("There is no such entry.")
    chosen = _chosen(page.versions, request.args.get("version", ""))
    story = history.what_changed(site, chosen.commit.id, chosen.path)
    blob = site.repository.blob_of(path)
    return render_template(
        "history/entry.html",
        collection=collection,
        path=path,
        title=_title(site, collection, path, story.files),
        exists=blob is not None,
        page=page,
        days=by_day(page.versions),
        first=None if page.more else page.versions[-1],
        chosen=chosen,
        newest=page.page == 1 and chosen is page.versions[0],
        story=story,
        file=next((file for file in story.files if chosen.path in (file.path, file.old_path)), None),
        fields=[field for field in collection.fields if blob and field.name in site.facts(blob, path).values],
    )


@requires(Permission.VIEW)
def field_history(name: str, path: str) -> str:
    """Show who changed one field of an entry, when, and from what; its text where no field is named."""
    site: Site = g.site
    collection = site.collection(name)
    field = request.args.get("field")
    start = max(0, request.args.get("after", 0, type=int))
    page = history.field_history(site, path, field, start)
    blob = site.repository.blob_of(check_path(path, existing=True))
    if blob is None or not collection.holds(path):
        raise NotFound("There is no such entry.")
    return render_template(
        "history/field.html",
        collection=collection,
        path=path,
        title=_title(site, collection, path, ()),
        field=field,
        label=history.TEXT if field is None else history.label_of(collection.fields, (field,)),
        page=page,
        start=start,
    )


@requires(Permission.VIEW)
def comparison(name: str, path: str) -> str:
    """Show what lies between any two versions of an entry; the later one is the present one if not named."""
    site: Site = g.site
    collection = site.collection(name)
    if not collection.holds(check_path(path, existing=True)):
        raise NotFound("There is no such entry.")
    sides = [_side(site, path, request.args.get(which, "")) for which in ("old", "new")]
    page = history.entry_history(site, path)
    return render_template(
        "history/comparison.html",
        collection=collection,
        path=path,
        title=_title(site, collection, path, ()),
        old=site.repository.commit(sides[0][2]),
        new=site.repository.commit(sides[1][2]),
        now=not request.args.get("new"),
        file=history.compared(site, sides[0][:2], sides[1][:2]),
        versions=page.versions,
    )


@requires(Permission.VIEW)
def change(commit: str) -> str:
    """Show all that one change did."""
    story = history.what_changed(g.site, commit)
    return render_template("changes/change.html", story=story)


def _side(site: Site, path: str, commit_id: str) -> tuple[str, str, str]:
    """Return the path and the blob of an entry right after a change, or as it is now, and the change's id."""
    commit = site.repository.commit(commit_id or site.repository.head())
    name_then = history.name_at(site, path, commit.id) if commit_id else path
    blob = site.repository.blob_of(name_then, commit.id)
    if blob is None:
        raise NotFound("There is no such version of this entry.")
    return name_then, blob, commit.id


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
        return collection.title_of(site.facts(blob, path).values, path)
    return next((file.title for file in files if file.path == path), path)
