"""Who may do what: one table, and the only one. Whatever is not in it is refused.

Asking who someone is happens elsewhere; acting on the answer happens in `web.security`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    AUTHOR = "author"
    REVIEWER = "reviewer"
    ADMIN = "admin"


class Permission(StrEnum):
    VIEW = "view"
    """See entries, pictures, the history and the state of the site."""
    OWN_ACCOUNT = "own_account"
    """Change one's own name, email, password and theme."""
    EDIT_ENTRY = "edit_entry"
    """Write new entries and change those that exist."""
    PUBLISH = "publish"
    """Put entries live and take them off."""
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
    MANAGE_PEOPLE = "manage_people"
    """Invite people, give roles and sign-in links, shut accounts."""


_AUTHOR = frozenset(
    {
        Permission.VIEW,
        Permission.OWN_ACCOUNT,
        Permission.EDIT_ENTRY,
        Permission.PUBLISH,
        Permission.DELETE_ENTRY,
        Permission.UPLOAD_MEDIA,
        Permission.RESTORE,
    }
)
_REVIEWER = _AUTHOR | {Permission.VIEW_TECHNICAL_DETAILS, Permission.REBUILD}

ROLES: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.AUTHOR: _AUTHOR,
        Role.REVIEWER: _REVIEWER,
        Role.ADMIN: frozenset(Permission),
    }
)


def may(role: Role, permission: Permission) -> bool:
    """Tell whether the table gives a role a permission."""
    return permission in ROLES[role]
