"""No front matter: a file that is all body. It has no fields and takes none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitcms.content.edits import Edit
from gitcms.content.formats.base import Reading
from gitcms.content.values import Value
from gitcms.errors import EditRefused


class PlainFormat:
    """A file that is all body."""

    name = "none"
    markers = ()
    suffixes = ()
    fences = ("", "")
    ended_by_blank_line = False

    def read(self, text: str) -> Reading:
        """No fields."""
        return Reading({})

    def edit(self, text: str, edit: Edit, *, newline: str) -> str:
        """:raises EditRefused: always; front matter that the author did not ask for is no small change."""
        raise EditRefused(
            "This file has no fields, only text.",
            hint="Ask an administrator to give the file fields, or write into the text.",
        )

    def readings(self, text: str) -> list[Any]:
        """One dialect that reads nothing."""
        return [("m", ())]

    def apply(self, tree: Any, edit: Edit) -> Any:
        """:raises EditRefused: always, as `edit`."""
        return self.edit("", edit, newline="\n")

    def dump(self, values: Mapping[str, Value], *, newline: str) -> str:
        """Nothing. :raises EditRefused: when there are values to write."""
        if values:
            raise EditRefused("A file without fields cannot keep these values.")
        return ""
