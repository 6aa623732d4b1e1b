"""Who names an entry: the words of the index have to find all that reading every entry finds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gitcms import index
from gitcms.entries import links
from gitcms.site import Site
from tests.making import JEKYLL, make_repository, open_made

# What the entry is called by, and texts that name it.
NAMES = ["first-rain", "été", "東京-2026", "Ärger_im_Amt", "große", "c++", "2026", "rain"]
TEXTS = {
    "markdown": "See [it](/blog/{0}/).",
    "bare": "See [it]({0}).",
    "file": "See [it](../_projects/{0}.md#top).",
    "html": "<a href={0}.md>it</a>",
    "tag": "See {{% link _projects/{0}.md %}}.",
    "beside": "東京[京](_projects/{0}.md)都",
    "late": "word " * 90_000 + "[it](_projects/{0}.md)",
}
FIELDS = {
    "field": "more: /_projects/{0}.md\n",
    "long": "more: {1}{0}.md\n",
    "many": "list: [{2}]\nmore: /_projects/{0}.md\n",
}


@pytest.fixture(params=NAMES)
def named(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Site, links.Naming]]:
    name = request.param
    files = {"": "---\ntitle: It\n---\n", "other": "---\ntitle: O\n---\nA\n"}
    files |= {key: f"---\ntitle: T\n---\n{text.format(name)}\n" for key, text in TEXTS.items()}
    numbers = ", ".join(map(str, range(500)))
    files |= {key: f"---\n{text.format(name, './' * 120, numbers)}---\n" for key, text in FIELDS.items()}
    placed = {f"_projects/{f'z{key}' if key else name}.md": text for key, text in files.items()}
    site = open_made(make_repository(tmp_path / "site", {**JEKYLL, **placed}), tmp_path / "state")
    path = f"_projects/{name}.md"
    yield site, links.naming(site, site.collection("projects"), path, {"title": "It"})
    site.close()


def test_all_who_name_an_entry_are_found_by_their_words(
    named: tuple[Site, links.Naming], monkeypatch: pytest.MonkeyPatch
) -> None:
    site, naming = named
    by_words = links.inbound(site, naming)
    monkeypatch.setattr(links, "_may_name", lambda *_: None)
    assert by_words == links.inbound(site, naming)
    assert {one.path for one in by_words} >= {f"_projects/z{key}.md" for key in ("file", "late", *FIELDS)}


def test_what_cannot_name_it_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = open_made(make_repository(tmp_path / "site", JEKYLL), tmp_path / "state")
    collection = site.collection("projects")
    naming = links.naming(site, collection, "_projects/nobody.md", {})
    site.ask(index.sizes)
    monkeypatch.setattr(site.repository, "read_blobs", lambda blobs: pytest.fail("read") if blobs else [])
    assert links.inbound(site, naming) == []
    site.close()


@pytest.mark.parametrize("name", ["++", "—", ""])
def test_names_without_words_are_looked_for_in_all(tmp_path: Path, name: str) -> None:
    site = open_made(make_repository(tmp_path / "site", JEKYLL), tmp_path / "state")
    assert site.ask(lambda known: index.naming(known, ["rain", name])) is None
    site.close()
