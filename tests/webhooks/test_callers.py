"""Calls of other servers: signed as each documents it, forged, repeated, cut short, too long."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from gitcms import builds, events
from gitcms.remotes.exchange import NOW
from gitcms.site import Site
from gitcms.web.app import create_app
from gitcms.webhooks import callers, endpoints, signing
from gitcms.webhooks.endpoints import InvalidEndpoint
from gitcms.webhooks.senders import SENDERS
from tests.making import JEKYLL, make_repository, open_made, settings

from .conftest import Clock
from .test_deliveries import retitle

ROWS = Path(os.environ.get("GITCMS_CORPUS", "")).parent / "facts" / "bad_inputs.jsonl"
MAIN = {"ref": "refs/heads/main", "before": "0" * 40, "after": "f" * 40, "commits": []}


@dataclass
class Gate:
    """A site with a remote, whom to call, and whether the remote is asked afterwards."""

    site: Site
    client: FlaskClient
    numbers: dict[str, int] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)

    def call(self, sender: str, body: bytes, headers: dict[str, str]) -> int:
        (self.site.state / NOW).unlink(missing_ok=True)
        answer = self.client.post(f"/hooks/{self.numbers[sender]}", data=body, headers=headers)
        answer.close()
        return answer.status_code

    def fetches(self) -> bool:
        return (self.site.state / NOW).exists()

    def outcome(self) -> str:
        return callers.calls(self.site)[0].outcome


@pytest.fixture
def gate(tmp_path: Path, clock: Clock) -> Iterator[Gate]:
    folder, away = make_repository(tmp_path / "site", JEKYLL), tmp_path / "away.git"
    config = settings(folder, tmp_path / "state").with_values("remote", url=str(away), local=True)
    site = open_made(folder, tmp_path / "state", config)
    site.now = clock
    clock.now = clock.now.fromtimestamp(time.time(), tz=clock.now.tzinfo)
    made = Gate(site, create_app(config, site).test_client())
    for name in SENDERS:
        given = "a secret that Vercel made" if name == "vercel" else ""
        made.numbers[name], made.secrets[name] = callers.add(site, name=name, sender=name, secret=given)
    yield made
    site.close()


def hub(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def signed(gate: Gate, sender: str, body: bytes, number: str = "1") -> dict[str, str]:
    """Return headers as the service documents them."""
    secret = gate.secrets[sender]
    now = int(gate.site.now().timestamp())
    if sender == "github":
        return {
            "X-GitHub-Event": "push",
            "X-GitHub-Delivery": f"72d3162e-cc78-11e3-81ab-{number:0>12}",
            "X-Hub-Signature-256": "sha256=" + hub(secret, body),
        }
    if sender == "gitlab":
        return {
            "X-Gitlab-Event": "Push Hook",
            "X-Gitlab-Token": secret,
            "X-Gitlab-Event-UUID": number,
            "Idempotency-Key": number,
        }
    if sender == "gitea":
        return {"X-Gitea-Event": "push", "X-Gitea-Delivery": number, "X-Gitea-Signature": hub(secret, body)}
    if sender == "forgejo":
        return {
            "X-Forgejo-Event": "push",
            "X-Gitea-Event": "push",
            "X-Forgejo-Delivery": number,
            "X-Forgejo-Signature": hub(secret, body),
        }
    if sender == "bitbucket":
        return {
            "X-Event-Key": "repo:push",
            "X-Request-UUID": number,
            "X-Hub-Signature": "sha256=" + hub(secret, body),
        }
    if sender == "bearer":
        return {"Authorization": f"Bearer {secret}", "Idempotency-Key": number}
    return signing.headers([secret], f"msg_{number}", now, body)


def pushed(sender: str, branch: str = "main") -> bytes:
    said: dict[str, Any] = {**MAIN, "ref": f"refs/heads/{branch}"}
    if sender == "bitbucket":
        said = {"push": {"changes": [{"new": {"type": "branch", "name": branch}, "old": None}]}}
    return json.dumps(said).encode()


GIT = ("github", "gitlab", "gitea", "forgejo", "bitbucket")
PUSHING = (*GIT, "standard", "bearer")


@pytest.mark.parametrize("sender", PUSHING)
def test_a_push_has_the_remote_asked_at_once_and_a_repeated_one_does_not(gate: Gate, sender: str) -> None:
    body = pushed(sender)
    headers = signed(gate, sender, body)
    assert gate.call(sender, body, headers) == 202 and gate.fetches()
    assert gate.call(sender, body, headers) == 200 and not gate.fetches()
    assert gate.call(sender, body, signed(gate, sender, body, "2")) == 202 and gate.fetches()


@pytest.mark.parametrize("sender", PUSHING)
def test_what_is_forged_changed_or_cut_short_is_refused(gate: Gate, sender: str) -> None:
    body = pushed(sender)
    right = signed(gate, sender, body)
    own, gate.secrets[sender] = gate.secrets[sender], signing.new_secret()
    wrong = signed(gate, sender, body)
    gate.secrets[sender] = own
    refused = [gate.call(sender, body, wrong), gate.call(sender, body, {})]
    if sender not in ("gitlab", "bearer"):
        refused += [gate.call(sender, body[:-1], right), gate.call(sender, b"", right)]
    assert set(refused) == {401} and not gate.fetches()


@pytest.mark.parametrize("sender", GIT)
def test_a_push_of_another_branch_asks_nobody(gate: Gate, sender: str) -> None:
    body = pushed(sender, "main-2")
    assert gate.call(sender, body, signed(gate, sender, body)) == 202
    assert not gate.fetches() and gate.outcome() == "This is about another branch."


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b"\xff", b'{"ref": 7}', b"[" * 100_000])
def test_what_is_signed_and_makes_no_sense_has_the_remote_asked_all_the_same(gate: Gate, body: bytes) -> None:
    assert gate.call("github", body, signed(gate, "github", body)) == 202 and gate.fetches()


def test_a_ping_is_answered_and_other_events_are_let_be(gate: Gate) -> None:
    for event, status in (("ping", 200), ("issues", 202)):
        headers = signed(gate, "github", b"{}", event) | {"X-GitHub-Event": event}
        assert gate.call("github", b"{}", headers) == status and not gate.fetches()


def test_github_may_send_a_form(gate: Gate) -> None:
    body = b"payload=%7B%22ref%22%3A%22refs%2Fheads%2Fother%22%7D"
    headers = signed(gate, "github", body) | {"Content-Type": "application/x-www-form-urlencoded"}
    assert gate.call("github", body, headers) == 202 and not gate.fetches()


def test_the_algorithm_is_ours_to_choose(gate: Gate) -> None:
    body = pushed("github")
    sha1 = hmac.new(gate.secrets["github"].encode(), body, hashlib.sha1).hexdigest()
    for header in ("X-Hub-Signature", "X-Hub-Signature-256"):
        headers = {"X-GitHub-Event": "push", "X-GitHub-Delivery": "9", header: f"sha1={sha1}"}
        assert gate.call("github", body, headers) == 401


def test_gitlab_may_sign_by_standard_webhooks(gate: Gate) -> None:
    key = signing.new_secret()
    gate.numbers["gitlab"], _ = callers.add(gate.site, name="GL", sender="gitlab", secret=key)
    body, now = pushed("gitlab"), int(gate.site.now().timestamp())
    headers = {"X-Gitlab-Event": "Push Hook", **signing.headers([key], "msg_1", now, body)}
    assert gate.call("gitlab", body, headers) == 202 and gate.fetches()
    # Its token in plain is another kind of proof, which this secret does not allow.
    assert gate.call("gitlab", body, {"X-Gitlab-Event": "Push Hook", "X-Gitlab-Token": key}) == 401


def test_an_unknown_number_is_told_nothing_that_a_wrong_signature_is_not(gate: Gate) -> None:
    answers = [gate.client.post(f"/hooks/{number}", data=b"{}") for number in (999, gate.numbers["github"])]
    assert [(each.status_code, each.data) for each in answers] == [
        (401, b"The signature does not fit.\n")
    ] * 2


def test_a_site_without_a_remote_says_so(site: Site) -> None:
    number, secret = callers.add(site, name="Curl", sender="bearer")
    taken = callers.take(site, number, {"authorization": f"Bearer {secret}"}, b"")
    assert taken.status == 202 and "No remote" in taken.words


@pytest.mark.parametrize(
    ("sender", "secret", "place"),
    [("nobody", "", "sender"), ("vercel", "", "secret"), ("github", "short", "secret")],
)
def test_what_cannot_be_a_caller_is_refused_with_a_sentence(
    gate: Gate, sender: str, secret: str, place: str
) -> None:
    with pytest.raises(InvalidEndpoint) as caught:
        callers.add(gate.site, name="X", sender=sender, secret=secret)
    assert caught.value.errors.keys() == {place}


def listed() -> dict[str, Callable[[Gate], list[int]]]:
    """The rows of the corpus about calls, each as what it is."""
    body = pushed("standard")

    def at(gate: Gate, seconds: int, **changed: str) -> dict[str, str]:
        now = int(gate.site.now().timestamp()) + seconds
        return signing.headers([gate.secrets["standard"]], "msg_1", now, body) | changed

    def twice(gate: Gate) -> list[int]:
        found = [gate.call("standard", body, at(gate, 0)) for _ in range(2)]
        return [*found, gate.fetches()]

    return {
        "HOOKIN-001": lambda gate: [gate.call("standard", body, {})],
        "HOOKIN-002": lambda gate: [
            gate.call("standard", body, at(gate, 0, **{"webhook-signature": "v1,xxxx"}))
        ],
        "HOOKIN-003": lambda gate: [gate.call("standard", body, at(gate, -301))],
        "HOOKIN-004": lambda gate: [gate.call("standard", body, at(gate, 301))],
        "HOOKIN-005": twice,
        "HOOKIN-006": lambda gate: [gate.call("standard", body + b" ", at(gate, 0))],
        "HOOKIN-007": lambda gate: [
            gate.call(
                "standard",
                body,
                at(gate, 0) | {"webhook-signature": f"v1,AAAA {at(gate, 0)['webhook-signature']} v9,x"},
            )
        ],
        "HOOKIN-008": lambda gate: [
            gate.call("standard", body, at(gate, 0, **{"webhook-signature": "v9,xxxx"}))
        ],
        "HOOKIN-009": lambda gate: [
            gate.call("standard", body, at(gate, 0, **{"webhook-signature": "v1,é\x80"})),
            gate.call("github", body, {"X-Hub-Signature-256": "sha256=é\x80"}),
            gate.call("gitlab", body, {"X-Gitlab-Token": "é\x80"}),
            gate.call("netlify", body, {"X-Webhook-Signature": "é.\x80.é"}),
        ],
        "HOOKIN-010": lambda gate: [
            getattr(gate.client, method)(f"/hooks/{gate.numbers['standard']}").status_code
            for method in ("get", "put", "delete", "patch")
        ],
        "HOOKIN-011": lambda gate: [gate.call("standard", b"x" * 10_000_000, at(gate, 0))],
    }


SPECIFIED = {
    "HOOKIN-005": [202, 200, False],
    "HOOKIN-007": [202],
    "HOOKIN-009": [401] * 4,
    "HOOKIN-010": [405] * 4,
    "HOOKIN-011": [413],
}


@pytest.mark.parametrize("row", listed())
def test_a_listed_call_ends_as_specified(gate: Gate, row: str) -> None:
    assert listed()[row](gate) == SPECIFIED.get(row, [401])


def test_every_listed_call_of_the_corpus_is_tried() -> None:
    if not ROWS.is_file():
        pytest.skip("needs the corpus: set GITCMS_CORPUS to its folder")
    rows = [json.loads(line)["id"] for line in ROWS.read_text().splitlines() if '"HOOKIN-' in line]
    assert sorted(rows) == sorted(listed())


class TestOutcomesOfBuilds:
    @pytest.fixture
    def build(self, gate: Gate) -> Callable[[str, dict[str, str]], tuple[int, str]]:
        """Save with a builder, and return the rebuild's number and the version."""

        def ask(preset: str, fields: dict[str, str]) -> tuple[int, str]:
            endpoints.add(gate.site, name="CI", preset=preset, fields=fields)
            events.catch_up(gate.site)
            retitle(gate.site, "Eyes")
            events.catch_up(gate.site)
            return builds.recent(gate.site)[0].id, gate.site.repository.head()

        return ask

    def standing(self, gate: Gate) -> tuple[str, str, str]:
        found = builds.status(gate.site)
        return found.state, found.told_by, found.link

    def netlify(self, gate: Gate, said: dict[str, Any], **claims: str) -> int:
        body = json.dumps(said).encode()
        told = {"iss": "netlify", "sha256": hashlib.sha256(body).hexdigest(), **claims}
        head = b64(json.dumps({"alg": claims.get("alg", "HS256")}).encode())
        part = f"{head}.{b64(json.dumps(told).encode())}"
        mac = hmac.new(gate.secrets["netlify"].encode(), part.encode(), hashlib.sha256).digest()
        return gate.call("netlify", body, {"X-Webhook-Signature": f"{part}.{b64(mac)}"})

    def test_netlify_tells_by_the_number_in_the_title(self, gate: Gate, build: Any) -> None:
        number, _ = build("netlify", {"url": "https://api.netlify.example/build_hooks/abcdef"})
        said = {"state": "building", "title": f"Inés changed Eyes (gitcms {number})", "commit_ref": None}
        assert self.netlify(gate, {**said, "title": "Another deploy"}) == 202
        assert self.standing(gate)[0] == builds.QUEUED
        assert self.netlify(gate, said) == 202
        assert self.standing(gate)[0] == builds.RUNNING
        said |= {"state": "error", "error_message": "exit 2", "admin_url": "https://app.netlify.example/x"}
        assert self.netlify(gate, said) == 202
        assert self.standing(gate) == (builds.FAILED, "netlify", "https://app.netlify.example/x")
        assert builds.status(gate.site).log == "exit 2"
        assert self.netlify(gate, said, sha256="0" * 64) == 401
        assert self.netlify(gate, {**said, "state": "ready"}, iss="me") == 401
        assert self.netlify(gate, {**said, "state": "ready"}) == 202
        assert self.standing(gate)[0] == builds.LIVE

    def test_vercel_tells_by_the_version(self, gate: Gate, build: Any) -> None:
        _, commit = build("vercel", {"url": "https://api.vercel.example/v1/integrations/deploy/p/t0ken"})

        def say(kind: str, sha: str) -> int:
            deployment = {"id": "d", "meta": {"githubCommitSha": sha}}
            said = {
                "type": f"deployment.{kind}",
                "payload": {"deployment": deployment, "target": "production"},
            }
            body = json.dumps(said).encode()
            mac = hmac.new(gate.secrets["vercel"].encode(), body, hashlib.sha1).hexdigest()
            return gate.call("vercel", body, {"x-vercel-signature": mac})

        assert say("succeeded", "f" * 40) == say("succeeded", "--help") == 202
        assert self.standing(gate)[0] == builds.QUEUED
        assert say("created", commit) == 202 and self.standing(gate)[0] == builds.RUNNING
        assert say("succeeded", commit) == 202 and self.standing(gate)[:2] == (builds.LIVE, "vercel")

    def test_github_tells_of_workflows_that_we_asked_for_and_of_deployments(
        self, gate: Gate, build: Any
    ) -> None:
        _, commit = build("github_dispatch", {"repository": "ada/agora", "token": "ghp_0123456789"})

        def say(event: str, said: dict[str, Any]) -> int:
            body = json.dumps(said).encode()
            headers = signed(gate, "github", body, str(len(callers.calls(gate.site)))) | {
                "X-GitHub-Event": event
            }
            return gate.call("github", body, headers)

        run = {"event": "push", "head_sha": commit, "status": "completed", "conclusion": "success"}
        assert say("workflow_run", {"workflow_run": run}) == 202
        assert self.standing(gate)[0] == builds.QUEUED
        run |= {"event": "repository_dispatch", "status": "in_progress", "conclusion": None, "name": "Deploy"}
        assert say("workflow_run", {"workflow_run": run}) == 202
        assert self.standing(gate)[0] == builds.RUNNING
        run |= {"conclusion": "failure", "html_url": "https://github.example/runs/7"}
        assert say("workflow_run", {"workflow_run": run}) == 202
        assert self.standing(gate) == (builds.FAILED, "github", "https://github.example/runs/7")
        deployed = {"deployment": {"sha": commit}, "deployment_status": {"state": "success"}}
        assert say("deployment_status", deployed) == 202
        assert self.standing(gate)[0] == builds.LIVE

    def test_gitlab_tells_of_the_pipeline_that_got_our_number(self, gate: Gate, build: Any) -> None:
        fields = {"base": "https://gitlab.example", "project": "7", "token": "glptt-0123456789"}
        number, _ = build("gitlab", fields)

        def say(status: str, variables: list[dict[str, str]]) -> int:
            pipeline = {"status": status, "url": "https://gitlab.example/p/1", "variables": variables}
            body = json.dumps({"object_kind": "pipeline", "object_attributes": pipeline}).encode()
            headers = signed(gate, "gitlab", body, str(len(callers.calls(gate.site))))
            return gate.call("gitlab", body, headers | {"X-Gitlab-Event": "Pipeline Hook"})

        ours = [{"key": "GITCMS_BUILD", "value": str(number)}]
        assert say("success", []) == say("success", [{"key": "GITCMS_BUILD", "value": "99"}]) == 202
        assert self.standing(gate)[0] == builds.QUEUED
        assert say("running", ours) == 202 and self.standing(gate)[0] == builds.RUNNING
        assert say("success", ours) == 202 and self.standing(gate)[0] == builds.LIVE
