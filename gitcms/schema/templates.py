"""Texts with places to fill in: `{{title}} by {{author | upper}}`, of computed fields, defaults, cards.

A place holds the name of a field (dotted; `fields.` before it says the same), or a word that the caller
knows, such as `now` and `slug`. Behind `|` stand filters: `upper`, `lower`, `slug`, `trim`,
`default('…')`, `truncate(20, '…')`, `date('YYYY-MM-DD')`, `ternary('yes', 'no')`. What is not there is
nothing; a filter that nobody knows leaves the text as it is. File names are `generators`' to make.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time
from typing import Any

from gitcms.content.paths import slugify
from gitcms.content.values import Value
from gitcms.schema import dates

_PLACE = re.compile(r"\{\{\s*([^{}]{1,400}?)\s*\}\}")
_FILTER = re.compile(r"\|\s*(\w+)\s*(?:\(((?:'[^']*'|\"[^\"]*\"|[^()'\"])*)\))?")
_ARGUMENT = re.compile(r"'([^']*)'|\"([^\"]*)\"|([^,\s]+)")
_TOKEN = re.compile(r"YYYY|YY|MMMM|MMM|MM|M|DD|D|dddd|ddd|HH|H|hh|h|mm|ss|A|a|\[[^\]]*\]")
_STRFTIME = {
    "YYYY": "%Y",
    "YY": "%y",
    "MMMM": "%B",
    "MMM": "%b",
    "MM": "%m",
    "DD": "%d",
    "dddd": "%A",
    "ddd": "%a",
    "HH": "%H",
    "hh": "%I",
    "mm": "%M",
    "ss": "%S",
    "A": "%p",
}


def fill(template: str, values: Mapping[str, Any], **words: object) -> str:
    """Return a template with its places filled in.

    :param values: the fields that it may name.
    :param words: what else it may name; a field of the same name is meant by `fields.` before it.
    """
    return _PLACE.sub(lambda found: _filled(found[1], values, words), template)


def names(template: str) -> Iterator[str]:
    """Yield what a template names, in its order."""
    for place in _PLACE.findall(template):
        yield place.split("|")[0].strip().removeprefix("fields.")


def start(default: Any, values: Mapping[str, Any], now: datetime) -> Value:
    """Return what a default means now: a text has its places filled in, `{{now}}` alone is the moment."""
    if isinstance(default, str) and "{{" in default:
        return fill(default, values, now=now.replace(microsecond=0))
    if isinstance(default, (list, tuple)):
        return [start(one, values, now) for one in default]
    if isinstance(default, Mapping):
        return {str(key): start(one, values, now) for key, one in default.items()}
    made: Value = default
    return made


def _filled(place: str, values: Mapping[str, Any], words: Mapping[str, object]) -> str:
    name, bar, rest = place.partition("|")
    value = _named(name.strip(), values, words)
    for filter_name, arguments in _FILTER.findall(bar + rest):
        change = _FILTERS.get(filter_name)
        given = [single or double or bare for single, double, bare in _ARGUMENT.findall(arguments)]
        value = change(value, given) if change else value
    return _text(value)


def named(name: str, values: Mapping[str, Any]) -> Any:
    """Return the value of a field by its dotted name, None where there is none."""
    return _named(name, values, {})


def _named(name: str, values: Mapping[str, Any], words: Mapping[str, object]) -> Any:
    if name in words:
        return words[name]
    if name in values:
        return values[name]
    here: Any = values
    for step in name.removeprefix("fields.").split("."):
        if isinstance(here, Mapping):
            here = here.get(step)
        elif isinstance(here, list) and step.isascii() and step.isdigit() and int(step) < len(here):
            here = here[int(step)]
        else:
            return None
    return here


def _text(value: Any) -> str:
    if value is None or isinstance(value, Mapping):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(filter(None, map(_text, value)))
    return value.isoformat() if isinstance(value, date) else str(value)


def _date(value: Any, given: list[str]) -> str:
    when = dates.read(value)
    if when is None:
        return _text(value)
    moment = when if isinstance(when, datetime) else datetime.combine(when, time())
    return _TOKEN.sub(lambda found: _part(found[0], moment), given[0] if given else "YYYY-MM-DD")


def _part(token: str, moment: datetime) -> str:
    if token.startswith("["):
        return token[1:-1]
    alone = {"M": moment.month, "D": moment.day, "H": moment.hour, "h": moment.hour % 12 or 12}
    if token in alone:
        return str(alone[token])
    return moment.strftime("%p").lower() if token == "a" else moment.strftime(_STRFTIME[token])


def _truncate(value: Any, given: list[str]) -> str:
    text = _text(value)
    most = int(given[0]) if given and given[0].isascii() and given[0].isdigit() and len(given[0]) < 7 else 80
    return text if len(text) <= most else text[:most].rstrip() + (given[1] if len(given) > 1 else "…")


_FILTERS: Mapping[str, Callable[[Any, list[str]], Any]] = {
    "upper": lambda value, given: _text(value).upper(),
    "lower": lambda value, given: _text(value).lower(),
    "slug": lambda value, given: slugify(_text(value), default=""),
    "trim": lambda value, given: _text(value).strip(),
    "default": lambda value, given: value if _text(value) else (given[0] if given else ""),
    "truncate": _truncate,
    "date": _date,
    "ternary": lambda value, given: [*given, "", ""][0 if value else 1],
}
