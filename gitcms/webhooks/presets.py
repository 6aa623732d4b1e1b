"""How each service wants to be asked: one table, a row a service. A new preset is a new row.

A row says which fields an administrator fills in, and how address, headers and body are made of them and
of what happened. `{name}` stands for a field or a fact of the message; a body that is `{data}` alone is
the data itself. Sending is the courier's work.

Sources: the services' own documentation of deploy hooks, dispatch events, triggers and incoming webhooks.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from gitcms.webhooks.kinds import PUBLIC


@dataclass(frozen=True, slots=True)
class Field:
    """Something an administrator fills in. `pattern` is what it must match whole."""

    name: str
    label: str
    pattern: str = r"\S.{0,499}"
    default: str = ""
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Preset:
    """One row. `body` is JSON when it is a mapping, a form when `form` says so, and empty when None.

    `signed` sends the message as it is, with the signatures of Standard Webhooks. `quiet` waits so many
    seconds after the last event, `most` at the longest, so that twenty saves are one rebuild. `builds` tells
    that what is asked for is a rebuild of the site, whose outcome people wait for.
    """

    name: str
    label: str
    fields: tuple[Field, ...]
    url: str = "{url}"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    form: bool = False
    signed: bool = False
    events: tuple[str, ...] = PUBLIC
    quiet: float = 10.0
    most: float = 60.0
    builds: bool = True


URL = Field("url", "Address", secret=True)
_REF = Field("ref", "Branch", pattern=r"[A-Za-z0-9][A-Za-z0-9._/-]{0,199}", default="main")
_REPOSITORY = Field(
    "repository", "Repository (owner/name)", pattern=r"(?!\.)[A-Za-z0-9_.-]+/(?!\.{1,2}$)[A-Za-z0-9_.-]+"
)
_WORKFLOW = Field("workflow", "Workflow file", pattern=r"(?!\.)[A-Za-z0-9_.-]+", default="deploy.yml")
_TOKEN = Field("token", "Token", secret=True)
_BASE = Field("base", "Address of the server", pattern=r"https?://\S+")
_GITHUB = {
    "Authorization": "Bearer {token}",
    "Accept": "application/vnd.github+json",
    "X-GitHub-Api-Version": "2022-11-28",
}
_WHAT = {
    "type": "{type}",
    "subject": "{subject}",
    "branch": "{branch}",
    "before": "{before}",
    "after": "{after}",
    "callback": "{callback}",
    "callback_token": "{callback_token}",
}

PRESETS = {
    row.name: row
    for row in (
        Preset(
            "standard",
            "Any service (Standard Webhooks)",
            (URL,),
            signed=True,
            events=("*",),
            quiet=0,
            most=0,
            builds=False,
        ),
        Preset("builder", "Any builder (JSON, signed)", (URL,), signed=True),
        Preset(
            "netlify", "Netlify", (URL,), url="{url}?trigger_title={subject}%20(gitcms%20{build})", body=_WHAT
        ),
        Preset("vercel", "Vercel", (URL,)),
        Preset("cloudflare", "Cloudflare Pages or Workers", (URL,)),
        Preset("render", "Render", (URL,)),
        Preset("amplify", "AWS Amplify", (URL,), body={}),
        Preset(
            "github_dispatch",
            "GitHub Actions, repository_dispatch",
            (_REPOSITORY, _TOKEN),
            url="https://api.github.com/repos/{repository}/dispatches",
            headers=_GITHUB,
            body={"event_type": "gitcms", "client_payload": _WHAT},
        ),
        Preset(
            "github_workflow",
            "GitHub Actions, workflow_dispatch",
            (_REPOSITORY, _WORKFLOW, _REF, _TOKEN),
            url="https://api.github.com/repos/{repository}/actions/workflows/{workflow}/dispatches",
            headers=_GITHUB,
            body={"ref": "{ref}"},
        ),
        Preset(
            "gitlab",
            "GitLab pipeline",
            (_BASE, Field("project", "Project (number or path)"), _REF, _TOKEN),
            url="{base}/api/v4/projects/{project}/trigger/pipeline",
            body={
                "token": "{token}",
                "ref": "{ref}",
                "variables[GITCMS_SUBJECT]": "{subject}",
                "variables[GITCMS_BUILD]": "{build}",
                "variables[GITCMS_CALLBACK]": "{callback}",
                "variables[GITCMS_CALLBACK_TOKEN]": "{callback_token}",
            },
            form=True,
        ),
        Preset(
            "gitea",
            "Gitea or Forgejo Actions",
            (_BASE, _REPOSITORY, _WORKFLOW, _REF, _TOKEN),
            url="{base}/api/v1/repos/{repository}/actions/workflows/{workflow}/dispatches",
            headers={"Authorization": "token {token}"},
            body={"ref": "{ref}"},
        ),
        Preset(
            "jenkins",
            "Jenkins job",
            (_BASE, Field("job", "Job"), Field("user", "User"), _TOKEN),
            url="{base}/job/{job}/build",
            headers={"Authorization": "Basic {basic}"},
        ),
        Preset(
            "jenkins_generic",
            "Jenkins Generic Webhook Trigger",
            (_BASE, _TOKEN),
            url="{base}/generic-webhook-trigger/invoke",
            headers={"Authorization": "Bearer {token}"},
            body=_WHAT,
        ),
        Preset(
            "jenkins_token",
            "Jenkins Build Token Root",
            (_BASE, Field("job", "Job"), _TOKEN),
            url="{base}/buildByToken/build?job={job}&token={token}",
        ),
        Preset(
            "buildkite",
            "Buildkite pipeline",
            (
                Field("organization", "Organization", pattern=r"[A-Za-z0-9-]+"),
                Field("pipeline", "Pipeline", pattern=r"[A-Za-z0-9-]+"),
                _REF,
                _TOKEN,
            ),
            url="https://api.buildkite.com/v2/organizations/{organization}/pipelines/{pipeline}/builds",
            headers={"Authorization": "Bearer {token}"},
            body={
                "commit": "HEAD",
                "branch": "{ref}",
                "message": "{subject}",
                "env": {"GITCMS_CALLBACK": "{callback}", "GITCMS_CALLBACK_TOKEN": "{callback_token}"},
            },
        ),
        Preset(
            "digitalocean",
            "DigitalOcean App Platform",
            (Field("app", "App ID", pattern=r"[A-Za-z0-9-]+"), _TOKEN),
            url="https://api.digitalocean.com/v2/apps/{app}/deployments",
            headers={"Authorization": "Bearer {token}"},
            body={"force_build": True},
        ),
        Preset("slack", "Slack message", (URL,), body={"text": "{said}"}, quiet=0, most=0, builds=False),
        Preset(
            "discord",
            "Discord message",
            (URL,),
            body={"content": "{subject}", "allowed_mentions": {"parse": []}},
            quiet=0,
            most=0,
            builds=False,
        ),
    )
}

NO_BUILD = {"build": "", "callback": "", "callback_token": ""}
_PLACE = re.compile(r"\{([a-z_]+)\}")


def request_of(
    preset: Preset,
    values: Mapping[str, str],
    message: Mapping[str, Any],
    subject: str,
    text: str,
    building: Mapping[str, str] = NO_BUILD,
) -> tuple[str, dict[str, str], bytes]:
    """Return address, headers and body of a request.

    :param values: the filled-in fields.
    :param message: the message as JSON knows it; `text` is the same as it travels.
    :param building: number of the rebuild, and address and token by which its builder reports.
    """
    data = message.get("data", {})
    facts = {**values, **building, "subject": subject, "type": str(message.get("type", ""))}
    facts |= {key: str(data.get(key, "")) for key in ("branch", "before", "after")}
    # Slack reads marks in angle brackets: a title must call nobody.
    facts["said"] = subject.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    facts["basic"] = base64.b64encode(f"{values.get('user')}:{values.get('token')}".encode()).decode("ascii")
    headers = {name: _fill(value, facts) for name, value in preset.headers.items()}
    url = _address(preset, facts)
    if preset.signed:
        return url, headers | {"Content-Type": "application/json"}, text.encode("utf-8")
    if preset.body is None:
        return url, headers, b""
    body = _filled(preset.body, facts)
    if preset.form:
        form = urlencode(body).encode("ascii")
        return url, headers | {"Content-Type": "application/x-www-form-urlencoded"}, form
    return url, headers | {"Content-Type": "application/json"}, json.dumps(body).encode("ascii")


def _address(preset: Preset, facts: Mapping[str, str]) -> str:
    def part(match: re.Match[str]) -> str:
        value = facts[match[1]]
        if match[1] in ("url", "base"):
            return value.rstrip("/") if match[1] == "base" else value
        return quote(value, safe="/" if match[1] == "repository" else "")

    address = _PLACE.sub(part, preset.url)
    first, mark, rest = address.partition("?")
    # An address that was copied with a query of its own keeps it.
    return f"{first}{mark}{rest.replace('?', '&')}"


def _fill(template: str, facts: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda match: facts[match[1]], template)


def _filled(template: Any, facts: Mapping[str, str]) -> Any:
    if isinstance(template, Mapping):
        return {key: _filled(value, facts) for key, value in template.items()}
    if isinstance(template, list | tuple):
        return [_filled(each, facts) for each in template]
    return _fill(template, facts) if isinstance(template, str) else template
