"""A point on the map: every way to store one is shown alike, and kept."""

from __future__ import annotations

from typing import Any

import pytest

from gitcms.content.values import MISSING
from gitcms.schema.collection import Field
from gitcms.schema.fields import FIELD_TYPES, BadField
from gitcms.schema.inference import infer

MAP: Any = FIELD_TYPES["map"]
FIELD = Field("place", "Place", "map")
GEOJSON = '{"type":"Point","coordinates":[-70.6693,-33.4489]}'


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"lat": -33.4489, "lng": -70.6693}, {"lat": 52.5, "lng": 13}),
        (
            {"name": "Hall", "longitude": -70.6693, "latitude": -33.4489},
            {"name": "Hall", "longitude": 13, "latitude": 52.5},
        ),
        ([-33.4489, -70.6693], [52.5, 13]),
        ("-33.4489, -70.6693", "52.5, 13"),
        (GEOJSON, '{"type":"Point","coordinates":[13,52.5]}'),
    ],
)
def test_a_point_is_shown_alike_and_written_as_it_was(old: Any, new: Any) -> None:
    assert MAP.fits(old, FIELD)
    assert MAP.to_form(old, FIELD) == "-33.4489, -70.6693"
    assert MAP.from_form(" 52.5 13 ", old, FIELD) == new
    assert MAP.problem(old, FIELD) is None


@pytest.mark.parametrize(
    ("stored", "new"),
    [
        (None, {"lat": 1, "lng": 2}),
        ("list", [1, 2]),
        ("text", "1, 2"),
        ("geojson", '{"type":"Point","coordinates":[2,1]}'),
    ],
)
def test_a_first_point_is_stored_as_the_field_says(stored: str | None, new: Any) -> None:
    assert MAP.from_form("1,2", MISSING, Field("p", "P", "map", options={"stored": stored})) == new


@pytest.mark.parametrize("typed", ["here", "91, 0", "0, 181", "1", "1, 2, 3", "1e400, 2"])
def test_what_is_no_point_is_refused_in_words(typed: str) -> None:
    with pytest.raises(BadField, match="Write latitude and longitude, such as"):
        MAP.from_form(typed, MISSING, FIELD)


@pytest.mark.parametrize("value", [{"lat": "x", "lng": 1}, {"lat": 1}, [1, 2, 3], ["1", "2"], "{", "text", 7])
def test_other_values_are_no_points(value: Any) -> None:
    assert not MAP.fits(value, FIELD)


def test_it_is_read_off_entries() -> None:
    posts = {
        f"posts/{n}.md": f"---\ntitle: T {n}\nplace: {{lat: {n}.5, lng: 2}}\n---\nx\n".encode()
        for n in range(6)
    }
    model = infer(sorted(posts), posts.__getitem__)
    assert next(one for one in model.collections[0].fields if one.name == "place").type == "map"
