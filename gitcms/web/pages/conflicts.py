"""The page with two people's versions: what fits together, and a choice where it does not.

It is an answer to a save, not a page with an address of its own. Everything that was typed travels
on in hidden fields, so the choices can be saved, or put off, without anything being lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from operator import itemgetter

from flask import g, make_response, render_template, request
from markupsafe import Markup, escape
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from gitcms import entries
from gitcms.content import compare
from gitcms.entries import Change, Clash, Entry
from gitcms.errors import EditConflict, GitCMSError
from gitcms.web import errors_page
from gitcms.web.login import current_author

CHOICE, OWN = "choice.", "own."
# What belongs to this page and not to the form that it carries on.
OURS = ("csrf_token", "resolve", "against", "intent", "do")


def show(entry: Entry, change: Change, error: GitCMSError) -> Response:
    """Return the page for a save that was not done.

    :param entry: as its author opened it.
    :param error: why not: an EditConflict, or what came of choices that were made before.
    """
    found = entries.conflict(g.site, entry.collection, entry.path, change)
    made = choices(request.form)
    response = make_response(
        render_template(
            "entries/conflict.html",
            collection=entry.collection,
            title=found.entry.title,
            target=request.script_root + request.path,
            conflict=found,
            clashes=found.clashes,
            kept=_kept(request.form),
            intent=change.intent,
            problem=_problem(error),
            pictures=bool(change.uploads),
            chosen=by_place({name: choice.partition(":")[0] for name, choice in made.items()}),
            own=own_texts(request.form),
            by_me=found.by is not None and found.by.author == current_author(),
            marked=marked,
        )
    )
    response.status_code = errors_page.status_of(error)
    return response


def choices(form: MultiDict[str, str]) -> Mapping[str, str]:
    """Return what was chosen for each place, as `entries.resolve` takes it."""
    made = {name.removeprefix(CHOICE): value for name, value in form.items() if name.startswith(CHOICE)}
    return {
        name: f"own:{form.get(OWN + name, '').replace(chr(13), '')}" if value == "own" else value
        for name, value in made.items()
    }


def own_texts(form: MultiDict[str, str]) -> dict[str, str]:
    """Return the texts that somebody wrote instead of both versions, by the place."""
    return by_place({name.removeprefix(OWN): text for name, text in form.items() if name.startswith(OWN)})


def by_place(texts: Mapping[str, str]) -> dict[str, str]:
    """Return what was chosen or written for a place, which may hold another text by now."""
    return {name.rpartition("~")[0]: text for name, text in texts.items()}


def _problem(error: GitCMSError) -> str:
    if not isinstance(error, EditConflict):
        return f"{error} {error.hint}"
    return "It was saved once more while you chose." if request.form.get("resolve") else ""


def _kept(form: MultiDict[str, str]) -> list[tuple[str, str]]:
    return [
        (name, value)
        for name, value in form.items(multi=True)
        if name not in OURS and not name.startswith((CHOICE, OWN))
    ]


def marked(clash: Clash, whose: str) -> Markup:
    """Return one side of a place, with the words marked that the other side has not."""
    text = clash.mine if whose == "mine" else clash.theirs
    if not text:
        nothing = "Nothing stands here." if clash.base is None or text == "" else "This was removed."
        return Markup("<em>{}</em>").format(nothing)
    kind = "added" if whose == "mine" else "removed"
    spans = compare.words(clash.theirs or "", clash.mine or "")
    shown = [(span.text, span.kind == kind) for span in spans if span.kind in ("same", kind)]
    # Words that differ one after the other are one mark, with the blanks between them.
    runs = [
        (
            text,
            differs
            or (not text.strip() and 0 < at < len(shown) - 1 and shown[at - 1][1] and shown[at + 1][1]),
        )
        for at, (text, differs) in enumerate(shown)
    ]
    return Markup("").join(
        Markup("<mark>{}</mark>").format(text) if differs else escape(text)
        for differs, parts in groupby(runs, key=itemgetter(1))
        for text in ["".join(text for text, _ in parts)]
    )
