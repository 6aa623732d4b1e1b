"""`gitcms webhook`: services that hear of what happens, what was sent to them, and what came back.

For whoever holds the machine. It works while the server runs, which sends what is asked for here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from gitcms import config as configuration
from gitcms.accounts import links
from gitcms.database.models import Delivery, Endpoint
from gitcms.site import Site, open_site
from gitcms.webhooks import callers, endpoints, queue
from gitcms.webhooks.presets import PRESETS
from gitcms.webhooks.senders import SENDERS

Command = TypeVar("Command", bound=Callable[..., Any])


@click.group()
def webhook() -> None:
    """Tell services of what is saved, and see what became of it."""


def _of_a_site(command: Command) -> Command:
    named = click.option("--config", "file", type=click.Path(path_type=Path), help="A configuration file.")
    where = click.option(
        "--site", type=click.Path(path_type=Path), help="The folder of the site; this folder, when left out."
    )
    return where(named(command))


@webhook.command()
def presets() -> None:
    """List the services that are known, and what each wants to be told."""
    for row in PRESETS.values():
        fields = " ".join(
            f"{each.name}=…" if not each.default else f"{each.name}={each.default}" for each in row.fields
        )
        click.echo(f"{row.name:16}  {row.label:34}  {fields}")


@webhook.command()
@click.argument("name")
@click.argument("preset")
@click.argument("fields", nargs=-1)
@click.option("--event", "events", multiple=True, help='Only these, such as "content.*"; may be repeated.')
@click.option("--in-order", is_flag=True, help="One after the other, each when the one before is done with.")
@click.option("--ed25519", is_flag=True, help="Sign by a key pair; the receiver needs the public half alone.")
@click.option("--hub", is_flag=True, help="Sign as GitHub does, too (X-Hub-Signature-256).")
@_of_a_site
def add(
    name: str,
    preset: str,
    fields: tuple[str, ...],
    events: tuple[str, ...],
    in_order: bool,
    ed25519: bool,
    hub: bool,
    site: Path | None,
    file: Path | None,
) -> None:
    """Add a service by NAME and PRESET, with FIELDS such as url=https://example.org/hook.

    A field that is written `token=-` is asked for, so that it stays out of the shell's history.
    """
    with _opened(site, file) as opened:
        number, key = endpoints.add(
            opened,
            name=name,
            preset=preset,
            fields=dict(_field(each) for each in fields),
            events=events,
            in_order=in_order,
            ed25519=ed25519,
            hub=hub,
            by="command line",
        )
        click.echo(f"Added as {number}. `gitcms webhook test {number}` sends a test.")
        if key:
            click.echo(f"Its receiver checks signatures with this key, which is not shown again:\n{key}")


@webhook.command(name="list")
@_of_a_site
def list_(site: Path | None, file: Path | None) -> None:
    """List the services: number, state, preset, address without its secret part, name."""
    with _opened(site, file) as opened:
        for each in endpoints.everyone(opened):
            click.echo(
                f"{each.id:>4}  {_state_of(each):8}  {each.preset:16}  {each.shown_url:40}  {each.name}"
            )
            if each.paused_at:
                click.echo(f"      Paused {each.paused_at:%Y-%m-%d %H:%M}: {each.paused_why}")


@webhook.command()
@click.argument("number", type=int)
@_of_a_site
def remove(number: int, site: Path | None, file: Path | None) -> None:
    """Forget a service, with what waits for it and its log."""
    with _opened(site, file) as opened:
        endpoints.remove(opened, number)
        click.echo("It is told of nothing any more.")


@webhook.command()
@click.argument("number", type=int)
@_of_a_site
def pause(number: int, site: Path | None, file: Path | None) -> None:
    """Send nothing to a service for now. What happens meanwhile waits."""
    with _opened(site, file) as opened:
        endpoints.pause(opened, number, "By hand.")
        click.echo("Paused. What happens meanwhile waits.")


@webhook.command()
@click.argument("number", type=int)
@_of_a_site
def resume(number: int, site: Path | None, file: Path | None) -> None:
    """Send a service what waits, and what comes."""
    with _opened(site, file) as opened:
        endpoints.resume(opened, number)
        click.echo("Resumed.")


@webhook.command()
@click.argument("number", type=int)
@_of_a_site
def rotate(number: int, site: Path | None, file: Path | None) -> None:
    """Make a new signing key for a service. The old one signs beside it for a day."""
    with _opened(site, file) as opened:
        click.echo(endpoints.rotate(opened, number))


@webhook.command()
@click.argument("number", type=int)
@_of_a_site
def test(number: int, site: Path | None, file: Path | None) -> None:
    """Send a service a test."""
    with _opened(site, file) as opened:
        queue.ping(opened, number)
        click.echo("On its way. `gitcms webhook log` tells what came of it.")


@webhook.command()
@click.argument("number", type=int)
@_of_a_site
def rebuild(number: int, site: Path | None, file: Path | None) -> None:
    """Ask a service for a rebuild now, without waiting for a save."""
    with _opened(site, file) as opened:
        queue.rebuild_now(opened, number, "The command line")
        click.echo("On its way.")


@webhook.command()
@click.argument("delivery", type=int)
@_of_a_site
def again(delivery: int, site: Path | None, file: Path | None) -> None:
    """Send one delivery once more, under the same id."""
    with _opened(site, file) as opened:
        queue.send_again(opened, delivery)
        click.echo("On its way.")


@webhook.command()
@click.argument("delivery", type=int)
@_of_a_site
def stop(delivery: int, site: Path | None, file: Path | None) -> None:
    """Try a delivery that waits no more."""
    with _opened(site, file) as opened:
        queue.stop(opened, delivery)
        click.echo("Stopped.")


@webhook.command()
@click.argument("number", type=int)
@click.argument("since", type=click.DateTime())
@_of_a_site
def replay(number: int, since: datetime, site: Path | None, file: Path | None) -> None:
    """Send a service everything SINCE a moment (UTC) once more."""
    with _opened(site, file) as opened:
        count = queue.replay(opened, number, since.replace(tzinfo=UTC))
        click.echo(f"{count} on their way.")


@webhook.command()
@click.option("--of", "number", type=int, help="Only of the service of this number.")
@click.option("--state", type=click.Choice(["pending", "arrived", "failed", "stopped", "replaced"]))
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, with all tries.")
@_of_a_site
def log(
    number: int | None, state: str | None, limit: int, as_json: bool, site: Path | None, file: Path | None
) -> None:
    """Show what was sent and what came of it, the newest first."""
    with _opened(site, file) as opened:
        names = {each.id: each.name for each in endpoints.everyone(opened)}
        for each in queue.newest(opened, number, state or "", limit):
            if as_json:
                click.echo(json.dumps(queue.as_json(opened, each, names)))
            else:
                click.echo(_line(each, names))


@webhook.command()
@click.argument("name")
@click.argument("sender", type=click.Choice(list(SENDERS)))
@click.option(
    "--secret", is_flag=True, help="Ask for the secret that the service made; it is made here otherwise."
)
@_of_a_site
def accept(name: str, sender: str, secret: bool, site: Path | None, file: Path | None) -> None:
    """Let a service call, when others saved at the remote or when a rebuild is done."""
    given = click.prompt("Secret", hide_input=True) if secret else ""
    with _opened(site, file) as opened:
        number, made = callers.add(opened, name=name, sender=sender, secret=given, by="command line")
        click.echo(f"It calls {links.base_address(opened.config.server)}/hooks/{number}, by POST, as JSON.")
        if not given:
            click.echo(f"Enter this secret there, which is not shown again:\n{made}")


@webhook.command(name="callers")
@_of_a_site
def callers_(site: Path | None, file: Path | None) -> None:
    """List the services that may call, and what the last call of each led to."""
    with _opened(site, file) as opened:
        for each in callers.everyone(opened):
            click.echo(f"{each.id:>4}  {each.sender:10}  {each.name}")
            for call in callers.calls(opened, each.id, limit=1):
                click.echo(f"      {call.at:%Y-%m-%d %H:%M:%S} {call.event} {call.outcome}")


@webhook.command()
@click.argument("number", type=int)
@_of_a_site
def refuse(number: int, site: Path | None, file: Path | None) -> None:
    """Let a service call no more."""
    with _opened(site, file) as opened:
        callers.remove(opened, number)
        click.echo("It is not believed any more.")


@contextmanager
def _opened(site: Path | None, file: Path | None) -> Iterator[Site]:
    config = configuration.load(file)
    if site is not None:
        config = config.with_values("site", path=str(site))
    opened = open_site(config)
    try:
        yield opened
    finally:
        opened.close()


def _field(text: str) -> tuple[str, str]:
    name, mark, value = text.partition("=")
    if not mark:
        raise click.BadParameter(f"{text!r} is not name=value.")
    return name, click.prompt(name, hide_input=True) if value == "-" else value


def _state_of(endpoint: Endpoint) -> str:
    return "paused" if endpoint.paused_at else "failing" if endpoint.failures else "healthy"


def _line(each: Delivery, names: dict[int, str]) -> str:
    words = f"{each.id:>6}  {each.created_at:%Y-%m-%d %H:%M:%S}  {each.state:8}  "
    words += f"{names[each.endpoint_id]}: {each.subject}"
    if each.problem:
        words += f"\n        {each.problem}"
        if each.state == queue.PENDING:
            words += f" Next try at {each.due_at:%H:%M:%S}."
    return words
