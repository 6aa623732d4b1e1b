"""Two people in one entry, and someone in the folder beside them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gitcms import entries
from gitcms.entries import Change
from gitcms.errors import (
    ChangedOnDisk,
    EditConflict,
)
from gitcms.schema.collection import Collection
from gitcms.site import Site
from tests.entries.conftest import EYES, change, is_clean, numstat, opened
from tests.making import INES, TOMAS, git


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


def test_two_people_who_changed_different_places_need_no_choice(site: Site, projects: Collection) -> None:
    entry = opened(site)
    theirs = entry.body.replace("In San Felipe", "In Santiago")
    entries.save(site, projects, EYES, change(entry, theirs, country="Perú"), TOMAS)
    before = site.repository.read(EYES)
    mine = entry.body.replace("forty-one", "forty-two")
    saved = entries.save(site, projects, EYES, change(entry, mine, title="Eyes"), INES)
    assert saved.beside is not None and saved.beside.by is not None
    assert (saved.beside.by.author, saved.beside.what) == (TOMAS, "country, 1 paragraph")
    assert site.repository.read(EYES) == before.replace(b"Eyes on the River", b"Eyes").replace(
        b"forty-one", b"forty-two"
    )
    assert numstat(site) == f"Inés Caldera <ines@example.org>\n\n2\t2\t{EYES}"
    assert saved.commit is not None and saved.commit.subject == "Edit Eyes: Title, 1 paragraph"
    assert is_clean(site)


def test_a_place_that_needs_a_choice_is_told_beside_what_fits(site: Site, projects: Collection) -> None:
    entry = opened(site)
    entries.save(site, projects, EYES, change(entry, title="Theirs", country="Perú"), TOMAS)
    told = entries.conflict(site, projects, EYES, change(entry, "New text.\n", title="Mine"))
    assert set(told.joined) == {"Country", "Text"}
    assert [clash.label for clash in told.clashes] == ["Title"]
    assert told.by is not None and told.by.author == TOMAS


def test_a_save_that_is_sent_twice_is_one_commit(site: Site, projects: Collection) -> None:
    mine = change(opened(site), "New text.\n", title="Eyes")
    first = entries.save(site, projects, EYES, mine, INES)
    again = entries.save(site, projects, EYES, mine, INES)
    assert first.commit is not None and again.commit is None


def test_an_entry_that_is_made_twice_is_there_once(site: Site) -> None:
    new = Change("absent", {"layout": "post", "title": "Twice"}, "Words.\n")
    first = entries.create(site, site.collection("posts"), new, INES)
    again = entries.create(site, site.collection("posts"), new, INES)
    assert (again.path, again.commit) == (first.path, None)


def test_a_change_follows_a_draft_that_was_published_meanwhile(site: Site) -> None:
    posts, draft = site.collection("posts"), "_drafts/a-winter-of-numbers.md"
    entry = opened(site, draft)
    published = entries.save(site, posts, draft, replace(change(entry), intent="publish"), TOMAS)
    saved = entries.save(site, posts, draft, change(entry, "Now it is.\n"), INES)
    assert saved.path == published.path != draft
    assert opened(site, saved.path).body == "Now it is.\n"
    assert saved.beside is not None and "address" in saved.beside.what
    assert draft not in site.blobs()


def test_publishing_takes_the_change_of_another_along(site: Site) -> None:
    posts, draft = site.collection("posts"), "_drafts/a-winter-of-numbers.md"
    entry = opened(site, draft)
    entries.save(site, posts, draft, change(entry, "Now it is.\n"), TOMAS)
    saved = entries.save(site, posts, draft, replace(change(entry), intent="publish"), INES)
    assert opened(site, saved.path).body == "Now it is.\n"
    assert opened(site, saved.path).state == "live"


def test_both_publish_and_it_is_published_once(site: Site) -> None:
    posts, draft = site.collection("posts"), "_drafts/a-winter-of-numbers.md"
    entry = opened(site, draft)
    one = entries.save(site, posts, draft, replace(change(entry), intent="publish"), TOMAS)
    two = entries.save(site, posts, draft, replace(change(entry), intent="publish"), INES)
    assert (two.path, two.commit) == (one.path, None)


def test_an_entry_that_a_developer_renamed_is_followed(site: Site, projects: Collection) -> None:
    entry = opened(site)
    git(site.repository.folder, "mv", EYES, "_projects/eyes.md")
    git(site.repository.folder, "commit", "-q", "-m", "Rename")
    saved = entries.save(site, projects, EYES, change(entry, title="Eyes"), INES)
    assert saved.path == "_projects/eyes.md"
    assert opened(site, saved.path).title == "Eyes"
    assert is_clean(site)


def test_who_saves_a_moment_earlier_is_joined_with(
    site: Site, projects: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = opened(site)
    plain, faster = site.repository.save, [change(entry, country="Perú")]

    def save(*arguments: Any, **named: Any) -> Any:
        while faster:
            entries.save(site, projects, EYES, faster.pop(), TOMAS)
        return plain(*arguments, **named)

    monkeypatch.setattr(site.repository, "save", save)
    entries.save(site, projects, EYES, change(entry, title="Eyes"), INES)
    now = opened(site)
    assert (now.title, now.values["country"]) == ("Eyes", "Perú")


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
    assert [(clash.label, clash.mine, clash.theirs) for clash in told.clashes] == [
        ("Title", "Mine", "Theirs")
    ]
    with pytest.raises(EditConflict):
        entries.resolve(site, projects, EYES, mine, {}, told.entry.base, INES)
    entries.resolve(site, projects, EYES, mine, {told.clashes[0].name: choice}, told.entry.base, INES)
    assert opened(site).values["title"] == title


def test_two_texts_can_both_be_kept(site: Site, projects: Collection) -> None:
    entry = opened(site)
    entries.save(site, projects, EYES, change(entry, body="Theirs.\n"), TOMAS)
    mine = change(entry, body="Mine.\r\n")
    told = entries.conflict(site, projects, EYES, mine)
    entries.resolve(site, projects, EYES, mine, {told.clashes[0].name: "both"}, told.entry.base, INES)
    assert opened(site).body == "Mine.\n\nTheirs.\n"


def test_a_choice_between_older_texts_is_asked_again(site: Site, projects: Collection) -> None:
    entry, mine = opened(site), change(opened(site), title="Mine")
    entries.save(site, projects, EYES, change(entry, title="Theirs"), TOMAS)
    told = entries.conflict(site, projects, EYES, mine)
    entries.save(site, projects, EYES, change(opened(site), title="Theirs again"), TOMAS)
    with pytest.raises(EditConflict):
        entries.resolve(site, projects, EYES, mine, {told.clashes[0].name: "mine"}, told.entry.base, INES)


def test_a_third_change_elsewhere_is_joined_with_the_choice(site: Site, projects: Collection) -> None:
    entry, mine = opened(site), change(opened(site), title="Mine")
    entries.save(site, projects, EYES, change(entry, title="Theirs"), TOMAS)
    told = entries.conflict(site, projects, EYES, mine)
    entries.save(site, projects, EYES, change(opened(site), country="Perú"), TOMAS)
    entries.resolve(site, projects, EYES, mine, {told.clashes[0].name: "mine"}, told.entry.base, INES)
    now = opened(site)
    assert (now.title, now.values["country"]) == ("Mine", "Perú")


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
