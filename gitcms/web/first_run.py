"""The pages before there is a site: where it is kept, who may fetch it from there, and how far that is.

Open to who holds the link that the server printed, which then makes the first administrator; everybody else
is told where to look. What the steps come to is known by `remotes.first_run`.
"""

from __future__ import annotations

from flask import Flask, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gitcms.accounts import links
from gitcms.accounts.links import Purpose
from gitcms.accounts.refusals import LinkUnusable
from gitcms.errors import GitCMSError
from gitcms.remotes.first_run import FirstRun
from gitcms.site import Vacant
from gitcms.web import login
from gitcms.web.errors_page import status_of
from gitcms.web.security import open_to_everyone

WAIT_SECONDS = 3.0
"""How long a page waits for a site that may be small, before it says how far it is."""
MOST_LETTERS = 4_000


def register(app: Flask, run: FirstRun) -> None:
    app.add_url_rule("/", "home", nothing_yet)
    app.add_url_rule("/healthz", "healthz", healthz)
    app.add_url_rule("/begin/<token>", "begin", begin, methods=["GET", "POST"])
    app.extensions["gitcms.first_run"] = run


@open_to_everyone
def nothing_yet() -> ResponseReturnValue:
    """Say that there is no site, and where the link to begin is."""
    return render_template("first_run/nothing_yet.html"), 503


@open_to_everyone
def healthz() -> ResponseReturnValue:
    """Answer 503: there is nothing to be served yet."""
    return {"status": "no site yet"}, 503


@open_to_everyone
def begin(token: str) -> ResponseReturnValue:
    """Show the steps, and take one of them; lead on to the administrator's account once the site is there."""
    vacant: Vacant = g.site
    if not links.is_usable(vacant.database, token, Purpose.FIRST_ADMIN, now=vacant.now()):
        raise LinkUnusable
    run = _run()
    if request.method == "POST":
        try:
            _step(run)
        except GitCMSError as error:
            return _page(run, error), status_of(error)
        return redirect(url_for("begin", token=token), 303)
    if run.is_open:
        return redirect(f"{request.script_root}{links.PLACES[Purpose.FIRST_ADMIN]}{token}", 303)
    if run.is_fetching and login.wants_json():
        return {"error": {"code": "fetching", "done": run.megabytes}}, 503
    return _page(run, run.problem)


def _step(run: FirstRun) -> None:
    form, step = request.form, request.form.get("step", "")
    if step == "address":
        run.name(form.get("url", "").strip()[:MOST_LETTERS])
    elif step == "trust":
        run.trust(form.getlist("fingerprint"))
    elif step == "fetch":
        given = (form.get("user", "").strip(), form.get("password", ""))
        run.fetch(*(each[:MOST_LETTERS] for each in given), seconds=WAIT_SECONDS)


def _page(run: FirstRun, problem: GitCMSError | None) -> str:
    vacant: Vacant = g.site
    url = run.address.url if run.address else vacant.config.remote.url
    if request.form.get("step") == "address":
        url = request.form.get("url", "")[:MOST_LETTERS]
    return render_template(
        "first_run/begin.html",
        run=run,
        problem=problem,
        url=url,
        folder=vacant.folder,
    )


def _run() -> FirstRun:
    run: FirstRun = current_app.extensions["gitcms.first_run"]
    return run
