"""Dates as sites write them: as a date, as a time stamp, or as text that reads like one.

YAML 1.1 reads `2019-11-12 15:00:00 -0500` as text and `2019-11-12 15:00:00 -5` as a time stamp;
authors see the same control for both, and what they change is written in the spelling that was
there. ISO 8601 and its relaxed forms (a space for the T, no seconds, no colon in the zone, slashes) are
understood, and days whose month is an English word (`Jul 08 2022`); so are days in numbers where their
neighbours tell in which order (`14.09.2015 15:00`); anything else stays text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache

_ISO = re.compile(
    r"(?P<day>\d{4}(?P<dash>[-/])\d{1,2}(?P=dash)\d{1,2})"
    r"(?:(?P<t>[Tt]|[ ]+)(?P<clock>\d{1,2}:\d{2})(?P<seconds>:\d{2})?(?P<fraction>\.\d{1,9})?"
    r"(?P<gap>[ ]*)(?P<zone>[Zz]|UTC(?:[+-]\d{2}:?\d{2})?|[+-]\d{2}:?\d{2}|[+-]\d{1,2})?)?",
    re.ASCII,
)
_YEAR_FIRST = re.compile(r"\d{4}\.\d{1,2}\.\d{1,2}", re.ASCII)
_NUMERIC = re.compile(
    r"(?P<first>\d{1,2})(?P<dash>[-/.])(?P<second>\d{1,2})(?P=dash)(?P<year>\d{4})"
    r"(?:(?P<t>,?[ ]+)(?P<clock>\d{1,2}:\d{2})(?P<seconds>:\d{2})?)?",
    re.ASCII,
)
_WORDED = re.compile(
    r"(?:(?P<month>[A-Z][a-z]{2,8}) (?P<day>\d{1,2})|(?P<day_first>\d{1,2}) (?P<month_last>[A-Z][a-z]{2,8}))"
    r"(?P<comma>,?) (?P<year>\d{4})",
    re.ASCII,
)
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@dataclass(frozen=True, slots=True)
class Spelling:
    """How one site writes its dates. `kind` is "date", "datetime" or "text" (of either).

    `fraction` counts the digits of a second's fraction; the rest only matters for text. `words` is the
    pattern of a day that is not written as in ISO 8601: `{B}` or `{b}` (the month in words, or its first
    letters), `{m}` or `{mm}`, `{d}` or `{dd}`, `{Y}`.
    """

    kind: str
    time: bool
    separator: str = " "
    seconds: bool = True
    gap: str = ""
    zone: str = ""
    fraction: int = 0
    dash: str = "-"
    words: str = ""

    @property
    def offset(self) -> tzinfo | None:
        """The zone that the spelling names, or None when it names none."""
        return zone_of(self.zone)


def read(value: object) -> date | datetime | None:
    """Return a value as a date or time stamp, or None where it is neither."""
    if isinstance(value, date):
        return value
    return parse(value) if isinstance(value, str) else None


@lru_cache(maxsize=4096)
def parse(text: str) -> date | datetime | None:
    """Return the date, or the time stamp, that a text spells; None where it spells none."""
    found = _ISO.fullmatch(text.strip()) if len(text) < 60 else None
    if found is None:
        return _parse_words(text.strip())
    try:
        year, month, day = map(int, found["day"].split(found["dash"]))
        if found["clock"] is None:
            return date(year, month, day)
        hour, minute = map(int, found["clock"].split(":"))
        second = int((found["seconds"] or ":0")[1:])
        micro = int((found["fraction"] or ".0")[1:7].ljust(6, "0"))
        return datetime(year, month, day, hour, minute, second, micro, tzinfo=zone_of(found["zone"] or ""))
    except ValueError:
        return None


def numeric_spelling(values: Iterable[object], timed: bool = False) -> Spelling | None:
    """Return how days such as `07/05/2019` are written, by those that only one order can mean; else None.

    With dots between, the day comes first. `timed` asks how those with a time of day are written.
    """
    found = [_numeric(value) for value in values]
    days = [one for one in found if one is not None]
    alike = [one for one in days if (one["clock"] is not None) is timed]
    day_first, month_first = (any(int(one[name]) > 12 for one in days) for name in ("first", "second"))
    if not month_first and days and all(one["dash"] == "." for one in days):
        day_first = True
    if day_first is month_first or not alike:
        return None
    padded = any(one[name].startswith("0") for one in days for name in ("first", "second"))
    day, month = ("{dd}", "{mm}") if padded else ("{d}", "{m}")
    dash = max((one["dash"] for one in days), key=[one["dash"] for one in days].count)
    words = dash.join((day, month, "{Y}") if day_first else (month, day, "{Y}"))
    return numeric_like(alike[-1].string, Spelling("text", False, words=words))


def numeric_like(value: object, usual: Spelling) -> Spelling | None:
    """Return how a day in numbers is written: as usual, with a time of day where it has one; else None."""
    found = _numeric(value) if usual.words else None
    if found is None:
        return None
    timed = found["clock"] is not None
    return replace(usual, time=timed, separator=found["t"] or " ", seconds=found["seconds"] is not None)


def read_as(value: object, spelling: Spelling | None) -> date | datetime | None:
    """Return a value as a date, where need be by the order of day and month that its neighbours have."""
    plain = read(value)
    if plain is not None or spelling is None or not spelling.words or not isinstance(value, str):
        return plain
    found = _numeric(value) if "{Y}" in spelling.words[-3:] else None
    if found is None or "m}" not in spelling.words:
        return None
    day, month = (found["first"], found["second"])
    if spelling.words.index("m}") < spelling.words.index("d}"):
        day, month = month, day
    clock = found["clock"] or ""
    seconds = found["seconds"] or ""
    return parse(f"{found['year']}-{month}-{day} {clock}{seconds}".strip())


def looks_like_a_date(value: object) -> bool:
    """Tell whether people would call this a date, also where we cannot tell day from month."""
    if read(value) is not None or _numeric(value) is not None:
        return True
    return isinstance(value, str) and bool(_YEAR_FIRST.fullmatch(value.strip()))


def spelling_of(value: object) -> Spelling | None:
    """Return how a date is written, so that another one can be written the same way."""
    if isinstance(value, datetime):
        return Spelling("datetime", True, zone=_zone_text(value))
    if isinstance(value, date):
        return Spelling("date", False)
    found = _ISO.fullmatch(value.strip()) if isinstance(value, str) and len(value) < 60 else None
    if found is None:
        words = _pattern_of(value.strip()) if isinstance(value, str) else ""
        return Spelling("text", False, words=words) if words else None
    if found["clock"] is None:
        return Spelling("text", False, dash=found["dash"])
    seconds = found["seconds"] is not None
    fraction = len(found["fraction"] or ".") - 1
    zone = found["zone"] or ""
    return Spelling("text", True, found["t"], seconds, found["gap"], zone, fraction, found["dash"])


def spell(when: date | datetime, spelling: Spelling) -> date | datetime | str:
    """Return a date as the value to store, written like its neighbours.

    An aware time stamp is carried over to the zone of the spelling; a naive one is taken to be
    in it already. A plain date becomes midnight where a time of day is wanted.
    """
    if not spelling.time:
        day = when.date() if isinstance(when, datetime) else when
        return day if spelling.kind == "date" else _day_text(day, spelling)
    moment = when if isinstance(when, datetime) else datetime.combine(when, time())
    zone = spelling.offset
    if moment.tzinfo is not None:
        moment = moment.astimezone(zone) if zone else moment.replace(tzinfo=None)
    elif zone:
        moment = moment.replace(tzinfo=zone)
    if spelling.kind == "datetime":
        return moment
    clock = moment.strftime("%H:%M:%S" if spelling.seconds or moment.second else "%H:%M")
    if spelling.fraction:
        clock += "." + f"{moment.microsecond:06}".ljust(9, "0")[: spelling.fraction]
    return f"{_day_text(moment.date(), spelling)}{spelling.separator}{clock}{spelling.gap}{spelling.zone}"


def as_moment(when: date | datetime, zone: tzinfo = UTC) -> datetime:
    """Return an aware time stamp: naive ones and plain dates are taken to be in `zone`."""
    if not isinstance(when, datetime):
        return datetime(when.year, when.month, when.day, tzinfo=zone)
    return when if when.tzinfo is not None else when.replace(tzinfo=zone)


def zone_of(text: str) -> tzinfo | None:
    """Return the zone that `Z`, `UTC`, `UTC+02:00`, `+0200` or `+2` names; None for an empty text."""
    if not text:
        return None
    if text in ("Z", "z", "UTC"):
        return UTC
    text = text.removeprefix("UTC")
    digits = text[1:].replace(":", "")
    hours, minutes = (int(digits[:-2]), int(digits[-2:])) if len(digits) > 2 else (int(digits), 0)
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)


def _zone_text(moment: datetime) -> str:
    offset = moment.utcoffset()
    if offset is None:
        return ""
    if not offset:
        return "Z"
    sign = "-" if offset < timedelta(0) else "+"
    minutes = abs(int(offset.total_seconds())) // 60
    return f"{sign}{minutes // 60:02}:{minutes % 60:02}"


def _numeric(value: object) -> re.Match[str] | None:
    """Return the parts of a day in numbers, perhaps with a time of day; None where it is none."""
    return _NUMERIC.fullmatch(value.strip()) if isinstance(value, str) and len(value) < 30 else None


def _parse_words(text: str) -> date | None:
    found = _WORDED.fullmatch(text)
    month = _month_of(found["month"] or found["month_last"]) if found else 0
    if found is None or not month:
        return None
    try:
        return date(int(found["year"]), month, int(found["day"] or found["day_first"]))
    except ValueError:
        return None


def _pattern_of(text: str) -> str:
    """Return how a day is written whose month is a word, "" where it is none."""
    found = _WORDED.fullmatch(text)
    if found is None or _parse_words(text) is None:
        return ""
    month = "{B}" if (found["month"] or found["month_last"]) in _MONTHS else "{b}"
    day = "{dd}" if (found["day"] or found["day_first"]).startswith("0") else "{d}"
    first = f"{month} {day}" if found["month"] else f"{day} {month}"
    return f"{first}{found['comma']} {{Y}}"


def _month_of(word: str) -> int:
    """Return the number of a month by its English name or the first three letters of it; else 0."""
    for number, name in enumerate(_MONTHS, start=1):
        if word in (name, name[:3]):
            return number
    return 0


def _day_text(day: date, spelling: Spelling) -> str:
    if not spelling.words:
        return day.isoformat().replace("-", spelling.dash)
    name = _MONTHS[day.month - 1]
    two = {"dd": f"{day.day:02}", "mm": f"{day.month:02}"}
    return spelling.words.format(B=name, b=name[:3], d=day.day, m=day.month, Y=f"{day.year:04}", **two)
