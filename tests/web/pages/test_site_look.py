"""What pages show of a site as its owners want it: language, logo, where faults are told, icons, lists."""

from __future__ import annotations

import re
from pathlib import Path

from flask import Flask

from gitcms.site import Site
from tests.making import git
from tests.web.pages.conftest import Visitor, text_of

PROJECT = "/collections/projects/entries/_projects/eyes-on-the-river.md"
LOGO = '<svg xmlns="http://www.w3.org/2000/svg"/>'


def say(site: Site, model: str, **files: str) -> None:
    folder = Path(site.config.site.path)
    for name, text in {"gitcms.toml": model, **files}.items():
        path = folder / name.replace("__", ".")
        path.write_text(text, encoding="utf-8")
        git(folder, "add", str(path))
    git(folder, "commit", "-qm", "Say it")


def test_pages_are_in_the_language_of_the_site_for_who_has_chosen_none(
    ines: Visitor, app: Flask, site: Site
) -> None:
    assert '<html lang="en"' in ines.get("/")
    say(site, '[site]\nlanguage = "es-CL"\n')
    english = {"Accept-Language": "en"}
    assert '<html lang="es"' in ines.get("/")
    assert '<html lang="es"' in app.test_client().get("/sign-in", headers=english).text
    say(site, '[site]\nlanguage = "xx"\n')
    assert '<html lang="en"' in ines.get("/")


def test_the_logo_of_the_site_is_shown_where_it_is_wanted(ines: Visitor, app: Flask, site: Site) -> None:
    stranger = app.test_client()
    assert stranger.get("/logo").status_code == 404
    say(site, '[site]\nlogo = "/logo.svg"\n', logo__svg=LOGO)
    assert '<img class="mark" src="/logo"' in ines.get("/")
    assert '<img class="mark" src="/logo"' in stranger.get("/sign-in").text
    sent = stranger.get("/logo")
    assert (sent.status_code, sent.text) == (200, LOGO)
    assert "sandbox" in sent.headers["Content-Security-Policy"]
    say(site, '[site]\nlogo = "/logo.svg"\nlogo_in_header = false\n')
    assert 'class="mark" src' not in ines.get("/")
    assert '<img class="mark" src="/logo"' in stranger.get("/sign-in").text
    say(site, '[site]\nlogo = "/gone.svg"\n')
    assert 'class="mark" src' not in stranger.get("/sign-in").text


def test_faults_are_reported_where_the_site_wants_it(ines: Visitor, site: Site) -> None:
    assert "Report a problem" not in ines.get("/help/")
    say(site, '[site]\nreport_to = "mailto:help@example.org"\n')
    for page in (ines.get("/help/"), ines.get("/collections/nothing/", 404)):
        assert '<a href="mailto:help@example.org"' in page or 'href="mailto:help@example.org"' in page
        assert "Report a problem" in page


def test_the_menu_has_the_icons_of_the_site(ines: Visitor, site: Site) -> None:
    say(site, '[collections.posts]\nicon = "book"\n')
    row = re.search(r'<a href="/collections/posts/".*?</a>', ines.get("/"))
    assert row is not None and "#book" in row[0]


def test_a_long_list_may_be_behind_a_line(ines: Visitor, site: Site) -> None:
    folded = re.compile(r'<details class="more"><summary>.*?2 items</summary>\s*<div class="cards')
    assert not folded.search(ines.get(PROJECT))
    say(site, "[collections.projects.fields]\ncollaborators = { folded = true }\n")
    assert folded.search(ines.get(PROJECT))


def test_a_few_entries_are_offered_at_once(ines: Visitor, site: Site) -> None:
    relation = 'type = "relation", collections = ["posts"]'
    say(site, f"[collections.projects.fields]\nnext = {{ {relation}, at_once = 9 }}\n")
    page = ines.get(PROJECT)
    assert "Choose for Next" in text_of(page)
    picked = {**ines.form(PROJECT), "f.next.__pick": "first-rain", "intent": "save"}
    ines.post(PROJECT, picked)
    assert "next: first-rain" in site.repository.read("_projects/eyes-on-the-river.md").decode()
    say(site, f"[collections.projects.fields]\nnext = {{ {relation}, at_once = 1 }}\n")
    assert "Choose for Next" not in text_of(ines.get(PROJECT))


def test_the_buttons_over_a_text_are_those_of_the_site(ines: Visitor, site: Site) -> None:
    usual = ["bold", "italic", "heading", "link", "quote", "list"]
    assert re.findall(r'data-do="([\w-]+)"', ines.get(PROJECT)) == usual
    assert 'rows="16"' in ines.get(PROJECT)
    say(
        site,
        '[collections.projects.text]\nbuttons = ["picture", "heading-3", "code"]\nsmall = true\n'
        '[collections.projects.fields]\nlead = { type = "markdown", buttons = ["italic"] }\n',
    )
    page = ines.get(PROJECT)
    assert re.findall(r'data-do="([\w-]+)"', page) == ["code", "heading-3", "picture", "italic"]
    assert 'aria-controls="f.lead"' in page and 'rows="4"' in page
    say(site, "[collections.projects.text]\nbuttons = []\n")
    assert "data-do" not in ines.get(PROJECT)
