"""Owners' expressions over authors' values: found as Python finds them, and in bounded time."""

from __future__ import annotations

import re

import pytest

from gitcms.index import patterns

TEXTS = ["2024-03-01", "río grande", "Müller and sons", "", "東京都", "a\udcff"]


@pytest.mark.parametrize("pattern", [".", "^20", "MÜLLER", r"\w+ \w+", r"^(\w+\s*)+$", "京都"])
def test_what_an_expression_finds_is_what_python_finds(pattern: str) -> None:
    wanted = [text for text in TEXTS if re.search(pattern, text, re.IGNORECASE)]
    assert wanted
    assert list(patterns.having(pattern, TEXTS)) == wanted


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*$"])
def test_an_expression_that_takes_forever_finds_nothing(
    monkeypatch: pytest.MonkeyPatch, pattern: str
) -> None:
    monkeypatch.setattr(patterns, "SECONDS", 0.2)
    assert patterns.having(pattern, [f"{'a' * 60}!"]) == []
