"""Lists of changes: of the site, a collection, a person, an entry through its renames, and one field.

They are found by `index.log`, in milliseconds; while that is being read, Git itself is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from sqlite3 import Connection
from typing import Any

from gitcms.content.compare import ParagraphChange
from gitcms.content.paths import check_path
from gitcms.content.values import MISSING
from gitcms.history import stories
from gitcms.history.stories import FieldStory
from gitcms.index import log
from gitcms.repository import Commit, FileChange
from gitcms.schema.collection import Collection, Model
from gitcms.site import Site

PER_PAGE = 30
MOST_FOLLOWED = 1000
LOOKED_AT = 120
"""Versions of an entry that one page of a field's history looks through at most."""
SHOWN = 10
"""Changes of a field that one page shows."""


@dataclass(frozen=True, slots=True)
class Version:
    """One change of the site: who and when are in `commit`; `title` is the one entry that it is about,
    or "", and `done` says what became of it. That entry lay at `path` afterwards, in `collection`."""

    commit: Commit
    title: str
    done: str
    path: str = ""
    collection: Collection | None = None

    @property
    def sentence(self) -> str:
        return f"{self.title}: {self.done}" if self.title else self.done


@dataclass(frozen=True, slots=True)
class Page:
    """A page of versions, newest first; `more` tells whether older ones follow."""

    versions: tuple[Version, ...]
    page: int
    more: bool


@dataclass(frozen=True, slots=True)
class FieldVersion:
    """A change of one field, or of the text: who and when are in `commit`, from what to what in the rest."""

    commit: Commit
    parts: tuple[FieldStory, ...] = ()
    paragraphs: tuple[ParagraphChange, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldPage:
    """A page of a field's history, newest first; `older` is where the next one begins, 0 where none does."""

    versions: tuple[FieldVersion, ...]
    older: int


def site_history(
    site: Site, page: int = 1, *, person: str = "", collection: Collection | None = None
) -> Page:
    """Return the changes of the whole site.

    :param person: only those of one person, by `Author.key`.
    :param collection: only those of its entries.
    """
    page = max(1, page)
    folders = [*collection.folders, collection.draft_folder or ""] if collection else []
    span = {"limit": PER_PAGE + 1, "skip": (page - 1) * PER_PAGE}
    commits = site.look_back(
        lambda connection: log.of_site(connection, person=person, folders=folders, **span),
        lambda: _by_git(site, person, collection, **span),
    )
    return Page(_versions(site, commits[:PER_PAGE], collection), page, len(commits) > PER_PAGE)


def versions_since(site: Site, limit: int) -> tuple[Version, ...]:
    """Return the newest changes of the site."""
    commits = site.look_back(
        lambda connection: log.of_site(connection, limit=limit),
        lambda: site.repository.history(limit=limit),
    )
    return _versions(site, commits, None)


def entry_history(site: Site, path: str, page: int = 1) -> Page:
    """Return the changes of one entry, through its renames.

    :raises PathRefused: when no entry can have such a path.
    """
    page, model = max(1, page), site.model()
    touches = _touches(site, path, limit=PER_PAGE + 1, skip=(page - 1) * PER_PAGE)
    versions = tuple(_version_of(site, model, touch) for touch in touches[:PER_PAGE])
    return Page(versions, page, len(touches) > PER_PAGE)


def field_history(site: Site, path: str, field: str | None, start: int = 0) -> FieldPage:
    """Return who changed one field of an entry, when, and from what.

    :param field: the field's name; None for the text below the fields.
    :param start: so many versions of the entry are looked through already. A page may find no change.
    :raises PathRefused: when no entry can have such a path.
    """
    start = max(0, start)
    touches = _touches(site, path, limit=LOOKED_AT + 1, skip=start)
    model = site.model()
    found: list[FieldVersion] = []
    looked_at = 0
    for touch in touches[:LOOKED_AT]:
        if len(found) == SHOWN:
            break
        looked_at += 1
        version = _field_version(site, model, touch, field)
        if version.parts or any(each.kind != "same" for each in version.paragraphs):
            found.append(version)
    return FieldPage(tuple(found), start + looked_at if looked_at < len(touches) else 0)


def name_at(site: Site, path: str, commit_id: str) -> str:
    """Return the path that an entry had right after a change, which it may have been renamed since.

    :raises PathRefused: when no entry can have such a path.
    """
    check_path(path, existing=True)
    return site.look_back(
        lambda connection: log.name_at(connection, path, commit_id),
        lambda: _name_by_git(site, path, commit_id),
    )


def last_change(site: Site, path: str) -> Commit | None:
    """Return the last change of a file, None when there never was one."""
    touches = site.look_back(
        lambda connection: [touch.commit for touch in log.of_path(connection, path, limit=1)],
        lambda: site.repository.history(path, limit=1),
    )
    return touches[0] if touches else None


def last_changes(site: Site, paths: Sequence[str]) -> dict[str, Commit]:
    """Return the last change of each of some files; those without one are left out."""

    def answer(connection: Connection) -> dict[str, Commit]:
        touches = {path: log.of_path(connection, path, limit=1) for path in paths}
        return {path: found[0].commit for path, found in touches.items() if found}

    return site.look_back(answer, lambda: site.repository.last_changes(paths))


def moved_to(site: Site, path: str) -> str | None:
    """Return where a file went that does not lie at its path any more; None where it was deleted."""
    return site.look_back(
        lambda connection: log.moved_to(connection, path), lambda: _moved_by_git(site, path)
    )


def authors(site: Site) -> list[log.Author]:
    """Return who is in the history, those with most changes first; nobody while it is being read."""
    nobody: list[log.Author] = []
    return site.look_back(log.authors, lambda: nobody)


# ── within ──


def _versions(site: Site, commits: Sequence[Commit], collection: Collection | None) -> tuple[Version, ...]:
    model = site.model()
    return tuple(
        site.memo.get(
            ("version", site.edition, commit.id, collection and collection.name),
            partial(_version, site, model, commit, collection),
        )
        for commit in commits
    )


def _version(site: Site, model: Model, commit: Commit, collection: Collection | None) -> Version:
    changes = stories.changes_of(site, commit)
    posts = [
        change
        for change in changes
        if (found := model.collection_of(change.path)) and collection in (None, found)
    ]
    if len(posts) == 1:
        return _of_one(site, model, commit, posts[0])
    return Version(commit, "", stories.in_numbers(changes, posts))


def _version_of(site: Site, model: Model, touch: log.Touch) -> Version:
    key = ("version", site.edition, touch.commit.id, touch.change.path, "own")
    made: Version = site.memo.get(key, partial(_of_one, site, model, touch.commit, touch.change))
    return made


def _of_one(site: Site, model: Model, commit: Commit, change: FileChange) -> Version:
    title, done = stories.told(site, model, change)
    return Version(commit, title, done, change.path, model.collection_of(change.path))


def _field_version(site: Site, model: Model, touch: log.Touch, field: str | None) -> FieldVersion:
    if field is None:
        return FieldVersion(touch.commit, paragraphs=stories.text_changes(site, model, touch.change))
    if not _may_differ(site, touch.change, field):
        return FieldVersion(touch.commit)
    return FieldVersion(touch.commit, stories.field_changes(site, model, touch.change, field))


def _touches(site: Site, path: str, *, limit: int, skip: int = 0) -> list[log.Touch]:
    check_path(path, existing=True)
    return site.look_back(
        lambda connection: log.of_path(connection, path, limit=limit, skip=skip),
        lambda: [log.Touch(*each) for each in site.repository.follow(path, limit=skip + limit)[skip:]],
    )


def _may_differ(site: Site, change: FileChange, field: str) -> bool:
    """Tell whether a change may have changed a field, by what is known of both versions already."""
    if change.old_blob is None or change.new_blob is None:
        return True
    old, new = (
        site.facts(blob, change.path).values.get(field, MISSING)
        for blob in (change.old_blob, change.new_blob)
    )
    return type(old) is not type(new) or old != new or _holds_numbers(old)


def _holds_numbers(value: Any) -> bool:
    # 1 == True == 1.0 inside of lists and objects: there `compare` is asked.
    return isinstance(value, list | dict)


def _by_git(site: Site, person: str, collection: Collection | None, *, limit: int, skip: int) -> list[Commit]:
    if not person and collection is None:
        return site.repository.history(limit=limit, skip=skip)
    found = (
        commit
        for commit in site.repository.history(limit=MOST_FOLLOWED)
        if (not person or commit.author.email.casefold() == person)
        and (collection is None or _touches_one(site.repository.changes(commit.id), collection))
    )
    return list(found)[skip : skip + limit]


def _touches_one(changes: Iterable[FileChange], collection: Collection) -> bool:
    return any(collection.holds(change.path) for change in changes)


def _name_by_git(site: Site, path: str, commit_id: str) -> str:
    for commit, change in site.repository.follow(path, limit=MOST_FOLLOWED):
        if commit.id == commit_id:
            return change.path
        path = change.old_path or path
    return path


def _moved_by_git(site: Site, path: str) -> str | None:
    gone = next(iter(site.repository.history(path, limit=1)), None)
    changes = site.repository.changes(gone.id) if gone else []
    return next((each.path for each in changes if each.old_path == path and each.path != path), None)
