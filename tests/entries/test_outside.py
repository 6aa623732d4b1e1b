"""Somebody edits an entry's file in the site's folder: nothing of theirs is written over unseen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gitcms import entries
from gitcms.errors import ChangedOnDisk
from gitcms.history import FileStory
from gitcms.schema.collection import Collection
from gitcms.site import Recent, Site
from tests.entries.conftest import EYES, change, is_clean, opened
from tests.making import INES, JEKYLL, git, make_repository, open_made


def write(site: Site, old: str, new: str) -> str:
    file = site.repository.folder / EYES
    text = file.read_text(encoding="utf-8").replace(old, new)
    file.write_text(text, encoding="utf-8")
    return text


def kept(site: Site) -> list[str]:
    names = git(site.repository.folder, "for-each-ref", "--format=%(refname)", "refs/gitcms/kept").split()
    return [git(site.repository.folder, "cat-file", "-p", name) for name in names]


def test_what_differs_is_told_in_words(site: Site) -> None:
    write(site, "Chile", "Perú")
    story = entries.story_outside(site, opened(site))
    assert isinstance(story, FileStory)
    assert story.summary == "Country"


def test_it_is_taken_over_with_what_was_typed_and_saved_as_one(site: Site, projects: Collection) -> None:
    theirs = write(site, "country: Chile", "country: Perú   # sic")
    mine = change(opened(site), title="Eyes")
    entry, both = entries.take_over(site, projects, EYES, mine)
    assert (entry.values["country"], entry.values["title"], both) == ("Perú", "Eyes", False)
    assert (site.repository.folder / EYES).read_text(encoding="utf-8") == theirs
    saved = entries.save(site, projects, EYES, replace(change(entry), taken=entry.taken), INES)
    assert site.repository.read(EYES).decode() == theirs.replace("Eyes on the River", "Eyes")
    assert saved.commit is not None and "stood unsaved in the site's folder" in saved.commit.message
    assert kept(site) == [theirs]
    assert is_clean(site)
    git(site.repository.folder, "fsck", "--strict")


def test_where_both_wrote_both_texts_stand(site: Site, projects: Collection) -> None:
    write(site, "Eyes on the River", "Theirs")
    entry, both = entries.take_over(site, projects, EYES, change(opened(site), title="Mine"))
    assert (entry.title, both) == ("Mine Theirs", True)


def test_what_changed_once_more_is_not_replaced(site: Site, projects: Collection) -> None:
    write(site, "Chile", "Perú")
    entry, _ = entries.take_over(site, projects, EYES, change(opened(site), title="Eyes"))
    again = write(site, "Perú", "Bolivia")
    with pytest.raises(ChangedOnDisk):
        entries.save(site, projects, EYES, replace(change(entry), taken=entry.taken), INES)
    assert (site.repository.folder / EYES).read_text(encoding="utf-8") == again
    assert kept(site) == []
    assert entries.story_outside(site, entry) is not None


def test_what_is_being_prepared_for_a_commit_of_another_text_is_not_replaced(
    site: Site, projects: Collection
) -> None:
    write(site, "Chile", "Bolivia")
    git(site.repository.folder, "add", EYES)
    write(site, "Bolivia", "Perú")
    entry, _ = entries.take_over(site, projects, EYES, change(opened(site), title="Eyes"))
    with pytest.raises(ChangedOnDisk):
        entries.save(site, projects, EYES, replace(change(entry), taken=entry.taken), INES)
    assert "Bolivia" in git(site.repository.folder, "show", f":{EYES}")


def test_what_was_staged_just_so_can_be_taken_over(site: Site, projects: Collection) -> None:
    write(site, "Chile", "Perú")
    git(site.repository.folder, "add", EYES)
    entry, _ = entries.take_over(site, projects, EYES, change(opened(site), title="Eyes"))
    entries.save(site, projects, EYES, replace(change(entry), taken=entry.taken), INES)
    assert opened(site).values["country"] == "Perú"
    assert is_clean(site)


def test_a_removed_file_is_put_back(site: Site) -> None:
    file = site.repository.folder / EYES
    before = file.read_bytes()
    file.unlink()
    assert entries.story_outside(site, opened(site)) == entries.GONE
    assert entries.put_back(site, EYES)
    assert file.read_bytes() == before
    assert not entries.put_back(site, EYES)
    assert is_clean(site)


def test_a_removal_that_is_being_prepared_is_left_alone(site: Site) -> None:
    git(site.repository.folder, "rm", "-q", EYES)
    assert not entries.put_back(site, EYES)
    assert git(site.repository.folder, "status", "--porcelain").startswith("D ")


def test_what_differs_in_the_folder_is_listed_until_it_is_saved_or_put_back(site: Site) -> None:
    folder = site.repository.folder
    assert entries.on_disk(site) == []
    site.outside = Recent(fresh=-1, stale=-1)
    write(site, "Chile", "Perú")
    (folder / "_projects/new.md").write_text("---\ntitle: New\n---\n")
    (folder / "notes.txt").write_text("no entry")
    other = folder / "_posts/2026-03-01-first-rain.md"
    other.unlink()
    assert {(each.path, each.title, each.new) for each in entries.on_disk(site)} == {
        (EYES, "Eyes on the River", False),
        ("_posts/2026-03-01-first-rain.md", "First rain", False),
        ("_projects/new.md", "New", True),
    }
    assert [each.new for each in entries.on_disk(site)] == [False, False, True]
    git(folder, "checkout", "-q", "--", "_posts")
    git(folder, "add", "_projects/new.md")
    git(folder, "commit", "-qm", "New", "--", "_projects/new.md")
    assert [each.path for each in entries.on_disk(site)] == [EYES]


def test_touching_a_file_is_no_change_and_runs_no_filter_of_the_repository(tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "site", JEKYLL)
    git(folder, "config", "filter.spy.clean", f"touch {tmp_path}/ran; cat")
    (folder / ".git/info/attributes").write_text("*.md filter=spy\n")
    site = open_made(folder, tmp_path / "state")
    (folder / EYES).touch()
    (tmp_path / "ran").unlink(missing_ok=True)
    assert entries.on_disk(site) == []
    assert not (tmp_path / "ran").exists()
    site.close()


def test_an_entry_that_was_saved_since_the_last_look_is_listed_no_more(site: Site) -> None:
    site.outside = Recent(fresh=1000, stale=1000)
    write(site, "Chile", "Perú")
    assert [each.path for each in entries.on_disk(site)] == [EYES]
    git(site.repository.folder, "commit", "-qam", "Saved by hand")
    assert entries.on_disk(site) == []
