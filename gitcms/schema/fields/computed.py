"""A value that is made of others by a template at each save that changes them."""

from __future__ import annotations

from typing import Any, ClassVar

from gitcms.schema.fields.base import Observed
from gitcms.schema.fields.raw import RawValue


class Computed(RawValue):
    """`options["template"]` says how, in the words of `gitcms.schema.templates`."""

    name: ClassVar[str] = "computed"
    spelled: ClassVar[str] = "computed"
    automatic: ClassVar[bool] = True

    def recognise(self, seen: Observed) -> dict[str, Any] | None:
        return None
