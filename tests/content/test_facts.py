"""What one content says, as lists and searches keep it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitcms.content.facts import NO_NUMBER, SILENT, facts_of, key_of, packed, searched, unpacked, words_of
from gitcms.content.values import Raw, same
from tests.content.made_up import NAMES, VALUES


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=4))
def test_values_come_back_as_they_were(values):
    assert same(unpacked(packed(values)), values)


def test_what_is_never_constructed_comes_back_too():
    values = {"a": Raw("!x y", "Read-only."), "b": [date(2024, 1, 1)]}
    assert same(unpacked(packed(values)), values)


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ("  Two   Words ", ("two words", NO_NUMBER)),
        (7, ("7", 7.0)),
        (True, ("true", 1.0)),
        (None, ("", NO_NUMBER)),
        (date(1970, 1, 2), ("1970-01-02", 86400.0)),
        (10**400, (str(10**400), NO_NUMBER)),
    ],
)
def test_keys_are_compared_by_their_words_and_their_size(value, key):
    assert key_of(value) == key


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("plain words", "plain words"),
        ("東京都", " 東京 京都 "),
        ("a東b", "a 東 b"),
        ("สวัสดี", " สว วั ัส สด ดี "),
    ],
)
def test_scripts_without_spaces_are_kept_in_pairs(text, words):
    assert searched(text) == words


def test_parts_of_objects_and_lists_have_dotted_names():
    data = b"---\na: [x, Y]\nb:\n  c: 1\nd:\n  - e: f\n  - e: g\n---\nText\n"
    facts = facts_of(data)
    words = words_of(data, "", facts)
    assert [(name, at, text) for name, at, text, _ in words.keys] == [
        ("a", 0, "x"),
        ("a", 1, "y"),
        ("b.c", 0, "1"),
        ("d.e", 0, "f"),
        ("d.e", 1, "g"),
    ]
    assert facts.readable and facts.excerpt == words.text == "Text\n"
    assert words.said == "x y f g"


@pytest.mark.parametrize(
    "data", [b"---\na: [\n---\nText\n", b"\xff\xfe", b"", b"---\n" + b"a" * 2_000_000 + b"\n---\n"]
)
def test_what_cannot_be_read_says_nothing_and_stops_nobody(data):
    assert words_of(data, "", facts_of(data)).keys == ()


def test_what_is_too_large_to_be_read_is_searched_by_nothing():
    data = b"---\na: " + b"a" * 2_000_000 + b"\n---\nText\n"
    assert words_of(data, "", facts_of(data)) == SILENT
