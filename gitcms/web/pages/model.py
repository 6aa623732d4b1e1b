"""The content model, for administrators: what was read off the posts, what is pinned, a form for each part.

Each change is shown first, in words, and saved once that was seen. What a text means and what becomes of
`gitcms.toml` is known by `gitcms.modelling`; here controls become texts, and refusals sentences beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, flash, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gitcms import modelling
from gitcms.accounts.permissions import Permission
from gitcms.errors import DocumentError, InvalidEntry, NotFound, RepositoryError
from gitcms.modelling import Plan, Subject
from gitcms.modelling.changing import MEANWHILE
from gitcms.modelling.controls import FLAGGED, GROUPS
from gitcms.schema.collection import Model
from gitcms.schema.configured import OWN, facts_in
from gitcms.schema.configured.keys import TYPES
from gitcms.site import Site
from gitcms.web import errors_page, look
from gitcms.web.login import current_writer
from gitcms.web.security import requires

SHOWN = (DocumentError, RepositoryError)
WAS = "was."
NEW = "new."
"""What names of controls begin with: of what a form showed, and of something that is added."""
MOST_OUTLIERS = 500

What = Callable[[Model, Mapping[str, Any]], Subject]
Show = Callable[..., str]


def register(app: Flask) -> None:
    one, field = "/model/collections/<name>", "/model/collections/<name>/field"
    app.add_url_rule("/model", "model", model)
    app.add_url_rule("/model", "change_site", change_site, methods=["POST"])
    app.add_url_rule("/model/collections", "add_collection", add_collection, methods=["POST"])
    app.add_url_rule("/model/import", "import_configuration", import_configuration, methods=["POST"])
    app.add_url_rule(one, "model_collection", collection)
    app.add_url_rule(one, "change_collection", change_collection, methods=["POST"])
    app.add_url_rule(f"{one}/outliers", "outliers", outliers)
    app.add_url_rule(f"{one}/fields", "add_field", add_field, methods=["POST"])
    app.add_url_rule(field, "model_field", model_field)
    app.add_url_rule(field, "change_field", change_field, methods=["POST"])


@requires(Permission.EDIT_MODEL)
def model() -> str:
    return _site_page()


@requires(Permission.EDIT_MODEL)
def change_site() -> Response | str:
    return _change(modelling.of_site, _site_page, url_for("model"))


@requires(Permission.EDIT_MODEL)
def add_collection() -> Response | str:
    name, folder = _typed_new("name"), _typed_new("folder")
    return _done(lambda: modelling.added_collection(g.site, name, folder), _site_page, url_for("model"))


@requires(Permission.EDIT_MODEL)
def import_configuration() -> Response | str:
    """Turn what another CMS' configuration says into `gitcms.toml`, once it was seen what has no effect."""
    return _done(lambda: modelling.imported(g.site), _site_page, url_for("model"))


@requires(Permission.EDIT_MODEL)
def collection(name: str) -> str:
    return _collection_page(name)


@requires(Permission.EDIT_MODEL)
def change_collection(name: str) -> Response | str:
    return _change(
        lambda model, facts: modelling.of_collection(model, name, facts),
        lambda **again: _collection_page(name, **again),
        url_for("model_collection", name=name),
    )


@requires(Permission.EDIT_MODEL)
def outliers(name: str) -> str:
    """Name every value that is not as its neighbours are."""
    site: Site = g.site
    one = site.collection(name)
    found = modelling.outliers_of(site, name)
    return render_template(
        "model/outliers.html", collection=one, outliers=found[:MOST_OUTLIERS], count=len(found)
    )


@requires(Permission.EDIT_MODEL)
def add_field(name: str) -> Response | str:
    """Add a field to a collection, or a part to a field."""
    at = request.args.getlist("at")
    field, kind = _typed_new("name"), _typed_new("type")
    show: Show = (
        (lambda **again: _field_page(name, at, **again))
        if at
        else (lambda **again: _collection_page(name, **again))
    )
    address = url_for("model_field", name=name, at=[*at, field])
    return _done(lambda: modelling.added_field(g.site, name, at, field, kind), show, address)


@requires(Permission.EDIT_MODEL)
def model_field(name: str) -> str:
    return _field_page(name, request.args.getlist("at"))


@requires(Permission.EDIT_MODEL)
def change_field(name: str) -> Response | str:
    at = request.args.getlist("at")
    return _change(
        lambda model, facts: modelling.of_field(model, name, at, facts),
        lambda **again: _field_page(name, at, **again),
        url_for("model_field", name=name, at=at),
        gone=url_for("model_collection", name=name),
    )


def _change(what: What, show: Show, address: str, gone: str = "") -> Response | str:
    """Show what a form changes, or do it where that was seen.

    :param show: draws the form. :param address: the page to go on with. :param gone: that one where
        everything that was pinned is taken out, and with it perhaps the field.
    """
    site: Site = g.site
    form = request.form
    if form.get("remove"):
        return _done(lambda: modelling.removed(site, what), show, gone or address)
    was = {key[len(WAS) :]: text for key, text in form.items() if key.startswith(WAS)}
    typed = {key: form.get(key, "") for key in was}
    free = form.getlist("free")
    return _done(lambda: modelling.changed(site, what, typed, was, free), show, address, typed)


def _done(
    plan: Callable[[], Plan], show: Show, address: str, typed: Mapping[str, str] | None = None
) -> Response | str:
    site: Site = g.site
    try:
        if request.form.get("again"):
            return show(typed=typed)
        wanted = plan()
        if wanted.data is None:
            flash("Nothing was changed.", "note")
            return redirect(address, 303)
        if not request.form.get("sure"):
            return _preview(wanted, address)
        saved = modelling.save(site, plan, current_writer())
    except InvalidEntry as error:
        status = 409 if MEANWHILE in error.errors else 422
        return make_response(show(typed=typed, problems=error.errors), status)
    except SHOWN as error:
        told = errors_page.told(error)
        return make_response(show(typed=typed, refused=told), errors_page.status_of(error))
    flash("Saved. It counts from now on, for everybody who writes.", "live")
    look.say_sent(saved.sent)
    return redirect(address, 303)


def _preview(plan: Plan, address: str) -> str:
    kept = [(key, text) for key, text in request.form.items(multi=True) if key not in ("csrf_token", "again")]
    return render_template(
        "model/preview.html",
        plan=plan,
        text=(plan.data or b"").decode("utf-8", "replace"),
        kept=kept,
        address=address,
        file=OWN,
    )


def _site_page(**again: Any) -> str:
    site: Site = g.site
    about = modelling.of_site(site.model(), _facts(site))
    return _page("model/site.html", about, again)


def _collection_page(name: str, **again: Any) -> str:
    site: Site = g.site
    about = modelling.of_collection(site.model(), name, _facts(site))
    one = site.collection(name)
    return _page("model/collection.html", about, again, collection=one, fields=one.fields, at=[])


def _field_page(name: str, at: list[str], **again: Any) -> str:
    site: Site = g.site
    if not at:
        raise NotFound("There is no such field.")
    about = modelling.of_field(site.model(), name, at, _facts(site))
    one, field = site.collection(name), about.field
    return _page(
        "model/field.html",
        about,
        again,
        collection=one,
        field=field,
        fields=field.fields if field is not None else (),
        at=at,
    )


def _page(template: str, about: Subject, again: Mapping[str, Any], **more: Any) -> str:
    """Draw a form. `again` holds what was typed, key → sentence, and a refusal with its hint."""
    site: Site = g.site
    configured = site.configured()
    problems = again.get("problems") or {}
    typed = again.get("typed")
    return render_template(
        template,
        about=about,
        controls=modelling.controls(about, typed, problems),
        groups=GROUPS,
        problems=problems,
        refused=again.get("refused"),
        types=TYPES,
        flagged=FLAGGED,
        freed=request.form.getlist("free"),
        file=configured.path,
        own=OWN,
        remarks=configured.remarks,
        fixed=configured.path not in ("", OWN),
        new={key[len(NEW) :]: text for key, text in request.form.items() if key.startswith(NEW)},
        spelled={kind: name for name, kind in TYPES.items()},
        item=modelling.ITEM,
        **more,
    )


def _typed_new(name: str) -> str:
    return request.form.get(NEW + name, "").strip()


def _facts(site: Site) -> Mapping[str, Any]:
    blob = site.repository.blob_of(OWN)
    return facts_in(site.repository.read_blob(blob))[0] if blob is not None else {}
