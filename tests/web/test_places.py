"""Every page that does something to an entry × every role × every kind of entry, here and elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

from gitcms.accounts import users
from gitcms.accounts.permissions import PLACED, Role
from gitcms.accounts.users import Account
from gitcms.config import Config
from gitcms.site import Site
from gitcms.web import security
from tests.making import JEKYLL, git, make_repository, open_made, settings
from tests.web.browser_form import submitted
from tests.web.conftest import Browser, Clock

WINTER, RAIN = "_drafts/a-winter-of-numbers.md", "_posts/2026-03-01-first-rain.md"
UNREADY, LETTERS = "_projects/unready.md", "_projects/letters.md"
SITE = JEKYLL | {UNREADY: "---\nlayout: project\ntitle: Unready\npublished: false\n---\nNot yet.\n"}


@dataclass(frozen=True)
class Object:
    """An entry, or with an empty path one that is yet to be made."""

    collection: str
    path: str
    live: bool


DRAFT, LIVE, NEW = Object("posts", WINTER, False), Object("posts", RAIN, True), Object("posts", "", False)
THEIR_DRAFT, THEIR_LIVE = Object("projects", UNREADY, False), Object("projects", LETTERS, True)
THEIR_NEW = Object("projects", "", False)
WRITTEN = (DRAFT, LIVE, THEIR_DRAFT, THEIR_LIVE)
TO_BE_MADE = (NEW, THEIR_NEW)

# Every placed page, with what it is asked about. `live` marks what would put something live by itself.
ACTIONS: dict[str, tuple[str, tuple[Object, ...], bool]] = {
    "new_entry": ("GET", TO_BE_MADE, False),
    "create_entry": ("POST", TO_BE_MADE, False),
    "create_entry live": ("POST", TO_BE_MADE, True),
    "save_entry": ("POST", WRITTEN, False),
    "save_entry live": ("POST", WRITTEN, True),
    "deletion": ("GET", WRITTEN, False),
    "delete_entry": ("POST", WRITTEN, False),
    "restoration GET": ("GET", WRITTEN, False),
    "restoration": ("POST", WRITTEN, False),
    "keep_text": ("POST", TO_BE_MADE, False),
    "unsaved_text": ("GET", TO_BE_MADE, False),
    "throw_text_away": ("POST", TO_BE_MADE, False),
}
# Pages that do more than one thing to an entry, or one thing to several: what they are sent, if anything.
# Nobody may change by them what they could not change one by one.
FURTHER: dict[str, tuple[str, dict[str, str] | None]] = {
    "move": ("/collections/{each.collection}/moves/{each.path}", None),
    "presence": ("/collections/{each.collection}/presence/{each.path}", {"kept": "window"}),
    "move_entry": ("/collections/{each.collection}/moves/{each.path}", {"new_name": "other", "sure": "1"}),
    "undoing GET": ("/undoings/{head}/{each.path}", None),
    "undoing": ("/undoings/{head}/{each.path}", {"sure": "1"}),
    "clash GET": ("/sending/choices/{each.path}", None),
    "clash": ("/sending/choices/{each.path}", {"whole": "ours"}),
    "bulk": ("/collections/{each.collection}/bulk?path={each.path}", None),
    "change_many": (
        "/collections/{each.collection}/bulk",
        {"path": "{each.path}", "what": "set", "field": "title", "text": "Else", "sure": "1"},
    ),
    "change_many delete": (
        "/collections/{each.collection}/bulk",
        {"path": "{each.path}", "what": "delete", "sure": "1"},
    ),
}
# Asked of no entry: it turns a text into a look and keeps nothing.
WITHOUT_AN_ENTRY = {"preview"}


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return settings(make_repository(tmp_path / "site", SITE), tmp_path / "state")


@pytest.fixture
def site(config: Config, clock: Clock) -> Iterator[Site]:
    site = open_made(Path(config.site.path), Path(config.state.folder), config)
    site.now = clock
    yield site
    site.close()


def test_every_placed_page_has_its_row(app: Flask) -> None:
    placed = set()
    for endpoint, view in app.view_functions.items():
        access = security.access_to(view)
        if access is not None and access.permission in PLACED:
            placed.add(endpoint)
    assert placed == {name.split()[0] for name in [*ACTIONS, *FURTHER]} | WITHOUT_AN_ENTRY


@pytest.mark.parametrize("places", [(), ("posts",), ("_posts/", "_drafts/**")])
@pytest.mark.parametrize("role", Role)
def test_each_cell_is_answered_as_the_rule_says(
    site: Site, browser: Browser, person: Callable[[Role], Account], role: Role, places: tuple[str, ...]
) -> None:
    person(Role.ADMIN)
    who = person(role)
    users.change_places(site.database, who.id, places, collections=["posts", "projects"])
    browser.sign_in(who)
    start, wrong, cells = site.repository.head(), [], 0
    for action, (_, objects, live) in ACTIONS.items():
        for each in objects:
            here = not places or role is Role.ADMIN or each.collection == "posts"
            allowed = here and (role is not Role.CONTRIBUTOR or not (each.live or live))
            before = site.repository.head()
            status = ask(browser, site, action, each)
            after, cells = site.repository.head(), cells + 1
            refused = status == 403
            if refused is allowed or (not allowed and after != before) or status >= 500:
                wrong.append((action, each, status))
            if after != before:
                git(site.repository.folder, "reset", "-q", "--hard", start)
    assert wrong == []
    assert cells == 36


@pytest.mark.parametrize("places", [(), ("posts",), ("_posts/", "_drafts/**")])
@pytest.mark.parametrize("role", Role)
def test_no_page_for_several_things_gives_more_than_the_pages_for_one(
    site: Site, browser: Browser, person: Callable[[Role], Account], role: Role, places: tuple[str, ...]
) -> None:
    person(Role.ADMIN)
    who = person(role)
    users.change_places(site.database, who.id, places, collections=["posts", "projects"])
    browser.sign_in(who)
    start, wrong, changed = site.repository.head(), [], 0
    for action, (address, form) in FURTHER.items():
        for each in WRITTEN:
            here = not places or role is Role.ADMIN or each.collection == "posts"
            allowed = here and (role is not Role.CONTRIBUTOR or not each.live)
            place = address.format(each=each, head=start)
            base = site.repository.blob_of(each.path) or ""
            sent = {name: text.format(each=each) for name, text in (form or {}).items()} | {"base": base}
            answer = browser.get(place) if form is None else browser.post(place, sent)
            after = site.repository.head()
            if (not allowed and after != start) or answer.status_code >= 500:
                wrong.append((action, each, answer.status_code))
            if after != start:
                changed += 1
                git(site.repository.folder, "reset", "-q", "--hard", start)
            browser.get("/account")
    assert wrong == []
    # They do something where one may.
    assert changed > 0


def ask(browser: Browser, site: Site, action: str, each: Object) -> int:
    """Do one thing to one entry as its page would, and return the answer's status."""
    endpoint, _, variant = action.partition(" ")
    top = f"/collections/{each.collection}"
    form = {"title": "Something else", "f.title": "Something else", "body": "Other words.", "intent": "draft"}
    if variant == "live":
        form["intent"] = "publish"
    if endpoint == "new_entry":
        return browser.get(f"{top}/new").status_code
    if endpoint == "create_entry":
        return browser.post(f"{top}/new", form).status_code
    if endpoint in ("keep_text", "unsaved_text", "throw_text_away"):
        place = f"{top}/unsaved/{'k' * 22}"
        if endpoint == "keep_text":
            return browser.post(place, {"base": "absent"} | form).status_code
        if endpoint == "unsaved_text":
            return browser.get(place).status_code
        return browser.post(f"{place}/thrown").status_code
    if endpoint == "save_entry":
        page = browser.get(f"{top}/entries/{each.path}")
        assert page.status_code == 200
        typed = {name: text for name, text in submitted(page.text).items() if name != "csrf_token"}
        intent = "publish" if variant else "save"
        return browser.post(
            f"{top}/entries/{each.path}", typed | {"body": "Other words.", "intent": intent}
        ).status_code
    if endpoint in ("deletion", "delete_entry"):
        place, base = f"{top}/deletions/{each.path}", site.repository.blob_of(each.path) or ""
        return (
            browser.get(place) if endpoint == "deletion" else browser.post(place, {"base": base})
        ).status_code
    place = f"/restorations/{site.repository.head()}/{each.path}"
    return (browser.get(place) if variant == "GET" else browser.post(place)).status_code


@pytest.fixture
def dora(browser: Browser, person: Callable[[Role], Account]) -> Browser:
    """A contributor."""
    browser.sign_in(person(Role.CONTRIBUTOR))
    return browser


def test_a_contributor_is_offered_no_button_that_would_be_refused(dora: Browser) -> None:
    new = dora.get("/collections/posts/new").text
    assert 'value="draft"' in new and 'value="publish"' not in new
    draft = dora.get(f"/collections/posts/entries/{WINTER}").text
    assert 'value="save"' in draft and 'value="publish"' not in draft
    live = dora.get(f"/collections/posts/entries/{RAIN}").text
    assert "You can read this page, not change it" in live
    assert 'class="b go" name="intent"' not in live and "Delete…" not in live


def test_a_contributors_text_stays_when_the_draft_was_published_meanwhile(dora: Browser, site: Site) -> None:
    place = f"/collections/posts/entries/{WINTER}"
    typed = {name: text for name, text in submitted(dora.get(place).text).items() if name != "csrf_token"}
    folder = site.repository.folder
    git(folder, "mv", WINTER, "_posts/2026-04-01-a-winter-of-numbers.md")
    git(folder, "commit", "-q", "-m", "Publish")
    before = site.repository.head()
    answer = dora.post(place, typed | {"body": "Words that must not be lost.", "intent": "save"})
    assert answer.status_code == 403
    assert "Words that must not be lost." in answer.text
    assert "your account may change drafts only" in answer.text
    assert site.repository.head() == before


def test_a_field_that_would_put_a_draft_live_is_refused_too(dora: Browser, site: Site) -> None:
    place = f"/collections/projects/entries/{UNREADY}"
    typed = {name: text for name, text in submitted(dora.get(place).text).items() if name != "csrf_token"}
    assert "f.published" in str(typed) or "published" in dora.get(place).text
    before = site.repository.head()
    answer = dora.post(place, typed | {"f.published": "true", "intent": "save"})
    assert answer.status_code == 403
    assert "This would be live" in answer.text
    assert site.repository.head() == before


def test_rights_that_are_narrowed_count_with_the_next_click(
    browser: Browser, site: Site, author: Account
) -> None:
    browser.sign_in(author)
    assert browser.get("/collections/projects/new").status_code == 200
    users.change_places(site.database, author.id, ["posts"], collections=["posts"])
    assert browser.get("/collections/projects/new").status_code == 403
    assert "New project" not in browser.get("/collections/projects/").text
    assert browser.get("/collections/posts/new").status_code == 200


def test_an_administrator_narrows_somebody_in_the_browser(
    browser: Browser, site: Site, admin: Account, author: Account
) -> None:
    browser.sign_in(admin)
    wrong = browser.post(f"/people/{author.id}/places", {"places": "posts\r\nprojcts"})
    assert wrong.status_code == 422
    assert "There is no collection “projcts” here." in wrong.text
    assert "posts\r\nprojcts</textarea>" in wrong.text or "posts\nprojcts</textarea>" in wrong.text
    assert users.find(site.database, author.id).places == ()
    assert (
        browser.post(f"/people/{author.id}/places", {"places": " posts\r\n\r\n_projects/ "}).status_code
        == 303
    )
    assert users.find(site.database, author.id).places == ("posts", "_projects/")
    assert "in some places" in browser.get("/people").text
