"""Numbers for Prometheus, and who may read them."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from gitcms import builds, events
from gitcms.site import Site
from gitcms.web.app import create_app
from gitcms.webhooks import endpoints, queue
from tests.making import git

LINE = re.compile(r'gitcms_[a-z_]+(\{state="[a-z]+"\})? [0-9.e+]+|# (HELP|TYPE) gitcms_[a-z_]+ .+')


def test_it_tells_of_deliveries_rebuilds_and_saves(app: Flask, site: Site) -> None:
    number, _ = endpoints.add(
        site, name="CI", preset="vercel", fields={"url": "https://ci.example.org/hook/x"}
    )
    events.catch_up(site)
    queue.rebuild_now(site, number, "Ada")
    endpoints.pause(site, number, "By hand.")
    text = app.test_client().get("/metrics").text
    assert [line for line in text.splitlines() if not LINE.fullmatch(line)] == []
    saves = git(site.repository.folder, "rev-list", "--count", "HEAD").strip()
    wanted = ('gitcms_deliveries{state="pending"} 1', 'gitcms_builds{state="queued"} 1')
    assert all(line in text for line in (*wanted, "gitcms_webhooks_paused 1", f"gitcms_saves {saves}"))
    assert builds.counts(site) == {"queued": 1}


@pytest.mark.parametrize(
    ("headers", "remote"),
    [
        ({}, "203.0.113.9"),
        ({"X-Forwarded-For": "203.0.113.9"}, "127.0.0.1"),
        ({"Host": "cms.example.org"}, "127.0.0.1"),
        ({"Authorization": "Bearer wrong"}, "203.0.113.9"),
        ({"Authorization": "Bearer é"}, "203.0.113.9"),
        ({"Authorization": "Bearer "}, "203.0.113.9"),
    ],
)
@pytest.mark.parametrize("token", ["", "a-token-of-ours"])
def test_to_others_it_is_not_there(site: Site, headers: dict[str, str], remote: str, token: str) -> None:
    names = ["cms.example.org"]
    config = site.config.with_values("server", allowed_hosts=names, plain_http=True, metrics_token=token)
    site.config = config
    client = create_app(config, site).test_client()
    place = {"REMOTE_ADDR": remote}
    answer = client.get("/metrics", headers=headers, environ_base=place)
    assert answer.status_code == 404 and "gitcms_" not in answer.text
    if token:
        right = {**headers, "Authorization": f"Bearer {token}"}
        answer = client.get("/metrics", headers=right, environ_base=place)
        assert answer.status_code == 200
