"""Signatures of webhooks, made and checked: Standard Webhooks 1.0.0, and GitHub's X-Hub-Signature-256.

Keys come in as the text that people copy: `whsec_…` (HMAC-SHA256) and `whsk_…` with its public half
`whpk_…` (ed25519). The bytes that are signed are exactly those that travel. Where keys are kept is
decided in `endpoints`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gitcms.errors import GitCMSError

SYMMETRIC, PRIVATE, PUBLIC = "whsec_", "whsk_", "whpk_"
SECRET_BYTES = 32
LEAST_BYTES, MOST_BYTES = 24, 64
TOLERANCE_SECONDS = 300
"""How far a timestamp may lie from our clock, either way, as in the reference libraries."""


class KeyRefused(GitCMSError):
    """A signing key that is none."""

    code = "webhook.key"
    hint = "A signing secret is whsec_ and then 24 to 64 bytes in base64. Leave it empty to have one made."


def new_secret() -> str:
    """Return a fresh symmetric secret, `whsec_…`."""
    return SYMMETRIC + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode("ascii")


def new_private_key() -> str:
    """Return a fresh ed25519 key, `whsk_…`."""
    return PRIVATE + base64.b64encode(Ed25519PrivateKey.generate().private_bytes_raw()).decode("ascii")


def public_key(private: str) -> str:
    """Return what receivers need to check what a `whsk_…` key signed: `whpk_…`."""
    public = _private(private).public_key().public_bytes_raw()
    return PUBLIC + base64.b64encode(public).decode("ascii")


def check_key(key: str) -> str:
    """Return a key as it may be used for signing. A secret without its prefix is symmetric.

    :raises KeyRefused: it is too short, too long or no base64.
    """
    key = key.strip()
    if key.startswith(PRIVATE):
        _private(key)
        return key
    key = key if key.startswith(SYMMETRIC) else SYMMETRIC + key
    if not LEAST_BYTES <= len(_bytes(key, SYMMETRIC)) <= MOST_BYTES:
        raise KeyRefused("This signing secret is too short or too long.")
    return key


def sign(key: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Return one signature of Standard Webhooks, `v1,…` or `v1a,…` by the kind of key.

    :param timestamp: seconds since 1970, of this very try.
    :raises KeyRefused: the key is none.
    """
    content = _content(message_id, timestamp, body)
    if key.startswith(PRIVATE):
        return "v1a," + base64.b64encode(_private(key).sign(content)).decode("ascii")
    return "v1," + base64.b64encode(_mac(_bytes(key, SYMMETRIC), content)).decode("ascii")


def headers(keys: Sequence[str], message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the three headers. Several keys, as while one is replaced, make several signatures."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(sign(key, message_id, timestamp, body) for key in keys),
    }


def verify(key: str, message_id: str, timestamp: str, signatures: str, body: bytes, *, now: float) -> bool:
    """Tell whether one of the signatures is a Standard Webhooks one by this key, and recent.

    What is compared is compared in constant time, and never raises: a header may hold anything.

    :param key: `whsec_…` or `whpk_…`; which kind of signature counts is decided by it alone.
    :param now: seconds since 1970.
    """
    if not re.fullmatch(r"[0-9]{1,12}", timestamp) or abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    content = _content(message_id, int(timestamp), body)
    wanted = "v1a" if key.startswith(PUBLIC) else "v1"
    found = False
    for each in signatures.split(" ")[:20]:
        version, _, text = each.partition(",")
        given = _decoded(text)
        if version == wanted and given is not None:
            found |= _fits(key, content, given)
    return found


def hub_signature(secret: str, body: bytes) -> str:
    """Return GitHub's `X-Hub-Signature-256` of a body: `sha256=` and the HMAC in hex."""
    return "sha256=" + _mac(secret.encode("utf-8"), body).hex()


def same(given: str, expected: Iterable[str]) -> bool:
    """Compare a header's text with what it should be, in constant time, whatever characters it holds."""
    found = False
    for each in expected:
        found |= hmac.compare_digest(given.encode("utf-8", "surrogateescape"), each.encode("utf-8"))
    return found


def _fits(key: str, content: bytes, given: bytes) -> bool:
    if not key.startswith(PUBLIC):
        return hmac.compare_digest(given, _mac(_bytes(key, SYMMETRIC), content))
    try:
        Ed25519PublicKey.from_public_bytes(_bytes(key, PUBLIC)).verify(given, content)
    except (InvalidSignature, ValueError):
        return False
    return True


def _content(message_id: str, timestamp: int, body: bytes) -> bytes:
    return f"{message_id}.{timestamp}.".encode("utf-8", "surrogateescape") + body


def _mac(key: bytes, content: bytes) -> bytes:
    return hmac.digest(key, content, hashlib.sha256)


def _private(key: str) -> Ed25519PrivateKey:
    data = _bytes(key, PRIVATE)
    if len(data) not in (32, 64):
        raise KeyRefused("This private key is not an ed25519 one.")
    # Some senders write the public half behind the private one.
    return Ed25519PrivateKey.from_private_bytes(data[:32])


def _bytes(key: str, prefix: str) -> bytes:
    data = _decoded(key.removeprefix(prefix))
    if not data:
        raise KeyRefused("This signing key is not base64.")
    return data


def _decoded(text: str) -> bytes | None:
    """Return base64 as bytes, with or without its padding, or None."""
    try:
        return base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
