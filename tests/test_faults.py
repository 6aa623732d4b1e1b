"""When the world gets in the way of a save: a sentence, the text still there, nothing half done."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import delete

from gitcms.accounts import users
from gitcms.accounts.permissions import Role
from gitcms.database import Database
from gitcms.database.models import LoginSession
from tests.making import JEKYLL, git, make_repository
from tests.serving import PASSWORD, Answer, Form, Person, serving

EYES = "_projects/eyes-on-the-river.md"
PLACE = f"/collections/projects/entries/{EYES}"
TYPED = "Forty-two households <now> & counting."
GIT_WORDS = re.compile(r"\b(commit|branch|merge|push|pull|head|sha|repository)\b", re.IGNORECASE)


@dataclass
class Desk:
    """An author with an entry open, and what they typed into it."""

    clone: Path
    state: Path
    person: Person
    fields: list[tuple[str, str]]

    def save(self) -> Answer:
        return self.person.post(PLACE, self.fields)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "state"
    folder.mkdir()
    with database(folder) as opened:
        for name in ("ines", "tomas"):
            users.add(
                opened,
                name=name.capitalize(),
                email=f"{name}@example.org",
                role=Role.AUTHOR,
                password=PASSWORD,
                now=datetime.now(UTC),
            )
    return folder


@contextmanager
def database(state: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{state / 'gitcms.sqlite3'}")
    opened.upgrade()
    yield opened
    opened.close()


@pytest.fixture
def desk(tmp_path: Path, state: Path) -> Iterator[Desk]:
    clone = make_repository(tmp_path / "site", JEKYLL)
    with serving(clone, state) as address:
        yield at_the_desk(clone, state, address, "ines")


def at_the_desk(clone: Path, state: Path, address: str, name: str) -> Desk:
    person = Person(address)
    person.sign_in(f"{name}@example.org")
    form = Form.first(person.get(PLACE).text, PLACE)
    return Desk(clone, state, person, form.with_values({"body": TYPED, "intent": "save"}))


def check_nothing_happened(desk: Desk, answer: Answer, head: str) -> None:
    """A sentence and not a stack trace, the text still there, tree and history agreed."""
    assert answer.status in (401, 409, 503, 507), (answer.status, answer.text[:2000])
    assert TYPED in unescape(answer.text)
    words = re.sub(r"<(script|style|textarea)\b.*?</\1>|<[^>]+>", " ", answer.text, flags=re.DOTALL)
    assert "Traceback" not in words
    assert not GIT_WORDS.findall(words)
    assert git(desk.clone, "rev-parse", "HEAD").strip() == head
    assert (desk.clone / EYES).read_text() == JEKYLL[EYES]
    git(desk.clone, "fsck", "--strict")


def test_a_lock_that_somebody_left_is_waited_for_and_then_named(desk: Desk) -> None:
    head = git(desk.clone, "rev-parse", "HEAD").strip()
    lock = desk.clone / ".git/index.lock"
    lock.touch()
    check_nothing_happened(desk, desk.save(), head)
    assert lock.exists()
    lock.unlink()
    assert desk.save().status == 303
    assert git(desk.clone, "status", "--porcelain") == ""


@pytest.mark.parametrize("state_of_clone", ["merge", "detached", "another branch"])
def test_a_developer_at_work_in_the_folder_is_left_alone(desk: Desk, state_of_clone: str) -> None:
    head = git(desk.clone, "rev-parse", "HEAD").strip()
    if state_of_clone == "merge":
        (desk.clone / ".git/MERGE_HEAD").write_text(f"{head}\n")
    elif state_of_clone == "detached":
        git(desk.clone, "checkout", "-q", "--detach")
    else:
        git(desk.clone, "checkout", "-q", "-b", "experiment")
    answer = desk.save()
    assert answer.status == 503
    check_nothing_happened(desk, answer, head)


def test_a_session_that_ended_keeps_the_text_and_goes_on_after_signing_in(desk: Desk) -> None:
    head = git(desk.clone, "rev-parse", "HEAD").strip()
    with database(desk.state) as opened, opened.session() as session:
        session.execute(delete(LoginSession))
    answer = desk.save()
    assert answer.status == 401
    check_nothing_happened(desk, answer, head)
    form = Form.first(answer.text, 'action="/sign-in')
    wrong = desk.person.post("/sign-in", form.filled(email="ines@example.org", password="not this one"))
    assert wrong.status in (401, 422) and TYPED in unescape(wrong.text)
    form = Form.first(wrong.text, 'action="/sign-in')
    page = desk.person.post("/sign-in", form.filled(email="ines@example.org", password=PASSWORD))
    assert page.status == 200
    form = Form.first(page.text, PLACE)
    assert dict(form.fields)["body"] == TYPED
    assert desk.person.post(PLACE, form.with_values({"intent": "save"})).status == 303
    assert TYPED in (desk.clone / EYES).read_text()


def test_somebody_who_edits_the_file_outside_is_not_overwritten(desk: Desk) -> None:
    (desk.clone / EYES).write_text("half a thought")
    answer = desk.save()
    assert answer.status == 409
    assert TYPED in unescape(answer.text)
    assert (desk.clone / EYES).read_text() == "half a thought"


def test_two_people_and_one_entry_lose_nothing(desk: Desk) -> None:
    other = at_the_desk(desk.clone, desk.state, desk.person.address, "tomas")
    other.fields = [(name, "Tomáš wrote this." if name == "body" else value) for name, value in other.fields]
    assert other.save().status == 303
    answer = desk.save()
    assert answer.status == 409
    shown = unescape(re.sub(r"</?mark>", "", answer.text))
    assert TYPED in shown and "Tomáš wrote this." in shown
    form = Form.first(answer.text, PLACE)
    [place] = [name for name, _ in form.fields if name.startswith("choice.")]
    assert desk.person.post(PLACE, form.with_values({place: "both"})).status == 303
    text = (desk.clone / EYES).read_text()
    assert TYPED in text and "Tomáš wrote this." in text


@pytest.fixture
def immutable() -> Iterator[Callable[[Path], None]]:
    """Make a file that not even root can replace."""
    made: list[Path] = []

    def make(path: Path) -> None:
        done = subprocess.run(["chattr", "+i", str(path)], capture_output=True, check=False)
        if done.returncode:
            pytest.skip("needs chattr: root, on a file system such as ext4")
        made.append(path)

    yield make
    for path in made:
        subprocess.run(["chattr", "-i", str(path)], check=True)


def test_a_file_that_cannot_be_replaced_is_a_sentence(desk: Desk, immutable: Callable[[Path], None]) -> None:
    head = git(desk.clone, "rev-parse", "HEAD").strip()
    immutable(desk.clone / EYES)
    check_nothing_happened(desk, desk.save(), head)
    assert git(desk.clone, "status", "--porcelain") == ""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("needs root: run the tests as root, to mount a small disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_keeps_the_text_and_the_old_file(small_disk: Path, state: Path) -> None:
    clone = make_repository(small_disk / "site", JEKYLL)
    head = git(clone, "rev-parse", "HEAD").strip()
    with serving(clone, state) as address:
        desk = at_the_desk(clone, state, address, "ines")
        fill(small_disk / "filler")
        answer = desk.save()
        assert answer.status == 507
        (small_disk / "filler").unlink()
        check_nothing_happened(desk, answer, head)
        assert desk.save().status == 303
        assert git(clone, "status", "--porcelain") == ""


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        for size in (65536, 4096, 512, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
