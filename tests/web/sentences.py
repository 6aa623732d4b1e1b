"""The sentences of the code that people read in the browser, read off the code itself.

A text counts when it begins like a sentence and has a blank; names of things, log lines, docstrings and what
is for administrators at a terminal do not.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from gitcms.history import stories
from gitcms.modelling.controls import COLLECTION, FIELD, SITE
from gitcms.web import look, pieces
from gitcms.web.pages import people

TEMPLATES = Path(__file__).resolve().parent.parent.parent / "templates"
DATES = (look.SHORT_DAY, look.SHORT, look.SHORT_YEAR, look.WHOLE, look.WHOLE_DAY, look.WHOLE_MONTH)
# Said by the code as single words.
MORE = ("Published", "Unpublished", "No visible change", "no visible change")
MORE += ("added", "changed", "deleted", "renamed", "moved", "Hello {1},")
# Names, messages of commits, commands, and what only stands for something else.
NOT_READ = {
    "Add draft of {1}",
    "Could not resolve host: {1}",
    "Restore {1} as of {2}",
    "Bring back {1}",
    "Restore {1} of {2} as of {3}",
    "Take back the change of {1} in {2}",
    "Change the model of {1}: {2}",
    "Add the field {1} to {2}",
    "Add {1} to the model",
    "Pin nothing more of {1}",
    "Make {1} of {2}",
    "Samsung Internet",
    "Mac OS X",
    "git show {1}",
    "Time zone {}",
    "<1>Ctrl</1> + <2>S</2>",
    "Esc",
}
PACKAGE = Path(__file__).resolve().parent.parent.parent / "gitcms"
ROOMS = ("accounts", "entries", "schema", "web", "remotes", "site", "media", "unsaved", "builds", "errors")
ROOMS += ("views", "history", "mail", "content/merge", "content/document", "content/paths")
ROOMS += ("modelling", "network")
ROOMS += tuple(f"repository/{name}" for name in ("address", "cloning", "remote", "ssh"))
# For whoever writes a configuration file, and for programs that watch the server.
NOT_ROOMS = {"schema/configured", "web/pages/health.py"}
# What these are given is for logs and administrators, or no text at all.
NOT_SHOWN = {"event", "note", "ConfigError", "BuildError", "compile", "Courier", "ValueError", "RuntimeError"}
NOT_SHOWN_NAMES = {"details", "where", "level"}
SENTENCE = re.compile(r"[A-ZÀ-Ý“{‘].* .*|[a-z ].* .*[.?!]", re.DOTALL)


def of_the_code() -> dict[str, str]:
    """Return message → the file it was found in."""
    found: dict[str, str] = {}
    for room in ROOMS:
        path = PACKAGE / room
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]:
            inside = file.relative_to(PACKAGE)
            if {inside.as_posix(), inside.parent.as_posix()} & NOT_ROOMS:
                continue
            for text in sentences(ast.parse(file.read_text(encoding="utf-8"))):
                found.setdefault(text, str(file.relative_to(PACKAGE)))
    return found


def of_templates() -> dict[str, str]:
    """Return message → the template it was found in."""
    found: dict[str, str] = {}
    for file in sorted(TEMPLATES.rglob("*.html")):
        for text in pieces.found_in(file.read_text(encoding="utf-8")):
            found.setdefault(text, str(file.relative_to(TEMPLATES)))
    return found


def of_tables() -> dict[str, str]:
    """Return the words that stand alone: names of days and roles, what happened to accounts, scripts."""
    words = [*look.DAYS, *look.MONTHS, *DATES, "Today", "Yesterday", "yesterday"]
    words += [*people.ROLE_NAMES.values(), *people.ROLE_WORDS.values(), *people.EVENT_WORDS.values()]
    words += [each.label for each in (*SITE, *COLLECTION, *FIELD)]
    return dict.fromkeys([*words, *MORE, *pieces.of_scripts()], "web")


def everything() -> dict[str, str]:
    """Return every message that a catalog must have, and where it is said."""
    found = of_templates() | of_the_code() | of_tables()
    forms = {form for pair in plurals() for form in pair}
    return {text: where for text, where in found.items() if text not in NOT_READ | forms}


def plurals() -> dict[tuple[str, str], str]:
    """Return both English forms of every sentence with a number → where it is said."""
    found = dict.fromkeys(pieces.counted_by_scripts(), "web")
    for file in sorted(TEMPLATES.rglob("*.html")):
        for pair in pieces.counted_in(file.read_text(encoding="utf-8")):
            found.setdefault(pair, str(file.relative_to(TEMPLATES)))
    for file in sorted(PACKAGE.rglob("*.py")):
        for pair in counted_in_code(ast.parse(file.read_text(encoding="utf-8"))):
            found.setdefault(pair, str(file.relative_to(PACKAGE)))
    for table in (stories.ENTRIES, stories.IMAGES, stories.FILES):
        found |= dict.fromkeys(table.values(), "history/stories.py")
    return found


def counted_in_code(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "counted":
            forms = [part.value for part in node.args[1:3] if isinstance(part, ast.Constant)]
            if len(forms) == 2:
                yield str(forms[0]), str(forms[1])


def sentences(tree: ast.AST) -> Iterator[str]:
    documented = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
        and isinstance(node.body[0].value, ast.Constant)
    }
    yield from _texts(tree, documented)


def _texts(node: ast.AST, skipped: set[int]) -> Iterator[str]:
    if id(node) in skipped or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
        return
    if isinstance(node, ast.Constant | ast.JoinedStr):
        text = _message(node)
        if isinstance(text, str) and SENTENCE.fullmatch(text) and _words(text):
            yield text.strip()
        if isinstance(node, ast.JoinedStr):
            for part in node.values:
                if isinstance(part, ast.FormattedValue):
                    yield from _texts(part.value, skipped)
        return
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in NOT_SHOWN:
            return
        if name == "counted":  # see `counted_in_code`
            for part in node.args[3:]:
                yield from _texts(part, skipped)
            return
        for keyword in node.keywords:
            if keyword.arg not in NOT_SHOWN_NAMES:
                yield from _texts(keyword.value, skipped)
        for part in (node.func, *node.args):
            yield from _texts(part, skipped)
        return
    for child in ast.iter_child_nodes(node):
        yield from _texts(child, skipped)


def _message(node: ast.Constant | ast.JoinedStr) -> str | None:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    number, text = 0, ""
    for part in node.values:
        if isinstance(part, ast.Constant):
            text += str(part.value)
        else:
            number += 1
            text += f"{{{number}}}"
    return text


def _words(text: str) -> bool:
    return len(re.findall(r"[^\W\d_]{2,}", re.sub(r"\{\d+\}", "", text))) >= 2 and "\n" not in text.strip()
