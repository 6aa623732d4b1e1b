"""Saving, creating and deleting: the way of one save, on real repositories."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gitcms import entries
from gitcms.entries import Change, Upload, recovering
from gitcms.errors import (
    InvalidEntry,
    PathTaken,
    UploadRefused,
    UploadTooLarge,
)
from gitcms.schema.collection import Collection
from gitcms.site import Site
from tests.entries.conftest import EYES, change, is_clean, numstat, opened, picture
from tests.making import HUGO, INES, JEKYLL, TOMAS, git, make_repository, open_made, settings


def test_a_save_is_one_commit_by_the_author_that_changes_one_line(site: Site, projects: Collection) -> None:
    saved = entries.save(site, projects, EYES, change(opened(site), title="Eyes"), INES)
    assert saved.commit is not None
    assert numstat(site) == f"Inés Caldera <ines@example.org>\n\n1\t1\t{EYES}"
    assert is_clean(site)
    assert saved.commit.subject == "Edit Eyes: Title"


@pytest.mark.parametrize("order", ["[skip ci]", "[CI Skip]", "[no ci]", "[skip actions]", "[skip]"])
def test_a_title_gives_no_orders_to_whoever_builds_the_site(
    site: Site, projects: Collection, order: str
) -> None:
    saved = entries.save(site, projects, EYES, change(opened(site), title=f"{order} [Draft] Eyes"), INES)
    assert saved.commit is not None
    assert order not in saved.commit.message
    assert order[1:-1] in saved.commit.message
    assert "[Draft] Eyes" in saved.commit.message


def test_every_other_byte_stays(site: Site, projects: Collection) -> None:
    before = site.repository.read(EYES)
    entry = opened(site)
    people = [*entry.values["collaborators"]]  # type: ignore[misc]
    people[1] = {**people[1], "url": "https://mapaabierto.example.org/"}
    entries.save(site, projects, EYES, change(entry, collaborators=people), INES)
    assert site.repository.read(EYES) == before.replace(
        b"https://mapa.example.org/", b"https://mapaabierto.example.org/"
    )


def test_a_save_is_dated_in_the_zone_of_the_site(tmp_path: Path) -> None:
    clone = make_repository(tmp_path / "s", JEKYLL)
    config = settings(clone, tmp_path / "t").with_values("site", time_zone="America/Santiago")
    site = open_made(clone, tmp_path / "t", config)
    entries.save(site, site.collection("projects"), EYES, change(opened(site), title="Eyes"), INES)
    assert git(clone, "log", "-1", "--format=%ai").strip()[-5:] in ("-0300", "-0400")
    site.close()


def test_saving_what_is_there_makes_no_commit(site: Site, projects: Collection) -> None:
    head = site.repository.head()
    entry = opened(site)
    saved = entries.save(site, projects, EYES, change(entry, body=entry.body.replace("\n", "\r\n")), INES)
    assert saved.commit is None
    assert site.repository.head() == head


def test_a_new_entry_lies_and_reads_like_its_neighbours(site: Site) -> None:
    posts = site.collection("posts")
    blank = entries.blank_entry(site, posts)
    new = Change("absent", {**blank.values, "title": "Agua: ¿sí o no?"}, "Words.\n")
    saved = entries.create(site, posts, new, INES)
    today = site.local(site.now()).date().isoformat()
    assert saved.path == f"_posts/{today}-agua-si-o-no.md"
    text = site.repository.read(saved.path).decode()
    assert text.startswith("---\nlayout: post\ntitle: ")
    assert opened(site, saved.path).values["title"] == "Agua: ¿sí o no?"
    assert is_clean(site)


def test_a_new_entry_never_takes_the_place_of_another(site: Site, projects: Collection) -> None:
    with pytest.raises(PathTaken):
        entries.create(site, projects, Change("absent", {"title": "Letters"}, ""), INES)


def test_a_jekyll_draft_is_published_as_a_dated_post(site: Site) -> None:
    posts = site.collection("posts")
    path = "_drafts/a-winter-of-numbers.md"
    entry = opened(site, path)
    assert entry.state == "draft"
    saved = entries.save(site, posts, path, replace(change(entry), intent="publish"), INES)
    today = site.local(site.now()).date().isoformat()
    assert saved.path == f"_posts/{today}-a-winter-of-numbers.md"
    assert opened(site, saved.path).state == "live"
    assert path not in site.blobs()
    assert is_clean(site)


def test_publishing_and_unpublishing_in_hugo_sets_its_own_mark(hugo: Site) -> None:
    path = "content/blog/winter.md"
    blog = hugo.collection_of(path)
    assert blog is not None
    assert opened(hugo, path).state == "draft"
    entries.save(hugo, blog, path, replace(change(opened(hugo, path)), intent="publish"), INES)
    assert opened(hugo, path).state == "live"
    entries.save(hugo, blog, path, replace(change(opened(hugo, path)), intent="unpublish"), INES)
    assert opened(hugo, path).state == "draft"
    assert hugo.repository.read(path) == HUGO[path].encode()


def test_what_comes_with_an_entry_is_told_in_the_words_of_the_site(tmp_path: Path) -> None:
    model = '[commits]\nupload = "Add “{{path}}” for {{author-name}}"\n'
    clone = make_repository(tmp_path / "s", {**JEKYLL, "gitcms.toml": model})
    site = open_made(clone, tmp_path / "t", settings(clone, tmp_path / "t"))
    projects = site.collection("projects")
    uploads = (Upload(("img",), "Río Ancho.PNG", picture()),)
    saved = entries.save(site, projects, EYES, replace(change(opened(site)), uploads=uploads), INES)
    assert saved.commit is not None
    subject, _, below = saved.commit.message.strip().partition("\n\n")
    assert subject.startswith("Edit ")
    assert below == "Add “images/rio-ancho.png” for Inés Caldera"
    saved = entries.save(site, projects, EYES, change(opened(site), title="Eyes"), INES)
    assert saved.commit is not None and saved.commit.message.strip() == "Edit Eyes: Title"
    site.close()


def test_a_picture_comes_in_the_same_commit_as_its_entry(site: Site, projects: Collection) -> None:
    (site.repository.folder / "img").mkdir()
    upload = Upload(("img",), "Río Ancho.PNG", picture())
    saved = entries.save(site, projects, EYES, replace(change(opened(site)), uploads=(upload,)), INES)
    assert saved.commit is not None
    paths = {each.path for each in site.repository.changes(saved.commit.id)}
    assert len(paths) == 2 and EYES in paths
    place = (paths - {EYES}).pop()
    assert place.endswith("rio-ancho.png")
    assert site.repository.read(place) == picture()
    assert "rio-ancho.png" in str(opened(site).values["img"])


def test_a_file_that_is_no_picture_stops_the_save(site: Site, projects: Collection) -> None:
    head = site.repository.head()
    upload = Upload(("img",), "x.png", b"<svg onload=alert(1)>")
    with pytest.raises(UploadRefused):
        entries.save(site, projects, EYES, replace(change(opened(site)), uploads=(upload,)), INES)
    assert site.repository.head() == head


def test_a_file_larger_than_its_field_takes_stops_the_save(site: Site, projects: Collection) -> None:
    fields = tuple(
        replace(one, options={**one.options, "max_bytes": 20}) if one.name == "img" else one
        for one in projects.fields
    )
    upload = Upload(("img",), "x.png", picture())
    wanted = replace(change(opened(site)), uploads=(upload,))
    with pytest.raises(UploadTooLarge):
        entries.save(site, replace(projects, fields=fields), EYES, wanted, INES)


def test_a_live_entry_needs_its_title(site: Site, projects: Collection) -> None:
    with pytest.raises(InvalidEntry) as caught:
        entries.save(site, projects, EYES, change(opened(site), title=""), INES)
    assert "title" in caught.value.errors


def test_a_deleted_entry_can_be_restored(site: Site, projects: Collection) -> None:
    data = site.repository.read(EYES)
    gone = entries.delete(site, projects, EYES, opened(site).base, INES)
    assert gone.commit is not None and EYES not in site.blobs()
    assert not (site.repository.folder / EYES).exists()
    entries.recover(site, recovering.version(site, EYES, gone.commit.id), INES)
    assert site.repository.read(EYES) == data
    assert is_clean(site)


def test_restoring_a_version_is_a_new_commit_of_that_file_alone(site: Site, projects: Collection) -> None:
    first = site.repository.head()
    data = site.repository.read(EYES)
    entries.save(site, projects, EYES, change(opened(site), title="Eyes"), INES)
    entries.recover(site, recovering.version(site, EYES, first), TOMAS)
    assert site.repository.read(EYES) == data
    assert numstat(site).startswith("Tomáš Novák")
    assert len(site.repository.history(EYES)) == 3


def test_a_post_whose_fields_cannot_be_read_keeps_its_text_editable(tmp_path: Path) -> None:
    broken = {**JEKYLL, "_posts/2026-05-01-broken.md": '---\ntitle: "open\n---\nThe text.\n'}
    site = open_made(make_repository(tmp_path / "s", broken), tmp_path / "t")
    posts, path = site.collection("posts"), "_posts/2026-05-01-broken.md"
    entry = entries.open_entry(site, posts, path)
    assert entry.problem
    entries.save(site, posts, path, Change(entry.base, {}, "Better.\n"), INES)
    assert site.repository.read(path) == b'---\ntitle: "open\n---\nBetter.\n'
    site.close()


def test_a_new_entry_notes_the_name_that_its_translations_share(tmp_path: Path) -> None:
    model = (
        "[collections.posts]\nfile_template = '_posts/{slug}.es.md'\n"
        "i18n = { layout = 'suffixes', locales = ['es', 'en'] }\n"
        "canonical = { key = 'translationKey' }\n"
        "[collections.posts.fields]\ntitle = { comment = 'Be short' }\n"
    )
    clone = make_repository(tmp_path / "s", {**JEKYLL, "gitcms.toml": model})
    site = open_made(clone, tmp_path / "t", settings(clone, tmp_path / "t"))
    blank = entries.blank_entry(site, site.collection("posts"))
    wanted = Change(base=blank.base, values={**blank.values, "title": "Año nuevo"}, body="", intent="publish")
    saved = entries.create(site, site.collection("posts"), wanted, INES)
    text = site.repository.read(saved.path).decode()
    assert saved.path.endswith("ano-nuevo.es.md")
    assert "translationKey: ano-nuevo\n" in text
    assert "# Be short\ntitle: Año nuevo\n" in text
    site.close()
