"""Which files of a folder a repository knows or would take in, as they lie on the disk just now.

For commands that look at a folder without opening it for editing: no lock, no state, any branch.
"""

from __future__ import annotations

import os
from pathlib import Path

from gitcms.repository.plumbing import forget_callers_repository, run


def present(folder: Path) -> list[str] | None:
    """Return the files that are tracked, or new and not ignored, relative to a folder.

    None where Git does not say: the folder is in no repository, or in one that we may not read.
    """
    forget_callers_repository()
    asked = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    code, output, _ = run(asked, cwd=folder)
    return [os.fsdecode(name) for name in output.split(b"\0") if name] if code == 0 else None
