"""What of a text is shown for a search."""

from __future__ import annotations

import pytest

from gitcms.entries.highlights import LENGTH, highlight


def shown(text: str, search: str) -> str:
    return "".join(f"[{piece.text}]" if piece.hit else piece.text for piece in highlight(text, search))


@pytest.mark.parametrize(
    ("text", "search", "found"),
    [
        ("The río is low.", "rio", "The [río] is low."),
        ("The Harbour light.", "harb", "The [Harb]our light."),
        ("A boat, an oboe.", "bo", "A [bo]at, an oboe."),
        ("東京都の水道について", "水道", "東京都の[水道]について"),
        ("Straße and STRASSE", "strasse", "[Straße] and [STRASSE]"),
        ("One, two.", "two one", "[One], [two]."),
        ("Nothing of it.", "water", ""),
        ("Nothing of it.", '"', ""),
        ("A (note) here.", "(note)", "A ([note]) here."),
    ],
)
def test_words_are_marked_as_the_search_finds_them(text: str, search: str, found: str) -> None:
    assert shown(text, search) == found


def test_a_long_text_is_cut_around_the_first_word() -> None:
    text = "Before it all. " * 30 + "Here is the harbour. " + "And after it. " * 30
    told = shown(text, "harbour")
    assert told.startswith("… ") and told.endswith(" …") and "[harbour]" in told
    assert len(told) < LENGTH + 10
