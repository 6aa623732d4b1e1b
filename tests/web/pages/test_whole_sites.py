"""A whole site of each generator is opened without configuration, and each entry saved through its form."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gitcms.accounts.permissions import Role
from gitcms.site import Site
from tests.making import git, make_repository, open_made
from tests.web.pages.conftest import Enter, commits
from tests.whole_sites import WHOLE_SITES

COLLECTIONS = {
    "jekyll": {"posts": 4, "people": 2, "pages": 2},
    "hugo": {"posts": 5, "projects": 2, "pages": 3},
    "eleventy": {"posts": 4, "docs": 3, "pages": 1},
    "astro": {"blog": 5, "people": 2, "pages": 1},
    "hexo": {"posts": 5, "pages": 1},
    "zola": {"blog": 4, "pages": 3},
    "gatsby": {"blog": 4, "pages": 1},
    "docusaurus": {"docs": 6, "blog": 4},
    "mkdocs": {"posts": 3, "docs": 5},
    "pelican": {"articles": 4, "pages": 1},
    "nikola": {"posts": 7, "pages": 1},
}


@pytest.fixture(params=sorted(WHOLE_SITES))
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    opened = open_made(make_repository(tmp_path / "site", WHOLE_SITES[request.param]), tmp_path / "state")
    yield opened
    opened.close()


def entries(site: Site) -> list[tuple[str, str]]:
    """Return the collection and the path of every entry."""
    return [(one.name, path) for one in site.model().collections for path in site.blobs() if one.holds(path)]


def test_its_collections_are_found(site: Site, request: pytest.FixtureRequest) -> None:
    name = request.node.callspec.params["site"]
    model = site.model()
    assert model.generator == name
    counts = {one.name: sum(map(one.holds, site.blobs())) for one in model.collections}
    assert counts == COLLECTIONS[name]


def test_every_entry_is_opened_and_saved_without_a_changed_byte(site: Site, enter: Enter) -> None:
    ada = enter("Ada Pérez", "ada@example.org", Role.ADMIN)
    before = commits(site)
    for collection, path in entries(site):
        address = f"/collections/{collection}/entries/{path}"
        ada.post(address, ada.form(address))
    assert commits(site) == before
    assert git(site.repository.folder, "status", "--porcelain") == ""


def test_a_word_more_in_the_text_of_an_entry_is_a_line_of_its_file(site: Site, enter: Enter) -> None:
    ada = enter("Ada Pérez", "ada@example.org", Role.ADMIN)
    for collection, path in entries(site):
        address = f"/collections/{collection}/entries/{path}"
        form = ada.form(address)
        ada.post(address, {**form, "body": form["body"] + "One word more.\n"})
        change = git(site.repository.folder, "show", "--numstat", "--format=", "HEAD").split()
        assert change == ["1", "0", path]
