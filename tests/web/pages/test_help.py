"""Help: the texts that ship, as pages."""

from __future__ import annotations

import pytest

from gitcms import resources
from tests.web.pages.conftest import Visitor

TEXTS = sorted(path.stem for path in resources.docs_folder().glob("*.md"))


def test_help_lists_every_text_that_ships(ines: Visitor) -> None:
    page = ines.get("/help/")
    assert [name for name in TEXTS if name != "index" and f'href="/help/{name}"' not in page] == []


@pytest.mark.parametrize("name", TEXTS)
def test_each_text_is_a_page_with_its_own_heading(ines: Visitor, name: str) -> None:
    page = ines.get(f"/help/{name}")
    title = (resources.docs_folder() / f"{name}.md").read_text(encoding="utf-8").splitlines()[0]
    assert f"<h1>{title.removeprefix('# ')}</h1>" in page
    assert page.count("<h1") == 1


@pytest.mark.parametrize("name", ["nothing", "..%2fREADME", "Index", "index.md"])
def test_there_is_no_other_page(ines: Visitor, name: str) -> None:
    ines.get(f"/help/{name}", status=404)


def test_wide_tables_can_be_scrolled_from_the_keyboard(rita: Visitor) -> None:
    page = rita.get("/help/models")
    assert '<table tabindex="0">' in page and "<table>" not in page


def test_pictures_of_help_are_shown_and_nothing_else_is(ines: Visitor) -> None:
    page = ines.get("/help/writing")
    assert '<img loading="lazy" src="/help/pictures/home.webp" alt="Home: ' in page
    answer = ines.client.get("/help/pictures/home.webp")
    assert (answer.status_code, answer.mimetype, answer.data[8:12]) == (200, "image/webp", b"WEBP")
    answer.close()
    for name in ("nothing.webp", "..%2Findex.md", "%2e%2e%2findex.md", "home.png"):
        ines.get(f"/help/pictures/{name}", status=404)


def test_help_is_in_the_readers_language_and_says_where_it_is_not(ines: Visitor) -> None:
    def get(page: str) -> str:
        return ines.client.get(page, headers={"Accept-Language": "es"}).text

    writing, troubleshooting = get("/help/writing"), get("/help/troubleshooting")
    assert "<h1>Escribir</h1>" in writing
    assert 'src="/help/pictures/home.webp"' in writing
    assert '<h1 lang="en" dir="ltr">Troubleshooting</h1>' in troubleshooting
    assert 'href="administration"' in get("/help/") and 'href="writing"' in get("/help/")
    assert "<h1>Writing</h1>" in ines.get("/help/writing") and "in English alone" not in ines.get(
        "/help/writing"
    )
