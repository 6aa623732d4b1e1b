"""The pages, one module for each kind of thing; each registers its addresses.

An endpoint bears the plain name of what it shows. Whom it is open to is marked at its function.
"""

from __future__ import annotations

from importlib import import_module

from flask import Flask

# Every module of pages, in the order of the rail. Each has `register(app)`.
MODULES = (
    "health",
    "sign_in",
    "home",
    "search",
    "entries",
    "views",
    "unsaved",
    "presence",
    "preview",
    "bulk",
    "moves",
    "relations",
    "files",
    "history",
    "feeds",
    "recovery",
    "rebuilds",
    "webhooks",
    "hooks",
    "sending",
    "people",
    "model",
    "settings",
    "account",
    "second_factor",
    "providers",
    "passkeys",
    "help",
)


def register(app: Flask) -> None:
    """Give an application all its pages."""
    for name in MODULES:
        import_module(f"{__name__}.{name}").register(app)
