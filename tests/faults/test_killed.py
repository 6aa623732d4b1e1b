"""The server killed in the middle of things and started again: what was answered is there, the rest whole."""

from __future__ import annotations

import contextlib
import http.client
import io
import os
import random
import resource
import signal
import sys
import threading
import time
from html import unescape
from pathlib import Path

import pytest
from PIL import Image

from gitcms.accounts.permissions import Role
from tests.faults.at_the_desk import EYES, PLACE, Desk, House, add_people, picture, told
from tests.making import JEKYLL, git, make_repository
from tests.serving import Answer, Form

DRAFT = "_drafts/a-winter-of-numbers.md"
DRAFT_PLACE = f"/collections/posts/entries/{DRAFT}"
BUILD = """
[build]
command = ["{python}", "-c", "import sys, pathlib; p = pathlib.Path(sys.argv[1]); p.mkdir(exist_ok=True); \
(p / 'index.html').write_text('built')", "{{output}}"]
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    folder = tmp_path_factory.mktemp("house")
    (folder / "state").mkdir()
    add_people(folder / "state", "ines", role=Role.ADMIN)
    make_repository(folder / "site", {**JEKYLL, "assets/img/river.png": picture()})
    return House(folder)


def edit(desk: Desk) -> Answer:
    desk.write()
    return desk.save()


def with_picture(desk: Desk) -> Answer:
    desk.write()
    return desk.person.post_with_files(PLACE, desk.fields, {"file.img": ("jar.png", picture(7))})


def publish(desk: Desk) -> Answer:
    form = Form.first(desk.person.get(DRAFT_PLACE).text, DRAFT_PLACE)
    desk.typed = f"Numbers of a winter, {random.random()}."
    return desk.person.post(DRAFT_PLACE, form.with_values({"body": desk.typed, "intent": "publish"}))


KILLED = [
    ("save.start", edit, False),  # the form was read
    ("file.temporary", edit, False),
    ("save.objects", edit, True),
    ("save.done", edit, True),  # all is done, and nobody was answered
    ("object.rename:3", with_picture, False),
    ("file.rename:2", with_picture, True),
    ("file.rename", publish, True),
]


def test_a_server_killed_in_a_save_has_it_done_or_undone_at_its_next_start(house: House) -> None:
    for failpoint, act, will_be_there in KILLED:
        before = house.count()
        with house.open(f"{failpoint}:kill") as desk:
            with pytest.raises((http.client.HTTPException, ConnectionError)):
                act(desk)
            typed = desk.typed
        with house.open() as desk:
            house.check_whole()
            everywhere = "".join(path.read_text() for path in house.site.glob("_*/*.md"))
            assert (typed in everywhere) == will_be_there, failpoint
            assert house.count() == before + will_be_there, failpoint
            # It is said in the log and to the administrators; not where the save was complete already.
            said = will_be_there and failpoint != "save.done"
            home = told(desk.person.get("/"))
            for words in (house.log, home):
                assert ("was interrupted has been completed" in words) == said, (failpoint, words)
            assert edit(desk).status == 303
            house.check_whole()


def test_what_follows_from_a_save_is_done_after_a_kill_behind_its_answer(house: House) -> None:
    """No cursor has moved over the new version by then: the next start rebuilds it, once."""
    extra = BUILD.format(python=sys.executable) + "quiet_seconds = 0\n"
    with house.open(extra=extra) as desk:
        desk.write()
        assert desk.save().status == 303
        os.kill(desk.pid, signal.SIGKILL)
        head = git(house.site, "rev-parse", "HEAD").strip()
        assert desk.typed in (house.site / EYES).read_text()
    with house.open(extra=extra) as desk:
        house.check_whole()
        for _ in range(200):
            if house.rebuilds(head) == ["live"]:
                break
            time.sleep(0.1)
        assert house.rebuilds(head) == ["live"]
        assert git(house.site, "rev-parse", "HEAD").strip() == head


def test_a_server_that_is_told_to_end_finishes_its_saves(house: House) -> None:
    """SIGTERM while eight people save: each is answered, or reached nothing; over within ten seconds."""
    before = house.count()
    with house.open("file.fsync:sleep=0.2") as desk:
        pages = [desk.person.get(place).text for place in [PLACE] * 8]
        answers: list[int] = []

        def save(number: int, page: str) -> None:
            form = Form.first(page, PLACE).with_values({"f.year": str(2030 + number), "intent": "save"})
            with contextlib.suppress(http.client.HTTPException, ConnectionError):
                answers.append(desk.person.post(PLACE, form).status)

        people = [threading.Thread(target=save, args=one) for one in enumerate(pages)]
        for person in people:
            person.start()
        time.sleep(0.15)
        began = time.monotonic()
        os.kill(desk.pid, signal.SIGTERM)
        for person in people:
            person.join()
        while Path(f"/proc/{desk.pid}/fd").exists() and os.listdir(f"/proc/{desk.pid}/fd"):
            assert time.monotonic() - began < 10
            time.sleep(0.05)
    house.check_whole()
    assert house.count() - before >= answers.count(303)
    assert set(answers) <= {303, 409, 503}, answers


def test_a_request_that_needs_more_memory_than_there_is_fails_alone(house: House) -> None:
    out = io.BytesIO()
    Image.new("RGB", (7000, 7000)).save(out, "PNG")
    with house.open() as desk:
        desk.write()
        before = git(house.site, "rev-parse", "HEAD")
        size = next(
            int(line.split()[1]) * 1024
            for line in Path(f"/proc/{desk.pid}/status").read_text().splitlines()
            if line.startswith("VmSize:")
        )
        old = resource.prlimit(desk.pid, resource.RLIMIT_AS)
        resource.prlimit(desk.pid, resource.RLIMIT_AS, (size + 60_000_000, old[1]))
        answer = desk.person.post_with_files(PLACE, desk.fields, {"file.img": ("large.png", out.getvalue())})
        assert desk.person.get(PLACE).status == 200
        resource.prlimit(desk.pid, resource.RLIMIT_AS, old)
        assert answer.status == 413 and "more memory than" in told(answer), (answer.status, told(answer))
        assert desk.typed in unescape(answer.text)
        assert git(house.site, "rev-parse", "HEAD") == before
        desk.check_saved()
