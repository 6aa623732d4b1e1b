"""A real Chromium, driven by Playwright: people in browsers, and what we ask of every page."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

sync_api = pytest.importorskip(
    "playwright.sync_api", reason="needs Playwright: apt-get install chromium, then python3 -m gitcms test"
)

AXE = Path(__file__).parent / "node_modules/axe-core/axe.min.js"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
SECONDS = 1000.0


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    if installed() is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    with launched() as browser:
        yield browser


def installed() -> str | None:
    """Return where this machine's Chromium is, or None."""
    return next((found for found in map(shutil.which, NAMES) if found), None)


@contextmanager
def launched() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed(), args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def browse(chromium: Any) -> Iterator[Callable[..., Any]]:
    """Open a window of somebody of their own: `browse(width=…, scripts=…, scheme=…)`."""
    contexts = []

    def open_window(
        size: dict[str, int] = WIDE,
        *,
        scripts: bool = True,
        scheme: str = "light",
        touch: bool = False,
        language: str = "en-GB",
    ) -> Any:
        context = chromium.new_context(
            viewport=size, java_script_enabled=scripts, color_scheme=scheme, has_touch=touch, locale=language
        )
        context.set_default_timeout(120 * SECONDS)
        contexts.append(context)
        return context.new_page()

    yield open_window
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def axe() -> Callable[[Any], list[str]]:
    """Return what axe finds wrong on a page, a line each."""
    if not AXE.exists():
        pytest.skip("needs axe-core: npm ci --prefix tests/browser")
    source = AXE.read_text(encoding="utf-8")

    def check(page: Any) -> list[str]:
        page.evaluate(source)
        found = json.loads(page.evaluate("async () => JSON.stringify((await axe.run()).violations)"))
        return [
            f"{rule['id']}: {node['target']} {node['failureSummary']}"
            for rule in found
            for node in rule["nodes"]
        ]

    return check


def tab_to(page: Any, script: str, most: int = 120, key: str = "Tab") -> None:
    """Press Tab (or Shift+Tab) until the focused element satisfies a script of `el`, as without a mouse."""
    for _ in range(most):
        if page.evaluate(f"() => {{ const el = document.activeElement; return !!el && ({script}); }}"):
            return
        page.keyboard.press(key)
    raise AssertionError(f"no way by Tab to {script} on {page.url}")
