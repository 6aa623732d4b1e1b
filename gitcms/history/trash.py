"""What was deleted and is not there again: every entry of it can be brought back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from sqlite3 import Connection

from gitcms.errors import RepositoryBusy
from gitcms.index import log
from gitcms.repository import Commit
from gitcms.schema.collection import Collection
from gitcms.site import Site

PER_PAGE = 30


@dataclass(frozen=True, slots=True)
class Deleted:
    """An entry that is gone: where it lay, what it was called, and who deleted it when."""

    path: str
    title: str
    collection: Collection
    commit: Commit


def trash(site: Site, page: int = 1) -> tuple[list[Deleted], bool]:
    """Return entries that were deleted, the last one first, and whether more follow.

    What was moved, published or brought back since is not among them.

    :raises RepositoryBusy: the history is read for the first time.
    """
    start = (max(1, page) - 1) * PER_PAGE

    def answer(connection: Connection) -> list[Deleted]:
        return list(islice(_deleted(site, connection), start, start + PER_PAGE + 1))

    def otherwise() -> list[Deleted]:
        raise RepositoryBusy("The history of this site is being read for the first time.")

    found = site.look_back(answer, otherwise)
    return found[:PER_PAGE], len(found) > PER_PAGE


def _deleted(site: Site, connection: Connection) -> Iterator[Deleted]:
    model = site.model()
    for path, oid, blob in log.deletions(connection):
        collection = model.collection_of(path)
        if collection is None or site.repository.blob_of(path) is not None:
            continue
        commit = log.commit_of(connection, oid)
        if commit is not None:
            yield Deleted(path, collection.title_of(site.facts(blob, path).values, path), collection, commit)
