"""`gitcms user`: who may sign in, as what, and links to let them in.

For whoever holds the machine: no password is asked, since the database lies open to them anyway.
It works while the server runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from gitcms import config as configuration
from gitcms.accounts import links, second_factor, sessions, users
from gitcms.accounts.permissions import Role
from gitcms.accounts.users import Account
from gitcms.config import Config
from gitcms.database import Database
from gitcms.site import Site, open_site, open_state

Command = TypeVar("Command", bound=Callable[..., Any])
ROLES = click.Choice([role.value for role in Role])


@click.group()
def user() -> None:
    """Add, list and disable people, and make sign-in links."""


def _of_a_site(command: Command) -> Command:
    """Give a command the options that say whose people they are."""
    named = click.option("--config", "file", type=click.Path(path_type=Path), help="A configuration file.")
    where = click.option(
        "--site", type=click.Path(path_type=Path), help="The folder of the site; this folder, when left out."
    )
    return where(named(command))


@user.command()
@click.argument("email")
@click.option("--name", prompt="Name", help="The name that goes with everything they save.")
@click.option("--role", type=ROLES, default=Role.AUTHOR.value, show_default=True, help="What they may do.")
@_of_a_site
def add(email: str, name: str, role: str, site: Path | None, file: Path | None) -> None:
    """Add somebody by EMAIL, and print the link that lets them in."""
    with _people(site, file) as (config, database):
        added = users.add(database, name=name, email=email, role=Role(role), now=_now())
        click.echo(f"{added.name} is there now, as {role}.")
        _print_link(config, database, added)


@user.command(name="list")
@_of_a_site
def list_(site: Path | None, file: Path | None) -> None:
    """List everybody: email, role, whether they can sign in, and name."""
    with _people(site, file) as (_, database):
        everyone = users.everyone(database)
        width = max((len(each.email) for each in everyone), default=0)
        for each in everyone:
            state = "active" if each.active else "disabled"
            click.echo(f"{each.email:{width}}  {each.role.value:11}  {state:8}  {each.name}")
        if not everyone:
            click.echo("Nobody yet. `gitcms serve` prints a link for the first administrator.", err=True)


@user.command()
@click.argument("email")
@_of_a_site
def disable(email: str, site: Path | None, file: Path | None) -> None:
    """Shut EMAIL out, at once and everywhere. What they wrote stays."""
    with _people(site, file) as (_, database):
        shut = users.disable(database, users.find_by_email(database, email).id)
        click.echo(f"{shut.name} can no longer sign in.")


@user.command()
@click.argument("email")
@_of_a_site
def enable(email: str, site: Path | None, file: Path | None) -> None:
    """Let EMAIL sign in again."""
    with _people(site, file) as (_, database):
        opened = users.enable(database, users.find_by_email(database, email).id)
        click.echo(f"{opened.name} can sign in again.")


@user.command()
@click.argument("email")
@click.argument("role", type=ROLES)
@_of_a_site
def role(email: str, role: str, site: Path | None, file: Path | None) -> None:
    """Give EMAIL another ROLE, from their next click on."""
    with _people(site, file) as (_, database):
        changed = users.change_role(database, users.find_by_email(database, email).id, Role(role))
        click.echo(f"{changed.name} is {changed.role.value} from now on.")


@user.command()
@click.argument("email")
@click.argument("places", nargs=-1)
@_of_a_site
def places(email: str, places: tuple[str, ...], site: Path | None, file: Path | None) -> None:
    """Let EMAIL write in these PLACES alone: collections, or folders such as content/blog/.

    Without any, everywhere."""
    with _site(site, file) as opened:
        database = opened.database
        known = [collection.name for collection in opened.model().collections]
        found = users.find_by_email(database, email)
        changed = users.change_places(database, found.id, places, collections=known)
        where = f"in {', '.join(changed.places)}" if changed.places else "everywhere"
        click.echo(f"{changed.name} may write {where} from now on.")


@user.command()
@click.argument("email")
@_of_a_site
def link(email: str, site: Path | None, file: Path | None) -> None:
    """Print a link that signs EMAIL in once. An earlier one stops working."""
    with _people(site, file) as (config, database):
        _print_link(config, database, users.find_by_email(database, email))


@user.command()
@click.argument("email")
@_of_a_site
def unlock(email: str, site: Path | None, file: Path | None) -> None:
    """Turn the second factor of EMAIL off, after telephone and recovery codes were lost."""
    with _people(site, file) as (_, database):
        found = second_factor.turn_off(database, users.find_by_email(database, email).id)
        sessions.end_all(database, found.id)
        click.echo(f"{found.name} signs in without a second factor, and can set up a new one.")


@contextmanager
def _site(site: Path | None, file: Path | None) -> Iterator[Site]:
    opened = open_site(_configured(site, file))
    try:
        yield opened
    finally:
        opened.close()


@contextmanager
def _people(site: Path | None, file: Path | None) -> Iterator[tuple[Config, Database]]:
    config = _configured(site, file)
    _, database = open_state(config)
    try:
        yield config, database
    finally:
        database.close()


def _configured(site: Path | None, file: Path | None) -> Config:
    config = configuration.load(file)
    return config if site is None else config.with_values("site", path=str(site))


def _print_link(config: Config, database: Database, account: Account) -> None:
    minutes = config.sessions.link_minutes
    path = links.create(database, links.Purpose.SIGN_IN, user_id=account.id, now=_now(), minutes=minutes)
    click.echo(f"This link signs {account.name} in once, within {minutes} minutes:")
    click.echo(f"{links.base_address(config.server)}{path}")


def _now() -> datetime:
    return datetime.now(UTC)
