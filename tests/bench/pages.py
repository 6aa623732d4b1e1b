"""What each page costs the server, every GET of the address map, as its administrator sees it.

    python tests/bench/pages.py [--posts N] [--commits N] [--rounds N]

Prints the median and the slowest of each page in milliseconds, from request to the last byte of the answer,
without the network and with the server at rest otherwise, and the median of what the processors worked for
it, ours and Git's: on a machine that does other things meanwhile, that is what a page costs. The first look
at a page is not counted: it reads what later ones keep. Pages without an example address here are named.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask
from werkzeug.routing import BuildError

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from gitcms.accounts import users
from gitcms.accounts.permissions import Role
from gitcms.site import Site
from gitcms.web.app import create_app
from tests.bench.index import change, made_of_words
from tests.bench.sites import git, path_of
from tests.making import open_made, settings
from tests.web.conftest import PASSWORD, Browser

AT_MOST = 50.0
ASKED = ("", "?sort=title", "?q=harbour", "?state=draft", "?page=20")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--posts", type=int, default=10_000)
    parser.add_argument("--commits", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        place = made_of_words(root, options.posts)
        for _ in range(options.commits):
            change(place, options.posts, 1)
        with closing(open_made(place, root / "state", settings(place, root / "state"))) as site:
            measure(site, options.rounds)


def measure(site: Site, rounds: int) -> None:
    app = create_app(site.config, site)
    admin = users.add(
        site.database,
        name="Ada Rivas",
        email="ada@example.org",
        role=Role.ADMIN,
        password=PASSWORD,
        now=datetime.now(UTC),
    )
    browser = Browser(app.test_client())
    browser.sign_in(admin)
    addresses, left = addresses_of(app, site)
    slow = 0
    for name, address in addresses:
        until_ready(browser, address)
        until_idle()
        times, worked = zip(*(once(browser, address) for _ in range(rounds)), strict=True)
        middle, work = statistics.median(times), statistics.median(worked)
        slow += min(middle, work) > AT_MOST
        over = f"  over {AT_MOST}" if min(middle, work) > AT_MOST else ""
        print(f"{name:34}{middle:9.1f}{max(times):9.1f}{work:9.1f}{over}")
    print(
        f"{len(addresses) - slow} of {len(addresses)} pages within {AT_MOST:.0f} ms;"
        f" not asked: {', '.join(left)}"
    )


def addresses_of(app: Flask, site: Site) -> tuple[list[tuple[str, str]], list[str]]:
    """Return the name and address of each page that can be asked, and the names of the others."""
    model = site.model()
    examples = {
        "name": model.collections[0].name,
        "path": path_of(0),
        "commit": git(site.repository.folder, "rev-parse", "HEAD").strip(),
        "page": "writing",
    }
    found, left = [], []
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if "GET" not in (rule.methods or ()) or rule.endpoint == "static":
                continue
            try:
                address = app.url_for(
                    rule.endpoint, _external=False, **{k: examples[k] for k in rule.arguments}
                )
            except (KeyError, BuildError):
                left.append(rule.endpoint)
                continue
            queries = ASKED if rule.endpoint == "entries" else ASKED[:1]
            found += [(f"{rule.endpoint} {query}".strip(), address + query) for query in queries]
    return found, left


def until_ready(browser: Browser, address: str) -> None:
    """Ask until the answer is the page: while entries are read for the first time, some say to wait."""
    for _ in range(600):
        answer = browser.get(address)
        if answer.status_code in (200, 302, 303, 404):
            return
        time.sleep(0.2)
    raise SystemExit(f"{address}: {answer.status}")


def until_idle() -> None:
    """Wait while the server reads entries behind its answers, as it does for a moment after its start."""
    for _ in range(120):
        before = _worked()
        time.sleep(0.5)
        if _worked() - before < 0.05:
            return
    raise SystemExit("The server does not come to rest.")


def once(browser: Browser, address: str) -> tuple[float, float]:
    """Return the milliseconds that an answer took, and those that processors worked for it."""
    start, worked = time.perf_counter(), _worked()
    browser.get(address)
    return (time.perf_counter() - start) * 1000, (_worked() - worked) * 1000


def _worked() -> float:
    return time.process_time() + sum(os.times()[2:4])


if __name__ == "__main__":
    main()
