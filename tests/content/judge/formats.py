"""The judge's own readers, one for each kind of front matter."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from tests.content.judge import headers_spots, json_spots, org_spots, toml_spots, yaml_spots
from tests.content.judge.spots import Spot, Unreadable


@lru_cache(maxsize=64)
def read(kind: str, text: str) -> tuple[Spot, list[Any]]:
    """Where the values stand, and what each dialect reads.

    :raises Unreadable: the fields do not parse, or there are none.
    """
    if kind == "yaml":
        root = yaml_spots.locate(text)
        return root, yaml_spots.readings(root)
    if kind == "toml":
        return toml_spots.locate(text), toml_spots.readings(text)
    if kind == "json":
        return json_spots.locate(text), json_spots.readings(text)
    if kind == "headers":
        return headers_spots.locate(text), headers_spots.readings(text)
    if kind == "org":
        return org_spots.locate(text), org_spots.readings(text)
    raise Unreadable("no fields")
