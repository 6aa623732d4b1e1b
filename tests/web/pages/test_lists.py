"""Lists as the site's owners want them, through the whole application."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest

from gitcms.schema.configured import OWN
from gitcms.site import Site
from tests.making import git
from tests.web.pages.conftest import Visitor, text_of

LIST = "/collections/projects/"
Say = Callable[[str], None]


@pytest.fixture
def say(site: Site) -> Say:
    """Have an administrator write a `gitcms.toml`."""

    def commit(toml: str) -> None:
        folder = site.repository.folder
        (folder / OWN).write_text(toml, encoding="utf-8")
        git(folder, "add", OWN)
        git(folder, "commit", "-qm", "Say it")

    return commit


def test_a_list_says_what_it_is_for_and_a_hidden_one_is_not_in_the_menu(ines: Visitor, say: Say) -> None:
    assert "/collections/projects/" in ines.get("/")
    said = "description = 'Who <did> what'\nsummary = '{{title | upper}}'\nhide = true\n"
    say(f"[collections.projects]\n{said}")
    page = text_of(ines.get("/collections/projects/"))
    assert "Who <did> what" in page and "EYES ON THE RIVER" in page
    assert "/collections/projects/" not in ines.get("/account")
    assert "/collections/posts/" in ines.get("/account")


SAID = """
[collections.projects]
sortable_fields = ["title", { field = "country", label = "Land", default = "desc" }, "commit_author"]
view_filters = [{ label = "Front page", field = "featured", pattern = true }]
view_groups = [{ label = "By decade", field = "year", pattern = '[0-9]{3}' }]
"""


def words_above(page: str) -> dict[str, tuple[str, bool]]:
    """What stands above the list to choose: words → address, and whether it is on."""
    return {
        unescape(words): (unescape(href), "aria-current" in rest)
        for href, rest, words in re.findall(r'<a href="([^"]*)"([^>]*)>([^<]*)', page.split('"Views">')[1])
    }


def test_the_owners_filters_and_groups_stand_above_the_list_and_are_switched(ines: Visitor, say: Say) -> None:
    say(SAID)
    page = ines.get(LIST)
    there, on = words_above(page)["Front page"]
    assert not on and "Letters to the Council" in page
    filtered = ines.get(there)
    assert "Eyes on the River" in filtered and "Letters to the Council" not in filtered
    off, on = words_above(filtered)["Front page"]
    assert on and "Letters to the Council" in ines.get(off)
    both, _ = words_above(filtered)["By decade"]
    grouped = ines.get(both)
    assert re.search(r'<h2 class="day">\d{3}</h2>', grouped) and "Letters to the Council" not in grouped
    # A search keeps them, and so does a change of many.
    assert 'name="only" value="Front page"' in grouped and 'name="group" value="as:By decade"' in grouped
    assert grouped.count('name="only" value="Front page"') == 3
    assert "Nothing is like this" in ines.get(f"{there}&f.country=Perú")


def test_the_owners_orders_are_the_only_ones(ines: Visitor, say: Say) -> None:
    assert "Turn the order round" in ines.get(LIST)
    say(SAID)
    page = ines.get(LIST)
    menu = page.split('id="sort"')[1].split("</select>")[0]
    options = re.findall(r'<option value="([^"]*)"( selected)?>([^<]*)', menu)
    assert options == [
        ("title", "", "By title"),
        ("by:country", " selected", "By land"),
        ("commit_author", "", "By who changed it last"),
    ]
    (turned,) = re.findall(r'href="([^"]*)" title="Turn the order round"', ines.get(f"{LIST}?sort=title"))
    shown = re.findall(r'class="name" href="[^"]*">([^<]*)', ines.get(unescape(turned)))
    assert shown == ["Letters to the Council", "Eyes on the River"]
    (back,) = re.findall(r'href="([^"]*)" title="Turn the order round"', ines.get(unescape(turned)))
    assert unescape(back) == f"{LIST}?sort=title"


def test_a_list_opens_as_its_owners_say_unless_its_reader_says_otherwise(ines: Visitor, say: Say) -> None:
    say(SAID.replace("pattern = true }", "pattern = true, default = true }"))
    answer = ines.client.get(LIST)
    assert answer.status_code == 302
    page = ines.follow(answer)
    assert "Letters to the Council" not in page
    everything, _ = words_above(page)["Everything"]
    assert "Letters to the Council" in ines.get(everything)
