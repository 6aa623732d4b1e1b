"""YAML scalars: what plain text reads as under YAML 1.1 and 1.2, and how a value is spelled.

Here: one scalar at a time. Not here: where it stands (`yaml_nodes`) or how it is put in (`yaml`).

Sources: YAML 1.1 types (yaml.org/type) as PyYAML resolves them, the YAML 1.2.2 core schema
(section 10.3.2), and what Ruby's Psych and Go's yaml additionally take for numbers and dates.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from typing import TypeAlias

from gitcms.content.formats.base import Tree
from gitcms.content.values import Raw, Value
from gitcms.errors import EditRefused

Leaf: TypeAlias = Tree

NUMBER_LENGTH = 400
"""Characters of a number or date. Longer ones cost quadratic time in some reader."""

NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_TRUE = {text: True for word in ("true", "yes", "on") for text in (word, word.title(), word.upper())}
_FALSE = {text: False for word in ("false", "no", "off") for text in (word, word.title(), word.upper())}
BOOLEANS = _TRUE | _FALSE
_CORE_BOOLEANS = {text: value for text, value in BOOLEANS.items() if text.lower() in ("true", "false")}

# Pairs of words that a boolean may be spelled with, by what the old one was spelled with.
_OPPOSITES = {"true": "false", "yes": "no", "on": "off"}
_OPPOSITES |= {no: yes for yes, no in _OPPOSITES.items()}

_INT_1_1 = re.compile(
    r"[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+"
    r"|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+",
    re.ASCII,
)
_FLOAT_1_1 = re.compile(
    r"[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?"
    r"|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
    re.ASCII,
)
_INT_1_2 = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", re.ASCII)
_FLOAT_1_2 = re.compile(
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
    re.ASCII,
)
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", re.ASCII)
_TIMESTAMP = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{1,2}-[0-9]{1,2})(?P<gap>[Tt]|[ \t]+)"
    r"(?P<clock>[0-9]{1,2}:[0-9]{2}:[0-9]{2})(?:\.(?P<fraction>[0-9]*))?"
    r"(?P<zone>[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?",
    re.ASCII,
)

# Where a plain scalar begins with none of these it is text under both versions, and behind a letter it is
# text unless it is one of the words.
_LETTERS = frozenset("nNtTfFyYoO")
_MAY_BE_TYPED = frozenset("0123456789+-.~<=") | _LETTERS | {""}
_TYPED_WORDS = NULLS | BOOLEANS.keys()

# What some reader somewhere takes for a number, a date or a time ("1,000" for Psych, "1e3" for 1.2, "e1"
# for npm's yaml).
_NUMBERLIKE = re.compile(r"[-+.0-9][0-9a-fA-F_,.:+\-xXoOtTzZ ]*|[eE][-+]?[0-9]+", re.ASCII)
# Minutes and seconds are digits to base 60 for Psych, js-yaml and yaml even behind a zero, for PyYAML not.
_SEXAGESIMAL = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?", re.ASCII)
# In whichever case: Psych reads "nO" as false.
_WORDS = {word.lower() for word in (*BOOLEANS, *NULLS, "y", "n", "=", "<<")}
_INDICATORS = frozenset("-?:,[]{}#&*!|>'\"%@`")
# Not printable by YAML 1.1 (section 4.1.1), or a line break to some version: only an escape can hold it.
_UNPRINTABLE = re.compile(
    "[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_MUST_ESCAPE = re.compile(f'[\\\\"\n\t]|{_UNPRINTABLE.pattern}')


class ImpossibleScalar(ValueError):
    """Text in the shape of a date or number, of one that does not exist or that no reader can hold.

    Its message is the sentence for the reader.
    """


def read_plain(text: str) -> tuple[Leaf, Leaf]:
    """What a plain scalar is under YAML 1.1 and under YAML 1.2, as leaves of a tree.

    :raises ImpossibleScalar: 30 February; a number that no reader can hold.
    """
    if _is_words(text):
        leaf = ("s", "str", text)
        return leaf, leaf
    if len(text) > NUMBER_LENGTH:
        if _NUMBERLIKE.fullmatch(text) and " " not in text:
            raise ImpossibleScalar("A number or date in this file is too long to be one.")
        leaf = ("s", "str", text)
        return leaf, leaf
    return _read_short(text)


def _is_words(text: str) -> bool:
    first = text[:1]
    return first not in _MAY_BE_TYPED or (first in _LETTERS and text not in _TYPED_WORDS)


@lru_cache(maxsize=4096)
def _read_short(text: str) -> tuple[Leaf, Leaf]:
    plain = ("s", "str", text)
    one, two = _read_1_1(text) or plain, _read_1_2(text) or plain
    return (one, one) if one == two else (one, two)


def value_of_plain(text: str) -> Value:
    """The value to show for a plain scalar.

    Where the versions disagree it is the text as it stands (`18:00:00`, `010`, `1e3`), except that
    a date is a date and `yes` is a boolean, as every generator that reads YAML 1.1 takes them.

    :raises ImpossibleScalar: as `read_plain` does.
    """
    if _is_words(text):
        return text
    return _value_of_short(text) if len(text) <= NUMBER_LENGTH else _value_of(text)


def _value_of(text: str) -> Value:
    one, two = read_plain(text)
    if one[1] == "bool":
        return bool(one[2])
    if one[1] in ("date", "datetime"):
        return timestamp(text)
    if one != two:
        return text
    if one[1] == "float":
        return float(one[2])
    return one[2]  # type: ignore[no-any-return]


_value_of_short = lru_cache(maxsize=4096)(_value_of)


def timestamp(text: str) -> date | datetime | None:
    """The date or moment that YAML 1.1 reads, or `None` where it reads something else.

    :raises ImpossibleScalar: 30 February.
    """
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
        found = _TIMESTAMP.fullmatch(text)
        return _moment(found) if found else None
    except ValueError as error:
        raise ImpossibleScalar(f"There is no such day or hour: {text}.") from error


def spell_double(text: str) -> str:
    """The text in double quotes. :raises EditRefused: for what no file can hold (NUL, half a character)."""
    return '"' + _MUST_ESCAPE.sub(_escape, text) + '"'


def spell_single(text: str) -> str | None:
    """The text in single quotes on one line, or `None` where these cannot hold it."""
    if "\n" in text or _UNPRINTABLE.search(text):
        return None
    return "'" + text.replace("'", "''") + "'"


def spell_plain(text: str, *, flow: bool, before: str | None = None) -> str | None:
    """The text without quotes, or `None` unless every reader takes it for exactly this text.

    :param flow: whether it stands inside `[]` or `{}`.
    :param before: the old plain text. One of the same shape stays plain where both versions read
        text: `2015-01-01 10:00:00 +0900` is a moment to Psych, and its successor is to stay one.
    """
    if not text or text != text.strip() or "\n" in text or "\t" in text or _UNPRINTABLE.search(text):
        return None
    if text[0] in _INDICATORS or ": " in text or " #" in text or text[-1] == ":":
        return None
    if flow and any(sign in text for sign in ",[]{}:?"):
        return None
    if text.lower() in _WORDS or text.startswith(("---", "...")):
        return None
    if _SEXAGESIMAL.fullmatch(text):
        return None
    if _NUMBERLIKE.fullmatch(text) and (before is None or _shape(before) != _shape(text)):
        return None
    try:
        one, two = read_plain(text)
    except ImpossibleScalar:
        return None
    return text if one[1] == two[1] == "str" else None


def may_stand_raw(text: str, *, plain: bool) -> bool:
    """Whether words may be put into a text as they are. A tab in plain text ends it for PyYAML."""
    return not (_UNPRINTABLE.search(text) or (plain and "\t" in text))


def block_lines(text: str) -> list[str] | None:
    """The lines of a literal block without its trailing line ends, or `None` where it cannot hold them."""
    if _UNPRINTABLE.search(text) or not text.strip("\n \t"):
        return None
    if text.endswith(" "):
        return None  # Hugo takes a blank before a line end that is stripped for a part of it
    return text.rstrip("\n").split("\n")


def folded_lines(text: str) -> list[str] | None:
    """The lines of a folded block: one line a paragraph, not re-wrapped; a line end is a blank line."""
    lines = block_lines(text)
    if lines is None:
        return None
    out: list[str] = []
    for line in lines:
        indented = line[:1] in (" ", "\t")
        last = next((one for one in reversed(out) if one), None)
        # Line ends beside a more indented line are kept as they stand (YAML 1.1, section 9.2.3).
        if line and last is not None and not indented and last[:1] not in (" ", "\t"):
            out.append("")
        out.append(line)
    return out


def chomping(text: str) -> str:
    """The chomping indicator under which a block ends as this text does."""
    if not text.endswith("\n"):
        return "-"
    return "+" if text.endswith("\n\n") else ""


def spell_typed(value: Value, before: str | None = None) -> str:
    """A value that is no text, as plain text, in the way the old one (`before`) was spelled.

    :raises EditRefused: for a value that is never written.
    """
    if value is None:
        return before if before in NULLS and before else "null"
    if isinstance(value, bool):
        return _spell_boolean(value, before)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _spell_float(value, before)
    if isinstance(value, datetime):
        return _spell_moment(value, before)
    if isinstance(value, date):
        return value.isoformat()
    raise EditRefused(value.reason if isinstance(value, Raw) else "This value cannot be written.")


def as_text(value: Value) -> Value:
    """YAML has no type for a time of day: it is text. Every other value is itself."""
    return value.isoformat() if isinstance(value, time) else value


def _read_1_1(text: str) -> Leaf | None:
    if text in NULLS:
        return ("s", "null", None)
    if text in BOOLEANS:
        return ("s", "bool", BOOLEANS[text])
    if _INT_1_1.fullmatch(text):
        return ("s", "int", _int_1_1(text))
    if _FLOAT_1_1.fullmatch(text):
        return ("s", "float", repr(_float(text)))
    moment = timestamp(text)
    if moment is not None:
        return ("s", "datetime" if isinstance(moment, datetime) else "date", moment.isoformat())
    if text in ("<<", "="):
        return ("s", "special", text)
    return None


def _read_1_2(text: str) -> Leaf | None:
    if text in NULLS:
        return ("s", "null", None)
    if text in _CORE_BOOLEANS:
        return ("s", "bool", _CORE_BOOLEANS[text])
    if _INT_1_2.fullmatch(text):
        return ("s", "int", int(text, 0) if text[:2] in ("0o", "0x") else int(text))
    if _FLOAT_1_2.fullmatch(text):
        return ("s", "float", repr(_float(text)))
    return None


def _int_1_1(text: str) -> int:
    digits = text.replace("_", "")
    sign = -1 if digits[0] == "-" else 1
    digits = digits.lstrip("+-")
    if ":" in digits:
        total = 0
        for part in digits.split(":"):
            total = total * 60 + int(part)
        return sign * total
    if digits.startswith("0b"):
        return sign * int(digits[2:] or "0", 2)
    if digits.startswith("0x"):
        return sign * int(digits[2:] or "0", 16)
    return sign * int(digits, 8 if len(digits) > 1 and digits[0] == "0" else 10)


def _float(text: str) -> float:
    clean = text.replace("_", "").lower()
    if clean.endswith((".inf", ".nan")):
        return float(clean.replace(".", ""))
    if ":" in clean:
        sign, total = (-1.0 if clean[0] == "-" else 1.0), 0.0
        for part in clean.lstrip("+-").split(":"):
            total = total * 60 + float(part)
        return sign * total
    number = float(clean)
    if number in (float("inf"), float("-inf")):
        raise ImpossibleScalar("A number in this file is too large to be read.")
    return number


def _moment(found: re.Match[str]) -> datetime:
    year, month, day = map(int, found["date"].split("-"))
    hour, minute, second = map(int, found["clock"].split(":"))
    micro = int((found["fraction"] or "0")[:6].ljust(6, "0"))
    return datetime(year, month, day, hour, minute, second, micro, _zone(found["zone"]))


def _zone(text: str | None) -> timezone | None:
    text = (text or "").strip()
    if not text:
        return None
    if text == "Z":
        return UTC
    hours, _, minutes = text[1:].partition(":")
    offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
    return timezone(-offset if text[0] == "-" else offset)


def _escape(found: re.Match[str]) -> str:
    sign = found[0]
    code = ord(sign)
    if code == 0 or 0xD800 <= code <= 0xDFFF:
        raise EditRefused(
            "The text holds a character that a file cannot keep.", hint="Remove it and save again."
        )
    if sign in _ESCAPES:
        return _ESCAPES[sign]
    return f"\\x{code:02X}" if code < 0x100 else f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"


def _shape(text: str) -> str:
    return re.sub("[0-9]", "0", text)


def _spell_boolean(value: bool, before: str | None) -> str:
    if before is None or before not in BOOLEANS:
        return "true" if value else "false"
    if BOOLEANS[before] is value:
        return before
    other = _OPPOSITES[before.lower()]
    return other.upper() if before.isupper() else other.title() if before[0].isupper() else other


def _spell_float(value: float, before: str | None) -> str:
    if value != value:
        return ".nan"
    if value in (float("inf"), float("-inf")):
        return ".inf" if value > 0 else "-.inf"
    fixed = re.fullmatch(r"[-+]?[0-9]+\.([0-9]+)", before or "", re.ASCII)
    if fixed:
        spelled = f"{value:.{len(fixed[1])}f}"
        if float(spelled) == value:
            return spelled
    text = repr(value)
    # YAML 1.1 knows no exponent without a point before it.
    return text.replace("e", ".0e") if "e" in text and "." not in text else text


def _spell_moment(value: datetime, before: str | None) -> str:
    old = _TIMESTAMP.fullmatch(before or "")
    gap = old["gap"] if old else "T"
    text = value.strftime(f"%Y-%m-%d{gap}%H:%M:%S").rjust(18 + len(gap), "0")
    if value.microsecond or (old and old["fraction"]):
        digits = f"{value.microsecond:06d}"
        keep = len(old["fraction"] or "") if old else 0
        text += "." + (digits[:keep] if keep and not int(digits[keep:] or 0) else digits)
    return text + _spell_zone(value, old["zone"] if old else None)


def _spell_zone(value: datetime, before: str | None) -> str:
    offset = value.utcoffset()
    if offset is None:
        return ""
    before = before or ""
    blank = before[: len(before) - len(before.lstrip())]
    if not offset and (not before.strip() or before.strip() == "Z"):
        return blank + "Z"
    minutes = int(offset.total_seconds() // 60)
    sign, minutes = ("-", -minutes) if minutes < 0 else ("+", minutes)
    short = before.strip() not in ("", "Z") and ":" not in before and not minutes % 60
    hours = f"{minutes // 60:02d}"
    return f"{blank}{sign}{hours}" if short else f"{blank}{sign}{hours}:{minutes % 60:02d}"
