"""Another name or another folder for an entry: asked for, shown with everything that changes, then done."""

from __future__ import annotations

from flask import Flask, flash, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gitcms import entries
from gitcms.accounts.permissions import Permission
from gitcms.entries import Entry, Move
from gitcms.errors import DocumentError, EditConflict, PathRefused, PermissionDenied, RepositoryError
from gitcms.schema.generators import slug_of
from gitcms.site import Site
from gitcms.web import errors_page, look
from gitcms.web.login import current_account, current_writer
from gitcms.web.security import requires

SHOWN = (PathRefused, DocumentError, PermissionDenied, RepositoryError)


def register(app: Flask) -> None:
    address = "/collections/<name>/moves/<path:path>"
    app.add_url_rule(address, "move", asked)
    app.add_url_rule(address, "move_entry", move_entry, methods=["POST"])


@requires(Permission.EDIT_ENTRY)
def asked(name: str, path: str) -> str:
    """Ask where an entry should go."""
    site: Site = g.site
    entry = entries.open_entry(site, site.collection(name), path)
    entries.allow(site, {path: None}, {path: entry.base}, current_account().rights)
    return _page(entry, slug_of(path), entries.home_of(path))


@requires(Permission.EDIT_ENTRY)
def move_entry(name: str, path: str) -> Response | str:
    """Show what a move changes, or do it where its author has seen that."""
    site: Site = g.site
    collection = site.collection(name)
    entry = entries.open_entry(site, collection, path)
    wanted, folder = request.form.get("new_name", "").strip(), request.form.get("folder", "")
    asked_for = (wanted, folder, request.form.get("base", ""))
    try:
        if not request.form.get("sure"):
            entries.allow(site, {path: None}, {path: entry.base}, current_account().rights)
            return _page(entry, wanted, folder, entries.plan(site, collection, path, *asked_for))
        saved = entries.move(site, collection, path, *asked_for, current_writer())
    except EditConflict:
        return _refused(entry, wanted, folder, "Someone else saved this meanwhile.", "Look once more.", 409)
    except SHOWN as error:
        return _refused(entry, wanted, folder, *errors_page.told(error), errors_page.status_of(error))
    flash("It has its new name, and what leads to it does so still.", "live")
    look.say_sent(saved.sent)
    home = site.collection_of(saved.path) or collection
    return redirect(url_for("entry", name=home.name, path=saved.path), 303)


def _refused(entry: Entry, name: str, folder: str, sentence: str, hint: str, status: int) -> Response:
    return make_response(_page(entry, name, folder, problem=sentence, hint=hint), status)


def _page(
    entry: Entry, name: str, folder: str, move: Move | None = None, *, problem: str = "", hint: str = ""
) -> str:
    site: Site = g.site
    return render_template(
        "entries/move.html",
        collection=entry.collection,
        entry=entry,
        wanted_name=name,
        wanted_folder=folder,
        folders=entries.folders(site, entry.collection, entry.path),
        move=move,
        stories=entries.stories(site, move) if move and move.target != move.path else [],
        problem=problem,
        hint=hint,
    )
