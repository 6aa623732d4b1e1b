"""The pictures in Help: which there are, and how each is taken of the running demo in Chromium.

    python tests/browser/pictures.py [NAME ...]    take those that are old, or those named, anew

With each goes a hash of the words that it shows, in `pictures.json`. A test compares these with what the
pages say by now, so that a picture of an older interface is red; pixels differ from machine to machine.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PIL import Image, ImageChops

from gitcms import resources
from gitcms.accounts import users
from gitcms.accounts.permissions import Role
from gitcms.database import Database
from gitcms.demo import maker
from gitcms.webhooks import endpoints, queue
from gitcms.webhooks.presets import PRESETS
from tests.making import git, open_made
from tests.serving import PASSWORD, serving

FOLDER = resources.docs_folder() / "pictures"
WORDS = Path(__file__).with_name("pictures.json")
ENTRY = "content/projects/bibliobus.md"
SIZE = {"width": 1000, "height": 800}
TALLEST, ROOM = 800, 24
EXAMPLES = {
    "url": "https://builds.example.org/hooks/5f0c8a1b2d3e",
    "base": "https://builds.example.org",
    "repository": "agora/website",
    "project": "agora/website",
    "token": "a-token-of-that-service",
    "job": "website",
    "user": "agora",
}
"""What is filled in where a service asks for it."""


@dataclass(frozen=True)
class Picture:
    """`what` is the part of the page at `address` that is shown, as a selector."""

    name: str
    address: str
    what: str = "body"


def pictures() -> list[Picture]:
    """All of them; `{change}` in an address is the newest version of the demo's entry."""
    forms = [Picture(f"preset-{name}", f"/webhooks/new?preset={name}", "main form") for name in PRESETS]
    return [
        Picture("home", "/"),
        Picture("list", "/collections/projects/"),
        Picture("entry", f"/collections/projects/entries/{ENTRY}"),
        Picture("history", "/history"),
        Picture("change", "/changes/{change}", "main"),
        Picture("people", "/people", "main"),
        Picture("webhooks", "/webhooks", "main"),
        *forms,
    ]


def file_of(picture: Picture) -> Path:
    return FOLDER / f"{picture.name}.webp"


@contextmanager
def desk(top: Path) -> Iterator[tuple[str, str]]:
    """Serve the demo with its people; the address, and the newest version of its entry."""
    folder, state = top / "agora", top / "state"
    maker.make(folder)
    site = open_made(folder, state)
    endpoints.add(
        site,
        name="Netlify",
        preset="netlify",
        fields={"url": "https://api.netlify.com/build_hooks/5f0c8a1b2d3e4f5a6b7c8d9e"},
    )
    queue.rebuild_everywhere(site, "Inés")
    site.close()
    database = Database(f"sqlite:///{state / 'gitcms.sqlite3'}")
    for name, role in (("Inés Caldera", Role.ADMIN), ("Bruno Vidal", Role.AUTHOR)):
        email = f"{name.split()[0].lower().replace('é', 'e')}@example.org"
        users.add(database, name=name, email=email, role=role, password=PASSWORD, now=datetime.now(UTC))
    database.close()
    change = git(folder, "log", "-1", "--format=%H", "--", ENTRY).strip()
    with serving(folder, state, extra="[webhooks]\nsenders = 0") as address:
        yield address, change


def sign_in(page: Any, address: str) -> None:
    page.goto(f"{address}/sign-in")
    page.locator("#email").fill("ines@example.org")
    page.locator("#password").fill(PASSWORD)
    page.locator("button.go").click()
    page.wait_for_url(f"{address}/")


def words_of(page: Any, address: str, change: str, picture: Picture) -> str:
    """Open the page of a picture, and return a hash of what it says, without times and numbers."""
    page.goto(address + picture.address.format(change=change))
    page.evaluate("() => document.querySelectorAll('time').forEach(each => each.textContent = '')")
    said = page.locator(picture.what).first.inner_text()
    said = re.sub("Good (morning|afternoon|evening)", "", said)
    plain = " ".join(re.sub(r"[0-9a-f]{7,}|\d+", "0", said).split())
    return hashlib.sha256(plain.encode()).hexdigest()[:16]


def take(page: Any, address: str, change: str, picture: Picture) -> None:
    """Put a picture into its file: what is meant, with some room around it and nothing empty below."""
    page.goto(address + picture.address.format(change=change))
    for control in page.locator("main form input[type=text], main form input[type=password]").all():
        if picture.name.startswith("preset-") and not control.input_value():
            control.fill(EXAMPLES.get(control.get_attribute("name"), "example"))
    box = page.locator(picture.what).first.bounding_box()
    room = 0 if picture.what == "body" else ROOM
    shot = Image.open(io.BytesIO(page.screenshot(full_page=picture.what != "body"))).convert("RGB")
    left, right = box["x"] - room, box["x"] + box["width"] + room
    shot = shot.crop((left, box["y"] - room, right, _bottom(page, picture, box)))
    empty = Image.new("RGB", shot.size, shot.getpixel((shot.width // 2, shot.height - 1)))
    low = (ImageChops.difference(shot, empty).getbbox() or shot.getbbox())[3]
    shot = shot.crop((0, 0, shot.width, min(low + room, shot.height)))
    shot.save(file_of(picture), "WEBP", quality=70, method=6)


def _bottom(page: Any, picture: Picture, box: dict[str, float]) -> float:
    """What a service is told of is asked in the same way for all: its form is shown down to there."""
    if picture.name.startswith("preset-"):
        return float(page.locator("main form fieldset").first.bounding_box()["y"])
    return min(box["y"] + box["height"], TALLEST)


def main(names: list[str]) -> None:
    from tests.browser.conftest import launched

    FOLDER.mkdir(exist_ok=True)
    known = json.loads(WORDS.read_text()) if WORDS.exists() else {}
    wanted = [each for each in pictures() if not names or each.name in names]
    with tempfile.TemporaryDirectory() as top, desk(Path(top)) as (address, change), launched() as browser:
        page = browser.new_context(viewport=SIZE, color_scheme="light", locale="en-GB").new_page()
        sign_in(page, address)
        for picture in wanted:
            words = words_of(page, address, change, picture)
            if names or known.get(picture.name) != words or not file_of(picture).exists():
                take(page, address, change, picture)
            known[picture.name] = words
    there = {each.name for each in pictures()}
    WORDS.write_text(
        json.dumps({name: known[name] for name in sorted(known) if name in there}, indent=2) + "\n"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
