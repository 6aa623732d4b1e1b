"""Two people in one entry, and someone in the folder beside them."""

from __future__ import annotations

import pytest

from gitcms import entries
from gitcms.errors import (
    ChangedOnDisk,
    EditConflict,
)
from gitcms.schema.collection import Collection
from gitcms.site import Site
from tests.entries.conftest import EYES, change, is_clean, opened
from tests.making import INES, TOMAS


def test_a_stale_save_writes_nothing(site: Site, projects: Collection) -> None:
    entry = opened(site)
    entries.save(site, projects, EYES, change(entry, title="Tomáš was here"), TOMAS)
    head = site.repository.head()
    with pytest.raises(EditConflict):
        entries.save(site, projects, EYES, change(entry, title="Inés was here"), INES)
    assert site.repository.head() == head
    assert is_clean(site)


def test_a_file_that_somebody_edits_outside_is_not_overwritten(site: Site, projects: Collection) -> None:
    entry = opened(site)
    on_disk = site.repository.folder / EYES
    on_disk.write_text("half a thought")
    assert opened(site).changed_on_disk
    with pytest.raises(ChangedOnDisk):
        entries.save(site, projects, EYES, change(entry, title="Eyes"), INES)
    assert on_disk.read_text() == "half a thought"


def test_two_people_who_changed_different_fields_need_no_choice(site: Site, projects: Collection) -> None:
    entry = opened(site)
    entries.save(site, projects, EYES, change(entry, country="Perú"), TOMAS)
    mine = change(entry, body="New text.\n", title="Eyes")
    told = entries.conflict(site, projects, EYES, mine)
    assert told.clashes == ()
    assert set(told.joined) == {"Title", "Country", "Text"}
    assert told.by is not None and told.by.author == TOMAS
    entries.resolve(site, projects, EYES, mine, {}, told.entry.base, INES)
    now = opened(site)
    assert (now.values["country"], now.values["title"], now.body) == ("Perú", "Eyes", "New text.\n")


@pytest.mark.parametrize(
    ("choice", "title"),
    [("mine", "Mine"), ("theirs", "Theirs"), ("both", "Mine Theirs"), ("own:Ours", "Ours")],
)
def test_where_two_people_wrote_the_same_place_the_author_chooses(
    site: Site, projects: Collection, choice: str, title: str
) -> None:
    entry = opened(site)
    entries.save(site, projects, EYES, change(entry, title="Theirs"), TOMAS)
    mine = change(entry, title="Mine")
    told = entries.conflict(site, projects, EYES, mine)
    assert [(clash.name, clash.mine, clash.theirs) for clash in told.clashes] == [("title", "Mine", "Theirs")]
    with pytest.raises(EditConflict):
        entries.resolve(site, projects, EYES, mine, {}, told.entry.base, INES)
    entries.resolve(site, projects, EYES, mine, {"title": choice}, told.entry.base, INES)
    assert opened(site).values["title"] == title


def test_two_texts_can_both_be_kept(site: Site, projects: Collection) -> None:
    entry = opened(site)
    entries.save(site, projects, EYES, change(entry, body="Theirs.\n"), TOMAS)
    mine = change(entry, body="Mine.\r\n")
    told = entries.conflict(site, projects, EYES, mine)
    entries.resolve(site, projects, EYES, mine, {"body": "both"}, told.entry.base, INES)
    assert opened(site).body == "Mine.\n\nTheirs.\n"


def test_a_choice_made_against_an_older_version_is_asked_again(site: Site, projects: Collection) -> None:
    entry = opened(site)
    entries.save(site, projects, EYES, change(entry, title="Theirs"), TOMAS)
    shown = opened(site).base
    entries.save(site, projects, EYES, change(opened(site), title="Theirs again"), TOMAS)
    with pytest.raises(EditConflict):
        entries.resolve(site, projects, EYES, change(entry, title="Mine"), {"title": "mine"}, shown, INES)


def test_what_was_deleted_meanwhile_can_be_brought_back(site: Site, projects: Collection) -> None:
    entry = opened(site)
    entries.delete(site, projects, EYES, entry.base, TOMAS)
    mine = change(entry, title="Mine")
    with pytest.raises(EditConflict):
        entries.save(site, projects, EYES, mine, INES)
    told = entries.conflict(site, projects, EYES, mine)
    assert told.deleted
    entries.resolve(site, projects, EYES, mine, {}, told.entry.base, INES)
    assert opened(site).title == "Mine"
