"""Calls of other servers: taken for their signature alone. Who may call is shown in `webhooks`."""

from __future__ import annotations

from flask import Flask, g, request
from flask.typing import ResponseReturnValue

from gitcms import logs
from gitcms.web.security import open_to_programs
from gitcms.webhooks import callers

PLAIN = {"Content-Type": "text/plain; charset=utf-8"}


def register(app: Flask) -> None:
    app.add_url_rule("/hooks/<int:caller>", "hook", hook, methods=["POST"])


@open_to_programs
def hook(caller: int) -> ResponseReturnValue:
    """Check a call over its raw bytes, and answer before anything is fetched."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    taken = callers.take(g.site, caller, headers, request.get_data(cache=False))
    if taken.status == 401:
        logs.event("denied", reason="signature", page="hook", where=request.remote_addr)
    return f"{taken.words}\n", taken.status, PLAIN
