"""A value that authors do not meet: kept as it is, and given to new entries."""

from __future__ import annotations

from typing import Any, ClassVar

from gitcms.schema.fields.base import Observed
from gitcms.schema.fields.raw import RawValue


class Hidden(RawValue):
    name: ClassVar[str] = "hidden"
    spelled: ClassVar[str] = "hidden"

    def recognise(self, seen: Observed) -> dict[str, Any] | None:
        return None
