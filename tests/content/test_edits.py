"""Edits: the smallest list of them between two states, and what there is to do for each."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitcms.content.edits import Append, Insert, Move, Rename, Set, Unset, edits_between, settle
from gitcms.content.values import MISSING, Raw, same
from gitcms.errors import EditRefused
from tests.content.oracle import done

OLD = {"title": "x", "tags": ["a", "b", "c"], "links": [{"url": "u", "type": "t"}], "none": None, "empty": []}

SCALARS = st.sampled_from(("a", "b", "c", 1, 1.0, True, None, "1"))
STATES = st.dictionaries(
    st.sampled_from("pqrs"),
    st.recursive(
        SCALARS, lambda part: st.lists(part) | st.dictionaries(st.sampled_from("xyz"), part), max_leaves=9
    ),
)


@given(STATES, STATES)
def test_the_edits_between_two_states_lead_from_one_to_the_other(old, new):
    state: Any = old
    for edit in edits_between(old, new):
        state = done(state, edit)
    assert same(state, new)


@given(st.lists(SCALARS, max_size=7), st.lists(SCALARS, max_size=7))
def test_any_list_can_become_any_other(old, new):
    state: Any = {"p": old}
    for edit in edits_between({"p": old}, {"p": new}):
        state = done(state, edit)
    assert same(state, {"p": new})


@given(STATES)
def test_equal_values_give_no_edits(old):
    assert edits_between(old, copy.deepcopy(old)) == []


@pytest.mark.parametrize(
    ("change", "edits"),
    [
        ({"title": "y"}, [Set(("title",), "y")]),
        ({"title": MISSING}, [Unset(("title",))]),
        ({"new": 1}, [Set(("new",), 1)]),
        ({"tags": ["a", "b", "c", "d"]}, [Append(("tags",), "d")]),
        ({"tags": ["z", "a", "b", "c"]}, [Insert(("tags",), 0, "z")]),
        ({"tags": ["a", "c"]}, [Unset(("tags", 1))]),
        ({"tags": ["a", "y", "c"]}, [Set(("tags", 1), "y")]),
        ({"tags": ["c", "a", "b"]}, [Move(("tags",), 2, 0)]),
        ({"tags": ["b", "c", "a"]}, [Move(("tags",), 0, 2)]),
        ({"links": [{"url": "v", "type": "t"}]}, [Set(("links", 0, "url"), "v")]),
        ({"none": ["a"]}, [Set(("none",), ["a"])]),
        ({"tags": []}, [Set(("tags",), [])]),
    ],
)
def test_one_change_is_one_edit(change, edits):
    assert edits_between(OLD, OLD | change) == edits


@pytest.mark.parametrize(
    ("asked", "left"),
    [
        (Set(("title",), "x"), []),
        (Set(("a", "b", "c"), 1), [Set(("a",), {"b": {"c": 1}})]),
        (Set(("none", "b"), 1), [Set(("none",), {"b": 1})]),
        (Set(("tags", 3), "d"), [Append(("tags",), "d")]),
        (Set(("tags",), ["a", "b"]), [Unset(("tags", 2))]),
        (Append(("none",), "a"), [Set(("none",), ["a"])]),
        (Append(("other",), "a"), [Set(("other",), ["a"])]),
        (Append(("empty",), "a"), [Append(("empty",), "a")]),
        (Insert(("tags",), 3, "d"), [Append(("tags",), "d")]),
        (Move(("tags",), 1, 1), []),
        (Rename(("title",), "title"), []),
    ],
)
def test_an_edit_is_told_in_terms_of_what_is_there(asked, left):
    assert settle(OLD, asked) == left


@pytest.mark.parametrize(
    "asked",
    [
        Set((), "x"),
        Set(("title", "x"), "y"),
        Set(("tags", 9), "y"),
        Set(("other", 0), "y"),
        Unset(("other",)),
        Unset(("tags", 3)),
        Append(("title",), "y"),
        Insert(("tags",), 9, "y"),
        Insert(("title",), 0, "y"),
        Move(("tags",), 0, 3),
        Rename(("title",), "tags"),
        Rename(("tags", 0), "x"),
    ],
)
def test_what_has_no_place_is_refused(asked):
    with pytest.raises(EditRefused):
        settle(OLD, asked)


def test_a_read_only_value_is_removed_or_kept_but_never_rewritten():
    values = {"a": Raw("!x y", "Why."), "b": [Raw("!x z", "Why.")]}
    for edit in (Set(("a",), "x"), Set(("a", "k"), "x"), Append(("a",), "x"), Set(("b", 0), "x")):
        with pytest.raises(EditRefused, match="read-only"):
            settle(values, edit)
    assert settle(values, Set(("a",), values["a"])) == []
    assert settle(values, Unset(("a",))) and settle(values, Append(("b",), "x"))
