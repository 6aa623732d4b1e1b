"""The bunch of keys: lists while the index is filled for the first time."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitcms import entries, index, media
from gitcms.entries import ListQuery
from gitcms.errors import StorageFailed
from gitcms.repository import FileChange, Person
from gitcms.schema.collection import Model
from gitcms.site import ListsBeingMade, Recent, Site
from tests.making import JEKYLL, git, make_repository, open_made


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    folder = make_repository(tmp_path / "site", {**JEKYLL, "images/river.png": "a picture"})
    opened = open_made(folder, tmp_path / "state")
    yield opened
    opened.close()


def test_while_the_lists_are_made_others_are_told_how_far_it_is(site: Site, monkeypatch) -> None:
    began, go_on = threading.Event(), threading.Event()
    read = site.repository.read_blobs

    def slowly(blobs):
        began.set()
        assert go_on.wait(20)
        return read(blobs)

    monkeypatch.setattr(site.repository, "read_blobs", slowly)
    filling = threading.Thread(target=site.ask, args=(index.sizes,))
    filling.start()
    assert began.wait(20)
    assert not site.has_lists
    with pytest.raises(ListsBeingMade, match=r"0 of [1-9][0-9]* so far") as told:
        site.ask(index.sizes, patience=0.05)
    assert "Look again" in told.value.hint
    go_on.set()
    filling.join(20)
    assert site.has_lists
    assert entries.listing(site, site.collection("projects"), ListQuery()).total == 2


def test_a_closed_site_reads_no_further(site: Site) -> None:
    site._closed = True
    with pytest.raises(StorageFailed, match="ends"):
        site.ask(index.sizes)
    site._closed = False
    assert site.ask(index.sizes)["projects"] == 2


def test_after_a_save_the_files_are_told_without_listing_all(site: Site, monkeypatch) -> None:
    site.blobs()
    real, ada = site.repository.files, Person("Ada", "a@example.org")
    for changes in ({"new.md": b"A\n"}, {"new.md": b"B\n"}, {"new.md": None, "images/river.png": None}):
        base = {path: site.blobs().get(path) for path in changes}
        site.repository.save(changes, base=base, author=ada, message="x")
        with monkeypatch.context() as listing:
            listing.setattr(site.repository, "files", lambda *_: pytest.fail("all files were looked at"))
            told = site.blobs()
        assert told == {file.path: file.blob for file in real()}
    assert "new.md" not in site.blobs() and "images/river.png" not in site.blobs()


def test_a_picture_is_looked_up_without_a_list_of_all_files(site: Site, monkeypatch) -> None:
    site.model()
    monkeypatch.setattr(site.repository, "files", lambda *_: pytest.fail("all files were looked at"))
    assert media.find(site, "/images/river.png", "_projects/letters.md") == "images/river.png"


NO_FILES = ("/images/none.png", "\ud800.png", "a\0b.png", "", "/", "../../etc/passwd", "images")


@pytest.mark.parametrize("value", NO_FILES, ids=ascii)
def test_a_value_that_names_no_file_finds_none(site: Site, value: str) -> None:
    assert media.find(site, value, "_projects/letters.md") is None


def test_a_model_is_read_from_the_index_where_there_is_one(tmp_path: Path, monkeypatch) -> None:
    folder = make_repository(
        tmp_path / "site", {**JEKYLL, "_posts/2026-01-01-torn.md": "---\ntitle: [\n---\n"}
    )
    first = open_made(folder, tmp_path / "state")
    model = first.model()
    first.ask(index.sizes)
    first.close()
    second = open_made(folder, tmp_path / "state")
    read, real = [], second.repository.read_blob
    monkeypatch.setattr(second.repository, "read_blob", lambda blob: read.append(blob) or real(blob))
    assert second.model() == model
    files = second.blobs()
    assert [path for path in files if path.endswith(".md") and files[path] in read] == []
    second.index.close()
    (tmp_path / "state" / index.tables.NAME).write_bytes(b"no database")
    second._model = None
    assert second.model() == model
    second.close()


def test_a_large_site_is_looked_at_first_and_read_then(tmp_path: Path, monkeypatch) -> None:
    posts = {f"_posts/2026-01-0{n}-a.md": f"---\ntitle: A\nkey{n}: x\n---\n" for n in range(1, 9)}
    folder = make_repository(tmp_path / "site", {**JEKYLL, **posts})
    small = open_made(folder, tmp_path / "one")
    model = small.model()
    small.close()
    monkeypatch.setattr("gitcms.site.LARGE", 5)
    monkeypatch.setattr("gitcms.site.FIRST_LOOK", 2)
    site = open_made(folder, tmp_path / "two")
    first = site.model()
    assert [one.name for one in first.collections] == [one.name for one in model.collections]
    assert len(first.collection("posts").fields) < len(model.collection("posts").fields)
    assert site.ask(index.sizes)["posts"] == len(posts) + 3
    _until_looked_again()
    assert site.model() == model and site.edition == 2
    assert site.ask(index.sizes)["posts"] == len(posts) + 3
    site.close()
    _starts_again_with_its_model(folder, tmp_path / "two", model, monkeypatch)


def _until_looked_again() -> None:
    for one in threading.enumerate():
        if one.name == "gitcms-model":
            one.join(60)


def _starts_again_with_its_model(folder: Path, state: Path, model: Model, monkeypatch) -> None:
    reading = []
    read = Site._read_model
    monkeypatch.setattr(Site, "_read_model", lambda self, *asked: reading.append(asked) or read(self, *asked))
    monkeypatch.setattr("gitcms.site.LOOK_AGAIN_SECONDS", 0.2)

    def start(waits: bool) -> tuple[Model, int]:
        reading.clear()
        site = open_made(folder, state)
        found = site.model()
        read_before = len(reading)
        if waits:
            _until_looked_again()
        site.close()
        assert len(reading) == read_before + waits
        return found, read_before

    def commit(path: str, text: str) -> None:
        (folder / path).write_text(text)
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "-m", "Outside")

    assert start(waits=False) == (model, 0)
    commit("_posts/2026-01-01-a.md", "---\ntitle: A\nnew: x\n---\n")
    assert start(waits=True) == (model, 0)
    found, _ = start(waits=False)
    assert found.collection("posts").field_of("new") is not None
    commit("gitcms.toml", '[collections.posts]\nlabel = "Essays"\n')
    found, read_before = start(waits=True)
    assert found.collection("posts").label == "Essays" and read_before == 1
    (state / "model.json").write_bytes(b"torn")
    assert start(waits=True)[1] == 1


def test_whoever_comes_while_the_model_is_read_is_told_so(site: Site) -> None:
    with site._lock, pytest.raises(ListsBeingMade):
        site.ask(index.sizes, patience=0.01)
    model = site.model()
    with site._lock:
        assert site.configured(patience=0.01).model is model


def test_while_many_entries_are_looked_at_nobody_waits_for_the_model(site: Site) -> None:
    model = site.model()
    site._lock = None  # type: ignore[assignment]
    assert site.configured().model is model


def test_what_a_save_makes_of_the_model_is_told_by_that_save_alone(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.model()
    edition, asked, real = site.edition, [], site.repository.between

    def between(old: str, new: str) -> list[FileChange]:
        asked.append((old, new))
        return real(old, new)

    monkeypatch.setattr(site.repository, "between", between)
    heads = [site.repository.head()]
    path = next(path for path in sorted(site.blobs()) if site.collection_of(path))
    for number in range(3):
        data = site.repository.read(path) + f"{number}\n".encode()
        base = {path: site.repository.blob_of(path)}
        site.repository.save({path: data}, base=base, author=Person("Ada", "a@example.org"), message="x")
        site.model()
        heads.append(site.repository.head())
    assert asked == list(itertools.pairwise(heads))
    assert site.edition == edition
    base = {"fresh/new.md": None}
    data = b"---\ntitle: A new part\n---\n"
    site.repository.save(
        {"fresh/new.md": data}, base=base, author=Person("Ada", "a@example.org"), message="x"
    )
    site.model()
    assert site.edition == edition + 1


def test_many_small_changes_are_many_changes(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though each was looked at by itself."""
    site.model()
    edition = site.edition
    ada = Person("Ada", "a@example.org")
    paths = [path for path in sorted(site.blobs()) if site.collection_of(path)]
    holder = paths[0].rpartition("/")[0]
    for number in range(30):
        path = f"{holder}/2024-01-{number + 1:02}-more.md"
        site.repository.save({path: b"---\ntitle: x\n---\n"}, base={path: None}, author=ada, message="x")
        site.model()
    assert site.edition > edition


def test_an_answer_is_given_while_it_is_young_and_looked_for_anew_behind_it() -> None:
    now, asked, renewed = [0.0], itertools.count(), threading.Event()

    def make() -> int:
        number = next(asked)
        if number == 1:
            renewed.set()
        return number

    recent: Recent[int] = Recent(fresh=5, stale=300, clock=lambda: now[0])
    assert (recent.get(make), recent.get(make)) == (0, 0)
    now[0] = 6
    assert recent.get(make) == 0
    assert renewed.wait(10)
    assert looked(recent) == 1
    assert recent.get(make) == 1
    now[0] = 307
    assert recent.get(make) == 2


def looked(recent: Recent[int]) -> int:
    """What comes of the look that is going on."""
    assert recent._looking is not None
    return recent._looking.result(10)


def test_nobody_waits_longer_than_they_will_for_an_answer_and_one_look_serves_all() -> None:
    go_on, asked = threading.Event(), itertools.count()

    def slowly() -> int:
        assert go_on.wait(10)
        return next(asked)

    recent: Recent[int] = Recent(fresh=5, stale=300)
    assert (recent.get(slowly, 0.01), recent.get(slowly, 0.01)) == (None, None)
    go_on.set()
    assert (looked(recent), recent.get(slowly, 0.01)) == (0, 0)


def test_a_look_behind_that_fails_leaves_the_answer_and_is_tried_again() -> None:
    now: list[float] = [0.0]

    def fail() -> int:
        raise StorageFailed("The disk is gone.")

    recent: Recent[int] = Recent(fresh=5, stale=300, clock=lambda: now[0])
    recent.get(lambda: 7)
    now[0] = 6
    assert recent.get(fail) == 7
    with pytest.raises(StorageFailed):
        looked(recent)
    assert recent.get(fail) == 7
