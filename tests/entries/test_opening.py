"""What opens, and what does not."""

from __future__ import annotations

import pytest

from gitcms import entries
from gitcms.entries import Change
from gitcms.errors import (
    EditConflict,
    NotFound,
    PathRefused,
)
from gitcms.schema.collection import Collection
from gitcms.site import Site
from tests.making import INES


@pytest.mark.parametrize(
    "path", ["../x.md", ".git/config", "_projects/../_config.yml", "_projects/none.md", "x\0.md"]
)
def test_a_path_that_is_no_entry_opens_nothing(site: Site, projects: Collection, path: str) -> None:
    with pytest.raises((PathRefused, NotFound)):
        entries.open_entry(site, projects, path)
    with pytest.raises((PathRefused, NotFound, EditConflict)):
        entries.save(site, projects, path, Change("0" * 40, {}, ""), INES)
