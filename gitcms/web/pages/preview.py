"""A plain look at a text that is being written: Markdown only, not the site's design."""

from __future__ import annotations

from flask import Flask, Response, request

from gitcms.accounts.permissions import Permission
from gitcms.content import markdown
from gitcms.web.security import requires


def register(app: Flask) -> None:
    app.add_url_rule("/preview", "preview", preview, methods=["POST"])


@requires(Permission.EDIT_ENTRY)
def preview() -> Response:
    """Answer with the HTML of the posted `body`, for the script that keeps the look up to date."""
    return Response(markdown.to_html(request.form.get("body", "")), mimetype="text/html")
