"""What a field's own rules allow of a value that its type can hold: ranges, lengths, patterns, choices.

Options of any field: `min` and `max` (of numbers, of days and times as ISO text, of the items of a list),
`step` of numbers, `min_length` and `max_length` of texts, `pattern` (a regular expression that is found
in the text) with `pattern_says` (the sentence for who did not match it), `closed` (nothing but `choices`).
What is a value of the type at all is said by the types.
"""

from __future__ import annotations

import functools
import re
from datetime import date, datetime, time

from gitcms.content.values import Value
from gitcms.counting import counted
from gitcms.schema import dates
from gitcms.schema.collection import Field

_RULES = frozenset({"min", "max", "step", "min_length", "max_length", "pattern", "closed"})
MOST_MATCHED = 10_000
"""Longer texts are not held against a pattern, whose costs nobody has looked at."""


def has_limits(field: Field) -> bool:
    """Tell whether a field has such rules at all."""
    return not _RULES.isdisjoint(field.options)


def beyond(value: Value, field: Field) -> str | None:
    """Return the sentence that says which rule of its field a value breaks, or None when it breaks none."""
    if not has_limits(field):
        return None
    if isinstance(value, list):
        return _count(len(value), field) or next(
            (sentence for item in value if (sentence := _not_a_choice(item, field))), None
        )
    if isinstance(value, (bool, dict)):
        return None
    if isinstance(value, (int, float)):
        return _range(value, field) or _not_a_choice(value, field)
    if isinstance(value, (date, datetime, time)):
        return _moment(value.isoformat(), field)
    if not isinstance(value, str):
        return None
    if field.type == "time":
        return _moment(_clock(value), field)
    if field.type in ("date", "datetime"):
        when = dates.read(value)
        return _moment(when.isoformat(), field) if when is not None else None
    return _length(value, field) or _pattern(value, field) or _not_a_choice(value, field)


def _count(count: int, field: Field) -> str | None:
    least, most = field.options.get("min"), field.options.get("max")
    if isinstance(most, int) and count > most:
        return counted(
            count,
            "Keep at most {2} of these. There is {1}",
            "Keep at most {2} of these. There are {1}",
            most,
        )
    if isinstance(least, int) and count < least:
        return counted(
            count,
            "Add at least {2} of these. There is {1}",
            "Add at least {2} of these. There are {1}",
            least,
        )
    return None


def _range(value: int | float, field: Field) -> str | None:
    least, most, step = (field.options.get(name) for name in ("min", "max", "step"))
    if (least is not None and value < least) or (most is not None and value > most):
        if least is None or most is None:
            return f"Write {most} or less" if least is None else f"Write {least} or more"
        return f"Write a number from {least} to {most}"
    if step and abs(steps := (value - (least or 0)) / step) < 1e12 and abs(steps - round(steps)) > 1e-9:
        return f"Write a number in steps of {step}" + (f" from {least}" if least else "")
    return None


def _moment(text: str, field: Field) -> str | None:
    """Judge a day, a moment or a time of day: as far as a limit is spelled, their texts sort as they do."""
    least, most = (_clock(str(field.options.get(name) or "")) for name in ("min", "max"))
    if least and text[: len(least)] < least:
        return f"Choose {least} or later"
    return f"Choose {most} or earlier" if most and text[: len(most)] > most else None


def _clock(text: str) -> str:
    """Return a text with a time of day such as 9:30 in two digits."""
    return f"0{text}" if text[1:2] == ":" else text


def _length(text: str, field: Field) -> str | None:
    least, most = field.options.get("min_length"), field.options.get("max_length")
    if isinstance(most, int) and len(text) > most:
        return counted(
            most,
            "Write at most {1} character. These are {2}",
            "Write at most {1} characters. These are {2}",
            len(text),
        )
    if isinstance(least, int) and len(text) < least:
        return counted(
            least,
            "Write at least {1} character. These are {2}",
            "Write at least {1} characters. These are {2}",
            len(text),
        )
    return None


def _pattern(text: str, field: Field) -> str | None:
    wanted = _compiled(str(field.options.get("pattern") or ""))
    if wanted is None or len(text) > MOST_MATCHED or wanted.search(text):
        return None
    said = str(field.options.get("pattern_says") or "").strip().removesuffix(".")
    return said or "This does not have the form that is wanted here. Ask an administrator which that is"


def _not_a_choice(value: Value, field: Field) -> str | None:
    if not field.options.get("closed") or not field.choices or isinstance(value, (dict, list)):
        return None
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if text in field.choices:
        return None
    shown = ", ".join(str(field.options.get("labels", {}).get(one, one)) for one in field.choices[:8])
    return f"Choose one of {shown}" + (" …" if len(field.choices) > 8 else "")


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """Return a pattern ready for use; None for none, and for one that is no regular expression."""
    try:
        return re.compile(pattern) if pattern not in ("", "years") else None
    except (re.error, RecursionError, OverflowError):
        return None
