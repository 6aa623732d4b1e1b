"""Who may do what, and where: one table, and the only one. Whatever is not in it is refused.

A role says what; the places of an account say where. Everybody reads everything; a place only narrows
where an account may write. Asking who someone is happens elsewhere. The answer is acted on by
`web.security`, for each page, and by `entries.recording`, for each file that is about to be written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

MOST_PLACES = 50
MOST_FOLDERS_OF_ANY_DEPTH = 2
LONGEST_PLACE = 300


class Role(StrEnum):
    CONTRIBUTOR = "contributor"
    """Writes drafts. What is live, or would be, takes somebody else."""
    AUTHOR = "author"
    REVIEWER = "reviewer"
    ADMIN = "admin"


class Permission(StrEnum):
    VIEW = "view"
    """See entries, pictures, the history and the state of the site."""
    OWN_ACCOUNT = "own_account"
    """Change one's own name, email, password and theme, and keep views of lists."""
    EDIT_ENTRY = "edit_entry"
    """Write new entries and change those that exist."""
    PUBLISH = "publish"
    """Put entries live and take them off, and change, delete or bring back one that is live."""
    DELETE_ENTRY = "delete_entry"
    UPLOAD_MEDIA = "upload_media"
    RESTORE = "restore"
    """Bring an earlier version back."""
    VIEW_TECHNICAL_DETAILS = "view_technical_details"
    """See a change as Git keeps it."""
    REBUILD = "rebuild"
    """Have the site built anew although nothing was saved."""
    VIEW_BUILD_LOG = "view_build_log"
    """See what the site's generator printed, which may name files of the server."""
    CALL_SHARED_SERVER = "call_shared_server"
    """Have the shared server called now."""
    DECIDE_SHARED_SERVER = "decide_shared_server"
    """Choose about files that are no entries, and about a history that was rewritten there."""
    SHARE_VIEWS = "share_views"
    """Share views of lists with everybody, and change those that others share."""
    VIEW_SETTINGS = "view_settings"
    """See every setting of the server, with the file it comes from."""
    MANAGE_PEOPLE = "manage_people"
    """Invite people, give roles and sign-in links, shut accounts."""
    EDIT_MODEL = "edit_model"
    """Say what the site's collections and fields are."""
    MANAGE_WEBHOOKS = "manage_webhooks"
    """Say which services hear of what happens and which may call, and see what was sent."""


_CONTRIBUTOR = frozenset(
    {
        Permission.VIEW,
        Permission.OWN_ACCOUNT,
        Permission.EDIT_ENTRY,
        Permission.DELETE_ENTRY,
        Permission.UPLOAD_MEDIA,
        Permission.RESTORE,
    }
)
_AUTHOR = _CONTRIBUTOR | {Permission.PUBLISH}
_REVIEWER = _AUTHOR | {
    Permission.VIEW_TECHNICAL_DETAILS,
    Permission.REBUILD,
    Permission.CALL_SHARED_SERVER,
    Permission.SHARE_VIEWS,
}

ROLES: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.CONTRIBUTOR: _CONTRIBUTOR,
        Role.AUTHOR: _AUTHOR,
        Role.REVIEWER: _REVIEWER,
        Role.ADMIN: frozenset(Permission),
    }
)


# What is done to one entry, and so can be given for some places alone.
PLACED = frozenset(
    {
        Permission.EDIT_ENTRY,
        Permission.PUBLISH,
        Permission.DELETE_ENTRY,
        Permission.UPLOAD_MEDIA,
        Permission.RESTORE,
    }
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is done: the collection, and the entry's path.

    `path` is empty for an entry that is yet to be made; it may come to lie in any of `folders`.
    """

    collection: str
    path: str = ""
    folders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rights:
    """What one account may do. `places` empty means everywhere.

    A place is a collection's name, such as `posts`, or a pattern of paths, which holds a slash:
    `content/blog/2026/` is everything beneath that folder, `content/*/drafts/` uses `*` for any one name,
    `content/**/notes.md` uses `**` for any number of folders.
    """

    role: Role
    places: tuple[str, ...] = ()

    def may(self, permission: Permission, place: Place | None = None) -> bool:
        """Tell whether the table gives this, at a place; without one, whether anywhere at all."""
        if permission not in ROLES[self.role]:
            return False
        if place is None or permission not in PLACED or self.is_everywhere:
            return True
        return any(_holds(each, place) for each in self.places)

    @property
    def is_everywhere(self) -> bool:
        """Tell whether no place narrows this account: it has none, or it manages everything anyway."""
        return not self.places or self.role is Role.ADMIN


def may(role: Role, permission: Permission) -> bool:
    """Tell whether the table gives a role a permission."""
    return Rights(role).may(permission)


def problem_with_places(places: Iterable[str], collections: Iterable[str]) -> str | None:
    """Return a sentence about the first place that can mean nothing, or None.

    :param collections: the names of those that the site has.
    """
    places, known = list(places), sorted(collections)
    if len(places) > MOST_PLACES:
        return f"Name at most {MOST_PLACES} places; a folder holds everything beneath it."
    for place in places:
        if len(place) > LONGEST_PLACE or "\\" in place or not place.isprintable():
            return (
                f"“{place[:40]}” is no place. Write a collection’s name, or a folder such as content/blog/."
            )
        if "/" not in place and place not in known:
            return (
                f"There is no collection “{place}” here. There are {', '.join(known)}."
                f" A folder ends with a slash: {place}/."
            )
        if place.count("**") > MOST_FOLDERS_OF_ANY_DEPTH:
            return f"“{place}” holds ** more than twice. Write the folders out."
        if place.startswith("/") or {"", ".", ".."} & set(place.rstrip("/").split("/")):
            return f"“{place}” is no place. Begin at the site’s own folder, without a slash: content/blog/."
    return None


def _holds(pattern: str, place: Place) -> bool:
    if "/" not in pattern:
        return pattern == place.collection
    if place.path:
        return _expression(pattern).fullmatch(place.path) is not None
    # Where a new entry will lie is known when it is written, and is asked about again then.
    fixed = re.split(r"[^/]*\*", pattern, maxsplit=1)[0].rstrip("/")
    return any(_is_above(fixed, folder) or _is_above(folder, fixed) for folder in place.folders)


def _is_above(folder: str, other: str) -> bool:
    folder, other = folder.strip("/"), other.strip("/")
    return not folder or f"{other}/".startswith(f"{folder}/")


@lru_cache(maxsize=1000)
def _expression(pattern: str) -> re.Pattern[str]:
    """Return what matches the paths of a pattern: `*` stays inside one name, `**` is any folders."""
    parts = pattern.split("/")
    beneath = parts[-1] in ("", "**")
    made = ""
    for part in parts[:-1]:
        made += "(?:[^/]+/)*" if part == "**" else _name(part) + "/"
    return re.compile(made + (".+" if beneath else _name(parts[-1])), re.DOTALL)


def _name(part: str) -> str:
    first, *rest = (re.escape(text) for text in re.split(r"\*+", part))
    if not rest:
        return first
    # Atomic, as in `fnmatch`: the first fit is as good as any, and many stars are not tried in every way.
    return first + "".join(f"(?>[^/]*?{text})" for text in rest[:-1]) + f"[^/]*{rest[-1]}"
