"""What the fuzzer found, once more: inputs that together reach what all of its millions reached."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitcms.content.document import Document
from gitcms.content.edits import Append, Rename, Set
from gitcms.errors import EditRefused
from tests.content import fuzzing

CORPUS = sorted((Path(__file__).parent / "fuzz_corpus").iterdir())


def test_every_promise_holds_for_what_the_fuzzer_found() -> None:
    for path in CORPUS:
        try:
            fuzzing.check(path.read_bytes())
        except Exception as error:
            raise AssertionError(f"{path.name}: {error!r}") from error


def test_the_corpus_stays_small() -> None:
    assert 50 < len(CORPUS) <= 200
    assert sum(path.stat().st_size for path in CORPUS) <= 200_000


@pytest.mark.parametrize(
    "source", [b"---\na: [b]\n---\n", b"+++\na = ['b']\n+++\n", b'{\n"a": ["b"]\n}\n', b"Title: x\n\nBody\n"]
)
@pytest.mark.parametrize(
    "edit", [Set(("a",), "x\x00"), Append(("a",), "\x00"), Set(("a\x00",), "x"), Rename(("a",), "\x00")]
)
def test_a_nul_is_never_written(source: bytes, edit: Set | Append | Rename) -> None:
    """JSON and TOML could spell it, and then nobody could open the file again."""
    with pytest.raises(EditRefused):
        Document.parse(source).change([edit])
