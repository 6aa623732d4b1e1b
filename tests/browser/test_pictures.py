"""The pictures in Help: each is shown on a page, and shows what the interface says by now."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image

from gitcms import resources
from gitcms.webhooks.presets import PRESETS
from tests.browser import pictures

MOST_BYTES = 60_000
AGAIN = "python tests/browser/pictures.py"


def test_each_picture_is_shown_in_help_and_small() -> None:
    files = {path.stem: path for path in pictures.FOLDER.glob("*.webp")}
    texts = "".join(path.read_text(encoding="utf-8") for path in resources.docs_folder().glob("*.md"))
    shown = re.findall(r"!\[[^\]]+\]\(pictures/([\w-]+)\.webp\)", texts)
    assert files.keys() == set(shown) == {each.name for each in pictures.pictures()}, AGAIN
    for name, path in files.items():
        with Image.open(path) as image:
            assert image.format == "WEBP" and image.width <= 1000, name
        assert path.stat().st_size < MOST_BYTES, name


def test_each_preset_has_its_picture_under_its_name() -> None:
    text = (resources.docs_folder() / "webhook-presets.md").read_text(encoding="utf-8")
    sections = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    found = {section.split("\n")[0]: section for section in sections}
    for name in PRESETS:
        assert f"(pictures/preset-{name}.webp)" in found[name]


def test_the_pictures_show_what_the_pages_say(browse: Callable[..., Any], tmp_path: Path) -> None:
    known = json.loads(pictures.WORDS.read_text())
    with pictures.desk(tmp_path) as (address, change):
        page = browse(pictures.SIZE)
        pictures.sign_in(page, address)
        now = {each.name: pictures.words_of(page, address, change, each) for each in pictures.pictures()}
    old = [name for name, words in now.items() if known.get(name) != words]
    assert old == [], f"{AGAIN} {' '.join(old)}"
