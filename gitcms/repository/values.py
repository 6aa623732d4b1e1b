"""What the repository hands out and takes in: people, commits, files, changes.

Plain facts without behaviour, and the one judge of an identity and of a message, since both end
up in the header lines of a commit. Where they come from and how they are stored is elsewhere.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from gitcms.errors import RepositoryError

NOTHING = "0" * 40
"""The version of an empty repository before the first save."""

LONGEST_NAME = 200
LONGEST_EMAIL = 254
LONGEST_MESSAGE = 64 * 1024


class IdentityRefused(RepositoryError):
    """A name or an address that cannot stand in the history."""

    code = "commit.identity"
    hint = "Mend the name and the address in the account."


class MessageRefused(RepositoryError):
    """A description of a change that cannot stand in the history."""

    code = "commit.message"
    hint = "Describe the change in a few words."


@dataclass(frozen=True)
class Person:
    """Who wrote or recorded a change. What comes out of a history may hold any text at all."""

    name: str
    email: str


@dataclass(frozen=True)
class Policy:
    """What the server's configuration asks of every save.

    `signing` and `signing_key` are as `signing.Signer` has them, empty for unsigned commits; `sign_off` has
    each author certify what they save; `lfs` keeps the files that ask for it in Git LFS.
    """

    signing: str = ""
    signing_key: str = ""
    sign_off: bool = False
    lfs: bool = False


PLAIN = Policy()


@dataclass(frozen=True)
class Commit:
    """One recorded change. `when` is the author's moment, in the author's own zone."""

    id: str
    author: Person
    committer: Person
    when: datetime
    subject: str
    message: str
    parents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """A commit's place in the history. `recorded` is the committer's moment in seconds since 1970."""

    id: str
    recorded: int
    parents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TreeFile:
    """A file of one version of the site. `size` is in bytes, None when it was not looked up."""

    path: str
    blob: str
    size: int | None
    mode: str


@dataclass(frozen=True)
class FileChange:
    """What one commit did to one file. `old_path` is set for a renamed one."""

    path: str
    old_path: str | None
    kind: Literal["added", "modified", "deleted", "renamed"]
    old_blob: str | None
    new_blob: str | None


def check_person(person: Person) -> Person:
    """Return the person as they may stand in a commit, or refuse.

    A name or an address is one part of a header line (git-commit(1), "Commit information"): a line end,
    a NUL or an angle bracket would begin another part, so that a change appeared to be someone else's.

    :raises IdentityRefused: code commit.identity.
    """
    name, email = person.name.strip(), person.email.strip()
    if not name.strip(_CRUD):
        raise IdentityRefused("A name is needed beside each change, and this one is empty.")
    if len(name) > LONGEST_NAME or len(email) > LONGEST_EMAIL:
        raise IdentityRefused("This name or address is too long to stand beside a change.")
    if any(_unfit(char) for char in name + email) or set("<>") & set(name + email):
        raise IdentityRefused("This name or address holds characters that cannot stand beside a change.")
    if not re.fullmatch(r"[^\s@]+@[^\s@]+", email):
        raise IdentityRefused("This address is not an e-mail address.")
    return Person(name, email)


def check_message(message: str) -> str:
    """Return the description with LF line ends, ended by one, and control characters made spaces.

    :raises MessageRefused: nothing is left of it, or it is too long.
    """
    text = re.sub(r"\r\n?|[\u2028\u2029]", "\n", message)
    text = "".join(" " if _unfit(char) and char not in "\n\t" else char for char in text)
    text = "\n".join(line.rstrip() for line in text.split("\n")).strip()
    if not text:
        raise MessageRefused("A change needs a description.")
    if len(text) > LONGEST_MESSAGE:
        raise MessageRefused("The description of this change is too long.")
    return text + "\n"


def _unfit(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") or char in _BIDI


# What git strips from both ends of a name (ident.c, `crud`): a name of nothing else would be empty.
_CRUD = " .,:;<>\"\\'" + "".join(chr(code) for code in range(33))
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
