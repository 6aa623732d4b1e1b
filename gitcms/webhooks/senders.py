"""How each service that calls us shows who it is, and what it says: one table, a row a service.

Which signature counts is decided by the row and the kind of secret alone, never by what a request says of
itself. What is compared is compared in constant time. What follows from a call is decided in `callers`.

Sources: the services' own documentation of webhooks; Standard Webhooks 1.0.0; RFC 7515 for Netlify.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from gitcms.builds import FAILED, LIVE, RUNNING, Report
from gitcms.webhooks import signing

Headers = Mapping[str, str]
Check = Callable[[str, Headers, bytes, float], bool]
PUSH, PING, BUILD, OTHER = "push", "ping", "build", "other"


@dataclass(frozen=True, slots=True)
class News:
    """What a call says. `ref` is the branch that changed, "" where that is not said.

    Of a rebuild: `commit` and `number` tell which, `report` how it stands.
    """

    kind: str
    ref: str = ""
    commit: str = ""
    number: int | None = None
    report: Report | None = None


@dataclass(frozen=True, slots=True)
class Sender:
    """One row. `event` and `ids` are names of headers; `preset` is how its builders' presets begin.

    `own_secret` tells that the service makes the secret, so that it must be entered here.
    """

    name: str
    label: str
    check: Check
    read: Callable[[str, Any], News]
    event: str = ""
    ids: tuple[str, ...] = ()
    preset: str = ""
    own_secret: bool = False
    standard: bool = False


def payload(headers: Headers, body: bytes) -> Any:
    """Return what a body says as JSON, or None: a form may hold it as `payload`."""
    text = body.decode("utf-8", "replace")
    if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        try:
            text = parse_qs(text, max_num_fields=20).get("payload", [""])[0]
        except ValueError:
            return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _hub(header: str, prefix: str) -> Check:
    """Check the HMAC-SHA256 of the raw body in hex, as GitHub and its kin send it."""

    def check(secret: str, headers: Headers, body: bytes, now: float) -> bool:
        expected = prefix + signing.hub_signature(secret, body).removeprefix("sha256=")
        return signing.same(headers.get(header, ""), [expected])

    return check


def _either(*checks: Check) -> Check:
    def check(secret: str, headers: Headers, body: bytes, now: float) -> bool:
        return any(each(secret, headers, body, now) for each in checks)

    return check


def _standard(secret: str, headers: Headers, body: bytes, now: float) -> bool:
    return signing.verify(
        secret,
        headers.get("webhook-id", ""),
        headers.get("webhook-timestamp", ""),
        headers.get("webhook-signature", ""),
        body,
        now=now,
    )


def _gitlab(secret: str, headers: Headers, body: bytes, now: float) -> bool:
    if secret.startswith(signing.SYMMETRIC):
        return _standard(secret, headers, body, now)
    return signing.same(headers.get("x-gitlab-token", ""), [secret])


def _bearer(secret: str, headers: Headers, body: bytes, now: float) -> bool:
    return signing.same(headers.get("authorization", ""), [f"Bearer {secret}"])


def _netlify(secret: str, headers: Headers, body: bytes, now: float) -> bool:
    """Check a JWS of HS256 whose claims hold the body's SHA-256. Its header may say what it likes."""
    head, _, rest = headers.get("x-webhook-signature", "")[:4096].partition(".")
    claims, _, signature = rest.partition(".")
    right = hmac.digest(secret.encode(), f"{head}.{claims}".encode("utf-8", "replace"), hashlib.sha256)
    given = _from_base64url(signature)
    if given is None or not hmac.compare_digest(given, right):
        return False
    try:
        said = json.loads(_from_base64url(claims) or b"")
    except (ValueError, RecursionError):
        return False
    digest = str(said.get("sha256", "")) if isinstance(said, dict) and said.get("iss") == "netlify" else ""
    return signing.same(digest, [hashlib.sha256(body).hexdigest()])


def _vercel(secret: str, headers: Headers, body: bytes, now: float) -> bool:
    expected = hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()
    return signing.same(headers.get("x-vercel-signature", ""), [expected])


def _read_push(event: str, said: Any) -> News:
    """Read what GitHub, Gitea, Forgejo and GitLab have in common."""
    if event in ("ping", "test"):
        return News(PING)
    if event not in ("push", "push hook", "system hook", ""):
        return News(OTHER)
    return News(PUSH, ref=_text(said, "ref"))


def _read_github(event: str, said: Any) -> News:
    if event == "workflow_run":
        run = _part(said, "workflow_run")
        if _text(run, "event") not in ("repository_dispatch", "workflow_dispatch"):
            return News(OTHER)
        done = {"success": LIVE, "": RUNNING}.get(_text(run, "conclusion"), FAILED)
        words = f"{_text(run, 'name')}: {_text(run, 'conclusion') or _text(run, 'status')}"
        return News(BUILD, commit=_text(run, "head_sha"), report=Report(done, words, _text(run, "html_url")))
    if event == "deployment_status":
        status, deployment = _part(said, "deployment_status"), _part(said, "deployment")
        state = _text(status, "state")
        done = {"success": LIVE, "failure": FAILED, "error": FAILED}.get(state, RUNNING)
        link = _text(status, "log_url") or _text(status, "target_url")
        report = Report(done, _text(status, "description") or state, link)
        return News(BUILD, commit=_text(deployment, "sha"), report=report)
    return _read_push(event, said)


def _read_gitlab(event: str, said: Any) -> News:
    if event != "pipeline hook":
        return _read_push(event, said)
    pipeline = _part(said, "object_attributes")
    listed = pipeline.get("variables")
    variables = (
        {_text(each, "key"): _text(each, "value") for each in listed} if isinstance(listed, list) else {}
    )
    number = variables.get("GITCMS_BUILD", "")
    # Of another pipeline nothing is known: a test that succeeds puts nothing live.
    if not re.fullmatch(r"[0-9]{1,12}", number, re.ASCII):
        return News(OTHER)
    status = _text(pipeline, "status")
    done = {"success": LIVE, "failed": FAILED, "canceled": FAILED, "skipped": FAILED}.get(status, RUNNING)
    return News(BUILD, number=int(number), report=Report(done, status, _text(pipeline, "url")))


def _read_bitbucket(event: str, said: Any) -> News:
    if event != "repo:push":
        return News(PING if event == "diagnostics:ping" else OTHER)
    changes = _part(said, "push").get("changes")
    names = [_text(_part(each, "new"), "name") for each in changes] if isinstance(changes, list) else []
    return News(PUSH, ref=" ".join(f"refs/heads/{name}" for name in names if name))


def _read_netlify(event: str, said: Any) -> News:
    done = {"ready": LIVE, "error": FAILED}.get(_text(said, "state"), RUNNING)
    found = re.search(r"\(gitcms (\d{1,12})\)", _text(said, "title"), re.ASCII)
    report = Report(done, _text(said, "error_message"), _text(said, "admin_url"))
    return News(
        BUILD, commit=_text(said, "commit_ref"), number=int(found[1]) if found else None, report=report
    )


def _read_vercel(event: str, said: Any) -> News:
    kind = _text(said, "type")
    deployment = _part(_part(said, "payload"), "deployment")
    meta = _part(deployment, "meta")
    if not kind.startswith("deployment.") or _text(_part(said, "payload"), "target") not in (
        "production",
        "",
    ):
        return News(OTHER)
    done = {"succeeded": LIVE, "ready": LIVE, "error": FAILED, "canceled": FAILED, "created": RUNNING}
    state = done.get(kind.removeprefix("deployment."))
    commit = next(
        (
            _text(meta, f"{host}CommitSha")
            for host in ("github", "gitlab", "bitbucket")
            if meta.get(f"{host}CommitSha")
        ),
        "",
    )
    if state is None:
        return News(OTHER)
    link = _text(_part(_part(said, "payload"), "links"), "deployment")
    return News(BUILD, commit=commit, report=Report(state, kind, link))


SENDERS = {
    row.name: row
    for row in (
        Sender(
            "github",
            "GitHub",
            _hub("x-hub-signature-256", "sha256="),
            _read_github,
            "x-github-event",
            ("x-github-delivery",),
            "github",
        ),
        Sender(
            "gitlab",
            "GitLab",
            _gitlab,
            _read_gitlab,
            "x-gitlab-event",
            ("webhook-id", "idempotency-key", "x-gitlab-event-uuid"),
            "gitlab",
        ),
        Sender(
            "gitea",
            "Gitea",
            _hub("x-gitea-signature", ""),
            _read_push,
            "x-gitea-event",
            ("x-gitea-delivery",),
        ),
        Sender(
            "forgejo",
            "Forgejo",
            _either(_hub("x-forgejo-signature", ""), _hub("x-gitea-signature", "")),
            _read_push,
            "x-gitea-event",
            ("x-forgejo-delivery", "x-gitea-delivery"),
        ),
        Sender(
            "bitbucket",
            "Bitbucket",
            _hub("x-hub-signature", "sha256="),
            _read_bitbucket,
            "x-event-key",
            ("x-request-uuid",),
        ),
        Sender(
            "standard",
            "Any service (Standard Webhooks)",
            _standard,
            lambda event, said: News(PUSH),
            ids=("webhook-id",),
            standard=True,
        ),
        Sender(
            "bearer",
            "Any program (a token)",
            _bearer,
            lambda event, said: News(PUSH),
            ids=("idempotency-key",),
        ),
        Sender("netlify", "Netlify, outcome of builds", _netlify, _read_netlify, preset="netlify"),
        Sender(
            "vercel", "Vercel, outcome of builds", _vercel, _read_vercel, preset="vercel", own_secret=True
        ),
    )
}


def _part(said: Any, name: str) -> Mapping[str, Any]:
    found = said.get(name) if isinstance(said, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _text(said: Any, name: str) -> str:
    found = said.get(name) if isinstance(said, Mapping) else None
    return found[:1000] if isinstance(found, str) else ""


def _from_base64url(text: str) -> bytes | None:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
