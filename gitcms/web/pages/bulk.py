"""One change in many entries: chosen in a list, said, shown with its differences, then done."""

from __future__ import annotations

from flask import Flask, flash, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gitcms import entries
from gitcms.accounts.permissions import Permission, Place
from gitcms.entries import Bulk, Task
from gitcms.errors import (
    DocumentError,
    GitCMSError,
    InvalidEntry,
    PathRefused,
    PermissionDenied,
    RepositoryError,
)
from gitcms.site import Site
from gitcms.web import errors_page, look
from gitcms.web.login import current_writer
from gitcms.web.pages.entries import asked_of_list, one_of
from gitcms.web.security import may, requires

SHOWN = (InvalidEntry, DocumentError, PathRefused, PermissionDenied, RepositoryError)


def register(app: Flask) -> None:
    app.add_url_rule("/collections/<name>/bulk", "bulk", bulk)
    app.add_url_rule("/collections/<name>/bulk", "change_many", change_many, methods=["POST"])


@requires(Permission.EDIT_ENTRY)
def bulk(name: str) -> str:
    """Ask what is to be done with the entries that were ticked, or with all that a list shows."""
    site: Site = g.site
    collection = site.collection(name)
    paths = request.args.getlist("path")
    if request.args.get("all"):
        paths = entries.paths_of(site, collection, asked_of_list(collection, request.args))
    return _page(name, paths, Task(one_of(entries.TASKS, request.args.get("what", ""), "set")))


@requires(Permission.EDIT_ENTRY)
def change_many(name: str) -> Response | str:
    """Show what would change, or change it where its author has seen that."""
    site: Site = g.site
    collection = site.collection(name)
    paths = request.form.getlist("path")
    task = Task(*(request.form.get(part, "") for part in ("what", "field", "text", "other")))
    try:
        _refuse_deletion(name, paths, task)
        if not request.form.get("sure"):
            return _page(name, paths, task, entries.plan_bulk(site, collection, paths, task))
        saved, done = entries.change_many(site, collection, paths, task, current_writer())
    except SHOWN as error:
        return _refused(name, paths, task, error)
    many = len(done.files)
    words = f"{many} {collection.label.lower() if many != 1 else collection.label_one.lower()}"
    did = "Deleted" if task.what == "delete" else "Changed"
    flash(f"{did} {words}." if saved.commit else "There was nothing to change.", "live")
    look.say_sent(saved.sent)
    return redirect(url_for("entries", name=name), 303)


def _refuse_deletion(name: str, paths: list[str], task: Task) -> None:
    if task.what == "delete" and not all(may(Permission.DELETE_ENTRY, Place(name, path)) for path in paths):
        raise PermissionDenied("Your account may not delete some of these.")


def _refused(name: str, paths: list[str], task: Task, error: GitCMSError) -> Response:
    sentence, hint = errors_page.told(error)
    response = make_response(_page(name, paths, task, problem=sentence, hint=hint))
    response.status_code = errors_page.status_of(error)
    return response


def _page(
    name: str, paths: list[str], task: Task, planned: Bulk | None = None, *, problem: str = "", hint: str = ""
) -> str:
    site: Site = g.site
    collection = site.collection(name)
    return render_template(
        "entries/bulk.html",
        collection=collection,
        paths=list(dict.fromkeys(paths))[: entries.MOST],
        task=task,
        fields=entries.fields_for(collection),
        bulk=planned,
        stories=entries.bulk_stories(site, planned) if planned else [],
        most=entries.MOST,
        problem=problem,
        hint=hint,
    )
