"""Names at the end of a message stand where git itself would put them, and nobody types them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitcms.repository import IdentityRefused, MessageRefused, Person, Policy, Repository, trailers
from tests.repository.conftest import ADA, Clone, save

ONE = "_posts/one.md"
GRACE = Person("Grace Hopper", "grace@example.org")
JOAN = Person("Joan Clarke", "joan@example.org")

LINES = st.sampled_from(
    [
        *("Words.", "A line: with a colon", "Fixes: 12", "See-also: there", " goes on", "\tgoes on"),
        *("(cherry picked from commit 12)", "Signed-off-by: X <x@example.org>", "-", "a: b"),
    ]
)
PARAGRAPHS = st.lists(st.lists(LINES, min_size=1, max_size=6).map("\n".join), max_size=3)


@given(PARAGRAPHS)
def test_trailers_stand_where_git_puts_them(paragraphs: list[str]) -> None:
    message = "\n\n".join(["Say something", *paragraphs]).rstrip() + "\n"
    line = "Reviewed-by: Grace Hopper <grace@example.org>"
    by_git = subprocess.run(
        ["git", "interpret-trailers", "--no-divider", "--if-exists=addIfDifferent", "--trailer", line],
        cwd=Path("/"),
        input=message,
        capture_output=True,
        text=True,
        check=True,
    )
    assert trailers.append(message, [line]) == by_git.stdout


def test_who_wrote_and_who_looked_is_noted_once_and_in_order(clone: Clone) -> None:
    repository = clone.open(policy=Policy(sign_off=True))
    saved = save(
        repository,
        ONE,
        "mine\n",
        message="Say it better\n\nAt length.",
        co_authors=[GRACE, ADA, GRACE],
        reviewed_by=[JOAN],
    )
    assert saved
    assert repository.commit(saved).message == (
        "Say it better\n\nAt length.\n\n"
        "Co-authored-by: Grace Hopper <grace@example.org>\n"
        "Reviewed-by: Joan Clarke <joan@example.org>\n"
        "Signed-off-by: Ada Lovelace <ada@example.org>"
    )
    told = clone.git("log", "-1", "--format=%(trailers:key=Reviewed-by,valueonly)").strip()
    assert told == "Joan Clarke <joan@example.org>"
    clone.audit()


@pytest.mark.parametrize("where", ["co_authors", "reviewed_by"])
def test_a_person_who_would_forge_a_line_is_refused(repository: Repository, where: str) -> None:
    person = Person("x\nSigned-off-by: y", "x@example.org")
    with pytest.raises(IdentityRefused):
        save(repository, ONE, "mine\n", **{where: [person]})


@pytest.mark.parametrize(
    "line", ["Signed-off-by: Boss <boss@example.org>", "reviewed-BY : boss", "  Gitcms-Approved-By: boss"]
)
def test_nobody_types_what_the_history_says_by_itself(repository: Repository, line: str) -> None:
    before = repository.head()
    with pytest.raises(MessageRefused, match="names somebody"):
        save(repository, ONE, "mine\n", message=f"Title\n\nText\n{line}")
    assert repository.head() == before
    assert save(repository, ONE, "mine\n", message=line)  # as a title it says no more than any other
