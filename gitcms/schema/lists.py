"""How the entries of a collection are shown in lists, where the site's owners say so.

Facts alone: what is read off them for one entry is `entries.listing`'s, how they are said `configured`'s.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sortable:
    """A field to sort a list by: its dotted name, `commit_date` or `commit_author`, and what it is called."""

    field: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class ByField:
    """A filter or a grouping under a name: what a field says, as far as a regular expression finds in it.

    Of an empty `pattern` a filter takes whatever says something, a grouping all of it.
    """

    label: str
    field: str
    pattern: str = ""

    @property
    def finds(self) -> str:
        """The expression that a filter looks for."""
        return self.pattern or "."


@dataclass(frozen=True, slots=True)
class Lists:
    """What is said of a collection's lists; all of it may be left out.

    `description` stands above the list. `summary` is a template (`templates`) of what each entry is called in
    it, `thumbnail` the dotted names of the fields that may hold its picture, the first that does counts.
    `hidden` keeps the collection out of the menu, `icon` (of `looks.ICONS`) stands before it there.

    `sortable` are the only fields that it can be sorted by (None for all), `sort` and `descending` how it is
    at first. `filters` and `groups` stand above it; it opens with those whose labels are in `opens_with`.
    """

    description: str = ""
    summary: str = ""
    thumbnail: tuple[str, ...] = ()
    hidden: bool = False
    icon: str = ""
    sortable: tuple[Sortable, ...] | None = None
    sort: str = ""
    descending: bool = False
    filters: tuple[ByField, ...] = ()
    groups: tuple[ByField, ...] = ()
    opens_with: tuple[str, ...] = ()


USUAL = Lists()
