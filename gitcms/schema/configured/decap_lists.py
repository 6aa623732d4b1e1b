"""What Decap CMS and Sveltia CMS say of lists of entries, in the words of `gitcms.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitcms.content.values import Path
from gitcms.schema.configured.files import ConfigFile


def of_folder(told: Mapping[str, Any], place: Path, file: ConfigFile) -> dict[str, Any]:
    """Return what is said of the list of a folder's entries. What cannot be used is a remark of the file."""
    facts = of_files(told, place, file)
    if isinstance(told.get("summary"), str):
        facts["summary"] = told["summary"]
    thumbnail = told.get("thumbnail")
    if isinstance(thumbnail, (str, list)):
        facts["thumbnail"] = thumbnail
    return facts


def of_files(told: Mapping[str, Any], place: Path, file: ConfigFile) -> dict[str, Any]:
    """Return what is said of the lists of single files, or of one of them."""
    facts: dict[str, Any] = {}
    if isinstance(told.get("description"), str):
        facts["description"] = told["description"]
    if told.get("hide") is True:
        facts["hide"] = True
    return facts
