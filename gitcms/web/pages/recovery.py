"""Bringing back: a version, a field, what was deleted, how it was before a change. Each asks first.

What would be written is planned by `entries.recovering`; here it is shown, and done when somebody says so.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, flash, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gitcms import entries, history
from gitcms.accounts.permissions import Permission
from gitcms.entries import Recovery, recovering
from gitcms.errors import EditConflict
from gitcms.site import Site
from gitcms.web import look
from gitcms.web.login import current_account, current_writer
from gitcms.web.pages import conflicts
from gitcms.web.security import requires

AGAIN = "Someone saved this meanwhile. Look at it once more."


def register(app: Flask) -> None:
    for rule, name, page in (
        ("/restorations/<commit>/<path:path>", "restoration", restoration),
        ("/undoings/<commit>/<path:path>", "undoing", undoing),
    ):
        app.add_url_rule(rule, name, page, methods=["GET", "POST"])
    app.add_url_rule("/trash", "trash", trash)


@requires(Permission.VIEW)
def trash() -> str:
    """Show the entries that were deleted and are not there again."""
    page = max(1, request.args.get("page", 1, type=int))
    found, more = history.trash(g.site, page)
    return render_template("history/trash.html", found=found, page=page, more=more)


@requires(Permission.RESTORE)
def restoration(commit: str, path: str) -> str | Response:
    """Ask whether an entry, or `field` or the `text` of it alone, should be as it was after a change."""
    field, text = request.args.get("field"), "text" in request.args
    part = history.TEXT if text else field

    def plan() -> Recovery:
        if part is None:
            return recovering.version(g.site, path, commit)
        return recovering.field(g.site, path, commit, None if text else field)

    return _ask_or_do(plan, "history/restore.html", "Restored. The versions in between stay in the history.")


@requires(Permission.RESTORE)
def undoing(commit: str, path: str) -> str | Response:
    """Ask whether one change of an entry should be taken back, with a choice where it was changed since."""
    choices = conflicts.choices(request.form)

    def plan() -> Recovery:
        return recovering.before(g.site, path, commit, choices)

    return _ask_or_do(plan, "history/undo.html", "Taken back. It stays in the history, and so does this.")


def _ask_or_do(plan: Callable[[], Recovery], template: str, done: str) -> str | Response:
    site: Site = g.site
    try:
        planned = plan()
    except EditConflict:
        flash("It was changed since it was made. Delete it if it is to go.", "review")
        return redirect(url_for("history"), 303)
    entries.allow(site, planned.files, planned.base, current_account().rights)
    if request.method == "GET":
        return _ask(planned, template)
    if planned.clashes:
        return make_response(_ask(planned, template), 409)
    try:
        saved = entries.recover(site, planned, current_writer())
    except EditConflict:
        flash(AGAIN, "review")
        return make_response(_ask(plan(), template), 409)
    flash(done if saved.commit else "Nothing to restore, it is as it was.", "live")
    look.say_sent(saved.sent)
    if planned.goes:
        return redirect(url_for("entries", name=planned.collection.name), 303)
    return redirect(url_for("entry", name=planned.collection.name, path=saved.path), 303)


def _ask(planned: Recovery, template: str) -> str:
    made = conflicts.choices(request.form)
    field = request.args.get("field")
    label = "" if field is None else history.label_of(planned.collection.fields, (field,))
    return render_template(
        template,
        plan=planned,
        collection=planned.collection,
        title=planned.title,
        part=history.TEXT if "text" in request.args else label,
        clashes=planned.clashes,
        chosen=conflicts.by_place({name: choice.partition(":")[0] for name, choice in made.items()}),
        own=conflicts.own_texts(request.form),
        marked=conflicts.marked,
    )
