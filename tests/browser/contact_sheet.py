"""A contact sheet: every page of the address map at two widths, light and dark, beside how it was drawn.

    python tests/browser/contact_sheet.py FOLDER [--drawn FOLDER] [PAGE ...]

Puts a picture of each page, or of those named, and `index.html` with all of them into FOLDER. Where a page
was drawn, its drawing (`<name>-<width>-<light or dark>.png` in the folder given by --drawn) stands beside
it. For people to look at; what a machine can judge is in `test_every_page.py`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from itertools import product
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PIL import Image

from gitcms.accounts.permissions import Role
from tests.browser import every_page
from tests.browser.conftest import NARROW, WIDE, launched
from tests.browser.every_page import OF_NOBODY, Place

SCHEMES = ("light", "dark")
DRAWN = {
    "sign_in": "a-sign-in",
    "home": "b-home",
    "entries": "c-entries",
    "entry": "d-edit",
    "entry_history": "g-history",
    "clash": "f-conflict",
    "change": "h-review",
    "webhooks": "j-webhooks",
    "deliveries": "j-webhooks",
    "welcome": "k1-first-run",
}
"""Page → its drawing, or the nearest one."""
TALLEST, ROOM = 2400, 24
STYLE = """<!doctype html><meta charset="utf-8"><title>Contact sheet</title>
<style>body { font: 15px system-ui; margin: 2rem } img { max-width: 100%; border: 1px solid #999 }</style>
"""


@dataclass(frozen=True)
class Shot:
    """One page in one width and scheme."""

    page: str
    size: dict[str, int]
    scheme: str

    @property
    def name(self) -> str:
        return f"{self.page}-{self.size['width']}-{self.scheme}"

    def drawing(self, drawn: Path | None) -> Path | None:
        """Return the file of its drawing, whose narrow ones may be of another width, if there is one."""
        name = DRAWN.get(self.page)
        widths = ("1280",) if self.size is WIDE else ("360", "390")
        files = [drawn / f"{name}-{width}-{self.scheme}.png" for width in widths] if drawn and name else []
        return next((file for file in files if file.exists()), None)


def taken(place: Place, browser: Any, names: list[str], out: Path, drawn: Path | None) -> Iterator[Shot]:
    """Take the pictures, each as it is done."""
    for size, scheme in product((WIDE, NARROW), SCHEMES):
        nobody, admin = (browser.new_context(**_like(size, scheme)).new_page() for _ in range(2))
        place.sign_in(admin, Role.ADMIN)
        for name in names:
            page, shot = nobody if name in OF_NOBODY else admin, Shot(name, size, scheme)
            page.goto(place.address + place.addresses[name])
            file = out / f"{shot.name}.png"
            page.screenshot(path=file, full_page=True)
            _beside(file, shot.drawing(drawn))
            yield shot
        for each in (nobody, admin):
            each.context.close()


def _like(size: dict[str, int], scheme: str) -> dict[str, Any]:
    return {"viewport": size, "color_scheme": scheme, "has_touch": size is NARROW, "locale": "en-GB"}


def _beside(file: Path, drawing: Path | None) -> None:
    """Cut a picture where it becomes too tall to be looked at, and put its drawing to the right of it."""
    parts = [Image.open(each).convert("RGB") for each in (file, drawing) if each is not None]
    parts = [each.crop((0, 0, each.width, min(each.height, TALLEST))) for each in parts]
    width = sum(each.width for each in parts) + ROOM * (len(parts) - 1)
    sheet, left = Image.new("RGB", (width, max(each.height for each in parts)), "magenta"), 0
    for each in parts:
        sheet.paste(each, (left, 0))
        left += each.width + ROOM
    sheet.save(file)


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description="Take a picture of every page.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("pages", nargs="*", metavar="PAGE")
    parser.add_argument("--drawn", type=Path, metavar="FOLDER")
    asked = parser.parse_intermixed_args(arguments)
    asked.folder.mkdir(parents=True, exist_ok=True)
    sheet = STYLE
    with tempfile.TemporaryDirectory() as top, every_page.standing(Path(top)) as place, launched() as browser:
        names = asked.pages or list(place.addresses)
        for shot in taken(place, browser, names, asked.folder, asked.drawn):
            sheet += f'<h2>{escape(shot.name)}</h2><img src="{escape(shot.name)}.png" alt="">\n'
    (asked.folder / "index.html").write_text(sheet, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
