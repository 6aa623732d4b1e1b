"""Lists as the site's owners want them, through the whole application."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gitcms.schema.configured import OWN
from gitcms.site import Site
from tests.making import git
from tests.web.pages.conftest import Visitor, text_of

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
