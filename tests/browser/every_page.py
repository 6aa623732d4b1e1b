"""A site with something on every page, served to people of every role, and an address of each page.

The pages are those of the address map: `shown()` names what answers a GET, and whoever walks the pages
compares that with what they visit, so that a page that nobody visits is noticed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gitcms import network, remotes, unsaved, views
from gitcms.accounts import links, users
from gitcms.accounts.permissions import Role
from gitcms.database import Database
from gitcms.demo import maker
from gitcms.remotes import connection
from gitcms.repository import check_address
from gitcms.web.app import create_app
from gitcms.webhooks import callers, endpoints, queue
from gitcms.webhooks.courier import Courier
from tests.making import git, open_made
from tests.serving import PASSWORD, serving

PROJECT = "content/projects/bibliobus.md"
NO_PAGE = {
    "static": "files that every page shows",
    "healthz": "a line for monitors",
    "metrics": "numbers for monitors",
    "exported_deliveries": "a file for programs",
    "status": "the state of the site, for scripts",
    "files": "pictures",
    "logo": "pictures",
    "help_picture": "pictures",
    "picture_version": "pictures as they were",
    "relations": "what is found for a control, for scripts",
    "site_feed": "a feed for feed readers",
    "collection_feed": "a feed for feed readers",
    "entry_feed": "a feed for feed readers",
    "provider_answer": "the way back from another provider, which leads on",
}
OF_NOBODY = {"sign_in", "sign_in_link", "welcome", "forgotten_password", "new_password"}
OF_ADMINS = {"webhooks", "new_webhook", "webhook", "deliveries", "delivery", "people", "people_log"}
OF_ADMINS |= {"model", "model_collection", "outliers", "model_field"}


def shown(folder: Path, state: Path) -> set[str]:
    """Return the name of every page that can be opened, from the address map of a site."""
    site = open_made(folder, state)
    app = create_app(site.config, site)
    site.close()
    return {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}


@dataclass
class Place:
    """A running server with people, and the addresses of one page of each kind."""

    address: str
    state: Path
    addresses: dict[str, str]

    def sign_in(self, page: Any, role: Role) -> None:
        page.goto(f"{self.address}/sign-in")
        page.locator("#email").fill(f"{role}@example.org")
        page.locator("#password").fill(PASSWORD)
        page.locator("button.go").click()
        page.wait_for_url(f"{self.address}/")


@contextmanager
def standing(top: Path) -> Iterator[Place]:
    """Serve the demo, with something to show on each page, from a folder of its own."""
    folder, state = top / "demo", top / "state"
    maker.make(folder)
    state.mkdir()
    change_here_and_elsewhere(folder, state)
    database = Database(f"sqlite:///{state / 'gitcms.sqlite3'}")
    database.upgrade()
    now = datetime.now(UTC)
    for role in Role:
        users.add(
            database,
            name=f"{role} person",
            email=f"{role}@example.org",
            role=role,
            password=PASSWORD,
            now=now,
        )
    blob = git(folder, "rev-parse", f"HEAD:{PROJECT}").strip()
    for account in users.everyone(database):
        views.keep(database, account, "projects", "By title", {"sort": ["title"]}, shared=False, now=now)
        views.keep(database, account, "projects", "Drafts", {"state": ["draft"]}, shared=False, now=now)
        for path, form in (
            (PROJECT, [("base", blob), ("body", "Half a sen")]),
            ("", [("f.title", "New idea")]),
        ):
            unsaved.keep(
                database,
                account,
                "kept" if path else "new",
                collection="projects",
                path=path,
                title="Typed, not saved",
                form=form,
                now=now,
            )
    person = users.find_by_email(database, f"{Role.AUTHOR}@example.org").id
    link = links.create(database, links.Purpose.SIGN_IN, now=now, minutes=60, user_id=person)
    forgotten = links.create(database, links.Purpose.RESET, now=now, minutes=60, user_id=person)
    welcome = links.create(database, links.Purpose.FIRST_ADMIN, now=now, minutes=60)
    database.close()
    hear_of_what_happens(folder, state)
    commit = git(folder, "log", "-1", "--format=%H", "--", PROJECT).strip()
    with serving(folder, state) as address:
        yield Place(
            address,
            state,
            {
                "home": "/",
                "search": "/search?q=library",
                "entries": "/collections/projects/?sort=title",
                "views": "/collections/projects/views",
                "new_entry": "/collections/projects/new",
                "entry": f"/collections/projects/entries/{PROJECT}",
                "unsaved_text": "/collections/projects/unsaved/kept",
                "deletion": f"/collections/projects/deletions/{PROJECT}",
                "bulk": f"/collections/projects/bulk?path={PROJECT}",
                "move": f"/collections/projects/moves/{PROJECT}",
                "entry_history": f"/collections/projects/history/{PROJECT}",
                "history": "/history",
                "change": f"/changes/{commit}",
                "field_history": f"/collections/projects/field-history/{PROJECT}?field=title",
                "comparison": f"/collections/projects/comparison/{PROJECT}?old={commit}",
                "restoration": f"/restorations/{commit}/{PROJECT}",
                "undoing": f"/undoings/{commit}/{PROJECT}",
                "trash": "/trash",
                "rebuilds": "/rebuilds",
                "sending": "/sending",
                "clash": f"/sending/choices/{PROJECT}",
                "webhooks": "/webhooks",
                "new_webhook": "/webhooks/new?preset=github_dispatch",
                "webhook": "/webhooks/1",
                "deliveries": "/webhooks/deliveries",
                "delivery": "/webhooks/deliveries/1",
                "model": "/model",
                "model_collection": "/model/collections/projects",
                "outliers": "/model/collections/projects/outliers",
                "model_field": "/model/collections/projects/field?at=title",
                "people": "/people",
                "settings": "/settings",
                "people_log": "/people/log",
                "account": "/account",
                "second_factor": "/account/second-factor",
                "ways_in": "/account/ways-in",
                "help": "/help/",
                "help_page": "/help/writing",
                "sign_in": "/sign-in",
                "sign_in_link": link,
                "welcome": welcome,
                "forgotten_password": "/forgotten-password",
                "new_password": forgotten,
            },
        )


def shared_with(folder: Path, state: Path) -> Path:
    """Connect a clone with a shared server that has all of it; return somebody else's clone."""
    shared, there = folder.parent / "shared.git", folder.parent / "there"
    git(folder, "clone", "-q", "--bare", str(folder), str(shared))
    git(folder, "clone", "-q", str(shared), str(there))
    connection.keep(state, check_address(str(shared), local=True))
    site = open_made(folder, state)
    remotes.sync(site)
    site.close()
    return there


def change_here_and_elsewhere(folder: Path, state: Path) -> None:
    """Have a shared server on which somebody changed the place that was changed here."""
    there = shared_with(folder, state)
    site = open_made(folder, state)
    for place, words in ((there, "A library on eight wheels"), (folder, "A library on a bus")):
        file = place / PROJECT
        file.write_text(file.read_text().replace("Le Bibliobus du jeudi", words))
        git(place, "commit", "-qam", words)
    git(there, "push", "-q")
    assert remotes.sync(site).contested == (PROJECT,)
    site.close()


def hear_of_what_happens(folder: Path, state: Path) -> None:
    """Add a service that could not be reached and is paused, with its log, and one that may call."""
    site = open_made(folder, state)
    fields = {"url": "https://hooks.example.org/a-very-long-secret-part-of-an-address"}
    number, _ = endpoints.add(site, name="Search index", preset="builder", fields=fields)
    queue.ping(site, number)
    client = network.Client(network.Rules(), resolver=lambda host, port: [])
    assert Courier(site, 1, client).work_once()
    endpoints.pause(site, number, "40 tries in a row failed.")
    queue.rebuild_now(site, number, "Inés")
    callers.add(site, name="Our GitHub", sender="github")
    site.close()
