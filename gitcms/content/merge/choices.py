"""A place that two people changed differently, and what somebody decided about it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from gitcms.content.values import MISSING, Found, Path

Kind = Literal["field", "name", "order", "passage", "fields", "text"]


@dataclass(frozen=True, slots=True)
class Choice:
    """One place with three versions of it, each in full. `MISSING` is where a version has nothing there.

    :param id: names the place and these very versions of it: an answer to it never means another text.
    :param kind: "field" a value, "name" a key, "order" of a list, "passage" of the text; "fields" and
        "text" are all of either, where they cannot be taken apart.
    :param path: the place of a value, () in the text.
    """

    id: str
    kind: Kind
    path: Path
    base: Found
    mine: Found
    theirs: Found

    @property
    def place(self) -> str:
        """The part of the id that stays when the versions become others."""
        return self.id.rpartition("~")[0]

    @property
    def can_be_both(self) -> bool:
        """Whether one can stand behind the other."""
        return (
            self.kind in ("field", "passage", "text")
            and isinstance(self.mine, str)
            and isinstance(self.theirs, str)
        )

    @property
    def can_be_own(self) -> bool:
        """Whether a third text can stand here."""
        sides = [side for side in (self.mine, self.theirs) if side is not MISSING and side is not None]
        return self.kind != "order" and self.kind != "name" and all(isinstance(side, str) for side in sides)

    @property
    def new_to_both(self) -> bool:
        """Whether both wrote something where there was nothing."""
        return self.base is MISSING and self.can_be_both


@dataclass(frozen=True, slots=True)
class Answer:
    """What is to stand at a place. `text` is for "own"."""

    which: Literal["mine", "theirs", "both", "own"]
    text: str = ""

    def fits(self, choice: Choice) -> bool:
        """Tell whether this can be answered to that."""
        if self.which == "both":
            return choice.can_be_both
        return choice.can_be_own if self.which == "own" else True


@dataclass
class Questions:
    """The choices that come up in one merge, and the answers that are known.

    :param swapped: what is called theirs here is mine for the one who asks.
    """

    answers: Mapping[str, Answer]
    open: list[Choice] = field(default_factory=list)
    asked: list[Choice] = field(default_factory=list)
    swapped: bool = False

    def ask(
        self,
        kind: Kind,
        place: str,
        path: Path,
        base: Found,
        theirs: Found,
        mine: Found,
    ) -> Found:
        """Return what is to stand there; theirs where nothing was answered yet, and the choice stays open."""
        if self.swapped:
            theirs, mine = mine, theirs
        name = f"{place}~{_digest(base, mine, theirs)}"
        choice = Choice(name, kind, path, base, mine, theirs)
        self.asked.append(choice)
        answer = self.answers.get(name)
        if answer is None or not answer.fits(choice):
            self.open.append(choice)
            return mine if self.swapped else theirs
        return _chosen(choice, answer)


def place_of(path: Path) -> str:
    """Return a path as a part of an id: letters, digits, dots, hyphens and percent signs alone."""
    steps = (re.sub(r"[^\w-]|~", lambda sign: f"%{ord(sign[0]):02X}", str(step)) for step in path)
    return "f." + ".".join(steps)


def _chosen(choice: Choice, answer: Answer) -> Found:
    if answer.which == "own":
        text = answer.text.replace("\r\n", "\n").replace("\r", "\n")
        return text if text.strip() or choice.kind == "field" else MISSING
    if answer.which == "both":
        mine, theirs = str(choice.mine), str(choice.theirs)
        gap = "\n\n" if choice.kind != "field" or "\n" in mine + theirs else " "
        return f"{mine.rstrip()}{gap}{theirs.lstrip()}"
    return choice.mine if answer.which == "mine" else choice.theirs


def _digest(*versions: Found) -> str:
    told = repr([None if version is MISSING else _plain(version) for version in versions])
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _plain(value: object) -> object:
    """A value in an order of its own, so that equal ones have one name."""
    if isinstance(value, Mapping):
        return sorted((key, repr(_plain(part))) for key, part in value.items())
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return type(value).__name__, repr(value)
