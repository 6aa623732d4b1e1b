"""Rebuilds: what became of each, asking for one, the state in a form for the scripts, and what builders
report of theirs."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from gitcms import builds
from gitcms.accounts.permissions import Permission
from gitcms.builds import Report
from gitcms.errors import NotFound
from gitcms.repository import Commit
from gitcms.site import Site
from gitcms.web import look
from gitcms.web.security import open_to_programs, requires
from gitcms.webhooks import queue

SHOWN = 50
PLAIN = {"Content-Type": "text/plain; charset=utf-8"}
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
STATES = {"building": builds.RUNNING, "live": builds.LIVE, "failed": builds.FAILED}


def register(app: Flask) -> None:
    app.add_url_rule("/rebuilds", "rebuilds", rebuilds)
    app.add_url_rule("/rebuilds", "rebuild", rebuild, methods=["POST"])
    app.add_url_rule("/status", "status", status)
    app.add_url_rule("/builds/<int:build>/reports", "build_report", build_report, methods=["POST"])


@requires(Permission.VIEW)
def rebuilds() -> str:
    site: Site = g.site
    return render_template(
        "rebuilds/list.html",
        rebuilt=builds.is_on(site),
        status=builds.status(site),
        saved_at=site.repository.commit(site.repository.head()).when,
        sent=look.sent(site),
        rebuilds=builds.recent(site, SHOWN),
        report_line=report_line,
    )


@requires(Permission.REBUILD)
def rebuild() -> BaseResponse:
    queue.rebuild_everywhere(g.site, current_user.name)
    flash("Rebuild requested.", "note")
    return redirect(url_for("rebuilds"), 303)


@requires(Permission.VIEW)
def status() -> Response:
    """Answer with the thread as it stands, for a script that puts it in place of an older one."""
    site: Site = g.site
    saved = _asked_about(site)
    now = builds.status(site, saved.id if saved else "")
    saved_at = (saved or site.repository.commit(site.repository.head())).when
    sent = look.sent(site)
    return jsonify(
        state=now.state,
        commit=now.commit,
        sent=sent.state if sent else "",
        html=render_template("rebuilds/thread.html", status=now, saved_at=saved_at, sent=sent),
    )


def _asked_about(site: Site) -> Commit | None:
    wanted = request.args.get("commit", "")
    if _COMMIT.fullmatch(wanted):
        with contextlib.suppress(NotFound):
            return site.repository.commit(wanted)
    return None


@open_to_programs
def build_report(build: int) -> ResponseReturnValue:
    """Take down what a builder says of a rebuild: `state` building, live or failed; `message`, `link`, `log`.

    Who has the token of this rebuild may say so, for a day from when it was asked for.
    """
    site: Site = g.site
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not builds.token_fits(site, build, given.strip()):
        return "This token does not belong to this rebuild, or has expired.\n", 401, PLAIN
    said = _said()
    state = STATES.get(str(said.get("state", "")))
    if state is None:
        return f"Say what came of it: state is one of {', '.join(STATES)}.\n", 422, PLAIN
    words = {key: str(said.get(key, "")) for key in ("message", "link", "log")}
    try:
        builds.report(site, build, Report(state, **words), "callback")
    except NotFound:
        return "There is no such rebuild any more.\n", 410, PLAIN
    return "", 204


def report_line(build: builds.BuildStatus) -> str:
    """Return the command with which any step of a builder says that it is done."""
    place = url_for("build_report", build=build.id, _external=True)
    return f"curl -fsS -H 'Authorization: Bearer {builds.token(g.site, build)}' -d state=live {place}"


def _said() -> Mapping[str, Any]:
    if request.mimetype != "application/json":
        return request.form
    found = request.get_json(silent=True)
    return found if isinstance(found, dict) else {}
