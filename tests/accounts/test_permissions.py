from __future__ import annotations

import pytest

from gitcms.accounts.permissions import ROLES, Permission, Role, may

# The table of the code, written a second time on purpose: a change of rights is a change of two files.
EXPECTED = {
    Permission.VIEW: "author reviewer admin",
    Permission.OWN_ACCOUNT: "author reviewer admin",
    Permission.EDIT_ENTRY: "author reviewer admin",
    Permission.PUBLISH: "author reviewer admin",
    Permission.DELETE_ENTRY: "author reviewer admin",
    Permission.UPLOAD_MEDIA: "author reviewer admin",
    Permission.RESTORE: "author reviewer admin",
    Permission.VIEW_TECHNICAL_DETAILS: "reviewer admin",
    Permission.REBUILD: "reviewer admin",
    Permission.VIEW_BUILD_LOG: "admin",
    Permission.MANAGE_PEOPLE: "admin",
}


@pytest.mark.parametrize("permission", Permission)
@pytest.mark.parametrize("role", Role)
def test_each_role_may_do_what_the_table_says(role: Role, permission: Permission) -> None:
    assert may(role, permission) is (role in EXPECTED[permission].split())


def test_every_role_has_its_row() -> None:
    assert set(ROLES) == set(Role)
