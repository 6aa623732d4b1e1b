"""Have the results of the list read again by readers that are none of ours, and count what they say.

Here: what each has to read, and the count. Not here: the readers (`tests/readers/foreign.py`).

    python tests/content/judge/reread.py [--corpus FOLDER] [--every N] [--show N]

Each reader is held against itself: its own reading of the file before, with the edit done on it, has to be
its reading of the file after. A reader that refuses the file before, or reads nothing at the edit's path
there, says nothing about the edit; both are counted.
"""

from __future__ import annotations

import argparse
import codecs
import copy
import itertools
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from tests.content.judge import oracle, run, yaml_spots
from tests.content.judge.formats import read
from tests.content.judge.oracle import Ask
from tests.content.judge.pieces import cut
from tests.readers.foreign import Answer, Asked, answers, hugo_posts

KINDS = ("yaml", "toml", "json")
MEANT = frozenset(
    [
        "aliases",
        "build",
        "_build",
        "cascade",
        "categories",
        "date",
        "description",
        "draft",
        "expirydate",
        "headless",
        "iscjklanguage",
        "keywords",
        "lang",
        "lastmod",
        "layout",
        "linktitle",
        "markup",
        "menu",
        "menus",
        "modified",
        "outputs",
        "params",
        "path",
        "pubdate",
        "publishdate",
        "published",
        "resources",
        "sitemap",
        "slug",
        "summary",
        "tags",
        "title",
        "translationkey",
        "type",
        "unpublishdate",
        "url",
        "weight",
    ]
)
"""Fields that Hugo reads for a purpose of its own, and may hold as another type."""


@dataclass
class Edited:
    """One edit of the list that was saved: its texts by their numbers."""

    name: str
    ask: Ask
    kind: str
    before: int
    after: int
    there: bool
    """Whether something stood at the path."""


@dataclass
class Verdicts:
    """For each reader, what became of how many edits.

    `same`: it reads what was asked. `differs` and `refuses it now` are ours to mend. Of the others it says
    nothing: it `misreads` such a value wherever it stands, there is `nothing at the path` for it, or it
    `refused it before`.
    """

    counts: dict[str, Counter[str]]
    bad: list[str]

    def add(self, reader: str, one: Edited, verdict: tuple[str, str], text: str) -> None:
        fate, why = verdict
        self.counts[reader][fate] += 1
        if fate in ("differs", "refuses it now"):
            self.bad.append(f"{reader}, {one.name}: {one.ask}\n    {why}\n{text[:2000]}")

    def table(self) -> Iterator[str]:
        fates = (
            "same",
            "differs",
            "refuses it now",
            "misreads",
            "nothing at the path",
            "refused it before",
        )
        yield f"{'reader':14}" + "".join(f"{fate:>21}" for fate in fates)
        for reader, row in sorted(self.counts.items()):
            yield f"{reader:14}" + "".join(f"{row[fate]:21}" for fate in fates)


class Numbers:
    """Texts, each asked about once."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self._known: dict[tuple[str, str], int] = {}

    def of(self, kind: str, text: str) -> int:
        number = self._known.setdefault((kind, text), len(self.asked))
        if number == len(self.asked):
            self.asked.append(Asked(number, kind, text))
        return number


def reread(outcomes: Iterable[run.Outcome]) -> Verdicts:
    """Ask every reader about every saved edit whose front matter it knows."""
    numbers = Numbers()
    edited = list(_saved(outcomes, numbers))
    said: dict[str, dict[int, Answer]] = defaultdict(dict)
    for answer in answers(numbers.asked):
        said[answer.reader][answer.id] = answer
    verdicts = Verdicts(defaultdict(Counter), [])
    for reader, by_number in said.items():
        for one in edited:
            if one.before in by_number:
                verdict = compared(one, by_number[one.before], by_number[one.after])
                verdicts.add(reader, one, verdict, numbers.asked[one.after].text)
    return verdicts


def reread_as_posts(outcomes: Iterable[run.Outcome], at_once: int = 2000) -> Verdicts:
    """Have a site of Hugo's made of the files, before and after each edit, and compare its parameters."""
    verdicts = Verdicts(defaultdict(Counter), [])
    edits = (one for one in outcomes if one.out and one.ask.op != "body" and _is_post(one))
    while part := list(itertools.islice(edits, at_once)):
        files = {number: one.source for number, one in enumerate(part)}
        files |= {len(part) + number: one.out for number, one in enumerate(part)}
        said = {answer.id: answer for answer in hugo_posts(files)}
        for number, one in enumerate(part):
            if number in said and len(part) + number in said:
                before, after = lowered(said[number]), lowered(said[len(part) + number])
                edited = Edited(
                    one.name, _lowered_ask(one.ask), cut(one.source).kind, 0, 0, there=_there(one)
                )
                verdicts.add(before.reader, edited, compared(edited, before, after), one.out.decode())
    return verdicts


def _is_post(one: run.Outcome) -> bool:
    """Hugo takes the file for a post with front matter, and gives the edited field no meaning of its own."""
    pieces = cut(one.source)
    marked = one.source.removeprefix(codecs.BOM_UTF8).startswith((b"---\n", b"---\r\n", b"+++", b"{"))
    names = {str(part.path[0]).lower() for part in one.ask.parts or (one.ask,)} | {one.ask.name.lower()}
    return pieces.kind in KINDS and marked and not names & MEANT


def lowered(answer: Answer) -> Answer:
    """An answer with its keys in lower case, and without the fields that have a meaning."""
    tree = _lowered(answer.tree)
    kept = {key: part for key, part in (tree or {}).items() if key not in MEANT}
    return replace(answer, tree=kept)


def _lowered(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {key.lower(): _lowered(part) for key, part in tree.items()}
    return [_lowered(part) for part in tree] if isinstance(tree, list) else tree


def _lowered_ask(ask: Ask) -> Ask:
    return replace(
        ask,
        path=tuple(step.lower() if isinstance(step, str) else step for step in ask.path),
        name=ask.name.lower(),
        value=_lowered(ask.value),
        parts=tuple(map(_lowered_ask, ask.parts)),
    )


def _saved(outcomes: Iterable[run.Outcome], numbers: Numbers) -> Iterator[Edited]:
    for outcome in outcomes:
        if outcome.out and outcome.ask.op != "body":
            before, after = cut(outcome.source), cut(outcome.out)
            if before.kind in KINDS:
                old, new = (numbers.of(before.kind, pieces.text) for pieces in (before, after))
                yield Edited(outcome.name, outcome.ask, before.kind, old, new, _there(outcome))


def _there(outcome: run.Outcome) -> bool:
    pieces = cut(outcome.source)
    return read(pieces.kind, pieces.text)[0].find(outcome.ask.path) is not None


def compared(one: Edited, before: Answer, after: Answer) -> tuple[str, str]:
    """What a reader says of one edit, and why."""
    if before.error:
        return "refused it before", before.error
    wanted, found = _fields(copy.deepcopy(before.tree)), _fields(after.tree)
    try:
        for part in one.ask.parts or (one.ask,):
            ask = _with_text_keys(part, wanted)
            if one.there and not one.ask.parts:
                at(wanted, ask.path)
            oracle.apply(wanted, ask, plant, drops_null=one.kind == "toml")
    except (KeyError, IndexError, TypeError, AttributeError):
        return "nothing at the path", ""
    if after.error:
        return "refuses it now", after.error
    if one.kind == "toml":
        # TOML 1.0 leaves it to a reader whether a line end inside a text is CRLF or LF.
        wanted, found = _with_line_feeds(wanted), _with_line_feeds(found)
    if not wanted == found:  # noqa: SIM201 — the planted value compares, not the read one
        why = first_difference(wanted, found)
        return "misreads" if _misread(before.reader, one.ask, why) else "differs", why
    return "same", ""


def _misread(reader: str, ask: Ask, why: str) -> bool:
    """Hugo's YAML takes `2024-01-01T10:00:00Z` for a key and a value, in brackets that stand in braces."""
    hour = ask.value.strftime("%Y-%m-%dT%H").lower() if isinstance(ask.value, datetime) else "none"
    return reader.startswith("Hugo") and f"read {{'{hour}'" in why.lower()


def at(values: Any, path: oracle.Steps) -> Any:
    """What a reading has at a path. :raises KeyError, IndexError, TypeError: nothing."""
    for step in path:
        values = values[step]
    return values


def _with_line_feeds(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {key: _with_line_feeds(part) for key, part in tree.items()}
    if isinstance(tree, list):
        return [_with_line_feeds(part) for part in tree]
    if isinstance(tree, tuple) and tree[0] == "str":
        return "str", tree[1].replace("\r\n", "\n")
    return tree


def _fields(tree: Any) -> Any:
    """A reading of front matter, in which nothing at all is no field."""
    return {} if tree == ("null", None) else tree


def _with_text_keys(ask: Ask, values: Any) -> Ask:
    """The edit with the names of keys as readers give them: as text."""
    path = []
    for step in ask.path:
        path.append(step if isinstance(values, list) else str(step))
        if isinstance(values, dict | list):
            values = values[path[-1]] if isinstance(values, list) else values.get(path[-1])
    return replace(ask, path=tuple(path))


def first_difference(wanted: Any, found: Any, path: str = "") -> str:
    """Where two readings part, in words for whoever mends it."""
    if isinstance(wanted, dict) and isinstance(found, dict) and list(wanted) == list(found):
        pairs = [(str(key), wanted[key], found[key]) for key in wanted]
    elif isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        pairs = [(str(at), one, other) for at, (one, other) in enumerate(zip(wanted, found, strict=True))]
    else:
        return f"at {path or 'the top'}: wanted {wanted!r}, read {found!r}"[:1000]
    for name, one, other in pairs:
        if not one == other:  # noqa: SIM201
            return first_difference(one, other, f"{path}.{name}")
    return f"at {path}: the order of keys"


# New values, as readers may have them


class AnyOf:
    """A value of which readers of other versions of YAML have other types, all of them right."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, *readings: tuple[str, Any]) -> None:
        self.readings = readings

    def __eq__(self, other: object) -> bool:
        return other in self.readings

    def __repr__(self) -> str:
        return f"any of {self.readings}"


class YesOrNo(AnyOf):
    """A boolean, which a file may spell `yes`."""

    def __init__(self, value: bool) -> None:
        words = ("true", "yes", "on", "y") if value else ("false", "no", "off", "n")
        spelled = [("str", form(word)) for word in words for form in (str.lower, str.title, str.upper)]
        super().__init__(("bool", value), *spelled)


class Moment:
    """A date or a time: as an instant, or as text that says it."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, value: date | datetime | time) -> None:
        self.value = value
        self.leaf = (type(value).__name__, value.isoformat())

    def __eq__(self, other: object) -> bool:
        kind, read = other if isinstance(other, tuple) else ("", None)
        if kind == "str":
            return bool(yaml_spots.leaf_1_1(read) == self.leaf or _same_moment(read, self.value))
        if isinstance(self.value, time):
            return kind == "date" and str(read).startswith(self.value.isoformat())
        return kind == "date" and read == _instant(self.value)

    def __repr__(self) -> str:
        return f"any spelling of {self.leaf}"


def _same_moment(text: str, value: date | datetime | time) -> bool:
    try:
        return type(value).fromisoformat(text) == value
    except ValueError:
        return False


def _instant(value: date) -> datetime:
    whole = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
    return (whole if whole.tzinfo else whole.replace(tzinfo=UTC)).astimezone(UTC)


def plant(value: Any) -> Any:
    """A new value as a leaf or a tree of a reading."""
    if isinstance(value, dict):
        return {str(name): plant(part) for name, part in value.items()}
    if isinstance(value, list):
        return [plant(part) for part in value]
    if value is None:
        return "null", None
    if isinstance(value, bool):
        return YesOrNo(value)
    if isinstance(value, int | float):
        return "num", float(value)
    return Moment(value) if isinstance(value, date | time) else ("str", value)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", default=os.environ.get("GITCMS_CORPUS", ""))
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--show", type=int, default=20)
    options = parser.parse_args()
    for asking in (reread, reread_as_posts):
        files = run.files(options.corpus, options.every)
        verdicts = asking(outcome for name, source in files for outcome in run.outcomes(name, source))
        print(*verdicts.table(), sep="\n")
        print(*verdicts.bad[: options.show], sep="\n\n")


if __name__ == "__main__":
    main()
