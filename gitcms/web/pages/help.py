"""Help: the user documentation of `gitcms/docs`, served as it ships."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, render_template
from markupsafe import Markup

from gitcms import resources
from gitcms.accounts.permissions import Permission
from gitcms.content import markdown
from gitcms.errors import NotFound
from gitcms.web.security import requires

FIRST = "index"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")


def register(app: Flask) -> None:
    app.add_url_rule("/help/", "help", help_index)
    app.add_url_rule("/help/<page>", "help_page", help_page)


@dataclass(frozen=True, slots=True)
class HelpPage:
    """A page of help; its title is its first heading."""

    name: str
    title: str


@requires(Permission.VIEW)
def help_index() -> str:
    return _show(FIRST)


@requires(Permission.VIEW)
def help_page(page: str) -> str:
    return _show(page)


def _show(name: str) -> str:
    pages = help_pages()
    if name not in {page.name for page in pages} and name != FIRST:
        raise NotFound("There is no such page of help.", hint="Look for it in the list of help pages.")
    path = resources.docs_folder() / f"{name}.md"
    text = path.read_text(encoding="utf-8") if path.is_file() else "# Help\n"
    title, rest = _title_and_rest(text)
    return render_template(
        "help/page.html",
        title=title,
        # The texts are our own, and the renderer passes no HTML through.
        text=Markup(_reachable(markdown.to_html(_with_our_addresses(rest), beside=False))),
        pages=[page for page in pages if page.name != FIRST],
        name=name,
    )


def help_pages() -> list[HelpPage]:
    """Return the pages that ship, by their titles."""
    files = [path for path in resources.docs_folder().glob("*.md") if _NAME.fullmatch(path.stem)]
    return sorted((_page(path) for path in files), key=lambda page: page.title)


def _page(path: Path) -> HelpPage:
    return HelpPage(path.stem, _title_and_rest(path.read_text(encoding="utf-8"))[0])


def _title_and_rest(text: str) -> tuple[str, str]:
    first, _, rest = text.partition("\n")
    return (first.removeprefix("# ").strip(), rest) if first.startswith("# ") else ("Help", text)


def _reachable(html: str) -> str:
    """Let wide tables, which scroll sideways, be scrolled from the keyboard."""
    return html.replace("<table>", '<table tabindex="0">')


def _with_our_addresses(text: str) -> str:
    """Let links between the files, which work where they are read as files, lead to our pages."""
    return re.sub(r"\]\(([a-z0-9-]+)\.md(#[\w-]*)?\)", r"](\1\2)", text)
