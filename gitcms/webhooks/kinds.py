"""The kinds of events: one row each, with its words, and how a filter chooses among them.

What makes an event one of a kind is decided where it is read off the branch, in `gitcms.events`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: its name as it travels, what it is called, and whether it changes the published site."""

    name: str
    label: str
    public: bool


KINDS = {
    row.name: row
    for row in (
        Kind("content.published", "An entry goes live", public=True),
        Kind("content.updated", "A live entry is changed", public=True),
        Kind("content.unpublished", "An entry is taken off", public=True),
        Kind("content.renamed", "A live entry gets another address", public=True),
        Kind("content.deleted", "An entry is deleted", public=True),
        Kind("content.scheduled", "An entry is to go live later", public=False),
        Kind("content.drafted", "A draft is written or changed", public=False),
        Kind("media.changed", "Pictures and files come, change or go", public=True),
        Kind("model.changed", "The site's settings change", public=True),
        Kind("site.changed", "The site's design or data change", public=True),
        Kind("build.live", "A rebuild is live", public=False),
        Kind("build.failed", "A rebuild stopped", public=False),
    )
}
OF_BUILDS = ("build.live", "build.failed")
PING = "ping"
REBUILD = "rebuild.requested"
"""Sent whatever a filter says: somebody asked for just that."""

# For somebody who wants the site rebuilt whenever it would look different.
PUBLIC = tuple(kind.name for kind in KINDS.values() if kind.public)
_PATTERN = re.compile(r"\*|[a-z]+\.(\*|[a-z]+)")


def unknown(filters: Iterable[str]) -> list[str]:
    """Return those filters that no kind of event fits."""
    return [
        each
        for each in filters
        if not _PATTERN.fullmatch(each) or not any(_fits(each, name) for name in KINDS)
    ]


def wants(filters: Sequence[str], name: str) -> bool:
    """Tell whether an event of a kind passes a filter such as ["content.*", "media.changed"]."""
    return any(_fits(each, name) for each in filters)


def _fits(pattern: str, name: str) -> bool:
    return pattern in ("*", name) or (pattern.endswith(".*") and name.startswith(pattern[:-1]))
