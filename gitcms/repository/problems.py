"""What an administrator should know about a repository: things in it that never run here, or look odd."""

from __future__ import annotations

import os
from pathlib import Path

from gitcms.repository.opening import Place


def find(place: Place) -> list[str]:
    """Return the findings, as sentences."""
    return [*_hooks(place)]


def _hooks(place: Place) -> list[str]:
    folder = place.common_folder / "hooks"
    names = sorted(
        name for name in (os.listdir(folder) if folder.is_dir() else []) if not name.endswith(".sample")
    )
    found = [name for name in names if os.access(Path(folder, name), os.X_OK)]
    return [f"The hook {name} is installed. It never runs for a save made here." for name in found]
