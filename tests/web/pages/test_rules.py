"""What nobody may do with a collection's entries is not offered on their pages, and its address says why."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gitcms.site import Site
from tests.making import git
from tests.web.pages.conftest import Visitor, text_of

LIST, RAIN = "/collections/posts/", "_posts/2026-03-01-first-rain.md"
ENTRY = f"/collections/posts/entries/{RAIN}"


def say(site: Site, rule: str) -> None:
    folder = Path(site.config.site.path)
    (folder / "gitcms.toml").write_text(f"[collections.posts]\n{rule}\n", encoding="utf-8")
    git(folder, "add", "gitcms.toml")
    git(folder, "commit", "-qm", "Say it")


@pytest.mark.parametrize(
    ("rule", "page", "offered"),
    [
        ("create = false", LIST, "New post"),
        ("limit = 1", LIST, "New post"),
        ("create = false", ENTRY, "Duplicate"),
        ("duplicate = false", ENTRY, "Duplicate"),
        ("delete = false", ENTRY, "Delete…"),
        ("delete = false", f"/collections/posts/bulk?path={RAIN}", "Delete them"),
        ("publish = false", ENTRY, "Unpublish"),
        ("preview = false", ENTRY, "How it reads"),
        ("preview = false", ENTRY, "Both"),
        ("publish = false", f"{LIST}new", "Publish"),
    ],
)
def test_what_nobody_may_is_not_offered(
    ines: Visitor, site: Site, rule: str, page: str, offered: str
) -> None:
    assert offered in text_of(ines.get(page))
    say(site, rule)
    assert offered not in text_of(ines.get(page))


def test_the_address_of_it_says_why(ines: Visitor, site: Site) -> None:
    say(site, "delete = false\nlimit = 1")
    page = ines.get(f"/collections/posts/deletions/{RAIN}", status=403)
    assert "Nothing is deleted in Posts" in text_of(page)
    assert "as many entries as it may have: 1" in text_of(ines.get(f"{LIST}new", status=404))


def test_the_menu_draws_a_line_where_the_site_wants_one(ines: Visitor, site: Site) -> None:
    assert 'class="apart"' not in ines.get("/")
    say(site, "divider = true")
    assert re.search(r'<li class="apart"><a href="/collections/posts/', ines.get("/"))


def test_the_name_of_a_new_entry_is_asked_for_in_the_words_of_the_site(ines: Visitor, site: Site) -> None:
    assert "Address The last part" in text_of(ines.get(f"{LIST}new"))
    say(site, 'name_label = "Short name"')
    assert "Short name The last part" in text_of(ines.get(f"{LIST}new"))


def test_a_new_entry_is_named_as_the_site_says(ines: Visitor, site: Site) -> None:
    say(
        site,
        'slugs = { letters = "all", accents = true, between = "_", longest = 12 }\n'
        'file_template = "_posts/{year}-{month}-{day}-{slug}.md"',
    )
    form = ines.form(f"{LIST}new", f__title="Año nuevo en la ciudad")
    ines.post(f"{LIST}new", {**form, "intent": "publish"})
    assert any(path.endswith("-año_nuevo_en.md") for path in site.blobs())
