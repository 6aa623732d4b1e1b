"""One change in many entries: what it does to each, what it leaves alone, what it tells of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gitcms import entries
from gitcms.accounts.permissions import Rights, Role
from gitcms.entries import ListQuery, Task, Writer
from gitcms.errors import InvalidEntry, NotFound, PermissionDenied
from gitcms.site import Site
from tests.making import INES, git, make_repository, open_made, settings

FILES = {
    "posts/a.md": "---\ntitle: A # one\nmood: calm\nweight: 3\ntags: [water, rain]\nlive: true\n---\nx\n",
    "posts/b.md": "---\ntitle: B\nmood: wild\nweight: 4\ntags: [rain]\nlive: false\n---\nx\n",
    "posts/c.md": "---\ntitle: C\nweight: many\ntags: water\n---\nx\n",
    "posts/d.md": "---\ntitle: D\nmood: calm\n---\nx\n",
}
ALL = list(FILES)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    folder = make_repository(tmp_path / "site", FILES)
    site = open_made(folder, tmp_path / "state", settings(folder, tmp_path / "state"))
    model = site.model()
    posts = model.collections[0]
    fields = tuple(
        replace(one, type={"weight": "number", "tags": "tags", "live": "boolean"}.get(one.name, one.type))
        for one in posts.fields
    )
    known = replace(model, collections=(replace(posts, fields=fields),))
    site.model = lambda: known  # type: ignore[method-assign]
    yield site
    site.close()


def after(site: Site, *task: str, paths: list[str] = ALL) -> dict[str, str | None]:
    """Do a task, and return the entries that it changed: their front matter's lines that differ."""
    entries.change_many(site, site.collection("posts"), paths, Task(*task), INES)
    shown: dict[str, str | None] = {}
    for path, old in FILES.items():
        if path not in site.blobs():
            shown[path[6]] = None
            continue
        new = site.repository.read(path).decode()
        if new != old:
            shown[path[6]] = "|".join(line for line in new.splitlines() if line not in old.splitlines())
    return shown


def test_a_field_is_set_where_it_is_not_so_already(site: Site) -> None:
    assert after(site, "set", "mood", "wild") == {"a": "mood: wild", "c": "mood: wild", "d": "mood: wild"}
    assert (
        git(Path(site.config.site.path), "log", "-1", "--format=%s").strip() == "Set Mood to wild in 3 posts"
    )


def test_a_field_is_cleared(site: Site) -> None:
    assert after(site, "clear", "mood") == {"a": "", "b": "", "d": ""}


def test_a_word_is_added_once_to_a_list_to_one_word_and_to_nothing(site: Site) -> None:
    assert after(site, "add", "tags", "water") == {
        "b": "tags: [rain, water]",
        "d": "tags:|  - water",
    }


def test_one_word_becomes_a_list_when_another_is_added(site: Site) -> None:
    assert after(site, "add", "tags", "rain", paths=["posts/c.md"])["c"] == "tags:|  - water|  - rain"


def test_a_word_is_taken_out_everywhere(site: Site) -> None:
    assert after(site, "remove", "tags", "water") == {"a": "tags: [rain]", "c": ""}


def test_a_word_is_replaced_and_none_is_there_twice(site: Site) -> None:
    assert after(site, "replace", "tags", "water", "rain") == {"a": "tags: [rain]", "c": "tags: rain"}


def test_yes_and_no_are_set_by_their_words(site: Site) -> None:
    assert after(site, "set", "live", "yes") == {"b": "live: true", "c": "live: true", "d": "live: true"}


def test_entries_are_deleted_in_one_save(site: Site) -> None:
    assert after(site, "delete", paths=["posts/a.md", "posts/b.md"]) == {"a": None, "b": None}
    assert git(Path(site.config.site.path), "rev-list", "--count", "HEAD").strip() == "2"


def test_what_would_be_wrong_is_told_and_the_rest_is_planned(site: Site) -> None:
    posts = site.collection("posts")
    head = site.repository.head()
    bulk = entries.plan_bulk(site, posts, [*ALL, "posts/gone.md", "../x"], Task("set", "weight", "heavy"))
    assert {path for path, _ in bulk.refused} == {"posts/a.md", "posts/b.md", "posts/d.md"}
    assert bulk.refused[0][1] == "Write a number, such as 12"
    assert [story.path for story in entries.bulk_stories(site, bulk)] == ["posts/c.md"]
    assert site.repository.head() == head


@pytest.mark.parametrize(
    ("task", "sentence"),
    [
        (Task("set", "", "x"), "Choose a field"),
        (Task("set", "mood", " "), "Write what it is to be"),
        (Task("replace", "mood", "calm", ""), "Write what takes its place"),
        (Task("add", "weight", "3"), "holds one thing only"),
    ],
)
def test_half_a_task_is_refused_in_words(site: Site, task: Task, sentence: str) -> None:
    with pytest.raises(InvalidEntry, match=sentence):
        entries.plan_bulk(site, site.collection("posts"), ALL, task)


def test_an_unknown_task_is_none(site: Site) -> None:
    with pytest.raises(NotFound):
        entries.plan_bulk(site, site.collection("posts"), ALL, Task("explode"))


def test_a_list_tells_all_its_entries(site: Site) -> None:
    posts = site.collection("posts")
    assert set(entries.paths_of(site, posts, ListQuery())) == set(ALL)
    assert entries.paths_of(site, posts, ListQuery(choices=(("mood", "wild"),))) == ["posts/b.md"]


def test_nothing_is_changed_where_one_is_not_theirs_to_change(site: Site) -> None:
    head = site.repository.head()
    dora = Writer("Dora Paz", "dora@example.org", Rights(Role.CONTRIBUTOR))
    with pytest.raises(PermissionDenied):
        entries.change_many(site, site.collection("posts"), ALL, Task("clear", "mood"), dora)
    assert site.repository.head() == head
