"""How times, people and addresses are told; what the templates and the style promise."""

from __future__ import annotations

import gzip
import re
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask, g

from gitcms import resources
from gitcms.web import look

NOW = datetime(2026, 11, 23, 10, 43, tzinfo=UTC)
STATIC = Path(look.__file__).parent / "static"
TEMPLATES = sorted(resources.templates_folder().rglob("*.html"))
GIT_WORDS = (
    r"commit|branch|merge|push|pull|head\b|sha\b|repositor|diff|rebase|front matter|slug|payload|yaml|oops"
)
MOST_STYLE_BYTES = 15_000
MOST_SCRIPT_BYTES = 20_000


@pytest.fixture(autouse=True)
def _now() -> object:
    """Stand in a request of a site whose zone is an hour ahead."""
    app = Flask(__name__)
    zone = timezone(timedelta(hours=1))
    with app.app_context():
        g.site = SimpleNamespace(now=lambda: NOW, local=lambda moment: moment.astimezone(zone))
        yield


def test_times_are_told_as_the_sites_zone_shows_them() -> None:
    assert look.clock(NOW) == "11:43"


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (NOW, "Today"),
        (NOW - timedelta(hours=11, minutes=44), "Yesterday"),
        (NOW - timedelta(days=4), "Thu 19 Nov"),
        (datetime(2026, 5, 14, 12, tzinfo=UTC), "14 May"),
        (date(2025, 5, 14), "14 May 2025"),
        (NOW + timedelta(days=3), "26 Nov"),
    ],
)
def test_a_day_is_told_in_the_fewest_words_that_are_clear(moment: date, words: str) -> None:
    assert look.day(moment) == words


def test_older_days_are_put_together_by_month() -> None:
    assert look.heading_of(NOW - timedelta(days=1)) == "Yesterday"
    assert look.heading_of(NOW - timedelta(days=4)) == "Thursday 19 November"
    assert look.heading_of(NOW - timedelta(days=40)) == "October 2026"


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Inés Caldera", "IC"), ("María José de la Cruz", "MC"), ("ada", "A"), ("", "?"), ("🙂", "?")],
)
def test_initials_are_those_of_the_first_and_the_last_name(name: str, letters: str) -> None:
    assert look.initials(name) == letters


def test_style_and_scripts_stay_small() -> None:
    style = b"".join(path.read_bytes() for path in sorted(STATIC.glob("*.css")))
    scripts = b"".join(path.read_bytes() for path in sorted(STATIC.glob("*.js")))
    assert len(gzip.compress(style)) < MOST_STYLE_BYTES
    assert len(gzip.compress(scripts)) < MOST_SCRIPT_BYTES


SIDES = re.compile(
    r"\b(?:margin|padding|border|inset)-(?:left|right)\b|\b(?:left|right)\s*:|\bfloat\s*:"
    r"|text-align:\s*(?:left|right)|border-(?:top|bottom)-(?:left|right)-radius|\b(?:left|right) [\d.]"
    r"|\binset:\s*(?:[^\s;]+\s+){3}[^\s;]|translate:\s*-?[\d.]*[1-9]\S*\s"
)


def test_the_style_begins_and_ends_lines_and_knows_no_left_and_right() -> None:
    """What follows the line turns round by itself; what cannot has its rule under `[dir="rtl"]`."""
    style = "".join(path.read_text(encoding="utf-8") for path in sorted(STATIC.glob("*.css")))
    rules = re.findall(r"([^{}]*)\{([^{}]*)\}", re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL))
    names = {name.strip() for name, body in rules if SIDES.search(body)}
    physical = {name for name in names if "rtl" not in name}
    turned = {name.removeprefix('[dir="rtl"] ') for name in names - physical}
    assert physical == turned != set()


def test_every_page_says_its_direction() -> None:
    for name in ("layout.html", "layout_plain.html"):
        text = (resources.templates_folder() / name).read_text(encoding="utf-8")
        assert 'dir="{{ language().direction }}"' in text


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_template_holds_style_script_or_an_address_elsewhere(path: Path) -> None:
    text = without_jinja(path)
    assert not re.search(r"""\sstyle=|\son[a-z]+=["']|<style|javascript:|(?:src|href)=["']https?:""", text)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_icon_that_a_template_asks_for_is_drawn(path: Path) -> None:
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "icons.svg").read_text(encoding="utf-8")))
    text = path.read_text(encoding="utf-8")
    asked = set(re.findall(r'\bicon\("([\w-]+)"', text)) | {
        f"art-{name}" for name in re.findall(r'\bart\("(\w+)"', text)
    }
    assert asked <= drawn


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_templates_speak_no_git(path: Path) -> None:
    """What only those see who may see technical details is told by Git's names, and left out here."""
    said = re.sub(r"<code>git [^<]*</code>", " ", without_jinja(path))
    text = re.sub(r"<[^>]+>", " ", said)
    assert re.findall(rf"\b(?:{GIT_WORDS})\w*", text, flags=re.IGNORECASE) == []
    assert not re.search(r"\w!", text)


def without_jinja(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    return re.sub(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", " ", text, flags=re.DOTALL)
