"""What the dialects of other systems have in common: names of new files, and types that nobody knows."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence

from gitcms.content.values import Path
from gitcms.schema.configured.files import ConfigFile

_PLACES = {
    **{name: f"{{{name}}}" for name in ("year", "month", "day", "hour", "minute", "second", "slug")},
    **dict.fromkeys(("title", "name"), "{slug}"),
}
"""What names of files can be made of there, and how that is said here."""


def file_template(
    file: ConfigFile, place: Path, folder: str, name: str, pattern: re.Pattern[str]
) -> str | None:
    """Return how new files are named, None where names are made of what is not known here; that is remarked.

    :param place: where the file says so. :param name: as the other system has it, with the ending.
    :param pattern: of a place in such a name; its first group is what stands there.
    """
    strange = sorted({one for one in pattern.findall(name) if one not in _PLACES})
    if strange:
        file.say(
            place,
            f"Names of new files are made of the title and the date here, not of {', '.join(strange)}; "
            "they are named like the files that are there.",
            wrong=False,
        )
        return None
    # split: texts and what stood in the places between them, in turns
    parts: Sequence[str] = pattern.split(name)
    made = "".join(_PLACES[part] if number % 2 else _plain(part) for number, part in enumerate(parts))
    return posixpath.join(_plain(folder), made)


def unknown_type(file: ConfigFile, place: Path, what: str, name: str) -> None:
    """Note that a type of field is not known."""
    file.say(place, f"The {what} “{name}” is not known here; the field is shown by what its values are.")


def _plain(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
