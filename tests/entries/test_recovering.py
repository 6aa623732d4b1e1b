"""Bringing back: what was wanted comes back, and nothing else changes."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from gitcms import entries, history
from gitcms.entries import recovering
from gitcms.errors import EditConflict, NotFound
from gitcms.schema.collection import Collection
from gitcms.site import Site
from tests.making import INES, TOMAS, git

from .conftest import EYES, change, is_clean, numstat, opened
from .recoveries import Tale


def save(site: Site, projects: Collection, body: str | None = None, **values: object) -> str:
    saved = entries.save(site, projects, EYES, change(opened(site), body, **values), INES)
    assert saved.commit is not None
    return saved.commit.id


def test_whatever_happened_only_what_was_wanted_comes_back(tmp_path: Path) -> None:
    seed = 3 if "CI" in os.environ else int.from_bytes(os.urandom(2))
    done: Counter[str] = Counter()
    for number in range(8):
        tale = Tale(tmp_path / str(number), seed + number)
        tale.play(9)
        tale.close()
        done.update(tale.done)
    assert done["version"] and done["undo"] and done["field"], (seed, done)


def test_undoing_a_change_keeps_what_came_after(site: Site, projects: Collection) -> None:
    wrong = save(site, projects, title="Wrong")
    save(site, projects, country="Peru")
    entries.recover(site, recovering.before(site, EYES, wrong), TOMAS)
    values = opened(site).values
    assert (values["title"], values["country"]) == ("Eyes on the River", "Peru")
    assert is_clean(site) and "1\t1\t" in numstat(site) and "tomas@example.org" in numstat(site)


def test_undoing_the_last_save_gives_the_very_bytes_back(site: Site, projects: Collection) -> None:
    before = site.repository.blob_of(EYES)
    last = save(site, projects, "Other words.\n", title="Wrong", tags=["a"])
    entries.recover(site, recovering.before(site, EYES, last), INES)
    assert site.repository.blob_of(EYES) == before


def test_where_it_was_changed_since_one_is_asked(site: Site, projects: Collection) -> None:
    first = save(site, projects, title="First")
    save(site, projects, title="Second")
    plan = recovering.before(site, EYES, first)
    (clash,) = plan.clashes
    assert (clash.mine, clash.theirs) == ("Eyes on the River", "Second")
    with pytest.raises(EditConflict):
        entries.recover(site, plan, INES)
    entries.recover(site, recovering.before(site, EYES, first, {clash.name: "mine"}), INES)
    assert opened(site).values["title"] == "Eyes on the River"


def test_one_field_comes_back_alone(site: Site, projects: Collection) -> None:
    begun = site.repository.head()
    save(site, projects, "Other words.\n", title="Other", country="Peru")
    entries.recover(site, recovering.field(site, EYES, begun, "country"), INES)
    values = opened(site).values
    assert (values["country"], values["title"]) == ("Chile", "Other")
    assert numstat(site).endswith(f"1\t1\t{EYES}")
    entries.recover(site, recovering.field(site, EYES, begun, None), INES)
    assert "forty-one" in opened(site).body and opened(site).values["title"] == "Other"


def test_a_field_that_was_not_there_goes(site: Site, projects: Collection) -> None:
    begun = site.repository.head()
    save(site, projects, extra="New")
    entries.recover(site, recovering.field(site, EYES, begun, "extra"), INES)
    assert "extra" not in opened(site).values


def test_an_entry_that_was_made_by_a_change_goes_with_it(site: Site, projects: Collection) -> None:
    made = entries.create(site, projects, entries.Change("absent", {"title": "New"}, "Words.\n"), INES)
    assert made.commit is not None
    plan = recovering.before(site, made.path, made.commit.id)
    assert plan.goes
    entries.recover(site, plan, INES)
    assert site.repository.blob_of(made.path) is None
    assert [one.path for one in history.trash(site)[0]] == [made.path]


def test_an_entry_comes_back_where_it_lies_now(site: Site, projects: Collection) -> None:
    begun = site.repository.head()
    save(site, projects, title="Other")
    git(site.repository.folder, "mv", EYES, "_projects/moved.md")
    git(site.repository.folder, "commit", "-q", "-m", "Move")
    saved = entries.recover(site, recovering.version(site, EYES, begun), INES)
    assert saved.path == "_projects/moved.md" and site.repository.blob_of(EYES) is None


def test_what_lies_there_again_is_not_in_the_trash(site: Site, projects: Collection) -> None:
    blob = site.repository.blob_of(EYES)
    assert blob is not None
    gone = entries.delete(site, projects, EYES, blob, INES)
    assert [(one.path, one.title) for one in history.trash(site)[0]] == [(EYES, "Eyes on the River")]
    assert gone.commit is not None
    entries.recover(site, recovering.version(site, EYES, gone.commit.id), INES)
    assert history.trash(site) == ([], False)


@pytest.mark.parametrize("plan", [recovering.version, recovering.before])
def test_a_change_that_did_not_touch_the_entry_is_refused_or_told(site: Site, plan: object) -> None:
    git(site.repository.folder, "commit", "-q", "--allow-empty", "-m", "Nothing")
    head = site.repository.head()
    if plan is recovering.before:
        with pytest.raises(NotFound):
            recovering.before(site, EYES, head)
    else:
        assert entries.recover(site, recovering.version(site, EYES, head), INES).commit is None
