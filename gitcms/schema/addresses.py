"""The address of an entry by a template of the site's owners, where what generators do does not tell it.

`blog/{{year}}/{{slug}}`: what it may name is said in `docs/gitcms-toml.md`. What generators make of a file is
`generators`' to know.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gitcms.content.paths import slugify
from gitcms.schema import dates, templates
from gitcms.schema.generators import in_folder

MOMENTS = {"year": "%Y", "month": "%m", "day": "%d", "hour": "%H", "minute": "%M", "second": "%S"}
"""Parts of an entry's date that an address, and a title in lists, may name; in UTC."""


@dataclass(frozen=True, slots=True)
class Address:
    """A template, the field whose date it means ("" for the entry's), and whether slashes in fields stay.

    `omits` is the language that it does not name.
    """

    template: str = ""
    date: str = ""
    slashes: bool = False
    omits: str = ""

    def of(
        self,
        values: Mapping[str, Any],
        path: str,
        folders: Sequence[str],
        moment: datetime | None,
        language: str = "",
    ) -> str | None:
        """Return the path of an entry on the built site; None where it names a date that is not there.

        :param moment: what the entry is dated to. :param language: in which it is.
        """
        if self.date:
            read = dates.read(values.get(self.date))
            moment = dates.as_moment(read) if read is not None else None
        named = set(templates.names(self.template))
        if moment is None and not named.isdisjoint(MOMENTS):
            return None
        above = next((one for one in folders if in_folder(path, one)), "")
        inside, ending = posixpath.splitext(path[len(above) :].strip("/"))
        words: dict[str, object] = {
            "slug": inside,
            "dirname": posixpath.dirname(inside),
            "filename": posixpath.basename(inside),
            "extension": ending.removeprefix("."),
            "locale": "" if language == self.omits else language,
        }
        if moment is not None:
            moment = moment.astimezone(UTC)
            words |= {name: moment.strftime(spelled) for name, spelled in MOMENTS.items()}
        filled = templates.fill(self.template, self._in_addresses(values), **words)
        return "/" + re.sub(r"/{2,}", "/", filled).lstrip("/")

    def _in_addresses(self, value: Any) -> Any:
        """Return what fields say as it stands in an address; dates stay, to be spelled by the template."""
        if isinstance(value, Mapping):
            return {key: self._in_addresses(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self._in_addresses(one) for one in value]
        if not isinstance(value, str) or dates.read(value) is not None:
            return value
        parts = value.split("/") if self.slashes else [value]
        return "/".join(slugify(one, default="") for one in parts)


KNOWN = Address()
"""Of what the generator does alone."""
