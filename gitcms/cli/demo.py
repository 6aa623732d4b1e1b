"""`gitcms demo`: a small real site, the CMS before it, and the built site beside it.

It joins what lives elsewhere: the site is `gitcms.demo`'s, serving is `cli.serve`'s, rebuilding the
worker's. Nothing is prepared for it that another site would not get as well.
"""

from __future__ import annotations

import errno
import os
import signal
import socket
import sys
import threading
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

import click

from gitcms import builds
from gitcms import config as configuration
from gitcms.accounts import links, users
from gitcms.accounts.permissions import Role
from gitcms.cli.serve import Running, run
from gitcms.config import Config
from gitcms.demo import history, maker
from gitcms.demo.hugo import find_hugo
from gitcms.demo.static_server import HOST, StaticServer
from gitcms.errors import NotFound
from gitcms.site import Site

DEFAULT_FOLDER = Path("gitcms-demo")
ADMINISTRATOR = "demo@example.org"
PEOPLE = (
    ("Demo Administrator", ADMINISTRATOR, Role.ADMIN),
    (history.TOMAS.name, history.TOMAS.email, Role.REVIEWER),
    (history.INES.name, history.INES.email, Role.AUTHOR),
)
FIRST_BUILD_SECONDS = 60
LOOK_SECONDS = 0.05


@click.command()
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.option("--port", type=int, help="The port to listen on; 0 takes a free one.")
@click.option("--check", is_flag=True, hidden=True, help="Start everything, look at both pages, and end.")
def demo(folder: Path | None, port: int | None, check: bool) -> None:
    """Write a small real site into DIR (./gitcms-demo, when left out) and open it.

    The site is a Hugo site with a history by several people, all of them made up. Started again on
    the same DIR, it goes on with what is there.
    """
    hugo = find_hugo()
    folder = (folder or DEFAULT_FOLDER).absolute()
    made = maker.make(folder)
    port = _usual_or_free_port() if port is None else port
    # A shell that starts us in the background turns this signal off.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with _static_server(near=port) as static:
        session = Demo(folder, made, static, check)
        try:
            run(_config(folder, port, hugo, static.address), session.begin)
        except KeyboardInterrupt:
            click.echo()
        finally:
            session.end()
    if check:
        sys.exit(session.outcome())
    click.echo(f"The demo has ended. Its site is still in {folder}.")


@dataclass
class Demo:
    """One run of the demo: what `serve` calls when it listens, and what has to end with it."""

    folder: Path
    made: bool
    static: StaticServer
    check: bool
    showing: bool = False
    faults: list[str] = field(default_factory=lambda: ["The server ended before it could be looked at."])

    def begin(self, running: Running) -> None:
        """Show the built site, let somebody in, and say how."""
        self.static.folder = builds.output_folder(running.site)
        threading.Thread(target=self.static.serve_forever, name="demo-site", daemon=True).start()
        self.showing = True
        failure = _first_build(running.site)
        _announce(self, running, failure)
        if self.check:
            threading.Thread(target=self._look, args=(running,), name="demo-check", daemon=True).start()

    def end(self) -> None:
        """Stop showing the built site, if that ever began."""
        if self.showing:
            self.static.shutdown()

    def outcome(self) -> int:
        """Say what a check has found, and return its exit code."""
        for fault in self.faults:
            click.echo(f"gitcms: {fault}", err=True)
        return 1 if self.faults else 0

    def _look(self, running: Running) -> None:
        try:
            self.faults = _faults(running.address, self.static.address)
        finally:
            os.kill(os.getpid(), signal.SIGINT)


def _config(folder: Path, port: int, hugo: Path, address: str) -> Config:
    """Return the defaults with the few settings that make a demo of them."""
    command = [str(hugo), "--destination", "{output}", "--baseURL", f"{address}/"]
    config = configuration.load()
    config = config.with_values("site", path=str(folder), public_url=f"{address}/")
    config = config.with_values("server", host=HOST, port=port)
    config = config.with_values("build", command=command, quiet_seconds=0.3)
    return config.with_values("log", level="warning")


def _usual_or_free_port() -> int:
    """Return the usual port, or 0 for any when somebody has it: a demo need not insist."""
    usual = configuration.load().server.port
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, usual))
        except OSError:
            return 0
    return usual


def _static_server(*, near: int) -> StaticServer:
    """Listen on the port after the CMS's, where it is easily found, or on any."""
    nowhere = Path(os.devnull, "not-built-yet")
    try:
        return StaticServer(nowhere, near + 1 if 0 < near < 65535 else 0)
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        return StaticServer(nowhere)


def _first_build(site: Site) -> str:
    """Wait until the site is built for the address it has today. Returns a sentence if that failed.

    The very first build comes by itself, since the whole history is new.
    """
    earlier = builds.recent(site)
    before = max((each.id for each in earlier if each.finished_at), default=0)
    if before and earlier[0].id == before:
        builds.request(site, by="Demo")
    end = time.monotonic() + FIRST_BUILD_SECONDS
    while time.monotonic() < end:
        newest = next((each for each in builds.recent(site) if each.finished_at), None)
        if newest is not None and newest.id > before:
            return newest.message if newest.state == builds.FAILED else ""
        time.sleep(LOOK_SECONDS)
    return "The site is still being built."


def _announce(demo: Demo, running: Running, failure: str) -> None:
    token = _link_for_the_administrator(running.site)
    click.echo(f"{'Made' if demo.made else 'Going on with'} the demo site in {demo.folder}")
    click.echo("Its people, places and organisations are made up.")
    click.echo()
    click.echo(f"  Sign in  {running.address}{token}")
    click.echo(f"  The site {demo.static.address}/")
    click.echo()
    click.echo("The link can be used once. Ctrl+C ends the demo; start it again and it goes on.")
    if failure:
        click.echo(f"gitcms: {failure} Rebuilds, in the menu, says why.", err=True)


def _link_for_the_administrator(site: Site) -> str:
    for name, email, role in PEOPLE:
        try:
            users.find_by_email(site.database, email)
        except NotFound:
            users.add(site.database, name=name, email=email, role=role, now=site.now())
    return links.create(
        site.database,
        links.Purpose.SIGN_IN,
        now=site.now(),
        minutes=site.config.sessions.link_minutes,
        user_id=users.find_by_email(site.database, ADMINISTRATOR).id,
    )


def _faults(cms: str, site: str) -> list[str]:
    """Look at the sign-in page and the built home page as a browser would; name what is wrong."""
    found = []
    for address, mark in ((f"{cms}/sign-in", "<form"), (f"{site}/", "Tres Orillas")):
        try:
            status, text = _fetch(address)
        except (OSError, HTTPException) as error:
            found.append(f"{address} did not answer: {error}.")
            continue
        if status != 200 or mark not in text:
            found.append(f"{address} answered {status}, without {mark!r} in it.")
    return found


def _fetch(address: str) -> tuple[int, str]:
    parts = urlsplit(address)
    connection = HTTPConnection(parts.hostname or HOST, parts.port, timeout=30)
    try:
        connection.request("GET", parts.path)
        response = connection.getresponse()
        return response.status, response.read().decode("utf-8", errors="replace")
    finally:
        connection.close()
