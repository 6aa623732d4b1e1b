"""One step of the branch, read as what happened to the site: entries, pictures, settings.

A step is what a save, or one commit of a pull, did. What became of an entry is judged as the site's
generator sees it before and after, so that a draft that is saved ten times is published once. Who is told
is decided elsewhere.
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gitcms.content.values import Value
from gitcms.repository import Commit, FileChange
from gitcms.schema.collection import Collection, Model
from gitcms.schema.generators import in_folder, slug_of
from gitcms.site import Site

MESSAGE_BYTES = 16_000
"""The most that the data of one event takes as JSON; lists are cut, and say so."""

MEDIA = (
    *(".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".svg", ".ico", ".bmp", ".tiff"),
    *(".mp3", ".m4a", ".ogg", ".wav", ".mp4", ".webm", ".mov", ".pdf", ".zip", ".epub", ".docx", ".xlsx"),
)
_SETTINGS = frozenset(
    f"{name}.{ending}" for name in ("_config", "config", "hugo") for ending in ("yml", "yaml", "toml", "json")
)
_SETTINGS_FOLDERS = ("config", "archetypes", "admin", "static/admin", ".gitcms")

_VERBS = {
    "content.published": "published",
    "content.updated": "changed",
    "content.unpublished": "took off",
    "content.renamed": "moved",
    "content.deleted": "deleted",
    "content.scheduled": "scheduled",
    "content.drafted": "wrote on",
}


@dataclass(frozen=True, slots=True)
class Happening:
    """One event: its kind, a few words for people, when, and its data as JSON knows it.

    `key` is what cannot be told twice, or "" where the cursor sees to that.
    """

    type: str
    subject: str
    at: datetime
    data: dict[str, Any]
    key: str = ""


@dataclass(slots=True)
class _Group:
    """What one step did of one kind."""

    entries: list[dict[str, Any]] = field(default_factory=list)
    changes: list[FileChange] = field(default_factory=list)


def read(site: Site, before: str, commit: Commit) -> list[Happening]:
    """Return what happened between a commit and a later one, one event of a kind, in the order of `KINDS`.

    :param commit: where the step led, and whose it is.
    """
    groups: dict[str, _Group] = {}
    model, now = site.model(), site.now()
    for change in site.repository.changes_between(before, commit.id):
        kind, entry = _kind_of(site, model, change, now)
        group = groups.setdefault(kind, _Group())
        group.changes.append(change)
        group.entries += [entry] if entry else []
    return [_happening(site, model, before, commit, kind, group) for kind, group in sorted(groups.items())]


def _kind_of(
    site: Site, model: Model, change: FileChange, now: datetime
) -> tuple[str, dict[str, Any] | None]:
    old_path = change.old_path or change.path
    was = model.collection_of(old_path) if change.old_blob else None
    is_now = model.collection_of(change.path) if change.new_blob else None
    if was is None and is_now is None:
        return _other_kind(model, change), None
    old, old_state = _seen(site, was, old_path, change.old_blob, now)
    new, new_state = _seen(site, is_now, change.path, change.new_blob, now)
    kind = _became(old_state, new_state, renamed=old_path != change.path)
    collection, path, values = (is_now, change.path, new) if is_now else (was, old_path, old)
    assert collection is not None
    entry = _entry(site, model, collection, path, values, new_state or old_state)
    if old_path != change.path and is_now is not None:
        entry["old_path"] = _clean(old_path)
        if was is not None and (place := was.address_of(old, old_path)):
            entry["old_url"] = _public(site, model) + place
    return kind, entry


def _became(old: str, new: str, *, renamed: bool) -> str:
    """Name what became of an entry by its states, "" where it was not there."""
    if not new:
        return "content.deleted"
    if old == "live":
        if new != "live":
            return "content.unpublished"
        return "content.renamed" if renamed else "content.updated"
    return {"live": "content.published", "scheduled": "content.scheduled"}.get(new, "content.drafted")


def _seen(
    site: Site, collection: Collection | None, path: str, blob: str | None, now: datetime
) -> tuple[dict[str, Value], str]:
    if collection is None or blob is None:
        return {}, ""
    values = site.facts(blob, path).values
    return values, collection.state_of(values, path, now)


def _entry(
    site: Site, model: Model, collection: Collection, path: str, values: dict[str, Value], state: str
) -> dict[str, Any]:
    place = collection.address_of(values, path)
    return {
        "collection": _clean(collection.name),
        "slug": _clean(slug_of(path)),
        "title": _clean(collection.title_of(values, path))[:200],
        "url": _clean(_public(site, model) + place)[:500] if place and state == "live" else None,
        "path": _clean(path),
        "state": state,
    }


def _other_kind(model: Model, change: FileChange) -> str:
    path = change.path
    if path.lower().endswith(MEDIA) or (model.media_folder and in_folder(path, model.media_folder)):
        return "media.changed"
    if path in _SETTINGS or any(in_folder(path, folder) for folder in _SETTINGS_FOLDERS):
        return "model.changed"
    return "site.changed"


def _happening(site: Site, model: Model, before: str, commit: Commit, kind: str, group: _Group) -> Happening:
    author = _clean(commit.author.name)[:100] or "Somebody"
    data: dict[str, Any] = {
        "site": _clean(model.title or site.repository.folder.name)[:200],
        "branch": _clean(site.repository.branch),
        "before": before,
        "after": commit.id,
        "author": {"name": author},
        "count": len(group.changes),
        "entries": group.entries,
        "paths": _paths(group.changes),
        "truncated": False,
    }
    _bound(data)
    return Happening(kind, f"{author} {_done(kind, group)}"[:300], commit.when, data)


def _done(kind: str, group: _Group) -> str:
    if len(group.entries) == 1:
        return f"{_VERBS[kind]} {group.entries[0]['title']}"
    if group.entries:
        return f"{_VERBS[kind]} {len(group.entries)} entries"
    names = [posixpath.basename(_clean(change.path)) for change in group.changes]
    what = {"media.changed": "pictures and files", "model.changed": "the site’s settings"}.get(
        kind, "the site’s design"
    )
    return f"changed {names[0]}" if len(names) == 1 else f"changed {what}: {len(names)} files"


def _paths(changes: Iterable[FileChange]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {"added": [], "modified": [], "removed": [], "renamed": []}
    for change in changes:
        path = _clean(change.path)
        if change.kind == "renamed" and change.old_path:
            found["renamed"].append({"from": _clean(change.old_path), "to": path})
        else:
            found[{"deleted": "removed"}.get(change.kind, change.kind)].append(path)
    return found


def _bound(data: dict[str, Any]) -> None:
    """Cut the longest list in halves until the whole is short enough."""
    lists = [data["entries"], *data["paths"].values()]
    while len(json.dumps(data)) > MESSAGE_BYTES:
        longest = max(lists, key=lambda each: len(json.dumps(each)))
        del longest[len(longest) // 2 :]
        data["truncated"] = True


def _public(site: Site, model: Model) -> str:
    return site.config.site.public_url.rstrip("/") or model.public_url


def _clean(text: str) -> str:
    """Return a text that is whole Unicode without NULs: names of files may be any bytes."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace").replace("\0", "")
