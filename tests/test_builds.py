"""Rebuilds by a real command: a clean copy goes in, the last good result stays."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitcms import builds, entries, events
from gitcms.database.models import Build
from gitcms.entries import Change
from gitcms.errors import BuildError
from gitcms.jobs import Worker
from gitcms.site import Site
from tests.making import INES, JEKYLL, git, make_repository, open_made, settings

COPY = "import os, shutil, sys; shutil.copytree('.', sys.argv[1], dirs_exist_ok=True); print(os.getcwd())"
EYES = "_projects/eyes-on-the-river.md"


def site_with(tmp_path: Path, script: str, **build: object) -> Site:
    folder = tmp_path / "site"
    if not folder.exists():
        make_repository(folder, JEKYLL)
    command = [sys.executable, "-c", script, "{output}"]
    config = settings(folder, tmp_path / "state").with_values(
        "build", command=command, **{"quiet_seconds": 0.0, "most_seconds": 0.0, **build}
    )
    return open_made(folder, tmp_path / "state", config)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    opened = site_with(tmp_path, COPY)
    yield opened
    opened.close()


def rebuild(site: Site) -> builds.BuildStatus:
    builds.request(site, "Inés")
    assert builds.run_next(site, threading.Event())
    return builds.status(site)


def rename(site: Site, title: str) -> None:
    collection = site.collection_of(EYES)
    assert collection is not None
    entry = entries.open_entry(site, collection, EYES)
    entries.save(site, collection, EYES, Change(entry.base, {**entry.values, "title": title}, None), INES)


def test_a_rebuild_puts_the_finished_site_in_place(site: Site) -> None:
    done = rebuild(site)
    assert (done.state, done.commit, done.requested_by) == (builds.LIVE, site.repository.head(), "Inés")
    assert (builds.output_folder(site) / EYES).read_bytes() == site.repository.read(EYES)


def test_the_copy_holds_what_is_saved_and_nothing_else(site: Site) -> None:
    (site.repository.folder / "scratch.md").write_text("not saved")
    (site.repository.folder / EYES).write_text("half a thought")
    rebuild(site)
    out = builds.output_folder(site)
    assert not (out / "scratch.md").exists() and not (out / ".git").exists()
    assert (out / EYES).read_bytes() == site.repository.read(EYES)


def test_the_next_rebuild_has_the_next_save_and_not_what_was_deleted(site: Site) -> None:
    rebuild(site)
    rename(site, "Eyes")
    git(site.repository.folder, "rm", "-q", "_projects/letters.md")
    git(site.repository.folder, "commit", "-q", "-m", "Drop")
    rebuild(site)
    out = builds.output_folder(site)
    assert b"title: Eyes\n" in (out / EYES).read_bytes()
    assert not (out / "_projects/letters.md").exists()


def test_what_is_saved_after_a_rebuild_is_not_called_live(site: Site) -> None:
    assert rebuild(site).state == builds.LIVE
    rename(site, "Eyes")
    assert builds.status(site).state == builds.QUEUED


def test_a_failed_rebuild_says_why_and_leaves_the_last_good_site(tmp_path: Path) -> None:
    good = site_with(tmp_path, COPY)
    rebuild(good)
    good.close()
    bad = site_with(tmp_path, "import sys; print('template broken'); sys.exit(3)")
    failed = rebuild(bad)
    assert failed.state == builds.FAILED and "reported a mistake" in failed.message
    assert failed.log == "template broken\n"
    assert (builds.output_folder(bad) / EYES).exists()
    bad.close()


def test_a_command_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    site = site_with(tmp_path, COPY)
    config = site.config.with_values("build", command=["no-such-generator-at-all"])
    site.close()
    site = open_made(tmp_path / "site", tmp_path / "state", config)
    assert "cannot be started" in rebuild(site).message
    site.close()


def test_a_rebuild_that_makes_nothing_is_no_success(tmp_path: Path) -> None:
    site = site_with(tmp_path, "pass")
    assert rebuild(site).state == builds.FAILED
    site.close()


def test_a_rebuild_that_hangs_is_stopped_with_all_it_started(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    script = (
        "import subprocess, sys, time; child = subprocess.Popen(['sleep', '600']); "
        f"open({str(pid)!r}, 'w').write(str(child.pid)); time.sleep(600)"
    )
    site = site_with(tmp_path, script, timeout_seconds=1)
    assert "longer than 1 seconds" in rebuild(site).message
    assert is_gone(int(pid.read_text()))
    site.close()


def is_gone(process: int) -> bool:
    for _ in range(50):
        try:
            state = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.1)
    return False


def test_the_command_sees_no_secret_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_TOKEN", "s3cret")
    site = site_with(tmp_path, "import os; print(sorted(os.environ), os.environ.get('MY_TOKEN'))")
    assert "s3cret" not in rebuild(site).log
    site.close()


def test_where_the_copy_lies_is_not_told(site: Site) -> None:
    assert str(site.state) not in rebuild(site).log


def test_many_saves_are_one_rebuild_of_the_newest(site: Site) -> None:
    for number in range(5):
        rename(site, f"Eyes {number}")
        assert events.catch_up(site)
    assert not events.catch_up(site)
    assert [row.state for row in builds.recent(site)] == [builds.QUEUED]
    builds.run_next(site, threading.Event())
    assert builds.status(site).commit == site.repository.head()


def test_a_save_by_a_developer_is_rebuilt_like_an_authors(site: Site) -> None:
    events.catch_up(site)
    builds.run_next(site, threading.Event())
    (site.repository.folder / EYES).write_text("---\ntitle: From the shell\n---\n")
    git(site.repository.folder, "commit", "-q", "-am", "Shell")
    assert events.catch_up(site)
    assert builds.status(site).requested_by == "Dev Eloper"


def test_a_rebuild_waits_for_the_saves_to_come_to_rest(tmp_path: Path) -> None:
    site = site_with(tmp_path, COPY, quiet_seconds=60.0, most_seconds=600.0)
    builds.request(site, "Inés")
    assert not builds.run_next(site, threading.Event())
    site.close()


def test_what_a_stopped_server_left_is_begun_again(site: Site) -> None:
    builds.request(site, "Inés")
    stop = threading.Event()
    stop.set()
    builds.run_next(site, stop)
    with site.database.session() as session:
        row = session.get_one(Build, 1)
        row.state = builds.RUNNING
    builds.requeue_interrupted(site)
    assert [row.state for row in builds.recent(site)] == [builds.QUEUED, builds.FAILED]


def test_a_folder_that_is_not_ours_is_not_replaced(tmp_path: Path) -> None:
    own = tmp_path / "public"
    own.mkdir()
    (own / "index.html").write_text("mine")
    site = site_with(tmp_path, COPY, output=str(own))
    assert "folder of its own" in rebuild(site).message
    assert (own / "index.html").read_text() == "mine"
    site.close()


def test_a_site_without_a_command_says_so(tmp_path: Path) -> None:
    site = open_made(make_repository(tmp_path / "s", JEKYLL), tmp_path / "t")
    assert builds.status(site).state == builds.OFF
    with pytest.raises(BuildError):
        builds.request(site, "Inés")
    site.close()


def test_of_two_workers_one_works_and_the_other_takes_over(site: Site) -> None:
    first, second = Worker(site), Worker(site)
    first.start()
    wait_for(lambda: builds.status(site).state == builds.LIVE)
    second.start()
    first.stop()
    rename(site, "Eyes")
    wait_for(lambda: builds.status(site).commit == site.repository.head())
    wait_for(lambda: builds.status(site).state == builds.LIVE)
    second.stop()


def wait_for(condition: object, seconds: float = 20) -> None:
    assert callable(condition)
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)
