"""Help: the user documentation of `gitcms/docs`, served as it ships.

What everyone reads is there in each language of the interface, in a folder of its code; what is not is
shown in English, and marked as such.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, render_template, send_file, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from gitcms import resources
from gitcms.accounts.permissions import Permission
from gitcms.content import markdown
from gitcms.errors import NotFound
from gitcms.web import languages
from gitcms.web.security import requires

FIRST = "index"
PICTURE_SECONDS = 3600
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
_PICTURE = re.compile(r"(?:\.\./)?pictures/([a-z0-9][a-z0-9_-]*\.webp)")


def register(app: Flask) -> None:
    app.add_url_rule("/help/", "help", help_index)
    app.add_url_rule("/help/<page>", "help_page", help_page)
    app.add_url_rule("/help/pictures/<name>", "help_picture", help_picture)


@dataclass(frozen=True, slots=True)
class HelpPage:
    """A page of help; its title is its first heading, in `language`."""

    name: str
    title: str
    language: str


@requires(Permission.VIEW)
def help_index() -> str:
    return _show(FIRST)


@requires(Permission.VIEW)
def help_page(page: str) -> str:
    return _show(page)


@requires(Permission.VIEW)
def help_picture(name: str) -> Response:
    if _PICTURE.fullmatch(f"pictures/{name}") is None or not (_pictures() / name).is_file():
        raise NotFound("There is no such picture in Help.", hint="Look for it on the pages of Help.")
    return send_file(_pictures() / name, mimetype="image/webp", max_age=PICTURE_SECONDS)


def _show(name: str) -> str:
    pages = help_pages()
    if name not in {page.name for page in pages} and name != FIRST:
        raise NotFound("There is no such page of help.", hint="Look for it in the list of help pages.")
    path, language = _file(name)
    text = path.read_text(encoding="utf-8") if path.is_file() else "# Help\n"
    title, rest = _title_and_rest(text)
    return render_template(
        "help/page.html",
        title=title,
        # The texts are our own, and the renderer passes no HTML through.
        text=Markup(
            _reachable(markdown.to_html(_with_our_addresses(rest), image_url=_picture, beside=False))
        ),
        pages=[page for page in pages if page.name != FIRST],
        name=name,
        in_language=language,
    )


def _file(name: str) -> tuple[Path, str]:
    """Return the file of a page in the reader's language, or the English one; and which language that is."""
    folder, language = resources.docs_folder(), languages.current()
    path = folder / language / f"{name}.md"
    return (path, language) if path.is_file() else (folder / f"{name}.md", languages.ENGLISH)


def help_pages() -> list[HelpPage]:
    """Return the pages that ship, by their titles."""
    files = [path for path in resources.docs_folder().glob("*.md") if _NAME.fullmatch(path.stem)]
    return sorted((_page(path.stem) for path in files), key=lambda page: page.title)


def _page(name: str) -> HelpPage:
    path, language = _file(name)
    return HelpPage(name, _title_and_rest(path.read_text(encoding="utf-8"))[0], language)


def _title_and_rest(text: str) -> tuple[str, str]:
    first, _, rest = text.partition("\n")
    return (first.removeprefix("# ").strip(), rest) if first.startswith("# ") else ("Help", text)


def _pictures() -> Path:
    return resources.docs_folder() / "pictures"


def _picture(address: str) -> str | None:
    found = _PICTURE.fullmatch(address)
    return url_for("help_picture", name=found[1]) if found else None


def _reachable(html: str) -> str:
    """Let wide tables, which scroll sideways, be scrolled from the keyboard; pictures may come later."""
    return html.replace("<table>", '<table tabindex="0">').replace("<img ", '<img loading="lazy" ')


def _with_our_addresses(text: str) -> str:
    """Let links between the files, which work where they are read as files, lead to our pages."""
    return re.sub(r"\]\((?:\.\./)?([a-z0-9-]+)\.md(#[\w-]*)?\)", r"](\1\2)", text)
