"""Passwords: which ones we take, how they are kept, how they are compared.

Kept as argon2id (RFC 9106) with the parameters below, each hash with its own salt and parameters,
so that they can be raised later. Who signs in with one is decided in `sign_in`.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 8
# Long enough for any sentence, short enough that hashing it costs nothing worth attacking.
LONGEST = 500

_HASHER = PasswordHasher(time_cost=3, memory_cost=32 * 1024, parallelism=1, type=Type.ID)
# 32 MiB each: a crowd at the door must not take all the memory of a small server.
_AT_A_TIME = threading.BoundedSemaphore(4)
_LOOKS_LIKE = str.maketrans("@4301!$57", "aaeoiisst")
COMMON = Path(__file__).with_name("common_passwords.txt")


def problem_with(password: str, *, name: str = "", email: str = "") -> str | None:
    """Return a sentence about why a new password cannot be taken, or None.

    Length, the list of common ones and the person's own name and address are judged; kinds of
    characters are not (NIST SP 800-63B, 5.1.1.2).
    """
    if len(password) < SHORTEST:
        return f"Use at least {SHORTEST} characters. Three or four words in a row are good."
    if unusable := unusable_text(password):
        return unusable
    if _is_common(password):
        return "Too many people use this password, so it is tried first. Choose another."
    if _is_about(password, name, email):
        return "Choose a password that does not hold your name or email."
    return None


def unusable_text(password: str) -> str | None:
    """Return why a text cannot be anybody's password, so that it is not even compared, or None."""
    if len(password) > LONGEST:
        return f"Use at most {LONGEST} characters."
    if "\0" in password:
        return "Use letters, digits, signs and spaces."
    return None


def hashed(password: str) -> str:
    """Return the argon2id hash of a password exactly as it was typed, in PHC string form."""
    with _AT_A_TIME:
        return _HASHER.hash(password)


def matches(kept: str | None, password: str) -> bool:
    """Tell whether a password is the one that a hash was made of.

    :param kept: the hash, or None for nobody, or for somebody without a password: then the answer
        is no, after the same work, so that the time taken does not tell who has an account.
    """
    with _AT_A_TIME:
        try:
            right = _HASHER.verify(kept if kept is not None else _nobodys(), password)
        except (VerificationError, InvalidHashError):
            return False
    return right and kept is not None


def is_outdated(kept: str) -> bool:
    """Tell whether a hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(kept)


@cache
def _nobodys() -> str:
    return _HASHER.hash("a password that nobody has")


def _is_common(password: str) -> bool:
    plain = unicodedata.normalize("NFKC", password).casefold()
    if plain in _common() or len(set(plain)) <= 2 or _is_row(plain):
        return True
    word = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", plain)
    # "Password2024!" is "password" with a tail; "P@ssw0rd" is it in disguise.
    return any(
        form in _common() for form in (word, plain.translate(_LOOKS_LIKE), word.translate(_LOOKS_LIKE))
    )


def _is_row(text: str) -> bool:
    """Tell whether a text is a row of neighbours: 12345678, hgfedcba, qwertyui, or one such twice."""
    for row in ("01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm"):
        if text in row or text in row[::-1]:
            return True
    half = text[: len(text) // 2]
    return len(text) % 2 == 0 and half * 2 == text and (_is_row(half) or half in _common())


def _is_about(password: str, name: str, email: str) -> bool:
    plain = password.casefold()
    own = {email.casefold(), *re.split(r"[^\w]+", email.casefold().partition("@")[0])}
    own |= set(name.casefold().split()) | {"".join(name.casefold().split())}
    return any(len(word) >= 4 and word in plain for word in own)


@cache
def _common() -> frozenset[str]:
    lines = COMMON.read_text(encoding="utf-8").split()
    return frozenset(lines)
