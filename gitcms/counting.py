"""Sentences with a number in them. English has two forms; each language's own are its catalog's.

What is said here in English is found again by its form when it is shown (`web.languages`), so both forms are
written out whole at the call, where `.ci/catalogs` finds them.
"""

from __future__ import annotations


def counted(number: int, one: str, many: str, *more: object) -> str:
    """Return the form for a number, with `{1}` filled by it and `{2}` … by what comes after."""
    return filled(one if number == 1 else many, number, *more)


def filled(text: str, *parts: object) -> str:
    """Return a text with the first part at `{1}`, the second at `{2}`, and so on."""
    for place, part in enumerate(parts, 1):
        text = text.replace(f"{{{place}}}", str(part))
    return text
