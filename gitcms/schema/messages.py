"""How changes are described in the history, where the site's owners say so.

Facts alone: what a change is called otherwise, and when a description is written, is `entries.recording`'s.
"""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Messages:
    """What is said of changes; all of it may be left out.

    `create`, `update` and `delete` are templates (`templates`) of the first line for one entry, `upload` one
    of a line below it for each picture or file that comes with the entry. `sign_off` asks for the author's
    `Signed-off-by`, `skip_builds` for the mark that keeps services from building.
    """

    create: str = ""
    update: str = ""
    delete: str = ""
    upload: str = ""
    sign_off: bool = False
    skip_builds: bool = False


PLAIN = Messages()
NAMES = tuple(each.name for each in fields(Messages))
"""What of it may be said, as it is called."""
