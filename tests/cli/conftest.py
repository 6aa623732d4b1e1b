"""The remotes that `gitcms clone` is tried with are those of the tests of remotes."""

from __future__ import annotations

from tests.remotes.conftest import open_world, ssh, world

__all__ = ["open_world", "ssh", "world"]
