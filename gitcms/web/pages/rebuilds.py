"""Rebuilds: what became of each, asking for one, and the state in a form for the scripts."""

from __future__ import annotations

from flask import Flask, Response, flash, g, jsonify, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from gitcms import builds
from gitcms.accounts.permissions import Permission
from gitcms.site import Site
from gitcms.web import look
from gitcms.web.security import requires

SHOWN = 50


def register(app: Flask) -> None:
    app.add_url_rule("/rebuilds", "rebuilds", rebuilds)
    app.add_url_rule("/rebuilds", "rebuild", rebuild, methods=["POST"])
    app.add_url_rule("/status", "status", status)


@requires(Permission.VIEW)
def rebuilds() -> str:
    site: Site = g.site
    return render_template(
        "rebuilds/list.html",
        status=builds.status(site),
        saved_at=site.repository.commit(site.repository.head()).when,
        sent=look.sent(site),
        rebuilds=builds.recent(site, SHOWN),
    )


@requires(Permission.REBUILD)
def rebuild() -> BaseResponse:
    builds.request(g.site, current_user.name)
    flash("Rebuild requested.", "note")
    return redirect(url_for("rebuilds"), 303)


@requires(Permission.VIEW)
def status() -> Response:
    """Answer with the thread as it stands, for a script that puts it in place of an older one."""
    site: Site = g.site
    now = builds.status(site)
    saved_at = site.repository.commit(site.repository.head()).when
    sent = look.sent(site)
    return jsonify(
        state=now.state,
        commit=now.commit,
        sent=sent.state if sent else "",
        html=render_template("rebuilds/thread.html", status=now, saved_at=saved_at, sent=sent),
    )
