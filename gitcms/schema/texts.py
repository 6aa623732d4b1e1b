"""How a text is written, where the site's owners say so: which buttons stand over it, and how high it is.

Of the text of an entry it is said for its collection, of a Markdown field by its options. Facts alone: what
a button writes is `web/static/format.js`'.
"""

from __future__ import annotations

from typing import NamedTuple

BUTTONS = (
    *("bold", "italic", "strikethrough", "code", "heading"),
    *(f"heading-{level}" for level in range(1, 7)),
    *("link", "quote", "list", "numbered-list", "code-block", "picture"),
)
"""All there are, in the order in which they stand."""
USUAL_BUTTONS = ("bold", "italic", "heading", "link", "quote", "list")


class Text(NamedTuple):
    """Which buttons there are, and whether there is little room, for few words."""

    buttons: tuple[str, ...] = USUAL_BUTTONS
    small: bool = False


USUAL = Text()
