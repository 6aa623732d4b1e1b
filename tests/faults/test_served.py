"""Faults under a running server, as an author at its page meets them: a sentence, and never a 500."""

from __future__ import annotations

import contextlib
import itertools
import os
import resource
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults import at_the_desk
from tests.faults.at_the_desk import (
    EYES,
    PLACE,
    Desk,
    add_people,
    away,
    filled,
    immutable,
    injected,
    picture,
    read_only,
    sit_down,
    without_room_for_files,
)
from tests.making import JEKYLL, git, make_repository
from tests.serving import Form, served

Fault = Callable[[Desk], AbstractContextManager[None]]


@pytest.fixture(scope="module")
def at_ease(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One server for all faults that come and go, on an ordinary disk."""
    folder = tmp_path_factory.mktemp("served")
    (folder / "state").mkdir()
    add_people(folder / "state", "ines", "tomas")
    site = make_repository(folder / "site", JEKYLL)
    with (folder / "log").open("wb") as log, served(site, folder / "state", log=log) as server:
        yield sit_down(site, server.address, server.process.pid)


@contextlib.contextmanager
def limited(desk: Desk, what: int, value: int) -> Iterator[None]:
    """Lower a limit of the running server (setrlimit(2))."""
    old = resource.prlimit(desk.pid, what)
    resource.prlimit(desk.pid, what, (value, old[1]))
    try:
        yield
    finally:
        resource.prlimit(desk.pid, what, old)


def leaving(desk: Desk, count: int) -> int:
    """Return the limit below which only so many of the server's file numbers are free."""
    taken = {int(name) for name in os.listdir(f"/proc/{desk.pid}/fd")}
    free = (number for number in itertools.count() if number not in taken)
    return next(itertools.islice(free, count, None))


FAULTS: dict[str, tuple[Fault, str]] = {
    "no quota left": (lambda desk: injected(desk.pid, "writev:error=EDQUOT"), "quota"),
    "no room to write": (lambda desk: injected(desk.pid, "writev:error=ENOSPC"), "full"),
    "waiting for the disk fails": (lambda desk: injected(desk.pid, "fsync:error=EIO"), "reported an error"),
    "waiting fails at the third file": (
        lambda desk: injected(desk.pid, "fsync:error=EIO:when=3"),
        "reported an error",
    ),
    "a file cannot take its place": (lambda desk: injected(desk.pid, "rename:error=EIO"), "an error"),
    "the list of files cannot be read": (
        lambda desk: injected(desk.pid, "read,pread64:error=EIO", only=desk.site / ".git/index"),
        "reported an error",
    ),
    "files may not be large": (lambda desk: limited(desk, resource.RLIMIT_FSIZE, 4096), "larger than"),
    "the file cannot be replaced": (lambda desk: immutable(desk.site / EYES), "permission"),
    "the folder cannot be written": (lambda desk: immutable(desk.site / "_projects"), "permission"),
    "the branch cannot be written": (lambda desk: immutable(desk.site / ".git/refs/heads"), "permission"),
    "git's data cannot be written": (lambda desk: immutable(desk.site / ".git"), "permission"),
    "the site is elsewhere": (lambda desk: away(desk.site), "outside"),
    "git's data are elsewhere": (lambda desk: away(desk.site / ".git"), "outside"),
    "the branch is gone": (lambda desk: away(desk.site / ".git/refs/heads/main"), "outside"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_a_sentence_and_the_text_stays(at_ease: Desk, name: str) -> None:
    desk = at_ease
    desk.write()
    before = desk.state()
    fault, words = FAULTS[name]
    with fault(desk):
        answer = desk.save()
    desk.check_refused(answer, words)
    assert desk.state() == before
    desk.check_saved()


def test_too_few_open_files_are_a_sentence_or_a_wait(at_ease: Desk) -> None:
    """A server also closes files by itself meanwhile, so that a save may find the room it needs."""
    for free in (6, 5, 4, 3, 2):
        at_ease.write()
        before = at_ease.state()
        with limited(at_ease, resource.RLIMIT_NOFILE, leaving(at_ease, free)):
            answer = at_ease.save()
        if answer.status != 303:
            break
    at_ease.check_refused(answer, "files open")
    assert at_ease.state() == before
    at_ease.check_saved()


NEW = "/collections/projects/new"


def test_a_machine_that_starts_no_more_programs_is_said(at_ease: Desk) -> None:
    """Only a new name makes us ask git whether the site leaves it out."""
    desk = at_ease
    for helper in Path(f"/proc/{desk.pid}/task").glob("*/children"):
        for child in helper.read_text().split():
            if b"check-ignore" in Path(f"/proc/{child}/cmdline").read_bytes():
                os.kill(int(child), 9)
    page = desk.person.get(NEW).text
    desk.typed = "Measured by nobody yet."
    form = Form.first(page, 'method="post"').with_values(
        {"f.title": "More jars", "body": desk.typed, "intent": "draft"}
    )
    before = desk.state()
    with injected(desk.pid, "vfork,clone,clone3,fork:error=EAGAIN"):
        answer = desk.person.post(NEW, form)
    desk.check_refused(answer, "another program")
    assert desk.state() == before
    assert desk.person.post(NEW, form).status == 303
    assert git(desk.site, "status", "--porcelain") == ""


def test_a_slow_disk_keeps_only_its_own_author_waiting(at_ease: Desk) -> None:
    """Others read meanwhile, and an impatient second click is no second version."""
    desk = at_ease
    desk.write()
    before = git(desk.site, "rev-list", "--count", "HEAD")
    other = sit_down(desk.site, desk.person.address, desk.pid, "tomas")
    answers = []
    with injected(desk.pid, "fsync:delay_enter=300000"):
        clicks = [threading.Thread(target=lambda: answers.append(desk.save())) for _ in range(2)]
        clicks[0].start()
        time.sleep(0.3)
        clicks[1].start()
        began = time.monotonic()
        assert other.person.get("/").status == 200
        assert other.person.get(PLACE).status == 200
        assert clicks[0].is_alive() and time.monotonic() - began < 3
        for click in clicks:
            click.join()
    assert [answer.status for answer in answers] == [303, 303]
    assert int(git(desk.site, "rev-list", "--count", "HEAD")) == int(before) + 1
    assert desk.typed in (desk.site / EYES).read_text()


@pytest.mark.parametrize("nth", [1, 6, 11, 16, 21, 26])
def test_a_file_that_cannot_be_closed_is_done_or_not_done(at_ease: Desk, nth: int) -> None:
    desk = at_ease
    desk.write()
    head = git(desk.site, "rev-parse", "HEAD")
    with injected(desk.pid, f"close:error=EIO:when={nth}"):
        answer = desk.save()
    if answer.status == 303:
        assert git(desk.site, "rev-parse", "HEAD") != head
        assert desk.typed in (desk.site / EYES).read_text()
    else:
        desk.check_refused(answer)
        assert git(desk.site, "rev-parse", "HEAD") == head
    desk.write()
    desk.check_saved()


# ── small disks ──


@dataclass
class Disks:
    """A server whose site, pictures and own records lie on three small disks."""

    desk: Desk
    site: Path
    pictures: Path
    state: Path


@pytest.fixture(scope="module")
def disks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disks]:
    folder = tmp_path_factory.mktemp("disks")
    with ExitStack() as stack:
        site = stack.enter_context(small_disk(folder / "one"))
        state = stack.enter_context(small_disk(folder / "two"))
        clone = make_repository(site / "site", {**JEKYLL, "assets/img/river.png": picture()})
        (state / "state").mkdir()
        pictures = clone / "assets/img"
        kept = (pictures / "river.png").read_bytes()
        stack.enter_context(small_disk(pictures, "size=1m"))
        (pictures / "river.png").write_bytes(kept)
        add_people(state / "state", "ines")
        log = stack.enter_context((folder / "log").open("wb"))
        server = stack.enter_context(served(clone, state / "state", log=log))
        yield Disks(sit_down(clone, server.address, server.process.pid), site, pictures, state)


@contextlib.contextmanager
def small_disk(folder: Path, options: str = "size=8m,nr_inodes=3000") -> Iterator[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "none", str(folder)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("needs root: run the tests as root, to mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.parametrize("leaving", [0, 4, 8, 12, 16, 24, 32])
def test_a_full_disk_keeps_text_and_site(disks: Disks, leaving: int) -> None:
    desk = disks.desk
    desk.write()
    before = desk.state()
    with filled(disks.site, leaving=leaving):
        answer = desk.save()
        assert desk.person.get(PLACE).status == 200
    if answer.status == 303:
        assert leaving >= 24
        desk.write()
    else:
        desk.check_refused(answer, "full")
        assert desk.state() == before
    desk.check_saved()


def test_a_disk_without_room_for_another_file_keeps_text_and_site(disks: Disks) -> None:
    desk = disks.desk
    desk.write()
    before = desk.state()
    with without_room_for_files(disks.site):
        answer = desk.save()
    desk.check_refused(answer, "full")
    assert desk.state() == before
    desk.check_saved()


def test_a_disk_that_becomes_read_only_keeps_text_and_site(disks: Disks) -> None:
    desk = disks.desk
    desk.write()
    before = desk.state()
    with read_only(disks.site):
        answer = desk.save()
        assert desk.person.get(PLACE).status == 200
    desk.check_refused(answer, "read-only")
    assert desk.state() == before
    desk.check_saved()


def test_a_full_disk_under_the_pictures_alone_saves_neither(disks: Disks) -> None:
    desk = disks.desk
    desk.write()
    before = desk.state()
    files = {"file.img": ("more.png", picture())}
    with filled(disks.pictures):
        answer = desk.person.post_with_files(PLACE, desk.fields, files)
    desk.check_refused(answer, "full")
    assert desk.state() == before
    assert os.listdir(disks.pictures) == ["river.png"]
    assert desk.person.post_with_files(PLACE, desk.fields, files).status == 303
    assert sorted(os.listdir(disks.pictures)) == ["more.png", "river.png"]


def test_own_records_on_a_full_disk_stop_no_reading(disks: Disks) -> None:
    """The lock and the notice for the next page lie there: a save is done or refused, never half."""
    desk = disks.desk
    desk.write()
    before = desk.state()
    with filled(disks.state):
        (desk.site / "_projects/by-hand.md").write_text("---\ntitle: By hand\nlayout: project\n---\nNew.\n")
        git(desk.site, "add", "-A")
        git(desk.site, "commit", "-q", "-m", "By hand")
        before = desk.state()
        assert desk.person.get("/").status in (200, 507)
        assert desk.person.get("/collections/projects/").status in (200, 507)
        assert desk.person.get(PLACE).status == 200
        answer = desk.save()
        stranger = at_the_desk.Person(desk.person.address)
        assert stranger.get("/sign-in").status < 500
    if answer.status == 303:
        assert desk.typed in (desk.site / EYES).read_text()
    else:
        desk.check_refused(answer)
        assert desk.state() == before
    desk.write()
    desk.check_saved()


def test_another_server_that_stands_still_in_a_save_is_waited_for_only_so_long(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    add_people(tmp_path / "state", "ines", "tomas")
    site = make_repository(tmp_path / "site", JEKYLL)
    limits = "[limits]\nlock_seconds = 1\n"
    env = {"GITCMS_FAILPOINT": "save.files:sleep=0.5"}
    with (
        served(site, tmp_path / "state", extra=limits, env=env) as still,
        served(site, tmp_path / "state", extra=limits) as other,
    ):
        first = sit_down(site, still.address, still.process.pid)
        second = sit_down(site, other.address, other.process.pid, "tomas")
        first.write()
        second.write()
        done = []
        click = threading.Thread(target=lambda: done.append(first.save()))
        click.start()
        time.sleep(0.25)
        os.kill(first.pid, signal.SIGSTOP)
        try:
            began = time.monotonic()
            answer = second.save()
            assert time.monotonic() - began < 5
            second.check_refused(answer, "your turn")
            assert answer.headers["retry-after"]
            assert second.person.get(PLACE).status == 200
        finally:
            os.kill(first.pid, signal.SIGCONT)
        click.join()
        assert [answer.status for answer in done] == [303]
        second.write()
        second.check_saved()
