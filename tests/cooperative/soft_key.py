"""A passkey made of software: what a phone would answer, so that each byte of it can be wrong on purpose."""

from __future__ import annotations

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class SoftKey:
    """One device with one key. Attributes may be changed to lie: `place`, `origin`, `uses`, `flags`."""

    def __init__(self, origin: str) -> None:
        self.origin, self.place = origin, origin.partition("://")[2].partition(":")[0]
        self.id, self.uses, self.flags = secrets.token_bytes(20), 0, PRESENT | VERIFIED
        self.secret = ec.generate_private_key(ec.SECP256R1())
        self.handle = b""

    def make(self, question: str) -> str:
        """Answer to "make one"."""
        asked = json.loads(question)
        self.handle = _bytes(asked["user"]["id"])
        numbers = self.secret.public_key().public_numbers()
        point = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        own = bytes(16) + len(self.id).to_bytes(2) + self.id + cbor2.dumps(point)
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": self._data(ATTESTED) + own})
        client = self._client("webauthn.create", asked)
        return self._told({"clientDataJSON": _text(client), "attestationObject": _text(attestation)})

    def sign(self, question: str) -> str:
        """Answer to "show that it is you"."""
        self.uses += 1
        client, data = self._client("webauthn.get", json.loads(question)), self._data()
        signed = self.secret.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._told({
            "clientDataJSON": _text(client), "authenticatorData": _text(data), "signature": _text(signed),
            "userHandle": _text(self.handle),
        })  # fmt: skip

    def _client(self, kind: str, asked: dict[str, Any]) -> bytes:
        return json.dumps({"type": kind, "challenge": asked["challenge"], "origin": self.origin}).encode()

    def _data(self, more: int = 0) -> bytes:
        return hashlib.sha256(self.place.encode()).digest() + bytes([self.flags | more]) + self.uses.to_bytes(4)

    def _told(self, response: dict[str, str]) -> str:
        return json.dumps({"id": _text(self.id), "rawId": _text(self.id), "type": "public-key", "response": response})


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
