"""A value that only one entry may have is refused in the form of another, which is named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gitcms import entries
from gitcms.entries import ABSENT, Change, Task
from gitcms.errors import InvalidEntry
from gitcms.site import Site
from tests.entries.conftest import EYES, change, opened
from tests.making import INES, JEKYLL, TOMAS, git, make_repository, open_made

OTHER = "_projects/other.md"
PINNED = '[collections.projects.fields]\ncode = { type = "text", unique = true }\n'


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    files = {**JEKYLL, "gitcms.toml": PINNED, OTHER: "---\ntitle: Other\ncode: A-7\n---\n"}
    site = open_made(make_repository(tmp_path / "site", files), tmp_path / "state")
    yield site
    site.close()


def test_a_value_that_another_has_is_refused_and_the_other_named(site: Site) -> None:
    projects = site.collection("projects")
    with pytest.raises(InvalidEntry) as caught:
        entries.save(site, projects, EYES, change(opened(site), code="A-7"), INES)
    assert "“Other” has this already" in caught.value.errors["code"]
    assert caught.value.entries == {"code": OTHER}
    assert entries.save(site, projects, EYES, change(opened(site), code="a-7"), INES).commit


def test_so_it_is_for_a_new_entry_and_a_draft(site: Site) -> None:
    new = Change(ABSENT, {"title": "New", "code": "A-7"}, "", intent="draft")
    with pytest.raises(InvalidEntry, match="needs a look"):
        entries.create(site, site.collection("projects"), new, INES)


def test_its_own_value_and_one_that_was_there_twice_are_let_be(site: Site) -> None:
    projects = site.collection("projects")
    assert entries.save(site, projects, OTHER, change(opened(site, OTHER), title="Another"), INES).commit
    path = site.repository.folder / EYES
    path.write_text(path.read_text().replace("---\n", "---\ncode: A-7\n", 1))
    git(site.repository.folder, "commit", "-qam", "The same by hand")
    assert entries.save(site, projects, EYES, change(opened(site), title="Eyes"), INES).commit


def test_many_cannot_be_given_one(site: Site) -> None:
    with pytest.raises(InvalidEntry, match="Only one entry may have"):
        entries.plan_bulk(site, site.collection("projects"), [EYES, OTHER], Task("set", "code", "B-1"))


def test_who_wrote_the_same_into_the_same_entry_is_not_in_ones_own_way(site: Site) -> None:
    projects, mine = site.collection("projects"), change(opened(site), code="B-1")
    entries.save(site, projects, EYES, change(opened(site), code="B-1"), TOMAS)
    entries.save(site, projects, EYES, mine, INES)
