"""A real Jekyll site, edited in a real browser: one line a change, every other byte as it was."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from gitcms.accounts import users
from gitcms.accounts.permissions import Role
from gitcms.database import Database
from tests.making import git, make_repository
from tests.serving import PASSWORD, serving

POPLUS = "_posts/2016-06-12-poplus.md"
CONFIG = "title: A portfolio\nurl: https://portfolio.example.org\nmarkdown: kramdown\n"
LAYOUT = (
    "<!doctype html><html lang=en><title>{{ page.title }}</title><h1>{{ page.title }}</h1>"
    '{% if page.img %}<img src="/images/{{ page.img }}" alt="">{% endif %}{{ content }}</html>\n'
)
EMAIL = "ada@example.org"


def drawing(color: str) -> bytes:
    image = Image.new("RGB", (64, 48), color)
    ImageDraw.Draw(image).ellipse((20, 12, 44, 36), fill="white")
    out = io.BytesIO()
    image.save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def portfolio() -> Path:
    corpus = os.environ.get("GITCMS_CORPUS")
    if not corpus:
        pytest.skip("needs real posts: set GITCMS_CORPUS to a folder of them")
    return Path(corpus) / "dev/lfalvarez__portfolio"


@pytest.fixture
def clone(portfolio: Path, tmp_path: Path) -> Path:
    posts = {
        str(path.relative_to(portfolio)): path.read_bytes() for path in portfolio.rglob("*") if path.is_file()
    }
    draft = "---\nlayout: post\ntitle: Almost there\n---\nSoon.\n"
    own: dict[str, str | bytes] = {
        "_config.yml": CONFIG,
        "_layouts/post.html": LAYOUT,
        "_layouts/page.html": LAYOUT,
        "_drafts/almost-there.md": draft,
        "images/poplus4.jpg": drawing("teal"),
        "images/poplus-2.jpg": drawing("navy"),
    }
    return make_repository(tmp_path / "portfolio", {**posts, **own})


@pytest.fixture
def page(clone: Path, tmp_path: Path, browse: Callable[..., Any]) -> Iterator[Any]:
    state = tmp_path / "state"
    state.mkdir()
    database = Database(f"sqlite:///{state / 'gitcms.sqlite3'}")
    database.upgrade()
    now = datetime.now(UTC)
    users.add(database, name="Ada Pérez", email=EMAIL, role=Role.AUTHOR, password=PASSWORD, now=now)
    database.close()
    with serving(clone, state) as address:
        window = browse()
        window.goto(f"{address}/sign-in")
        window.get_by_label("Email").fill(EMAIL)
        window.get_by_label("Password").fill(PASSWORD)
        window.get_by_role("button", name="Sign in", exact=True).click()
        window.base = address
        yield window


def open_entry(page: Any, path: str) -> None:
    page.goto(f"{page.base}/collections/posts/entries/{path}")


def save(page: Any, button: str = "Save") -> None:
    page.get_by_role("region", name="Save").get_by_role("button", name=button, exact=True).click()
    page.wait_for_load_state()


def changed(clone: Path) -> str:
    return git(clone, "show", "--numstat", "--format=%an", "HEAD").strip()


def open_card(page: Any, group: str, words: str) -> Any:
    card = page.locator("details", has=page.locator("summary", has_text=words)).last
    if card.get_attribute("open") is None:
        card.locator("summary").first.click()
    return card


def test_three_edits_are_three_commits_of_one_line_each(clone: Path, page: Any) -> None:
    before = (clone / POPLUS).read_bytes()
    open_entry(page, POPLUS)
    page.get_by_label("Title").fill("Poplus, a federation")
    save(page)
    assert changed(clone) == f"Ada Pérez\n\n1\t1\t{POPLUS}"

    open_card(page, "Colaboration", "OpenNorth").get_by_label("Web address").fill("https://www.opennorth.ca/")
    save(page)
    assert changed(clone) == f"Ada Pérez\n\n1\t1\t{POPLUS}"

    free = page.locator('[data-field="people"] input:visible').last
    free.fill("Ada Pérez")
    free.press("Enter")
    save(page)
    assert changed(clone) == f"Ada Pérez\n\n1\t1\t{POPLUS}"

    expected = before.replace(b"title: Poplus\n", b"title: Poplus, a federation\n")
    expected = expected.replace(b"http://www.opennorth.ca/", b"https://www.opennorth.ca/")
    expected = expected.replace(b"lot of people]", "lot of people, Ada Pérez]".encode())
    assert (clone / POPLUS).read_bytes() == expected
    assert git(clone, "status", "--porcelain") == ""
    assert int(git(clone, "rev-list", "--count", "HEAD")) == 4


def test_a_new_post_a_published_draft_and_a_picture_are_as_jekyll_wants_them(
    clone: Path, page: Any, tmp_path: Path
) -> None:
    jekyll = shutil.which("jekyll")
    if jekyll is None:
        pytest.skip("needs Jekyll: apt-get install jekyll")
    page.goto(f"{page.base}/collections/posts/new")
    page.get_by_label("Title").fill("Año nuevo: agua & luz")
    page.get_by_label("Text", exact=True).fill("It *rained*.\n")
    save(page, "Publish")
    open_entry(page, "_drafts/almost-there.md")
    save(page, "Publish")
    open_entry(page, POPLUS)
    page.locator('input[type="file"][name="file.img"]').set_input_files(
        {"name": "Río.jpg", "mimeType": "image/jpeg", "buffer": drawing("maroon")}
    )
    save(page)
    assert sorted(line.split("\t")[2] for line in changed(clone).splitlines()[2:]) == [
        POPLUS,
        "images/rio.jpg",
    ]
    assert b"\nimg: rio.jpg\n" in (clone / POPLUS).read_bytes()
    assert git(clone, "status", "--porcelain") == ""

    done = subprocess.run(
        [jekyll, "build", "--source", str(clone), "--destination", str(tmp_path / "out")],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LANG": "C.UTF-8"},
    )
    assert done.returncode == 0, done.stderr
    built = {str(path.relative_to(tmp_path / "out")): path for path in (tmp_path / "out").rglob("*.html")}
    assert any(re.search(r"\d{4}/\d\d/\d\d/ano-nuevo-agua-luz\.html$", name) for name in built), sorted(built)
    assert any(name.endswith("almost-there.html") for name in built)
    poplus = next(path for name, path in built.items() if name.endswith("poplus.html"))
    assert "/images/rio.jpg" in poplus.read_text()
    assert (tmp_path / "out/images/rio.jpg").exists()
