"""What changed, told in words: only what changed, and all of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gitcms import entries, history
from gitcms.entries import Change
from gitcms.errors import NotFound, RepositoryBusy
from gitcms.site import Site
from tests.making import INES, JEKYLL, git, make_repository, open_made

EYES = "_projects/eyes-on-the-river.md"
GIT_WORDS = ("commit", "branch", "merge", "push", "pull", "head", "sha", "repository")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    opened = open_made(make_repository(tmp_path / "site", JEKYLL), tmp_path / "state")
    yield opened
    opened.close()


def save(site: Site, body: str | None = None, **values: object) -> str:
    collection = site.collection_of(EYES)
    assert collection is not None
    entry = entries.open_entry(site, collection, EYES)
    change = Change(entry.base, {**entry.values, **values}, body)  # type: ignore[dict-item]
    saved = entries.save(site, collection, EYES, change, INES)
    assert saved.commit is not None
    return saved.commit.id


def spans(story: history.FieldStory) -> list[tuple[str, str]]:
    return [(span.kind, span.text) for span in story.spans]


def test_a_change_is_told_by_field_and_word(site: Site) -> None:
    commit = save(site, title="Eyes on the Sea")
    (file,) = history.what_changed(site, commit).files
    (field,) = file.fields
    assert (field.name, field.label, field.kind) == ("title", "Title", "changed")
    assert ("removed", "River") in spans(field) and ("added", "Sea") in spans(field)
    assert not any(paragraph.kind != "same" for paragraph in file.paragraphs)


def test_one_item_of_a_list_is_named_alone(site: Site) -> None:
    entry = entries.open_entry(site, site.collection("projects"), EYES)
    links = [{**entry.values["links"][0], "url": "https://agua.example.org"}]  # type: ignore[index, call-overload, dict-item]
    (file,) = history.what_changed(site, save(site, links=links)).files
    assert [field.name for field in file.fields] == ["links.0.url"]
    assert file.fields[0].label.startswith("Links 1 · ")


def test_a_changed_paragraph_is_told_and_the_others_are_not(site: Site) -> None:
    body = "In San Felipe the river is a rumour most of the year.\n\nSo fifty households began to measure.\n"
    (file,) = history.what_changed(site, save(site, body=body)).files
    assert file.fields == ()
    assert [paragraph.kind for paragraph in file.paragraphs] == ["same", "changed"]


def test_versions_are_named_by_what_changed(site: Site) -> None:
    save(site, title="Eyes", country="Perú")
    page = history.entry_history(site, EYES)
    assert [version.sentence for version in page.versions] == [
        "Eyes: Title, country",
        "Eyes on the River: added",
    ]


@pytest.mark.parametrize(("value", "word"), [(False, "Unpublished"), (True, "Published")])
def test_what_became_public_or_not_is_told_in_words(site: Site, value: bool, word: str) -> None:
    save(site, published=not value)
    save(site, published=value)
    assert history.entry_history(site, EYES).versions[0].done == word


def test_a_new_entry_is_told_whole(site: Site) -> None:
    path = "_projects/new.md"
    (site.repository.folder / path).write_text("---\ntitle: New\n---\nWords.\n")
    git(site.repository.folder, "add", path)
    git(site.repository.folder, "commit", "-q", "-m", "New")
    (file,) = history.what_changed(site, site.repository.head()).files
    assert [(field.name, field.kind) for field in file.fields] == [("title", "added")]
    assert [paragraph.kind for paragraph in file.paragraphs] == ["added"]


@pytest.mark.parametrize("is_read", [True, False])
def test_who_changed_files_last_is_told_without_a_walk_through_the_history(
    site: Site, monkeypatch, is_read: bool
) -> None:
    changed, folder = save(site, title="Eyes"), site.repository.folder
    git(folder, "mv", "_projects/letters.md", "_projects/words.md")
    git(folder, "commit", "-q", "-m", "Moved")
    moved = site.repository.head()
    if is_read:
        site.read_history()
        monkeypatch.setattr(site.repository, "last_changes", lambda _: pytest.fail("the history was walked"))
    else:
        monkeypatch.setattr(history.versions.log, "of_path", lambda *_, **__: pytest.fail("it is not read"))
        monkeypatch.setattr("gitcms.site.index.look_back", _not_read)
    told = history.last_changes(site, [EYES, "_projects/words.md", "gone.md"])
    assert {path: commit.id for path, commit in told.items()} == {EYES: changed, "_projects/words.md": moved}


def _not_read(*_: object) -> None:
    raise RepositoryBusy("The history is being read.")


@pytest.mark.parametrize("is_read", [True, False])
def test_one_file_of_many_is_told_without_the_others(site: Site, monkeypatch, is_read: bool) -> None:
    folder = site.repository.folder
    git(folder, "mv", EYES, "_projects/ojos.md")
    (folder / "_projects/more.md").write_text("---\ntitle: More\n---\n")
    (folder / "_projects/other.md").write_text("---\ntitle: Other\n---\nWords.\n")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "Many")
    head = site.repository.head()
    if is_read:
        site.read_history()
        monkeypatch.setattr(history.stories, "changes_of", None)
    for path, kind in {"_projects/ojos.md": "renamed", EYES: "renamed", "_projects/more.md": "added"}.items():
        story = history.what_changed(site, head, path)
        assert [file.kind for file in story.files] == [kind]
        assert story.more == 2
        assert "other.md" not in story.raw
    assert "rename from" in history.what_changed(site, head, "_projects/ojos.md").raw


def test_a_developers_words_never_reach_the_page(site: Site) -> None:
    (site.repository.folder / "_layouts/post.html").write_text("new")
    git(site.repository.folder, "commit", "-q", "-am", "Merge branch 'x' of the repository, push HEAD")
    sentences = " ".join(version.sentence for version in history.site_history(site).versions).lower()
    assert not [word for word in GIT_WORDS if word in sentences.split()]


def test_the_history_of_an_entry_goes_through_its_renames(site: Site) -> None:
    folder = site.repository.folder
    git(folder, "mv", EYES, "_projects/eyes.md")
    git(folder, "commit", "-q", "-m", "Rename")
    assert len(history.entry_history(site, "_projects/eyes.md").versions) == 2


def test_pages_of_history_follow_each_other(site: Site) -> None:
    for number in range(history.PER_PAGE):
        save(site, title=f"Eyes {number}")
    first, second = history.site_history(site), history.site_history(site, 2)
    assert (len(first.versions), first.more) == (history.PER_PAGE, True)
    assert (len(second.versions), second.more) == (1, False)


def test_pages_of_an_entrys_history_hold_each_version_once(site: Site) -> None:
    folder, other = site.repository.folder, "_projects/other.md"
    own = [commit.id for commit in site.repository.history(EYES)]
    path = EYES
    for number in range(history.PER_PAGE + 5):
        if number == 2:
            git(folder, "mv", path, "_projects/eyes.md")
            git(folder, "commit", "-q", "-m", "Rename")
            own.insert(0, site.repository.head())
            path = "_projects/eyes.md"
        with (folder / path).open("a") as file:
            file.write(f"Line {number}\n")
        git(folder, "commit", "-q", "-am", "Own")
        own.insert(0, site.repository.head())
        (folder / other).write_text(f"---\ntitle: {number}\n---\n")
        git(folder, "add", other)
        git(folder, "commit", "-q", "-m", "Other")
    pages = [history.entry_history(site, path, number) for number in (1, 2)]
    assert [version.commit.id for page in pages for version in page.versions] == own
    assert [page.more for page in pages] == [True, False]


@pytest.mark.parametrize("name", ["--all", "HEAD", "main", "0" * 40, "x" * 40, "$(id)", ""])
def test_a_change_that_is_not_there_is_not_found(site: Site, name: str) -> None:
    with pytest.raises(NotFound):
        history.what_changed(site, name)
