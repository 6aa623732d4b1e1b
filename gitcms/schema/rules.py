"""What may be done with the entries of a collection by anybody, where the site's owners say so.

Facts alone: who may write where is `accounts.permissions`', that both are heeded `entries.recording`'s.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rules:
    """What is left to authors; all of it where nothing is said.

    `create`, `delete` and `duplicate` say whether entries may be added, deleted and copied, `publish` whether
    they may be put live and taken off. `limit` is how many there may be, 0 for any number.
    `preview` says whether authors are shown how a text reads.
    """

    create: bool = True
    delete: bool = True
    duplicate: bool = True
    publish: bool = True
    limit: int = 0
    preview: bool = True


FREE = Rules()
NAMES = ("create", "delete", "duplicate", "publish", "limit", "preview")
"""What of it may be said, as it is called."""
