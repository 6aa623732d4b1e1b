"""The pictures that come with an entry: where each is put, and its name in a field."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass

from gitcms import media
from gitcms.content.values import Path, Value
from gitcms.errors import UploadTooLarge
from gitcms.schema import pictures
from gitcms.schema.collection import Collection, Field
from gitcms.site import Site


@dataclass(frozen=True, slots=True)
class Upload:
    """A picture for a field of the entry. `data` are the bytes as the browser sent them."""

    field: Path
    filename: str
    data: bytes


def with_pictures(
    site: Site, collection: Collection, path: str, values: dict[str, Value], uploads: Sequence[Upload]
) -> tuple[dict[str, Value], dict[str, bytes | None]]:
    """Return the values with the uploaded pictures named in them, and the files to add.

    :raises UploadRefused: also where one is larger than its field takes.
    """
    files: dict[str, bytes | None] = {}
    taken = set(site.blobs()) if uploads else set()
    for upload in uploads:
        field = _field_at(collection.fields, upload.field)
        most = field.options.get("max_bytes") if field is not None else None
        wanted = site.model().uploads
        most = most or wanted.max_bytes or None
        if isinstance(most, int) and len(upload.data) > most:
            raise UploadTooLarge(
                f"The file is larger than {most / 1000:,.0f} KB.", hint="Choose a smaller one."
            )
        judge = media.accept_file if field is not None and field.type == "file" else media.accept
        picture = judge(upload.filename, upload.data, site.config.limits, wanted)
        name = _free_name(site, field, picture.filename, path, taken)
        place, value = pictures.place(site.model(), field, name, path)
        taken.add(place)
        files[place] = picture.data
        replaced = _put(values, upload.field, value)
        assert isinstance(replaced, dict)
        values = replaced
    return values, files


def _field_at(fields: Sequence[Field], path: Path) -> Field | None:
    """Return the field at a place, through objects and lists; None where the model knows none."""
    found = None
    for part in path:
        if isinstance(part, str):
            found = next((each for each in fields if each.name == part), None)
        elif found is not None and found.item is not None:
            found = found.item
        if found is None:
            return None
        fields = found.fields
    return found


def _free_name(site: Site, field: Field | None, name: str, path: str, taken: set[str]) -> str:
    """Return the picture's name, with a number where a file of that name lies at its place already."""
    place, _ = pictures.place(site.model(), field, name, path)
    return posixpath.basename(media.free_path(posixpath.dirname(place), name, taken))


def _put(value: Value, path: Path, new: Value) -> Value:
    """Return a copy of nested values with one place set; what is not on the way is shared."""
    if not path:
        return new
    key, rest = path[0], path[1:]
    if isinstance(key, int):
        items = list(value) if isinstance(value, list) else []
        items[key] = _put(items[key], rest, new)
        return items
    known = dict(value) if isinstance(value, dict) else {}
    known[key] = _put(known.get(key), rest, new)
    return known
