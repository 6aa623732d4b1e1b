"""What the writing page's script asks now and then: who else has the entry open, and was it saved meanwhile.

The page says so at load, too, with the same part (`entries`); who is where is `gitcms.presence`'s to know.
"""

from __future__ import annotations

from flask import Flask, g, jsonify, render_template, request
from werkzeug.wrappers import Response

from gitcms import history, presence
from gitcms.accounts.permissions import Permission
from gitcms.content.paths import check_path
from gitcms.repository import Commit
from gitcms.site import Site
from gitcms.web.login import current_account
from gitcms.web.security import requires


def register(app: Flask) -> None:
    app.add_url_rule("/collections/<name>/presence/<path:path>", "presence", tell, methods=["POST"])


@requires(Permission.EDIT_ENTRY)
def tell(name: str, path: str) -> Response:
    """Take down that the window of the form `kept` is still open, or `left`; answer with what it should say.

    `base` is the version that the window was opened with.
    """
    site: Site = g.site
    check_path(path, existing=True)
    token, account, now = request.form.get("kept", ""), current_account(), site.now()
    present: list[presence.Present] = []
    if request.form.get("left"):
        presence.leave(site.database, account, token)
    elif site.repository.blob_of(path) is not None:
        presence.stay(site.database, account, token, path, now=now)
        present = presence.beside(site.database, account, token, path, now=now)
    return jsonify(
        html=render_template(
            "entries/_presence.html",
            present=present,
            newer=_saved_since(site, path, request.form.get("base", "")),
            me=account.email,
        )
    )


def _saved_since(site: Site, path: str, base: str) -> Commit | None:
    """Return the last save of an entry that is another version by now than the one that was opened."""
    blob = site.repository.blob_of(path)
    return history.last_change(site, path) if base and blob is not None and blob != base else None
