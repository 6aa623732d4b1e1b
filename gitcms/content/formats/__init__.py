"""The kinds of front matter, one line each: a new one is its file and its line here."""

from __future__ import annotations

from gitcms.content.formats.base import Format, Imitating, Reading, Skimming, edit_verified
from gitcms.content.formats.headers import HeadersFormat
from gitcms.content.formats.json import JsonFormat
from gitcms.content.formats.nikola import NikolaFormat
from gitcms.content.formats.org import OrgFormat
from gitcms.content.formats.plain import PlainFormat
from gitcms.content.formats.toml import TomlFormat
from gitcms.content.formats.yaml import YamlFormat

FORMATS: dict[str, Format] = {
    known.name: known
    for known in (
        YamlFormat(),
        TomlFormat(),
        JsonFormat(),
        HeadersFormat(),
        NikolaFormat(),
        OrgFormat(),
        PlainFormat(),
    )
}

__all__ = ["FORMATS", "Format", "Imitating", "Reading", "Skimming", "edit_verified"]
