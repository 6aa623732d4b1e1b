from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitcms.accounts.permissions import (
    PLACED,
    ROLES,
    Permission,
    Place,
    Rights,
    Role,
    may,
    problem_with_places,
)

# The table of the code, written a second time on purpose: a change of rights is a change of two files.
EXPECTED = {
    Permission.VIEW: "contributor author reviewer admin",
    Permission.OWN_ACCOUNT: "contributor author reviewer admin",
    Permission.EDIT_ENTRY: "contributor author reviewer admin",
    Permission.PUBLISH: "author reviewer admin",
    Permission.DELETE_ENTRY: "contributor author reviewer admin",
    Permission.UPLOAD_MEDIA: "contributor author reviewer admin",
    Permission.RESTORE: "contributor author reviewer admin",
    Permission.VIEW_TECHNICAL_DETAILS: "reviewer admin",
    Permission.REBUILD: "reviewer admin",
    Permission.CALL_SHARED_SERVER: "reviewer admin",
    Permission.SHARE_VIEWS: "reviewer admin",
    Permission.DECIDE_SHARED_SERVER: "admin",
    Permission.EDIT_MODEL: "admin",
    Permission.MANAGE_WEBHOOKS: "admin",
    Permission.VIEW_BUILD_LOG: "admin",
    Permission.MANAGE_PEOPLE: "admin",
    Permission.VIEW_SETTINGS: "admin",
}


@pytest.mark.parametrize("permission", Permission)
@pytest.mark.parametrize("role", Role)
def test_each_role_may_do_what_the_table_says(role: Role, permission: Permission) -> None:
    assert may(role, permission) is (role in EXPECTED[permission].split())


def test_every_role_has_its_row() -> None:
    assert set(ROLES) == set(Role)


POST = Place("posts", "content/blog/2026/rain.md")


@pytest.mark.parametrize(
    ("pattern", "holds"),
    [
        ("posts", True),
        ("pages", False),
        ("content/", True),
        ("content/blog/", True),
        ("content/blog/2026/rain.md", True),
        ("content/blog/2026/rain.m", False),
        ("content/blog/2026", False),
        ("content/blo/", False),
        ("content/blog/rain.md", False),
        ("content/*/2026/", True),
        ("content/*/rain.md", False),
        ("content/b*g/20*/r*n.md", True),
        ("content/b*g/20*/r*x.md", False),
        ("content/**/rain.md", True),
        ("content/blog/2026/**/rain.md", True),
        ("**/rain.md", True),
        ("**/2026/", True),
        ("*/", True),
        ("Content/", False),
        ("content/blog.2026/", False),
    ],
)
def test_a_place_holds_what_it_says(pattern: str, holds: bool) -> None:
    assert Rights(Role.AUTHOR, (pattern,)).may(Permission.EDIT_ENTRY, POST) is holds


def test_one_place_of_several_is_enough() -> None:
    rights = Rights(Role.AUTHOR, ("pages", "content/blog/"))
    assert rights.may(Permission.PUBLISH, POST)
    assert rights.may(Permission.PUBLISH, Place("pages", "content/about.md"))
    assert not rights.may(Permission.PUBLISH, Place("projects", "content/projects/eyes.md"))


def test_a_place_narrows_writing_alone_and_never_an_administrator() -> None:
    narrowed = Rights(Role.REVIEWER, ("pages",))
    for permission in Permission:
        anyway = permission not in PLACED and may(Role.REVIEWER, permission)
        assert narrowed.may(permission, POST) is anyway, permission
        assert Rights(Role.ADMIN, ("pages",)).may(permission, POST), permission


def test_a_place_gives_nothing_that_the_role_has_not() -> None:
    assert not Rights(Role.CONTRIBUTOR, ("posts",)).may(Permission.PUBLISH, POST)


@pytest.mark.parametrize(
    ("pattern", "somewhere"),
    [
        ("posts", True),
        ("pages", False),
        ("content/blog/2026/", True),
        ("content/", True),
        ("content/bl*/2026/", True),
        ("**/drafts/", True),
        ("data/*/", False),
        ("content/blogs/", False),
    ],
)
def test_a_new_entry_is_asked_for_where_a_place_and_a_collection_meet(pattern: str, somewhere: bool) -> None:
    new = Place("posts", folders=("content/blog",))
    assert Rights(Role.AUTHOR, (pattern,)).may(Permission.EDIT_ENTRY, new) is somewhere


NAMES = st.text("ab.-", min_size=1, max_size=4).filter(lambda name: name.strip("."))


@given(st.lists(NAMES, min_size=1, max_size=5))
def test_a_path_lies_in_every_folder_above_it_and_in_itself(names: list[str]) -> None:
    place = Place("posts", "/".join([*names, "x.md"]))
    for count in range(1, len(names) + 1):
        above = "/".join(names[:count]) + "/"
        assert Rights(Role.AUTHOR, (above,)).may(Permission.EDIT_ENTRY, place)
        assert Rights(Role.AUTHOR, ("**/" + names[count - 1] + "/",)).may(Permission.EDIT_ENTRY, place)
        assert not Rights(Role.AUTHOR, (above + "c/",)).may(Permission.EDIT_ENTRY, place)
        new = Place("posts", folders=("/".join(names),))
        assert Rights(Role.AUTHOR, (above,)).may(Permission.EDIT_ENTRY, new)
    assert Rights(Role.AUTHOR, (place.path,)).may(Permission.EDIT_ENTRY, place)


def test_a_pattern_of_many_stars_is_quick() -> None:
    rights = Rights(Role.AUTHOR, ("a/" + "*a" * 100 + "b", "**/a/**/" + "a/" * 100 + "b"))
    assert not rights.may(Permission.EDIT_ENTRY, Place("posts", "a/" * 100 + "a" * 250))


@pytest.mark.parametrize(
    ("places", "words"),
    [
        (["post"], "There is no collection “post” here. There are pages, posts. A folder ends with a slash"),
        (["/content/"], "Begin at the site’s own folder"),
        (["../content/"], "Begin at the site’s own folder"),
        (["content//blog/"], "Begin at the site’s own folder"),
        (["content/./blog/"], "Begin at the site’s own folder"),
        (["content\\blog\\"], "is no place"),
        (["con\x00tent/"], "is no place"),
        (["c" * 301 + "/"], "is no place"),
        (["**/a/**/b/**/"], "more than twice"),
        ([f"content/{number}/" for number in range(51)], "at most 50 places"),
    ],
)
def test_a_place_that_can_mean_nothing_is_refused_in_words(places: list[str], words: str) -> None:
    assert words in (problem_with_places(places, ["posts", "pages"]) or "")


def test_places_that_mean_something_are_taken() -> None:
    assert problem_with_places(["posts", "content/blog/", "content/*/a.md", "**/x/"], ["posts"]) is None
