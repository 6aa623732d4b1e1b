"""What is saved here and the shared server: how things stand, what to choose about, and a rewritten history.

Authors choose about entries as where two people saved one here; the rest is an administrator's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Flask, flash, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gitcms import entries, remotes
from gitcms.accounts.permissions import Permission, Place
from gitcms.entries import Elsewhere
from gitcms.errors import EditConflict, NotFound, PermissionDenied
from gitcms.site import Site
from gitcms.web.login import current_writer
from gitcms.web.pages import conflicts
from gitcms.web.security import may, requires

KEEP, INSTEAD = "join", "instead"
LONGEST_SHOWN = 20_000


def register(app: Flask) -> None:
    app.add_url_rule("/sending", "sending", sending)
    app.add_url_rule("/sending/calls", "call_shared_server", call, methods=["POST"])
    app.add_url_rule("/sending/history", "decide_history", decide_history, methods=["POST"])
    app.add_url_rule("/sending/choices/<path:path>", "clash", clash, methods=["GET", "POST"])


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file that somebody must choose about: `path` is from the top of the working tree."""

    path: str
    told: Elsewhere
    mine_to_choose: bool


@requires(Permission.VIEW)
def sending() -> str:
    """Show how things stand with the shared server, and what has to be chosen."""
    site: Site = g.site
    status = remotes.status(site)
    return render_template(
        "sending/sending.html",
        is_on=remotes.is_on(site),
        sending=status,
        is_new=status is not None and status.state == "sent" and status.commit != site.repository.head(),
        waiting=_waiting(site, status.contested if status else ()),
        KEEP=KEEP,
        INSTEAD=INSTEAD,
    )


def _waiting(site: Site, contested: Sequence[str]) -> list[Waiting]:
    found = []
    for path in contested:
        try:
            told = entries.elsewhere(site, path)
        except NotFound:
            continue  # chosen and joined a moment ago
        found.append(Waiting(path, told, _may_choose(told)))
    return found


def _may_choose(told: Elsewhere) -> bool:
    if told.collection is None:
        return may(Permission.DECIDE_SHARED_SERVER)
    return may(Permission.EDIT_ENTRY, Place(told.collection.name, told.path))


@requires(Permission.CALL_SHARED_SERVER)
def call() -> Response:
    """Have the shared server called now."""
    remotes.fetch_now(g.site)
    flash("The shared server is called now.", "note")
    return redirect(url_for("sending"), 303)


@requires(Permission.DECIDE_SHARED_SERVER)
def decide_history() -> Response:
    """Go on with a shared server whose history was rewritten, as an administrator decided."""
    site: Site = g.site
    keep_ours = request.form.get("choice") != INSTEAD
    kept = remotes.go_on(site, request.form.get("theirs", ""), keep_ours=keep_ours)
    remotes.fetch_now(site)
    what = "Both are joined and sent." if keep_ours else "The site is what the shared server has."
    flash(f"{what} What was here is kept as {kept}.", "live")
    return redirect(url_for("sending"), 303)


@requires(Permission.EDIT_ENTRY)
def clash(path: str) -> Response | str:
    """Show what two sides did to one file, and take what somebody chose."""
    site: Site = g.site
    told = entries.elsewhere(site, path)
    if not _may_choose(told):
        raise PermissionDenied(
            "Your account may not choose about this.",
            hint="Ask an administrator, or somebody who may write there.",
        )
    if request.method == "GET":
        return _page(path, told)
    try:
        entries.choose(
            site,
            path,
            current_writer(),
            versions=request.form.get("versions", ""),
            whole=request.form.get("whole", ""),
            choices=conflicts.choices(request.form),
        )
    except EditConflict:
        problem = "It was saved once more while you chose, or something is not chosen yet."
        return make_response(_page(path, told, problem), 409)
    flash(f"Your choice about “{told.title}” is kept, and sent with the next call.", "live")
    return redirect(url_for("sending"), 303)


def _page(path: str, told: Elsewhere, problem: str = "") -> str:
    made = conflicts.choices(request.form)
    return render_template(
        "sending/clash.html",
        path=path,
        told=told,
        texts=[text and text[:LONGEST_SHOWN] for text in told.texts],
        problem=problem,
        clashes=told.clashes,
        chosen=conflicts.by_place({name: choice.partition(":")[0] for name, choice in made.items()}),
        own=conflicts.own_texts(request.form),
        marked=conflicts.marked,
    )
