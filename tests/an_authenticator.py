"""A thing that keeps passkeys, for tests without a browser: honest, unless it is told how to forge."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

PRESENT, VERIFIED, WITH_CREDENTIAL = 0x01, 0x04, 0x40


@dataclass
class AnAuthenticator:
    """`origin` is where it believes to be; `flags` what it says to have made sure of."""

    origin: str = "http://localhost"
    name: str = "localhost"
    flags: int = PRESENT | VERIFIED
    counter: int = 0
    kind: str = ""
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    user: str = ""

    def make(self, question: dict[str, Any]) -> str:
        """Make a passkey, as `navigator.credentials.create` does."""
        asked = question["publicKey"]
        assert (
            asked["rp"]["id"] == "localhost"
            and asked["authenticatorSelection"]["userVerification"] == "required"
        )
        self.user = asked["user"]["id"]
        public = ES256.from_cryptography_key(self.key.public_key())
        credential = AttestedCredentialData.create(b"\0" * 16, self.id, public)
        data = AuthenticatorData.create(
            self._name_hash(), self.flags | WITH_CREDENTIAL, self.counter, bytes(credential)
        )
        attestation = AttestationObject.create("none", data, {})
        said = self._client_data("webauthn.create", asked["challenge"])
        return self._spelled({"clientDataJSON": said, "attestationObject": bytes(attestation)})

    def sign(self, question: dict[str, Any]) -> str:
        """Sign somebody in, as `navigator.credentials.get` does."""
        asked = question["publicKey"]
        assert asked["userVerification"] == "required" and not asked.get("allowCredentials")
        data = AuthenticatorData.create(self._name_hash(), self.flags, self.counter)
        said = self._client_data("webauthn.get", asked["challenge"])
        signed = self.key.sign(bytes(data) + hashlib.sha256(said).digest(), ec.ECDSA(hashes.SHA256()))
        parts = {"clientDataJSON": said, "authenticatorData": bytes(data), "signature": signed}
        return self._spelled(parts, userHandle=self.user)

    def _name_hash(self) -> bytes:
        return hashlib.sha256(self.name.encode()).digest()

    def _client_data(self, kind: str, challenge: str) -> bytes:
        said = {
            "type": self.kind or kind,
            "challenge": challenge,
            "origin": self.origin,
            "crossOrigin": False,
        }
        return json.dumps(said).encode()

    def _spelled(self, parts: dict[str, bytes], **more: str) -> str:
        response = {name: websafe_encode(part) for name, part in parts.items()} | more
        key = websafe_encode(self.id)
        whole = {"id": key, "rawId": key, "type": "public-key", "response": response}
        return json.dumps({**whole, "clientExtensionResults": {}})
