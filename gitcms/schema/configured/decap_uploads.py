"""What Decap CMS and Sveltia CMS say of files that are sent, in the words of `gitcms.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitcms.content.values import Path
from gitcms.schema.configured.files import ConfigFile
from gitcms.schema.configured.keys import CONVERSION, SIZE
from gitcms.schema.uploads import ALL, KINDS

Told = Mapping[str, Any]

SERVICES = (
    *("all", "cloudinary", "uploadcare", "aws_s3", "azure_blob_storage", "backblaze_b2", "bunny_storage"),
    *("cloudflare_r2", "digitalocean_spaces", "scaleway_object_storage", "supabase_storage", "stock_assets"),
)
IN_A_SERVICE = "names a service for pictures. Pictures are kept in the site itself."
USUAL_FORMAT, USUAL_QUALITY = "webp", 85
"""What a picture becomes there that is to be made smaller, if nothing else is said."""


def library(told: Told, *, of_services: bool = False) -> Told:
    """Return what a level says of the library of the site itself, in either of the two places for that.

    :param of_services: take what is said to a service as well.
    """
    found: Told = {}
    for one in (told.get("media_library"), _mapping(told.get("media_libraries")).get("default")):
        if of_services or _mapping(one).get("name", "default") == "default":
            found = {**found, **_mapping(_mapping(one).get("config"))}
    return found


def of_site(root: Told) -> dict[str, Any]:
    """Return how large files may be, and what pictures become."""
    config = library(root)
    facts: dict[str, Any] = (
        {"max_bytes": config["max_file_size"]} if SIZE.takes(config.get("max_file_size")) else {}
    )
    for name, one in _mapping(config.get("transformations")).items():
        kind = ALL if name == "raster_image" else name
        if kind in (ALL, *KINDS) and isinstance(one, Mapping):
            usual = {"format": USUAL_FORMAT, "quality": USUAL_QUALITY}
            said = {
                key: value for key, value in one.items() if key in CONVERSION and CONVERSION[key].takes(value)
            }
            facts[kind] = {**usual, **said}
    return {"uploads": facts} if facts else {}


def say_services(told: Told, place: Path, file: ConfigFile) -> None:
    """Remark each library that is a service."""
    one = _mapping(told.get("media_library")).get("name", "default")
    if one != "default":
        file.say((*place, "media_library"), f"“media_library” {IN_A_SERVICE}", wrong=False)
    for name in _mapping(told.get("media_libraries")):
        if name in SERVICES:
            file.say((*place, "media_libraries", name), f"“{name}” {IN_A_SERVICE}", wrong=False)
        elif name != "default":
            file.unknown((*place, "media_libraries", str(name)), ["default", *SERVICES])


def _mapping(told: Any) -> Told:
    return told if isinstance(told, Mapping) else {}
