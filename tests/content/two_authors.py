"""Two authors' made-up edits of one post, and what has to come of them, decided without the code under test.

Every edit is told by the place that it touches, in the coordinates of the version that both opened. Edits
of different places are disjoint, and what they make together is worked out here on plain values and plain
text. Each brings a word that stands nowhere else, so that nothing can get lost unseen.
"""

from __future__ import annotations

import copy
import random
import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from gitcms.content.document import Document
from gitcms.content.edits import edits_between
from gitcms.content.values import Path

ADDED = ("subtitle_x", "editor_x", "place_x")
SAFE = re.compile(r"[^\W\d_][^<>`~|{}\n\[\]=#*+-]*(?:\n[^\W\d_][^<>`~|{}\n\[\]=#*+-]*)*")


@dataclass(frozen=True)
class Edit:
    """One thing that one author does. `kind` and `place` say what; `new` is the value, text or item."""

    kind: str
    place: Path
    new: Any = None
    word: str = ""


@dataclass
class Post:
    """A post that both opened, and what of it can be edited without a doubt about what that means."""

    source: bytes
    document: Document = field(init=False)
    paragraphs: list[tuple[int, int]] = field(init=False)

    def __post_init__(self) -> None:
        self.document = Document.parse(self.source)
        self.paragraphs = list(_paragraphs(self.document.body))

    def text(self, number: int) -> str:
        start, end = self.paragraphs[number]
        return self.document.body[start:end]


def _paragraphs(body: str) -> Any:
    """Yield where the plain paragraphs are that stand between two others: prose, alone in its wording."""
    if re.search(r"^ {0,3}(```|~~~|<(pre|script|style|textarea|!--))", body, re.IGNORECASE | re.MULTILINE):
        # What is inside such a piece is one with it; the posts that have them are edited in their fields.
        return
    pieces = [found.span() for found in re.finditer(r"(?<![^\n])(?:[^\n]*\S[^\n]*(?:\n|\Z))+", body)]
    texts = [body[start:end].rstrip("\n") for start, end in pieces]
    for number in range(1, len(pieces) - 1):
        neat = all(SAFE.fullmatch(texts[at]) and texts.count(texts[at]) == 1 for at in (number, number + 1))
        apart = [body[pieces[at][1] : pieces[at + 1][0]].strip("\n") == "" for at in (number - 1, number)]
        if neat and all(apart) and len(texts[number]) > 40:
            yield pieces[number][0], pieces[number][0] + len(texts[number])


# ── making edits ──


def some_edits(post: Post, rng: random.Random, name: str) -> list[Edit]:
    """Return one to four edits of one author, none in the way of another."""
    edits: list[Edit] = []
    for number in range(rng.randint(1, 4)):
        word = f"zq{name}{number}x{rng.randrange(10**6)}"
        edit = _field_edit(post, rng, word) if rng.random() < 0.55 else _text_edit(post, rng, word)
        if edit is not None and not any(_too_near(edit, other) for other in edits):
            edits.append(edit)
    return edits


def _field_edit(post: Post, rng: random.Random, word: str) -> Edit | None:
    values = post.document.values
    kind = rng.choice(("set", "set", "set", "add", "remove", "append", "item", "drop", "move"))
    if kind == "add":
        name = rng.choice(ADDED)
        return None if name in values else Edit("add", (name,), f"{word} added", word)
    if kind in ("append", "item", "drop", "move"):
        return _list_edit(post, rng, kind, word)
    places = [(path, value) for path, value in _scalars(values, ())]
    if not places:
        return None
    path, value = rng.choice(places)
    if kind == "remove":
        return Edit("remove", path) if isinstance(path[-1], str) else None
    return Edit("set", path, *_other_value(value, rng, word))


def _list_edit(post: Post, rng: random.Random, kind: str, word: str) -> Edit | None:
    lists = [
        (path, value)
        for path, value in _lists(post.document.values, ())
        if value and len({repr(item) for item in value}) == len(value)
    ]
    if not lists:
        return None
    path, items = rng.choice(lists)
    at = rng.randrange(len(items))
    if kind == "append":
        if all(isinstance(item, str) for item in items):
            return Edit("append", path, f"{word} item", word)
        if all(isinstance(item, dict) and item for item in items):
            return Edit("append", path, {"name": f"{word} item"}, word)
        return None
    if kind == "item":
        return (
            Edit("set", (*path, at), f"{items[at]} {word}", word)
            if isinstance(items[at], str) and items[at].strip()
            else None
        )
    if kind == "move":
        to = rng.randrange(len(items))
        return Edit("move", path, (at, to)) if to != at else None
    return Edit("drop", (*path, at)) if len(items) > 1 else None


def _text_edit(post: Post, rng: random.Random, word: str) -> Edit | None:
    if not post.paragraphs:
        return None
    number = rng.randrange(len(post.paragraphs))
    text = post.text(number)
    kind = rng.choice(("write",) * 7 + ("insert",) * 4 + ("delete",) * 4 + ("rewrite",))
    if kind == "rewrite":
        begins = re.match(r"\s*", post.document.body)
        anew = f"All of it begins anew, with {word}.\n\nAnd ends here.\n"
        return Edit("rewrite", ("text", -1), f"{begins[0] if begins else ''}{anew}", word)
    if kind == "insert":
        return Edit("insert", ("text", number), f"A new paragraph with {word} in it.", word)
    if kind == "delete":
        return Edit("delete", ("text", number))
    words = text.split(" ")
    words[rng.randrange(len(words))] = word
    new = " ".join(words) if rng.random() < 0.7 else f"Wholly other words, {word}, stand here now."
    return Edit("write", ("text", number), new, word)


def _other_value(value: Any, rng: random.Random, word: str) -> tuple[Any, str]:
    if isinstance(value, bool):
        return not value, ""
    if isinstance(value, int):
        return value + rng.randint(1, 999), ""
    if isinstance(value, datetime):
        return value + timedelta(minutes=rng.randint(1, 999)), ""
    if isinstance(value, date):
        return value + timedelta(days=rng.randint(1, 999)), ""
    return (f"{value} {word}".strip() if rng.random() < 0.7 else word), word


def _scalars(value: Any, path: Path) -> Any:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _scalars(part, (*path, key))
    elif isinstance(value, list):
        if len({repr(item) for item in value}) == len(value):
            for at, part in enumerate(value):
                if isinstance(part, dict) and len(part) > 1:
                    yield from _scalars(part, (*path, at))
    elif isinstance(value, str | bool | int | date) and path:
        yield path, value


def _lists(value: Any, path: Path) -> Any:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _lists(part, (*path, key))
    elif isinstance(value, list) and len(value) < 40:
        yield path, value


def _too_near(one: Edit, other: Edit) -> bool:
    """Whether one author's two edits could be told as another one: they are kept apart."""
    if "text" in (one.place[:1], other.place[:1]) or one.place[0] == "text" or other.place[0] == "text":
        if "rewrite" in (one.kind, other.kind):
            return one.place[0] == other.place[0]
        return one.place[0] == other.place[0] == "text" and abs(int(one.place[1]) - int(other.place[1])) < 2
    if one.kind in ("drop", "move") or other.kind in ("drop", "move"):
        lists = [edit.place if edit.kind in ("move", "append") else edit.place[:-1] for edit in (one, other)]
        return _within(lists[0], other.place) or _within(lists[1], one.place) or lists[0] == lists[1]
    return _within(one.place, other.place) or _within(other.place, one.place)


def _within(above: Path, below: Path) -> bool:
    return below[: len(above)] == above


# ── what has to come of them ──


def meets(one: Edit, other: Edit) -> str:
    """Return "apart", "alike" or "same place" for the edits of two authors; "either" for two orders."""
    if one.place[0] == "text" or other.place[0] == "text":
        if one.place[0] == other.place[0] and "rewrite" in (one.kind, other.kind):
            # What is new beside a text that was written anew stays beside it, what is gone is gone.
            return "either" if {one.kind, other.kind} & {"insert", "delete"} else "same place"
        if one.place != other.place or ("insert" in (one.kind, other.kind) and one.kind != other.kind):
            return "apart"
        return "alike" if one.kind == other.kind == "delete" else "same place"
    if {one.kind, other.kind} <= {"append"}:
        return "apart"
    if one.kind == "move" or other.kind == "move":
        if one.kind == other.kind and one.place == other.place:
            return "either"
        taken = next((edit for edit in (one, other) if edit.kind == "remove"), None)
        moved = next(edit for edit in (one, other) if edit.kind == "move")
        return "same place" if taken and _within(taken.place, moved.place) else "apart"
    if one.kind == other.kind == "append" or not (
        _within(one.place, other.place) or _within(other.place, one.place)
    ):
        return "apart"
    if one.kind == "append" or other.kind == "append":
        above = next(edit for edit in (one, other) if edit.kind != "append")
        grown = next(edit for edit in (one, other) if edit.kind == "append")
        return "same place" if _within(above.place, grown.place) else "apart"
    if one.place == other.place and {one.kind, other.kind} in ({"remove"}, {"drop"}):
        return "alike"
    if one.place == other.place and one.kind == other.kind and one.new == other.new:
        return "alike"
    return "same place"


def applied(post: Post, edits: list[Edit]) -> tuple[dict[str, Any], str]:
    """Return the values and the text that edits make of a post, each in the coordinates of the post."""
    values: Any = copy.deepcopy(post.document.values)
    for edit in edits:
        if edit.kind in ("set", "add"):
            _parent(values, edit.place)[edit.place[-1]] = edit.new
    for edit in edits:
        if edit.kind == "remove":
            _parent(values, edit.place).pop(edit.place[-1], None)
    for edit in edits:
        if edit.kind == "move":
            items = _at(values, edit.place)
            items.insert(edit.new[1], items.pop(edit.new[0]))
    gone = sorted({edit.place for edit in edits if edit.kind == "drop"}, key=repr)
    for place in sorted(gone, key=lambda path: path[-1], reverse=True):
        dropped = _at(post.document.values, place)
        items = _at(values, place[:-1])
        items.remove(next(item for item in items if repr(item) == repr(dropped)))
    for edit in edits:
        if edit.kind == "append":
            _at(values, edit.place).append(edit.new)
    return values, _applied_to_text(post, edits)


def _applied_to_text(post: Post, edits: list[Edit]) -> str:
    body = post.document.body
    anew = next((edit.new for edit in edits if edit.kind == "rewrite"), None)
    if anew is not None:
        return str(anew)
    in_text = {(edit.place[1], edit.kind): edit for edit in edits if edit.place[0] == "text"}
    for (number, _), edit in sorted(
        in_text.items(), key=lambda one: (-int(one[0][0]), one[0][1] == "insert")
    ):
        start, end = post.paragraphs[int(number)]
        if edit.kind == "insert":
            body = f"{body[:start]}{edit.new}\n\n{body[start:]}"
        elif edit.kind == "write":
            body = body[:start] + edit.new + body[end:]
        else:
            body = body[:start] + body[end:].lstrip("\n")
    return body


def version(post: Post, edits: list[Edit]) -> bytes:
    """Return the file that one author saves. :raises EditRefused: it cannot be done in this file."""
    values, body = applied(post, edits)
    return post.document.change(edits_between(post.document.values, values), body)


def _parent(values: Any, path: Path) -> Any:
    return _at(values, path[:-1])


def _at(values: Any, path: Path) -> Any:
    for step in path:
        values = values[step]
    return values
