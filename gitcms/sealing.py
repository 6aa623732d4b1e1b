"""Secrets at rest: text that only this clone's key can read again.

Each text is sealed by AES-256-GCM (NIST SP 800-38D) under a key that follows from the clone's secret, for
one purpose: what was sealed as one thing cannot be opened as another. Where secrets are used, and how
they are masked for people, is decided elsewhere; no secret is ever logged.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gitcms import state
from gitcms.errors import StorageFailed

MASK = "••••"
_MARK = "s1."
_NONCE_BYTES = 12
# Shorter ones would blank out common words of an answer.
_LEAST_MASKED = 6


class Seal:
    """Seals and opens texts for one purpose, such as "webhooks"."""

    def __init__(self, folder: Path, purpose: str) -> None:
        """
        :param folder: the clone's state folder, where its secret lies.
        :raises StorageFailed: when the secret can be neither read nor made.
        """
        self._key = hmac.digest(state.secret_key(folder), b"seal:" + purpose.encode(), hashlib.sha256)

    def close(self, text: str) -> str:
        """Return a text that tells nothing of `text`."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = nonce + AESGCM(self._key).encrypt(nonce, text.encode("utf-8"), None)
        return _MARK + base64.b64encode(sealed).decode("ascii")

    def open(self, sealed: str) -> str:
        """Return the text again.

        :raises StorageFailed: another clone's key sealed it, or it was tampered with.
        """
        try:
            if not sealed.startswith(_MARK):
                raise ValueError
            data = base64.b64decode(sealed[len(_MARK) :], validate=True)
            return AESGCM(self._key).decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], None).decode("utf-8")
        except (InvalidTag, ValueError, binascii.Error) as error:
            raise StorageFailed(
                "A stored secret cannot be read: the key of this site has changed.",
                hint="Put secret.key of the state folder back from a copy, or enter the secret anew.",
            ) from error

    def digest(self, text: str) -> str:
        """Return a hex digest that nobody can make without the key (HMAC-SHA256)."""
        return hmac.new(self._key, b"digest:" + text.encode("utf-8"), hashlib.sha256).hexdigest()


def masked(text: str, hidden: Iterable[str]) -> str:
    """Return a text with each of some secrets blotted out, the longest first."""
    for secret in sorted({each for each in hidden if len(each) >= _LEAST_MASKED}, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return text
