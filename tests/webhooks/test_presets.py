"""The table of services: each row asks as its service's documentation says."""

from __future__ import annotations

import json

import pytest

from gitcms import network
from gitcms.webhooks.presets import PRESETS, request_of

VALUES = {
    "url": "https://hooks.example/x?key=1",
    "base": "https://ci.example/",
    "repository": "ada/site",
    "workflow": "deploy.yml",
    "ref": "main",
    "token": "t0ken",
    "project": "group/site",
    "job": "site & more",
    "user": "ada",
    "app": "a-1",
    "organization": "agora",
    "pipeline": "site",
}
MESSAGE = {"type": "content.updated", "data": {"branch": "main", "before": "a", "after": "b"}}
SUBJECT = 'Inés changed <!channel> & "more"\r\nX: y'


@pytest.mark.parametrize("name", PRESETS)
def test_every_row_makes_a_request_that_the_guard_takes(name: str) -> None:
    row = PRESETS[name]
    fields = {each.name: VALUES[each.name] for each in row.fields}
    url, headers, body = request_of(row, fields, MESSAGE, SUBJECT, json.dumps(MESSAGE))
    assert network.check_url(url, network.Rules()).scheme == "https"
    for header, value in headers.items():
        network.check_header(header, value)
    assert not row.body or (headers["Content-Type"].startswith("application/") and body)
    assert "{" not in url


def asked(name: str) -> tuple[str, dict[str, str], bytes]:
    row = PRESETS[name]
    return request_of(row, {f.name: VALUES[f.name] for f in row.fields}, MESSAGE, SUBJECT, "")


def test_the_addresses_are_those_of_the_documentation() -> None:
    assert asked("github_dispatch")[0] == "https://api.github.com/repos/ada/site/dispatches"
    workflow = "https://api.github.com/repos/ada/site/actions/workflows/deploy.yml/dispatches"
    assert asked("github_workflow")[0] == workflow
    assert asked("gitlab")[0] == "https://ci.example/api/v4/projects/group%2Fsite/trigger/pipeline"
    assert asked("gitea")[0].startswith("https://ci.example/api/v1/repos/ada/site/actions/workflows/")
    assert (
        asked("jenkins_token")[0] == "https://ci.example/buildByToken/build?job=site%20%26%20more&token=t0ken"
    )
    builds = "https://api.buildkite.com/v2/organizations/agora/pipelines/site/builds"
    assert asked("buildkite")[0] == builds
    assert asked("netlify")[0].startswith("https://hooks.example/x?key=1&trigger_title=In%C3%A9s")


def test_the_bodies_are_those_of_the_documentation() -> None:
    assert set(json.loads(asked("github_dispatch")[2])) == {"event_type", "client_payload"}
    assert json.loads(asked("github_workflow")[2]) == {"ref": "main"}
    assert asked("gitlab")[2].startswith(b"token=t0ken&ref=main&variables%5BGITCMS_SUBJECT%5D=")
    built = json.loads(asked("buildkite")[2])
    assert (built["commit"], built["branch"], built["message"]) == ("HEAD", "main", SUBJECT)
    assert asked("vercel")[2] == asked("cloudflare")[2] == b""
    assert json.loads(asked("slack")[2])["text"].startswith("Inés changed &lt;!channel&gt; &amp;")
    assert json.loads(asked("discord")[2])["allowed_mentions"] == {"parse": []}
    assert asked("jenkins")[1]["Authorization"] == "Basic YWRhOnQwa2Vu"
