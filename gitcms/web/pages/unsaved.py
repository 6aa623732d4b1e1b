"""What somebody typed and has not saved: taken in while they write, shown again, thrown away.

The writing page's script sends the form here; the page itself, and the notice on it, are `entries`'.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, abort, flash, g, redirect, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from gitcms import unsaved
from gitcms.accounts.permissions import Permission
from gitcms.content.paths import check_path
from gitcms.schema.collection import Collection
from gitcms.site import Site
from gitcms.web import forms, look
from gitcms.web.login import current_account
from gitcms.web.pages import entries
from gitcms.web.security import requires

# What belongs to one showing of the page, and not to what was typed.
PASSING = ("csrf_token", "view", "intent", "do", "kept")


def register(app: Flask) -> None:
    place = "/collections/<name>/unsaved/<token>"
    app.add_url_rule(place, "unsaved_text", unsaved_text)
    app.add_url_rule(place, "keep_text", keep_text, methods=["POST"])
    app.add_url_rule(f"{place}/thrown", "throw_text_away", throw_text_away, methods=["POST"])


@requires(Permission.EDIT_ENTRY)
def keep_text(name: str, token: str) -> dict[str, Any]:
    """Keep the posted form, and answer when that was."""
    site: Site = g.site
    collection, now = site.collection(name), site.now()
    path = request.args.get("path", "")
    if path:
        check_path(path, existing=True)
    form = [(key, text) for key, text in request.form.items(multi=True) if key not in PASSING]
    unsaved.keep(
        site.database,
        current_account(),
        token,
        collection=collection.name,
        path=path,
        title=_title(collection, path, request.form),
        form=form,
        now=now,
    )
    return {"at": look.clock(now)}


@requires(Permission.EDIT_ENTRY)
def unsaved_text(name: str, token: str) -> str:
    """Show the writing page with the text in it, still unsaved."""
    site: Site = g.site
    kept = unsaved.text(site.database, current_account(), token)
    if kept.collection != name:
        abort(404)
    return entries.shown_again(name, kept.path, MultiDict([*kept.form, ("kept", kept.token)]))


@requires(Permission.EDIT_ENTRY)
def throw_text_away(name: str, token: str) -> Response:
    site: Site = g.site
    kept = unsaved.text(site.database, current_account(), token)
    unsaved.throw_away(site.database, current_account(), token, now=site.now())
    flash(f"What you had typed in “{kept.title}” is thrown away.", "note")
    flash(url_for("unsaved_text", name=kept.collection, token=token), "undo")
    if kept.path:
        return redirect(url_for("entry", name=kept.collection, path=kept.path), 303)
    return redirect(url_for("entries", name=kept.collection), 303)


def _title(collection: Collection, path: str, form: MultiDict[str, str]) -> str:
    titled = collection.meaning("title")
    typed = form.get(f"f.{forms.escaped(titled.name)}", "").strip() if titled else ""
    return typed[:200] or (collection.title_of({}, path) if path else f"New {collection.label_one.lower()}")
