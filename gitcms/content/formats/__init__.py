"""The kinds of front matter, one line each: a new one is its file and its line here."""

from __future__ import annotations

from gitcms.content.formats.base import Format, Reading
from gitcms.content.formats.plain import PlainFormat

FORMATS: dict[str, Format] = {known.name: known for known in (PlainFormat(),)}

__all__ = ["FORMATS", "Format", "Reading"]
