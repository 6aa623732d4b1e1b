"""A point on the map: latitude and longitude in one control, stored as the site stores points."""

from __future__ import annotations

import json
import re
from typing import Any, ClassVar

from gitcms.content.values import Found, Value
from gitcms.schema.collection import Field
from gitcms.schema.fields.base import (
    BadField,
    Observed,
    One,
    cleared,
    is_number,
    number_of,
    text_of,
    words_of,
)
from gitcms.schema.fields.object import parts_of

NAMES = (("lat", "lng"), ("lat", "lon"), ("latitude", "longitude"), ("lat", "long"))
PLACES = frozenset(
    {"location", "coordinates", "coordinate", "coords", "coord", "geo", "latlng", "latlon", "latlong"}
    | {"position", "point", "gps", "place", "center", "centre", "map", "marker"}
)
"""Words of keys that say where something is."""

_WANTED = "Write latitude and longitude, such as -33.4489, -70.6693"
_POINT = re.compile(r"\s*\(?\s*(-?[\d.]{1,20})\s*[,;\s]\s*(-?[\d.]{1,20})\s*\)?\s*", re.ASCII)


class Map(One):
    """`options["stored"]` says how a first point is written: "object" (by default), "list", "text", or
    "geojson", which is text and names the longitude first (RFC 7946)."""

    name: ClassVar[str] = "map"
    spelled: ClassVar[str] = "map point"
    plain: ClassVar[bool] = False

    def recognise(self, seen: Observed) -> dict[str, Any] | None:
        for value in seen.values:
            point = _point(value)
            if point is None or _outside(point):
                return None
        if seen.share(lambda value: isinstance(value, dict)) >= 0.9:
            return {"fields": parts_of(seen, seen.placed())}
        # Any two numbers might be a point: where they are not named, their key must say so.
        if set(words_of(seen.name)).isdisjoint(PLACES) or not seen.values:
            return None
        lists = seen.share(lambda value: isinstance(value, list))
        geojson = seen.share(lambda value: isinstance(value, str) and value.lstrip().startswith("{"))
        return {"options": {"stored": "list" if lists >= 0.5 else "geojson" if geojson >= 0.5 else "text"}}

    def fits(self, value: Found, field: Field) -> bool:
        return _point(value) is not None

    def to_form(self, value: Found, field: Field) -> str:
        point = _point(value)
        return "" if point is None else f"{text_of(point[0])}, {text_of(point[1])}"

    def from_form(self, text: str, old: Found, field: Field) -> Found:
        if not text.strip():
            return cleared(field)
        point = _point(text)
        if point is None or _outside(point):
            raise BadField(_WANTED)
        if "decimals" in field.options:
            point = _rounded(point[0], field), _rounded(point[1], field)
        if isinstance(old, dict) and _point(old) is not None:
            first, second = _names(old)
            return {
                key: point[0] if key == first else point[1] if key == second else one
                for key, one in old.items()
            }
        stored = field.options.get("stored") or "object"
        if isinstance(old, list) or (not isinstance(old, str) and stored == "list"):
            return list(point)
        if isinstance(old, str) and old:
            stored = "geojson" if old.lstrip().startswith("{") else "text"
        if stored == "geojson":
            return json.dumps({"type": "Point", "coordinates": [point[1], point[0]]}, separators=(",", ":"))
        spelled = f"{text_of(point[0])}, {text_of(point[1])}"
        return spelled if stored == "text" else {"lat": point[0], "lng": point[1]}

    def problem(self, value: Value, field: Field) -> str | None:
        point = _point(value)
        return _WANTED if point is None or _outside(point) else None


def _rounded(number: int | float, field: Field) -> int | float:
    return number if isinstance(number, int) else round(number, int(field.options["decimals"]))


def _point(value: Found) -> tuple[int | float, int | float] | None:
    """Return the latitude and longitude that a value says, or None."""
    first: object = None
    second: object = None
    if isinstance(value, dict) and len(value) <= 4 and (names := _names(value)):
        first, second = value.get(names[0]), value.get(names[1])
    elif isinstance(value, list) and len(value) == 2:
        first, second = value
    elif isinstance(value, str) and value.lstrip().startswith("{"):
        first, second = _of_geojson(value)
    elif isinstance(value, str) and len(value) < 80 and (found := _POINT.fullmatch(value)):
        first, second = number_of(found[1]), number_of(found[2])
    if not isinstance(first, (int, float)) or not isinstance(second, (int, float)):
        return None
    return (first, second) if is_number(first) and is_number(second) else None


def _of_geojson(text: str) -> tuple[object, object]:
    try:
        found = json.loads(text) if len(text) < 1000 else None
    except (ValueError, RecursionError):
        return None, None
    place = found.get("coordinates") if isinstance(found, dict) and found.get("type") == "Point" else None
    return (place[1], place[0]) if isinstance(place, list) and len(place) == 2 else (None, None)


def _names(value: dict[str, Value]) -> tuple[str, str]:
    return next((names for names in NAMES if set(names) <= value.keys()), ("", ""))


def _outside(point: tuple[int | float, int | float]) -> bool:
    return not (-90 <= point[0] <= 90 and -180 <= point[1] <= 180)
