"""Another name for an entry: its file, what lies with it, who leads to it, who comes by the old address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from gitcms import entries
from gitcms.errors import EditConflict, NotFound, PathRefused, PathTaken
from gitcms.schema.collection import Field
from gitcms.site import Site
from tests.making import HUGO, INES, JEKYLL, git, make_repository, open_made, settings

RAIN = "_posts/2026-03-01-first-rain.md"
LINKING = """---
layout: post
title: Links
more: /2026/03/01/first-rain.html
other: "https://agora.example.org/2026/03/01/first-rain.html?x=1#y"
---
See [rain](/2026/03/01/first-rain.html#drops), [the post]({% post_url 2026-03-01-first-rain %}),
<a href="/2026/03/01/first-rain.html">here</a>, [file]({% link _posts/2026-03-01-first-rain.md %}).

[ref]: /2026/03/01/first-rain.html
First-rain is a word, `first-rain` too, /2026/03/01/first-rain.html.old and /2026/03/01/first-rain.htmlx.
"""
STORM = "---\ntitle: Storm\ndate: 2026-03-01\n---\n![](wind.png) [rain](../first-rain.md)\n"
CALM = '---\ntitle: Calm\n---\n[s]({{< ref "blog/storm" >}}) [t](storm/index.md) [u](/blog/storm/)\n'
PLUGIN = {"Gemfile": 'source "https://example.org"\ngem "jekyll-redirect-from"\n'}
Made = Callable[[Mapping[str, str]], Site]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    def make(files: Mapping[str, str]) -> Site:
        folder = make_repository(tmp_path / "site", files)
        return open_made(folder, tmp_path / "state", settings(folder, tmp_path / "state"))

    return make


def moved(site: Site, path: str, name: str, folder: str | None = None) -> entries.Saved:
    collection = site.collection_of(path)
    assert collection is not None
    where = entries.home_of(path) if folder is None else folder
    return entries.move(site, collection, path, name, where, site.blobs()[path], INES)


def text(site: Site, path: str) -> str:
    return site.repository.read(path).decode()


def test_a_post_gets_another_name_and_everything_still_leads_to_it(made: Made) -> None:
    site = made({**JEKYLL, **PLUGIN, "_posts/2026-04-01-links.md": LINKING})
    saved = moved(site, RAIN, "The first rain")
    assert saved.path == "_posts/2026-03-01-the-first-rain.md"
    new = text(site, "_posts/2026-04-01-links.md")
    assert new == (
        LINKING.replace("more: /2026/03/01/first-rain", "more: /2026/03/01/the-first-rain")
        .replace("org/2026/03/01/first-rain", "org/2026/03/01/the-first-rain")
        .replace("](/2026/03/01/first-rain", "](/2026/03/01/the-first-rain")
        .replace("2026-03-01-first-rain", "2026-03-01-the-first-rain")
        .replace('href="/2026/03/01/first-rain', 'href="/2026/03/01/the-first-rain')
        .replace("[ref]: /2026/03/01/first-rain", "[ref]: /2026/03/01/the-first-rain")
    )
    rain = text(site, saved.path)
    assert rain == JEKYLL[RAIN].replace(
        "tags: [water, schools]\n",
        "tags: [water, schools]\nredirect_from: [/2026/03/01/first-rain.html]\n",
    )
    assert RAIN not in site.blobs()
    assert git(Path(site.config.site.path), "rev-list", "--count", "HEAD").strip() == "2"
    assert git(Path(site.config.site.path), "log", "-1", "--format=%s|%an").strip() == (
        "Rename First rain: first-rain → the-first-rain|Inés Caldera"
    )
    assert git(Path(site.config.site.path), "status", "--porcelain") == ""


def test_a_second_name_is_added_to_the_first_that_leads_on(made: Made) -> None:
    site = made({**JEKYLL, **PLUGIN})
    one = moved(site, RAIN, "second")
    two = moved(site, one.path, "third")
    assert "redirect_from: [/2026/03/01/first-rain.html, /2026/03/01/second.html]\n" in text(site, two.path)


def test_a_draft_leads_nobody_on(made: Made) -> None:
    site = made(JEKYLL)
    saved = moved(site, "_drafts/a-winter-of-numbers.md", "winter")
    assert text(site, saved.path) == JEKYLL["_drafts/a-winter-of-numbers.md"]


def test_a_folder_goes_with_its_pictures_and_is_found_by_hugo(made: Made) -> None:
    site = made(
        {
            **HUGO,
            "content/blog/storm/index.md": STORM,
            "content/blog/storm/wind.png": "x",
            "content/blog/storm/more/rain.txt": "y",
            "content/blog/calm.md": CALM,
        }
    )
    saved = moved(site, "content/blog/storm/index.md", "tempest")
    assert saved.path == "content/blog/tempest/index.md"
    assert {path for path in site.blobs() if "storm" in path or "tempest" in path} == {
        "content/blog/tempest/index.md",
        "content/blog/tempest/wind.png",
        "content/blog/tempest/more/rain.txt",
    }
    assert text(site, "content/blog/calm.md").splitlines()[-1] == (
        '[s]({{< ref "blog/tempest" >}}) [t](tempest/index.md) [u](/blog/tempest/)'
    )
    assert "aliases: [/blog/storm/]\n" in text(site, saved.path) or "- /blog/storm/" in text(site, saved.path)
    assert "[rain](../first-rain.md)" in text(site, saved.path)


def test_a_relation_follows(made: Made) -> None:
    site = made(
        {
            "posts/one.md": "---\ntitle: One\n---\n",
            "posts/two.md": "---\ntitle: Two\nnext: one # soon\nall: [one, three]\nword: one\n---\n",
        }
    )
    model = site.model()
    related = (Field("next", "Next", "relation"), Field("all", "All", "relation", options={"multiple": True}))
    posts = replace(model.collections[0], fields=related)
    site.model = lambda: replace(model, collections=(posts,))  # type: ignore[method-assign]
    moved(site, "posts/one.md", "first")
    assert text(site, "posts/two.md") == (
        "---\ntitle: Two\nnext: first # soon\nall: [first, three]\nword: one\n---\n"
    )


def test_a_plan_tells_what_changes_and_changes_nothing(made: Made) -> None:
    site = made({**JEKYLL, **PLUGIN, "_posts/2026-04-01-links.md": LINKING})
    posts = site.collection("posts")
    head = site.repository.head()
    plan = entries.plan(site, posts, RAIN, "other", "_posts", site.blobs()[RAIN])
    assert plan.others == ("_posts/2026-04-01-links.md",)
    assert (plan.old_address, plan.new_address) == ("/2026/03/01/first-rain.html", "/2026/03/01/other.html")
    assert plan.redirect == "redirect_from"
    assert [story.path for story in entries.stories(site, plan)] == [plan.target, *plan.others]
    assert site.repository.head() == head


def test_names_that_cannot_be_are_refused_and_nothing_is_changed(made: Made) -> None:
    site = made({**JEKYLL, "_posts/2026-03-01-second.md": "---\ntitle: Second\n---\n"})
    head = site.repository.head()
    with pytest.raises(PathTaken):
        moved(site, RAIN, "Second")
    with pytest.raises(PathRefused):
        moved(site, RAIN, "!!!")
    with pytest.raises(NotFound):
        moved(site, RAIN, "other", "../elsewhere")
    with pytest.raises(EditConflict):
        entries.move(site, site.collection("posts"), RAIN, "other", "_posts", "0" * 40, INES)
    assert moved(site, RAIN, "First Rain").commit is None
    assert site.repository.head() == head


def test_who_leads_here_is_told_before_a_deletion(made: Made) -> None:
    site = made({**JEKYLL, **PLUGIN, "_posts/2026-04-01-links.md": LINKING})
    posts = site.collection("posts")
    entry = entries.open_entry(site, posts, RAIN)
    found = entries.inbound(site, entries.naming(site, posts, RAIN, entry.values))
    assert [(one.title, one.times) for one in found] == [("Links", 7)]


def test_a_duplicate_begins_with_everything_but_the_address(made: Made) -> None:
    site = made({**JEKYLL, RAIN: JEKYLL[RAIN].replace("layout", "permalink: /x/\nodd: !x y\nlayout", 1)})
    posts = site.collection("posts")
    copy = entries.blank_entry(site, posts, RAIN)
    assert copy.values["title"] == "First rain (copy)"
    assert copy.values["tags"] == ["water", "schools"]
    assert not {"permalink", "odd"} & copy.values.keys()
    assert (copy.body, copy.base, copy.like) == ("It rained.\n", entries.ABSENT, RAIN)
    assert entries.blank_entry(site, posts, "_config.yml").like == ""


def test_the_address_of_before_stands_where_the_owners_of_the_site_say(made: Made) -> None:
    toml = '[collections.posts]\naddress = "blog/{{filename}}"\nredirects = "formerly"\n'
    site = made({**JEKYLL, "gitcms.toml": toml})
    saved = moved(site, RAIN, "The first rain")
    assert "formerly: [/blog/2026-03-01-first-rain]" in text(site, saved.path)
    again = moved(site, saved.path, "Rain")
    assert "/blog/2026-03-01-first-rain" in text(site, again.path)
    assert "/blog/2026-03-01-the-first-rain" in text(site, again.path)


def planned(site: Site, path: str = RAIN) -> entries.Move:
    collection = site.collection_of(path)
    assert collection is not None
    return entries.plan(site, collection, path, "other", entries.home_of(path), site.blobs()[path])


def test_a_key_that_only_a_plugin_reads_is_not_written_without_it(made: Made) -> None:
    plan = planned(made(JEKYLL))
    assert plan.redirect == "" and plan.new_address == "/2026/03/01/other.html"
    assert b"redirect_from" not in (plan.files[plan.target] or b"")


def test_a_site_whose_posts_have_the_key_goes_on_with_it(made: Made) -> None:
    files = {
        f"_posts/2026-01-0{n}-x.md": f"---\ntitle: T\nredirect_from: [/{n}/]\n---\n" for n in range(1, 5)
    }
    assert planned(made({**JEKYLL, **files})).redirect == "redirect_from"


@pytest.mark.parametrize("name", ["_redirects", "static/_redirects"])
def test_the_hosts_file_leads_on_where_the_generator_does_not(made: Made, name: str) -> None:
    rules = "# Ours\n/old /new 301\n\n/* /404.html 404"
    site = made({**JEKYLL, name: rules})
    assert planned(site).redirect == name
    moved(site, RAIN, "other")
    added = "/2026/03/01/first-rain.html /2026/03/01/other.html 301\n"
    assert text(site, name) == f"# Ours\n/old /new 301\n\n{added}/* /404.html 404\n"


def test_the_generators_own_way_comes_before_the_hosts(made: Made) -> None:
    plan = planned(made({**JEKYLL, **PLUGIN, "_redirects": ""}))
    assert plan.redirect == "redirect_from" and "_redirects" not in plan.files
