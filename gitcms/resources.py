"""Where the files that are not code lie: templates, the example configuration, the help texts,
what services are made of.

In a checkout `templates/` and `config.example.toml` stand at the top, beside the package; in a
wheel they lie inside it. Nothing else in the house needs to know which of the two this is.
"""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
CHECKOUT = PACKAGE.parent


def templates_folder() -> Path:
    """Return the folder that holds the Jinja templates."""
    return _inside_or_beside("templates")


def example_config() -> Path:
    """Return the path of `config.example.toml`, which holds every default."""
    return _inside_or_beside("config.example.toml")


def docs_folder() -> Path:
    """Return the folder of the help texts, `*.md`."""
    return PACKAGE / "docs"


def service_folder() -> Path:
    """Return the folder of what a machine needs to run gitcms as a service."""
    return PACKAGE / "service"


def _inside_or_beside(name: str) -> Path:
    inside = PACKAGE / name
    return inside if inside.exists() else CHECKOUT / name
