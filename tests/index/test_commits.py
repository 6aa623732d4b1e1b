"""The history against Git itself: brought along through anything that can happen, it says what git says."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitcms.index import HistoryBeingRead, commits, history_file, log, look_back
from tests.index.truth import Past, Play
from tests.making import git


@pytest.fixture
def past(tmp_path: Path) -> Iterator[Past]:
    play = Play(tmp_path, random.Random(1))
    past = Past(play)
    yield past
    past.close()
    play.close()


def test_whatever_happens_the_history_is_what_git_says(tmp_path: Path) -> None:
    seed = 7 if "CI" in os.environ else int.from_bytes(os.urandom(2))
    for number in range(6):
        play = Play(tmp_path / str(number), random.Random(seed + number))
        past, done = Past(play), []
        for _ in range(8):
            done += [play.step() for _ in range(play.chance.randint(1, 3))]
            assert past.told() == past.fresh(), (seed, number, done)
            assert past.told() == past.by_git(), (seed, number, done)
        past.close()
        play.close()


def test_an_entry_is_followed_as_git_follows_it(past: Past) -> None:
    site, path = past.play.site, "posts/0.md"
    for number in range(12):
        file = site / path
        said = [f"Line {line} of a text that is like no other.\n" for line in range(60)]
        file.write_text("".join(said[: 40 + number]))
        past.play._commit()
        if number % 4 == 3:
            git(site, "mv", path, f"posts/{number}.md")
            path = f"posts/{number}.md"
            past.play._commit()
    followed = git(site, "log", "--follow", "--format=%H", "--", path).split()
    assert [touch.commit.id for touch in past.of(path)] == followed
    assert len(followed) == 15


def test_a_name_is_told_at_each_time(past: Past) -> None:
    site = past.play.site
    first = past.play._paths()[0]
    begun = past.play.repository.head()
    git(site, "mv", first, "posts/second.md")
    past.play._commit()
    renamed = past.play.repository.head()
    (site / "posts/second.md").write_text((site / "posts/second.md").read_text() + "More.\n")
    past.play._commit()
    now = past.play.repository.head()
    names = [past.ask(lambda c, at=at: log.name_at(c, "posts/second.md", at)) for at in (begun, renamed, now)]
    assert names == [first, "posts/second.md", "posts/second.md"]
    assert past.ask(lambda c: log.moved_to(c, first)) == "posts/second.md"


def test_only_new_commits_are_read(past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    past.told()
    past.play._save()
    asked: list[str] = []
    told = past.play.repository.told
    monkeypatch.setattr(past.play.repository, "told", lambda ids: asked.extend(ids) or told(ids))
    past.told()
    assert asked == [past.play.repository.head()]


def test_what_was_read_stays_read(past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(6):
        past.play._save()
    monkeypatch.setattr(commits, "AT_ONCE", 2)
    commits.note(past.file, past.play.repository)

    turns = iter([True, True, False])
    commits.read(past.file, past.play.repository, lambda: next(turns))
    assert commits.note(past.file, past.play.repository) == (4, 7)
    asked: list[str] = []
    told = past.play.repository.told
    monkeypatch.setattr(past.play.repository, "told", lambda ids: asked.extend(ids) or told(ids))
    commits.read(past.file, past.play.repository)
    assert len(asked) == 3
    assert past.told() == past.by_git()


def test_nobody_waits_for_a_long_history(past: Past) -> None:
    past.play._save()
    with pytest.raises(HistoryBeingRead, match="0 of 2"):
        look_back(past.file, past.play.repository, past.everything, most=1)


def test_a_damaged_file_costs_time_alone(past: Past) -> None:
    told = past.told()
    past.file.close()
    past.file.path.write_bytes(b"no history at all " * 300)
    assert past.told() == told


def test_who_changed_what_is_told_by_person_and_folder(past: Past) -> None:
    site = past.play.site
    (site / "apart").mkdir()
    (site / "apart/one.md").write_text("---\ntitle: One\n---\n")
    git(site, "add", "-A")
    ada_herself = {"GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "Ada@Example.org"}
    git(site, "commit", "-q", "-m", "One", env=ada_herself)
    ada = past.play.repository.head()
    for asked in ({"person": "ada@example.org"}, {"folders": ["apart"]}):
        found = past.ask(lambda c, asked=asked: log.of_site(c, limit=9, **asked))
        assert [commit.id for commit in found] == [ada]
    assert ("ada@example.org", "Ada", 1) in [
        (one.key, one.name, one.changes) for one in past.ask(log.authors)
    ]


def test_what_was_deleted_is_told_with_its_last_content(past: Past) -> None:
    path = past.play._paths()[0]
    blob = past.play.repository.blob_of(path)
    git(past.play.site, "rm", "-q", path)
    past.play._commit()
    assert past.ask(lambda c: list(log.deletions(c))) == [(path, past.play.repository.head(), blob)]


def test_a_history_file_is_apart_from_the_index(past: Past) -> None:
    assert history_file(past.file.path.parent).path != past.play.index.path


def test_children_stand_above_their_parents_whatever_the_clock_said(past: Past) -> None:
    site, dates = past.play.site, ["2030-01-01T00:00:00", "1999-01-01T00:00:00", "2020-01-01T00:00:00"]
    for date in dates:
        git(site, "commit", "-q", "--allow-empty", "-m", date, env={"GIT_COMMITTER_DATE": date})
        past.play._write("posts/clock.md")
        git(site, "add", "-A")
        git(site, "commit", "-q", "-m", date, env={"GIT_COMMITTER_DATE": date})
    order = git(site, "rev-list", "HEAD", "--", "posts").split()
    assert [commit.id for commit in past.ask(lambda c: log.of_site(c, limit=9))] == order


def test_what_was_written_beside_and_joined_is_in_the_order_of_its_days(past: Past) -> None:
    site, path = past.play.site, "posts/joined.md"

    def commit(day: int, text: str) -> None:
        (site / path).write_text(text)
        git(site, "add", "-A")
        git(site, "commit", "-q", "-m", f"{day}", env={"GIT_COMMITTER_DATE": f"2035-01-{day:02}T00:00:00"})

    lines = [f"Line {number}\n" for number in range(30)]
    commit(1, "".join(lines))
    git(site, "checkout", "-q", "-b", "side")
    commit(2, "".join(["Begun otherwise\n", *lines[1:]]))
    git(site, "checkout", "-q", "main")
    past.told()
    commit(3, "".join([*lines[:-1], "Ended otherwise\n"]))
    git(site, "merge", "-q", "side", "-m", "4", env={"GIT_COMMITTER_DATE": "2035-01-04T00:00:00"})
    assert [touch.commit.subject for touch in past.of(path)] == ["4", "3", "2", "1"]
    assert past.told() == past.fresh() == past.by_git()
