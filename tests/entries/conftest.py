"""Two small sites of different generators, and what a test does with their entries."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from gitcms import entries
from gitcms.entries import Change
from gitcms.schema.collection import Collection
from gitcms.site import Site
from tests.making import HUGO, JEKYLL, git, make_repository, open_made

EYES = "_projects/eyes-on-the-river.md"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    opened = open_made(make_repository(tmp_path / "site", JEKYLL), tmp_path / "state")
    yield opened
    opened.close()


@pytest.fixture
def hugo(tmp_path: Path) -> Iterator[Site]:
    opened = open_made(make_repository(tmp_path / "site", HUGO), tmp_path / "state")
    yield opened
    opened.close()


@pytest.fixture
def projects(site: Site) -> Collection:
    return site.collection("projects")


def opened(site: Site, path: str = EYES) -> entries.Entry:
    collection = site.collection_of(path)
    assert collection is not None
    return entries.open_entry(site, collection, path)


def change(entry: entries.Entry, body: str | None = None, **values: object) -> Change:
    return Change(entry.base, {**entry.values, **values}, body)  # type: ignore[dict-item]


def numstat(site: Site) -> str:
    return git(site.repository.folder, "show", "--numstat", "--format=%an <%ae>", "HEAD").strip()


def is_clean(site: Site) -> bool:
    return git(site.repository.folder, "status", "--porcelain") == ""


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), (24, 90, 110)).save(out, "PNG")
    return out.getvalue()
