"""Webhooks, for administrators: services that hear of what happens, what was sent to them, who may call.

A secret is shown once, on the page that made it; what is stored of it is never shown again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Flask, Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from gitcms import builds
from gitcms.accounts.permissions import Permission
from gitcms.counting import counted
from gitcms.database.models import Delivery, Endpoint
from gitcms.site import Site
from gitcms.web.security import requires
from gitcms.webhooks import callers, endpoints, kinds, queue
from gitcms.webhooks.endpoints import InvalidEndpoint
from gitcms.webhooks.presets import PRESETS, Preset
from gitcms.webhooks.senders import SENDERS
from gitcms.webhooks.signing import KeyRefused

SHOWN = 25
EXPORTED = 10_000
STATES = {
    "pending": ("scheduled", "On its way"),
    "arrived": ("live", "Arrived"),
    "failed": ("failed", "Failed"),
    "stopped": ("draft", "Stopped"),
    "replaced": ("draft", "In a later one"),
}


def register(app: Flask) -> None:
    app.add_url_rule("/webhooks", "webhooks", webhooks)
    app.add_url_rule("/webhooks/new", "new_webhook", new_webhook)
    app.add_url_rule("/webhooks/new", "add_webhook", add_webhook, methods=["POST"])
    app.add_url_rule("/webhooks/<int:webhook>", "webhook", webhook)
    app.add_url_rule("/webhooks/deliveries", "deliveries", deliveries)
    app.add_url_rule("/webhooks/deliveries.jsonl", "exported_deliveries", exported_deliveries)
    app.add_url_rule("/webhooks/deliveries/<int:delivery>", "delivery", delivery)
    for place, endpoint, view in (
        ("", "change_webhook", change_webhook),
        ("/pause", "pause_webhook", pause_webhook),
        ("/resumption", "resume_webhook", resume_webhook),
        ("/tests", "test_webhook", test_webhook),
        ("/rebuilds", "rebuild_by_webhook", rebuild_by_webhook),
        ("/keys", "new_key", new_key),
        ("/replays", "replay", replay),
        ("/removal", "remove_webhook", remove_webhook),
    ):
        app.add_url_rule(f"/webhooks/<int:webhook>{place}", endpoint, view, methods=["POST"])
    app.add_url_rule("/webhooks/deliveries/<int:delivery>/again", "send_again", send_again, methods=["POST"])
    app.add_url_rule("/webhooks/deliveries/<int:delivery>/stop", "stop_trying", stop_trying, methods=["POST"])
    app.add_url_rule("/webhooks/callers", "add_caller", add_caller, methods=["POST"])
    app.add_url_rule(
        "/webhooks/callers/<int:caller>/removal", "remove_caller", remove_caller, methods=["POST"]
    )


@dataclass(frozen=True, slots=True)
class Card:
    """A service as the list shows it: how it stands, and how many of its last deliveries failed."""

    endpoint: Endpoint
    label: str
    state: str
    words: str
    last: list[Delivery]

    @property
    def failed(self) -> int:
        return sum(bool(each.problem) for each in self.last)

    @property
    def waiting(self) -> Delivery | None:
        return next((each for each in self.last if each.state == queue.PENDING), None)


@requires(Permission.MANAGE_WEBHOOKS)
def webhooks() -> str:
    return _list()


@requires(Permission.MANAGE_WEBHOOKS)
def new_webhook() -> str:
    """Show the presets, or the form of the one that was chosen."""
    row = PRESETS.get(request.args.get("preset", ""))
    values = {each.name: each.default for each in row.fields} if row else {}
    return _form(row, None, values | {"name": row.label if row else ""})


@requires(Permission.MANAGE_WEBHOOKS)
def add_webhook() -> ResponseReturnValue:
    site: Site = g.site
    row = PRESETS.get(request.form.get("preset", ""))
    if row is None:
        return redirect(url_for("new_webhook"), 303)
    typed = _typed(row)
    try:
        number, key = endpoints.add(
            site,
            name=typed["name"],
            preset=row.name,
            fields={each.name: typed[each.name] for each in row.fields},
            events=_events(),
            in_order="in_order" in request.form,
            ed25519="ed25519" in request.form,
            hub="hub" in request.form,
            by=current_user.name,
        )
    except InvalidEndpoint as error:
        return _form(row, None, typed, error.errors), 422
    flash(f"{typed['name'].strip()} hears of what happens from now on.", "live")
    if key:
        return _one(endpoints.get(site, number), key=key)
    return redirect(url_for("webhook", webhook=number), 303)


@requires(Permission.MANAGE_WEBHOOKS)
def webhook(webhook: int) -> str:
    return _one(endpoints.get(g.site, webhook))


@requires(Permission.MANAGE_WEBHOOKS)
def change_webhook(webhook: int) -> ResponseReturnValue:
    site: Site = g.site
    found = endpoints.get(site, webhook)
    row = PRESETS[found.preset]
    typed = _typed(row)
    try:
        endpoints.change(
            site,
            webhook,
            name=typed["name"],
            fields={each.name: typed[each.name] for each in row.fields},
            events=_events(),
            in_order="in_order" in request.form,
            quiet=_seconds("quiet"),
            most=_seconds("most"),
        )
    except InvalidEndpoint as error:
        return _one(found, typed=typed, problems=error.errors), 422
    return _done("Changed.", webhook)


@requires(Permission.MANAGE_WEBHOOKS)
def pause_webhook(webhook: int) -> ResponseReturnValue:
    endpoints.pause(g.site, webhook, f"By {current_user.name}.")
    return _done("Paused. What happens meanwhile waits.", webhook)


@requires(Permission.MANAGE_WEBHOOKS)
def resume_webhook(webhook: int) -> ResponseReturnValue:
    endpoints.resume(g.site, webhook)
    return _done("Resumed. What waited is sent now.", webhook)


@requires(Permission.MANAGE_WEBHOOKS)
def test_webhook(webhook: int) -> ResponseReturnValue:
    queue.ping(g.site, webhook)
    return _done("A test is on its way.", webhook)


@requires(Permission.MANAGE_WEBHOOKS)
def rebuild_by_webhook(webhook: int) -> ResponseReturnValue:
    queue.rebuild_now(g.site, webhook, current_user.name)
    return _done("A rebuild is asked for.", webhook)


@requires(Permission.MANAGE_WEBHOOKS)
def new_key(webhook: int) -> ResponseReturnValue:
    """Make a new signing key, and show it this once."""
    key = endpoints.rotate(g.site, webhook)
    return _one(endpoints.get(g.site, webhook), key=key)


@requires(Permission.MANAGE_WEBHOOKS)
def replay(webhook: int) -> ResponseReturnValue:
    """Send everything since a moment once more, in the site's time zone."""
    site: Site = g.site
    try:
        since = datetime.fromisoformat(request.form.get("since", ""))
    except ValueError:
        return _one(endpoints.get(site, webhook), problems={"since": "Choose a day and a time."}), 422
    count = queue.replay(site, webhook, since.replace(tzinfo=since.tzinfo or site.zone).astimezone(UTC))
    words = counted(count, "{1} is on the way once more.", "{1} are on the way once more.")
    return _done(words, webhook)


@requires(Permission.MANAGE_WEBHOOKS)
def remove_webhook(webhook: int) -> ResponseReturnValue:
    endpoints.remove(g.site, webhook)
    flash("It is told of nothing any more.", "note")
    return redirect(url_for("webhooks"), 303)


@requires(Permission.MANAGE_WEBHOOKS)
def deliveries() -> str:
    """Show the log: of one service or all, of one state or all, and what is searched for."""
    return render_template("webhooks/deliveries.html", **_log(), **_common())


@requires(Permission.MANAGE_WEBHOOKS)
def exported_deliveries() -> Response:
    """Write the log out, one JSON object a line, with all tries."""
    site: Site = g.site
    names = {each.id: each.name for each in endpoints.everyone(site)}
    number, state, text = _wanted()

    def lines() -> Iterator[str]:
        for each in queue.newest(site, number, state, EXPORTED, text=text):
            yield json.dumps(queue.as_json(site, each, names)) + "\n"

    headers = {"Content-Disposition": 'attachment; filename="deliveries.jsonl"'}
    return Response(lines(), mimetype="application/jsonl", headers=headers)


@requires(Permission.MANAGE_WEBHOOKS)
def delivery(delivery: int) -> str:
    site: Site = g.site
    found = queue.get(site, delivery)
    return render_template(
        "webhooks/delivery.html",
        delivery=found,
        endpoint=endpoints.get(site, found.endpoint_id),
        tries=queue.tries_of(site, delivery),
        others=queue.of_event(site, found),
        build=builds.of_delivery(site, delivery),
        pretty=pretty,
        **_common(),
    )


@requires(Permission.MANAGE_WEBHOOKS)
def send_again(delivery: int) -> ResponseReturnValue:
    queue.send_again(g.site, delivery)
    flash("It is on its way once more.", "note")
    return redirect(url_for("delivery", delivery=delivery), 303)


@requires(Permission.MANAGE_WEBHOOKS)
def stop_trying(delivery: int) -> ResponseReturnValue:
    queue.stop(g.site, delivery)
    flash("It is tried no more.", "note")
    return redirect(url_for("delivery", delivery=delivery), 303)


@requires(Permission.MANAGE_WEBHOOKS)
def add_caller() -> ResponseReturnValue:
    """Let a service call, and show the secret to enter there, this once."""
    typed = {key: request.form.get(key, "") for key in ("name", "sender", "secret")}
    try:
        number, secret = callers.add(
            g.site, **{**typed, "secret": typed["secret"].strip()}, by=current_user.name
        )
    except InvalidEndpoint as error:
        return _list(problems=error.errors, typed=typed), 422
    except KeyRefused as error:
        return _list(problems={"secret": f"{error} {error.hint}"}, typed=typed), 422
    return _list(made=(number, "" if typed["secret"] else secret))


@requires(Permission.MANAGE_WEBHOOKS)
def remove_caller(caller: int) -> ResponseReturnValue:
    callers.remove(g.site, caller)
    flash("It may not call any more.", "note")
    return redirect(url_for("webhooks"), 303)


def pretty(text: str) -> str:
    """Return JSON with a line for each part, and any other text as it is."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text


def _list(
    *,
    problems: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
    made: tuple[int, str] | None = None,
) -> str:
    site: Site = g.site
    return render_template(
        "webhooks/list.html",
        cards=[_card(site, each) for each in endpoints.everyone(site)],
        callers=callers.everyone(site),
        calls={each.id: callers.calls(site, each.id, limit=3) for each in callers.everyone(site)},
        senders=SENDERS,
        problems=problems or {},
        typed=typed or {"name": "", "sender": "github", "secret": ""},
        made=made,
        local=builds.is_local(site),
        **_common(),
    )


def _card(site: Site, endpoint: Endpoint) -> Card:
    state, words = ("failed", "Failing") if endpoint.failures else ("live", "Healthy")
    if endpoint.paused_at is not None:
        state, words = "draft", "Paused"
    last = queue.newest(site, endpoint.id, limit=SHOWN)
    return Card(endpoint, PRESETS[endpoint.preset].label, state, words, last)


def _form(
    row: Preset | None,
    endpoint: Endpoint | None,
    typed: Mapping[str, str],
    problems: Mapping[str, str] | None = None,
) -> str:
    chosen = _events() if problems else row.events if row else ()
    return render_template(
        "webhooks/new.html",
        preset=row,
        presets=PRESETS,
        typed=typed,
        problems=problems or {},
        chosen={name for name in kinds.KINDS if kinds.wants(chosen, name)},
        **_common(),
    )


def _one(
    found: Endpoint,
    *,
    key: str = "",
    typed: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
) -> str:
    site: Site = g.site
    row = PRESETS[found.preset]
    values = {**endpoints.shown_fields(site, found), "name": found.name, "quiet": f"{found.quiet_seconds:g}"}
    values |= {"most": f"{found.most_seconds:g}", **(typed or {})}
    return render_template(
        "webhooks/webhook.html",
        endpoint=found,
        card=_card(site, found),
        preset=row,
        typed=values,
        problems=problems or {},
        chosen={name for name in kinds.KINDS if kinds.wants(found.events, name)},
        key=key,
        has_key=row.signed,
        **_common(),
    )


def _log() -> dict[str, object]:
    site: Site = g.site
    number, state, text = _wanted()
    page = max(1, request.args.get("page", 1, type=int))
    rows = queue.newest(site, number, state, SHOWN + 1, text=text, skip=min((page - 1) * SHOWN, 1_000_000))
    return {
        "rows": rows[:SHOWN],
        "more": len(rows) > SHOWN,
        "page": page,
        "number": number,
        "state": state,
        "text": text,
        "endpoints": endpoints.everyone(site),
    }


def _wanted() -> tuple[int | None, str, str]:
    state = request.args.get("state", "")
    text = request.args.get("q", "").replace("\0", "")[:200]
    number = request.args.get("webhook", type=int)
    return number if number and number < 2**31 else None, state if state in STATES else "", text


def _common() -> dict[str, object]:
    site: Site = g.site
    return {
        "states": STATES,
        "names": {each.id: each.name for each in endpoints.everyone(site)},
        "keep_days": site.config.webhooks.keep_days,
        "kinds": kinds.KINDS,
    }


def _typed(row: Preset) -> dict[str, str]:
    names = ["name", "quiet", "most", *(each.name for each in row.fields)]
    return {name: request.form.get(name, "").strip() for name in names}


def _events() -> tuple[str, ...]:
    given = tuple(name for name in request.form.getlist("events") if name in kinds.KINDS)
    return ("*",) if len(given) == len(kinds.KINDS) else given


def _seconds(name: str) -> float:
    try:
        return float(request.form.get(name, "0") or 0)
    except ValueError:
        return -1.0


def _done(words: str, webhook: int) -> ResponseReturnValue:
    flash(words, "note")
    return redirect(url_for("webhook", webhook=webhook), 303)
