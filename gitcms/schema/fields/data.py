"""Any value as the text of JSON: for who knows what a program of the site wants."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from gitcms.content.document import Document
from gitcms.content.values import Found, Raw, Value
from gitcms.errors import GitCMSError
from gitcms.schema.collection import Field
from gitcms.schema.fields.base import BadField, Observed, One, cleared, is_scalar, refuse_unwritable

MOST_DEPTH = 20
MOST_TEXT = 200_000

_WANTED = 'This cannot be read. Write JSON, such as {"size": 3}'


class Data(One):
    """A value is shown as JSON. What is typed may be JSON, or the indented lines of front matter."""

    name: ClassVar[str] = "data"
    spelled: ClassVar[str] = "JSON"
    plain: ClassVar[bool] = False

    def recognise(self, seen: Observed) -> dict[str, Any] | None:
        return None

    def fits(self, value: Found, field: Field) -> bool:
        return _is_json(value, 0) and len(self.to_form(value, field)) <= MOST_TEXT

    def control(self, value: Found, field: Field) -> str:
        return "code"

    def to_form(self, value: Found, field: Field) -> str:
        if not isinstance(value, (bool, int, float, str, list, dict)) or value == "":
            return ""
        flat = not isinstance(value, (list, dict))
        return json.dumps(value, ensure_ascii=False, indent=None if flat else 2)

    def from_form(self, text: str, old: Found, field: Field) -> Found:
        if not text.strip():
            return cleared(field)
        refuse_unwritable(text)
        if len(text) > MOST_TEXT:
            raise BadField(f"This is longer than {MOST_TEXT} characters")
        value = _read(text)
        if not _is_json(value, 0):
            raise BadField("Use plain texts, numbers, true, false, lists and objects, at most 20 deep")
        return value

    def problem(self, value: Value, field: Field) -> str | None:
        return None


def _read(text: str) -> Value:
    """Return what a text says.

    :raises BadField: it is neither JSON nor lines of names and values.
    """
    try:
        value: Value = json.loads(text, parse_constant=_refuse)
        return value
    except (ValueError, RecursionError) as error:
        if text.lstrip()[:1] in ("{", "["):
            place = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
            raise BadField(
                f"This is not complete JSON{place}. Look for a missing comma, quote or bracket"
            ) from error
    try:
        document = Document.parse(f"---\nvalue:\n{_indented(text)}\n---\n".encode())
    except GitCMSError as error:
        raise BadField(_WANTED) from error
    if document.problem is not None or document.warnings or "value" not in document.values:
        raise BadField(_WANTED)
    return document.values["value"]


def _indented(text: str) -> str:
    return "\n".join("  " + line for line in text.replace("\r\n", "\n").split("\n"))


def _refuse(name: str) -> Value:
    raise ValueError(f"{name} is no JSON")


def _is_json(value: Found, depth: int) -> bool:
    if isinstance(value, Raw) or depth > MOST_DEPTH:
        return False
    if isinstance(value, dict):
        return all(
            isinstance(key, str) and is_scalar(key) and _is_json(one, depth + 1) for key, one in value.items()
        )
    if isinstance(value, list):
        return all(_is_json(one, depth + 1) for one in value)
    if isinstance(value, (str, bool)) or value is None:
        return value is None or is_scalar(value)
    return isinstance(value, (int, float)) and abs(value) < 10**18
