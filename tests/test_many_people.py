"""Eight people at once, through one server and through two: every answer is a commit."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gitcms.accounts import passwords, users
from gitcms.accounts.permissions import Role
from gitcms.database import Database
from tests.making import JEKYLL, git, make_repository
from tests.serving import PASSWORD, Answer, Form, Person, serving

PEOPLE = 8
SAVES = 5
NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    posts = {
        f"_posts/2026-01-{n + 1:02}-post-{n}.md": f"---\ntitle: Post {n}\nlayout: post\n---\nText {n}.\n"
        for n in range(PEOPLE)
    }
    return make_repository(tmp_path / "site", {**JEKYLL, **posts})


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "state"
    folder.mkdir()
    database = Database(f"sqlite:///{folder / 'gitcms.sqlite3'}")
    database.upgrade()
    for number in range(PEOPLE):
        name = f"Author {number}"
        users.add(database, name=name, email=email(number), role=Role.AUTHOR, password=PASSWORD, now=NOW)
    database.close()
    return folder


@pytest.fixture(params=[1, 2], ids=["one server", "two servers"])
def addresses(request: pytest.FixtureRequest, clone: Path, state: Path) -> Iterator[list[str]]:
    with ExitStack() as stack:
        yield [stack.enter_context(serving(clone, state)) for _ in range(request.param)]


def email(number: int) -> str:
    return f"author{number}@example.org"


def post(number: int) -> str:
    return f"/collections/posts/entries/_posts/2026-01-{number + 1:02}-post-{number}.md"


def save_all(address: str, number: int, answers: list[Answer]) -> None:
    person = Person(address)
    person.sign_in(email(number))
    for turn in range(SAVES):
        form = Form.first(person.get(post(number)).text, post(number))
        fields = form.with_values({"f.title": f"Post {number}, turn {turn}", "intent": "save"})
        answers.append(person.post(post(number), fields))


def test_forty_answers_are_forty_commits_of_one_entry_each(clone: Path, addresses: list[str]) -> None:
    before = git(clone, "rev-parse", "HEAD").strip()
    answers: list[Answer] = []
    threads = [
        threading.Thread(target=save_all, args=(addresses[number % len(addresses)], number, answers))
        for number in range(PEOPLE)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status for answer in answers] == [303] * PEOPLE * SAVES
    commits = git(clone, "log", "--format=%x00%an", "--numstat", f"{before}..HEAD").split("\0")[1:]
    assert len(commits) == PEOPLE * SAVES
    for commit in commits:
        author, _, changed = commit.strip().partition("\n\n")
        number = author.removeprefix("Author ")
        assert changed == f"1\t1\t_posts/2026-01-{int(number) + 1:02}-post-{number}.md"
    assert git(clone, "status", "--porcelain") == ""
    git(clone, "fsck", "--strict")
    for address in addresses:
        assert Person(address).get("/healthz").status == 200


def test_the_password_of_the_fixture_is_one_that_we_would_take() -> None:
    assert passwords.problem_with(PASSWORD) is None
