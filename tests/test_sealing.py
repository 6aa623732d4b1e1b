from __future__ import annotations

from pathlib import Path

import pytest

from gitcms.errors import StorageFailed
from gitcms.sealing import Seal, masked


def test_a_sealed_text_comes_back_and_tells_nothing(tmp_path: Path) -> None:
    seal = Seal(tmp_path, "webhooks")
    closed = seal.close("geheim, ñ")
    assert seal.open(closed) == "geheim, ñ" and "geheim" not in closed
    assert seal.close("geheim, ñ") != closed


@pytest.mark.parametrize("broken", ["", "plain", "s1.", "s1.AAAA", "s1.ñ"])
def test_what_was_not_sealed_here_is_refused_with_a_sentence(tmp_path: Path, broken: str) -> None:
    with pytest.raises(StorageFailed, match="stored secret"):
        Seal(tmp_path, "webhooks").open(broken)


def test_one_purpose_does_not_open_what_another_sealed(tmp_path: Path) -> None:
    closed = Seal(tmp_path, "webhooks").close("x")
    with pytest.raises(StorageFailed):
        Seal(tmp_path, "remotes").open(closed)


def test_masks_take_the_longest_first() -> None:
    assert masked("abcdefghij abcdef", ["abcdef", "abcdefghij", "a", ""]) == "•••• ••••"
