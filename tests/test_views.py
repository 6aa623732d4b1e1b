"""Views of lists: kept, shared, renamed, removed, opened with; the same on every database."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gitcms import backup, views
from gitcms.accounts import users
from gitcms.accounts.permissions import Role
from gitcms.accounts.users import Account
from gitcms.database import Database
from gitcms.errors import NotFound, PermissionDenied
from tests.database.conftest import database

__all__ = ["database"]

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ASKED = {"sort": ["title"], "f.country": ["Chile"], "show": ["year", "people"]}


@pytest.fixture
def ines(database: Database) -> Account:
    return users.add(database, name="Inés", email="ines@example.org", role=Role.AUTHOR, now=NOON)


@pytest.fixture
def rita(database: Database) -> Account:
    return users.add(database, name="Rita", email="rita@example.org", role=Role.REVIEWER, now=NOON)


def keep(database: Database, account: Account, name: str, **more: bool) -> int:
    views.keep(database, account, "posts", name, ASKED, **{"shared": False, **more}, now=NOON)
    return next(one.id for one in views.of_list(database, account, "posts") if one.name == name)


def named(database: Database, account: Account, collection: str = "posts") -> list[str]:
    return [one.name for one in views.of_list(database, account, collection)]


def test_a_view_is_its_owners_alone_until_it_is_shared(
    database: Database, ines: Account, rita: Account
) -> None:
    keep(database, ines, "Chile, by title")
    shared = keep(database, rita, "All of us", shared=True)
    assert named(database, rita) == ["All of us"]
    all_of_us, mine = views.of_list(database, ines, "posts")
    assert (mine.asked, mine.owner, mine.may_change, mine.shared) == (ASKED, "", True, False)
    assert (all_of_us.owner, all_of_us.may_change, all_of_us.shared) == ("Rita", False, True)
    assert named(database, ines, "projects") == []
    with pytest.raises(PermissionDenied):
        views.change(database, ines, shared, "Mine now", shared=True)
    with pytest.raises(PermissionDenied):
        views.remove(database, ines, shared)
    with pytest.raises(NotFound):
        views.remove(database, rita, mine.id)
    assert named(database, ines) == ["All of us", "Chile, by title"]


def test_only_who_may_shares_and_changes_what_others_share(
    database: Database, ines: Account, rita: Account
) -> None:
    with pytest.raises(PermissionDenied):
        keep(database, ines, "Mine", shared=True)
    own = keep(database, ines, "Mine")
    with pytest.raises(PermissionDenied):
        views.change(database, ines, own, "Mine", shared=True)
    shared = keep(database, rita, "Ours", shared=True)
    admin = users.add(database, name="Ada", email="ada@example.org", role=Role.ADMIN, now=NOON)
    views.change(database, admin, shared, "  Of   us all ", shared=True)
    assert named(database, ines) == ["Mine", "Of us all"]
    assert views.remove(database, admin, shared) == "Of us all"
    assert named(database, rita) == []


@pytest.mark.parametrize("name", ["", "  ", "x" * 61, "a\x00b", "a\u202eb"])
def test_a_name_that_nobody_could_read_is_refused(database: Database, ines: Account, name: str) -> None:
    with pytest.raises(views.InvalidView):
        views.keep(database, ines, "posts", name, ASKED, shared=False, now=NOON)
    assert named(database, ines) == []


def test_a_name_is_given_twice_only_on_purpose(database: Database, ines: Account) -> None:
    first = keep(database, ines, "Año")
    with pytest.raises(views.InvalidView) as refused:
        views.keep(database, ines, "posts", "AÑO", {}, shared=False, now=NOON)
    assert refused.value.taken
    views.keep(database, ines, "posts", "AÑO", {}, shared=False, replacing=True, now=NOON)
    (only,) = views.of_list(database, ines, "posts")
    assert (only.id, only.name, only.asked) == (first, "AÑO", {})
    other = keep(database, ines, "Other")
    with pytest.raises(views.InvalidView):
        views.change(database, ines, other, "año", shared=False)
    views.change(database, ines, first, "año", shared=False)
    assert named(database, ines) == ["año", "Other"]


def test_there_are_only_so_many(database: Database, ines: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "MOST", 2)
    keep(database, ines, "1")
    keep(database, ines, "2")
    with pytest.raises(views.InvalidView, match="Remove one first"):
        keep(database, ines, "3")
    keep(database, ines, "2", replacing=True)
    with pytest.raises(views.InvalidView, match="too much"):
        views.keep(database, ines, "pages", "long", {"q": ["x" * 8000]}, shared=False, now=NOON)


def test_a_list_opens_for_each_person_with_the_view_they_chose(
    database: Database, ines: Account, rita: Account
) -> None:
    shared = keep(database, rita, "Ours", shared=True)
    own = keep(database, ines, "Mine")
    for view in (own, shared):
        views.open_with(database, ines, "posts", view)
        assert [one.id for one in views.of_list(database, ines, "posts") if one.opens] == [view]
    assert not any(one.opens for one in views.of_list(database, rita, "posts"))
    with pytest.raises(NotFound):
        views.open_with(database, ines, "projects", shared)
    with pytest.raises(NotFound):
        views.open_with(database, rita, "posts", own)
    views.change(database, rita, shared, "Ours", shared=False)
    assert [one.name for one in views.of_list(database, ines, "posts") if one.opens] == []
    views.change(database, rita, shared, "Ours", shared=True)
    views.open_with(database, ines, "posts", None)
    assert not any(one.opens for one in views.of_list(database, ines, "posts"))
    views.open_with(database, ines, "posts", shared)
    views.remove(database, rita, shared)
    assert named(database, ines) == ["Mine"]


def test_views_come_along_in_a_backup(database: Database, ines: Account, tmp_path: Path) -> None:
    views.open_with(database, ines, "posts", keep(database, ines, "Mine"))
    before = views.of_list(database, ines, "posts")
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    backup.make(tmp_path / "old", database, tmp_path / "kept.zip", now=NOON)
    other = Database(f"sqlite:///{tmp_path / 'new' / 'gitcms.sqlite3'}")
    backup.restore(tmp_path / "new", other, tmp_path / "kept.zip")
    assert views.of_list(other, users.find_by_email(other, ines.email), "posts") == before
    keep(other, users.find_by_email(other, ines.email), "Another")
    other.close()
