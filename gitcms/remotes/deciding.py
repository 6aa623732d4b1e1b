"""How a file that both sides changed is joined, and what somebody chose where it cannot be.

An entry is joined field by field and paragraph by paragraph, any other text line by line, the rest not at
all. What is chosen waits in a file of the state folder until everything is, and counts only for the very
versions that it was chosen between.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field

from gitcms.content.document import Document
from gitcms.content.merge import Answer, Contested, merge, merge_files, merge_lines
from gitcms.errors import DocumentError, NotFound
from gitcms.remotes.standing import status
from gitcms.repository import Person, Rivals, Undecided
from gitcms.site import Site

CHOICES = "remote-choices.json"
_ENTRIES = (".md", ".markdown", ".html", ".htm")

MINE, THEIRS = "mine", "theirs"


@dataclass(frozen=True, slots=True)
class Clash:
    """A file that both sides changed. None is where there is no such file."""

    path: str
    base: bytes | None
    theirs: bytes | None
    mine: bytes | None
    rivals: Rivals = ()
    """What of ours is in its way: a folder of its name, a file of its folder's, a name in other capitals."""

    @property
    def versions(self) -> str:
        """Names these very versions."""
        parts = [b"-" if each is None else b"+" + each for each in (self.base, self.theirs, self.mine)]
        parts += [f"{path} {blob}".encode("utf-8", "surrogateescape") for path, blob in self.rivals]
        return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()

    @property
    def in_parts(self) -> bool:
        """Whether it is joined part by part, so that each place is chosen about; else it is as a whole."""
        return self.path.lower().endswith(_ENTRIES) and None not in (self.base, self.theirs, self.mine)


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody chose about a file: `whole` is mine or theirs; else `answers`, by the ids of choices."""

    versions: str
    whole: str = ""
    answers: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    name: str = ""
    email: str = ""


def clash(site: Site, path: str) -> Clash:
    """Return a file that somebody must choose about.

    :param path: from the top of the working tree.
    :raises NotFound: nothing has to be chosen about it, or not any more.
    """
    found = status(site)
    if found is None or found.kind != "clash" or path not in found.contested:
        raise NotFound("There is nothing to choose here any more.", hint="Look at the page of the entry.")
    return Clash(path, *site.repository.sides(found.theirs, path))


def decisions(site: Site) -> dict[str, Decision]:
    """Return what was chosen and not joined yet, by path."""
    try:
        kept = json.loads((site.state / CHOICES).read_text())
        return {
            path: Decision(
                **one | {"answers": {name: (how, text) for name, (how, text) in one["answers"].items()}}
            )
            for path, one in kept.items()
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def decide(
    site: Site, found: Clash, author: Person, *, whole: str = "", answers: Mapping[str, Answer] | None = None
) -> None:
    """Keep what somebody chose about a file, for the next call."""
    told = {name: (answer.which, answer.text) for name, answer in (answers or {}).items()}
    made = Decision(found.versions, whole, told, author.name, author.email)
    with _alone(site):
        kept = decisions(site) | {found.path: made}
        draft = site.state / f"{CHOICES}.{os.getpid()}"
        with draft.open("w") as file:
            file.write(json.dumps({path: asdict(one) for path, one in kept.items()}))
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, site.state / CHOICES)


@contextlib.contextmanager
def _alone(site: Site) -> Iterator[None]:
    """Two people who choose at the same time must both be heard."""
    with (site.state / f"{CHOICES}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def is_decided(found: Clash, kept: Mapping[str, Decision]) -> bool:
    """Tell whether all has been chosen about a file."""
    try:
        joined(found, kept.get(found.path))
    except Undecided:
        return False
    return True


def joined(found: Clash, decision: Decision | None) -> bytes | None:
    """Return a file with both sides' changes, None where it goes.

    :raises Undecided: somebody must choose.
    """
    if decision is not None and decision.versions != found.versions:
        decision = None
    base, theirs, mine = found.base, found.theirs, found.mine
    if decision is not None and decision.whole:
        return mine if decision.whole == MINE else theirs
    if found.rivals:
        raise Undecided
    if base is not None and theirs is not None and mine is not None:
        answers = {name: Answer(*told) for name, told in decision.answers.items()} if decision else {}  # type: ignore[arg-type]
        data = _in_parts(found.path, base, theirs, mine, answers)
        if data is None:
            raise Undecided
        return data
    whole = merge_files(base, theirs, mine)
    if isinstance(whole, Contested):
        raise Undecided
    return whole


def _in_parts(
    path: str, base: bytes, theirs: bytes, mine: bytes, answers: Mapping[str, Answer]
) -> bytes | None:
    try:
        if path.lower().endswith(_ENTRIES):
            return merge(base, theirs, mine, answers, path).data
        data = merge_lines(base, theirs, mine)
        if data is None or not all(Document.parse(each, path).problem is None for each in (theirs, mine)):
            return data
        # Lines that fit together may still be no data any more.
        return data if Document.parse(data, path).problem is None else None
    except DocumentError:
        return None


class Joiner:
    """Joins files for one call, and remembers whose choices it needed."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._decisions = decisions(site)
        self._used: set[str] = set()

    def join(
        self, path: str, base: bytes | None, theirs: bytes | None, mine: bytes | None, rivals: Rivals
    ) -> bytes | None:
        """As `repository.receiving.Join`."""
        found = Clash(path, base, theirs, mine, rivals)
        try:
            return joined(found, None)
        except Undecided:
            data = joined(found, self._decisions.get(path))
            self._used.add(path)
            return data

    def people(self) -> list[Person]:
        """Return who chose what was needed."""
        chosen = [self._decisions[path] for path in sorted(self._used)]
        return list(dict.fromkeys(Person(each.name, each.email) for each in chosen))

    def forget(self) -> None:
        """Forget all choices: what they were about is joined."""
        with _alone(self._site), contextlib.suppress(FileNotFoundError):
            (self._site.state / CHOICES).unlink()


def go_on(site: Site, theirs: str, *, keep_ours: bool) -> str:
    """Go on with a remote whose history was rewritten, and return the name under which ours is kept.

    :param theirs: the remote's commit that was looked at.
    :param keep_ours: join what is saved here with it; else the remote's takes its place.
    :raises NotFound: that is not what has to be decided, or not any more. :raises: as `receiving.receive`.
    """
    found = status(site)
    if found is None or found.kind != "rewritten" or found.theirs != theirs:
        raise NotFound("There is nothing to decide here any more.", hint="Look again how things stand.")
    if not keep_ours:
        return site.repository.take_instead(theirs)
    kept = site.repository.rescue()
    site.repository.note_remote(theirs)
    return kept
