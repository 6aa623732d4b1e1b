"""A file that was changed here and on the shared server: told in words, and chosen about.

An entry is chosen about place by place, as where two people saved it here; any other file as a whole. How
a file is joined, and what happens with a choice, is `remotes`'.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gitcms import remotes
from gitcms.entries.recording import Writer, allow
from gitcms.entries.together import Clash, answers_to, between
from gitcms.errors import EditConflict, NotFound
from gitcms.repository import Commit, Undecided
from gitcms.schema.collection import Collection
from gitcms.site import Site


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A file that both sides changed.

    :param path: where it lies in the site; from the top of the working tree where that is outside.
    :param collection: None where it is no entry.
    :param here, there: who changed it last on each side.
    :param clashes: the places to choose about; empty where one side is chosen as a whole.
    :param decided: whether all is chosen, and waits to be sent.
    """

    found: remotes.Clash
    path: str
    collection: Collection | None
    title: str
    here: Commit | None
    there: Commit | None
    joined: tuple[str, ...]
    clashes: tuple[Clash, ...]
    decided: bool

    @property
    def texts(self) -> tuple[str | None, str | None]:
        """Both sides of a file that is chosen as a whole, as text: ours and theirs; None where it is none."""
        if self.found.rivals:
            return "\n".join(path for path, _ in self.found.rivals), _text(self.found.theirs)
        return _text(self.found.mine), _text(self.found.theirs)


def elsewhere(site: Site, path: str) -> Elsewhere:
    """Tell what two sides did to a file.

    :param path: from the top of the working tree.
    :raises NotFound: nothing has to be chosen about it, or not any more.
    """
    found = remotes.clash(site, path)
    place = site.repository.place_in_site(path)
    collection = site.collection_of(place) if place else None
    joined: tuple[str, ...] = ()
    clashes: tuple[Clash, ...] = ()
    if collection is not None and found.in_parts:
        assert found.base is not None and found.theirs is not None and found.mine is not None
        joined, clashes = between(collection, found.base, found.theirs, found.mine, path)
    status = remotes.status(site)
    blob = site.repository.blob_of(place) if place else None
    return Elsewhere(
        found=found,
        path=place or path,
        collection=collection,
        title=collection.title_of(site.facts(blob, place).values, place)
        if collection and blob and place
        else path,
        here=_last(site, place, None),
        there=_last(site, place, status.theirs if status else None),
        joined=joined,
        clashes=clashes,
        decided=remotes.is_decided(found, remotes.decisions(site)),
    )


def choose(
    site: Site, path: str, author: Writer, *, versions: str, whole: str, choices: Mapping[str, str]
) -> None:
    """Keep what an author chose about a file; it is joined and sent with the next call.

    :param versions: names those that the author was shown.
    :param whole: "mine" or "theirs", where one side is chosen as a whole.
    :param choices: as `entries.resolve` takes them.
    :raises EditConflict: one of them has become another, or something was not chosen.
    :raises PermissionDenied: this author may not write there. :raises NotFound: as `elsewhere`.
    """
    told = elsewhere(site, path)
    found = told.found
    answers = answers_to(choices)
    decision = remotes.Decision(
        found.versions, whole, {name: (one.which, one.text) for name, one in answers.items()}
    )
    try:
        if versions != found.versions or whole not in ("", remotes.MINE, remotes.THEIRS):
            raise Undecided
        data = remotes.joined(found, decision)
    except Undecided:
        raise EditConflict(told.path, base=None, current=None) from None
    files = {told.path: data} if told.collection is not None else {}
    if whole == remotes.THEIRS:
        files |= {place: None for rival, _ in found.rivals if (place := site.repository.place_in_site(rival))}
    allow(site, files, {place: site.repository.blob_of(place) for place in files}, author.rights)
    remotes.decide(site, found, author.person, whole=whole, answers=answers)
    remotes.fetch_now(site)


def _last(site: Site, place: str | None, commit: str | None) -> Commit | None:
    if not place:
        return None
    try:
        return next(iter(site.repository.history(place, limit=1, at=commit)), None)
    except NotFound:
        return None


def _text(data: bytes | None) -> str | None:
    try:
        return None if data is None or b"\0" in data else data.decode()
    except UnicodeDecodeError:
        return None
