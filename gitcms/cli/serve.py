"""`gitcms serve`: open a site in the browser, with the server that ships with gitcms.

Listening, the first administrator's link, and an orderly end live here; what is served is the web
floor's. Other WSGI servers call `gitcms.web.app:create_app` themselves.
"""

from __future__ import annotations

import contextlib
import ipaddress
import signal
import socket
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click
import waitress

from gitcms import config as configuration
from gitcms import entries, index, jobs, logs, mail
from gitcms.accounts import links, users
from gitcms.cli import allocator
from gitcms.config import Config
from gitcms.errors import ConfigError, GitCMSError, RepositoryUnusable
from gitcms.remotes.first_run import FirstRun
from gitcms.site import Site, Vacant, open_site, open_vacant
from gitcms.web.app import create_app, create_first_run
from gitcms.web.letters import of_rebuild

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

BACKLOG = 128
LONG = 3600.0
"""Seconds that reading a site for the first time may take."""

FINISH_SECONDS = 30.0
"""How long requests that run may go on once the server is told to end."""


@dataclass(frozen=True, slots=True)
class Running:
    """A server that listens: its address without a trailing slash, and the site behind it."""

    address: str
    site: Site


@click.command()
@click.argument("site", required=False, type=click.Path(path_type=Path))
@click.option("--host", help="The address to listen on.")
@click.option("--port", type=int, help="The port to listen on; 0 takes a free one.")
@click.option("--config", "file", type=click.Path(path_type=Path), help="A configuration file.")
def serve(site: Path | None, host: str | None, port: int | None, file: Path | None) -> None:
    """Open SITE (this folder, when left out) in the browser.

    SITE is a Git working tree or a folder inside one: Jekyll, Hugo, or any folder of Markdown.
    Nothing in it needs to be set up, and nothing is put into it but what people save. Where the folder is
    empty, a link leads to a page that fetches the site from its Git address.
    """
    allocator.keep_little()
    settings = configuration.load(file)
    if site is not None:
        settings = settings.with_values("site", path=str(site))
    given = {"host": host, "port": port}
    settings = settings.with_values(
        "server", **{key: value for key, value in given.items() if value is not None}
    )
    # Ctrl+C is how one ends it, not a fault.
    with contextlib.suppress(KeyboardInterrupt):
        run(settings, announce)


def announce(running: Running) -> None:
    """Say where the site is open, and how the first person comes in."""
    click.echo(f"gitcms has opened {running.site.repository.folder}")
    click.echo(f"  at    {running.address}/")
    if not users.anybody(running.site.database):
        place = links.create(
            running.site.database,
            links.Purpose.FIRST_ADMIN,
            now=running.site.now(),
            minutes=running.site.config.sessions.link_minutes,
        )
        click.echo(
            "  Nobody has an account yet. Make the administrator's with this link; it can be used once:"
        )
        click.echo(f"  {running.address}{place}")
    click.echo("  Ctrl+C ends it.")


def run(config: Config, ready: Callable[[Running], None]) -> None:
    """Serve a site until somebody ends it; running saves finish first.

    :param ready: called once, when the server listens.
    :raises ConfigError: when the address cannot be used.
    :raises RepositoryUnusable: when the site cannot be opened as it is.
    """
    _refuse_readable_passwords(config)
    mail.check(config)
    logs.set_up(config.log)
    with _listen(config) as listener, contextlib.ExitStack() as ends:
        config = config.with_values("server", port=listener.getsockname()[1])
        vacant = open_vacant(config)
        if vacant is not None:
            door = _before_the_site(config, vacant, ends)
        else:
            door, running = _open(config, ends)
        server = waitress.create_server(door, sockets=[listener], **_options(config))
        signal.signal(signal.SIGTERM, _end)
        if vacant is None:
            ready(running)
        server.run()
        # It has waited for a few seconds. A save waits for longer, for another one and for the remote.
        server.task_dispatcher.shutdown(timeout=FINISH_SECONDS)


def _open(config: Config, ends: contextlib.ExitStack) -> tuple[WSGIApplication, Running]:
    """Open a site and begin to work for it; what is to be done at the end goes onto the stack."""
    site = open_site(config)
    ends.callback(site.close)
    application = create_app(config, site)
    for worker in jobs.workers(site, of_rebuild):
        ends.callback(worker.stop)
        worker.start()
    # Now rather than while the first person waits for a page.
    threading.Thread(target=_read_entries, args=(site,), name="gitcms-lists", daemon=True).start()
    return application, Running(links.base_address(config.server), site)


def _before_the_site(config: Config, vacant: Vacant, ends: contextlib.ExitStack) -> WSGIApplication:
    """Say how the site is fetched in a browser, and return what serves that, and the site from then on.

    :raises RepositoryUnusable: people are known already, so the site was here and is gone.
    """
    ends.callback(vacant.close)
    if users.anybody(vacant.database):
        raise RepositoryUnusable(
            f"The site is gone from {vacant.folder}: it is empty, and there are people who had accounts.",
            hint="Put it back, or fetch it anew by gitcms clone; they keep their accounts.",
        )
    minutes = config.sessions.link_minutes
    place = links.create(vacant.database, links.Purpose.FIRST_ADMIN, now=vacant.now(), minutes=minutes)
    place = f"/begin/{place.rpartition('/')[2]}"
    address = links.base_address(config.server)
    door = _Door(place)

    def opened() -> None:
        door.site, running = _open(config, ends)
        click.echo(f"gitcms has opened {running.site.repository.folder}")

    run = FirstRun(vacant, opened)
    ends.callback(run.stop)
    door.first = create_first_run(config, vacant, run)
    click.echo(
        f"{vacant.folder} is empty. Fetch your site with this link; it makes the administrator as well:"
    )
    click.echo(f"  {address}{place}")
    click.echo("  Ctrl+C ends it.")
    return door


class _Door:
    """Leads to the first run until the site is open, and to the site from then on. The address of the first
    run itself leads there even then, since its page may still be open."""

    def __init__(self, place: str) -> None:
        self._place = place
        self.first: WSGIApplication | None = None
        self.site: WSGIApplication | None = None

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        begins = environ.get("PATH_INFO", "").endswith(self._place)
        inside = self.first if begins or self.site is None else self.site
        assert inside is not None
        return inside(environ, start)


def _read_entries(site: Site) -> None:
    """Read a site's entries while people already come; whoever asks for a list meanwhile is told so."""
    with contextlib.suppress(GitCMSError):
        entries.on_disk(site, 0)  # which home tells, and which takes a while: it is only begun here
    with contextlib.suppress(GitCMSError):
        # In one go: else a page that comes in between finds itself with the words of all contents to read.
        site.ask(index.sizes, patience=LONG)


def _refuse_readable_passwords(config: Config) -> None:
    """Passwords must not cross a network unencrypted unless somebody decided so."""
    server = config.server
    if _is_loopback(server.host) or server.https or server.plain_http:
        return
    raise ConfigError(
        f"Listening on {server.host} would send passwords readable over the network.",
        hint="Put a proxy with https before gitcms and set https = true under [server],"
        " or allow it with plain_http = true.",
    )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _listen(config: Config) -> socket.socket:
    host, port = config.server.host, config.server.port
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(place)
            listener.listen(BACKLOG)
        except OSError:
            listener.close()
            raise
    except (OSError, OverflowError) as error:
        raise ConfigError(
            f"gitcms cannot listen on {host}, port {port}: {error}.",
            hint="Choose another port with --port, or 0 for any free one.",
        ) from error
    return listener


def _options(config: Config) -> dict[str, object]:
    limits = config.limits
    return {
        "threads": config.server.threads,
        "ident": None,
        # A form and a picture, and what surrounds them.
        "max_request_body_size": limits.form_bytes + limits.upload_bytes + 1_000_000,
        # Who may be believed is decided in one place, in `web.app`.
        "clear_untrusted_proxy_headers": config.server.trusted_proxies == 0,
    }


def _end(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)
