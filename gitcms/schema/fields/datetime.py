"""A day with a time of day, in the zone that the value names."""

from __future__ import annotations

from typing import ClassVar

from gitcms.schema.fields.date import Date


class DateTime(Date):
    name: ClassVar[str] = "datetime"
    spelled: ClassVar[str] = "date-time"
    timed: ClassVar[bool] = True
