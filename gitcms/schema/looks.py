"""How gitcms itself looks and speaks to those who edit a site, where its owners say so.

Facts alone: what pages make of them is `web`'s.
"""

from __future__ import annotations

from typing import NamedTuple

ICONS = (
    *("page", "pencil", "picture", "people", "person", "feed", "link", "settings", "help", "clock", "list"),
    *("quote", "code", "home", "info", "search", "book", "calendar", "tag", "mail", "place", "star", "music"),
    *("film", "cart", "chat", "folder", "briefcase", "globe"),
)
"""What can stand before a collection in the menu; `web/static/icons.svg` draws them."""


class Look(NamedTuple):
    """What pages show of a site; "" where nothing is said.

    `language` is the one of the pages for who has chosen none. `logo` is the path or the address of a picture
    of the site, `logo_in_header` whether it is seen by those who are signed in, too. `report_to` is where
    they say that something is wrong.
    """

    language: str = ""
    logo: str = ""
    logo_in_header: bool = True
    report_to: str = ""


PLAIN = Look()
