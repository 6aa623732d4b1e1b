"""A plain look at a text that is being written: Markdown only, not the site's design."""

from __future__ import annotations

from flask import Flask, Response, g, request

from gitcms.accounts.permissions import Permission
from gitcms.web.pages.entries import look_at
from gitcms.web.security import requires


def register(app: Flask) -> None:
    app.add_url_rule("/preview", "preview", preview, methods=["POST"])


@requires(Permission.EDIT_ENTRY)
def preview() -> Response:
    """Answer with the HTML of the posted `body`, for the script that keeps the look up to date."""
    text = look_at(g.site, request.form.get("body", ""), request.form.get("path", ""))
    return Response(text, mimetype="text/html")
