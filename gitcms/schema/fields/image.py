"""A picture, named the way the site names its pictures. The file itself comes beside the text."""

from __future__ import annotations

import mimetypes
import re
from fnmatch import fnmatchcase
from typing import Any, ClassVar

from gitcms.content.values import Found, Value
from gitcms.schema.collection import Field
from gitcms.schema.fields.base import Observed, One, cleared, is_line, refuse_unwritable, words_of

IMAGE = re.compile(r".*\.(?:jpe?g|png|gif|webp|avif|svg|bmp|ico|tiff?)(?:[?#].*)?", re.IGNORECASE)
PICTURES = frozenset(
    {"image", "img", "picture", "pic", "photo", "avatar", "portrait", "headshot", "thumbnail", "thumb"}
    | {"cover", "banner", "hero", "logo", "screenshot", "imagen", "imagem", "bild", "foto", "portada"}
)
PLACES = frozenset({"url", "uri", "src", "href", "path", "file"})
"""Last words of keys that say where a thing of the word before is: an `image_url`, and no `image_credit`."""

_WEB = re.compile(r"(?:https?:)?//", re.IGNORECASE)
_WHOLE = re.compile(r"https?://\S+", re.IGNORECASE)


class Image(One):
    name: ClassVar[str] = "image"
    spelled: ClassVar[str] = "image"

    def recognise(self, seen: Observed) -> dict[str, Any] | None:
        named = seen.share(is_image, 0.8) >= 0.8 or self._is_picture_elsewhere(seen)
        found = seen.picture(seen) if named or seen.share(is_line, 0.8) >= 0.8 else None
        if not named and (found is None or not found.get("found")):
            return None
        return {"options": found or {}}

    def _is_picture_elsewhere(self, seen: Observed) -> bool:
        """Tell whether the key speaks of pictures and the values are whole addresses, without an ending."""
        words = [word for word in words_of(seen.name) if not word.isdigit()]
        last = words[-2:-1] if not PLACES.isdisjoint(words[-1:]) else words[-1:]
        return (
            not PICTURES.isdisjoint(last)
            and seen.share(lambda value: isinstance(value, str) and bool(_WHOLE.fullmatch(value))) >= 0.8
        )

    def fits(self, value: Found, field: Field) -> bool:
        return is_line(value)

    def control(self, value: Found, field: Field) -> str:
        return "image"

    def from_form(self, text: str, old: Found, field: Field) -> Found:
        refuse_unwritable(text)
        return text.strip() or cleared(field)

    def problem(self, value: Value, field: Field) -> str | None:
        if is_refused(value, field):
            return "Choose a picture of this site; one from elsewhere is not taken here"
        if sentence := not_accepted(value, field):
            return sentence
        if is_image(value) or (isinstance(value, str) and re.match(r"https?://\S+$", value)):
            return None
        return "Choose a picture: its name ends in .jpg, .png, .gif, .webp, .avif or .svg"


def is_refused(value: Found, field: Field) -> bool:
    """Tell whether a value lies elsewhere where only files of the site are wanted (`options["web"]`)."""
    return field.options.get("web") is False and isinstance(value, str) and bool(_WEB.match(value))


def is_image(value: Found) -> bool:
    """Tell whether a value names a picture."""
    return isinstance(value, str) and is_line(value) and bool(IMAGE.fullmatch(value))


def not_accepted(value: Found, field: Field) -> str | None:
    """Return the sentence for a name whose ending is none that its field takes (`accept`), or None.

    `accept` is written as HTML has it: endings and kinds of media, with commas between.
    """
    wanted = [one.strip().lower() for one in str(field.options.get("accept") or "").split(",") if one.strip()]
    if not wanted or not isinstance(value, str):
        return None
    name = value.split("?")[0].split("#")[0].lower()
    kind = mimetypes.guess_type(name)[0] or ""
    if any(name.endswith(one) if one.startswith(".") else fnmatchcase(kind, one) for one in wanted):
        return None
    return f"Choose a file of one of these kinds: {', '.join(wanted)}"
