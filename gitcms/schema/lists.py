"""How the entries of a collection are shown in lists, where the site's owners say so.

Facts alone: what is read off them for one entry is `entries.listing`'s, how they are said `configured`'s.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lists:
    """What is said of a collection's lists; all of it may be left out.

    `description` stands above the list. `summary` is a template (`templates`) of what each entry is called in
    it, `thumbnail` the dotted names of the fields that may hold its picture, the first that does counts.
    `hidden` keeps the collection out of the menu.
    """

    description: str = ""
    summary: str = ""
    thumbnail: tuple[str, ...] = ()
    hidden: bool = False


USUAL = Lists()
