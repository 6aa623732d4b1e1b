"""Views of lists: keeping one under a name, and the page where they are renamed, shared and removed.

What a list asks for is `entries.asked_of_list`'s to read, whose view it is and who may change it is
`gitcms.views`'.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask, flash, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gitcms import views
from gitcms.accounts.permissions import Permission
from gitcms.errors import PermissionDenied
from gitcms.schema.collection import Collection
from gitcms.site import Site
from gitcms.views import InvalidView
from gitcms.web import errors_page
from gitcms.web.login import current_account
from gitcms.web.pages.entries import asked_of_list, list_address, spelled
from gitcms.web.security import requires

SHOWN = (InvalidView, PermissionDenied)


def register(app: Flask) -> None:
    app.add_url_rule("/collections/<name>/views", "views", shown)
    app.add_url_rule("/collections/<name>/views", "keep_view", keep, methods=["POST"])
    app.add_url_rule("/collections/<name>/views/<int:view>", "change_view", change, methods=["POST"])
    app.add_url_rule("/collections/<name>/views/<int:view>/removal", "remove_view", remove, methods=["POST"])
    app.add_url_rule("/collections/<name>/views/opening", "open_with_view", open_with, methods=["POST"])


@requires(Permission.VIEW)
def shown(name: str) -> str:
    site: Site = g.site
    return _page(site.collection(name))


@requires(Permission.OWN_ACCOUNT)
def keep(name: str) -> Response:
    """Keep the list that the form tells of, or ask for another name."""
    site: Site = g.site
    collection = site.collection(name)
    query = asked_of_list(collection, request.form)
    typed = request.form.get("name", "")
    try:
        views.keep(
            site.database,
            current_account(),
            name,
            typed,
            spelled(collection, query),
            shared="shared" in request.form,
            replacing="replace" in request.form,
            now=site.now(),
        )
    except SHOWN as error:
        taken = isinstance(error, InvalidView) and error.taken
        return _refused(collection, error, typed=typed, asked=spelled(collection, query), taken=taken)
    flash(f"Kept as “{' '.join(typed.split())}”.", "live")
    return redirect(list_address(collection, query), 303)


@requires(Permission.OWN_ACCOUNT)
def change(name: str, view: int) -> Response:
    site: Site = g.site
    collection = site.collection(name)
    shared = "shared" in request.form
    typed = request.form.get("name", "")
    try:
        views.change(site.database, current_account(), view, typed, shared=shared)
    except SHOWN as error:
        return _refused(collection, error, renamed={view: typed})
    flash("Saved.", "live")
    return redirect(url_for("views", name=name), 303)


@requires(Permission.OWN_ACCOUNT)
def remove(name: str, view: int) -> Response:
    site: Site = g.site
    collection = site.collection(name)
    try:
        gone = views.remove(site.database, current_account(), view)
    except SHOWN as error:
        return _refused(collection, error)
    flash(f"The view “{gone}” is removed. Its entries are as they were.", "note")
    return redirect(url_for("views", name=name), 303)


@requires(Permission.OWN_ACCOUNT)
def open_with(name: str) -> Response:
    """Have the list open with a view from now on, or as it is."""
    site: Site = g.site
    collection = site.collection(name)
    views.open_with(site.database, current_account(), collection.name, request.form.get("view", type=int))
    flash("Saved. The list opens like this for you from now on.", "live")
    return redirect(url_for("views", name=name), 303)


def _refused(
    collection: Collection,
    error: InvalidView | PermissionDenied,
    *,
    typed: str = "",
    asked: views.Asked | None = None,
    taken: bool = False,
    renamed: Mapping[int, str] | None = None,
) -> Response:
    sentence, hint = errors_page.told(error)
    page = _page(
        collection, problem=sentence, hint=hint, typed=typed, asked=asked, taken=taken, renamed=renamed or {}
    )
    response = make_response(page)
    response.status_code = errors_page.status_of(error)
    return response


def _page(
    collection: Collection,
    *,
    problem: str = "",
    hint: str = "",
    typed: str = "",
    asked: views.Asked | None = None,
    taken: bool = False,
    renamed: Mapping[int, str] | None = None,
) -> str:
    """Show all views of a list, and with `asked` the one that could not be kept, under the name as typed."""
    site: Site = g.site
    return render_template(
        "entries/views.html",
        collection=collection,
        views=views.of_list(site.database, current_account(), collection.name),
        longest=views.LONGEST_NAME,
        address=lambda view: list_address(collection, asked_of_list(collection, view.asked)),
        problem=problem,
        hint=hint,
        typed=typed,
        asked=asked,
        taken=taken,
        renamed=renamed or {},
    )
