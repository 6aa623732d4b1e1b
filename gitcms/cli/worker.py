"""`gitcms worker`: rebuilds and webhooks in a process of their own, beside any number of servers.

Waiting for the end lives here; what the work is, in `gitcms.jobs`.
"""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import click

from gitcms import config as configuration
from gitcms import jobs, logs
from gitcms.cli import allocator
from gitcms.site import open_site
from gitcms.web.letters import of_rebuild


@click.command()
@click.option("--config", "file", type=click.Path(path_type=Path), help="A configuration file.")
@click.option(
    "--site", type=click.Path(path_type=Path), help="The folder of the site; this folder, when left out."
)
@click.option(
    "--senders", type=click.IntRange(1), default=8, show_default=True, help="Deliveries at the same time."
)
def worker(file: Path | None, site: Path | None, senders: int) -> None:
    """Rebuild the site and send webhooks, without serving pages.

    Set senders = 0 under [webhooks] for the servers, and this process does all the sending.
    """
    allocator.keep_little()
    config = configuration.load(file)
    if site is not None:
        config = config.with_values("site", path=str(site))
    logs.set_up(config.log)
    opened = open_site(config)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    workers = jobs.workers(opened, of_rebuild, senders)
    for each in workers:
        each.start()
    click.echo(f"gitcms works for {opened.repository.folder}. Ctrl+C ends it.")
    ended.wait()
    for each in workers:
        each.stop()
    opened.close()
