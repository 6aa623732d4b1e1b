"""The lists of entries, and the page where one writes: new, opened, saved, deleted.

What a form means is `web.forms`' to say, what a save does is `gitcms.entries`'. Here it is decided
which page answers: the entry as it is saved now, the same form with what was typed and a sentence
beside what has to be mended, or the page with two people's versions (`conflicts`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from flask import Flask, abort, flash, g, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.wrappers import Response

from gitcms import builds, entries, history, media, presence, unsaved, views
from gitcms.accounts.permissions import Permission, Place
from gitcms.content import markdown
from gitcms.content.body import holds_two_versions
from gitcms.counting import counted
from gitcms.entries import Beside, Change, Entry, ListQuery, Saved, Taken, Upload
from gitcms.errors import (
    DocumentError,
    EditConflict,
    GitCMSError,
    InvalidEntry,
    PathRefused,
    PathTaken,
    PermissionDenied,
    RepositoryError,
    UploadRefused,
)
from gitcms.history import label_of
from gitcms.schema.collection import Collection
from gitcms.schema.validation import validate
from gitcms.site import Site
from gitcms.web import errors_page, forms, look
from gitcms.web.login import current_account, current_author, current_writer, redisplays
from gitcms.web.pages import conflicts
from gitcms.web.security import may, place_in, requires

VIEWS = ("write", "both", "fields", "look")
MOST_SEARCHED = 200
MOST_CHOICES = 10
BLOB = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
# What went wrong with a save and leaves the author on the page, with the text as it was typed.
SHOWN_BESIDE_THE_TEXT = (
    InvalidEntry,
    DocumentError,
    PathRefused,
    PermissionDenied,
    UploadRefused,
    RepositoryError,
)
# What may stand above the text, and of which types it is there.
ABOVE = {"summary": ("text", "longtext"), "image": ("image",)}
DONE = {
    "publish": "Published.",
    "unpublish": "Unpublished. It is a draft now, and leaves the site with the next rebuild.",
    "draft": "Saved as a draft.",
}

ORDERS = {
    "newest": "Newest first",
    "changed": "Last changed first",
    "title": "By title",
    "commit_author": "By who changed it last",
}
AS_A_DRAFT = "Save it as a draft, and ask somebody who may publish."

Answer = Callable[[GitCMSError], Response]


@dataclass(frozen=True, slots=True)
class Problem:
    """What has to be mended: the control's id, its label, and a sentence; `entry` is spoken of in it."""

    id: str
    label: str
    words: str
    entry: str = ""


def register(app: Flask) -> None:
    app.add_url_rule("/collections/<name>/", "entries", listing)
    app.add_url_rule("/collections/<name>/new", "new_entry", new_entry)
    app.add_url_rule("/collections/<name>/new", "create_entry", create_entry, methods=["POST"])
    app.add_url_rule("/collections/<name>/entries/<path:path>", "entry", entry)
    app.add_url_rule("/collections/<name>/entries/<path:path>", "save_entry", save_entry, methods=["POST"])
    app.add_url_rule("/collections/<name>/deletions/<path:path>", "deletion", deletion)
    app.add_url_rule(
        "/collections/<name>/deletions/<path:path>", "delete_entry", delete_entry, methods=["POST"]
    )


# ── lists ────────────────────────────────────────────────────────────────────────────────────


@requires(Permission.VIEW)
def listing(name: str) -> Response | str:
    site: Site = g.site
    collection = site.collection(name)
    kept = _views(site, collection)
    opens = next((query for view, query in kept if view.opens), entries.first_shown(collection))
    if not request.args and spelled(collection, opens):
        return redirect(list_address(collection, opens))
    query = asked_of_list(collection, request.args)
    shown = replace(query, page=1)
    filters = entries.filters(site, collection)
    groups = [(f"{entries.NAMED}{one.label}", one.label) for one in collection.lists.groups]
    groups += _groups(collection)
    whole = next((part.count for part in look.parts(site) if part.name == name), 0)
    return render_template(
        "entries/list.html",
        collection=collection,
        query=query,
        sorts=_sorts(collection),
        listing=entries.listing(site, collection, query),
        present=presence.everywhere(site.database, current_account(), now=site.now()),
        filters=filters,
        full=entries.is_full(collection, whole),
        columns=entries.columns(collection),
        groups=groups,
        # What a control of the form asks for; the rest of what is asked stays as it is.
        shown_controls={"q", "sort", "show", "group", *(f"f.{one.name}" for one in filters)},
        chosen=[
            (label_of(collection.fields, tuple(field.split("."))), value, _without(query, field))
            for field, value in query.choices
        ],
        address=partial(list_address, collection),
        views=[(view, list_address(collection, asked), asked == shown) for view, asked in kept],
        named=list(_named(collection, shown)),
        longest_name=views.LONGEST_NAME,
        asked=spelled(collection, query),
        whole=whole,
    )


def _views(site: Site, collection: Collection) -> list[tuple[views.View, ListQuery]]:
    """Return the views that this person has of a list, each with what it asks for."""
    kept = views.of_list(site.database, current_account(), collection.name)
    return [(view, asked_of_list(collection, view.asked)) for view in kept]


def asked_of_list(collection: Collection, said: views.Asked | MultiDict[str, str]) -> ListQuery:
    """Return what a list is asked for: by its address, by a form or by a view."""
    given: MultiDict[str, str] = MultiDict(said)
    usual, sorts = entries.usual(collection), [sort for sort, _ in _sorts(collection)]
    sort = one_of(sorts, given.get("sort", ""), usual.sort)
    turned = usual.turned if sort == usual.sort else False
    return ListQuery(
        text=given.get("q", "").strip()[:MOST_SEARCHED],
        state=one_of(entries.STATES, given.get("state", ""), ""),
        sort=sort,
        turned={"yes": True, "no": False}.get(given.get("turned", ""), turned),
        named=tuple(one.label for one in collection.lists.filters if one.label in given.getlist("only")),
        page=given.get("page", 1, type=int),
        choices=tuple(_choices(given)),
        columns=tuple(name for name, _ in entries.columns(collection) if name in given.getlist("show")),
        group=one_of(
            [name for name, _ in _groups(collection)]
            + [f"{entries.NAMED}{one.label}" for one in collection.lists.groups],
            given.get("group", ""),
            "",
        ),
    )


def _named(collection: Collection, shown: ListQuery) -> Iterator[tuple[str, str, bool]]:
    """Yield the filters and groupings of the site's owners: words, an address to switch, whether it is on."""
    for one in collection.lists.filters:
        on = one.label in shown.named
        named = tuple(each for each in shown.named if each != one.label)
        yield one.label, list_address(collection, shown, named=named if on else (*named, one.label)), on
    for one in collection.lists.groups:
        group = f"{entries.NAMED}{one.label}"
        on = group == shown.group
        yield one.label, list_address(collection, shown, group="" if on else group), on


def spelled(collection: Collection, query: ListQuery) -> dict[str, list[str]]:
    """Return what a list is asked for as its address has it, without the page; what is usual is left out."""
    usual = entries.usual(collection)
    turned = usual.turned if query.sort == usual.sort else False
    asked = {
        "q": [query.text],
        "state": [query.state],
        "sort": [query.sort if query.sort != usual.sort else ""],
        "turned": ["" if query.turned is turned else "yes" if query.turned else "no"],
        "only": list(query.named),
        "show": list(query.columns),
        "group": [query.group],
        **{f"f.{field}": [value] for field, value in query.choices},
    }
    return {name: values for name, values in asked.items() if any(values)}


def _groups(collection: Collection) -> list[tuple[str, str]]:
    return [(sort.removeprefix(entries.BY), label) for sort, label in entries.groups(collection)]


def _sorts(collection: Collection) -> list[tuple[str, str]]:
    found = [
        (sort, f"By {label.lower()}" if label else ORDERS[sort]) for sort, label in entries.sorts(collection)
    ]
    usual = entries.SORTS if collection.lists.sortable is None else [entries.usual(collection).sort]
    known = [sort for sort, _ in found]
    return [(sort, ORDERS[sort]) for sort in usual if sort not in known] + found


def _choices(given: MultiDict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield what the address asks of fields: `f.country=Chile`. An empty one asks nothing."""
    asked = [(key, value) for key, value in given.items() if key[:2] == "f." and key[2:] and value.strip()]
    for key, value in asked[:MOST_CHOICES]:
        yield key.removeprefix("f.")[:MOST_SEARCHED], value[:MOST_SEARCHED]


def _without(query: ListQuery, field: str) -> ListQuery:
    return replace(query, choices=tuple(one for one in query.choices if one[0] != field), page=1)


def list_address(collection: Collection, query: ListQuery, **changed: Any) -> str:
    """Return the address of a list, some of whose query is changed; what is usual is left out."""
    query = replace(query, **{"page": 1, **changed})
    asked: dict[str, Any] = dict(spelled(collection, query))
    if query.page > 1:
        asked["page"] = query.page
    # One that asks for nothing says so, lest the list open with the view that its reader chose.
    return url_for("entries", name=collection.name, **(asked or {"view": "all"}))


# ── one entry ────────────────────────────────────────────────────────────────────────────────


@requires(Permission.VIEW)
def entry(name: str, path: str) -> str:
    site: Site = g.site
    return _page(_as_saved(entries.open_entry(site, site.collection(name), path)))


@requires(Permission.EDIT_ENTRY)
def new_entry(name: str) -> str:
    site: Site = g.site
    like = request.args.get("like", "")
    return _page(_as_saved(entries.blank_entry(site, site.collection(name), like)))


@requires(Permission.EDIT_ENTRY)
def save_entry(name: str, path: str) -> Response | str:
    """Save an entry, or show its form changed by a button that saves nothing."""
    site: Site = g.site
    collection = site.collection(name)
    written = _as_posted(_opened(site, collection, path, request.form), request.form, request.files)
    resolving = bool(request.form.get("resolve"))
    if request.form.get("do") == "take":
        return _with_what_stands_outside(site, written)
    if request.form.get("do") == "put-back":
        return _put_back(site, written)

    def save(change: Change) -> Saved:
        if not resolving:
            return entries.save(site, collection, path, change, current_writer())
        choices, against = conflicts.choices(request.form), request.form.get("against", "")
        return entries.resolve(site, collection, path, change, choices, against, current_writer())

    def two_versions(error: GitCMSError) -> Response:
        return conflicts.show(written.entry, written.change, error)

    return _take(written, save, two_versions, two_versions if resolving else None)


@requires(Permission.EDIT_ENTRY)
def create_entry(name: str) -> Response | str:
    """Save a new entry, or show its form changed by a button that saves nothing."""
    site: Site = g.site
    collection = site.collection(name)
    blank = entries.blank_entry(site, collection, request.form.get("like", ""))
    written = _as_posted(blank, request.form, request.files)
    return _take(written, lambda change: entries.create(site, collection, change, current_writer()))


@dataclass(frozen=True, slots=True)
class _Written:
    """An entry as its page shows it: as it was opened, with what was typed over it."""

    entry: Entry
    fields: list[forms.BoundField]
    body: str
    token: str
    """Under which the form is kept while it is unsaved."""
    reading: forms.FormReading | None = None

    @property
    def change(self) -> Change:
        """What its author wants saved."""
        assert self.reading is not None
        return Change(
            base=self.entry.base,
            values=self.reading.values,
            body=self.reading.body,
            uploads=tuple(Upload(one.field, one.filename, one.data) for one in self.reading.uploads),
            intent=self.reading.intent,
            name=self.reading.name,
            taken=self.entry.taken,
        )


def _opened(site: Site, collection: Collection, path: str, form: MultiDict[str, str]) -> Entry:
    """Return the entry as its author opened it, which may be gone or another one by now.

    Without knowing which version that was, nothing may be saved over the present one.

    :raises NotFound: when there never was such a version.
    """
    base = form.get("base", "")
    if not BLOB.fullmatch(base):
        abort(400)
    disk, made = form.get("disk", ""), form.get("taken", "")
    taken = Taken(disk, made) if BLOB.fullmatch(disk) and BLOB.fullmatch(made) else None
    return entries.open_entry(site, collection, path, blob=base, taken=taken)


def _as_saved(entry: Entry) -> _Written:
    fields = forms.form_fields(entry.collection, entry.values)
    return _Written(entry, fields, entry.body, unsaved.new_token())


def _as_posted(entry: Entry, form: MultiDict[str, str], files: MultiDict[str, FileStorage]) -> _Written:
    site: Site = g.site
    form = _with_lines_joined(entry, form)
    reading = forms.read_form(entry.collection, form, files, entry.values, now=site.local(site.now()))
    body = entry.body if reading.body is None else reading.body
    return _Written(entry, reading.fields, body, form.get("kept") or unsaved.new_token(), reading)


def _with_lines_joined(entry: Entry, form: MultiDict[str, str]) -> MultiDict[str, str]:
    """Return a form without the line ends that only the shape of a control above the text let in."""
    changed = form.copy()
    for one in forms.form_fields(entry.collection, entry.values):
        one_line = one.meaning == "title" or (one.meaning == "summary" and one.control == "text")
        if one_line and "\n" not in one.value and "\r" not in one.value:
            texts = [" ".join(text.split("\n")).replace("\r", "") for text in form.getlist(one.name)]
            changed.setlist(one.name, texts)
    return changed


def _take(
    written: _Written,
    save: Callable[[Change], Saved],
    on_conflict: Answer | None = None,
    on_problem: Answer | None = None,
) -> Response | str:
    """Answer a posted form: saved and gone on, or shown again with everything that was typed."""
    reading = written.reading
    assert reading is not None
    if reading.do or reading.intent == "preview":
        return _page(written, view="look" if reading.intent == "preview" else "", touched=True)
    place = _place(written.entry)
    if reading.intent in ("publish", "unpublish") and not may(Permission.PUBLISH, place):
        denied = PermissionDenied("Your account may not put pages live or take them off.", hint=AS_A_DRAFT)
        return _page_with_problems(written, denied)
    if reading.uploads and not may(Permission.UPLOAD_MEDIA, place):
        return _page_with_problems(written, PermissionDenied("Your account may not add pictures."))
    if reading.errors:
        return _page_with_problems(written, InvalidEntry("", _every_problem(written)))
    try:
        saved = save(written.change)
    except EditConflict as error:
        if on_conflict is None:
            raise
        return on_conflict(error)
    except SHOWN_BESIDE_THE_TEXT as error:
        return on_problem(error) if on_problem else _page_with_problems(written, error)
    with suppress(RepositoryError):
        # The save is done; that its text stays listed as unsaved for a while is no reason to say otherwise.
        unsaved.end(g.site.database, current_account(), written.token, now=g.site.now())
        presence.leave(g.site.database, current_account(), written.token)
    return _gone_on(written.entry.collection, saved, reading.intent)


def _every_problem(written: _Written) -> dict[str, str]:
    """Return what cannot be read and what is not right in the rest, so that all is mended in one go."""
    assert written.reading is not None
    entry, reading = written.entry, written.reading
    judged = validate(entry.collection, reading.values, complete=False, old=entry.values)
    return {**judged, **reading.errors}


def _gone_on(collection: Collection, saved: Saved, intent: str) -> Response:
    """Say what a save did, and go on with the entry where it lies now."""
    if saved.commit is None:
        flash("Nothing to save, this is the saved version.", "note")
    elif intent in DONE:
        flash(DONE[intent], "live")
    look.say_sent(saved.sent)
    if saved.beside is not None:
        flash(_kept_too(saved.beside, saved.commit is not None), "note")
    home = g.site.collection_of(saved.path) or collection
    return redirect(url_for("entry", name=home.name, path=saved.path), 303)


def _kept_too(beside: Beside, saved: bool) -> str:
    """Say that somebody else's change is in it, too, and what that was."""
    mine = beside.by is not None and beside.by.author == current_author()
    who = "You, in another window," if mine else beside.by.author.name if beside.by else "Someone else"
    what = f": {beside.what}" if beside.what else ""
    done = "Both changes are kept." if saved else "It is what you have here."
    return f"{who} changed this while you were writing{what}. {done}"


# ── the page ─────────────────────────────────────────────────────────────────────────────────


def _page_with_problems(written: _Written, error: GitCMSError) -> Response:
    """Show the form again with a sentence beside each field, and a summary that leads to them."""
    assert written.reading is not None
    sentence, hint = errors_page.told(error)
    problems: list[Problem] = []
    if isinstance(error, InvalidEntry):
        written.reading.mark(error.errors)
        of = {error.errors[key]: path for key, path in error.entries.items()}
        problems = [replace(one, entry=of.get(one.words, "")) for one in _problems(written.fields)]
        placed = {problem.words for problem in problems}
        problems += [Problem("", "", words) for words in error.errors.values() if words not in placed]
    in_the_address = isinstance(error, PathRefused | PathTaken) and not written.entry.path
    if in_the_address:
        problems = [Problem("entry-name", "Address", str(error))]
    response = make_response(
        _page(
            written,
            touched=True,
            problems=problems or [Problem("", "", hint)],
            problems_title=_number_of_problems(len(problems)) if problems else sentence,
            problems_hint="Choose the picture again, too." if written.reading.uploads else "",
            name_error=str(error) if in_the_address else "",
        )
    )
    response.status_code = errors_page.status_of(error)
    errors_page.say_when(response, error)
    return response


def _problems(fields: Iterable[forms.BoundField], above: tuple[str, ...] = ()) -> Iterator[Problem]:
    """Yield what has to be mended, each named by the way that leads to it."""
    for one in fields:
        way = (*above, one.label)
        if one.error:
            yield Problem(one.id, ", ".join(way), one.error)
        if one.kind.shape == "many":
            for number, item in enumerate(one.children, 1):
                card = (*way, item.summary[0] or f"{item.label} {number}")
                if item.error:
                    yield Problem(item.id, ", ".join(card), item.error)
                yield from _problems(item.children, card)
        else:
            yield from _problems(one.children, way)


def _number_of_problems(count: int) -> str:
    return counted(
        count,
        "One field needs a look before this can be saved",
        "{1} fields need a look before this can be saved",
    )


def _page(
    written: _Written,
    *,
    view: str = "",
    touched: bool = False,
    problems: Sequence[Problem] = (),
    problems_title: str = "",
    problems_hint: str = "",
    name_error: str = "",
) -> str:
    site: Site = g.site
    entry, reading = written.entry, written.reading
    title = next(
        (one for one in written.fields if one.meaning == "title" and one.control in ("text", "lines")), None
    )
    lede, cover = _of_the_text(written.fields, "summary"), _of_the_text(written.fields, "image")
    shown = [one for one in written.fields if one not in (title, lede, cover)]
    change = history.last_change(site, entry.path) if entry.path else None
    return render_template(
        "entries/edit.html",
        collection=entry.collection,
        entry=entry,
        body=written.body,
        title=title,
        lede=lede,
        cover=cover,
        sections=forms.sections([one for one in shown if not one.more]),
        others=[one for one in shown if one.more],
        view=view or one_of(VIEWS, request.form.get("view", ""), VIEWS[0]),
        look=look_at(site, written.body, entry.path),
        picture_url=lambda value: picture_url(site, value, entry.path),
        used_words=lambda bound: entries.used_words(site, entry.collection, ".".join(bound.way)),
        related=lambda bound: entries.told(
            site, bound.field, [one for one in bound.value.split("\n") if one]
        ),
        look_for=lambda bound: (
            entries.look_for(site, bound.field, bound.find) if bound.find else entries.few(site, bound.field)
        ),
        relations_url=lambda bound: url_for("relations", name=entry.collection.name, field=bound.way),
        on_site=_where_visitors_find(entry),
        wanted_name=reading.name if reading else "",
        name_error=name_error,
        problems=problems,
        problems_title=problems_title,
        problems_hint=problems_hint,
        unsaved=touched,
        locked=_locked(entry),
        place=_place(entry),
        saved_at=change.when if change else None,
        status=builds.status(site, change.id if change else ""),
        saved_commit=change.id if change else "",
        sent=look.sent(site, entry.path) if entry.path else None,
        outside=entries.story_outside(site, entry) if entry.changed_on_disk else None,
        GONE=entries.GONE,
        two_versions=holds_two_versions(written.body),
        token=written.token,
        unsaved_texts=_other_texts(site, written),
        present=_others_here(site, written),
        newer=None,
        me=current_account().email,
    )


def _of_the_text(fields: Iterable[forms.BoundField], meaning: str) -> forms.BoundField | None:
    """Return the field that stands above the text for what it means: the entry's summary, or its picture.

    Where the site's owners gave it a place among the fields, or a condition, it stays there.
    """
    for one in fields:
        if one.meaning == meaning and one.type in ABOVE[meaning]:
            placed = one.field.tab or one.field.group or one.condition or one.before or one.after
            return None if placed else one
    return None


def _place(entry: Entry) -> Place:
    return Place(entry.collection.name, entry.path) if entry.path else place_in(entry.collection)


def _locked(entry: Entry) -> str:
    """Say why this person can only read an entry, or "" when they may write it."""
    place = _place(entry)
    if not may(Permission.EDIT_ENTRY, place):
        return "Your account may read this page and write elsewhere."
    if entry.path and entry.state != "draft" and not may(Permission.PUBLISH, place):
        return "It is live, and your account changes drafts only."
    return ""


def _other_texts(site: Site, written: _Written) -> list[unsaved.KeptText]:
    """Return what this person has typed for the same entry and not saved, but for what the page shows."""
    found = unsaved.texts(site.database, current_account(), written.entry.path)
    here = (written.entry.collection.name, written.token)
    return [kept for kept in found if kept.token != here[1] and (kept.path or kept.collection == here[0])]


def _others_here(site: Site, written: _Written) -> list[presence.Present]:
    """Return who else has the entry open, and note that this page shows it to somebody who may write it."""
    path, account, now = written.entry.path, current_account(), site.now()
    if not path:
        return []
    if not _locked(written.entry):
        # A server that cannot write at the moment shows its pages all the same.
        with suppress(RepositoryError):
            presence.come(site.database, account, written.token, path, now=now)
    here = presence.beside(site.database, account, written.token, path, now=now)
    # The window that this page was loaded into may be known still; its script tells of real other ones.
    return [one for one in here if not one.is_me]


def _with_what_stands_outside(site: Site, written: _Written) -> Response | str:
    """Show the form with what somebody wrote in the site's folder taken over into it. Nothing is saved."""
    reading = written.reading
    assert reading is not None
    if reading.errors:
        return _page_with_problems(written, InvalidEntry("", reading.errors))
    try:
        entry, both = entries.take_over(site, written.entry.collection, written.entry.path, written.change)
    except SHOWN_BESIDE_THE_TEXT as error:
        return _page_with_problems(written, error)
    words = "What was changed outside is in the form now, and not saved yet."
    if both:
        words += " Where you both wrote, look at what stands there before you save."
    flash(words, "review" if both else "note")
    return _page(_as_saved(entry), touched=True)


def _put_back(site: Site, written: _Written) -> Response | str:
    """Put the file that is gone from the folder back, and show the form as it was typed."""
    if words := _locked(written.entry):
        return _page_with_problems(written, PermissionDenied(words))
    try:
        done = entries.put_back(site, written.entry.path)
    except RepositoryError as error:
        return _page_with_problems(written, error)
    flash("The page is back in the site’s folder." if done else "Something else stands there now.", "note")
    entry = entries.open_entry(site, written.entry.collection, written.entry.path, blob=written.entry.base)
    return _page(replace(written, entry=entry), touched=True)


def _where_visitors_find(entry: Entry) -> str | None:
    """Return the address to look an entry up at, once it is live and the site's own address is known."""
    known = entry.state == "live" and (entry.address or "").startswith(("https://", "http://"))
    return entry.address if known else None


def look_at(site: Site, text: str, path: str) -> Markup:
    """Return how a text reads: only Markdown, with the pictures that are files of the site."""
    # The renderer lets no HTML through and judges every address.
    return Markup(markdown.to_html(text, image_url=lambda address: picture_url(site, address, path)))


def picture_url(site: Site, value: str, path: str) -> str | None:
    """Return where we show the picture that an entry's value or text means, if it is a file of the site."""
    found = media.find(site, value, path)
    return url_for("files", path=found) if found else None


# ── deleting ─────────────────────────────────────────────────────────────────────────────────


@requires(Permission.DELETE_ENTRY)
def deletion(name: str, path: str) -> str:
    """Ask whether an entry should go."""
    site: Site = g.site
    entries.heed_rules(site, {path: None}, {path: site.blobs().get(path)})
    entries.allow(site, {path: None}, {path: site.blobs().get(path)}, current_account().rights)
    return _ask_to_delete(entries.open_entry(site, site.collection(name), path))


@requires(Permission.DELETE_ENTRY)
def delete_entry(name: str, path: str) -> Response:
    site: Site = g.site
    collection = site.collection(name)
    opened = entries.open_entry(site, collection, path)
    try:
        done = entries.delete(site, collection, path, request.form.get("base", ""), current_writer())
    except EditConflict:
        flash("Someone else saved this meanwhile. Look at it once more before you delete it.", "review")
        return make_response(_ask_to_delete(opened), 409)
    flash(f"“{opened.title}” is deleted. It stays in Changes and can be brought back.", "live")
    look.say_sent(done.sent)
    return redirect(url_for("entries", name=collection.name), 303)


def _ask_to_delete(entry: Entry) -> str:
    site: Site = g.site
    named = entries.naming(site, entry.collection, entry.path, entry.values)
    return render_template(
        "entries/delete.html",
        collection=entry.collection,
        entry=entry,
        inbound=entries.inbound(site, named),
    )


# ── after signing in again ───────────────────────────────────────────────────────────────────


@redisplays("save_entry")
def _show_saved_again(arguments: dict[str, Any], form: MultiDict[str, str]) -> str:
    return shown_again(arguments["name"], arguments["path"], form)


@redisplays("create_entry")
def _show_new_again(arguments: dict[str, Any], form: MultiDict[str, str]) -> str:
    return shown_again(arguments["name"], "", form)


def shown_again(name: str, path: str, form: MultiDict[str, str]) -> str:
    """Return the writing page with a form in it as it was typed, unsaved.

    :param path: of the entry; empty for a new one.
    """
    site: Site = g.site
    collection = site.collection(name)
    entry = (
        _opened(site, collection, path, form)
        if path
        else entries.blank_entry(site, collection, form.get("like", ""))
    )
    return _page(_as_posted(entry, form, MultiDict()), touched=True)


def one_of(known: Sequence[str], wanted: str, otherwise: str) -> str:
    """Return what was wanted if it is known."""
    return wanted if wanted in known else otherwise
