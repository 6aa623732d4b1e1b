"""What lies between two versions."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitcms.content.alignment import common
from gitcms.content.compare import FieldChange, Span, fields, paragraphs, words
from gitcms.content.values import MISSING, same


def marked(old: str, new: str) -> str:
    signs = {"same": "{}", "added": "+{}+", "removed": "-{}-"}
    return "".join(signs[span.kind].format(span.text) for span in words(old, new))


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("A red fish swims.", "A blue fish swims.", "A -red-+blue+ fish swims."),
        ("one two", "one two three", "one two+ three+"),
        ("one two three", "one three", "one -two -three"),
        ("Don't stop", "Do stop", "-Don't-+Do+ stop"),
        ("on 2024-01-31.", "on 2024-02-01.", "on -2024-01-31-+2024-02-01+."),
        ("costs 3.14", "costs 3.15", "costs -3.14-+3.15+"),
        ("我喜欢红色", "我喜欢蓝色", "我喜欢-红-+蓝+色"),
        ("ไทยดี", "ไทยดีมาก", "ไทยดี+มาก+"),
        ("कि ताब", "की ताब", "-कि-+की+ ताब"),
        ("a\nb", "a\n\nb", "a\n+\n+b"),
        ("", "new", "+new+"),
        ("old", "", "-old-"),
        ("", "", ""),
        ("kept", "kept", "kept"),
    ],
)
def test_a_change_is_shown_word_by_word(old: str, new: str, shown: str) -> None:
    assert marked(old, new) == shown


texts = st.lists(st.sampled_from([*"ab,. \n我们", "word", "é", "e\u0301", "ไม้", "🎉", "it's", "\r"])).map(
    "".join
)


@settings(max_examples=300, deadline=None)
@given(texts, texts)
def test_the_words_make_both_texts_again(old: str, new: str) -> None:
    spans = words(old, new)
    assert "".join(span.text for span in spans if span.kind != "added") == old
    assert "".join(span.text for span in spans if span.kind != "removed") == new
    assert all(one.kind != two.kind for one, two in pairwise(spans))
    assert all(span.text for span in spans)


@settings(max_examples=200, deadline=None)
@given(st.text("abc ", max_size=30), st.text("abc ", max_size=30))
def test_as_much_as_possible_is_the_same(old: str, new: str) -> None:
    kept = common(old, new)
    assert [old[i] for i, _ in kept] == [new[j] for _, j in kept]
    assert len(kept) == longest(old, new)


def longest(old: str, new: str) -> int:
    row = [0] * (len(new) + 1)
    for char in old:
        before = row[:]
        for j, other in enumerate(new, 1):
            row[j] = before[j - 1] + 1 if char == other else max(before[j], row[j - 1])
    return row[-1]


def test_texts_that_share_too_little_are_shown_whole() -> None:
    old = "Begin. " + "one two " * 3_000 + "End."
    new = "Begin. " + "three four " * 3_000 + "End."
    assert [span.kind for span in words(old, new)] == ["same", "removed", "added", "same"]
    assert words(old, new)[0].text == "Begin. "


@pytest.mark.parametrize("unit", ["a ", "a b ", "我", "a.", "\n", "é "])
def test_long_texts_made_of_repetition_are_compared_in_bounded_work(unit: str) -> None:
    old, new = unit * 20_000, "x" + unit * 15_000 + "y" + unit * 4_000
    spans = words(old, new)
    assert "".join(span.text for span in spans if span.kind != "added") == old


def told(old: str, new: str) -> list[tuple[str, int | str]]:
    return [
        (change.kind, change.count if change.kind == "same" else "|".join(s.text for s in change.spans))
        for change in paragraphs(old, new)
    ]


def test_a_body_is_told_paragraph_by_paragraph() -> None:
    old = "First.\n\nSecond one here.\n\nThird.\n\nFourth.\n\nFifth.\n"
    new = "First.\n\nSecond one there.\n\nThird.\n\nFourth.\n\nQuite new words.\n\nFifth.\n"
    assert told(old, new) == [
        ("same", 1),
        ("changed", "Second one |here|there|."),
        ("same", 2),
        ("added", "Quite new words."),
        ("same", 1),
    ]
    assert told(new, old)[3] == ("removed", "Quite new words.")


def test_a_paragraph_that_moved_is_named_once() -> None:
    assert told("a one\n\nb two\n\nc three\n\nd four", "d four\n\na one\n\nb two\n\nc three") == [
        ("moved", "d four"),
        ("same", 3),
    ]


def test_a_paragraph_is_held_against_the_one_it_resembles() -> None:
    old = "Cats sleep all day long.\n\nTail."
    new = "Completely different opening.\n\nCats sleep nearly all day long.\n\nTail."
    assert told(old, new) == [
        ("added", "Completely different opening."),
        ("changed", "Cats sleep |nearly |all day long."),
        ("same", 1),
    ]


def test_code_is_one_paragraph() -> None:
    old = "```\na\n\nb\n```\n\nz"
    assert told(old, old.replace("b", "c")) == [("changed", "```\na\n\n|b|c|\n```"), ("same", 1)]


def test_blank_lines_between_paragraphs_are_no_difference() -> None:
    assert told("a\n\nb\n", "\na\n\n\n\nb") == [("same", 2)]
    assert told("", "") == []


def test_a_body_of_very_many_paragraphs_is_told() -> None:
    old = "\n\n".join(f"old {number}" for number in range(3_000))
    new = "\n\n".join(f"new {number}" for number in range(3_000))
    assert {change.kind for change in paragraphs(old, new)} == {"changed"}


def named(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [(c.kind, c.path, c.old, c.new) for c in fields(old, new)]


DAY = date(2024, 1, 1)


def test_every_changed_value_is_named_by_its_path() -> None:
    old = {
        "title": "A",
        "date": date(2024, 1, 1),
        "gone": 1,
        "seo": {"title": "x", "robots": True},
        "same": [1],
    }
    new = {
        "title": "B",
        "date": date(2024, 1, 1),
        "seo": {"title": "y", "robots": True},
        "same": [1],
        "come": 2,
    }
    assert named(old, new) == [
        ("changed", ("title",), "A", "B"),
        ("removed", ("gone",), 1, MISSING),
        ("changed", ("seo", "title"), "x", "y"),
        ("added", ("come",), MISSING, 2),
    ]


def test_a_value_of_another_type_has_changed() -> None:
    assert named({"a": 1, "b": True}, {"a": True, "b": "true"}) == [
        ("changed", ("a",), 1, True),
        ("changed", ("b",), True, "true"),
    ]
    assert named({"a": ""}, {"a": None}) == [("changed", ("a",), "", None)]
    assert named({"a": {"b": 1}}, {"a": [1]}) == [("changed", ("a",), {"b": 1}, [1])]


def test_lists_of_objects_are_compared_item_by_item() -> None:
    ada, bob, eve = ({"name": n, "url": f"http://example.org/{n}"} for n in ("ada", "bob", "eve"))
    bobby = {**bob, "url": "http://example.org/bobby"}
    assert named({"p": [ada, bob]}, {"p": [eve, ada, bobby]}) == [
        ("added", ("p", 0), MISSING, eve),
        ("changed", ("p", 2, "url"), bob["url"], bobby["url"]),
    ]
    assert fields({"p": [ada, bob]}, {"p": [eve, ada, bobby]})[1].old_path == ("p", 1, "url")
    assert named({"p": [ada, bob, eve]}, {"p": [ada, eve]}) == [("removed", ("p", 1), bob, MISSING)]
    assert named({"p": [ada, bob, eve]}, {"p": [eve, ada, bob]}) == [("moved", ("p", 0), eve, eve)]
    assert named({"p": [ada, bob]}, {"p": [bobby]}) == [
        ("removed", ("p", 0), ada, MISSING),
        ("changed", ("p", 0, "url"), bob["url"], bobby["url"]),
    ]


def test_lists_of_words_are_compared_item_by_item() -> None:
    assert named({"t": ["a", "b", "c"]}, {"t": ["a", "x", "c", "d"]}) == [
        ("changed", ("t", 1), "b", "x"),
        ("added", ("t", 3), MISSING, "d"),
    ]
    assert named({"t": []}, {"t": ["a"]}) == [("added", ("t", 0), MISSING, "a")]
    assert named({"t": ["a", "a"]}, {"t": ["a"]}) == [("removed", ("t", 1), "a", MISSING)]


scalars = st.one_of(st.none(), st.booleans(), st.integers(0, 3), st.sampled_from(["", "a", "a b", "b"]))
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=12,
)
mappings = st.dictionaries(st.sampled_from("abcd"), trees, max_size=4)


@settings(max_examples=300, deadline=None)
@given(mappings, mappings)
def test_nothing_unchanged_is_named_and_nothing_changed_is_left_out(
    old: dict[str, Any], new: dict[str, Any]
) -> None:
    changes = fields(old, new)
    assert (changes == []) == same(old, new)
    for change in changes:
        check_change(change, old, new)
    assert len({(change.path, change.kind == "removed") for change in changes}) == len(changes)
    for key in {*old, *new}:
        touched = any(change.path[0] == key for change in changes)
        assert touched != (key in old and key in new and same(old[key], new[key]))


def check_change(change: FieldChange, old: Any, new: Any) -> None:
    if change.kind != "added":
        assert same(at(old, change.old_path), change.old)
    if change.kind != "removed":
        assert same(at(new, change.path), change.new)
    assert (change.kind == "added") == (change.old is MISSING)
    assert (change.kind == "removed") == (change.new is MISSING)
    if change.kind in ("changed", "moved"):
        assert same(change.old, change.new) == (change.kind == "moved")


def at(tree: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        tree = tree[step]
    return tree


def test_spans_of_an_equal_text_are_one() -> None:
    assert words("a b c", "a b c") == [Span("same", "a b c")]


REPEATING = {
    "one sign over and over": ("*" * 100_000 + "x", "y*" * 50_000),
    "two signs in turn": ("ab" * 60_000, "b" + "ab " * 3 + "ab" * 60_000),
    "a long line": ("word " * 100_000, "word " * 50_000 + "other " + "word " * 50_001),
    "many lines": ("line\n" * 60_000, "line\n" * 30_000 + "other\n" + "line\n" * 30_001 + "end"),
    "backticks": ("`" * 700_000, "a" + "`" * 700_000),
}


@pytest.mark.parametrize(("old", "new"), REPEATING.values(), ids=REPEATING)
def test_texts_of_any_length_are_compared_exactly(old, new):
    spans = words(old, new)
    assert "".join(span.text for span in spans if span.kind != "added") == old
    assert "".join(span.text for span in spans if span.kind != "removed") == new
    assert all(one.kind != other.kind for one, other in pairwise(spans))


def test_what_very_much_changed_is_told_as_a_whole():
    old = "\n\n".join(f"{number} {'some words ' * 6000}" for number in range(20))
    changes = paragraphs(old, old.replace("some", "other"))
    assert {change.kind for change in changes} == {"changed"}
    last = changes[-1].spans
    assert [span.kind for span in last] == ["removed", "added"]
