"""Every page of the address map, wide and narrow, light and dark: axe finds nothing, nothing scrolls
sideways, nothing is loaded from elsewhere, and no author meets a word of Git."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

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
from tests.browser.conftest import NARROW, WIDE
from tests.making import git, open_made
from tests.serving import PASSWORD, serving

PROJECT = "content/projects/bibliobus.md"
WORDS = re.compile(
    r"\b(commit\w*|branch\w*|merg(e|ed|ing)|push(ed)?|pull(ed)?|HEAD|sha|repositor(y|ies)|rebase\w*"
    r"|front matter|slug|payload|diff|YAML)\b",
    re.IGNORECASE,
)
# Help for administrators speaks of what administrators meet.
ADMIN_HELP = {
    "administration",
    "command-line",
    "troubleshooting",
    "reviewing",
    "webhooks",
    "fields",
    "models",
    "gitcms-toml",
    "webhook-presets",
    "sign-in",
}
NO_PAGE = {
    "static": "files that every page shows",
    "healthz": "a line for monitors",
    "metrics": "numbers for monitors",
    "exported_deliveries": "a file for programs",
    "status": "the state of the site, for scripts",
    "files": "pictures",
    "help_picture": "pictures",
    "picture_version": "pictures as they were",
    "relations": "what is found for a control, for scripts",
    "site_feed": "a feed for feed readers",
    "collection_feed": "a feed for feed readers",
    "entry_feed": "a feed for feed readers",
    "provider_answer": "the way back from another provider, which leads on",
}


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


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    top = tmp_path_factory.mktemp("pages")
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


def change_here_and_elsewhere(folder: Path, state: Path) -> None:
    """Have a shared server on which somebody changed the place that was changed here."""
    shared, there = folder.parent / "shared.git", folder.parent / "there"
    git(folder, "clone", "-q", "--bare", str(folder), str(shared))
    git(folder, "clone", "-q", str(shared), str(there))
    connection.keep(state, check_address(str(shared), local=True))
    site = open_made(folder, state)
    remotes.sync(site)
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


OF_NOBODY = {"sign_in", "sign_in_link", "welcome", "forgotten_password", "new_password"}
OF_ADMINS = {"webhooks", "new_webhook", "webhook", "deliveries", "delivery", "people", "people_log"}
OF_ADMINS |= {"model", "model_collection", "outliers", "model_field"}


def test_no_page_is_missing_from_this_walk(place: Place, tmp_path: Path) -> None:
    maker.make(tmp_path / "demo")
    site = open_made(tmp_path / "demo", tmp_path / "state")
    app = create_app(site.config, site)
    shown = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    site.close()
    assert shown == place.addresses.keys() | NO_PAGE.keys()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["1280", "360"])
def test_every_page_is_accessible_and_fits(
    place: Place,
    browse: Callable[..., Any],
    axe: Callable[[Any], list[str]],
    size: dict[str, int],
    scheme: str,
) -> None:
    nobody, admin = (
        browse(size, scheme=scheme, touch=size is NARROW),
        browse(size, scheme=scheme, touch=size is NARROW),
    )
    place.sign_in(admin, Role.ADMIN)
    problems: list[str] = []
    for page in (nobody, admin):
        page.on("request", lambda request: elsewhere(place, request.url, problems))
        page.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
    for name, address in place.addresses.items():
        page = nobody if name in OF_NOBODY else admin
        answer = page.goto(place.address + address)
        if answer.status != 200:
            problems.append(f"{name}: answered {answer.status}")
        problems += [f"{name}: {line}" for line in axe(page)]
        wide = page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if wide > 0:
            problems.append(f"{name}: scrolls sideways by {wide} px")
        if size is NARROW:
            problems += [f"{name}: too small for a finger: {what}" for what in small_targets(page)]
    assert problems == []


def test_every_page_fits_in_spanish_and_from_right_to_left(place: Place, browse: Callable[..., Any]) -> None:
    nobody, admin = (
        browse(NARROW, touch=True, language="es-AR"),
        browse(NARROW, touch=True, language="es-AR"),
    )
    place.sign_in(admin, Role.ADMIN)
    problems: list[str] = []
    for name, address in place.addresses.items():
        page = nobody if name in OF_NOBODY else admin
        page.goto(place.address + address)
        if page.locator("html").get_attribute("lang") != "es":
            problems.append(f"{name}: is not in Spanish")
        problems += [f"{name}: too small for a finger: {what}" for what in small_targets(page)]
        for direction in ("ltr", "rtl"):
            page.evaluate("direction => { document.documentElement.dir = direction; }", direction)
            wide = page.evaluate(
                "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            if wide > 0:
                problems.append(f"{name}: scrolls sideways by {wide} px, {direction}")
    assert problems == []


def elsewhere(place: Place, url: str, problems: list[str]) -> None:
    if not url.startswith(f"{place.address}/"):
        problems.append(f"asked {url}")


PRESSABLE = "button, input:not([type=hidden]), select, summary, textarea, nav a"
TOO_SMALL = """controls => controls
    .filter(el => el.checkVisibility({opacityProperty: true, visibilityProperty: true}))
    .filter(el => !el.closest('.vh'))
    .map(el => [el, (el.closest('label') || el).getBoundingClientRect()])
    .filter(([el, box]) => box.width > 1 && box.height > 1 && box.height < 43.5)
    .map(([el, box]) => `${el.outerHTML.slice(0, 90)} ${box.height}px`)"""


def small_targets(page: Any) -> list[str]:
    """Return what can be pressed and is lower than 44 px; links within a text may be."""
    return list(page.locator(PRESSABLE).evaluate_all(TOO_SMALL))


def test_no_author_meets_a_word_of_git(place: Place, browse: Callable[..., Any]) -> None:
    page = browse(WIDE)
    place.sign_in(page, Role.AUTHOR)
    helps = [f"/help/{path.stem}" for path in Path("gitcms/docs").glob("*.md") if path.stem not in ADMIN_HELP]
    met: list[str] = []
    for name, address in [*place.addresses.items(), *((each, each) for each in helps)]:
        if name in OF_ADMINS | OF_NOBODY:
            continue
        page.goto(place.address + address)
        page.evaluate("() => document.querySelectorAll('details').forEach(each => each.open = true)")
        met += [f"{name}: {found[0]}" for found in WORDS.finditer(page.locator("body").inner_text())]
    assert met == []


def test_the_same_pages_can_be_used_without_scripts(place: Place, browse: Callable[..., Any]) -> None:
    page = browse(NARROW, scripts=False)
    place.sign_in(page, Role.ADMIN)
    for name in place.addresses.keys() - OF_NOBODY:
        answer = page.goto(place.address + place.addresses[name])
        assert answer.status == 200, name
        assert page.locator("h1").count() == 1, name
