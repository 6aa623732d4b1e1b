"""The demo's history: it fits its files, begins whole, and is told by made-up people."""

from __future__ import annotations

from datetime import datetime

import pytest

from gitcms.content.document import Document
from gitcms.demo import history

STEPS = history.steps()


def test_the_history_ends_with_the_files_of_today() -> None:
    files: dict[str, bytes | None] = {}
    for step in STEPS:
        files.update(step.changes)
    assert files == history.today()


def test_it_begins_with_one_import_and_goes_on_by_several_people() -> None:
    assert len(STEPS) >= 13
    assert len(STEPS[0].changes) > 20
    assert len({step.author for step in STEPS[1:]}) >= 4


def test_every_author_lives_at_example_org() -> None:
    assert {step.author.email.rpartition("@")[2] for step in STEPS} == {"example.org"}


def test_the_steps_come_one_after_the_other_over_some_weeks() -> None:
    moments = [step.when for step in STEPS]
    assert moments == sorted(moments)
    assert (moments[-1] - moments[0]).days > 30
    assert all(moment.utcoffset() is not None and moment < datetime.now().astimezone() for moment in moments)


def test_every_change_changes_something() -> None:
    files: dict[str, bytes | None] = {}
    for step in STEPS:
        assert step.changes and all(files.get(path) != data for path, data in step.changes.items())
        files.update(step.changes)


def test_a_change_that_does_not_fit_the_files_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = history.Change(
        history.INES, "2024-05-01T00:00:00+02:00", "Wrong", texts=(("content/about.md", "", "not there"),)
    )
    monkeypatch.setattr(history, "CHANGES", (*history.CHANGES, wrong))
    with pytest.raises(ValueError, match="Wrong"):
        history.steps()


@pytest.mark.parametrize("path", sorted(path for path in history.today() if path.startswith("content/")))
def test_every_page_can_be_opened_for_editing(path: str) -> None:
    document = Document.parse(history.today()[path])
    assert document.problem is None
    assert document.warnings == ()
    assert document.values["title"]
