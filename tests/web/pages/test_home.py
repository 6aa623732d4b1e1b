"""Home: my drafts, what others did, whether the site is live."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from gitcms.accounts.permissions import Role
from gitcms.site import Site
from gitcms.web.app import create_app
from tests.making import make_repository, open_made
from tests.web.pages.conftest import Visitor, text_of

WINTER = "/collections/posts/entries/_drafts/a-winter-of-numbers.md"


def test_home_greets_and_says_how_the_site_goes_live(ines: Visitor) -> None:
    words = text_of(ines.get("/"))
    assert ", Inés" in words
    assert "agora.example.org" in words
    assert "Goes live with the site’s next rebuild" in words


def test_drafts_are_listed_for_who_saved_them_last(ines: Visitor, tomas: Visitor) -> None:
    assert "Nothing waits for you" in ines.get("/")
    ines.post(WINTER, ines.form(WINTER, body="More of it."))
    assert "Go on writing" in ines.get("/")
    assert "Go on writing" not in tomas.get("/")


def test_recent_changes_name_people_and_what_they_changed(ines: Visitor, tomas: Visitor) -> None:
    ines.post(WINTER, ines.form(WINTER, f__title="A dry winter"))
    assert "Inés Caldera changed A dry winter" in text_of(tomas.get("/"))


def test_a_site_without_writing_says_what_is_next(tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "empty", {"README.txt": "Nothing here.\n"})
    site = open_made(folder, tmp_path / "state")
    app: Flask = create_app(site.config, site)
    visitor = sign_in(app, site)
    assert "We found no writing here yet" in text_of(visitor.get("/"))
    site.close()


def sign_in(app: Flask, site: Site) -> Visitor:
    from gitcms.accounts import sessions, users

    now = site.now()
    account = users.add(site.database, name="Ada", email="ada@example.org", role=Role.ADMIN, now=now)
    session = sessions.new_id()
    sessions.begin(site.database, session, account.id, {}, now=now)
    client = app.test_client()
    client.set_cookie("gitcms", session)
    return Visitor(client)


def test_home_does_not_wait_while_the_lists_are_made(ines: Visitor, site: Site) -> None:
    site._steps["entries"].acquire()
    try:
        site.index.forget()
        assert "being read for the first time" in text_of(ines.get("/"))
        site._progress = (300, 1000)
        page = ines.get("/collections/projects/", 503)
        assert "being read for the first time: 300 of 1000 so far" in text_of(page)
        assert 'value="300" max="1000"' in page
        answer = ines.client.get("/collections/projects/", headers={"Accept": "application/json"})
        assert answer.status_code == 503
        assert (answer.json["error"]["done"], answer.json["error"]["of"]) == (300, 1000)
    finally:
        site._steps["entries"].release()
    assert "being read" not in text_of(ines.get("/"))


def test_who_may_write_is_told_what_stands_unsaved_in_the_folder(
    ines: Visitor, rita: Visitor, site: Site
) -> None:
    file = site.repository.folder / "_projects/eyes-on-the-river.md"
    file.write_text(file.read_text().replace("Chile", "Perú"))
    (site.repository.folder / "_projects/new.md").write_text("---\ntitle: New\n---\n")
    page = ines.get("/")
    assert "Changed on the disk by someone else" in text_of(page)
    assert 'href="/collections/projects/entries/_projects/eyes-on-the-river.md"' in page
    assert "_projects/new.md" not in text_of(page)
    assert "_projects/new.md is new" in text_of(rita.get("/"))
