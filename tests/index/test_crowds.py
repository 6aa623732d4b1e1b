"""Beginnings that very many words have: found as any other, also in what came later."""

from __future__ import annotations

import random
import unicodedata
from pathlib import Path

import pytest

from gitcms.index import IndexFile, Query, ask, counts, find
from gitcms.repository import Person, Repository
from tests.index.truth import MODEL
from tests.making import git, make_repository

WORDS = [
    "harbour",
    "Harbours",
    "harbouring",
    "HARBOURSIDE",
    "harboured",
    "canción",
    "cancionero",
    "cancioncita",
]
WORDS += ["canciones", "Cancio\u0301n", "evening", "evenings", "light", "harvest"]
SOUGHT = [word[:letters] for word in ("harboursid", "canciones", "evenings") for letters in range(1, 11)]
SOUGHT += [
    "Canció",
    "harbour canc",
    "evening harbour",
    "light harbou",
    "harbou-canci",
    "light-harbou",
    "no harbour",
]


@pytest.fixture(autouse=True)
def small(monkeypatch) -> None:
    for name, value in (("CONTENTS", 0), ("MANY", 6), ("FEW_WORDS", 2), ("_PART", 7)):
        monkeypatch.setattr(f"gitcms.index.crowds.{name}", value)
    monkeypatch.setattr("gitcms.index.queries.WIDE", 3)


def plain(text: str) -> str:
    return "".join(one for one in unicodedata.normalize("NFD", text.lower()) if one.isalnum() or one in " -")


def says(words: list[str], sought: str) -> bool:
    """Whether a text has words that begin so; those with a hyphen side by side."""

    def stand(parts: list[str]) -> bool:
        spots = range(len(words) - len(parts) + 1)
        return any(
            words[at : at + len(parts) - 1] == parts[:-1] and words[at + len(parts) - 1].startswith(parts[-1])
            for at in spots
        )

    return all(stand(term.split("-")) for term in plain(sought).split())


def test_every_beginning_finds_just_what_has_such_a_word(tmp_path: Path, monkeypatch) -> None:
    draw = random.Random(4)
    texts: dict[str, str] = {}

    def write(many: int) -> dict[str, str]:
        fresh = {}
        for number in range(len(texts), len(texts) + many):
            head = f"---\ndraft: {draw.choice(['true', 'false'])}\ndate: 2024-01-01\n---\n"
            fresh[f"posts/{number}.md"] = head + " ".join(draw.choices(WORDS, k=3))
        texts.update(fresh)
        return fresh

    def agree() -> None:
        words = {path: plain(text.split("---\n")[2]).split() for path, text in texts.items()}
        for sought in SOUGHT:
            query = Query("posts", sought, limit=1000)
            found, told = ask(
                index,
                repository,
                MODEL,
                lambda one, query=query: (find(one, query, 0), counts(one, query, 0)),
            )
            wanted = sorted(path for path in texts if says(words[path], sought))
            assert (sought, sorted(one.path for one in found)) == (sought, wanted)
            drafts = sum("draft: true" in texts[path] for path in wanted)
            assert (sought, told[""], told["draft"]) == (sought, len(wanted), drafts)

    folder = make_repository(tmp_path / "site", write(20))
    (tmp_path / "state").mkdir()
    repository = Repository.open(folder, lock_folder=tmp_path / "state", committer=Person("g", "g@localhost"))
    index = IndexFile(tmp_path / "state")

    def kept() -> set[str]:
        rows = ask(
            index, repository, MODEL, lambda one: one.execute("SELECT beginning FROM crowds").fetchall()
        )
        return {beginning for (beginning,) in rows}

    agree()
    for at_once in (2000, 0):
        monkeypatch.setattr("gitcms.index.filling.COUNTED_ONE_BY_ONE", at_once)
        for path, text in write(6).items():
            (folder / path).write_text(text)
        git(folder, "add", ".")
        git(folder, "commit", "-q", "-m", "More")
        agree()
        assert kept() >= {"harbo", "harbour", "cancion"}
    index.close()
    repository.close()
