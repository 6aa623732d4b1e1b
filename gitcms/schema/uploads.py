"""What becomes of pictures that are sent, where the site's owners say so.

Facts alone: what is taken at all, and how pictures are made smaller, is `gitcms.media`'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

KINDS = ("jpeg", "png", "gif", "webp", "avif")
"""Those of Pillow that are taken, in small letters."""
ALL = "all"
"""Stands for each kind of which nothing is said."""


class Conversion(NamedTuple):
    """The kind that a picture becomes ("" for its own), how good, in percent, and how large it may be.

    `width` and `height` are in points, 0 for any.
    """

    format: str = ""
    quality: int = 85
    width: int = 0
    height: int = 0


class Uploads(NamedTuple):
    """The most bytes of a file (0 for as many as the server takes), and what pictures of a kind become."""

    max_bytes: int = 0
    conversions: Mapping[str, Conversion] = {}

    def of(self, kind: str) -> Conversion | None:
        """Return what a picture of that kind becomes, None where it stays as it is."""
        return self.conversions.get(kind) or self.conversions.get(ALL)


AS_SENT = Uploads()
