"""A broken copy of a site: every fault that was planted is found in its line, and nothing else is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gitcms.checks import CheckedSite, Entry, check
from gitcms.checks import many as many_processes
from gitcms.checks.values import Judges
from gitcms.folder import Folder
from gitcms.schema.collection import Field, Model
from tests.making import make_repository
from tests.schema.sites import with_fields
from tests.whole_sites import PICTURE, WHOLE_SITES

Files = Mapping[str, str | bytes]
FRONT = """layout: post
title: Rain {n}
date: 2026-03-{n} 10:00:00 +0100
img: river-{n}.png
author: ines
mail: water@example.org
links:
  - url: https://rio.example.org/{n}
    type: link
"""
BODY = """
See [the first one](/2026/03/10/rain.html) and [us](/about/), or [by name]({% post_url 2026-03-10-rain %}).

![The river](/images/river-10.png) `[not a link](/2026/03/10/sun.html)`

```
[nor is](/2026/03/10/this.html)
```
"""


def post(number: int, front: str = FRONT, body: str = BODY) -> str:
    return f"---\n{front.replace('{n}', str(number))}---\n{body}"


EARLIER = (
    post(0, FRONT.replace("{n}", "{day}"))
    .replace("2026-03-{day}", "2025-0{month}-{n}")
    .replace("{day}", "{n}")
)
CLEAN: Files = {
    "_config.yml": "title: River\nurl: https://agora.example.org\ncollections: {authors: {output: true}}\n",
    "about.md": "---\nlayout: page\ntitle: About us\npermalink: /about/\n---\nWe measure.\n",
    "help.md": "---\nlayout: page\ntitle: Help us\npermalink: /help/\n---\nCome.\n",
    **{f"images/river-{number}.png": PICTURE for number in range(10, 30)},
    **{f"_authors/{name}.md": f"---\nname: {name.title()}\n---\n" for name in ("ines", "tomas", "jorge")},
    **{f"_posts/2026-03-{number}-rain.md": post(number) for number in range(10, 30)},
    **{
        f"_posts/2025-0{month}-{day}-rain.md": EARLIER.replace("{month}", str(month)).replace("{n}", str(day))
        for month in range(1, 5)
        for day in range(10, 28)
    },
    "_posts/2026-03-11-rain.md": post(11, FRONT.replace("author: ines", "author: tomas")),
}


def written(folder: Path, files: Files) -> Path:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def found(folder: Path, **options: bool) -> list[tuple[str, str, int, int]]:
    return [(one.path, one.rule, one.line, one.column) for one in check(Folder(folder), **options)]


def broken(number: int, old: str, new: str) -> dict[str, str]:
    """Return the post of a number with a piece of it put wrong."""
    text = post(number)
    assert old in text
    return {f"_posts/2026-03-{number}-rain.md": text.replace(old, new)}


FAULTS: Mapping[str, tuple[Files, tuple[str, int, int], str]] = {
    "front matter that does not parse": (
        broken(12, "img: river-12.png", "img: [river-12.png"), ("unreadable", 6, 7), "error",
    ),
    "a key that stands there twice": (
        broken(13, "author: ines", "title: Again"), ("duplicate-key", 6, 0), "warning",
    ),
    "two versions in the text": (
        broken(14, "See [the", "<<<<<<< HEAD\nWet\n=======\nDry\n>>>>>>> other\nSee [the"),
        ("conflict", 13, 1), "error",
    ),
    "two versions in the fields": (
        broken(15, "author: ines", "<<<<<<< HEAD\nauthor: ines\n=======\nauthor: jorge\n>>>>>>> other"),
        ("conflict", 6, 1), "error",
    ),
    "a live entry without a title": (
        broken(16, "title: Rain 16\n", ""), ("required", 1, 0), "error",
    ),
    "an address that is none": (
        broken(17, "mail: water@example.org", "mail: water at example"), ("value", 7, 7), "warning",
    ),
    "an address in a list of objects": (
        broken(18, "url: https://rio.example.org/18", "url: 'htp//rio example'"), ("value", 9, 10), "warning",
    ),
    "a picture in a field": (broken(19, "img: river-19", "img: river-91"), ("image", 5, 6), "error"),
    "a picture in the text": (
        broken(20, "/images/river-10.png", "/images/river-01.png"), ("image", 15, 14), "error",
    ),
    "a link to a post that is not there": (
        broken(21, "(/2026/03/10/rain.html)", "(/2026/03/10/sun.html)"), ("link", 13, 21), "warning",
    ),
    "a link to a page that is not there": (
        broken(22, "(/about/)", "(/abuot/)"), ("link", 13, 53), "warning",
    ),
    "a post that a tag names": (
        broken(23, "2026-03-10-rain %", "2026-03-10-sun %"), ("link", 13, 88), "error",
    ),
    "an author who is not there": (
        broken(24, "author: ines", "author: ana-maria"), ("relation", 6, 9), "warning",
    ),
    "a file that is not there": (broken(25, "(/about/)", "(other.md)"), ("link", 13, 53), "error"),
    "an address that another one has": (
        {"us.md": "---\nlayout: page\ntitle: Us\npermalink: /about/\n---\n"}, ("unique", 4, 12), "error",
    ),
}  # fmt: skip


def test_nothing_is_wrong_with_a_site_in_which_nothing_is(tmp_path: Path) -> None:
    assert check(Folder(written(tmp_path, CLEAN))) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found_in_its_line_and_nothing_else_is(tmp_path: Path, fault: str) -> None:
    files, (rule, line, column), severity = FAULTS[fault]
    findings = check(Folder(written(tmp_path, {**CLEAN, **files})))
    assert [(one.path, one.rule, one.line, one.column, one.severity) for one in findings] == [
        (*files, rule, line, column, severity)
    ]


def test_all_faults_at_once_are_found_in_a_repository_as_in_a_folder(tmp_path: Path) -> None:
    files = dict(CLEAN)
    for more, _, _ in FAULTS.values():
        files |= more
    expected = sorted((*more, *place) for more, place, _ in FAULTS.values())
    assert sorted(found(make_repository(tmp_path / "clone", files))) == expected
    assert sorted(found(written(tmp_path / "folder", files))) == expected


def test_several_processes_find_what_one_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = dict(CLEAN)
    for more, _, _ in FAULTS.values():
        files |= more
    site = Folder(written(tmp_path, files))
    alone = check(site)
    monkeypatch.setattr(many_processes, "ENOUGH", 1)
    monkeypatch.setattr(many_processes, "processors", lambda: 3)
    assert check(site) == alone != []


TOML = "+++\ntitle = 'Rain {n}'\ndate = 2026-03-{n}T10:00:00+01:00\nmail = '{mail}'\n+++\n{body}\n"
JSON = '{\n  "title": "Rain {n}",\n  "date": "2026-03-{n}T10:00:00+01:00",\n  "mail": "{mail}"\n}\n{body}\n'


@pytest.mark.parametrize(
    ("front", "torn", "places"),
    [(TOML, "'Rain 14", [(4, 8), (2, 17)]), (JSON, "Rain 14", [(4, 11), (2, 12)])],
    ids=["toml", "json"],
)
def test_values_and_links_are_found_in_toml_and_json(
    tmp_path: Path, front: str, torn: str, places: list[tuple[int, int]]
) -> None:
    def page(number: int, mail: str = "water@example.org", body: str = "Wet.") -> str:
        return front.replace("{n}", str(number)).replace("{mail}", mail).replace("{body}", body)

    files = {
        "hugo.toml": "baseURL = 'https://agora.example.org/'\n",
        **{f"content/posts/rain-{number}.md": page(number) for number in range(10, 30)},
        "content/posts/rain-12.md": page(12, mail="water at example"),
        "content/posts/rain-13.md": page(13, body='Wet. {{< ref "rain-99.md" >}} [x](/posts/rain-98/)'),
        "content/posts/rain-14.md": page(14)
        .replace(f"{torn}{torn[0]}", torn)
        .replace(f'"{torn}",', f"{torn},"),
    }
    assert found(written(tmp_path, files)) == [
        ("content/posts/rain-12.md", "value", *places[0]),
        ("content/posts/rain-13.md", "link", 6, 15),
        ("content/posts/rain-13.md", "link", 6, 35),
        ("content/posts/rain-14.md", "unreadable", *places[1]),
    ]


def test_a_draft_may_be_incomplete(tmp_path: Path) -> None:
    draft = "---\nlayout: post\nauthor: ines\n---\nNot yet.\n"
    assert check(Folder(written(tmp_path, {**CLEAN, "_drafts/sun.md": draft}))) == []


@pytest.mark.parametrize("generator", WHOLE_SITES)
def test_of_a_whole_site_nothing_is_said_but_what_is_true(tmp_path: Path, generator: str) -> None:
    findings = check(Folder(written(tmp_path, WHOLE_SITES[generator])))
    # The pictures in the texts of these sites are not there.
    assert {one.rule for one in findings} <= {"image"}
    assert all(re.search("“(?:card|a)[.]png”", one.sentence) for one in findings)


def test_of_links_nothing_is_said_where_they_are_left_out(tmp_path: Path) -> None:
    files = {**CLEAN, **broken(20, "/images/river-10.png", "/images/river-01.png")}
    assert found(written(tmp_path, files), links=False) == []


def test_languages_are_wanted_where_that_is_asked_for(tmp_path: Path) -> None:
    page = "---\ntitle: A page\n---\n"
    names = ("content/a.md", "content/a.fr.md", "content/b.md", "content/b.fr.md", "content/c.fr.md")
    site = written(tmp_path, {"hugo.toml": "", **dict.fromkeys(names, page)})
    assert found(site) == []
    assert found(site, translations=True) == [("content/c.fr.md", "translation", 1, 0)]


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        (Field("year", "Year", "number", options={"min": 2000, "max": 2030}), 1999, "from 2000 to 2030"),
        (Field("title", "Title", options={"max_length": 3}), "Rain", "at most 3 characters"),
        (Field("title", "Title", options={"min_length": 9}), "Rain", "at least 9 characters"),
        (Field("code", "Code", options={"pattern": "^[A-Z]+$"}), "rain", "form that is wanted"),
        (Field("kind", "Kind", "select", choices=("a", "b"), options={"closed": True}), "c", "one of a, b"),
    ],
    ids=["range", "longest", "shortest", "pattern", "choice"],
)
def test_what_breaks_a_rule_of_its_field_is_an_error(field: Field, value: object, sentence: str) -> None:
    collection = with_fields(field)
    entry = Entry("_posts/a.md", collection, {field.name: value})  # type: ignore[dict-item]
    site = CheckedSite(Model("jekyll", (collection,)), [], [entry], lambda path: b"", datetime.now(UTC))
    (one,) = Judges(site).findings(entry)
    assert (one.rule, one.severity, one.place) == ("limit", "error", (field.name,))
    assert sentence in one.sentence


def test_what_the_owners_said_is_an_error_and_so_is_a_line_that_says_nothing(tmp_path: Path) -> None:
    said = (
        "[collections.posts.fields]\n"
        'mail = { type = "e-mail", required = true }\n'
        'author = { type = "relation", collections = ["authors"], hint = "Who measured" }\n'
        "title = { max_length = 7, unique = true }\n"
        "img = { lable = 'Picture' }\n"
    )
    files = {
        **CLEAN,
        "gitcms.toml": said,
        **broken(12, "mail: water@example.org", "mail: water at example"),
        **broken(13, "mail: water@example.org\n", ""),
        **broken(14, "author: ines", "author: ana-maria"),
        **broken(15, "title: Rain 15", "title: Rain and sun"),
        **broken(16, "title: Rain 16", "title: Rain 17"),
    }
    kept = {path: text for path, text in files.items() if not path.startswith("_posts/2025")}
    assert [
        (one.path[-10:], one.rule, one.line, one.severity) for one in check(Folder(written(tmp_path, kept)))
    ] == [
        ("12-rain.md", "value", 7, "error"),
        ("13-rain.md", "required", 1, "error"),
        ("14-rain.md", "relation", 6, "error"),
        ("15-rain.md", "limit", 3, "error"),
        ("17-rain.md", "unique", 3, "error"),
        ("itcms.toml", "configuration", 5, "error"),
    ]
