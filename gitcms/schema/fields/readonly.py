"""A value that authors read and do not change; other programs write it."""

from __future__ import annotations

from typing import Any, ClassVar

from gitcms.schema.fields.base import Observed
from gitcms.schema.fields.raw import RawValue


class ReadOnly(RawValue):
    name: ClassVar[str] = "readonly"
    spelled: ClassVar[str] = "read-only"

    def recognise(self, seen: Observed) -> dict[str, Any] | None:
        return None
