"""The last lines of a message that name people: `Co-authored-by`, `Reviewed-by`, `Signed-off-by`.

Where they stand follows git-interpret-trailers(1): in the last paragraph if that is one of trailers already,
else in a paragraph of their own; but a line that begins with `#` is text here. Who is named is decided by
the caller, never by a text that was typed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from gitcms.repository.values import MessageRefused, Person, check_person

CO_AUTHOR = "Co-authored-by"
REVIEWER = "Reviewed-by"
SIGN_OFF = "Signed-off-by"

# trailer.c, `token_len` and `git_generated_prefixes`.
_TRAILER = re.compile(r"[A-Za-z0-9-]+[ \t]*:")
_BY_GIT = ("Signed-off-by: ", "(cherry picked from commit ")
_NAMES_SOMEBODY = re.compile(r"\s*(?:[a-z0-9-]+-by|gitcms-[a-z0-9-]+)\s*:", re.IGNORECASE)


def people(
    author: Person, co_authors: Sequence[Person], reviewed_by: Sequence[Person], *, sign_off: bool
) -> list[str]:
    """Return the trailers of a change, in their order, each once.

    :param sign_off: the author certifies the change (https://developercertificate.org/).
    :raises IdentityRefused: one of them cannot stand in the history.
    """
    others = [person for person in map(check_person, co_authors) if person.email != author.email]
    lines = [_line(CO_AUTHOR, person) for person in others]
    lines += [_line(REVIEWER, check_person(person)) for person in reviewed_by]
    if sign_off:
        lines.append(_line(SIGN_OFF, author))
    return list(dict.fromkeys(lines))


def _line(token: str, person: Person) -> str:
    return f"{token}: {person.name} <{person.email}>"


def refuse_forged(message: str) -> None:
    """Refuse a typed description that would name people as trailers do.

    :raises MessageRefused: code commit.message.
    """
    if any(_NAMES_SOMEBODY.match(line) for line in message.split("\n")[1:]):
        raise MessageRefused(
            "The description names somebody in the way in which the history does by itself.",
            hint="Leave out the line with “-by:”. Who wrote and who looked at a change is noted without it.",
        )


def append(message: str, lines: Sequence[str]) -> str:
    """Return a message, which ends in a line end, with trailers that it does not have yet."""
    *_, last = message.rstrip("\n").rpartition("\n\n")
    has_block = "\n\n" in message.rstrip("\n") and _is_block(last.split("\n"))
    known = last.split("\n") if has_block else []
    fresh = [line for line in lines if line not in known]
    if not fresh:
        return message
    return message.rstrip("\n") + ("\n" if has_block else "\n\n") + "\n".join(fresh) + "\n"


def _is_block(lines: Sequence[str]) -> bool:
    """Tell whether a paragraph is one of trailers (trailer.c, `find_trailer_block_start`)."""
    trailers, others, by_git = 0, 0, False
    continued = 0  # lines that belong to the one above, whatever that is
    for line in reversed(lines):
        if line.startswith(_BY_GIT):
            trailers, continued, by_git = trailers + 1, 0, True
        elif _TRAILER.match(line):
            trailers, continued = trailers + 1, 0
        elif line[:1] in (" ", "\t"):
            continued += 1
        else:
            others, continued = others + 1 + continued, 0
    others += continued
    return trailers > 0 and (others == 0 or (by_git and trailers * 3 >= others))
