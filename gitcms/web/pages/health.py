"""Whether the server is well, and what it has done, for programs that watch it."""

from __future__ import annotations

import ipaddress

from flask import Flask, Response, abort, g, request
from flask.typing import ResponseReturnValue

from gitcms import builds
from gitcms.accounts import users
from gitcms.errors import GitCMSError
from gitcms.site import Site
from gitcms.web.security import is_loopback, open_to_everyone
from gitcms.webhooks import endpoints, queue, signing


def register(app: Flask) -> None:
    app.add_url_rule("/healthz", "healthz", healthz)
    app.add_url_rule("/metrics", "metrics", metrics)


@open_to_everyone
def healthz() -> ResponseReturnValue:
    """Answer 200 when site and database can be read, else 503. It says no more to strangers."""
    site: Site = g.site
    try:
        site.repository.head()
        users.anybody(site.database)
    except GitCMSError:
        return {"status": "failing"}, 503
    return {"status": "ok"}


@open_to_everyone
def metrics() -> Response:
    """Tell Prometheus how many deliveries, rebuilds and saves there are. To others this page is not there."""
    if not _may_watch():
        abort(404)
    site: Site = g.site
    lines: list[str] = []
    for name, words, samples in (
        ("deliveries", "Webhook deliveries in the log, by state.", _by_state(queue.counts(site))),
        ("delivery_oldest_seconds", "How long the oldest due delivery waits.", {"": queue.oldest_wait(site)}),
        ("webhooks_paused", "Services to which nothing is sent.", {"": len(endpoints.paused(site))}),
        ("builds", "Rebuilds in the list, by state.", _by_state(builds.counts(site))),
        ("saves", "Versions of the site.", {"": _saves(site)}),
    ):
        lines += [f"# HELP gitcms_{name} {words}", f"# TYPE gitcms_{name} gauge"]
        lines += [f"gitcms_{name}{labels} {value:g}" for labels, value in samples.items()]
    text = "\n".join(lines) + "\n"
    return Response(text, mimetype="text/plain; version=0.0.4", headers={"Cache-Control": "no-store"})


def _may_watch() -> bool:
    """Programs of this machine may, and who has the token. A proxy on this machine speaks for strangers."""
    site: Site = g.site
    token = site.config.server.metrics_token
    if token and signing.same(request.headers.get("Authorization", ""), [f"Bearer {token}"]):
        return True
    passed_on = any(name in request.headers for name in ("Forwarded", "X-Forwarded-For", "Via", "X-Real-IP"))
    from_here = _is_this_machine(request.remote_addr or "") and is_loopback(request.headers.get("Host", ""))
    return from_here and not passed_on and not site.config.server.trusted_proxies


def _saves(site: Site) -> int:
    return int(site.memo.get(("count", site.repository.head()), site.repository.count))


def _is_this_machine(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _by_state(counts: dict[str, int]) -> dict[str, float]:
    return {f'{{state="{state}"}}': count for state, count in sorted(counts.items())}
